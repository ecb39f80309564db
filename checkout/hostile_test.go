package checkout

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"mostrador/exchanger"
	"mostrador/models"
	"mostrador/models/modelstest"
)

// TestRule04TheCustomersWordSettlesNothing: "I have paid" makes inProgress at the exchanger, so that status proves nothing of a payment for which we said so.
func TestRule04TheCustomersWordSettlesNothing(t *testing.T) {
	w := newWorld(t, modelstest.SQLite(t))
	w.svc.Close()
	w.opt.Rules.SettleOn = exchanger.StatusInProgress
	w.start()
	a := w.tell(t)
	if err := w.svc.SayPaid(context.Background(), a.order()); err != nil {
		t.Fatal(err)
	}
	a.want(Pending, "", "")
	if got := w.last().truth().status; got != exchanger.StatusInProgress {
		t.Fatalf("the exchanger has %s", got)
	}
	a.notify(w.last(), a.become(w.last(), exchanger.StatusInProgressPayout))
	a.want(Paid, "", "")
	b := w.tell(t)
	b.notify(w.last(), b.become(w.last(), exchanger.StatusInProgress))
	b.want(Paid, "", "")
}

// TestRule02OneExchangeOrderPaysOnePayment: an answer that names the exchange order of another payment is no answer.
func TestRule02OneExchangeOrderPaysOnePayment(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first := w.tell(t)
		x := w.last()
		w.f.twin = true
		second := w.tell(t)
		if p := second.payments()[0]; p.Phase != PhaseUnclear || p.UID != "" {
			t.Fatalf("the second order has uid %q in phase %s", p.UID, p.Phase)
		}
		w.f.move(x, func(s *fakeState) { s.status = exchanger.StatusDone })
		first.pull()
		first.want(Paid, "", "")
		second.pull()
		second.want(Open, "", "")
		if shared, err := w.store.SharedUIDs(context.Background(), 5); err != nil || len(shared) != 0 {
			t.Fatalf("%v, %v", shared, err)
		}
		second.behind(fmt.Sprintf("UPDATE payments SET uid = '%s' WHERE order_id = %d", x.uid, second.id))
		if shared, err := w.store.SharedUIDs(context.Background(), 5); err != nil || len(shared) != 1 {
			t.Fatalf("shared: %v, %v", shared, err)
		}
	})
}

// TestRule09WhatCannotBeReadIsNotThePrice: a payout whose amount is no amount is not taken for the promised one.
func TestRule09WhatCannotBeReadIsNotThePrice(t *testing.T) {
	for _, odd := range []string{"25,00", "NaN", "two", "-25", "92233720368547758.08", "1e29"} {
		t.Run(odd, func(t *testing.T) {
			w := newWorld(t, modelstest.SQLite(t))
			a := w.tell(t)
			w.pass(time.Second)
			w.f.move(w.last(), func(s *fakeState) { s.status, s.odd = exchanger.StatusDone, odd })
			a.pull()
			if o := a.want(Review, WhyAmountUnknown, ""); o.Received != 0 || o.PaidAt != nil {
				t.Fatalf("received %d", o.Received)
			}
			w.pass(time.Second)
			w.f.move(w.last(), func(s *fakeState) { s.odd = "" })
			a.pull()
			if o := a.want(Paid, "", ""); o.Received != 2500 {
				t.Fatalf("received %d", o.Received)
			}
			a.proves()
		})
	}
}

// once makes a link with so many uses.
func (w *world) link(t *testing.T, uses int64) *models.Link {
	t.Helper()
	price := int64(2500)
	l := &models.Link{Slug: "once", Title: "Once", Amount: &price, MaxUses: &uses, Active: true, Metadata: "{}"}
	if err := w.store.InTx(context.Background(), func(tx *models.Tx) error { return tx.CreateLink(context.Background(), l) }); err != nil {
		t.Fatal(err)
	}
	return l
}

func (w *world) byLink(t *testing.T) *tale {
	t.Helper()
	p := w.placement()
	p.Source, p.Amount, p.Link = SourceLink, "", "once"
	placed, err := w.svc.Place(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	return &tale{world: w, t: t, id: placed.Order.ID}
}

func (w *world) uses(t *testing.T) int64 {
	t.Helper()
	l, err := w.store.LinkBySlug(context.Background(), "once")
	if err != nil {
		t.Fatal(err)
	}
	return l.Uses
}

// TestRule15ALinkSellsNoMoreThanItsUses: a use is given back once, and taken again by an order that lives again.
func TestRule15ALinkSellsNoMoreThanItsUses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.link(t, 1)
		a := w.byLink(t)
		x := w.last()
		for range 2 { // the exchanger's administrator cannot make up their mind
			a.notify(x, a.become(x, exchanger.StatusReturned))
			a.pull()
			a.want(Returned, "", "")
			if n := w.uses(t); n != 0 {
				t.Fatalf("%d uses of a closed order", n)
			}
			a.become(x, exchanger.StatusWaitPayment)
			a.pull()
			a.want(Open, "", "")
			if n := w.uses(t); n != 1 {
				t.Fatalf("%d uses of an open order", n)
			}
		}
		if err := w.svc.Cancel(context.Background(), a.id, ""); err != nil {
			t.Fatal(err)
		}
		b := w.byLink(t)
		b.notify(w.last(), b.become(w.last(), exchanger.StatusDone))
		b.want(Paid, "", "")
		a.become(x, exchanger.StatusDone) // late, and the only use is sold
		a.pull()
		o := a.want(Review, WhyOutOfStock, "late")
		if err := w.svc.Accept(context.Background(), a.id, "ana", o.Version); err != nil {
			t.Fatal(err)
		}
		a.want(Paid, "", "late")
	})
}

// TestRule15WhatLivesAgainIsSoldOnce: an order that closed and comes back by another way than paid at once, through a status that nobody knows or open again,
// sells nothing that was sold meanwhile, be it the use of a link or a product; and it sells what is free again.
func TestRule15WhatLivesAgainIsSoldOnce(t *testing.T) {
	ways := map[string]func(a *tale, x *fakeOrder){
		"by a review": func(a *tale, x *fakeOrder) {
			a.notify(x, a.become(x, "frozen"))
			a.pull()
			a.want(Review, WhyUnknownStatus, "")
		},
		"open again": func(a *tale, x *fakeOrder) { a.become(x, exchanger.StatusWaitPayment); a.pull(); a.want(Open, "", "") },
	}
	for _, what := range []string{"link", "product"} {
		for way, back := range ways {
			each(t, func(t *testing.T, w *world) {
				t.Log(what, way)
				ctx := context.Background()
				buy := w.byLink
				if what == "link" {
					w.link(t, 1)
				} else {
					buy = w.byCart(t)
				}
				shut := func(a *tale, x *fakeOrder) {
					t.Helper()
					if way == "open again" {
						a.become(x, exchanger.StatusReturned)
						a.pull()
						a.want(Returned, "", "")
						return
					}
					if err := w.svc.Cancel(ctx, a.id, ""); err != nil {
						t.Fatal(err)
					}
				}
				late := map[string]string{"by a review": "late", "open again": ""}[way]
				a := buy(t)
				x := w.last()
				shut(a, x)
				b := buy(t)
				y := w.last()
				back(a, x) // while the other one has it
				if way == "open again" {
					shut(a, x)
				} else {
					a.become(x, exchanger.StatusWaitPayment)
					a.pull()
					a.want(Cancelled, "", "")
				}
				back(a, x)
				b.notify(y, b.become(y, exchanger.StatusDone))
				b.want(Paid, "", "")
				a.become(x, exchanger.StatusDone)
				a.pull()
				o := a.want(Review, WhyOutOfStock, late)
				if err := w.svc.Accept(ctx, a.id, "ana", o.Version); err != nil {
					t.Fatal(err)
				}
				a.want(Paid, "", late)
			})
			each(t, func(t *testing.T, w *world) {
				t.Log(what, way, "free again")
				buy := w.byLink
				if what == "link" {
					w.link(t, 1)
				} else {
					buy = w.byCart(t)
				}
				a := buy(t)
				x := w.last()
				a.become(x, exchanger.StatusReturned)
				a.pull()
				b := buy(t)
				back(a, x)
				if err := w.svc.Cancel(context.Background(), b.id, ""); err != nil {
					t.Fatal(err)
				}
				a.become(x, exchanger.StatusDone)
				a.pull()
				a.want(Paid, "", "")
			})
		}
	}
}

// byCart sells the only piece of a product.
func (w *world) byCart(t *testing.T) func(t *testing.T) *tale {
	t.Helper()
	one := int64(1)
	product := &models.Product{Slug: "lamp", Title: models.Texts{"en": "Lamp"}.JSON(), Summary: "{}", Description: "{}", Price: 2500, Stock: &one}
	if err := w.store.InTx(context.Background(), func(tx *models.Tx) error { return tx.InsertProduct(context.Background(), product) }); err != nil {
		t.Fatal(err)
	}
	n := 0
	return func(t *testing.T) *tale {
		t.Helper()
		n++
		p := w.placement()
		p.Source, p.Amount, p.Cart = SourceCart, "", fmt.Sprint("cart", n)
		if err := w.store.InTx(context.Background(), func(tx *models.Tx) error {
			return tx.SetCartLine(context.Background(), p.Cart, product.ID, 1, 9, false)
		}); err != nil {
			t.Fatal(err)
		}
		placed, err := w.svc.Place(context.Background(), p)
		if err != nil {
			t.Fatal(err)
		}
		return &tale{world: w, t: t, id: placed.Order.ID}
	}
}

// TestRule14ADearerPriceIsAskedFor: what the page said is not exceeded without asking; what became cheaper is taken.
func TestRule14ADearerPriceIsAskedFor(t *testing.T) {
	w := newWorld(t, modelstest.SQLite(t))
	p := w.placement()
	offer, err := w.svc.Quote(context.Background(), p.Route, 2500)
	if err != nil {
		t.Fatal(err)
	}
	p.Shown, p.Amount = w.svc.SealShown(offer, 2500), "26"
	_, err = w.svc.Place(context.Background(), p)
	if problem, ok := AsProblem(err); !ok || problem.Code != "price_rose" {
		t.Fatalf("a dearer price: %v", err)
	}
	p.Amount = "24"
	if _, err := w.svc.Place(context.Background(), p); err != nil {
		t.Fatal(err)
	}
}

func TestRule16WhatIsShownOfAWalletMustFit(t *testing.T) {
	value := func(key, v string) exchanger.Value { return exchanger.Value{Key: key, Value: v} }
	sent := []exchanger.Value{value("w", "T9yD14Nj9j7x")}
	for _, tt := range []struct {
		name    string
		shown   []exchanger.Value
		differs bool
	}{
		{"nothing is shown", nil, false},
		{"the same", []exchanger.Value{value("w", "T9yD14Nj9j7x")}, false},
		{"under another key", []exchanger.Value{value("wallet", "T9yD14Nj9j7x")}, false},
		{"another", []exchanger.Value{value("w", "T9yD14Nj9j7y")}, true},
		{"hidden", []exchanger.Value{value("w", "****")}, false},
		{"empty", []exchanger.Value{value("w", "")}, false},
		{"its ends", []exchanger.Value{value("w", "T9y****j7x")}, false},
		{"its end", []exchanger.Value{value("w", "…9j7x")}, false},
		{"its beginning", []exchanger.Value{value("w", "T9yD••••")}, false},
		{"its middle", []exchanger.Value{value("w", "*14Nj*")}, false},
		{"another with one star", []exchanger.Value{value("w", "Z000000000*")}, true},
		{"another end", []exchanger.Value{value("w", "T9y****j7z")}, true},
		{"another end alone", []exchanger.Value{value("w", "****j7z")}, true},
		{"another middle", []exchanger.Value{value("w", "*15Nj*")}, true},
		{"its key twice, the last one right", []exchanger.Value{value("w", "Zother"), value("w", "T9yD14Nj9j7x")}, true},
		{"another under another key, beside a star", []exchanger.Value{value("wallet", "Zother"), value("x", "*")}, true},
		{"hidden under another key", []exchanger.Value{value("wallet", "***")}, false},
		{"beside a comment", []exchanger.Value{value("w", "T9yD14Nj9j7x"), value("comment", "hello")}, false},
	} {
		if got := ValuesDiffer(sent, tt.shown); got != tt.differs {
			t.Errorf("%s: differs %t", tt.name, got)
		}
	}
}

// TestRule06StrangersDoNotDriveOurCalls: who has an order's page, or makes up a route, can ask as often as they like.
func TestRule06StrangersDoNotDriveOurCalls(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t, modelstest.SQLite(t))
	w.svc.Close()
	w.opt.CallsPerSecond = 5
	w.start()
	a := w.tell(t)
	o, before := a.order(), w.f.asked
	var all sync.WaitGroup
	for range 60 {
		all.Go(func() {
			if err := w.svc.CameBack(ctx, o, "success"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	w.svc.Close()
	w.f.mu.Lock()
	asked := w.f.asked - before
	w.f.mu.Unlock()
	if asked < 1 || asked > 15 {
		t.Errorf("60 returns made %d calls", asked)
	}
	lists := w.f.lists.Load()
	for range 50 {
		if _, err := w.svc.Quote(ctx, w.opt.Sites[0].Name+"/5d8e6002b80b7b4cd75affff", 2500); err == nil {
			t.Fatal("a route that is none has a price")
		}
	}
	if n := w.f.lists.Load() - lists; n > 1 {
		t.Errorf("50 made-up routes read the list %d times", n)
	}
}

// TestRule01ASiteThatAnsweredOddlyOnceIsAskedForTheExactAmountAgain.
func TestRule01ASiteThatAnsweredOddlyOnceIsAskedForTheExactAmountAgain(t *testing.T) {
	w := newWorld(t, modelstest.SQLite(t))
	negative := func() string {
		t.Helper()
		site, err := w.store.SiteByID(context.Background(), w.svc.ActiveSites()[0])
		if err != nil {
			t.Fatal(err)
		}
		return site.Negative
	}
	w.tell(t)
	w.f.deaf = true
	w.tell(t)
	if got := negative(); got != "no" {
		t.Fatalf("understood: %s", got)
	}
	w.f.deaf = false
	w.tell(t)
	if got := negative(); got != "no" {
		t.Fatalf("asked again at once, understood: %s", got)
	}
	w.pass(15 * time.Minute)
	w.tell(t)
	if got := negative(); got != "yes" {
		t.Fatalf("after a while it understands: %s", got)
	}
}
