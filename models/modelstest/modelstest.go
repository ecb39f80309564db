// Package modelstest gives tests a fresh database of each kind. It may import models only.
package modelstest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"mostrador/models"
)

// Vault is a vault with a key that every test shares.
func Vault(t testing.TB) *models.Vault {
	t.Helper()
	v, err := models.NewVault(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Each runs f on a migrated SQLite file and on a migrated PostgreSQL schema of its own. A missing PostgreSQL fails.
func Each(t *testing.T, f func(t *testing.T, store *models.Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, Open(t, SQLite(t), nil)) })
	t.Run("postgres", func(t *testing.T) { f(t, Open(t, Postgres(t), nil)) })
}

// empty is a migrated SQLite file without a row. Migrating costs more than most tests do, so that it is done once in a process; that
// migrations work is what the tests of package models are for, which open files of their own.
var empty = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "mostrador-test-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "empty.db")
	vault, err := models.NewVault(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		return nil, err
	}
	s, err := models.Open(context.Background(), "sqlite:"+path, models.Options{Vault: vault})
	if err != nil {
		return nil, err
	}
	err = s.Migrate(context.Background())
	s.Close() // folds the write-ahead log into the file
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// Open opens and migrates the database at address; it is closed when the test ends. now may be nil.
func Open(t testing.TB, address string, now func() time.Time) *models.Store {
	t.Helper()
	_, ready := prepared.Load(address)
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			content, err := empty()
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			ready = true
		}
	}
	s, err := models.Open(context.Background(), address, models.Options{Vault: Vault(t), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if ready {
		return s
	}
	if err := s.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return s
}

// Behind writes to the database at address past the program, as somebody with a database tool would.
func Behind(t testing.TB, address, query string) {
	t.Helper()
	ctx := context.Background()
	path, lite := strings.CutPrefix(address, "sqlite:")
	if !lite {
		conn, err := pgx.Connect(ctx, address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(ctx)
		if _, err := conn.Exec(ctx, query); err != nil {
			t.Fatal(err)
		}
		return
	}
	db, err := sql.Open("sqlite", "file:"+path+"?_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, query); err != nil {
		t.Fatal(err)
	}
}

// SQLite gives the address of a new SQLite file.
func SQLite(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "test.db")
}
