package api_test

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestEndpointsAreMadeChangedAndDeleted(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		for _, url := range []string{"ftp://shop.example/", "shop.example", "https://user:pass@shop.example/", "http://127.0.0.1:9/", "http://localhost/", "http://10.0.0.1/", "http://[::1]/", "http://169.254.169.254/"} {
			r.named(r.post("/api/v1/webhook_endpoints", map[string]any{"url": url}), 422, "body.url")
		}
		r.named(r.post("/api/v1/webhook_endpoints", map[string]any{"url": "https://shop.example/", "events": []string{"order.lost"}}), 422, "body.events")
		made := r.must(r.post("/api/v1/webhook_endpoints", map[string]any{"url": "https://shop.example/hooks", "events": []string{"order.paid"}}), 201)
		secret, id := made.text("secret"), made.text("id")
		if !strings.HasPrefix(secret, "whsec_") {
			t.Fatalf("secret %q", secret)
		}
		for _, path := range []string{"/api/v1/webhook_endpoints", "/api/v1/webhook_endpoints/" + id} {
			if a := r.must(r.get(path), 200); strings.Contains(a.raw, "whsec_") || !strings.Contains(a.raw, id) {
				t.Errorf("%s: %s", path, a.raw)
			}
		}
		a := r.must(r.call(r.key, "PATCH", "/api/v1/webhook_endpoints/"+id, map[string]any{"url": "https://shop.example/other", "events": []string{}, "enabled": false}), 200)
		if a.text("url") != "https://shop.example/other" || a.text("enabled") != "false" || len(a.body["events"].([]any)) != 9 {
			t.Errorf("changed: %s", a.raw)
		}
		r.named(r.post("/api/v1/webhook_endpoints/"+id+"/test", nil), 409, "")
		if a = r.must(r.call(r.key, "PATCH", "/api/v1/webhook_endpoints/"+id, map[string]any{"enabled": true}), 200); a.text("enabled") != "true" {
			t.Errorf("switched on: %s", a.raw)
		}
		rotated := r.must(r.post("/api/v1/webhook_endpoints/"+id+"/rotate", nil), 200)
		until, err := time.Parse(time.RFC3339, rotated.text("old_secret_until"))
		if rotated.text("secret") == secret || rotated.text("secret") == "" || err != nil || time.Until(until) < 23*time.Hour {
			t.Errorf("rotated: %s", rotated.raw)
		}
		sent := r.must(r.post("/api/v1/webhook_endpoints/"+id+"/test", nil), 202)
		list := r.must(r.get("/api/v1/webhook_endpoints/"+id+"/deliveries"), 200)
		if list.text("data.0.id") != sent.text("id") || list.text("data.0.type") != "webhook.test" || list.text("data.0.state") != "waiting" {
			t.Errorf("deliveries: %s", list.raw)
		}
		again := r.must(r.post("/api/v1/deliveries/"+sent.text("id")+"/redeliver", nil), 202)
		if again.text("id") != sent.text("id") || again.text("endpoint_id") != id {
			t.Errorf("redelivered: %s", again.raw)
		}
		r.must(r.call(r.key, "DELETE", "/api/v1/webhook_endpoints/"+id, nil), 204)
		for _, c := range [][2]string{{"GET", ""}, {"PATCH", ""}, {"DELETE", ""}, {"POST", "/rotate"}, {"POST", "/test"}, {"GET", "/deliveries"}} {
			r.named(r.call(r.key, c[0], "/api/v1/webhook_endpoints/"+id+c[1], map[string]any{}), 404, "")
			r.named(r.call(r.key, c[0], "/api/v1/webhook_endpoints/x%00y"+c[1], map[string]any{}), 404, "")
		}
		r.named(r.post("/api/v1/deliveries/"+sent.text("id")+"/redeliver", nil), 404, "")
		r.named(r.post("/api/v1/deliveries/msg_aaaaaaaaaaaaaaaaaaaaaaaaaa/redeliver", nil), 404, "")
	})
}

func TestAnOrdersChangesBecomeDeliveries(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		all := r.must(r.post("/api/v1/webhook_endpoints", map[string]any{"url": "https://shop.example/all"}), 201).text("id")
		some := r.must(r.post("/api/v1/webhook_endpoints", map[string]any{"url": "https://shop.example/some", "events": []string{"order.cancelled"}}), 201).text("id")
		id := r.order("25").text("id")
		r.must(r.post("/api/v1/orders/"+id+"/cancel", nil), 200)
		a := r.must(r.get("/api/v1/webhook_endpoints/"+all+"/deliveries"), 200)
		if len(a.body["data"].([]any)) != 2 || a.text("data.0.type") != "order.cancelled" || a.text("data.0.payload.data.order.id") != id || a.text("data.0.payload.type") != "order.cancelled" {
			t.Errorf("all: %s", a.raw)
		}
		if a = r.must(r.get("/api/v1/webhook_endpoints/"+some+"/deliveries"), 200); len(a.body["data"].([]any)) != 1 {
			t.Errorf("some: %s", a.raw)
		}
	})
}

func TestEventsWaitForTheNext(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		first := r.order("25")
		a := r.must(r.get("/api/v1/events?limit=1"), 200)
		if a.text("data.0.type") != "order.created" || a.text("data.0.data.order.id") != first.text("id") || a.text("has_more") != "false" {
			t.Fatalf("events: %s", a.raw)
		}
		after := a.text("next_after")
		if empty := r.must(r.get("/api/v1/events?after="+after), 200); len(empty.body["data"].([]any)) != 0 || empty.text("next_after") != after {
			t.Errorf("nothing new: %s", empty.raw)
		}
		got := make(chan answer, 1)
		began := time.Now()
		go func() { got <- r.get("/api/v1/events?wait=25&after=" + after) }()
		time.Sleep(150 * time.Millisecond) // so that it waits by now; a race only makes the test weaker
		second := r.order("30")
		b := <-got
		if b.status != 200 || b.text("data.0.data.order.id") != second.text("id") {
			t.Errorf("waited and got: %s", b.raw)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("it took %s", took)
		}
		n, _ := strconv.Atoi(b.text("next_after"))
		if m, _ := strconv.Atoi(after); n != m+1 {
			t.Errorf("ids leave a gap: %d after %d", n, m)
		}
	})
}

func TestPaymentLinks(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		a := r.must(r.post("/api/v1/payment_links", map[string]any{"title": "Ribera mug", "amount": "18", "max_uses": 2, "expires_at": "2100-01-01T00:00:00Z", "metadata": map[string]string{"a": "b"}, "return_url": "https://courses.example/thanks"}), 201)
		if a.text("return_url") != "https://courses.example/thanks" {
			t.Errorf("made: %s", a.raw)
		}
		if a.text("url") != r.url+"/pay/"+a.text("id") || a.text("amount") != "18.00" || a.text("max_uses") != "2" || a.text("uses") != "0" || a.text("metadata.a") != "b" {
			t.Errorf("made: %s", a.raw)
		}
		open := r.must(r.post("/api/v1/payment_links", map[string]any{"title": "Anything"}), 201)
		if open.at("amount") != nil || open.at("max_uses") != nil || open.at("expires_at") != nil {
			t.Errorf("open: %s", open.raw)
		}
		l := r.must(r.get("/api/v1/payment_links?limit=1"), 200)
		if l.text("data.0.id") != open.text("id") || l.text("next_cursor") == "" {
			t.Errorf("list: %s", l.raw)
		}
		for location, body := range map[string]map[string]any{"body.title": {"title": " "}, "body.amount": {"title": "x", "amount": "-1"}, "body.max_uses": {"title": "x", "max_uses": 0},
			"body.expires_at": {"title": "x", "expires_at": "2001-01-01T00:00:00Z"}, "body.currency": {"title": "x", "currency": "EUR"}, "body.return_url": {"title": "x", "return_url": "javascript:alert(1)"}} {
			r.named(r.post("/api/v1/payment_links", body), 422, location)
		}
	})
}
