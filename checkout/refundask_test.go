package checkout

import (
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
