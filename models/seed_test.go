package models_test

import (
	"context"
	"os"
	"strconv"
	"testing"
	"time"

	"mostrador/models"
	"mostrador/models/modelstest"
)

// TestSeedLarge fills a database with many orders, a payment and five events each, to try lists on. It runs with
// MOSTRADOR_TEST_SEED_ORDERS (make seed-large) and, small, always: so that the statements keep fitting the schema. The events are made by
// the database and carry no digests: doctor would rightly complain.
func TestSeedLarge(t *testing.T) {
	n, address := 300, ""
	if s := os.Getenv("MOSTRADOR_TEST_SEED_ORDERS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
		address = os.Getenv("MOSTRADOR_TEST_SEED_URL")
	}
	fill := func(t *testing.T, store *models.Store) {
		began := time.Now()
		seed(t, store, n)
		t.Logf("%d orders in %s", n, time.Since(began).Round(time.Millisecond))
		var o *models.Order
		o, err := store.OrderByNumber(t.Context(), int64(n)+1000)
		if err != nil || o.Total <= 0 {
			t.Fatalf("the newest order: %+v, %v", o, err)
		}
	}
	if address == "" {
		modelstest.Each(t, fill)
		return
	}
	fill(t, modelstest.Open(t, address, nil))
}

func seed(t *testing.T, store *models.Store, n int) {
	t.Helper()
	ctx := context.Background()
	made(t, store)                      // a site, and an order and payment that stay alone
	at := func(minutes string) string { // n minutes before now
		if store.Dialect() == models.Postgres {
			return "(now() - (" + minutes + ") * interval '1 minute')"
		}
		return "strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '-' || (" + minutes + ") || ' minutes')"
	}
	blob := map[string]string{models.SQLite: "X'00'", models.Postgres: "'\\x00'::bytea"}[store.Dialect()]
	hex := map[string]string{models.SQLite: "printf('%064x', i)", models.Postgres: "lpad(to_hex(i), 64, '0')"}[store.Dialect()]
	series := "WITH RECURSIVE s(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM s WHERE i < " + strconv.Itoa(n) + ") "
	if store.Dialect() == models.Postgres {
		series = "WITH s(i) AS (SELECT generate_series(2, " + strconv.Itoa(n) + ")) "
	}
	over := map[string]string{models.Postgres: "OVERRIDING SYSTEM VALUE "}[store.Dialect()]
	status := "(CASE i % 10 WHEN 0 THEN 'open' WHEN 1 THEN 'expired' WHEN 2 THEN CASE WHEN i % 500 = 2 THEN 'review' ELSE 'expired' END WHEN 3 THEN CASE WHEN i % 300 = 3 THEN 'underpaid' ELSE 'paid' END ELSE 'paid' END)"
	minutes := "(" + strconv.Itoa(n) + " - i) / 3"
	for _, q := range []string{
		"INSERT INTO orders (id, number, token_hash, token, source, status, currency, total, received, email, lang, stock, pay_currency, site_id, created_at, expires_at, paid_at, updated_at) " + over + series +
			"SELECT i, i + 1000, " + hex + ", " + blob + ", CASE i % 3 WHEN 0 THEN 'cart' WHEN 1 THEN 'amount' ELSE 'link' END, " + status + ", 'USD', 100 + (i * 7919) % 90000, CASE WHEN i % 10 > 3 THEN 100 + (i * 7919) % 90000 ELSE 0 END, " +
			"'customer' || (i % 50000) || '@example.com', 'en', 'none', CASE i % 4 WHEN 0 THEN 'BTC' WHEN 1 THEN 'ETH' WHEN 2 THEN 'LTC' ELSE 'USDTTRC20' END, 1, " + at(minutes) + ", " + at(minutes) + ", CASE WHEN i % 10 > 3 THEN " + at(minutes) + " END, " + at(minutes) + " FROM s",
		"INSERT INTO payments (id, order_id, seq, token_hash, ipn_secret, site_id, route_id, phase, status, uid, exchange_id, from_xml, from_name, from_symbol, from_decimals, to_xml, to_name, to_symbol, to_decimals, payout_rate, price, price_out, quoted_in, quoted_out, quoted_at, settled_at, created_at, updated_at) " + over + series +
			"SELECT i, i, 1, " + hex + ", " + blob + ", 1, 'r', 'live', CASE WHEN i % 10 > 2 THEN 'done' ELSE 'waitPayment' END, CAST(i + 100000 AS TEXT), '', 'BTC', 'Bitcoin', 'BTC', 8, 'WMZ', 'WebMoney', 'WMZ', 2, 1, 100 + (i * 7919) % 90000, 1, 1, 1, " + at(minutes) + ", CASE WHEN i % 10 > 2 THEN " + at(minutes) + " END, " + at(minutes) + ", " + at(minutes) + " FROM s",
		"INSERT INTO payment_events (payment_id, seq, at, source, kind, outcome, data, prev, digest) " + series +
			"SELECT i, k, " + at(minutes) + ", 'pull', 'pulled', 'applied', '{}', '', '' FROM s, (SELECT 1 AS k UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5) ks",
		"UPDATE counters SET value = " + strconv.Itoa(n+1000) + " WHERE name = 'order_number'",
		"ANALYZE",
	} {
		if err := store.ExecForTest(ctx, q); err != nil {
			t.Fatalf("%s\n%v", q, err)
		}
	}
}
