package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"gorm.io/gorm"
)

// Setting reads a setting into v and tells whether there is one.
func (s *Store) Setting(ctx context.Context, key string, v any) (bool, error) {
	return getSetting(s.read(ctx), key, v)
}

func (tx *Tx) setting(ctx context.Context, key string, v any) (bool, error) {
	return getSetting(tx.db.WithContext(ctx), key, v)
}

// Setting reads a setting inside the transaction.
func (tx *Tx) Setting(ctx context.Context, key string, v any) (bool, error) {
	return tx.setting(ctx, key, v)
}

func getSetting(db *gorm.DB, key string, v any) (bool, error) {
	var raw string
	err := db.Table("settings").Where("key = ?", key).Select("value").Take(&raw).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read setting %s: %w", key, translate(err))
	}
	if err := json.Unmarshal([]byte(raw), v); err != nil {
		return false, fmt.Errorf("read setting %s: %w: %w", key, ErrUnreadable, err)
	}
	return true, nil
}

// PutSetting writes a setting as JSON.
func (tx *Tx) PutSetting(ctx context.Context, key string, v any, who string) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write setting %s: %w", key, err)
	}
	err = tx.db.WithContext(ctx).Exec(`INSERT INTO settings (key, value, updated_at, updated_by) VALUES (?, ?, ?, ?)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at, updated_by = excluded.updated_by`,
		key, string(raw), tx.now, who).Error
	if err != nil {
		return fmt.Errorf("write setting %s: %w", key, translate(err))
	}
	return nil
}
