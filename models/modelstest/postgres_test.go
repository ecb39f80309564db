package modelstest

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestASchemaIsGivenOutAsMigratingLeftIt writes to schemas and damages them; whoever comes next finds nothing of it.
func TestASchemaIsGivenOutAsMigratingLeftIt(t *testing.T) {
	ctx := context.Background()
	const state = likeness + ` || (SELECT concat_ws(' ', string_agg(name || value, ' ' ORDER BY name),
		(SELECT max(version_id) FROM goose_db_version), (SELECT count(*) FROM staff), (SELECT last_value || ' ' || is_called FROM staff_id_seq)) FROM counters)`
	enter := func(t *testing.T) *pgx.Conn {
		conn, err := pgx.Connect(ctx, Postgres(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close(ctx) })
		return conn
	}
	read := func(t *testing.T) (s string) {
		if err := enter(t).QueryRow(ctx, "SELECT "+state).Scan(&s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	var first string
	t.Run("first", func(t *testing.T) { first = read(t) })
	for _, harm := range []string{
		`INSERT INTO staff (email, role, created_at, updated_at) SELECT 'a' || i || '@example.com', 'owner', now(), now() FROM generate_series(1, 5000) i; UPDATE counters SET value = 7; DELETE FROM goose_db_version`,
		`ALTER TABLE payment_events DISABLE TRIGGER USER`,
		`ALTER TABLE payments DROP COLUMN status CASCADE`,
		`DROP TABLE counters`,
	} {
		t.Run("harm", func(t *testing.T) {
			if _, err := enter(t).Exec(ctx, harm); err != nil {
				t.Fatal(err)
			}
		})
		t.Run("next", func(t *testing.T) {
			if s := read(t); s != first {
				t.Errorf("after %s: %s, want %s", harm, s, first)
			}
		})
	}
}
