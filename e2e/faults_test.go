package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"time"

	"mostrador/models"
	"mostrador/models/modelstest"
)

// exchangerFaults are what an exchanger may do to a shop, as the switches of the sandbox. Those of the line hit what is about orders, and half
// of the calls: else nobody would ever be sent to pay.
var exchangerFaults = []struct {
	name string
	form url.Values
}{
	{"500, nothing done", url.Values{"errors": {"1"}, "unsigned": {"1"}}},
	{"500, but done", url.Values{"errors_after": {"1"}, "lose": {"1"}}},
	{"an HTML page", url.Values{"html": {"1"}, "double": {"1"}}},
	{"an empty answer", url.Values{"empty": {"1"}, "shuffle": {"1"}}},
	{"half an answer", url.Values{"half": {"1"}, "stranger": {"1"}}},
	{"20 MiB", url.Values{"huge": {"1"}}},
	{"one byte a second", url.Values{"drip": {"1"}, "before_answer": {"1"}}},
	{"429 with Retry-After", url.Values{"too_many": {"1s"}, "forge": {"1"}}},
	{"a reset after the request was sent", url.Values{"reset_after": {"1"}, "delay": {"50ms"}}},
	{"an uid that is no number", url.Values{"wrong_uid": {"1"}}},
	{"a secret with a path in it", url.Values{"odd_secret": {"1"}}},
	{"a redirect elsewhere", url.Values{"redirect": {"http://127.0.0.1:9/"}, "stale": {"2s"}}},
}

// payAll lets somebody pay every exchange order, also those that no customer was ever sent to.
func (e *exchanger) payAll() {
	e.t.Helper()
	orders, _ := e.orders()
	for _, o := range orders {
		if o.Status == "new" || o.Status == "waitPayment" {
			e.control("orders/"+fmt.Sprint(o.UID)+"/pay", url.Values{"how": {"full"}})
		}
	}
}

// testFaults kills the shop under each fault in turn. When the faults are over, everything has to end in the truth.
func testFaults(t *testing.T, n, first int, extra ...string) {
	t.Parallel() // it mostly waits for processes that start
	shop := newSite(t, append(extra, "EXCHANGER__TIMEOUT", "1s")...)
	w := &till{t: t, shop: shop, exch: newExchanger(t, shop)}
	w.route = "box/" + w.exch.route("LTC", "USDTTRC20")
	w.kill()
	for i := range n {
		f := exchangerFaults[(first+i)%len(exchangerFaults)]
		form := url.Values{"only": {"order/"}, "chance": {"50"}}
		for k, v := range f.form {
			form[k] = v
		}
		w.exch.control("faults", form)
		t.Logf("%s", f.name)
		w.kill()
	}
	w.exch.control("faults", url.Values{})
	p := shop.serve()
	w.finish(p)
	w.exch.payAll()
	w.checkTruth(shop.open())
	shop.run("", "doctor").must(t, 0)
	if code := p.stop(); code != 0 {
		t.Fatalf("exit %d\n%s", code, p.err)
	}
}

// checkTruth compares every exchange order with what the shop knows of it: what is done there is settled here, also where the shop never
// heard the answer to its making, and an order that was paid once is paid.
func (w *till) checkTruth(store *models.Store) {
	t := w.t
	token := func(ipn string) string { return strings.TrimPrefix(ipn, w.shop.env["SERVER__PUBLIC_URL"]+"/ipn/") }
	waits, nudged := "", time.Now()
	defer func() {
		if t.Failed() {
			t.Log(waits)
		}
	}()
	until(t, "every exchange order is settled here", func() bool {
		orders, pending := w.exch.orders()
		for _, o := range orders {
			p, err := store.PaymentByToken(t.Context(), token(o.IPNURL))
			if err != nil {
				t.Fatalf("exchange order %d has no payment: %v", o.UID, err)
			}
			if o.Status == "done" && p.SettledAt == nil || o.Status != "done" && o.Status != "deleted" {
				waits = fmt.Sprintf("exchange order %d is %s, its payment %s %s", o.UID, o.Status, p.Phase, p.Status)
				if time.Since(nudged) > 5*time.Second && p.UID == "" && o.Status == "done" { // the one who can be asked by nobody may have been told while the shop was dead
					nudged = time.Now()
					w.exch.control(fmt.Sprintf("orders/%d/status", o.UID), url.Values{"status": {"done"}, "notify": {"1"}})
				}
				return false
			}
		}
		return pending == 0
	})
	paid := map[int64]int{}
	lost := 0
	orders, _ := w.exch.orders()
	for _, o := range orders {
		p, err := store.PaymentByToken(t.Context(), token(o.IPNURL))
		if err != nil {
			t.Fatal(err)
		}
		if o.Status == "done" {
			paid[p.OrderID]++
		}
		if p.UID == "" {
			lost++
		}
	}
	for id, times := range paid {
		o, err := store.OrderByID(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if want := map[bool]string{true: "paid", false: "review"}[times == 1]; o.Status != want {
			t.Errorf("order %d was paid %d times and is %s (%s)", o.Number, times, o.Status, o.ReviewReason)
		}
	}
	w.checkExchanger(store)
	t.Logf("%d attempts, %d exchange orders, %d of them known by their notifications alone", len(w.bought), len(orders), lost)
	if len(orders) == 0 {
		t.Error("nobody was ever sent to pay")
	}
}

func TestCrashesUnderEachFaultOfTheExchangerOnSQLite(t *testing.T) {
	testFaults(t, max(len(exchangerFaults), rounds(t, 0)), 0)
}

func TestCrashesUnderFaultsOfTheExchangerOnPostgreSQL(t *testing.T) {
	testFaults(t, max(3, rounds(t, 0)), rand.IntN(len(exchangerFaults)), "DATABASE__URL", modelstest.Postgres(t))
}
