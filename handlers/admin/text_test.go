package admin_test

import (
	"testing"

	"mostrador/staff"
)

// What PostgreSQL keeps in no text is refused in words, wherever somebody types it, and on both databases nothing breaks.
func TestTextsThatCannotBeKeptBreakNothing(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("o@x.example", staff.Owner)
		b := d.in("o@x.example")
		for _, bad := range []string{"a\x00b", "a\xffb", "a\xc0\xafb"} {
			for _, form := range [][]string{
				{"/admin/links", "title", bad, "amount", "5"},
				{"/admin/products", "title", bad, "price", "5"},
				{"/admin/products", "title", "Pot", "price", "5", "description", bad},
				{"/admin/keys", "name", bad, "scopes", "orders:read"},
				{"/admin/staff", "email", bad + "@x.example", "role", "viewer"},
				{"/admin/webhooks", "url", "https://x.example/" + bad},
				{"/admin/settings", "name", bad},
				{"/admin/orders/filters", "name", bad, "query", "status=paid"},
			} {
				if a := b.post(form[0], form[1:]...); a.status >= 500 {
					t.Errorf("%s with %q: %d", form[0], bad, a.status)
				}
			}
			for _, address := range []string{"/admin/orders", "/admin/find", "/admin/products", "/admin/log"} {
				if a := b.get(address + "?q=a%00b&who=a%00b&subject=a%ffb"); a.status >= 500 {
					t.Errorf("%s: %d", address, a.status)
				}
			}
		}
	})
}
