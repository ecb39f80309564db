package shop

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/messages"
	"mostrador/views"
	"mostrador/views/shop"
)

// badForm makes an answer of a form that could not be read: too large, or not a form.
func badForm(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return err
	}
	return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
}

// mistaken lists the mistaken fields of a form, gives the first of them the focus, and tells in the window's title how many there are. key counts
// them above the form.
func mistaken(p messages.Printer, key string, page *views.Page, fields ...*shop.Field) (m shop.Mistakes) {
	for _, f := range fields {
		if f.Mistake == "" {
			continue
		}
		f.Focus = len(m.List) == 0
		m.List = append(m.List, shop.Mistake{Field: f.ID, Text: f.Label})
	}
	m.Title = p.Count(key, len(m.List))
	page.Title = views.Title(p.Count("checkout.window_mistakes", len(m.List)), page.Title)
	return m
}

// form is what the checkout page sends, for a new order or another attempt.
type form struct {
	source, link, amount, currency string
	route, email                   string
	fields                         map[string]string // by the field's _id
	agreement, nothingSent         bool
	attempt                        string
	quoted                         string // the route whose amount stood on the button
	shown                          string // that amount, sealed
	choose                         bool   // only amount and fields of the chosen currency are wanted
}

func parseForm(c echo.Context) (form, error) {
	v, err := c.FormParams()
	if err != nil {
		return form{}, badForm(err)
	}
	return formOf(v), nil
}

func formOf(v url.Values) form {
	f := form{
		source: v.Get("source"), link: v.Get("link"), amount: v.Get("amount"), currency: v.Get("currency"), route: strings.TrimSpace(v.Get("route")), email: v.Get("email"),
		fields: map[string]string{}, agreement: ticked(v.Get("agreement")), nothingSent: ticked(v.Get("nothing_sent")), quoted: v.Get("quoted"), shown: v.Get("shown"), choose: v.Get("step") == "choose",
	}
	for name, values := range v {
		if key, ok := strings.CutPrefix(name, "fields["); ok && strings.HasSuffix(key, "]") && len(values) > 0 {
			f.fields[strings.TrimSuffix(key, "]")] = values[0]
		}
	}
	f.attempt = v.Get("attempt") // of any length: its digest is what is kept
	return f
}

// ticked reads a box: browsers send its value or nothing at all.
func ticked(s string) bool {
	switch strings.ToLower(s) {
	case "", "0", "false", "no", "off":
		return false
	}
	return true
}

// asks tells whether the form only wants to see an amount: it says so, or its button showed the amount of another currency. Without a currency
// there is none to see: it is answered with everything that is missing.
func (f form) asks() bool {
	return f.route != "" && (f.choose || f.quoted != "" && f.quoted != f.route)
}

func newAttempt() string { return strings.ToLower(rand.Text()) }

// ofCustomers are the sources of orders that a form can name.
var ofCustomers = []string{checkout.SourceCart, checkout.SourceAmount, checkout.SourceLink}

// placement is what the form asks the domain for.
func (f form) placement(cart, lang string) checkout.Placement {
	source := f.source
	if !slices.Contains(ofCustomers, source) {
		source = "" // what a program may leave out a customer may not
	}
	return checkout.Placement{Source: source, Cart: cart, Link: f.link, Amount: f.amount, Currency: f.currency, Route: f.route, Email: f.email,
		Fields: f.fields, Agreement: f.agreement, Attempt: f.attempt, Lang: lang, Shown: f.shown}
}

// offerOf prices the route of a form. With a price that is not one yet the offer still tells which fields the route asks for.
func (s *side) offerOf(ctx context.Context, route string, price int64) (*checkout.Offer, *checkout.Problem, error) {
	if route == "" {
		return nil, nil, nil
	}
	o, err := s.svc.Quote(ctx, route, price)
	if p, ok := checkout.AsProblem(err); ok {
		return o, p, nil
	}
	return o, nil, err
}
