package sandbox

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func how(name string, more ...string) url.Values {
	f := url.Values{"how": {name}}
	for i := 0; i+1 < len(more); i += 2 {
		f.Set(more[i], more[i+1])
	}
	return f
}

func TestPaymentPageInEachLanguage(t *testing.T) {
	r := start(t, Config{})
	o := r.order("XRP", "USDTTRC20", "-25")
	for lang, words := range map[string][]string{
		"en": {`lang="en"`, "This is a rehearsal: no real money moves.", "Waiting for payment", "Pay too little", "Pay late", "Cancel the order"},
		"es": {`lang="es"`, "no se mueve dinero real", "Esperando el pago", "Pagar de menos"},
		"ru": {`lang="ru"`, "настоящие деньги не двигаются", "Ждёт оплаты", "Заплатить меньше"},
		"de": {`lang="en"`, "Waiting for payment"},
	} {
		resp, body := r.page("GET", pageURL(lang, "payment", &o), nil)
		if resp.StatusCode != 200 {
			t.Fatalf("%s: %d", lang, resp.StatusCode)
		}
		for _, word := range append(words, o.Account, o.Tag, o.InAmount.String()+" XRP", "25.00 USDT", tronWallet) {
			if !strings.Contains(body, word) {
				t.Errorf("%s: no %q", lang, word)
			}
		}
		if strings.Contains(body, "%!") {
			t.Errorf("%s: a text got other arguments: %s", lang, body)
		}
	}
	if _, body := r.page("GET", pageURL("es", "order", &o), nil); !strings.Contains(body, "Orden de cambio 1409") {
		t.Error("no order page")
	}
}

func TestPagesKeepAStrictPolicy(t *testing.T) {
	r := start(t, Config{})
	o := r.order("XRP", "WMZ", "-25")
	for _, path := range []string{pageURL("en", "payment", &o), pageURL("en", "order", &o), "/control", "/en/payment/1/x"} {
		resp, body := r.page("GET", path, nil)
		csp := resp.Header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %q %q", path, csp, resp.Header.Get("Cache-Control"))
		}
		if bad := regexp.MustCompile(`(?i)<style|\sstyle=|\son\w+=|<script>|javascript:`).FindString(body); bad != "" {
			t.Errorf("%s has %q", path, bad)
		}
	}
	for _, path := range []string{"/sandbox.css", "/sandbox.js", "/favicon.svg"} {
		resp, _ := r.page("GET", path, nil)
		if resp.StatusCode != 200 || resp.Header.Get("ETag") == "" {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
		if again, _ := r.page("GET", path, nil, "If-None-Match", resp.Header.Get("ETag")); again.StatusCode != 304 {
			t.Errorf("%s again: %d", path, again.StatusCode)
		}
	}
}

func TestUnknownOrdersAreNotFound(t *testing.T) {
	r := start(t, Config{})
	o := r.order("BTC", "WMZ", "-25")
	for _, path := range []string{"/en/payment/1409/wrong", "/ru/order/9999/" + o.Secret, "/en/payment/x/y", "/nothing", "/icons/none.svg"} {
		if resp, body := r.page("GET", path, nil); resp.StatusCode != 404 || !strings.Contains(body, "<h1>") {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
	if resp, _ := r.page("POST", "/en/payment/1409/wrong", how("full")); resp.StatusCode != 404 || r.Orders()[0].Status != StatusWaitPayment {
		t.Errorf("paid with a wrong secret: %d", resp.StatusCode)
	}
	if resp, _ := r.page("GET", "/", nil); resp.Header.Get("Location") != "/control" {
		t.Errorf("home leads to %q", resp.Header.Get("Location"))
	}
}

func TestPostsOfOtherSitesAreRefused(t *testing.T) {
	r := start(t, Config{})
	o := r.order("BTC", "WMZ", "-25")
	for _, path := range []string{pageURL("en", "payment", &o), "/control/faults", "/control/orders/1409/status", "/control/clock", "/control/reset"} {
		if resp, _ := r.page("POST", path, how("full"), "Sec-Fetch-Site", "cross-site"); resp.StatusCode != 403 {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
	if resp, _ := r.page("POST", pageURL("en", "payment", &o), how("full"), "Sec-Fetch-Site", "same-origin"); resp.StatusCode != 303 {
		t.Errorf("own page: %d", resp.StatusCode)
	}
}

func TestPayingInEachWay(t *testing.T) {
	for _, tt := range []struct {
		name    string
		form    url.Values
		told    []string
		in, out string // percent of what was asked
		back    string
	}{
		{"in full", how("full"), []string{"inProgress", "inProgressPayout", "done"}, "100", "100", "success"},
		{"too little, by percent", how("less", "percent", "50"), []string{"inProgress", "inProgressPayout", "done"}, "50", "50", "success"},
		{"too little, by amount", how("less", "amount", "0.1"), []string{"inProgress", "inProgressPayout", "done"}, "50", "50", "success"},
		{"too much", how("more", "percent", "150"), []string{"inProgress", "inProgressPayout", "done"}, "150", "150", "success"},
		{"late", how("late"), []string{"deleted", "inProgress", "inProgressPayout", "done"}, "100", "100", "success"},
		{"not at all: it fails", how("fail"), []string{"errorPayment"}, "100", "100", "error"},
		{"not at all: cancelled", how("cancel"), []string{"deleted"}, "100", "100", "error"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, Config{})
			o := r.order("BTC", "USDTTRC20", "0.2")
			path := pageURL("ru", "payment", &o)
			if resp, _ := r.page("POST", path, tt.form); resp.StatusCode != 303 || resp.Header.Get("Location") != path {
				t.Fatalf("%d to %q", resp.StatusCode, resp.Header.Get("Location"))
			}
			want := append([]string{"waitPayment"}, tt.told...)
			eventually(t, "all is told", func() bool { return len(r.told()) >= len(want) })
			if got := r.told(); !slices.Equal(got, want) {
				t.Errorf("told %v, want %v", got, want)
			}
			after := r.one(jsInt(o.UID))
			if !after.InAmount.Equal(o.InAmount.Mul(dec(tt.in)).Div(hundred)) || !after.OutAmount.Equal(o.OutAmount.Mul(dec(tt.out)).Div(hundred).RoundFloor(2)) {
				t.Errorf("amounts %s → %s, asked %s → %s", after.InAmount, after.OutAmount, o.InAmount, o.OutAmount)
			}
			_, body := r.page("GET", path, nil)
			if back := "https://shop.example/orders/abc/return?theme=dark&amp;status=" + tt.back + "#top"; !strings.Contains(body, `href="`+back+`"`) {
				t.Errorf("no way back to %s", back)
			}
			r.page("POST", path, how("cancel")) // nothing more can be done
			if got := r.one(jsInt(o.UID)).Status; got != after.Status {
				t.Errorf("became %s", got)
			}
		})
	}
}

func TestWishesThatMakeNoSenseChangeNothing(t *testing.T) {
	r := start(t, Config{})
	o := r.order("BTC", "USDTTRC20", "0.2")
	for _, form := range []url.Values{
		how("less", "percent", "100"), how("less", "percent", "0"), how("less", "percent", "-5"), how("more", "percent", "99"),
		how("less", "amount", "1e9999999"), how("less", "amount", "x"), how("steal"), {},
	} {
		r.page("POST", pageURL("en", "payment", &o), form)
		if got := r.one(jsInt(o.UID)); got.Status != StatusWaitPayment || !got.InAmount.Equal(o.InAmount) {
			t.Errorf("%v: %s %s", form, got.Status, got.InAmount)
		}
	}
	zero := dec("0")
	r.Edit(o.UID, &zero, nil, nil)
	r.page("POST", pageURL("en", "payment", &o), how("less", "percent", "50"))
	if got := r.one(jsInt(o.UID)).Status; got != StatusWaitPayment {
		t.Errorf("paid a part of nothing: %s", got)
	}
}

func TestMoneyComesForAnExpiredOrder(t *testing.T) {
	r := start(t, Config{})
	o := r.order("BTC", "USDTTRC20", "-25")
	r.Advance(2 * time.Hour)
	path := pageURL("en", "payment", &o)
	if _, body := r.page("GET", path, nil); !strings.Contains(body, "Pay all the same") {
		t.Error("an expired order cannot be paid late")
	}
	r.page("POST", path, how("late"))
	eventually(t, "done after deleted", func() bool { return r.one(jsInt(o.UID)).Status == StatusDone })
}

func TestHiddenPayoutIsNotShown(t *testing.T) {
	r := start(t, Config{})
	wish := r.wish("BTC", "USDTTRC20", "-25")
	wish["hideOutData"] = true
	r.api("POST", "public/exchanger/order/create", wish)
	o := r.Orders()[0]
	for _, page := range []string{"payment", "order"} {
		if _, body := r.page("GET", pageURL("en", page, &o), nil); strings.Contains(body, tronWallet) || !strings.Contains(body, "The shop keeps its account to itself") {
			t.Errorf("%s shows the wallet", page)
		}
	}
}

func TestMovingPagesFollowWithoutScripts(t *testing.T) {
	r := start(t, Config{})
	r.SetSettings(Settings{Step: time.Hour})
	o := r.order("BTC", "USDTTRC20", "-25")
	path := pageURL("en", "payment", &o)
	if resp, _ := r.page("GET", path, nil); resp.Header.Get("Refresh") != "" {
		t.Error("a page with a form is drawn anew under the reader's hands")
	}
	r.page("POST", path, how("full"))
	if resp, body := r.page("GET", path, nil); resp.Header.Get("Refresh") != "1" || strings.Contains(body, "Back to the shop") {
		t.Error("a moving order does not follow, or sends back too early")
	}
}

func TestForeignMarkupIsOnlyWordsHere(t *testing.T) {
	got := plainText(`##en##<p>One &amp; two</p><script>alert("x")</script>##ru##<p>Раз</p>`, "en")
	if got != "One & two" {
		t.Errorf("%q", got)
	}
	if got := plainText(`##en##<b>One</b>##ru##Раз`, "ru"); got != "Раз" {
		t.Errorf("%q", got)
	}
	if got := plainText(`##en##<b>One</b>##ru##Раз`, "es"); got != "One" {
		t.Errorf("%q", got)
	}
	for in, want := range map[string]string{
		"https://a.example/x":         "https://a.example/x?status=error",
		"https://a.example/x?b=c":     "https://a.example/x?b=c&status=error",
		"https://a.example/x?b=c#top": "https://a.example/x?b=c&status=error#top",
		"":                            "",
	} {
		if got := withStatus(in, "error"); got != want {
			t.Errorf("%q becomes %q", in, got)
		}
	}
}
