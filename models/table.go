package models

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/shopspring/decimal"
	"gorm.io/gorm/schema"
)

// table maps a struct to the columns of its table, for the few statements that run at each notification: gorm works the same out anew every time.
type table[T any] struct {
	name    string
	columns []string
	fields  []int  // of the struct, by column
	choose  string // all columns, for SELECT
	plain   string // the same for SQLite, moments as they stand: see intoPlain
	insert  string // of everything but the id
}

func tableOf[T any](name string) *table[T] {
	s, err := schema.Parse(new(T), &sync.Map{}, schema.NamingStrategy{})
	if err != nil {
		panic(err) // the struct itself is wrong
	}
	t := &table[T]{name: name}
	for _, f := range s.Fields {
		if f.DBName == "" { // no column
			continue
		}
		t.columns = append(t.columns, f.DBName)
		t.fields = append(t.fields, f.StructField.Index[0])
	}
	t.choose = strings.Join(t.columns, ", ")
	plain := slices.Clone(t.columns)
	row := reflect.TypeFor[T]()
	for i, f := range t.fields {
		if at := row.Field(f).Type; at == reflect.TypeFor[time.Time]() || at == reflect.TypeFor[*time.Time]() {
			plain[i] += " || ''"
		}
	}
	t.plain = strings.Join(plain, ", ")
	if t.columns[0] != "id" {
		panic(name + ": want id first")
	}
	t.insert = fmt.Sprintf("INSERT INTO %s (%s) VALUES (?%s)", name, strings.Join(t.columns[1:], ", "), strings.Repeat(", ?", len(t.columns)-2))
	return t
}

// into gives where the columns go, for Scan.
func (t *table[T]) into(v *T) []any {
	row := reflect.ValueOf(v).Elem()
	out := make([]any, len(t.fields))
	for i, f := range t.fields {
		out[i] = row.Field(f).Addr().Interface()
	}
	return out
}

// chosen gives the columns for SELECT.
func (t *table[T]) chosen(dialect string) string {
	if dialect == SQLite {
		return t.plain
	}
	return t.choose
}

// intoChosen gives where the columns of chosen go, for Scan.
func (t *table[T]) intoChosen(dialect string, v *T) []any {
	out := t.into(v)
	if dialect != SQLite {
		return out
	}
	for i := range out {
		switch at := out[i].(type) {
		case *time.Time:
			out[i] = &plainMoment{at: at}
		case **time.Time:
			out[i] = &plainMoment{maybe: at}
		}
	}
	return out
}

// plainMoment reads a moment of SQLite's as it stands there: made into a time by the driver it costs more than all the rest of a row.
type plainMoment struct {
	at    *time.Time
	maybe **time.Time
}

// Scan takes a moment, or none where there may be none.
func (m *plainMoment) Scan(v any) error {
	var s stamp
	if err := s.Scan(v); err != nil {
		text, _ := v.(string)
		at, err := instantOf(text) // written by other hands
		if err != nil {
			return err
		}
		s.at = &at
	}
	switch {
	case m.maybe != nil:
		*m.maybe = s.at
	case s.at == nil:
		return errors.New("no moment")
	default:
		*m.at = *s.at
	}
	return nil
}

// values gives everything but the id, for an INSERT.
func (t *table[T]) values(v *T) []any {
	row := reflect.ValueOf(v).Elem()
	out := make([]any, 0, len(t.fields))
	for _, f := range t.fields[1:] {
		out = append(out, row.Field(f).Interface())
	}
	return out
}

// update gives the UPDATE of the columns that differ, and those of always whatever they are. before nil: of all.
func (t *table[T]) update(before, after *T, always ...string) (query string, args []any) {
	row := reflect.ValueOf(after).Elem()
	var old reflect.Value
	if before != nil {
		old = reflect.ValueOf(before).Elem()
	}
	var set []string
	for i, f := range t.fields[1:] {
		name := t.columns[i+1]
		if before != nil && same(old.Field(f).Addr().Interface(), row.Field(f).Addr().Interface()) && !contains(always, name) {
			continue
		}
		set, args = append(set, name+" = ?"), append(args, row.Field(f).Interface())
	}
	return "UPDATE " + t.name + " SET " + strings.Join(set, ", ") + " WHERE id = ?", append(args, row.Field(t.fields[0]).Interface())
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

// same tells whether two values of one column, given by their addresses, are one value in the database.
func same(a, b any) bool {
	switch a := a.(type) {
	case *string:
		return *a == *b.(*string)
	case *int64:
		return *a == *b.(*int64)
	case *int32:
		return *a == *b.(*int32)
	case *bool:
		return *a == *b.(*bool)
	case *[]byte:
		return bytes.Equal(*a, *b.(*[]byte))
	case *time.Time:
		return a.Equal(*b.(*time.Time))
	case **time.Time:
		x, y := *a, *b.(**time.Time)
		return x == y || x != nil && y != nil && x.Equal(*y)
	case **int64:
		x, y := *a, *b.(**int64)
		return x == y || x != nil && y != nil && *x == *y
	case *decimal.Decimal:
		return a.Equal(*b.(*decimal.Decimal))
	case *decimal.NullDecimal:
		b := b.(*decimal.NullDecimal)
		return a.Valid == b.Valid && (!a.Valid || a.Decimal.Equal(b.Decimal))
	}
	return false // rather written once more than not at all
}

var (
	ordersTable        = tableOf[Order]("orders")
	paymentsTable      = tableOf[Payment]("payments")
	eventsTable        = tableOf[Event]("payment_events")
	notificationsTable = tableOf[Notification]("notifications")
	linesTable         = tableOf[OrderLine]("order_lines")
	callsTable         = tableOf[Call]("exchange_calls")
)

// dialects keeps the statements in PostgreSQL's words.
var dialects sync.Map

// say writes a statement with question marks in the database's own words.
func (s *Store) say(query string) string {
	if s.dialect != Postgres {
		return query
	}
	if q, ok := dialects.Load(query); ok {
		return q.(string)
	}
	var b strings.Builder
	n := 0
	for _, r := range query {
		if r == '?' {
			n++
			fmt.Fprintf(&b, "$%d", n)
			continue
		}
		b.WriteRune(r)
	}
	dialects.Store(query, b.String())
	return b.String()
}
