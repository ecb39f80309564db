package exchanger

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Order is an exchange order as the exchanger tells it now.
type Order struct {
	OrderID        string // 24 hex digits or ""
	UID            string
	Status         Status          // kept as it came, also when not Known
	InAmount       decimal.Decimal // units of from; staff of the exchanger can edit it
	OutAmount      decimal.Decimal // units of to
	AmountsKnown   bool            // false: an amount was missing or unreadable
	Comment        string
	From, To       CurrencyInfo
	PaymentDetails PaymentDetails
	Instructions   []Instruction
	FromValues     []Value
	ToValues       []Value
	ToValuesShown  bool // false: the exchanger hides them, which tells nothing about them
	RouteValues    []Value
	Verifications  bool // data.verifications is there and not empty
	RequestID      string
	At             time.Time       // when it was read
	Date           time.Time       // when the exchanger answered, by its own clock, to a second; zero when it does not say
	Raw            json.RawMessage // the answer's data with secrets masked, at most 16 KiB (cut JSON past that)
}

// Get reads an exchange order (type=order). The error is a *Refused (perhaps ErrNotFound) or an *Unavailable.
func (c *Client) Get(ctx context.Context, uid, secret string) (Order, error) {
	return c.get(ctx, uid, secret, "order")
}

// GetPayment reads an exchange order as the payment page does (type=payment), for paying on the shop's own page. Which
// members differ from Get is not known [?].
func (c *Client) GetPayment(ctx context.Context, uid, secret string) (Order, error) {
	return c.get(ctx, uid, secret, "payment")
}

func (c *Client) get(ctx context.Context, uid, secret, kind string) (Order, error) {
	if err := checkIdentity(uid, secret); err != nil {
		return Order{}, fmt.Errorf("read exchange order: %w", &Refused{Message: err.Error(), absent: true})
	}
	q := url.Values{"orderUID": {uid}, "orderSecret": {secret}, "type": {kind}}
	a, err := c.read(ctx, "public/exchanger/order/get", q, secret)
	if err != nil {
		return Order{}, fmt.Errorf("read exchange order %s at %s: %w", uid, c.site.Name, err)
	}
	o, err := decodeOrder(a.data)
	switch {
	case errors.Is(err, errNoObject):
		err = &Refused{Message: "the answer holds no order", absent: true, RequestID: a.requestID}
	case err == nil && o.UID != "" && o.UID != uid:
		err = &Unavailable{Err: errors.New("the answer is about another order")} // a cache gone wrong: believe nothing
	case err != nil:
		err = &Unavailable{Err: err}
	}
	if err != nil {
		return Order{}, fmt.Errorf("read exchange order %s at %s: %w", uid, c.site.Name, err)
	}
	o.UID, o.RequestID, o.At, o.Date, o.Raw = uid, a.requestID, a.at, a.date, a.masked
	return o, nil
}

// UpdateStatus moves an exchange order: StatusInProgress says "I have paid", StatusDeleted cancels. The exchanger allows
// it only from new and waitPayment, and never to inProgressPayout, done or hold [client]. Sent once. The error is a
// *Refused, an *Unavailable (surely not done) or an *Unclear: read the order then.
func (c *Client) UpdateStatus(ctx context.Context, uid, secret string, s Status) error {
	if err := checkIdentity(uid, secret); err != nil {
		return fmt.Errorf("change exchange order: %w", &Refused{Message: err.Error(), absent: true})
	}
	switch s {
	case StatusInProgressPayout, StatusDone, StatusHold:
		return fmt.Errorf("change exchange order %s: %w", uid, &Refused{Message: "a merchant may not set the status " + string(s)})
	}
	body := struct {
		UID    json.Number `json:"orderUID"`
		Secret string      `json:"orderSecret"`
		Status Status      `json:"status"`
	}{json.Number(strings.TrimLeft(uid[:len(uid)-1], "0") + uid[len(uid)-1:]), secret, s}
	if _, err := c.send(ctx, http.MethodPut, "public/exchanger/order/update-status", body, secret); err != nil {
		return fmt.Errorf("change exchange order %s at %s to %s: %w", uid, c.site.Name, s, err)
	}
	return nil
}

type wireOrder struct {
	ID      text    `json:"_id"`
	UID     text    `json:"uid"`
	Status  text    `json:"status"`
	In      softNum `json:"inAmount"`
	Out     softNum `json:"outAmount"`
	Comment text    `json:"comment"`
	Route   maybe[struct {
		From maybe[struct {
			wireCurrency
			Details maybe[wireDetails] `json:"paymentDetails"`
		}] `json:"from"`
		To           maybe[wireCurrency]   `json:"to"`
		Instructions list[wireInstruction] `json:"instructions"`
	}] `json:"route"`
	FromValues  json.RawMessage `json:"fromValues"`
	ToValues    json.RawMessage `json:"toValues"`
	RouteValues json.RawMessage `json:"routeValues"`
}

// decodeOrder reads the data of order/get; errNoObject when it holds no order.
func decodeOrder(data json.RawMessage) (Order, error) {
	var w struct {
		Order         maybe[wireOrder] `json:"order"`
		Verifications json.RawMessage  `json:"verifications"`
	}
	if err := json.Unmarshal(data, &w); err != nil {
		return Order{}, fmt.Errorf("the order cannot be read: %w", err)
	}
	if !w.Order.known {
		return Order{}, errNoObject
	}
	r := w.Order.v
	if r.Status.line(64) == "" {
		return Order{}, errors.New("the order has no status")
	}
	if r.UID != "" && !uidShape.MatchString(string(r.UID)) {
		return Order{}, errors.New("the order's uid is not a number")
	}
	o := Order{
		OrderID: orderID(r.ID), UID: string(r.UID), Status: Status(r.Status.line(64)), InAmount: r.In.Decimal, OutAmount: r.Out.Decimal,
		AmountsKnown: r.In.known && r.Out.known, Comment: cut(string(r.Comment), 2000),
		From: r.Route.v.From.v.info(), To: r.Route.v.To.v.info(), PaymentDetails: r.Route.v.From.v.Details.v.details(),
		Instructions: instructionsOf(r.Route.v.Instructions), FromValues: valuesOf(r.FromValues), ToValues: valuesOf(r.ToValues),
		RouteValues: valuesOf(r.RouteValues), Verifications: holdsSomething(w.Verifications),
	}
	o.ToValuesShown = shown(o.ToValues)
	return o, nil
}

// shown says whether values were told: at least one that is neither empty nor made of asterisks.
func shown(vs []Value) bool {
	for _, v := range vs {
		if strings.Trim(v.Value, "*• \t\n") != "" {
			return true
		}
	}
	return false
}

// holdsSomething says whether raw is neither missing, null, false nor empty.
func holdsSomething(raw json.RawMessage) bool {
	switch string(bytes.TrimSpace(raw)) {
	case "", "null", "false", "[]", "{}", `""`, "0":
		return false
	}
	return true
}
