package sandbox

import (
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// Shops create and read, a person moves and breaks, time passes, all at once: every order is there, each uid once.
func TestEverythingAtOnce(t *testing.T) {
	r := start(t, Config{StateFile: filepath.Join(t.TempDir(), "sandbox.journal")})
	const shops, each = 6, 6
	var wg sync.WaitGroup
	for range shops {
		wg.Go(func() {
			for range each {
				a := r.api("POST", "public/exchanger/order/create", r.wish("BTC", "USDTTRC20", "-25"))
				if !a.Success {
					t.Errorf("%s", a.Raw)
				}
			}
		})
	}
	wg.Go(func() {
		for i := range 12 {
			for _, o := range r.Orders() {
				r.Move(o.UID, Statuses[i%len(Statuses)], i%2 == 0)
			}
			r.SetFaults(Faults{DoubleNotifications: i%3 == 0, UnsignedNotifications: i%2 == 0})
			r.Advance(time.Second)
			r.page("GET", "/control", nil)
		}
	})
	wg.Wait()
	r.notified()
	seen := map[int64]bool{}
	for _, o := range r.Orders() {
		seen[o.UID] = true
	}
	if len(seen) != shops*each {
		t.Errorf("%d orders, want %d", len(seen), shops*each)
	}
}
