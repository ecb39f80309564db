package handlers

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

func TestAPageOfTheDeskIsCompressedOnce(t *testing.T) {
	body := []byte(strings.Repeat("<p>An order that waits</p>", 200))
	e := echo.New()
	e.Use(middleware.GzipWithConfig(zipping))
	page := func(c echo.Context) error { return SendHTML(c, http.StatusOK, body) }
	e.GET("/admin", page)
	e.GET("/admin/orders", page)
	e.GET("/", page)
	e.GET("/admin/orders.csv", func(c echo.Context) error { return c.Blob(http.StatusOK, "text/csv", body) })
	e.GET("/api/v1/orders", func(c echo.Context) error { return c.Blob(http.StatusOK, "application/json", body) })
	server := httptest.NewServer(e)
	defer server.Close()
	for _, path := range []string{"/admin", "/admin/orders", "/", "/admin/orders.csv", "/api/v1/orders"} {
		answer, err := http.Get(server.URL + path) // asks for gzip and undoes it once
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(body)+1)
		n := 0
		for {
			m, err := answer.Body.Read(got[n:])
			n += m
			if err != nil || n == len(got) {
				break
			}
		}
		answer.Body.Close()
		if string(got[:n]) != string(body) || !answer.Uncompressed {
			t.Errorf("%s: %d bytes after one decompression (compressed: %v), want %d", path, n, answer.Uncompressed, len(body))
		}
	}
}
