package checkout

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"mostrador/exchanger"
	"mostrador/models"
)

// TestRule07ARowChangedBehindTheProgramsBackIsNoticed edits the table of payments beside a running shop: whatever comes next notices it, tells of it, puts the
// order to review and stands on what the log says.
func TestRule07ARowChangedBehindTheProgramsBackIsNoticed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.behind("INSERT INTO sites (name, base_url, api_path, created_at, updated_at) SELECT 'thief', 'https://thief.example', '/api', created_at, updated_at FROM sites LIMIT 1")
		for _, tt := range []struct {
			name, set string
			next      func(a *tale, x *fakeOrder)
		}{
			{"a pull finds another status", "status = 'done'", func(a *tale, _ *fakeOrder) { a.pull() }},
			{"a pull finds another uid", "uid = '1'", func(a *tale, _ *fakeOrder) { a.pull() }},
			{"a notification finds other amounts", "settled_out = '25', current_out = '250'", func(a *tale, x *fakeOrder) { a.notify(x, a.become(x, exchanger.StatusInProgress)) }},
			{"an edit that takes the seal away", "status = 'done', seal = ''", func(a *tale, _ *fakeOrder) { a.pull() }},
			{"a row that says it has no log", "status = 'done', events = 0, head = '', seal = ''", func(a *tale, _ *fakeOrder) { a.pull() }},
			{"another exchanger", "site_id = (SELECT MIN(id) FROM sites WHERE id <> payments.site_id)", func(a *tale, _ *fakeOrder) { a.pull() }},
			{"another route", "route_id = 'elsewhere'", func(a *tale, _ *fakeOrder) { a.pull() }},
			{"a notification finds another secret to prove itself by", "ipn_secret = secret", func(a *tale, _ *fakeOrder) { a.expire() }},
			{"payout values that were never sent", "payout_values = NULL", func(a *tale, _ *fakeOrder) { a.pull() }},
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
				site, route := a.payments()[0].SiteID, a.payments()[0].RouteID
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
				if p := a.payments()[0]; p.SiteID != site || p.RouteID != route {
					t.Fatalf("it is left at site %d, route %s", p.SiteID, p.RouteID)
				}
				if tt.name == "a notification finds another secret to prove itself by" {
					return // what would prove itself is gone: pulls go on
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

// TestRule07ARowOfAnEarlierVersionHoldsAndIsSealedAnew: what a version before sealed is no intruder's work, and from the next write on it is sealed as today.
func TestRule07ARowOfAnEarlierVersionHoldsAndIsSealedAnew(t *testing.T) {
	for _, kind := range []string{olderKind, oldestKind} {
		t.Run(kind, func(t *testing.T) { rowOfAnEarlierVersion(t, kind) })
	}
}

func rowOfAnEarlierVersion(t *testing.T, olderKind string) {
	each(t, func(t *testing.T, w *world) {
		a := w.tell(t)
		p := a.payments()[0]
		w.behind("UPDATE payments SET seal = '" + w.svc.seals.of(&p, olderKind) + "' WHERE uid = '" + p.UID + "'")
		if p = a.payments()[0]; w.svc.seals.Broken(&p) {
			t.Fatal("the seal of the version before does not hold")
		}
		a.become(w.last(), exchanger.StatusInProgress)
		a.pull()
		a.want(Pending, "", "")
		if p = a.payments()[0]; !strings.HasPrefix(p.Seal, sealKind) || w.svc.seals.Broken(&p) {
			t.Fatalf("it is sealed with %.4s", p.Seal)
		}
		w.behind("UPDATE payments SET seal = '" + w.svc.seals.of(&p, olderKind) + "', status = 'done' WHERE uid = '" + p.UID + "'")
		a.pull()
		a.want(Review, WhyRowChanged, "")
	})
}

// TestRule07AnOrderClaimsNoMoreThanItsPaymentsBearOut edits the table of orders beside a running shop.
func TestRule07AnOrderClaimsNoMoreThanItsPaymentsBearOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		for _, tt := range []struct {
			name, set string
			short     bool // a part of the price came
		}{
			{"paid", "status = 'paid'", false},
			{"paid, with all that belongs to it", "status = 'paid', paid_at = created_at, received = total, version = version + 1", false},
			{"accepted", "accepted = 'underpaid'", false},
			{"paid and accepted", "status = 'paid', accepted = 'underpaid'", true},
			{"a smaller price", "total = 1000", true},
			{"paid in part, and called paid", "status = 'paid'", true},
		} {
			t.Run(tt.name, func(t *testing.T) {
				a := w.tell(t)
				x := w.last()
				was := Open
				if tt.short {
					was = Underpaid
					w.pass(time.Second)
					w.f.move(x, func(s *fakeState) {
						s.status, s.in, s.out = exchanger.StatusDone, s.in.Mul(units("0.4")), s.out.Mul(units("0.4"))
					})
					a.pull()
				}
				a.want(was, "", "")
				w.behind(fmt.Sprintf("UPDATE orders SET %s WHERE id = %d", tt.set, a.id))
				a.pull()
				o := a.want(Review, WhyRowChanged, "")
				if o.Total != 2500 || o.Accepted != "" || !tt.short && o.PaidAt != nil {
					t.Errorf("what was claimed stays: %+v", o)
				}
				p := a.payments()[0]
				if note := RowDifference(a.events(&p)); !strings.Contains(note, " of orders is ") {
					t.Errorf("it is told as %q", note)
				}
				if err := w.svc.Accept(ctx, a.id, "ana", 0); err != nil {
					t.Fatal(err)
				}
				a.want(was, "", "")
			})
		}
		t.Run("paid without any payment", func(t *testing.T) {
			placed, err := w.svc.Place(ctx, Placement{Source: SourceAPI, Amount: "25", Email: "maria@example.com", Lang: "en"})
			if err != nil {
				t.Fatal(err)
			}
			a := &tale{world: w, t: t, id: placed.Order.ID}
			w.behind(fmt.Sprintf("UPDATE orders SET status = 'paid', paid_at = created_at, accepted = 'underpaid' WHERE id = %d", a.id))
			_ = w.svc.ResendReceipt(ctx, a.id, "ana") // refused or not: what was found stays found
			w.svc.behind.Wait()
			o := a.want(Review, WhyRowChanged, "")
			if o.PaidAt != nil || a.mailed(MailReceipt) != 0 {
				t.Fatalf("a receipt of nothing is sent: paid at %v", o.PaidAt)
			}
			if err := w.svc.Accept(ctx, a.id, "ana", o.Version); err != nil {
				t.Fatalf("an order that is %s (%s): %v", o.Status, o.ReviewReason, err)
			}
			if o = a.order(); o.Status != Open || o.PaidAt != nil {
				t.Fatalf("accepted, the order is %s since %v", o.Status, o.PaidAt)
			}
		})
	})
}

// TestRule07ASealIsWhatItAlwaysWas: rows were sealed over what encoding/json writes, and still are.
func TestRule07ASealIsWhatItAlwaysWas(t *testing.T) {
	values := []any{nil, true, false, int64(-7), int64(1) << 60, int32(8), "", "plain text", "a \"quoted\" one", "<b>&amp;", "back\\slash", "two\nlines", "Ünïcode \u2028 ₿", "\x7f", string([]byte{0xff, 'a'})}
	for _, v := range values {
		want, err := json.Marshal(v)
		if got := appendJSON(nil, v); err != nil || string(got) != string(want) {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
	if got := appendJSON(nil, []byte{0, 0xab}); string(got) != `"00ab"` {
		t.Errorf("bytes are written %s", got)
	}
	k := Seals{key: []byte("a key of thirty-two bytes, or so")}
	p := models.Payment{TokenHash: "t", OrderID: 5, Seq: 1, FromXML: "BTC", PayoutRate: units("1.5"), Status: "done", Hints: 3, Superseded: true, FromName: "Bitcoin <3", SettledOut: decimal.NewNullDecimal(units("25.01"))}
	p.PayData = `{"account":"T1"}`
	if got := k.of(&p, sealKind); got != "3:374c126095ba329e6d3a2de1d857e339920b576d7d49ca3fb8c5206c56f76a7a" {
		t.Errorf("it is sealed with %s", got)
	}
	if got := k.of(&p, olderKind); got != "2:d9ec7113a5ff1cf97ca3fb6063f38619b0c302f374b31e9bfb0250e31105ce8b" {
		t.Errorf("it is sealed with %s", got)
	}
	if got := k.of(&p, oldestKind); got != "1:415358fda8368f67fbdb8d2fbf7ba8739183ab173002ce4b29d4158ea769755c" {
		t.Errorf("it was sealed with %s", got)
	}
}

// TestRule07AnOlderRowWithItsOwnSealIsPutBack: a row out of a backup fits its seal, but its log has gone on. Whatever comes next finds it, and goes through.
func TestRule07AnOlderRowWithItsOwnSealIsPutBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		w.behind("CREATE TABLE kept_rows AS SELECT * FROM payments WHERE 1 = 0")
		columns := "status, phase, current_in, current_out, settled_in, settled_out, settled_at, seen_at, last_stamp, pull_stamp, proven, hints, events, head, seal, contradiction, flags, pulled_at, pay_data"
		for _, tt := range []struct {
			name string
			next func(a *tale, x *fakeOrder)
		}{
			{"a notification", func(a *tale, x *fakeOrder) {
				if answer := a.notify(x, a.become(x, exchanger.StatusInProgressPayout)); answer != 200 {
					t.Errorf("it is answered %d", answer)
				}
			}},
			{"a pull", func(a *tale, _ *fakeOrder) { a.pull() }},
			{"a check on the desk", func(a *tale, _ *fakeOrder) {
				if err := w.svc.CheckNow(ctx, a.id, "ana"); err != nil {
					t.Error(err)
				}
			}},
			{"cancelling", func(a *tale, _ *fakeOrder) {
				if p, ok := AsProblem(w.svc.Cancel(ctx, a.id, "ana")); !ok || p.Code != "order_not_cancellable" {
					t.Errorf("%v", p)
				}
			}},
		} {
			t.Run(tt.name, func(t *testing.T) {
				a := w.tell(t)
				x := w.last()
				id := a.payments()[0].ID
				w.behind("DELETE FROM kept_rows")
				w.behind(fmt.Sprintf("INSERT INTO kept_rows SELECT * FROM payments WHERE id = %d", id))
				a.notify(x, a.become(x, exchanger.StatusInProgress))
				a.pull()
				a.want(Pending, "", "")
				var set []string
				for _, c := range strings.Split(columns, ", ") {
					set = append(set, c+" = (SELECT "+c+" FROM kept_rows)")
				}
				w.behind(fmt.Sprintf("UPDATE payments SET %s WHERE id = %d", strings.Join(set, ", "), id))
				if p := a.payments()[0]; w.svc.seals.Broken(&p) || p.Status == string(exchanger.StatusInProgress) {
					t.Fatal("the older row is not as it was sealed")
				}
				tt.next(a, x)
				w.svc.behind.Wait()
				a.want(Review, WhyRowChanged, "")
				p := a.payments()[0]
				if bad := Verify(p, a.events(&p)); len(bad) > 0 || !strings.Contains(RowDifference(a.events(&p)), "column events") {
					t.Errorf("told as %q; log and row differ: %+v", RowDifference(a.events(&p)), bad)
				}
				if err := w.svc.Accept(ctx, a.id, "ana", 0); err != nil {
					t.Fatal(err)
				}
				a.notify(x, a.become(x, exchanger.StatusDone))
				a.pull()
				a.want(Paid, "", "")
			})
		}
		for _, digest := range []string{"'made up'", "p.head"} {
			t.Run("an event that nobody appended, of digest "+digest, func(t *testing.T) {
				a := w.tell(t)
				x := w.last()
				w.behind(fmt.Sprintf(`INSERT INTO payment_events (payment_id, seq, at, source, kind, outcome, data, prev, digest)
					SELECT p.id, p.events + 1, p.updated_at, 'pull', 'pulled', 'applied', '{}', p.head, %s FROM payments p WHERE p.order_id = %d`, digest, a.id))
				if answer := a.notify(x, a.become(x, exchanger.StatusInProgress)); answer != 200 {
					t.Fatalf("a notification is answered %d", answer)
				}
				a.want(Review, WhyRowChanged, "")
				if answer := a.notify(x, a.become(x, exchanger.StatusDone)); answer != 200 {
					t.Fatalf("the next one is answered %d", answer)
				}
				if err := w.svc.Accept(ctx, a.id, "ana", 0); err != nil {
					t.Fatal(err)
				}
				a.want(Paid, "", "")
			})
		}
	})
}

// TestRule07TheAddressToPayToIsSealed: who writes another one into the database is found before a customer reads it.
func TestRule07TheAddressToPayToIsSealed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		a := w.tell(t)
		a.pull()
		w.behind(fmt.Sprintf(`UPDATE payments SET pay_data = '{"account":"TThief"}' WHERE order_id = %d`, a.id))
		w.f.away.Store(true)
		l, err := w.svc.Look(ctx, a.order())
		if err != nil {
			t.Fatal(err)
		}
		if d := PayDataOf(l.Current); d.Account != "" || !d.NeedsExchanger {
			t.Fatalf("the customer is told to pay to %q", d.Account)
		}
		a.want(Review, WhyRowChanged, "")
		w.f.away.Store(false)
		a.pull()
		if p := a.payments()[0]; p.PayData == "" || w.svc.seals.Broken(&p) {
			t.Fatalf("the next pull says %q", p.PayData)
		}
	})
}
