package models

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"gorm.io/driver/postgres"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	ms "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// Options are what Open needs beside the address of the database.
type Options struct {
	Vault *Vault
	Log   *slog.Logger
	Now   func() time.Time // nil: time.Now
}

// lockTimeout is how long a statement waits for somebody else's lock on PostgreSQL; SQLite's busy timeout is the same. Who asks is told rather
// than kept, and nothing is acknowledged meanwhile.
const lockTimeout = "5s"

const sqliteParams = "?_busy_timeout=5000&_journal_mode=WAL&_synchronous=FULL&_foreign_keys=1&_time_format=sqlite&_timezone=UTC"

// Open opens the database at address: sqlite:PATH, or postgres://… It creates the file and its folder where they are missing, and
// changes no table: see Migrate and Ready.
func Open(ctx context.Context, address string, opt Options) (*Store, error) {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	s := &Store{vault: opt.Vault, log: opt.Log, now: opt.Now, address: address}
	s.hub.init()
	var err error
	switch {
	case strings.HasPrefix(address, "sqlite:"):
		err = s.openSQLite(ctx, strings.TrimPrefix(address, "sqlite:"))
	case strings.HasPrefix(address, "postgres://"), strings.HasPrefix(address, "postgresql://"):
		err = s.openPostgres(ctx, address)
	default:
		err = errors.New("want sqlite:PATH or postgres://…")
	}
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("open database: %w", err)
	}
	if s.river, err = river.NewClient(s.riverDriver, &river.Config{Logger: quiet(opt.Log)}); err != nil {
		s.Close()
		return nil, fmt.Errorf("open job queue: %w", err)
	}
	return s, nil
}

func quiet(log *slog.Logger) *slog.Logger { return log.With("component", "jobs") }

func gormConfig() *gorm.Config {
	return &gorm.Config{
		TranslateError:         true,
		Logger:                 logger.Discard, // errors come back wrapped; SQL with its values never reaches a log
		NowFunc:                func() time.Time { return time.Now().UTC() },
		SkipDefaultTransaction: true,
	}
}

func (s *Store) openSQLite(ctx context.Context, path string) error {
	if dir := filepath.Dir(path); dir != "." {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	s.dialect, s.path = SQLite, path
	file := "file:" + (&url.URL{Path: path}).EscapedPath() + sqliteParams
	open := func(params string, n int) (*gorm.DB, error) {
		base, err := ms.NewConnector(file + params)
		if err != nil {
			return nil, err
		}
		pool := sql.OpenDB(compiling{base})
		pool.SetMaxOpenConns(n)
		pool.SetMaxIdleConns(n)
		pool.SetConnMaxLifetime(0)
		s.pools = append(s.pools, pool)
		if err := pool.PingContext(ctx); err != nil {
			return nil, err
		}
		return gorm.Open(dialector{&sqlite.Dialector{Conn: pool}}, gormConfig())
	}
	var err error
	if s.writer, err = open("&_txlock=immediate", 1); err != nil {
		return err
	}
	if s.reader, err = open("&_query_only=1", 4); err != nil {
		return err
	}
	s.riverDriver = riversqlite.New(s.pools[0])
	return nil
}

func (s *Store) openPostgres(ctx context.Context, address string) error {
	cfg, err := pgxpool.ParseConfig(address)
	if err != nil {
		return errors.New("the address cannot be read") // pgx repeats it, password and all
	}
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	if !strings.Contains(address, "pool_max_conns") {
		cfg.MaxConns = 16 // pgx's own default, 4 on a small machine, makes requests queue behind each other
	}
	if cfg.ConnConfig.RuntimeParams["lock_timeout"] == "" { // set after connecting: poolers refuse a start with parameters they do not know
		cfg.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, "SET lock_timeout = '"+lockTimeout+"'")
			return err
		}
	}
	if s.pgx, err = pgxpool.NewWithConfig(ctx, cfg); err != nil {
		return err
	}
	if err := s.pgx.Ping(ctx); err != nil {
		return err
	}
	s.dialect = Postgres
	pool := sql.OpenDB(lazily{stdlib.GetPoolConnector(s.pgx)})
	pool.SetMaxIdleConns(0) // the pool behind it keeps them
	s.pools = append(s.pools, pool)
	if s.writer, err = gorm.Open(postgres.New(postgres.Config{Conn: pool}), gormConfig()); err != nil {
		return err
	}
	s.reader = s.writer
	s.startAnnouncing()
	listen := cfg.Copy()
	listen.MaxConns, listen.MinConns = 2, 0
	if s.pgxListen, err = pgxpool.NewWithConfig(ctx, listen); err != nil {
		return err
	}
	s.riverDriver = riverdatabasesql.NewWithPgxListener(pool, s.pgxListen)
	return nil
}

// dialector repairs what driver/sqlite cannot read from modernc's errors.
type dialector struct{ *sqlite.Dialector }

// Translate makes gorm's errors of SQLite's.
func (d dialector) Translate(err error) error {
	var e *ms.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() {
	case lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_PRIMARYKEY:
		return fmt.Errorf("%w: %w", gorm.ErrDuplicatedKey, err)
	case lib.SQLITE_CONSTRAINT_FOREIGNKEY:
		return fmt.Errorf("%w: %w", gorm.ErrForeignKeyViolated, err)
	case lib.SQLITE_CONSTRAINT_CHECK:
		return fmt.Errorf("%w: %w", gorm.ErrCheckConstraintViolated, err)
	}
	return err
}

// RiverDriver is what the workers of package jobs run on.
func (s *Store) RiverDriver() riverdriver.Driver[*sql.Tx] { return s.riverDriver }
