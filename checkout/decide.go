package checkout

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"mostrador/exchanger"
	"mostrador/models"
	"mostrador/money"
)

// Rules are the parts of the configuration that decisions depend on.
type Rules struct {
	SettleOn  exchanger.Status // done, inProgressPayout or inProgress
	Underpaid decimal.Decimal  // fraction of the price that may be missing
	Price     decimal.Decimal  // fraction by which the exchanger may ask more than the quote
}

// Decision is what becomes of a fact about a payment.
type Decision struct {
	Next    models.Payment // the payment afterwards
	Outcome string         // Applied, Kept or Refused
	Reason  string         // why it was not applied; "" when it was
	Pull    bool           // the exchanger has to be asked now
	Quiet   bool           // nothing was learnt that the log should hold
}

// decide says what becomes of a fact. It is pure and total: no clock, no database, every combination has an answer.
func decide(p models.Payment, f Fact, at time.Time, rules Rules) Decision {
	switch f.Kind {
	case FactNotified:
		return decideNotified(p, f, at, rules)
	case FactPulled:
		return decidePulled(p, f, at, rules)
	case FactCreated:
		return decideCreated(p, f)
	case FactRefused:
		if p.Phase != PhaseCreating {
			return kept(p, "answered_already")
		}
		p.Phase = phaseWithout(p, PhaseRefused)
	case FactUnclear:
		if p.Phase != PhaseCreating {
			return kept(p, "answered_already")
		}
		p.Phase = phaseWithout(p, PhaseUnclear)
	case FactCameBack: // proves nothing (rule 4)
		return Decision{Next: p, Outcome: Kept, Reason: "proves_nothing", Pull: true}
	case FactSuperseded:
		p.Superseded = true
	case FactCancelSent:
		p.CancelAsked = true
	case FactToldPaid: // whoever has the page can say so: it must not come back as the exchanger's own word
		p.Flags = withFlag(p.Flags, flagTold)
	}
	return Decision{Next: p, Outcome: Applied}
}

// phaseWithout is the phase of a payment whose creation brought no uid: live all the same when a proven notification came first.
func phaseWithout(p models.Payment, phase string) string {
	if p.Status != "" {
		return PhaseLive
	}
	return phase
}

func kept(p models.Payment, reason string) Decision {
	return Decision{Next: p, Outcome: Kept, Reason: reason}
}

func pulling(p models.Payment, reason string) Decision {
	return Decision{Next: p, Outcome: Kept, Reason: reason, Pull: true}
}

// Pullable tells whether the exchanger can be asked about a payment: its uid and secret are known.
func Pullable(p *models.Payment) bool {
	return p.Phase == PhaseLive && p.UID != "" && !hasFlag(p.Flags, flagSecretLost)
}

func decideCreated(p models.Payment, f Fact) Decision {
	if p.Phase == PhaseLive && p.UID != "" {
		return kept(p, "answered_already")
	}
	p.Phase, p.UID = PhaseLive, f.UID
	if p.ExchangeID == "" {
		p.ExchangeID = f.OrderID
	}
	if sane(f.In) && sane(f.Out) && f.In.Decimal.IsPositive() { // else the pull that follows says what is asked
		p.OrderedIn, p.OrderedOut = f.In, f.Out
	}
	if !p.CurrentIn.Valid {
		p.CurrentIn, p.CurrentOut = p.OrderedIn, p.OrderedOut
	}
	if p.Status == "" { // else a notification was faster
		p.Status = string(exchanger.StatusNew)
	}
	return Decision{Next: p, Outcome: Applied, Pull: true}
}

// decideNotified is rules 4 and 5 for notifications.
func decideNotified(p models.Payment, f Fact, at time.Time, rules Rules) Decision {
	switch f.Proof {
	case exchanger.Wrong:
		p.WrongHashes++
		return Decision{Next: p, Outcome: Refused, Reason: "wrong_hash"}
	case exchanger.Unproven:
		p.Hints++
		return pulling(p, "no_hash")
	}
	p.Proven++
	status := exchanger.Status(p.Status)
	switch {
	case f.OrderID != "" && p.ExchangeID != "" && f.OrderID != p.ExchangeID:
		return pulling(p, "other_order")
	case f.Stamp < p.LastStamp:
		return kept(p, "older")
	case f.Stamp == p.LastStamp && f.Status == status:
		return kept(p, "repeated")
	case f.Stamp == p.LastStamp && p.LastStamp > 0 && (Pullable(&p) || rank(f.Status) < rank(status)):
		return pulling(p, "same_moment")
	case Pullable(&p) && f.Status != status && f.Stamp < p.PullStamp:
		return pulling(p, "before_pull")
	case Pullable(&p) && backwards(status, f.Status):
		return pulling(p, "backwards")
	}
	p.LastStamp = f.Stamp
	if p.ExchangeID == "" {
		p.ExchangeID = f.OrderID
	}
	if p.Phase == PhaseUnclear || p.Phase == PhaseRefused {
		p.Phase = PhaseLive // it exists after all; without uid and secret its notifications are the only source
	}
	return Decision{Next: learn(p, f, at, rules), Outcome: Applied}
}

// decidePulled is rule 5: what the exchanger answers is the truth.
func decidePulled(p models.Payment, f Fact, at time.Time, rules Rules) Decision {
	if f.UID != "" && p.UID != "" && f.UID != p.UID || f.OrderID != "" && p.ExchangeID != "" && f.OrderID != p.ExchangeID {
		return Decision{Next: p, Outcome: Refused, Reason: "other_order"}
	}
	if p.ExchangeID == "" {
		p.ExchangeID = f.OrderID
	}
	if olderAnswer(p, f) {
		d := kept(p, "older_answer")
		d.Quiet = len(changes(p, learn(p, f, at, rules))) == 0
		return d
	}
	before := p
	if f.Stamp > 0 {
		p.PullStamp = f.Stamp
		if p.LastStamp-999 > f.Stamp { // the exchanger's clock was set back: from now on that one counts
			p.LastStamp = f.Stamp
		}
	}
	next := learn(p, f, at, rules)
	if f.ValuesChanged {
		next.Flags = withFlag(next.Flags, FlagPayoutChanged)
		next.Contradiction = contradiction(next, f, rules)
	}
	return Decision{Next: next, Outcome: Applied, Quiet: len(changes(before, next)) == 0}
}

// cacheAge is how old an answer may be and still come out of a cache. One that is older was dated by a clock that was set back, and is believed.
const cacheAge = 15 * time.Minute

// olderAnswer tells whether a pull's answer was made before what was applied already: a cache in front of the exchanger kept it, or it was overtaken on
// its way. All of it is on the exchanger's own clock.
func olderAnswer(p models.Payment, f Fact) bool {
	if f.Stamp <= 0 {
		return false
	}
	newest := max(p.PullStamp, p.LastStamp-999) // a Date is cut to the second
	behind := time.Duration(newest-f.Stamp) * time.Millisecond
	return behind > 0 && behind <= cacheAge
}

// learn takes over a status and amounts that are believed.
func learn(p models.Payment, f Fact, at time.Time, rules Rules) models.Payment {
	p.Status = string(f.Status)
	known := sane(f.In) && sane(f.Out)
	if known {
		if edited(p, f) {
			p.Flags = withFlag(p.Flags, FlagDrift)
		}
		p.CurrentIn, p.CurrentOut = f.In, f.Out
	}
	if seen(f.Status) && p.SeenAt == nil {
		p.SeenAt = &at
	}
	settles := rank(f.Status) >= rank(rules.SettleOn) && !(f.Status == exchanger.StatusInProgress && hasFlag(p.Flags, flagTold))
	if settles && p.SettledAt == nil {
		p.SettledAt = &at
	}
	if settles && known && !p.SettledOut.Valid { // what cannot be read is not taken for what was promised
		p.SettledIn, p.SettledOut = f.In, f.Out
	}
	p.Contradiction = contradiction(p, f, rules)
	return p
}

// mostUnits is more than any amount that is meant: what is above it was not read right.
var mostUnits = decimal.New(1, 15)

// sane tells whether an amount of the exchanger can be one.
func sane(d decimal.NullDecimal) bool {
	return d.Valid && money.Sound(d.Decimal) && d.Decimal.Sign() >= 0 && d.Decimal.LessThanOrEqual(mostUnits)
}

// edited tells whether other amounts than were known are the exchanger's own doing (rule 14). Where money was seen and both amounts went the same way at
// about the same rate, the customer paid less or more than was asked: that is theirs, and no edit.
func edited(p models.Payment, f Fact) bool {
	if !p.OrderedIn.Valid || !p.OrderedOut.Valid {
		return false // nothing to compare with was promised
	}
	in, out := p.OrderedIn.Decimal, p.OrderedOut.Decimal
	if p.CurrentIn.Valid && p.CurrentOut.Valid {
		in, out = p.CurrentIn.Decimal, p.CurrentOut.Decimal
	}
	if in.Equal(f.In.Decimal) && out.Equal(f.Out.Decimal) {
		return false
	}
	paid := p.SeenAt != nil || seen(f.Status) || f.Status == exchanger.StatusErrorPayment
	if !paid || in.Sign() <= 0 {
		return true
	}
	atTheRate := out.Mul(f.In.Decimal).DivRound(in, 30)
	off := f.Out.Decimal.Sub(atTheRate).Abs()
	if off.LessThanOrEqual(decimal.New(1, -p.ToDecimals)) {
		return false
	}
	sameWay := f.In.Decimal.Cmp(in) != 0 && f.In.Decimal.Cmp(in) == f.Out.Decimal.Cmp(out)
	return !sameWay || off.GreaterThan(atTheRate.Mul(decimal.New(1, -1))) // fixed fees move the rate a little
}

// contradiction says why a person has to look at the payment: every reason, with a space between, since one may have been accepted and another
// not; "" when all fits (rules 10, 11, 14 and 16).
func contradiction(p models.Payment, f Fact, rules Rules) string {
	status := exchanger.Status(p.Status)
	var why []string
	if hasFlag(p.Flags, FlagPayoutChanged) {
		why = append(why, WhyPayoutChanged)
	}
	if f.FromXML != "" && f.FromXML != p.FromXML || f.ToXML != "" && f.ToXML != p.ToXML || f.FromXML == "" && hasWord(p.Contradiction, WhyOtherCurrency) {
		why = append(why, WhyOtherCurrency) // a fact that does not name the currencies says nothing new of them
	}
	if !status.Known() {
		why = append(why, WhyUnknownStatus)
	}
	if hasWord(p.Contradiction, WhyRowChanged) {
		why = append(why, WhyRowChanged)
	}
	if p.SettledAt != nil {
		if after := afterPaid(p, status, rules); after != "" {
			why = append(why, after)
		}
	}
	return strings.Join(why, " ")
}

// afterPaid says what contradicts a settled payment; "" when nothing does.
func afterPaid(p models.Payment, status exchanger.Status, rules Rules) string {
	early := rank(rules.SettleOn) < rank(exchanger.StatusDone)
	switch {
	case status == exchanger.StatusReturned:
		return WhyReturnedAfterPaid
	case status == exchanger.StatusDeleted:
		return WhyDeletedAfterPaid
	case early && (status == exchanger.StatusErrorPayment || status == exchanger.StatusErrorPayout):
		return WhyErrorAfterPaid
	case !p.SettledOut.Valid:
		return WhyAmountUnknown
	case p.CurrentOut.Valid && p.CurrentOut.Decimal.LessThan(p.SettledOut.Decimal.Mul(decimal.NewFromInt(1).Sub(rules.Underpaid))):
		return WhyPayoutShort
	}
	return ""
}
