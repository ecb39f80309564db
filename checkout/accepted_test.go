package checkout

import (
	"testing"
	"time"

	"mostrador/exchanger"
	"mostrador/models"
)

func TestWhatAPersonAccepted(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	rules := Rules{SettleOn: exchanger.StatusDone, Underpaid: units("0.005")}
	for _, tt := range []struct {
		name, accepted, contradiction, status, stock, want, reason string
	}{
		{"stays paid when the status becomes known again", WhyUnknownStatus, "", "waitPayment", StockTaken, Paid, ""},
		{"goes to a person again when the money is sent back", WhyUnknownStatus, "", "returned", StockTaken, Review, WhyReturnedAfterPaid},
		{"and when the exchange order is deleted", WhyUnknownStatus, "", "deleted", StockTaken, Review, WhyDeletedAfterPaid},
		{"and when it contradicts itself otherwise", WhyUnknownStatus, WhyPayoutChanged, "inProgress", StockTaken, Review, WhyPayoutChanged},
		{"is not sold without goods", WhyPayoutChanged, WhyPayoutChanged, "inProgress", StockShort, Review, WhyOutOfStock},
		{"two reasons do not take turns", WhyPayoutChanged + " " + WhyOutOfStock, WhyPayoutChanged, "inProgress", StockShort, Paid, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := models.Order{Status: Paid, Currency: "USD", Total: 2500, Accepted: tt.accepted, Stock: tt.stock, PaidAt: &now}
			got := conclude(o, []models.Payment{{Phase: PhaseLive, UID: "1", Status: tt.status, Contradiction: tt.contradiction, PayoutRate: units("1")}}, rules, now)
			if got.Status != tt.want || got.ReviewReason != tt.reason {
				t.Fatalf("order is %s (%s), want %s (%s)", got.Status, got.ReviewReason, tt.want, tt.reason)
			}
		})
	}
}
