package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// rig is a sandbox behind a real listener, and a shop's listener that keeps what it is told.
type rig struct {
	*Sandbox
	t    *testing.T
	web  *httptest.Server
	shop *httptest.Server

	mu  sync.Mutex
	got []received
}

type received struct {
	header http.Header
	form   url.Values
	raw    string
}

func start(t *testing.T, cfg Config) *rig {
	t.Helper()
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{Sandbox: s, t: t}
	r.web = httptest.NewServer(s.Handler())
	r.shop = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		form, err := url.ParseQuery(string(body))
		if err != nil {
			t.Errorf("notification is no form: %v", err)
		}
		r.mu.Lock()
		r.got = append(r.got, received{q.Header.Clone(), form, string(body)})
		r.mu.Unlock()
	}))
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		r.web.Close()
		r.shop.Close()
	})
	s.SetSettings(Settings{Step: 5 * time.Millisecond})
	return r
}

// notified waits for the queue to empty and returns what the shop was told.
func (r *rig) notified() []received {
	r.t.Helper()
	if err := r.WaitNotifications(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]received(nil), r.got...)
}

func (r *rig) told() []string {
	var list []string
	for _, n := range r.notified() {
		list = append(list, n.form.Get("newStatus"))
	}
	return list
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("never: %s", what)
		}
	}
}

const (
	tronWallet = "TXYZopYRdj2D9XRtbG411XZZ3kM5VkAeBf"
	zPurse     = "Z123456789012"
)

// wish is an order as a shop would ask for it; change it before it is sent.
func (r *rig) wish(from, to, amount string) map[string]any {
	r.t.Helper()
	rt := r.cat.byXML(from, to)
	if rt == nil {
		r.t.Fatalf("no route %s to %s", from, to)
	}
	wallet := map[string]string{"USDTTRC20": tronWallet, "WMZ": zPurse}[to]
	return map[string]any{
		"routeId": rt.ID, "amount": json.Number(amount), "agreement": true, "lang": "ru", "hideOutData": false,
		"toValues":          []any{map[string]any{"key": rt.To.ToFields[0].OID, "value": wallet}},
		"clientCallbackUrl": "https://shop.example/orders/abc/return?theme=dark#top", "ipnUrl": r.shop.URL + "/ipn/x", "ipnSecret": "SECRET123",
	}
}

type answer struct {
	HTTP    int
	Header  http.Header
	Raw     []byte
	Success bool           `json:"success"`
	Data    map[string]any `json:"data"`
	Error   struct {
		Message string       `json:"message"`
		Code    json.Number  `json:"errorCode"`
		Object  *errorObject `json:"object"`
	} `json:"error"`
	RequestID string `json:"requestId"`
}

func (r *rig) api(verb, method string, body any) answer {
	r.t.Helper()
	var in io.Reader
	kind := ""
	switch b := body.(type) {
	case nil:
	case url.Values:
		in, kind = strings.NewReader(b.Encode()), "application/x-www-form-urlencoded"
	default:
		text, err := json.Marshal(b)
		if err != nil {
			r.t.Fatal(err)
		}
		in, kind = bytes.NewReader(text), "application/json"
	}
	req, err := http.NewRequestWithContext(r.t.Context(), verb, r.web.URL+apiPath+method, in)
	if err != nil {
		r.t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	resp, err := http.DefaultTransport.RoundTrip(req) // follows no redirect
	if err != nil {
		r.t.Fatalf("%s: %v", method, err)
	}
	defer resp.Body.Close()
	a := answer{HTTP: resp.StatusCode, Header: resp.Header}
	if a.Raw, err = io.ReadAll(resp.Body); err != nil {
		r.t.Fatalf("%s: %v", method, err)
	}
	d := json.NewDecoder(bytes.NewReader(a.Raw))
	d.UseNumber()
	if err := d.Decode(&a); err != nil {
		r.t.Fatalf("%s: not JSON: %.200s", method, a.Raw)
	}
	return a
}

// order creates one and returns it as the sandbox has it.
func (r *rig) order(from, to, amount string) Order {
	r.t.Helper()
	a := r.api("POST", "public/exchanger/order/create", r.wish(from, to, amount))
	if !a.Success {
		r.t.Fatalf("order/create: %s", a.Raw)
	}
	r.notified()
	return r.one(a.Data["uid"].(json.Number).String())
}

func (r *rig) one(uid string) Order {
	r.t.Helper()
	for _, o := range r.Orders() {
		if jsInt(o.UID) == uid {
			return o
		}
	}
	r.t.Fatalf("no order %s", uid)
	return Order{}
}

func (r *rig) get(o Order) map[string]any {
	r.t.Helper()
	a := r.api("GET", "public/exchanger/order/get?orderUID="+jsInt(o.UID)+"&orderSecret="+o.Secret+"&type=order", nil)
	if !a.Success {
		r.t.Fatalf("order/get: %s", a.Raw)
	}
	return a.Data["order"].(map[string]any)
}

// page reads a page of the site; header pairs follow the path.
func (r *rig) page(verb, path string, form url.Values, header ...string) (*http.Response, string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), verb, r.web.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		r.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp, string(body)
}
