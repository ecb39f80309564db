package models

import (
	"context"
	"fmt"
	"time"
)

// The states of a delivery.
const (
	DeliveryWaiting   = "waiting"   // is tried, or tried again
	DeliveryDelivered = "delivered" // the endpoint answered 2xx
	DeliveryFailed    = "failed"    // given up; a person can have it sent again
)

func (e *Endpoint) secretPlace() string { return "webhook_endpoints.secret:" + e.PublicID }

// SealEndpointSecret puts a signing secret into the row; PublicID is set before.
func (v *Vault) SealEndpointSecret(e *Endpoint, secret string) {
	e.Secret = v.Seal(e.secretPlace(), []byte(secret))
}

// EndpointSecrets opens the secrets that sign at a time: the present one first, then the one before it while that is still valid.
func (v *Vault) EndpointSecrets(e *Endpoint, at time.Time) ([]string, error) {
	now, err := v.Open(e.secretPlace(), e.Secret)
	if err != nil {
		return nil, fmt.Errorf("open secret of endpoint %s: %w", e.PublicID, err)
	}
	list := []string{string(now)}
	if len(e.OldSecret) > 0 && e.OldUntil != nil && at.Before(*e.OldUntil) {
		old, err := v.Open(e.secretPlace(), e.OldSecret)
		if err != nil {
			return nil, fmt.Errorf("open earlier secret of endpoint %s: %w", e.PublicID, err)
		}
		list = append(list, string(old))
	}
	return list, nil
}

// InsertEndpoint stores an endpoint.
func (tx *Tx) InsertEndpoint(ctx context.Context, e *Endpoint) error {
	e.ID, e.CreatedAt, e.UpdatedAt = 0, tx.now, tx.now
	if err := tx.db.WithContext(ctx).Create(e).Error; err != nil {
		return fmt.Errorf("insert endpoint: %w", translate(err))
	}
	return nil
}

// LockEndpoint reads an endpoint that is not deleted and keeps others from changing it to the end of the transaction. The error is
// ErrNotFound.
func (tx *Tx) LockEndpoint(ctx context.Context, publicID string) (*Endpoint, error) {
	var e Endpoint
	if err := tx.locking(ctx).Where("public_id = ? AND deleted_at IS NULL", publicID).Take(&e).Error; err != nil {
		return nil, fmt.Errorf("lock endpoint: %w", translate(err))
	}
	return &e, nil
}

// LockEndpointByID is LockEndpoint by the row's id, deleted ones too.
func (tx *Tx) LockEndpointByID(ctx context.Context, id int64) (*Endpoint, error) {
	var e Endpoint
	if err := tx.locking(ctx).Where("id = ?", id).Take(&e).Error; err != nil {
		return nil, fmt.Errorf("lock endpoint: %w", translate(err))
	}
	return &e, nil
}

// SaveEndpoint writes the changed endpoint. One of the locks came before.
func (tx *Tx) SaveEndpoint(ctx context.Context, e *Endpoint) error {
	e.UpdatedAt = tx.now
	if err := tx.db.WithContext(ctx).Save(e).Error; err != nil {
		return fmt.Errorf("save endpoint: %w", translate(err))
	}
	return nil
}

// EndpointByPublicID finds an endpoint that is not deleted. The error is ErrNotFound.
func (s *Store) EndpointByPublicID(ctx context.Context, publicID string) (*Endpoint, error) {
	var e Endpoint
	if err := s.read(ctx).Where("public_id = ? AND deleted_at IS NULL", publicID).Take(&e).Error; err != nil {
		return nil, fmt.Errorf("read endpoint: %w", translate(err))
	}
	return &e, nil
}

// EndpointByID finds an endpoint, deleted ones too. The error is ErrNotFound.
func (s *Store) EndpointByID(ctx context.Context, id int64) (*Endpoint, error) {
	var e Endpoint
	if err := s.read(ctx).Where("id = ?", id).Take(&e).Error; err != nil {
		return nil, fmt.Errorf("read endpoint: %w", translate(err))
	}
	return &e, nil
}

// Endpoints gives up to limit endpoints that are not deleted and older than the row with id before, the newest first; before 0: from the
// newest on.
func (s *Store) Endpoints(ctx context.Context, before int64, limit int) ([]Endpoint, error) {
	db := s.read(ctx).Where("deleted_at IS NULL")
	if before > 0 {
		db = db.Where("id < ?", before)
	}
	var list []Endpoint
	if err := db.Order("id DESC").Limit(limit).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read endpoints: %w", translate(err))
	}
	return list, nil
}

// Deliveries gives up to limit deliveries of an endpoint that are older than the row with id before (0: from the newest on), the newest
// first; state "" is any.
func (s *Store) Deliveries(ctx context.Context, endpointID, before int64, state string, limit int) ([]Delivery, error) {
	index, w := "deliveries_endpoint", where{}
	w.and("endpoint_id = ?", endpointID)
	if state != "" {
		index = "deliveries_endpoint_state"
		w.and("state = ?", state)
	}
	if before > 0 {
		w.and("id < ?", before)
	}
	var list []Delivery
	if err := s.read(ctx).Raw("SELECT * FROM deliveries"+s.by(index)+w.sql()+" ORDER BY id DESC LIMIT ?", append(w.args, limit)...).Scan(&list).Error; err != nil {
		return nil, fmt.Errorf("read deliveries: %w", translate(err))
	}
	return list, nil
}

// DeliveryByID finds a delivery. The error is ErrNotFound.
func (s *Store) DeliveryByID(ctx context.Context, id int64) (*Delivery, error) {
	var d Delivery
	if err := s.read(ctx).Where("id = ?", id).Take(&d).Error; err != nil {
		return nil, fmt.Errorf("read delivery: %w", translate(err))
	}
	return &d, nil
}

// DeliveryByPublicID finds a delivery by its webhook-id. The error is ErrNotFound.
func (s *Store) DeliveryByPublicID(ctx context.Context, publicID string) (*Delivery, error) {
	var d Delivery
	if err := s.read(ctx).Where("public_id = ?", publicID).Take(&d).Error; err != nil {
		return nil, fmt.Errorf("read delivery: %w", translate(err))
	}
	return &d, nil
}

// LockDelivery reads a delivery and keeps others from changing it to the end of the transaction. Who locks its endpoint too, locks that
// first. The error is ErrNotFound.
func (tx *Tx) LockDelivery(ctx context.Context, id int64) (*Delivery, error) {
	var d Delivery
	if err := tx.locking(ctx).Where("id = ?", id).Take(&d).Error; err != nil {
		return nil, fmt.Errorf("lock delivery: %w", translate(err))
	}
	return &d, nil
}

// SaveDelivery writes the changed delivery.
func (tx *Tx) SaveDelivery(ctx context.Context, d *Delivery) error {
	if err := tx.db.WithContext(ctx).Save(d).Error; err != nil {
		return fmt.Errorf("save delivery: %w", translate(err))
	}
	return nil
}

// CountFailing counts the endpoints that have been failing since before at.
func (s *Store) CountFailing(ctx context.Context, at time.Time) (int64, error) {
	var n int64
	err := s.read(ctx).Model(&Endpoint{}).Where("deleted_at IS NULL AND (failing_since < ? OR disabled_at IS NOT NULL)", at.UTC()).Count(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count failing endpoints: %w", translate(err))
	}
	return n, nil
}
