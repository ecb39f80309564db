package checkout

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"mostrador/exchanger"
	"mostrador/messages"
	"mostrador/models"
)

type failing interface {
	Helper()
	Fatalf(string, ...any)
}

// explained wants a known cause, somebody who can act and whole sentences in every language.
func explained(t failing, e Explanation) {
	t.Helper()
	if !slices.Contains(Causes, e.Cause) {
		t.Fatalf("unknown cause %q", e.Cause)
	}
	for _, lang := range messages.Languages {
		p := messages.For(lang)
		said := []string{e.Sentence(p, false, time.UTC), e.Sentence(p, true, time.UTC), e.WhoText(p, false), e.WhoText(p, true)}
		for _, v := range e.Evidence {
			said = append(said, e.EvidenceText(v, p, time.UTC))
		}
		for _, s := range said {
			if s == "" || strings.ContainsAny(s, "{}⟦⟧") {
				t.Fatalf("%s in %s says %q", e.Cause, lang, s)
			}
		}
	}
}

// situation is what a walk looks like to somebody who opens the page.
func (w *walk) situation() Situation {
	s := Situation{Order: w.order, Payments: w.payments, Current: Current(w.payments), Site: "coinsbar.net", Now: w.now, Rules: w.rules}
	for _, list := range w.events {
		s.Events = append(s.Events, list...)
	}
	return s
}

// TestRule18EveryStateExplainsItself: any history, at any moment, has one cause, evidence and texts; and every cause is met.
func TestRule18EveryStateExplainsItself(t *testing.T) {
	met := map[string]bool{}
	rapid.Check(t, func(t *rapid.T) {
		s := sagas.Draw(t, "saga")
		w := newWalk(s, ours)
		for i, a := range s.Reached {
			if i == s.Close {
				w.close()
			}
			w.arrive(a)
			look := w.situation()
			look.Down = rapid.IntRange(0, 9).Draw(t, "down") == 0
			e := Explain(look)
			explained(t, e)
			met[e.Cause] = true
			if len(e.Evidence) == 0 && w.order.Status != Open && w.order.Closed == "" {
				t.Fatalf("%s (%s) has no evidence", e.Cause, w.order.Status)
			}
		}
	})
	for _, tt := range causes() {
		e := Explain(tt.s)
		if e.Cause != tt.cause {
			t.Errorf("%s: explained as %s", tt.cause, e.Cause)
		}
		explained(t, e)
		met[tt.cause] = true
	}
	for _, c := range Causes {
		if !met[c] {
			t.Errorf("%s is never met", c)
		}
	}
}

type causeCase struct {
	cause string
	s     Situation
}

// causes are situations by hand, one for each cause at least.
func causes() []causeCase {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) *time.Time { at := now.Add(-d); return &at }
	soon := now.Add(time.Minute)
	rules := Rules{SettleOn: exchanger.StatusDone, Underpaid: units("0.005"), Price: units("0.005")}
	live := func(change func(*models.Payment)) *models.Payment {
		p := &models.Payment{ID: 7, Seq: 1, Phase: PhaseLive, UID: "1409", Status: string(exchanger.StatusWaitPayment), FromSymbol: "BTC", FromXML: "BTC", ToXML: "USDTTRC20", FromDecimals: 8, ToDecimals: 2,
			QuotedIn: units("0.0004"), QuotedOut: units("25"), PriceOut: units("25"), PayoutRate: units("1"), OrderedIn: decimal.NewNullDecimal(units("0.0004")), OrderedOut: decimal.NewNullDecimal(units("25")),
			CurrentIn: decimal.NewNullDecimal(units("0.0004")), CurrentOut: decimal.NewNullDecimal(units("25")), CreatedAt: now.Add(-time.Hour), PulledAt: ago(time.Minute), NextPullAt: &soon}
		if change != nil {
			change(p)
		}
		return p
	}
	is := func(status exchanger.Status) func(*models.Payment) {
		return func(p *models.Payment) { p.Status = string(status) }
	}
	build := func(cause, order string, p *models.Payment, change func(*Situation)) causeCase {
		s := Situation{Order: models.Order{Number: 1042, Status: order, Currency: "USD", Total: 2500, CreatedAt: now.Add(-time.Hour), ExpiresAt: soon}, Current: p, Now: now, Rules: rules, Site: "coinsbar.net"}
		if p != nil {
			s.Payments = []models.Payment{*p}
		}
		if change != nil {
			change(&s)
		}
		return causeCase{cause, s}
	}
	flags := func(f string) func(*Situation) { return func(s *Situation) { s.Order.Flags = f } }
	phase := func(name string) *models.Payment {
		return live(func(p *models.Payment) { p.Phase, p.UID, p.Status, p.PulledAt = name, "", "", nil })
	}
	list := []causeCase{
		build(CauseNoPayment, Open, nil, nil),
		build(CauseWaitingCustomer, Open, live(nil), nil),
		build(CausePriceMoved, Open, live(func(p *models.Payment) {
			p.OrderedIn = decimal.NewNullDecimal(units("0.0005"))
			p.CurrentIn = p.OrderedIn
		}), nil),
		build(CauseCreating, Open, phase(PhaseCreating), nil),
		build(CauseRefusedCreate, Open, phase(PhaseRefused), nil),
		build(CauseUnclearCreate, Open, phase(PhaseUnclear), nil),
		build(CauseWrongHashOnly, Open, func() *models.Payment { p := phase(PhaseUnclear); p.WrongHashes = 2; return p }(), nil),
		build(CauseWrongHashOnly, Open, live(func(p *models.Payment) { p.PulledAt, p.WrongHashes = nil, 1 }), nil),
		build(CauseUnpullable, Open, live(func(p *models.Payment) { p.UID = "" }), nil),
		build(CauseSeenNotConfirmed, Pending, live(is(exchanger.StatusInProgress)), nil),
		build(CauseExchanging, Pending, live(is(exchanger.StatusInProgressPayout)), nil),
		build(CauseExchangerSilent, Pending, live(func(p *models.Payment) { p.PullFailures, p.PulledAt = 3, ago(10*time.Minute) }), nil),
		build(CauseExchangerDown, Open, live(nil), func(s *Situation) { s.Down, s.Since = true, now.Add(-time.Minute) }),
		build(CauseHeld, Pending, live(is(exchanger.StatusHold)), nil),
		build(CausePaymentFailed, Open, live(is(exchanger.StatusErrorPayment)), nil),
		build(CausePayoutFailed, Pending, live(is(exchanger.StatusErrorPayout)), nil),
		build(CauseExchangeCancelled, Open, live(is(exchanger.StatusDeleted)), nil),
		build(CauseReturned, Open, live(is(exchanger.StatusReturned)), nil),
		build(CauseReturned, Returned, live(is(exchanger.StatusReturned)), nil),
		build(CauseShortBy, Underpaid, live(func(p *models.Payment) { p.Status, p.SettledAt = string(exchanger.StatusDone), ago(0) }), func(s *Situation) { s.Order.Received = 2000 }),
		build(CauseGivenBack, Underpaid, live(func(p *models.Payment) { p.Status, p.SettledAt = string(exchanger.StatusDone), ago(0) }), func(s *Situation) { s.Order.Received, s.GivenBack = 2000, true }),
		build(CauseGivenBackSeen, Underpaid, live(is(exchanger.StatusInProgress)), func(s *Situation) { s.GivenBack = true }),
		build(CauseRestUnderWay, Underpaid, live(is(exchanger.StatusInProgress)), nil),
		build(CauseLateSeen, Expired, live(is(exchanger.StatusInProgress)), nil),
		build(CauseLate, Paid, live(is(exchanger.StatusDone)), flags("late over")),
		build(CauseOver, Paid, live(is(exchanger.StatusDone)), flags("over")),
		build(CausePaid, Paid, live(is(exchanger.StatusDone)), flags("drift")),
		build(CauseAccepted, Paid, live(is(exchanger.StatusDone)), func(s *Situation) { s.Order.Accepted = Underpaid }),
		build(CauseCancelled, Cancelled, live(is(exchanger.StatusDeleted)), nil),
		build(CauseExpiredWatched, Expired, live(nil), nil),
		build(CauseExpired, Expired, live(func(p *models.Payment) { p.NextPullAt = nil }), nil),
		build(WhyUnknownStatus, Open, live(is("frozen")), nil),
		build(WhyUnknownStatus, Review, live(nil), nil),
	}
	for _, reason := range ReviewReasons {
		list = append(list, build(reason, Review, live(is(exchanger.StatusDone)), func(s *Situation) { s.Order.ReviewReason = reason }))
	}
	return list
}

func TestExplainingIsTotal(t *testing.T) {
	statuses := append([]string{"", "nonsense"}, OrderStatuses...)
	rapid.Check(t, func(t *rapid.T) {
		s := Situation{Order: models.Order{Status: rapid.SampledFrom(statuses).Draw(t, "order"), Currency: "USD"}, Down: rapid.Bool().Draw(t, "down")}
		if rapid.Bool().Draw(t, "payment") {
			s.Current = &models.Payment{Phase: rapid.SampledFrom([]string{"", PhaseCreating, PhaseRefused, PhaseUnclear, PhaseLive}).Draw(t, "phase"),
				Status: string(anyStatus.Draw(t, "status")), UID: rapid.SampledFrom([]string{"", "1"}).Draw(t, "uid")}
			s.Payments = []models.Payment{*s.Current}
		}
		explained(t, Explain(s))
	})
}

func TestEveryCodeHasItsTexts(t *testing.T) {
	for _, c := range Causes {
		for _, key := range []string{"explain." + c, "explain." + c + ".desk"} {
			if !messages.Has(key) {
				t.Errorf("%s is missing", key)
			}
		}
	}
	for _, c := range EvidenceCodes {
		if !messages.Has("evidence." + c) {
			t.Errorf("evidence.%s is missing", c)
		}
	}
}

func TestSentences(t *testing.T) {
	byCause := map[string]Situation{}
	for _, c := range causes() {
		byCause[c.cause] = c.s
	}
	for _, tt := range []struct {
		cause, lang string
		desk        bool
		want        string
	}{
		{CauseShortBy, "en", false, "Your payment came, but $5.00 of it is missing. What you sent is safe and counts towards this order."},
		{CauseShortBy, "es", true, "Liquidado con 20,00\u00a0$ de 25,00\u00a0$: faltan 5,00\u00a0$. Acéptelo, pida el resto o devuelva el dinero."},
		{CauseExchangerDown, "ru", false, "coinsbar.net не отвечает с 11:59. Сам платёж это не затрагивает, только наши сведения о нём; не отправляйте его снова."},
		{CausePriceMoved, "en", false, "The rate moved while you were choosing: it is 0.0005\u00a0BTC now, and you were shown 0.0004\u00a0BTC. You pay only if you agree."},
	} {
		if got := Explain(byCause[tt.cause]).Sentence(messages.For(tt.lang), tt.desk, time.UTC); got != tt.want {
			t.Errorf("%s in %s:\n got %s\nwant %s", tt.cause, tt.lang, got, tt.want)
		}
	}
}
