package models

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// What of the inbox can be put aside, as SeeInbox knows it.
const (
	SeenRefused = "refused" // notifications that were refused until then
	seenFlags   = "flags/"  // with the order and its flags: another flag is news again
)

// SeenFlags names the flags of an order, as they are now, for SeeInbox.
func SeenFlags(orderID int64, flags string) string {
	return fmt.Sprintf("%s%d/%s", seenFlags, orderID, flags)
}

// SeeInbox keeps that somebody saw something that needs no more than that.
func (tx *Tx) SeeInbox(ctx context.Context, subject, who string) error {
	err := tx.db.WithContext(ctx).Exec(`INSERT INTO inbox_seen (subject, at, who) VALUES (?, ?, ?) ON CONFLICT (subject) DO UPDATE SET at = excluded.at, who = excluded.who`, subject, tx.now, who).Error
	if err != nil {
		return fmt.Errorf("write what was seen: %w", translate(err))
	}
	return nil
}

// InboxSeen tells when something was last seen; the zero time for never.
func (s *Store) InboxSeen(ctx context.Context, subject string) (time.Time, error) {
	var list []struct{ At time.Time }
	if err := s.read(ctx).Raw("SELECT at FROM inbox_seen WHERE subject = ?", subject).Scan(&list).Error; err != nil {
		return time.Time{}, fmt.Errorf("read what was seen: %w", translate(err))
	}
	if len(list) == 0 {
		return time.Time{}, nil
	}
	return list[0].At, nil
}

// FlaggedOrders gives the orders placed since a moment that were paid late, twice or with too much and whose flags nobody has seen yet, the newest first. Orders
// in review are not among them: WaitingOrders has those.
func (s *Store) FlaggedOrders(ctx context.Context, since time.Time, limit int) ([]Waiting, error) {
	var list []Waiting
	err := s.read(ctx).Raw(`SELECT id AS order_id, number, status, flags, review_reason, currency, total, received, version, updated_at AS since FROM orders
		WHERE flags <> '' AND (flags LIKE '%late%' OR flags LIKE '%double%' OR flags LIKE '%over%') AND status <> 'review' AND created_at >= ?
		AND NOT EXISTS (SELECT 1 FROM inbox_seen s WHERE s.subject = '`+seenFlags+`' || CAST(orders.id AS TEXT) || '/' || orders.flags) ORDER BY created_at DESC, id DESC LIMIT ?`, since.UTC(), limit).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read flagged orders: %w", translate(err))
	}
	return list, nil
}

// hanging are the payments that stand in a status of the exchanger's and are not settled.
func (s *Store) hanging() string {
	return `FROM payments p` + s.by("payments_hanging") + ` JOIN orders o ON o.id = p.order_id JOIN sites s ON s.id = p.site_id WHERE p.status = ? AND p.settled_at IS NULL AND o.status IN ('open', 'pending', 'expired', 'cancelled')`
}

// WaitingPayments gives the payments that stand in a status of the exchanger's and are not settled, the longest first, and how many there are.
func (s *Store) WaitingPayments(ctx context.Context, status string, limit int) ([]Waiting, int64, error) {
	var n int64
	if err := s.read(ctx).Raw("SELECT COUNT(*) "+s.hanging(), status).Scan(&n).Error; err != nil {
		return nil, 0, fmt.Errorf("count waiting payments: %w", translate(err))
	}
	var list []Waiting
	err := s.read(ctx).Raw(`SELECT o.id AS order_id, o.number, o.status, o.flags, o.review_reason, o.currency, o.total, o.received, o.version, p.status AS pay_status, o.updated_at AS since, s.name AS site_name
		`+s.hanging()+` ORDER BY p.updated_at LIMIT ?`, status, limit).Scan(&list).Error
	if err != nil {
		return nil, 0, fmt.Errorf("read waiting payments: %w", translate(err))
	}
	return list, n, nil
}

// WaitingAt counts the orders whose payments at a site are looked after and not settled: what waits while it does not answer.
func (s *Store) WaitingAt(ctx context.Context, siteID int64) (int64, error) {
	var n int64
	err := s.read(ctx).Raw(`SELECT COUNT(DISTINCT p.order_id) FROM payments p JOIN orders o ON o.id = p.order_id
		WHERE p.next_pull_at IS NOT NULL AND p.site_id = ? AND p.settled_at IS NULL AND o.status IN ('open', 'pending')`, siteID).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count orders of a site: %w", translate(err))
	}
	return n, nil
}

// AskedRefund is a refund that a customer asked for and nobody answered yet.
type AskedRefund struct {
	PublicID string
	OrderID  int64
	Number   int64
	Currency string // of the order
	Total    int64  // minor units of Currency
	Reason   string
	Since    time.Time
}

// AskedRefunds gives the refunds that wait for an answer, the one that waits longest first, and how many there are.
func (s *Store) AskedRefunds(ctx context.Context, limit int) ([]AskedRefund, int64, error) {
	var n int64
	if err := s.read(ctx).Raw("SELECT COUNT(*) FROM refunds WHERE state = 'asked'").Scan(&n).Error; err != nil {
		return nil, 0, fmt.Errorf("count refunds: %w", translate(err))
	}
	var list []AskedRefund
	err := s.read(ctx).Raw(`SELECT r.public_id, r.order_id, o.number, o.currency, o.total, r.reason, r.created_at AS since FROM refunds r JOIN orders o ON o.id = r.order_id
		WHERE r.state = 'asked' ORDER BY r.id LIMIT ?`, limit).Scan(&list).Error
	if err != nil {
		return nil, 0, fmt.Errorf("read refunds: %w", translate(err))
	}
	return list, n, nil
}

// RestAsked tells when the customers of orders were last asked for the rest, by mail or, where mail is off, by whoever noted it.
func (s *Store) RestAsked(ctx context.Context, orderIDs []int64) (map[int64]time.Time, error) {
	if len(orderIDs) == 0 {
		return nil, nil
	}
	var list []struct {
		OrderID   int64
		CreatedAt time.Time
	}
	if err := s.read(ctx).Raw("SELECT p.order_id, e.at AS created_at FROM payments p JOIN payment_events e ON e.payment_id = p.id WHERE p.order_id IN ? AND e.kind = 'asked_rest' ORDER BY e.at", orderIDs).Scan(&list).Error; err != nil {
		return nil, fmt.Errorf("read who was asked for the rest: %w", translate(err))
	}
	at := map[int64]time.Time{}
	for _, m := range list {
		at[m.OrderID] = m.CreatedAt
	}
	return at, nil
}

// RefundsOfOrders gives the refunds of orders.
func (s *Store) RefundsOfOrders(ctx context.Context, orderIDs []int64) (map[int64][]Refund, error) {
	if len(orderIDs) == 0 {
		return nil, nil
	}
	var list []Refund
	if err := s.read(ctx).Where("order_id IN ?", orderIDs).Order("id").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read refunds: %w", translate(err))
	}
	of := map[int64][]Refund{}
	for _, r := range list {
		of[r.OrderID] = append(of[r.OrderID], r)
	}
	return of, nil
}

// CanBeSeen tells whether something of the inbox can be put aside.
func CanBeSeen(subject string) bool {
	return subject == SeenRefused || strings.HasPrefix(subject, seenFlags) && len(subject) < 100
}

// SinceWhen corrects since when orders wait in a status: from the moment at which they came into it, and not from the last time that anything was
// written about them. payment tells that it is the exchanger's status of their payments.
func (s *Store) SinceWhen(ctx context.Context, list []Waiting, payment bool) error {
	if len(list) == 0 {
		return nil
	}
	ids := make([]int64, len(list))
	for i := range list {
		ids[i] = list[i].OrderID
	}
	query, status := "SELECT order_id, at FROM order_events WHERE order_id IN ? AND type = ? ORDER BY id", "order."+list[0].Status
	if payment { // the first time that it was learnt
		query, status = "SELECT p.order_id, e.at FROM payments p JOIN payment_events e ON e.payment_id = p.id AND e.status = p.status WHERE p.order_id IN ? AND p.status = ? ORDER BY e.id DESC", list[0].PayStatus
	}
	var moments []struct {
		OrderID int64
		At      time.Time
	}
	if err := s.read(ctx).Raw(query, ids, status).Scan(&moments).Error; err != nil {
		return fmt.Errorf("read since when orders wait: %w", translate(err))
	}
	since := map[int64]time.Time{}
	for _, m := range moments {
		since[m.OrderID] = m.At
	}
	for i := range list {
		if at, ok := since[list[i].OrderID]; ok {
			list[i].Since = at
		}
	}
	return nil
}
