package api

import (
	"context"
	"net/http"
	"time"

	"github.com/shopspring/decimal"

	"mostrador/checkout"
	"mostrador/exchanger"
	"mostrador/handlers"
	"mostrador/money"
)

// routeJSON is a currency that a customer could pay with.
type routeJSON struct {
	Route         string       `json:"route" example:"coinsbar/5c1f0b2e4d3a2b1c0d9e8f70" doc:"Send it with an order."`
	Site          string       `json:"site"`
	Exchanger     string       `json:"exchanger" example:"coinsbar.net" doc:"As people know it."`
	From          currencyJSON `json:"from" doc:"What the customer pays."`
	To            currencyJSON `json:"to" doc:"What the shop receives."`
	Payable       bool         `json:"payable"`
	Amount        *string      `json:"amount" doc:"Exactly what the customer pays, in from; null when it is not payable."`
	ReceiveAmount string       `json:"receive_amount" doc:"What the shop receives, in to."`
	Min           string       `json:"min" doc:"The least that the exchanger takes, in from."`
	Max           *string      `json:"max" doc:"The most, in from; null: no limit."`
	ReasonCode    *string      `json:"reason_code" example:"route_below_min" doc:"Why it is not payable; null when it is."`
	Reason        *string      `json:"reason" doc:"The same in words."`
	Fields        []fieldJSON  `json:"fields" doc:"What has to be sent in fields of an order."`
	ValidUntil    time.Time    `json:"valid_until" doc:"How long the amount stands; the rate is read again after."`
}

type currencyJSON struct {
	Code     string `json:"code" example:"BTC"`
	Name     string `json:"name" example:"Bitcoin"`
	Symbol   string `json:"symbol" example:"BTC"`
	Decimals int32  `json:"decimals"`
}

type fieldJSON struct {
	Key      string `json:"key"`
	Name     string `json:"name"`
	Label    string `json:"label"`
	Required bool   `json:"required"`
	Pattern  string `json:"pattern,omitempty" doc:"The exchanger's pattern, in JavaScript's words."`
}

func (s *server) routeCalls() {
	type input struct {
		Amount   string `query:"amount" required:"true" maxLength:"40" example:"25.00" doc:"The price in the shop's currency."`
		Currency string `query:"currency" maxLength:"10" doc:"The shop's currency; any other is refused."`
	}
	type routeList struct {
		Data []routeJSON `json:"data"`
	}
	type output struct{ Body routeList }
	add(s, call{id: "list-routes", method: http.MethodGet, path: "/routes", tag: "Routes", scopes: []string{"orders:read", "orders:write"}, errors: []int{422, 503}, where: "query",
		summary: "List what a customer can pay with", description: "Every currency once, with the exact amount to pay. Those that cannot serve the price come last, with the reason."},
		func(ctx context.Context, in *input) (*output, error) {
			if err := text("query.amount", in.Amount); err != nil {
				return nil, err
			}
			if in.Currency != "" && in.Currency != s.Config.Shop.Currency {
				return nil, &checkout.Problem{Kind: checkout.Invalid, Field: "currency", Code: "amount_currency", Args: []any{"currency", s.Config.Shop.Currency}}
			}
			basket, err := s.Service.Basket(ctx, checkout.Placement{Source: checkout.SourceAPI, Amount: in.Amount})
			if err != nil {
				return nil, err
			}
			offers, err := s.Service.Offers(ctx, basket.Total)
			if err != nil {
				return nil, err
			}
			out := &output{routeList{[]routeJSON{}}}
			for i := range offers {
				out.Body.Data = append(out.Body.Data, routeOf(&offers[i]))
			}
			return out, nil
		})
}

func routeOf(o *checkout.Offer) routeJSON {
	from, to := o.Route.From, o.Route.To
	exact := func(d decimal.Decimal, decimals int32) *string {
		s := money.Exact(d, decimals)
		return &s
	}
	out := routeJSON{Route: o.Key, Site: o.SiteName, Exchanger: o.SiteHost, From: currencyOf(from), To: currencyOf(to), Payable: o.Problem == nil,
		ReceiveAmount: money.Exact(o.Want, to.Decimals), Min: money.Exact(from.Min, 0), Fields: []fieldJSON{}, ValidUntil: o.Until.UTC()}
	if from.Max.Sign() > 0 {
		out.Max = exact(from.Max, 0)
	}
	if o.Problem == nil {
		out.Amount = exact(o.Due, from.Decimals)
	} else {
		code, words := o.Problem.Code, handlers.ProblemText(english, o.Problem)
		out.ReasonCode, out.Reason = &code, &words
	}
	for _, f := range checkout.AskedFields(o) {
		out.Fields = append(out.Fields, fieldJSON{f.Key, f.Name, f.Label, f.Required, f.Regexp})
	}
	return out
}

func currencyOf(s exchanger.Side) currencyJSON {
	return currencyJSON{Code: s.XML, Name: s.Name, Symbol: s.Symbol, Decimals: s.Decimals}
}
