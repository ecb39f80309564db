package checkout

import (
	"context"
	"testing"
	"time"

	"mostrador/exchanger"
	"mostrador/models"
	"mostrador/models/modelstest"
)

// TestRule06AClockSetBackDelaysNothing: plans made by the clock before would come an hour late; the reconciler notices and looks at once.
func TestRule06AClockSetBackDelaysNothing(t *testing.T) {
	w := newWorld(t, modelstest.SQLite(t))
	a := w.tell(t)
	x := w.last()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); w.svc.RunReconciler(ctx) }()
	defer func() { stop(); <-done }()
	wait := func(what string, is func(p models.Payment) bool) {
		t.Helper()
		for deadline := time.Now().Add(40 * time.Second); !is(a.payments()[0]); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("never %s", what)
			}
		}
	}
	wait("pulled at the start", func(p models.Payment) bool { return p.PulledAt != nil })
	a.become(x, exchanger.StatusDone) // the next look at it is planned for later
	w.setBack(time.Hour)
	wait("settled after the clock was set back", func(p models.Payment) bool { return p.SettledAt != nil })
	a.want(Paid, "", "")
}

// TestRule02ACreationIsGivenUpThoughTheClockWasSetBack: a payment whose creator died does not keep its customer waiting for the hour to come again.
func TestRule02ACreationIsGivenUpThoughTheClockWasSetBack(t *testing.T) {
	w := newWorld(t, modelstest.SQLite(t))
	p := w.placement()
	w.alive(func() { w.svc.Place(dying(context.Background(), "after create"), p) })
	at, _, err := w.store.Attempt(context.Background(), attemptKey(p))
	if err != nil {
		t.Fatal(err)
	}
	a := &tale{world: w, t: t, id: at.OrderID}
	w.setBack(time.Hour)
	a.pull()
	if got := a.payments()[0].Phase; got != PhaseUnclear {
		t.Fatalf("the payment is %s", got)
	}
}
