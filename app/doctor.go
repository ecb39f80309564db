package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"mostrador/config"
	"mostrador/models"
)

// report prints one line for each check.
type report struct {
	out    io.Writer
	failed int
}

func (r *report) ok(format string, args ...any) { fmt.Fprintf(r.out, "ok    "+format+"\n", args...) }

func (r *report) note(format string, args ...any) { fmt.Fprintf(r.out, "note  "+format+"\n", args...) }

// fail says what is wrong and what to do about it.
func (r *report) fail(what, todo string) {
	r.failed++
	fmt.Fprintf(r.out, "FAIL  %s: %s\n", what, todo)
}

// patient is what doctor looks at.
type patient struct {
	*report
	cfg     config.Config
	store   *models.Store
	running bool // a shop answers at the public address
}

// doctor looks at everything that can be checked from outside a running shop, and changes nothing. Exit 1 when something is wrong.
func doctor(ctx context.Context, p *program) error {
	r := &report{out: p.stdout}
	d := &patient{report: r, cfg: p.cfg}
	r.ok("configuration: exchanger.mode %s, database %s", p.cfg.Exchanger.Mode, p.cfg.Database)
	d.publicAddress(ctx)
	store, err := openStore(ctx, p.cfg, slog.New(slog.DiscardHandler), opening{exists: true})
	if err != nil {
		r.fail("database: "+oneLine(err), "nothing else can be checked before this")
		return errSaid
	}
	defer store.Close()
	d.store = store
	r.ok("key file %s belongs to the database", p.cfg.Security.KeyFile)
	for _, check := range []func(context.Context) error{d.database, d.eventLogs, d.claims, d.stock, d.sums, d.jobs, d.payments, d.exchangers} {
		if err := check(ctx); err != nil {
			r.fail("not checked: "+oneLine(err), "see whether the database is whole (restore a backup if not) and run doctor again")
		}
	}
	if r.failed > 0 {
		fmt.Fprintf(r.out, "%d of the checks failed\n", r.failed)
		return errSaid
	}
	return nil
}

// publicAddress asks the shop for a sign of life the way that customers and exchangers reach it.
func (d *patient) publicAddress(ctx context.Context) {
	url := d.cfg.Server.PublicURL + "/healthz"
	answer, err := fetch(ctx, url)
	switch {
	case err == nil && answer.StatusCode == http.StatusOK:
		d.running = true
		d.ok("public address: %s answers", url)
	case err == nil:
		d.fail(fmt.Sprintf("public address: %s answers %d", url, answer.StatusCode), "another program stands at server.public_url, or the proxy before the shop leads elsewhere")
	case d.cfg.Live():
		d.fail(fmt.Sprintf("public address: %s does not answer (%s)", url, oneLine(err)), "start the shop, and see that server.public_url leads to it: exchangers notify there")
	default:
		d.note("public address: %s does not answer: the shop is not running, start it when it should be", url)
	}
}

var doctorClient = &http.Client{Timeout: 8 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func fetch(ctx context.Context, url string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	answer, err := doctorClient.Do(req)
	if err != nil {
		var inner interface{ Unwrap() error }
		if errors.As(err, &inner) && inner.Unwrap() != nil {
			return nil, inner.Unwrap() // without the address once more
		}
		return nil, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10))
	return answer, err
}

// database makes sure that it can be written and has every migration.
func (d *patient) database(ctx context.Context) error {
	if err := d.store.Writable(ctx); err != nil {
		d.fail("database cannot be written: "+oneLine(err), "see that the disk is not full, that the file belongs to the shop's user, and that nothing holds it locked")
	} else {
		d.ok("database takes writes")
	}
	if d.store.Dialect() == models.SQLite {
		if err := d.store.CheckIntegrity(ctx); err != nil {
			d.fail("database file: "+oneLine(err), "stop the shop and restore the last good backup")
		} else {
			d.ok("database file is whole")
		}
	}
	list, err := d.store.Migrations(ctx)
	if err != nil {
		return err
	}
	pending := 0
	for _, m := range list {
		if !m.Applied {
			pending++
			d.fail("migration "+m.Name+" is pending", "run mostrador migrate up")
		}
	}
	if pending == 0 {
		d.ok("all %d migrations are applied", len(list))
	}
	return nil
}

// stock compares what products hold with the open orders.
func (d *patient) stock(ctx context.Context) error {
	list, err := d.store.StockMismatches(ctx, 20)
	if err != nil {
		return err
	}
	for _, m := range list {
		d.fail(fmt.Sprintf("product %s holds %d pieces, open orders hold %d", m.Slug, m.Held, m.Orders), "something wrote to the database from outside: compare /admin/products with what is on the shelf")
	}
	if len(list) == 0 {
		d.ok("held stock is that of the open orders")
	}
	return nil
}

// sums compares what the overview and the reports add up from with the orders.
func (d *patient) sums(ctx context.Context) error {
	list, err := d.store.SumMismatches(ctx, 20)
	if err != nil {
		return err
	}
	for _, m := range list {
		d.fail(fmt.Sprintf("%s of the %d hours from %s is not the sum of the orders", m.Table, m.Span, time.Unix(m.Hour*3600, 0).UTC().Format("2006-01-02 15:04")),
			"something wrote to the database from outside; taking migration 0007_million back and up again adds it up anew")
	}
	if len(list) == 0 {
		d.ok("sums of sales are those of the orders")
	}
	return nil
}

// Past these a job or a payment waits too long.
const (
	stuckAfter   = 10 * time.Minute
	overdueAfter = 15 * time.Minute
)

// jobs looks for what the workers leave lying.
func (d *patient) jobs(ctx context.Context) error {
	s, err := d.store.StuckJobs(ctx, stuckAfter)
	if err != nil {
		return err
	}
	stuck := s.Running + s.Waiting
	switch {
	case stuck > 0 && d.running:
		d.fail(fmt.Sprintf("%d jobs have been due for more than %s", stuck, stuckAfter), "the workers do not get on: look for \"component\":\"jobs\" in the shop's log and restart it")
	case stuck > 0:
		d.note("%d jobs are due: the shop works them off when it starts", stuck)
	default:
		d.ok("no job is stuck")
	}
	if s.GivenUp > 0 {
		d.note("%d jobs were given up in the last seven days: see /admin/webhooks for deliveries that failed", s.GivenUp)
	}
	return nil
}

// payments looks for payments that nobody looks after.
func (d *patient) payments(ctx context.Context) error {
	n, oldest, err := d.store.CountUnsettled(ctx)
	if err != nil {
		return err
	}
	late, number, err := d.store.OverduePulls(ctx, d.store.Now().Add(-overdueAfter))
	if err != nil {
		return err
	}
	switch {
	case late > 0 && d.running:
		d.fail(fmt.Sprintf("%d payments have been due for a look for more than %s, longest of order %d", late, overdueAfter, number),
			"is the exchanger down (below)? Else raise exchanger.calls_per_second, or restart the shop")
	case late > 0:
		d.note("%d payments are due for a look, longest of order %d: the shop looks when it starts", late, number)
	case n == 0:
		d.ok("no payment is waiting for news")
	case oldest.IsZero():
		d.ok("%d payments are looked after", n)
	default:
		d.ok("%d payments are looked after; the one looked at next was begun %s", n, oldest.UTC().Format(time.RFC3339))
	}
	return nil
}
