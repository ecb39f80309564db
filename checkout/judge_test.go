package checkout

import (
	"fmt"

	"mostrador/exchanger"
	"mostrador/models"
)

// judge works out from the truth alone where the order has to be.
func (w *walk) judge() error {
	for i := range w.payments {
		if err := w.judgePayment(i); err != nil {
			return fmt.Errorf("payment %d: %w", i+1, err)
		}
		if bad := Verify(w.payments[i], w.events[i]); len(bad) > 0 {
			return fmt.Errorf("rule 7: %+v", bad)
		}
	}
	if w.paid > 1 {
		return fmt.Errorf("rule 8: paid %d times", w.paid)
	}
	return w.judgeOrder()
}

func (w *walk) judgePayment(i int) error {
	p, truth := &w.payments[i], w.Payments[i]
	last := len(truth.States) - 1
	if truth.Unpullable {
		last = w.best[i]
	}
	if last < 0 {
		if p.Status != "" || p.SettledAt != nil || p.Phase != PhaseUnclear {
			return fmt.Errorf("rule 4: nothing proven came, and it is %s %q", p.Phase, p.Status)
		}
		return nil
	}
	s := truth.States[last]
	if p.Status != string(s.Status) {
		return fmt.Errorf("rule 5: is %s, the exchanger says %s", p.Status, s.Status)
	}
	if want := w.amounts(Fact{}, s); !p.CurrentOut.Decimal.Equal(want.Out.Decimal) {
		return fmt.Errorf("rule 14: brings %s, the exchanger says %s", p.CurrentOut.Decimal, want.Out.Decimal)
	}
	if !truth.Unpullable && (!p.OrderedOut.Valid || p.OrderedOut.Decimal.String() != "25") {
		return fmt.Errorf("rule 14: what was ordered became %v", p.OrderedOut.Decimal)
	}
	sent := p.SeenAt != nil // then it may be the customer who paid another amount
	for _, s := range truth.States {
		sent = sent || s.Status == exchanger.StatusErrorPayment
	}
	if !truth.Unpullable && s.Percent != 100 && !sent && !hasFlag(p.Flags, FlagDrift) {
		return fmt.Errorf("rule 14: edited to %d%%, no flag", s.Percent)
	}
	if s.Wallet && !truth.Unpullable && !hasFlag(p.Flags, FlagPayoutChanged) {
		return fmt.Errorf("rule 16: another wallet, no flag")
	}
	if w.settles[i] > 1 {
		return fmt.Errorf("rule 8: settled %d times", w.settles[i])
	}
	settles := rank(s.Status) >= rank(w.SettleOn)
	if settles && p.SettledAt == nil {
		return fmt.Errorf("rule 6: %s and not settled", s.Status)
	}
	if p.SettledAt == nil {
		return nil
	}
	for _, s := range truth.States {
		if rank(s.Status) >= rank(w.SettleOn) && p.SettledOut.Decimal.Equal(w.amounts(Fact{}, s).Out.Decimal) {
			return nil
		}
	}
	return fmt.Errorf("rule 4: settled with %s, which never was", p.SettledOut.Decimal)
}

func (w *walk) judgeOrder() error {
	o := w.order
	want, flags := w.demanded()
	if o.Status != want {
		return fmt.Errorf("order is %s (%s), has to be %s", o.Status, o.ReviewReason, want)
	}
	for _, f := range flags {
		if !hasFlag(o.Flags, f) {
			return fmt.Errorf("order lacks the flag %s: %q", f, o.Flags)
		}
	}
	if o.Status == Paid && o.Stock != StockTaken {
		return fmt.Errorf("rule 15: paid, and the goods are %s", o.Stock)
	}
	return nil
}

// demanded is the order's status by the rules' own words, and the flags that it must have.
func (w *walk) demanded() (status string, flags []string) {
	received, least, settled := 0, 0, 0
	moving, returned, waiting, review := false, false, false, false
	for i := range w.payments {
		p := &w.payments[i]
		last := w.last(i)
		if last < 0 {
			waiting = waiting || !p.Superseded
			continue
		}
		s := w.Payments[i].States[last]
		early := w.SettleOn != exchanger.StatusDone
		switch {
		case s.Other, !s.Status.Known(), hasFlag(p.Flags, FlagPayoutChanged):
			review = true
		case p.SettledAt != nil && (s.Status == exchanger.StatusReturned || s.Status == exchanger.StatusDeleted):
			review = true
		case p.SettledAt != nil && early && (s.Status == exchanger.StatusErrorPayment || s.Status == exchanger.StatusErrorPayout):
			review = true
		case p.SettledAt != nil && s.Percent*1000 < percent(p)*995:
			review = true
		}
		switch {
		case p.SettledAt != nil:
			if settled == 0 || percent(p) < least {
				least = percent(p)
			}
			received, settled = received+percent(p), settled+1
		case s.Status == exchanger.StatusReturned:
			returned = true
		case s.Status == exchanger.StatusInProgress, s.Status == exchanger.StatusInProgressPayout, s.Status == exchanger.StatusHold, s.Status == exchanger.StatusErrorPayout:
			moving = true
		case s.Status == exchanger.StatusNew, s.Status == exchanger.StatusWaitPayment:
			waiting = waiting || !p.Superseded
		}
	}
	if settled > 0 && w.order.Closed != "" {
		flags = append(flags, FlagLate)
	}
	if settled > 1 && received-least >= 100 {
		flags = append(flags, FlagDouble)
	}
	if received > 100 {
		flags = append(flags, FlagOver)
	}
	closed := w.order.Closed != ""
	switch {
	case review:
		return Review, flags
	case settled > 0 && received < 100:
		return Underpaid, flags
	case settled > 1 && received-least >= 100:
		return Review, flags
	case settled > 0 && w.freed && w.Gone:
		return Review, flags
	case settled > 0:
		return Paid, flags
	case moving && !closed:
		return Pending, flags
	case returned && !moving && (closed || !waiting):
		return Returned, flags
	case closed:
		return w.order.Closed, flags
	}
	return Open, flags
}

// last is the state that counts in the end: the truth, or of a payment that cannot be pulled the newest that was told; -1: none.
func (w *walk) last(i int) int {
	if w.Payments[i].Unpullable {
		return w.best[i]
	}
	return len(w.Payments[i].States) - 1
}

// percent is what a payment settled with, of its price.
func percent(p *models.Payment) int {
	return int(p.SettledOut.Decimal.Shift(2).IntPart() / 25)
}
