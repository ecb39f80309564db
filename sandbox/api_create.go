package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// orderCreate answers order/create: checks everything, computes the other amount, and puts the order to waitPayment.
func (s *Sandbox) orderCreate(c *call) (any, *apiError) {
	req, problem := parseCreate(c.kind, c.body)
	if problem != nil {
		return nil, problem
	}
	r := s.cat.byID[req.RouteID]
	if problem := req.check(r); problem != nil {
		return nil, problem
	}
	o := newOrder(r, req)
	if problem := o.fill(r, req, c.faults); problem != nil {
		return nil, problem
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if problem := o.price(s.terms(r, c.faults), req.Amount, c.faults); problem != nil {
		return nil, problem
	}
	if c.faults.DemandVerification || r.needsVerification(o.InAmount) {
		return nil, &apiError{Message: "You need to pass verification", Code: codeVerification, status: http.StatusForbidden}
	}
	if c.faults.DemandCaptcha && req.Captcha == "" {
		return nil, &apiError{Message: "Captcha is required", Code: codeCaptcha, status: http.StatusOK}
	}
	s.admit(o)
	s.announce(o, c)
	return s.created(o, r, c.faults), nil
}

// check refuses what no amount and no value can mend.
func (req createRequest) check(r *route) *apiError {
	switch {
	case r == nil || r.From.Hidden:
		return paramError("routeId", nil)
	case !req.Agreement:
		return paramError("agreement", nil)
	case !webAddress(req.CallbackURL):
		return paramError("clientCallbackUrl", nil)
	case !webAddress(req.IPNURL):
		return paramError("ipnUrl", nil)
	}
	return nil
}

// newOrder has everything but amounts, values and a number.
func newOrder(r *route, req createRequest) *Order {
	o := &Order{
		ID: randomHex(12), RID: randomHex(12), Secret: randomText(24, alphanumeric), Status: StatusNew,
		RouteID: r.ID, From: r.From.Code, To: r.To.Code, Email: req.Email, Lang: language(req.Lang), Partner: req.Partner,
		HideOutData: req.HideOutData, CallbackURL: req.CallbackURL, IPNURL: req.IPNURL, IPNSecret: req.IPNSecret,
		Account: r.From.account(),
	}
	if r.From.tag != nil {
		o.Tag = r.From.tag()
	}
	return o
}

// admit gives the order its number and starts its life.
func (s *Sandbox) admit(o *Order) {
	s.lastUID++
	o.UID = s.lastUID
	o.Created = s.clock()
	o.Expires = o.Created.Add(s.habits().Life)
	o.note(o.Created, "order/create")
	s.change(o, StatusWaitPayment, "exchanger", false)
}

// announce sends the first notification: after the answer, or before it where a fault says so. Call with the lock held.
func (s *Sandbox) announce(o *Order, c *call) {
	if !c.faults.NotifyBeforeAnswer {
		answered := make(chan struct{})
		c.after = func() { close(answered) }
		s.notifyHeld(o, answered)
		s.save(o)
		return
	}
	n := s.notifyHeld(o, nil)
	s.save(o)
	if n == nil {
		return
	}
	s.mu.Unlock() // the shop may ask back before it answers the notification
	defer s.mu.Lock()
	select {
	case <-n.done:
	case <-c.ctx.Done():
	case <-time.After(5 * time.Second):
	}
}

func (s *Sandbox) created(o *Order, r *route, f Faults) any {
	data := map[string]any{
		"_id": o.ID, "uid": o.UID, "rid": o.RID, "secret": o.Secret,
		"route": map[string]any{
			"from": map[string]any{"name": r.From.Name, "symbol": r.From.Symbol},
			"to":   map[string]any{"name": r.To.Name, "symbol": r.To.Symbol},
		},
		"inAmount": mixed(r.index%2 == 0, o.InAmount), "outAmount": mixed(r.index%2 == 1, o.OutAmount),
	}
	if f.WrongUID {
		data["uid"] = "uid-" + o.ID[:6]
	}
	if f.OddSecret {
		data["secret"] = "../../control?" + o.Secret[:10]
	}
	return data
}

// price fills in both amounts from the one that was asked for.
func (o *Order) price(t terms, amount decimal.Decimal, f Faults) *apiError {
	refuse := func(why string) *apiError {
		return paramError("amount", &errorObject{FieldID: "amount", NameField: "Amount", Err: why, Type: "amount"})
	}
	if amount.IsNegative() && f.RefuseNegative {
		return refuse("min")
	}
	if amount.IsNegative() && f.NegativeAsIn {
		amount = amount.Abs()
	}
	switch {
	case amount.IsPositive():
		out, err := t.pays(amount.Round(t.FromPlace))
		if err != nil {
			return refuse("min")
		}
		o.InAmount, o.OutAmount = amount.Round(t.FromPlace), out
	case amount.IsNegative():
		o.OutAmount = amount.Abs().Round(t.ToPlace)
		if !o.OutAmount.IsPositive() {
			return refuse("min")
		}
		o.InAmount = t.costs(o.OutAmount)
	default:
		return refuse("required")
	}
	switch {
	case o.InAmount.LessThan(t.Min) || !o.InAmount.IsPositive():
		return refuse("min")
	case t.Max.IsPositive() && o.InAmount.GreaterThan(t.Max):
		return refuse("max")
	case o.OutAmount.GreaterThan(t.Reserve):
		return refuse("reserve")
	}
	return nil
}

// fill checks the values against the route's fields and keeps those that the route knows.
func (o *Order) fill(r *route, req createRequest, f Faults) *apiError {
	for _, part := range []struct {
		name   string
		fields []field
		sent   []keyValue
		kept   *[]Value
	}{
		{"fromValues", r.From.FromFields, req.From, &o.FromValues},
		{"toValues", r.To.ToFields, req.To, &o.ToValues},
		{"routeValues", r.From.RouteFields, req.Route, &o.RouteValues},
	} {
		for _, fd := range part.fields {
			i := slices.IndexFunc(part.sent, func(kv keyValue) bool { return kv.Key == fd.OID || kv.Key == fd.ID })
			value := ""
			if i >= 0 {
				value = strings.TrimSpace(part.sent[i].Value)
			}
			why := ""
			switch {
			case value == "" && fd.Required:
				why = "required"
			case value != "" && !fd.valid(value), f.RefuseCreate != "" && f.RefuseCreate == fd.ID:
				why = "regexp"
			}
			if why != "" {
				return paramError(part.name, &errorObject{FieldID: fd.ID, NameField: fd.Name, Err: why, Type: part.name})
			}
			if value != "" {
				*part.kept = append(*part.kept, Value{Key: fd.OID, ID: fd.ID, Name: fd.Name, Value: value})
			}
		}
	}
	return nil
}

// webAddress accepts nothing, or a whole http(s) address.
func webAddress(text string) bool {
	if text == "" {
		return true
	}
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
