package admin_test

import (
	"strings"
	"testing"

	"mostrador/models"
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
