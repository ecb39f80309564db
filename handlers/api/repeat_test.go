package api_test

import (
	"strings"
	"sync"
	"testing"
)

// TestACallUnderOneKeyIsDoneOnce sends what makes a refund, a link and an endpoint many times at once under one key.
func TestACallUnderOneKeyIsDoneOnce(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		order := r.order("25")
		id := order.text("id")
		r.received(id, 2500)
		for _, tt := range []struct {
			path        string
			body, other map[string]any
			list        string // where what was made stands
		}{
			{"/api/v1/orders/" + id + "/refunds", map[string]any{"amount": "20", "currency": "USD", "reference": "tx"}, map[string]any{"amount": "5", "currency": "USD"}, "/api/v1/orders/" + id + "/refunds"},
			{"/api/v1/payment_links", map[string]any{"title": "mug", "amount": "3"}, map[string]any{"title": "mug", "amount": "4"}, "/api/v1/payment_links"},
			{"/api/v1/webhook_endpoints", map[string]any{"url": "https://shop.example/hooks"}, map[string]any{"url": "https://shop.example/other"}, "/api/v1/webhook_endpoints"},
		} {
			t.Run(tt.path[strings.LastIndex(tt.path, "/")+1:], func(t *testing.T) {
				r := *r
				r.t = t
				count := func() int { return len(r.must(r.get(tt.list), 200).body["data"].([]any)) }
				before := count()
				got := make([]answer, 6)
				var wg sync.WaitGroup
				for i := range got {
					wg.Go(func() { got[i] = r.post(tt.path, tt.body, "Idempotency-Key", "one") })
				}
				wg.Wait()
				fresh := 0
				for _, a := range append(got, r.post(tt.path, tt.body, "Idempotency-Key", "one")) {
					if r.must(a, 201); a.raw != got[0].raw {
						t.Errorf("answered %s and %s", a.raw, got[0].raw)
					}
					if a.header.Get("Idempotent-Replayed") == "" {
						fresh++
					}
				}
				if n := count(); n != before+1 || fresh != 1 {
					t.Errorf("%d were made, %d were answered as new", n-before, fresh)
				}
				r.named(r.post(tt.path, tt.other, "Idempotency-Key", "one"), 409, "header.Idempotency-Key")
				other := r.newKey()
				if a := r.call(other, "POST", tt.path, tt.other, "Idempotency-Key", "one"); a.status != 201 || a.header.Get("Idempotent-Replayed") != "" {
					t.Errorf("the same text with another API key: %d %s", a.status, a.raw)
				}
				if a := r.post(tt.path, map[string]any{"amount": "x", "title": "", "url": "ftp://x"}, "Idempotency-Key", "refused"); a.status != 422 {
					t.Errorf("a mistake is %d", a.status)
				}
			})
		}
		a := r.must(r.post("/api/v1/orders", map[string]any{"amount": "7"}, "Idempotency-Key", "one"), 201)
		if b := r.must(r.call(r.newKey(), "POST", "/api/v1/orders", map[string]any{"amount": "7"}, "Idempotency-Key", "one"), 201); b.text("id") == a.text("id") {
			t.Error("two API keys share their orders' keys")
		}
	})
}

// TestTextsThatCannotBeKeptAreRefusedByTheirField sends what PostgreSQL cannot keep to every text of every call.
func TestTextsThatCannotBeKeptAreRefusedByTheirField(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		id := r.order("25").text("id")
		r.received(id, 2500)
		hook := r.must(r.post("/api/v1/webhook_endpoints", map[string]any{"url": "https://shop.example/hooks"}), 201).text("id")
		type body = map[string]any
		for _, tt := range []struct {
			method, path, field string
			whole               body
			at                  func(body, string)
		}{
			{"POST", "/orders", "description", body{"amount": "1"}, nil},
			{"POST", "/orders", "email", body{"amount": "1"}, nil},
			{"POST", "/orders", "amount", body{}, nil},
			{"POST", "/orders", "currency", body{"amount": "1"}, nil},
			{"POST", "/orders", "route", body{"amount": "1"}, nil},
			{"POST", "/orders", "return_url", body{"amount": "1"}, nil},
			{"POST", "/orders", "metadata", body{"amount": "1"}, func(b body, s string) { b["metadata"] = body{"k": s} }},
			{"POST", "/orders", "metadata", body{"amount": "1"}, func(b body, s string) { b["metadata"] = body{s: "v"} }},
			{"POST", "/orders", "fields", body{"amount": "1", "route": "sandbox/1"}, func(b body, s string) { b["fields"] = body{"k": s} }},
			{"POST", "/orders/" + id + "/refunds", "amount", body{}, nil},
			{"POST", "/orders/" + id + "/refunds", "currency", body{"amount": "1"}, nil},
			{"POST", "/orders/" + id + "/refunds", "reference", body{"amount": "1"}, nil},
			{"POST", "/orders/" + id + "/refunds", "reason", body{"amount": "1"}, nil},
			{"POST", "/payment_links", "title", body{}, nil},
			{"POST", "/payment_links", "description", body{"title": "x"}, nil},
			{"POST", "/payment_links", "amount", body{"title": "x"}, nil},
			{"POST", "/payment_links", "currency", body{"title": "x"}, nil},
			{"POST", "/payment_links", "return_url", body{"title": "x"}, nil},
			{"POST", "/payment_links", "metadata", body{"title": "x"}, func(b body, s string) { b["metadata"] = body{"k": s} }},
			{"POST", "/webhook_endpoints", "url", body{}, nil},
			{"POST", "/webhook_endpoints", "events", body{"url": "https://shop.example/x"}, func(b body, s string) { b["events"] = []string{s} }},
			{"PATCH", "/webhook_endpoints/" + hook, "url", body{}, nil},
			{"PATCH", "/webhook_endpoints/" + hook, "events", body{}, func(b body, s string) { b["events"] = []string{s} }},
		} {
			b := body{}
			for k, v := range tt.whole {
				b[k] = v
			}
			if tt.at != nil {
				tt.at(b, "a\x00b")
			} else {
				b[tt.field] = "a\x00b"
			}
			a := r.call(r.key, tt.method, "/api/v1"+tt.path, b)
			r.named(a, 422, "body."+tt.field)
		}
		for _, path := range []string{"/orders?q=a%00b", "/orders?email=a%00b", "/orders?status=a%00b", "/orders?q=%ff", "/orders?email=%ff"} {
			if a := r.get("/api/v1" + path); a.status != 422 {
				t.Errorf("%s: %d %s", path, a.status, a.raw)
			}
		}
		for _, path := range []string{"/orders/a%00b", "/orders/%ff", "/webhook_endpoints/we_%00", "/routes?amount=%00"} {
			if a := r.get("/api/v1" + path); a.status < 400 || a.status >= 500 {
				t.Errorf("%s: %d %s", path, a.status, a.raw)
			}
		}
	})
}
