package models

import (
	"context"
	"fmt"
	"time"
)

// PayoutList is one version of the list of payouts, kept by the desk. List is sealed JSON.
type PayoutList struct {
	ID          int64
	List        []byte
	Digest      string
	Summary     string
	CreatedBy   string
	CreatedAt   time.Time
	EffectiveAt time.Time
	CancelledAt *time.Time
	CancelledBy string
}

// TableName is where payouts live.
func (PayoutList) TableName() string { return "payouts" }

func payoutPlace(digest string) string { return "payouts.list:" + digest }

// EffectivePayouts gives the list of payouts that is in force as JSON; nil when the desk keeps none.
func (s *Store) EffectivePayouts(ctx context.Context) ([]byte, error) {
	var list []PayoutList
	err := s.read(ctx).Where("cancelled_at IS NULL AND effective_at <= ?", s.Now()).Order("effective_at DESC, id DESC").Limit(1).Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read payouts: %w", translate(err))
	}
	if len(list) == 0 {
		return nil, nil
	}
	return s.vault.Open(payoutPlace(list[0].Digest), list[0].List)
}

// PayoutLists gives the newest versions, the newest first.
func (s *Store) PayoutLists(ctx context.Context, limit int) ([]PayoutList, error) {
	var list []PayoutList
	if err := s.read(ctx).Order("id DESC").Limit(limit).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read payouts: %w", translate(err))
	}
	return list, nil
}

// PayoutJSON opens the list of one version.
func (v *Vault) PayoutJSON(p *PayoutList) ([]byte, error) {
	return v.Open(payoutPlace(p.Digest), p.List)
}

// InsertPayouts stores a new version of the list; its digest is set before.
func (tx *Tx) InsertPayouts(ctx context.Context, p *PayoutList, list []byte) error {
	p.ID, p.CreatedAt = 0, tx.now
	p.List = tx.store.vault.Seal(payoutPlace(p.Digest), list)
	if err := tx.db.WithContext(ctx).Create(p).Error; err != nil {
		return fmt.Errorf("insert payouts: %w", translate(err))
	}
	return nil
}

// CancelPayouts takes back a version that is not in force yet. ok is false when it is, or was taken back before.
func (tx *Tx) CancelPayouts(ctx context.Context, id int64, who string) (ok bool, err error) {
	res := tx.db.WithContext(ctx).Exec("UPDATE payouts SET cancelled_at = ?, cancelled_by = ? WHERE id = ? AND cancelled_at IS NULL AND effective_at > ?", tx.now, who, id, tx.now)
	if res.Error != nil {
		return false, fmt.Errorf("cancel payouts: %w", translate(res.Error))
	}
	return res.RowsAffected == 1, nil
}
