package shop_test

import (
	"bufio"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"mostrador/config"
	"mostrador/sandbox"
)

// pays plays the customer at the exchanger's page.
func (r *rig) pays(how string) {
	r.t.Helper()
	list := r.sand.Orders()
	slices.SortFunc(list, func(a, b sandbox.Order) int { return int(a.UID - b.UID) })
	o := list[len(list)-1]
	percent := "60"
	if how == "more" {
		percent = "150"
	}
	r.follow(r.post(fmt.Sprintf("%s/en/payment/%d/%s", r.sandURL(), o.UID, o.Secret), url.Values{"how": {how}, "percent": {percent}}))
}

func (r *rig) shows(order, sentence string) *page {
	r.t.Helper()
	var p *page
	defer func() {
		if r.t.Failed() {
			r.t.Logf("last seen: %s", text(p.root, ""))
		}
	}()
	until(r.t, sentence, func() bool {
		p = r.get(order).must(200)
		return strings.Contains(text(p.root, ""), sentence)
	})
	return p
}

func TestTheRestOfAnUnderpaidOrderIsPaid(t *testing.T) {
	each(t, nil, func(t *testing.T, r *rig) {
		order := r.placed(r.pay25(ids(1)))
		r.pays("less")
		p := r.shows(order, "of it is missing")
		p.has("Part of it is missing", "Pay the missing $10.", "Ordered", "Arrived at", "Pay the rest in another currency")
		choose := r.get(p.link("Pay the rest in another currency")).must(200).has("Pay the rest of order 1001", "What you sent counts")
		form := p.form(order + "/pay")
		rest := r.post(order+"/pay", form).must(200).has("Pay the rest of order 1001", "BTC")
		form = rest.form(order + "/pay")
		form.Set("agreement", "1")
		form.Set("route", choose.routeOf("BTC"))
		there := r.follow(r.post(order+"/pay", form).must(303)).must(200)
		if !strings.Contains(there.url.Path, "/payment/") {
			t.Fatalf("led to %s", there.url)
		}
		r.follow(r.post(there.url.String(), url.Values{"how": {"full"}}))
		r.shows(order, "Paid. Thank you").has("BTC in 2 payments")
		r.get(order + "/receipt").must(200).has("And with")
	})
}

func TestFailedCancelledAndAgain(t *testing.T) {
	r := lite(t, nil)
	order := r.placed(r.pay25(ids(1)))
	r.pays("fail")
	p := r.shows(order, "could not take this payment")
	again := p.form(order + "/pay")
	r.post(order+"/pay", again).must(422).has("Tick the box if you have sent nothing")
	again.Set("nothing_sent", "1")
	r.post(order+"/pay", again).must(303)
	r.post(order+"/pay", again).must(303) // pressed twice
	list, err := r.store.Payments(t.Context(), 1)
	if err != nil || len(list) != 2 {
		t.Fatalf("%d payments, %v", len(list), err)
	}
	r.shows(order, "Waiting for your payment")
	choose := r.get(order+"?choose=1").must(200).has("Pay order 1001", "I have sent nothing for the earlier payment")
	if len(choose.elements("input", "name", "email")) != 0 {
		t.Error("the e-mail is asked for again")
	}
	r.follow(r.post(order+"/cancel", nil)).must(200).has("This order is cancelled", "Do not send again")
	r.post(order+"/cancel", nil).must(303)
	r.post(order+"/pay", again).must(303)
	again.Set("attempt", "another-one")
	r.post(order+"/pay", again).must(409).has("closed", "To the order")
	r.get(order + "/receipt").must(303)
}

func TestComingBackProvesNothing(t *testing.T) {
	r := lite(t, nil)
	order := r.placed(r.pay25(ids(1)))
	r.follow(r.get(order+"/return?status=success")).must(200).has("Waiting for your payment", "Thank you, we are checking")
	r.follow(r.get(order+"/return?status=error")).must(200).has("You came back before the payment was finished", "Nothing is lost")
	r.follow(r.get(order + "/return?status=%22%3E%3Cscript%3E")).must(200).hasNot("<script>")
	o, err := r.store.OrderByID(t.Context(), 1)
	if err != nil || o.Status != "open" {
		t.Errorf("the order is %s, %v", o.Status, err)
	}
}

func TestTheOpenPageHearsOfEveryChange(t *testing.T) {
	each(t, nil, func(t *testing.T, r *rig) {
		order := r.placed(r.pay25(ids(1)))
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+order+"/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept", "text/event-stream")
		res, err := (&http.Client{Transport: &http.Transport{}}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if kind := res.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/event-stream") || res.Header.Get("Content-Encoding") != "" || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("the stream is %s, %v", kind, res.Header)
		}
		events := make(chan string)
		go func() {
			defer close(events)
			var b strings.Builder
			for lines := bufio.NewScanner(res.Body); lines.Scan(); {
				if lines.Text() == "" {
					events <- b.String()
					b.Reset()
					continue
				}
				b.WriteString(lines.Text() + "\n")
			}
		}()
		next := func(want string) {
			t.Helper()
			deadline := time.After(15 * time.Second)
			for {
				select {
				case e, ok := <-events:
					if !ok {
						t.Fatalf("the stream ended before %q", want)
					}
					if strings.HasPrefix(e, "event: order\ndata: ") && strings.Contains(e, want) {
						return
					}
				case <-deadline:
					t.Fatalf("never heard %q", want)
				}
			}
		}
		next("Waiting for your payment")
		r.pays("full")
		next("Paid. Thank you")
		close(r.stop)
		for range events { // it ends with the program
		}
	})
}

func TestOneAddressCannotTakeAllStreams(t *testing.T) {
	r := lite(t, nil)
	order := r.placed(r.pay25(ids(1)))
	ask := func() *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+order+"/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := (&http.Client{Transport: &http.Transport{}}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	first := ask()
	for range 63 {
		defer ask().Body.Close()
	}
	refused := ask()
	refused.Body.Close()
	if refused.StatusCode != http.StatusTooManyRequests || refused.Header.Get("Retry-After") == "" {
		t.Errorf("the 65th stream: %s, %v", refused.Status, refused.Header)
	}
	first.Body.Close()
	for deadline := time.Now().Add(15 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		res := ask()
		res.Body.Close()
		if res.StatusCode == http.StatusOK {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("a stream that ended is still counted: %s", res.Status)
		}
	}
}

func TestTheFragmentIsWhatIsInsideOfThePage(t *testing.T) {
	r := lite(t, nil)
	order := r.placed(r.pay25(ids(1)))
	r.header.Set("HX-Request", "true")
	p := r.get(order).must(200).has(`id="state"`, "Waiting for your payment").hasNot("<title>", "<!doctype")
	if !strings.Contains(strings.Join(p.header.Values("Vary"), ","), "HX-Request") {
		t.Errorf("Vary is %v", p.header.Values("Vary"))
	}
	same := r.get(order)
	if v := version(p); v == "" || v != version(same) {
		t.Errorf("the same page has versions %q and %q", v, version(same))
	}
	r.pays("full")
	r.shows(order, "Paid. Thank you")
	if version(p) == version(r.get(order)) {
		t.Error("another page has the same version")
	}
	q := r.get("/quote?price=25.00&route="+url.QueryEscape(r.pay25(ids(2)).Get("route"))).must(200).has("Pay 0.", "BTC", `id="pay"`).hasNot("<title>")
	if due := q.elements("span", "hx-swap-oob", "true"); len(due) == 0 || !strings.Contains(q.body, "Pay "+strings.ReplaceAll(text(due[0], ""), " \u00a0", "\u00a0")) { // a row of its own: the page never says two amounts
		t.Errorf("the currency's row does not say what the button does: %s", q.body)
	}
	r.header.Del("HX-Request")
	if q = r.get(q.url.String()).must(200); !strings.HasPrefix(q.header.Get("Content-Type"), "application/json") {
		t.Errorf("a program hears %s", q.header.Get("Content-Type"))
	}
	q.has(`"from":"BTC"`, `"inAmount":"0.`)
	r.get("/quote?price=25&route=sandbox/x").must(422).has(`"code":"route_unknown"`)
	r.get("/quote?price=x&route=y").must(422)
}

func version(p *page) string {
	for _, s := range p.elements("span", "id", "state") {
		v, _ := attr(s, "data-version")
		return v
	}
	return ""
}

func TestPayingOnTheShopsOwnPage(t *testing.T) {
	r := lite(t, func(c *config.Config) { c.Checkout.PaymentPage = config.PageOnsite })
	form := r.pay25(ids(1))
	to := r.post("/orders", form).must(303).header.Get("Location")
	if !strings.HasPrefix(to, "/orders/") {
		t.Fatalf("led to %s", to)
	}
	p := r.shows(to, "Send exactly")
	until(t, "address", func() bool { p = r.get(to); return strings.Contains(p.body, "bitcoin:bc1q") })
	p.has("Copy amount", "Copy address", "Bitcoin", "Send over the Bitcoin network only", "The QR code holds amount and address")
	if len(p.elements("div", "role", "img")) == 0 {
		t.Error("there is no QR code")
	}
	form.Set("attempt", ids(2))
	form.Set("route", r.get("/pay?amount=25").routeOf("XRP"))
	to = r.post("/orders", form).must(303).header.Get("Location")
	until(t, "tag", func() bool { p = r.get(to); return strings.Contains(p.body, "xrpl:") })
	p.has("Destination tag", "Do not leave it out", "XRP Ledger", "dt=")

	// An account instead of an address, and "I have paid".
	list := r.get("/pay?amount=25").must(200)
	wmz := r.post("/orders", url.Values{"source": {"amount"}, "amount": {"25"}, "route": {list.routeOf("WMZ")}, "step": {"choose"}}).must(200).form("/orders")
	for k := range wmz {
		if strings.HasPrefix(k, "fields[") {
			wmz.Set(k, "Z123456789012")
		}
	}
	wmz.Set("email", "maria@example.com")
	wmz.Set("agreement", "1")
	to = r.post("/orders", wmz).must(303).header.Get("Location")
	until(t, "account", func() bool { p = r.get(to); return strings.Contains(p.body, "I have paid") })
	p.has("Pay to", "We look at once").hasNot("role=\"img\" aria-label=\"QR")
	r.post(to+"/paid", nil).must(303)
	r.shows(to, "You told us that you paid")
}

func TestFindMailsTheAddressToNobodyElse(t *testing.T) {
	each(t, func(c *config.Config) { c.Mail.URL, c.Mail.From = "smtp://127.0.0.1:1", "shop@example.com" }, func(t *testing.T, r *rig) {
		r.placed(r.pay25(ids(1)))
		r.get("/orders/find").must(200).has("Find my order")
		same := ""
		for _, form := range []url.Values{
			{"number": {"1001"}, "email": {"maria@example.com"}}, {"number": {"1001"}, "email": {"other@example.com"}}, {"number": {"9999"}, "email": {"maria@example.com"}},
		} {
			p := r.post("/orders/find", form).must(200).has("If there is such an order, mail is on its way")
			if same == "" {
				same = text(p.root, "")
			} else if got := text(p.root, ""); got != same {
				t.Errorf("%v hears something else: %s", form, got)
			}
		}
		p := r.post("/orders/find", url.Values{"number": {"x"}, "email": {""}}).must(422).has("2 things to put right")
		if got := p.form("/orders/find").Get("number"); got != "x" {
			t.Errorf("the number became %q", got)
		}
		status := 0
		for range 20 {
			if status = r.post("/orders/find", url.Values{"number": {"1001"}, "email": {"maria@example.com"}}).status; status == 429 {
				return
			}
		}
		t.Errorf("asked twenty times it still answers %d", status)
	})
}

func TestWhatEveryAnswerCarries(t *testing.T) {
	r := lite(t, nil)
	order := r.placed(r.pay25(ids(1)))
	for _, address := range []string{"/", order, "/nothing", "/healthz", "/robots.txt", "/theme.css", "/panic"} {
		p := r.get(address)
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin"} {
			if got := p.header.Get(name); got != want {
				t.Errorf("%s: %s is %q", address, name, got)
			}
		}
		csp := p.header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self' " + r.sandURL()} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: the policy lacks %s: %s", address, want, csp)
			}
		}
		if strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
			t.Errorf("%s: the policy is %s", address, csp)
		}
		id := p.header.Get("X-Request-Id")
		if len(id) < 8 || !strings.Contains(r.log.String(), `"request_id":"`+id+`"`) {
			t.Errorf("%s: request id %q", address, id)
		}
	}
	for _, address := range []string{order, order + "/status", order + "/return", "/checkout", "/pay?amount=5"} {
		if got := r.get(address).header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s may be kept: %q", address, got)
		}
	}
	p := r.get("/panic").must(500).has("Something broke on our side", "If you ask the shop about it, name")
	p.hasNot("a fault with a secret", "goroutine")
	if !strings.Contains(r.log.String(), `"route":"/orders/{token}"`) || strings.Contains(r.log.String(), strings.TrimPrefix(order, "/orders/")) {
		t.Error("the log names addresses instead of routes")
	}
	own := r.get("/healthz").must(200).header.Get("X-Request-Id")
	r.header.Set("X-Request-Id", "a-strangers-own-id")
	if got := r.get("/healthz").header.Get("X-Request-Id"); got == "a-strangers-own-id" || got == own {
		t.Errorf("a stranger chose the request id %q", got)
	}
	r.get("/readyz").must(200)
	if got := r.do(http.MethodHead, "/", nil).must(200); got.body != "" {
		t.Error("HEAD has a body")
	}
	r.header.Set("Accept-Encoding", "gzip")
	if got := r.get("/").header.Get(echo.HeaderContentEncoding); got != "gzip" {
		t.Errorf("a page is sent %q", got)
	}
}

func TestTheDatabaseAway(t *testing.T) {
	r := lite(t, nil)
	r.get("/").must(200)
	r.store.Close()
	p := r.get("/products/mug")
	if p.status != 503 && p.status != 500 {
		t.Errorf("answers %d", p.status)
	}
	p.has("Mostrador Demo").hasNot("sql:", "database is closed")
	r.get("/readyz").must(503)
	r.get("/healthz").must(200)
}

func (r *rig) sandURL() string {
	r.t.Helper()
	list, err := r.store.Sites(r.t.Context())
	if err != nil || len(list) == 0 {
		r.t.Fatal(err)
	}
	return list[0].BaseURL
}

func TestCustomersDoNotReadWhoOfTheShopItWas(t *testing.T) {
	r := lite(t, nil)
	order := r.placed(r.pay25(ids(1)))
	r.pays("less")
	r.shows(order, "of it is missing")
	if err := r.svc.Accept(t.Context(), 1, "ana.staff@example.com", 0); err != nil {
		t.Fatal(err)
	}
	r.shows(order, "Accepted by Mostrador Demo").hasNot("ana.staff@example.com")
}

func TestPagesForEverybodyDescribeThemselves(t *testing.T) {
	r := lite(t, nil)
	for _, at := range []string{"/", "/products/mug", "/pay"} {
		list := r.get(at).must(200).elements("meta", "name", "description")
		if len(list) != 1 {
			t.Fatalf("%s has %d descriptions", at, len(list))
		}
		if d, _ := attr(list[0], "content"); len(d) < 10 || len(d) > 300 {
			t.Errorf("%s is described as %q", at, d)
		}
	}
}
