package shop

// State is what the order page says: finer than the order's status, because a worried person asks finer questions.
type State string

// The states of the page.
const (
	StateChoose      State = "choose"       // no payment yet: a currency has to be chosen
	StateStarting    State = "starting"     // the exchanger is being asked
	StateWaiting     State = "waiting"      // the customer has to pay
	StateTold        State = "told"         // "I have paid", not seen yet
	StateExchanging  State = "exchanging"   // seen
	StatePayout      State = "payout"       // exchanged, on its way to the merchant
	StateStuck       State = "stuck"        // errorPayout: the customer has done everything
	StateHold        State = "hold"         // the exchanger checks
	StateFailed      State = "failed"       // errorPayment
	StateRefused     State = "refused"      // the exchanger would not create the payment
	StateClosedThere State = "closed_there" // deleted at the exchanger, the order is open
	StateUnclear     State = "unclear"      // asked, no answer: it may exist
	StateSilent      State = "silent"       // the exchanger cannot be reached, nothing seen yet
	StateSilentSeen  State = "silent_seen"  // the same after the payment was seen
	StateMoved       State = "moved"        // more is asked than was quoted
	StatePaid        State = "paid"
	StatePaidLate    State = "paid_late"
	StatePaidOver    State = "paid_over"
	StateRefunded    State = "refunded" // was paid, and all of it was sent back
	StateUnderpaid   State = "underpaid"
	StateGivenBack   State = "given_back" // underpaid, and money of it goes back
	StateRestSeen    State = "rest_seen"  // underpaid, and the rest is on its way
	StateLateSeen    State = "late_seen"  // closed, and money is on its way
	StateReturned    State = "returned"
	StateCancelled   State = "cancelled"
	StateExpired     State = "expired"
	StateClosing     State = "closing" // the time to pay ran out, and the exchanger is asked once more
	StateReview      State = "review"

	// Reviews whose reason a customer may know.
	StateReviewDouble   State = "review_double"   // two payments of one order
	StateReviewLate     State = "review_late"     // came after the order closed, price or stock do not hold any more
	StateReviewStock    State = "review_stock"    // paid, but the goods are gone
	StateReviewReturned State = "review_returned" // sent back after it was paid
	StateReviewUnpaid   State = "review_unpaid"   // nothing was seen yet, and nothing should be sent
)

// States are all states of the page, in the order in which an order may go through them.
var States = []State{
	StateChoose, StateStarting, StateWaiting, StateTold, StateExchanging, StatePayout, StateStuck, StateHold, StateFailed, StateRefused,
	StateClosedThere, StateUnclear, StateSilent, StateSilentSeen, StateMoved, StateClosing, StatePaid, StatePaidLate, StatePaidOver, StateRefunded, StateUnderpaid, StateRestSeen, StateGivenBack, StateReturned, StateLateSeen,
	StateCancelled, StateExpired, StateReview, StateReviewDouble, StateReviewLate, StateReviewStock, StateReviewReturned, StateReviewUnpaid,
}

// Situation is what StateOf needs to know, in the words of the domain.
type Situation struct {
	Order   string   // order status: open, pending, paid, underpaid, returned, cancelled, expired, review
	Phase   string   // how far the newest payment's creation came: creating, refused, unclear, live; "" when there is none
	Payment string   // status of the newest payment in the exchanger's words
	Flags   []string // late, double, over, drift, payout_changed
	Reason  string   // of a review: double, late, out_of_stock, returned_after_paid, …; one that a customer need not know is said in general words
	Silent  bool     // the exchanger does not answer
	Moved   bool     // the exchanger asks more than was quoted and the customer has not agreed yet
	Over    bool     // the time to pay ran out
	Told    bool     // the customer said "I have paid"
	Back    bool     // money of an underpaid order goes back or went back: the rest is not taken any more
	Gone    bool     // all the money that came was sent back
	Unseen  bool     // no money was seen by the exchanger
	Moving  bool     // money that is not settled was seen, of whichever payment
}

// StateOf chooses what the order page says. Every combination has an answer; one that nobody thought of is a review.
func StateOf(s Situation) State {
	switch s.Order {
	case "paid":
		if s.Gone {
			return StateRefunded
		}
		return paidState(s.Flags)
	case "underpaid":
		return underpaidState(s)
	case "returned":
		return StateReturned
	case "cancelled", "expired":
		return closedState(s)
	case "pending":
		return pendingState(s)
	case "open":
		return openState(s)
	}
	if s.Unseen {
		return StateReviewUnpaid
	}
	return reviewState(s.Reason)
}

func underpaidState(s Situation) State {
	switch {
	case s.Back:
		return StateGivenBack
	case s.Moving:
		return StateRestSeen
	}
	return StateUnderpaid
}

func closedState(s Situation) State {
	switch {
	case s.Moving:
		return StateLateSeen
	case s.Order == "cancelled":
		return StateCancelled
	}
	return StateExpired
}

func reviewState(reason string) State {
	switch reason {
	case "double":
		return StateReviewDouble
	case "late":
		return StateReviewLate
	case "out_of_stock":
		return StateReviewStock
	case "returned_after_paid":
		return StateReviewReturned
	}
	return StateReview
}

func paidState(flags []string) State {
	state := StatePaid
	for _, f := range flags {
		switch f {
		case "late":
			return StatePaidLate
		case "over":
			state = StatePaidOver
		}
	}
	return state
}

func pendingState(s Situation) State {
	switch s.Payment {
	case "hold":
		return StateHold
	case "errorPayout":
		return StateStuck
	}
	switch {
	case s.Silent:
		return StateSilentSeen
	case s.Payment == "inProgressPayout" || s.Payment == "done":
		return StatePayout
	}
	return StateExchanging
}

func openState(s Situation) State {
	switch {
	case s.Phase == "refused":
		return StateRefused
	case s.Phase == "unclear":
		return StateUnclear
	case s.Phase == "creating":
		return StateStarting
	case s.Payment == "":
		return StateChoose
	case s.Payment == "errorPayment":
		return StateFailed
	case s.Payment == "deleted" || s.Payment == "returned":
		return StateClosedThere
	case s.Payment != "new" && s.Payment != "waitPayment":
		return pendingState(s) // the payment is ahead of the order for a moment
	case s.Over:
		return StateClosing
	case s.Silent:
		return StateSilent
	case s.Moved:
		return StateMoved
	case s.Told:
		return StateTold
	}
	return StateWaiting
}
