// Package models is the only place that knows SQL: the tables, their migrations for SQLite and PostgreSQL, the queries and
// the transactions. Store reads; the one way to write is Store.InTx, whose Tx carries every write, one fixed time and the
// jobs that are to run once it is committed. It may import money, messages and config.
//
// Read store.go first, then payment.go and event.go; migrations/ has the tables with what each column means.
package models
