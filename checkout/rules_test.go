package checkout

import (
	"context"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"mostrador/exchanger"
	"mostrador/models"
	"mostrador/money"
)

func TestRule01MoneyIsDecimal(t *testing.T) {
	for _, v := range []any{models.Order{}, models.OrderLine{}, models.Payment{}, models.Refund{}, models.Product{}, Fact{}, Offer{}, Units{}, money.Amount{}, OrderDocument{}} {
		if kind := reflect.TypeOf(v); floats(kind, map[reflect.Type]bool{}) {
			t.Errorf("%s holds a float", kind)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		price := rapid.Int64Range(1, 1e9).Draw(t, "price")
		rate := decimal.New(rapid.Int64Range(1, 1e9).Draw(t, "rate"), -rapid.Int32Range(0, 9).Draw(t, "decimals of the rate"))
		places := rapid.Int32Range(0, 8).Draw(t, "decimals")
		want := Want(price, "USD", rate, places)
		exact := decimal.New(price, -2).Mul(rate)
		if unit := decimal.New(1, -places); want.LessThan(exact) || want.Sub(exact).GreaterThanOrEqual(unit) || !want.Equal(want.Truncate(places)) {
			t.Fatalf("%d cents at %s ask for %s, exactly %s", price, rate, want, exact)
		}
		p := &models.Payment{PayoutRate: rate}
		if got := value(p, want, "USD"); got < price {
			t.Fatalf("%s units are worth %d cents, less than the price of %d", want, got, price)
		}
	})
}

func floats(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] || t == reflect.TypeOf(time.Time{}) || t == reflect.TypeOf(decimal.Decimal{}) {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Float32, reflect.Float64:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return floats(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if floats(t.Field(i).Type, seen) {
				return true
			}
		}
	}
	return false
}

func TestRule02IntentFirst(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.placement()
		w.alive(func() { w.svc.Place(dying(context.Background(), "before create"), p) })
		a, ok, err := w.store.Attempt(context.Background(), attemptKey(p))
		if err != nil || !ok {
			t.Fatalf("killed before the exchanger was called, nothing is stored: %v", err)
		}
		told := &tale{world: w, t: t, id: a.OrderID}
		if list := told.payments(); len(list) != 1 || list[0].Phase != PhaseCreating || list[0].TokenHash == "" || len(list[0].IPNSecret) == 0 {
			t.Fatalf("the intent is not whole: %+v", list)
		}

		p = w.placement()
		w.alive(func() { w.svc.Place(dying(context.Background(), "after create"), p) })
		a, _, _ = w.store.Attempt(context.Background(), attemptKey(p))
		told = &tale{world: w, t: t, id: a.OrderID}
		w.pass(time.Minute)
		told.pull()
		if list := told.payments(); len(list) != 1 || list[0].Phase != PhaseUnclear {
			t.Fatalf("an answer that was never stored leaves %+v", list)
		}
		if made := len(w.f.orders); made != 1 {
			t.Fatalf("the exchanger was asked blindly again: %d exchange orders", made)
		}
		x := w.last()
		if answer := told.notify(x, told.become(x, exchanger.StatusInProgress)); answer != 200 {
			t.Fatalf("late notification answered %d", answer)
		}
		told.want(Pending, "", "")
		if got := told.payments()[0]; got.Phase != PhaseLive || got.ExchangeID != x.id || got.UID != "" {
			t.Fatalf("its notification identifies it as %s %q %q", got.Phase, got.ExchangeID, got.UID)
		}
	})
}

func TestRule03OneAttemptOneOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		other, err := New(context.Background(), w.store, w.opt, nil) // a second instance on the same database
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		p := w.placement()
		var wg sync.WaitGroup
		got := make([]*Placed, 8)
		for i := range got {
			svc := []*Service{w.svc, other}[i%2]
			wg.Go(func() {
				placed, err := svc.Place(context.Background(), p)
				if err != nil {
					t.Error(err)
					return
				}
				got[i] = placed
			})
		}
		wg.Wait()
		if t.Failed() {
			return
		}
		for _, g := range got {
			if g.Order.ID != got[0].Order.ID || g.Next != got[0].Next || g.Token != got[0].Token {
				t.Fatalf("the same attempt gave order %d at %s and order %d at %s", got[0].Order.ID, got[0].Next, g.Order.ID, g.Next)
			}
		}
		if made := len(w.f.orders); made != 1 {
			t.Fatalf("%d exchange orders for one attempt", made)
		}
	})
}

func TestRule04NothingIsBelievedThatIsNotProven(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.tell(t)
		x := w.last()
		said := fakeState{status: exchanger.StatusDone, in: x.said[0].in, out: x.said[0].out, at: w.now()}
		plain := w.f.notification(x, said, x.id, false)
		for _, tt := range []struct {
			name, body string
			answer     int
		}{
			{"without a hash it is a hint", plain, 200},
			{"a wrong hash is refused", plain + "&hash=" + models.Digest("x"), 401},
			{"a colon in a signed field is refused", strings.Replace(w.f.notification(x, said, x.id, true), "xml_from=LTC", "xml_from=L%3ATC", 1), 401},
			{"signed, but about another exchange order", w.f.notification(x, said, "ffffffffffffffffffffffff", true), 200},
		} {
			if answer := a.notify(x, tt.body); answer != tt.answer {
				t.Errorf("%s: answered %d, want %d", tt.name, answer, tt.answer)
			}
			a.want(Open, "", "")
		}
		if err := w.svc.CameBack(context.Background(), a.order(), "success"); err != nil {
			t.Fatal(err)
		}
		w.svc.behind.Wait()
		a.want(Open, "", "")
		p := a.payments()[0]
		if p.Hints != 1 || p.WrongHashes != 2 {
			t.Errorf("%d hints and %d wrong hashes were counted", p.Hints, p.WrongHashes)
		}
		body := strings.Replace(a.become(x, exchanger.StatusInProgress), "orderUID="+x.uid, "orderUID=666", 1) + "&toValues[0][value]=TThief"
		if answer := a.notify(x, strings.Replace(body, "hash=", "anything=", 1)); answer != 200 {
			t.Fatalf("a good hash under another name: %d", answer)
		}
		if p = a.payments()[0]; p.UID != x.uid || p.Status != string(exchanger.StatusInProgress) || p.Flags != "" {
			t.Fatalf("unsigned fields were taken for facts: %+v", p)
		}
	})
}

func TestRule05ThePullIsTheTruth(t *testing.T) {
	w := newWorld(t, "sqlite:"+t.TempDir()+"/t.db")
	a := w.tell(t)
	x := w.last()
	first := a.become(x, exchanger.StatusInProgress)
	second := a.become(x, exchanger.StatusInProgressPayout)
	a.notify(x, second)
	a.notify(x, first)
	p := a.payments()[0]
	if e := a.events(&p); p.Status != string(exchanger.StatusInProgressPayout) || e[len(e)-1].Outcome != Kept || e[len(e)-1].Reason != "older" {
		t.Fatalf("after the older one came last: %s, %s", p.Status, e[len(e)-1].Reason)
	}
	back := a.become(x, exchanger.StatusWaitPayment)
	a.notify(x, back)
	p = a.payments()[0]
	if p.Status != string(exchanger.StatusInProgressPayout) || p.NextPullAt == nil || p.NextPullAt.After(w.now()) {
		t.Fatalf("a step back is %s and pulled at %v", p.Status, p.NextPullAt)
	}
	a.pull()
	a.want(Open, "", "")
}

func TestRule06NotificationsMayNeverCome(t *testing.T) {
	w := newWorld(t, "sqlite:"+t.TempDir()+"/t.db")
	a := w.tell(t)
	a.become(w.last(), exchanger.StatusHold)
	last := time.Duration(0)
	for pulls := 0; pulls < 40; pulls++ {
		p := a.payments()[0]
		if p.NextPullAt == nil {
			t.Fatalf("an unsettled payment is not pulled any more after %d pulls", pulls)
		}
		wait := p.NextPullAt.Sub(w.now())
		if wait > w.opt.Poll.Max*12/10 || pulls > 2 && wait < last*7/10 {
			t.Fatalf("pull %d comes after %s, the one before after %s", pulls, wait, last)
		}
		last = wait
		w.pass(max(wait, time.Second))
		a.pull()
	}
	a.become(w.last(), exchanger.StatusDone)
	w.pass(last * 2)
	a.pull()
	a.want(Paid, "", "")
}

func TestRule07TheLogProvesItself(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.tell(t)
		x := w.last()
		a.notify(x, a.become(x, exchanger.StatusInProgress))
		a.notify(x, a.become(x, exchanger.StatusDone))
		p := a.payments()[0]
		events := a.events(&p)
		if bad := Verify(p, events); len(bad) > 0 {
			t.Fatalf("an honest log: %+v", bad)
		}
		p.Status = string(exchanger.StatusReturned)
		if bad := Verify(p, events); len(bad) != 1 || bad[0].What != "status" {
			t.Fatalf("a status changed behind its back: %+v", bad)
		}
	})
}

func TestRule08SettlingHappensOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.tell(t)
		x := w.last()
		body := a.become(x, exchanger.StatusDone)
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() { a.notify(x, body) })
			wg.Go(func() { w.svc.Pull(context.Background(), a.payments()[0].ID, "") })
		}
		wg.Wait()
		o := a.want(Paid, "", "")
		if n := a.told("order.paid"); n != 1 || o.PaidAt == nil {
			t.Fatalf("paid was told %d times", n)
		}
	})
}

func TestRule08PaidIsToldOnceThoughThePayoutIsTakenBackAndGivenAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.tell(t)
		for _, status := range []exchanger.Status{exchanger.StatusDone, exchanger.StatusReturned, exchanger.StatusDone} {
			a.become(w.last(), status)
			a.pull()
		}
		a.want(Paid, "", "")
		if n := a.told("order.paid"); n != 1 {
			t.Fatalf("order.paid was told %d times", n)
		}
		events, err := w.store.EventsOfOrder(context.Background(), a.id)
		if last := events[len(events)-1]; err != nil || last.Type != "order.review" || !strings.Contains(last.Data, `"status":"paid"`) {
			t.Fatalf("the end of the review is told as %s: %s, %v", last.Type, last.Data, err)
		}
		if n := a.mailed(MailPaid); n != 1 {
			t.Fatalf("%d mails say that it is paid", n)
		}
	})
}

func TestRule09AmountsAreChecked(t *testing.T) {
	for _, tt := range []struct {
		name, part, status, flags string
	}{
		{"the price is paid", "1", Paid, ""},
		{"half a percent less is tolerated", "0.995", Paid, ""},
		{"more is missing", "0.99", Underpaid, ""},
		{"more came", "1.2", Paid, "over"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, "sqlite:"+t.TempDir()+"/t.db")
			a := w.tell(t)
			x := w.last()
			w.pass(time.Second)
			a.notify(x, w.f.move(x, func(s *fakeState) {
				s.status, s.in, s.out = exchanger.StatusDone, s.in.Mul(units(tt.part)), s.out.Mul(units(tt.part))
			}))
			o := a.want(tt.status, "", tt.flags)
			if tt.status != Underpaid {
				return
			}
			if Missing(o) != 25 || w.svc.Due(o) != 25 {
				t.Fatalf("missing %d, due %d", Missing(o), w.svc.Due(o))
			}
			if err := w.svc.Accept(context.Background(), a.id, "ana", o.Version-1); err == nil {
				t.Fatal("accepted though the order had changed since")
			}
			if err := w.svc.Accept(context.Background(), a.id, "ana", o.Version); err != nil {
				t.Fatal(err)
			}
			a.want(Paid, "", tt.flags)
		})
	}
}

func TestRule10WhatContradictsItselfGoesToAPerson(t *testing.T) {
	for _, tt := range []struct {
		settleOn exchanger.Status
		way      []exchanger.Status
		reason   string
	}{
		{exchanger.StatusDone, []exchanger.Status{exchanger.StatusDone, exchanger.StatusReturned}, WhyReturnedAfterPaid},
		{exchanger.StatusDone, []exchanger.Status{exchanger.StatusDone, exchanger.StatusDeleted}, WhyDeletedAfterPaid},
		{exchanger.StatusInProgress, []exchanger.Status{exchanger.StatusInProgress, exchanger.StatusErrorPayment}, WhyErrorAfterPaid},
		{exchanger.StatusInProgressPayout, []exchanger.Status{exchanger.StatusInProgressPayout, exchanger.StatusErrorPayout}, WhyErrorAfterPaid},
		{exchanger.StatusInProgress, []exchanger.Status{exchanger.StatusInProgress, exchanger.StatusReturned}, WhyReturnedAfterPaid},
	} {
		t.Run(string(tt.way[1])+" after "+string(tt.way[0]), func(t *testing.T) {
			w := newWorld(t, "sqlite:"+t.TempDir()+"/t.db")
			w.svc.opt.Rules.SettleOn = tt.settleOn
			a := w.tell(t)
			for i, status := range tt.way {
				a.become(w.last(), status)
				a.pull()
				if i == 0 {
					a.want(Paid, "", "")
				}
			}
			if o := a.want(Review, tt.reason, ""); o.Received < o.Total || o.PaidAt == nil {
				t.Fatal("what was paid is forgotten")
			}
		})
	}
	t.Run("another currency", func(t *testing.T) {
		w := newWorld(t, "sqlite:"+t.TempDir()+"/t.db")
		a := w.tell(t)
		w.f.move(w.last(), func(s *fakeState) { s.to = "WMZ" })
		a.pull()
		a.want(Review, WhyOtherCurrency, "")
	})
}

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

func TestRule14NoSurprise(t *testing.T) {
	w := newWorld(t, "sqlite:"+t.TempDir()+"/t.db")
	a := w.tell(t)
	x := w.last()
	w.pass(time.Second)
	w.f.move(x, func(s *fakeState) { s.status, s.out = exchanger.StatusWaitPayment, units("24.99") })
	a.pull()
	a.become(x, exchanger.StatusDone)
	a.pull()
	w.f.move(x, func(s *fakeState) { s.out = units("24.95") })
	a.pull()
	p := a.payments()[0]
	if got := []string{p.QuotedOut.String(), p.OrderedOut.Decimal.String(), p.CurrentOut.Decimal.String(), p.SettledOut.Decimal.String()}; !reflect.DeepEqual(got, []string{"25", "25", "24.95", "24.99"}) {
		t.Fatalf("quoted, ordered, current and settled are %v", got)
	}
	a.want(Paid, "", "drift")
	p.SeenAt, p.OrderedIn = nil, decimal.NewNullDecimal(p.QuotedIn.Mul(units("1.006")))
	if !PriceMoved(&p, w.svc.Rules()) {
		t.Fatal("0.6 % more is no surprise")
	}
	p.OrderedIn = decimal.NewNullDecimal(p.QuotedIn.Mul(units("1.004")))
	if PriceMoved(&p, w.svc.Rules()) {
		t.Fatal("0.4 % more is one")
	}
}

func TestRule14WhatIsAskedIsComparedWithWhatWasShown(t *testing.T) {
	ctx := context.Background()
	for _, tt := range []struct {
		name     string
		computed bool   // the site takes no negative amounts
		api      bool   // the order comes from the API
		moves    string // when the rate moves: before the form is sent, or after
		slump    int64
		moved    bool
	}{
		{"the rate moved while the page was read", false, false, "before", 8, true},
		{"the same with computed amounts", true, false, "before", 8, true},
		{"it moved between quote and order", false, false, "after", 8, true},
		{"the same with computed amounts, asked for anew", true, false, "after", 8, true},
		{"an order of the API", false, true, "after", 8, true},
		{"an order of the API with computed amounts", true, true, "after", 8, true},
		{"within the tolerance", false, false, "before", 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, "sqlite:"+t.TempDir()+"/t.db")
			p := w.placement()
			offer, err := w.svc.Quote(ctx, p.Route, 2500)
			if err != nil {
				t.Fatal(err)
			}
			p.Shown = w.svc.SealShown(offer, 2500)
			if tt.computed {
				if err := w.store.InTx(ctx, func(tx *models.Tx) error { return tx.SetNegative(ctx, offer.SiteID, "no") }); err != nil {
					t.Fatal(err)
				}
			}
			if tt.api {
				p.Source, p.Shown = SourceAPI, ""
			}
			if tt.moves == "before" {
				w.pass(time.Hour) // the rate is read again
			}
			w.f.slump = tt.slump
			placed, err := w.svc.Place(ctx, p)
			if err != nil {
				t.Fatal(err)
			}
			a := &tale{world: w, t: t, id: placed.Order.ID}
			list := a.payments()
			now := Current(list)
			d, err := w.svc.Document(ctx, placed.Order)
			if err != nil {
				t.Fatal(err)
			}
			own := placed.Next == "/orders/"+placed.Token
			if PriceMoved(now, w.svc.Rules()) != tt.moved || own != tt.moved || (d.Payment.URL == d.CheckoutURL) != tt.moved {
				t.Fatalf("moved: %t, the customer goes to %s, a program to %s; want moved %t", PriceMoved(now, w.svc.Rules()), placed.Next, d.Payment.URL, tt.moved)
			}
			if !now.QuotedIn.Equal(offer.Due) {
				t.Fatalf("quoted %s, shown %s", now.QuotedIn, offer.Due)
			}
			for i := range list {
				if bad := Verify(list[i], a.events(&list[i])); len(bad) > 0 {
					t.Fatalf("log and row differ: %+v", bad)
				}
			}
		})
	}
	w := newWorld(t, "sqlite:"+t.TempDir()+"/t.db")
	offer, err := w.svc.Quote(ctx, w.placement().Route, 2500)
	if err != nil {
		t.Fatal(err)
	}
	sealed := w.svc.SealShown(offer, 2500)
	for _, forged := range []string{"", "9", "9.", strings.Replace(sealed, "0.", "9.", 1), sealed + "0"} {
		if got := w.svc.shown(forged, offer.Key, 2500); !got.IsZero() {
			t.Errorf("%q is taken for %s", forged, got)
		}
	}
	if got := w.svc.shown(sealed, offer.Key, 2500); !got.Equal(offer.Due) {
		t.Errorf("%q is taken for %s", sealed, got)
	}
}

func TestRule14TheFlagDriftIsTheExchangersDoingNotTheCustomers(t *testing.T) {
	part := func(in, out string) func(*fakeState) {
		return func(s *fakeState) { s.in, s.out = s.in.Mul(units(in)), s.out.Mul(units(out)).Round(2) }
	}
	for _, tt := range []struct {
		name   string
		status exchanger.Status
		change func(*fakeState)
		flags  string
	}{
		{"the customer paid less", exchanger.StatusInProgress, part("0.5", "0.5"), ""},
		{"the customer paid more", exchanger.StatusInProgress, part("1.3", "1.3"), ""},
		{"less, and a fixed fee weighs more", exchanger.StatusInProgress, part("0.5", "0.48"), ""},
		{"too little for the exchanger", exchanger.StatusErrorPayment, part("0.1", "0.1"), ""},
		{"edited before anything was sent", exchanger.StatusWaitPayment, part("0.5", "0.5"), "drift"},
		{"another rate", exchanger.StatusInProgress, part("1", "0.9"), "drift"},
		{"more asked for the same", exchanger.StatusInProgress, part("1.1", "1"), "drift"},
		{"more paid, less brought", exchanger.StatusInProgress, part("1.1", "0.9"), "drift"},
		{"half paid, a tenth brought", exchanger.StatusInProgress, part("0.5", "0.1"), "drift"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, "sqlite:"+t.TempDir()+"/t.db")
			a := w.tell(t)
			w.pass(time.Second)
			w.f.move(w.last(), func(s *fakeState) { s.status = tt.status; tt.change(s) })
			a.pull()
			if o := a.order(); o.Flags != tt.flags {
				t.Fatalf("flags are %q, want %q", o.Flags, tt.flags)
			}
		})
	}
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

func TestRule05AnAnswerOutOfACacheMovesNothingBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.tell(t)
		x := w.last()
		w.pass(time.Minute)
		a.become(x, exchanger.StatusInProgressPayout)
		a.pull()
		a.want(Pending, "", "")
		w.pass(20 * time.Second)
		w.f.stale, w.f.behind, w.f.age = 1, 1, 50*time.Second // what stood there before, with the date of then
		a.pull()
		a.want(Pending, "", "")
		p := a.payments()[0]
		if e := a.events(&p); p.Status != string(exchanger.StatusInProgressPayout) || e[len(e)-1].Outcome != Kept || e[len(e)-1].Reason != "older_answer" {
			t.Fatalf("after an old answer: %s, %+v", p.Status, e[len(e)-1])
		}
		w.f.stale, w.f.behind, w.f.age = 1, 1, 0 // the same answer, made now: the exchanger went back
		a.pull()
		if p := a.payments()[0]; p.Status != string(exchanger.StatusNew) {
			t.Fatalf("a step back that is new: %s", p.Status)
		}
		a.pull()
		w.f.skew -= 3 * time.Hour // the exchanger's clock is set back
		a.become(x, exchanger.StatusDone)
		a.pull()
		a.want(Paid, "", "")
	})
}

func TestRule10ARefundIsNoMoreThanWhatCame(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.tell(t)
		refund := func(amount, currency, want string) {
			t.Helper()
			_, err := w.svc.Refund(context.Background(), a.id, RefundInput{Amount: amount, Currency: currency, Reference: "tx"}, "ana")
			p, refused := AsProblem(err)
			if err != nil && !refused {
				t.Fatal(err)
			}
			got := ""
			if refused {
				got = p.Field + " " + p.Code
			}
			if got != want {
				t.Fatalf("%s %s: %q, want %q", amount, currency, got, want)
			}
		}
		const tooMuch = "amount refund_too_much"
		refund("1", "USD", tooMuch)
		refund("1", "USDTTRC20", tooMuch)
		a.become(w.last(), exchanger.StatusDone)
		a.pull()
		a.want(Paid, "", "")
		refund("25.01", "USD", tooMuch)
		refund("20", "usd", "")
		refund("5.01", "USD", tooMuch)
		refund("5", "USD", "")
		refund("0.3126", "LTC", tooMuch)
		refund("0.3125", "LTC", "")
		refund("25.5", "USDTTRC20", tooMuch)
		refund("1000", "EUR", "") // what that is worth is not known here
	})
}

func TestRule10AcceptingTakesOnlyTheReasonThatThePersonSaw(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		a := w.tell(t)
		x := w.last()
		w.pass(time.Second)
		w.f.move(x, func(s *fakeState) { s.status, s.wallet = exchanger.StatusInProgress, "TThief" })
		a.pull()
		seen := a.want(Review, WhyPayoutChanged, "payout_changed")
		w.pass(time.Second)
		w.f.move(x, func(s *fakeState) { s.to = "WMZ" })
		a.pull() // a second reason comes while the page of the first is read
		if p, ok := AsProblem(w.svc.Accept(ctx, a.id, "ana", seen.Version)); !ok || p.Kind != Conflict || p.Code != "order_changed" {
			t.Fatal("a page of before the second reason accepts")
		}
		if err := w.svc.Accept(ctx, a.id, "ana", a.order().Version); err != nil {
			t.Fatal(err)
		}
		a.want(Review, WhyOtherCurrency, "payout_changed")
		if err := w.svc.Accept(ctx, a.id, "ana", a.order().Version); err != nil {
			t.Fatal(err)
		}
		a.want(Paid, "", "payout_changed")
	})
}
