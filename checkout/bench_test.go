package checkout

import (
	"context"
	"net/http"
	"testing"
	"time"

	"mostrador/exchanger"
	"mostrador/models"
	"mostrador/models/modelstest"
)

// onEach measures on both databases.
func onEach(b *testing.B, f func(b *testing.B, w *world)) {
	b.Run("sqlite", func(b *testing.B) { f(b, newWorld(b, modelstest.SQLite(b))) })
	b.Run("postgres", func(b *testing.B) { f(b, newWorld(b, modelstest.EmptyPostgres(b))) })
}

// BenchmarkBareCommit is one small durable commit: what every other measure is compared with.
func BenchmarkBareCommit(b *testing.B) {
	onEach(b, func(b *testing.B, w *world) {
		ctx := context.Background()
		if _, err := w.svc.Place(ctx, w.placement()); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			w.pass(time.Second) // the same value again would write nothing
			if err := w.store.InTx(ctx, func(tx *models.Tx) error { return tx.MarkWatched(ctx, 1) }); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkNotification is a signed notification from its body to committed and applied, each one moving the order.
func BenchmarkNotification(b *testing.B) {
	onEach(b, func(b *testing.B, w *world) {
		ctx := context.Background()
		if _, err := w.svc.Place(ctx, w.placement()); err != nil {
			b.Fatal(err)
		}
		x := w.last()
		way := []exchanger.Status{exchanger.StatusInProgress, exchanger.StatusInProgressPayout}
		n := 0
		for b.Loop() {
			w.pass(time.Second)
			body := w.f.move(x, func(s *fakeState) { s.status = way[n%2] })
			n++
			answer, err := w.svc.ReceiveNotification(ctx, x.token, Received{ContentType: "application/x-www-form-urlencoded", Header: http.Header{}, Body: []byte(body)})
			if err != nil || answer != 200 {
				b.Fatal(answer, err)
			}
		}
	})
}

// BenchmarkPlace is an order from the form to the address of the payment page: two commits and the exchanger's answer, which costs nothing here.
func BenchmarkPlace(b *testing.B) {
	onEach(b, func(b *testing.B, w *world) {
		for b.Loop() {
			if _, err := w.svc.Place(context.Background(), w.placement()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkPull is an answer of the exchanger that says nothing new.
func BenchmarkPull(b *testing.B) {
	onEach(b, func(b *testing.B, w *world) {
		if _, err := w.svc.Place(context.Background(), w.placement()); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			w.pass(time.Second)
			if _, err := w.svc.Pull(context.Background(), 1, ""); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkHistory is one whole pure history with its judgement.
func BenchmarkHistory(b *testing.B) {
	drawn := make([]saga, 200)
	for i := range drawn {
		drawn[i] = sagas.Example(i)
	}
	n := 0
	for b.Loop() {
		if err := drawn[n%len(drawn)].run(ours); err != nil {
			b.Fatal(err)
		}
		n++
	}
}
