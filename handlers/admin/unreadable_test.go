package admin_test

import (
	"strconv"
	"strings"
	"testing"

	"mostrador/models"
	"mostrador/models/modelstest"
	"mostrador/staff"
)

// TestOneDamagedPaymentStopsNoPage damages a payment in the database: lists and files show its order and say that its payment cannot be read, the others as
// they are; its own page has it put back to what its log says, and in front of a person.
func TestOneDamagedPaymentStopsNoPage(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("owner@shop.example", staff.Owner)
		b := d.in("owner@shop.example")
		paid := d.clock.now()
		bad := d.placed(models.Order{Status: "paid", Total: 2500, Received: 2500, Email: "bad@mail.example", PaidAt: &paid, PayCurrency: "BTC"})
		good := d.placed(models.Order{Status: "paid", Total: 1700, Received: 1700, Email: "good@mail.example", PaidAt: &paid, PayCurrency: "BTC"})
		d.brought(bad)
		d.brought(good)
		damage := "settled_in = 'abc', settled_out = 'abc', settled_at = 'then', payout_rate = '', updated_at = 'x'"
		if d.store.Dialect() == models.Postgres {
			damage = "settled_in = 'NaN', settled_out = 'NaN', settled_at = 'infinity', payout_rate = 'Infinity', updated_at = '-infinity'"
		}
		modelstest.Behind(t, d.address, "UPDATE payments SET "+damage+" WHERE order_id = "+strconv.FormatInt(bad.ID, 10))
		for _, page := range []string{"/admin", "/admin/orders", "/admin/orders?q=bad", "/admin/find?q=bad", "/admin/health", "/admin/reports", "/admin/notifications"} {
			b.get(page).want(t, 200)
		}
		b.get("/admin/orders").want(t, 200, "payment cannot be read", "good@mail.example")
		for _, file := range []string{"/admin/orders.csv", "/admin/reports/settlements.csv", "/admin/reports/lines.csv"} {
			body := b.get(file).want(t, 200).body
			if !strings.Contains(body, "17.00") || !strings.HasSuffix(body, "\n") {
				t.Errorf("%s has not all orders:\n%s", file, body)
			}
			if strings.Contains(file, "lines") {
				continue
			}
			if !strings.Contains(body, "unreadable") {
				t.Errorf("%s does not tell of the damaged payment:\n%s", file, body)
			}
		}
		b.get("/admin/orders/"+strconv.FormatInt(bad.Number, 10)).want(t, 200, "wrote to the row of this payment", "column settled_in is", "column payout_rate is")
		if d.status(bad) != "review" || d.status(good) != "paid" {
			t.Errorf("the orders are %s and %s", d.status(bad), d.status(good))
		}
		if page := b.get("/admin/orders").want(t, 200); strings.Contains(page.body, "payment cannot be read") {
			t.Error("it is put back, and still unreadable")
		}
	})
}
