package admin_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"mostrador/staff"
)

func TestWhoIsNotSignedInIsSentToSignInAndComesBack(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("ana@shop.example", staff.Owner)
		b := d.browser()
		p := b.get("/admin/log?who=x").want(t, 200, "Sign in")
		if p.path != "/admin/login" {
			t.Fatalf("came to %s", p.path)
		}
		next := p.find(t, `name="next" value="([^"]*)"`)
		p = b.post("/admin/login", "email", "Ana@Shop.example", "password", goodPassword, "next", next).want(t, 200, "Log")
		if p.path != "/admin/log" {
			t.Fatalf("came to %s", p.path)
		}
	})
}

func TestSigningInNeverLeadsToAnotherSite(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("ana@shop.example", staff.Owner)
		for _, next := range []string{"https://evil.example/admin", "//evil.example/admin", `/\evil.example`, "/admin/../..//evil.example", "javascript:alert(1)", "/orders/x"} {
			b := d.browser()
			b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			p := b.post("/admin/login", "email", "ana@shop.example", "password", goodPassword, "next", next)
			if to := p.header.Get("Location"); p.status != 303 || to != "/admin" {
				t.Errorf("next=%s leads to %s (%d)", next, to, p.status)
			}
		}
	})
}

func TestAWrongPasswordAndAnUnknownAddressSayTheSame(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("ana@shop.example", staff.Owner)
		p := d.person("gone@shop.example", staff.Viewer)
		if _, err := d.staff.Disable(context.Background(), staff.Terminal, p.ID); err != nil {
			t.Fatal(err)
		}
		for _, try := range [][2]string{{"ana@shop.example", "wrong wrong wrong"}, {"nobody@shop.example", goodPassword}, {"gone@shop.example", goodPassword}, {"no address", goodPassword}, {"ana@shop.example", ""}} {
			a := d.browser().post("/admin/login", "email", try[0], "password", try[1]).want(t, http.StatusUnprocessableEntity, "E-mail or password is wrong.", `value="`+try[0]+`"`)
			if strings.Contains(a.body, goodPassword) {
				t.Error("the password came back")
			}
		}
	})
}

func TestWrongPasswordsGrowADelayForTheirNetworkAlone(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("ana@shop.example", staff.Owner)
		stranger := d.browser()
		stranger.address = "203.0.113.7"
		last := 0
		for range 12 {
			a := stranger.post("/admin/login", "email", "ana@shop.example", "password", "wrong wrong wrong")
			if a.status == http.StatusTooManyRequests {
				wait, err := strconv.Atoi(a.header.Get("Retry-After"))
				if err != nil || wait < 1 {
					t.Fatalf("Retry-After %q", a.header.Get("Retry-After"))
				}
				if wait < last {
					t.Fatalf("the wait fell from %d s to %d s", last, wait)
				}
				last = wait
				d.clock.move(time.Duration(wait) * time.Second)
			}
		}
		if last < 8 {
			t.Fatalf("after twelve tries the wait is %d s", last)
		}
		if a := stranger.post("/admin/login", "email", "ana@shop.example", "password", goodPassword); a.status == 200 && a.path == "/admin/login" {
			t.Fatal("answered the sign-in page with 200")
		}
		ana := d.browser()
		ana.address = "198.51.100.4"
		ana.post("/admin/login", "email", "ana@shop.example", "password", goodPassword).want(t, 200, "ana@shop.example")
	})
}

func TestARightPasswordForgetsTheWrongOnesBeforeIt(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("ana@shop.example", staff.Owner)
		for range 3 {
			b := d.browser()
			for range 3 {
				b.post("/admin/login", "email", "ana@shop.example", "password", "wrong wrong wrong").want(t, 422)
			}
			b.post("/admin/login", "email", "ana@shop.example", "password", goodPassword).want(t, 200, "ana@shop.example")
		}
	})
}

func TestTheCookieIsNewAfterSigningInAndDeadAfterSigningOut(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("ana@shop.example", staff.Owner)
		b := d.in("ana@shop.example")
		cookie := func() string {
			req, _ := http.NewRequest("GET", d.url+"/admin", nil)
			for _, c := range b.client.Jar.Cookies(req.URL) {
				if c.Name == "mostrador_desk" {
					return c.Value
				}
			}
			return ""
		}
		first := cookie()
		b.post("/admin/login", "email", "ana@shop.example", "password", goodPassword)
		second := cookie()
		if first == "" || first == second {
			t.Fatalf("the cookie was %q and is %q", first, second)
		}
		stolen := func(value string) answer {
			req, _ := http.NewRequest("GET", d.url+"/admin/account", nil)
			req.AddCookie(&http.Cookie{Name: "mostrador_desk", Value: value})
			res, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(req)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			return answer{status: res.StatusCode}
		}
		if a := stolen(first); a.status != 303 {
			t.Errorf("the cookie from before still works: %d", a.status)
		}
		if a := stolen(second); a.status != 200 {
			t.Errorf("the cookie does not work: %d", a.status)
		}
		b.post("/admin/logout").want(t, 200, "Sign in")
		if a := stolen(second); a.status != 303 {
			t.Errorf("the cookie works after signing out: %d", a.status)
		}
	})
}

func TestASessionEndsWhenItIsIdleAndWhenItIsOld(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("ana@shop.example", staff.Owner)
		b := d.in("ana@shop.example")
		d.clock.move(13 * time.Hour)
		if a := b.get("/admin/account"); a.path != "/admin/login" {
			t.Fatalf("idle for 13 h and still at %s", a.path)
		}
		b = d.in("ana@shop.example")
		for range 33 { // used every ten hours, up to two weeks
			d.clock.move(10 * time.Hour)
			if a := b.get("/admin/account"); a.path != "/admin/account" {
				t.Fatalf("used every ten hours and sent to %s", a.path)
			}
		}
		d.clock.move(10 * time.Hour)
		if a := b.get("/admin/account"); a.path != "/admin/login" {
			t.Fatalf("after more than 14 days still at %s", a.path)
		}
	})
}

// code is the app's code now.
func (d *desk) code(secret string) string {
	d.t.Helper()
	c, err := totp.GenerateCode(secret, d.clock.now())
	if err != nil {
		d.t.Fatal(err)
	}
	return c
}

// secondFactor turns it on for who is in and returns the secret and the recovery codes.
func (b *browser) secondFactor() (string, []string) {
	t := b.d.t
	t.Helper()
	secret := strings.ReplaceAll(b.get("/admin/account").find(t, `id="secret"[^>]*>([A-Z2-7 ]+)<`), " ", "")
	page := b.post("/admin/account/second", "code", b.d.code(secret)).want(t, 200, "Write these codes down now")
	var codes []string
	for _, f := range strings.Fields(page.text()) {
		if len(f) == 11 && f[5] == '-' && strings.ToLower(f) == f {
			codes = append(codes, f)
		}
	}
	return secret, codes
}

func TestTheSecondFactorIsAskedForAndACodeWorksOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("ana@shop.example", staff.Owner)
		b := d.in("ana@shop.example")
		b.post("/admin/account/second", "code", "000000").want(t, 422, "This code does not fit")
		secret, codes := b.secondFactor()
		if len(codes) != 10 {
			t.Fatalf("%d recovery codes", len(codes))
		}
		used := d.code(secret)
		enter := func() *browser {
			x := d.browser()
			x.post("/admin/login", "email", "ana@shop.example", "password", goodPassword).want(t, 200, "Your second factor")
			if a := x.get("/admin/account"); a.path != "/admin/login" {
				t.Fatalf("the password alone opens %s", a.path)
			}
			return x
		}
		x := enter()
		x.post("/admin/login/second", "code", used).want(t, 422, "Each code works once")
		d.clock.move(time.Minute)
		next := d.code(secret)
		x.post("/admin/login/second", "code", next[:3]+" "+next[3:]).want(t, 200, "ana@shop.example")
		enter().post("/admin/login/second", "code", next).want(t, 422)
		enter().post("/admin/login/second", "code", strings.ToUpper(codes[3])).want(t, 200, "ana@shop.example")
		enter().post("/admin/login/second", "code", codes[3]).want(t, 422)
		x.get("/admin/account").want(t, 200, "9 recovery codes are left")
	})
}

// Whoever waits at the second factor with a password that was changed meanwhile begins again.
func TestAChangedPasswordEndsHalfASignIn(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("ana@shop.example", staff.Owner)
		b := d.in("ana@shop.example")
		secret, _ := b.secondFactor()
		x := d.browser()
		x.post("/admin/login", "email", "ana@shop.example", "password", goodPassword).want(t, 200, "Your second factor")
		b.post("/admin/account/password", "current", goodPassword, "new", "another long password").want(t, 200)
		d.clock.move(time.Minute)
		x.post("/admin/login/second", "code", d.code(secret))
		if a := x.get("/admin/account"); a.path != "/admin/login" {
			t.Fatalf("a password of before opens %s", a.path)
		}
	})
}

func TestCodesCannotBeGuessed(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("ana@shop.example", staff.Owner)
		d.in("ana@shop.example").secondFactor()
		x := d.browser()
		x.post("/admin/login", "email", "ana@shop.example", "password", goodPassword)
		for range 10 {
			if a := x.post("/admin/login/second", "code", "123456"); a.status == http.StatusTooManyRequests {
				return
			}
		}
		t.Fatal("ten codes tried without a wait")
	})
}

func TestTheFirstOwnerIsMadeOnceAtAOneTimeAddress(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		old, err := d.staff.SetupTicket(ctx)
		if err != nil {
			t.Fatal(err)
		}
		ticket, err := d.staff.SetupTicket(ctx)
		if err != nil {
			t.Fatal(err)
		}
		b := d.browser()
		b.get("/admin/login").want(t, 200, "This shop has nobody yet")
		b.get("/admin/setup?ticket="+old).want(t, 404, "This address was used or is over")
		b.get("/admin/setup").want(t, 404)
		b.get("/admin/setup?ticket="+ticket).want(t, 200, "Your account")
		b.post("/admin/setup", "ticket", ticket, "email", "ana@shop.example", "password", "short").want(t, 422, "A password has 12", `value="ana@shop.example"`, "1 mistake")
		b.post("/admin/setup", "ticket", ticket, "email", "ana", "password", "short").want(t, 422, "A password has 12", `value="ana"`, "2 mistakes")
		a := b.post("/admin/setup", "ticket", ticket, "email", "ana@shop.example", "password", goodPassword).want(t, 200, "What is your shop called?")
		if a.path != "/admin/setup/shop" {
			t.Fatalf("came to %s", a.path)
		}
		b.post("/admin/setup/shop", "name", "Almendra", "support_email", "no address").want(t, 422, "This is no e-mail address", `value="Almendra"`)
		b.post("/admin/setup/shop", "name", "Almendra", "support_email", "help@almendra.example").want(t, 200, "Almendra")
		d.browser().post("/admin/setup", "ticket", ticket, "email", "eve@shop.example", "password", goodPassword).want(t, 404)
		if _, err := d.staff.SetupTicket(ctx); err == nil {
			t.Fatal("a set-up address although there is an owner")
		}
		s, err := d.store.ShopSettings(ctx)
		if err != nil || s.Name != "Almendra" || s.SupportEmail != "help@almendra.example" {
			t.Fatalf("settings %+v, %v", s, err)
		}
	})
}
