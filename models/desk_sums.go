package models

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// The database keeps what orders bring in sums by the hour and by the day (sales_sums, placed_sums, took_sums), so that a figure of any time
// reads some hundred rows however many orders there are. The ends of a time that are no whole hour are added up from the orders.

// span is a part of a time in the tables of sums: whole hours, or whole days of UTC.
type span struct {
	hours       int64 // 1 or 24
	from, until int64 // hours since 1970
}

// spansOf cuts a time into whole days, the whole hours around them, and the two ends that are left.
func spansOf(from, before time.Time) (spans []span, ends [][2]time.Time) {
	h0, h1 := hourUp(from, 1), hourDown(before, 1)
	if h0 >= h1 {
		return nil, [][2]time.Time{{from, before}}
	}
	if at := time.Unix(h0*3600, 0); from.Before(at) {
		ends = append(ends, [2]time.Time{from, at})
	}
	if at := time.Unix(h1*3600, 0); at.Before(before) {
		ends = append(ends, [2]time.Time{at, before})
	}
	d0, d1 := hourUp(time.Unix(h0*3600, 0), 24), hourDown(time.Unix(h1*3600, 0), 24)
	if d0 >= d1 {
		return []span{{1, h0, h1}}, ends
	}
	for _, x := range []span{{1, h0, d0}, {24, d0, d1}, {1, d1, h1}} {
		if x.from < x.until {
			spans = append(spans, x)
		}
	}
	return spans, ends
}

// hourDown is the last whole number of so many hours that is not after t.
func hourDown(t time.Time, hours int64) int64 {
	s := t.Unix()
	n := s / (3600 * hours)
	if s%(3600*hours) < 0 {
		n--
	}
	return n * hours
}

// hourUp is the first one that is not before t.
func hourUp(t time.Time, hours int64) int64 {
	n := hourDown(t, hours)
	if time.Unix(n*3600, 0).Before(t) {
		n += hours
	}
	return n
}

// Orders of the first start's rehearsal are no sales. The sums have them, as they have every order; they are few, and whoever reads sums takes
// them off again.
const isTest = " WHERE source = '" + SourceTest + "'"

// SourceTest is the source of an order that is a rehearsal.
const SourceTest = "test"

// summed is a table of what a time brought: sums reads a table of sums, rows the orders, and tests gives what is to be taken off. The latter two say
// where the time goes as {time}; more is what all have besides, with its arguments.
func summed(from, before time.Time, sums, rows, tests, more string, args ...any) (string, []any) {
	var parts []string
	var all []any
	spans, ends := spansOf(from.UTC(), before.UTC())
	for _, x := range spans {
		parts, all = append(parts, sums+" WHERE span = ? AND hour >= ? AND hour < ?"+more), append(append(all, x.hours, x.from, x.until), args...)
	}
	for _, x := range ends {
		parts, all = append(parts, strings.Replace(rows, "{time}", "? AND ", 1)+" < ?"+more), append(append(all, x[0].UTC(), x[1].UTC()), args...)
	}
	parts, all = append(parts, strings.Replace(tests, "{time}", "? AND ", 1)+" < ?"+more), append(append(all, from.UTC(), before.UTC()), args...)
	return "(" + strings.Join(parts, " UNION ALL ") + ") x", all
}

const salesSums = "SELECT currency, pay_currency, orders, total FROM sales_sums"

func (s *Store) salesRows() string {
	return "SELECT currency, pay_currency, 1 AS orders, total FROM orders" + s.by("orders_sales") + " WHERE status = 'paid' AND paid_at >= {time}paid_at"
}

func (s *Store) salesTests() string {
	return "SELECT currency, pay_currency, -1 AS orders, -total AS total FROM orders" + s.by("orders_tests") + isTest + " AND status = 'paid' AND paid_at >= {time}paid_at"
}

// Received is what the orders that were paid in a time brought to the merchant's wallet, as far as it is known, and what of it was sent back. Both are
// minor units of Currency.
type Received struct {
	Currency string
	Received int64
	Refunded int64
}

// ReceivedBetween adds up what came of the orders that were paid from from on, before before, and what of it went back since.
func (s *Store) ReceivedBetween(ctx context.Context, from, before time.Time) ([]Received, error) {
	var list []Received
	table, args := summed(from, before, "SELECT currency, received, refunded FROM received_sums",
		"SELECT currency, received, refunded FROM orders"+s.by("orders_sales")+" WHERE status = 'paid' AND paid_at >= {time}paid_at",
		"SELECT currency, -received AS received, -refunded AS refunded FROM orders"+s.by("orders_tests")+isTest+" AND status = 'paid' AND paid_at >= {time}paid_at", "")
	err := s.read(ctx).Raw("SELECT currency, SUM(received) AS received, SUM(refunded) AS refunded FROM "+table+" GROUP BY currency ORDER BY currency", args...).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("add up what was received: %w", translate(err))
	}
	return list, nil
}

// ArrivedUnpaid adds up what came of the orders that were placed from from on, before before, and stand underpaid or in review: no sum of what was paid has it.
func (s *Store) ArrivedUnpaid(ctx context.Context, from, before time.Time) ([]Received, error) {
	var list []Received
	err := s.read(ctx).Raw("SELECT currency, SUM(received) AS received, SUM(refunded) AS refunded FROM orders"+s.by("orders_facets_created")+
		" WHERE status IN ('underpaid', 'review') AND source <> ? AND received > 0 AND created_at >= ? AND created_at < ? GROUP BY currency ORDER BY currency", SourceTest, from.UTC(), before.UTC()).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("add up what arrived on orders that are not paid: %w", translate(err))
	}
	return list, nil
}

// Sales are the orders that were paid in a span of time: those that stand as paid, by the moment at which they became so.
type Sales struct {
	Orders int64
	Total  int64 // minor units of the shop currency: the prices
}

// SalesBetween sums the orders paid from from on, before before.
func (s *Store) SalesBetween(ctx context.Context, currency string, from, before time.Time) (Sales, error) {
	var row Sales
	table, args := summed(from, before, salesSums, s.salesRows(), s.salesTests(), " AND currency = ?", currency)
	if err := s.read(ctx).Raw("SELECT COALESCE(SUM(orders), 0) AS orders, COALESCE(SUM(total), 0) AS total FROM "+table, args...).Scan(&row).Error; err != nil {
		return Sales{}, fmt.Errorf("sum sales: %w", translate(err))
	}
	return row, nil
}

// SalesOfDays sums the orders paid from each moment on, before the next one. The moments rise; where all are whole hours, as the days of most
// time zones are, one statement reads them.
func (s *Store) SalesOfDays(ctx context.Context, currency string, at []time.Time) ([]Sales, error) {
	list := make([]Sales, max(0, len(at)-1))
	hours := int64(24)
	for _, t := range at {
		for hours > 0 && hourDown(t, hours) != hourUp(t, hours) {
			hours = map[int64]int64{24: 1}[hours]
		}
	}
	if len(list) == 0 {
		return list, nil
	}
	if hours == 0 {
		for i := range list {
			var err error
			if list[i], err = s.SalesBetween(ctx, currency, at[i], at[i+1]); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	var rows []struct{ Hour, Orders, Total int64 }
	err := s.read(ctx).Raw("SELECT hour, SUM(orders) AS orders, SUM(total) AS total FROM sales_sums WHERE span = ? AND hour >= ? AND hour < ? AND currency = ? GROUP BY hour ORDER BY hour",
		hours, hourDown(at[0], 1), hourDown(at[len(list)], 1), currency).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("sum sales by day: %w", translate(err))
	}
	tests, err := s.testSales(ctx, currency, at[0], at[len(list)])
	if err != nil {
		return nil, err
	}
	day := 0
	for _, x := range rows {
		for x.Hour >= hourDown(at[day+1], 1) {
			day++
		}
		list[day].Orders, list[day].Total = list[day].Orders+x.Orders, list[day].Total+x.Total
	}
	for day = range list {
		for _, x := range tests {
			if !x.PaidAt.Before(at[day]) && x.PaidAt.Before(at[day+1]) {
				list[day].Orders, list[day].Total = list[day].Orders-1, list[day].Total-x.Total
			}
		}
	}
	return list, nil
}

type testSale struct {
	PaidAt time.Time
	Total  int64
}

// testSales are the paid orders of a time that are rehearsals.
func (s *Store) testSales(ctx context.Context, currency string, from, before time.Time) (list []testSale, err error) {
	err = s.read(ctx).Raw("SELECT paid_at, total FROM orders"+s.by("orders_tests")+isTest+" AND status = 'paid' AND currency = ? AND paid_at >= ? AND paid_at < ?", currency, from.UTC(), before.UTC()).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read rehearsals: %w", translate(err))
	}
	return list, nil
}

// CurrencySales are the sales that were paid in one currency.
type CurrencySales struct {
	Currency string // code; "" when no payment was made
	Orders   int64
	Total    int64 // minor
}

// SalesByCurrency sums the orders paid in a span by the currency that they were paid with, the largest first.
func (s *Store) SalesByCurrency(ctx context.Context, currency string, from, before time.Time) ([]CurrencySales, error) {
	var list []CurrencySales
	table, args := summed(from, before, salesSums, s.salesRows(), s.salesTests(), " AND currency = ?", currency)
	err := s.read(ctx).Raw("SELECT pay_currency AS currency, SUM(orders) AS orders, SUM(total) AS total FROM "+table+" GROUP BY pay_currency HAVING SUM(orders) > 0 ORDER BY SUM(total) DESC, pay_currency", args...).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("sum sales by currency: %w", translate(err))
	}
	return list, nil
}

// SoldTotal is what was sold in one shop currency. Total is minor units of Currency.
type SoldTotal struct {
	Currency string
	Orders   int64
	Total    int64
}

// SoldTotals adds up the orders that were paid in a time, from included and before not.
func (s *Store) SoldTotals(ctx context.Context, from, before time.Time) ([]SoldTotal, error) {
	var list []SoldTotal
	table, args := summed(from, before, salesSums, s.salesRows(), s.salesTests(), "")
	err := s.read(ctx).Raw("SELECT currency, SUM(orders) AS orders, SUM(total) AS total FROM "+table+" GROUP BY currency HAVING SUM(orders) > 0 ORDER BY currency", args...).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("add up orders: %w", translate(err))
	}
	return list, nil
}

// PaidWith is how many of the orders that were paid in a time were paid with a currency. Total is minor units of Currency.
type PaidWith struct {
	Coin     string // code of the exchanger's currency; "": none
	Currency string
	Orders   int64
	Total    int64
}

// SoldByCoin adds up the orders that were paid in a time by what was paid with, the most first.
func (s *Store) SoldByCoin(ctx context.Context, from, before time.Time) ([]PaidWith, error) {
	var list []PaidWith
	table, args := summed(from, before, salesSums, s.salesRows(), s.salesTests(), "")
	err := s.read(ctx).Raw("SELECT pay_currency AS coin, currency, SUM(orders) AS orders, SUM(total) AS total FROM "+table+
		" GROUP BY pay_currency, currency HAVING SUM(orders) > 0 ORDER BY SUM(total) DESC, pay_currency LIMIT 100", args...).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("add up orders: %w", translate(err))
	}
	return list, nil
}

// Placed counts the orders that were placed in a span, and how many of them are paid.
func (s *Store) Placed(ctx context.Context, from, before time.Time) (all, paid int64, err error) {
	var row struct{ Orders, Paid int64 }
	table, args := summed(from, before, "SELECT orders, paid FROM placed_sums",
		"SELECT 1 AS orders, CASE WHEN status = 'paid' THEN 1 ELSE 0 END AS paid FROM orders"+s.by("orders_created")+" WHERE created_at >= {time}created_at",
		"SELECT -1 AS orders, CASE WHEN status = 'paid' THEN -1 ELSE 0 END AS paid FROM orders"+s.by("orders_tests_placed")+isTest+" AND created_at >= {time}created_at", "")
	if err := s.read(ctx).Raw("SELECT COALESCE(SUM(orders), 0) AS orders, COALESCE(SUM(paid), 0) AS paid FROM "+table, args...).Scan(&row).Error; err != nil {
		return 0, 0, fmt.Errorf("count placed orders: %w", translate(err))
	}
	return row.Orders, row.Paid, nil
}

// tookOf is how long an order took from placing to paid, as took_sums has it: in steps of 10 seconds, from ten minutes on of one minute, then
// of a quarter of an hour, from the third day on of a day.
func (s *Store) tookOf() string {
	if s.dialect == Postgres {
		return "took_of(created_at, paid_at)"
	}
	const t = "max(0, unixepoch(paid_at) - unixepoch(created_at))"
	return strings.ReplaceAll("CASE WHEN t < 600 THEN t / 10 * 10 WHEN t < 10800 THEN t / 60 * 60 WHEN t < 259200 THEN t / 900 * 900 ELSE t / 86400 * 86400 END", "t ", t+" ")
}

// MedianToPaid is the median of the time from placing to paid of the orders paid in a span, to the step of tookOf; ok is false when there are none.
func (s *Store) MedianToPaid(ctx context.Context, from, before time.Time) (d time.Duration, ok bool, err error) {
	var list []struct{ Took, N int64 }
	table, args := summed(from, before, "SELECT took, orders FROM took_sums", "SELECT "+s.tookOf()+" AS took, 1 AS orders FROM orders"+s.by("orders_sales")+" WHERE status = 'paid' AND paid_at >= {time}paid_at",
		"SELECT "+s.tookOf()+" AS took, -1 AS orders FROM orders"+s.by("orders_tests")+isTest+" AND status = 'paid' AND paid_at >= {time}paid_at", "")
	if err := s.read(ctx).Raw("SELECT took, SUM(orders) AS n FROM "+table+" GROUP BY took ORDER BY took", args...).Scan(&list).Error; err != nil {
		return 0, false, fmt.Errorf("read median: %w", translate(err))
	}
	var all, seen int64
	for _, x := range list {
		all += x.N
	}
	for _, x := range list {
		if seen += x.N; seen > (all-1)/2 && all > 0 {
			return time.Duration(x.Took) * time.Second, true, nil
		}
	}
	return 0, false, nil
}

// SumMismatch is a sum that is not that of the orders.
type SumMismatch struct {
	Table string
	Span  int64 // hours
	Hour  int64 // since 1970
}

// SumMismatches compares the tables of sums with the orders, at most limit differences. It reads every order.
func (s *Store) SumMismatches(ctx context.Context, limit int) ([]SumMismatch, error) {
	hour := func(column string) string {
		if s.dialect == Postgres {
			return "hour_of(" + column + ")"
		}
		return "unixepoch(" + column + ") / 3600"
	}
	sold := " FROM orders, (SELECT 1 AS span UNION ALL SELECT 24) spans WHERE status = 'paid' AND paid_at IS NOT NULL GROUP BY "
	var all []SumMismatch
	const counts, brought = "orders <> 0", "received <> 0 OR refunded <> 0" // received_sums counts nothing, and what brought nothing is no difference
	for _, x := range []struct{ table, columns, some, rows string }{
		{"sales_sums", "span, hour, currency, pay_currency, orders, total", counts, "SELECT span, " + hour("paid_at") + " / span * span AS hour, currency, pay_currency, COUNT(*) AS orders, SUM(total) AS total" + sold + "1, 2, 3, 4"},
		{"placed_sums", "span, hour, orders, paid", counts, "SELECT span, " + hour("created_at") + " / span * span AS hour, COUNT(*) AS orders, SUM(CASE WHEN status = 'paid' THEN 1 ELSE 0 END) AS paid FROM orders, (SELECT 1 AS span UNION ALL SELECT 24) spans GROUP BY 1, 2"},
		{"received_sums", "span, hour, currency, received, refunded", brought, "SELECT span, " + hour("paid_at") + " / span * span AS hour, currency, SUM(received) AS received, SUM(refunded) AS refunded" + sold + "1, 2, 3 HAVING SUM(received) <> 0 OR SUM(refunded) <> 0"},
		{"took_sums", "span, hour, took, orders", counts, "SELECT span, " + hour("paid_at") + " / span * span AS hour, " + s.tookOf() + " AS took, COUNT(*) AS orders" + sold + "1, 2, 3"},
	} {
		kept := "SELECT " + x.columns + " FROM " + x.table + " WHERE " + x.some
		var list []SumMismatch
		err := s.read(ctx).Raw("SELECT '"+x.table+"' AS \"table\", span, hour FROM (SELECT span, hour FROM (SELECT * FROM ("+kept+") a EXCEPT SELECT * FROM ("+x.rows+") b) c UNION SELECT span, hour FROM (SELECT * FROM ("+x.rows+") d EXCEPT SELECT * FROM ("+kept+") e) f) g ORDER BY span, hour LIMIT ?", limit).Scan(&list).Error
		if err != nil {
			return nil, fmt.Errorf("compare sums: %w", translate(err))
		}
		all = append(all, list...)
	}
	return all, nil
}
