package shop_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/net/html"

	"mostrador/checkout"
	"mostrador/config"
	"mostrador/handlers"
	"mostrador/handlers/shop"
	"mostrador/models"
	"mostrador/models/modelstest"
	"mostrador/sandbox"
)

// rig is a shop behind a real listener, with the sandbox as its exchanger on another, and a browser that runs no scripts.
type rig struct {
	t     testing.TB
	url   string
	edge  http.Handler // answers without a socket between
	store *models.Store
	svc   *checkout.Service
	sand  *sandbox.Sandbox
	log   *buffer
	stop  chan struct{}
	*browser
}

// buffer is a log that several goroutines write.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func start(t testing.TB, store *models.Store, change func(*config.Config)) *rig {
	t.Helper()
	r := &rig{t: t, store: store, log: &buffer{}, stop: make(chan struct{})}
	exch, front := httptest.NewUnstartedServer(nil), httptest.NewUnstartedServer(nil)
	exch.Start()
	front.Start()
	t.Cleanup(front.Close)
	r.url = front.URL
	sand, err := sandbox.New(sandbox.Config{PublicURL: exch.URL, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sand.Close(); exch.Close() })
	sand.SetSettings(sandbox.Settings{Step: 20 * time.Millisecond})
	exch.Config.Handler, r.sand = sand.Handler(), sand

	cfg := config.Default()
	cfg.Server.PublicURL, cfg.Sandbox.PublicURL = front.URL, exch.URL
	cfg.Shop.SupportEmail, cfg.Limits.OrdersPerMinute = "help@almendra.example", 1000
	cfg.Exchanger.Poll.Watched = 100 * time.Millisecond
	cfg.Exchanger.Timeout = 5 * time.Second
	if change != nil {
		change(&cfg)
	}
	log := slog.New(slog.NewJSONHandler(r.log, nil))
	if r.svc, err = checkout.New(t.Context(), store, checkout.OptionsOf(cfg), log); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.svc.Close)
	e := echo.New()
	edge := handlers.Stack(e, handlers.Deps{Store: store, Service: r.svc, Config: cfg, Log: log, Shutdown: r.stop})
	shop.Register(e, edge)
	e.GET("/panic", func(echo.Context) error { panic("a fault with a secret") })
	front.Config.Handler, r.edge = e, e
	r.browser = newBrowser(t, r.url)
	r.stock()
	return r
}

// stock fills the shelves: three things to buy and one that nobody sees.
func (r *rig) stock() {
	r.t.Helper()
	if err := fill(r.t.Context(), r.store); err != nil {
		r.t.Fatal(err)
	}
}

func fill(ctx context.Context, store *models.Store) error {
	few, none := int64(3), int64(0)
	return store.InTx(ctx, func(tx *models.Tx) error {
		table := models.Category{Slug: "table", Title: models.Texts{"en": "Table", "es": "Mesa"}.JSON(), Position: 1}
		if err := tx.InsertCategory(ctx, &table); err != nil {
			return err
		}
		for _, p := range []models.Product{
			{Slug: "mug", Title: models.Texts{"en": "Ribera mug", "es": "Taza Ribera", "ru": "Кружка"}.JSON(), Price: 1800, Picture: "products/mug.svg", CategoryID: &table.ID},
			{Slug: "lamp", Title: models.Texts{"en": "Lamp"}.JSON(), Price: 4250, Stock: &few, Picture: "products/lamp.svg"},
			{Slug: "clock", Title: models.Texts{"en": "Clock"}.JSON(), Price: 3000, Stock: &none},
			{Slug: "secret", Title: models.Texts{"en": "Hidden thing"}.JSON(), Price: 100, Hidden: true},
		} {
			p.Summary, p.Description = models.Texts{"en": "Short."}.JSON(), "{}"
			if err := tx.InsertProduct(ctx, &p); err != nil {
				return err
			}
		}
		return nil
	})
}

func load(b *testing.B, client *http.Client, address string) {
	res, err := client.Get(address)
	if err != nil {
		b.Error(err)
		return
	}
	_, _ = io.Copy(io.Discard, res.Body)
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		b.Errorf("answered %d", res.StatusCode)
	}
}

// browser follows links and sends forms as a browser without scripts does. It keeps cookies.
type browser struct {
	t      testing.TB
	base   string
	client *http.Client
	header http.Header // sent with every request
}

func newBrowser(t testing.TB, base string) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Timeout: 30 * time.Second, Transport: &http.Transport{}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(client.CloseIdleConnections)
	return &browser{t: t, base: base, client: client, header: http.Header{}}
}

// page is an answer, read whole.
type page struct {
	t      testing.TB
	url    *url.URL
	status int
	header http.Header
	body   string
	root   *html.Node
}

func (b *browser) do(method, address string, form url.Values) *page {
	b.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		b.t.Fatal(err)
	}
	base, err := url.Parse(b.base)
	if err != nil {
		b.t.Fatal(err)
	}
	u = base.ResolveReference(u)
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, u.String(), body)
	if err != nil {
		b.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if u.Host == base.Host {
			req.Header.Set("Sec-Fetch-Site", "same-origin")
		}
	}
	for k, v := range b.header {
		req.Header[k] = v
	}
	res, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	p := &page{t: b.t, url: u, status: res.StatusCode, header: res.Header, body: string(raw)}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		if p.root, err = html.Parse(strings.NewReader(p.body)); err != nil {
			b.t.Fatal(err)
		}
	}
	return p
}

func (b *browser) get(address string) *page { b.t.Helper(); return b.do(http.MethodGet, address, nil) }

func (b *browser) post(address string, form url.Values) *page {
	b.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	return b.do(http.MethodPost, address, form)
}

// follow goes where a redirect leads, as often as it does.
func (b *browser) follow(p *page) *page {
	b.t.Helper()
	for range 10 {
		if p.status < 300 || p.status > 399 {
			return p
		}
		to, err := p.url.Parse(p.header.Get("Location"))
		if err != nil {
			b.t.Fatal(err)
		}
		p = b.get(to.String())
	}
	b.t.Fatal("redirected without end")
	return nil
}

// must stops the test when the answer is another.
func (p *page) must(status int) *page {
	p.t.Helper()
	if p.status != status {
		p.t.Fatalf("%s answered %d, want %d: %s", p.url.Path, p.status, status, text(p.root, p.body))
	}
	return p
}

func (p *page) has(want ...string) *page {
	p.t.Helper()
	seen := text(p.root, p.body)
	for _, w := range want {
		if !strings.Contains(seen, w) && !strings.Contains(p.body, w) {
			p.t.Errorf("%s does not say %q: %s", p.url.Path, w, seen)
		}
	}
	return p
}

func (p *page) hasNot(want ...string) *page {
	p.t.Helper()
	for _, w := range want {
		if strings.Contains(p.body, w) {
			p.t.Errorf("%s says %q", p.url.Path, w)
		}
	}
	return p
}

// text is what a person reads of a page, in one line.
func text(n *html.Node, otherwise string) string {
	if n == nil {
		return otherwise
	}
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && d.Parent.Data != "script" && d.Parent.Data != "style" {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.FieldsFunc(b.String(), func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' }), " ")
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// elements gives every element of a name, and with an attribute of a value when one is named.
func (p *page) elements(name string, with ...string) []*html.Node {
	var out []*html.Node
	if p.root == nil {
		return nil
	}
	for d := range p.root.Descendants() {
		if d.Type != html.ElementNode || d.Data != name {
			continue
		}
		if len(with) == 2 {
			if v, ok := attr(d, with[0]); !ok || v != with[1] {
				continue
			}
		}
		out = append(out, d)
	}
	return out
}

// form gives the values that a form to action would send as it stands: hidden and typed ones, ticked boxes, the chosen radio.
func (p *page) form(action string) url.Values {
	p.t.Helper()
	forms := p.elements("form", "action", action)
	if len(forms) == 0 {
		p.t.Fatalf("%s has no form to %s: %s", p.url.Path, action, text(p.root, p.body))
	}
	v := url.Values{}
	for d := range forms[0].Descendants() {
		if d.Type != html.ElementNode || d.Data != "input" {
			continue
		}
		name, _ := attr(d, "name")
		if other, has := attr(d, "form"); has && other != "" || name == "" {
			continue
		}
		kind, _ := attr(d, "type")
		_, checked := attr(d, "checked")
		if (kind == "radio" || kind == "checkbox") && !checked {
			continue
		}
		value, _ := attr(d, "value")
		v.Add(name, value)
	}
	return v
}

// routeOf finds the route of a currency by its code on a checkout page.
func (p *page) routeOf(xml string) string {
	p.t.Helper()
	for _, label := range p.elements("label") {
		find, ok := attr(label, "data-find-text")
		if !ok || !strings.HasSuffix(find, strings.ToLower(xml)) {
			continue
		}
		for d := range label.Descendants() {
			if name, _ := attr(d, "name"); d.Data == "input" && name == "route" {
				v, _ := attr(d, "value")
				return v
			}
		}
	}
	p.t.Fatalf("%s offers no %s", p.url.Path, xml)
	return ""
}

// inOrder wants the list of mistakes to name these, in this order.
func (p *page) inOrder(want ...string) {
	p.t.Helper()
	var got []string
	for _, box := range p.elements("div", "role", "alert") {
		for a := range box.Descendants() {
			if a.Type == html.ElementNode && a.Data == "a" {
				got = append(got, text(a, ""))
			}
		}
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		p.t.Errorf("the list of mistakes is %v, want %v", got, want)
	}
}

// link finds the address of a link by a part of its text.
func (p *page) link(words string) string {
	p.t.Helper()
	for _, a := range p.elements("a") {
		if strings.Contains(text(a, ""), words) {
			to, _ := attr(a, "href")
			return to
		}
	}
	p.t.Fatalf("%s has no link %q", p.url.Path, words)
	return ""
}

// title of the window.
func (p *page) title() string {
	for _, t := range p.elements("title") {
		return text(t, "")
	}
	return ""
}

// pay25 is a form that orders a free payment of 25 in Tether, complete.
func (r *rig) pay25(attempt string) url.Values {
	r.t.Helper()
	p := r.get("/pay?amount=25").must(200)
	return url.Values{"source": {"amount"}, "amount": {"25"}, "route": {p.routeOf("BTC")}, "email": {"maria@example.com"}, "agreement": {"1"}, "attempt": {attempt}}
}

// placed orders and gives the address of the order page.
func (r *rig) placed(form url.Values) string {
	r.t.Helper()
	p := r.post("/orders", form).must(303)
	if to := p.header.Get("Location"); strings.HasPrefix(to, "/orders/") {
		return to
	}
	return r.lastOrder()
}

// lastOrder is the address of the newest order's page.
func (r *rig) lastOrder() string {
	r.t.Helper()
	n := r.orders()
	o, err := r.store.OrderByID(r.t.Context(), n)
	if err != nil {
		r.t.Fatal(err)
	}
	token, err := r.store.OrderToken(o)
	if err != nil {
		r.t.Fatal(err)
	}
	return "/orders/" + token
}

// orders counts the orders that there are.
func (r *rig) orders() int64 {
	r.t.Helper()
	for n := int64(1); ; n++ {
		if _, err := r.store.OrderByID(r.t.Context(), n); err != nil {
			return n - 1
		}
	}
}

// until waits for a condition.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatalf("never: %s", what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// each runs a test on both databases, with a shop of its own.
func each(t *testing.T, change func(*config.Config), f func(t *testing.T, r *rig)) {
	t.Helper()
	modelstest.Each(t, func(t *testing.T, store *models.Store) { f(t, start(t, store, change)) })
}

// lite runs a test that no database can make differ on SQLite alone.
func lite(t testing.TB, change func(*config.Config)) *rig {
	t.Helper()
	return start(t, modelstest.Open(t, modelstest.SQLite(t), nil), change)
}

func ids(n int) string { return fmt.Sprintf("attempt-%08d", n) }
