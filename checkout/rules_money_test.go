package checkout

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"mostrador/exchanger"
	"mostrador/models"
)

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
			a.proves()
		})
	}
	w := newWorld(t, "sqlite:"+t.TempDir()+"/t.db")
	offer, err := w.svc.Quote(ctx, w.placement().Route, 2500)
	if err != nil {
		t.Fatal(err)
	}
	sealed := w.svc.SealShown(offer, 2500)
	for _, forged := range []string{"", "9", "9/", "9/2500/", strings.Replace(sealed, "0.", "9.", 1), strings.Replace(sealed, "2500", "2600", 1), sealed + "0"} {
		if got, _ := w.svc.shown(forged, offer.Key); !got.IsZero() {
			t.Errorf("%q is taken for %s", forged, got)
		}
	}
	if got, price := w.svc.shown(sealed, offer.Key); !got.Equal(offer.Due) || price != 2500 {
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
		back := func(want int64) {
			t.Helper()
			if got := a.order().Refunded; got != want {
				t.Fatalf("%d went back in all, want %d", got, want)
			}
		}
		proposed := func(want string) {
			t.Helper()
			given, err := w.store.Refunds(context.Background(), a.id)
			if err != nil {
				t.Fatal(err)
			}
			p, err := w.svc.ProposeRefund(a.order(), a.payments(), given)
			if got := p.Amount.Value.String() + " " + p.Currency; err != nil || got != want {
				t.Fatalf("%s is proposed, want %s: %v", got, want, err)
			}
		}
		proposed("0.3125 LTC")
		refund("20", "usd", "")
		back(2000)
		proposed("0.0625 LTC")
		refund("5.01", "USD", tooMuch)
		refund("0.0626", "LTC", tooMuch)
		refund("5.01", "USDTTRC20", tooMuch)
		refund("2.5", "USDT", "")
		back(2250)
		refund("2.51", "USD", tooMuch)
		proposed("0.03125 LTC")
		refund("0.03125", "ltc", "")
		back(2500)
		proposed("0 LTC")
		for _, currency := range []string{"USD", "LTC", "USDT", "USDTTRC20"} {
			refund("0.01", currency, tooMuch)
		}
		refund("1000", "EUR", "currency refund_currency")
		_, err := w.svc.Refund(context.Background(), a.id, RefundInput{Amount: "much", Currency: "?", State: "perhaps", Reason: strings.Repeat("x", 501)}, "ana")
		if p, ok := AsProblem(err); !ok || len(p.All()) != 4 {
			t.Fatalf("not everything that is wrong is named: %v", err)
		}
		refund("0.00025", "BTC", "currency refund_currency")
	})
}

// TestRule10WhatOnlyTheCustomerSaysIsNotRefundable: inProgress comes of "I have paid" just as of money.
func TestRule10WhatOnlyTheCustomerSaysIsNotRefundable(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		a := w.tell(t)
		a.become(w.last(), exchanger.StatusInProgress)
		a.pull()
		if p := a.payments()[0]; p.SeenAt == nil {
			t.Fatal("the tale is another: nothing was seen")
		}
		refuses := func() {
			t.Helper()
			_, err := w.svc.Refund(ctx, a.id, RefundInput{Amount: "0.01", Currency: "USD", Reference: "tx"}, "ana")
			if p, ok := AsProblem(err); !ok || p.Code != "refund_too_much" {
				t.Fatalf("a refund of nothing: %v", err)
			}
		}
		refuses()
		if MayAskRefund(&models.Order{Status: Expired}, a.payments(), nil) {
			t.Fatal("the customer may ask for what nobody has seen")
		}
		a.become(w.last(), exchanger.StatusReturned)
		a.pull()
		a.want(Returned, "", "")
		refuses()
		if MayAskRefund(a.order(), a.payments(), nil) {
			t.Fatal("the customer may ask for what the exchanger sent back")
		}
		if p, ok := AsProblem(w.svc.AskRefund(ctx, a.id, RefundAsk{Address: "some-address", Network: "Litecoin"})); !ok || p.Code != "refund_not_due" {
			t.Fatal("a request for what the exchanger sent back is taken")
		}
	})
}

func TestRule10AnUnderpaidOrderWhoseMoneyWentBackIsNotCompleted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		a := w.tell(t)
		w.pass(time.Second)
		w.f.move(w.last(), func(s *fakeState) {
			s.status, s.in, s.out = exchanger.StatusDone, s.in.Mul(units("0.4")), s.out.Mul(units("0.4"))
		})
		a.pull()
		a.want(Underpaid, "", "")
		if _, err := w.svc.Refund(ctx, a.id, RefundInput{Amount: "10", Currency: "USD", Reference: "tx"}, "ana"); err != nil {
			t.Fatal(err)
		}
		_, again := w.svc.PayAgain(ctx, a.order(), Again{Route: w.placement().Route, Agreement: true, NothingSent: true})
		for what, err := range map[string]error{"accept": w.svc.Accept(ctx, a.id, "ana", 0), "rest": w.svc.AskForRest(ctx, a.id, "ana"), "pay": again} {
			if p, ok := AsProblem(err); !ok || p.Kind != Conflict || p.Code != "order_given_back" {
				t.Errorf("%s: %v", what, err)
			}
		}
		if l, err := w.svc.Look(ctx, a.want(Underpaid, "", "")); err != nil || l.Why.Cause != CauseGivenBack {
			t.Errorf("it is explained by %s: %v", l.Why.Cause, err)
		}
	})
}

// TestRule10ARestThatWasBegunBeforeARefundCompletesNothing: the page of the rest stands open at the exchanger while the money goes back.
func TestRule10ARestThatWasBegunBeforeARefundCompletesNothing(t *testing.T) {
	for _, end := range []string{"accepted", "refused"} {
		t.Run(end, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				ctx := context.Background()
				a := w.tell(t)
				w.pass(time.Second)
				w.f.move(w.last(), func(s *fakeState) {
					s.status, s.in, s.out = exchanger.StatusDone, s.in.Mul(units("0.4")), s.out.Mul(units("0.4"))
				})
				a.pull()
				a.want(Underpaid, "", "")
				if _, err := w.svc.PayAgain(ctx, a.order(), Again{Route: w.placement().Route, Agreement: true, NothingSent: true}); err != nil {
					t.Fatal(err)
				}
				if end == "accepted" {
					if _, err := w.svc.Refund(ctx, a.id, RefundInput{Amount: "10", Currency: "USD", Reference: "tx"}, "ana"); err != nil {
						t.Fatal(err)
					}
				} else if err := w.svc.AskRefund(ctx, a.id, RefundAsk{Address: "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9", Network: "Litecoin"}); err != nil {
					t.Fatal(err)
				}
				a.become(w.last(), exchanger.StatusInProgress)
				a.pull()
				if l, err := w.svc.Look(ctx, a.want(Underpaid, "", "")); err != nil || l.Why.Cause != CauseGivenBackSeen {
					t.Errorf("a rest on its way is explained by %s: %v", l.Why.Cause, err)
				}
				for range 2 { // and what is told again moves nothing
					w.pass(time.Minute)
					a.become(w.last(), exchanger.StatusDone)
					a.pull()
					o := a.want(Review, WhyPaidAfterRefund, "")
					if l, err := w.svc.Look(ctx, o); err != nil || l.Why.Cause != WhyPaidAfterRefund || l.Why.Who != WhoMerchant || len(l.Why.Evidence) < 3 || o.PaidAt != nil {
						t.Fatalf("it is explained by %+v: %v", l.Why, err)
					}
				}
				refunds, err := w.store.Refunds(ctx, a.id)
				if err != nil {
					t.Fatal(err)
				}
				if end == "accepted" {
					err = w.svc.Accept(ctx, a.id, "ana", 0)
				} else {
					err = w.svc.AnswerRefund(ctx, a.id, refunds[0].PublicID, RefundAnswer{Answer: "You paid the rest."}, "ana")
				}
				if err != nil {
					t.Fatal(err)
				}
				a.want(Paid, "", "")
				// What is given back of a paid order leaves it paid, whatever is heard of it afterwards.
				if _, err := w.svc.Refund(ctx, a.id, RefundInput{Amount: "1", Currency: "USD", Reference: "a gift"}, "ana"); err != nil {
					t.Fatal(err)
				}
				a.become(w.last(), "frozen")
				a.pull()
				a.want(Review, WhyUnknownStatus, "")
				a.become(w.last(), exchanger.StatusDone)
				a.pull()
				a.want(Paid, "", "")
			})
		})
	}
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
