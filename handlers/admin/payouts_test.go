package admin_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"mostrador/config"
	"mostrador/models"
	"mostrador/staff"
)

// Rule 16: a changed wallet waits, every owner hears of it, and it can be taken back until then.
func TestRule16AChangedPayoutWaitsIsMailedToAllOwnersAndCanBeTakenBack(t *testing.T) {
	guarded := func(c *config.Config) {
		c.Security.PayoutDelay = 24 * time.Hour
		c.Mail = config.Mail{URL: "smtp://127.0.0.1:1", From: "shop@shop.example"}
	}
	each(t, func(t *testing.T, d *desk) {
		d.site(routeDoc)
		d.person("o@x.example", staff.Owner)
		d.person("p@x.example", staff.Owner)
		d.person("m@x.example", staff.Manager)
		b := d.in("o@x.example")
		change := func() answer {
			return b.post("/admin/payouts", "currency", "USDTTRC20", "rate", "1", "values[wallet]", goodWallet, "current", goodPassword)
		}
		change().want(t, http.StatusOK, "until then it can be cancelled here", "A change waits", "1 day")
		if raw, err := d.store.EffectivePayouts(ctx); err != nil || raw != nil {
			t.Fatalf("in force at once: %s, %v", raw, err)
		}
		change().want(t, http.StatusConflict, "Another change waits")
		d.in("m@x.example").post("/admin/payouts/1/cancel").want(t, http.StatusForbidden)

		var told []string
		for id := int64(1); ; id++ {
			m, err := d.store.MailByID(ctx, id)
			if errors.Is(err, models.ErrNotFound) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(m.Data, goodWallet) || !strings.Contains(m.Data, "payout_changed") {
				t.Errorf("the mail holds %s", m.Data)
			}
			told = append(told, m.Recipient)
		}
		if slices.Sort(told); strings.Join(told, " ") != "o@x.example p@x.example" {
			t.Errorf("told: %v", told)
		}

		b.post("/admin/payouts/1/cancel").want(t, http.StatusOK, "The change is cancelled.", "cancelled by o@x.example")
		d.clock.move(25 * time.Hour)
		if raw, err := d.store.EffectivePayouts(ctx); err != nil || raw != nil {
			t.Fatalf("a cancelled change came into force: %s, %v", raw, err)
		}
		b = d.in("o@x.example")
		change().want(t, http.StatusOK, "A change waits")
		d.clock.move(25 * time.Hour)
		if raw, err := d.store.EffectivePayouts(ctx); err != nil || !strings.Contains(string(raw), goodWallet) {
			t.Fatalf("not in force after its wait: %s, %v", raw, err)
		}
	}, guarded)
}

func TestAPayoutThatCannotBeCheckedIsRefused(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.site("") // a route that was never read, at an exchanger that does not answer
		d.person("o@x.example", staff.Owner)
		b := d.in("o@x.example")
		b.get("/admin/payouts?currency=USDTTRC20").want(t, http.StatusOK, "No exchanger answers now")
		for currency, why := range map[string]string{"USDTTRC20": "No exchanger answers now", "NOSUCH": "pays out in NOSUCH"} {
			b.post("/admin/payouts", "currency", currency, "rate", "1", "values[wallet]", goodWallet, "current", goodPassword).want(t, http.StatusUnprocessableEntity, why)
		}
		if raw, err := d.store.EffectivePayouts(ctx); err != nil || raw != nil {
			t.Errorf("stored: %s, %v", raw, err)
		}
	})
}
