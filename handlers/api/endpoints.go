package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"mostrador/models"
	"mostrador/staff"
	"mostrador/webhook"
)

var writeWebhooks = []string{"webhooks:write"}

// endpointJSON is where webhooks go.
type endpointJSON struct {
	ID             string     `json:"id" example:"we_3kq7…"`
	URL            string     `json:"url"`
	Events         []string   `json:"events" doc:"The types it gets; all of them when it chose none."`
	Enabled        bool       `json:"enabled"`
	DisabledAt     *time.Time `json:"disabled_at"`
	DisabledReason string     `json:"disabled_reason" doc:"Such as: answered 410 Gone."`
	FailingSince   *time.Time `json:"failing_since" doc:"Since when no delivery arrived; null: the last one did."`
	LastSuccessAt  *time.Time `json:"last_success_at"`
	OldSecretUntil *time.Time `json:"old_secret_until" doc:"Until when the secret before the last rotation signs too."`
	Secret         string     `json:"secret,omitempty" example:"whsec_…" doc:"Shown once: when it is made or rotated."`
	CreatedAt      time.Time  `json:"created_at"`
}

func (s *server) endpointOf(e *models.Endpoint) (endpointJSON, error) {
	out := endpointJSON{ID: e.PublicID, URL: e.URL, Events: strings.Fields(e.Events), Enabled: e.DisabledAt == nil && !e.Paused, DisabledAt: e.DisabledAt, DisabledReason: e.DisabledWhy,
		FailingSince: e.FailingSince, LastSuccessAt: e.LastOkAt, CreatedAt: e.CreatedAt.UTC()}
	if len(out.Events) == 0 {
		out.Events = webhook.EventTypes
	}
	if e.OldUntil != nil && e.OldUntil.After(s.store.Now()) {
		out.OldSecretUntil = e.OldUntil
	}
	return out, nil
}

// noted writes a change of an endpoint into the desk's log.
func noted(ctx context.Context, action string) webhook.Note {
	return func(_ context.Context, tx *models.Tx, e *models.Endpoint) error {
		return staff.Record(ctx, tx, author(ctx), action, e.PublicID, nil)
	}
}

type (
	// EndpointPath names an endpoint or a delivery in the address.
	EndpointPath struct {
		ID string `path:"id" maxLength:"60"`
	}
	endpointOutput struct {
		Replayed
		Body endpointJSON
	}
	endpointBody struct {
		URL    string   `json:"url" example:"https://shop.example/webhooks"`
		Events []string `json:"events,omitempty" maxItems:"20" doc:"Some of order.created, order.pending, order.paid, order.underpaid, order.returned, order.cancelled, order.expired, order.review, order.refunded; all without it."`
	}
	endpointPatch struct {
		URL     *string   `json:"url,omitempty"`
		Events  *[]string `json:"events,omitempty" maxItems:"20" doc:"An empty list: all."`
		Enabled *bool     `json:"enabled,omitempty" doc:"true switches on again what was disabled."`
	}
)

func (s *server) endpointCalls() {
	type createInput struct {
		IdempotencyKey
		Body endpointBody
	}
	type patchInput struct {
		EndpointPath
		Body endpointPatch
	}
	base := call{tag: "Webhooks", scopes: writeWebhooks}
	c := base
	c.id, c.method, c.path, c.status, c.summary = "create-webhook-endpoint", http.MethodPost, "/webhook_endpoints", http.StatusCreated, "Add an endpoint"
	c.errors = []int{409}
	c.description = "`secret` is shown once. Webhooks follow Standard Webhooks: check `webhook-signature` before you believe one."
	add(s, c, func(ctx context.Context, in *createInput) (*endpointOutput, error) {
		if err := text("body.url", in.Body.URL); err != nil {
			return nil, err
		}
		out, replayed, err := repeatable(ctx, s, "endpoint", in.IdempotencyKey, in.Body, func(kept keep) (endpointJSON, error) {
			e, secret, err := s.hooks.Create(ctx, in.Body.URL, in.Body.Events, func(ctx context.Context, tx *models.Tx, e *models.Endpoint) error {
				if err := noted(ctx, "webhook.create")(ctx, tx, e); err != nil {
					return err
				}
				secrets, err := tx.Vault().EndpointSecrets(e, tx.Now())
				if err != nil {
					return err
				}
				out, err := s.endpointOf(e)
				if err != nil {
					return err
				}
				out.Secret = secrets[0]
				return kept(ctx, tx, out)
			})
			if err != nil {
				return endpointJSON{}, err
			}
			out, err := s.endpointOf(e)
			out.Secret = secret
			return out, err
		})
		if err != nil {
			return nil, err
		}
		return &endpointOutput{replayed, out}, nil
	})
	s.listEndpoints(base)
	c = base
	c.id, c.method, c.path, c.errors, c.summary = "update-webhook-endpoint", http.MethodPatch, "/webhook_endpoints/{id}", []int{404}, "Change an endpoint"
	add(s, c, func(ctx context.Context, in *patchInput) (*endpointOutput, error) {
		if err := known(in.ID); err != nil {
			return nil, err
		}
		if in.Body.URL != nil {
			if err := text("body.url", *in.Body.URL); err != nil {
				return nil, err
			}
		}
		return s.plainly(s.hooks.Update(ctx, in.ID, webhook.Change{URL: in.Body.URL, Events: in.Body.Events, Enabled: in.Body.Enabled}, noted(ctx, "webhook.update")))
	})
	c = base
	c.id, c.method, c.path, c.status, c.errors, c.summary = "delete-webhook-endpoint", http.MethodDelete, "/webhook_endpoints/{id}", http.StatusNoContent, []int{404}, "Delete an endpoint"
	c.description = "What still waits for it is not sent."
	add(s, c, func(ctx context.Context, in *EndpointPath) (*struct{}, error) {
		if err := known(in.ID); err != nil {
			return nil, err
		}
		return nil, s.hooks.Delete(ctx, in.ID, noted(ctx, "webhook.delete"))
	})
	c = base
	c.id, c.method, c.path, c.errors, c.summary = "rotate-webhook-secret", http.MethodPost, "/webhook_endpoints/{id}/rotate", []int{404}, "Give an endpoint a new secret"
	c.description = "For 24 hours both secrets sign, so that nothing is lost while you change it."
	add(s, c, func(ctx context.Context, in *EndpointPath) (*endpointOutput, error) {
		if err := known(in.ID); err != nil {
			return nil, err
		}
		return s.secretly(s.hooks.Rotate(ctx, in.ID, noted(ctx, "webhook.rotate")))
	})
}

func (s *server) listEndpoints(base call) {
	type output struct{ Body list[endpointJSON] }
	c := base
	c.id, c.method, c.path, c.errors, c.where, c.summary = "list-webhook-endpoints", http.MethodGet, "/webhook_endpoints", []int{422}, "query", "List endpoints"
	add(s, c, func(ctx context.Context, in *Paging) (*output, error) {
		before, err := in.before()
		if err != nil {
			return nil, err
		}
		rows, err := s.store.Endpoints(ctx, before, in.Limit+1)
		if err != nil {
			return nil, err
		}
		body, err := page(rows, in.Limit, func(e *models.Endpoint) int64 { return e.ID }, s.endpointOf)
		return &output{body}, err
	})
	c = base
	c.id, c.method, c.path, c.errors, c.summary = "get-webhook-endpoint", http.MethodGet, "/webhook_endpoints/{id}", []int{404}, "Read an endpoint"
	add(s, c, func(ctx context.Context, in *EndpointPath) (*endpointOutput, error) {
		return s.plainly(s.endpoint(ctx, in.ID))
	})
}

// known refuses what cannot be an id before the database is asked.
func known(id string) error {
	if !publicID.MatchString(id) {
		return missing("endpoint or delivery")
	}
	return nil
}

func (s *server) endpoint(ctx context.Context, id string) (*models.Endpoint, error) {
	if err := known(id); err != nil {
		return nil, err
	}
	e, err := s.store.EndpointByPublicID(ctx, id)
	if errors.Is(err, models.ErrNotFound) {
		return nil, missing("endpoint or delivery")
	}
	return e, err
}

func (s *server) plainly(e *models.Endpoint, err error) (*endpointOutput, error) {
	return s.secretly(e, "", err)
}

func (s *server) secretly(e *models.Endpoint, secret string, err error) (*endpointOutput, error) {
	if err != nil {
		return nil, err
	}
	body, err := s.endpointOf(e)
	body.Secret = secret
	return &endpointOutput{Body: body}, err
}
