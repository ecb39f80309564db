package checkout

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"mostrador/exchanger"
	"mostrador/models"
)

func TestRule11TenStatuses(t *testing.T) {
	w := newWorld(t, "sqlite:"+t.TempDir()+"/t.db")
	if len(exchanger.Statuses) != 10 {
		t.Fatalf("%d statuses", len(exchanger.Statuses))
	}
	a := w.tell(t)
	for _, status := range []exchanger.Status{exchanger.StatusWaitPayment, exchanger.StatusErrorPayment, exchanger.StatusInProgress, exchanger.StatusHold, exchanger.StatusErrorPayout, exchanger.StatusReturned,
		exchanger.StatusDeleted, exchanger.StatusNew, exchanger.StatusInProgressPayout, "frozen"} {
		a.become(w.last(), status)
		a.pull()
		if got := a.payments()[0].Status; got != string(status) {
			t.Fatalf("%s was kept as %s", status, got)
		}
	}
	a.want(Review, WhyUnknownStatus, "")
}

func TestRule12LateMoneyIsMoney(t *testing.T) {
	w := newWorld(t, "sqlite:"+t.TempDir()+"/t.db")
	a := w.tell(t)
	x := w.last()
	a.become(x, exchanger.StatusInProgress) // unseen: the pull before closing finds it
	a.expire()
	a.want(Pending, "", "")

	b := w.tell(t)
	b.expire()
	b.want(Expired, "", "")
	b.become(w.last(), exchanger.StatusDeleted)
	b.pull()
	if p := b.payments()[0]; p.NextPullAt == nil {
		t.Fatal("a closed order is not watched")
	}
	b.become(w.last(), exchanger.StatusDone)
	b.pull()
	b.want(Paid, "", "late")
}

func TestRule13OneLivePaymentForAnOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.tell(t)
		first := w.last()
		again := Again{Route: w.placement().Route, Agreement: true, Attempt: "second", Lang: "en"}
		_, err := w.svc.PayAgain(context.Background(), a.order(), again)
		if p, ok := AsProblem(err); !ok || p.Field != "nothing_sent" {
			t.Fatalf("without the word that nothing was sent: %v", err)
		}
		again.NothingSent = true
		if _, err := w.svc.PayAgain(context.Background(), a.order(), again); err != nil {
			t.Fatal(err)
		}
		w.svc.behind.Wait()
		if got := first.truth().status; got != exchanger.StatusDeleted {
			t.Fatalf("the earlier exchange order is %s", got)
		}
		list := a.payments()
		if len(list) != 2 || !list[0].Superseded || list[0].NextPullAt == nil || list[1].NextPullAt == nil {
			t.Fatalf("both stay watched: %+v", list)
		}
		a.become(w.last(), exchanger.StatusDone)
		a.become(first, exchanger.StatusDone)
		a.pull()
		if o := a.want(Review, WhyDouble, "double over"); Surplus(o) != 2500 || a.told("order.paid") > 1 {
			t.Fatalf("the surplus is %d", Surplus(o))
		}
	})
}

func TestRule03TheSameAttemptToPayAgainSentAtOnceGetsOneAnswer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.tell(t)
		again := Again{Route: w.placement().Route, Agreement: true, NothingSent: true, Attempt: "second", Lang: "en"}
		o := a.order()
		var wg sync.WaitGroup
		got := make([]*Placed, 6)
		for i := range got {
			wg.Go(func() {
				var err error
				if got[i], err = w.svc.PayAgain(context.Background(), o, again); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, p := range got {
			if p == nil || p.Next != got[0].Next {
				t.Errorf("another answer: %+v, the first was %+v", p, got[0])
			}
		}
		if n := len(a.payments()); n != 2 {
			t.Errorf("%d payments, want the first and one more", n)
		}
	})
}

func TestRule13WhateverIsReplacedIsCancelledThere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.tell(t)
		o, route := a.order(), w.placement().Route
		var wg sync.WaitGroup
		for i := range 4 { // several attempts at once: whichever is last stays
			wg.Go(func() {
				again := Again{Route: route, Agreement: true, NothingSent: true, Attempt: fmt.Sprint("other", i), Lang: "en"}
				if _, err := w.svc.PayAgain(context.Background(), o, again); err != nil {
					if _, refused := AsProblem(err); !refused {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		w.svc.behind.Wait()
		live := map[string]bool{}
		for _, p := range a.payments() {
			if !p.Superseded {
				live[p.UID] = true
			}
		}
		w.f.mu.Lock()
		defer w.f.mu.Unlock()
		for _, x := range w.f.orders {
			if gone := x.truth().status == exchanger.StatusDeleted; gone == live[x.uid] {
				t.Errorf("exchange order %s is %s, live: %v", x.uid, x.truth().status, live)
			}
		}
		if len(live) != 1 {
			t.Errorf("%d live payments", len(live))
		}
	})
}

func TestRule15StockIsHeld(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		three := int64(3)
		product := &models.Product{Slug: "lamp", Title: models.Texts{"en": "Lamp"}.JSON(), Summary: "{}", Description: "{}", Price: 2500, Stock: &three}
		if err := w.store.InTx(ctx, func(tx *models.Tx) error { return tx.InsertProduct(ctx, product) }); err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var placed []*tale
		var wg sync.WaitGroup
		for i := range 10 {
			p := w.placement()
			p.Source, p.Amount, p.Cart = SourceCart, "", "cart"+string(rune('a'+i))
			if err := w.store.InTx(ctx, func(tx *models.Tx) error { return tx.SetCartLine(ctx, p.Cart, product.ID, 1, 9, false) }); err != nil {
				t.Fatal(err)
			}
			wg.Go(func() {
				got, err := w.svc.Place(ctx, p)
				if _, refused := AsProblem(err); err != nil && !refused {
					t.Error(err)
				}
				if err == nil {
					mu.Lock()
					defer mu.Unlock()
					placed = append(placed, &tale{world: w, t: t, id: got.Order.ID})
				}
			})
		}
		wg.Wait()
		shelf := func(stock, held int64) {
			t.Helper()
			p, err := w.store.ProductBySlug(ctx, "lamp")
			if err != nil || *p.Stock != stock || p.Held != held {
				t.Fatalf("%d on the shelf, %d held, %v; want %d and %d", *p.Stock, p.Held, err, stock, held)
			}
		}
		if len(placed) != 3 {
			t.Fatalf("%d orders for 3 pieces", len(placed))
		}
		shelf(3, 3)
		placed[0].expire()
		shelf(3, 0)
		placed[0].want(Expired, "", "")
	})
}

// TestRule15TheCustomersWordHoldsNoGoodsForEver: whoever has the page can say that it is paid, so a person can give the goods back; whatever money comes
// all the same is found and counts.
func TestRule15TheCustomersWordHoldsNoGoodsForEver(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		one := int64(1)
		product := &models.Product{Slug: "lamp", Title: models.Texts{"en": "Lamp"}.JSON(), Summary: "{}", Description: "{}", Price: 2500, Stock: &one}
		if err := w.store.InTx(ctx, func(tx *models.Tx) error { return tx.InsertProduct(ctx, product) }); err != nil {
			t.Fatal(err)
		}
		buy := func(i int) (*tale, *fakeOrder) {
			t.Helper()
			p := w.placement()
			p.Source, p.Amount, p.Cart = SourceCart, "", fmt.Sprint("word", i)
			if err := w.store.InTx(ctx, func(tx *models.Tx) error { return tx.SetCartLine(ctx, p.Cart, product.ID, 1, 9, false) }); err != nil {
				t.Fatal(err)
			}
			placed, err := w.svc.Place(ctx, p)
			if err != nil {
				t.Fatal(err)
			}
			return &tale{world: w, t: t, id: placed.Order.ID}, w.last()
		}
		refused := func(what string, err error) {
			t.Helper()
			if p, ok := AsProblem(err); !ok || p.Code != "order_not_cancellable" {
				t.Fatalf("%s: %v", what, err)
			}
		}
		a, x := buy(1)
		refused("an order of which nothing was said", w.svc.CancelTold(ctx, a.id, "ana"))
		if err := w.svc.SayPaid(ctx, a.order()); err != nil {
			t.Fatal(err)
		}
		a.want(Pending, "", "")
		refused("without a confirmation", w.svc.Cancel(ctx, a.id, "ana"))
		w.f.away.Store(true)
		if p, ok := AsProblem(w.svc.CancelTold(ctx, a.id, "ana")); !ok || p.Code != "cancel_unanswered" || a.order().Stock != StockHeld {
			t.Fatalf("while the exchanger does not answer: %v, stock %s", p, a.order().Stock)
		}
		w.f.away.Store(false)
		a.pull()
		if err := w.svc.CancelTold(ctx, a.id, "ana"); err != nil {
			t.Fatal(err)
		}
		a.want(Cancelled, "", "")
		if l, err := w.svc.Look(ctx, a.order()); err != nil || l.Why.Cause != CauseCancelled || l.Why.Next.IsZero() {
			t.Fatalf("it is explained as %+v, %v", l.Why, err)
		}
		if x.truth().status != exchanger.StatusInProgress {
			t.Fatalf("at the exchanger it was made %s", x.truth().status)
		}
		b, y := buy(2) // the piece is for sale again
		b.notify(y, b.become(y, exchanger.StatusDone))
		b.want(Paid, "", "")
		a.notify(x, a.become(x, exchanger.StatusDone)) // and it was true after all
		a.want(Review, WhyOutOfStock, "late")

		c := w.tell(t) // with nothing to run out of: paid, late
		z := w.last()
		if err := w.svc.SayPaid(ctx, c.order()); err != nil {
			t.Fatal(err)
		}
		if err := w.svc.CancelTold(ctx, c.id, "ana"); err != nil {
			t.Fatal(err)
		}
		w.pass(24 * time.Hour)
		c.pull()
		if p := c.payments()[0]; p.NextPullAt == nil || p.NextPullAt.Sub(w.now()) < time.Hour {
			t.Fatalf("a day later it is looked at next at %v", p.NextPullAt)
		}
		c.become(z, exchanger.StatusDone)
		c.pull()
		c.want(Paid, "", "late")

		d := w.tell(t) // the exchanger went on: money was seen
		u := w.last()
		if err := w.svc.SayPaid(ctx, d.order()); err != nil {
			t.Fatal(err)
		}
		d.become(u, exchanger.StatusInProgressPayout)
		refused("money that the exchanger pays out", w.svc.CancelTold(ctx, d.id, "ana"))
		d.want(Pending, "", "")
	})
}

func TestRule16TheWalletIsGuarded(t *testing.T) {
	w := newWorld(t, "sqlite:"+t.TempDir()+"/t.db")
	a := w.tell(t)
	w.f.move(w.last(), func(s *fakeState) { s.status, s.wallet = exchanger.StatusInProgress, "TThief" })
	a.pull()
	a.want(Review, WhyPayoutChanged, "payout_changed")
	b := w.tell(t)
	w.f.move(w.last(), func(s *fakeState) { s.status, s.wallet = exchanger.StatusInProgress, "T****" })
	b.pull()
	b.want(Pending, "", "")
}

func TestRule17EachPaymentKeepsItsSite(t *testing.T) {
	w := newWorld(t, "sqlite:"+t.TempDir()+"/t.db")
	a := w.tell(t)
	x := w.last()
	w.svc.Close()
	w.opt.Sites[0].BaseURL = "https://another.example"
	w.start()
	a.become(x, exchanger.StatusDone)
	before := w.f.asked
	a.pull()
	a.want(Paid, "", "")
	p := a.payments()[0]
	site, err := w.store.SiteByID(context.Background(), p.SiteID)
	if err != nil || site.BaseURL == "https://another.example" || w.f.asked != before+1 {
		t.Fatalf("pulled at %s, %v", site.BaseURL, err)
	}
}
