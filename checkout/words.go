package checkout

import (
	"slices"
	"strings"

	"mostrador/exchanger"
	"mostrador/models"
)

// The statuses of an order.
const (
	Open      = "open"      // waits for money
	Pending   = "pending"   // payment seen, not settled
	Paid      = "paid"      // settled in full, or accepted by a person
	Underpaid = "underpaid" // settled with less than the price
	Returned  = "returned"  // the exchanger sent the money back
	Cancelled = "cancelled" // by the customer or the merchant
	Expired   = "expired"   // the time to pay ran out
	Review    = "review"    // contradicts itself: a person decides
)

// OrderStatuses lists the statuses of an order in the order in which a person reads them.
var OrderStatuses = []string{Open, Pending, Paid, Underpaid, Returned, Cancelled, Expired, Review}

// Flags: facts beside the status that a person should know.
const (
	FlagLate          = "late"           // settled after the order had closed
	FlagDouble        = "double"         // two payments of one order were settled
	FlagOver          = "over"           // more than the price arrived
	FlagDrift         = "drift"          // the exchange order's amounts are not those it was made with
	FlagPayoutChanged = "payout_changed" // the exchange order pays to other values than were sent
)

// flagTold marks a payment whose inProgress is the customer's own word, given to the exchanger by us.
const flagTold = "told"

// flagSecretLost marks a payment whose secret was damaged in the database: the exchanger cannot be asked about it.
const flagSecretLost = "secret_lost"

var flagOrder = []string{FlagLate, FlagDouble, FlagOver, FlagDrift, FlagPayoutChanged, flagTold, flagSecretLost}

// Phases of a payment: how far its creation came.
const (
	PhaseCreating = "creating" // the intent is stored, the exchanger has not answered
	PhaseRefused  = "refused"  // certainly no exchange order
	PhaseUnclear  = "unclear"  // perhaps an exchange order: the answer was lost
	PhaseLive     = "live"     // an exchange order exists
)

// Why an order is in review.
const (
	WhyReturnedAfterPaid = "returned_after_paid"
	WhyDeletedAfterPaid  = "deleted_after_paid"
	WhyErrorAfterPaid    = "error_after_paid"
	WhyPayoutShort       = "payout_short"
	WhyPayoutChanged     = "payout_changed"
	WhyOtherCurrency     = "other_currency"
	WhyUnknownStatus     = "unknown_status"
	WhyAmountUnknown     = "amount_unknown"
	WhyDouble            = "double"
	WhyOutOfStock        = "out_of_stock"
	WhyRowChanged        = "row_changed"
	WhyPaidAfterRefund   = "paid_after_refund"
)

// ReviewReasons lists every reason of a review.
var ReviewReasons = []string{WhyReturnedAfterPaid, WhyDeletedAfterPaid, WhyErrorAfterPaid, WhyPayoutShort, WhyPayoutChanged, WhyOtherCurrency, WhyUnknownStatus, WhyAmountUnknown, WhyDouble, WhyOutOfStock, WhyRowChanged, WhyPaidAfterRefund}

// The states of an order's hold on stock.
const (
	StockNone     = "none"     // nothing that is counted
	StockHeld     = "held"     // promised to this order
	StockTaken    = "taken"    // sold
	StockReleased = "released" // given back
	StockShort    = "short"    // paid for, but no longer there; or the use of its link was sold while it was closed
)

// rank orders the good way of an exchange order; -1 for what stands beside it.
func rank(s exchanger.Status) int {
	switch s {
	case exchanger.StatusNew:
		return 0
	case exchanger.StatusWaitPayment:
		return 1
	case exchanger.StatusInProgress:
		return 2
	case exchanger.StatusInProgressPayout:
		return 3
	case exchanger.StatusDone:
		return 4
	}
	return -1
}

// backwards tells whether going from one status to another is not the way that exchange orders go by themselves.
func backwards(from, to exchanger.Status) bool {
	if from == "" || from == to || !from.Known() {
		return false
	}
	switch from {
	case exchanger.StatusDone, exchanger.StatusReturned:
		return true
	case exchanger.StatusDeleted: // late money: the exchanger takes it up again
		return rank(to) >= 0 && rank(to) < rank(exchanger.StatusInProgress)
	}
	f, t := rank(from), rank(to)
	switch {
	case f >= 0 && t >= 0:
		return t < f
	case to == exchanger.StatusErrorPayment:
		return f > rank(exchanger.StatusInProgress)
	case f < 0 && t >= 0: // from an error or a hold: back to waiting is a step back, work going on is not
		return t < rank(exchanger.StatusInProgress) && from != exchanger.StatusErrorPayment
	}
	return false
}

// seen tells whether a status says that the exchanger saw the customer's money, or was told of it.
func seen(s exchanger.Status) bool {
	switch s {
	case exchanger.StatusInProgress, exchanger.StatusInProgressPayout, exchanger.StatusErrorPayout, exchanger.StatusHold, exchanger.StatusDone, exchanger.StatusReturned:
		return true
	}
	return false
}

// underWay tells whether money was seen and the exchange is not at its end.
func underWay(s exchanger.Status) bool {
	return seen(s) && s != exchanger.StatusDone && s != exchanger.StatusReturned
}

// withFlag adds a flag; flags keep one order, so that the same facts give the same text.
func withFlag(flags, flag string) string {
	have := strings.Fields(flags)
	if slices.Contains(have, flag) {
		return flags
	}
	return joinFlags(append(have, flag))
}

func hasFlag(flags, flag string) bool { return hasWord(flags, flag) }

func hasWord(words, word string) bool { return slices.Contains(strings.Fields(words), word) }

// takenAsPaid tells whether a person took an order as paid. To accept a row that was put back says nothing of money.
func takenAsPaid(o *models.Order) bool {
	return slices.ContainsFunc(strings.Fields(o.Accepted), func(why string) bool { return why != WhyRowChanged })
}

func joinFlags(have []string) string {
	var out []string
	for _, f := range flagOrder {
		if slices.Contains(have, f) {
			out = append(out, f)
		}
	}
	return strings.Join(out, " ")
}

// accepted tells whether a person took an order as paid in spite of why: Underpaid, or the reason of a review.
func accepted(o *models.Order, why string) bool {
	return slices.Contains(strings.Fields(o.Accepted), why)
}

// accept adds why to what a person accepted. All of it stays, else two reasons would take turns for ever.
func accept(o *models.Order, why string) {
	if !accepted(o, why) {
		o.Accepted = strings.TrimSpace(o.Accepted + " " + why)
	}
}
