package sandbox

import (
	"crypto/subtle"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// find returns the order of an uid and secret, moved as far as the clock says. Call with the lock held.
func (s *Sandbox) find(uid, secret string) (*Order, bool) {
	n, err := strconv.ParseInt(uid, 10, 64)
	if err != nil {
		return nil, false
	}
	o, ok := s.orders[n]
	if !ok || subtle.ConstantTimeCompare([]byte(o.Secret), []byte(secret)) != 1 {
		return nil, false
	}
	s.due(o)
	return o, true
}

// orderGet answers order/get, out of a stale cache where a fault says so.
func (s *Sandbox) orderGet(c *call) (any, *apiError) {
	if kind := c.query.Get("type"); kind != "" && kind != "order" && kind != "payment" {
		return nil, paramError("type", nil)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.find(c.query.Get("orderUID"), c.query.Get("orderSecret"))
	if !ok {
		return nil, notFound("Order")
	}
	o := found.clone()
	if c.faults.StaleReads > 0 {
		o = found.asOf(s.clock().Add(-c.faults.StaleReads))
	}
	r := s.cat.byID[o.RouteID]
	if r == nil { // a journal of an earlier catalogue
		return nil, notFound("Route")
	}
	from := s.brief(r.From, "")
	from["paymentDetails"] = s.paymentDetails(&o, r.From)
	text := o.UID%2 == 0
	return map[string]any{
		"order": map[string]any{
			"_id": o.ID, "uid": o.UID, "status": o.Status, "comment": "",
			"inAmount": mixed(text, o.InAmount), "outAmount": mixed(!text, o.OutAmount),
			"route":      map[string]any{"from": from, "to": s.brief(r.To, ""), "instructions": instructionList(r)},
			"fromValues": plainValues(o.FromValues), "toValues": plainValues(o.ToValues), "routeValues": plainValues(o.RouteValues),
		},
		"verifications": []any{},
	}, nil
}

func plainValues(values []Value) []any {
	list := []any{}
	for _, v := range values {
		list = append(list, map[string]any{"key": v.Key, "id": v.ID, "name": v.Name, "value": v.Value})
	}
	return list
}

// merchantTemplate is a program, as the platform's are. A client that evaluates it shows its mistake in the title.
const merchantTemplate = `<% document.title = "evaluated"; %><div class="merchant"><%- data.address %></div>`

// paymentDetails tells how to pay, in one of the platform's three ways [client].
func (s *Sandbox) paymentDetails(o *Order, c *currency) map[string]any {
	d := map[string]any{"merchantEnabled": c.Pay == payMerchant, "manualPaymentTextEnabled": c.Pay == payText}
	switch c.Pay {
	case payMerchant:
		data := map[string]any{"address": o.Account, "amount": jsText(o.InAmount)}
		if o.Tag != "" {
			name := c.TagName
			if name == "" {
				name = "tag"
			}
			data[name] = o.Tag
		}
		d["merchant"] = map[string]any{"template": merchantTemplate, "data": data}
	case payText:
		d["manualPaymentText"], d["account"] = c.PayText, o.Account
	case paySteps:
		d["linkPS"], d["showStepLink"], d["account"] = c.PayLink, c.PayLink != "", o.Account
		d["showStepComment"], d["showIPaidBtn"] = c.ShowComment, true
		d["commentTemplate"] = c.Comment
		if c.tag != nil { // the memo is the comment
			d["commentTemplate"] = o.Tag
		}
	}
	return d
}

var placeholder = regexp.MustCompile(`\[\[(\w+)\]\]`)

// fillPlaceholders puts an order's facts into a text with [[placeholders]], in any letter case [client].
func (s *Sandbox) fillPlaceholders(text string, o *Order) string {
	from, to := s.cat.currency(o.From), s.cat.currency(o.To)
	return placeholder.ReplaceAllStringFunc(text, func(p string) string {
		switch strings.ToLower(p[2 : len(p)-2]) {
		case "uid":
			return fmt.Sprint(o.UID)
		case "account":
			return o.Account
		case "inamount":
			return o.InAmount.String()
		case "innamecurrency":
			return from.Name
		case "insymbol":
			return from.Symbol
		case "outamount":
			return o.OutAmount.String()
		case "outnamecurrency":
			return to.Name
		case "outsymbol":
			return to.Symbol
		}
		return p
	})
}

// orderUpdateStatus answers order/update-status: "I have paid" and cancelling, from new or waitPayment only.
func (s *Sandbox) orderUpdateStatus(c *call) (any, *apiError) {
	tree, problem := parseTree(c.kind, c.body)
	if problem != nil {
		return nil, problem
	}
	var in [3]string
	for i, name := range []string{"orderUID", "orderSecret", "status"} {
		text, ok := scalar(tree[name])
		if !ok || text == "" {
			return nil, paramError(name, nil)
		}
		in[i] = text
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.find(in[0], in[1])
	if !ok {
		return nil, notFound("Order")
	}
	status := in[2]
	if c.faults.RefuseUpdates || !o.waiting() || status != StatusInProgress && status != StatusDeleted {
		return nil, &apiError{Message: "Status can't be changed", Code: codeStatus, status: 200}
	}
	by := "customer cancelled"
	if status == StatusInProgress {
		by = "customer says paid"
		if s.habits().ConfirmPaid {
			o.Plan = s.planFrom(s.clock(), StatusInProgressPayout, StatusDone)
		}
	}
	s.change(o, status, by, true)
	return map[string]any{"order": map[string]any{"_id": o.ID, "uid": o.UID, "status": o.Status}}, nil
}

// orderLasts answers the latest orders of everybody, without what would let one of them be opened.
func (s *Sandbox) orderLasts(c *call) (any, *apiError) {
	limit := 10
	if text := c.query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return nil, paramError("limit", nil)
		}
		limit = min(n, 20)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []any{}
	for _, o := range s.newest(limit) {
		from, to := s.cat.currency(o.From), s.cat.currency(o.To)
		if from == nil || to == nil {
			continue
		}
		list = append(list, map[string]any{
			"from": s.brief(from, ""), "to": s.brief(to, ""), "status": o.Status,
			"inAmount": number(o.InAmount), "outAmount": o.OutAmount.String(), "date": o.Created.UnixMilli(),
		})
	}
	return map[string]any{"orders": list}, nil
}
