package models

import (
	"context"
	"time"
)

const backupKey = "backup"

// Backup is what is known of the last copy of the database that the program made.
type Backup struct {
	At   time.Time `json:"at"`
	Size int64     `json:"size"` // bytes
}

// LastBackup reads the last backup; ok is false when none was ever made.
func (s *Store) LastBackup(ctx context.Context) (b Backup, ok bool, err error) {
	ok, err = s.Setting(ctx, backupKey, &b)
	return b, ok, err
}

// SeesBackups tells whether a database without a noted backup has none. PostgreSQL's are made by tools of its own: nothing is known until somebody
// tells of one.
func (s *Store) SeesBackups() bool { return s.dialect == SQLite }

// RecordBackup notes a backup that was just made.
func (tx *Tx) RecordBackup(ctx context.Context, size int64, who string) error {
	return tx.PutSetting(ctx, backupKey, Backup{At: tx.now, Size: size}, who)
}
