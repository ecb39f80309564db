package models_test

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"mostrador/models"
	"mostrador/models/modelstest"
)

// TestSeedLarge fills a database with many orders, a payment and five events each, and what comes with them, to try lists on. It runs with
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

// seedSQL are the statements that fill a database. In them {series} is a table s of the numbers i from 2 to the number of orders, {at X} the
// moment X seconds before now, {hex} 64 hex digits of i, {blob} one byte, {over} what lets a row name its id.
var seedSQL = []string{
	`INSERT INTO products (slug, title, price, created_at, updated_at) {small}SELECT 'thing-' || i, '{"en":"Thing ' || i || '","es":"Cosa ' || i || '","ru":"Вещь ' || i || '"}', 100 + i * 35, {at 0}, {at 0} FROM s WHERE i <= 200`,
	`INSERT INTO orders (id, number, token_hash, token, source, status, flags, currency, total, received, email, lang, description, stock, pay_currency, site_id, created_at, expires_at, paid_at, updated_at)
	{over}{series}SELECT i, i + 1000, {hex}, {blob}, CASE i % 3 WHEN 0 THEN 'cart' WHEN 1 THEN 'amount' ELSE 'link' END, {status}, CASE WHEN i % 997 = 5 THEN 'late' WHEN i % 211 = 5 THEN 'over drift' ELSE '' END, 'USD', {total},
		CASE WHEN {status} = 'paid' THEN {total} ELSE 0 END, 'customer' || (i % 50000) || '@example.com', 'en', CASE WHEN i % 3 = 0 THEN '' ELSE 'Consulting ' || (i % 90) END, 'none',
		CASE i % 4 WHEN 0 THEN 'BTC' WHEN 1 THEN 'ETH' WHEN 2 THEN 'LTC' ELSE 'USDTTRC20' END, 1, {at {ago}}, {at -315360000}, CASE WHEN {status} = 'paid' THEN {at {ago} - (i * 37) % 1800} END, {at {ago}} FROM s`,
	`INSERT INTO order_lines (order_id, position, product_id, title, quantity, unit_price, total) {series}
	SELECT i, 1, 1 + i % 199, 'Thing ' || (1 + i % 199), 1, {total}, {total} FROM s WHERE i % 3 = 0`,
	`INSERT INTO order_lines (order_id, position, product_id, title, quantity, unit_price, total) {series}
	SELECT i, 2, 1 + (i * 7) % 199, 'Thing ' || (1 + (i * 7) % 199), 2, 0, 0 FROM s WHERE i % 9 = 0`,
	`INSERT INTO payments (id, order_id, seq, token_hash, ipn_secret, site_id, route_id, phase, status, uid, exchange_id, from_xml, from_name, from_symbol, from_decimals, to_xml, to_name, to_symbol, to_decimals,
		payout_rate, price, price_out, quoted_in, quoted_out, quoted_at, ordered_in, ordered_out, current_in, current_out, settled_in, settled_out, settled_at, created_at, updated_at)
	{over}{series}SELECT i, i, 1, {hex}, {blob}, 1, 'r' || (i % 4), 'live', CASE WHEN i % 10 > 2 THEN 'done' WHEN i % 20000 = 2 THEN 'hold' ELSE 'waitPayment' END, CAST(i + 100000 AS TEXT), substr({hex}, 41),
		CASE i % 4 WHEN 0 THEN 'BTC' WHEN 1 THEN 'ETH' WHEN 2 THEN 'LTC' ELSE 'USDTTRC20' END, 'Coin', CASE i % 4 WHEN 0 THEN 'BTC' WHEN 1 THEN 'ETH' WHEN 2 THEN 'LTC' ELSE 'USDT' END, 8,
		'WMZ', 'WebMoney', 'WMZ', 2, 1, {total}, {total} / 100, {in}, {total} / 100, {at {ago}}, {in}, {total} / 100, {in}, {total} / 100, CASE WHEN i % 10 > 2 THEN {in} END, CASE WHEN i % 10 > 2 THEN {total} / 100 END,
		CASE WHEN i % 10 > 2 THEN {at {ago} - (i * 37) % 1800} END, {at {ago}}, {at {ago}} FROM s`,
	`INSERT INTO payment_events (payment_id, seq, at, source, kind, outcome, data, prev, digest) {series}
	SELECT i, k, {at {ago}}, 'pull', 'pulled', 'applied', '{}', '', '' FROM s, (SELECT 1 AS k UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5) ks`,
	`INSERT INTO order_events (id, order_id, type, version, at) {series}SELECT i, i, 'order.created', 1, {at {ago}} FROM s WHERE i % 2 = 0`,
	`INSERT INTO notifications (payment_id, at, answer, outcome, reason, status, content_type, remote, body) {series}
	SELECT i, {at {ago}}, CASE WHEN i % 2000 = 4 THEN 401 ELSE 200 END, CASE WHEN i % 2000 = 4 THEN 'refused' WHEN i % 50 = 2 THEN 'kept' ELSE 'applied' END, '', 'done', 'application/json', '192.0.2.1', {blob} FROM s WHERE i % 2 = 0`,
	`INSERT INTO webhook_endpoints (public_id, url, secret, created_at, updated_at) SELECT 'we_seed', 'https://hooks.example/in', {blob}, {at 0}, {at 0}`,
	`INSERT INTO deliveries (public_id, endpoint_id, event_id, type, body, state, tries, last_status, created_at, delivered_at) {series}
	SELECT 'msg_' || i, e.id, i, 'order.created', '{}', CASE WHEN i % 3000 = 6 THEN 'failed' ELSE 'delivered' END, 1, 200, {at {ago}}, {at {ago}} FROM s, webhook_endpoints e WHERE i % 2 = 0 AND e.public_id = 'we_seed'`,
	`INSERT INTO staff_log (at, who, action, subject, remote) {series}
	SELECT {at {ago}}, CASE WHEN i % 700 = 1 THEN 'owner@example.com' ELSE 'manager@example.com' END, CASE WHEN i % 5 = 0 THEN 'order.check' ELSE 'order.note' END, CAST(i + 1000 AS TEXT), '192.0.2.1' FROM s WHERE i % 5 < 2`,
	`UPDATE counters SET value = {n} + 1000 WHERE name = 'order_number'`,
	`UPDATE counters SET value = {n} WHERE name = 'order_event'`,
	`ANALYZE`,
}

// seed makes n orders, three a minute, the newest now. Most are paid.
func seed(t *testing.T, store *models.Store, n int) {
	t.Helper()
	ctx := context.Background()
	made(t, store) // a site, and an order and payment that stay alone
	count := strconv.Itoa(n)
	words := []string{
		"{small}", "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 200) ", "{series}", "WITH RECURSIVE s(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM s WHERE i < " + count + ") ",
		"{n}", count, "{status}", "(CASE i % 10 WHEN 0 THEN 'open' WHEN 1 THEN 'expired' WHEN 2 THEN CASE WHEN i % 500 = 2 THEN 'review' ELSE 'expired' END WHEN 3 THEN CASE WHEN i % 300 = 3 THEN 'underpaid' ELSE 'paid' END ELSE 'paid' END)",
		"{total}", "(100 + (i * 7919) % 90000)", "{ago}", "(" + count + " - i) / 3 * 60 + 1800 + i % 60", "{over}", "", "{blob}", "X'00'", "{hex}", "printf('%064x', i)", "{in}", "printf('%.8f', (100 + (i * 7919) % 90000) / 6400000.0)",
	}
	if store.Dialect() == models.Postgres {
		words = append([]string{
			"{series}", "WITH s(i) AS (SELECT generate_series(2::bigint, " + count + ")) ", "{over}", "OVERRIDING SYSTEM VALUE ", "{blob}", "'\\x00'::bytea", "{hex}", "lpad(to_hex(i), 64, '0')",
			"{in}", "round((100 + (i * 7919) % 90000) / 6400000.0, 8)",
		}, words...)
	}
	for _, q := range seedSQL {
		q = strings.NewReplacer(words...).Replace(strings.ReplaceAll(q, "{at {ago}", "{at ("+count+" - i) / 3 * 60 + 1800 + i % 60"))
		for strings.Contains(q, "{at ") {
			before, rest, _ := strings.Cut(q, "{at ")
			seconds, after, _ := strings.Cut(rest, "}")
			at := "strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', (-(" + seconds + ")) || ' seconds')"
			if store.Dialect() == models.Postgres {
				at = "(date_trunc('second', now()) - (" + seconds + ") * interval '1 second')"
			}
			q = before + at + after
		}
		if err := store.ExecForTest(ctx, q); err != nil {
			t.Fatalf("%s\n%v", q, err)
		}
	}
}
