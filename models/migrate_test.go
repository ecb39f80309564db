package models_test

import (
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"

	"mostrador/models"
	"mostrador/models/modelstest"
)

func TestMigrationsGoUpDownAndUpAgain(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		ctx := t.Context()
		if err := store.Ready(ctx); err != nil {
			t.Fatal(err)
		}
		for {
			list, err := store.Migrations(ctx)
			if err != nil {
				t.Fatal(err)
			}
			applied := 0
			for _, m := range list {
				if m.Applied && !strings.HasPrefix(m.Name, "jobs/") {
					applied++
				}
			}
			if applied == 0 {
				break
			}
			if err := store.MigrateDown(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if err := store.Ready(ctx); err == nil {
			t.Fatal("ready without a schema")
		}
		if err := store.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		if err := store.Ready(ctx); err != nil {
			t.Fatal(err)
		}
		if err := store.CheckKey(ctx); err != nil {
			t.Fatal(err)
		}
	})
}

// older takes the schema down to a migration by its number, data and all.
func older(t *testing.T, store *models.Store, to string) {
	t.Helper()
	for {
		list, err := store.Migrations(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		newest := ""
		for _, m := range list {
			if m.Applied && !strings.HasPrefix(m.Name, "jobs/") {
				newest = max(newest, m.Name)
			}
		}
		if newest < to+"_~" {
			return
		}
		if err := store.MigrateDown(t.Context()); err != nil {
			t.Fatalf("%s down: %v", newest, err)
		}
	}
}

// soldBefore are orders as the program of the second migration left them: two of one hour paid, one of the day after, one open, one paid in part of which money
// was given back, and one paid of which a part was.
var soldBefore = []string{
	`INSERT INTO sites (id, name, base_url, api_path, created_at, updated_at) VALUES (9, 'old', 'https://old.example', '/api', '2026-03-01 10:00:00+00:00', '2026-03-01 10:00:00+00:00')`,
	`INSERT INTO orders (id, number, token_hash, token, source, status, currency, total, received, pay_currency, site_id, created_at, expires_at, paid_at, updated_at) VALUES
	(91, 9001, 'h1', 'x', 'api', 'paid', 'USD', 2500, 2500, 'BTC', 9, '2026-03-01 10:00:00+00:00', '2026-03-01 12:00:00+00:00', '2026-03-01 10:30:00+00:00', '2026-03-01 10:30:00+00:00'),
	(92, 9002, 'h2', 'x', 'api', 'paid', 'USD', 1000, 1000, 'BTC', 9, '2026-03-01 10:10:00+00:00', '2026-03-01 12:00:00+00:00', '2026-03-01 10:59:59.999999+00:00', '2026-03-01 10:59:59+00:00'),
	(93, 9003, 'h3', 'x', 'api', 'paid', 'EUR', 700, 700, 'LTC', 9, '2026-03-01 23:59:00+00:00', '2026-03-02 12:00:00+00:00', '2026-03-02 00:00:00+00:00', '2026-03-02 00:00:00+00:00'),
	(94, 9004, 'h4', 'x', 'api', 'open', 'USD', 300, 0, 'BTC', 9, '2026-03-01 10:20:00+00:00', '2026-03-01 12:00:00+00:00', NULL, '2026-03-01 10:20:00+00:00'),
	(95, 9005, 'h5', 'x', 'api', 'underpaid', 'USD', 3000, 1000, 'BTC', 9, '2026-03-01 10:25:00+00:00', '2026-03-01 12:00:00+00:00', NULL, '2026-03-01 10:40:00+00:00')`,
	`INSERT INTO payments (id, order_id, seq, token_hash, ipn_secret, site_id, route_id, phase, status, uid, from_xml, from_name, from_symbol, from_decimals, to_xml, to_name, to_symbol, to_decimals,
		payout_rate, price, price_out, quoted_in, quoted_out, quoted_at, settled_in, settled_out, settled_at, created_at, updated_at) VALUES
	(91, 91, 1, 'p1', 'x', 9, 'r', 'live', 'done', '1', 'BTC', 'Bitcoin', 'BTC', 8, 'WMZ', 'WebMoney', 'WMZ', 2, '1', 2500, '25', '0.001', '25', '2026-03-01 10:00:00+00:00', '0.001', '25', '2026-03-01 10:30:00+00:00', '2026-03-01 10:00:00+00:00', '2026-03-01 10:30:00+00:00')`,
	`INSERT INTO refunds (id, public_id, order_id, state, amount, currency, created_by, created_at, updated_at) VALUES
	(91, 'rf_91', 91, 'sent', '5', 'USD', 'ana', '2026-03-01 11:00:00+00:00', '2026-03-01 11:00:00+00:00'),
	(95, 'rf_95', 95, 'asked', NULL, 'BTC', 'customer', '2026-03-01 11:00:00+00:00', '2026-03-01 11:00:00+00:00')`,
}

// TestOldOrdersGoUpDownAndUpAgain takes data that is older than the third migration through all that came after it, which fill new tables and columns from it.
func TestOldOrdersGoUpDownAndUpAgain(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		ctx := t.Context()
		older(t, store, "0002")
		for _, q := range soldBefore {
			if store.Dialect() == models.Postgres {
				q = strings.Replace(q, ") VALUES", ") OVERRIDING SYSTEM VALUE VALUES", 1)
			}
			if err := store.ExecForTest(ctx, q); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			if err := store.Migrate(ctx); err != nil {
				t.Fatal(err)
			}
			for query, want := range map[string]int64{
				"SELECT SUM(total) FROM sales_sums WHERE span = 1":                                            3500 + 700,
				"SELECT SUM(total) FROM sales_sums WHERE span = 24 AND currency = 'USD'":                      3500,
				"SELECT COUNT(*) FROM sales_sums WHERE span = 1":                                              2,
				"SELECT orders FROM sales_sums WHERE span = 1 AND currency = 'USD'":                           2,
				"SELECT SUM(orders) FROM placed_sums WHERE span = 24":                                         5,
				"SELECT SUM(paid) FROM placed_sums WHERE span = 1":                                            3,
				"SELECT SUM(orders) FROM took_sums WHERE span = 1 AND took = 1800":                            1,
				"SELECT COUNT(*) FROM payments WHERE seal = '' AND route_fee IS NULL":                         1,
				"SELECT COUNT(*) FROM refunds WHERE answer = '' AND answered_by = '' AND answered_at IS NULL": 2,
				"SELECT COUNT(*) FROM refunds WHERE unpaid AND order_id = 95":                                 1,
				"SELECT COUNT(*) FROM refunds WHERE NOT unpaid AND order_id = 91":                             1,
				"SELECT COUNT(*) FROM notices":                                                                0,
				"SELECT COUNT(*) FROM desk_filters":                                                           0,
			} {
				var got int64
				if err := store.ScanForTest(ctx, query, &got); err != nil || got != want {
					t.Errorf("%s is %d, want %d: %v", query, got, want, err)
				}
			}
			if wrong, err := store.SumMismatches(ctx, 20); err != nil || len(wrong) > 0 {
				t.Errorf("sums are not those of the orders: %+v, %v", wrong, err)
			}
			list, err := store.Payments(ctx, 91)
			if err != nil || len(list) != 1 || list[0].SettledOut.Decimal.String() != "25" || list[0].Seal != "" {
				t.Errorf("the payment is read as %+v, %v", list, err)
			}
			if err := store.ExecForTest(ctx, "UPDATE orders SET status = 'paid', paid_at = '2026-03-01 10:45:00+00:00' WHERE id = 95"); err != nil { // the sums follow
				t.Fatal(err)
			}
			if wrong, err := store.SumMismatches(ctx, 20); err != nil || len(wrong) > 0 {
				t.Errorf("sums do not follow: %+v, %v", wrong, err)
			}
			if err := store.ExecForTest(ctx, "UPDATE orders SET status = 'underpaid', paid_at = NULL WHERE id = 95"); err != nil {
				t.Fatal(err)
			}
			older(t, store, "0002")
		}
	})
}

var (
	tableLine  = regexp.MustCompile(`(?m)^CREATE TABLE (\w+) \(((?s:.*?))^\);`)
	columnLine = regexp.MustCompile(`^\s+([a-z_]+)\s+[A-Z]`)
	indexLine  = regexp.MustCompile(`(?m)^CREATE (?:UNIQUE )?INDEX (\w+ ON .*);`)
)

// shape lists the tables with their columns and the indexes that a migration makes.
func shape(t *testing.T, file string) []string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range tableLine.FindAllStringSubmatch(string(raw), -1) {
		for _, line := range strings.Split(m[2], "\n") {
			if c := columnLine.FindStringSubmatch(line); c != nil {
				out = append(out, m[1]+"."+c[1])
			}
		}
	}
	for _, m := range indexLine.FindAllStringSubmatch(string(raw), -1) {
		out = append(out, m[1])
	}
	sort.Strings(out)
	return out
}

func TestMigrationsAreTwins(t *testing.T) {
	lite, err := filepath.Glob("migrations/sqlite/*.sql")
	if err != nil || len(lite) == 0 {
		t.Fatal("no migrations", err)
	}
	for _, file := range lite {
		twin := filepath.Join("migrations/postgres", filepath.Base(file))
		a, b := shape(t, file), shape(t, twin)
		if strings.Join(a, "\n") != strings.Join(b, "\n") {
			t.Errorf("%s and %s differ:\n%v\n%v", file, twin, a, b)
		}
	}
	post, _ := filepath.Glob("migrations/postgres/*.sql")
	if len(post) != len(lite) {
		t.Errorf("%d migrations for SQLite, %d for PostgreSQL", len(lite), len(post))
	}
}
