package models

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
)

// maxCompiled is how many statements a connection to SQLite keeps compiled.
const maxCompiled = 256

// compiling opens connections that compile each statement once: SQLite's compiler costs more than most of our statements themselves.
type compiling struct{ driver.Connector }

// Connect opens a connection.
func (c compiling) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	inner, ok := conn.(liteConn)
	if !ok {
		return nil, fmt.Errorf("open database: %T lacks what is needed of a connection", conn)
	}
	return &compiledConn{liteConn: inner, ready: map[string]*compiled{}}, nil
}

// liteConn is everything that the driver's connections can do, so that nothing of it is lost behind ours.
type liteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// liteStmt is a statement of the driver's.
type liteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// liteRows are rows of the driver's.
type liteRows interface {
	driver.Rows
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeLength
	driver.RowsColumnTypeNullable
	driver.RowsColumnTypePrecisionScale
	driver.RowsColumnTypeScanType
}

// compiledConn is a connection with its compiled statements. database/sql lets one goroutine at a time use it.
type compiledConn struct {
	liteConn
	ready map[string]*compiled
	clock uint64
}

type compiled struct {
	liteStmt
	busy bool // its rows are being read: somebody else needs one of their own
	used uint64
}

// Unwrap gives the driver's own connection.
func (c *compiledConn) Unwrap() driver.Conn { return c.liteConn }

// Close gives the statements back with the connection.
func (c *compiledConn) Close() error {
	for _, s := range c.ready {
		_ = s.Close() // the connection's own error says whether something is wrong
	}
	clear(c.ready)
	return c.liteConn.Close()
}

// ExecContext runs a statement without rows.
func (c *compiledConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.compile(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.liteConn.ExecContext(ctx, query, args)
	}
	res, err := s.liteStmt.ExecContext(ctx, args)
	if err != nil {
		c.drop(query)
	}
	return res, err
}

// QueryContext runs a statement with rows.
func (c *compiledConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.compile(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.liteConn.QueryContext(ctx, query, args)
	}
	r, err := s.liteStmt.QueryContext(ctx, args)
	if err != nil {
		c.drop(query)
		return nil, err
	}
	rows, ok := r.(liteRows)
	if !ok {
		return r, nil
	}
	s.busy = true
	return &compiledRows{liteRows: rows, of: s}, nil
}

// compile gives the compiled statement, nil for one that has to be compiled each time.
func (c *compiledConn) compile(ctx context.Context, query string) (*compiled, error) {
	c.clock++
	if s := c.ready[query]; s != nil {
		if s.busy {
			return nil, nil
		}
		s.used = c.clock
		return s, nil
	}
	if !worthKeeping(query) {
		return nil, nil
	}
	st, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	inner, ok := st.(liteStmt)
	if !ok {
		return nil, st.Close()
	}
	c.makeRoom()
	s := &compiled{liteStmt: inner, used: c.clock}
	c.ready[query] = s
	return s, nil
}

// worthKeeping tells whether a statement is a single one that reads or writes rows: a script would be cut at its first part.
func worthKeeping(query string) bool {
	word, _, _ := strings.Cut(strings.TrimLeft(query, " \t\n"), " ")
	switch strings.ToUpper(word) {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH":
		return !strings.Contains(query, ";")
	}
	return false
}

// makeRoom gives the statement back that was not used for the longest time.
func (c *compiledConn) makeRoom() {
	if len(c.ready) < maxCompiled {
		return
	}
	oldest := ""
	for q, s := range c.ready {
		if !s.busy && (oldest == "" || s.used < c.ready[oldest].used) {
			oldest = q
		}
	}
	if oldest != "" {
		c.drop(oldest)
	}
}

func (c *compiledConn) drop(query string) {
	_ = c.ready[query].Close() // it repeats the error that the statement had
	delete(c.ready, query)
}

// compiledRows are the rows of a compiled statement, which is free for others when they are closed.
type compiledRows struct {
	liteRows
	of *compiled
}

// Close ends reading.
func (r *compiledRows) Close() error {
	err := r.liteRows.Close()
	r.of.busy = false
	return err
}
