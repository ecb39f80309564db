package admin_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"mostrador/models"
	"mostrador/staff"
)

func TestAViewerChangesNothingButTheOwnAccount(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		owner := d.person("ana@shop.example", staff.Owner)
		d.person("view@shop.example", staff.Viewer)
		b := d.in("view@shop.example")
		for _, path := range []string{"/admin/staff", "/admin/staff/" + id(owner.ID) + "/disable", "/admin/keys", "/admin/settings", "/admin/products", "/admin/orders/1001/accept", "/admin/no-such-page", "/admin", "/admin/setup/shop"} {
			b.post(path, "email", "x@y.example").want(t, http.StatusForbidden, "Your role does not allow this", "viewer")
		}
		for _, path := range []string{"/admin/staff", "/admin/keys", "/admin/log", "/admin/settings", "/admin/account", "/admin/more", "/admin/find"} {
			b.get(path).want(t, 200)
		}
		b.post("/admin/account", "current", goodPassword, "new", "another long password").want(t, 200, "The password is changed")
		b.post("/admin/preferences", "theme", "dark", "back", "/admin/log").want(t, 200, `data-theme="dark"`)
	})
}

func TestAManagerChangesAllButStaffKeysPayoutsAndSettings(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("ana@shop.example", staff.Owner)
		d.person("man@shop.example", staff.Manager)
		b := d.in("man@shop.example")
		for _, path := range []string{"/admin/staff", "/admin/staff/1/role", "/admin/keys", "/admin/keys/1/revoke", "/admin/payouts", "/admin/settings"} {
			b.post(path).want(t, http.StatusForbidden)
		}
		b.post("/admin/no-such-page").want(t, http.StatusNotFound)
	})
}

func TestRolesOfActions(t *testing.T) {
	for _, c := range []struct {
		role staff.Role
		may  string
	}{{staff.Owner, "account work staff keys payouts settings new"}, {staff.Manager, "account work"}, {staff.Viewer, "account"}, {"", ""}, {"root", ""}} {
		for _, a := range []staff.Action{staff.OwnAccount, staff.Work, staff.ManageStaff, staff.ManageKeys, staff.ManagePayouts, staff.ManageSettings, "new"} {
			want := c.may != "" && strings.Contains(" "+c.may+" ", " "+string(a)+" ")
			if got := c.role.Can(a); got != want {
				t.Errorf("%s %s: %v", c.role, a, got)
			}
		}
	}
}

func TestAnOwnerAddsAndDisablesPeople(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("ana@shop.example", staff.Owner)
		b := d.in("ana@shop.example")
		b.post("/admin/staff", "email", "nobody", "role", "manager", "password", goodPassword).want(t, 422, "This is no e-mail address", `value="nobody"`, `aria-invalid="true"`)
		b.post("/admin/staff", "email", "m@shop.example", "role", "manager", "password", "short").want(t, 422, "12 to 200")
		b.post("/admin/staff", "email", "m@shop.example", "role", "king", "password", goodPassword).want(t, 422)
		b.post("/admin/staff", "email", "m@shop.example", "role", "manager", "password", goodPassword).want(t, 200, "m@shop.example can sign in now.")
		b.post("/admin/staff", "email", "M@shop.example", "role", "viewer", "password", goodPassword).want(t, 422, "Somebody has this address")
		m, err := d.store.StaffByEmail(context.Background(), "m@shop.example")
		if err != nil {
			t.Fatal(err)
		}
		their := d.in("m@shop.example")
		b.post("/admin/staff/"+id(m.ID)+"/role", "role", "viewer").want(t, 200, "m@shop.example is now: Viewer.")
		their.post("/admin/products").want(t, 403)
		b.post("/admin/staff/"+id(m.ID)+"/disable").want(t, 200, "m@shop.example is disabled")
		if a := their.get("/admin/account"); a.path != "/admin/login" {
			t.Fatalf("a disabled person is still at %s", a.path)
		}
		d.browser().post("/admin/login", "email", "m@shop.example", "password", goodPassword).want(t, 422)
		b.post("/admin/staff/"+id(m.ID)+"/enable").want(t, 200, "can sign in again")
		d.in("m@shop.example")
		b.get("/admin/log").want(t, 200, "disabled somebody", "changed a role", "added somebody", "ana@shop.example", "m@shop.example")
	})
}

func TestAnInvitationIsTakenUpOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("ana@shop.example", staff.Owner)
		a := d.in("ana@shop.example").post("/admin/staff", "email", "new@shop.example", "role", "viewer", "password", "").want(t, 201, "A link for new@shop.example")
		link := pathOf(t, a.find(t, `id="once">([^<]+)<`))
		d.browser().post("/admin/login", "email", "new@shop.example", "password", "").want(t, 422)
		b := d.browser()
		b.get(link).want(t, 200, "Choose your password", "new@shop.example")
		ticket := b.get(link).find(t, `name="ticket" value="([^"]+)"`)
		b.post("/admin/invite", "ticket", ticket, "password", "short").want(t, 422, "12 to 200")
		b.post("/admin/invite", "ticket", ticket, "password", goodPassword).want(t, 200, "new@shop.example")
		d.browser().get(link).want(t, 404, "This invitation is used or over")
		d.browser().post("/admin/invite", "ticket", ticket, "password", goodPassword).want(t, 404)
		d.in("new@shop.example")
	})
}

func TestTheLastOwnerStays(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ana := d.person("ana@shop.example", staff.Owner)
		b := d.in("ana@shop.example")
		b.post("/admin/staff/"+id(ana.ID)+"/disable").want(t, 422, "This is the last owner")
		b.post("/admin/staff/"+id(ana.ID)+"/role", "role", "viewer").want(t, 422, "This is the last owner")
		b.get("/admin/staff").want(t, 200, "Owner")
	})
}

func TestOfTwoOwnersWhoDisableEachOtherAtOnceOneStays(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		a, b := d.person("a@shop.example", staff.Owner), d.person("b@shop.example", staff.Owner)
		for range 5 {
			var wg sync.WaitGroup
			for _, p := range []*models.Staff{a, b} {
				wg.Go(func() { _, _ = d.staff.Disable(ctx, staff.Terminal, p.ID) })
			}
			wg.Wait()
			owners, err := d.store.OwnerEmails(ctx)
			if err != nil || len(owners) != 1 {
				t.Fatalf("owners left: %v, %v", owners, err)
			}
			for _, p := range []*models.Staff{a, b} {
				if _, err := d.staff.Enable(ctx, staff.Terminal, p.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

func TestGraveChangesAskForThePasswordAgain(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("ana@shop.example", staff.Owner)
		b := d.in("ana@shop.example")
		d.clock.move(11 * time.Minute)
		b.post("/admin/staff", "email", "m@shop.example", "role", "viewer", "password", goodPassword).want(t, 422, "Your password again", `name="email" value="m@shop.example"`)
		if _, err := d.store.StaffByEmail(context.Background(), "m@shop.example"); err == nil {
			t.Fatal("added without a proof")
		}
		b.post("/admin/staff", "email", "m@shop.example", "role", "viewer", "password", goodPassword, "proof", "wrong wrong wrong").want(t, 422, "This is not your password")
		b.post("/admin/staff", "email", "m@shop.example", "role", "viewer", "password", goodPassword, "proof", goodPassword).want(t, 200, "m@shop.example can sign in now.")
		b.post("/admin/keys", "name", "till").want(t, 201) // holds for ten minutes
	})
}

func TestAChangedPasswordEndsTheOtherSessions(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("ana@shop.example", staff.Owner)
		b, other := d.in("ana@shop.example"), d.in("ana@shop.example")
		b.post("/admin/account", "current", "wrong wrong wrong", "new", "another long password").want(t, 422, "This is not your password now.")
		b.post("/admin/account", "current", goodPassword, "new", "short").want(t, 422, "12 to 200")
		b.post("/admin/account", "current", goodPassword, "new", goodPassword).want(t, 422, "Choose another")
		other.get("/admin/account").want(t, 200, "Where you are signed in")
		b.post("/admin/account", "current", goodPassword, "new", "another long password").want(t, 200, "The password is changed")
		if a := other.get("/admin/account"); a.path != "/admin/login" {
			t.Fatalf("the other session is still at %s", a.path)
		}
		d.browser().post("/admin/login", "email", "ana@shop.example", "password", goodPassword).want(t, 422)
	})
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("ana@shop.example", staff.Owner)
		d.person("eve@shop.example", staff.Viewer)
		b, other, eve := d.in("ana@shop.example"), d.in("ana@shop.example"), d.in("eve@shop.example")
		hash := b.get("/admin/account").find(t, `name="session" value="([0-9a-f]+)"`)
		eve.post("/admin/account/sessions/end", "session", hash).want(t, 200)
		if a := other.get("/admin/account"); a.path != "/admin/account" {
			t.Fatal("somebody else ended the session")
		}
		b.post("/admin/account/sessions/end", "session", hash).want(t, 200, "The session is over.")
		if a := other.get("/admin/account"); a.path != "/admin/login" {
			t.Fatalf("the ended session is still at %s", a.path)
		}
		third := d.in("ana@shop.example")
		b.post("/admin/account/sessions/end-others").want(t, 200, "1 other session is over.")
		if a := third.get("/admin/account"); a.path != "/admin/login" {
			t.Fatalf("the ended session is still at %s", a.path)
		}
	})
}

func TestKeysAreShownOnceAndRevoked(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		d.person("ana@shop.example", staff.Owner)
		b := d.in("ana@shop.example")
		b.get("/admin/keys").want(t, 200, "No keys yet.")
		b.post("/admin/keys", "name", " ").want(t, 422, "A name has 1 to 80 characters.")
		if n := strings.Count(b.get("/admin/keys").want(t, 200, "Seeing is all that is ticked").body, " checked"); n != 1 {
			t.Fatalf("%d scopes are ticked before anybody chose", n)
		}
		b.post("/admin/keys", "name", "till", "ticks", "shown").want(t, 422, "Tick at least one", `value="till"`)
		a := b.post("/admin/keys", "name", "till", "scopes", "orders:read", "scopes", "orders:write").want(t, 201, "Copy it now")
		key := a.find(t, `>(msk_[a-z2-7]{32})<`)
		if again := b.get("/admin/keys"); strings.Contains(again.body, key) {
			t.Fatal("the key is shown twice")
		}
		k, err := d.staff.CheckKey(ctx, key)
		if err != nil || !staff.KeyCan(k, "orders:read") || staff.KeyCan(k, "refunds:write") {
			t.Fatalf("key %+v, %v", k, err)
		}
		if _, err := d.staff.CheckKey(ctx, key[:len(key)-1]+"a"); err == nil && !strings.HasSuffix(key, "a") {
			t.Fatal("another key is taken")
		}
		b.get("/admin/keys").want(t, 200, "till", "2026-11-24 12:00", "orders:read")
		b.post("/admin/keys/"+id(k.ID)+"/revoke").want(t, 200, "“till” is revoked.")
		if _, err := d.staff.CheckKey(ctx, key); err == nil {
			t.Fatal("a revoked key is taken")
		}
		b.post("/admin/keys/"+id(k.ID)+"/revoke").want(t, 200)
		b.post("/admin/keys/x/revoke").want(t, 404)
		b.get("/admin/log?who=ana@shop.example").want(t, 200, "made a key", "revoked a key")
	})
}

func TestTheLogIsFilteredAndPagedWithEveryFilterKept(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		d.person("ana@shop.example", staff.Owner)
		for i := range 120 {
			if err := d.staff.Log(ctx, staff.Who{Name: "ana@shop.example"}, "settings.save", "s"+id(int64(i)), map[string]any{"n": i}); err != nil {
				t.Fatal(err)
			}
			d.clock.move(30 * time.Minute)
		}
		b := d.in("ana@shop.example")
		seen, path := map[string]bool{}, "/admin/log?who=ana@shop.example&from=2026-11-24"
		for pages := 1; ; pages++ {
			a := b.get(path).want(t, 200)
			for i := range 120 {
				if strings.Contains(a.text(), " s"+id(int64(i))+" ") {
					seen[id(int64(i))] = true
				}
			}
			if !strings.Contains(a.body, `rel="next"`) {
				if pages < 3 {
					t.Fatalf("only %d pages", pages)
				}
				break
			}
			path = a.find(t, `rel="next" href="([^"]+)"`)
			if !strings.Contains(path, "who=") || !strings.Contains(path, "from=") {
				t.Fatalf("a filter was lost: %s", path)
			}
		}
		if len(seen) != 120 {
			t.Fatalf("%d of 120 lines seen", len(seen))
		}
		b.get("/admin/log?from=2026-11-25&to=2026-11-25").want(t, 200, " s24 ", " s71 ")
		if a := b.get("/admin/log?to=2026-11-24"); strings.Contains(a.text(), " s24 ") || !strings.Contains(a.text(), " s23 ") {
			t.Fatal("to= is not the whole of that day")
		}
		b.get("/admin/log?from=yesterday").want(t, 422, "yesterday is no day")
		b.get("/admin/log?who=nobody").want(t, 200, "Nothing fits this filter.")
	})
}

// settings sends the whole form of settings, as a browser does, with some of its values changed; a pair whose value is "" sends none of
// that name's boxes.
func (b *browser) settings(pairs ...string) answer {
	b.d.t.Helper()
	form := url.Values{"languages": {"en", "es", "ru"}, "first_language": {"en"}, "languages_sent": {"1"}, "mails_sent": {"1"}, "mails": {"placed", "expired", "returned"}}
	for _, name := range []string{"name", "support_email", "terms_url", "accent", "heading_en", "heading_es", "heading_ru", "intro_en", "intro_es", "intro_ru", "footer_en", "footer_es", "footer_ru"} {
		form.Set(name, "")
	}
	set := map[string]bool{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if !set[pairs[i]] {
			form.Del(pairs[i])
		}
		if set[pairs[i]] = true; pairs[i+1] != "" {
			form.Add(pairs[i], pairs[i+1])
		}
	}
	return b.do("POST", "/admin/settings", form)
}

func TestSettingsKeepWhatWasTypedAndRefuseAStaleForm(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("ana@shop.example", staff.Owner)
		b := d.in("ana@shop.example")
		b.get("/admin/settings").want(t, 200, "Mostrador Demo", `name="version" value="0"`)
		b.settings("version", "0", "name", "Almendra", "accent", "purple-ish", "terms_url", "ftp://x").want(t, 422, `value="Almendra"`, `value="purple-ish"`, "A colour is written", "An address begins with https://", "2 mistakes")
		b.settings("version", "0", "languages", "").want(t, 422, "Keep at least one language")
		b.get("/admin/settings").want(t, 200, `type="color" value="#005860"`, `id="accent-picture"`)
		b.get("/admin/settings/accent?accent=%23FFD400").want(t, 200, `fill="#ffd400"`)
		b.get("/admin/settings/accent?accent=purple-ish").want(t, 200, `fill="#005860"`)
		b.settings("version", "0", "name", "Almendra", "accent", "#8a1c5b", "heading_es", "Pocas cosas", "languages_sent", "1", "languages", "es", "languages", "en", "first_language", "es", "mails_sent", "1", "mails", "placed").want(t, 200, "Saved.", "Almendra")
		s, err := d.store.ShopSettings(context.Background())
		if err != nil || s.Name != "Almendra" || strings.Join(s.Languages, " ") != "es en" || s.Heading["es"] != "Pocas cosas" || !s.MailOff("expired") || s.MailOff("placed") || s.Version != 1 {
			t.Fatalf("settings %+v, %v", s, err)
		}
		a := b.settings("version", "0", "name", "Avellana").want(t, http.StatusConflict, "ana@shop.example saved the settings", "Almendra", "Avellana")
		version := a.find(t, `name="version" value="([0-9]+)"`)
		b.settings("version", version, "name", "Avellana").want(t, 200, "Avellana")

		// A form that is not ours saves nothing of what it has.
		b.post("/admin/settings", "version", "2", "name", "Half").want(t, 422, "The form came without support_email, terms_url", "heading_en", `value="Half"`)
		b.settings("version", "2", "name", "Half", "role", "owner").want(t, 422, "Settings do not have role", `value="Half"`)
		b.settings("version", "2", "name", "Half", "languages", "xx", "mails", "all", "first_language", "yy").want(t, 422, "“xx” is none of the choices", "“all” is", "“yy” is")
		if s, err = d.store.ShopSettings(context.Background()); err != nil || s.Name != "Avellana" || s.Version != 2 {
			t.Fatalf("half a form was saved: %+v, %v", s, err)
		}
	})
}

func TestForgedAndForeignRequestsAreRefused(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("ana@shop.example", staff.Owner)
		b := d.in("ana@shop.example")
		req, _ := http.NewRequest("POST", d.url+"/admin/keys", strings.NewReader("name=x"))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		res, err := b.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != 403 {
			t.Fatalf("a forged request: %d", res.StatusCode)
		}
		b.post("/admin/settings", "name", strings.Repeat("x", 2<<20)).want(t, http.StatusRequestEntityTooLarge)
	})
}

func TestEveryPageSpeaksEveryLanguage(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("ana@shop.example", staff.Owner)
		for lang, word := range map[string]string{"en": "Sign out", "es": "Cerrar sesión", "ru": "Выйти"} {
			b := d.in("ana@shop.example")
			b.lang = lang
			for _, path := range []string{"/admin/account", "/admin/staff", "/admin/keys", "/admin/log", "/admin/settings", "/admin/more", "/admin/find", "/admin/setup/shop", "/admin/setup/done"} {
				a := b.get(path).want(t, 200, `<html lang="`+lang+`"`, word)
				if cc := a.header.Get("Cache-Control"); cc != "no-store" {
					t.Errorf("%s: Cache-Control %q", path, cc)
				}
				for _, bad := range []string{" style=", "<style", "onclick=", "hx-on", "javascript:"} {
					if strings.Contains(a.body, bad) {
						t.Errorf("%s holds %s", path, bad)
					}
				}
			}
			b.get("/admin/no-such-page").want(t, 404)
		}
		b := d.in("ana@shop.example")
		b.post("/admin/preferences", "lang", "ru", "back", "/admin/log").want(t, 200, "Журнал")
		b.get("/admin/keys").want(t, 200, "Ключи API")
	})
}

func TestFindGivesPagesAlsoAsAPart(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("ana@shop.example", staff.Viewer)
		b := d.in("ana@shop.example")
		b.get("/admin/find?q=API").want(t, 200, "<html", "API keys")
		for _, x := range [][3]string{{"en", "add product", "/admin/products/new"}, {"en", "csv", "/admin/reports"}, {"en", "refund", "/admin/orders?refund=asked"}, {"en", "password", "/admin/account#h-password"}, {"en", "wallet", "/admin/payouts"}, {"en", "invite", "/admin/staff"},
			{"es", "cartera", "/admin/payouts"}, {"es", "añadir producto", "/admin/products/new"}, {"ru", "пригласить", "/admin/staff"}, {"ru", "возврат", "/admin/orders?refund=asked"}, {"ru", "пароль", "/admin/account#h-password"}} {
			b.lang = x[0]
			b.get("/admin/find?q="+url.QueryEscape(x[1])).want(t, 200, `href="`+x[2]+`"`)
		}
		b.lang = "en"
		b.get("/admin/find?q=zzz").want(t, 200, "Nothing is called “zzz”")
	})
}
