package api_test

import (
	"strings"
	"testing"
	"time"

	"mostrador/models/modelstest"
)

func TestKeysAndScopes(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		order := map[string]any{"amount": "25"}
		for name, key := range map[string]string{"none": "", "rubbish": "rubbish", "unknown": "msk_" + strings.Repeat("a", 32)} {
			a := r.call(key, "POST", "/api/v1/orders", order)
			r.named(a, 401, "")
			if a.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s: no WWW-Authenticate", name)
			}
		}
		reader := r.newKey("orders:read")
		r.must(r.call(reader, "GET", "/api/v1/orders", nil), 200)
		for _, c := range [][2]string{{"POST", "/api/v1/orders"}, {"POST", "/api/v1/orders/ord_1001/cancel"}, {"POST", "/api/v1/orders/ord_1001/accept"}, {"POST", "/api/v1/orders/ord_1001/refunds"},
			{"POST", "/api/v1/payment_links"}, {"GET", "/api/v1/webhook_endpoints"}, {"POST", "/api/v1/webhook_endpoints"}} {
			a := r.call(reader, c[0], c[1], map[string]any{})
			if r.named(a, 403, ""); a.text("code") != "scope_missing" {
				t.Errorf("%s %s: %s", c[0], c[1], a.raw)
			}
		}
		writer := r.newKey("orders:write")
		r.must(r.call(writer, "POST", "/api/v1/orders", order), 201)
		r.must(r.call(writer, "GET", "/api/v1/routes?amount=25", nil), 200)
		r.named(r.call(writer, "GET", "/api/v1/orders", nil), 403, "")
	})
}

func TestWhatReachesNoCallIsAProblemToo(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.named(r.get("/api/v1/nothing"), 404, "")
		r.named(r.get("/api/nothing"), 404, "")
		a := r.call(r.key, "DELETE", "/api/v1/orders", nil)
		if r.named(a, 405, ""); !strings.Contains(a.header.Get("Allow"), "POST") {
			t.Errorf("Allow: %q", a.header.Get("Allow"))
		}
		r.named(r.call(r.key, "POST", "/api/v1/orders", `{"amount": "1", "description": "`+strings.Repeat("x", 70<<10)+`"}`), 413, "")
		r.named(r.call(r.key, "POST", "/api/v1/orders", "amount=1", "Content-Type", "application/x-www-form-urlencoded"), 415, "")
		if a.header.Get("X-Request-Id") == "" || a.text("request_id") != a.header.Get("X-Request-Id") {
			t.Errorf("request id %q, %s", a.header.Get("X-Request-Id"), a.raw)
		}
	})
}

func TestTooManyCallsAreToldToWait(t *testing.T) {
	at := time.Now() // a clock that stands still gives nothing back
	for name, address := range map[string]func(testing.TB) string{"sqlite": modelstest.SQLite, "postgres": modelstest.Postgres} {
		t.Run(name, func(t *testing.T) {
			tooMany(t, start(t, modelstest.Open(t, address(t), func() time.Time { return at })))
		})
	}
}

func tooMany(t *testing.T, r *rig) {
	t.Helper()
	key := r.newKey("orders:read")
	for range 301 {
		a := r.call(key, "GET", "/api/v1/orders/ord_1", nil)
		if a.status == 429 {
			if a.header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			return
		}
		if a.status != 404 {
			t.Fatalf("got %d: %s", a.status, a.raw)
		}
	}
	t.Error("never")
}

func TestTheDocumentAndThePageTellOfEveryCall(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		doc := r.must(r.call("", "GET", "/api/openapi.json", nil), 200)
		if v := doc.text("openapi"); !strings.HasPrefix(v, "3.1") {
			t.Errorf("openapi %q", v)
		}
		page := r.must(r.call("", "GET", "/api/docs", nil), 200)
		paths := doc.body["paths"].(map[string]any)
		for _, want := range []string{"/orders", "/orders/{id}", "/orders/{id}/explain", "/orders/{id}/cancel", "/orders/{id}/refresh", "/orders/{id}/accept", "/orders/{id}/refunds", "/routes", "/payment_links",
			"/webhook_endpoints", "/webhook_endpoints/{id}", "/webhook_endpoints/{id}/rotate", "/webhook_endpoints/{id}/test", "/webhook_endpoints/{id}/deliveries", "/deliveries/{id}/redeliver", "/events"} {
			if paths["/api/v1"+want] == nil {
				t.Errorf("%s is not in the document", want)
			}
		}
		for path := range paths {
			if !strings.Contains(page.raw, "<code>"+path+"</code>") {
				t.Errorf("%s is not on the page", path)
			}
		}
		for _, bad := range []string{"<script", "style=", "<style", "http://unpkg", "https://"} {
			if strings.Contains(strings.ReplaceAll(page.raw, "https://shop.example", ""), bad) {
				t.Errorf("%q stands on the page", bad)
			}
		}
		if strings.Contains(doc.raw, "$schema\"") || strings.Contains(page.raw, "ZgotmplZ") {
			t.Error("something that does not belong there")
		}
		r.must(r.call("", "GET", "/api/docs.css", nil), 200)
	})
}
