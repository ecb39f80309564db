package checkout

import (
	"context"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"mostrador/models"
)

// An order's row has no seal: what it says follows from its payments, whose rows have one. So what it claims is held against them.

// widest is a tolerance that the shop may have had when an order was paid: what counts as paid under any of them is no false claim.
var widest = decimal.New(1, -1)

// Unproven says which claims of an order its payments, their logs and its refunds do not bear out, and gives the order without them. events are those of all
// payments, refunds those of the order; both are looked at only where the order was accepted or is paid.
func Unproven(o models.Order, payments []models.Payment, events []models.Event, refunds []models.Refund, rules Rules) (models.Order, []string) {
	var notes []string
	claim := func(column, row, proven string) {
		notes = append(notes, fmt.Sprintf("column %s of orders is %q, its payments make it %q", column, row, proven))
	}
	if words := acceptedIn(events, o.Accepted); words != o.Accepted {
		claim("accepted", o.Accepted, words)
		o.Accepted = words
	}
	if len(payments) > 0 && payments[0].Seq == 1 && payments[0].Price != o.Total {
		claim("total", fmt.Sprint(o.Total), fmt.Sprint(payments[0].Price))
		o.Total = payments[0].Price
	}
	if o.Status != Paid {
		return o, notes
	}
	real := o
	for _, tolerance := range []decimal.Decimal{rules.Underpaid, decimal.Zero, widest} {
		rules.Underpaid = tolerance
		before := o
		before.Status = Open
		if is := heldBack(before, conclude(o, payments, rules, o.UpdatedAt), refunds); is.Status == Paid {
			return o, notes
		} else if real.Status == Paid {
			real = is
		}
	}
	claim("status", o.Status, real.Status)
	if !takenAsPaid(&o) && !anySettled(payments) {
		o.PaidAt = nil
	}
	return o, notes
}

func anySettled(payments []models.Payment) bool {
	for i := range payments {
		if payments[i].SettledAt != nil {
			return true
		}
	}
	return false
}

// acceptedIn is what of an order's acceptances the log knows of. To accept a changed row says nothing of money, and of an order without payments no log tells it.
func acceptedIn(events []models.Event, words string) string {
	var out []string
	for _, why := range strings.Fields(words) {
		known := why == WhyRowChanged
		for i := range events {
			known = known || events[i].Kind == "accepted" && saidBy(&events[i]).Note == why
		}
		if known {
			out = append(out, why)
		}
	}
	return strings.Join(out, " ")
}

// checkClaims looks whether an order claims what its payments do not bear out. Then the claim is taken back, the log says so and a person looks at it.
// judged are the payments without what was found of their rows just now: that an order is paid is not made untrue by it.
func (s *Service) checkClaims(ctx context.Context, tx *models.Tx, o *models.Order, list, judged []models.Payment) (changed bool, err error) {
	var events []models.Event
	var refunds []models.Refund
	if o.Accepted != "" {
		for i := range list {
			of, err := tx.Events(ctx, list[i].ID)
			if err != nil {
				return false, err
			}
			events = append(events, of...)
		}
	}
	if o.Status == Paid {
		if refunds, err = tx.Refunds(ctx, o.ID); err != nil {
			return false, err
		}
	}
	real, notes := Unproven(*o, judged, events, refunds, s.opt.Rules)
	if len(notes) == 0 {
		return false, nil
	}
	*o = real
	note := strings.Join(notes, "; ")
	if len(list) == 0 {
		o.ReviewReason = WhyRowChanged // verdict keeps it: there is no log to say it in
		s.log.Error("a row was changed behind the program's back", "order", o.Number, "difference", note)
		return true, nil
	}
	p := &list[len(list)-1]
	return true, s.tellChanged(ctx, tx, p, *p, note)
}

// claimsUnseen tells whether an order without payments was found to claim something.
func claimsUnseen(o *models.Order, t totals) bool {
	return t.payments == 0 && o.ReviewReason == WhyRowChanged && !accepted(o, WhyRowChanged)
}
