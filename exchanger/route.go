package exchanger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/shopspring/decimal"
)

// Currency is one side of a route as the exchanger names it.
type Currency struct {
	Name     string // such as Bitcoin
	Symbol   string // what a person reads, such as USD; not unique
	XML      string // the currency's code, such as USDTTRC20
	Image    string // address of an icon at the exchanger; never load it from a page
	Position int    // order in the exchanger's lists
}

// Rate is the price of a route: In units of from buy Out units of to.
type Rate struct {
	In, Out      decimal.Decimal
	Amount       decimal.Decimal // the exchanger's reserve, in units of to
	AmountKnown  bool            // false: no reserve was named, which is no limit
	OutFeeAmount decimal.Decimal // flat fee in units of to; only in a Route
	RateFull     decimal.Decimal // units of from for one unit of to; only in a Route
}

// RouteSummary is a route as the list has it: enough to choose from, not enough to price.
type RouteSummary struct {
	ID          string
	Show        bool // false: the exchanger hides it, hide it too
	From, To    Currency
	Rate        Rate // without fee, discounts and limits
	FriendlyURL string
}

// Discount lowers rate.in by Percent when the customer pays more than MoreThan units of from [client].
type Discount struct{ MoreThan, Percent decimal.Decimal }

// Side is one side of a Route.
type Side struct {
	Currency
	Min, Max      decimal.Decimal // units of this currency; only for from. Max 0: no limit
	Decimals      int32           // 2 where not given [client]
	DecimalsKnown bool
	Fields        []Field
	Discounts     []Discount // only for from, by rising bound
	Verification  bool       // the exchanger may ask for papers on this side
}

// Verification tells when a customer must pass the exchanger's verification.
type Verification struct {
	Enable    bool
	MinAmount decimal.Decimal // units of from; 0: always
}

// Route is a direction of exchange with all that is needed to price it and to ask the customer.
type Route struct {
	ID                   string
	From, To             Side
	Rate                 Rate
	Fields               []Field // of the route itself, sent as RouteValues
	Instructions         []Instruction
	RequiredVerification Verification
	RequestID            string
}

// NeedsVerification says whether a customer who pays in units of from must be verified first. Whether the bound itself
// counts is not known [?]: it does here.
func (r Route) NeedsVerification(in decimal.Decimal) bool {
	return r.RequiredVerification.Enable && in.GreaterThanOrEqual(r.RequiredVerification.MinAmount)
}

// Routes lists the routes of the site, hidden ones too (Show false), in the exchanger's own order. Routes that cannot be
// read are left out. The error is an *Unavailable or a *Refused.
func (c *Client) Routes(ctx context.Context) ([]RouteSummary, error) {
	a, err := c.read(ctx, "public/exchanger/route/get", nil)
	if err != nil {
		return nil, fmt.Errorf("list routes of %s: %w", c.site.Name, err)
	}
	routes, err := decodeRoutes(a.data)
	if err != nil {
		return nil, fmt.Errorf("list routes of %s: %w", c.site.Name, &Unavailable{Err: err})
	}
	return routes, nil
}

// Route reads one route by its id, with texts in lang where the exchanger has them. Errors as for Routes, and ErrNotFound.
func (c *Client) Route(ctx context.Context, id, lang string) (Route, error) {
	if !routeShape.MatchString(id) {
		return Route{}, fmt.Errorf("read route: %w", &Refused{Message: "not the id of a route", absent: true})
	}
	return c.route(ctx, "public/exchanger/route/get/one", url.Values{"id": {id}}, id, lang)
}

// RouteByXML reads the route between two currency codes. Errors as for Route.
func (c *Client) RouteByXML(ctx context.Context, xmlIn, xmlOut, lang string) (Route, error) {
	return c.route(ctx, "public/exchanger/route/get/one/by-xml", url.Values{"xmlIn": {xmlIn}, "xmlOut": {xmlOut}}, "", lang)
}

func (c *Client) route(ctx context.Context, path string, q url.Values, id, lang string) (Route, error) {
	q.Set("lang", PageLang(lang))
	a, err := c.read(ctx, path, q)
	if err != nil {
		return Route{}, fmt.Errorf("read route %s of %s: %w", id, c.site.Name, err)
	}
	r, err := decodeRoute(a.data, lang)
	switch {
	case errors.Is(err, errNoObject):
		err = &Refused{Message: "the answer holds no route", absent: true, RequestID: a.requestID}
	case err == nil && id != "" && r.ID != id:
		err = &Unavailable{Err: errors.New("the answer is about another route")}
	case err != nil:
		err = &Unavailable{Err: err}
	}
	if err != nil {
		return Route{}, fmt.Errorf("read route %s of %s: %w", id, c.site.Name, err)
	}
	r.RequestID = a.requestID
	return r, nil
}

type wireCurrency struct {
	Name        text    `json:"name"`
	Symbol      text    `json:"symbol"`
	XML         text    `json:"xml"`
	Image       text    `json:"image"`
	PositionIn  softNum `json:"positionIn"`
	PositionOut softNum `json:"positionOut"`
}

func (w wireCurrency) currency(position softNum) Currency {
	p := 0
	if i := position.IntPart(); position.known && i > -1e9 && i < 1e9 {
		p = int(i)
	}
	return Currency{Name: w.Name.line(120), Symbol: w.Symbol.line(40), XML: w.XML.line(80), Image: w.Image.line(500), Position: p}
}

type wireRate struct {
	In     num     `json:"in"`
	Out    num     `json:"out"`
	Amount num     `json:"amount"`
	Fee    num     `json:"outFeeAmount"`
	Full   softNum `json:"rateFullNumber"`
}

func (w wireRate) rate() Rate {
	return Rate{In: w.In.Decimal, Out: w.Out.Decimal, Amount: w.Amount.Decimal, AmountKnown: w.Amount.known,
		OutFeeAmount: w.Fee.Decimal, RateFull: w.Full.Decimal}
}

type wireSummary struct {
	ID   text                `json:"routeId"`
	Show flag                `json:"isShowWeb"`
	From maybe[wireCurrency] `json:"from"`
	To   maybe[wireCurrency] `json:"to"`
	Rate maybe[wireRate]     `json:"rate"`
	SEO  maybe[struct {
		FriendlyURL text `json:"friendlyURL"`
	}] `json:"seo"`
}

// decodeRoutes reads data.routes of route/get.
func decodeRoutes(data json.RawMessage) ([]RouteSummary, error) {
	var w struct {
		Routes *list[wireSummary] `json:"routes"`
	}
	if err := json.Unmarshal(data, &w); err != nil {
		return nil, fmt.Errorf("the list of routes cannot be read: %w", err)
	}
	if w.Routes == nil {
		return nil, errors.New("the answer holds no list of routes")
	}
	out := make([]RouteSummary, 0, len(*w.Routes))
	for _, r := range *w.Routes {
		s := RouteSummary{ID: string(r.ID), Show: r.Show.or(true), Rate: r.Rate.v.rate(), FriendlyURL: r.SEO.v.FriendlyURL.line(90),
			From: r.From.v.currency(r.From.v.PositionIn), To: r.To.v.currency(r.To.v.PositionOut)}
		if routeShape.MatchString(s.ID) && s.From.XML != "" && s.To.XML != "" {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b RouteSummary) int { return a.From.Position - b.From.Position })
	return out, nil
}

type wireSide struct {
	wireCurrency
	Min       num             `json:"min"`
	Max       num             `json:"max"`
	Decimal   softNum         `json:"decimal"`
	Fields    list[wireField] `json:"fields"`
	Discounts list[struct {
		MoreThan num `json:"amountMoreThan"`
		Percent  num `json:"discountPercent"`
	}] `json:"discounts"`
	Verification       json.RawMessage `json:"verification"`
	VerificationPayout json.RawMessage `json:"verificationPayout"`
}

func (w wireSide) side(lang string, position softNum) Side {
	s := Side{Currency: w.currency(position), Min: w.Min.Decimal, Max: w.Max.Decimal, Decimals: 2, Fields: fieldsOf(w.Fields, lang),
		Verification: enabled(w.Verification) || enabled(w.VerificationPayout)}
	if d := w.Decimal; d.known && d.IsInteger() && d.Sign() >= 0 && d.LessThanOrEqual(decimal.New(30, 0)) {
		s.Decimals, s.DecimalsKnown = int32(d.IntPart()), true
	}
	for _, d := range w.Discounts {
		if d.MoreThan.known && d.Percent.known && d.Percent.Abs().LessThan(hundred) && !d.Percent.IsZero() {
			s.Discounts = append(s.Discounts, Discount{MoreThan: d.MoreThan.Decimal, Percent: d.Percent.Decimal})
		}
	}
	slices.SortStableFunc(s.Discounts, func(a, b Discount) int { return a.MoreThan.Cmp(b.MoreThan) })
	return s
}

type wireRoute struct {
	ID           text                  `json:"routeId"`
	Rate         maybe[wireRate]       `json:"rate"`
	From         maybe[wireSide]       `json:"from"`
	To           maybe[wireSide]       `json:"to"`
	Fields       list[wireField]       `json:"fields"`
	Instructions list[wireInstruction] `json:"instructions"`
	Required     maybe[struct {
		Enable    flag    `json:"enable"`
		MinAmount softNum `json:"minAmount"`
	}] `json:"requiredVerificationUser"`
}

// mostFields is more than any route asks for; a page with thousands would not open on a phone.
const mostFields = 100

// decodeRoute reads data.route of route/get/one; errNoObject when there is none.
func decodeRoute(data json.RawMessage, lang string) (Route, error) {
	var w struct {
		Route maybe[wireRoute] `json:"route"`
	}
	if err := json.Unmarshal(data, &w); err != nil {
		return Route{}, fmt.Errorf("the route cannot be read: %w", err)
	}
	if !w.Route.known {
		return Route{}, errNoObject
	}
	r := w.Route.v
	if !routeShape.MatchString(string(r.ID)) || !r.From.known || !r.To.known || !r.Rate.known {
		return Route{}, errors.New("the route lacks its id, a side or its rate")
	}
	if n := len(r.Fields) + len(r.From.v.Fields) + len(r.To.v.Fields); n > mostFields {
		return Route{}, fmt.Errorf("the route has %d fields: nobody fills them in", n)
	}
	return Route{
		ID: string(r.ID), From: r.From.v.side(lang, r.From.v.PositionIn), To: r.To.v.side(lang, r.To.v.PositionOut),
		Rate: r.Rate.v.rate(), Fields: fieldsOf(r.Fields, lang), Instructions: instructionsOf(r.Instructions),
		RequiredVerification: Verification{Enable: r.Required.v.Enable.on, MinAmount: r.Required.v.MinAmount.Decimal},
	}, nil
}

// enabled reads a switch that comes as a boolean or as an object with enable or enabled.
func enabled(raw json.RawMessage) bool {
	var f flag
	if len(raw) > 0 && f.UnmarshalJSON(raw) == nil && f.known {
		return f.on
	}
	var o struct {
		Enable  flag `json:"enable"`
		Enabled flag `json:"enabled"`
	}
	return len(raw) > 0 && json.Unmarshal(raw, &o) == nil && (o.Enable.on || o.Enabled.on)
}
