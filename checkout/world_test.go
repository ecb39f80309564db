package checkout

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"mostrador/config"
	"mostrador/models"
	"mostrador/models/modelstest"
)

// world is the real service on a real database, an exchanger in memory and a clock that the test moves.
type world struct {
	t       testing.TB
	address string
	opt     Options
	store   *models.Store
	svc     *Service
	f       *fake
	clock   atomic.Int64 // microseconds since 1970
	runs    int
	mails   int64 // the last one that was looked at
}

func (w *world) now() time.Time { return time.UnixMicro(w.clock.Load()).UTC() }

func (w *world) pass(d time.Duration) { w.clock.Add(d.Microseconds()) }

// setBack sets our clock back; the exchanger's goes on.
func (w *world) setBack(d time.Duration) {
	w.f.mu.Lock()
	defer w.f.mu.Unlock()
	w.clock.Add(-d.Microseconds())
	w.f.skew += d
}

func newWorld(t testing.TB, address string) *world {
	t.Helper()
	w := &world{t: t, address: address}
	w.clock.Store(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixMicro())
	w.store = modelstest.Open(t, address, w.now)
	w.f = &fake{now: w.now}
	opt := OptionsOf(config.Default())
	opt.CallsPerSecond = 1e6 // the pace is kept in real time, which histories have none of
	opt.Transport, opt.Timeout, opt.MailOn, opt.OrderExpiry = w.f, 5*time.Second, true, time.Hour
	w.opt = opt
	w.start()
	t.Cleanup(func() { w.svc.Close() })
	return w
}

// start makes a new service, as a started process does.
func (w *world) start() {
	svc, err := New(context.Background(), w.store, w.opt, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	w.svc = svc
}

// alive runs a part of the program that may die in the middle; then the next process takes over.
func (w *world) alive(f func()) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(killed); !ok {
				panic(r)
			}
			w.svc.Close()
			w.start()
		}
	}()
	f()
}

// fuse is a context that is cancelled after it was looked at so many times: a process killed between any two steps of a transaction.
type fuse struct {
	context.Context
	cancel context.CancelFunc
	left   atomic.Int64
}

func newFuse(n int) *fuse {
	ctx, cancel := context.WithCancel(context.Background())
	f := &fuse{Context: ctx, cancel: cancel}
	f.left.Store(int64(n))
	return f
}

func (f *fuse) Done() <-chan struct{} { f.burn(); return f.Context.Done() }
func (f *fuse) Err() error            { f.burn(); return f.Context.Err() }
func (f *fuse) burn() {
	if f.left.Add(-1) == 0 {
		f.cancel()
	}
}

// history is one order on its way through the world.
type history struct {
	*world
	rt      *rapid.T
	id      int64
	product *models.Product
	rival   int64     // pieces that somebody else bought
	held    []pending // notifications that are still on their way
	sent    []pending // all that were ever sent
	acked   map[string][]fakeState
	took    map[string]bool // what a person accepted
	letters int             // mails that no change of the order brought
	refunds int
	back    bool // money went back, or was asked back, while the order was not paid
	did     []string
}

type pending struct {
	o    *fakeOrder
	body string
	say  fakeState
}

func (h *history) note(format string, args ...any) {
	h.did = append(h.did, h.now().Format("15:04:05 ")+fmt.Sprintf(format, args...))
}

func (h *history) fail(format string, args ...any) {
	h.rt.Helper()
	h.rt.Log(strings.Join(h.did, "\n"))
	list, _ := h.store.Payments(context.Background(), h.id)
	for _, p := range list {
		events, _ := h.store.Events(context.Background(), p.ID)
		for _, e := range events {
			h.rt.Logf("payment %d: %s %s %s %s %s %s", p.Seq, e.At.Format("15:04:05"), e.Source, e.Kind, e.Outcome, e.Reason, e.Data)
		}
	}
	h.rt.Fatalf(format, args...)
}

func (h *history) must(err error) {
	h.rt.Helper()
	if err != nil {
		h.fail("%v", err)
	}
}

// place makes the order, dying or losing the answer on the way where the history says so.
func (h *history) place(how string, counted bool) {
	h.runs++
	h.f.mu.Lock()
	h.f.orders = nil
	h.f.mu.Unlock()
	p := Placement{Source: SourceAmount, Amount: "25", Route: h.route(), Email: "maria@example.com", Agreement: true, Lang: "es", Attempt: fmt.Sprintf("try-%d", h.runs)}
	if counted {
		one := int64(1)
		h.product = &models.Product{Slug: fmt.Sprintf("p-%d", h.runs), Title: models.Texts{"en": "Lamp"}.JSON(), Summary: "{}", Description: "{}", Price: 2500, Stock: &one}
		p.Source, p.Amount, p.Cart = SourceCart, "", fmt.Sprintf("cart-%d", h.runs)
		h.must(h.store.InTx(context.Background(), func(tx *models.Tx) error {
			if err := tx.InsertProduct(context.Background(), h.product); err != nil {
				return err
			}
			return tx.SetCartLine(context.Background(), p.Cart, h.product.ID, 1, 9, false)
		}))
	}
	h.note("place (%s)", how)
	h.alive(func() { _, err := h.svc.Place(dying(context.Background(), how), p); h.must(err) })
	a, ok, err := h.store.Attempt(context.Background(), attemptKey(p))
	h.must(err)
	if !ok {
		h.fail("no order was stored")
	}
	h.id = a.OrderID
}

func (h *history) route() string {
	return h.opt.Sites[0].Name + "/" + fakeRouteID
}

func (h *history) order() *models.Order {
	o, err := h.store.OrderByID(context.Background(), h.id)
	h.must(err)
	return o
}

func (h *history) payments() []models.Payment {
	list, err := h.store.Payments(context.Background(), h.id)
	h.must(err)
	return list
}

// there gives the exchange orders of this history.
func (h *history) there() []*fakeOrder {
	h.f.mu.Lock()
	defer h.f.mu.Unlock()
	return append([]*fakeOrder{}, h.f.orders...)
}

// receive hands a notification to the service; with fuse the process may die while it stores it. What is not acknowledged is lost: the
// exchanger sends once.
func (h *history) receive(n pending, fuseAt int) {
	ctx := context.Context(context.Background())
	if fuseAt > 0 {
		ctx = newFuse(fuseAt)
	}
	before := h.kept(n.o.token)
	answer, err := h.svc.ReceiveNotification(ctx, n.o.token, Received{ContentType: "application/x-www-form-urlencoded", Header: http.Header{}, Body: []byte(n.body)})
	if err != nil { // PostgreSQL may be at the commit of who died: their lock on the order goes when it is done, or undone
		h.must(h.store.InTx(context.Background(), func(tx *models.Tx) error { _, err := tx.LockOrder(context.Background(), h.order().ID); return err }))
	}
	stored := h.kept(n.o.token) > before
	h.note("notification %s of %s: %d %v", n.say.status, n.o.uid, answer, err)
	switch {
	case err == nil && answer == http.StatusOK && !stored:
		h.fail("acknowledged and not stored")
	case err != nil && fuseAt == 0:
		h.fail("%v", err)
	}
	if stored && n.say.status != "" {
		h.acked[n.o.token] = append(h.acked[n.o.token], n.say)
	}
}

// kept tells how many events the payment of a token has.
func (h *history) kept(token string) int64 {
	p, err := h.store.PaymentByToken(context.Background(), token)
	if errors.Is(err, models.ErrNotFound) {
		return 0
	}
	h.must(err)
	return p.Events
}

// reconcile pulls what is due, as the reconciler does, and closes what ran out.
func (h *history) reconcile(how string) {
	h.alive(func() {
		for _, p := range h.payments() {
			if p.NextPullAt != nil && !p.NextPullAt.After(h.now()) {
				d, err := h.svc.Pull(dying(context.Background(), how), p.ID, "")
				h.note("pull of %s: %s %s %v", p.UID, d.Next.Status, d.Outcome, err)
			}
		}
		if _, err := h.svc.ExpireDue(dying(context.Background(), how)); err != nil {
			h.fail("%v", err)
		}
	})
}

// settleDown lets the exchanger be honest and time pass, until every payment was pulled after its last change and the order is not open.
func (h *history) settleDown() {
	h.f.mu.Lock()
	h.f.failing, h.f.stale = 0, 0
	h.f.mu.Unlock()
	h.svc.behind.Wait()
	before := map[int64]*time.Time{} // not since a moment: the clock may have been set back
	for _, p := range h.payments() {
		before[p.ID] = p.PulledAt
	}
	for round := 0; ; round++ {
		if round > 80 {
			h.fail("no rest after %d rounds: order %s", round, h.order().Status)
		}
		next, waiting := time.Time{}, false
		for _, p := range h.payments() {
			if p.Phase == PhaseCreating || Pullable(&p) && (p.PulledAt == nil || before[p.ID] != nil && p.PulledAt.Equal(*before[p.ID])) {
				if waiting = true; p.NextPullAt == nil {
					h.fail("payment %d is unsettled and never pulled again", p.Seq)
				}
				if next.IsZero() || p.NextPullAt.Before(next) {
					next = *p.NextPullAt
				}
			}
		}
		o := h.order()
		if !waiting && o.Status != Open {
			return
		}
		if !waiting {
			next = o.ExpiresAt
		}
		h.pass(max(time.Second, next.Sub(h.now())+time.Second))
		h.reconcile("")
	}
}

func units(s string) decimal.Decimal { return decimal.RequireFromString(s) }
