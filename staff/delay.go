package staff

import (
	"context"
	"net/netip"
	"time"

	"mostrador/models"
)

// Attempts are slowed down on three scales, all in the table of limits and so shared by all instances:
//
//   - one account from one network: a few are free, then each failure doubles the wait. A stranger elsewhere does not touch it.
//   - one network, whatever the account: against trying many accounts.
//   - one account from networks that it never signed in from: mild, so that nobody can lock a person out, and not at all for a
//     network that the person is known from.
//
// An attempt is counted before the password is looked at, so that a thousand at once are counted too, and given back when it was
// right. One that is refused is not counted.
type scale struct {
	free  int           // attempts without a wait
	step  time.Duration // a failure is forgotten after this
	first time.Duration // the wait after the first one too many; it doubles
	most  time.Duration
}

var (
	perPlace   = scale{free: 4, step: 10 * time.Minute, first: time.Second, most: 15 * time.Minute}
	perNetwork = scale{free: 40, step: time.Minute, first: time.Second, most: time.Minute}
	perAccount = scale{free: 60, step: 30 * time.Second, first: time.Second, most: 2 * time.Second}
	perSecond  = scale{free: 4, step: 10 * time.Minute, first: 2 * time.Second, most: 15 * time.Minute}
)

const knownFor = 60 * 24 * time.Hour // a network that a person signed in from is known so long

// wait is what follows after the n-th attempt.
func (s scale) wait(n int) time.Duration {
	if n <= s.free {
		return 0
	}
	w := s.first
	for i := s.free + 1; i < n && w < s.most; i++ {
		w *= 2
	}
	return min(w, s.most)
}

// count counts an attempt on a key, or refuses it with *TooSoon.
func (s scale) count(ctx context.Context, tx *models.Tx, key string) error {
	tat, err := tx.Push(ctx, key, s.step) // locks the row: who comes at the same moment counts after this one
	if err != nil {
		return err
	}
	until, err := tx.Mark(ctx, key+":until")
	if err != nil {
		return err
	}
	if until.After(tx.Now()) {
		return &TooSoon{Wait: until.Sub(tx.Now())} // the transaction and with it the count are undone
	}
	n := int((tat.Sub(tx.Now()) + s.step - 1) / s.step)
	if w := s.wait(n); w > 0 {
		return tx.SetMark(ctx, key+":until", tx.Now().Add(w))
	}
	return nil
}

// back gives a counted attempt back.
func (s scale) back(ctx context.Context, tx *models.Tx, key string) error {
	if _, err := tx.Push(ctx, key, -s.step); err != nil {
		return err
	}
	return tx.Unmark(ctx, key+":until")
}

// place is where an attempt comes from and whose account it is about.
type place struct{ account, network string }

func placeOf(email, remote string) place {
	return place{account: models.Digest("account " + email)[:24], network: networkOf(remote)}
}

// networkOf is the network of an address: /24 or, for IPv6, /56; loopback addresses stand for themselves.
func networkOf(remote string) string {
	a, err := netip.ParseAddr(remote)
	if err != nil {
		return remote
	}
	a = a.Unmap().WithZone("")
	bits := 24
	switch {
	case a.IsLoopback():
		bits = a.BitLen()
	case a.Is6():
		bits = 56
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return remote
	}
	return p.Masked().Addr().String()
}

func (p place) keys() (both, network, account, known string) {
	return "signin:" + p.account + ":" + p.network, "signin:" + p.network, "signin:" + p.account, "signin:known:" + p.account + ":" + p.network
}

// reserve counts an attempt to sign in, or refuses it with *TooSoon.
func (s *Service) reserve(ctx context.Context, p place) error {
	both, network, account, known := p.keys()
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		if err := perPlace.count(ctx, tx, both); err != nil {
			return err
		}
		if err := perNetwork.count(ctx, tx, network); err != nil {
			return err
		}
		until, err := tx.Mark(ctx, known)
		if err != nil || until.After(tx.Now()) {
			return err
		}
		return perAccount.count(ctx, tx, account)
	})
}

// forgive gives the attempt back and forgets the failures before it: the password was right.
func (p place) forgive(ctx context.Context, tx *models.Tx) error {
	both, network, account, known := p.keys()
	if err := tx.Unmark(ctx, both, both+":until"); err != nil {
		return err
	}
	if err := perNetwork.back(ctx, tx, network); err != nil {
		return err
	}
	until, err := tx.Mark(ctx, known)
	if err != nil {
		return err
	}
	if !until.After(tx.Now()) {
		if err := perAccount.back(ctx, tx, account); err != nil {
			return err
		}
	}
	return tx.SetMark(ctx, known, tx.Now().Add(knownFor))
}
