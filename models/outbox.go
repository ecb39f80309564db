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

// FanOut makes a waiting delivery of the event for every endpoint that wants it and returns their ids.
func (tx *Tx) FanOut(ctx context.Context, e *OrderEvent) ([]int64, error) {
	var endpoints []Endpoint
	err := tx.db.WithContext(ctx).Where("disabled_at IS NULL AND deleted_at IS NULL AND paused = ?", false).Find(&endpoints).Error
	if err != nil {
		return nil, fmt.Errorf("read endpoints: %w", translate(err))
	}
	var ids []int64
	for i := range endpoints {
		if !endpoints[i].Wants(e.Type) {
			continue
		}
		body, err := json.Marshal(struct {
			Type      string `json:"type"`
			Timestamp string `json:"timestamp"`
			Data      any    `json:"data"`
		}{e.Type, e.At.UTC().Format(time.RFC3339Nano), map[string]json.RawMessage{"order": json.RawMessage(e.Data)}})
		if err != nil {
			return nil, fmt.Errorf("write delivery: %w", err)
		}
		d := Delivery{PublicID: PublicID("msg"), EndpointID: endpoints[i].ID, EventID: &e.ID, Type: e.Type, Body: string(body), State: "waiting", CreatedAt: tx.now}
		if err := tx.InsertDelivery(ctx, &d); err != nil {
			return nil, err
		}
		ids = append(ids, d.ID)
	}
	return ids, nil
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
	var ids []int64
	err = tx.db.WithContext(ctx).Raw(`INSERT INTO mails (once, kind, order_id, recipient, lang, data, state, created_at) VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?)
		ON CONFLICT (once) DO NOTHING RETURNING id`, m.Once, m.Kind, m.OrderID, m.Recipient, m.Lang, m.Data, tx.now).Scan(&ids).Error
	if err != nil {
		return false, fmt.Errorf("insert mail: %w", translate(err))
	}
	if len(ids) == 0 {
		return false, nil
	}
	m.ID = ids[0]
	return true, nil
}

// MailByID finds a mail. The error is ErrNotFound.
func (s *Store) MailByID(ctx context.Context, id int64) (*Mail, error) {
	var m Mail
	if err := s.read(ctx).Where("id = ?", id).Take(&m).Error; err != nil {
		return nil, fmt.Errorf("read mail: %w", translate(err))
	}
	return &m, nil
}

// SaveMail writes how sending went.
func (tx *Tx) SaveMail(ctx context.Context, m *Mail) error {
	if err := tx.db.WithContext(ctx).Save(m).Error; err != nil {
		return fmt.Errorf("save mail: %w", translate(err))
	}
	return nil
}
