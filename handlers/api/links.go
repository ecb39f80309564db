package api

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"mostrador/checkout"
	"mostrador/models"
	"mostrador/money"
	"mostrador/staff"
)

// linkJSON is an address at which anybody can pay.
type linkJSON struct {
	ID          string            `json:"id" doc:"The last part of the address."`
	URL         string            `json:"url"`
	Title       string            `json:"title"`
	Description string            `json:"description"`
	Amount      *string           `json:"amount" doc:"null: the customer names it."`
	Currency    string            `json:"currency"`
	MaxUses     *int64            `json:"max_uses" doc:"null: any number."`
	Uses        int64             `json:"uses" doc:"Orders made through it and not closed unpaid."`
	ExpiresAt   *time.Time        `json:"expires_at"`
	Active      bool              `json:"active"`
	ReturnURL   string            `json:"return_url"`
	Metadata    map[string]string `json:"metadata"`
	CreatedAt   time.Time         `json:"created_at"`
}

func (s *server) linkOf(l *models.Link) (linkJSON, error) {
	out := linkJSON{ID: l.Slug, URL: s.Config.Server.PublicURL + "/pay/" + l.Slug, Title: l.Title, Description: l.Description, Currency: s.Config.Shop.Currency,
		MaxUses: l.MaxUses, Uses: l.Uses, ExpiresAt: l.ExpiresAt, Active: l.Active, ReturnURL: l.ReturnURL, Metadata: map[string]string{}, CreatedAt: l.CreatedAt.UTC()}
	if l.Amount != nil {
		a := money.FromMinor(*l.Amount, s.Config.Shop.Currency).String()
		out.Amount = &a
	}
	if l.Metadata != "" {
		if err := json.Unmarshal([]byte(l.Metadata), &out.Metadata); err != nil {
			return out, fmt.Errorf("read metadata of link: %w", err)
		}
	}
	return out, nil
}

type linkBody struct {
	Title       string            `json:"title" minLength:"1" example:"Ribera mug"`
	Description string            `json:"description,omitempty"`
	Amount      string            `json:"amount,omitempty" maxLength:"40" example:"18.00" doc:"In the shop's currency; without it the customer names the amount."`
	Currency    string            `json:"currency,omitempty" maxLength:"10" doc:"The shop's currency; any other is refused."`
	MaxUses     *int64            `json:"max_uses,omitempty" minimum:"1" maximum:"1000000000"`
	ExpiresAt   *time.Time        `json:"expires_at,omitempty"`
	ReturnURL   string            `json:"return_url,omitempty" maxLength:"2000" doc:"Where the order page sends who has paid back to."`
	Metadata    map[string]string `json:"metadata,omitempty" doc:"Up to 50 texts of yours, 4 KiB together."`
}

// link checks a body and makes the row of it. The error is a *Problem.
func (s *server) link(ctx context.Context, b *linkBody) (*models.Link, error) {
	l := &models.Link{Slug: strings.ToLower(rand.Text())[:12], Title: strings.Join(strings.Fields(b.Title), " "), Description: strings.TrimSpace(b.Description), ReturnURL: b.ReturnURL, MaxUses: b.MaxUses, Active: true}
	if err := texts("body.title", b.Title, "body.description", b.Description, "body.amount", b.Amount, "body.currency", b.Currency, "body.return_url", b.ReturnURL, "body.metadata", joined(b.Metadata)); err != nil {
		return nil, err
	}
	switch {
	case l.Title == "", utf8.RuneCountInString(l.Title) > 200:
		return nil, wrong("body.title", "title_invalid", "A title has 1 to 200 characters.")
	case utf8.RuneCountInString(l.Description) > maxDescription:
		return nil, &checkout.Problem{Kind: checkout.Invalid, Field: "description", Code: "description_too_long"}
	case b.Currency != "" && !strings.EqualFold(b.Currency, s.Config.Shop.Currency):
		return nil, &checkout.Problem{Kind: checkout.Invalid, Field: "currency", Code: "amount_currency", Args: []any{"currency", s.Config.Shop.Currency}}
	case b.ExpiresAt != nil && !b.ExpiresAt.After(s.store.Now()):
		return nil, wrong("body.expires_at", "expires_at_past", "A link ends in the future.")
	}
	if bad := checkout.CheckReturnURL(b.ReturnURL); bad != nil {
		return nil, bad
	}
	if b.ExpiresAt != nil {
		at := b.ExpiresAt.UTC().Truncate(time.Microsecond)
		l.ExpiresAt = &at
	}
	if b.Amount != "" {
		basket, err := s.Service.Basket(ctx, checkout.Placement{Source: checkout.SourceAPI, Amount: b.Amount})
		if err != nil {
			return nil, err
		}
		l.Amount = &basket.Total
	}
	metadata, bad := checkout.CheckMetadata(b.Metadata)
	if bad != nil {
		return nil, bad
	}
	l.Metadata = metadata
	return l, nil
}

func (s *server) linkCalls() {
	scope := []string{"links:write"}
	type createInput struct {
		IdempotencyKey
		Body linkBody
	}
	type createOutput struct {
		Replayed
		Body linkJSON
	}
	type listOutput struct{ Body list[linkJSON] }
	add(s, call{id: "create-payment-link", method: http.MethodPost, path: "/payment_links", tag: "Payment links", status: http.StatusCreated, scopes: scope, errors: []int{409}, summary: "Make a payment link",
		description: "Anybody who opens `url` can pay, as often as `max_uses` says and until `expires_at`."},
		func(ctx context.Context, in *createInput) (*createOutput, error) {
			out, replayed, err := repeatable(ctx, s, "link", in.IdempotencyKey, in.Body, func(kept keep) (out linkJSON, err error) {
				l, err := s.link(ctx, &in.Body)
				if err != nil {
					return out, err
				}
				err = s.store.InTx(ctx, func(tx *models.Tx) error {
					if err := tx.CreateLink(ctx, l); err != nil {
						return err
					}
					if err := staff.Record(ctx, tx, author(ctx), "link.create", l.Slug, map[string]any{"title": l.Title}); err != nil {
						return err
					}
					if out, err = s.linkOf(l); err != nil {
						return err
					}
					return kept(ctx, tx, out)
				})
				return out, err
			})
			if err != nil {
				return nil, err
			}
			return &createOutput{replayed, out}, nil
		})
	add(s, call{id: "list-payment-links", method: http.MethodGet, path: "/payment_links", tag: "Payment links", scopes: scope, errors: []int{422}, where: "query", summary: "List payment links", description: "The newest first."},
		func(ctx context.Context, in *Paging) (*listOutput, error) {
			before, err := in.before()
			if err != nil {
				return nil, err
			}
			rows, err := s.store.LinksPage(ctx, before, in.Limit+1)
			if err != nil {
				return nil, err
			}
			body, err := page(rows, in.Limit, func(l *models.Link) int64 { return l.ID }, s.linkOf)
			return &listOutput{body}, err
		})
}
