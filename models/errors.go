package models

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
	ms "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// What callers tell apart; both drivers' errors become these.
var (
	ErrNotFound   = errors.New("not found")
	ErrConflict   = errors.New("exists already")    // a unique index refused it
	ErrChanged    = errors.New("changed meanwhile") // the version that was read is no longer the row's
	ErrBusy       = errors.New("database is busy")  // locked, full, out of connections or told to stop a statement: nothing was written
	ErrUnreadable = errors.New("not readable")      // somebody damaged it
	ErrText       = errors.New("text not storable") // it holds a sign that PostgreSQL keeps in no text, such as NUL: nothing was written
)

// translate makes the errors of both drivers the same few.
func translate(err error) error {
	switch {
	case err == nil, errors.Is(err, ErrNotFound), errors.Is(err, ErrConflict), errors.Is(err, ErrBusy):
		return err
	case errors.Is(err, gorm.ErrRecordNotFound):
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	case errors.Is(err, gorm.ErrDuplicatedKey):
		return fmt.Errorf("%w: %w", ErrConflict, err)
	}
	var lite *ms.Error
	if errors.As(err, &lite) {
		switch lite.Code() & 0xff {
		case lib.SQLITE_BUSY, lib.SQLITE_LOCKED, lib.SQLITE_FULL, lib.SQLITE_IOERR, lib.SQLITE_READONLY, lib.SQLITE_CANTOPEN:
			return fmt.Errorf("%w: %w", ErrBusy, err)
		}
		switch lite.Code() {
		case lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_PRIMARYKEY:
			return fmt.Errorf("%w: %w", ErrConflict, err)
		}
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case "23505":
			return fmt.Errorf("%w: %w", ErrConflict, err)
		case "22021", "22P05":
			return fmt.Errorf("%w: %w", ErrText, err)
		case "53100", "53200", "53300", "57P01", "57P02", "57P03", "55P03", "57014":
			return fmt.Errorf("%w: %w", ErrBusy, err)
		}
	}
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		return fmt.Errorf("%w: %w", ErrBusy, err)
	}
	return err
}

// rerun tells whether running the same transaction again may help: another one was in the way.
func rerun(err error) bool {
	var lite *ms.Error
	if errors.As(err, &lite) {
		c := lite.Code() & 0xff
		return c == lib.SQLITE_BUSY || c == lib.SQLITE_LOCKED
	}
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}
