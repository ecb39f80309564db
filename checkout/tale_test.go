package checkout

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"mostrador/exchanger"
	"mostrador/models"
	"mostrador/models/modelstest"
)

// tale is one order in a world, told step by step.
type tale struct {
	*world
	t  *testing.T
	id int64
}

// each tells a tale on both databases.
func each(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, newWorld(t, modelstest.SQLite(t))) })
	t.Run("postgres", func(t *testing.T) { f(t, newWorld(t, modelstest.Postgres(t))) })
}

func (w *world) placement() Placement {
	w.runs++
	return Placement{Source: SourceAmount, Amount: "25", Route: w.opt.Sites[0].Name + "/" + fakeRouteID, Email: "maria@example.com", Agreement: true, Lang: "en", Attempt: fmt.Sprintf("tale-%d", w.runs)}
}

func (w *world) tell(t *testing.T) *tale {
	t.Helper()
	placed, err := w.svc.Place(context.Background(), w.placement())
	if err != nil {
		t.Fatal(err)
	}
	return &tale{world: w, t: t, id: placed.Order.ID}
}

// last is the exchange order that was made last.
func (w *world) last() *fakeOrder {
	w.f.mu.Lock()
	defer w.f.mu.Unlock()
	return w.f.orders[len(w.f.orders)-1]
}

func (a *tale) order() *models.Order {
	a.t.Helper()
	o, err := a.store.OrderByID(context.Background(), a.id)
	if err != nil {
		a.t.Fatal(err)
	}
	return o
}

func (a *tale) payments() []models.Payment {
	a.t.Helper()
	list, err := a.store.Payments(context.Background(), a.id)
	if err != nil {
		a.t.Fatal(err)
	}
	return list
}

// become changes the truth; the notification of it is returned, not sent.
func (a *tale) become(x *fakeOrder, status exchanger.Status) string {
	a.pass(time.Second)
	return a.f.move(x, func(s *fakeState) { s.status = status })
}

// notify sends a notification and gives the answer.
func (a *tale) notify(x *fakeOrder, body string) int {
	a.t.Helper()
	answer, err := a.svc.ReceiveNotification(context.Background(), x.token, Received{ContentType: "application/x-www-form-urlencoded", Header: http.Header{}, Body: []byte(body)})
	if err != nil {
		a.t.Fatal(err)
	}
	return answer
}

func (a *tale) pull() {
	a.t.Helper()
	for _, p := range a.payments() {
		if _, err := a.svc.Pull(context.Background(), p.ID, ""); err != nil {
			a.t.Fatal(err)
		}
	}
}

func (a *tale) expire() {
	a.t.Helper()
	a.pass(2 * time.Hour)
	if _, err := a.svc.ExpireDue(context.Background()); err != nil {
		a.t.Fatal(err)
	}
}

// want fails unless the order has the status, the reason of a review and the flags.
func (a *tale) want(status, reason, flags string) *models.Order {
	a.t.Helper()
	o := a.order()
	if o.Status != status || o.ReviewReason != reason || o.Flags != flags {
		a.t.Fatalf("order is %s (%s) with flags %q, want %s (%s) with %q", o.Status, o.ReviewReason, o.Flags, status, reason, flags)
	}
	return o
}

// told counts the events of a type that the order has.
func (a *tale) told(kind string) (n int) {
	a.t.Helper()
	events, err := a.store.EventsOfOrder(context.Background(), a.id)
	if err != nil {
		a.t.Fatal(err)
	}
	for _, e := range events {
		if e.Type == kind {
			n++
		}
	}
	return n
}

// behind writes to the database past the program.
func (w *world) behind(query string) {
	w.t.Helper()
	modelstest.Behind(w.t, w.address, query)
}

// mailed counts the mails of a kind that the order's customer was written.
func (a *tale) mailed(kind string) (n int) {
	a.t.Helper()
	for id := int64(1); ; id++ {
		m, err := a.store.MailByID(context.Background(), id)
		if err != nil {
			return n
		}
		if m.OrderID != nil && *m.OrderID == a.id && m.Kind == kind {
			n++
		}
	}
}

// proves fails unless the log of each payment adds up to its row. Both are read in one look: the background may be at them.
func (a *tale) proves() {
	a.t.Helper()
	for _, p := range a.payments() {
		row, log, err := a.store.PaymentWithLog(context.Background(), p.ID)
		if err != nil {
			a.t.Fatal(err)
		}
		if bad := Verify(row, log); len(bad) > 0 {
			a.t.Fatalf("log and row differ: %+v", bad)
		}
	}
}

func (a *tale) events(p *models.Payment) []models.Event {
	a.t.Helper()
	list, err := a.store.Events(context.Background(), p.ID)
	if err != nil {
		a.t.Fatal(err)
	}
	return list
}
