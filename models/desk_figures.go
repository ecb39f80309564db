package models

import (
	"context"
	"fmt"
	"time"
)

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
	Email        string // only of WaitingOrders
	PayStatus    string // the exchanger's word, for payments
	SiteName     string
	Since        time.Time
}

// mostWaiting is up to how many of what needs a person are counted: past it nobody counts.
const mostWaiting = 10000

// WaitingOrders gives the orders in a status, the one that waits longest first, and how many there are.
func (s *Store) WaitingOrders(ctx context.Context, status string, limit int) ([]Waiting, int64, error) {
	q := DeskQuery{Statuses: []string{status}, Rising: true, Limit: limit}
	open := where{[]string{"NOT " + givenBack("x.")}, nil}
	n, err := s.countUpTo(ctx, mostWaiting, s.ofKinds(&q, nil, open, mostWaiting))
	if err != nil {
		return nil, 0, err
	}
	page := s.merged(&q, nil, open)
	var list []Waiting
	err = s.read(ctx).Raw(`WITH page AS MATERIALIZED (`+page.sql+`) SELECT o.id AS order_id, o.number, o.status, o.flags, o.review_reason, o.currency, o.total, o.received, o.version, o.email, o.updated_at AS since, COALESCE(s.name, '') AS site_name
		FROM page JOIN orders o ON o.id = page.id LEFT JOIN sites s ON s.id = o.site_id ORDER BY o.created_at, o.id`, page.args...).Scan(&list).Error
	if err != nil {
		return nil, 0, fmt.Errorf("read waiting orders: %w", translate(err))
	}
	return list, int64(n), nil
}

// RefusedSince tells how many notifications with a wrong hash, or of nobody's payment, came since a moment, and the number of the order
// that the newest of them names; 0 when it names none.
func (s *Store) RefusedSince(ctx context.Context, since time.Time) (n, orderNumber int64, last time.Time, err error) {
	db := s.read(ctx)
	err = db.Raw("SELECT COUNT(*) FROM (SELECT 1 FROM notifications"+s.by("notifications_refused")+" WHERE outcome = 'refused' AND at >= ? LIMIT ?) x", since.UTC(), mostWaiting).Scan(&n).Error
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
		if err := s.read(ctx).Raw("SELECT COUNT(*) FROM (SELECT 1 FROM deliveries"+s.by("deliveries_endpoint_state")+" WHERE endpoint_id = ? AND state IN ('waiting', 'failed') LIMIT ?) x", e.ID, mostWaiting).Scan(&n).Error; err != nil {
			return nil, nil, fmt.Errorf("count deliveries: %w", translate(err))
		}
		waiting[e.ID] = n
	}
	return list, waiting, nil
}

// givenBack is the condition of an underpaid order of which all that came went back: the merchant has decided. of is the table's name with its dot.
func givenBack(of string) string {
	return "(" + of + "status = 'underpaid' AND " + of + "received > 0 AND " + of + "refunded >= " + of + "received)"
}

// NeedsPerson counts the orders that need a person.
func (s *Store) NeedsPerson(ctx context.Context) (int64, error) {
	var n int64
	if err := s.read(ctx).Raw("SELECT COUNT(*) FROM (SELECT 1 FROM orders"+s.by("orders_facets_created")+" WHERE status IN ('review', 'underpaid') AND NOT "+givenBack("")+" LIMIT ?) x", mostWaiting).Scan(&n).Error; err != nil {
		return 0, fmt.Errorf("count orders: %w", translate(err))
	}
	return n, nil
}
