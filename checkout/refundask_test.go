package checkout

import (
	"strings"
	"testing"
	"time"

	"mostrador/models"
)

func TestWhenACustomerMayAskForMoneyBack(t *testing.T) {
	at := time.Unix(1_800_000_000, 0)
	seen, unseen := []models.Payment{{SeenAt: &at}}, []models.Payment{{}}
	for _, tt := range []struct {
		name    string
		order   models.Order
		list    []models.Payment
		refunds []models.Refund
		may     bool
	}{
		{"underpaid", models.Order{Status: Underpaid, Received: 5}, seen, nil, true},
		{"under review", models.Order{Status: Review, ReviewReason: WhyOutOfStock}, seen, nil, true},
		{"under review before any money came", models.Order{Status: Review}, unseen, nil, false},
		{"sent back by the exchanger", models.Order{Status: Returned}, seen, nil, true},
		{"expired, then money was seen", models.Order{Status: Expired}, seen, nil, true},
		{"expired without money", models.Order{Status: Expired}, unseen, nil, false},
		{"paid", models.Order{Status: Paid, Received: 5}, seen, nil, false},
		{"paid with too much", models.Order{Status: Paid, Received: 9, Flags: FlagOver}, seen, nil, true},
		{"being exchanged", models.Order{Status: Pending}, seen, nil, false},
		{"asked for already", models.Order{Status: Underpaid}, seen, []models.Refund{{State: RefundAsked}}, false},
		{"sent already", models.Order{Status: Underpaid}, seen, []models.Refund{{State: RefundAsked}, {State: RefundSent}}, false},
		{"refused", models.Order{Status: Underpaid}, seen, []models.Refund{{State: RefundRefused}}, true},
	} {
		if got := MayAskRefund(&tt.order, tt.list, tt.refunds); got != tt.may {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.may)
		}
	}
}

func TestAnAddressLooksLikeItsNetwork(t *testing.T) {
	for _, tt := range []struct {
		network, address string
		fits             bool
	}{
		{"Solana", "hello", false},
		{"Solana", "7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV", true},
		{"solana", "hello", false},
		{"Bitcoin", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", true},
		{"Litecoin", "LaMT348PWRnrqeeWArpwQPbuanpXDZGEUz", true},
		{"Litecoin", "0x52908400098527886E0F7030069857D2E4169EE7", false},
		{"Polygon", "0x52908400098527886E0F7030069857D2E4169EE7", true},
		{"Polygon", "0x5290", false},
		{"TRON (TRC-20)", "TJRabPrwbZy45sbavfcjinPJC18kjpRTv8", true},
		{"TRON (TRC-20)", "0x52908400098527886E0F7030069857D2E4169EE7", false},
		{"XRP Ledger", "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh", true},
		{"TON", "EQCD39VS5jcptHL8vMjEXrzGaRcCVYto7HUn4bpAOg8xqB2N", true},
		{"Cardano", "addr1qx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer3n0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgse35a3x", true},
		{"Monero", "hello", false},
	} {
		if got := networkPatterns[strings.ToLower(tt.network)].MatchString(tt.address); got != tt.fits {
			t.Errorf("%s on %s: %v", tt.address, tt.network, got)
		}
	}
}
