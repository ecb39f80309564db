package money

import "github.com/shopspring/decimal"

// Of a number with more digits, or digits farther from the point, the sums of a page would take the whole memory.
const (
	mostDigits   = 100
	mostExponent = 60
)

// MaxText is the most characters of a number that can be reckoned with.
const MaxText = 2 * mostDigits

// Sound tells whether a number can be reckoned with. What is no such number is neither taken from an exchanger nor kept: who reads it again could not.
func Sound(d decimal.Decimal) bool {
	e := d.Exponent()
	return e >= -mostExponent && e <= mostExponent && d.NumDigits() <= mostDigits
}
