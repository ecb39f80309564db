package shop

import (
	"mostrador/views"

	"github.com/a-h/templ"
)

// OrderView is the page of one order, in the order of the page. Say fills what depends on the state, the caller what it knows.
type OrderView struct {
	Page    views.Page
	Self    string // /orders/{token}: the fragment is asked from here with HX-Request
	Events  string // /orders/{token}/events; "": nothing can change any more
	Status  string // /orders/{token}/status
	Version string // changes when anything on the page does: an answer with the same version is not drawn again

	Number string
	Placed Moment

	Came *Note // above everything: the person has just come back from the exchanger

	Chip  Chip
	Left  *Countdown // time left to pay
	Since *Moment    // in its place: "today, 15:04", "since 15:10"
	Title string     // where things stand and what to do; with Due, the words before the amount
	Due   views.Money
	Lead  string
	Parts *Parts // what came and what is missing

	Main    *Action  // the one filled button
	Others  []Action // plain buttons beside it
	Beneath string   // one line below
	Again   *Again   // another attempt
	OnSite  *OnSite  // pay here, without the exchanger's page
	Back    *Link    // "Ask for your money back"

	Steps     []Step
	StepsTone Tone // of the live step: Waiting, Attention, Trouble; Good when all is done

	Notes   []Note
	Explain *Explain

	Lines []Line
	Total string

	SupportMail templ.SafeURL // mailto: with the number as subject; "": no support address
	Support     string        // the address
	Another     *Link         // "Pay with another currency"
	Cancel      *Action       // POST /orders/{token}/cancel
	Receipt     *Link
}

// Parts shows what came of a payment that is not whole.
type Parts struct {
	Share int // of 100, that has arrived
	Rows  []PartRow
}

// PartRow is one row: ordered, arrived, missing.
type PartRow struct {
	Label  string
	Amount string // as sent
	Worth  string // in the shop's currency
	Total  bool   // the last row: what is missing
}

// Again is the form for another attempt with the same currency: POST /orders/{token}/pay.
type Again struct {
	Action      templ.SafeURL
	Hidden      []Hidden // route, attempt, agreement
	NothingSent *Check   // nil: nothing can have been sent
	Button      string   // "Try again with BTC"
	Busy        string
	Another     *Link // "Another currency"
}

// Step is one of the line of steps.
type Step struct {
	Label string
	State StepState
	When  string // "14:45", "waiting"
	ISO   string // where When is a time
}

// StepState says whether a step is over.
type StepState string

// The states of a step.
const (
	StepDone StepState = "done"
	StepNow  StepState = "now"
	StepNext StepState = ""
)

// Explain answers "Why is it not paid yet?" with what is known and how.
type Explain struct {
	Question string // "Why is it not paid yet?", "How we know this"
	Sentence string
	Evidence []Evidence
	Who      string // who can do something
	Next     string // when the program looks again
}

// Evidence is one thing that is known.
type Evidence struct {
	When Moment
	Text string
}

// OnSite is a payment without the exchanger's page: everything that a wallet needs.
type OnSite struct {
	AmountText        string // the amount as it is read, where the sentence above does not hold it (Due is empty)
	Amount            string // to copy: plain digits, without currency and grouping
	QR                views.QR
	QRHolds           string        // "The QR code holds amount, address and tag."
	WalletURI         templ.SafeURL // bitcoin:…; "": no known scheme
	Network           string
	NetworkDisc       views.Disc
	Address           string
	AddressLabel      string   // "Address", "WM purse", "Card number"
	Tag               string   // memo or tag; "": none
	TagLabel          string   // "Destination tag"
	InstructionsTitle string   // "What coinsbar.net says about this payment"
	Instructions      []string // the exchanger's own words, paragraphs of plain text
	Paid              *Action  // "I have paid"; nil: said already
	PaidWhy           string   // "We look at once. We also see it without this button."
	Elsewhere         *Action  // the exchanger's page, where only it can go on
	ElsewhereWhy      string   // files or a verification that the exchanger wants
}

// dueLabel is the sentence in one piece, for who does not see the size of the amount.
func (v OrderView) showDue() bool { return !v.Due.Empty() }

func (s Step) class() string { return string(s.State) }

func (v OrderView) trail() string { return "trail trail-" + string(v.StepsTone) }

// page adds to the shell what makes the page live: the stream of events, the poll behind it and, where scripts are off, the refresh.
func (v OrderView) page() views.Page {
	p := v.Page
	p.Width, p.NoIndex, p.MainClass = views.WidthOrder, true, "pt-4 sm:pt-8"
	if v.Events == "" {
		return p
	}
	p.Live = true
	if p.Refresh == 0 {
		p.Refresh = 15
		if v.Again != nil {
			p.Refresh = 60 // somebody is filling in a form
		}
	}
	p.Main = templ.Attributes{
		"hx-ext": "sse", "sse-connect": v.Events, "sse-swap": "order", "hx-swap": "innerHTML",
		"data-live": v.Self, "data-status": v.Status,
	}
	return p
}
