package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mostrador/models"
)

// OldSecretLife is how long the secret before a rotation signs beside the new one.
const OldSecretLife = 24 * time.Hour

// What callers tell apart; ErrURL and ErrPrivate stand in address.go.
var (
	ErrEvents   = errors.New("names an event type that does not exist")
	ErrUnknown  = errors.New("there is no such endpoint or delivery")
	ErrDisabled = errors.New("the endpoint is disabled: switch it on first")
)

// ReasonSwitchedOff is why an endpoint is disabled that a person disabled.
const ReasonSwitchedOff = "switched off"

// ReasonGone is why an endpoint is disabled that answered 410.
const ReasonGone = "answered 410 Gone"

// Desk cares for endpoints and their deliveries. It is safe for concurrent use.
type Desk struct {
	store *models.Store
	allow bool
	queue func(ctx context.Context, tx *models.Tx, deliveryID int64) error
}

// NewDesk makes the desk. queue puts the job of one delivery into a transaction; allowPrivate is webhooks.allow_private.
func NewDesk(store *models.Store, allowPrivate bool, queue func(ctx context.Context, tx *models.Tx, deliveryID int64) error) *Desk {
	return &Desk{store: store, allow: allowPrivate, queue: queue}
}

// Create makes an endpoint; events empty: all. secret is shown once. The error may be ErrURL, ErrPrivate or ErrEvents. note, when not nil,
// runs in the same transaction, for the log.
func (d *Desk) Create(ctx context.Context, url string, events []string, note Note) (e *models.Endpoint, secret string, err error) {
	if err := CheckURL(url, d.allow); err != nil {
		return nil, "", err
	}
	chosen, err := chooseEvents(events)
	if err != nil {
		return nil, "", err
	}
	secret = NewSecret()
	e = &models.Endpoint{PublicID: models.PublicID("we"), URL: url, Events: chosen}
	d.store.Vault().SealEndpointSecret(e, secret)
	err = d.store.InTx(ctx, func(tx *models.Tx) error {
		if err := tx.InsertEndpoint(ctx, e); err != nil {
			return err
		}
		return note.run(ctx, tx, e)
	})
	if err != nil {
		return nil, "", err
	}
	return e, secret, nil
}

// Note is what is written with a change of an endpoint, in its transaction.
type Note func(ctx context.Context, tx *models.Tx, e *models.Endpoint) error

func (n Note) run(ctx context.Context, tx *models.Tx, e *models.Endpoint) error {
	if n == nil {
		return nil
	}
	return n(ctx, tx, e)
}

// chooseEvents writes event types as they are kept: in the order of EventTypes, "" for all.
func chooseEvents(events []string) (string, error) {
	if len(events) == 0 || slices.Contains(events, "*") {
		return "", nil
	}
	for _, e := range events {
		if !slices.Contains(EventTypes, e) {
			return "", ErrEvents
		}
	}
	var kept []string
	for _, e := range EventTypes {
		if slices.Contains(events, e) {
			kept = append(kept, e)
		}
	}
	return strings.Join(kept, " "), nil
}

// Change is what Update changes; nil stays.
type Change struct {
	URL     *string
	Events  *[]string
	Enabled *bool
}

// Update changes an endpoint. The error may be ErrUnknown, ErrURL, ErrPrivate or ErrEvents.
func (d *Desk) Update(ctx context.Context, publicID string, c Change, note Note) (*models.Endpoint, error) {
	if c.URL != nil {
		if err := CheckURL(*c.URL, d.allow); err != nil {
			return nil, err
		}
	}
	chosen := ""
	if c.Events != nil {
		var err error
		if chosen, err = chooseEvents(*c.Events); err != nil {
			return nil, err
		}
	}
	return d.change(ctx, publicID, note, func(tx *models.Tx, e *models.Endpoint) error {
		if c.URL != nil {
			e.URL = *c.URL
		}
		if c.Events != nil {
			e.Events = chosen
		}
		if c.Enabled == nil {
			return nil
		}
		if now := tx.Now(); *c.Enabled {
			e.DisabledAt, e.DisabledWhy, e.FailingSince, e.Paused = nil, "", nil, false
		} else if e.DisabledAt == nil {
			e.DisabledAt, e.DisabledWhy = &now, ReasonSwitchedOff
		}
		return nil
	})
}

// Rotate gives an endpoint a new secret, shown once; the one before it signs too for OldSecretLife. The error may be ErrUnknown.
func (d *Desk) Rotate(ctx context.Context, publicID string, note Note) (*models.Endpoint, string, error) {
	secret := NewSecret()
	e, err := d.change(ctx, publicID, note, func(tx *models.Tx, e *models.Endpoint) error {
		until := tx.Now().Add(OldSecretLife)
		e.OldSecret, e.OldUntil = e.Secret, &until
		d.store.Vault().SealEndpointSecret(e, secret)
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	return e, secret, nil
}

// Delete ends an endpoint; what waits for it is not sent. The error may be ErrUnknown.
func (d *Desk) Delete(ctx context.Context, publicID string, note Note) error {
	_, err := d.change(ctx, publicID, note, func(tx *models.Tx, e *models.Endpoint) error {
		now := tx.Now()
		e.DeletedAt = &now
		return nil
	})
	return err
}

func (d *Desk) change(ctx context.Context, publicID string, note Note, f func(*models.Tx, *models.Endpoint) error) (*models.Endpoint, error) {
	var e *models.Endpoint
	err := d.store.InTx(ctx, func(tx *models.Tx) (err error) {
		if e, err = tx.LockEndpoint(ctx, publicID); err != nil {
			return err
		}
		if err := f(tx, e); err != nil {
			return err
		}
		if err := tx.SaveEndpoint(ctx, e); err != nil {
			return err
		}
		return note.run(ctx, tx, e)
	})
	if errors.Is(err, models.ErrNotFound) {
		return nil, ErrUnknown
	}
	return e, err
}

// Test sends a message of TestType to an endpoint. The error may be ErrUnknown or ErrDisabled.
func (d *Desk) Test(ctx context.Context, publicID string, note Note) (*models.Delivery, error) {
	var out models.Delivery
	_, err := d.change(ctx, publicID, note, func(tx *models.Tx, e *models.Endpoint) error {
		if e.DisabledAt != nil {
			return ErrDisabled
		}
		body, err := json.Marshal(struct {
			Type      string            `json:"type"`
			Timestamp string            `json:"timestamp"`
			Data      map[string]string `json:"data"`
		}{TestType, tx.Now().Format(time.RFC3339Nano), map[string]string{}})
		if err != nil {
			return fmt.Errorf("write test: %w", err)
		}
		out = models.Delivery{PublicID: models.PublicID("msg"), EndpointID: e.ID, Type: TestType, Body: string(body), State: models.DeliveryWaiting}
		if err := tx.InsertDelivery(ctx, &out); err != nil {
			return err
		}
		return d.queue(ctx, tx, out.ID)
	})
	if err != nil {
		return nil, err
	}
	return &out, nil
}

// Redeliver sends a delivery again, delivered or not, under the same id; the schedule of its tries begins anew. The error may be ErrUnknown
// or ErrDisabled.
func (d *Desk) Redeliver(ctx context.Context, publicID string, note Note) (*models.Delivery, error) {
	found, err := d.store.DeliveryByPublicID(ctx, publicID)
	if err == nil {
		err = d.store.InTx(ctx, func(tx *models.Tx) error {
			e, err := tx.LockEndpointByID(ctx, found.EndpointID)
			if err != nil {
				return err
			}
			if e.DeletedAt != nil {
				return ErrUnknown
			}
			if e.DisabledAt != nil {
				return ErrDisabled
			}
			if found, err = tx.LockDelivery(ctx, found.ID); err != nil {
				return err
			}
			found.State, found.Tries, found.NextAt, found.DeliveredAt = models.DeliveryWaiting, 0, nil, nil
			if err := tx.SaveDelivery(ctx, found); err != nil {
				return err
			}
			if err := d.queue(ctx, tx, found.ID); err != nil {
				return err
			}
			return note.run(ctx, tx, e)
		})
	}
	if errors.Is(err, models.ErrNotFound) {
		return nil, ErrUnknown
	}
	if err != nil {
		return nil, err
	}
	return found, nil
}
