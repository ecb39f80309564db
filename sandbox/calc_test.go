package sandbox

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

func TestCalculator(t *testing.T) {
	base := terms{In: dec("1"), Out: dec("2"), Fee: dec("0"), FromPlace: 2, ToPlace: 2}
	for _, tt := range []struct {
		name    string
		change  func(*terms)
		in, out string // in pays out
		asked   string // out is asked for
		costs   string
	}{
		{"an even rate", func(*terms) {}, "10", "20", "20", "10"},
		{"the flat fee is the payer's", func(t *terms) { t.Fee = dec("1") }, "10", "19", "19", "10"},
		{"half a unit is rounded up", func(t *terms) { t.In = dec("8") }, "0.02", "0.01", "0.01", "0.04"},
		{"a third is rounded to the nearest", func(t *terms) { t.In = dec("3") }, "10", "6.67", "6.67", "10.01"},
		{"a discount above its bound", func(t *terms) { t.Discounts = []discount{{dec("5"), dec("50")}} }, "10", "40", "40", "10"},
		{"no discount at its bound", func(t *terms) { t.Discounts = []discount{{dec("10"), dec("50")}} }, "10", "20", "20", "10"},
		{"the highest discount that is reached", func(t *terms) {
			t.Discounts = []discount{{dec("5"), dec("10")}, {dec("20"), dec("50")}}
		}, "9", "20", "20", "9"},
		{"whole units only", func(t *terms) { t.FromPlace, t.ToPlace = 0, 0; t.Out = dec("0.5") }, "3", "2", "2", "4"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			terms := base
			tt.change(&terms)
			out, err := terms.pays(dec(tt.in))
			if err != nil || !out.Equal(dec(tt.out)) {
				t.Errorf("%s pays out %s, %v, want %s", tt.in, out, err, tt.out)
			}
			if in := terms.costs(dec(tt.asked)); !in.Equal(dec(tt.costs)) {
				t.Errorf("%s costs %s, want %s", tt.asked, in, tt.costs)
			}
		})
	}
	t.Run("less than the fee pays nothing", func(t *testing.T) {
		terms := base
		terms.Fee = dec("5")
		if out, err := terms.pays(dec("2")); err == nil {
			t.Errorf("paid out %s", out)
		}
	})
}

// What an amount costs pays out that amount again, but for half a unit of rounding on either side.
func TestCostsAndPaysAgree(t *testing.T) {
	amount := func(t *rapid.T, name string, least, most int64) decimal.Decimal {
		return decimal.New(rapid.Int64Range(least, most).Draw(t, name), -4)
	}
	rapid.Check(t, func(t *rapid.T) {
		terms := terms{
			In: amount(t, "in", 1, 1e8), Out: amount(t, "out", 1, 1e8), Fee: amount(t, "fee", 0, 1e5), FromPlace: 8, ToPlace: 2,
			Discounts: []discount{{amount(t, "bound", 1, 1e7), dec("0.3")}},
		}
		want := decimal.New(rapid.Int64Range(1, 1e9).Draw(t, "cents"), -2)
		in := terms.costs(want)
		if !in.IsPositive() {
			t.Skip("a dust of from")
		}
		got, err := terms.pays(in)
		if err != nil {
			t.Skip("rounded down to nothing")
		}
		unit := terms.Out.DivRound(terms.discounted(dec("0.3")), 20).Mul(decimal.New(1, -8)) // one unit of from, in to
		if got.Sub(want).Abs().GreaterThan(unit.Add(dec("0.01"))) {
			t.Fatalf("asked %s, costs %s, pays %s", want, in, got)
		}
	})
}

func TestRatesWobbleALittleAndRepeatably(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	open := func(seed uint64) *Sandbox {
		s, err := New(Config{Seed: seed, Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	a, b, other := open(1), open(1), open(2)
	btc := a.cat.currency("BTC")
	moved, differs := false, false
	for i := range 200 {
		at := now.Add(time.Duration(i) * wobbleEvery)
		p := a.price(btc, at, Faults{})
		if !p.Equal(b.price(btc, at, Faults{})) {
			t.Fatal("the same seed gives another rate")
		}
		moved = moved || !p.Equal(btc.Price)
		differs = differs || !p.Equal(other.price(btc, at, Faults{}))
		if p.Sub(btc.Price).Abs().Div(btc.Price).GreaterThan(dec("0.0015")) {
			t.Fatalf("rate jumped to %s", p)
		}
		if still := a.price(btc, at, Faults{RatesStill: true}); !still.Equal(btc.Price) {
			t.Fatal("a rate that stands still moved")
		}
	}
	if !moved || !differs {
		t.Error("rates do not wobble, or not by the seed")
	}
	r := a.cat.byXML("BTC", "USDTTRC20")
	calm, worse := a.terms(r, Faults{RatesStill: true}), a.terms(r, Faults{RatesStill: true, MoveRates: dec("2")})
	if worse.Out.Sub(calm.Out.Mul(dec("0.98"))).Abs().GreaterThan(dec("0.01")) {
		t.Errorf("2%% worse than %s is %s", calm.Out, worse.Out)
	}
	a.terms(r, Faults{MoveRates: dec("1000")}) // must not divide by nothing
}

func TestNumbersAsJavaScriptPrintsThem(t *testing.T) {
	for in, want := range map[string]string{
		"2": "2", "317.42": "317.42", "42.50": "42.5", "0.0000001": "1e-7", "0.00000123": "0.00000123", "-0.00000025": "-2.5e-7", "0": "0", "100": "100",
	} {
		if got := jsText(dec(in)); got != want {
			t.Errorf("%s is printed %s, want %s", in, got, want)
		}
	}
	if got := number(dec("62.658854663983909845")); got != "62.658854663983909845" {
		t.Errorf("a number that a double cannot hold: %v", got)
	}
}
