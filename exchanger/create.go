package exchanger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/shopspring/decimal"
)

// Value is one value of fromValues, toValues or routeValues. Name is only in what the exchanger answers.
type Value struct {
	Key   string // the field's _id, or its name at some exchangers [doc] [client]
	Name  string
	Value string
}

// CreateRequest asks for an exchange order.
type CreateRequest struct {
	RouteID           string
	Partner           string          // "" means the site's own
	Amount            decimal.Decimal // positive: the customer pays it, units of from; negative: it must arrive, units of to [client]
	FromValues        []Value
	ToValues          []Value
	RouteValues       []Value
	Lang              string // mapped to ru or en
	Agreement         bool   // the customer agreed to the exchanger's rules
	HideOutData       bool   // hide the payout data from the customer
	ClientCallbackURL string
	IPNURL            string
	IPNSecret         string
	Email             string // of the customer; "" sends none
}

// Created is an exchange order that was made.
type Created struct {
	OrderID      string // 24 hex digits; "" when the answer lacks it or gives another shape
	UID          string // 1 to 19 digits
	RID          string
	Secret       string // 1 to 128 letters, digits, - and _: with it anybody reads the order, never log it
	From, To     CurrencyInfo
	InAmount     decimal.Decimal // units of from
	OutAmount    decimal.Decimal // units of to
	AmountsKnown bool            // false: an amount was missing or unreadable, ask Get
	RequestID    string
	Raw          json.RawMessage // the answer's data with secrets masked, at most 16 KiB (cut JSON past that)
}

// CurrencyInfo names a currency in an exchange order.
type CurrencyInfo struct{ Name, Symbol, XML, Image string }

type wireValue struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

type wireCreate struct {
	RouteID     string      `json:"routeId"`
	Partner     string      `json:"partner,omitempty"`
	Amount      json.Number `json:"amount"` // exact decimal text, never through a float
	FromValues  []wireValue `json:"fromValues"`
	ToValues    []wireValue `json:"toValues"`
	RouteValues []wireValue `json:"routeValues"`
	Lang        string      `json:"lang"`
	Agreement   bool        `json:"agreement"`
	HideOutData bool        `json:"hideOutData"`
	CallbackURL string      `json:"clientCallbackUrl,omitempty"`
	IPNURL      string      `json:"ipnUrl,omitempty"`
	IPNSecret   string      `json:"ipnSecret,omitempty"`
	Email       string      `json:"email,omitempty"`
}

// shortestToken is what a part of our addresses has at least when it is a token, and no word.
const shortestToken = 16

// Create makes an exchange order. It is sent once, on a fresh connection, and never repeated. The error is a *Refused (not
// made), an *Unavailable (surely not made) or an *Unclear (it may exist: never repeat blindly).
func (c *Client) Create(ctx context.Context, r CreateRequest) (Created, error) {
	if !routeShape.MatchString(r.RouteID) {
		return Created{}, fmt.Errorf("create exchange order: %w", &Refused{Message: "not the id of a route", absent: true})
	}
	if r.Amount.IsZero() {
		return Created{}, fmt.Errorf("create exchange order: %w", &Refused{Message: "the amount is 0"})
	}
	if r.Partner == "" {
		r.Partner = c.site.Partner
	}
	secrets := []string{r.IPNSecret}
	for _, address := range []string{r.ClientCallbackURL, r.IPNURL} { // the tokens in them open the order's page and the door for notifications
		for part := range strings.SplitSeq(address, "/") {
			if len(part) >= shortestToken && !strings.ContainsAny(part, ".:") {
				secrets = append(secrets, part)
			}
		}
	}
	for _, vs := range [][]Value{r.FromValues, r.ToValues, r.RouteValues} {
		for _, v := range vs {
			secrets = append(secrets, v.Value) // a refusal likes to repeat the value
		}
	}
	a, err := c.send(ctx, http.MethodPost, "public/exchanger/order/create", r.wire(), secrets...)
	if err != nil {
		return Created{}, fmt.Errorf("create exchange order at %s: %w", c.site.Name, err)
	}
	created, err := decodeCreated(a.data)
	if err != nil {
		return Created{}, fmt.Errorf("create exchange order at %s: %w", c.site.Name, &Unclear{Err: err, RequestID: a.requestID})
	}
	created.RequestID, created.Raw = a.requestID, a.masked
	return created, nil
}

func (r CreateRequest) wire() wireCreate {
	values := func(vs []Value) []wireValue {
		out := make([]wireValue, 0, len(vs))
		for _, v := range vs {
			out = append(out, wireValue{Key: v.Key, Value: v.Value})
		}
		return out
	}
	return wireCreate{
		RouteID: r.RouteID, Partner: r.Partner, Amount: json.Number(r.Amount.String()), FromValues: values(r.FromValues),
		ToValues: values(r.ToValues), RouteValues: values(r.RouteValues), Lang: PageLang(r.Lang), Agreement: r.Agreement,
		HideOutData: r.HideOutData, CallbackURL: r.ClientCallbackURL, IPNURL: r.IPNURL, IPNSecret: r.IPNSecret, Email: r.Email,
	}
}

// decodeCreated reads the data of create. A uid or secret of another shape is an error: an order exists that cannot be
// followed, and nothing of it may end up in an address.
func decodeCreated(data json.RawMessage) (Created, error) {
	var w struct {
		ID     text    `json:"_id"`
		UID    text    `json:"uid"`
		RID    text    `json:"rid"`
		Secret text    `json:"secret"`
		In     softNum `json:"inAmount"`
		Out    softNum `json:"outAmount"`
		Route  maybe[struct {
			From maybe[wireCurrency] `json:"from"`
			To   maybe[wireCurrency] `json:"to"`
		}] `json:"route"`
	}
	if err := json.Unmarshal(data, &w); err != nil {
		return Created{}, errors.New("the answer holds no order")
	}
	if err := checkIdentity(string(w.UID), string(w.Secret)); err != nil {
		return Created{}, fmt.Errorf("the answer's %w", err)
	}
	return Created{
		OrderID: orderID(w.ID), UID: string(w.UID), RID: w.RID.line(64), Secret: string(w.Secret),
		From: w.Route.v.From.v.info(), To: w.Route.v.To.v.info(),
		InAmount: w.In.Decimal, OutAmount: w.Out.Decimal, AmountsKnown: w.In.known && w.Out.known,
	}, nil
}

func (w wireCurrency) info() CurrencyInfo {
	c := w.currency(softNum{})
	return CurrencyInfo{Name: c.Name, Symbol: c.Symbol, XML: c.XML, Image: c.Image}
}

// orderID keeps an id of the right shape only.
func orderID(t text) string {
	if objectID.MatchString(string(t)) {
		return string(t)
	}
	return ""
}
