package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"mostrador/models/modelstest"
)

// FuzzBodies: whatever a program sends as the body of a call, it is carried out or refused in problem+json; never a fault of ours.
func FuzzBodies(f *testing.F) {
	r := start(f, modelstest.Open(f, modelstest.SQLite(f), nil))
	order := r.order("25").text("id")
	link := r.must(r.post("/api/v1/webhook_endpoints", map[string]any{"url": "https://shop.example/hook"}), 201).text("id")
	calls := []struct{ method, path string }{
		{"POST", "/orders"}, {"POST", "/orders/" + order + "/refunds"}, {"POST", "/payment_links"}, {"POST", "/webhook_endpoints"}, {"PATCH", "/webhook_endpoints/" + link},
		{"POST", "/orders/" + order + "/accept"}, {"POST", "/webhook_endpoints/" + link + "/rotate"}, {"POST", "/orders/" + order + "/refresh"},
	}
	for i, seed := range []string{
		`{"amount":"25.00","currency":"USD","email":"maria@example.com","metadata":{"a":"b"},"return_url":"https://shop.example/","expires_in":"30m","lang":"es"}`,
		`{"amount":"1.5","currency":"BTC","reference":"tx","reason":"asked"}`,
		`{"title":"Mug","amount":"18","max_uses":3,"expires_at":"2036-01-01T00:00:00Z"}`,
		`{"url":"https://shop.example/hook","events":["order.paid"]}`,
		`{"enabled":false,"events":[]}`,
		`{}`, `null`, `[]`,
	} {
		f.Add(uint8(i), seed, "")
	}
	f.Add(uint8(0), `{"amount":1e999,"expires_in":-1}`, "a key")
	f.Add(uint8(0), `{"amount":"25","metadata":{"\u0000":"\ud800"},"fields":{"":""}}`, "")
	f.Add(uint8(0), `{"amount":"25","route":"sandbox/x","return_url":"javascript:alert(1)"}`, "\x7f")
	f.Add(uint8(2), `{"title":" ","expires_at":"0000-01-01T00:00:00Z","max_uses":9223372036854775807}`, "")
	f.Fuzz(func(t *testing.T, which uint8, body, once string) {
		c := calls[int(which)%len(calls)]
		req := httptest.NewRequest(c.method, "/api/v1"+c.path, strings.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+r.key)
		if once != "" {
			req.Header.Set("Idempotency-Key", once)
		}
		rec := httptest.NewRecorder()
		r.edge.ServeHTTP(rec, req)
		if rec.Code >= 500 && rec.Code != http.StatusServiceUnavailable {
			t.Fatalf("%s %s answered %d: %s", c.method, c.path, rec.Code, rec.Body)
		}
		if rec.Code >= 400 && !strings.HasPrefix(rec.Header().Get("Content-Type"), "application/problem+json") {
			t.Fatalf("%s %s refused as %s", c.method, c.path, rec.Header().Get("Content-Type"))
		}
		if rec.Body.Len() > 0 && !json.Valid(rec.Body.Bytes()) {
			t.Fatalf("%s %s answered %q", c.method, c.path, rec.Body)
		}
	})
}
