package models

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// DeskPlanForTest is how the database would read a page of the desk's orders.
func (s *Store) DeskPlanForTest(ctx context.Context, q DeskQuery) (string, error) {
	page, err := s.chosen(ctx, &q)
	if err != nil || page.sql == "" {
		return "", err
	}
	sql, args := s.deskSQL(&q, page)
	return s.PlanForTest(ctx, sql, args...)
}

// PlanForTest is how the database would read a statement, a line for each step. PostgreSQL reads a small table whole because that is
// quicker; it is told not to, so that the plan is the one of a large table.
func (s *Store) PlanForTest(ctx context.Context, sql string, args ...any) (string, error) {
	var lines []string
	err := s.reader.WithContext(ctx).Transaction(func(db *gorm.DB) error {
		explain := "EXPLAIN QUERY PLAN "
		if s.dialect == Postgres {
			explain = "EXPLAIN "
			for _, way := range []string{"seqscan", "hashjoin", "mergejoin"} {
				if err := db.Exec("SET LOCAL enable_" + way + " = off").Error; err != nil {
					return err
				}
			}
		}
		rows, err := db.Raw(explain+sql, args...).Rows()
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id, parent, unused int64
			var line string
			into := []any{&id, &parent, &unused, &line}
			if s.dialect == Postgres {
				into = into[3:]
			}
			if err := rows.Scan(into...); err != nil {
				return err
			}
			lines = append(lines, line)
		}
		return rows.Err()
	})
	return strings.Join(lines, "\n"), err
}

// PlansForTest is how the database would read every statement with which f reads the store, each with its plan below it.
func (s *Store) PlansForTest(ctx context.Context, f func(*Store) error) (list [][2]string, err error) {
	asked := &statements{}
	watched := &Store{dialect: s.dialect, vault: s.vault, now: s.now, reader: s.reader.Session(&gorm.Session{Logger: asked})}
	if err := f(watched); err != nil {
		return nil, err
	}
	for _, sql := range asked.list {
		plan, err := s.PlanForTest(ctx, sql)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", sql, err)
		}
		list = append(list, [2]string{sql, plan})
	}
	return list, nil
}

// statements keeps what is asked of the database.
type statements struct{ list []string }

func (a *statements) LogMode(logger.LogLevel) logger.Interface { return a }
func (a *statements) Info(context.Context, string, ...any)     {}
func (a *statements) Warn(context.Context, string, ...any)     {}
func (a *statements) Error(context.Context, string, ...any)    {}
func (a *statements) Trace(_ context.Context, _ time.Time, of func() (string, int64), _ error) {
	sql, _ := of()
	a.list = append(a.list, sql)
}

// LogPlanForTest is how the database would read a page of the log.
func (s *Store) LogPlanForTest(ctx context.Context, f LogFilter) (string, error) {
	w, index, err := s.logWhere(ctx, f)
	if err != nil {
		return "", err
	}
	return s.PlanForTest(ctx, "SELECT * FROM staff_log"+s.by(index)+w.sql()+" ORDER BY id DESC LIMIT 50", w.args...)
}

// HangingPlanForTest is how the database would read the payments that hang at an exchanger.
func (s *Store) HangingPlanForTest(ctx context.Context) (string, error) {
	return s.PlanForTest(ctx, "SELECT COUNT(*) "+s.hanging(), "hold")
}
