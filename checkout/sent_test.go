package checkout

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"mostrador/messages"
	"mostrador/models"
)

func TestSeveralPaymentsAreSaidTogether(t *testing.T) {
	at := time.Now()
	pay := func(in, symbol string, settled bool) models.Payment {
		p := models.Payment{FromSymbol: symbol, FromDecimals: 6, SettledIn: decimal.NewNullDecimal(decimal.RequireFromString(in))}
		if settled {
			p.SettledAt = &at
		}
		return p
	}
	for _, tt := range []struct {
		list []models.Payment
		want string
	}{
		{nil, ""},
		{[]models.Payment{pay("12.209927", "XRP", true)}, ""},
		{[]models.Payment{pay("12.208703", "XRP", true), pay("1", "BTC", false)}, ""},
		{[]models.Payment{pay("12.208703", "XRP", true), pay("12.209927", "XRP", true)}, "24.41863\u00a0XRP in 2 payments"},
		{[]models.Payment{pay("1", "XRP", true), pay("2", "BTC", true), pay("3", "BTC", true)}, "3 payments"},
	} {
		if got := SentIn(messages.For("en"), tt.list); got != tt.want {
			t.Errorf("%q, not %q", got, tt.want)
		}
	}
}

func TestOnlySomeFieldsStandInAWallet(t *testing.T) {
	for name, want := range map[string]bool{"LTC refund address": true, "Your WMZ purse": true, "Номер кошелька": true, "Tu monedero": true, "Phone": false, "E-mail address": false, "Teléfono": false} {
		if InWallet(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}
