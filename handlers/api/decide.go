package api

import (
	"context"
	"net/http"
	"time"

	"mostrador/checkout"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/money"
	"mostrador/staff"
)

// explanationJSON is why an order is where it is.
type explanationJSON struct {
	OrderID   string         `json:"order_id" example:"ord_1042"`
	Status    string         `json:"status"`
	Cause     string         `json:"cause" example:"waiting_customer" doc:"A code that stays the same."`
	Sentence  string         `json:"sentence" doc:"The cause in words, for the shop's people."`
	Customer  string         `json:"customer_sentence" doc:"What the order page says to the customer."`
	Evidence  []evidenceJSON `json:"evidence" doc:"What it stands on, the oldest first."`
	WhoCanAct string         `json:"who_can_act" enum:"customer,exchanger,merchant,nobody"`
	NextLook  *time.Time     `json:"next_look" doc:"When the program looks again by itself; null: never."`
}

type evidenceJSON struct {
	EventID int64     `json:"event_id"`
	At      time.Time `json:"at"`
	Code    string    `json:"code"`
	Text    string    `json:"text"`
}

func (s *server) explainOrder() {
	type input struct {
		OrderPath
		Lang string `query:"lang" enum:"en,es,ru" default:"en" doc:"The language of the sentences."`
	}
	type output struct{ Body explanationJSON }
	add(s, call{id: "explain-order", method: http.MethodGet, path: "/orders/{id}/explain", tag: "Orders", scopes: readOrders, errors: []int{404}, summary: "Say why an order is where it is",
		description: "One cause, the evidence that it stands on, who can act, and when the program looks again."},
		func(ctx context.Context, in *input) (*output, error) {
			o, err := s.order(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			look, err := s.Service.Look(ctx, o)
			if err != nil {
				return nil, err
			}
			p, loc := messages.For(in.Lang), s.Config.Shop.Location()
			out := explanationJSON{OrderID: checkout.OrderID(o.Number), Status: o.Status, Cause: look.Why.Cause, Sentence: look.Why.Sentence(p, true, loc),
				Customer: look.Why.Sentence(p, false, loc), Evidence: []evidenceJSON{}, WhoCanAct: look.Why.Who}
			for _, e := range look.Why.Evidence {
				out.Evidence = append(out.Evidence, evidenceJSON{e.EventID, e.At.UTC(), e.Code, look.Why.EvidenceText(e, p, loc)})
			}
			if !look.Why.Next.IsZero() {
				next := look.Why.Next.UTC()
				out.NextLook = &next
			}
			return &output{out}, nil
		})
}

func (s *server) decideOrders() {
	type acceptBody struct {
		Version int64 `json:"version,omitempty" minimum:"1" doc:"The order's version that you looked at: another one by now is 409."`
	}
	type acceptInput struct {
		OrderPath
		Body *acceptBody
	}
	act := func(id, summary, description string, errs []int, do func(ctx context.Context, o *models.Order, by string) error) {
		add(s, call{id: id + "-order", method: http.MethodPost, path: "/orders/{id}/" + id, tag: "Orders", scopes: writeOrders, errors: append([]int{404}, errs...), summary: summary, description: description},
			func(ctx context.Context, in *OrderPath) (*orderOutput, error) {
				o, err := s.order(ctx, in.ID)
				if err != nil {
					return nil, err
				}
				if err := do(context.WithoutCancel(ctx), o, who(ctx)); err != nil {
					return nil, err
				}
				return s.again(ctx, o)
			})
	}
	act("cancel", "Cancel an unpaid order", "Its payments are cancelled at the exchanger where that is possible, and stay watched: late money is not lost. 409 when a payment is on its way, be it on the word of the customer alone, or the order is closed: on the desk a person can cancel one of which only the customer says that it is paid.",
		[]int{409}, func(ctx context.Context, o *models.Order, by string) error {
			return s.logged(ctx, o, "order.cancel", s.Service.Cancel(ctx, o.ID, by))
		})
	act("refresh", "Ask the exchanger now", "Pulls every payment of the order that can still change. 503 when the exchanger does not answer.",
		[]int{502, 503}, func(ctx context.Context, o *models.Order, by string) error { return s.Service.CheckNow(ctx, o.ID, by) })
	add(s, call{id: "accept-order", method: http.MethodPost, path: "/orders/{id}/accept", tag: "Orders", scopes: writeOrders, errors: []int{404, 409}, summary: "Accept an underpaid order",
		description: "Takes an underpaid order, or one in review, as paid. 409 in any other state."},
		func(ctx context.Context, in *acceptInput) (*orderOutput, error) {
			o, err := s.order(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			version := int64(0)
			if in.Body != nil {
				version = in.Body.Version
			}
			if err := s.logged(ctx, o, "order.accept", s.Service.Accept(context.WithoutCancel(ctx), o.ID, who(ctx), version)); err != nil {
				return nil, err
			}
			return s.again(ctx, o)
		})
}

// logged puts what a key did into the desk's log, unless it failed.
func (s *server) logged(ctx context.Context, o *models.Order, action string, err error) error {
	if err != nil {
		return err
	}
	return s.Staff.Log(context.WithoutCancel(ctx), author(ctx), action, checkout.OrderID(o.Number), nil)
}

// refundJSON is a record of money that went back.
type refundJSON struct {
	ID        string    `json:"id"`
	OrderID   string    `json:"order_id"`
	State     string    `json:"state" enum:"asked,sent,refused"`
	Amount    string    `json:"amount"`
	Currency  string    `json:"currency"`
	Reference string    `json:"reference"`
	Reason    string    `json:"reason"`
	CreatedAt time.Time `json:"created_at"`
	CreatedBy string    `json:"created_by"`
}

func refundOf(o *models.Order, r *models.Refund) refundJSON {
	out := refundJSON{ID: r.PublicID, OrderID: checkout.OrderID(o.Number), State: r.State, Currency: r.Currency, Reference: r.Reference, Reason: r.Reason, CreatedAt: r.CreatedAt.UTC(), CreatedBy: r.CreatedBy}
	if r.Amount.Valid {
		out.Amount = money.Exact(r.Amount.Decimal, money.Decimals(r.Currency))
	}
	return out
}

func (s *server) refundCalls() {
	type refundBody struct {
		Amount    string `json:"amount" maxLength:"40" example:"10.00"`
		Currency  string `json:"currency,omitempty" maxLength:"40" example:"USDTTRC20" doc:"What was sent back; the order's currency without it."`
		Reference string `json:"reference,omitempty" maxLength:"200" doc:"How you find it again: a transaction's id, say."`
		Reason    string `json:"reason,omitempty" maxLength:"500"`
	}
	type createInput struct {
		OrderPath
		IdempotencyKey
		Body refundBody
	}
	type createOutput struct {
		Replayed
		Body refundJSON
	}
	type listOutput struct{ Body list[refundJSON] }
	add(s, call{id: "create-refund", method: http.MethodPost, path: "/orders/{id}/refunds", tag: "Refunds", status: http.StatusCreated, scopes: []string{"refunds:write"}, errors: []int{404, 409}, summary: "Record a refund",
		description: "Mostrador moves no money: this keeps what you sent back, tells the customer by mail and sends `order.refunded`."},
		func(ctx context.Context, in *createInput) (*createOutput, error) {
			o, err := s.order(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			for where, t := range map[string]string{"body.amount": in.Body.Amount, "body.currency": in.Body.Currency, "body.reference": in.Body.Reference, "body.reason": in.Body.Reason} {
				if err := text(where, t); err != nil {
					return nil, err
				}
			}
			if in.Body.Currency == "" {
				in.Body.Currency = o.Currency
			}
			out, replayed, err := repeatable(ctx, s, "refund", in.IdempotencyKey, []any{o.Number, in.Body}, func(kept keep) (refundJSON, error) {
				ctx := context.WithoutCancel(ctx)
				r, err := s.Service.Refund(ctx, o.ID, checkout.RefundInput{Amount: in.Body.Amount, Currency: in.Body.Currency, Reference: in.Body.Reference, Reason: in.Body.Reason}, who(ctx), func(tx *models.Tx, r *models.Refund) error {
					if err := staff.Record(ctx, tx, author(ctx), "order.refund", checkout.OrderID(o.Number), map[string]any{"amount": in.Body.Amount, "currency": in.Body.Currency}); err != nil {
						return err
					}
					return kept(ctx, tx, refundOf(o, r))
				})
				if err != nil {
					return refundJSON{}, err
				}
				return refundOf(o, r), nil
			})
			if err != nil {
				return nil, err
			}
			return &createOutput{replayed, out}, nil
		})
	add(s, call{id: "list-refunds", method: http.MethodGet, path: "/orders/{id}/refunds", tag: "Refunds", scopes: []string{"orders:read", "refunds:write"}, errors: []int{404}, summary: "List an order's refunds"},
		func(ctx context.Context, in *OrderPath) (*listOutput, error) {
			o, err := s.order(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			rows, err := s.store.Refunds(ctx, o.ID)
			if err != nil {
				return nil, err
			}
			body, err := page(rows, len(rows), func(r *models.Refund) int64 { return r.ID }, func(r *models.Refund) (refundJSON, error) { return refundOf(o, r), nil })
			return &listOutput{body}, err
		})
}
