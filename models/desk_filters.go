package models

import (
	"context"
	"fmt"
	"time"
)

// DeskFilter is a filter of the list of orders that a person keeps under a name.
type DeskFilter struct {
	ID        int64
	StaffID   int64
	Name      string
	Query     string // of the address
	CreatedAt time.Time
}

// DeskFilters gives the filters of a person, the oldest first.
func (s *Store) DeskFilters(ctx context.Context, staffID int64) ([]DeskFilter, error) {
	var list []DeskFilter
	if err := s.read(ctx).Where("staff_id = ?", staffID).Order("id").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read filters: %w", translate(err))
	}
	return list, nil
}

// InsertDeskFilter keeps a filter. The error is ErrConflict when the person has one of that name.
func (tx *Tx) InsertDeskFilter(ctx context.Context, f *DeskFilter) error {
	f.ID, f.CreatedAt = 0, tx.now
	if err := tx.db.WithContext(ctx).Create(f).Error; err != nil {
		return fmt.Errorf("keep filter: %w", translate(err))
	}
	return nil
}

// DropDeskFilter forgets a filter of a person. The error is ErrNotFound.
func (tx *Tx) DropDeskFilter(ctx context.Context, staffID, id int64) error {
	done := tx.db.WithContext(ctx).Where("staff_id = ? AND id = ?", staffID, id).Delete(&DeskFilter{})
	if done.Error != nil {
		return fmt.Errorf("forget filter: %w", translate(done.Error))
	}
	if done.RowsAffected == 0 {
		return ErrNotFound
	}
	return nil
}
