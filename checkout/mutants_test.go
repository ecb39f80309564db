package checkout

import (
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"mostrador/exchanger"
	"mostrador/models"
)

// mutants are rules broken on purpose. The search of pure_test.go has to find each of them, else it could not find a real mistake.
var mutants = []struct {
	name     string
	decide   func(models.Payment, Fact, time.Time, Rules) Decision
	conclude func(models.Order, []models.Payment, Rules, time.Time) models.Order
}{
	{name: "rule 4: a hint is applied", decide: func(p models.Payment, f Fact, at time.Time, r Rules) Decision {
		if f.Proof == exchanger.Unproven {
			f.Proof = exchanger.Proven
		}
		return decide(p, f, at, r)
	}},
	{name: "rule 4: a wrong hash is believed", decide: func(p models.Payment, f Fact, at time.Time, r Rules) Decision {
		if f.Proof == exchanger.Wrong {
			f.Proof = exchanger.Proven
		}
		return decide(p, f, at, r)
	}},
	{name: "rule 4: the return address proves payment", decide: func(p models.Payment, f Fact, at time.Time, r Rules) Decision {
		if f.Kind == FactCameBack {
			return Decision{Next: learn(p, f, at, r), Outcome: Applied}
		}
		return decide(p, f, at, r)
	}},
	{name: "rule 4: a notification about another exchange order is applied", decide: func(p models.Payment, f Fact, at time.Time, r Rules) Decision {
		if f.Kind == FactNotified {
			f.OrderID = p.ExchangeID
		}
		return decide(p, f, at, r)
	}},
	{name: "rule 5: an older notification is applied", decide: func(p models.Payment, f Fact, at time.Time, r Rules) Decision {
		if f.Kind == FactNotified {
			p.LastStamp = 0
		}
		return decide(p, f, at, r)
	}},
	{name: "rule 5: a pull may not go backwards", decide: func(p models.Payment, f Fact, at time.Time, r Rules) Decision {
		if f.Kind == FactPulled && backwards(exchanger.Status(p.Status), f.Status) {
			return kept(p, "backwards")
		}
		return decide(p, f, at, r)
	}},
	{name: "rule 8: every done settles again", decide: func(p models.Payment, f Fact, at time.Time, r Rules) Decision {
		p.SettledAt = nil
		return decide(p, f, at, r)
	}},
	{name: "rule 8: a pull that finds it done does not settle", decide: func(p models.Payment, f Fact, at time.Time, r Rules) Decision {
		if f.Kind == FactPulled {
			r.SettleOn = "never"
		}
		d := decide(p, f, at, r)
		if f.Kind == FactPulled {
			d.Next.SettledAt = p.SettledAt
		}
		return d
	}},
	{name: "rule 9: any amount is enough", conclude: func(o models.Order, list []models.Payment, r Rules, at time.Time) models.Order {
		r.Underpaid = decimal.NewFromInt(1)
		return conclude(o, list, r, at)
	}},
	{name: "rule 9: a surplus is not shown", conclude: func(o models.Order, list []models.Payment, r Rules, at time.Time) models.Order {
		o = conclude(o, list, r, at)
		o.Flags = without(o.Flags, FlagOver)
		return o
	}},
	{name: "rule 10: another currency is taken", decide: func(p models.Payment, f Fact, at time.Time, r Rules) Decision {
		f.FromXML, f.ToXML = p.FromXML, p.ToXML
		return decide(p, f, at, r)
	}},
	{name: "rule 10: returned after done undoes the payment in silence", decide: func(p models.Payment, f Fact, at time.Time, r Rules) Decision {
		d := decide(p, f, at, r)
		if d.Next.Contradiction == WhyReturnedAfterPaid || d.Next.Contradiction == WhyDeletedAfterPaid {
			d.Next.Contradiction, d.Next.SettledAt = "", nil
		}
		return d
	}},
	{name: "rule 11: an unknown status is nobody's business", decide: func(p models.Payment, f Fact, at time.Time, r Rules) Decision {
		d := decide(p, f, at, r)
		if d.Next.Contradiction == WhyUnknownStatus {
			d.Next.Contradiction = ""
		}
		return d
	}},
	{name: "rule 12: late money is lost", conclude: func(o models.Order, list []models.Payment, r Rules, at time.Time) models.Order {
		if o.Closed != "" {
			o.Status = o.Closed
			return o
		}
		return conclude(o, list, r, at)
	}},
	{name: "rule 12: late money is not told apart", conclude: func(o models.Order, list []models.Payment, r Rules, at time.Time) models.Order {
		o = conclude(o, list, r, at)
		o.Flags = without(o.Flags, FlagLate)
		return o
	}},
	{name: "rule 13: two payments are one with a surplus", conclude: func(o models.Order, list []models.Payment, r Rules, at time.Time) models.Order {
		accept(&o, WhyDouble)
		return conclude(o, list, r, at)
	}},
	{name: "rule 13: an earlier attempt is no longer watched", decide: func(p models.Payment, f Fact, at time.Time, r Rules) Decision {
		if p.Superseded {
			return kept(p, "superseded")
		}
		return decide(p, f, at, r)
	}},
	{name: "rule 14: the amounts ordered follow the exchanger's", decide: func(p models.Payment, f Fact, at time.Time, r Rules) Decision {
		d := decide(p, f, at, r)
		d.Next.OrderedIn, d.Next.OrderedOut = d.Next.CurrentIn, d.Next.CurrentOut
		return d
	}},
	{name: "rule 14: an edited amount is not flagged", decide: func(p models.Payment, f Fact, at time.Time, r Rules) Decision {
		d := decide(p, f, at, r)
		d.Next.Flags = without(d.Next.Flags, FlagDrift)
		return d
	}},
	{name: "rule 15: goods that are gone are sold again", conclude: func(o models.Order, list []models.Payment, r Rules, at time.Time) models.Order {
		if o.Stock == StockShort {
			o.Stock = StockReleased
		}
		return conclude(o, list, r, at)
	}},
	{name: "rule 16: another wallet is as good", decide: func(p models.Payment, f Fact, at time.Time, r Rules) Decision {
		f.ValuesChanged = false
		return decide(p, f, at, r)
	}},
}

func without(flags, flag string) string {
	var out []string
	for _, f := range strings.Fields(flags) {
		if f != flag {
			out = append(out, f)
		}
	}
	return joinFlags(out)
}

func TestEveryBrokenRuleIsCaught(t *testing.T) {
	const tries = 4000
	drawn := make([]saga, 0, tries)
	for seed := range tries {
		drawn = append(drawn, sagas.Example(seed))
	}
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			b := ours
			if m.decide != nil {
				b.decide = m.decide
			}
			if m.conclude != nil {
				b.conclude = m.conclude
			}
			for i, s := range drawn {
				if err := s.run(b); err != nil {
					t.Logf("caught by history %d: %v", i, err)
					return
				}
			}
			t.Fatalf("%d histories have not found it", tries)
		})
	}
}

// TestTamperingIsFound changes one column, or one event, after an honest history.
func TestTamperingIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := sagas.Draw(t, "saga")
		w := newWalk(s, ours)
		for _, a := range s.Reached {
			w.arrive(a)
		}
		p, events := w.payments[0], w.events[0]
		if bad := Verify(p, events); len(bad) > 0 {
			t.Fatalf("an honest log: %+v", bad)
		}
		if rapid.Bool().Draw(t, "row") {
			tamperRow(t, p, events)
			return
		}
		e := append([]models.Event{}, events...)
		i := rapid.IntRange(0, len(e)-1).Draw(t, "event")
		switch rapid.SampledFrom([]string{"status", "data", "time", "reason", "gone", "swapped"}).Draw(t, "what") {
		case "status":
			e[i].Status += "x"
		case "data":
			e[i].Data = strings.Replace(e[i].Data, `"`, ` "`, 1)
		case "time":
			e[i].At = e[i].At.Add(time.Microsecond)
		case "reason":
			e[i].Reason += "x"
		case "gone":
			e = append(e[:i:i], e[i+1:]...)
		case "swapped":
			if j := (i + 1) % len(e); j != i {
				e[i], e[j] = e[j], e[i]
			} else {
				return
			}
		}
		if len(Verify(p, e)) == 0 {
			t.Fatalf("event %d was tampered with, and nothing is found", i+1)
		}
	})
}

func tamperRow(t *rapid.T, p models.Payment, events []models.Event) {
	for _, c := range columns {
		q := p
		switch v := c.get(&q).(type) {
		case bool:
			_ = c.set(&q, !v)
		case nil:
			if c.set(&q, "2026-01-01T00:00:00Z") != nil {
				_ = c.set(&q, "12.5")
			}
		case string:
			for _, other := range []string{"2026-01-01T00:00:00Z", "987654", "x"} {
				if c.set(&q, other) == nil && c.get(&q) != v {
					break
				}
			}
		}
		if c.get(&q) == c.get(&p) {
			t.Fatalf("%s could not be tampered with", c.name)
		}
		found := false
		for _, m := range Verify(q, events) {
			found = found || m.What == c.name
		}
		if !found {
			t.Fatalf("%s was changed in the row, and nothing is found", c.name)
		}
	}
	for name, change := range map[string]func(*models.Payment){"events": func(p *models.Payment) { p.Events++ }, "head": func(p *models.Payment) { p.Head = models.Digest("x") }} {
		q := p
		change(&q)
		if len(Verify(q, events)) == 0 {
			t.Fatalf("%s was changed in the row, and nothing is found", name)
		}
	}
}
