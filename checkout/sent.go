package checkout

import (
	"regexp"
	"strings"

	"github.com/shopspring/decimal"

	"mostrador/messages"
	"mostrador/models"
	"mostrador/money"
)

// SentIn says what a customer sent in several settled payments: their sum where all were in one currency, else how many they were. It is "" where
// one payment brought everything: then that one's own amount says it.
func SentIn(p messages.Printer, payments []models.Payment) string {
	n, mixed, sum, symbol, decimals := 0, false, decimal.Zero, "", int32(0)
	for i := range payments {
		pay := &payments[i]
		if pay.SettledAt == nil {
			continue
		}
		in := pay.QuotedIn
		for _, d := range []decimal.NullDecimal{pay.SettledIn, pay.CurrentIn, pay.OrderedIn} {
			if d.Valid {
				in = d.Decimal
				break
			}
		}
		n++
		mixed = mixed || n > 1 && symbol != pay.FromSymbol
		sum, symbol, decimals = sum.Add(in), pay.FromSymbol, pay.FromDecimals
	}
	switch {
	case n < 2:
		return ""
	case mixed:
		return p.Count("order.sent_payments", n)
	}
	return p.Count("order.sent_sum", n, "amount", money.Number(money.Exact(sum, min(2, decimals)), p.Lang())+"\u00a0"+symbol)
}

var walletWords = regexp.MustCompile(`(?i)wallet|purse|address|monedero|billetera|cartera|direcci|кошел|адрес`)

// InWallet tells whether a field of a route, by its name, holds what stands in the payer's wallet.
func InWallet(name string) bool {
	return walletWords.MatchString(name) && !strings.Contains(strings.ToLower(name), "mail")
}
