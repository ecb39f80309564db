package checkout

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"mostrador/exchanger"
	"mostrador/models"
)

// BenchmarkShare measures bare durable commits, notifications and orders in turns, so that whatever else the machine does meets all of them alike, and
// reports which part of the bare commits' rate the others reach, by their medians. It shall be at least 50 % for a notification.
func BenchmarkShare(b *testing.B) {
	onEach(b, func(b *testing.B, w *world) {
		ctx := context.Background()
		if _, err := w.svc.Place(ctx, w.placement()); err != nil {
			b.Fatal(err)
		}
		x := w.last()
		way := []exchanger.Status{exchanger.StatusInProgress, exchanger.StatusInProgressPayout}
		var bare, notified, placed []time.Duration
		took := func(list *[]time.Duration, f func() error) {
			b.Helper()
			began := time.Now()
			if err := f(); err != nil {
				b.Fatal(err)
			}
			*list = append(*list, time.Since(began))
		}
		n := 0
		for b.Loop() {
			w.pass(time.Second)
			took(&bare, func() error {
				return w.store.InTx(ctx, func(tx *models.Tx) error { return tx.MarkWatched(ctx, 1) })
			})
			body := w.f.move(x, func(s *fakeState) { s.status = way[n%2] })
			n++
			took(&notified, func() error {
				answer, err := w.svc.ReceiveNotification(ctx, x.token, Received{ContentType: "application/x-www-form-urlencoded", Header: http.Header{}, Body: []byte(body)})
				if err == nil && answer != 200 {
					b.Fatal(answer)
				}
				return err
			})
			p := w.placement()
			took(&placed, func() error { _, err := w.svc.Place(ctx, p); return err })
		}
		median := func(list []time.Duration) float64 {
			slices.Sort(list)
			return float64(list[len(list)/2].Microseconds())
		}
		b.ReportMetric(100*median(bare)/median(notified), "%notification")
		b.ReportMetric(100*2*median(bare)/median(placed), "%order")
		b.ReportMetric(median(bare), "µs-bare")
		b.ReportMetric(median(notified), "µs-notification")
		b.ReportMetric(median(placed), "µs-order")
	})
}
