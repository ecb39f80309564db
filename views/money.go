package views

import (
	"strings"
	"unicode/utf8"
)

// Money is an amount as a person reads it, in the habit of the page's language.
type Money struct {
	Amount string // "0.00040012", or with its sign "$42.50"
	Unit   string // "BTC"; "" where Amount carries a sign
}

// nbsp keeps an amount and its currency on one line.
const nbsp = "\u00a0"

// MoneyOf splits a finished text such as "0.00040012 BTC" at its last no-break space, so that the page can mute the unit. A text that ends in a
// digit or in a currency sign stays whole.
func MoneyOf(text string) Money {
	i := strings.LastIndex(text, nbsp)
	if i < 0 || utf8.RuneCountInString(text[i+len(nbsp):]) < 2 || strings.ContainsAny(text[i:], "0123456789") && !strings.ContainsAny(text[i:], "ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		return Money{Amount: text}
	}
	return Money{Amount: text[:i], Unit: text[i+len(nbsp):]}
}

// Text is the amount with its unit on one line.
func (m Money) Text() string {
	if m.Unit == "" {
		return m.Amount
	}
	return m.Amount + nbsp + m.Unit
}

// Empty tells whether there is no amount.
func (m Money) Empty() bool { return m.Amount == "" }

// long tells whether the amount is set smaller so that it stays on one line at 320 pixels.
func (m Money) long() bool { return utf8.RuneCountInString(m.Text()) > 15 }
