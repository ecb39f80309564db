package models

import (
	"context"
	"fmt"
	"time"
)

// Passkey is a key of a person's device that signs them in without a password.
type Passkey struct {
	ID           int64
	StaffID      int64
	CredentialID string // base64url
	Name         string
	Doc          string // json: public key, counter and flags, as package staff reads them
	CreatedAt    time.Time
	UsedAt       *time.Time
}

// Passkeys reads the passkeys of a person, the oldest first.
func (s *Store) Passkeys(ctx context.Context, staffID int64) ([]Passkey, error) {
	var list []Passkey
	if err := s.read(ctx).Where("staff_id = ?", staffID).Order("id").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("list passkeys: %w", translate(err))
	}
	return list, nil
}

// PasskeyByCredential finds a passkey by what the browser calls it; the error is ErrNotFound.
func (s *Store) PasskeyByCredential(ctx context.Context, credentialID string) (*Passkey, error) {
	var p Passkey
	if err := s.read(ctx).Where("credential_id = ?", credentialID).Take(&p).Error; err != nil {
		return nil, fmt.Errorf("read passkey: %w", translate(err))
	}
	return &p, nil
}

// InsertPasskey stores a new passkey. The error is ErrConflict when it is known.
func (tx *Tx) InsertPasskey(ctx context.Context, p *Passkey) error {
	p.ID, p.CreatedAt = 0, tx.now
	if err := tx.db.WithContext(ctx).Create(p).Error; err != nil {
		return fmt.Errorf("insert passkey: %w", translate(err))
	}
	return nil
}

// UsedPasskey notes that a passkey was used now and what its device counts.
func (tx *Tx) UsedPasskey(ctx context.Context, id int64, doc string) error {
	err := tx.db.WithContext(ctx).Model(&Passkey{}).Where("id = ?", id).Updates(map[string]any{"doc": doc, "used_at": tx.now}).Error
	if err != nil {
		return fmt.Errorf("save passkey: %w", translate(err))
	}
	return nil
}

// DropPasskey removes a passkey of a person and returns its name; the error is ErrNotFound.
func (tx *Tx) DropPasskey(ctx context.Context, staffID, id int64) (string, error) {
	var p Passkey
	db := tx.db.WithContext(ctx)
	if err := db.Where("id = ? AND staff_id = ?", id, staffID).Take(&p).Error; err != nil {
		return "", fmt.Errorf("read passkey: %w", translate(err))
	}
	if err := db.Delete(&p).Error; err != nil {
		return "", fmt.Errorf("drop passkey: %w", translate(err))
	}
	return p.Name, nil
}

// DropPasskeys removes all passkeys of a person.
func (tx *Tx) DropPasskeys(ctx context.Context, staffID int64) error {
	if err := tx.db.WithContext(ctx).Where("staff_id = ?", staffID).Delete(&Passkey{}).Error; err != nil {
		return fmt.Errorf("drop passkeys: %w", translate(err))
	}
	return nil
}
