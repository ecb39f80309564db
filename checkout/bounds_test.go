package checkout

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"mostrador/exchanger"
	"mostrador/models"
)

// TestRule07WhatIsTakenCanBeReadAgain: an amount that could be kept and not be read again is none, wherever the exchanger says it. The shop does not make
// a row of it that it takes for damaged at the next look.
func TestRule07WhatIsTakenCanBeReadAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, amount := range []string{"1e-62", "0." + strings.Repeat("0", 60) + "1", "1e-60", "1e-61"} {
			for _, notified := range []bool{false, true} {
				t.Run(fmt.Sprint(amount, notified), func(t *testing.T) {
					a := w.tell(t)
					x := w.last()
					w.pass(time.Second)
					body := w.f.move(x, func(s *fakeState) { s.status, s.in = exchanger.StatusInProgress, units(amount) })
					if notified {
						if answer := a.notify(x, body); answer != http.StatusOK {
							t.Fatalf("answered %d", answer)
						}
					}
					a.pull()
					events := a.payments()[0].Events
					for range 3 {
						w.pass(time.Second)
						a.pull()
					}
					p := a.payments()[0]
					if p.Events > events+1 || hasWord(p.Contradiction, WhyRowChanged) {
						t.Fatalf("%d events became %d: %s", events, p.Events, RowDifference(a.events(&p)))
					}
					if o := a.order(); o.Status != Pending {
						t.Errorf("the order is %s (%s)", o.Status, o.ReviewReason)
					}
				})
			}
		}
	})
}

// TestRule07ARowIsNotPutBackForEver: a row that an older version left with an amount that cannot be read is put to a person once, and put back to what can be.
func TestRule07ARowIsNotPutBackForEver(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		a := w.tell(t)
		far := "0." + strings.Repeat("0", 61) + "1"
		err := w.store.InTx(ctx, func(tx *models.Tx) error { // as older versions kept it
			_, list, err := tx.LockAll(ctx, a.id)
			if err != nil {
				return err
			}
			p := list[0]
			p.CurrentIn.Decimal = units(far)
			f := Fact{Source: FromPull, Kind: FactPulled}
			if err := tx.AppendEvent(ctx, &p, &models.Event{Source: FromPull, Kind: FactPulled, Outcome: Applied, Data: f.said(changes(list[0], p))}, nil); err != nil {
				return err
			}
			return w.svc.savePayment(ctx, tx, &p)
		})
		if err != nil {
			t.Fatal(err)
		}
		w.f.away.Store(true) // nothing else mends it
		told := func() (n int) {
			p := a.payments()[0]
			for _, e := range a.events(&p) {
				if e.Kind == FactRowChanged {
					n++
				}
			}
			return n
		}
		for range 4 {
			w.pass(time.Second)
			_, _ = w.svc.Pull(ctx, a.payments()[0].ID, "")
		}
		a.want(Review, WhyRowChanged, "")
		p := a.payments()[0]
		if n := told(); n != 1 || len(p.Unreadable) > 0 || p.CurrentIn.Valid {
			t.Fatalf("told %d times, it holds %v, unreadable are %v", n, p.CurrentIn, p.Unreadable)
		}
		if bad := Verify(p, a.events(&p)); len(bad) > 0 {
			t.Errorf("log and row differ: %+v", bad)
		}
		for range 3 { // somebody who writes the same each time fills no log, and drives no calls
			w.behind(fmt.Sprintf("UPDATE payments SET route_id = 'elsewhere' WHERE id = %d", p.ID))
			if _, err := w.svc.Payments(ctx, a.order()); err != nil {
				t.Fatal(err)
			}
		}
		if p = a.payments()[0]; told() != 2 || p.RouteID == "elsewhere" || w.svc.seals.Broken(&p) || !p.NextPullAt.After(w.now()) {
			t.Fatalf("told %d times, next look at %v, route %s", told(), p.NextPullAt, p.RouteID)
		}
	})
}
