package shop

import (
	"mostrador/messages"
	"mostrador/views"
)

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
	StateUnderpaid   State = "underpaid"
	StateReturned    State = "returned"
	StateCancelled   State = "cancelled"
	StateExpired     State = "expired"
	StateReview      State = "review"

	// Reviews whose reason a customer may know.
	StateReviewDouble   State = "review_double"   // two payments of one order
	StateReviewLate     State = "review_late"     // came after the order closed, price or stock do not hold any more
	StateReviewStock    State = "review_stock"    // paid, but the goods are gone
	StateReviewReturned State = "review_returned" // sent back after it was paid
)

// States are all states of the page, in the order in which an order may go through them.
var States = []State{
	StateChoose, StateStarting, StateWaiting, StateTold, StateExchanging, StatePayout, StateStuck, StateHold, StateFailed, StateRefused,
	StateClosedThere, StateUnclear, StateSilent, StateSilentSeen, StateMoved, StatePaid, StatePaidLate, StatePaidOver, StateUnderpaid, StateReturned,
	StateCancelled, StateExpired, StateReview, StateReviewDouble, StateReviewLate, StateReviewStock, StateReviewReturned,
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
	Told    bool     // the customer said "I have paid"
}

// StateOf chooses what the order page says. Every combination has an answer; one that nobody thought of is a review.
func StateOf(s Situation) State {
	switch s.Order {
	case "paid":
		return paidState(s.Flags)
	case "underpaid":
		return StateUnderpaid
	case "returned":
		return StateReturned
	case "cancelled":
		return StateCancelled
	case "expired":
		return StateExpired
	case "pending":
		return pendingState(s)
	case "open":
		return openState(s)
	}
	return reviewState(s.Reason)
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
	case s.Silent:
		return StateSilent
	case s.Moved:
		return StateMoved
	case s.Told:
		return StateTold
	}
	return StateWaiting
}

// looks is how a state looks: tone, icon of the chip, icon of the window, tone of the steps.
type looks struct {
	tone Tone
	icon string
	page views.PageIcon
}

var stateLooks = map[State]looks{
	StateChoose:         {Waiting, "wallet", views.IconWaiting},
	StateStarting:       {Waiting, "hourglass", views.IconWaiting},
	StateWaiting:        {Waiting, "clock", views.IconWaiting},
	StateTold:           {Waiting, "eye", views.IconWaiting},
	StateExchanging:     {Waiting, "refresh-cw", views.IconWaiting},
	StatePayout:         {Waiting, "send", views.IconWaiting},
	StateStuck:          {Attention, "life-buoy", views.IconAttention},
	StateHold:           {Attention, "pause", views.IconAttention},
	StateFailed:         {Trouble, "circle-x", views.IconAttention},
	StateRefused:        {Trouble, "circle-x", views.IconAttention},
	StateClosedThere:    {Attention, "circle-slash", views.IconAttention},
	StateUnclear:        {Attention, "circle-question-mark", views.IconAttention},
	StateSilent:         {Attention, "cloud-off", views.IconAttention},
	StateSilentSeen:     {Attention, "cloud-off", views.IconWaiting},
	StateMoved:          {Attention, "trending-up", views.IconAttention},
	StatePaid:           {Good, "circle-check", views.IconPaid},
	StatePaidLate:       {Good, "circle-check", views.IconPaid},
	StatePaidOver:       {Good, "circle-check", views.IconPaid},
	StateUnderpaid:      {Attention, "triangle-alert", views.IconAttention},
	StateReturned:       {Plain, "undo-2", views.IconAttention},
	StateCancelled:      {Plain, "ban", views.IconAttention},
	StateExpired:        {Plain, "clock-alert", views.IconAttention},
	StateReview:         {Attention, "user-check", views.IconAttention},
	StateReviewDouble:   {Attention, "user-check", views.IconAttention},
	StateReviewLate:     {Attention, "user-check", views.IconAttention},
	StateReviewStock:    {Attention, "user-check", views.IconAttention},
	StateReviewReturned: {Attention, "user-check", views.IconAttention},
}

// Chip is how a state is named in two words, also on the list of a person's orders and in mail.
func (s State) Chip(p messages.Printer, args ...any) Chip {
	l := stateLooks[s]
	return Chip{Tone: l.tone, Icon: l.icon, Word: p.Text("state."+string(s)+".chip", args...)}
}

// Say fills what the page says of a state: chip, sentence, explanation, the line below the button, the note, and title and icon of the window.
// args are the marks of the texts (see doc.go) as pairs of name and finished value; {number} is v.Number unless given. mail says whether the shop
// sends mail: without it nothing is promised that needs one. Number and Page.Shop have to be set before.
func (v *OrderView) Say(p messages.Printer, s State, mail bool, args ...any) {
	args = append(args, "number", v.Number)
	key := "state." + string(s) + "."
	text := func(what string) string {
		if !mail && messages.Has(key+what+"_nomail") {
			what += "_nomail"
		}
		if !messages.Has(key + what) {
			return ""
		}
		return p.Text(key+what, args...)
	}
	l := stateLooks[s]
	v.Chip = s.Chip(p, args...)
	v.Title, v.Lead, v.Beneath = text("title"), text("lead"), text("beneath")
	v.Page.Icon = l.page
	v.Page.Title = views.Title(v.Chip.Word, p.Text("order.title", "number", v.Number), v.Page.Shop.Name)
	v.StepsTone = l.tone
	if s == StatePaid || s == StatePaidLate || s == StatePaidOver {
		v.StepsTone = Good
	}
	if note := text("note"); note != "" {
		tone := Plain
		if s == StateExpired || s == StateCancelled {
			tone = Attention
		}
		v.Notes = append(v.Notes, Note{Tone: tone, Icon: noteIcon(s), Title: text("note_title"), Text: note})
	}
}

func noteIcon(s State) string {
	switch s {
	case StateWaiting, StateTold:
		return "wallet"
	case StateExpired, StateCancelled:
		return "triangle-alert"
	case StateReview, StateReviewDouble, StateReviewLate, StateReviewStock, StateReviewReturned, StateStuck, StateHold:
		return "mail"
	}
	return "circle-question-mark"
}

// Times are the moments of the steps as a person reads them; an empty one has not come.
type Times struct {
	Ordered, Seen, Exchanged, Paid Moment
	Ended                          Moment // failed, closed, sent back, or with a person since
}

// StepsOf is the line of steps of a state.
func StepsOf(p messages.Printer, s State, at Times) []Step {
	step := func(key string, state StepState, m Moment, when string) Step {
		if m.Text != "" {
			return Step{Label: p.Text("step." + key), State: state, When: m.Text, ISO: m.ISO}
		}
		if when != "" {
			when = p.Text("step.when_" + when)
		}
		return Step{Label: p.Text("step." + key), State: state, When: when}
	}
	ordered := step("ordered", StepDone, at.Ordered, "")
	exchanging, paid := step("exchanging", StepNext, Moment{}, ""), step("paid", StepNext, Moment{}, "")
	seen := step("seen", StepDone, at.Seen, "")
	switch s {
	case StatePaid, StatePaidLate, StatePaidOver:
		return []Step{ordered, seen, step("exchanged", StepDone, at.Exchanged, ""), step("paid", StepDone, at.Paid, "")}
	case StateExchanging, StateSilentSeen, StateHold:
		return []Step{ordered, seen, step("exchanging", StepNow, Moment{}, "now"), paid}
	case StatePayout, StateStuck:
		return []Step{ordered, seen, step("exchanged", StepDone, at.Exchanged, ""), step("payout", StepNow, Moment{}, "soon")}
	case StateUnderpaid:
		return []Step{ordered, step("part", StepDone, at.Seen, ""), step("rest", StepNow, Moment{}, "open"), paid}
	case StateReview, StateReviewDouble, StateReviewLate, StateReviewStock:
		return []Step{ordered, seen, step("looked", StepNow, at.Ended, "now"), paid}
	case StateReturned, StateReviewReturned:
		return []Step{ordered, seen, step("returned", StepNow, at.Ended, ""), paid}
	case StateFailed, StateRefused, StateClosedThere:
		return []Step{ordered, step("payment", StepNow, at.Ended, "failed"), exchanging, paid}
	case StateMoved, StateChoose:
		return []Step{ordered, step("payment", StepNow, Moment{}, "choice"), exchanging, paid}
	case StateExpired, StateCancelled:
		return []Step{ordered, step("seen", StepNext, Moment{}, "not_yet"), exchanging, paid}
	}
	return []Step{ordered, step("seen", StepNow, Moment{}, "waiting"), exchanging, paid}
}
