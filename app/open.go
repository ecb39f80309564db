package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"mostrador/config"
	"mostrador/models"
)

var (
	errLocked = errors.New("another instance runs on this database")
	errNoFile = errors.New("there is no database yet: start mostrador serve once")
)

// sqliteFile is the file of an SQLite database; ok is false for PostgreSQL.
func sqliteFile(cfg config.Config) (path string, ok bool) {
	return strings.CutPrefix(cfg.Database.URL, "sqlite:")
}

// lockDatabase makes sure that no second instance serves one SQLite file; on PostgreSQL any number may. release may be called more than once.
func lockDatabase(cfg config.Config) (release func(), err error) {
	path, ok := sqliteFile(cfg)
	if !ok {
		return func() {}, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return lockFile(path + ".lock")
}

// opening says what a command wants of the database.
type opening struct {
	exists  bool // there has to be one: looking must not make one
	migrate bool // bring the schema up to this program
}

// openStore opens the database with its key. A key file is made only where the database was never used with one: a lost key must not be
// papered over by a new one. The error is one line.
func openStore(ctx context.Context, cfg config.Config, log *slog.Logger, want opening) (*models.Store, error) {
	if path, ok := sqliteFile(cfg); ok {
		if err := fileOf(path, want.exists); err != nil {
			return nil, err
		}
	}
	store, err := models.Open(ctx, cfg.Database.URL, models.Options{Log: log})
	if err != nil {
		return nil, err
	}
	if err := prepare(ctx, store, cfg, want); err != nil {
		store.Close()
		return nil, err
	}
	return store, nil
}

// fileOf makes sure that there is a file, readable by its owner alone: SQLite would let everybody on the machine read it.
func fileOf(path string, exists bool) error {
	_, err := os.Stat(path)
	if !errors.Is(err, os.ErrNotExist) {
		return nil // what is wrong with it, opening tells
	}
	if exists {
		return fmt.Errorf("open database %s: %w", path, errNoFile)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	return f.Close()
}

func prepare(ctx context.Context, store *models.Store, cfg config.Config, want opening) error {
	has, err := store.HasKey(ctx)
	if err != nil {
		return err
	}
	vault, err := models.OpenKeyFile(cfg.Security.KeyFile, !has && !want.exists)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("security.key_file %s is not there, and this database was made with one: put the copy of it back", cfg.Security.KeyFile)
	}
	if err != nil {
		return err
	}
	store.Unlock(vault)
	if err := store.NotNewer(ctx); err != nil {
		return err
	}
	if want.migrate {
		if err := store.Migrate(ctx); err != nil {
			return err
		}
	}
	if !has && !want.migrate {
		return nil
	}
	if err := store.CheckKey(ctx); errors.Is(err, models.ErrWrongKey) {
		return fmt.Errorf("security.key_file %s does not belong to this database: put back the key file that was made with it", cfg.Security.KeyFile)
	} else if err != nil {
		return err
	}
	return nil
}
