package checkout

import (
	"context"
	"slices"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"mostrador/exchanger"
	"mostrador/models"
)

// What persons do to an order in a history, and where the order has to be after all of it.

// asked wants an answer to what a person asked for: done, or a refusal in words.
func (h *history) asked(err error) (done bool) {
	h.rt.Helper()
	if _, refused := AsProblem(err); err != nil && !refused {
		h.fail("%v", err)
	}
	return err == nil
}

// person lets somebody at the desk act.
func (h *history) person(does string) {
	ctx, o := context.Background(), h.order()
	refunds, err := h.store.Refunds(ctx, h.id)
	if err != nil {
		h.fail("%v", err)
	}
	back := GivenBack(o, refunds)
	switch does {
	case "accept":
		why, old := o.ReviewReason, rapid.IntRange(0, 5).Draw(h.rt, "an old page") == 0
		if o.Status == Underpaid {
			why = Underpaid
		}
		version := o.Version
		if old {
			version--
		}
		done := h.asked(h.svc.Accept(ctx, h.id, "ana", version))
		if want := !old && !back && (o.Status == Underpaid || o.Status == Review); done != want {
			h.fail("accepting an order that is %s (old page: %t) is done: %t", o.Status, old, done)
		}
		if done {
			h.took[why] = true
			h.note("accepted in spite of %s: %s", why, h.order().Status)
		}
	case "ask":
		if done := h.asked(h.svc.AskForRest(ctx, h.id, "ana")); done != (o.Status == Underpaid && !back) {
			h.fail("asking for the rest of an order that is %s is done: %t", o.Status, done)
		} else if done {
			h.letters++
		}
	case "refund":
		state := rapid.SampledFrom([]string{"", "asked", "sent"}).Draw(h.rt, "state")
		if _, err := h.svc.Refund(ctx, h.id, RefundInput{Amount: "1.5", Currency: "USDTTRC20", Reference: "by hand", State: state}, "ana"); h.asked(err) {
			if state != "asked" {
				h.refunds++
			}
			h.back = h.back || o.PaidAt == nil || o.Status == Underpaid
		}
	case "receipt":
		if done := h.asked(h.svc.ResendReceipt(ctx, h.id, "ana")); done != (o.PaidAt != nil) {
			h.fail("a receipt of an order that is %s is sent: %t", o.Status, done)
		} else if done {
			h.letters++
		}
	case "check":
		_ = h.svc.CheckNow(ctx, h.id, "ana") // the exchanger may not answer
	}
	if now := h.order(); does != "accept" && does != "check" && now.Status != o.Status {
		h.fail("%s moved the order from %s to %s", does, o.Status, now.Status)
	}
}

// sums are what the exchanger's last truth says of all payments of an order together.
type sums struct {
	received, least                            int64
	settled                                    int
	moving, returned, deleted, waiting, unsure bool
	why                                        []string // contradictions
}

// demanded is the status that the exchanger's last truth and what persons accepted demand, worked out from these alone.
func (h *history) demanded(o *models.Order, list []models.Payment, truths map[string]*fakeOrder) string {
	t := sums{least: -1}
	for i := range list {
		if p := &list[i]; p.Phase == PhaseLive {
			t.add(p, truths[p.TokenHash])
		} else if p.Phase != PhaseRefused && !p.Superseded {
			t.waiting = true
		}
	}
	for _, why := range t.why {
		if !h.took[why] {
			return Review
		}
	}
	enough, taken := o.Total-o.Total*5/1000, t.settled > 0 || len(h.took) > 0
	switch {
	case taken && t.settled == 0 && t.returned && !t.moving && !h.took[WhyReturnedAfterPaid]:
		return Review
	case taken && t.settled == 0 && t.deleted && !t.moving && !t.waiting && !t.returned && !h.took[WhyDeletedAfterPaid]:
		return Review
	case t.settled > 0 && t.received < enough && !t.unsure && !h.took[Underpaid]:
		return Underpaid
	case t.settled > 1 && t.received-t.least >= enough && !h.took[WhyDouble]:
		return Review
	case taken && h.back && !h.took[WhyPaidAfterRefund]:
		return Review
	case taken && h.product != nil && h.rival > 0 && !h.took[WhyOutOfStock]:
		return Review
	case taken:
		return Paid
	case t.moving && o.Closed == "":
		return Pending
	case t.returned && !t.moving:
		return Returned
	}
	return o.Closed
}

// add counts what the truth of one payment says. Of a payment that cannot be pulled its row is all that can be known.
func (t *sums) add(p *models.Payment, x *fakeOrder) {
	s := fakeState{status: exchanger.Status(p.Status), out: p.CurrentOut.Decimal}
	if x != nil && Pullable(p) {
		s = x.truth()
	}
	note := func(is bool, why string) {
		if is {
			t.why = append(t.why, why)
		}
	}
	note(s.wallet != "" || hasFlag(p.Flags, FlagPayoutChanged), WhyPayoutChanged)
	note(s.to != "" || !Pullable(p) && hasFlag(p.Contradiction, WhyOtherCurrency), WhyOtherCurrency)
	note(!s.status.Known(), WhyUnknownStatus)
	if p.SettledAt != nil {
		note(s.status == exchanger.StatusReturned, WhyReturnedAfterPaid)
		note(s.status == exchanger.StatusDeleted, WhyDeletedAfterPaid)
		gone := s.status == exchanger.StatusReturned || s.status == exchanger.StatusDeleted
		note(!gone && s.out.LessThan(p.SettledOut.Decimal.Mul(units("0.995"))), WhyPayoutShort)
		v := p.SettledOut.Decimal.Mul(decimal.NewFromInt(100)).IntPart()
		t.received, t.settled = t.received+v, t.settled+1
		if t.least < 0 || v < t.least {
			t.least = v
		}
	} else {
		switch s.status {
		case exchanger.StatusReturned:
			t.returned = true
		case exchanger.StatusDeleted:
			t.deleted = true
		case exchanger.StatusInProgress, exchanger.StatusInProgressPayout, exchanger.StatusHold, exchanger.StatusErrorPayout:
			t.moving = true
		case exchanger.StatusErrorPayment:
		default:
			t.waiting = t.waiting || !p.Superseded
		}
	}
	t.unsure = slices.ContainsFunc(t.why, func(why string) bool { return why != WhyPayoutChanged && why != WhyUnknownStatus })
}
