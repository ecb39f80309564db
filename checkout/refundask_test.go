package checkout

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"mostrador/models"
)

func TestWhenACustomerMayAskForMoneyBack(t *testing.T) {
	at := time.Unix(1_800_000_000, 0)
	later := at.Add(time.Hour)
	seen, unseen := []models.Payment{{SeenAt: &at, Status: "inProgressPayout"}}, []models.Payment{{}}
	said, returned := []models.Payment{{SeenAt: &at, Status: "inProgress"}}, []models.Payment{{SeenAt: &at, SettledAt: &at, Status: "returned"}}
	more := append(slices.Clone(seen), models.Payment{SeenAt: &later, SettledAt: &later, Status: "done"})
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
		{"sent back by the exchanger", models.Order{Status: Returned}, returned, nil, false},
		{"sent back by the exchanger, another came", models.Order{Status: Returned}, append(slices.Clone(returned), seen...), nil, true},
		{"sent back after it was paid", models.Order{Status: Review, ReviewReason: WhyReturnedAfterPaid, Received: 5}, returned, nil, false},
		{"expired, and only the customer says that it was paid", models.Order{Status: Expired}, said, nil, false},
		{"expired, then money was seen", models.Order{Status: Expired}, seen, nil, true},
		{"expired without money", models.Order{Status: Expired}, unseen, nil, false},
		{"paid", models.Order{Status: Paid, Received: 5}, seen, nil, false},
		{"paid with too much", models.Order{Status: Paid, Received: 9, Flags: FlagOver}, seen, nil, true},
		{"being exchanged", models.Order{Status: Pending}, seen, nil, false},
		{"asked for already", models.Order{Status: Underpaid}, seen, []models.Refund{{State: RefundAsked}}, false},
		{"sent already", models.Order{Status: Underpaid}, seen, []models.Refund{{State: RefundSent, UpdatedAt: at}}, false},
		{"sent already, then refused", models.Order{Status: Underpaid}, seen, []models.Refund{{State: RefundSent, UpdatedAt: at}, {State: RefundRefused, UpdatedAt: later}}, false},
		{"sent before more came", models.Order{Status: Underpaid}, more, []models.Refund{{State: RefundSent, UpdatedAt: at}}, true},
		{"sent after all of it came", models.Order{Status: Underpaid}, more, []models.Refund{{State: RefundSent, UpdatedAt: later}}, false},
		{"refused", models.Order{Status: Underpaid}, seen, []models.Refund{{State: RefundRefused}}, true},
	} {
		if got := MayAskRefund(&tt.order, tt.list, tt.refunds); got != tt.may {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.may)
		}
	}
}

func TestTheAddressOfARefundIsCheckedHoweverItsNetworkIsSpelled(t *testing.T) {
	w := newWorld(t, "sqlite:"+t.TempDir()+"/t.db")
	p := &models.Payment{FromXML: "BTC", FromSymbol: "BTC"}
	const btc, eth = "bc1qnr2sjnkj3wgqu2t5s8lu5qpfmww2um5fc8e4uf", "0x52908400098527886E0F7030069857D2E4169EE7"
	for _, tt := range []struct {
		network, address string
		fits             bool
	}{
		{"Bitcoin", btc, true}, {"bitcoin", btc, true}, {" BITCOIN network", btc, true}, {"btc", btc, true}, {"whatever", btc, true},
		{"Bitcoin", eth, false}, {"bitcoin", eth, false}, {"Bitcoin network", eth, false}, {"BTC", eth, false}, {"whatever", eth, false},
		{"ethereum", eth, true}, {"ERC-20", eth, true}, {"erc20", btc, false}, {"bep20", eth, true}, {"trc-20", eth, false},
	} {
		problem, err := w.svc.checkRefund(context.Background(), p, RefundAsk{Address: tt.address, Network: tt.network})
		if err != nil || (problem == nil) != tt.fits {
			t.Errorf("%s on %q: %v %v, want fits %t", tt.address, tt.network, problem, err, tt.fits)
		}
	}
}

func TestWhatARefusalSaysIsCountedInCharacters(t *testing.T) {
	for _, tt := range []struct {
		answer, code string
	}{
		{strings.Repeat("я", 500), ""}, {strings.Repeat("я", 501), "refund_answer_long"}, {"no\x00", "text_invalid"}, {"\xff", "text_invalid"},
	} {
		_, p := RefundAnswer{Answer: tt.answer}.check()
		if got := code(p); got != tt.code {
			t.Errorf("%.10q: %q, want %q", tt.answer, got, tt.code)
		}
	}
	if _, p := (RefundInput{Amount: "1", Currency: "USD", Reason: strings.Repeat("я", 500)}).check(); p != nil {
		t.Errorf("500 characters of reason: %v", p)
	}
}

func code(p *Problem) string {
	if p == nil {
		return ""
	}
	return p.Code
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
