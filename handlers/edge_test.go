package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"mostrador/checkout"
	"mostrador/handlers"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/money"
)

func TestOneTableMakesTheStatusOfAnError(t *testing.T) {
	problem := func(k checkout.Kind) error {
		return fmt.Errorf("while doing something: %w", &checkout.Problem{Kind: k, Code: "x"})
	}
	for _, tt := range []struct {
		name string
		err  error
		want int
	}{
		{"nothing wrong", nil, 200},
		{"something that was sent is not usable", problem(checkout.Invalid), 422},
		{"there is no such thing", problem(checkout.NotFound), 404},
		{"not possible in this state", problem(checkout.Conflict), 409},
		{"perhaps later", problem(checkout.Unavailable), 503},
		{"too often", problem(checkout.TooMany), 429},
		{"not with these rights", problem(checkout.Forbidden), 403},
		{"a kind that nobody knows is our fault", problem(checkout.Kind(99)), 500},
		{"a row that is missing", fmt.Errorf("read: %w", models.ErrNotFound), 404},
		{"a row that is there already", models.ErrConflict, 409},
		{"a row that changed", models.ErrChanged, 409},
		{"the database is busy", fmt.Errorf("write: %w", models.ErrBusy), 503},
		{"a body that is too large", &http.MaxBytesError{Limit: 1}, 413},
		{"a wrong method", echo.ErrMethodNotAllowed, 405},
		{"whoever asked went away", context.Canceled, 499},
		{"it took too long", context.DeadlineExceeded, 503},
		{"anything else is our fault", errors.New("secret detail"), 500},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := handlers.StatusOf(tt.err); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

func TestEveryRefusalHasItsWords(t *testing.T) {
	args := []any{"currency", "USD", "decimals", int32(2), "max", money.FromMinor(500, "USD"), "min", checkout.Units{Value: decimal.New(1, -2), Symbol: "ETH"}, "title", "Mug", "left", int64(1), "name", "Purse", "typed", "1,000", "clear", "1000", "wait", 3 * time.Second, "price", money.FromMinor(2600, "USD"), "before", money.FromMinor(2500, "USD")}
	for _, code := range checkout.Codes {
		if !messages.Has("problem." + code) {
			t.Errorf("problem.%s has no text", code)
			continue
		}
		for _, lang := range messages.Languages {
			got := handlers.ProblemText(messages.For(lang), &checkout.Problem{Code: code, Args: args})
			if got == "" || strings.ContainsAny(got, "{}⟦") {
				t.Errorf("%s in %s says %q", code, lang, got)
			}
		}
	}
}

func TestProblemsForPrograms(t *testing.T) {
	e := echo.New()
	rec := httptest.NewRecorder()
	c := e.NewContext(httptest.NewRequest(http.MethodPost, "/api/v1/orders", nil), rec)
	p := &checkout.Problem{Kind: checkout.Invalid, Field: "amount", Code: "amount_not_positive", Others: []*checkout.Problem{{Kind: checkout.Invalid, Field: "email", Code: "email_invalid"}}}
	if err := handlers.WriteProblem(c, p); err != nil {
		t.Fatal(err)
	}
	if rec.Code != 422 || rec.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %s", rec.Code, rec.Header())
	}
	for _, want := range []string{`"status":422`, `"code":"amount_not_positive"`, `"field":"amount"`, `"field":"email"`, "above 0"} {
		if !strings.Contains(rec.Body.String(), want) {
			t.Errorf("%s is missing: %s", want, rec.Body)
		}
	}
	rec = httptest.NewRecorder()
	c = e.NewContext(httptest.NewRequest(http.MethodPost, "/api/v1/orders", nil), rec)
	if err := handlers.WriteProblem(c, errors.New("secret detail")); err != nil || rec.Code != 500 || strings.Contains(rec.Body.String(), "secret") {
		t.Errorf("%v %d %s", err, rec.Code, rec.Body)
	}
}

func TestOnlyPathsOfThisShopAreGoneBackTo(t *testing.T) {
	for in, want := range map[string]string{
		"/": "/", "/orders/abc?choose=1": "/orders/abc?choose=1", "/a#b": "/a", "": "/", "a": "/", "//a.example": "/", "https://a.example/": "/", `/\a.example`: "/", "/a\r\nb": "/", "javascript:x": "/",
	} {
		if got := handlers.LocalPath(in); got != want {
			t.Errorf("%q leads to %q, want %q", in, got, want)
		}
	}
}

func TestTimesInEachLanguage(t *testing.T) {
	at := time.Date(2026, 11, 24, 14, 45, 9, 0, time.UTC)
	for lang, want := range map[string]string{"en": "24 November 2026, 14:45\u00a0UTC", "es": "24 de noviembre de 2026, 14:45\u00a0UTC", "ru": "24 ноября 2026, 14:45\u00a0UTC"} {
		if got := handlers.Full(messages.For(lang), at); got != want {
			t.Errorf("%s: %q", lang, got)
		}
	}
	p := messages.For("en")
	if got := handlers.Short(p, at, at.Add(time.Hour)); got != "14:45" {
		t.Errorf("the same day: %q", got)
	}
	if got := handlers.Short(p, at, at.Add(24*time.Hour)); got != "24 November, 14:45" {
		t.Errorf("another day: %q", got)
	}
	for d, want := range map[time.Duration]string{time.Hour + 42*time.Minute + 10*time.Second: "1:42:10", 581 * time.Second: "9:41", 0: "0:00", -time.Minute: "0:00"} {
		if got, _ := handlers.Left(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}
