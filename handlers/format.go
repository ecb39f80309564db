package handlers

import (
	"fmt"
	"strconv"
	"time"

	"mostrador/checkout"
	"mostrador/messages"
	"mostrador/money"
)

// nbsp keeps an amount and its currency on one line.
const nbsp = "\u00a0"

// UnitsText writes an amount of an exchanger's currency with every digit that it has, at least two behind the point, and no zeros after them:
// "0.00040012 BTC", "50.80206 DAI".
func UnitsText(u checkout.Units, lang string) string {
	return CoinText(money.Exact(u.Value, min(2, u.Decimals)), u.Symbol, lang)
}

// CoinText writes plain digits and a currency's symbol in the habit of a language.
func CoinText(digits, symbol, lang string) string {
	return money.Number(digits, lang) + nbsp + symbol
}

// Clock is a time of day: 14:45.
func Clock(t time.Time) string { return t.Format("15:04") }

// Day is a day without its year: "24 November", "24 de noviembre", "24 ноября".
func Day(p messages.Printer, t time.Time) string {
	return p.Text("time.day", "day", t.Day(), "month", p.Text("time.month."+strconv.Itoa(int(t.Month()))))
}

// Date is a day with its year.
func Date(p messages.Printer, t time.Time) string {
	return p.Text("time.date", "day", t.Day(), "month", p.Text("time.month."+strconv.Itoa(int(t.Month()))), "year", t.Year())
}

// Short is the time alone on the day of now, with the day otherwise.
func Short(p messages.Printer, t, now time.Time) string {
	y, m, d := t.Date()
	if ny, nm, nd := now.In(t.Location()).Date(); y == ny && m == nm && d == nd {
		return Clock(t)
	}
	return Day(p, t) + ", " + Clock(t)
}

// Full is day, time and time zone: "24 November 2026, 14:45 UTC".
func Full(p messages.Printer, t time.Time) string {
	return Date(p, t) + ", " + Clock(t) + nbsp + t.Format("MST")
}

// Left writes a duration as a clock counts it down, 1:42:10 or 9:41, and as programs read it.
func Left(d time.Duration) (text, iso string) {
	s := int(max(0, d).Round(time.Second) / time.Second)
	h, m := s/3600, s/60%60
	if h > 0 {
		return fmt.Sprintf("%d:%02d:%02d", h, m, s%60), fmt.Sprintf("PT%dS", s)
	}
	return fmt.Sprintf("%d:%02d", m, s%60), fmt.Sprintf("PT%dS", s)
}
