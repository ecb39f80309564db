package e2e

import (
	"database/sql"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"
)

// raw opens the database as a stranger with a database tool would.
func (s *site) raw() *sql.DB {
	s.t.Helper()
	driver, address := "sqlite", "file:"+s.path("data/mostrador.db")+"?_busy_timeout=5000"
	if url := s.env["DATABASE__URL"]; strings.HasPrefix(url, "postgres") {
		driver, address = "pgx", url
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { db.Close() })
	return db
}

// notificationsByPayment counts the kept notifications that were answered 200.
func notificationsByPayment(t testing.TB, s *site) map[int64]int {
	t.Helper()
	rows, err := s.raw().QueryContext(t.Context(), "SELECT payment_id, COUNT(*) FROM notifications WHERE answer = 200 AND payment_id IS NOT NULL GROUP BY payment_id")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	out := map[int64]int{}
	for rows.Next() {
		var id int64
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			t.Fatal(err)
		}
		out[id] = n
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
