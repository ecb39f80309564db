package admin_test

import (
	"context"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/config"
	"mostrador/handlers/admin"
	"mostrador/models"
	"mostrador/models/modelstest"
	"mostrador/staff"
	"mostrador/static"
)

const goodPassword = "correct horse battery"

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// desk is a running desk on one database.
type desk struct {
	t     *testing.T
	url   string
	store *models.Store
	staff *staff.Service
	svc   *checkout.Service
	clock *clock

	address string // of the database

	routes []*echo.Route // all addresses that the desk answers
}

// each runs f with a fresh desk on both databases.
func each(t *testing.T, f func(t *testing.T, d *desk), set ...func(*config.Config)) {
	t.Helper()
	run := func(name, address string) {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			d := start(t, modelstest.Open(t, address, c.now), c, set...)
			d.address = address
			f(t, d)
		})
	}
	run("sqlite", modelstest.SQLite(t))
	run("postgres", modelstest.Postgres(t))
}

func start(t *testing.T, store *models.Store, c *clock, set ...func(*config.Config)) *desk {
	t.Helper()
	cfg := config.Default()
	cfg.Sandbox.PublicURL = "http://127.0.0.1:1" // nobody: a rehearsal may run on this machine at the default's address
	for _, f := range set {
		f(&cfg)
	}
	for i := range cfg.Exchanger.Sites { // nobody answers here, at once; the defaults are real exchangers, which tests have no business with
		cfg.Exchanger.Sites[i].BaseURL = "http://127.0.0.1:1"
	}
	e := echo.New()
	srv := httptest.NewUnstartedServer(e)
	_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	cfg.Server.PublicURL = "http://localhost:" + port
	var decides *checkout.Service
	svc := staff.New(store, staff.Options{PublicURL: cfg.Server.PublicURL, Invited: func(ctx context.Context, tx *models.Tx, by staff.Who, p *models.Staff, token string) error {
		return decides.MailInvitation(ctx, tx, p, by.Name, admin.InvitePath(token))
	}})
	e.IPExtractor = func(r *http.Request) string { // tests say where they come from
		if ip := r.Header.Get("X-Test-Address"); ip != "" {
			return ip
		}
		return "192.0.2.10"
	}
	cop := http.NewCrossOriginProtection()
	e.Use(echo.WrapMiddleware(cop.Handler))
	e.GET(static.Prefix+"*", echo.WrapHandler(static.Handler()))
	decides, err = checkout.New(t.Context(), store, checkout.OptionsOf(cfg), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(decides.Close)
	admin.Register(e, admin.Deps{Config: &cfg, Store: store, Staff: svc, Checkout: decides})
	srv.Start()
	t.Cleanup(srv.Close)
	return &desk{t: t, url: cfg.Server.PublicURL, store: store, staff: svc, svc: decides, clock: c, routes: e.Routes()}
}

// person makes somebody with goodPassword.
func (d *desk) person(email string, role staff.Role) *models.Staff {
	d.t.Helper()
	p, err := d.staff.Create(context.Background(), staff.Terminal, email, role, goodPassword)
	if err != nil {
		d.t.Fatal(err)
	}
	return p
}

// browser is a person's browser: it keeps cookies and follows redirects.
type browser struct {
	d       *desk
	client  *http.Client
	address string
	lang    string
}

func (d *desk) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		d.t.Fatal(err)
	}
	return &browser{d: d, client: &http.Client{Jar: jar, Timeout: 20 * time.Second}, lang: "en"}
}

// in is a browser that is signed in.
func (d *desk) in(email string) *browser {
	d.t.Helper()
	b := d.browser()
	p := b.post("/admin/login", "email", email, "password", goodPassword)
	if p.status != http.StatusOK || strings.HasPrefix(p.path, "/admin/login") {
		d.t.Fatalf("sign in as %s: %d at %s", email, p.status, p.path)
	}
	return b
}

// answer is a page that came back, after redirects.
type answer struct {
	status int
	path   string
	header http.Header
	body   string
}

func (b *browser) do(method, path string, form url.Values) answer {
	b.d.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequest(method, b.d.url+path, body)
	if err != nil {
		b.d.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Accept-Language", b.lang)
	if b.address != "" {
		req.Header.Set("X-Test-Address", b.address)
	}
	res, err := b.client.Do(req)
	if err != nil {
		b.d.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		b.d.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Request.URL.Path, res.Header, string(raw)}
}

func (b *browser) get(path string) answer { b.d.t.Helper(); return b.do("GET", path, nil) }

// post sends a form of pairs of name and value.
func (b *browser) post(path string, pairs ...string) answer {
	b.d.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return b.do("POST", path, form)
}

// text is what a person reads.
func (a answer) text() string {
	var b strings.Builder
	for rest := a.body; rest != ""; {
		said, tag, _ := strings.Cut(rest, "<")
		b.WriteString(said)
		b.WriteByte(' ')
		_, rest, _ = strings.Cut(tag, ">")
	}
	return html.UnescapeString(strings.Join(strings.Fields(b.String()), " "))
}

func (a answer) want(t *testing.T, status int, texts ...string) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("%s: status %d, want %d\n%s", a.path, a.status, status, cut(a.text()))
	}
	text := ""
	for _, s := range texts {
		if strings.Contains(a.body, s) {
			continue
		}
		if text == "" {
			text = a.text()
		}
		if !strings.Contains(text, s) {
			t.Fatalf("%s: does not say %q\n%s", a.path, s, cut(text))
		}
	}
	if strings.Contains(a.body, "⟦") {
		t.Fatalf("%s: a text is missing: %s", a.path, a.body[strings.Index(a.body, "⟦"):][:60])
	}
	return a
}

func cut(s string) string {
	if len(s) > 1500 {
		return s[:1500] + "…"
	}
	return s
}

// find is the first group of a pattern in the page.
func (a answer) find(t *testing.T, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(a.body)
	if m == nil {
		t.Fatalf("%s: nothing like %s\n%s", a.path, pattern, cut(a.body))
	}
	return html.UnescapeString(m[1])
}

func pathOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.RequestURI()
}

func id(n int64) string { return fmt.Sprint(n) }
