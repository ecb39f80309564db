package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"mostrador/models"
)

// deliveryJSON is one message to one endpoint through all its tries.
type deliveryJSON struct {
	ID          string          `json:"id" example:"msg_…" doc:"The webhook-id of every try."`
	EndpointID  string          `json:"endpoint_id"`
	EventID     *int64          `json:"event_id" doc:"Of /events; null for a test."`
	Type        string          `json:"type" example:"order.paid"`
	State       string          `json:"state" enum:"waiting,delivered,failed"`
	Tries       int             `json:"tries"`
	LastStatus  *int            `json:"last_status" doc:"HTTP status of the last answer; null without one."`
	LastError   string          `json:"last_error"`
	LastTookMs  int64           `json:"last_took_ms"`
	NextAt      *time.Time      `json:"next_at" doc:"When it is tried again."`
	CreatedAt   time.Time       `json:"created_at"`
	DeliveredAt *time.Time      `json:"delivered_at"`
	Payload     json.RawMessage `json:"payload" doc:"The body, byte for byte as it is signed."`
}

func deliveryOf(endpointID string, d *models.Delivery) deliveryJSON {
	out := deliveryJSON{ID: d.PublicID, EndpointID: endpointID, EventID: d.EventID, Type: d.Type, State: d.State, Tries: d.Tries, LastError: d.LastError, LastTookMs: d.LastTookMs,
		NextAt: d.NextAt, CreatedAt: d.CreatedAt.UTC(), DeliveredAt: d.DeliveredAt, Payload: json.RawMessage(d.Body)}
	if d.LastStatus != 0 {
		out.LastStatus = &d.LastStatus
	}
	if !json.Valid(out.Payload) {
		out.Payload = json.RawMessage("null")
	}
	return out
}

func (s *server) deliveryCalls() {
	type output struct{ Body deliveryJSON }
	type listInput struct {
		EndpointPath
		Paging
		State string `query:"state" enum:"waiting,delivered,failed"`
	}
	type listOutput struct{ Body list[deliveryJSON] }
	add(s, call{id: "test-webhook-endpoint", method: http.MethodPost, path: "/webhook_endpoints/{id}/test", tag: "Webhooks", status: http.StatusAccepted, scopes: writeWebhooks, errors: []int{404, 409}, summary: "Send a test",
		description: "Sends a message of type `webhook.test`, with empty `data`, whatever types the endpoint chose."},
		func(ctx context.Context, in *EndpointPath) (*output, error) {
			if err := known(in.ID); err != nil {
				return nil, err
			}
			d, err := s.hooks.Test(ctx, in.ID, noted(ctx, "webhook.test"))
			if err != nil {
				return nil, err
			}
			return &output{deliveryOf(in.ID, d)}, nil
		})
	add(s, call{id: "list-deliveries", method: http.MethodGet, path: "/webhook_endpoints/{id}/deliveries", tag: "Webhooks", scopes: writeWebhooks, errors: []int{404, 422}, where: "query", summary: "List what was sent to an endpoint", description: "The newest first."},
		func(ctx context.Context, in *listInput) (*listOutput, error) {
			e, err := s.endpoint(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			before, err := in.before()
			if err != nil {
				return nil, err
			}
			rows, err := s.store.Deliveries(ctx, e.ID, before, in.State, in.Limit+1)
			if err != nil {
				return nil, err
			}
			body, err := page(rows, in.Limit, func(d *models.Delivery) int64 { return d.ID }, func(d *models.Delivery) (deliveryJSON, error) { return deliveryOf(e.PublicID, d), nil })
			return &listOutput{body}, err
		})
	add(s, call{id: "redeliver", method: http.MethodPost, path: "/deliveries/{id}/redeliver", tag: "Webhooks", status: http.StatusAccepted, scopes: writeWebhooks, errors: []int{404, 409}, summary: "Send a delivery again",
		description: "Under the same id, delivered or not. The schedule of its tries begins anew."},
		func(ctx context.Context, in *EndpointPath) (*output, error) {
			if err := known(in.ID); err != nil {
				return nil, err
			}
			d, err := s.hooks.Redeliver(ctx, in.ID, noted(ctx, "webhook.redeliver"))
			if err != nil {
				return nil, err
			}
			e, err := s.store.EndpointByID(ctx, d.EndpointID)
			if err != nil {
				return nil, err
			}
			return &output{deliveryOf(e.PublicID, d)}, nil
		})
}
