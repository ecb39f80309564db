package checkout

import (
	"context"
	"encoding/json"

	"mostrador/exchanger"
	"mostrador/models"
)

// judge compares where everything ended with what the exchanger says.
func (h *history) judge() {
	o, list := h.order(), h.payments()
	truths := map[string]*fakeOrder{}
	for _, x := range h.there() {
		truths[models.Digest(x.token)] = x
	}
	for i := range list {
		h.judgePayment(&list[i], truths[list[i].TokenHash])
	}
	if want := h.demanded(o, list, truths); o.Status != want {
		h.fail("order is %s (%s), the exchanger's last word makes it %s", o.Status, o.ReviewReason, want)
	}
	h.judgeFlags(o, list)
	h.judgeChanges(o)
	h.judgeStock(o)
	for i := range list {
		events, err := h.store.Events(context.Background(), list[i].ID)
		h.must(err)
		if bad := Verify(list[i], events); len(bad) > 0 {
			h.fail("log and row differ: %+v", bad)
		}
	}
	h.judgeExplanation(o)
}

func (h *history) judgePayment(p *models.Payment, x *fakeOrder) {
	switch {
	case x == nil && p.Phase != PhaseUnclear && p.Phase != PhaseRefused:
		h.fail("payment %d is %s, and the exchanger never made it", p.Seq, p.Phase)
	case x == nil:
		return
	case Pullable(p):
		s := x.truth()
		if p.Status != string(s.status) || !p.CurrentIn.Decimal.Equal(s.in) || !p.CurrentOut.Decimal.Equal(s.out) {
			h.fail("payment %d is %s over %s → %s; the exchanger says %s over %s → %s", p.Seq, p.Status, p.CurrentIn.Decimal, p.CurrentOut.Decimal, s.status, s.in, s.out)
		}
		if !p.OrderedIn.Decimal.Equal(x.said[0].in) || !p.OrderedOut.Decimal.Equal(x.said[0].out) {
			h.fail("what was ordered was overwritten: %s → %s", p.OrderedIn.Decimal, p.OrderedOut.Decimal)
		}
	default: // its signed notifications are the only source: the newest that came counts
		var newest fakeState
		for _, s := range h.acked[x.token] {
			if s.at.After(newest.at) {
				newest = s
			}
		}
		if p.Status != string(newest.status) {
			h.fail("payment %d without uid is %q, its newest notification said %q", p.Seq, p.Status, newest.status)
		}
	}
	if p.SettledAt == nil {
		if p.Status == string(exchanger.StatusDone) {
			h.fail("payment %d is done and not settled", p.Seq)
		}
		return
	}
	for _, s := range x.said {
		if s.status == exchanger.StatusDone && p.SettledOut.Decimal.Equal(s.out) {
			return
		}
	}
	h.fail("payment %d was settled with %s, which was never paid out", p.Seq, p.SettledOut.Decimal)
}

func (h *history) judgeFlags(o *models.Order, list []models.Payment) {
	settled, drift := 0, false
	for _, p := range list {
		if p.SettledAt != nil {
			settled++
		}
		drift = drift || hasFlag(p.Flags, FlagDrift)
		if !p.OrderedIn.Valid || p.CurrentOut.Decimal.Equal(p.OrderedOut.Decimal) || hasFlag(p.Flags, FlagDrift) {
			continue
		}
		events, err := h.store.Events(context.Background(), p.ID)
		h.must(err)
		sent := p.SeenAt != nil
		for _, e := range events {
			sent = sent || e.Status == string(exchanger.StatusErrorPayment)
		}
		if !sent || p.CurrentIn.Decimal.Equal(p.OrderedIn.Decimal) {
			h.fail("the exchanger's staff made %s of %s, and no flag says so", p.CurrentOut.Decimal, p.OrderedOut.Decimal)
		}
	}
	if late := settled > 0 && o.Closed != ""; late != hasFlag(o.Flags, FlagLate) {
		h.fail("late is %t, flags are %q", late, o.Flags)
	}
	if drift != hasFlag(o.Flags, FlagDrift) {
		h.fail("drift is %t, flags are %q", drift, o.Flags)
	}
	if o.ReviewReason == WhyDouble && !hasFlag(o.Flags, FlagDouble) {
		h.fail("a double payment without its flag: %q", o.Flags)
	}
}

// judgeChanges wants one event for each change of the order and one mail for each that the customer hears of; paid is told once whatever comes after it.
func (h *history) judgeChanges(o *models.Order) {
	events, err := h.store.EventsOfOrder(context.Background(), o.ID)
	h.must(err)
	mails, paid, refunds, is := h.letters, 0, 0, ""
	told := events[:0:0]
	for _, e := range events { // a refund is a record beside the order's way
		if e.Type == "order.refunded" {
			mails, refunds = mails+1, refunds+1
		} else {
			told = append(told, e)
		}
	}
	if events = told; refunds != h.refunds {
		h.fail("%d refunds were told, %d recorded", refunds, h.refunds)
	}
	for i, e := range events {
		var d OrderDocument
		h.must(json.Unmarshal([]byte(e.Data), &d))
		again := d.Status == Paid && e.Type != "order.paid" // out of a review, or no longer short
		was := is
		is = d.Status
		switch e.Type {
		case "order.created", "order.underpaid", "order.review", "order.returned":
			if !again {
				mails++
			}
		case "order.paid":
			mails, paid = mails+1, paid+1
		}
		if again && paid == 0 {
			h.fail("%s tells of a paid order that was never told", e.Type)
		}
		if i > 0 && was == is && e.Type != "order.review" && e.Type != "order.created" {
			h.fail("%s was told twice", e.Type)
		}
		if i > 0 && e.Version <= events[i-1].Version {
			h.fail("versions do not grow")
		}
	}
	if is != o.Status {
		h.fail("the last event tells %s of an order that is %s", is, o.Status)
	}
	if paid > 1 || paid > 0 && o.PaidAt == nil || o.Status == Paid && paid == 0 {
		h.fail("paid was told %d times, paid at %v", paid, o.PaidAt)
	}
	if h.store.Dialect() != models.SQLite { // its numbers have gaps
		return
	}
	for {
		m, err := h.store.MailByID(context.Background(), h.world.mails+1)
		if err != nil {
			break
		}
		h.world.mails++
		if m.OrderID != nil && *m.OrderID == o.ID {
			mails--
		}
	}
	if mails != 0 {
		h.fail("%d mails too few", mails)
	}
}

func (h *history) judgeStock(o *models.Order) {
	if h.product == nil {
		return
	}
	p, err := h.store.ProductBySlug(context.Background(), h.product.Slug)
	h.must(err)
	left, held := 1-h.rival, int64(0)
	switch o.Stock {
	case StockTaken:
		left--
	case StockHeld:
		held = 1
	}
	if *p.Stock != left || p.Held != held || left < 0 {
		h.fail("stock is %d with %d held, want %d and %d (order's: %s)", *p.Stock, p.Held, left, held, o.Stock)
	}
}

func (h *history) judgeExplanation(o *models.Order) {
	l, err := h.svc.Look(context.Background(), o)
	h.must(err)
	explained(h.rt, l.Why)
}
