package checkout

import (
	"strings"
	"testing"

	"mostrador/exchanger"
)

func TestCurrenciesAreFoundByTheirKind(t *testing.T) {
	for _, tt := range []struct {
		code, name, symbol string
		words              string // each is found; a word after - is not
		bank               bool
	}{
		{"CARDUSD", "Visa/Mastercard USD", "USD", "card tarjeta карта dollar dólar доллар -перевод -wallet", true},
		{"SEPAEUR", "SEPA transfer EUR", "EUR", "bank banco банк euro евро -доллар -card", true},
		{"BANKUSD", "Bank transfer USD", "USD", "bank banco банк доллар -карта", true},
		{"WMZ", "WebMoney", "WMZ", "wallet monedero кошелёк кошелек dollar -card", false},
		{"CASHEUR_C_MAD", "Cash EUR Madrid", "EUR", "cash efectivo наличные евро -bank", false},
		{"BTC", "Bitcoin", "BTC", "-card -bank -wallet -cash -dollar", false},
		{"BCH", "Bitcoin Cash", "BCH", "-card -efectivo", false},
		{"ADA", "Cardano", "ADA", "-tarjeta", false},
	} {
		c := exchanger.Currency{XML: tt.code, Name: tt.name, Symbol: tt.symbol}
		words, bank := KindOf(c)
		if bank != tt.bank {
			t.Errorf("%s: by bank is %v", tt.code, !tt.bank)
		}
		for _, w := range strings.Fields(tt.words) {
			not := strings.TrimPrefix(w, "-")
			if strings.Contains(words, not) != (not == w) {
				t.Errorf("%s: %s in %q", tt.code, w, words)
			}
		}
	}
}
