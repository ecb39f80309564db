package checkout

import (
	"context"
	"testing"
	"time"

	"mostrador/exchanger"
	"mostrador/models/modelstest"
)

// gone makes the exchanger unreachable, and customers look at the checkout until its circuit opens.
func (w *world) gone(t *testing.T) (site int64) {
	t.Helper()
	ctx, site := context.Background(), w.svc.ActiveSites()[0]
	if n := w.offered(t); n == 0 {
		t.Fatal("nothing is offered to begin with")
	}
	w.f.away.Store(true)
	for range 6 {
		w.pass(w.opt.RoutesTTL)
		if _, err := w.svc.Offers(ctx, 2500); err != nil {
			t.Fatal(err)
		}
	}
	if h, _ := w.svc.SiteHealth(site); h.State != exchanger.Open {
		t.Fatalf("the circuit is %s", h.State)
	}
	return site
}

func (w *world) offered(t *testing.T) int {
	t.Helper()
	list, err := w.svc.Offers(context.Background(), 2500)
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// TestRule06ACustomerFindsTheExchangerBack: while no payment waits nobody else asks a site whose circuit is open, so the customer's own look
// at the checkout does, and what does not answer is not offered.
func TestRule06ACustomerFindsTheExchangerBack(t *testing.T) {
	w := newWorld(t, modelstest.SQLite(t))
	w.gone(t)
	for range 3 {
		w.pass(10 * time.Second)
		if n := w.offered(t); n != 0 {
			t.Fatalf("%d currencies are offered of a site that does not answer", n)
		}
	}
	w.f.away.Store(false)
	w.pass(10 * time.Second)
	if w.offered(t) == 0 {
		t.Fatal("the exchanger is back and nothing is offered")
	}
}

// TestRule06AnIdleShopFindsTheExchangerBack: with nobody there at all, one call at a time tries the site.
func TestRule06AnIdleShopFindsTheExchangerBack(t *testing.T) {
	w := newWorld(t, modelstest.SQLite(t))
	site := w.gone(t)
	w.pass(10 * time.Second)
	if err := w.svc.ProbeSites(context.Background()); err == nil {
		t.Fatal("a site that does not answer was found back")
	}
	if err := w.svc.ProbeSites(context.Background()); err != nil {
		t.Fatal("a site is tried before its time:", err)
	}
	w.f.away.Store(false)
	w.pass(10 * time.Second)
	if err := w.svc.ProbeSites(context.Background()); err != nil {
		t.Fatal(err)
	}
	if h, _ := w.svc.SiteHealth(site); h.State != exchanger.Closed {
		t.Fatalf("the circuit is %s", h.State)
	}
}
