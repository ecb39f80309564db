package models

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
	"gorm.io/gorm"
)

// Refund is a record of money that went back, or was asked for: the program moves none.
type Refund struct {
	ID        int64
	PublicID  string
	OrderID   int64
	State     string // asked, sent, refused
	Amount    decimal.NullDecimal
	Currency  string
	Reference string
	Reason    string
	Address   []byte // sealed
	Network   string
	CreatedBy string
	Unpaid    bool // the order was not paid when it was written down
	CreatedAt time.Time
	UpdatedAt time.Time

	Answer     string // what the customer reads about it
	AnsweredBy string
	AnsweredAt *time.Time // of one that the customer asked for; nil: not yet, or the shop recorded it by itself
}

func (r *Refund) addressPlace() string { return "refunds.address:" + r.PublicID }

// InsertRefund stores a refund; address, where the money goes, may be "".
func (tx *Tx) InsertRefund(ctx context.Context, r *Refund, address string) error {
	r.ID, r.CreatedAt, r.UpdatedAt = 0, tx.now, tx.now
	if address != "" {
		r.Address = tx.store.vault.Seal(r.addressPlace(), []byte(address))
	}
	if err := tx.db.WithContext(ctx).Create(r).Error; err != nil {
		return fmt.Errorf("insert refund: %w", translate(err))
	}
	return nil
}

// RefundOf reads a refund of an order. The error is ErrNotFound.
func (tx *Tx) RefundOf(ctx context.Context, orderID int64, publicID string) (*Refund, error) {
	var r Refund
	if err := tx.db.WithContext(ctx).Where("order_id = ? AND public_id = ?", orderID, publicID).Take(&r).Error; err != nil {
		return nil, fmt.Errorf("read refund: %w", translate(err))
	}
	return &r, nil
}

// SaveRefund writes what became of a refund.
func (tx *Tx) SaveRefund(ctx context.Context, r *Refund) error {
	r.UpdatedAt = tx.now
	if err := tx.db.WithContext(ctx).Save(r).Error; err != nil {
		return fmt.Errorf("save refund: %w", translate(err))
	}
	return nil
}

// RefundAddress opens where a refund goes; "" when nothing was said.
func (v *Vault) RefundAddress(r *Refund) (string, error) {
	if len(r.Address) == 0 {
		return "", nil
	}
	b, err := v.Open(r.addressPlace(), r.Address)
	return string(b), err
}

// Refunds gives the refunds of an order, the oldest first.
func (s *Store) Refunds(ctx context.Context, orderID int64) ([]Refund, error) {
	return refundsOf(s.read(ctx), orderID)
}

// Refunds gives the refunds of an order inside the transaction.
func (tx *Tx) Refunds(ctx context.Context, orderID int64) ([]Refund, error) {
	return refundsOf(tx.db.WithContext(ctx), orderID)
}

func refundsOf(db *gorm.DB, orderID int64) ([]Refund, error) {
	var list []Refund
	if err := db.Where("order_id = ?", orderID).Order("id").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read refunds: %w", translate(err))
	}
	return list, nil
}

// OrderByNumberAndEmail finds an order by both, letter case aside; nil when they do not belong together.
func (tx *Tx) OrderByNumberAndEmail(ctx context.Context, number int64, email string) (*Order, error) {
	var list []Order
	if err := tx.db.WithContext(ctx).Where("number = ? AND lower(email) = lower(?)", number, email).Limit(1).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read order: %w", translate(err))
	}
	if len(list) == 0 {
		return nil, nil
	}
	return &list[0], nil
}
