package admin

import "testing"

func TestAScaleHasRoundLinesAndHoldsWhatIsDrawn(t *testing.T) {
	for _, tt := range []struct {
		low, high float64
		want      string
	}{{93.6, 100.1, "92"}, {0.00001231, 0.00001239, "0.00001230"}, {100, 100, "99"}, {3e9, 7e9, "3,000,000,000"}, {1, 1.0000004, "1.0000000"}} {
		ticks, from, to := scaleOf(tt.low, tt.high, "en")
		if n := len(ticks); n < 2 || n > 8 || from > tt.low || to < tt.high {
			t.Errorf("%v to %v: %d lines from %v to %v", tt.low, tt.high, n, from, to)
		}
		if ticks[0].Label != tt.want {
			t.Errorf("%v to %v: begins with %s, want %s", tt.low, tt.high, ticks[0].Label, tt.want)
		}
	}
}
