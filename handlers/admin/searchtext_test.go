package admin_test

import (
	"net/url"
	"strings"
	"testing"

	"mostrador/models"
	"mostrador/staff"
)

// TestASearchOfWhateverTextIsAnsweredAlike: the list and its file cut a long text between letters, and refuse one that cannot be stored before anything is sent.
func TestASearchOfWhateverTextIsAnsweredAlike(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("v@x.example", staff.Viewer)
		d.placed(models.Order{Status: "paid", Total: 1000, Received: 1000, Email: "a@mail.example"})
		v := d.in("v@x.example")
		for n := range 4 {
			q := "?q=" + url.QueryEscape(strings.Repeat("a", n)+strings.Repeat("€", 100))
			v.get("/admin/orders"+q).want(t, 200)
			v.get("/admin/orders.csv"+q).want(t, 200, "number,status")
		}
		for _, field := range []string{"q", "route", "site"} {
			for _, text := range []string{"%00", "a%00b", "%ff", "%e2%82", "box/%00", strings.Repeat("a", 300) + "%ff"} {
				for _, page := range []string{"/admin/orders", "/admin/orders.csv"} {
					v.get(page+"?"+field+"="+text).want(t, 422, "signs in it that cannot be kept")
				}
			}
		}
	})
}
