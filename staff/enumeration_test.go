package staff

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"mostrador/models"
)

// Who guesses addresses learns nothing, neither from the answer nor from the work behind it: every refusal hashes a password once, and
// commits the same number of transactions.
func TestARefusedSignInCostsTheSameWhoeverIsAskedFor(t *testing.T) {
	each(t, func(t *testing.T, s *Service, move func(time.Duration)) {
		ctx := t.Context()
		if _, err := s.Create(ctx, Terminal, "ana@shop.example", Owner, good); err != nil {
			t.Fatal(err)
		}
		gone, err := s.Create(ctx, Terminal, "gone@shop.example", Viewer, good)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Disable(ctx, Terminal, gone.ID); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Invite(ctx, Terminal, "new@shop.example", Viewer); err != nil {
			t.Fatal(err)
		}
		tries := []string{"ana@shop.example", "nobody@shop.example", "gone@shop.example", "new@shop.example", "no address", ""}
		password := "wrong wrong wrong"
		commits := map[string]uint64{}
		for i, email := range tries {
			before := s.store.Commits()
			if _, err := s.SignIn(ctx, email, password, fmt.Sprintf("192.0.2.%d", i+1)); !errors.Is(err, ErrWrong) {
				t.Errorf("%q: %v", email, err)
			}
			commits[email] = s.store.Commits() - before
		}
		for email, n := range commits {
			if n != commits["ana@shop.example"] {
				t.Errorf("%q: %d transactions, a known person %d", email, n, commits["ana@shop.example"])
			}
		}
		// Without room for a hash nobody gets an answer: so each of them hashes.
		if err := s.hashes.Acquire(ctx, s.opt.Hashes); err != nil {
			t.Fatal(err)
		}
		defer s.hashes.Release(s.opt.Hashes)
		for i, email := range tries {
			short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
			if _, err := s.SignIn(short, email, password, fmt.Sprintf("198.51.100.%d", i+1)); err == nil || errors.Is(err, ErrWrong) {
				t.Errorf("%q was answered without a hash: %v", email, err)
			}
			cancel()
		}
	})
}

func TestAnInvitationIsToldInItsOwnTransaction(t *testing.T) {
	each(t, func(t *testing.T, s *Service, _ func(time.Duration)) {
		wrong := errors.New("no mail")
		var told []string
		s.opt.Invited = func(_ context.Context, _ *models.Tx, by Who, p *models.Staff, token string) error {
			if told = append(told, by.Name+" "+p.Email+" "+token); len(told) == 1 {
				return wrong
			}
			return nil
		}
		ctx := t.Context()
		if _, _, err := s.Invite(ctx, Terminal, "new@shop.example", Viewer); !errors.Is(err, wrong) {
			t.Fatal(err)
		}
		if _, err := s.store.StaffByEmail(ctx, "new@shop.example"); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("somebody was made whose invitation was not: %v", err)
		}
		p, token, err := s.Invite(ctx, Terminal, "new@shop.example", Viewer)
		if err != nil || told[1] != "terminal new@shop.example "+token {
			t.Errorf("%v, %v", told, err)
		}
		if _, again, err := s.InviteAgain(ctx, Terminal, p.ID); err != nil || told[2] != "terminal new@shop.example "+again {
			t.Errorf("%v, %v", told, err)
		}
	})
}
