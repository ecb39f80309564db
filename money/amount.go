package money

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/shopspring/decimal"
)

// Amount is a decimal with its currency's code (USD, BTC). Decimals is how many digits stand behind the point.
type Amount struct {
	Value    decimal.Decimal
	Currency string
	Decimals int32
}

// Why a typed amount is refused.
var (
	ErrNotAmount = errors.New("not an amount: digits with at most one decimal point are wanted")
	ErrDecimals  = errors.New("too many decimals")
	ErrAmbiguous = errors.New("a separator before three digits may mean thousands")
	ErrNegative  = errors.New("an amount above zero is wanted")
	ErrTooLarge  = errors.New("too large")
)

// MaxMinor is the largest amount of the shop currency, in minor units: far above any order, and small enough that a
// million of them add up in 64 bits.
const MaxMinor = 999_999_999_999

// fiat gives the decimals of currencies that have not two (ISO 4217), and of units that shops price in.
var fiat = map[string]int32{
	"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "PYG": 0, "UGX": 0, "XAF": 0, "XOF": 0, "XPF": 0, "RWF": 0, "KMF": 0, "GNF": 0, "DJF": 0, "BIF": 0, "VUV": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
	"BTC": 8, "LTC": 8, "ETH": 8,
}

// Decimals returns how many decimals a shop currency has: 2 unless known otherwise.
func Decimals(currency string) int32 {
	if d, ok := fiat[currency]; ok {
		return d
	}
	return 2
}

// plain is what a person may type: no exponent, no sign, no grouping. A comma may stand for the point.
var plain = regexp.MustCompile(`^[0-9]{1,20}([.,][0-9]{1,18})?$`)

// grouped is what one person writes for thousands and another for decimals: 1,000 and 1.000. Nobody groups behind a zero.
var grouped = regexp.MustCompile(`^[1-9][0-9]*[.,][0-9]{3}$`)

// Parse reads a positive amount of the shop currency as a person types it and returns it in minor units.
// The error is one of ErrNotAmount, ErrAmbiguous, ErrDecimals, ErrNegative (also for zero) and ErrTooLarge.
func Parse(s, currency string) (int64, error) {
	s = strings.TrimSpace(s)
	if rest, ok := strings.CutPrefix(s, "-"); ok && plain.MatchString(rest) {
		return 0, ErrNegative
	}
	if !plain.MatchString(s) {
		return 0, ErrNotAmount
	}
	if grouped.MatchString(s) && Decimals(currency) < 3 {
		return 0, ErrAmbiguous // a thousand paid as one would be found too late
	}
	d, err := decimal.NewFromString(strings.Replace(s, ",", ".", 1))
	if err != nil {
		return 0, ErrNotAmount
	}
	minor, err := ToMinor(d, currency)
	if err != nil {
		return 0, err
	}
	if minor == 0 {
		return 0, ErrNegative
	}
	return minor, nil
}

// Ungrouped writes what Parse found ambiguous as thousands, in the ways that are clear: "1000 / 1000.00".
func Ungrouped(s, currency string) string {
	whole := strings.NewReplacer(".", "", ",", "").Replace(strings.TrimSpace(s))
	if n := Decimals(currency); n > 0 {
		return whole + " / " + whole + "." + strings.Repeat("0", int(n))
	}
	return whole
}

// ToMinor turns a decimal amount of the shop currency into minor units: 12.34 USD is 1234. More decimals than the currency
// has are refused, never rounded.
func ToMinor(d decimal.Decimal, currency string) (int64, error) {
	m := d.Shift(Decimals(currency))
	if !m.Equal(m.Truncate(0)) {
		return 0, ErrDecimals
	}
	if m.Abs().GreaterThan(decimal.NewFromInt(MaxMinor)) {
		return 0, ErrTooLarge
	}
	return m.IntPart(), nil
}

// FromMinor turns minor units of the shop currency into an Amount.
func FromMinor(minor int64, currency string) Amount {
	d := Decimals(currency)
	return Amount{Value: decimal.New(minor, -d), Currency: currency, Decimals: d}
}

// String is the amount as programs read it: plain digits, all decimals, no currency: "12.30".
func (a Amount) String() string { return a.Value.StringFixed(a.Decimals) }

// GoString keeps %#v readable in test failures.
func (a Amount) GoString() string { return fmt.Sprintf("%s %s", a.String(), a.Currency) }

// Exact writes d with at least min decimals and never fewer than it has, so that what is shown is what is stored.
func Exact(d decimal.Decimal, min int32) string {
	if have := -d.Exponent(); have > min {
		s := d.String() // drops trailing zeros
		if i := strings.IndexByte(s, '.'); i >= 0 && int32(len(s)-i-1) >= min {
			return s
		}
	}
	return d.StringFixed(min)
}
