package staff

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"mostrador/models"
)

const setupLife = 24 * time.Hour

// SetupTicket makes the text of the one-time address under which the first owner is made, for a shop that has nobody. An address that
// an earlier start printed no longer works. The error is ErrHaveStaff.
func (s *Service) SetupTicket(ctx context.Context) (string, error) {
	token := rand.Text()
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		some, err := tx.HasStaff(ctx)
		if err != nil {
			return err
		}
		if some {
			return ErrHaveStaff
		}
		return tx.InsertTicket(ctx, models.TicketSetup, token, nil, setupLife)
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// SetupOpen tells whether the address can still be used. The error is ErrTicket.
func (s *Service) SetupOpen(ctx context.Context, token string) error {
	some, err := s.store.HasStaff(ctx)
	if err != nil {
		return err
	}
	if some {
		return ErrTicket
	}
	if _, err = s.store.OpenTicket(ctx, models.TicketSetup, token, s.now()); errors.Is(err, models.ErrNotFound) {
		return ErrTicket
	}
	return err
}

// Setup makes the first owner and uses the address up. The error is ErrTicket, or ErrEmail and ErrWeak, one of them or both.
func (s *Service) Setup(ctx context.Context, token, email, password, remote string) (*models.Staff, error) {
	if err := s.SetupOpen(ctx, token); err != nil {
		return nil, err // before any work is done for a stranger
	}
	p, err := newPerson(email, Owner)
	if err := errors.Join(err, checkPassword(password)); err != nil {
		return nil, err // both at once: nobody corrects one to be told of the other
	}
	if p.Password, err = s.hash(ctx, password); err != nil {
		return nil, err
	}
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		some, err := tx.HasStaff(ctx)
		if err != nil {
			return err
		}
		if some {
			return ErrTicket
		}
		if _, err := tx.UseTicket(ctx, models.TicketSetup, token); err != nil {
			return err
		}
		return insert(ctx, tx, Who{Name: p.Email, Remote: remote}, p, "setup")
	})
	if errors.Is(err, models.ErrNotFound) {
		return nil, ErrTicket
	}
	return p, err
}
