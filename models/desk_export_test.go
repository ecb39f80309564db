package models

import (
	"context"
	"strings"

	"gorm.io/gorm"
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
