package checkout

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"mostrador/exchanger"
	"mostrador/messages"
	"mostrador/models"
)

// damage is what somebody can leave in a row of payments that the program cannot read. Of PostgreSQL's columns only some hold such things.
type damage struct {
	name, set string
	lite      bool // only SQLite keeps it
	secret    bool // the exchanger cannot be asked any more
}

func damages(lite bool) []damage {
	all := []damage{
		{name: "an amount that is no decimal", set: "current_in = 'abc'", lite: true},
		{name: "an empty amount", set: "settled_out = ''", lite: true},
		{name: "an amount past all memory", set: "current_out = '1e999999999'", lite: true},
		{name: "an amount that is not a number", set: "current_in = 'NaN', ordered_out = 'NaN'"},
		{name: "a promise that is not a number", set: "payout_rate = 'NaN', price_out = 'NaN', quoted_in = 'NaN'"},
		{name: "a price that is no number", set: "price = 'much', from_decimals = 'few'", lite: true},
		{name: "moments that are none", set: "created_at = 'yesterday', seen_at = 'soon', next_pull_at = 'never', updated_at = ''", lite: true},
		{name: "moments that never come", set: "settled_at = 'infinity', created_at = '-infinity', next_pull_at = 'infinity'"},
		{name: "neither yes nor no", set: "superseded = 'perhaps'", lite: true},
		{name: "a count that is none", set: "hints = 'some', events = 'all', pull_failures = 1.5", lite: true},
		{name: "a status that nobody knows", set: "status = 'banana', phase = 'moon'"},
		{name: "a secret that does not open", set: "secret = ipn_secret", secret: true},
		{name: "a secret that is none", set: "secret = ''", secret: true},
		{name: "a secret that is not there", set: "secret = NULL", secret: true},
		{name: "an empty secret in a row without a seal", set: "secret = '', seal = ''", secret: true},
		{name: "a secret of notifications that does not open", set: "ipn_secret = secret"},
		{name: "payout values that do not open", set: "payout_values = secret"},
		{name: "JSON that is none", set: "pay_data = '{', flags = '{\"'"},
	}
	var out []damage
	for _, d := range all {
		if !d.lite || lite {
			out = append(out, d)
		}
	}
	return out
}

// TestRule07ADamagedRowIsPutBackAndStopsNothing damages a column of one payment: whoever looks at it first has it put back to what the log says and put to
// review, whatever was damaged; all that happens to others goes on.
func TestRule07ADamagedRowIsPutBackAndStopsNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		for _, d := range damages(w.store.Dialect() == models.SQLite) {
			t.Run(d.name, func(t *testing.T) {
				good := w.tell(t)
				goodThere := w.last()
				a := w.tell(t)
				x := w.last()
				a.become(x, exchanger.StatusInProgress)
				a.pull()
				a.want(Pending, "", "")
				was := a.payments()[0]
				w.behind(fmt.Sprintf("UPDATE payments SET %s WHERE id = %d", d.set, was.ID))

				// Everything that reads many rows reads this one too.
				if list, err := w.store.DeskOrders(ctx, models.DeskQuery{Limit: 50}); err != nil || len(list) < 2 {
					t.Fatalf("the list of orders: %d, %v", len(list), err)
				}
				if err := w.store.EachDeskOrder(ctx, models.DeskQuery{}, func(*models.DeskOrder) error { return nil }); err != nil {
					t.Fatal("the file of orders:", err)
				}
				if err := w.store.EachSettlement(ctx, time.Unix(0, 0), w.now().Add(time.Hour), func(*models.Settlement) error { return nil }); err != nil {
					t.Fatal("the file of settlements:", err)
				}
				for _, status := range []string{"inProgress", "banana"} {
					if _, _, err := w.store.WaitingPayments(ctx, status, 50); err != nil {
						t.Fatal("the inbox:", err)
					}
				}
				if _, err := w.store.OldestUnsettled(ctx); err != nil {
					t.Fatal("the page of health:", err)
				}
				if _, _, err := w.store.CountUnsettled(ctx); err != nil {
					t.Fatal("metrics:", err)
				}
				if list, err := w.store.PaymentsAfter(ctx, 0, 1000); err != nil || len(list) < 2 {
					t.Fatal("doctor:", err)
				}

				// The reconciler goes on with the other one, and comes to this one.
				good.become(goodThere, exchanger.StatusDone)
				w.svc.takeUp(ctx)
				w.reconcile(t, good.payments()[0].SiteID)
				good.want(Paid, "", "")

				// The customer's page and the API say something true.
				o := a.order()
				l, err := w.svc.Look(ctx, o)
				if err != nil {
					t.Fatal("the page of the order:", err)
				}
				if d.set != "pay_data = '{'" && (o.Status != Review || l.Why.Cause != WhyRowChanged) {
					t.Fatalf("the page says %s, %s", o.Status, l.Why.Cause)
				}
				if s := l.Why.Sentence(messages.For("en"), false, nil); s == "" || strings.Contains(s, "explain.") {
					t.Errorf("the customer reads %q", s)
				}
				if _, err := w.svc.Document(ctx, o); err != nil {
					t.Fatal("the API:", err)
				}
				a.want(Review, WhyRowChanged, "")

				p := a.payments()[0]
				if len(p.Unreadable) > 0 || w.svc.seals.Broken(&p) {
					t.Fatalf("it stays unreadable: %v", p.Unreadable)
				}
				if bad := Verify(p, a.events(&p)); len(bad) > 0 {
					t.Fatalf("log and row differ: %+v", bad)
				}
				if !p.PayoutRate.Equal(was.PayoutRate) || !p.PriceOut.Equal(was.PriceOut) || !p.QuotedIn.Equal(was.QuotedIn) || p.Price != was.Price || p.FromDecimals != was.FromDecimals || !p.CurrentIn.Decimal.Equal(was.CurrentIn.Decimal) || p.CreatedAt.IsZero() {
					t.Errorf("it was %+v, and is put back to %+v", was, p)
				}
				if note := RowDifference(a.events(&p)); !strings.Contains(note, "column ") {
					t.Errorf("it is told as %q", note)
				}

				// A notification is answered, and a person can let the order go on.
				if answer := a.notify(x, a.become(x, exchanger.StatusInProgressPayout)); answer != http.StatusOK {
					t.Errorf("a notification is answered %d", answer)
				}
				if err := w.svc.Accept(ctx, a.id, "ana", 0); err != nil {
					t.Fatal(err)
				}
				body := a.become(x, exchanger.StatusDone)
				a.notify(x, body)
				if d.secret {
					a.want(Paid, "", "")
					if p := a.payments()[0]; Pullable(&p) || p.NextPullAt != nil {
						t.Error("the exchanger is to be asked with a secret that nobody has")
					}
					return
				}
				a.pull()
				a.want(Paid, "", "")
			})
		}
	})
}

// reconcile pulls everything that is due at a site, as the reconciler does.
func (w *world) reconcile(t *testing.T, siteID int64) {
	t.Helper()
	ctx := context.Background()
	var ids []int64
	err := w.store.InTx(ctx, func(tx *models.Tx) (err error) {
		ids, err = tx.ClaimDue(ctx, siteID, 1000, tx.Now().Add(lease))
		return err
	})
	if err != nil {
		t.Fatal("due payments are not claimed:", err)
	}
	for _, id := range ids {
		if err := w.svc.pullOnce(ctx, id); err != nil {
			t.Error("a pull fails:", err)
		}
	}
	w.svc.behind.Wait()
}
