package checkout_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mostrador/checkout"
	"mostrador/config"
	"mostrador/models"
	"mostrador/models/modelstest"
	"mostrador/sandbox"
)

// rig is a service with the sandbox as its exchanger and a listener for its notifications.
type rig struct {
	t    *testing.T
	ctx  context.Context
	svc  *checkout.Service
	sand *sandbox.Sandbox
}

func newRig(t *testing.T, store *models.Store, change func(*checkout.Options)) *rig {
	t.Helper()
	r := &rig{t: t, ctx: t.Context()}
	exch := httptest.NewUnstartedServer(nil)
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		token, ok := strings.CutPrefix(req.URL.Path, "/ipn/")
		if !ok {
			http.NotFound(w, req)
			return
		}
		body := make([]byte, req.ContentLength)
		if _, err := req.Body.Read(body); err != nil && err.Error() != "EOF" {
			t.Error(err)
		}
		status, err := r.svc.ReceiveNotification(req.Context(), token, checkout.Received{ContentType: req.Header.Get("Content-Type"), Header: req.Header, Body: body})
		if err != nil {
			t.Error(err)
			status = 500
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(shop.Close)
	exch.Start()
	t.Cleanup(exch.Close)
	sand, err := sandbox.New(sandbox.Config{PublicURL: exch.URL, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sand.Close() })
	exch.Config.Handler = sand.Handler()
	r.sand = sand
	cfg := config.Default()
	cfg.Sandbox.PublicURL, cfg.Server.PublicURL = exch.URL, shop.URL
	opt := checkout.OptionsOf(cfg)
	opt.Timeout = 5 * time.Second
	if change != nil {
		change(&opt)
	}
	if r.svc, err = checkout.New(r.ctx, store, opt, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.svc.Close)
	return r
}

// offer gives a payable offer for a price, by the code of the currency paid with.
func (r *rig) offer(price int64, from string) checkout.Offer {
	r.t.Helper()
	list, err := r.svc.Offers(r.ctx, price)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, o := range list {
		if o.Route.From.XML == from && o.Problem == nil {
			return o
		}
	}
	r.t.Fatalf("no payable offer of %s among %d", from, len(list))
	return checkout.Offer{}
}

func (r *rig) place(from string) *checkout.Placed {
	r.t.Helper()
	o := r.offer(2500, from)
	placed, err := r.svc.Place(r.ctx, checkout.Placement{Source: checkout.SourceAmount, Amount: "25", Route: o.Key, Email: "maria@example.com", Agreement: true, Lang: "es", Attempt: "try-" + from})
	if err != nil {
		r.t.Fatal(err)
	}
	return placed
}

func (r *rig) wait(id int64, status string) *models.Order {
	r.t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		o, err := r.svc.Store().OrderByID(r.ctx, id)
		if err != nil {
			r.t.Fatal(err)
		}
		if o.Status == status {
			return o
		}
		if time.Now().After(deadline) {
			list, _ := r.svc.Store().Payments(r.ctx, id)
			for _, p := range list {
				events, _ := r.svc.Store().Events(r.ctx, p.ID)
				for _, e := range events {
					r.t.Logf("%s %s %s %s %s", e.Source, e.Kind, e.Outcome, e.Reason, e.Data)
				}
			}
			r.t.Fatalf("order is %s (%s), want %s", o.Status, o.ReviewReason, status)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestAnOrderIsPlacedPaidAndSettledOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		r := newRig(t, store, nil)
		placed := r.place("LTC")
		if !strings.Contains(placed.Next, "/en/payment/") {
			t.Fatalf("the customer goes to %s, want the exchanger's payment page", placed.Next)
		}
		again, err := r.svc.Place(r.ctx, checkout.Placement{Source: checkout.SourceAmount, Amount: "25", Route: "whatever", Email: "x", Attempt: "try-LTC"})
		if err != nil || again.Next != placed.Next || again.Order.ID != placed.Order.ID {
			t.Fatalf("the same attempt gave %+v, %v", again, err)
		}
		uid := r.sand.Orders()[0].UID
		for _, s := range []string{sandbox.StatusInProgress, sandbox.StatusInProgressPayout, sandbox.StatusDone} {
			if err := r.sand.Move(uid, s, true); err != nil {
				t.Fatal(err)
			}
		}
		o := r.wait(placed.Order.ID, checkout.Paid)
		if o.Flags != "" || o.Received < o.Total {
			t.Fatalf("flags %q, received %d of %d", o.Flags, o.Received, o.Total)
		}
		if err := r.sand.WaitNotifications(r.ctx); err != nil {
			t.Fatal(err)
		}
		events, err := store.EventsOfOrder(r.ctx, o.ID)
		if err != nil {
			t.Fatal(err)
		}
		paid := 0
		for _, e := range events {
			if e.Type == "order.paid" {
				paid++
			}
		}
		if paid != 1 {
			t.Fatalf("settled %d times", paid)
		}
		list, err := store.Payments(r.ctx, o.ID)
		if err != nil || len(list) != 1 {
			t.Fatalf("%d payments, %v", len(list), err)
		}
		row, log, err := store.PaymentWithLog(r.ctx, list[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		if bad := checkout.Verify(row, log); len(bad) > 0 {
			t.Fatalf("log and row differ: %+v", bad)
		}
	})
}

func TestWithoutAnyNotificationThePullFindsThePayment(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		r := newRig(t, store, func(o *checkout.Options) {
			o.Poll.First, o.Poll.Max = 50*time.Millisecond, 100*time.Millisecond
			o.CallsPerSecond = 50
		})
		placed := r.place("LTC")
		ctx, stop := context.WithCancel(r.ctx)
		done := make(chan struct{})
		go func() { defer close(done); r.svc.RunReconciler(ctx) }()
		if err := r.sand.Move(r.sand.Orders()[0].UID, sandbox.StatusDone, false); err != nil {
			t.Fatal(err)
		}
		r.wait(placed.Order.ID, checkout.Paid)
		stop()
		<-done
	})
}

func TestAnExchangerThatMisreadsNegativeAmountsIsAskedAgain(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		for i, change := range []func(*sandbox.Faults){func(f *sandbox.Faults) { f.RefuseNegative = true }, func(f *sandbox.Faults) { f.NegativeAsIn = true }} {
			r := newRig(t, store, nil)
			f := r.sand.Faults()
			change(&f)
			r.sand.SetFaults(f)
			placed := r.place([]string{"LTC", "ETH"}[i])
			if !strings.Contains(placed.Next, "/payment/") {
				t.Fatalf("the customer goes to %s", placed.Next)
			}
			list, err := store.Payments(r.ctx, placed.Order.ID)
			if err != nil {
				t.Fatal(err)
			}
			p := checkout.Current(list)
			if p.Seq != int64(i+1) || checkout.PaysShort(p, r.svc.Rules()) {
				t.Fatalf("attempt %d is current and brings %s of %s", p.Seq, p.OrderedOut.Decimal, p.PriceOut)
			}
		}
	})
}
