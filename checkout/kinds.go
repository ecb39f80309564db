package checkout

import (
	"regexp"
	"strings"

	"mostrador/exchanger"
)

// kinds are the ways to pay that people look for by another word than the route's name, in every language of the shop.
var kinds = []struct {
	is    *regexp.Regexp // of code and name
	bank  bool           // what everybody has
	words string
}{
	{regexp.MustCompile(`(?i)^card(usd|eur|gbp|rub|uah|kzt|pln|try)|\b(visa|mastercard|card)\b|карт[аы]`), true, "cards tarjetas карта карты банковская"},
	{regexp.MustCompile(`(?i)^(bank|sepa|wire|swift)|\b(bank|sepa|swift)\b|банк`), true, "banks bank transfer banco bancos transferencia bancaria банк банковский перевод"},
	{regexp.MustCompile(`(?i)^cash(usd|eur|gbp|rub|uah)|\bcash [A-Z]{3}\b|наличн`), false, "cash efectivo наличные"},
	{regexp.MustCompile(`(?i)^(wm[ezru]|(pm|pp|pr|advc|skl|ntlr|yam|qw)(usd|eur|gbp|rub))\b|webmoney|paypal|payeer|skrill|neteller|perfect money|advcash|volet`), false, "wallets monederos billetera кошелёк кошелек кошельки"},
}

var moneyWords = map[string]string{
	"USD": "dollars dólares dolares доллар доллары", "EUR": "euros евро", "RUB": "rubles rublos рубль рубли", "GBP": "pounds libras фунт фунты", "UAH": "hryvnia grivnas гривна гривны",
}

// KindOf gives the words beside name and code by which a currency is looked for, and tells whether it is paid by card or through a bank.
func KindOf(c exchanger.Currency) (words string, bank bool) {
	var out []string
	for _, k := range kinds {
		if k.is.MatchString(c.XML) || k.is.MatchString(c.Name) {
			out, bank = append(out, k.words), bank || k.bank
		}
	}
	code := strings.ToUpper(c.Symbol)
	if strings.EqualFold(c.XML, "WMZ") {
		code = "USD" // its unit
	}
	if w := moneyWords[code]; w != "" {
		out = append(out, w)
	}
	return strings.Join(out, " "), bank
}

var walletWords = regexp.MustCompile(`(?i)wallet|purse|address|monedero|billetera|cartera|direcci|кошел|адрес`)

// InWallet tells whether a field of a route, by its name, holds what stands in the payer's wallet.
func InWallet(name string) bool {
	return walletWords.MatchString(name) && !strings.Contains(strings.ToLower(name), "mail")
}
