package models

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// Event is one entry of a payment's append-only log: what was learnt, from where, and what became of it. There is no update and no
// delete: both databases refuse them.
type Event struct {
	ID        int64
	PaymentID int64
	Seq       int64
	At        time.Time
	Source    string
	Kind      string
	Outcome   string
	Reason    string
	Status    string
	Data      string // JSON
	Raw       []byte // sealed
	RawDigest string
	RequestID string
	Who       string
	Prev      string
	Digest    string
}

// TableName is where events live.
func (Event) TableName() string { return "payment_events" }

// Sum computes the digest that chains the event to the one before it: SHA-256 over everything that the event says. The time counts in
// microseconds, which both databases keep.
func (e *Event) Sum() string {
	raw, err := json.Marshal([]any{e.PaymentID, e.Seq, e.At.UTC().UnixMicro(), e.Source, e.Kind, e.Outcome, e.Reason, e.Status, e.Data, e.RawDigest, e.RequestID, e.Who, e.Prev})
	if err != nil {
		panic(err) // strings and integers only
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// AppendEvent adds e to the log of p and moves p's head; p is saved by the caller. raw, the body as it was received, may be nil.
func (tx *Tx) AppendEvent(ctx context.Context, p *Payment, e *Event, raw []byte) error {
	e.ID, e.PaymentID, e.Seq, e.At, e.Prev = 0, p.ID, p.Events+1, tx.now, p.Head
	if raw != nil {
		sum := sha256.Sum256(raw)
		e.RawDigest = hex.EncodeToString(sum[:])
		e.Raw = tx.store.vault.Seal(e.rawPlace(), raw)
	}
	e.Digest = e.Sum()
	if err := tx.pipe.write(ctx, "append event", 1, eventsTable.insert, eventsTable.values(e)...); err != nil {
		return err
	}
	p.Events, p.Head = e.Seq, e.Digest
	if p.tail != "" {
		p.tail = p.end()
	}
	return nil
}

func (e *Event) rawPlace() string { return fmt.Sprintf("payment_events.raw:%d/%d", e.PaymentID, e.Seq) }

// RawOf opens the body as it was received; nil when the event has none.
func (v *Vault) RawOf(e *Event) ([]byte, error) {
	if len(e.Raw) == 0 {
		return nil, nil
	}
	return v.Open(e.rawPlace(), e.Raw)
}

// Events gives the log of a payment in its order.
func (s *Store) Events(ctx context.Context, paymentID int64) ([]Event, error) {
	var list []Event
	if err := s.read(ctx).Where("payment_id = ?", paymentID).Order("seq").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read events: %w", translate(err))
	}
	return list, nil
}

// Events gives the log of a payment inside the transaction.
func (tx *Tx) Events(ctx context.Context, paymentID int64) ([]Event, error) {
	var list []Event
	if err := tx.db.WithContext(ctx).Omit("raw").Where("payment_id = ?", paymentID).Order("seq").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read events: %w", translate(err))
	}
	return list, nil
}

// EventByID finds one event. The error is ErrNotFound.
func (s *Store) EventByID(ctx context.Context, id int64) (*Event, error) {
	var e Event
	if err := s.read(ctx).Where("id = ?", id).Take(&e).Error; err != nil {
		return nil, fmt.Errorf("read event: %w", translate(err))
	}
	return &e, nil
}

// Notification is one request to a notification address, whatever became of it.
type Notification struct {
	ID          int64
	PaymentID   *int64
	At          time.Time
	Answer      int
	Outcome     string
	Reason      string
	Status      string
	ContentType string
	Remote      string
	Body        []byte // sealed
}

const notificationPlace = "notifications.body"

// InsertNotification stores a received notification with its body.
func (tx *Tx) InsertNotification(ctx context.Context, n *Notification, body []byte) error {
	n.ID, n.At = 0, tx.now
	if len(body) > 0 {
		n.Body = tx.store.vault.Seal(notificationPlace, body)
	}
	return tx.pipe.write(ctx, "insert notification", 1, notificationsTable.insert, notificationsTable.values(n)...)
}

// LockNotification reads a notification and holds back who wants to change it; the error is ErrNotFound.
func (tx *Tx) LockNotification(ctx context.Context, id int64) (*Notification, error) {
	var n Notification
	if err := tx.locking(ctx).Where("id = ?", id).Take(&n).Error; err != nil {
		return nil, fmt.Errorf("lock notification: %w", translate(err))
	}
	return &n, nil
}

// JudgeNotification writes what became of a notification at a later look; what was received and answered stays as it was.
func (tx *Tx) JudgeNotification(ctx context.Context, n *Notification) error {
	err := tx.db.WithContext(ctx).Exec("UPDATE notifications SET payment_id = ?, outcome = ?, reason = ?, status = ? WHERE id = ?", n.PaymentID, n.Outcome, n.Reason, n.Status, n.ID).Error
	if err != nil {
		return fmt.Errorf("judge notification: %w", translate(err))
	}
	return nil
}

// PaymentsByExchangeID gives the payments that the exchanger knows under an orderId, whatever the site.
func (s *Store) PaymentsByExchangeID(ctx context.Context, exchangeID string) ([]Payment, error) {
	if exchangeID == "" {
		return nil, nil
	}
	list, err := s.paymentsWhere(s.read(ctx), "WHERE exchange_id = ? ORDER BY id DESC LIMIT 20", exchangeID)
	if err != nil {
		return nil, fmt.Errorf("read payments by orderId: %w", err)
	}
	return list, nil
}

// BodyOf opens the body of a notification.
func (v *Vault) BodyOf(n *Notification) ([]byte, error) {
	if len(n.Body) == 0 {
		return nil, nil
	}
	return v.Open(notificationPlace, n.Body)
}

// Call is one request to an exchanger and its answer, secrets masked.
type Call struct {
	ID        int64
	SiteID    int64
	PaymentID *int64
	At        time.Time
	Method    string
	Path      string
	Status    int
	RequestID string
	TookMs    int64
	Request   string
	Response  string
	Error     string
}

// TableName is where calls live.
func (Call) TableName() string { return "exchange_calls" }

// InsertCalls stores calls that were made.
func (tx *Tx) InsertCalls(ctx context.Context, calls []Call) error {
	for i := range calls {
		if err := tx.pipe.write(ctx, "insert calls", 1, callsTable.insert, callsTable.values(&calls[i])...); err != nil {
			return err
		}
	}
	return nil
}

// CallsOf gives the newest calls that were made for a payment, the newest first.
func (s *Store) CallsOf(ctx context.Context, paymentID int64, limit int) ([]Call, error) {
	var list []Call
	if err := s.read(ctx).Where("payment_id = ?", paymentID).Order("id DESC").Limit(limit).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read calls: %w", translate(err))
	}
	return list, nil
}

// CountRefused tells how many notifications without a payment or without sense were kept in the last hour.
func (tx *Tx) CountRefused(ctx context.Context) (int64, error) {
	var n int64
	err := tx.db.WithContext(ctx).Table("notifications").Where("outcome IN ('unknown', 'unreadable') AND at > ?", tx.now.Add(-time.Hour)).Count(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count notifications: %w", translate(err))
	}
	return n, nil
}
