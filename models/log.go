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
	w, index, err := s.logWhere(ctx, f)
	if err != nil {
		return nil, err
	}
	var list []LogEntry
	if err := s.read(ctx).Raw("SELECT * FROM staff_log"+s.by(index)+w.sql()+" ORDER BY id DESC LIMIT ?", append(w.args, f.Limit)...).Scan(&list).Error; err != nil {
		return nil, fmt.Errorf("read the log: %w", translate(err))
	}
	return list, nil
}

// logWhere is the condition of a filter, and the index that has what is chosen in the log's order. Ids follow the time: those of the day before
// and behind bound the walk to the days that are asked for.
func (s *Store) logWhere(ctx context.Context, f LogFilter) (w where, index string, err error) {
	if f.Who != "" {
		index = "staff_log_who"
		w.and("who = ?", f.Who)
	}
	if f.Action != "" {
		index = map[bool]string{true: "staff_log_did", false: "staff_log_who_did"}[f.Who == ""]
		w.and("action = ?", f.Action)
	}
	if f.Subject != "" {
		index = "staff_log_subject"
		w.and("subject = ?", f.Subject)
	}
	edge := func(sql string, at time.Time) (id int64, err error) {
		if err = s.read(ctx).Raw("SELECT id FROM staff_log"+s.by("staff_log_at")+" WHERE "+sql+" LIMIT 1", at.UTC()).Scan(&id).Error; err != nil {
			err = fmt.Errorf("read the log: %w", translate(err))
		}
		return id, err
	}
	if !f.From.IsZero() {
		id, err := edge("at < ? ORDER BY at DESC, id DESC", f.From.Add(-apart))
		if err != nil {
			return w, "", err
		}
		w.and("id > ? AND at >= ?", id, f.From.UTC())
	}
	if !f.Before.IsZero() {
		id, err := edge("at >= ? ORDER BY at, id", f.Before.Add(apart))
		if err != nil {
			return w, "", err
		}
		if id > 0 {
			w.and("id < ?", id)
		}
		w.and("at < ?", f.Before.UTC())
	}
	if f.After > 0 {
		w.and("id < ?", f.After)
	}
	return w, index, nil
}
