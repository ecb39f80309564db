package checkout

import (
	"context"
	"errors"
	"strings"

	"mostrador/exchanger"
	"mostrador/money"
)

// chosenValues are the values that go with an exchange order.
type chosenValues struct{ from, to, route []exchanger.Value }

// checkChoice prices the chosen route and checks the fields that it asks for and the agreement. The *Problem is what the customer can
// put right.
func (s *Service) checkChoice(ctx context.Context, key string, price int64, fields map[string]string, agreed bool, shown string) (*Offer, chosenValues, *Problem, error) {
	var list []*Problem
	var v chosenValues
	offer, err := s.Quote(ctx, key, price)
	if p, ok := AsProblem(err); ok {
		switch {
		case p.Kind == Unavailable && price > 0:
			return nil, v, nil, p
		case p.Kind != Unavailable && (price > 0 || offer == nil): // without a price it can serve none: that mistake is said already
			list = append(list, p)
		}
	} else if err != nil {
		return nil, v, nil, err
	}
	if offer != nil && price > 0 {
		switch seen, before := s.shown(shown, key); {
		case before == price:
			offer.Shown = seen
		case before > 0 && before < price: // never more than the page said without asking (rule 14)
			list = append(list, invalid("route", "price_rose", "before", money.FromMinor(before, s.opt.Currency), "price", money.FromMinor(price, s.opt.Currency)))
		}
	}
	if offer != nil {
		var more []*Problem
		v, more = collect(offer, fields)
		list = append(list, more...)
	}
	if !agreed {
		list = append(list, invalid("agreement", "agreement_missing"))
	}
	return offer, v, join(list), nil
}

// collect checks the customer's fields against the route and sorts them to where they are sent.
func collect(o *Offer, fields map[string]string) (chosenValues, []*Problem) {
	var v chosenValues
	var list []*Problem
	own := map[string]bool{}
	for _, f := range o.Route.From.Fields {
		own[f.Key] = true
	}
	for _, f := range AskedFields(o) {
		value := strings.TrimSpace(fields[f.Key])
		var wrong *exchanger.FieldError
		if err := f.Check(value); errors.As(err, &wrong) {
			list = append(list, invalid("fields["+f.Key+"]", "field_"+wrong.Kind, "name", f.Label))
			continue
		}
		if value == "" {
			continue
		}
		if own[f.Key] {
			v.from = append(v.from, exchanger.Value{Key: f.Key, Value: value})
		} else {
			v.route = append(v.route, exchanger.Value{Key: f.Key, Value: value})
		}
	}
	v.to, _ = valuesFor(o.Route.To.Fields, o.Payout.Values, nil)
	merchant, _ := valuesFor(o.Route.Fields, o.Payout.RouteValues, nil)
	if len(o.Payout.RouteValues) > 0 {
		v.route = append(v.route, merchant...)
	}
	return v, list
}
