package models

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// APIKey is what a machine signs in with. The key itself is not kept.
type APIKey struct {
	ID         int64
	Name       string
	Prefix     string // its first signs, to tell keys apart
	Hash       string // digest of the key
	Scopes     string // words, one space between
	CreatedBy  string
	CreatedAt  time.Time
	LastUsedAt *time.Time
	RevokedAt  *time.Time
}

// TableName is the table's.
func (APIKey) TableName() string { return "api_keys" }

// ScopeList gives the scopes one by one.
func (k *APIKey) ScopeList() []string { return strings.Fields(k.Scopes) }

// APIKeyByHash reads a key that is not revoked; the error is ErrNotFound.
func (s *Store) APIKeyByHash(ctx context.Context, hash string) (*APIKey, error) {
	var k APIKey
	if err := s.read(ctx).Where("hash = ? AND revoked_at IS NULL", hash).Take(&k).Error; err != nil {
		return nil, fmt.Errorf("read API key: %w", translate(err))
	}
	return &k, nil
}

// APIKeys reads all keys, the revoked ones last, the newest first.
func (s *Store) APIKeys(ctx context.Context) ([]APIKey, error) {
	var list []APIKey
	if err := s.read(ctx).Order("CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END, id DESC").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("list API keys: %w", translate(err))
	}
	return list, nil
}

// InsertAPIKey stores a new key.
func (tx *Tx) InsertAPIKey(ctx context.Context, k *APIKey) error {
	k.ID, k.CreatedAt = 0, tx.now
	if err := tx.db.WithContext(ctx).Create(k).Error; err != nil {
		return fmt.Errorf("insert API key: %w", translate(err))
	}
	return nil
}

// RevokeAPIKey ends a key and reads it. A key that was revoked before is ErrNotFound.
func (tx *Tx) RevokeAPIKey(ctx context.Context, id int64) (*APIKey, error) {
	db := tx.db.WithContext(ctx)
	res := db.Model(&APIKey{}).Where("id = ? AND revoked_at IS NULL", id).Update("revoked_at", tx.now)
	if res.Error != nil {
		return nil, fmt.Errorf("revoke API key: %w", translate(res.Error))
	}
	if res.RowsAffected == 0 {
		return nil, fmt.Errorf("revoke API key: %w", ErrNotFound)
	}
	var k APIKey
	if err := db.Where("id = ?", id).Take(&k).Error; err != nil {
		return nil, fmt.Errorf("read API key: %w", translate(err))
	}
	return &k, nil
}

// UsedAPIKey notes that a key was used now, at most once in every.
func (tx *Tx) UsedAPIKey(ctx context.Context, id int64, every time.Duration) error {
	err := tx.db.WithContext(ctx).Model(&APIKey{}).Where("id = ? AND (last_used_at IS NULL OR last_used_at < ?)", id, tx.now.Add(-every)).
		Update("last_used_at", tx.now).Error
	if err != nil {
		return fmt.Errorf("note use of API key: %w", translate(err))
	}
	return nil
}
