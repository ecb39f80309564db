package admin

import (
	"math"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"mostrador/config"
)

func TestAScaleHasRoundLinesAndHoldsWhatIsDrawn(t *testing.T) {
	for _, tt := range []struct {
		low, high float64
		want      string
	}{{93.6, 100.1, "92"}, {0.00001231, 0.00001239, "0.00001230"}, {100, 100, "99"}, {3e9, 7e9, "3,000,000,000"}, {1, 1.0000004, "1.0000000"}, {1e6, 1000000.0000000001, "990,000"}} {
		ticks, from, to := scaleOf(tt.low, tt.high, "en")
		if n := len(ticks); n < 2 || n > 8 || from > tt.low || to < tt.high {
			t.Errorf("%v to %v: %d lines from %v to %v", tt.low, tt.high, n, from, to)
		}
		if ticks[0].Label != tt.want {
			t.Errorf("%v to %v: begins with %s, want %s", tt.low, tt.high, ticks[0].Label, tt.want)
		}
	}
}

// TestAScaleOfWhateverRates: what an exchanger says of its rates makes no picture endless.
func TestAScaleOfWhateverRates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := func(name string) float64 {
			return rapid.Float64Range(1, 10).Draw(t, name) * math.Pow10(rapid.IntRange(-30, 30).Draw(t, name+" digits"))
		}
		low := rate("low")
		high := rapid.OneOf(rapid.Custom(func(t *rapid.T) float64 { return low * (1 + math.Pow10(rapid.IntRange(-17, 2).Draw(t, "apart"))) }),
			rapid.Just(math.Nextafter(low, math.Inf(1))), rapid.Just(low), rapid.Just(low+rate("more"))).Draw(t, "high")
		ticks, from, to := scaleOf(low, high, "en")
		if n := len(ticks); n < 2 || n > 8 {
			t.Fatalf("%d lines", n)
		}
		slack := low * 1e-12 // of a float
		if !(from <= low+slack && to >= high-slack && from < to) {
			t.Fatalf("from %v to %v", from, to)
		}
		seen := map[string]bool{}
		for i, x := range ticks {
			if seen[x.Label] || i > 0 && x.Value <= ticks[i-1].Value {
				t.Fatalf("line %d is %s at %v", i, x.Label, x.Value)
			}
			seen[x.Label] = true
		}
	})
}

func TestRatesThatNobodyMeansAreNotDrawn(t *testing.T) {
	for _, tt := range []struct {
		in, out string
		drawn   bool
	}{{"1", "0.00001", true}, {"3", "7", true}, {"1", "100000000000000000000", false}, {"1", "0.00000000000000001", false}, {"0.000000000000001", "1000000", false}, {"0", "1", false}, {"1", "0", false}} {
		rate, ok := drawable(decimal.RequireFromString(tt.in), decimal.RequireFromString(tt.out))
		if ok != tt.drawn || ok && !config.PayoutRate(rate) {
			t.Errorf("%s for %s: %s, %t", tt.out, tt.in, rate, ok)
		}
	}
}
