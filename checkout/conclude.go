package checkout

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"mostrador/exchanger"
	"mostrador/models"
	"mostrador/money"
)

// value is what out units of a payment's to currency are worth in minor units of the shop currency, at the rate promised when the
// payment was made. Parts of a minor unit are dropped.
func value(p *models.Payment, out decimal.Decimal, currency string) int64 {
	return decimal.Min(worth(p, out, currency).Floor(), mostMinor).IntPart()
}

// mostMinor is what no sum of a shop comes near: more than that is shown as that.
var mostMinor = decimal.New(1, 16)

// worth is value with the parts of a minor unit: what is compared with a tolerance must not lose them.
func worth(p *models.Payment, out decimal.Decimal, currency string) decimal.Decimal {
	if p.PayoutRate.Sign() <= 0 {
		return decimal.Zero
	}
	return out.Shift(money.Decimals(currency)).DivRound(p.PayoutRate, 12)
}

// Brought is what a payment brought in minor units of the shop currency, at the rate promised when it was made; 0 while it is not settled.
func Brought(p *models.Payment, currency string) int64 {
	if p.SettledAt == nil || !p.SettledOut.Valid {
		return 0
	}
	return value(p, p.SettledOut.Decimal, currency)
}

// dust is how much more than its price a payment was ordered to bring, because amounts are rounded up.
func dust(p *models.Payment, currency string) int64 {
	if !p.OrderedOut.Valid {
		return 0
	}
	return max(0, value(p, p.OrderedOut.Decimal, currency)-p.Price)
}

// tolerated is the least that counts as the whole price, in minor units.
func tolerated(total int64, rules Rules) int64 {
	missing := decimal.NewFromInt(total).Mul(rules.Underpaid).Floor().IntPart()
	return total - missing
}

// conclude says what an order's payments, its closing and what persons accepted make of the order. It is pure: it depends on these
// alone and not on the way that led to them, except for what was settled or counted (paid_at, stock).
func conclude(o models.Order, payments []models.Payment, rules Rules, at time.Time) models.Order {
	sum := summary(o, payments, rules)
	o.Received = sum.received
	o.Flags = joinFlags(sum.flags)
	o.Status, o.ReviewReason = verdict(o, sum, rules)
	if o.Status == Paid && o.PaidAt == nil {
		o.PaidAt = &at
	}
	return o
}

type totals struct {
	payments                    int
	received                    int64
	settled                     int
	short                       bool     // settled with less than the price, past the tolerance
	contradictions              []string // of all payments
	underWay, returned, waiting bool
	deleted                     bool // one that was not settled is gone at the exchanger
	surplusWhole                bool // the order is paid even without one of its settled payments
	flags                       []string
}

func summary(o models.Order, payments []models.Payment, rules Rules) totals {
	t := totals{payments: len(payments)}
	spare, least, exact := int64(0), int64(-1), decimal.Zero
	for i := range payments {
		p := &payments[i]
		t.contradictions = append(t.contradictions, strings.Fields(p.Contradiction)...)
		for _, f := range []string{FlagDrift, FlagPayoutChanged} {
			if hasFlag(p.Flags, f) {
				t.flags = append(t.flags, f)
			}
		}
		status := exchanger.Status(p.Status)
		switch {
		case p.SettledAt != nil:
			v := Brought(p, o.Currency)
			t.settled++
			t.received += v
			if p.SettledOut.Valid {
				exact = exact.Add(worth(p, p.SettledOut.Decimal, o.Currency))
			}
			spare += dust(p, o.Currency)
			if least < 0 || v < least {
				least = v
			}
		case underWay(status):
			t.underWay = true
		case status == exchanger.StatusReturned:
			t.returned = true
		case status == exchanger.StatusDeleted:
			t.deleted = true
		case p.Phase == PhaseRefused, status == exchanger.StatusErrorPayment, p.Superseded:
		default:
			t.waiting = true
		}
	}
	if t.settled > 1 && least > 0 && t.received-least >= tolerated(o.Total, rules) {
		t.surplusWhole = true
		t.flags = append(t.flags, FlagDouble)
	}
	t.short = t.settled > 0 && exact.LessThan(decimal.NewFromInt(o.Total).Mul(decimal.NewFromInt(1).Sub(rules.Underpaid)))
	if t.received-spare > o.Total {
		t.flags = append(t.flags, FlagOver)
	}
	if t.settled > 0 && o.Closed != "" {
		t.flags = append(t.flags, FlagLate)
	}
	return t
}

// amountsHold tells whether what was settled can be compared with the price: the contradictions, all of them accepted, are not about it.
func (t totals) amountsHold() bool {
	for _, why := range t.contradictions {
		if why != WhyPayoutChanged && why != WhyUnknownStatus && why != WhyRowChanged {
			return false
		}
	}
	return true
}

// verdict is the status of an order and, for a review, its reason.
func verdict(o models.Order, t totals, rules Rules) (status, reason string) {
	review := func(why string) (string, string) { return Review, why }
	taken := t.settled > 0 || takenAsPaid(&o) // what a person took as paid is not undone by what comes later, unless it contradicts
	for _, why := range t.contradictions {
		if !accepted(&o, why) {
			return review(why)
		}
	}
	switch {
	case claimsUnseen(&o, t):
		return review(WhyRowChanged)
	case taken && t.settled == 0 && t.returned && !t.underWay && !accepted(&o, WhyReturnedAfterPaid):
		return review(WhyReturnedAfterPaid)
	case taken && t.settled == 0 && t.deleted && !t.underWay && !t.waiting && !t.returned && !accepted(&o, WhyDeletedAfterPaid):
		return review(WhyDeletedAfterPaid)
	case t.short && t.amountsHold() && !accepted(&o, Underpaid):
		return Underpaid, ""
	case t.settled > 0 && t.surplusWhole && !accepted(&o, WhyDouble):
		return review(WhyDouble)
	case taken && o.Stock == StockShort && !accepted(&o, WhyOutOfStock):
		return review(WhyOutOfStock)
	case taken:
		return Paid, ""
	case o.Closed == "" && t.underWay:
		return Pending, ""
	case t.returned && !t.underWay && !(t.waiting && o.Closed == ""):
		return Returned, ""
	case o.Closed != "":
		return o.Closed, ""
	}
	return Open, ""
}

// Surplus is what arrived beyond the price, in minor units; 0 when nothing did.
func Surplus(o *models.Order) int64 { return max(0, o.Received-o.Total) }

// Missing is what has not arrived of the price, in minor units; 0 when all has.
func Missing(o *models.Order) int64 { return max(0, o.Total-o.Received) }

// PriceMoved tells whether the exchanger asks more than the customer was shown, past the tolerance, or promises the merchant less than
// the price (rule 14). The customer is asked again before anything is sent.
func PriceMoved(p *models.Payment, rules Rules) bool {
	if p.Phase != PhaseLive || !p.OrderedIn.Valid || p.SeenAt != nil {
		return false
	}
	limit := p.QuotedIn.Mul(decimal.NewFromInt(1).Add(rules.Price))
	return p.OrderedIn.Decimal.GreaterThan(limit) || PaysShort(p, rules)
}

// PaysShort tells whether the exchange order promises the merchant less than the price, past the tolerance.
func PaysShort(p *models.Payment, rules Rules) bool {
	return p.OrderedOut.Valid && p.OrderedOut.Decimal.LessThan(p.PriceOut.Mul(decimal.NewFromInt(1).Sub(rules.Underpaid)))
}

// Current is the payment that an order page speaks of: the newest that matters. nil when there is none.
func Current(payments []models.Payment) *models.Payment {
	var best *models.Payment
	weight := func(p *models.Payment) int {
		switch {
		case p.Contradiction != "":
			return 5
		case underWay(exchanger.Status(p.Status)) && p.SettledAt == nil:
			return 4
		case p.SettledAt != nil && p.Superseded:
			return 3 // late money for a replaced attempt
		case p.SettledAt == nil && (p.Superseded || p.Phase == PhaseRefused || p.Status == string(exchanger.StatusDeleted) || p.Status == string(exchanger.StatusReturned)):
			return 1
		}
		return 2 // of what was settled in its turn and what waits the newer counts: it pays the rest
	}
	for i := range payments {
		p := &payments[i]
		if best == nil || weight(p) > weight(best) || weight(p) == weight(best) && p.Seq > best.Seq {
			best = p
		}
	}
	return best
}
