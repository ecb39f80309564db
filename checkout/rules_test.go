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
