package checkout

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"mostrador/models"
	"mostrador/models/modelstest"
)

// unsettled fills the database with orders that wait for news, as a shop has them that was away while its customers paid.
func (w *world) unsettled(t testing.TB, n int) {
	t.Helper()
	ctx, s := context.Background(), w.svc
	p := w.placement()
	offer, values, problem, err := s.checkChoice(ctx, p.Route, 2500, nil, true, "")
	if err != nil || problem != nil {
		t.Fatal(err, problem)
	}
	for made := 0; made < n; {
		batch := min(500, n-made)
		err := w.store.InTx(ctx, func(tx *models.Tx) error {
			for i := range batch {
				uid := fmt.Sprint(1000 + made + i)
				o := &models.Order{Source: SourceAmount, Status: Open, Currency: s.opt.Currency, Total: 2500, Email: "maria@example.com", Lang: "en", Metadata: "{}", Stock: StockNone, ExpiresAt: tx.Now().Add(time.Hour)}
				if err := s.insertOrder(ctx, tx, o, newToken(), &Basket{Source: SourceAmount, Total: 2500}, p); err != nil {
					return err
				}
				pay, _, err := s.insertPayment(ctx, tx, o, offer, values, 2500)
				if err != nil {
					return err
				}
				made := Fact{Source: FromForm, Kind: FactCreated, UID: uid, In: decimal.NewNullDecimal(units("0.3125")), Out: decimal.NewNullDecimal(units("25"))}
				if _, err := s.applyTx(ctx, tx, o.ID, pay.ID, made, func(p *models.Payment) { tx.Vault().SealSecret(p, "secretOfOrder"+uid) }); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		made += batch
	}
}

// heap is what is alive on it, in MiB.
func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

// taken is what a run of the reconciler has shown.
type taken struct {
	took time.Duration // until so many were settled
	heap float64       // MiB that its heap grew by at most
}

// settleAll runs the reconciler until settled payments are paid for, looking at its heap as often as every.
func (w *world) settleAll(t testing.TB, settled int64, every time.Duration) taken {
	t.Helper()
	before, most := heap(), 0.0
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	began := time.Now()
	go func() { defer close(done); w.svc.RunReconciler(ctx) }()
	defer func() { stop(); <-done }()
	looked := time.Now()
	wait := 20 * time.Millisecond
	if settled > 1000 {
		wait = time.Second // counting a large table costs more than the reconciler does
	}
	for {
		var n int64
		list, err := w.store.CountOrders(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			if c.Name == Paid {
				n = c.N
			}
		}
		if n >= settled {
			return taken{time.Since(began), most}
		}
		if time.Since(began) > time.Minute+10*time.Duration(float64(settled)/w.opt.CallsPerSecond*float64(time.Second)) {
			t.Fatalf("%d of %d payments are settled after %s", n, settled, time.Since(began))
		}
		if time.Since(looked) >= every {
			most, looked = max(most, heap()-before), time.Now()
		}
		time.Sleep(wait)
	}
}

// pace makes the service ask so often.
func (w *world) pace(calls float64) {
	w.svc.Close()
	w.opt.CallsPerSecond = calls
	w.f.unbounded = true
	w.start()
}

// TestRule06TheReconcilerKeepsItsPace: payments by the hundred are settled as fast as the configured rate of calls allows and no faster, a
// few calls at once.
func TestRule06TheReconcilerKeepsItsPace(t *testing.T) {
	w := newWorld(t, modelstest.SQLite(t))
	w.pace(100)
	w.unsettled(t, 250)
	got := w.settleAll(t, 250, time.Hour)
	if least := 1500 * time.Millisecond; got.took < least*9/10 { // the first hundred may go at once
		t.Errorf("settled in %s, the rate allows it in %s", got.took, least)
	}
	if n := w.f.crowd.Load(); n > pullsAtOnce {
		t.Errorf("%d calls at once", n)
	}
}

// TestRule06ClosingKeepsThePaceToo: orders that ran out by the hundred, while the shop was away, are asked about no faster than others.
func TestRule06ClosingKeepsThePaceToo(t *testing.T) {
	w := newWorld(t, modelstest.SQLite(t))
	w.pace(40)
	w.unsettled(t, 60)
	w.pass(2 * time.Hour)
	began := time.Now()
	if _, err := w.svc.ExpireDue(context.Background()); err != nil {
		t.Fatal(err)
	}
	if took, least := time.Since(began), 500*time.Millisecond; took < least*9/10 { // the first forty may go at once
		t.Errorf("asked in %s, the rate allows it in %s", took, least)
	}
	list, err := w.store.CountOrders(context.Background())
	if err != nil || len(list) != 1 || list[0].Name != Paid || list[0].N != 60 {
		t.Errorf("before closing each was asked about once more: %v, %v", list, err)
	}
}

// BenchmarkReconciler has 100,000 unsettled payments taken up and 10,000 of them settled at 100 calls a second. It tells how near to that
// pace it came and how much memory it took; it runs once.
func BenchmarkReconciler(b *testing.B) {
	onEach(b, func(b *testing.B, w *world) {
		const waiting, settled, calls = 100_000, 10_000, 100.0
		w.pace(calls)
		w.unsettled(b, waiting)
		b.ResetTimer()
		for range b.N {
			got := w.settleAll(b, settled, 2*time.Second)
			b.ReportMetric(100*(settled-calls)/calls/got.took.Seconds(), "%of-pace")
			b.ReportMetric(got.heap, "MiB-heap-growth")
		}
	})
}
