package staff

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"mostrador/models"
)

// SignIn checks e-mail and password. Whether the address is unknown, the person disabled or the password wrong, it answers the same
// ErrWrong after the same work. The error may also be *TooSoon or ErrBusy. The person is not in yet: see Enter and, where they have a
// second factor, Pend.
func (s *Service) SignIn(ctx context.Context, email, password, remote string) (*models.Staff, error) {
	email, err := cleanEmail(email)
	if err != nil {
		email = models.Digest(email) // nobody's: costs what any other costs
	}
	where := placeOf(email, remote)
	if err := s.reserve(ctx, where); err != nil {
		return nil, err
	}
	p, err := s.store.StaffByEmail(ctx, email)
	if errors.Is(err, models.ErrNotFound) {
		p, err = &models.Staff{}, nil
	}
	if err != nil {
		return nil, err
	}
	kept := p.Password
	if !p.Active() {
		kept = ""
	}
	good, err := s.check(ctx, kept, password)
	if err != nil {
		return nil, err
	}
	if !good {
		return nil, s.refused(ctx, p, remote)
	}
	err = s.store.InTx(ctx, func(tx *models.Tx) error { return where.forgive(ctx, tx) })
	return p, err
}

// refused logs a failed sign-in of somebody who exists; of strangers' guesses the log would fill. For those it commits one row as well, so
// that the time of the answer does not tell who exists.
func (s *Service) refused(ctx context.Context, p *models.Staff, remote string) error {
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		if p.ID == 0 {
			return tx.SetMark(ctx, "signin:nobody", tx.Now())
		}
		return Record(ctx, tx, Who{Name: p.Email, Remote: remote}, "signin.refused", p.Email, nil)
	})
	if err != nil {
		s.log.Warn("refused sign-in not logged", "error", err)
	}
	return ErrWrong
}

// secondKey is the limit on the codes of one person. Only who knows the password gets to it.
func secondKey(id int64) string { return "second:" + strconv.FormatInt(id, 10) }

// Second checks the second factor of a sign-in that Pend began: a code of the app or a recovery code. The error is ErrWrongCode,
// *TooSoon, or ErrTicket when the sign-in has to begin again.
func (s *Service) Second(ctx context.Context, x *Session, code, remote string) (*models.Staff, error) {
	id, password := x.pending()
	if id == 0 {
		return nil, ErrTicket
	}
	key := secondKey(id)
	if err := s.store.InTx(ctx, func(tx *models.Tx) error { return perSecond.count(ctx, tx, key) }); err != nil {
		return nil, err
	}
	var p *models.Staff
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		var err error
		if p, err = tx.LockStaff(ctx, id); err != nil {
			return err
		}
		if !p.Active() || !p.HasTOTP() || password != passwordMark(p) { // changed meanwhile: the old one opens nothing
			return ErrTicket
		}
		how, err := useCode(tx, p, code)
		if err != nil {
			return err
		}
		if err := tx.SaveStaff(ctx, p); err != nil {
			return err
		}
		if how == byRecovery {
			if err := Record(ctx, tx, Who{ID: p.ID, Name: p.Email, Remote: remote}, "second.recovery_used", p.Email, nil); err != nil {
				return err
			}
		}
		return tx.Unmark(ctx, key, key+":until")
	})
	if errors.Is(err, ErrWrongCode) {
		if err := s.Log(ctx, Who{ID: id, Name: p.Email, Remote: remote}, "second.refused", p.Email, nil); err != nil {
			s.log.Warn("refused second factor not logged", "error", err)
		}
	}
	if errors.Is(err, models.ErrNotFound) {
		err = ErrTicket
	}
	return p, err
}

// Prove asks a person who is in to prove again who they are, with their password or a code of their second factor. It then holds for
// Options.Fresh. The error is ErrWrong, *TooSoon or ErrBusy.
func (s *Service) Prove(ctx context.Context, x *Session, proof string) error {
	return s.prove(ctx, x, func() (bool, error) { return s.proven(ctx, x.Person(), proof) })
}

func (s *Service) prove(ctx context.Context, x *Session, try func() (bool, error)) error {
	key := "prove:" + strconv.FormatInt(x.Person().ID, 10) + ":" + x.Hash()[:16]
	if err := s.store.InTx(ctx, func(tx *models.Tx) error { return perPlace.count(ctx, tx, key) }); err != nil {
		return err
	}
	good, err := try()
	if err != nil {
		return err
	}
	if !good {
		return ErrWrong
	}
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		if err := tx.FreshenSession(ctx, x.id); err != nil {
			return err
		}
		return tx.Unmark(ctx, key, key+":until")
	})
	if err != nil {
		return fmt.Errorf("note the proof: %w", err)
	}
	now := s.now()
	x.row.FreshAt = &now
	return nil
}

// proven compares a proof with the password, or with the second factor when it looks like a code of it.
func (s *Service) proven(ctx context.Context, p *models.Staff, proof string) (bool, error) {
	if p.HasTOTP() && looksLikeCode(proof) {
		err := s.store.InTx(ctx, func(tx *models.Tx) error {
			q, err := tx.LockStaff(ctx, p.ID)
			if err != nil {
				return err
			}
			if _, err := useCode(tx, q, proof); err != nil {
				return err
			}
			return tx.SaveStaff(ctx, q)
		})
		if err == nil || !errors.Is(err, ErrWrongCode) {
			return err == nil, err
		}
	}
	return s.check(ctx, p.Password, proof)
}
