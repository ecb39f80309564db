package checkout

import (
	"context"
	"time"

	"mostrador/models"
)

// Placed is the order that a placement made, or made before.
type Placed struct {
	Order *models.Order
	Token string // of the order's address
	Next  string // where the customer goes now
	Again bool   // the same attempt had made it before
	Input string // digest of what the first use of the attempt asked for
}

// placedBefore gives what an earlier use of the attempt made; nil when there was none. It waits for one that is still under way.
func (s *Service) placedBefore(ctx context.Context, p Placement) (*Placed, error) {
	a, ok, err := s.store.Attempt(ctx, attemptKey(p))
	if err == nil && !ok && p.Source == SourceAPI { // made before each API key had attempts of its own
		if a, ok, err = s.store.Attempt(ctx, "api:"+p.Attempt); ok && a.InputHash != models.Digest(inputOf(p)) {
			return nil, err
		}
	}
	if err != nil || !ok {
		return nil, err
	}
	if p.byProgram() && a.InputHash != models.Digest(inputOf(p)) {
		return nil, conflict("attempt_reused")
	}
	o, err := s.store.OrderByID(ctx, a.OrderID)
	if err != nil {
		return nil, err
	}
	token, err := s.store.OrderToken(o)
	if err != nil {
		return nil, err
	}
	s.waitCreated(ctx, o.ID)
	return s.placed(ctx, o.ID, token, true)
}

// waitCreated waits until no payment of the order is being created, at most as long as that can take.
func (s *Service) waitCreated(ctx context.Context, orderID int64) {
	changed, stop := s.store.WatchOrder(orderID)
	defer stop()
	deadline := time.NewTimer(2*s.opt.Timeout + time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(200 * time.Millisecond) // another process may be the one that creates
	defer tick.Stop()
	for {
		list, err := s.store.Payments(ctx, orderID)
		if err != nil {
			return
		}
		creating := false
		for _, p := range list {
			creating = creating || p.Phase == PhaseCreating
		}
		if !creating {
			return
		}
		select {
		case <-changed:
		case <-tick.C:
		case <-deadline.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

func (s *Service) placed(ctx context.Context, orderID int64, token string, again bool) (*Placed, error) {
	ctx = context.WithoutCancel(ctx)
	o, err := s.store.OrderByID(ctx, orderID)
	if err != nil {
		return nil, err
	}
	next, err := s.nextAddress(ctx, o, token)
	return &Placed{Order: o, Token: token, Next: next, Again: again}, err
}

// nextAddress is where a customer goes after an attempt: to the exchanger, unless the order page has something to say first.
func (s *Service) nextAddress(ctx context.Context, o *models.Order, token string) (string, error) {
	own := "/orders/" + token
	list, err := s.store.Payments(ctx, o.ID)
	if err != nil {
		return own, err
	}
	p := Current(list)
	if p == nil || s.opt.PaymentPage == "onsite" || PriceMoved(p, s.opt.Rules) || o.Status != Open && o.Status != Underpaid {
		return own, nil
	}
	page, err := s.PayURL(ctx, p, o.Lang)
	if err != nil || page == "" {
		return own, err
	}
	return page, nil
}
