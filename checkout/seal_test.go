package checkout

import (
	"context"
	"strings"
	"testing"

	"mostrador/exchanger"
)

// TestRule07ARowChangedBehindTheProgramsBackIsNoticed edits the table of payments beside a running shop: whatever comes next notices it, tells of it, puts the
// order to review and stands on what the log says.
func TestRule07ARowChangedBehindTheProgramsBackIsNoticed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, tt := range []struct {
			name, set string
			next      func(a *tale, x *fakeOrder)
		}{
			{"a pull finds another status", "status = 'done'", func(a *tale, _ *fakeOrder) { a.pull() }},
			{"a pull finds another uid", "uid = '1'", func(a *tale, _ *fakeOrder) { a.pull() }},
			{"a notification finds other amounts", "settled_out = '25', current_out = '250'", func(a *tale, x *fakeOrder) { a.notify(x, a.become(x, exchanger.StatusInProgress)) }},
			{"an edit that takes the seal away", "status = 'done', seal = ''", func(a *tale, _ *fakeOrder) { a.pull() }},
			{"a price that no event changes", "price_out = '1'", func(a *tale, _ *fakeOrder) { a.pull() }},
			{"the customer comes back", "phase = 'refused'", func(a *tale, _ *fakeOrder) {
				if err := w.svc.CameBack(context.Background(), a.order(), "success"); err != nil {
					t.Fatal(err)
				}
				w.svc.behind.Wait()
			}},
			{"closing", "superseded = TRUE", func(a *tale, _ *fakeOrder) { a.expire() }},
		} {
			t.Run(tt.name, func(t *testing.T) {
				a := w.tell(t)
				x := w.last()
				w.behind("UPDATE payments SET " + tt.set + " WHERE uid = '" + x.uid + "'")
				tt.next(a, x)
				a.want(Review, WhyRowChanged, "")
				p := a.payments()[0]
				events := a.events(&p)
				found := 0
				for _, e := range events {
					if e.Kind == FactRowChanged {
						found++
						if e.Outcome != Refused || !strings.Contains(e.Data, "note") {
							t.Errorf("it is told as %+v", e)
						}
					}
				}
				if found != 1 {
					t.Fatalf("told %d times: %+v", found, events)
				}
				if !RowChanged(a.order(), &p) || !strings.Contains(RowDifference(events), "column") {
					t.Error("doctor does not see it")
				}
				if bad := Verify(p, events); len(bad) > 0 {
					t.Errorf("log and row differ afterwards: %+v", bad)
				}
				if err := w.svc.Accept(context.Background(), a.id, "ana", 0); err != nil {
					t.Fatal(err)
				}
				if o := a.order(); o.Status == Review || o.Status == Paid {
					t.Fatalf("accepted, the order is %s though nothing was paid", o.Status)
				}
				a.become(x, exchanger.StatusDone)
				a.pull()
				if o := a.order(); o.Status != Paid || RowChanged(o, &a.payments()[0]) {
					t.Fatalf("accepted and paid, the order is %s (%s)", o.Status, o.ReviewReason)
				}
			})
		}
	})
}
