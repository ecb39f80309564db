package checkout

import (
	"context"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mostrador/exchanger"
	"mostrador/models"
	"mostrador/models/modelstest"
)

// histories is how many each of two searches draws: half of MOSTRADOR_TEST_HISTORIES, else n, fewer under the race detector. They are drawn in
// batches, each with a database of its own; it gives how many.
func histories(t *testing.T, n int) (batches int) {
	t.Helper()
	if s := os.Getenv("MOSTRADOR_TEST_HISTORIES"); s != "" {
		asked, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("MOSTRADOR_TEST_HISTORIES: %v", err)
		}
		n = (asked + 1) / 2
	} else if raceOn {
		n /= 10
	}
	const most = 250
	batches = (n + most - 1) / most
	old := flag.Lookup("rapid.checks").Value.String()
	if err := flag.Set("rapid.checks", strconv.Itoa((n+batches-1)/batches)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { flag.Set("rapid.checks", old) })
	return batches
}

// TestHistoriesOnSQLiteEndInTheTruth is the convergence of rules 2, 5 to 15 and 17: whatever an exchanger does, whatever is lost, doubled,
// delayed, shuffled or forged, and wherever the process dies, every order ends where the exchanger's last word puts it, settled once.
func TestHistoriesOnSQLiteEndInTheTruth(t *testing.T) {
	batches := histories(t, 1000)
	for _, half := range []string{"one half", "the other half"} { // a database for each core
		t.Run(half, func(t *testing.T) {
			t.Parallel()
			for i := 0; i < batches && !t.Failed(); i++ {
				t.Run("", func(t *testing.T) { search(t, inMemory(t)) })
			}
		})
	}
}

func TestHistoriesOnPostgreSQLEndInTheTruth(t *testing.T) {
	for i, batches := 0, histories(t, 100); i < batches && !t.Failed(); i++ {
		t.Run("", func(t *testing.T) { search(t, modelstest.Postgres(t)) })
	}
}

func search(t *testing.T, address string) {
	w := newWorld(t, address)
	rapid.Check(t, func(rt *rapid.T) { w.live(rt) })
}

// inMemory is the address of a new SQLite file that waits for no disk, where the system has such a place: what is searched for does not depend
// on one, and most of a history's time would go into waiting for it.
func inMemory(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "mostrador-test-")
	if err != nil {
		return modelstest.SQLite(t)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return "sqlite:" + filepath.Join(dir, "test.db")
}

var (
	anyStatus = rapid.SampledFrom(append([]exchanger.Status{exchanger.StatusInProgress, exchanger.StatusInProgressPayout, exchanger.StatusDone, exchanger.StatusDone, "frozen"}, exchanger.Statuses...))
	anyPause  = rapid.SampledFrom([]time.Duration{time.Second, 7 * time.Second, time.Minute, 12 * time.Minute, 50 * time.Minute, 3 * time.Hour})
	anyDeath  = rapid.SampledFrom([]string{"", "", "", "", "after get"})
	anyStart  = rapid.SampledFrom([]string{"", "", "", "", "", "before create", "after create", "lost answer"})
	anyStep   = rapid.SampledFrom([]string{"move", "move", "move", "move", "time", "time", "pull", "deliver", "deliver", "forge", "hint", "other", "fail", "stale", "again", "cancel",
		"return", "restart", "rival", "edit", "wallet", "currency", "good way", "good way", "person", "person", "person", "pay twice", "clock", "replay", "cross"})
	anyFate = rapid.SampledFrom([]string{"lost", "once", "once", "twice", "later", "later", "dies"})
)

// live is one history from placing to rest, and the judgement of it.
func (w *world) live(rt *rapid.T) {
	h := &history{world: w, rt: rt, acked: map[string][]fakeState{}, took: map[string]bool{}}
	w.f.skew = rapid.SampledFrom([]time.Duration{0, 0, 3 * time.Second, -40 * time.Second, time.Hour, -time.Hour}).Draw(rt, "skew")
	w.f.failing, w.f.stale = 0, 0
	w.pass(20 * time.Minute) // whatever an earlier history did to the circuit is over
	h.place(anyStart.Draw(rt, "start"), rapid.IntRange(0, 3).Draw(rt, "counted") == 0)
	for range rapid.IntRange(1, 14).Draw(rt, "steps") {
		h.step(anyStep.Draw(rt, "step"))
		w.pass(time.Second)
	}
	for len(h.held) > 0 { // what was on its way arrives, or not
		h.deliver(rapid.Bool().Draw(rt, "arrives"))
	}
	h.settleDown()
	h.letters += h.expiredLetters()
	h.judge()
}

func (h *history) step(what string) {
	rt, ctx := h.rt, context.Background()
	there := h.there()
	if len(there) == 0 && what != "again" && what != "cancel" && what != "restart" && what != "person" && what != "clock" {
		what = "time"
	}
	var x *fakeOrder
	if len(there) > 0 {
		x = there[rapid.IntRange(0, len(there)-1).Draw(rt, "which")]
	}
	switch what {
	case "move":
		status := anyStatus.Draw(rt, "to")
		h.send(x, func(s *fakeState) { s.status = status })
	case "good way":
		h.goodWay(x)
	case "pay twice": // a customer who pays each address that was ever shown
		for _, x := range there {
			h.goodWay(x)
		}
	case "edit": // the exchanger's staff changes the amounts
		part := rapid.SampledFrom([]string{"0.5", "0.996", "1.4"}).Draw(rt, "part")
		both := rapid.IntRange(0, 3).Draw(rt, "both") > 0
		h.send(x, func(s *fakeState) {
			if s.out = s.out.Mul(units(part)).Round(2); both {
				s.in = s.in.Mul(units(part))
			}
		})
	case "wallet":
		if rapid.IntRange(0, 3).Draw(rt, "rarely") == 0 {
			h.send(x, func(s *fakeState) { s.wallet = "TAnotherWallet" })
		}
	case "currency":
		if rapid.IntRange(0, 3).Draw(rt, "rarely") == 0 {
			h.send(x, func(s *fakeState) { s.to = "WMZ" })
		}
	case "time":
		h.pass(anyPause.Draw(rt, "pause"))
		h.reconcile("")
	case "pull":
		h.pass(time.Minute)
		h.reconcile(anyDeath.Draw(rt, "death"))
	case "deliver":
		h.deliver(true)
	case "forge", "hint", "other":
		h.lie(what, x)
	case "fail":
		h.f.failing, h.f.how = rapid.IntRange(1, 7).Draw(rt, "calls"), rapid.SampledFrom([]string{"timeout", "html", "patience"}).Draw(rt, "how")
	case "stale":
		h.f.stale, h.f.behind = rapid.IntRange(1, 3).Draw(rt, "calls"), rapid.IntRange(1, 4).Draw(rt, "states behind")
	case "return":
		h.must(h.svc.CameBack(ctx, h.order(), rapid.SampledFrom([]string{"success", "error", "x"}).Draw(rt, "says")))
		h.svc.behind.Wait()
	case "again":
		h.again()
	case "cancel":
		h.asked(h.svc.Cancel(ctx, h.id, rapid.SampledFrom([]string{"", "ana"}).Draw(rt, "who")))
		h.svc.behind.Wait()
		h.note("cancel: %s", h.order().Status)
	case "restart":
		h.svc.Close()
		h.start()
		h.must(h.store.InTx(ctx, func(tx *models.Tx) error { _, err := tx.PullAllSoon(ctx); return err }))
	case "rival":
		h.buyAway()
	case "replay": // somebody who listened sends again what once was true
		if len(h.sent) > 0 {
			h.receive(h.sent[rapid.IntRange(0, len(h.sent)-1).Draw(rt, "which again")], 0)
		}
	case "cross": // and to the address of another payment
		if n := len(h.sent); n > 0 {
			h.cross(h.sent[rapid.IntRange(0, n-1).Draw(rt, "which crossed")], x)
		}
	case "person":
		h.person(rapid.SampledFrom([]string{"accept", "accept", "accept", "ask", "refund", "receipt", "check"}).Draw(rt, "does"))
	case "clock":
		if rapid.IntRange(0, 2).Draw(rt, "rarely") == 0 {
			h.setBack(time.Hour)
			h.note("the clock is set back by an hour")
		}
	}
}

// goodWay takes an exchange order along the way to done, step by step.
func (h *history) goodWay(x *fakeOrder) {
	for _, status := range exchanger.Statuses[:8] {
		if rank(status) > rank(x.truth().status) {
			h.pass(2 * time.Second)
			h.send(x, func(s *fakeState) { s.status = status })
		}
	}
}

// send moves an exchange order and lets its notification meet a fate.
func (h *history) send(x *fakeOrder, change func(*fakeState)) {
	n := pending{o: x, body: h.f.move(x, change)}
	n.say = x.truth()
	h.sent = append(h.sent, n)
	fate := anyFate.Draw(h.rt, "notification")
	h.note("truth of %s: %s %s → %s, notification %s", x.uid, n.say.status, n.say.in, n.say.out, fate)
	switch fate {
	case "once":
		h.receive(n, 0)
	case "twice":
		h.receive(n, 0)
		h.receive(n, 0)
	case "later":
		h.held = append(h.held, n)
	case "dies":
		h.receive(n, rapid.IntRange(1, 60).Draw(h.rt, "fuse"))
	}
}

// deliver hands over any one of the notifications that are on their way.
func (h *history) deliver(arrives bool) {
	if len(h.held) == 0 {
		return
	}
	i := rapid.IntRange(0, len(h.held)-1).Draw(h.rt, "which one")
	n := h.held[i]
	h.held = append(h.held[:i:i], h.held[i+1:]...)
	if arrives {
		h.receive(n, 0)
	}
}

// lie sends what the exchanger never said: with a wrong hash, without one, or signed but about another exchange order.
func (h *history) lie(what string, x *fakeOrder) {
	s := x.truth()
	s.status = anyStatus.Draw(h.rt, "lie")
	body := h.f.notification(x, s, x.id, false)
	switch what {
	case "forge":
		body += "&hash=" + models.Digest("guess")
	case "other":
		if p, err := h.store.PaymentByToken(context.Background(), x.token); err != nil || p.ExchangeID == "" { // nothing is known yet with which it could be compared
			return
		}
		body = h.f.notification(x, s, "ffffffffffffffffffffffff", true)
	}
	h.receive(pending{o: x, body: body}, 0)
	h.svc.behind.Wait()
}

// cross sends a notification of one payment to the address of another: the secret there is another one.
func (h *history) cross(n pending, to *fakeOrder) {
	if n.o == to {
		return
	}
	answer, err := h.svc.ReceiveNotification(context.Background(), to.token, Received{ContentType: "application/x-www-form-urlencoded", Header: http.Header{}, Body: []byte(n.body)})
	if h.must(err); answer != http.StatusUnauthorized {
		h.fail("a notification of %s is answered %d at the address of %s", n.o.uid, answer, to.uid)
	}
}

func (h *history) again() {
	a := Again{Route: h.route(), Agreement: true, NothingSent: true, Lang: "ru", Attempt: "again-" + strconv.Itoa(len(h.did)) + "-" + strconv.FormatInt(h.id, 10)}
	how := anyStart.Draw(h.rt, "start again")
	h.alive(func() {
		_, err := h.svc.PayAgain(dying(context.Background(), how), h.order(), a)
		h.note("again (%s): %v", how, err)
		if _, ok := AsProblem(err); err != nil && !ok {
			h.fail("%v", err)
		}
	})
	h.svc.behind.Wait()
}

// buyAway lets somebody else buy what is left of the product.
func (h *history) buyAway() {
	if h.product == nil {
		return
	}
	ctx := context.Background()
	h.must(h.store.InTx(ctx, func(tx *models.Tx) error {
		ok, err := tx.HoldStock(ctx, h.product.ID, 1)
		if err != nil || !ok {
			return err
		}
		if ok, err = tx.TakeStock(ctx, h.product.ID, 1, true); ok {
			h.rival++
		}
		return err
	}))
	h.note("rival bought %d", h.rival)
}
