package checkout

import (
	"slices"
	"time"

	"mostrador/exchanger"
	"mostrador/models"
	"mostrador/money"
)

// Why an order is where it is. Reviews give their own reason (ReviewReasons) as the cause.
const (
	CauseNoPayment         = "no_payment"         // the customer has not chosen a currency
	CauseWaitingCustomer   = "waiting_customer"   // the exchanger waits for the customer's money
	CausePriceMoved        = "price_moved"        // the exchanger asks more than was shown: the customer is asked again
	CauseCreating          = "creating"           // the exchanger is being asked for an order
	CauseRefusedCreate     = "refused_create"     // it made none
	CauseUnclearCreate     = "unclear_create"     // it may have made one
	CauseWrongHashOnly     = "wrong_hash_only"    // nothing is known but notifications that prove nothing
	CauseUnpullable        = "unpullable"         // only notifications tell of this payment: its uid and secret were lost
	CauseSeenNotConfirmed  = "seen_not_confirmed" // the exchanger has seen the money, or was told of it
	CauseExchanging        = "exchanging"         // it pays out
	CauseExchangerSilent   = "exchanger_silent"   // no answer about this payment though asked
	CauseExchangerDown     = "exchanger_down"     // no answer about anything
	CauseHeld              = "held"               // it looks into the payment
	CausePaymentFailed     = "payment_failed"     // the customer's payment failed there
	CausePayoutFailed      = "payout_failed"      // the payout failed there
	CauseExchangeCancelled = "exchange_cancelled" // deleted there, the order is open
	CauseShortBy           = "short_by"           // settled with less than the price
	CauseGivenBack         = "given_back"         // and money of it went back, or is asked back
	CauseGivenBackSeen     = "given_back_seen"    // and more is on its way all the same
	CauseRestUnderWay      = "rest_under_way"     // and the rest is on its way
	CauseLateSeen          = "late_seen"          // money is on its way for a closed order
	CauseLate              = "late"               // paid after it had closed
	CauseOver              = "over"               // paid with more than the price
	CausePaid              = "paid"
	CauseAccepted          = "accepted" // a person took it as paid
	CauseReturned          = "returned"
	CauseCancelled         = "cancelled"
	CauseExpired           = "expired"         // and nothing of it is watched any more
	CauseExpiredWatched    = "expired_watched" // late money would still be found
)

// Causes lists every cause.
var Causes = append([]string{CauseNoPayment, CauseWaitingCustomer, CausePriceMoved, CauseCreating, CauseRefusedCreate, CauseUnclearCreate, CauseWrongHashOnly,
	CauseUnpullable, CauseSeenNotConfirmed, CauseExchanging, CauseExchangerSilent, CauseExchangerDown, CauseHeld, CausePaymentFailed, CausePayoutFailed,
	CauseExchangeCancelled, CauseShortBy, CauseGivenBack, CauseGivenBackSeen, CauseRestUnderWay, CauseLateSeen, CauseLate, CauseOver, CausePaid, CauseAccepted, CauseReturned, CauseCancelled,
	CauseExpired, CauseExpiredWatched}, ReviewReasons...)

// Who can act.
const (
	WhoCustomer  = "customer"
	WhoExchanger = "exchanger"
	WhoMerchant  = "merchant"
	WhoNobody    = "nobody" // nothing is to be done
)

// silence is how long an exchanger may leave a pull of a payment unanswered before that is the reason for its state.
const silence = 2 * time.Minute

// Situation is all that explaining depends on.
type Situation struct {
	Order     models.Order
	Payments  []models.Payment
	Current   *models.Payment // nil: no payment yet
	Events    []models.Event  // of all payments, the oldest first
	Site      string          // host of Current's exchanger; "": said without its name
	Down      bool            // the exchanger of Current does not answer
	Since     time.Time       // since when
	Now       time.Time
	GivenBack bool // see GivenBack
	Rules     Rules
}

// Explanation is why an order is where it is (rule 18).
type Explanation struct {
	Cause    string // one of Causes
	Args     []any  // pairs of name and value for the sentence: money.Amount, Units, time.Time, int64 and string
	Evidence []Evidence
	Who      string    // who can act: customer, exchanger, merchant, nobody
	Next     time.Time // when the program looks again; zero: never

	now time.Time // when it was asked, so that times of today are said without a date
}

// Evidence is one fact that the explanation stands on.
type Evidence struct {
	EventID int64
	At      time.Time
	Code    string
	Args    []any
}

// Explain says why an order is where it is: the one cause, what proves it, who can act and when the program looks again. It is pure and
// total: it reads no clock and no database, and every situation has an answer.
func Explain(s Situation) Explanation {
	e := Explanation{Cause: cause(s), now: s.Now, Next: nextLook(s)}
	e.Who = whoActs(e.Cause)
	e.Evidence = evidenceFor(e.Cause, s)
	e.Args = s.args(e)
	return e
}

func cause(s Situation) string {
	if slices.ContainsFunc(s.Payments, func(p models.Payment) bool { return len(p.Unreadable) > 0 }) {
		return WhyRowChanged // nothing that is read here can be relied on
	}
	switch s.Order.Status {
	case Review:
		if slices.Contains(ReviewReasons, s.Order.ReviewReason) {
			return s.Order.ReviewReason
		}
		return WhyUnknownStatus
	case Underpaid:
		switch {
		case s.GivenBack && s.moving():
			return CauseGivenBackSeen
		case s.GivenBack:
			return CauseGivenBack
		case s.moving():
			return CauseRestUnderWay
		}
		return CauseShortBy
	case Paid:
		switch {
		case s.Order.Accepted != "":
			return CauseAccepted
		case hasFlag(s.Order.Flags, FlagLate):
			return CauseLate
		case hasFlag(s.Order.Flags, FlagOver):
			return CauseOver
		}
		return CausePaid
	case Returned:
		return CauseReturned
	case Cancelled, Expired:
		return closedCause(s)
	}
	return openCause(s)
}

func closedCause(s Situation) string {
	switch {
	case s.moving():
		return CauseLateSeen
	case s.Order.Status == Cancelled:
		return CauseCancelled
	case nextLook(s).IsZero():
		return CauseExpired
	}
	return CauseExpiredWatched
}

// moving tells whether money that is not settled was seen. Of a closed order the customer's word alone is no sight of it.
func (s Situation) moving() bool {
	closed := s.Order.Closed != ""
	return slices.ContainsFunc(s.Payments, func(p models.Payment) bool {
		return p.SettledAt == nil && underWay(exchanger.Status(p.Status)) && !(closed && onWord(&p))
	})
}

// openCause explains an order that waits for money, or for an exchange to end, by its current payment.
func openCause(s Situation) string {
	p := s.Current
	if p == nil {
		return CauseNoPayment
	}
	switch p.Phase {
	case PhaseCreating:
		return CauseCreating
	case PhaseRefused:
		return CauseRefusedCreate
	case PhaseUnclear:
		if p.WrongHashes > 0 && p.Proven == 0 {
			return CauseWrongHashOnly
		}
		return CauseUnclearCreate
	}
	switch exchanger.Status(p.Status) { // these say more than how the exchanger answers
	case exchanger.StatusHold:
		return CauseHeld
	case exchanger.StatusErrorPayment:
		return CausePaymentFailed
	case exchanger.StatusErrorPayout:
		return CausePayoutFailed
	case exchanger.StatusDeleted:
		return CauseExchangeCancelled
	case exchanger.StatusReturned:
		return CauseReturned
	}
	switch {
	case !Pullable(p):
		return CauseUnpullable
	case s.Down:
		return CauseExchangerDown
	case s.silent(p):
		return CauseExchangerSilent
	case p.PulledAt == nil && p.WrongHashes > 0 && p.Proven == 0:
		return CauseWrongHashOnly
	}
	switch exchanger.Status(p.Status) {
	case exchanger.StatusInProgress:
		return CauseSeenNotConfirmed
	case exchanger.StatusInProgressPayout, exchanger.StatusDone: // done is settled at once, so it is not met here
		return CauseExchanging
	case exchanger.StatusNew, exchanger.StatusWaitPayment, "":
		if PriceMoved(p, s.Rules) {
			return CausePriceMoved
		}
		return CauseWaitingCustomer
	}
	return WhyUnknownStatus
}

// silent tells whether the exchanger was asked about a payment and has not answered for long, or nobody has asked though it is due.
func (s Situation) silent(p *models.Payment) bool {
	overdue := p.NextPullAt != nil && s.Now.Sub(*p.NextPullAt) > silence
	return (p.PullFailures > 0 || overdue) && s.Now.Sub(lastAnswer(p)) > silence
}

func lastAnswer(p *models.Payment) time.Time {
	if p.PulledAt != nil {
		return *p.PulledAt
	}
	return p.CreatedAt
}

// nextLook is when the first of the payments is pulled next; never before now.
func nextLook(s Situation) time.Time {
	var next time.Time
	for i := range s.Payments {
		if at := s.Payments[i].NextPullAt; at != nil && (next.IsZero() || at.Before(next)) {
			next = *at
		}
	}
	if !next.IsZero() && next.Before(s.Now) {
		return s.Now
	}
	return next
}

func whoActs(cause string) string {
	switch cause {
	case CauseNoPayment, CauseWaitingCustomer, CausePriceMoved, CauseRefusedCreate, CauseUnclearCreate, CausePaymentFailed, CauseExchangeCancelled, CauseShortBy:
		return WhoCustomer
	case CauseSeenNotConfirmed, CauseExchanging, CauseExchangerSilent, CauseExchangerDown, CauseHeld, CausePayoutFailed, CauseUnpullable, CauseRestUnderWay, CauseGivenBackSeen, CauseLateSeen:
		return WhoExchanger
	case CauseCreating, CausePaid, CauseLate, CauseAccepted, CauseReturned, CauseCancelled, CauseExpired, CauseExpiredWatched:
		return WhoNobody
	}
	return WhoMerchant // reviews, a surplus, notifications with a wrong hash
}

// args are what the sentences of any cause may speak of. What is not known is zero.
func (s Situation) args(e Explanation) []any {
	o := &s.Order
	in, out := Units{}, Units{}
	p := s.Current
	if p == nil {
		p = &models.Payment{}
	} else {
		in, out = Units{p.CurrentIn.Decimal, p.FromSymbol, p.FromDecimals}, Units{p.CurrentOut.Decimal, p.ToSymbol, p.ToDecimals}
		if !p.CurrentIn.Valid {
			in.Value, out.Value = p.QuotedIn, p.QuotedOut
		}
	}
	since := o.CreatedAt
	switch {
	case e.Cause == CauseExchangerDown && !s.Since.IsZero():
		since = s.Since
	case e.Cause == CauseExchangerSilent || e.Cause == CauseExchangerDown:
		since = lastAnswer(p)
	case len(e.Evidence) > 0:
		since = e.Evidence[len(e.Evidence)-1].At
	}
	return []any{"number", o.Number, "total", money.FromMinor(o.Total, o.Currency), "received", money.FromMinor(o.Received, o.Currency),
		"missing", money.FromMinor(Missing(o), o.Currency), "surplus", money.FromMinor(Surplus(o), o.Currency), "site", s.Site, "status", p.Status,
		"currency", p.FromName, "in", in, "out", out, "quoted", Units{p.QuotedIn, p.FromSymbol, p.FromDecimals},
		"since", since, "expires", o.ExpiresAt, "uid", p.UID, "failures", p.PullFailures, "wrong", p.WrongHashes}
}
