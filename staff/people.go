package staff

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"mostrador/models"
)

const inviteLife = 7 * 24 * time.Hour

// Create makes an account with a given password. The error is ErrEmail, ErrRole, ErrWeak or ErrTaken.
func (s *Service) Create(ctx context.Context, who Who, email string, role Role, password string) (*models.Staff, error) {
	hash, err := s.newHash(ctx, password)
	if err != nil {
		return nil, err
	}
	p, err := newPerson(email, role)
	if err != nil {
		return nil, err
	}
	p.Password = hash
	err = s.store.InTx(ctx, func(tx *models.Tx) error { return insert(ctx, tx, who, p, "staff.create") })
	return p, err
}

// newHash is what is kept of a new password. The error is ErrWeak when it is none.
func (s *Service) newHash(ctx context.Context, password string) (string, error) {
	if err := checkPassword(password); err != nil {
		return "", err
	}
	return s.hash(ctx, password)
}

func newPerson(email string, role Role) (*models.Staff, error) {
	email, err := cleanEmail(email)
	if err != nil {
		return nil, err
	}
	if !role.Valid() {
		return nil, ErrRole
	}
	notify := "[]"
	if role != Viewer {
		raw, err := json.Marshal(models.NoticeKinds)
		if err != nil {
			return nil, err
		}
		notify = string(raw)
	}
	return &models.Staff{Email: email, Role: string(role), Notify: notify}, nil
}

func insert(ctx context.Context, tx *models.Tx, who Who, p *models.Staff, action string) error {
	err := tx.InsertStaff(ctx, p)
	if errors.Is(err, models.ErrConflict) {
		return ErrTaken
	}
	if err != nil {
		return err
	}
	return Record(ctx, tx, who, action, p.Email, map[string]any{"role": p.Role})
}

// Invite makes an account without a password and returns the text of the address under which the person chooses one (good for seven
// days, once). The error is ErrEmail, ErrRole or ErrTaken.
func (s *Service) Invite(ctx context.Context, who Who, email string, role Role) (p *models.Staff, token string, err error) {
	if p, err = newPerson(email, role); err != nil {
		return nil, "", err
	}
	token = rand.Text()
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		if err := insert(ctx, tx, who, p, "staff.invite"); err != nil {
			return err
		}
		if err := tx.InsertTicket(ctx, models.TicketInvite, token, &p.ID, inviteLife); err != nil {
			return err
		}
		return s.opt.Invited(ctx, tx, who, p, token)
	})
	return p, token, err
}

// InviteAgain gives a new address to somebody who lost the first, or their password. The older address no longer works; a password
// that they have goes on working until they choose another.
func (s *Service) InviteAgain(ctx context.Context, who Who, id int64) (p *models.Staff, token string, err error) {
	token = rand.Text()
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		var err error
		if p, err = tx.LockStaff(ctx, id); err != nil {
			return err
		}
		if !p.Active() {
			return models.ErrNotFound
		}
		if err := tx.InsertTicket(ctx, models.TicketInvite, token, &p.ID, inviteLife); err != nil {
			return err
		}
		if err := s.opt.Invited(ctx, tx, who, p, token); err != nil {
			return err
		}
		return Record(ctx, tx, who, "staff.invite_again", p.Email, nil)
	})
	return p, token, err
}

// Invited is whom an invitation is for. The error is ErrTicket.
func (s *Service) Invited(ctx context.Context, token string) (*models.Staff, error) {
	t, err := s.store.OpenTicket(ctx, models.TicketInvite, token, s.now())
	if errors.Is(err, models.ErrNotFound) || err == nil && t.StaffID == nil {
		return nil, ErrTicket
	}
	if err != nil {
		return nil, err
	}
	p, err := s.store.StaffByID(ctx, *t.StaffID)
	if err == nil && !p.Active() {
		return nil, ErrTicket
	}
	return p, err
}

// TakeInvite gives the invited person their password and ends their sessions, if any. The error is ErrTicket or ErrWeak.
func (s *Service) TakeInvite(ctx context.Context, token, password, remote string) (*models.Staff, error) {
	if _, err := s.Invited(ctx, token); err != nil {
		return nil, err // before any work is done for a stranger
	}
	hash, err := s.newHash(ctx, password)
	if err != nil {
		return nil, err
	}
	var p *models.Staff
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		t, err := tx.UseTicket(ctx, models.TicketInvite, token)
		if err != nil {
			return err
		}
		if p, err = tx.LockStaff(ctx, *t.StaffID); err != nil {
			return err
		}
		if !p.Active() {
			return models.ErrNotFound
		}
		p.Password = hash
		if err := tx.SaveStaff(ctx, p); err != nil {
			return err
		}
		if _, err := tx.EndSessions(ctx, p.ID, ""); err != nil {
			return err
		}
		return Record(ctx, tx, Who{ID: p.ID, Name: p.Email, Remote: remote}, "staff.joined", p.Email, nil)
	})
	if errors.Is(err, models.ErrNotFound) {
		return nil, ErrTicket
	}
	return p, err
}

// Reset gives somebody a new password from the terminal, takes their second factor and passkeys off (whoever holds the machine could do so anyway,
// and a lost phone must not be the end) and ends their sessions. The error is ErrUnknown or ErrWeak.
func (s *Service) Reset(ctx context.Context, who Who, email, password string) (*models.Staff, error) {
	hash, err := s.newHash(ctx, password)
	if err != nil {
		return nil, err
	}
	var p *models.Staff
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		var err error
		if p, err = tx.LockStaffByEmail(ctx, email); err != nil {
			return err
		}
		had := p.HasTOTP()
		p.Password, p.TOTP, p.TOTPPending, p.TOTPStep, p.Recovery = hash, nil, nil, 0, "[]"
		if err := tx.SaveStaff(ctx, p); err != nil {
			return err
		}
		if err := tx.DropPasskeys(ctx, p.ID); err != nil {
			return err
		}
		if err := tx.EndTickets(ctx, p.ID); err != nil {
			return err
		}
		if _, err := tx.EndSessions(ctx, p.ID, ""); err != nil {
			return err
		}
		return Record(ctx, tx, who, "staff.reset", p.Email, map[string]any{"second_factor_removed": had})
	})
	if errors.Is(err, models.ErrNotFound) {
		return nil, ErrUnknown
	}
	return p, err
}

// SetRole changes what somebody may do, from their next page on. The error is ErrRole, ErrLastOwner or models.ErrNotFound.
func (s *Service) SetRole(ctx context.Context, who Who, id int64, role Role) (*models.Staff, error) {
	if !role.Valid() {
		return nil, ErrRole
	}
	return s.change(ctx, who, id, "staff.role", role != Owner, func(p *models.Staff) map[string]any {
		was := p.Role
		p.Role = string(role)
		return map[string]any{"from": was, "to": p.Role}
	})
}

// Disable ends somebody's account and sessions at once. The error is ErrLastOwner or models.ErrNotFound.
func (s *Service) Disable(ctx context.Context, who Who, id int64) (*models.Staff, error) {
	now := s.now()
	return s.change(ctx, who, id, "staff.disable", true, func(p *models.Staff) map[string]any {
		p.DisabledAt = &now
		return nil
	})
}

// Enable gives somebody their account back.
func (s *Service) Enable(ctx context.Context, who Who, id int64) (*models.Staff, error) {
	return s.change(ctx, who, id, "staff.enable", false, func(p *models.Staff) map[string]any {
		p.DisabledAt = nil
		return nil
	})
}

// change changes a person in one transaction; takes says that an owner would be one no longer.
func (s *Service) change(ctx context.Context, who Who, id int64, action string, takes bool, f func(*models.Staff) map[string]any) (*models.Staff, error) {
	var p *models.Staff
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		owners, err := tx.LockOwners(ctx)
		if err != nil {
			return err
		}
		if p, err = tx.LockStaff(ctx, id); err != nil {
			return err
		}
		isOwner := func(o models.Staff) bool { return o.ID == id }
		if takes && len(owners) == 1 && slices.ContainsFunc(owners, isOwner) {
			return ErrLastOwner
		}
		detail := f(p)
		if err := tx.SaveStaff(ctx, p); err != nil {
			return err
		}
		if !p.Active() {
			if _, err := tx.EndSessions(ctx, id, ""); err != nil {
				return err
			}
			if err := tx.EndTickets(ctx, id); err != nil {
				return err
			}
		}
		return Record(ctx, tx, who, action, p.Email, detail)
	})
	return p, err
}
