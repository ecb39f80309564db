package sandbox

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// jsText is how JavaScript, in which the platform is written, prints a number: no zeros at the end, an exponent below 1e-6.
func jsText(d decimal.Decimal) string {
	if !d.IsZero() && d.Abs().LessThan(decimal.New(1, -6)) {
		f, _ := d.Float64()
		text := strconv.FormatFloat(f, 'e', -1, 64)
		return strings.Replace(text, "e-0", "e-", 1)
	}
	return d.String()
}

// number is a JSON number, or a string where a double would lose digits.
func number(d decimal.Decimal) any {
	if d.NumDigits() > 15 {
		return d.String()
	}
	return json.RawMessage(jsText(d))
}

// mixed is a JSON number or a JSON string: clients meet both [client].
func mixed(asText bool, d decimal.Decimal) any {
	if asText {
		return d.String()
	}
	return number(d)
}

// parseAmount reads a decimal that a stranger wrote, and refuses what only burns memory.
func parseAmount(text string) (decimal.Decimal, error) {
	if len(text) > 60 {
		return decimal.Zero, fmt.Errorf("too long for an amount")
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		return decimal.Zero, fmt.Errorf("want a number such as 12.5")
	}
	if d.Exponent() < -40 || d.Exponent() > 40 {
		return decimal.Zero, fmt.Errorf("out of range")
	}
	return d, nil
}
