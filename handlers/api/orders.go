package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"mostrador/checkout"
	"mostrador/models"
)

const (
	maxDescription = 500
	maxLifetime    = 30 * 24 * time.Hour
)

var (
	readOrders  = []string{"orders:read"}
	writeOrders = []string{"orders:write"}
)

// orderBody is what an order is made of.
type orderBody struct {
	Amount      string            `json:"amount" maxLength:"40" example:"25.00" doc:"The price in the shop's currency."`
	Currency    string            `json:"currency,omitempty" maxLength:"10" example:"USD" doc:"The shop's currency; any other is refused."`
	Description string            `json:"description,omitempty" doc:"What is sold, up to 500 characters; the customer sees it."`
	Email       string            `json:"email,omitempty" maxLength:"254" doc:"The customer's address: mails and the receipt go there. Without it the customer gets none."`
	Route       string            `json:"route,omitempty" maxLength:"200" example:"coinsbar/5c1f0b2e4d3a2b1c0d9e8f70" doc:"One of /routes. With it the exchange order is made at once and payment.url is the exchanger's page; without it the customer chooses at checkout_url."`
	Fields      map[string]string `json:"fields,omitempty" doc:"What the route asks of the customer, by the field's key."`
	Metadata    map[string]string `json:"metadata,omitempty" doc:"Up to 50 texts of yours, 4 KiB together."`
	ReturnURL   string            `json:"return_url,omitempty" maxLength:"2000" doc:"Where the order page sends the customer back to."`
	ExpiresIn   lifetime          `json:"expires_in,omitempty" doc:"How long it stays open: whole seconds, or a text such as \"30m\". The shop's checkout.order_expiry without it; 30 days at most."`
	Lang        string            `json:"lang,omitempty" enum:"en,es,ru" doc:"The customer's language; the shop's first without it."`
}

// lifetime is a duration as whole seconds or as a text such as 30m.
type lifetime struct {
	time.Duration
	wrong bool
}

// Schema says that there are two ways to write it.
func (lifetime) Schema(huma.Registry) *huma.Schema {
	least := 1.0
	return &huma.Schema{OneOf: []*huma.Schema{{Type: huma.TypeInteger, Minimum: &least, Examples: []any{1800}}, {Type: huma.TypeString, Examples: []any{"30m"}}}}
}

// UnmarshalJSON reads either.
func (l *lifetime) UnmarshalJSON(raw []byte) error {
	var n int64
	if json.Unmarshal(raw, &n) == nil {
		l.wrong = n < 1 || n > int64(maxLifetime/time.Second)
		l.Duration = time.Duration(min(max(n, 0), int64(maxLifetime/time.Second))) * time.Second
		return nil
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return err
	}
	d, err := time.ParseDuration(s)
	l.Duration, l.wrong = d, err != nil || d < time.Second || d > maxLifetime
	return nil
}

// placement checks what only the API takes and makes the domain's request of it. The error is a *Problem.
func (s *server) placement(b *orderBody, key string) (checkout.Placement, error) {
	p := checkout.Placement{Source: checkout.SourceAPI, Amount: b.Amount, Currency: b.Currency, Route: b.Route, Email: b.Email, Fields: b.Fields, Agreement: true, Attempt: key,
		Lang: b.Lang, Description: strings.TrimSpace(b.Description), ReturnURL: b.ReturnURL, ExpiresIn: b.ExpiresIn.Duration}
	if p.Lang == "" {
		p.Lang = s.Config.Shop.Languages[0]
	}
	texts := map[string]string{"header.Idempotency-Key": key, "body.amount": b.Amount, "body.description": b.Description, "body.email": b.Email, "body.route": b.Route, "body.return_url": b.ReturnURL}
	for k, v := range b.Fields {
		texts["body.fields"] += k + v
	}
	for k, v := range b.Metadata {
		texts["body.metadata"] += k + v
	}
	for where, t := range texts {
		if err := text(where, t); err != nil {
			return p, err
		}
	}
	var refused []*checkout.Problem
	if b.Currency != "" && !strings.EqualFold(b.Currency, s.Config.Shop.Currency) {
		refused = append(refused, &checkout.Problem{Kind: checkout.Invalid, Field: "currency", Code: "amount_currency", Args: []any{"currency", s.Config.Shop.Currency}})
	}
	p.Currency = ""
	if utf8.RuneCountInString(p.Description) > maxDescription {
		refused = append(refused, &checkout.Problem{Kind: checkout.Invalid, Field: "description", Code: "description_too_long"})
	}
	if b.ExpiresIn.wrong {
		refused = append(refused, &checkout.Problem{Kind: checkout.Invalid, Field: "expires_in", Code: "expires_in_invalid"})
	}
	if bad := checkout.CheckReturnURL(b.ReturnURL); bad != nil {
		refused = append(refused, bad)
	}
	metadata, bad := checkout.CheckMetadata(b.Metadata)
	if bad != nil {
		refused = append(refused, bad)
	}
	p.Metadata = metadata
	if len(refused) > 0 {
		refused[0].Others = refused[1:]
		return p, refused[0]
	}
	return p, nil
}

type orderOutput struct {
	Location string `header:"Location" doc:"The order's address."`
	Replayed
	Body checkout.OrderDocument
}

func (s *server) orderCalls() {
	type createInput struct {
		IdempotencyKey
		Body orderBody
	}
	add(s, call{id: "create-order", method: http.MethodPost, path: "/orders", tag: "Orders", status: http.StatusCreated, scopes: writeOrders, errors: []int{409, 503},
		summary: "Make an order", description: "Without `route` the customer chooses at `checkout_url`. With it the exchange order is made at once: `payment.url` is the exchanger's page. Sending the call again under the same `Idempotency-Key` gives the order that it made, as it is by then."},
		func(ctx context.Context, in *createInput) (*orderOutput, error) {
			p, err := s.placement(&in.Body, in.Key)
			if err != nil {
				return nil, err
			}
			p.By = keyOf(ctx).ID
			placed, err := s.Service.Place(context.WithoutCancel(ctx), p)
			if err != nil {
				return nil, err
			}
			out, err := s.show(ctx, placed.Order)
			if err != nil {
				return nil, err
			}
			out.Location = "/api/v1/orders/" + out.Body.ID
			if placed.Again {
				out.Replayed.Replayed = "true"
			}
			return out, nil
		})
	add(s, call{id: "get-order", method: http.MethodGet, path: "/orders/{id}", tag: "Orders", scopes: readOrders, errors: []int{404}, summary: "Read an order"},
		func(ctx context.Context, in *OrderPath) (*orderOutput, error) {
			o, err := s.order(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return s.show(ctx, o)
		})
	s.listOrders()
	s.explainOrder()
	s.decideOrders()
}

// OrderPath names an order in the address.
type OrderPath struct {
	ID string `path:"id" maxLength:"40" example:"ord_1042" doc:"The order's id, or its number."`
}

// order finds the order of an id. The error is a *Problem when there is none.
func (s *server) order(ctx context.Context, id string) (*models.Order, error) {
	n, ok := orderNumber(id)
	if !ok {
		return nil, missing("order")
	}
	o, err := s.store.OrderByNumber(ctx, n)
	if errors.Is(err, models.ErrNotFound) {
		return nil, missing("order")
	}
	return o, err
}

func (s *server) show(ctx context.Context, o *models.Order) (*orderOutput, error) {
	d, err := s.Service.Document(ctx, o)
	if err != nil {
		return nil, err
	}
	return &orderOutput{Body: d}, nil
}

// again reads an order after it was changed.
func (s *server) again(ctx context.Context, o *models.Order) (*orderOutput, error) {
	now, err := s.store.OrderByID(ctx, o.ID)
	if err != nil {
		return nil, err
	}
	return s.show(ctx, now)
}

func (s *server) listOrders() {
	type input struct {
		Paging
		Status       []string  `query:"status" doc:"One or several, with commas: open, pending, paid, underpaid, returned, cancelled, expired, review."`
		Email        string    `query:"email" maxLength:"254" doc:"Of exactly this customer."`
		Q            string    `query:"q" maxLength:"200" doc:"A number, a part of the e-mail or description, or an exchange order's uid."`
		CreatedAfter time.Time `query:"created_after" doc:"Made after this moment."`
	}
	type output struct{ Body list[checkout.OrderDocument] }
	add(s, call{id: "list-orders", method: http.MethodGet, path: "/orders", tag: "Orders", scopes: readOrders, errors: []int{422}, where: "query", summary: "List orders", description: "The newest first."},
		func(ctx context.Context, in *input) (*output, error) {
			before, err := in.before()
			if err != nil {
				return nil, err
			}
			q := models.OrderQuery{Email: strings.TrimSpace(in.Email), Text: in.Q, CreatedAfter: in.CreatedAfter, Before: before, Limit: in.Limit + 1}
			for _, st := range in.Status {
				if st == "" {
					continue
				}
				if !slices.Contains(checkout.OrderStatuses, st) {
					return nil, wrong("query.status", "status_unknown", "A status is one of: "+strings.Join(checkout.OrderStatuses, ", ")+".")
				}
				q.Statuses = append(q.Statuses, st)
			}
			if err := errors.Join(text("query.email", in.Email), text("query.q", in.Q)); err != nil {
				return nil, err
			}
			rows, err := s.store.QueryOrders(ctx, q)
			if err != nil {
				return nil, err
			}
			body, err := page(rows, in.Limit, func(o *models.Order) int64 { return o.ID }, func(o *models.Order) (checkout.OrderDocument, error) { return s.Service.Document(ctx, o) })
			return &output{body}, err
		})
}
