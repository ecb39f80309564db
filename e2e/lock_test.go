package e2e

import (
	"context"
	"database/sql"
	"net/http"
	"net/url"
	"testing"
	"time"

	"mostrador/models/modelstest"
)

// TestALockedPostgreSQLIsNotAcknowledged: while somebody else holds a lock for longer than the shop waits, it says so and keeps nothing for
// acknowledged; nobody is asked for an exchange order that could not be stored.
func TestALockedPostgreSQLIsNotAcknowledged(t *testing.T) {
	s := newSite(t, "DATABASE__URL", modelstest.Postgres(t)+"&lock_timeout=300")
	e := newExchanger(t, s)
	e.control("faults", url.Values{"lose": {"1"}})
	p := s.serve()
	b := newPurchase("box/" + e.route("LTC", "USDTTRC20"))
	if ok, err := b.send(p.shop); !ok || err != nil {
		t.Fatal(ok, err)
	}
	orders, _ := e.orders()
	o, at := &orders[0], time.Now()
	for _, lock := range []string{"LOCK TABLE payments IN ACCESS EXCLUSIVE MODE", "SELECT id FROM orders FOR UPDATE", "LOCK TABLE counters IN SHARE MODE"} {
		t.Run(lock, func(t *testing.T) {
			tx, err := s.raw().BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer tx.Rollback() //nolint:errcheck // it may be over
			if _, err := tx.ExecContext(t.Context(), lock); err != nil {
				t.Fatal(err)
			}
			before := kept(t, tx)
			at = at.Add(time.Second)
			code := 0
			if lock != "LOCK TABLE counters IN SHARE MODE" {
				if code = tell(t, o, "waitPayment", at); code != http.StatusServiceUnavailable {
					t.Errorf("a notification that cannot be stored is answered %d", code)
				}
			}
			if lock != "SELECT id FROM orders FOR UPDATE" { // a new order locks no row of another
				if ok, err := newPurchase(b.form.Get("route")).send(p.shop); ok || err != nil {
					t.Errorf("an order that cannot be stored is answered: %v %v", ok, err)
				}
				if now, _ := e.orders(); len(now) != 1 {
					t.Errorf("the exchanger was asked for %d orders while nothing could be stored", len(now)-1)
				}
			}
			if err := tx.Rollback(); err != nil {
				t.Fatal(err)
			}
			if after := kept(t, s.raw()); code != http.StatusOK && after != before {
				t.Errorf("%d notifications were kept that were refused", after-before)
			}
			until(t, "notifications are taken again", func() bool { at = at.Add(time.Second); return tell(t, o, "waitPayment", at) == http.StatusOK })
		})
	}
	until(t, "orders are taken again", func() bool { ok, _ := newPurchase(b.form.Get("route")).send(p.shop); return ok })
}

// kept counts the notifications that are stored.
func kept(t *testing.T, db interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}) (n int) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM notifications").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
