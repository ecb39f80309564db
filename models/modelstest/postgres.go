package modelstest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"mostrador/models"
)

const defaultPostgres = "postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable"

// prepared holds the addresses of schemas that are migrated already: reading every migration again takes longer than a small test.
var prepared sync.Map

// EmptyPostgres makes an empty schema and gives the address that leads into it; it is dropped when the test ends.
func EmptyPostgres(t testing.TB) string {
	t.Helper()
	ctx, conn := context.Background(), connect(t)
	schema := "test_" + strings.ToLower(rand.Text()[:16])
	if _, err := conn.Exec(ctx, "CREATE SCHEMA "+schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn.Exec(ctx, "DROP SCHEMA "+schema+" CASCADE")
		conn.Close(ctx)
	})
	return into(t, schema)
}

// Postgres gives the address of a migrated schema without a row, which nobody else uses until the test ends.
//
// Making and dropping fifty tables takes PostgreSQL longer than most tests take, so that schemas stay when their test is done, and the next one,
// of whatever process, empties what it finds. Who uses a schema holds a lock that ends with its connection, also when it is killed.
// A schema whose tables, triggers or functions are no longer as migrating made them is made anew, and so is one of other migrations.
func Postgres(t testing.TB) string {
	t.Helper()
	ctx, conn := context.Background(), connect(t)
	t.Cleanup(func() { conn.Close(ctx) })
	prefix := "pool_" + digest(t) + "_"
	dropOthers(t, conn, prefix)
	for _, schema := range schemas(t, conn, "starts_with(nspname, $1)", prefix) {
		if !take(t, conn, schema) {
			continue
		}
		if _, err := conn.Exec(ctx, "SET search_path TO "+schema); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(ctx, emptied); err == nil {
			return ready(t, schema)
		}
		drop(t, conn, schema)
	}
	schema := prefix + strings.ToLower(rand.Text()[:8])
	if !take(t, conn, schema) {
		t.Fatalf("somebody has the new schema %s", schema)
	}
	if _, err := conn.Exec(ctx, "CREATE SCHEMA "+schema+"; SET search_path TO "+schema); err != nil {
		t.Fatal(err)
	}
	s, err := models.Open(ctx, into(t, schema), models.Options{Vault: Vault(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(ctx, remembered); err != nil {
		t.Fatalf("remember what an empty schema is like: %v", err)
	}
	return ready(t, schema)
}

// ready is the address of a migrated schema, which Open knows as such until the test ends.
func ready(t testing.TB, schema string) string {
	t.Helper()
	address := into(t, schema)
	prepared.Store(address, true)
	t.Cleanup(func() { prepared.Delete(address) })
	return address
}

func connect(t testing.TB) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), base())
	if err != nil {
		t.Fatalf("PostgreSQL is needed for the tests (MOSTRADOR_TEST_POSTGRES): %v", err)
	}
	return conn
}

func base() string {
	if address := os.Getenv("MOSTRADOR_TEST_POSTGRES"); address != "" {
		return address
	}
	return defaultPostgres
}

// into is the address that leads into schema.
func into(t testing.TB, schema string) string {
	t.Helper()
	u, err := url.Parse(base())
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	if _, bench := t.(*testing.B); !bench { // no test pulls the plug of the server, and waiting for its disk is most of what tests wait for
		q.Set("synchronous_commit", "off")
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// digest names what a migrated schema is made of: the migrations and the versions of the libraries that bring their own.
func digest(t testing.TB) string {
	t.Helper()
	sum, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

var migrations = sync.OnceValues(func() (string, error) {
	_, here, _, _ := runtime.Caller(0)
	root := filepath.Join(filepath.Dir(here), "..", "..")
	files, err := filepath.Glob(filepath.Join(root, "models", "migrations", "postgres", "*.sql"))
	if err != nil || len(files) == 0 {
		return "", fmt.Errorf("no migrations beside %s: %w", here, err)
	}
	sum := sha256.New()
	for _, name := range append(files, here, filepath.Join(root, "go.mod")) {
		content, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%s %d\n%s", filepath.Base(name), len(content), content)
	}
	return hex.EncodeToString(sum.Sum(nil)[:6]), nil
})

var once sync.Once

// dropOthers drops, once in a process, the schemas of other migrations that nobody uses.
func dropOthers(t testing.TB, conn *pgx.Conn, prefix string) {
	t.Helper()
	once.Do(func() {
		for _, schema := range schemas(t, conn, "starts_with(nspname, 'pool_') AND NOT starts_with(nspname, $1)", prefix) {
			if take(t, conn, schema) {
				drop(t, conn, schema)
			}
		}
	})
}

func schemas(t testing.TB, conn *pgx.Conn, where string, args ...any) []string {
	t.Helper()
	rows, err := conn.Query(context.Background(), "SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE '%kept' AND "+where+" ORDER BY nspname", args...)
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// take makes schema this connection's own for as long as it lives, if it is nobody's.
func take(t testing.TB, conn *pgx.Conn, schema string) (mine bool) {
	t.Helper()
	if err := conn.QueryRow(context.Background(), "SELECT pg_try_advisory_lock(hashtext('mostrador tests'), hashtext($1))", schema).Scan(&mine); err != nil {
		t.Fatal(err)
	}
	return mine
}

func drop(t testing.TB, conn *pgx.Conn, schema string) {
	t.Helper()
	if _, err := conn.Exec(context.Background(), "SET search_path TO public; DROP SCHEMA IF EXISTS "+schema+" CASCADE; DROP SCHEMA IF EXISTS "+schema+"kept CASCADE"); err != nil {
		t.Fatal(err)
	}
}

// likeness describes all that migrating makes in the schema of the search path, and whether its triggers are on.
const likeness = `(SELECT md5(string_agg(x, E'\n' ORDER BY x)) FROM (
	SELECT concat_ws(' ', c.relname, c.relkind, a.attname, a.atttypid::regtype, a.attnotnull, pg_get_expr(d.adbin, d.adrelid)) x
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'v', 'S', 'i')
	UNION ALL SELECT concat_ws(' ', tgrelid::regclass, CASE WHEN NOT tgisinternal THEN tgname END, tgenabled) FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid WHERE c.relnamespace = current_schema()::regnamespace
	UNION ALL SELECT concat_ws(' ', conname, pg_get_constraintdef(oid)) FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
	UNION ALL SELECT concat_ws(' ', proname, md5(prosrc)) FROM pg_proc WHERE pronamespace = current_schema()::regnamespace) s)`

// remembered keeps, beside a schema that was just migrated, its likeness and the rows that migrating wrote.
const remembered = `DO $$ DECLARE name text; filled bool; kept text := current_schema() || 'kept'; BEGIN
	EXECUTE format('CREATE SCHEMA %I', kept);
	FOR name IN SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' LOOP
		EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', name) INTO filled;
		IF filled THEN EXECUTE format('CREATE TABLE %I.%I AS TABLE %I', kept, name, name); END IF;
	END LOOP;
	EXECUTE format('CREATE MATERIALIZED VIEW %I.reached AS SELECT sequencename, start_value, last_value FROM pg_sequences WHERE schemaname = current_schema()', kept);
	EXECUTE format('COMMENT ON SCHEMA %I IS %L', current_schema(), ` + likeness + `);
END $$`

// emptied brings the schema back to what migrating left, without its triggers, which refuse to lose a row of a log. It fails where the schema is no
// longer alike, or where somebody still holds a lock.
const emptied = `DO $$ DECLARE name text; filled bool; kept text := current_schema() || 'kept'; BEGIN
	IF obj_description(current_schema()::regnamespace) IS DISTINCT FROM ` + likeness + ` THEN RAISE 'not as it was migrated'; END IF;
	PERFORM set_config('session_replication_role', 'replica', true), set_config('lock_timeout', '5s', true);
	FOR name IN SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' LOOP
		IF pg_relation_size(format('%I', name)::regclass) > 131072 THEN
			EXECUTE format('TRUNCATE %I CASCADE', name);
		ELSE
			EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', name) INTO filled;
			IF filled THEN EXECUTE format('DELETE FROM %I', name); END IF;
		END IF;
	END LOOP;
	EXECUTE format('SELECT setval(format(''%%I'', sequencename)::regclass, COALESCE(last_value, start_value), last_value IS NOT NULL) FROM %I.reached', kept);
	FOR name IN SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = kept AND relkind = 'r' LOOP
		EXECUTE format('INSERT INTO %I OVERRIDING SYSTEM VALUE SELECT * FROM %I.%I', name, kept, name);
	END LOOP;
END $$`
