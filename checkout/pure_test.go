package checkout

import (
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"mostrador/exchanger"
	"mostrador/models"
)

// The rules of the domain without database, clock or exchanger: histories of one order are drawn as plain values and walked through decide
// and conclude, which are arguments here, so that broken ones can be tried too (mutants_test.go).

// brain is the two functions that decide everything.
type brain struct {
	decide   func(models.Payment, Fact, time.Time, Rules) Decision
	conclude func(models.Order, []models.Payment, Rules, time.Time) models.Order
}

var ours = brain{decide, conclude}

// saga is a drawn history of an order: what its exchange orders truly were, and what reached us of it.
type saga struct {
	Payments []pureTruth
	Reached  []arrival
	Close    int // before this arrival the order closes; past the end: never
	Gone     bool
	SettleOn exchanger.Status
}

type pureTruth struct {
	Unpullable bool
	States     []pureState
}

type pureState struct {
	Status  exchanger.Status
	Percent int // of the amounts ordered
	Wallet  bool
	Other   bool // another currency
}

// arrival is one thing that reached us: of payment P its state S, known in one of several ways.
type arrival struct {
	P, S int
	How  string // proven, forged, hint, foreign, pull, return, twice
	Lie  exchanger.Status
}

var pureStates = rapid.Custom(func(t *rapid.T) []pureState {
	percent, wallet, other := 100, false, false
	list := []pureState{{Status: exchanger.StatusNew, Percent: 100}}
	for range rapid.IntRange(0, 7).Draw(t, "length") {
		switch rapid.IntRange(0, 19).Draw(t, "edit") {
		case 0:
			percent = rapid.SampledFrom([]int{50, 90, 100, 130, 200}).Draw(t, "percent")
		case 1:
			wallet = rapid.Bool().Draw(t, "wallet")
		case 2:
			other = rapid.Bool().Draw(t, "other")
		}
		list = append(list, pureState{anyStatus.Draw(t, "status"), percent, wallet, other})
	}
	return list
})

var sagas = rapid.Custom(func(t *rapid.T) saga {
	s := saga{SettleOn: rapid.SampledFrom([]exchanger.Status{exchanger.StatusDone, exchanger.StatusDone, exchanger.StatusInProgressPayout, exchanger.StatusInProgress}).Draw(t, "settle on"),
		Gone: rapid.Bool().Draw(t, "stock gone")}
	for range rapid.IntRange(1, 2).Draw(t, "payments") {
		s.Payments = append(s.Payments, pureTruth{Unpullable: rapid.IntRange(0, 5).Draw(t, "unpullable") == 0, States: pureStates.Draw(t, "truth")})
	}
	for range rapid.IntRange(0, 14).Draw(t, "arrivals") {
		p := rapid.IntRange(0, len(s.Payments)-1).Draw(t, "of")
		s.Reached = append(s.Reached, arrival{p, rapid.IntRange(0, len(s.Payments[p].States)-1).Draw(t, "state"),
			rapid.SampledFrom([]string{"proven", "proven", "proven", "proven", "pull", "pull", "forged", "hint", "foreign", "return"}).Draw(t, "how"), anyStatus.Draw(t, "lie")})
	}
	s.Close = rapid.IntRange(0, 2*len(s.Reached)+4).Draw(t, "close")
	return s
})

// walk is a saga on its way.
type walk struct {
	saga
	brain
	rules    Rules
	order    models.Order
	payments []models.Payment
	events   [][]models.Event
	best     []int // of an unpullable payment: the newest state that a proven notification told; -1 none
	paid     int   // how often the order became paid for the first time
	settles  []int
	freed    bool // the goods were given back
	now      time.Time
}

const pureID = "5d8e6002b80b7b4cd75a6424"

func newWalk(s saga, b brain) *walk {
	w := &walk{saga: s, brain: b, rules: Rules{SettleOn: s.SettleOn, Underpaid: decimal.New(5, -3), Price: decimal.New(5, -3)},
		now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	w.order = models.Order{ID: 1, Status: Open, Currency: "USD", Total: 2500, Stock: StockHeld, Version: 1}
	for i := range s.Payments {
		p := models.Payment{ID: int64(i + 1), OrderID: 1, Seq: int64(i + 1), Phase: PhaseCreating, FromXML: "BTC", ToXML: "USDTTRC20", ToDecimals: 2, PayoutRate: decimal.NewFromInt(1), Price: 2500,
			PriceOut: decimal.NewFromInt(25), QuotedIn: decimal.NewFromInt(1), QuotedOut: decimal.NewFromInt(25)}
		w.payments = append(w.payments, p)
		w.events = append(w.events, nil)
		w.best, w.settles = append(w.best, -1), append(w.settles, 0)
	}
	for i, truth := range s.Payments {
		if i > 0 {
			w.learn(i-1, Fact{Source: FromForm, Kind: FactSuperseded})
		}
		if truth.Unpullable {
			w.learn(i, Fact{Source: FromTimer, Kind: FactUnclear})
			continue
		}
		f := w.amounts(Fact{Source: FromForm, Kind: FactCreated, UID: fmt.Sprint(100 + i), OrderID: w.id(i)}, truth.States[0])
		f.Status = ""
		w.learn(i, f)
	}
	return w
}

func (w *walk) id(p int) string { return pureID[:23] + fmt.Sprint(p) }

func (w *walk) amounts(f Fact, s pureState) Fact {
	part := decimal.New(int64(s.Percent), -2)
	f.Status, f.FromXML, f.ToXML = s.Status, "BTC", "USDTTRC20"
	f.In, f.Out = decimal.NewNullDecimal(part), decimal.NewNullDecimal(part.Mul(decimal.NewFromInt(25)))
	if s.Other {
		f.ToXML = "WMZ"
	}
	return f
}

// learn is what applyTx does, without a database.
func (w *walk) learn(i int, f Fact) Decision {
	before := w.payments[i]
	d := w.decide(before, f, w.now, w.rules)
	next := d.Next
	if !d.Quiet {
		e := models.Event{ID: int64(len(w.events[0])*10 + i), PaymentID: next.ID, Seq: next.Events + 1, At: w.now, Source: f.Source, Kind: f.Kind, Outcome: d.Outcome, Reason: d.Reason,
			Status: string(f.Status), Data: f.said(changes(before, next)), Prev: next.Head}
		e.Digest = e.Sum()
		next.Events, next.Head = e.Seq, e.Digest
		w.events[i] = append(w.events[i], e)
	}
	if before.SettledAt == nil && next.SettledAt != nil || before.SettledAt != nil && (next.SettledAt == nil || !next.SettledAt.Equal(*before.SettledAt) || !next.SettledOut.Decimal.Equal(before.SettledOut.Decimal)) {
		w.settles[i]++
	}
	w.payments[i] = next
	w.concluded()
	return d
}

// concluded is what settleOrder does, with a shelf that holds the goods of this order and no more.
func (w *walk) concluded() {
	before := w.order
	w.order = w.conclude(w.order, w.payments, w.rules, w.now)
	switch {
	case w.order.Status == Paid && w.order.Stock == StockHeld, w.order.Status == Paid && w.order.Stock == StockReleased && !w.Gone:
		w.order.Stock = StockTaken
	case w.order.Status == Paid && w.order.Stock == StockReleased:
		w.order.Stock = StockShort
		w.order = w.conclude(w.order, w.payments, w.rules, w.now)
		w.order.PaidAt = before.PaidAt
	case closing(w.order.Status) && w.order.Stock == StockHeld:
		w.order.Stock, w.freed = StockReleased, true
	}
	if before.PaidAt == nil && w.order.PaidAt != nil {
		w.paid++
	}
}

func (w *walk) stamp(s int) int64 {
	return time.Date(2026, 3, 1, 11, 0, 0, 0, time.UTC).Add(time.Duration(s) * time.Minute).UnixMilli()
}

// arrive lets one thing reach us.
func (w *walk) arrive(a arrival) {
	truth := w.Payments[a.P]
	s := truth.States[a.S]
	f := w.amounts(Fact{Source: FromNotification, Kind: FactNotified, Stamp: w.stamp(a.S), OrderID: w.id(a.P), Proof: exchanger.Proven}, s)
	switch a.How {
	case "proven":
		w.best[a.P] = max(w.best[a.P], a.S)
	case "forged":
		f.Proof, f.Status = exchanger.Wrong, a.Lie
	case "hint":
		f.Proof, f.Status = exchanger.Unproven, a.Lie
	case "foreign":
		if w.payments[a.P].ExchangeID == "" {
			return
		}
		f.OrderID, f.Status = "ffffffffffffffffffffffff", a.Lie
	case "return":
		f = Fact{Source: FromReturn, Kind: FactCameBack, Note: "success", Status: exchanger.StatusDone}
	case "pull": // of what stands there, or stood there: a cache in front of the exchanger
		if truth.Unpullable {
			return
		}
		f = w.pullOf(a.P, a.S)
	}
	w.learn(a.P, f)
	w.now = w.now.Add(time.Minute)
}

func (w *walk) pullOf(p, s int) Fact {
	state := w.Payments[p].States[s]
	f := w.amounts(Fact{Source: FromPull, Kind: FactPulled, OrderID: w.id(p), UID: fmt.Sprint(100 + p)}, state)
	f.Stamp = w.stamp(s)
	f.ValuesChanged = state.Wallet
	return f
}

// run walks the whole saga and says what is wrong with where it ends; nil when all is right.
func (s saga) run(b brain) error {
	w := newWalk(s, b)
	for i, a := range s.Reached {
		if i == s.Close {
			w.close()
		}
		before := w.payments[a.P]
		w.arrive(a)
		if after := w.payments[a.P]; a.How != "proven" && a.How != "pull" && (after.Status != before.Status || after.SettledAt != before.SettledAt) {
			return fmt.Errorf("rule 4: %s moved the payment from %s to %s", a.How, before.Status, after.Status)
		}
	}
	for p := range s.Payments { // the last pull
		if !s.Payments[p].Unpullable {
			w.learn(p, w.pullOf(p, len(s.Payments[p].States)-1))
		}
	}
	if s.Close >= len(s.Reached) && s.Close < 2*len(s.Reached)+2 {
		w.close()
	}
	return w.judge()
}

func (w *walk) close() {
	if w.order.Status == Open {
		w.order.Closed = Expired
		w.concluded()
	}
}

func TestPureHistoriesEndWhereTheLastPullSays(t *testing.T) {
	for range histories(t, 10000) {
		rapid.Check(t, func(t *rapid.T) {
			s := sagas.Draw(t, "saga")
			if err := s.run(ours); err != nil {
				t.Fatal(err)
			}
		})
	}
}
