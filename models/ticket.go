package models

import (
	"context"
	"fmt"
	"time"
)

// Ticket is a one-time address: the first start's, or an invitation's.
type Ticket struct {
	IDHash    string `gorm:"primaryKey"` // digest of the text in the address
	Purpose   string // setup, invite
	StaffID   *int64
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    *time.Time
}

// What a ticket is for.
const (
	TicketSetup  = "setup"
	TicketInvite = "invite"
)

// OpenTicket reads a ticket that can still be used at the moment at; the error is ErrNotFound.
func (s *Store) OpenTicket(ctx context.Context, purpose, token string, at time.Time) (*Ticket, error) {
	var t Ticket
	err := s.read(ctx).Where("id_hash = ? AND purpose = ? AND used_at IS NULL AND expires_at > ?", Digest(token), purpose, at).Take(&t).Error
	if err != nil {
		return nil, fmt.Errorf("read ticket: %w", translate(err))
	}
	return &t, nil
}

// InsertTicket stores a ticket for the text token and ends older unused ones of the same purpose and person.
func (tx *Tx) InsertTicket(ctx context.Context, purpose, token string, staffID *int64, life time.Duration) error {
	older := tx.db.WithContext(ctx).Where("purpose = ? AND used_at IS NULL", purpose)
	if staffID != nil {
		older = older.Where("staff_id = ?", *staffID)
	}
	if err := older.Delete(&Ticket{}).Error; err != nil {
		return fmt.Errorf("end older tickets: %w", translate(err))
	}
	t := Ticket{IDHash: Digest(token), Purpose: purpose, StaffID: staffID, CreatedAt: tx.now, ExpiresAt: tx.now.Add(life)}
	if err := tx.db.WithContext(ctx).Create(&t).Error; err != nil {
		return fmt.Errorf("insert ticket: %w", translate(err))
	}
	return nil
}

// UseTicket uses a ticket up. The error is ErrNotFound when it does not exist, has expired or was used.
func (tx *Tx) UseTicket(ctx context.Context, purpose, token string) (*Ticket, error) {
	db := tx.db.WithContext(ctx)
	res := db.Model(&Ticket{}).Where("id_hash = ? AND purpose = ? AND used_at IS NULL AND expires_at > ?", Digest(token), purpose, tx.now).Update("used_at", tx.now)
	if res.Error != nil {
		return nil, fmt.Errorf("use ticket: %w", translate(res.Error))
	}
	if res.RowsAffected == 0 {
		return nil, fmt.Errorf("use ticket: %w", ErrNotFound)
	}
	var t Ticket
	if err := db.Where("id_hash = ?", Digest(token)).Take(&t).Error; err != nil {
		return nil, fmt.Errorf("read ticket: %w", translate(err))
	}
	return &t, nil
}

// EndTickets ends the unused tickets of a person.
func (tx *Tx) EndTickets(ctx context.Context, staffID int64) error {
	if err := tx.db.WithContext(ctx).Where("staff_id = ? AND used_at IS NULL", staffID).Delete(&Ticket{}).Error; err != nil {
		return fmt.Errorf("end tickets: %w", translate(err))
	}
	return nil
}

// OpenInvites are the people whose invitation can still be taken up, and until when.
func (s *Store) OpenInvites(ctx context.Context, at time.Time) (map[int64]time.Time, error) {
	var list []Ticket
	err := s.read(ctx).Where("purpose = ? AND used_at IS NULL AND expires_at > ?", TicketInvite, at).Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", translate(err))
	}
	out := map[int64]time.Time{}
	for _, t := range list {
		if t.StaffID != nil {
			out[*t.StaffID] = t.ExpiresAt
		}
	}
	return out, nil
}
