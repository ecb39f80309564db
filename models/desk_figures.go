package models

import (
	"context"
	"fmt"
	"time"
)

// Sales are the orders that were paid in a span of time: those that stand as paid, by the moment at which they became so.
type Sales struct {
	Orders int64
	Total  int64 // minor units of the shop currency: the prices
}

// SalesBetween sums the orders paid from from on, before before.
func (s *Store) SalesBetween(ctx context.Context, currency string, from, before time.Time) (Sales, error) {
	var row Sales
	err := s.read(ctx).Raw("SELECT COUNT(*) AS orders, COALESCE(SUM(total), 0) AS total FROM orders WHERE status = 'paid' AND currency = ? AND paid_at >= ? AND paid_at < ?",
		currency, from.UTC(), before.UTC()).Scan(&row).Error
	if err != nil {
		return Sales{}, fmt.Errorf("sum sales: %w", translate(err))
	}
	return row, nil
}

// CurrencySales are the sales that were paid in one currency.
type CurrencySales struct {
	Currency string // code; "" when no payment was made
	Orders   int64
	Total    int64 // minor
}

// SalesByCurrency sums the orders paid in a span by the currency that they were paid with, the largest first.
func (s *Store) SalesByCurrency(ctx context.Context, currency string, from, before time.Time) ([]CurrencySales, error) {
	var list []CurrencySales
	err := s.read(ctx).Raw(`SELECT pay_currency AS currency, COUNT(*) AS orders, SUM(total) AS total FROM orders WHERE status = 'paid' AND currency = ? AND paid_at >= ? AND paid_at < ?
		GROUP BY pay_currency ORDER BY SUM(total) DESC, pay_currency`, currency, from.UTC(), before.UTC()).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("sum sales by currency: %w", translate(err))
	}
	return list, nil
}

// Placed counts the orders that were placed in a span, and how many of them are paid.
func (s *Store) Placed(ctx context.Context, from, before time.Time) (all, paid int64, err error) {
	db := s.read(ctx)
	err = db.Raw("SELECT COUNT(*) FROM orders WHERE created_at >= ? AND created_at < ?", from.UTC(), before.UTC()).Scan(&all).Error
	if err == nil {
		err = db.Raw("SELECT COUNT(*) FROM orders WHERE status = 'paid' AND created_at >= ? AND created_at < ?", from.UTC(), before.UTC()).Scan(&paid).Error
	}
	if err != nil {
		return 0, 0, fmt.Errorf("count placed orders: %w", translate(err))
	}
	return all, paid, nil
}

// medianOf is how many of the newest paid orders of a span the median looks at.
const medianOf = 5000

// MedianToPaid is the median of the time from placing to paid of the newest orders paid in a span, at most 5000 of them; ok is false when there are none.
func (s *Store) MedianToPaid(ctx context.Context, from, before time.Time) (d time.Duration, ok bool, err error) {
	seconds := "(julianday(paid_at) - julianday(created_at)) * 86400.0"
	if s.dialect == Postgres {
		seconds = "EXTRACT(EPOCH FROM paid_at - created_at)"
	}
	span := "(SELECT " + seconds + " AS took FROM orders WHERE status = 'paid' AND paid_at >= ? AND paid_at < ? ORDER BY paid_at DESC LIMIT ?) x"
	var n int64
	if err := s.read(ctx).Raw("SELECT COUNT(*) FROM "+span, from.UTC(), before.UTC(), medianOf).Scan(&n).Error; err != nil {
		return 0, false, fmt.Errorf("count paid orders: %w", translate(err))
	}
	if n == 0 {
		return 0, false, nil
	}
	var took int64
	err = s.read(ctx).Raw("SELECT CAST(ROUND(took) AS BIGINT) FROM "+span+" ORDER BY took LIMIT 1 OFFSET ?", from.UTC(), before.UTC(), medianOf, (n-1)/2).Scan(&took).Error
	if err != nil {
		return 0, false, fmt.Errorf("read median: %w", translate(err))
	}
	return time.Duration(took) * time.Second, true, nil
}

// Waiting is an order or payment that needs a person.
type Waiting struct {
	OrderID      int64
	Number       int64
	Status       string // of the order
	Flags        string
	ReviewReason string
	Currency     string
	Total        int64
	Received     int64
	Version      int64
	PayStatus    string // the exchanger's word, for payments
	SiteName     string
	Since        time.Time
}

// WaitingOrders gives the orders in a status, the one that waits longest first, and how many there are.
func (s *Store) WaitingOrders(ctx context.Context, status string, limit int) ([]Waiting, int64, error) {
	var n int64
	if err := s.read(ctx).Raw("SELECT COUNT(*) FROM orders WHERE status = ?", status).Scan(&n).Error; err != nil {
		return nil, 0, fmt.Errorf("count orders: %w", translate(err))
	}
	var list []Waiting
	err := s.read(ctx).Raw(`SELECT o.id AS order_id, o.number, o.status, o.flags, o.review_reason, o.currency, o.total, o.received, o.version, o.updated_at AS since, COALESCE(s.name, '') AS site_name
		FROM (SELECT * FROM orders WHERE status = ? ORDER BY created_at, id LIMIT ?) o LEFT JOIN sites s ON s.id = o.site_id ORDER BY o.created_at, o.id`, status, limit).Scan(&list).Error
	if err != nil {
		return nil, 0, fmt.Errorf("read waiting orders: %w", translate(err))
	}
	return list, n, nil
}

// RefusedSince tells how many notifications with a wrong hash, or of nobody's payment, came since a moment, and the number of the order
// that the newest of them names; 0 when it names none.
func (s *Store) RefusedSince(ctx context.Context, since time.Time) (n, orderNumber int64, last time.Time, err error) {
	db := s.read(ctx)
	err = db.Raw("SELECT COUNT(*) FROM notifications WHERE outcome = 'refused' AND at >= ?", since.UTC()).Scan(&n).Error
	if err == nil && n > 0 {
		var row struct {
			Number int64
			At     time.Time
		}
		err = db.Raw(`SELECT COALESCE(o.number, 0) AS number, n.at FROM notifications n LEFT JOIN payments p ON p.id = n.payment_id LEFT JOIN orders o ON o.id = p.order_id
			WHERE n.outcome = 'refused' ORDER BY n.id DESC LIMIT 1`).Scan(&row).Error
		orderNumber, last = row.Number, row.At
	}
	if err != nil {
		return 0, 0, last, fmt.Errorf("count refused notifications: %w", translate(err))
	}
	return n, orderNumber, last, nil
}

// FailingEndpoints gives the endpoints that have been failing since before at, or were disabled by a failure, with how many deliveries wait.
func (s *Store) FailingEndpoints(ctx context.Context, at time.Time) ([]Endpoint, map[int64]int64, error) {
	var list []Endpoint
	err := s.read(ctx).Where("deleted_at IS NULL AND (failing_since < ? OR (disabled_at IS NOT NULL AND disabled_why <> '' AND disabled_why <> 'person'))", at.UTC()).Order("id").Limit(20).Find(&list).Error
	if err != nil {
		return nil, nil, fmt.Errorf("read failing endpoints: %w", translate(err))
	}
	waiting := map[int64]int64{}
	for _, e := range list {
		var n int64
		if err := s.read(ctx).Raw("SELECT COUNT(*) FROM deliveries WHERE endpoint_id = ? AND state <> 'delivered'", e.ID).Scan(&n).Error; err != nil {
			return nil, nil, fmt.Errorf("count deliveries: %w", translate(err))
		}
		waiting[e.ID] = n
	}
	return list, waiting, nil
}

// NeedsPerson counts the orders that need a person.
func (s *Store) NeedsPerson(ctx context.Context) (int64, error) {
	var n int64
	if err := s.read(ctx).Raw("SELECT COUNT(*) FROM orders WHERE status IN ('review', 'underpaid')").Scan(&n).Error; err != nil {
		return 0, fmt.Errorf("count orders: %w", translate(err))
	}
	return n, nil
}
