package admin_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"mostrador/checkout"
	"mostrador/config"
	"mostrador/models"
	"mostrador/sandbox"
	"mostrador/staff"
)

// rehearsal is an exchanger for the desk to work with.
func rehearsal(t *testing.T) (*sandbox.Sandbox, func(*config.Config)) {
	t.Helper()
	box, err := sandbox.New(sandbox.Config{})
	if err != nil {
		t.Fatal(err)
	}
	exchange := httptest.NewServer(box.Handler())
	t.Cleanup(func() {
		_ = box.Close()
		exchange.Close()
	})
	return box, func(c *config.Config) { c.Sandbox.PublicURL = exchange.URL }
}

func TestANewOwnerGoesThroughTheFirstStart(t *testing.T) {
	box, with := rehearsal(t)
	each(t, func(t *testing.T, d *desk) {
		d.person("ana@shop.example", staff.Owner)
		ana := d.in("ana@shop.example")
		at := func(path string) answer {
			t.Helper()
			a := ana.get("/admin/setup").want(t, http.StatusOK)
			if a.path != path {
				t.Fatalf("it goes on at %s, want %s", a.path, path)
			}
			return a
		}
		at("/admin/setup/shop")
		ana.post("/admin/setup/shop", "name", "Almendra").want(t, http.StatusOK, "Where should the money go?")

		// The wallet has to fit the route's own pattern, for a currency that an exchanger pays out.
		at("/admin/setup/payout").want(t, http.StatusOK, "values[wallet]")
		ana.post("/admin/setup/payout", "currency", "USDTTRC20", "values[wallet]", "0xslip").want(t, http.StatusUnprocessableEntity, "does not fit", `value="0xslip"`)
		ana.post("/admin/setup/payout", "currency", "NOSUCH", "values[wallet]", goodWallet).want(t, http.StatusUnprocessableEntity, "No exchanger of this shop pays out in NOSUCH")
		ana.post("/admin/setup/payout", "currency", "USDTTRC20", "values[wallet]", goodWallet).want(t, http.StatusOK, "Pay once as a customer")
		raw, err := d.store.EffectivePayouts(ctx)
		if err != nil || !strings.Contains(string(raw), goodWallet) || strings.Contains(string(raw), config.DemoTRON) || !strings.Contains(string(raw), config.DemoWMZ) {
			t.Fatalf("the list is %s, %v", raw, err)
		}
		if strings.Index(string(raw), goodWallet) > strings.Index(string(raw), config.DemoWMZ) {
			t.Errorf("the demo's wallet is preferred to the merchant's: %s", raw)
		}

		at("/admin/setup/test")
		for range 2 { // the button pressed twice makes one order
			ana.post("/admin/setup/test", "attempt", "once").want(t, http.StatusOK, "Open the exchanger", "/payment/", "See it as your customer", `href="/orders/`)
		}
		orders, err := d.store.CountOrders(ctx)
		if err != nil || len(orders) != 1 || orders[0].N != 1 {
			t.Fatalf("%+v, %v", orders, err)
		}
		o, err := d.store.OrderByNumber(ctx, 1001)
		if err != nil {
			t.Fatal(err)
		}
		payments, err := d.store.Payments(ctx, o.ID)
		if err != nil || len(payments) != 1 {
			t.Fatalf("%+v, %v", payments, err)
		}
		uid, err := strconv.ParseInt(payments[0].UID, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if err := box.Move(uid, "done", false); err != nil {
			t.Fatal(err)
		}
		ana.post("/admin/orders/1001/check").want(t, http.StatusOK)
		ana.get("/admin/setup/test").want(t, http.StatusOK, "It works: the order is paid.")

		at("/admin/setup/live").want(t, http.StatusOK, "The test order of step 4 is paid", "Neither terms nor a support address is set", "The money goes to a wallet of yours", "No owner has a second factor", "mode: live", "The public address is not https")
		if !d.did("ana@shop.example", "payout.change") || !d.did("ana@shop.example", "setup.test_order") {
			t.Error("the log does not say what was done")
		}
	}, with)
}

func TestLiveModePaysNoDemoWallet(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		svc, err := checkout.New(ctx, d.store, checkout.Options{Live: true, Languages: []string{"en"}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(svc.Close)
		list := `[{"Currency":"WMZ","Rate":"1","Values":{"wallet":"` + config.DemoWMZ + `"}},{"Currency":"USDTTRC20","Rate":"1","Values":{"wallet":"` + goodWallet + `"}}]`
		err = d.store.InTx(ctx, func(tx *models.Tx) error {
			return tx.InsertPayouts(ctx, &models.PayoutList{Digest: models.Digest(list), CreatedBy: "test", EffectiveAt: tx.Now()}, []byte(list))
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := svc.Payouts(ctx)
		if err != nil || len(got) != 1 || got[0].Currency != "USDTTRC20" {
			t.Errorf("%+v, %v", got, err)
		}
	})
}
