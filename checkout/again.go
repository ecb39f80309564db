package checkout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mostrador/exchanger"
	"mostrador/models"
)

// Again asks for another attempt to pay an order, or for the first one of an order that the API made.
type Again struct {
	Route       string // site/routeId
	Fields      map[string]string
	Agreement   bool
	NothingSent bool // the customer says that nothing was sent for the earlier attempt
	Attempt     string
	Lang        string
	Shown       string // what the page said is to be paid, as SealShown made it
}

// MayBeUnderWay tells whether money may be on its way for an attempt, so that the customer has to say that nothing was sent (rule 13).
func MayBeUnderWay(payments []models.Payment) bool {
	for i := range payments {
		p := &payments[i]
		status := exchanger.Status(p.Status)
		gone := p.Phase == PhaseRefused || p.SettledAt != nil || status == exchanger.StatusDeleted || status == exchanger.StatusReturned
		if !gone && !p.Superseded {
			return true
		}
	}
	return false
}

// Due is what a new attempt asks for, in minor units: the price, or what is missing of it.
func (s *Service) Due(o *models.Order) int64 {
	if o.Status == Underpaid {
		return Missing(o)
	}
	return o.Total
}

// payable says why an order takes no attempt now; nil when it does.
func payable(o *models.Order, payments []models.Payment) *Problem {
	switch o.Status {
	case Open, Underpaid:
	case Paid:
		return conflict("order_paid")
	case Pending:
		return conflict("payment_under_way")
	default:
		return conflict("order_closed")
	}
	for i := range payments {
		if underWay(exchanger.Status(payments[i].Status)) && payments[i].SettledAt == nil {
			return conflict("payment_under_way")
		}
	}
	return nil
}

// PayAgain makes another payment of an order. Earlier ones are pulled first, then marked as replaced and cancelled at the exchanger; they
// stay watched whether or not that works (rule 13). The error is a *Problem when the customer can put it right.
func (s *Service) PayAgain(ctx context.Context, o *models.Order, a Again) (*Placed, error) {
	ctx = context.WithoutCancel(ctx)
	token, err := s.store.OrderToken(o)
	if err != nil {
		return nil, err
	}
	key := fmt.Sprintf("pay:%d:%s", o.ID, a.Attempt)
	if done, err := s.attempted(ctx, o.ID, token, a.Attempt, key); done != nil || err != nil {
		return done, err
	}
	placed, err := s.payAgain(ctx, o, a, token, key)
	_, refused := AsProblem(err)
	if refused || errors.Is(err, models.ErrConflict) { // by what the same attempt, sent twice at once, has done meanwhile? Then it gets that one's answer (rule 3)
		if done, err := s.attempted(ctx, o.ID, token, a.Attempt, key); done != nil || err != nil {
			return done, err
		}
	}
	return placed, err
}

// attempted is what an attempt that came before has made; nil when it did not.
func (s *Service) attempted(ctx context.Context, orderID int64, token, attempt, key string) (*Placed, error) {
	if attempt == "" {
		return nil, nil
	}
	if _, ok, err := s.store.Attempt(ctx, key); err != nil || !ok {
		return nil, err
	}
	s.waitCreated(ctx, orderID)
	return s.placed(ctx, orderID, token, true)
}

func (s *Service) payAgain(ctx context.Context, o *models.Order, a Again, token, key string) (*Placed, error) {
	if _, err := s.pullBefore(ctx, o.ID, time.Time{}); err != nil {
		return nil, err
	}
	o, err := s.store.OrderByID(ctx, o.ID)
	if err != nil {
		return nil, err
	}
	list, err := s.store.Payments(ctx, o.ID)
	if err != nil {
		return nil, err
	}
	if p := payable(o, list); p != nil {
		return nil, p
	}
	if refunds, err := s.store.Refunds(ctx, o.ID); err != nil {
		return nil, err
	} else if GivenBack(o, refunds) {
		return nil, conflict("order_given_back")
	}
	offer, values, problem, err := s.checkChoice(ctx, a.Route, s.Due(o), a.Fields, a.Agreement, a.Shown)
	if err != nil {
		return nil, err
	}
	problems := []*Problem{}
	if problem != nil {
		problems = problem.All()
	}
	if MayBeUnderWay(list) && !a.NothingSent {
		problems = append(problems, invalid("nothing_sent", "nothing_sent_missing"))
	}
	if p := join(problems); p != nil {
		return nil, p
	}
	pay, sec, replaced, err := s.insertAgain(ctx, o.ID, key, a, offer, values)
	if err != nil {
		return nil, err
	}
	for i := range replaced {
		s.cancelThere(ctx, &replaced[i], "another attempt")
	}
	s.create(ctx, o, pay, offer, values, sec)
	return s.placed(ctx, o.ID, token, false)
}

// insertAgain stores the new intent and marks earlier attempts as replaced, in one transaction: of two attempts at once the second
// finds the first under way. What was replaced is to be cancelled at the exchanger.
func (s *Service) insertAgain(ctx context.Context, orderID int64, key string, a Again, offer *Offer, v chosenValues) (pay *models.Payment, sec payment, replaced []models.Payment, err error) {
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		replaced = nil // a transaction may be tried again
		o, list, err := s.lockAll(ctx, tx, orderID)
		if err != nil {
			return err
		}
		if p := payable(o, list); p != nil {
			return p
		}
		if err := s.whole(ctx, tx, o); err != nil {
			return err
		}
		if MayBeUnderWay(list) && !a.NothingSent {
			return invalid("nothing_sent", "nothing_sent_missing")
		}
		for i := range list {
			p := &list[i]
			if p.Phase == PhaseCreating {
				return conflict("payment_under_way")
			}
			if p.SettledAt != nil || p.Superseded || p.Phase == PhaseRefused {
				continue
			}
			if _, err := s.applyTx(ctx, tx, orderID, p.ID, Fact{Source: FromForm, Kind: FactSuperseded, Note: "another attempt"}, nil); err != nil {
				return err
			}
			replaced = append(replaced, *p)
		}
		if o, err = tx.LockOrder(ctx, orderID); err != nil {
			return err
		}
		if a.Lang != "" {
			o.Lang = a.Lang
		}
		least := tx.Now().Add(min(s.opt.OrderExpiry, 30*time.Minute)) // time enough to pay it
		if last := o.CreatedAt.Add(3 * s.opt.OrderExpiry); least.After(last) {
			least = last // but nobody keeps goods for ever by trying again
		}
		if o.ExpiresAt.Before(least) {
			o.ExpiresAt = least
		}
		if pay, sec, err = s.insertPayment(ctx, tx, o, offer, v, s.Due(o)); err != nil {
			return err
		}
		if a.Attempt == "" {
			return nil
		}
		return tx.InsertAttempt(ctx, key, "", orderID, &pay.ID)
	})
	return pay, sec, replaced, err
}
