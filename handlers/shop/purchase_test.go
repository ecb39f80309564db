package shop_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
)

// The whole way of a customer whose browser runs no scripts.
func TestAPurchaseWithoutScripts(t *testing.T) {
	each(t, nil, func(t *testing.T, r *rig) {
		r.get("/").must(200).has("Ribera mug", "$18.00", "Sold out", "Only 3 left").hasNot("Hidden thing")
		product := r.get("/products/mug").must(200).has("Ribera mug", "$18.00")
		form := product.form("/cart")
		form.Set("quantity", "2")
		cart := r.follow(r.post("/cart", form)).must(200).has("$36.00", "2 items")
		cart = r.follow(r.post("/cart/lamp", url.Values{"quantity": {"1"}})).must(200).has("$78.50")

		pay := r.get(cart.link("Check out")).must(200).has("$78.50", "Pay with", "Continue")
		form = pay.form("/orders")
		form.Set("email", "maria@example.com")
		form.Set("route", pay.routeOf("LTC"))
		form.Set("step", "choose")
		pay = r.post("/orders", form).must(200).has("Pay 0.", "LTC", "LTC refund address", "New rate in", "more than 0.5 % higher")
		if r.orders() != 0 {
			t.Fatal("looking at an amount made an order")
		}
		form = pay.form("/orders")
		if form.Get("email") != "maria@example.com" {
			t.Errorf("the e-mail was lost: %v", form)
		}
		form.Set("agreement", "1")
		there := r.follow(r.post("/orders", form).must(303)).must(200)
		if !strings.Contains(there.url.Path, "/payment/") {
			t.Fatalf("paid at %s", there.url)
		}
		order := r.lastOrder()
		r.get(order).must(200).has("Waiting for your payment", "LTC", "Ribera mug", "Pay now at", "$78.50")
		r.get("/cart").must(200).has("Your cart is empty")

		r.follow(r.post(there.url.String(), url.Values{"how": {"full"}}))
		back := r.follow(r.get(order + "/return?status=success")).must(200)
		if back.url.Path != order {
			t.Errorf("came back to %s", back.url)
		}
		until(t, "paid", func() bool { return strings.HasPrefix(r.get(order).must(200).title(), "Paid · Order") })
		r.get(order).must(200).has("Paid. Thank you").hasNot("http-equiv=\"refresh\"")
		if n := len(r.get(order).elements("a", "href", order+"/receipt")); n != 1 {
			t.Errorf("the receipt is linked %d times", n)
		}
		r.get(order+"/receipt").must(200).has("Receipt", "Ribera mug", "maria@example.com", "LTC", "127.0.0.1")

		var got map[string]any
		if err := json.Unmarshal([]byte(r.get(order+"/status").must(200).body), &got); err != nil {
			t.Fatal(err)
		}
		if o := got["order"].(map[string]any); o["status"] != "paid" || o["total"] != "78.50" || o["currency"] != "USD" || len(o["flags"].([]any)) != 0 {
			t.Errorf("status says %v", o)
		}
		if p := got["payment"].(map[string]any); p["status"] != "done" || p["from"] != "LTC" || p["uid"] == "" || p["inAmount"] == "" {
			t.Errorf("status says %v", p)
		}
		if token := strings.TrimPrefix(order, "/orders/"); strings.Contains(r.log.String(), token) {
			t.Error("the log holds the token of an order")
		}
	})
}

func TestAFreeAmountIsPaidAtOnce(t *testing.T) {
	r := lite(t, nil)
	r.get("/pay").must(200).has("Enter what you want to pay")
	page := r.get("/pay?amount=25").must(200).has("Pay $25.00", "Pay with")
	if got := page.form("/orders"); got.Get("amount") != "25" || got.Get("source") != "amount" || got.Get("attempt") == "" {
		t.Errorf("the form holds %v", got)
	}
	r.get("/pay?amount=25&currency=USD").must(200)
	r.get("/pay?amount=25&currency=EUR").must(422).has("Amounts here are in USD")
	r.get("/pay?amount=0").must(422).has("above 0")
	order := r.placed(r.pay25(ids(1)))
	r.get(order).must(200).has("Payment to Mostrador Demo", "$25.00")
}

func TestSpeaksTheCustomersLanguage(t *testing.T) {
	r := lite(t, nil)
	r.header.Set("Accept-Language", "ru")
	r.get("/").must(200).has(`lang="ru"`, "Кружка", "18,00")
	p := r.post("/preferences", url.Values{"lang": {"es"}, "back": {"/products/mug"}}).must(303)
	if to := p.header.Get("Location"); to != "/products/mug" {
		t.Errorf("came back to %s", to)
	}
	r.get("/products/mug").must(200).has(`lang="es"`, "Taza Ribera")
	r.post("/preferences", url.Values{"theme": {"dark"}, "back": {"https://elsewhere.example/"}}).must(303)
	if p := r.get("/").must(200); !strings.Contains(p.body, `data-theme="dark"`) {
		t.Error("the theme was not kept")
	}
	for _, back := range []string{"https://elsewhere.example/", "//elsewhere.example", `/\elsewhere.example`, "javascript:alert(1)", ""} {
		if to := r.post("/preferences", url.Values{"back": {back}}).must(303).header.Get("Location"); to != "/" {
			t.Errorf("%q leads to %q", back, to)
		}
	}
}
