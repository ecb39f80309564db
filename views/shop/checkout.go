package shop

import (
	"slices"
	"strings"

	"mostrador/views"

	"github.com/a-h/templ"
)

// CheckoutView is the page on which somebody pays: a cart, a free amount, a payment link, or another attempt for an order that exists.
type CheckoutView struct {
	Page        views.Page
	Heading     string
	Lead        string        // one muted line: what is paid for (payment link), what is missing (pay the rest)
	Action      templ.SafeURL // /orders, or /orders/{token}/pay
	Hidden      []Hidden      // source, link, amount, attempt
	Mistakes    Mistakes
	Notice      *Note  // "The amount for Litecoin is below", "The rate was renewed"
	Amount      *Field // in the shop's currency, where what was typed is not an amount; nil: it is settled
	Currency    string // beside Amount
	Email       *Field // nil: known already
	NothingSent *Check // nil: no earlier payment can be under way
	Routes      Routes
	Price       string // plain decimal in the shop's currency, for /quote
	Quote       Quote
	Agreement   Check // its text comes from Quote.Agreement
	Summary     Summary
	NoCurrency  *Empty // instead of everything: nothing can serve this amount now
}

// Routes is the list of currencies.
type Routes struct {
	Top       []Route // in sight
	More      []Route // behind "28 more currencies"
	MoreOpen  bool    // a choice or a search is among them
	MoreLabel string  // "28 more currencies"
	Count     string  // "31 currencies": what a search counts from
	Mistake   string  // none was chosen
	Focus     bool
}

// Route is one currency that can be paid with.
type Route struct {
	ID     string // site/routeId, the value of the radio
	Disc   views.Disc
	Name   string // "Bitcoin"
	Net    string // "Bitcoin network"
	Due    views.Money
	Why    string // why it cannot be chosen: "from 0.02 ETH"; "": it can
	Last   bool   // used by this customer the last time
	Chosen bool
	Find   string // what a search looks through beside name and network: codes, other names
	Symbol string // "BTC"
	Bank   bool   // paid by card or through a bank
}

func (r Route) find() string {
	return strings.ToLower(strings.Join([]string{r.Name, r.Net, r.Symbol, r.Find}, " "))
}
func (r Route) id() string {
	return "route-" + strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			return c
		}
		return '-'
	}, r.ID)
}
func (r Route) long() bool { return len([]rune(r.Due.Text())) > 18 }

// Arrange puts the chosen and the last used currency first, keeps the given order otherwise, and moves what cannot be chosen to the end; the first
// n are in sight, among them one by card or bank where there is any: who has nothing else need not search. When few are left over all are.
func Arrange(all []Route, n int) (top, more []Route) {
	var first, rest, dim []Route
	for _, r := range all {
		switch {
		case r.Why != "":
			dim = append(dim, r)
		case r.Chosen || r.Last:
			first = append(first, r)
		default:
			rest = append(rest, r)
		}
	}
	ordered := append(append(first, rest...), dim...)
	if len(ordered) <= n+1 {
		return ordered, nil
	}
	bank := slices.IndexFunc(ordered, func(r Route) bool { return r.Bank && r.Why == "" })
	if r := ordered; bank >= n && n > 0 && !r[n-1].Chosen && !r[n-1].Last {
		moved := r[bank]
		ordered = slices.Insert(slices.Delete(r, bank, bank+1), n-1, moved)
	}
	return ordered[:n:n], ordered[n:]
}

// Quote is what depends on the chosen currency, and is replaced as one when another is chosen. The zero value is "none chosen yet".
type Quote struct {
	Route       string // the chosen route, also sent back as `quoted`
	Shown       string // the amount below, sealed: sent back as `shown`, so that nobody is asked for more than they saw
	FieldsTitle string // "For a payment in Bitcoin"
	Fields      []Field
	Due         views.Money
	Rate        string     // "$42.50 at 1 BTC = $106,218.13"
	Pay         string     // on the button: "Pay 0.00040012 BTC"
	Busy        string     // on the button while it works: "Creating your payment…"
	BusyLong    string     // below it when that takes long
	Next        string     // "Next: the address to send to, at coinsbar.net"
	Held        *Countdown // how long the rate is shown before it is asked for again
	Final       string     // that the exchanger's page has the last word, and within what
	Agreement   []views.Span
	Problem     string // why there is no amount now; the other currencies still work
	Row         *Route // its row in the list as it is now, sent along where only the quote is drawn anew
}

// Summary is what is paid for.
type Summary struct {
	Count  string // "4 items", or the title of the link
	Lines  []Line
	Rows   []Fact // goods, exchange fee "in the rate"
	Total  string
	Change *Link // "Change the cart"
}

// AmountView asks how much shall be paid: a free payment, or a link with an open amount.
type AmountView struct {
	Page     views.Page
	Heading  string
	Lead     string
	Action   templ.SafeURL // /pay or /pay/{link}; the form is a GET with amount
	Amount   Field
	Currency string // beside the field
	Mistakes Mistakes
}

// agreement is the box with the text of the chosen route's site.
func (v CheckoutView) agreement() Check {
	c := v.Agreement
	if c.ID == "" {
		c.ID, c.Name = "agreement", "agreement"
	}
	if len(v.Quote.Agreement) > 0 {
		c.Text = v.Quote.Agreement
	}
	return c
}

// page adds to the shell what a choice of currency needs to change the page in place.
func (v CheckoutView) page() views.Page {
	p := v.Page
	p.Width, p.NoIndex, p.Htmx = views.WidthCheckout, true, true
	return p
}
