package models

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// LogEntry is one line of the log of who did what. The database refuses to change or delete one.
type LogEntry struct {
	ID      int64
	At      time.Time
	StaffID *int64
	Who     string // e-mail, name of the key, or command
	Action  string // what was done, a word such as order.accept
	Subject string // to what: order 1042, ana@…
	Detail  string // json
	Remote  string
}

// TableName is the table's.
func (LogEntry) TableName() string { return "staff_log" }

// DetailMap reads the detail; nil when there is none.
func (e *LogEntry) DetailMap() map[string]any {
	var m map[string]any
	_ = json.Unmarshal([]byte(e.Detail), &m) // what cannot be read is shown as it stands
	return m
}

// AppendLog adds a line to the log, at the transaction's time.
func (tx *Tx) AppendLog(ctx context.Context, e *LogEntry) error {
	e.ID, e.At = 0, tx.now
	if e.Detail == "" {
		e.Detail = "{}"
	}
	if err := tx.db.WithContext(ctx).Create(e).Error; err != nil {
		return fmt.Errorf("append to the log: %w", translate(err))
	}
	return nil
}

// LogFilter chooses lines of the log. Zero values choose everything.
type LogFilter struct {
	Who, Action, Subject string
	From, Before         time.Time // From included, Before not
	After                int64     // lines older than this id: the next page
	Limit                int
}

// Log reads lines of the log, the newest first.
func (s *Store) Log(ctx context.Context, f LogFilter) ([]LogEntry, error) {
	q := s.read(ctx).Order("id DESC").Limit(f.Limit)
	if f.Who != "" {
		q = q.Where("who = ?", f.Who)
	}
	if f.Action != "" {
		q = q.Where("action = ?", f.Action)
	}
	if f.Subject != "" {
		q = q.Where("subject = ?", f.Subject)
	}
	if !f.From.IsZero() {
		q = q.Where("at >= ?", f.From.UTC())
	}
	if !f.Before.IsZero() {
		q = q.Where("at < ?", f.Before.UTC())
	}
	if f.After > 0 {
		q = q.Where("id < ?", f.After)
	}
	var list []LogEntry
	if err := q.Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read the log: %w", translate(err))
	}
	return list, nil
}
