package checkout

import (
	"mostrador/messages"
	"mostrador/models"
)

// SentIn says what a customer sent in several settled payments: their sum where all were in one currency, else how many they were. It is "" where
// one payment brought everything: then that one's own amount says it.
func SentIn(p messages.Printer, payments []models.Payment) string {
	n, mixed, sum := 0, false, Units{}
	for i := range payments {
		if payments[i].SettledAt == nil {
			continue
		}
		sent := SentOf(&payments[i])
		n++
		mixed = mixed || n > 1 && sum.Symbol != sent.Symbol
		sent.Value = sent.Value.Add(sum.Value)
		sum = sent
	}
	switch {
	case n < 2:
		return ""
	case mixed:
		return p.Count("order.sent_payments", n)
	}
	return p.Count("order.sent_sum", n, "amount", sum.Text(p.Lang()))
}
