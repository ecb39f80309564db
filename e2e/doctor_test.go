package e2e

import (
	"slices"
	"strings"
	"testing"
)

// TestRule07DoctorNamesDamagedSealsClaimsAndRows runs the command on a clean database, and on one in which somebody wrote behind the shop's back: each damage
// is a line that names the order, what stands there and what to do, and exit 1; taken back, nothing of it is left.
func TestRule07DoctorNamesDamagedSealsClaimsAndRows(t *testing.T) {
	for name, extra := range databases(t) {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, extra...)
			e := newExchanger(t, s)
			p := s.serve()
			paidOrder(t, s, e, p)
			b := newPurchase("box/" + e.route("LTC", "USDTTRC20"))
			if ok, err := b.send(p.shop); !ok || err != nil {
				t.Fatal(ok, err)
			}
			clean := []string{"prove themselves and add up", "orders: 1 are paid or accepted, and their payments bear it out"}
			if r := s.run("", "doctor").must(t, 0); strings.Contains(r.stdout, "FAIL") || !contains(r.stdout, clean...) {
				t.Fatalf("of a clean database doctor says:\n%s", r.stdout)
			}
			p.kill() // a running shop would put the truth back
			said := func() string {
				r := s.run("", "doctor").must(t, 1) // a live shop that does not answer is a failure itself
				return r.stdout
			}
			if out := said(); strings.Count(out, "FAIL") != 1 || !contains(out, clean...) {
				t.Fatalf("of a clean database doctor says:\n%s", out)
			}
			db := s.raw()
			unreadable, moment := "'abc'", "'never'"
			if name == "postgres" {
				unreadable, moment = "'NaN'", "'infinity'"
			}
			const paid, open, writer, goods = " WHERE order_id = (SELECT id FROM orders WHERE number = 1001)", " WHERE number = 1002", "find out who can write here", "deliver nothing for it"
			type damage struct{ table, set, where, line, todo string }
			exec := func(query string) {
				t.Helper()
				if _, err := db.ExecContext(t.Context(), query); err != nil {
					t.Fatal(query, err)
				}
			}
			exec("CREATE TABLE kept_payments AS SELECT * FROM payments")
			exec("CREATE TABLE kept_orders AS SELECT * FROM orders")
			text := func(value string) string { return strings.Trim(value, "'") }
			for _, damages := range [][]damage{ // at once, as long as one does not hide another
				{{"payments", "seal = '2:0000'", paid, "order 1001, payment 1 (uid ", "look this payment up"}, {"payments", "", "", "column seal of payments is", writer},
					{"orders", "status = 'paid'", open, `order 1002: column status of orders is "paid", its payments make it "open"`, goods}},
				{{"payments", "from_symbol = 'XMR'", paid, "column seal of payments is", writer},
					{"orders", "accepted = 'underpaid'", open, `order 1002: column accepted of orders is "underpaid", its payments make it ""`, goods}},
				{{"payments", "secret = ipn_secret", paid, "column seal of payments is", writer}, {"orders", "total = total - 1", " WHERE number = 1001", "order 1001: column total of orders is", goods}},
				{{"payments", "payout_rate = '7'", paid, `column payout_rate of payments is "7", the log says "`, writer},
					{"payments", "settled_out = " + unreadable, paid, `column settled_out of payments is "` + text(unreadable) + `", the log says "`, writer},
					{"payments", "next_pull_at = " + moment, paid, `column next_pull_at of payments is "` + text(moment) + `", which cannot be read`, writer},
					{"payments", "settled_at = NULL", paid, `order 1001: column status of orders is "paid", its payments make it "`, goods}},
			} {
				for _, d := range damages {
					if d.set != "" {
						exec("UPDATE " + d.table + " SET " + d.set + d.where)
					}
				}
				out := said()
				for _, d := range damages {
					if !slices.ContainsFunc(strings.Split(out, "\n"), func(line string) bool { return strings.HasPrefix(line, "FAIL") && contains(line, d.line, d.todo) }) {
						t.Errorf("of %s doctor does not say %q and %q:\n%s", d.set, d.line, d.todo, out)
					}
				}
				for _, c := range []string{"seal", "from_symbol", "secret", "payout_rate", "settled_out", "next_pull_at", "settled_at"} {
					exec("UPDATE payments SET " + c + " = (SELECT " + c + " FROM kept_payments k WHERE k.id = payments.id)")
				}
				exec("UPDATE orders SET status = (SELECT status FROM kept_orders k WHERE k.id = orders.id), accepted = '', total = (SELECT total FROM kept_orders k WHERE k.id = orders.id)")
			}
			orphan := []string{`payment 1 (uid `, `belongs to order id 99999, which is not there`}
			if name == "postgres" {
				exec("ALTER TABLE payments DROP CONSTRAINT payments_order_id_fkey")
			} else {
				exec("PRAGMA foreign_keys = OFF")
			}
			exec("UPDATE payments SET order_id = 99999" + paid)
			exec("UPDATE payments SET seal = '2:0000'" + " WHERE order_id = (SELECT id FROM orders WHERE number = 1002)")
			if out := said(); !contains(out, orphan...) || !contains(out, "order 1002, payment 1 (uid ", "event log of payment 1 (uid ") || strings.Contains(out, "not checked") {
				t.Errorf("of a payment without its order doctor says:\n%s", out)
			}
			for _, c := range []string{"order_id", "seal"} {
				exec("UPDATE payments SET " + c + " = (SELECT " + c + " FROM kept_payments k WHERE k.id = payments.id)")
			}
			exec("DROP TABLE kept_payments")
			exec("DROP TABLE kept_orders")
			if out := said(); strings.Count(out, "FAIL") != 1 || !contains(out, clean...) {
				t.Fatalf("everything taken back, doctor says:\n%s", out)
			}
		})
	}
}

func contains(text string, all ...string) bool {
	for _, want := range all {
		if !strings.Contains(text, want) {
			return false
		}
	}
	return true
}
