package shop

import (
	"mostrador/messages"
	"mostrador/views"
)

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
	StateClosing:        {Attention, "clock-alert", views.IconAttention},
	StatePaid:           {Good, "circle-check", views.IconPaid},
	StatePaidLate:       {Good, "circle-check", views.IconPaid},
	StatePaidOver:       {Good, "circle-check", views.IconPaid},
	StateRefunded:       {Plain, "undo-2", views.IconAttention},
	StateUnderpaid:      {Attention, "triangle-alert", views.IconAttention},
	StateGivenBack:      {Plain, "undo-2", views.IconAttention},
	StateRestSeen:       {Waiting, "refresh-cw", views.IconWaiting},
	StateLateSeen:       {Waiting, "refresh-cw", views.IconWaiting},
	StateReturned:       {Plain, "undo-2", views.IconAttention},
	StateCancelled:      {Plain, "ban", views.IconAttention},
	StateExpired:        {Plain, "clock-alert", views.IconAttention},
	StateReview:         {Attention, "user-check", views.IconAttention},
	StateReviewDouble:   {Attention, "user-check", views.IconAttention},
	StateReviewLate:     {Attention, "user-check", views.IconAttention},
	StateReviewStock:    {Attention, "user-check", views.IconAttention},
	StateReviewReturned: {Attention, "user-check", views.IconAttention},
	StateReviewUnpaid:   {Attention, "user-check", views.IconAttention},
}

// Chip is how a state is named in two words, also on the list of a person's orders and in mail.
func (s State) Chip(p messages.Printer, args ...any) Chip {
	l := stateLooks[s]
	return Chip{Tone: l.tone, Icon: l.icon, Word: p.Text("state."+string(s)+".chip", args...)}
}

// Say fills what the page says of a state: chip, sentence, explanation, the line below the button, the note, and title and icon of the window.
// args are the marks of the texts (see doc.go) as pairs of name and finished value; {number} is v.Number unless given. mail says whether the shop
// sends mail: without it nothing is promised that needs one, and without v.SupportMail nobody is asked to write. Number and Page.Shop have to be set before.
func (v *OrderView) Say(p messages.Printer, s State, mail bool, args ...any) {
	args = append(args, "number", v.Number)
	key := "state." + string(s) + "."
	text := func(what string) string {
		if !mail && messages.Has(key+what+"_nomail") {
			what += "_nomail"
		}
		if v.SupportMail == "" && messages.Has(key+what+"_nowrite") {
			what += "_nowrite"
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
	case StateReview, StateReviewDouble, StateReviewLate, StateReviewStock, StateReviewReturned, StateReviewUnpaid, StateStuck, StateHold:
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
	case StateRefunded:
		return []Step{ordered, seen, step("paid", StepDone, at.Paid, ""), step("returned", StepDone, at.Ended, "")}
	case StateExchanging, StateSilentSeen, StateHold, StateLateSeen:
		return []Step{ordered, seen, step("exchanging", StepNow, Moment{}, "now"), paid}
	case StatePayout, StateStuck:
		return []Step{ordered, seen, step("exchanged", StepDone, at.Exchanged, ""), step("payout", StepNow, Moment{}, "soon")}
	case StateUnderpaid:
		return []Step{ordered, step("part", StepDone, at.Seen, ""), step("rest", StepNow, Moment{}, "open"), paid}
	case StateGivenBack:
		return []Step{ordered, step("part", StepDone, at.Seen, ""), step("back", StepNow, Moment{}, "")}
	case StateReview, StateReviewDouble, StateReviewLate, StateReviewStock:
		return []Step{ordered, seen, step("looked", StepNow, at.Ended, "now"), paid}
	case StateRestSeen:
		return []Step{ordered, step("part", StepDone, at.Seen, ""), step("exchanging", StepNow, Moment{}, "now"), paid}
	case StateReturned:
		return []Step{ordered, seen, step("returned", StepDone, at.Ended, "")}
	case StateReviewReturned:
		return []Step{ordered, seen, step("returned", StepDone, at.Ended, ""), step("looked", StepNow, Moment{}, "now")}
	case StateReviewUnpaid:
		return []Step{ordered, step("looked", StepNow, Moment{}, "now"), paid}
	case StateFailed, StateRefused, StateClosedThere:
		return []Step{ordered, step("payment", StepNow, at.Ended, "failed"), exchanging, paid}
	case StateMoved, StateChoose:
		return []Step{ordered, step("payment", StepNow, Moment{}, "choice"), exchanging, paid}
	case StateExpired:
		return []Step{ordered, step("closed", StepDone, at.Ended, "")}
	case StateCancelled:
		return []Step{ordered, step("cancelled", StepDone, at.Ended, "")}
	}
	return []Step{ordered, step("seen", StepNow, Moment{}, "waiting"), exchanging, paid}
}
