package exchanger

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// class names the type of an error as a caller must see it.
func class(err error) string {
	var refused *Refused
	var unclear *Unclear
	var unavailable *Unavailable
	found := []string{}
	if errors.As(err, &refused) {
		found = append(found, "refused")
	}
	if errors.As(err, &unclear) {
		found = append(found, "unclear")
	}
	if errors.As(err, &unavailable) {
		found = append(found, "unavailable")
	}
	if err == nil {
		return "ok"
	}
	return strings.Join(found, "+")
}

// reset closes the connection with a TCP reset.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

func status(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

func TestEachFaultOfTheExchangerHasItsClass(t *testing.T) {
	page := "<!doctype html><title>Just a moment…</title>"
	slow := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			if _, err := io.WriteString(w, " "); err != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-tick.C:
			}
		}
	}
	half := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "500")
		_, _ = io.WriteString(w, `{"success":true,"data":{"uid":1409,"secret":"dGqw`)
	}
	huge := func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"success":true,"data":{"x":"`)
		for range 20 << 4 {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	}
	wait := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
	}
	busy := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	for _, tt := range []struct {
		name        string
		h           http.HandlerFunc
		create, get string
		gets        int32 // requests that one Get makes
	}{
		{"a 500 page", status(500, page), "unclear", "unavailable", 3},
		{"a 502 of a proxy", status(502, page), "unclear", "unavailable", 3},
		{"a 503 with Retry-After is not asked again", busy, "unclear", "unavailable", 1},
		{"a 500 that only looks like a refusal", status(500, `{"success":false,"error":{"message":"ECONNREFUSED"}}`), "unclear", "unavailable", 3},
		{"a 500 with an error of the API", status(500, `{"success":false,"error":{"apiError":true,"message":"no"}}`), "refused", "refused", 1},
		{"an HTML page with 200", status(200, page), "unclear", "unavailable", 1},
		{"an HTML page with 403", status(403, page), "unclear", "unavailable", 1},
		{"an HTML page with 404", status(404, page), "unclear", "unavailable", 1},
		{"an empty answer", status(200, ""), "unclear", "unavailable", 1},
		{"half an answer", half, "unclear", "unavailable", 3},
		{"20 MiB", huge, "unclear", "unavailable", 1},
		{"one byte a second", slow, "unclear", "unavailable", 1},
		{"429 with Retry-After", wait, "unavailable", "unavailable", 1},
		{"a reset after the request was sent", func(w http.ResponseWriter, _ *http.Request) { reset(w) }, "unclear", "unavailable", 3},
		{"a redirect elsewhere", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/"+r.URL.RawQuery, http.StatusTemporaryRedirect)
		}, "unclear", "unavailable", 1},
		{"JSON without success", status(200, `{"data":{}}`), "unclear", "unavailable", 1},
		{"JSON with something behind it", status(200, `{"success":true}{"success":false}`), "unclear", "unavailable", 1},
		{"success without data", status(200, `{"success":true}`), "unclear", "unavailable", 1},
		{"a uid of the wrong type", status(200, `{"success":true,"data":{"uid":{"$n":1},"secret":"`+testSecret+`","order":{"uid":"x","status":"new"}}}`), "unclear", "unavailable", 1},
		{"a uid with letters", status(200, `{"success":true,"data":{"uid":"14a9","secret":"`+testSecret+`","order":{"uid":"14a9","status":"new"}}}`), "unclear", "unavailable", 1},
		{"a uid in scientific notation", status(200, `{"success":true,"data":{"uid":1.4e3,"secret":"`+testSecret+`","order":{"uid":1.4e3,"status":"new"}}}`), "unclear", "unavailable", 1},
		{"a secret with a path in it", status(200, `{"success":true,"data":{"uid":1409,"secret":"../../evil/aaaaaaaaaaaa","order":{"uid":1410,"status":"new"}}}`), "unclear", "unavailable", 1},
		{"an order without a status", status(200, `{"success":true,"data":{"order":{"uid":1409}}}`), "unclear", "unavailable", 1},
		{"an error with 200", status(200, `{"success":false,"error":{"message":"no"}}`), "refused", "refused", 1},
		{"a refusal that is a bare string", status(200, `{"success":"false","error":"no"}`), "refused", "refused", 1},
		{"a refusal without a word", status(400, `{"success":false}`), "refused", "refused", 1},
		{"a good answer with a bad status", status(500, `{"success":1,"data":{"uid":"1409","secret":"`+testSecret+`","order":{"uid":1409,"status":"new"}}}`), "ok", "ok", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int32
			count := func(w http.ResponseWriter, r *http.Request) { n.Add(1); tt.h(w, r) }
			timeout := 5 * time.Second
			if tt.name == "one byte a second" {
				timeout = 150 * time.Millisecond
			}
			c := site(t, count, Options{Timeout: timeout})
			_, err := c.Create(t.Context(), CreateRequest{RouteID: testRoute, Amount: dec("-10")})
			if got := class(err); got != tt.create || n.Load() != 1 {
				t.Errorf("create: %s in %d requests, want %s in 1: %v", got, n.Load(), tt.create, err)
			}
			n.Store(0)
			_, err = c.Get(t.Context(), testUID, testSecret)
			if got := class(err); got != tt.get || n.Load() != tt.gets {
				t.Errorf("get: %s in %d requests, want %s in %d: %v", got, n.Load(), tt.get, tt.gets, err)
			}
			if err != nil && strings.Contains(err.Error(), testSecret) {
				t.Errorf("the error tells the secret: %v", err)
			}
			want := tt.create
			if want == "unclear" && (strings.Contains(tt.name, "uid") || strings.Contains(tt.name, "secret") || strings.Contains(tt.name, "an order without") || tt.name == "success without data") {
				want = "ok" // success is all that update-status says
			}
			if got := class(c.UpdateStatus(t.Context(), testUID, testSecret, StatusDeleted)); got != want && c.Health().State == Closed {
				t.Errorf("update-status: %s, want %s", got, want)
			}
		})
	}
}

func TestWhatWasSurelyNotSentIsUnavailable(t *testing.T) {
	both := func(t *testing.T, c *Client) {
		t.Helper()
		_, err := c.Create(t.Context(), CreateRequest{RouteID: testRoute, Amount: dec("1")})
		if class(err) != "unavailable" {
			t.Errorf("create: %s: %v", class(err), err)
		}
		_, err = c.Get(t.Context(), testUID, testSecret)
		if class(err) != "unavailable" || strings.Contains(err.Error(), testSecret) {
			t.Errorf("get: %s: %v", class(err), err)
		}
	}
	t.Run("nobody listens", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		addr := l.Addr().String()
		_ = l.Close()
		both(t, clientOf(t, "http://"+addr, Options{}))
	})
	t.Run("the certificate is not to be trusted", func(t *testing.T) {
		server := httptest.NewUnstartedServer(answerWith(`{"success":true}`))
		server.Config.ErrorLog = discardLog
		server.StartTLS()
		t.Cleanup(server.Close)
		both(t, clientOf(t, server.URL, Options{}))
	})
	t.Run("the client is closed", func(t *testing.T) {
		c := clientOf(t, "http://127.0.0.1:1", Options{})
		c.Close()
		both(t, c)
	})
	t.Run("the caller is already gone", func(t *testing.T) {
		c := site(t, answerWith(`{"success":true}`), Options{})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := c.Create(ctx, CreateRequest{RouteID: testRoute, Amount: dec("1")})
		if class(err) != "unavailable" || !errors.Is(err, context.Canceled) {
			t.Errorf("create: %s: %v", class(err), err)
		}
	})
}

func TestCredentialsDoNotFollowARedirect(t *testing.T) {
	var visited atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visited.Add(1) }))
	t.Cleanup(elsewhere.Close)
	c := site(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+r.URL.String(), http.StatusPermanentRedirect)
	}, Options{})
	_, err := c.Get(t.Context(), testUID, testSecret)
	_, err2 := c.Create(t.Context(), CreateRequest{RouteID: testRoute, Amount: dec("1")})
	if visited.Load() != 0 || err == nil || err2 == nil {
		t.Fatalf("visited %d times: %v, %v", visited.Load(), err, err2)
	}
}

func TestRefusalsAreToldApart(t *testing.T) {
	notValid := `{"success":false,"error":{"apiError":true,"message":"Param toValues isn't valid: wallet","errorType":"api",
		"object":{"fieldId":"wallet","nameField":"BTC address","err":"regexp","type":"toValues"},"level":0,"errorCode":6231546409213868},"latency_ms":26,"requestId":"17-a"}`
	coded := func(code, words string) string {
		return fmt.Sprintf(`{"success":false,"error":{"message":%q,"errorCode":%s}}`, words, code)
	}
	for _, tt := range []struct {
		name, body string
		want       error
	}{
		{"a parameter", notValid, nil},
		{"verification by its code", coded("5001670807585394", "x"), ErrNeedsVerification},
		{"verification by a code that is a string", coded(`"5001670807585394"`, "x"), ErrNeedsVerification},
		{"verification by its words", coded("1", "You must be verified"), ErrNeedsVerification},
		{"captcha by its code", coded("1601588666628861", "x"), ErrNeedsCaptcha},
		{"captcha by its words", coded("1", "Wrong captcha"), ErrNeedsCaptcha},
		{"a parameter is no captcha, whatever it is called", coded("6231546409213868", "Param captcha verified"), nil},
		{"unknown order", coded("1", "Order not found"), ErrNotFound},
		{"no order in a good answer", `{"success":true,"data":{"order":null}}`, ErrNotFound},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := site(t, answerWith(tt.body), Options{})
			_, err := c.Get(t.Context(), testUID, testSecret)
			if class(err) != "refused" {
				t.Fatalf("%s: %v", class(err), err)
			}
			for _, kind := range []error{ErrNeedsVerification, ErrNeedsCaptcha, ErrNotFound} {
				if errors.Is(err, kind) != (kind == tt.want) {
					t.Errorf("errors.Is %q: %v", kind, errors.Is(err, kind))
				}
			}
		})
	}
	c := site(t, answerWith(notValid), Options{})
	_, err := c.Create(t.Context(), CreateRequest{RouteID: testRoute, Amount: dec("1")})
	var r *Refused
	if !errors.As(err, &r) || r.Field != "wallet" || r.FieldName != "BTC address" || r.Reason != "regexp" || r.ParamType != "toValues" ||
		r.Code != "6231546409213868" || r.RequestID != "17-a" {
		t.Fatalf("%+v", r)
	}
}
