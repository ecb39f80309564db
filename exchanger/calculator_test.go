package exchanger

import (
	"errors"
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

func priced(in, out, fee string, from, to int32) Route {
	return Route{Rate: Rate{In: dec(in), Out: dec(out), OutFeeAmount: dec(fee)},
		From: Side{Decimals: from, DecimalsKnown: true}, To: Side{Decimals: to, DecimalsKnown: true}}
}

func TestDueRoundsUpForTheMerchant(t *testing.T) {
	steps := priced("1", "2", "0", 2, 2)
	steps.From.Discounts = []Discount{{dec("10"), dec("5")}, {dec("100"), dec("10")}}
	for _, tt := range []struct {
		name string
		r    Route
		out  string
		want string
	}{
		{"an even division stays exact", priced("1", "2", "0", 2, 2), "10", "5"},
		{"a tail is rounded up, never down", priced("1", "3", "0", 2, 2), "10", "3.34"},
		{"the flat fee is the customer's", priced("1", "2", "1", 2, 2), "10", "5.5"},
		{"dust costs one whole unit", priced("1", "1", "0", 2, 3), "0.001", "0.01"},
		{"a price finer than the payout currency is rounded up", priced("1", "1", "0", 4, 2), "25.005", "25.01"},
		{"eight decimals", priced("0.0004", "1", "0", 8, 2), "25.01", "0.010004"},
		{"a currency without decimals", priced("90.5", "1", "0", 0, 2), "10", "905"},
		{"just below a discount", steps, "20", "10"},
		{"just above a discount, which lowers the amount no further than its bound", steps, "20.01", "10.01"},
		{"a discount", steps, "40", "19"},
		{"the second discount", steps, "400", "180"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.r.Due(dec(tt.out))
			if err != nil || !got.Equal(dec(tt.want)) {
				t.Errorf("%s %v, want %s", got, err, tt.want)
			}
		})
	}
}

// TestARateOutOfAllBoundsIsNoRate: an exchanger's answer that would make a price of nothing, or of more than there is, prices nothing.
func TestARateOutOfAllBoundsIsNoRate(t *testing.T) {
	for _, tt := range []struct {
		name string
		r    Route
		good bool
	}{
		{"a price of nothing", priced("0.00000000000000000001", "100000000000000000000", "0", 8, 2), false},
		{"more than there is", priced("1000000000000000000000000000000", "0.000001", "0", 8, 2), false},
		{"a fee of more than there is", priced("1", "1", "1000000000000000000", 2, 2), false},
		{"a coin without decimals that is worth much", priced("1", "60000", "0", 0, 2), true},
		{"a coin that is worth little", priced("1", "0.0000000001", "0", 0, 2), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in, err := tt.r.Due(dec("25"))
			var limit *LimitError
			if tt.good != (err == nil) || err != nil && (!errors.As(err, &limit) || limit.Kind != NoRate) {
				t.Fatalf("%s, %v", in, err)
			}
		})
	}
}

func TestOutIsTheExchangersOwnCalculator(t *testing.T) {
	r := priced("3", "1", "0.5", 2, 2)
	for in, want := range map[string]string{"3": "0.5", "6.01": "1.5", "6.02": "1.51", "1": "0", "0": "0"} {
		if got := r.Out(dec(in)); !got.Equal(dec(want)) {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	if got := (Route{}).Out(dec("1")); !got.IsZero() {
		t.Errorf("without a rate: %s", got)
	}
}

func TestDueNamesTheLimit(t *testing.T) {
	r := priced("1", "1", "0", 2, 2)
	r.From.Min, r.From.Max, r.Rate.Amount, r.Rate.AmountKnown = dec("10"), dec("100"), dec("500"), true
	empty := r
	empty.Rate.Amount = decimal.Zero
	unknown := r
	unknown.Rate.Amount, unknown.Rate.AmountKnown = decimal.Zero, false
	for _, tt := range []struct {
		name string
		r    Route
		out  string
		want LimitKind
	}{
		{"the minimum itself is payable", r, "10", ""},
		{"a hundredth less is not", r, "9.99", BelowMin},
		{"the maximum itself is payable", r, "100", ""},
		{"a hundredth more is not", r, "100.01", AboveMax},
		{"more than the reserve", r, "500.01", NoReserve},
		{"no reserve at all", empty, "20", NoReserve},
		{"a reserve that was not told is no limit", unknown, "20", ""},
		{"no rate", Route{}, "20", NoRate},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tt.r.Due(dec(tt.out))
			var l *LimitError
			if tt.want == "" && err != nil || tt.want != "" && (!errors.As(err, &l) || l.Kind != tt.want || l.Error() == "") {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
	if _, err := r.Due(dec("0")); err == nil {
		t.Error("0 is payable")
	}
}

// anyRoute draws a route without limits; discounts rise with their bounds, as exchangers set them.
func anyRoute(t *rapid.T) Route {
	positive := func(name string) decimal.Decimal {
		return decimal.New(rapid.Int64Range(1, 1e9).Draw(t, name), rapid.Int32Range(-8, 0).Draw(t, name+" exponent"))
	}
	r := Route{Rate: Rate{In: positive("rate.in"), Out: positive("rate.out")},
		From: Side{Decimals: rapid.Int32Range(0, 9).Draw(t, "from decimals"), DecimalsKnown: true},
		To:   Side{Decimals: rapid.Int32Range(0, 9).Draw(t, "to decimals"), DecimalsKnown: true}}
	if rapid.Bool().Draw(t, "fee") {
		r.Rate.OutFeeAmount = positive("fee")
	}
	bound, percent := decimal.Zero, int64(0)
	for range rapid.IntRange(0, 4).Draw(t, "discounts") {
		bound = bound.Add(positive("bound"))
		percent = min(percent+rapid.Int64Range(0, 2400).Draw(t, "percent"), 9900)
		r.From.Discounts = append(r.From.Discounts, Discount{bound, decimal.New(percent, -2)})
	}
	return r
}

// exact is what in buys before any rounding, times a positive number: enough for comparing with an amount.
func enough(r Route, in, out decimal.Decimal) bool {
	left := r.percentLeft(in)
	return in.Mul(r.Rate.Out).Mul(hundred).GreaterThanOrEqual(out.Add(r.Rate.OutFeeAmount).Mul(r.Rate.In).Mul(left))
}

// beyond tells whether a price was refused for being out of all bounds.
func beyond(r Route, out decimal.Decimal, err error) bool {
	var limit *LimitError
	return errors.As(err, &limit) && limit.Kind == NoRate && (limit.In.GreaterThan(mostDue) || r.Out(limit.In).GreaterThan(out.Mul(mostOver)))
}

func TestDueAlwaysPaysEnoughAndNeverAUnitTooMuch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyRoute(t)
		out := decimal.New(rapid.Int64Range(1, 1e12).Draw(t, "out"), rapid.Int32Range(-8, 0).Draw(t, "out exponent"))
		in, err := r.Due(out)
		if beyond(r, out, err) {
			return
		}
		if err != nil {
			t.Fatalf("%v", err)
		}
		if got := r.Out(in); got.LessThan(out) {
			t.Fatalf("%s pays out %s, less than %s", in, got, out)
		}
		if !in.Equal(in.Truncate(r.From.Decimals)) || in.Sign() <= 0 {
			t.Fatalf("%s is not payable with %d decimals", in, r.From.Decimals)
		}
		wanted := out.RoundCeil(r.To.Decimals)
		less := in.Sub(decimal.New(1, -r.From.Decimals))
		if !enough(r, in, wanted) || less.Sign() > 0 && enough(r, less, wanted) {
			t.Fatalf("due %s for %s: enough %v, a unit less is enough too", in, wanted, enough(r, in, wanted))
		}
	})
}

func TestDueGrowsWithThePrice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyRoute(t)
		a := decimal.New(rapid.Int64Range(1, 1e12).Draw(t, "a"), -6)
		b := a.Add(decimal.New(rapid.Int64Range(0, 1e9).Draw(t, "more"), -6))
		ina, erra := r.Due(a)
		inb, errb := r.Due(b)
		if beyond(r, a, erra) || beyond(r, b, errb) {
			return
		}
		if erra != nil || errb != nil || ina.GreaterThan(inb) {
			t.Fatalf("%s costs %s (%v), %s costs %s (%v)", a, ina, erra, b, inb, errb)
		}
	})
}

func ExampleRoute_Due() {
	r := Route{Rate: Rate{In: decimal.RequireFromString("1"), Out: decimal.RequireFromString("3"), OutFeeAmount: decimal.RequireFromString("1")},
		From: Side{Decimals: 2}}
	due, err := r.Due(decimal.RequireFromString("25"))
	fmt.Println(due, err)
	// Output: 8.67 <nil>
}
