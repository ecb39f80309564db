package exchanger

import (
	"errors"
	"fmt"

	"github.com/shopspring/decimal"
)

// LimitKind says which limit of a route stands in the way.
type LimitKind string

// The limits of a route.
const (
	BelowMin  LimitKind = "below_min"  // the customer would pay less than Min
	AboveMax  LimitKind = "above_max"  // the customer would pay more than Max
	NoReserve LimitKind = "no_reserve" // the exchanger has less than is asked for
	NoRate    LimitKind = "no_rate"    // the route has no usable price now
)

// LimitError says why a route cannot serve an amount.
type LimitError struct {
	Kind     LimitKind
	In       decimal.Decimal // what the customer would have to pay, units of from; 0 when not computed
	Min, Max decimal.Decimal // units of from; Max 0: no limit
	Reserve  decimal.Decimal // units of to
}

// Error names the limit and its value.
func (e *LimitError) Error() string {
	switch e.Kind {
	case BelowMin:
		return fmt.Sprintf("%s is below the route's minimum %s", e.In, e.Min)
	case AboveMax:
		return fmt.Sprintf("%s is above the route's maximum %s", e.In, e.Max)
	case NoReserve:
		return fmt.Sprintf("the exchanger's reserve is %s", e.Reserve)
	}
	return "the route has no rate"
}

var hundred = decimal.New(100, 0)

// Out is what the exchanger's own calculator pays out, in units of to, when the customer pays in units of from:
// in × rate.out / rate.in' − fee, rounded half up at the to currency's decimals (8 where not given), never below 0
// [client]. rate.in' is rate.in less the discount that in earns. Limits are not looked at.
func (r Route) Out(in decimal.Decimal) decimal.Decimal {
	if !r.priced() {
		return decimal.Zero
	}
	left := r.percentLeft(in)
	den := r.Rate.In.Mul(left)
	exact := in.Mul(r.Rate.Out).Mul(hundred).Sub(r.Rate.OutFeeAmount.Mul(den))
	if exact.Sign() <= 0 {
		return decimal.Zero
	}
	return exact.DivRound(den, r.outPlaces())
}

// Due is what the customer pays, in units of from, so that at least out (units of to) is paid out:
// (out + fee) × rate.in' / rate.out, rounded up at from's decimals [client; the exchanger's own calculator rounds half up
// there]. It is the smallest such amount before any rounding of the payout, a discount counted only where the amount
// itself earns it. An out with more decimals than the to currency has is rounded up first, since less would arrive.
// The error is a *LimitError when the route cannot serve out.
func (r Route) Due(out decimal.Decimal) (decimal.Decimal, error) {
	if out.Sign() <= 0 {
		return decimal.Zero, errors.New("the amount to be paid out must be above 0")
	}
	if !r.priced() {
		return decimal.Zero, &LimitError{Kind: NoRate, Reserve: r.Rate.Amount}
	}
	if r.To.DecimalsKnown {
		out = out.RoundCeil(r.To.Decimals)
	}
	in, ok := r.smallestIn(out)
	limit := func(k LimitKind) error {
		return &LimitError{Kind: k, In: in, Min: r.From.Min, Max: r.From.Max, Reserve: r.Rate.Amount}
	}
	switch {
	case !ok, !r.meant(in, out):
		return decimal.Zero, limit(NoRate)
	case r.Rate.AmountKnown && out.GreaterThan(r.Rate.Amount):
		return decimal.Zero, limit(NoReserve)
	case in.LessThan(r.From.Min):
		return decimal.Zero, limit(BelowMin)
	case r.From.Max.Sign() > 0 && in.GreaterThan(r.From.Max):
		return decimal.Zero, limit(AboveMax)
	}
	return in, nil
}

// priced says whether the rate can be divided by and the fee takes nothing less than nothing.
func (r Route) priced() bool { return r.Rate.In.Sign() > 0 && r.Rate.Out.Sign() > 0 }

// What no price that is meant comes near: that much to pay, or paying out that many times what is asked for.
var (
	mostDue  = decimal.New(1, 15)
	mostOver = decimal.New(1, 15)
)

// meant tells whether a computed price can be one. A rate that was misread or mistyped by many digits is no rate: nobody is to see a price of nothing,
// or of more than there is, and no other site with the same currency loses against it.
func (r Route) meant(in, out decimal.Decimal) bool {
	return in.LessThanOrEqual(mostDue) && r.Out(in).LessThanOrEqual(out.Mul(mostOver))
}

func (r Route) outPlaces() int32 {
	if r.To.DecimalsKnown {
		return r.To.Decimals
	}
	return 8 // two would swallow small amounts of a coin
}

// percentLeft is 100 less the discount that paying in earns: that of the highest bound which in exceeds.
func (r Route) percentLeft(in decimal.Decimal) decimal.Decimal {
	left := hundred
	for _, d := range r.From.Discounts {
		if in.GreaterThan(d.MoreThan) {
			left = hundred.Sub(d.Percent)
		}
	}
	return left
}

// smallestIn tries each step of the discounts, from the lowest amounts up, and takes the first amount of that step which
// is enough: paying slightly more to earn a discount is never asked for where less would do.
func (r Route) smallestIn(out decimal.Decimal) (decimal.Decimal, bool) {
	places := r.From.Decimals
	unit := decimal.New(1, -places)
	lowest := unit // of the step
	for i := 0; i <= len(r.From.Discounts); i++ {
		left := hundred
		if i > 0 {
			d := r.From.Discounts[i-1]
			left = hundred.Sub(d.Percent)
			lowest = decimal.Max(unit, d.MoreThan.RoundFloor(places).Add(unit)) // the first amount above the bound
		}
		need := ceilDiv(out.Add(r.Rate.OutFeeAmount).Mul(r.Rate.In).Mul(left), r.Rate.Out.Mul(hundred), places)
		in := decimal.Max(need, lowest)
		if i == len(r.From.Discounts) || in.LessThanOrEqual(r.From.Discounts[i].MoreThan) {
			return in, in.Sign() > 0
		}
	}
	return decimal.Zero, false
}

// ceilDiv is a ÷ b rounded up at places; b is above 0.
func ceilDiv(a, b decimal.Decimal, places int32) decimal.Decimal {
	q, rest := a.QuoRem(b, places)
	if rest.Sign() > 0 {
		q = q.Add(decimal.New(1, -places))
	}
	return q
}
