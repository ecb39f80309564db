package models

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations
var migrations embed.FS

// ErrNewerSchema says that the database was made by a newer version of the program.
var ErrNewerSchema = errors.New("the database's schema is newer than this program: start the newer version, or restore an older backup")

// Migration is one step of the schema and whether the database has it.
type Migration struct {
	Name    string
	Applied bool
}

func (s *Store) provider(ctx context.Context) (*goose.Provider, error) {
	dir, err := fs.Sub(migrations, "migrations/"+s.dialect)
	if err != nil {
		return nil, err
	}
	if s.dialect == SQLite {
		return goose.NewProvider(goose.DialectSQLite3, s.pools[0], dir, goose.WithDisableGlobalRegistry(true))
	}
	id, err := s.migrationLock(ctx)
	if err != nil {
		return nil, err
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(id), lock.WithLockTimeout(1, 300)) // looks each second, for five minutes
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, s.pools[0], dir, goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true))
}

// migrationLock is what keeps processes from migrating at once. It is PostgreSQL's for a whole database, so that each schema but the usual one has a
// lock of its own: they have nothing to wait for.
func (s *Store) migrationLock(ctx context.Context) (int64, error) {
	var schema sql.NullString
	if err := s.pools[0].QueryRowContext(ctx, "SELECT current_schema()").Scan(&schema); err != nil {
		return 0, fmt.Errorf("read the schema's name: %w", translate(err))
	}
	if schema.String == "public" {
		return lock.DefaultLockID, nil
	}
	return lock.DefaultLockID + int64(crc32.ChecksumIEEE([]byte(schema.String))), nil
}

func (s *Store) riverMigrator() (*rivermigrate.Migrator[*sql.Tx], error) {
	return rivermigrate.New(s.riverDriver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)}) // its errors come back, its steps are of no interest
}

// Migrate brings the schema up to this program's version; several processes may call it at once. The error is ErrNewerSchema when
// the database is ahead.
func (s *Store) Migrate(ctx context.Context) error {
	if err := s.checkNotNewer(ctx); err != nil {
		return err
	}
	p, err := s.provider(ctx)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", translate(err))
	}
	return s.migrateQueue(ctx)
}

// migrateQueue migrates River's tables. It has no lock of its own: a second process that comes at the same moment fails once and
// then finds the work done.
func (s *Store) migrateQueue(ctx context.Context) error {
	m, err := s.riverMigrator()
	if err != nil {
		return fmt.Errorf("read job migrations: %w", err)
	}
	for try := 0; ; try++ {
		if _, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil); err == nil {
			return nil
		}
		if v, verr := m.Validate(ctx, nil); verr == nil && v.OK {
			return nil
		}
		if try == 3 {
			return fmt.Errorf("migrate jobs: %w", translate(err))
		}
	}
}

// MigrateDown takes the schema's last step back, River's tables with the first one.
func (s *Store) MigrateDown(ctx context.Context) error {
	p, err := s.provider(ctx)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	v, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if v == 0 {
		return nil
	}
	if v == 1 {
		m, err := s.riverMigrator()
		if err != nil {
			return fmt.Errorf("read job migrations: %w", err)
		}
		if _, err := m.Migrate(ctx, rivermigrate.DirectionDown, &rivermigrate.MigrateOpts{TargetVersion: -1}); err != nil {
			return fmt.Errorf("migrate jobs down: %w", err)
		}
	}
	if _, err := p.Down(ctx); err != nil {
		return fmt.Errorf("migrate down: %w", err)
	}
	return nil
}

// Migrations tells of each step whether it is applied.
func (s *Store) Migrations(ctx context.Context) ([]Migration, error) {
	p, err := s.provider(ctx)
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	list, err := p.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	var out []Migration
	for _, m := range list {
		out = append(out, Migration{Name: m.Source.Path, Applied: m.State == goose.StateApplied})
	}
	m, err := s.riverMigrator()
	if err != nil {
		return nil, fmt.Errorf("read job migrations: %w", err)
	}
	done := map[int]bool{}
	have, err := m.ExistingVersions(ctx)
	if err == nil {
		for _, v := range have {
			done[v.Version] = true
		}
	}
	for _, v := range m.AllVersions() {
		out = append(out, Migration{Name: fmt.Sprintf("jobs/%04d %s", v.Version, v.Name), Applied: done[v.Version]})
	}
	return out, nil
}

func (s *Store) checkNotNewer(ctx context.Context) error {
	p, err := s.provider(ctx)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", translate(err))
	}
	if current > target {
		return fmt.Errorf("%w (schema %d, program %d)", ErrNewerSchema, current, target)
	}
	return nil
}

// Ready says whether every migration is applied; the error names what is missing.
func (s *Store) Ready(ctx context.Context) error {
	list, err := s.Migrations(ctx)
	if err != nil {
		return err
	}
	for _, m := range list {
		if !m.Applied {
			return fmt.Errorf("migration %s is not applied: run mostrador migrate up", m.Name)
		}
	}
	return s.checkNotNewer(ctx)
}

const keyCheck = "mostrador"

// CheckKey makes sure that the vault's key is the database's; a database without one takes it. The error is ErrWrongKey.
func (s *Store) CheckKey(ctx context.Context) error {
	return s.InTx(ctx, func(tx *Tx) error {
		var sealed []byte
		ok, err := tx.setting(ctx, "key_check", &sealed)
		if err != nil {
			return err
		}
		if !ok {
			return tx.PutSetting(ctx, "key_check", s.vault.Seal("settings.key_check", []byte(keyCheck)), "start")
		}
		_, err = s.vault.Open("settings.key_check", sealed)
		return err
	})
}
