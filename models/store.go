package models

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"gorm.io/gorm"
)

// The two databases.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Store reads. It is safe for concurrent use. The one way to write is InTx.
type Store struct {
	dialect, address, path string

	writer, reader *gorm.DB
	pools          []*sql.DB
	pgx, pgxListen *pgxpool.Pool
	riverDriver    riverdriver.Driver[*sql.Tx]
	river          *river.Client[*sql.Tx]

	vault *Vault
	log   *slog.Logger
	now   func() time.Time
	hub   hub
	news  *announcer // PostgreSQL only

	commits atomic.Uint64
}

// Dialect is SQLite or Postgres.
func (s *Store) Dialect() string { return s.dialect }

// Path is the file of an SQLite database, "" for PostgreSQL.
func (s *Store) Path() string { return s.path }

// Vault seals and opens the secrets of this database.
func (s *Store) Vault() *Vault { return s.vault }

// Now is the store's clock: UTC, to the microsecond, as both databases keep it.
func (s *Store) Now() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// Close gives the connections back.
func (s *Store) Close() error {
	var errs []error
	s.endAnnouncing()
	s.hub.close()
	for _, p := range s.pools {
		errs = append(errs, p.Close())
	}
	if s.pgx != nil {
		s.pgx.Close()
	}
	if s.pgxListen != nil {
		s.pgxListen.Close()
	}
	return errors.Join(errs...)
}

// Commits counts the transactions that this process has committed. What was read while it stood still is as this process left it; what other
// processes write does not move it.
func (s *Store) Commits() uint64 { return s.commits.Load() }

// Ping asks the database for a sign of life.
func (s *Store) Ping(ctx context.Context) error {
	return translate(s.read(ctx).Exec("SELECT 1").Error)
}

func (s *Store) read(ctx context.Context) *gorm.DB { return s.reader.WithContext(ctx) }

// Tx is an open transaction: every write goes through it.
type Tx struct {
	db      *gorm.DB
	store   *Store
	now     time.Time
	pipe    *pipe
	touched map[int64]bool
	due     bool
	jobs    []river.InsertManyParams

	orders   map[int64]Order // as they stand in the database: an UPDATE names what differs
	payments map[int64]Payment
}

// Now is the one time of everything that this transaction writes: UTC, to the microsecond.
func (tx *Tx) Now() time.Time { return tx.now }

// Vault seals and opens secrets.
func (tx *Tx) Vault() *Vault { return tx.store.vault }

const (
	maxRuns  = 12
	maxWait  = 5 * time.Second // SQLite itself has waited as long by then: who asks is told rather than kept
	maxQueue = 2 * maxWait     // behind others who want to write
)

// InTx runs f in a transaction and commits it when f returns nil. f may run again after a conflict with another transaction, so it
// must overwrite what it collects and call nothing outside the database. The errors of f come back as they are.
func (s *Store) InTx(ctx context.Context, f func(*Tx) error) error {
	began := time.Now()
	for run := 1; ; run++ {
		err := s.once(ctx, f)
		if err == nil || !rerun(err) || run == maxRuns || ctx.Err() != nil || time.Since(began) > maxWait {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Duration(run*run) * time.Millisecond):
		}
	}
}

func (s *Store) once(ctx context.Context, f func(*Tx) error) error {
	p, db, end, err := s.begin(ctx)
	if err != nil {
		return translate(err)
	}
	defer end()
	tx := &Tx{db: db, store: s, now: s.Now(), pipe: p, touched: map[int64]bool{}, orders: map[int64]Order{}, payments: map[int64]Payment{}}
	if err := f(tx); err != nil {
		return translate(err)
	}
	if err := tx.commit(ctx); err != nil {
		return translate(err)
	}
	s.commits.Add(1)
	s.told(tx)
	return nil
}

// Enqueue puts a job into this transaction: it runs only if the transaction commits.
func (tx *Tx) Enqueue(_ context.Context, args river.JobArgs, opts *river.InsertOpts) error {
	tx.jobs = append(tx.jobs, river.InsertManyParams{Args: args, InsertOpts: opts})
	return nil
}

// commit inserts the jobs, all at once, and ends the transaction.
func (tx *Tx) commit(ctx context.Context) error {
	if len(tx.jobs) > 0 && tx.pipe.failed == nil {
		if _, err := tx.store.river.InsertManyTx(ctx, tx.pipe.Tx, tx.jobs); err != nil {
			return fmt.Errorf("enqueue jobs: %w", err)
		}
	}
	return tx.pipe.commit(ctx)
}

// next counts up and returns a named counter. The row stays locked to the end of the transaction, so numbers follow commits.
func (tx *Tx) next(ctx context.Context, name string) (int64, error) {
	var n int64
	err := tx.pipe.read(ctx, wanted{"UPDATE counters SET value = value + 1 WHERE name = ? RETURNING value", []any{name}, func(scan func(...any) error) error { return scan(&n) }})
	if err == nil && n == 0 {
		err = errors.New("no such counter")
	}
	if err != nil {
		return 0, fmt.Errorf("count %s: %w", name, err)
	}
	return n, nil
}
