package sandbox

import (
	"strings"

	"github.com/shopspring/decimal"
)

func notFound(what string) *apiError {
	return &apiError{Message: what + " not found", Code: codeNotFound, status: 404}
}

// routeList answers route/get: all routes, or those from and to a currency (its _id or xml code).
func (s *Sandbox) routeList(c *call) (any, *apiError) {
	from, to := c.query.Get("fromCurrencyId"), c.query.Get("toCurrencyId")
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []any{}
	for _, r := range s.cat.routes {
		if !names(r.From, from) || !names(r.To, to) {
			continue
		}
		t, text := s.terms(r, c.faults), r.index%2 == 1
		list = append(list, map[string]any{
			"routeId": r.ID, "isShowWeb": !r.From.Hidden,
			"from": s.brief(r.From, "positionIn"), "to": s.brief(r.To, "positionOut"),
			"rate": map[string]any{"amount": mixed(!text, t.Reserve), "in": mixed(text, t.In), "out": mixed(text, t.Out)},
			"seo":  map[string]any{"friendlyURL": r.Friendly},
		})
	}
	return map[string]any{"routes": list}, nil
}

func names(c *currency, wanted string) bool {
	return wanted == "" || wanted == c.OID || strings.EqualFold(wanted, c.Code)
}

func (s *Sandbox) image(c *currency) string {
	path := "/icons/" + c.Icon + ".svg"
	if c.AbsoluteImage {
		return s.cfg.PublicURL + path
	}
	return path
}

func (s *Sandbox) brief(c *currency, position string) map[string]any {
	m := map[string]any{"_id": c.OID, "name": c.Name, "symbol": c.Symbol, "xml": c.Code, "image": s.image(c)}
	if position != "" {
		m[position] = c.Position
	}
	return m
}

func (s *Sandbox) routeByID(c *call) (any, *apiError) {
	return s.routeOne(s.cat.byID[c.query.Get("id")], c)
}

func (s *Sandbox) routeByXML(c *call) (any, *apiError) {
	return s.routeOne(s.cat.byXML(c.query.Get("xmlIn"), c.query.Get("xmlOut")), c)
}

func (s *Sandbox) routeByFriendly(c *call) (any, *apiError) {
	name := c.query.Get("friendlyURL")
	if name == "" || len(name) > 90 {
		return nil, paramError("friendlyURL", nil)
	}
	return s.routeOne(s.cat.byFriendly(name), c)
}

// routeOne answers everything about one route.
func (s *Sandbox) routeOne(r *route, c *call) (any, *apiError) {
	if r == nil {
		return nil, notFound("Route")
	}
	s.mu.Lock()
	t := s.terms(r, c.faults)
	s.mu.Unlock()
	text := r.index%2 == 1
	from, to := s.brief(r.From, "positionIn"), s.brief(r.To, "positionOut")
	from["min"], from["verification"] = mixed(!text, r.From.Min), false
	if r.From.Max.IsPositive() {
		from["max"] = mixed(text, r.From.Max)
	} else if text { // no limit: 0, or not there at all [client]
		from["max"] = 0
	}
	if r.From.Decimals >= 0 {
		from["decimal"] = r.From.Decimals
	}
	from["fields"], from["discounts"] = fieldList(r.From.FromFields), discountList(r.From.Discounts, text)
	to["decimal"], to["fields"], to["verificationPayout"] = r.To.Decimals, fieldList(r.To.ToFields), false
	return map[string]any{"route": map[string]any{
		"routeId": r.ID, "isShowWeb": !r.From.Hidden, "from": from, "to": to, "fields": fieldList(r.From.RouteFields),
		"rate": map[string]any{
			"in": mixed(text, t.In), "out": mixed(text, t.Out), "amount": mixed(!text, t.Reserve),
			"outFeeAmount": mixed(text, t.Fee), "rateFullNumber": mixed(!text, t.In.DivRound(t.Out, 12)),
		},
		"instructions": instructionList(r), "seo": map[string]any{"friendlyURL": r.Friendly},
		"requiredVerificationUser": map[string]any{"enable": r.From.Verify, "minAmount": mixed(text, r.From.VerifyAbove)},
	}}, nil
}

func fieldList(fields []field) []any {
	list := []any{}
	for _, f := range fields {
		list = append(list, map[string]any{"_id": f.OID, "id": f.ID, "name": f.Name, "regexp": f.Pattern, "required": f.Required})
	}
	return list
}

func discountList(discounts []discount, text bool) []any {
	list := []any{}
	for _, d := range discounts {
		list = append(list, map[string]any{"amountMoreThan": mixed(text, d.MoreThan), "discountPercent": mixed(!text, d.Percent)})
	}
	return list
}

func instructionList(r *route) []any {
	list := []any{}
	for _, i := range r.From.Instructions {
		list = append(list, map[string]any{"_id": oid("instruction:" + r.ID + i.Step), "step": i.Step, "content": i.Content})
	}
	return list
}

// needsVerification tells whether an amount is too much for a customer whom the exchanger does not know.
func (r *route) needsVerification(in decimal.Decimal) bool {
	return r.From.Verify && in.GreaterThan(r.From.VerifyAbove)
}
