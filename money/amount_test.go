package money

import (
	"errors"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		name, in, currency string
		want               int64
		err                error
	}{
		{"whole units", "25", "USD", 2500, nil},
		{"cents", "25.5", "USD", 2550, nil},
		{"a comma is a point", "25,50", "USD", 2550, nil},
		{"spaces around are forgiven", " 25 ", "USD", 2500, nil},
		{"a currency without cents", "25", "JPY", 25, nil},
		{"zero buys nothing", "0", "USD", 0, ErrNegative},
		{"zero with cents too", "0.00", "USD", 0, ErrNegative},
		{"a negative amount", "-1", "USD", 0, ErrNegative},
		{"an exponent is not how people write", "1e5", "USD", 0, ErrNotAmount},
		{"NaN", "NaN", "USD", 0, ErrNotAmount},
		{"Infinity", "Infinity", "USD", 0, ErrNotAmount},
		{"hexadecimal", "0x10", "USD", 0, ErrNotAmount},
		{"nothing", "", "USD", 0, ErrNotAmount},
		{"grouping is ambiguous", "1,234.50", "USD", 0, ErrNotAmount},
		{"a comma before three digits may be thousands", "1,000", "USD", 0, ErrAmbiguous},
		{"a point before three digits too", "1.000", "USD", 0, ErrAmbiguous},
		{"whatever the digits are", "12.345", "USD", 0, ErrAmbiguous},
		{"also where there are no cents", "1.500", "JPY", 0, ErrAmbiguous},
		{"three decimals are three decimals where the currency has them", "1.500", "KWD", 1500, nil},
		{"or more of them", "1,500", "BTC", 150000000, nil},
		{"nobody groups behind a zero", "0.500", "USD", 50, nil},
		{"a third decimal", "0.005", "USD", 0, ErrDecimals},
		{"a fourth decimal", "1.0050", "USD", 0, ErrDecimals},
		{"decimals of a currency without", "1.5", "JPY", 0, ErrDecimals},
		{"more than anybody orders", "99999999999999", "USD", 0, ErrTooLarge},
		{"far more", strings.Repeat("9", 40), "USD", 0, ErrNotAmount},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse(tt.in, tt.currency)
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Fatalf("Parse(%q) = %d, %v; want %d, %v", tt.in, got, err, tt.want, tt.err)
			}
		})
	}
}

func TestTextInEachLanguage(t *testing.T) {
	for _, tt := range []struct {
		minor                    int64
		currency, lang, expected string
	}{
		{123450, "USD", "en", "$1,234.50"},
		{123450, "USD", "es", "1234,50\u00a0$"},
		{1234500, "USD", "es", "12.345,00\u00a0$"},
		{123450, "USD", "ru", "1\u00a0234,50\u00a0$"},
		{1200, "CHF", "en", "12.00\u00a0CHF"},
		{-1200, "USD", "en", "−$12.00"},
		{1234567, "JPY", "en", "¥1,234,567"},
	} {
		if got := FromMinor(tt.minor, tt.currency).Text(tt.lang); got != tt.expected {
			t.Errorf("%d %s in %s: got %q, want %q", tt.minor, tt.currency, tt.lang, got, tt.expected)
		}
	}
}

func TestMinorUnitsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minor := rapid.Int64Range(1, MaxMinor).Draw(t, "minor")
		cur := rapid.SampledFrom([]string{"USD", "JPY", "KWD", "BTC"}).Draw(t, "currency")
		back, err := Parse(FromMinor(minor, cur).String(), cur)
		if err != nil || back != minor {
			t.Fatalf("%d %s came back as %d, %v", minor, cur, back, err)
		}
	})
}

func TestNumberLosesNoDigit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := decimal.New(rapid.Int64().Draw(t, "coefficient"), -rapid.Int32Range(0, 18).Draw(t, "decimals"))
		digits := func(s string) string {
			return strings.Map(func(r rune) rune {
				if r < '0' || r > '9' {
					return -1
				}
				return r
			}, s)
		}
		for _, lang := range []string{"en", "es", "ru"} {
			if got := Number(d.StringFixed(18), lang); digits(got) != digits(d.StringFixed(18)) {
				t.Fatalf("%s in %s became %s", d, lang, got)
			}
		}
	})
}

func TestExactShowsWhatIsStored(t *testing.T) {
	for _, tt := range []struct {
		in   string
		min  int32
		want string
	}{{"0.1", 2, "0.10"}, {"0.10000000", 8, "0.10000000"}, {"0.123456789", 2, "0.123456789"}, {"5", 0, "5"}, {"1.2300", 2, "1.23"}} {
		if got := Exact(decimal.RequireFromString(tt.in), tt.min); got != tt.want {
			t.Errorf("Exact(%s, %d) = %s, want %s", tt.in, tt.min, got, tt.want)
		}
	}
}
