package models

import (
	"context"
	"errors"
	"fmt"
)

// Unlock gives a store that was opened without a vault its own. Call it before the store is shared.
func (s *Store) Unlock(v *Vault) { s.vault = v }

// HasKey tells whether the database was made with a key file already: then another must not be made for it.
func (s *Store) HasKey(ctx context.Context) (bool, error) {
	if !s.reader.WithContext(ctx).Migrator().HasTable("settings") {
		if err := s.Ping(ctx); err != nil {
			return false, fmt.Errorf("look for key: %w", err)
		}
		return false, nil
	}
	var sealed []byte
	return s.Setting(ctx, "key_check", &sealed)
}

// Writable makes sure that the database takes a write: it commits one that changes nothing.
func (s *Store) Writable(ctx context.Context) error {
	err := s.InTx(ctx, func(tx *Tx) error {
		return tx.db.WithContext(ctx).Exec("UPDATE counters SET value = value WHERE name = 'order_event'").Error
	})
	if err != nil {
		return fmt.Errorf("write to database: %w", err)
	}
	return nil
}

// NotNewer makes sure that this program knows the schema. The error is ErrNewerSchema.
func (s *Store) NotNewer(ctx context.Context) error { return s.checkNotNewer(ctx) }

// ErrNotSQLite says that PostgreSQL has tools of its own for this.
var ErrNotSQLite = errors.New("not an SQLite database")

// CopyTo writes a consistent copy of an SQLite database into path, which must be an empty file or none, while others go on writing. The
// error is ErrNotSQLite on PostgreSQL.
func (s *Store) CopyTo(ctx context.Context, path string) error {
	if s.dialect != SQLite {
		return ErrNotSQLite
	}
	if err := s.writer.WithContext(ctx).Exec("VACUUM INTO ?", path).Error; err != nil {
		return fmt.Errorf("copy database: %w", translate(err))
	}
	return nil
}

// CheckIntegrity has an SQLite database check all its pages, indexes and references. The error says what is damaged.
func (s *Store) CheckIntegrity(ctx context.Context) error {
	if s.dialect != SQLite {
		return ErrNotSQLite
	}
	var found []string
	if err := s.read(ctx).Raw("PRAGMA integrity_check(3)").Scan(&found).Error; err != nil {
		return fmt.Errorf("check integrity: %w", translate(err))
	}
	if len(found) != 1 || found[0] != "ok" {
		return fmt.Errorf("the file is damaged: %v", found)
	}
	return nil
}
