package money

import "strings"

// symbols are written instead of the code where everybody knows them and they are not shared by several currencies in one shop.
var symbols = map[string]string{"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "RUB": "₽", "UAH": "₴", "INR": "₹", "KRW": "₩", "TRY": "₺", "ILS": "₪"}

// nbsp keeps an amount and its currency on one line.
const nbsp = "\u00a0"

// Number writes plain digits ("1234.50") in the habit of a language: en 1,234.50, es 1.234,50, ru 1 234,50. Only digits, an optional minus
// and one point are touched; everything else comes back as it was. Works on text so that no digit is ever lost.
func Number(digits, lang string) string {
	sign := ""
	if rest, ok := strings.CutPrefix(digits, "-"); ok {
		sign, digits = "−", rest
	}
	whole, frac, hasFrac := strings.Cut(digits, ".")
	group, point := ",", "."
	switch lang {
	case "es":
		group, point = ".", ","
	case "ru":
		group, point = nbsp, ","
	}
	// Spanish writes four digits together (RAE, CLDR minimum grouping of 2).
	if n := len(whole); n > 3 && (lang != "es" || n > 4) {
		var b strings.Builder
		for i, r := range whole {
			if i > 0 && (n-i)%3 == 0 {
				b.WriteString(group)
			}
			b.WriteRune(r)
		}
		whole = b.String()
	}
	if hasFrac {
		return sign + whole + point + frac
	}
	return sign + whole
}

// Text writes a shop amount in the habit of a language: $1,234.50 or 1.234,50 $; with a code where there is no symbol: 12.00 CHF.
func (a Amount) Text(lang string) string {
	n := Number(a.String(), lang)
	sym, ok := symbols[a.Currency]
	if !ok {
		return n + nbsp + a.Currency
	}
	if lang == "en" {
		if rest, neg := strings.CutPrefix(n, "−"); neg {
			return "−" + sym + rest
		}
		return sym + n
	}
	return n + nbsp + sym
}
