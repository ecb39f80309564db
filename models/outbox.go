package models

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Endpoint is where a merchant's webhooks go.
type Endpoint struct {
	ID           int64
	PublicID     string
	URL          string `gorm:"column:url"`
	Events       string
	Secret       []byte // sealed
	OldSecret    []byte // sealed
	OldUntil     *time.Time
	Paused       bool
	DisabledAt   *time.Time
	DisabledWhy  string
	FailingSince *time.Time
	LastOkAt     *time.Time
	DeletedAt    *time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// TableName is where endpoints live.
func (Endpoint) TableName() string { return "webhook_endpoints" }

// Wants tells whether the endpoint is to hear of an event type.
func (e *Endpoint) Wants(kind string) bool {
	if e.Events == "" {
		return true
	}
	for _, w := range strings.Fields(e.Events) {
		if w == kind {
			return true
		}
	}
	return false
}

// Delivery hands one event to one endpoint; PublicID is its webhook-id through every try.
type Delivery struct {
	ID          int64
	PublicID    string
	EndpointID  int64
	EventID     *int64
	Type        string
	Body        string
	State       string
	Tries       int
	LastStatus  int
	LastError   string
	LastTookMs  int64
	NextAt      *time.Time
	CreatedAt   time.Time
	DeliveredAt *time.Time
}

// PublicID makes an id that people outside see, such as msg_3kq….
func PublicID(prefix string) string { return prefix + "_" + strings.ToLower(rand.Text()) }

// Publish stores a change of an order and makes a waiting delivery of it for every endpoint that wants it. It returns the deliveries' ids. Call it
// late: the counter's row stays locked until the commit, so that ids follow commits.
func (tx *Tx) Publish(ctx context.Context, e *OrderEvent) ([]int64, error) {
	var endpoints []Endpoint
	err := tx.pipe.read(ctx, wanted{"SELECT id, events FROM webhook_endpoints WHERE disabled_at IS NULL AND deleted_at IS NULL AND paused = ? ORDER BY id", []any{false},
		func(scan func(...any) error) error {
			var p Endpoint
			if err := scan(&p.ID, &p.Events); err != nil {
				return err
			}
			if p.Wants(e.Type) {
				endpoints = append(endpoints, p)
			}
			return nil
		}})
	if err != nil {
		return nil, fmt.Errorf("read endpoints: %w", translate(err))
	}
	if e.Data == "" {
		e.Data = "{}"
	}
	e.At = tx.now
	tx.Touch(e.OrderID)
	if len(endpoints) == 0 && tx.store.dialect == Postgres { // nobody needs to know the id: no round trip for it
		return nil, tx.pipe.write(ctx, "insert order event", 1, `WITH c AS (UPDATE counters SET value = value + 1 WHERE name = 'order_event' RETURNING value)
			INSERT INTO order_events (id, order_id, type, version, at, data)
			SELECT value, CAST(? AS BIGINT), CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS TIMESTAMPTZ), CAST(? AS TEXT) FROM c`, e.OrderID, e.Type, e.Version, e.At, e.Data)
	}
	if e.ID, err = tx.next(ctx, "order_event"); err != nil {
		return nil, err
	}
	err = tx.pipe.write(ctx, "insert order event", 1, "INSERT INTO order_events (id, order_id, type, version, at, data) VALUES (?, ?, ?, ?, ?, ?)",
		e.ID, e.OrderID, e.Type, e.Version, e.At, e.Data)
	if err != nil || len(endpoints) == 0 {
		return nil, err
	}
	body, err := json.Marshal(struct {
		Type      string `json:"type"`
		Timestamp string `json:"timestamp"`
		Data      any    `json:"data"`
	}{e.Type, e.At.UTC().Format(time.RFC3339Nano), map[string]json.RawMessage{"order": json.RawMessage(e.Data)}})
	if err != nil {
		return nil, fmt.Errorf("write delivery: %w", err)
	}
	list := make([]Delivery, 0, len(endpoints))
	for _, p := range endpoints {
		list = append(list, Delivery{PublicID: PublicID("msg"), EndpointID: p.ID, EventID: &e.ID, Type: e.Type, Body: string(body), State: DeliveryWaiting, CreatedAt: tx.now})
	}
	if err := tx.db.WithContext(ctx).Create(&list).Error; err != nil {
		return nil, fmt.Errorf("insert deliveries: %w", translate(err))
	}
	ids := make([]int64, 0, len(list))
	for _, d := range list {
		ids = append(ids, d.ID)
	}
	return ids, nil
}

// LastTold is the type of the newest change of an order's status that was published; "" when none was. A refund is a record beside it.
func (tx *Tx) LastTold(ctx context.Context, orderID int64) (kind string, err error) {
	err = tx.pipe.read(ctx, wanted{"SELECT type FROM order_events WHERE order_id = ? AND type <> 'order.refunded' ORDER BY id DESC LIMIT 1", []any{orderID}, func(scan func(...any) error) error { return scan(&kind) }})
	if err != nil {
		return "", fmt.Errorf("read order event: %w", translate(err))
	}
	return kind, nil
}

// InsertDelivery stores a delivery.
func (tx *Tx) InsertDelivery(ctx context.Context, d *Delivery) error {
	d.CreatedAt = tx.now
	if err := tx.db.WithContext(ctx).Create(d).Error; err != nil {
		return fmt.Errorf("insert delivery: %w", translate(err))
	}
	return nil
}

// Mail is one mail to be sent, or sent. Once names what it is about.
type Mail struct {
	ID        int64
	Once      string
	Kind      string
	OrderID   *int64
	Recipient string
	Lang      string
	Data      string // JSON
	State     string // waiting, sent, failed
	Tries     int
	Error     string
	CreatedAt time.Time
	SentAt    *time.Time
}

// InsertMail stores a mail; fresh is false when the same was written before.
func (tx *Tx) InsertMail(ctx context.Context, m *Mail) (fresh bool, err error) {
	err = tx.pipe.read(ctx, wanted{`INSERT INTO mails (once, kind, order_id, recipient, lang, data, state, created_at) VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?)
		ON CONFLICT (once) DO NOTHING RETURNING id`, []any{m.Once, m.Kind, m.OrderID, m.Recipient, m.Lang, m.Data, tx.now}, func(scan func(...any) error) error {
		fresh = true
		return scan(&m.ID)
	}})
	if err != nil {
		return false, fmt.Errorf("insert mail: %w", translate(err))
	}
	return fresh, nil
}

// MailByID finds a mail. The error is ErrNotFound.
func (s *Store) MailByID(ctx context.Context, id int64) (*Mail, error) {
	var m Mail
	if err := s.read(ctx).Where("id = ?", id).Take(&m).Error; err != nil {
		return nil, fmt.Errorf("read mail: %w", translate(err))
	}
	return &m, nil
}

// MailsSince tells how many mails of a kind an order's customer was written since a moment, and when the last was.
func (tx *Tx) MailsSince(ctx context.Context, orderID int64, kind string, since time.Time) (n int, last time.Time, err error) {
	var list []Mail
	err = tx.db.WithContext(ctx).Select("id", "created_at").Where("order_id = ? AND kind = ? AND created_at > ?", orderID, kind, since.UTC()).Order("id").Find(&list).Error
	if err != nil {
		return 0, last, fmt.Errorf("read mails: %w", translate(err))
	}
	if len(list) > 0 {
		last = list[len(list)-1].CreatedAt
	}
	return len(list), last, nil
}

// SaveMail writes how sending went.
func (tx *Tx) SaveMail(ctx context.Context, m *Mail) error {
	if err := tx.db.WithContext(ctx).Save(m).Error; err != nil {
		return fmt.Errorf("save mail: %w", translate(err))
	}
	return nil
}
