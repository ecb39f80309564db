package api_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
)

func TestAnOrderWithoutARouteLetsTheCustomerChoose(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		a := r.must(r.post("/api/v1/orders", map[string]any{"amount": "25", "currency": "USD", "description": "Two mugs", "email": "maria@example.com",
			"metadata": map[string]string{"cart": "8841"}, "return_url": "https://shop.example/done", "expires_in": 1800}), 201)
		if id := a.text("id"); !strings.HasPrefix(id, "ord_") || a.header.Get("Location") != "/api/v1/orders/"+id {
			t.Errorf("id %q at %q", id, a.header.Get("Location"))
		}
		for path, want := range map[string]string{"status": "open", "amount": "25.00", "currency": "USD", "description": "Two mugs", "email": "maria@example.com",
			"metadata.cart": "8841", "return_url": "https://shop.example/done", "review_reason": ""} {
			if got := a.text(path); got != want {
				t.Errorf("%s: got %q, want %q", path, got, want)
			}
		}
		if a.at("payment") != nil || a.at("paid_at") != nil || fmt.Sprint(a.at("flags")) != "[]" {
			t.Errorf("a fresh order: %s", a.raw)
		}
		if !strings.HasPrefix(a.text("checkout_url"), r.url+"/orders/") {
			t.Errorf("checkout_url %q", a.text("checkout_url"))
		}
		number := strconv.FormatFloat(a.at("number").(float64), 'f', -1, 64)
		for _, id := range []string{a.text("id"), number} {
			if got := r.must(r.get("/api/v1/orders/"+id), 200); got.text("id") != a.text("id") {
				t.Errorf("%s leads to %s", id, got.raw)
			}
		}
	})
}

func TestAnOrderWithARouteIsPaidAtTheExchangersPage(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		route := r.route("25")
		a := r.must(r.post("/api/v1/orders", map[string]any{"amount": "25", "route": route.text("route")}), 201)
		if !strings.Contains(a.text("payment.url"), "/payment/") || a.text("payment.uid") == "" || a.text("payment.site") == "" {
			t.Fatalf("payment: %s", a.raw)
		}
		if a.text("payment.in_amount") == "" || route.text("amount") == "" || a.text("payment.from") != route.text("from.code") || a.text("payment.to") != route.text("to.code") {
			t.Errorf("not what the route said: %s, %v", a.raw, route.body)
		}
		uid, _ := strconv.ParseInt(a.text("payment.uid"), 10, 64)
		if err := r.sandbox.Move(uid, "done", false); err != nil {
			t.Fatal(err)
		}
		if got := r.must(r.post("/api/v1/orders/"+a.text("id")+"/refresh", nil), 200); got.text("status") != "paid" || got.at("paid_at") == nil {
			t.Errorf("after refresh: %s", got.raw)
		}
		why := r.must(r.get("/api/v1/orders/"+a.text("id")+"/explain"), 200)
		if why.text("cause") != "paid" || why.text("sentence") == "" || strings.Contains(why.raw, "⟦") || len(why.body["evidence"].([]any)) == 0 {
			t.Errorf("explain: %s", why.raw)
		}
		events := r.must(r.get("/api/v1/events"), 200)
		if !strings.Contains(events.raw, "order.created") || !strings.Contains(events.raw, "order.paid") {
			t.Errorf("events: %s", events.raw)
		}
	})
}

func TestRefusalsNameTheField(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		for _, tt := range []struct {
			name, body, location string
			status               int
		}{
			{"no amount", `{}`, "body.amount", 422},
			{"an amount that is a number", `{"amount": 25}`, "body.amount", 422},
			{"an amount that is no number", `{"amount": "many"}`, "body.amount", 422},
			{"too many decimals", `{"amount": "1.001"}`, "body.amount", 422},
			{"nothing", `{"amount": "0"}`, "body.amount", 422},
			{"another currency", `{"amount": "1", "currency": "EUR"}`, "body.currency", 422},
			{"no address of mail", `{"amount": "1", "email": "maria"}`, "body.email", 422},
			{"a route that is not there", `{"amount": "25", "route": "sandbox/000000000000000000000000"}`, "body.route", 422},
			{"a return address without a host", `{"amount": "1", "return_url": "javascript:alert(1)"}`, "body.return_url", 422},
			{"an expiry of nothing", `{"amount": "1", "expires_in": 0}`, "body.expires_in", 422},
			{"an expiry in words", `{"amount": "1", "expires_in": "soon"}`, "body.expires_in", 422},
			{"a description without end", `{"amount": "1", "description": "` + strings.Repeat("x", 501) + `"}`, "body.description", 422},
			{"metadata of numbers", `{"amount": "1", "metadata": {"a": 1}}`, "body.metadata.a", 422},
			{"a member that does not exist", `{"amount": "1", "price": "1"}`, "body.price", 422},
			{"signs that cannot be kept", `{"amount": "1", "description": "a\u0000b"}`, "body.description", 422},
			{"broken JSON", `{"amount":`, "", 400},
		} {
			a := r.post("/api/v1/orders", tt.body)
			r.named(a, tt.status, "")
			if tt.location != "" && !strings.Contains(a.raw, `"location":"`+tt.location) {
				t.Errorf("%s: %s is not named: %s", tt.name, tt.location, a.raw)
			}
		}
		for _, path := range []string{"orders?status=lost", "orders?limit=0", "orders?cursor=x", "orders?created_after=yesterday", "routes", "routes?amount=x", "events?after=x", "events?wait=31"} {
			a := r.get("/api/v1/" + path)
			if r.named(a, 422, ""); !strings.Contains(a.raw, "query.") {
				t.Errorf("%s: %s", path, a.raw)
			}
		}
	})
}

func TestOneIdempotencyKeyMakesOneOrder(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		route := r.route("25").text("route")
		body := map[string]any{"amount": "25", "route": route}
		var wg sync.WaitGroup
		got := make([]answer, 8)
		for i := range got {
			wg.Go(func() { got[i] = r.post("/api/v1/orders", body, "Idempotency-Key", "cart-1") })
		}
		wg.Wait()
		for _, a := range got {
			r.must(a, 201)
			if a.text("id") != got[0].text("id") || a.text("payment.uid") != got[0].text("payment.uid") || a.text("payment.uid") == "" {
				t.Errorf("another answer: %s", a.raw)
			}
		}
		if n := len(r.sandbox.Orders()); n != 1 {
			t.Errorf("%d exchange orders", n)
		}
		r.named(r.post("/api/v1/orders", map[string]any{"amount": "26", "route": route}, "Idempotency-Key", "cart-1"), 409, "")
		again := r.must(r.post("/api/v1/orders", body, "Idempotency-Key", "cart-1"), 201)
		if again.header.Get("Idempotent-Replayed") != "true" {
			t.Error("a replay does not say so")
		}
	})
}

func TestListsComeInPages(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		var made []string
		for i := range 5 {
			made = append(made, r.order(strconv.Itoa(10+i)).text("id"))
		}
		r.must(r.post("/api/v1/orders/"+made[0]+"/cancel", nil), 200)
		var seen []string
		cursor := ""
		for range 5 {
			a := r.must(r.get("/api/v1/orders?limit=2&cursor="+cursor), 200)
			for _, v := range a.body["data"].([]any) {
				seen = append(seen, v.(map[string]any)["id"].(string))
			}
			if a.at("next_cursor") == nil {
				break
			}
			cursor = a.text("next_cursor")
		}
		if len(seen) != 5 || seen[0] != made[4] || seen[4] != made[0] {
			t.Errorf("pages gave %v of %v", seen, made)
		}
		for query, want := range map[string]int{"status=cancelled": 1, "status=open": 4, "status=open,cancelled": 5, "email=MARIA@example.com": 5, "email=nobody@example.com": 0, "q=maria": 5,
			"q=" + strings.TrimPrefix(made[2], "ord_"): 1, "q=" + made[2]: 1, "q=%25": 0, "created_after=2100-01-01T00:00:00Z": 0, "created_after=2001-01-01T00:00:00Z": 5} {
			a := r.must(r.get("/api/v1/orders?"+query), 200)
			if n := len(a.body["data"].([]any)); n != want {
				t.Errorf("%s: %d orders, want %d", query, n, want)
			}
		}
	})
}

func TestDecisions(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		open := r.order("25").text("id")
		r.named(r.post("/api/v1/orders/"+open+"/accept", nil), 409, "")
		if a := r.must(r.post("/api/v1/orders/"+open+"/cancel", nil), 200); a.text("status") != "cancelled" {
			t.Errorf("after cancel: %s", a.raw)
		}
		r.must(r.post("/api/v1/orders/"+open+"/cancel", nil), 200) // once more changes nothing
		r.named(r.post("/api/v1/orders/"+open+"/refunds", map[string]any{"amount": "x"}), 422, "body.amount")
		r.received(open, 2500)
		r.named(r.post("/api/v1/orders/"+open+"/refunds", map[string]any{"amount": "10.00", "currency": "USDTTRC20"}), 422, "body.currency")
		r.named(r.post("/api/v1/orders/"+open+"/refunds", map[string]any{"amount": "25.01"}), 422, "body.amount")
		refund := r.must(r.post("/api/v1/orders/"+open+"/refunds", map[string]any{"amount": "10.00", "currency": "USD", "reference": "tx", "reason": "broken"}), 201)
		if refund.text("amount") != "10.00" || refund.text("order_id") != open {
			t.Errorf("refund: %s", refund.raw)
		}
		if a := r.must(r.get("/api/v1/orders/"+open+"/refunds"), 200); a.text("data.0.id") != refund.text("id") {
			t.Errorf("refunds: %s", a.raw)
		}
		for _, path := range []string{"", "/explain", "/refunds"} {
			r.named(r.get("/api/v1/orders/ord_999999"+path), 404, "")
			r.named(r.get("/api/v1/orders/nonsense"+path), 404, "")
		}
		for what, body := range map[string]any{"cancel": nil, "accept": nil, "refresh": nil, "refunds": map[string]any{"amount": "1"}} {
			r.named(r.post("/api/v1/orders/ord_999999/"+what, body), 404, "")
		}
	})
}
