package admin_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"mostrador/models"
	"mostrador/staff"
)

var parameter = regexp.MustCompile(`:[a-z]+|\*`)

// TestEveryAddressByRole walks all addresses that the desk answers, whoever adds one: each page opens for every role without a missing text, and a
// viewer changes nothing but the own account whatever the address.
func TestEveryAddressByRole(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		o := d.placed(models.Order{Status: "underpaid", Total: 1000, Received: 900, Email: "a@mail.example"})
		for _, role := range []staff.Role{staff.Owner, staff.Manager, staff.Viewer} {
			d.person(string(role)+"@x.example", role)
		}
		browsers := map[staff.Role]*browser{staff.Owner: d.in("owner@x.example"), staff.Manager: d.in("manager@x.example"), staff.Viewer: d.in("viewer@x.example")}
		walked := map[string]int{}
		for _, r := range d.routes {
			if !strings.HasPrefix(r.Path, "/admin") || strings.HasSuffix(r.Path, "*") {
				continue
			}
			path := parameter.ReplaceAllStringFunc(r.Path, func(p string) string {
				if p == ":number" {
					return id(o.Number)
				}
				return "1"
			})
			outside := strings.HasPrefix(path, "/admin/login") || strings.HasPrefix(path, "/admin/setup") || path == "/admin/invite" || path == "/admin/logout"
			switch {
			case r.Method == http.MethodPost && !outside && path != "/admin/preferences" && !strings.HasPrefix(path, "/admin/account"):
				walked["POST"]++
				if a := browsers[staff.Viewer].post(path, "version", "1", "order", "1"); a.status != http.StatusForbidden {
					t.Errorf("a viewer's POST %s: %d", path, a.status)
				}
			case r.Method == http.MethodGet && !outside:
				for role, b := range browsers {
					walked["GET"]++
					a := b.get(path)
					known := !strings.Contains(strings.ReplaceAll(r.Path, ":number", ""), ":")
					if no := role == staff.Viewer && (path == "/admin/products/new" || path == "/admin/notifications/1"); no != (a.status == http.StatusForbidden) {
						t.Errorf("%s gets %s: %d", role, path, a.status)
					} else if no && (!strings.Contains(a.text(), "for those who may change it") || strings.Contains(a.body, "<fieldset")) {
						t.Errorf("%s is not told why %s is closed: %s", role, path, cut(a.text()))
					}
					if a.status >= 500 || known && a.status >= 400 && a.status != http.StatusForbidden {
						t.Errorf("%s gets %s: %d", role, path, a.status)
					}
					if role == staff.Viewer && strings.Contains(a.header.Get("Content-Type"), "html") && !strings.Contains(a.body, "<fieldset disabled") {
						for _, action := range regexp.MustCompile(`<form\s+method="post"\s+action="([^"]+)"`).FindAllStringSubmatch(a.body, -1) {
							if own := strings.HasPrefix(action[1], "/admin/account") || action[1] == "/admin/preferences" || action[1] == "/admin/logout"; !own {
								t.Errorf("a viewer sees a form at %s that would be refused: %s", path, action[1])
							}
						}
					}
				}
			}
		}
		if walked["POST"] < 30 || walked["GET"] < 60 {
			t.Fatalf("walked %v: the addresses are not found", walked)
		}
		if now := d.status(o); now != "underpaid" {
			t.Fatalf("the order is %s", now)
		}
	})
}

func TestTheDesksAddressWithASlashLeadsToIt(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("v@x.example", staff.Viewer)
		b := d.in("v@x.example")
		if b.get("/admin/").want(t, 200, "Overview"); b.get("/admin/").path != "/admin" {
			t.Fatal("it stays at /admin/")
		}
	})
}
