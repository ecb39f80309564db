package models

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/shopspring/decimal"
	"gorm.io/gorm"
	ms "modernc.org/sqlite"

	"mostrador/money"
)

// A row of payments that somebody damaged, such as an amount that is no number, must not keep the others from being read. Rows are read as they are;
// only where that fails, or a number is none that can be reckoned with, all that were asked for are read once more, each column as text.

// unreadable tells whether a read failed on what a row holds, and not in the database.
func unreadable(err error) bool {
	var lite *ms.Error
	var pg *pgconn.PgError
	switch {
	case err == nil, errors.As(err, &lite), errors.As(err, &pg), errors.Is(err, gorm.ErrRecordNotFound), errors.Is(err, ErrNotFound), errors.Is(err, errGone):
		return false
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, sql.ErrConnDone), errors.Is(err, sql.ErrTxDone):
		return false
	}
	return true
}

// sound tells whether all numbers of a payment can be reckoned with.
func (p *Payment) sound() bool {
	for _, d := range [...]decimal.NullDecimal{p.RouteFee, p.OrderedIn, p.OrderedOut, p.CurrentIn, p.CurrentOut, p.SettledIn, p.SettledOut} {
		if d.Valid && !money.Sound(d.Decimal) {
			return false
		}
	}
	return money.Sound(p.PayoutRate) && money.Sound(p.PriceOut) && money.Sound(p.QuotedIn) && money.Sound(p.QuotedOut)
}

func allSound(list []Payment) bool {
	for i := range list {
		if !list[i].sound() {
			return false
		}
	}
	return true
}

// paymentsWhere reads the payments that the end of a statement chooses.
func (s *Store) paymentsWhere(db *gorm.DB, end string, args ...any) ([]Payment, error) {
	var list []Payment
	err := db.Raw("SELECT "+paymentsTable.choose+" FROM payments "+end, args...).Scan(&list).Error
	if err == nil && allSound(list) {
		return list, nil
	}
	if err != nil && !unreadable(err) {
		return nil, translate(err)
	}
	list = nil
	rows, err := db.Raw("SELECT "+s.asTexts()+" FROM payments "+end, args...).Rows()
	if err != nil {
		return nil, translate(err)
	}
	defer rows.Close()
	for rows.Next() {
		p, err := carefully(rows.Scan)
		if err != nil {
			return nil, translate(err)
		}
		list = append(list, p)
	}
	return list, translate(rows.Err())
}

// onePayment is paymentsWhere of one. The error is ErrNotFound.
func (s *Store) onePayment(db *gorm.DB, end string, args ...any) (*Payment, error) {
	list, err := s.paymentsWhere(db, end+" LIMIT 1", args...)
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return &list[0], nil
}

// asTexts chooses all columns of a payment such that nothing in them keeps either driver from handing them over.
func (s *Store) asTexts() string {
	texts := make([]string, len(paymentsTable.columns))
	row := reflect.TypeFor[Payment]()
	for i, f := range paymentsTable.fields {
		texts[i] = s.asText(paymentsTable.columns[i], row.Field(f).Type)
	}
	return strings.Join(texts, ", ")
}

func (s *Store) asText(column string, t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[[]byte]():
		return column
	case s.dialect == Postgres && (t == reflect.TypeFor[time.Time]() || t == reflect.TypeFor[*time.Time]()):
		return "CASE WHEN isfinite(" + column + ") THEN to_char(" + column + " AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US+00:00') ELSE CAST(" + column + " AS TEXT) END"
	}
	return "CAST(" + column + " AS TEXT)"
}

// carefully reads one row of asTexts: a column that holds what it cannot is left zero and named in Unreadable.
func carefully(scan func(...any) error) (Payment, error) {
	var p Payment
	row := reflect.ValueOf(&p).Elem()
	texts := make([]sql.NullString, len(paymentsTable.fields))
	into := make([]any, len(texts))
	for i, f := range paymentsTable.fields {
		into[i] = &texts[i]
		if b, ok := row.Field(f).Addr().Interface().(*[]byte); ok {
			into[i] = b
		}
	}
	if err := scan(into...); err != nil {
		return p, err
	}
	for i, f := range paymentsTable.fields {
		if _, ok := into[i].(*[]byte); ok {
			continue
		}
		if fill(row.Field(f).Addr().Interface(), texts[i]) != nil {
			row.Field(f).SetZero()
			if p.Unreadable == nil {
				p.Unreadable = map[string]string{}
			}
			p.Unreadable[paymentsTable.columns[i]] = texts[i].String
		}
	}
	return p, nil
}

// fill reads the text of a column.
func fill(into any, text sql.NullString) (err error) {
	v := text.String
	switch into := into.(type) {
	case **time.Time:
		if !text.Valid {
			*into = nil
			return nil
		}
		var at time.Time
		at, err = instantOf(v)
		*into = &at
		return err
	case *decimal.NullDecimal:
		if into.Valid = text.Valid; text.Valid {
			into.Decimal, err = number(v)
		}
		return err
	}
	if !text.Valid {
		return errors.New("null")
	}
	switch into := into.(type) {
	case *string:
		*into = v
	case *int64:
		*into, err = strconv.ParseInt(v, 10, 64)
	case *int32:
		var n int64
		n, err = strconv.ParseInt(v, 10, 32)
		*into = int32(n)
	case *bool:
		*into, err = strconv.ParseBool(v)
	case *decimal.Decimal:
		*into, err = number(v)
	case *time.Time:
		*into, err = instantOf(v)
	default:
		err = fmt.Errorf("no column is read into %T", into)
	}
	return err
}

// instantOf reads a moment as SQLite keeps it, or as people write it.
func instantOf(text string) (time.Time, error) {
	var at stamp
	if at.read(text) == nil {
		return *at.at, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, errors.New("no moment: " + strconv.Quote(text))
}

func number(text string) (decimal.Decimal, error) {
	if len(text) > money.MaxText {
		return decimal.Decimal{}, errors.New("too long")
	}
	d, err := decimal.NewFromString(text)
	if err == nil && !money.Sound(d) {
		err = errors.New("too large")
	}
	return d, err
}

// figure is a number of a list: what is none is missing, and bad tells of it.
type figure struct {
	decimal.NullDecimal
	bad bool
}

// Scan takes what either database gives.
func (f *figure) Scan(v any) error {
	var text string
	switch v := v.(type) {
	case nil:
		return nil
	case []byte:
		text = string(v)
	default:
		text = fmt.Sprint(v)
	}
	d, err := number(text)
	f.NullDecimal, f.bad = decimal.NullDecimal{Decimal: d, Valid: err == nil}, err != nil
	return nil
}

// instant is a moment of a list: what is none is missing, and bad tells of it.
type instant struct {
	at  *time.Time
	bad bool
}

// Scan takes what either database gives.
func (i *instant) Scan(v any) error {
	var s stamp
	if i.bad = s.Scan(v) != nil || s.at != nil && s.at.Unix() == 0; !i.bad {
		i.at = s.at
	}
	return nil
}

// whole is a whole number of a list: what is none is 0, and bad tells of it.
type whole struct {
	n   int64
	bad bool
}

// Scan takes what either database gives.
func (w *whole) Scan(v any) error {
	switch v := v.(type) {
	case nil:
	case int64:
		w.n = v
	default:
		w.bad = true
	}
	return nil
}

// asInstant chooses a moment such that either driver hands it over whatever it is; instant reads it.
func (s *Store) asInstant(column string) string {
	if s.dialect == Postgres { // its driver gives up all rows for one that never ends; no payment is as old as the epoch
		return "CASE WHEN isfinite(" + column + ") THEN " + column + " WHEN " + column + " IS NOT NULL THEN TIMESTAMPTZ 'epoch' END"
	}
	return s.asStamp(column)
}

// GormDataType tells gorm that it is one column.
func (instant) GormDataType() string { return "time" }

// GormDataType tells gorm that it is one column.
func (whole) GormDataType() string { return "int" }

// GormDataType tells gorm that it is one column.
func (figure) GormDataType() string { return "text" }
