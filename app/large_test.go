package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mostrador/config"
	"mostrador/models"
	"mostrador/staff"
)

const (
	largeLimit  = 100 * time.Millisecond // at the 99th percentile, for every page
	largeRate   = 50_000                 // rows a second, for every file
	largeGrowth = 64 << 20               // bytes of heap more than before, for a file of any length
)

// TestLargeDesk measures the desk of a seeded database (make bench-large): every list, search and filter, first and thousandth page, the
// overview, and the files. MOSTRADOR_TEST_LARGE_URL is the database's address, MOSTRADOR_TEST_LARGE_ONLY a part of the addresses to ask.
func TestLargeDesk(t *testing.T) {
	address := os.Getenv("MOSTRADOR_TEST_LARGE_URL")
	if address == "" {
		t.Skip("MOSTRADOR_TEST_LARGE_URL names no database")
	}
	cfg := config.Default()
	cfg.Server.Listen, cfg.Sandbox.Listen = "127.0.0.1:0", "127.0.0.1:0"
	cfg.Database.URL, cfg.Security.KeyFile = address, filepath.Join(t.TempDir(), "secret.key")
	if err := os.WriteFile(cfg.Security.KeyFile, []byte(strings.Repeat("07", 32)+"\n"), 0o600); err != nil { // that of modelstest
		t.Fatal(err)
	}
	began := time.Now()
	shop, err := Start(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("started, with migrations, in %s", time.Since(began).Round(time.Millisecond))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		shop.Stop(ctx)
	})
	l := &largeDesk{t: t, shop: shop, rounds: 100}
	if n, err := strconv.Atoi(os.Getenv("MOSTRADOR_TEST_LARGE_ROUNDS")); err == nil {
		l.rounds = n
	}
	l.signIn()
	l.pagesOfAll()
	for _, a := range []string{"/admin/orders.csv", "/admin/orders.csv?status=paid", "/admin/orders.csv?status=review", "/admin/reports/settlements.csv?from=2020-01-01", "/admin/reports/lines.csv?from=2020-01-01"} {
		l.file(a)
	}
}

type largeDesk struct {
	t      *testing.T
	rounds int
	shop   *Shop
	client http.Client
}

func (l *largeDesk) signIn() {
	l.t.Helper()
	const email, password = "large@example.com", "correct horse battery"
	if _, err := l.shop.staff.Create(l.t.Context(), staff.Terminal, email, staff.Owner, password); err != nil && !strings.Contains(err.Error(), "taken") {
		l.t.Log(err) // there since the last time
	}
	l.client.Jar, _ = cookiejar.New(nil)
	res, err := l.client.PostForm(l.shop.URL+"/admin/login", url.Values{"email": {email}, "password": {password}})
	if err != nil {
		l.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK || strings.Contains(res.Request.URL.Path, "login") {
		l.t.Fatalf("signing in: %d at %s", res.StatusCode, res.Request.URL.Path)
	}
}

// pagesOfAll asks for everything, the thousandth pages with it.
func (l *largeDesk) pagesOfAll() {
	l.t.Helper()
	only := os.Getenv("MOSTRADOR_TEST_LARGE_ONLY")
	ask := func(list ...string) {
		for _, a := range list {
			if strings.Contains(a, only) {
				l.page(a)
			}
		}
	}
	day := func(ago int) string { return time.Now().UTC().AddDate(0, 0, -ago).Format(time.DateOnly) }
	ask(
		"/admin", "/admin/products", "/admin/links", "/admin/routes", "/admin/webhooks", "/admin/health", "/admin/reports", "/admin/reports?from="+day(3000)+"&to="+day(0),
		"/admin/reports?month="+time.Now().UTC().AddDate(0, -2, 0).Format("2006-01"), "/admin/notifications", "/admin/notifications?outcome=refused", "/admin/notifications?outcome=hint",
		"/admin/webhooks/we_seed", "/admin/webhooks/we_seed?state=failed", "/admin/webhooks/we_seed?state=waiting", "/admin/log", "/admin/log?who=owner@example.com", "/admin/log?subject=1510", "/admin/log?action=order.check",
		"/admin/log?who=nobody@example.com", "/admin/log?from="+day(3000)+"&to="+day(100), "/admin/orders/1001",
	)
	for _, after := range []string{"50000"} {
		ask("/admin/notifications?after="+after, "/admin/notifications?outcome=applied&after="+after, "/admin/webhooks/we_seed?after="+after, "/admin/webhooks/we_seed?state=delivered&after="+after, "/admin/log?after="+after)
	}
	filters := []url.Values{
		{}, {"status": {"paid"}}, {"status": {"open"}}, {"status": {"review"}}, {"status": {"underpaid"}}, {"status": {"returned"}}, {"route": {"BTC"}}, {"route": {"DOGE"}}, {"route": {"x/r2"}}, {"route": {"x/none"}},
		{"source": {"cart"}}, {"source": {"api"}}, {"site": {"x"}}, {"site": {"nowhere"}}, {"flag": {"late"}}, {"flag": {"double"}}, {"from": {day(7)}}, {"from": {day(100)}, "to": {day(90)}}, {"to": {day(60)}}, {"from": {day(2)}, "to": {day(2)}},
		{"status": {"paid"}, "route": {"BTC"}, "source": {"link"}}, {"status": {"review"}, "route": {"BTC"}}, {"status": {"expired"}, "source": {"api"}}, {"status": {"underpaid"}, "from": {day(100)}, "to": {day(90)}},
		{"status": {"paid"}, "site": {"x"}, "from": {day(100)}, "to": {day(90)}}, {"route": {"BTC"}, "source": {"amount"}, "site": {"x"}},
	}
	searches := []string{"1510", "customer17@example.com", "CUSTOMER17@example.com", "customer17", "customer", "nobody@example.com", "zzz", "250001", "0000000000000000000f4240", "64.00", "1.00", "Thing 17", "Thing", "thing-42", "no such thing"}
	sorts := []string{"", "created", "-total", "total", "-number", "number"}
	for _, f := range filters {
		for _, sort := range sorts {
			if sort != "" {
				f = url.Values(http.Header(f).Clone())
				f.Set("sort", sort)
			}
			ask(l.pages(f)...)
		}
	}
	for _, q := range searches {
		for _, f := range []url.Values{{}, {"sort": {"-total"}}, {"sort": {"number"}}, {"status": {"paid"}}, {"status": {"review"}}, {"from": {day(100)}, "to": {day(90)}}} {
			f = url.Values(http.Header(f).Clone())
			f.Set("q", q)
			ask(l.pages(f)...)
		}
		ask("/admin/find?q=" + url.QueryEscape(q))
	}
}

// pages are the first page of a list of orders and the thousandth, or its last one where it has fewer.
func (l *largeDesk) pages(f url.Values) []string {
	l.t.Helper()
	const before = 50 * 999
	first := strings.TrimSuffix("/admin/orders?"+f.Encode(), "?")
	if !strings.Contains(first, os.Getenv("MOSTRADOR_TEST_LARGE_ONLY")) {
		return nil
	}
	q := models.DeskQuery{Text: f.Get("q"), Currency: "USD", Flag: f.Get("flag"), Route: f.Get("route"), Source: f.Get("source"), Site: f.Get("site")}
	if s := f.Get("status"); s != "" {
		q.Statuses = []string{s}
	}
	q.From, _ = time.Parse(time.DateOnly, f.Get("from"))
	if q.Before, _ = time.Parse(time.DateOnly, f.Get("to")); f.Get("to") != "" {
		q.Before = q.Before.AddDate(0, 0, 1)
	}
	q.Sort = strings.TrimPrefix(f.Get("sort"), "-")
	if q.Sort == f.Get("sort") && q.Sort != "" && q.Text == "" { // upwards it is the same walk
		return []string{first}
	}
	q.Rising = q.Sort != "" && q.Sort == f.Get("sort")
	var kept []models.DeskOrder // the last of each page
	n := 0
	enough := errors.New("enough")
	err := l.shop.Store.EachDeskOrder(l.t.Context(), q, func(o *models.DeskOrder) error {
		if n++; n%50 == 0 {
			kept = append(kept, *o)
		}
		if n == before {
			return enough
		}
		return nil
	})
	if err != nil && !errors.Is(err, enough) {
		l.t.Fatalf("%s: %v", first, err)
	}
	if n <= 60 {
		return []string{first}
	}
	after := kept[max(0, min(len(kept)-1, (n-1)/50))]
	if n < before { // the last page, which holds something
		after = kept[(n-1)/50-1]
	}
	return []string{first, first + map[bool]string{true: "&", false: "?"}[len(f) > 0] + "after=" + after.Key(q.Sort)}
}

// page asks an address many times.
func (l *largeDesk) page(address string) {
	l.t.Helper()
	took := make([]time.Duration, 0, l.rounds)
	for range l.rounds {
		began := time.Now()
		n, status := l.read(address)
		took = append(took, time.Since(began))
		if status != http.StatusOK || n < 500 {
			l.t.Errorf("%s: %d, %d bytes", address, status, n)
			return
		}
		if took[0] > 2*time.Second {
			break // known to be too slow
		}
	}
	slices.Sort(took)
	p50, p99 := took[len(took)/2], took[(len(took)*99-1)/100]
	line := fmt.Sprintf("p50 %7.1f ms  p99 %7.1f ms  %s", p50.Seconds()*1000, p99.Seconds()*1000, address)
	if p99 > largeLimit {
		l.t.Error(line)
	} else {
		l.t.Log(line)
	}
}

func (l *largeDesk) read(address string) (n int64, status int) {
	l.t.Helper()
	res, err := l.client.Get(l.shop.URL + address)
	if err != nil {
		l.t.Fatal(err)
	}
	defer res.Body.Close()
	if n, err = io.Copy(io.Discard, res.Body); err != nil {
		l.t.Fatalf("%s: %v", address, err)
	}
	return n, res.StatusCode
}

// lines counts them.
type lines int64

func (n *lines) Write(p []byte) (int, error) {
	*n += lines(strings.Count(string(p), "\n"))
	return len(p), nil
}

// file reads a file and watches the heap meanwhile.
func (l *largeDesk) file(address string) {
	l.t.Helper()
	if only := os.Getenv("MOSTRADOR_TEST_LARGE_ONLY"); !strings.Contains(address, only) {
		return
	}
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	runtime.GC()
	before := heap()
	var top atomic.Uint64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(50 * time.Millisecond):
				top.Store(max(top.Load(), heap()))
			}
		}
	}()
	began := time.Now()
	res, err := l.client.Get(l.shop.URL + address)
	if err != nil {
		l.t.Fatal(err)
	}
	defer res.Body.Close()
	var n lines
	if _, err := io.Copy(&n, res.Body); err != nil {
		l.t.Fatalf("%s: %v", address, err)
	}
	took := time.Since(began)
	close(stop)
	<-stopped
	growth := int64(max(top.Load(), before) - before)
	rate := float64(n) / took.Seconds()
	line := fmt.Sprintf("%9d rows in %6.2f s: %7.0f rows/s, heap +%s MB  %s", int64(n), took.Seconds(), rate, strconv.FormatFloat(float64(growth)/(1<<20), 'f', 1, 64), address)
	if n > 20_000 && rate < largeRate || growth > largeGrowth {
		l.t.Error(line)
	} else {
		l.t.Log(line)
	}
}
