package models

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// riverTime is a time as River keeps it: on SQLite a text to the millisecond, and only this text compares rightly.
func (s *Store) riverTime(t time.Time) any {
	if s.dialect == SQLite {
		return t.UTC().Round(time.Millisecond).Format("2006-01-02 15:04:05.000")
	}
	return t.UTC()
}

// RescueJobs makes jobs available again that have counted as running for longer than age, and returns how many. Those without an attempt
// left are River's to discard.
func (s *Store) RescueJobs(ctx context.Context, age time.Duration) (int64, error) {
	now := time.Now() // River stamps its rows by the real clock, whatever the store's says
	var n int64
	err := s.InTx(ctx, func(tx *Tx) error {
		res := tx.db.WithContext(ctx).Exec(`UPDATE river_job SET state = 'available', scheduled_at = ? WHERE state = 'running' AND attempt < max_attempts AND attempted_at <= ?`,
			s.riverTime(now), s.riverTime(now.Add(-age)))
		n = res.RowsAffected
		return res.Error
	})
	if err != nil {
		return 0, fmt.Errorf("rescue jobs: %w", translate(err))
	}
	return n, nil
}

// QueueState is how many jobs of a kind are in a state.
type QueueState struct {
	Kind  string
	State string // available, running, scheduled, retryable, discarded, cancelled
	Jobs  int64
}

// QueueDepth counts the jobs that are not completed, by kind and state.
func (s *Store) QueueDepth(ctx context.Context) ([]QueueState, error) {
	var list []QueueState
	err := s.read(ctx).Raw(`SELECT kind, CAST(state AS TEXT) AS state, COUNT(*) AS jobs FROM river_job WHERE state <> 'completed' GROUP BY kind, state ORDER BY kind, state`).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("count jobs: %w", translate(err))
	}
	return list, nil
}

// StuckJobs are jobs that do not move as they should.
type StuckJobs struct {
	Running int64 // counted as running for longer than age
	Waiting int64 // due for longer than age and not taken up
	GivenUp int64 // discarded in the last seven days
}

// StuckJobs counts the jobs that have been running or due for longer than age.
func (s *Store) StuckJobs(ctx context.Context, age time.Duration) (StuckJobs, error) {
	now := time.Now()
	before, week := s.riverTime(now.Add(-age)), s.riverTime(now.Add(-7*24*time.Hour))
	var out StuckJobs
	count := func(into *int64, where string, arg any) error {
		return s.read(ctx).Raw("SELECT COUNT(*) FROM river_job WHERE "+where, arg).Scan(into).Error
	}
	for _, q := range []struct {
		into  *int64
		where string
		arg   any
	}{
		{&out.Running, "state = 'running' AND attempted_at <= ?", before},
		{&out.Waiting, "state IN ('available', 'scheduled', 'retryable') AND scheduled_at <= ?", before},
		{&out.GivenUp, "state = 'discarded' AND finalized_at > ?", week},
	} {
		if err := count(q.into, q.where, q.arg); err != nil {
			return out, fmt.Errorf("count stuck jobs: %w", translate(err))
		}
	}
	return out, nil
}

// Count is one line of a tally.
type Count struct {
	Name string
	N    int64
}

func (s *Store) tally(ctx context.Context, table, column string) ([]Count, error) {
	var list []Count
	err := s.read(ctx).Table(table).Select(column + " AS name, COUNT(*) AS n").Group(column).Order(column).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("count %s: %w", table, translate(err))
	}
	return list, nil
}

// CountOrders counts the orders of each status.
func (s *Store) CountOrders(ctx context.Context) ([]Count, error) {
	return s.tally(ctx, "orders", "status")
}

// CountNotifications counts the notifications of each outcome.
func (s *Store) CountNotifications(ctx context.Context) ([]Count, error) {
	return s.tally(ctx, "notifications", "outcome")
}

// CountDeliveries counts the webhook deliveries of each state.
func (s *Store) CountDeliveries(ctx context.Context) ([]Count, error) {
	return s.tally(ctx, "deliveries", "state")
}

// EventsOfPayments gives the logs of several payments, each in its order, without the bodies as they were received.
func (s *Store) EventsOfPayments(ctx context.Context, ids []int64) (map[int64][]Event, error) {
	var list []Event
	err := s.read(ctx).Omit("raw").Where("payment_id IN ?", ids).Order("payment_id, seq").Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read events: %w", translate(err))
	}
	out := make(map[int64][]Event, len(ids))
	for _, e := range list {
		out[e.PaymentID] = append(out[e.PaymentID], e)
	}
	return out, nil
}

// PaymentWithLog reads a payment and its log at one moment.
func (s *Store) PaymentWithLog(ctx context.Context, id int64) (Payment, []Event, error) {
	var p Payment
	var events []Event
	err := s.reader.WithContext(ctx).Transaction(func(db *gorm.DB) error {
		if s.dialect == Postgres {
			if err := db.Exec("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY").Error; err != nil {
				return err
			}
		}
		row, err := s.onePayment(db, "WHERE id = ?", id)
		if err != nil {
			return err
		}
		p = *row
		return db.Omit("raw").Where("payment_id = ?", id).Order("seq").Find(&events).Error
	})
	if err != nil {
		return p, nil, fmt.Errorf("read payment with its log: %w", translate(err))
	}
	return p, events, nil
}

// OverduePulls counts the payments whose look was due before at, and tells which order has waited longest.
func (s *Store) OverduePulls(ctx context.Context, at time.Time) (n, orderNumber int64, err error) {
	if err := s.read(ctx).Table("payments").Where("next_pull_at <= ?", at.UTC()).Count(&n).Error; err != nil {
		return 0, 0, fmt.Errorf("count overdue payments: %w", translate(err))
	}
	if n == 0 {
		return 0, 0, nil
	}
	err = s.read(ctx).Raw(`SELECT o.number FROM payments p JOIN orders o ON o.id = p.order_id WHERE p.next_pull_at IS NOT NULL ORDER BY p.next_pull_at LIMIT 1`).Scan(&orderNumber).Error
	if err != nil {
		return n, 0, fmt.Errorf("read overdue payment: %w", translate(err))
	}
	return n, orderNumber, nil
}

// StockMismatch is a product whose held pieces are not those of the orders that hold them.
type StockMismatch struct {
	Slug   string
	Held   int64 // as the product says
	Orders int64 // as the orders say
}

// StockMismatches compares what products hold with the orders that hold it, at most limit differences.
func (s *Store) StockMismatches(ctx context.Context, limit int) ([]StockMismatch, error) {
	var list []StockMismatch
	err := s.read(ctx).Raw(`SELECT slug, held, orders FROM (
		SELECT p.slug AS slug, p.held AS held, COALESCE((SELECT SUM(l.quantity) FROM order_lines l JOIN orders o ON o.id = l.order_id
			WHERE l.product_id = p.id AND o.stock = 'held'), 0) AS orders FROM products p) AS x WHERE held <> orders ORDER BY slug LIMIT ?`, limit).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("compare held stock: %w", translate(err))
	}
	return list, nil
}
