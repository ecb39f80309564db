package admin_test

import (
	"strings"
	"testing"

	"mostrador/models"
	"mostrador/models/modelstest"
	"mostrador/staff"
)

func TestAPersonChoosesTheColumnsOfTheOrders(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("v@x.example", staff.Viewer)
		d.person("m@x.example", staff.Manager)
		d.placed(models.Order{Status: "underpaid", Total: 1000, Received: 901, Email: "a@mail.example"})
		v, m := d.in("v@x.example"), d.in("m@x.example")
		v.get("/admin/orders").want(t, 200, "a@mail.example")
		a := v.post("/admin/account/columns", "back", "/admin/orders?status=underpaid", "column", "received", "column", "site", "column", "no-such").want(t, 200, "$9.01", "Site")
		if a.path != "/admin/orders" || strings.Contains(a.body, "a@mail.example") || !strings.Contains(a.text(), "$10.00") {
			t.Fatalf("at %s: %s", a.path, cut(a.text()))
		}
		m.get("/admin/orders").want(t, 200, "a@mail.example")
		v.post("/admin/account/columns").want(t, 200, "$10.00", "Underpaid")
		for _, lang := range []string{"es", "ru"} {
			v.lang = lang
			v.get("/admin/orders").want(t, 200)
		}
	})
}

// TestAChoiceOfColumnsThatCannotBeReadIsNone: somebody damaged the setting; the list is there all the same, and the columns can be chosen anew.
func TestAChoiceOfColumnsThatCannotBeReadIsNone(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("v@x.example", staff.Viewer)
		d.placed(models.Order{Status: "underpaid", Total: 1000, Received: 901, Email: "a@mail.example"})
		v := d.in("v@x.example")
		v.post("/admin/account/columns", "column", "received").want(t, 200, "$9.01")
		modelstest.Behind(t, d.address, `UPDATE settings SET value = '{"' WHERE key LIKE 'desk.columns.%'`)
		v.get("/admin/orders").want(t, 200, "a@mail.example")
		v.post("/admin/account/columns", "column", "received").want(t, 200, "$9.01")
	})
}
