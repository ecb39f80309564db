package models

import (
	"bytes"
	"fmt"
	"reflect"
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
		v := row.Field(f).Interface()
		name := t.columns[i+1]
		if before != nil && same(old.Field(f).Interface(), v) && !contains(always, name) {
			continue
		}
		set, args = append(set, name+" = ?"), append(args, v)
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

// same tells whether two values of one column are one value in the database.
func same(a, b any) bool {
	switch a := a.(type) {
	case []byte:
		return bytes.Equal(a, b.([]byte))
	case time.Time:
		return a.Equal(b.(time.Time))
	case *time.Time:
		b := b.(*time.Time)
		return a == b || a != nil && b != nil && a.Equal(*b)
	case *int64:
		b := b.(*int64)
		return a == b || a != nil && b != nil && *a == *b
	case decimal.Decimal:
		return a.Equal(b.(decimal.Decimal))
	case decimal.NullDecimal:
		b := b.(decimal.NullDecimal)
		return a.Valid == b.Valid && (!a.Valid || a.Decimal.Equal(b.Decimal))
	}
	return a == b
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
