package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/config"
	"mostrador/handlers"
	"mostrador/handlers/api"
	"mostrador/models"
	"mostrador/models/modelstest"
	"mostrador/sandbox"
	"mostrador/staff"
)

// rig is a shop with its API on one database, and an exchanger beside it.
type rig struct {
	t       testing.TB
	url     string
	edge    http.Handler // answers without a socket between
	store   *models.Store
	svc     *checkout.Service
	staff   *staff.Service
	sandbox *sandbox.Sandbox
	key     string // may do all
}

// each runs f with a fresh shop on both databases.
func each(t *testing.T, f func(t *testing.T, r *rig)) {
	t.Helper()
	modelstest.Each(t, func(t *testing.T, store *models.Store) { f(t, start(t, store)) })
}

func start(t testing.TB, store *models.Store) *rig {
	t.Helper()
	box, err := sandbox.New(sandbox.Config{})
	if err != nil {
		t.Fatal(err)
	}
	box.SetSettings(sandbox.Settings{Step: 5 * time.Millisecond})
	exchange := httptest.NewServer(box.Handler())
	cfg := config.Default()
	cfg.Sandbox.PublicURL = exchange.URL
	e := echo.New()
	shop := httptest.NewServer(e)
	cfg.Server.PublicURL = shop.URL
	svc, err := checkout.New(context.Background(), store, checkout.OptionsOf(cfg), nil)
	if err != nil {
		t.Fatal(err)
	}
	people := staff.New(store, staff.Options{})
	edge := handlers.Stack(e, handlers.Deps{Store: store, Service: svc, Config: cfg})
	edge.OnError("/api", api.ErrorHandler)
	stop := make(chan struct{})
	api.Register(e, api.Deps{Service: svc, Staff: people, Config: cfg, Shutdown: stop})
	e.POST("/ipn/:token", func(c echo.Context) error {
		body, _ := io.ReadAll(c.Request().Body)
		answer, err := svc.ReceiveNotification(c.Request().Context(), c.Param("token"), checkout.Received{ContentType: c.Request().Header.Get("Content-Type"), Header: c.Request().Header, Body: body})
		if err != nil {
			return err
		}
		return c.NoContent(answer)
	})
	ctx, cancel := context.WithCancel(context.Background())
	listening := make(chan struct{})
	go func() { defer close(listening); store.Listen(ctx) }()
	t.Cleanup(func() {
		close(stop)
		cancel()
		shop.Close()
		if err := box.Close(); err != nil {
			t.Error(err)
		}
		exchange.Close()
		svc.Close()
		<-listening
	})
	r := &rig{t: t, url: shop.URL, edge: e, store: store, svc: svc, staff: people, sandbox: box}
	r.key = r.newKey()
	return r
}

func (r *rig) newKey(scopes ...string) string {
	r.t.Helper()
	text, _, err := r.staff.CreateKey(context.Background(), staff.Terminal, "test", scopes)
	if err != nil {
		r.t.Fatal(err)
	}
	return text
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
}

// at finds a member by its path: payment.url, data.0.id.
func (a answer) at(path string) any {
	var v any = a.body
	for _, p := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[p]
		case []any:
			i := 0
			if _, err := fmt.Sscan(p, &i); err != nil || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

func (a answer) text(path string) string {
	if v := a.at(path); v != nil {
		return fmt.Sprint(v)
	}
	return ""
}

// call sends a request with a key; body is nil, a text or anything that becomes JSON. headers are pairs.
func (r *rig) call(key, method, path string, body any, headers ...string) answer {
	r.t.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			r.t.Fatal(err)
		}
		in = bytes.NewReader(raw)
	}
	req, err := http.NewRequest(method, r.url+path, in)
	if err != nil {
		r.t.Fatal(err)
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{Timeout: 45 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	a := answer{status: res.StatusCode, header: res.Header, raw: string(raw)}
	if strings.Contains(res.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(raw, &a.body); err != nil {
			r.t.Fatalf("%s %s: %v in %s", method, path, err, raw)
		}
	}
	return a
}

func (r *rig) get(path string) answer { r.t.Helper(); return r.call(r.key, "GET", path, nil) }
func (r *rig) post(path string, body any, headers ...string) answer {
	r.t.Helper()
	return r.call(r.key, "POST", path, body, headers...)
}

// must is a call that has to succeed.
func (r *rig) must(a answer, status int) answer {
	r.t.Helper()
	if a.status != status {
		r.t.Fatalf("got %d, want %d: %s", a.status, status, a.raw)
	}
	return a
}

// order makes an order without a route.
func (r *rig) order(amount string) answer {
	r.t.Helper()
	return r.must(r.post("/api/v1/orders", map[string]any{"amount": amount, "email": "maria@example.com"}), 201)
}

// route finds a payable one that asks for no field.
func (r *rig) route(amount string) answer {
	r.t.Helper()
	a := r.must(r.get("/api/v1/routes?amount="+amount), 200)
	for i, v := range a.body["data"].([]any) {
		row := v.(map[string]any)
		if row["payable"] == true && len(row["fields"].([]any)) == 0 {
			return answer{body: a.body["data"].([]any)[i].(map[string]any), raw: a.raw}
		}
	}
	r.t.Fatalf("no payable route: %s", a.raw)
	return answer{}
}

// named checks that a problem names a field.
func (r *rig) named(a answer, status int, location string) {
	r.t.Helper()
	if a.status != status || !strings.HasPrefix(a.header.Get("Content-Type"), "application/problem+json") {
		r.t.Fatalf("got %d %s, want %d problem+json: %s", a.status, a.header.Get("Content-Type"), status, a.raw)
	}
	if location == "" {
		return
	}
	list, _ := a.body["errors"].([]any)
	for _, v := range list {
		if v.(map[string]any)["location"] == location {
			return
		}
	}
	r.t.Errorf("%s is not named: %s", location, a.raw)
}

// received sets what came for an order without payments, in minor units.
func (r *rig) received(id string, minor int64) {
	r.t.Helper()
	err := r.store.InTx(r.t.Context(), func(tx *models.Tx) error {
		n, err := strconv.ParseInt(strings.TrimPrefix(id, "ord_"), 10, 64)
		if err != nil {
			return err
		}
		o, err := r.store.OrderByNumber(r.t.Context(), n)
		if err != nil {
			return err
		}
		if o, err = tx.LockOrder(r.t.Context(), o.ID); err != nil {
			return err
		}
		o.Received = minor
		return tx.SaveOrder(r.t.Context(), o)
	})
	if err != nil {
		r.t.Fatal(err)
	}
}
