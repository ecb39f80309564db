package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mostrador/models"
	"mostrador/models/modelstest"
)

// till is a shop under load by customers who press the button again when there was no answer.
type till struct {
	t     *testing.T
	shop  *site
	exch  *exchanger
	route string

	mu     sync.Mutex
	bought []*purchase
	failed atomic.Value // error
}

// load sends purchases from several customers until stop is closed. Each is sent again until it is answered.
func (w *till) load(address string, stop <-chan struct{}) *sync.WaitGroup {
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				p := newPurchase(w.route)
				w.mu.Lock()
				w.bought = append(w.bought, p)
				w.mu.Unlock()
				if ok, err := p.send(address); err != nil {
					w.failed.Store(err)
					return
				} else if ok {
					w.pay(p)
				} else {
					time.Sleep(5 * time.Millisecond) // the shop is dead
				}
			}
		})
	}
	return &wg
}

// pay pays at the exchanger, as a customer who was sent there.
func (w *till) pay(p *purchase) {
	if p.uid == "" {
		return
	}
	resp, err := client.PostForm(w.exch.url+"/control/orders/"+p.uid+"/pay", url.Values{"how": {"full"}})
	if err != nil {
		w.failed.Store(err)
		return
	}
	resp.Body.Close()
}

// kill starts the shop, lets customers buy, and kills it, each at a random moment.
func (w *till) kill() {
	p := w.shop.start("serve")
	until(w.t, "the shop is ready", func() bool { return status(p.shop+"/readyz") == http.StatusOK })
	stop := make(chan struct{})
	wg := w.load(p.shop, stop)
	time.Sleep(time.Duration(30+rand.IntN(300)) * time.Millisecond) // the moment is the test
	p.kill()
	close(stop)
	wg.Wait()
	if err, ok := w.failed.Load().(error); ok {
		w.t.Fatal(err)
	}
}

func testCrashes(t *testing.T, n int, extra ...string) {
	shop := newSite(t, append(extra, "EXCHANGER__TIMEOUT", "2s")...)
	w := &till{t: t, shop: shop, exch: newExchanger(t, shop)}
	w.route = "box/" + w.exch.route("LTC", "USDTTRC20")
	for range n {
		w.kill()
	}
	p := shop.serve()
	w.finish(p)
	w.check(shop.open())
	shop.run("", "doctor").must(t, 0)
	if code := p.stop(); code != 0 {
		t.Fatalf("exit %d\n%s", code, p.err)
	}
}

// finish lets every customer get an answer, and everybody who was sent to pay pays.
func (w *till) finish(p *process) {
	var wg sync.WaitGroup
	waiting := make(chan *purchase)
	for range 8 {
		wg.Go(func() {
			for b := range waiting {
				for deadline := time.Now().Add(time.Minute); b.next == ""; {
					if _, err := b.send(p.shop); err != nil || time.Now().After(deadline) {
						w.failed.Store(fmt.Errorf("attempt %s is not answered: %w", b.attempt, err))
						return
					}
				}
				w.pay(b)
			}
		})
	}
	for _, b := range w.bought {
		select {
		case waiting <- b:
		case <-time.After(2 * time.Minute):
			w.t.Fatal("customers are not answered")
		}
	}
	close(waiting)
	wg.Wait()
	if err, ok := w.failed.Load().(error); ok {
		w.t.Fatal(err)
	}
}

// check compares what customers and exchanger know with what the shop has kept.
func (w *till) check(store *models.Store) {
	t := w.t
	byUID := map[string]models.Payment{}
	until(t, "every paid order is settled", func() bool {
		for _, p := range allPayments(t, store) {
			byUID[p.UID] = p
		}
		for _, b := range w.bought {
			if b.uid != "" && byUID[b.uid].SettledAt == nil {
				return false
			}
		}
		return true
	})
	sent := 0
	for _, b := range w.bought {
		if b.uid == "" {
			continue
		}
		sent++
		o, err := store.OrderByID(t.Context(), byUID[b.uid].OrderID)
		if err != nil {
			t.Fatal(err)
		}
		if o.Status != "paid" || o.Flags != "" {
			t.Errorf("order %d of a customer who paid is %s %q", o.Number, o.Status, o.Flags)
		}
	}
	orders := w.checkExchanger(store)
	if sent == 0 || orders < sent {
		t.Fatalf("%d customers were sent to pay, the exchanger has %d orders", sent, orders)
	}
	payments := allPayments(t, store)
	if len(payments) > len(w.bought) {
		t.Errorf("%d attempts made %d payments", len(w.bought), len(payments))
	}
	t.Logf("%d attempts, %d sent to pay, %d exchange orders, %d payments", len(w.bought), sent, orders, len(payments))
}

// checkExchanger makes sure that no attempt made two exchange orders, and that each notification that was answered 200 is kept.
func (w *till) checkExchanger(store *models.Store) int {
	t := w.t
	until(t, "all notifications are delivered", func() bool { _, pending := w.exch.orders(); return pending == 0 })
	orders, _ := w.exch.orders()
	seen := map[string]int64{}
	kept := notificationsByPayment(t, w.shop)
	for _, o := range orders {
		if first, again := seen[o.IPNURL]; again {
			t.Errorf("one payment made the exchange orders %d and %d", first, o.UID)
		}
		seen[o.IPNURL] = o.UID
		answered := 0
		for _, n := range o.Notices {
			if n.Result == "200 OK" {
				answered++
			}
		}
		p, err := store.PaymentByToken(t.Context(), o.IPNURL[len(w.shop.env["SERVER__PUBLIC_URL"]+"/ipn/"):])
		if err != nil {
			t.Errorf("exchange order %d has no payment: %v", o.UID, err)
			continue
		}
		if kept[p.ID] < answered {
			t.Errorf("exchange order %d: %d notifications were answered 200, %d are kept", o.UID, answered, kept[p.ID])
		}
	}
	return len(orders)
}

func TestKillNineLosesNothingOnSQLite(t *testing.T) {
	testCrashes(t, rounds(t, 20))
}

func TestKillNineLosesNothingOnPostgreSQL(t *testing.T) {
	testCrashes(t, max(4, rounds(t, 20)/5), "DATABASE__URL", modelstest.Postgres(t))
}
