package shop_test

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"mostrador/checkout"
	"mostrador/config"
	"mostrador/sandbox"
)

func TestMistakesComeBackBesideTheirField(t *testing.T) {
	r := lite(t, nil)
	whole := r.pay25(ids(0))
	list := r.get("/pay?amount=25").must(200)
	wmz, xmr, eth := list.routeOf("WMZ"), list.routeOf("XMR"), list.routeOf("USDTERC20")
	key := func(route string) string {
		form := r.post("/orders", url.Values{"source": {"amount"}, "amount": {"25"}, "route": {route}, "step": {"choose"}}).must(200).form("/orders")
		for k := range form {
			if strings.HasPrefix(k, "fields[") {
				return k
			}
		}
		t.Fatalf("%s asks for nothing", route)
		return ""
	}
	purse, refund := key(wmz), key(xmr)
	for _, tt := range []struct {
		name  string
		set   url.Values
		field string // id of the mistaken field
		says  string
	}{
		{"an amount of nothing", url.Values{"amount": {"0"}}, "amount", "above 0"},
		{"a negative amount", url.Values{"amount": {"-5"}}, "amount", "above 0"},
		{"an exponent", url.Values{"amount": {"1e5"}}, "amount", "a number above 0"},
		{"NaN", url.Values{"amount": {"NaN"}}, "amount", "a number above 0"},
		{"no amount", url.Values{"amount": {""}}, "amount", "a number above 0"},
		{"too many decimals", url.Values{"amount": {"25.0001"}}, "amount", "2 digits behind the point"},
		{"thousands or decimals", url.Values{"amount": {"1,000"}}, "amount", "“1,000” can be read in two ways"},
		{"too large an amount", url.Values{"amount": {"99999999999"}}, "amount", "more than can be paid"},
		{"another currency", url.Values{"currency": {"EUR"}}, "amount", "in USD"},
		{"no e-mail", url.Values{"email": {""}}, "email", "An e-mail address is needed"},
		{"an e-mail with a line break", url.Values{"email": {"a@example.com\r\nBcc: b@example.com"}}, "email", "not a complete e-mail"},
		{"an e-mail of 300 characters", url.Values{"email": {strings.Repeat("a", 290) + "@example.com"}}, "email", "not a complete e-mail"},
		{"no route", url.Values{"route": {""}}, "route-mistake", "Choose the currency"},
		{"an unknown route", url.Values{"route": {"sandbox/000000000000000000000000"}}, "route-mistake", "cannot be used now"},
		{"an unknown site", url.Values{"route": {"nowhere/1"}}, "route-mistake", "cannot be used now"},
		{"rubbish for a route", url.Values{"route": {"../../etc"}}, "route-mistake", "cannot be used now"},
		{"an unpayable route", url.Values{"route": {eth}}, "route-mistake", "or more. Choose another"},
		{"no agreement", url.Values{"agreement": {""}}, "agreement", "Tick the box"},
		{"a field that is missing", url.Values{"route": {wmz}}, "field-", "Your WMZ purse is needed"},
		{"a field against its pattern", url.Values{"route": {wmz}, purse: {"Z12"}}, "field-", "does not look like a value for “Your WMZ purse”"},
		{"a field whose pattern this program cannot read is not held against the customer", url.Values{"route": {xmr}, refund: {""}}, "field-", "is needed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			form := url.Values{}
			for k, v := range whole {
				form[k] = v
			}
			for k, v := range tt.set {
				form[k] = v
			}
			p := r.post("/orders", form).must(422).has(tt.says)
			if !strings.HasPrefix(p.title(), "1 mistake · ") {
				t.Errorf("the window says %q", p.title())
			}
			wrong := p.elements("input", "aria-invalid", "true")
			if len(wrong) == 0 {
				t.Fatal("no field is marked")
			}
			described, _ := attr(wrong[0], "aria-describedby")
			if id, _ := attr(wrong[0], "id"); !strings.HasPrefix(described, tt.field) && !strings.HasPrefix(id, tt.field) {
				t.Errorf("the mistake stands at %s (%s)", id, described)
			}
			if _, focused := attr(wrong[0], "autofocus"); !focused {
				t.Error("the first mistake has no focus")
			}
			if len(p.elements("div", "role", "alert")) == 0 {
				t.Error("nothing lists the mistakes")
			}
			back := p.form("/orders")
			for _, kept := range []string{"email", "amount", "attempt", "source", purse} {
				want := form.Get(kept)
				if kept == "email" {
					want = strings.NewReplacer("\r", "", "\n", "").Replace(want)
				}
				if got := strings.NewReplacer("\r", "", "\n", "").Replace(back.Get(kept)); got != want {
					t.Errorf("%s was %q and is %q", kept, want, got)
				}
			}
			if tt.field != "route-mistake" && back.Get("route") != form.Get("route") {
				t.Errorf("the route was %q and is %q", form.Get("route"), back.Get("route"))
			}
		})
	}
	if n := r.orders(); n != 0 {
		t.Errorf("%d orders were made", n)
	}
	several := r.post("/orders", url.Values{"source": {"amount"}, "amount": {"25"}}).must(422)
	if !strings.HasPrefix(several.title(), "3 mistakes") || strings.Count(several.body, "autofocus") != 1 {
		t.Errorf("three mistakes: %q", several.title())
	}
}

// Without a currency the button says "Continue": it names every mistake all the same, and so does the one of another attempt.
func TestOneSubmitNamesEveryMistake(t *testing.T) {
	r := lite(t, nil)
	r.get("/pay?amount=25").must(200)
	for _, tt := range []struct {
		name  string
		email string
		says  string
	}{{"no e-mail", "", "An e-mail address is needed"}, {"half an e-mail", "maria@", "not a complete e-mail"}} {
		t.Run(tt.name, func(t *testing.T) {
			p := r.post("/orders", url.Values{"source": {"amount"}, "amount": {"25"}, "attempt": {ids(1)}, "email": {tt.email}, "step": {"choose"}}).must(422)
			p.has("3 things to put right", tt.says, "Choose the currency", "Tick the box")
			p.inOrder("E-mail", "Pay with", "Agreement")
		})
	}
	t.Run("an amount, and a value of the currency", func(t *testing.T) {
		wmz := r.get("/pay?amount=25").must(200).routeOf("WMZ")
		r.post("/orders", url.Values{"source": {"amount"}, "amount": {"nothing"}, "route": {wmz}, "attempt": {ids(2)}}).must(422).
			has("4 things to put right", "a number above 0", "An e-mail address is needed", "Your WMZ purse is needed", "Tick the box")
	})
	t.Run("half an e-mail, on asking for an amount", func(t *testing.T) {
		btc := r.get("/pay?amount=25").must(200).routeOf("BTC")
		r.post("/orders", url.Values{"source": {"amount"}, "amount": {"25"}, "route": {btc}, "attempt": {ids(3)}, "email": {"maria@"}, "step": {"choose"}}).must(422).
			has("One thing to put right", "not a complete e-mail", "Pay 0.000")
	})
	t.Run("another attempt", func(t *testing.T) {
		order := r.placed(r.pay25(ids(4)))
		r.post(order+"/pay", url.Values{"attempt": {ids(5)}, "step": {"choose"}}).must(422).
			has("3 things to put right", "Choose the currency", "Tick the box if you have sent nothing", "Tick the box if you agree")
	})
}

func TestRoutesThatTheExchangerHidesAreNotTaken(t *testing.T) {
	r := lite(t, nil)
	form := r.pay25(ids(0))
	routes, err := r.store.Routes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	hidden := ""
	for _, route := range routes {
		if route.FromXML == "ADA" {
			hidden = "sandbox/" + route.RouteID
		}
	}
	form.Set("route", hidden)
	r.post("/orders", form).must(422).has("cannot be used now")
}

func TestTheSameAttemptMakesOneOrder(t *testing.T) {
	each(t, nil, func(t *testing.T, r *rig) {
		form := r.pay25(ids(7))
		var wg sync.WaitGroup
		to := make([]string, 6)
		for i := range to {
			wg.Go(func() { to[i] = newBrowser(t, r.url).post("/orders", form).header.Get("Location") })
		}
		wg.Wait()
		for _, l := range to {
			if l == "" || l != to[0] {
				t.Errorf("the same attempt led to %v", to)
			}
		}
		if n := r.orders(); n != 1 {
			t.Errorf("%d orders were made", n)
		}
	})
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	r := lite(t, nil)
	form := r.pay25(ids(0))
	for name, header := range map[string]http.Header{
		"told by the browser": {"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://elsewhere.example"}},
		"told by its origin":  {"Origin": {"https://elsewhere.example"}, "Sec-Fetch-Site": {}},
		"a neighbour":         {"Sec-Fetch-Site": {"same-site"}, "Origin": {"http://other.example"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBrowser(t, r.url)
			b.header = header
			for _, address := range []string{"/orders", "/cart", "/preferences", "/orders/find"} {
				b.post(address, form).must(403).has("The form came from another place")
			}
		})
	}
	if r.orders() != 0 {
		t.Error("an order was made")
	}
	// What the exchanger sends comes from another site by nature.
	b := newBrowser(t, r.url)
	b.header = http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://elsewhere.example"}}
	b.post("/ipn/unknown", url.Values{}).must(404)
	// Whoever reaches the shop under another name than its own is still the shop.
	b.header = http.Header{"Origin": {r.url}, "Sec-Fetch-Site": {"cross-site"}}
	b.post("/preferences", url.Values{"back": {"/cart"}}).must(303)
}

func TestWhatIsNotThereHelps(t *testing.T) {
	r := lite(t, func(c *config.Config) { c.Mail.URL = "smtp://127.0.0.1:1" })
	for _, address := range []string{"/orders/" + strings.Repeat("a", 26), "/orders/x", "/nothing", "/orders/x/receipt", "/orders/" + strings.Repeat("a", 26) + "/events", "/?category=none"} {
		p := r.get(address).must(404).has("There is nothing at this address", "Find my order")
		if len(p.elements("form", "action", "/orders/find")) == 0 {
			t.Errorf("%s: no form to find an order", address)
		}
	}
	for _, address := range []string{"/products/none", "/products/secret"} {
		r.get(address).must(404).has("not here any more")
	}
	r.post("/cart", url.Values{"product": {"secret"}}).must(404)
	r.post("/cart", url.Values{"product": {"4"}}).must(404)
	r.get("/pay/none").must(404).has("no payment link")
	r.get("/preferences").must(405)
	if to := r.get("/cart/mug").must(303).header.Get("Location"); to != "/cart" { // what a refused quantity leaves in the address line, loaded again
		t.Errorf("leads to %s", to)
	}
	if p := r.get("/orders/" + strings.Repeat("b", 26) + "/status").must(404); !strings.HasPrefix(p.header.Get("Content-Type"), "application/problem+json") {
		t.Errorf("status answers %s", p.header.Get("Content-Type"))
	}
}

func TestTheCartTakesWhatIsLeft(t *testing.T) {
	each(t, nil, func(t *testing.T, r *rig) {
		for _, typed := range []string{"0", "-1", "1.5", "x", "", "1000", "99999999999999999999"} {
			r.post("/cart", url.Values{"product": {"mug"}, "quantity": {typed}}).must(422).has("A quantity is a whole number")
		}
		r.post("/cart", url.Values{"product": {"lamp"}, "quantity": {"4"}}).must(422).has("Only 3 are left")
		r.post("/cart", url.Values{"product": {"clock"}, "quantity": {"1"}}).must(422).has("Sold out")
		r.post("/cart", url.Values{"product": {"2"}, "quantity": {"2"}, "then": {"checkout"}}).must(303)
		r.post("/cart", url.Values{"product": {"lamp"}, "quantity": {"2"}}).must(422).has("Only 3 are left")
		r.post("/cart/lamp", url.Values{"quantity": {"4"}}).must(422).has("Only 3 are left", "Lamp")
		r.post("/cart/lamp", url.Values{"quantity": {"many"}}).must(422).has("A quantity is a whole number")
		r.get("/cart").must(200).has("2 items")

		// Somebody else takes two of the three: what is in the cart is more than is left.
		other := newBrowser(t, r.url)
		other.follow(other.post("/cart", url.Values{"product": {"lamp"}, "quantity": {"2"}})).must(200)
		pay := other.get("/checkout").must(200)
		form := pay.form("/orders")
		form.Set("route", pay.routeOf("BTC"))
		form.Set("email", "a@example.com")
		form.Set("agreement", "on")
		other.post("/orders", form).must(303)
		r.get("/checkout").must(303)
		r.get("/cart").must(200).has("Only 1 is left", "needs a change")
		form.Set("attempt", ids(9))
		r.post("/orders", form).must(422).has("Only 1 is left")
		r.follow(r.post("/cart/lamp", url.Values{"quantity": {"0"}})).must(200).has("Your cart is empty")
		r.post("/orders", form).must(422).has("Your cart is empty")
	})
}

func TestAnExchangerInTroubleIsSaidInWords(t *testing.T) {
	for _, tt := range []struct {
		name   string
		faults sandbox.Faults
		says   string
	}{
		{"answers with an error page", sandbox.Faults{HTMLErrors: true, Only: "order/create"}, "got no answer"},
		{"fails after it had made the order", sandbox.Faults{ErrorsAfter: true, Only: "order/create"}, "got no answer"},
		{"breaks off", sandbox.Faults{HalfAnswer: true, Only: "order/create"}, "got no answer"},
		{"says nothing", sandbox.Faults{EmptyBody: true, Only: "order/create"}, "got no answer"},
		{"refuses", sandbox.Faults{RefuseCreate: "wallet"}, "could not prepare this payment"},
		{"wants a captcha", sandbox.Faults{DemandCaptcha: true}, "could not prepare this payment"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := lite(t, nil)
			form := r.pay25(ids(1))
			r.sand.SetFaults(tt.faults)
			p := r.follow(r.post("/orders", form).must(303)).must(200).has(tt.says, "Try again with BTC", "$25.00")
			if r.orders() != 1 {
				t.Errorf("%d orders", r.orders())
			}
			again := p.form(p.url.Path + "/pay")
			again.Set("nothing_sent", "1")
			r.sand.SetFaults(sandbox.Faults{})
			there := r.follow(r.post(p.url.Path+"/pay", again).must(303)).must(200)
			if !strings.Contains(there.url.Path, "/payment/") {
				t.Errorf("the new attempt led to %s", there.url)
			}
			if r.orders() != 1 {
				t.Errorf("%d orders", r.orders())
			}
		})
	}
}

func TestAnExchangerThatIsAwayKeepsTheForm(t *testing.T) {
	r := lite(t, func(c *config.Config) { c.Exchanger.RoutesTTL = time.Nanosecond })
	form := r.pay25(ids(1))
	r.sand.SetFaults(sandbox.Faults{Errors: true})
	p := r.post("/orders", form).must(503).has("does not answer. No order was made")
	if back := p.form("/orders"); back.Get("email") != form.Get("email") || back.Get("attempt") != form.Get("attempt") {
		t.Errorf("the form was lost: %v", back)
	}
	if r.orders() != 0 {
		t.Error("an order was made")
	}
	r.sand.SetFaults(sandbox.Faults{})
}

// While no exchanger answers the checkout says so and looks again by itself, and it is whole again as soon as one does.
func TestACheckoutWithoutAnyExchangerLooksAgain(t *testing.T) {
	r := lite(t, func(c *config.Config) { c.Exchanger.RoutesTTL = time.Nanosecond })
	if got := r.get("/pay?amount=25").must(200); len(got.elements("input", "name", "route")) == 0 {
		t.Fatal("nothing is offered to begin with")
	}
	r.sand.SetFaults(sandbox.Faults{Errors: true})
	until := func(what string, good func(p *page) bool) *page {
		t.Helper()
		for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
			if p := r.get("/pay?amount=25").must(200); good(p) {
				return p
			}
		}
		t.Fatalf("the checkout never %s", what)
		return nil
	}
	away := until("says that the exchanger is away", func(p *page) bool { return len(p.elements("a", "data-again", "15")) == 1 })
	away.has("does not answer right now", "nothing was ordered", `http-equiv="refresh"`)
	r.sand.SetFaults(sandbox.Faults{})
	until("is whole again", func(p *page) bool { return len(p.elements("input", "name", "route")) > 0 })
}

// What a program may leave out a customer may not: a form names no order of the API.
func TestAFormMakesNoOrdersOfPrograms(t *testing.T) {
	r := lite(t, nil)
	for _, source := range []string{checkout.SourceAPI, checkout.SourceTest, "", "anything"} {
		r.post("/orders", url.Values{"source": {source}, "amount": {"1.00"}, "attempt": {ids(7)}}).must(422)
	}
	if n := r.orders(); n != 0 {
		t.Errorf("%d orders", n)
	}
}

func TestAMovedRateIsSaidAndNotPaid(t *testing.T) {
	r := lite(t, nil)
	form := r.pay25(ids(1))
	r.sand.SetFaults(sandbox.Faults{MoveRates: decimal.NewFromInt(5), RatesStill: true})
	to := r.post("/orders", form).must(303).header.Get("Location")
	if !strings.HasPrefix(to, "/orders/") {
		t.Fatalf("led to %s although the rate had moved", to)
	}
	r.get(to).must(200).has("The amount changed", "more than you saw", "Another currency", "You pay only if you agree")
}

func TestNotificationsThatAreNone(t *testing.T) {
	each(t, nil, func(t *testing.T, r *rig) {
		r.sand.SetFaults(sandbox.Faults{LoseNotifications: true})
		order := r.placed(r.pay25(ids(1)))
		o, err := r.store.OrderByID(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		address := r.sand.Orders()[0].IPNURL
		send := func(address, kind string, body []byte) int {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", kind)
			res, err := r.client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			return res.StatusCode
		}
		const form = "application/x-www-form-urlencoded"
		for _, tt := range []struct {
			name, address, kind string
			body                []byte
			want                int
		}{
			{"for an unknown token", r.url + "/ipn/unknown", form, []byte("newStatus=done"), 404},
			{"that cannot be read", address, form, []byte("%%%"), 400},
			{"that says nothing", address, form, nil, 400},
			{"with a wrong hash", address, form, []byte("newStatus=done&orderId=650000000000000000000000&timestamp=1700000000000&inAmount=1&outAmount=1&hash=" + strings.Repeat("0", 64)), 401},
			{"that is too large", address, form, bytes.Repeat([]byte("a"), 64<<10+1), 413},
			{"that is far too large", address, form, bytes.Repeat([]byte("a"), 3<<20), 413},
			{"of another content type", address, "text/plain", []byte("newStatus=done"), 415},
		} {
			if got := send(tt.address, tt.kind, tt.body); got != tt.want {
				t.Errorf("a notification %s answered %d, want %d", tt.name, got, tt.want)
			}
		}
		if o, err = r.store.OrderByID(t.Context(), o.ID); err != nil || o.Status != "open" {
			t.Errorf("the order is %s, %v", o.Status, err)
		}
		r.get(order).must(200).has("Waiting for your payment")
	})
}

func TestOrdersFromOneAddressAreLimited(t *testing.T) {
	each(t, func(c *config.Config) { c.Limits.OrdersPerMinute = 2 }, func(t *testing.T, r *rig) {
		form := r.pay25(ids(1))
		bad := url.Values{"source": {"amount"}, "amount": {"0"}}
		for range 5 {
			r.post("/orders", bad).must(422) // mistakes are free
		}
		r.post("/orders", form).must(303)
		form.Set("attempt", ids(2))
		r.post("/orders", form).must(303)
		form.Set("attempt", ids(3))
		p := r.post("/orders", form).must(429).has("Too many tries")
		if p.header.Get("Retry-After") == "" {
			t.Error("nobody is told how long to wait")
		}
		form.Set("attempt", ids(1))
		r.post("/orders", form).must(303) // the same attempt is no new order
		if n := r.orders(); n != 2 {
			t.Errorf("%d orders", n)
		}
	})
}
