package shop_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/config"
	"mostrador/handlers"
	"mostrador/handlers/shop"
	"mostrador/models/modelstest"
)

// BenchmarkCatalogue compares the front page with a bare handler that writes the same bytes: it shall reach a third of its rate.
func BenchmarkCatalogue(b *testing.B) {
	store := modelstest.Open(b, modelstest.SQLite(b), nil)
	cfg := config.Default()
	svc, err := checkout.New(b.Context(), store, checkout.OptionsOf(cfg), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer svc.Close()
	if err := fill(b.Context(), store); err != nil {
		b.Fatal(err)
	}
	e := echo.New()
	shop.Register(e, handlers.Stack(e, handlers.Deps{Store: store, Service: svc, Config: cfg}))
	ask := func() *httptest.ResponseRecorder {
		rec := httptest.NewRecorder()
		e.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/", nil))
		return rec
	}
	body := ask().Body.Bytes()
	bare := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(body)
	})
	measure := func(name string, h http.Handler) {
		b.Run(name, func(b *testing.B) {
			srv := httptest.NewServer(h)
			defer srv.Close()
			client := &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 64}}
			b.SetBytes(int64(len(body)))
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					load(b, client, srv.URL)
				}
			})
		})
	}
	measure("bare", bare)
	measure("catalogue", e)
}
