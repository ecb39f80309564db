package models

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"
)

// pipe is the connection of one transaction. With PostgreSQL each statement costs a round trip, so writes that nobody waits for are queued and sent
// together, before the next read or the commit. With SQLite they are carried out at once.
type pipe struct {
	*sql.Tx
	store  *Store
	conn   *sql.Conn // PostgreSQL only
	queue  []queued
	failed error // of a queued write: it stays, and stops the commit
}

// queued is a write on its way.
type queued struct {
	what  string // for the error
	query string
	args  []any
	rows  int64 // how many it must touch
}

// wanted is a read: its rows are handed to scan one by one.
type wanted struct {
	query string
	args  []any
	scan  func(scan func(...any) error) error
}

var errGone = errors.New("the transaction is over")

// begin starts a transaction and gives gorm's view of it. end gives the connection back, after a rollback unless it was committed.
func (s *Store) begin(ctx context.Context) (p *pipe, db *gorm.DB, end func(), err error) {
	p = &pipe{store: s}
	end = func() {}
	conn, err := s.connection(ctx)
	if err != nil {
		return nil, nil, end, err
	}
	end = func() { _ = conn.Close() } // what it held is back in any case
	if s.dialect == Postgres {
		p.conn = conn
	}
	if p.Tx, err = conn.BeginTx(ctx, nil); err != nil {
		end()
		return nil, nil, end, err
	}
	free := end
	end = func() {
		_ = p.Tx.Rollback() // after a commit there is nothing to roll back
		free()
	}
	db = s.writer.WithContext(ctx)
	db.Statement.ConnPool = p
	return p, db, end, nil
}

// connection takes one to write by. While somebody else locks the database all who write wait for it one after another: who comes late is told
// that it is busy instead of waiting for each of them.
func (s *Store) connection(ctx context.Context) (*sql.Conn, error) {
	wait, cancel := context.WithTimeout(ctx, maxQueue)
	defer cancel()
	conn, err := s.pools[0].Conn(wait)
	if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("%w: no connection was free for %s", ErrBusy, maxQueue)
	}
	return conn, err
}

// write carries out a statement that must touch so many rows, or queues it.
func (p *pipe) write(ctx context.Context, what string, rows int64, query string, args ...any) error {
	if p.failed != nil {
		return p.failed
	}
	w := queued{what: what, query: p.store.say(query), args: args, rows: rows}
	if p.conn != nil {
		p.queue = append(p.queue, w)
		return nil
	}
	res, err := p.Tx.ExecContext(ctx, w.query, args...)
	if err != nil {
		return p.fail(fmt.Errorf("%s: %w", what, translate(err)))
	}
	n, err := res.RowsAffected()
	if err != nil {
		return p.fail(fmt.Errorf("%s: %w", what, err))
	}
	return p.touched(w, n)
}

func (p *pipe) touched(w queued, n int64) error {
	if n != w.rows {
		return p.fail(fmt.Errorf("%s: %d rows instead of %d", w.what, n, w.rows))
	}
	return nil
}

// fail keeps the first error for good.
func (p *pipe) fail(err error) error {
	if p.failed == nil {
		p.failed = err
	}
	return p.failed
}

// read sends what is queued and then asks, all in one round trip where that helps.
func (p *pipe) read(ctx context.Context, reads ...wanted) error {
	if p.conn != nil {
		return p.send(ctx, reads, false)
	}
	if p.failed != nil {
		return p.failed
	}
	for _, r := range reads {
		rows, err := p.Tx.QueryContext(ctx, p.store.say(r.query), r.args...)
		if err != nil {
			return err
		}
		for err == nil && rows.Next() {
			err = r.scan(rows.Scan)
		}
		if err = errors.Join(err, rows.Err(), rows.Close()); err != nil {
			return err
		}
	}
	return nil
}

// flush sends what is queued. The error of a queued write comes back from here on each time.
func (p *pipe) flush(ctx context.Context) error {
	if p.failed != nil || len(p.queue) == 0 {
		return p.failed
	}
	return p.send(ctx, nil, false)
}

// provable tells whether the database itself can refuse each of the queued writes that does not touch its one row, so that the commit may follow them
// without waiting for what became of them.
func (p *pipe) provable() bool {
	for _, w := range p.queue {
		insert := strings.HasPrefix(w.query, "INSERT INTO ") && strings.Contains(w.query, ") VALUES (") && !strings.Contains(w.query, "ON CONFLICT")
		update := strings.HasPrefix(w.query, "UPDATE ") && !strings.Contains(w.query, "RETURNING")
		if w.rows != 1 || !insert && !update {
			return false
		}
	}
	return true
}

// strict writes an UPDATE such that it fails unless it touches one row.
func strict(query string) string {
	if !strings.HasPrefix(query, "UPDATE ") {
		return query
	}
	return "WITH w AS (" + query + " RETURNING 1) SELECT 1 / CASE COUNT(*) WHEN 1 THEN 1 ELSE 0 END FROM w"
}

// send carries queued writes and reads in one round trip, and the commit too where it ends the transaction.
func (p *pipe) send(ctx context.Context, reads []wanted, end bool) error {
	if p.failed != nil {
		return p.failed
	}
	writes := p.queue
	p.queue = nil
	if end {
		for i := range writes {
			writes[i].query = strict(writes[i].query)
		}
	}
	var readErr error
	err := p.conn.Raw(func(c any) error {
		lazy := c.(*lazyConn)
		conn := lazy.Conn.Conn()
		// A context that ended has rolled back meanwhile: what is sent now would be carried out outside the transaction.
		if conn.IsClosed() || !lazy.waiting && conn.PgConn().TxStatus() != 'T' {
			p.fail(errGone)
			return nil
		}
		if lazy.waiting {
			lazy.waiting = false
			writes = append([]queued{{what: "begin", query: "begin"}}, writes...)
		}
		var batch pgx.Batch
		for _, w := range writes {
			batch.Queue(w.query, w.args...)
		}
		for _, r := range reads {
			batch.Queue(p.store.say(r.query), r.args...)
		}
		if end {
			batch.Queue("commit")
		}
		res := conn.SendBatch(ctx, &batch)
		for _, w := range writes {
			tag, err := res.Exec()
			if err != nil {
				p.fail(fmt.Errorf("%s: %w", w.what, translate(err)))
				break
			}
			if p.touched(w, tag.RowsAffected()) != nil {
				break
			}
		}
		for i := 0; p.failed == nil && readErr == nil && i < len(reads); i++ {
			readErr = collect(res, reads[i])
		}
		if end && p.failed == nil {
			tag, err := res.Exec()
			if err == nil && tag.String() == "ROLLBACK" {
				err = pgx.ErrTxCommitRollback
			}
			if err != nil {
				p.fail(translate(err))
			}
			lazy.over = err == nil
		}
		if err := res.Close(); err != nil && readErr == nil {
			p.fail(translate(err))
		}
		return nil
	})
	if err != nil {
		p.fail(err)
	}
	if p.failed != nil {
		return p.failed
	}
	if readErr != nil && len(writes) > 0 && !unreadable(readErr) {
		return p.fail(readErr) // the writes before it are in a transaction that is broken now
	}
	return readErr
}

func collect(res pgx.BatchResults, r wanted) error {
	rows, err := res.Query()
	if err != nil {
		return err
	}
	for err == nil && rows.Next() {
		err = r.scan(rows.Scan)
	}
	rows.Close()
	return errors.Join(err, rows.Err())
}

// ExecContext, QueryContext, QueryRowContext and PrepareContext are for gorm: what is queued goes first.
func (p *pipe) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := p.flush(ctx); err != nil {
		return nil, err
	}
	return p.Tx.ExecContext(ctx, query, args...)
}

// QueryContext is for gorm.
func (p *pipe) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := p.flush(ctx); err != nil {
		return nil, err
	}
	return p.Tx.QueryContext(ctx, query, args...)
}

// QueryRowContext is for gorm. It cannot say that a queued write failed; the commit does.
func (p *pipe) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	_ = p.flush(ctx)
	return p.Tx.QueryRowContext(ctx, query, args...)
}

// PrepareContext is for gorm.
func (p *pipe) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	if err := p.flush(ctx); err != nil {
		return nil, err
	}
	return p.Tx.PrepareContext(ctx, query)
}

// Commit sends what is queued and commits, unless a queued write failed.
func (p *pipe) Commit() error {
	return p.commit(context.Background())
}

func (p *pipe) commit(ctx context.Context) error {
	if p.conn != nil && p.failed == nil && len(p.queue) > 0 && p.provable() {
		if err := p.send(ctx, nil, true); err != nil {
			return err
		}
		_ = p.Tx.Commit() // it is committed, whatever ended meanwhile
		return nil
	}
	if err := p.flush(ctx); err != nil {
		return err
	}
	return p.Tx.Commit()
}
