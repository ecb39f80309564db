package mail

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"mostrador/messages"
	"mostrador/views"
)

// Kind is what a letter is about.
type Kind string

// The letters to a customer.
const (
	Placed    Kind = "placed"    // the order exists: its address, so that a closed tab loses nothing
	Paid      Kind = "paid"      // with what a receipt has
	Late      Kind = "late"      // paid after it had closed
	Underpaid Kind = "underpaid" // part is missing
	Rest      Kind = "rest"      // the merchant asks for the rest
	Review    Kind = "review"    // with a person
	Returned  Kind = "returned"  // the exchanger sent it back
	Refunded  Kind = "refunded"  // the merchant recorded a refund
	Refused   Kind = "refused"   // the merchant does not send money back, and why
	Expired   Kind = "expired"   // closed unpaid
	Find      Kind = "find"      // "Find my order": the address again
)

// Kinds are all letters to a customer.
var Kinds = []Kind{Placed, Paid, Late, Underpaid, Rest, Review, Returned, Refunded, Refused, Expired, Find}

// Letter is one mail, in the order in which it is read.
type Letter struct {
	Lang    string
	Subject string
	Shop    string // name
	ShopURL string // https://…
	Colour  views.Accent
	Title   string   // where things stand
	Lead    []string // paragraphs
	Due     string   // an amount that stands out; ""
	DueWhat string   // above it: "Still missing"
	Items   []Item   // several things in one letter, before the button
	Button  Link
	Facts   []Fact
	Lines   []Line
	Total   Fact
	Foot    []string // who sends this and why
}

// Link is a button; its address also stands below it as text.
type Link struct{ Label, URL string }

// Fact is a row: what, and its value.
type Fact struct{ Label, Value string }

// Item is one of several things that a letter tells of, with the way to it.
type Item struct{ Title, Text, URL string }

// Line is one kind of goods.
type Line struct{ Title, Detail, Sum string }

// Write fills subject, title, paragraphs, the button's label and the foot from the texts of the kind. Shop and Button.URL have to be set before;
// args are pairs of mark and finished value, {shop} is known.
func (l *Letter) Write(p messages.Printer, kind Kind, args ...any) {
	args = append(args, "shop", l.Shop)
	key := "letter." + string(kind) + "."
	l.Lang = p.Lang()
	l.Subject, l.Title = p.Text(key+"subject", args...), p.Text(key+"title", args...)
	l.Lead = []string{p.Text(key+"lead", args...)}
	if messages.Has(key + "more") {
		l.Lead = append(l.Lead, p.Text(key+"more", args...))
	}
	l.Button.Label = p.Text(key+"button", args...)
	l.Foot = append(l.Foot, p.Text("letter.foot", args...))
}

// colours is the part of the sheet that the merchant chooses. Programs that drop it show a button as a plain link.
func colours(a views.Accent) string {
	rules := func(s views.Shade) string {
		return "a { color: " + s.Ink + "; } a.button { background: " + s.Fill + "; color: " + s.On + "; border: 1px solid " + s.Edge + "; }"
	}
	return "<style>" + rules(a.Light) + " @media (prefers-color-scheme: dark) { " + rules(a.Dark) + " }</style>"
}

// HTML is the letter for programs that show pages.
func (l Letter) HTML(ctx context.Context) (string, error) {
	if l.Colour == (views.Accent{}) {
		l.Colour, _ = views.AccentOf("") // the default is never wrong
	}
	var b bytes.Buffer
	if err := page(l).Render(ctx, &b); err != nil {
		return "", fmt.Errorf("draw the letter %q: %w", l.Subject, err)
	}
	return b.String(), nil
}

// Text is the same letter as plain text.
func (l Letter) Text() string {
	var b strings.Builder
	block := func(lines ...string) {
		kept := lines[:0:0]
		for _, s := range lines {
			if s != "" {
				kept = append(kept, s)
			}
		}
		if len(kept) > 0 {
			b.WriteString(strings.Join(kept, "\n") + "\n\n")
		}
	}
	block(l.Shop)
	block(l.Title)
	for _, p := range l.Lead {
		block(p)
	}
	if l.Due != "" {
		block(l.DueWhat, l.Due)
	}
	for _, x := range l.Items {
		block(x.Title, x.Text, x.URL)
	}
	if l.Button.URL != "" {
		block(l.Button.Label+":", l.Button.URL)
	}
	var rows []string
	for _, x := range l.Lines {
		rows = append(rows, x.Title+"  "+x.Detail+"  "+x.Sum)
	}
	if l.Total.Value != "" {
		rows = append(rows, l.Total.Label+"  "+l.Total.Value)
	}
	block(rows...)
	rows = nil
	for _, f := range l.Facts {
		rows = append(rows, f.Label+": "+f.Value)
	}
	block(rows...)
	block(append([]string{"-- "}, l.Foot...)...)
	return strings.TrimSpace(strings.ReplaceAll(b.String(), "\u00a0", " ")) + "\n"
}
