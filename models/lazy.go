package models

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// lazily opens connections to PostgreSQL whose transactions begin together with their first statement: a BEGIN alone costs a round trip.
type lazily struct{ driver.Connector }

// Connect opens a connection.
func (l lazily) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := l.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	inner, ok := conn.(*stdlib.Conn)
	if !ok {
		return nil, fmt.Errorf("open database: %T is no connection of pgx", conn)
	}
	return &lazyConn{Conn: inner}, nil
}

// lazyConn is a connection whose transaction may still have to begin. database/sql lets one goroutine at a time use it.
type lazyConn struct {
	*stdlib.Conn
	waiting bool // the transaction has begun for us, and not yet for the database
	over    bool // it was committed together with its last statements
}

// Begin begins a transaction.
func (c *lazyConn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

// BeginTx begins a transaction, with the first statement unless it is one of a special kind.
func (c *lazyConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if opts != (driver.TxOptions{}) {
		return c.Conn.BeginTx(ctx, opts)
	}
	if c.Conn.Conn().IsClosed() {
		return nil, driver.ErrBadConn
	}
	c.waiting = true
	return &lazyTx{c, ctx}, nil
}

func (c *lazyConn) start(ctx context.Context) error {
	if !c.waiting {
		return nil
	}
	if _, err := c.Conn.Conn().Exec(ctx, "begin"); err != nil {
		return err
	}
	c.waiting = false
	return nil
}

// ExecContext runs a statement without rows.
func (c *lazyConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.start(ctx); err != nil {
		return nil, err
	}
	return c.Conn.ExecContext(ctx, query, args)
}

// QueryContext runs a statement with rows.
func (c *lazyConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.start(ctx); err != nil {
		return nil, err
	}
	return c.Conn.QueryContext(ctx, query, args)
}

// Prepare prepares a statement.
func (c *lazyConn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// PrepareContext prepares a statement.
func (c *lazyConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if err := c.start(ctx); err != nil {
		return nil, err
	}
	return c.Conn.PrepareContext(ctx, query)
}

// ResetSession makes a connection ready for somebody else.
func (c *lazyConn) ResetSession(ctx context.Context) error {
	c.waiting, c.over = false, false
	return c.Conn.ResetSession(ctx)
}

type lazyTx struct {
	conn *lazyConn
	ctx  context.Context
}

// Commit ends the transaction. A transaction that a statement has broken cannot be committed.
func (t *lazyTx) Commit() error {
	if t.conn.over {
		t.conn.over = false
		return nil
	}
	if t.conn.waiting { // nothing was done in it
		t.conn.waiting = false
		return nil
	}
	tag, err := t.end(t.ctx, "commit")
	if err == nil && tag == "ROLLBACK" {
		err = pgx.ErrTxCommitRollback
	}
	return err
}

// Rollback undoes the transaction, also when its context has ended.
func (t *lazyTx) Rollback() error {
	if t.conn.over {
		t.conn.over = false
		return nil
	}
	if t.conn.waiting {
		t.conn.waiting = false
		return nil
	}
	if t.conn.Conn.Conn().IsClosed() {
		return nil // the database undoes what a lost connection leaves
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.ctx), 5*time.Second)
	defer cancel()
	_, err := t.end(ctx, "rollback")
	return err
}

func (t *lazyTx) end(ctx context.Context, how string) (string, error) {
	conn := t.conn.Conn.Conn()
	tag, err := conn.Exec(ctx, how)
	if err != nil && conn.PgConn().TxStatus() != 'I' {
		_ = conn.Close(context.WithoutCancel(ctx)) // a connection in the middle of a transaction is of no use to others
	}
	return tag.String(), err
}
