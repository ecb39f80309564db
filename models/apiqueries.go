package models

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
)

// OrderQuery chooses orders for the merchant API. Zero values choose all.
type OrderQuery struct {
	Statuses     []string
	Email        string // exact, letter case aside
	Text         string // number, part of the e-mail or description, or an exchange order's uid
	CreatedAfter time.Time
	Before       int64 // id of the last order of the page before; 0: from the newest on
	Limit        int
}

// QueryOrders gives orders, the newest first.
func (s *Store) QueryOrders(ctx context.Context, q OrderQuery) ([]Order, error) {
	db := s.read(ctx).Model(&Order{})
	if len(q.Statuses) > 0 {
		db = db.Where("status IN ?", q.Statuses)
	}
	if q.Email != "" {
		db = db.Where("lower(email) = lower(?)", q.Email)
	}
	if !q.CreatedAfter.IsZero() {
		db = db.Where("created_at > ?", q.CreatedAfter.UTC())
	}
	if q.Before > 0 {
		db = db.Where("id < ?", q.Before)
	}
	db = s.orderText(db, q.Text)
	var list []Order
	if err := db.Order("id DESC").Limit(q.Limit).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read orders: %w", translate(err))
	}
	return list, nil
}

func (s *Store) orderText(db *gorm.DB, text string) *gorm.DB {
	text = strings.TrimSpace(text)
	if text == "" {
		return db
	}
	like := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(strings.ToLower(text)) + "%"
	where := `lower(email) LIKE ? ESCAPE '\' OR lower(description) LIKE ? ESCAPE '\' OR id IN (SELECT order_id FROM payments WHERE uid = ?)`
	args := []any{like, like, text}
	if n, err := strconv.ParseInt(strings.TrimLeft(strings.TrimPrefix(text, "ord_"), "#"), 10, 64); err == nil {
		where += " OR number = ?"
		args = append(args, n)
	}
	return db.Where("("+where+")", args...)
}

// LinksPage gives up to limit payment links older than the row with id before (0: from the newest on), the newest first.
func (s *Store) LinksPage(ctx context.Context, before int64, limit int) ([]Link, error) {
	db := s.read(ctx)
	if before > 0 {
		db = db.Where("id < ?", before)
	}
	var list []Link
	if err := db.Order("id DESC").Limit(limit).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read links: %w", translate(err))
	}
	return list, nil
}

// CreateLink stores a payment link. The error is ErrConflict when its slug is taken.
func (tx *Tx) CreateLink(ctx context.Context, l *Link) error {
	l.ID, l.Uses, l.CreatedAt, l.UpdatedAt = 0, 0, tx.now, tx.now
	if l.Metadata == "" {
		l.Metadata = "{}"
	}
	if err := tx.db.WithContext(ctx).Create(l).Error; err != nil {
		return fmt.Errorf("insert link: %w", translate(err))
	}
	return nil
}
