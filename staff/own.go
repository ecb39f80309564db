package staff

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"mostrador/messages"
	"mostrador/models"
)

// ChangePassword changes the person's own password and ends their other sessions. The error is ErrWrong, ErrWeak, ErrSame, *TooSoon
// or ErrBusy.
func (s *Service) ChangePassword(ctx context.Context, who Who, x *Session, current, next string) error {
	if err := s.prove(ctx, x, func() (bool, error) { return s.check(ctx, x.Person().Password, current) }); err != nil {
		return err
	}
	if err := checkPassword(next); err != nil {
		return err
	}
	if current == next {
		return ErrSame
	}
	hash, err := s.hash(ctx, next)
	if err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		p, err := tx.LockStaff(ctx, who.ID)
		if err != nil {
			return err
		}
		p.Password = hash
		if err := tx.SaveStaff(ctx, p); err != nil {
			return err
		}
		n, err := tx.EndSessions(ctx, p.ID, x.id)
		if err != nil {
			return err
		}
		return Record(ctx, tx, who, "password.change", p.Email, map[string]any{"sessions_ended": n})
	})
}

// SetLang keeps the language of the person's desk; "" is the browser's.
func (s *Service) SetLang(ctx context.Context, id int64, lang string) error {
	if lang != "" && !slices.Contains(messages.Languages, lang) {
		lang = ""
	}
	return s.own(ctx, id, func(p *models.Staff) { p.Lang = lang })
}

// SetNotify keeps what the person wants to be written to about; kinds that are not known are left out.
func (s *Service) SetNotify(ctx context.Context, id int64, kinds []string) error {
	kept := []string{}
	for _, k := range models.NoticeKinds {
		if slices.Contains(kinds, k) {
			kept = append(kept, k)
		}
	}
	raw, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("write what to notify of: %w", err)
	}
	return s.own(ctx, id, func(p *models.Staff) { p.Notify = string(raw) })
}

func (s *Service) own(ctx context.Context, id int64, f func(*models.Staff)) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		p, err := tx.LockStaff(ctx, id)
		if err != nil {
			return err
		}
		f(p)
		return tx.SaveStaff(ctx, p)
	})
}
