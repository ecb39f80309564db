package models

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A list of the desk is chosen so that its time does not grow with the number of orders: a page is read along an index that has the list's
// order, or out of a set that is small. Status, currency, source and site can be filtered by in any combination; the index orders_facets_*
// holds all four before the order, the few combinations that there are (kinds) are found by jumping from one to the next, and a page is merged
// of the beginnings of each.

// few is up to how many orders are sorted for a page. Of what there is more of, a walk in the order of the list soon finds a page.
const few = 5000

// statement is SQL with its arguments; "" chooses nothing.
type statement struct {
	sql  string
	args []any

	walk, index string // of a walk along an index: its condition and order, and the index as SQLite is told of it
}

// wholeList is what holds for every page of a list that is read to its end.
type wholeList struct {
	searched bool
	found    []int64
	dense    where
	kinds    *int // how many orders there are of the kinds that are filtered by, up to one more than few
}

// where is a condition with its arguments.
type where struct {
	parts []string
	args  []any
}

func (w *where) and(part string, args ...any) {
	w.parts, w.args = append(w.parts, part), append(w.args, args...)
}

func (w *where) sql() string {
	if len(w.parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.parts, " AND ")
}

func joined(list ...where) where {
	var all where
	for _, w := range list {
		all.parts, all.args = append(all.parts, w.parts...), append(all.args, w.args...)
	}
	return all
}

// orderColumns are what a list is sorted by, the id last: no two orders are equal.
func orderColumns(q *DeskQuery) []string {
	switch q.Sort {
	case ByNumber:
		return []string{"number", "id"}
	case ByTotal:
		return []string{"total", "created_at", "id"}
	}
	return []string{"created_at", "id"}
}

// orderedBy is the order of a list, each column behind prefix.
func orderedBy(q *DeskQuery, prefix string) string {
	way := " DESC"
	if q.Rising {
		way = ""
	}
	var list []string
	for _, c := range orderColumns(q) {
		list = append(list, prefix+c+way)
	}
	return strings.Join(list, ", ")
}

// behind is the condition of what comes after q.After.
func behind(q *DeskQuery, prefix string) (w where) {
	columns := orderColumns(q)
	parts := strings.Split(q.After, ".")
	if len(parts) != len(columns) {
		return w
	}
	var args []any
	for i, c := range columns {
		n, err := strconv.ParseInt(parts[i], 10, 64)
		if err != nil {
			return w
		}
		if c == "created_at" {
			args = append(args, time.UnixMicro(n).UTC())
		} else {
			args = append(args, n)
		}
	}
	sign := "<"
	if q.Rising {
		sign = ">"
	}
	w.and("("+prefix+strings.Join(columns, ", "+prefix)+") "+sign+" ("+strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", ")+")", args...)
	return w
}

// days is the condition of q.From and q.Before.
func days(q *DeskQuery, prefix string) (w where) {
	if !q.From.IsZero() {
		w.and(prefix+"created_at >= ?", q.From.UTC())
	}
	if !q.Before.IsZero() {
		w.and(prefix+"created_at < ?", q.Before.UTC())
	}
	return w
}

// kind is the condition of the four filters that can be combined.
func kind(q *DeskQuery, sites []int64, prefix string) (w where) {
	if len(q.Statuses) > 0 {
		w.and(prefix+"status IN ?", q.Statuses)
	}
	if q.Route != "" && !strings.Contains(q.Route, "/") {
		w.and(prefix+"pay_currency = ?", strings.ToUpper(q.Route))
	}
	if q.Source != "" {
		w.and(prefix+"source = ?", q.Source)
	}
	if q.Site != "" {
		w.and("COALESCE("+prefix+"site_id, 0) IN ?", sites)
	}
	return w
}

// flagged is the condition of the flag: few orders have any.
func flagged(q *DeskQuery, prefix string) (w where) {
	if q.Flag != "" {
		w.and(prefix+"flags <> '' AND "+prefix+"flags LIKE ?", "%"+likeEscape(q.Flag)+"%")
	}
	return w
}

// refunded is the condition of a refund's state.
func refunded(q *DeskQuery) (w where) {
	if q.Refund != "" {
		w.and("x.id IN (SELECT order_id FROM refunds WHERE state = ?)", q.Refund)
	}
	return w
}

// chosen is the statement that gives the ids of a page's orders, together with what sorts them.
func (s *Store) chosen(ctx context.Context, q *DeskQuery) (statement, error) {
	if q.Numbers != nil {
		var ids []int64
		if err := s.read(ctx).Raw("SELECT id FROM orders WHERE number IN ?", q.Numbers).Scan(&ids).Error; err != nil {
			return statement{}, fmt.Errorf("read orders: %w", translate(err))
		}
		return s.among(q, ids, where{}), nil
	}
	sites, err := s.siteIDs(ctx, q)
	if err != nil {
		return statement{}, err
	}
	if q.Site != "" && len(sites) == 0 {
		return statement{}, nil
	}
	whole := q.whole
	if whole == nil {
		whole = &wholeList{}
	}
	if !whole.searched {
		if whole.found, whole.dense, err = s.deskText(ctx, q); err != nil {
			return statement{}, err
		}
		whole.searched = true
	}
	found, dense := whole.found, whole.dense
	rest := joined(kind(q, sites, "x."), flagged(q, "x."), days(q, "x."), refunded(q))
	filtered := len(kind(q, sites, "x.").parts) > 0
	switch {
	case q.Text != "" && found != nil: // a small set, whatever else is asked for
		return s.among(q, found, rest), nil
	case q.Refund != "":
		var ids []int64
		if err := s.read(ctx).Raw("SELECT order_id FROM refunds"+s.by("refunds_state")+" WHERE state = ? LIMIT ?", q.Refund, few+1).Scan(&ids).Error; err != nil {
			return statement{}, fmt.Errorf("read refunds: %w", translate(err))
		}
		if len(ids) <= few {
			return s.among(q, ids, joined(dense, rest)), nil
		}
	}
	switch {
	case strings.Contains(q.Route, "/"):
		return s.ofRoute(ctx, q, sites, joined(dense, rest))
	case q.Flag != "":
		return s.sorted(q, "orders_flagged", joined(dense, rest)), nil
	}
	if q.Sort == ByTotal && !(q.From.IsZero() && q.Before.IsZero()) {
		condition := days(q, "x.")
		n, err := s.countUpTo(ctx, few, statement{sql: "SELECT x.id FROM orders x" + s.by("orders_created") + condition.sql(), args: condition.args})
		if err != nil {
			return statement{}, err
		}
		if n <= few {
			return s.sorted(q, "orders_created", joined(dense, rest)), nil
		}
	}
	if filtered && (len(dense.parts) > 0 || q.whole != nil) {
		if whole.kinds == nil {
			n, err := s.countUpTo(ctx, few, s.ofKinds(q, sites, where{}, few+1))
			if err != nil {
				return statement{}, err
			}
			whole.kinds = &n
		}
		filtered = *whole.kinds <= few
	}
	// A whole list of many is read along the list's index: merging beginnings pays for a page only.
	bounds, err := s.numberBounds(ctx, q)
	if err != nil {
		return statement{}, err
	}
	if filtered {
		return s.merged(q, sites, joined(dense, bounds, refunded(q))), nil
	}
	return s.walk(q, joined(dense, rest, bounds)), nil
}

// by makes SQLite take an index and fail without it; PostgreSQL decides by what it knows of the table.
func (s *Store) by(index string) string {
	switch {
	case s.dialect != SQLite:
		return ""
	case index == "":
		return " NOT INDEXED" // in the order of ids
	}
	return " INDEXED BY " + index
}

// walk reads along the index of the list's order.
func (s *Store) walk(q *DeskQuery, w where) statement {
	index := map[string]string{ByNumber: "orders_number", ByTotal: "orders_total"}[q.Sort]
	if index == "" {
		index = "orders_created"
	}
	w = joined(w, behind(q, "x."))
	order := orderedBy(q, "x.")
	if q.Sort == ByNumber { // unique: the index has no id
		order = strings.Split(order, ",")[0]
	}
	return statement{sql: "SELECT x.id FROM orders x" + s.by(index) + w.sql() + " ORDER BY " + order + " LIMIT " + strconv.Itoa(q.Limit), args: w.args, walk: w.sql() + " ORDER BY " + order, index: s.by(index)}
}

// sorted reads all that an index of few orders has and sorts it.
func (s *Store) sorted(q *DeskQuery, index string, w where) statement {
	w = joined(w, behind(q, "x."))
	return statement{sql: "SELECT x.id FROM orders x" + s.by(index) + w.sql() + " ORDER BY " + orderedBy(q, "x.") + " LIMIT " + strconv.Itoa(q.Limit), args: w.args}
}

// among chooses of a set of ids.
func (s *Store) among(q *DeskQuery, ids []int64, w where) statement {
	if len(ids) == 0 {
		return statement{}
	}
	set := statement{sql: "SELECT value FROM json_each(?)", args: []any{idList(ids)}}
	if s.dialect == Postgres {
		set.sql = "SELECT CAST(v AS BIGINT) FROM jsonb_array_elements_text(CAST(? AS jsonb)) v"
	}
	if strings.Contains(q.Route, "/") {
		site, route, _ := strings.Cut(q.Route, "/")
		w.and("EXISTS (SELECT 1 FROM payments p JOIN sites s ON s.id = p.site_id WHERE p.order_id = x.id AND s.name = ? AND p.route_id = ?)", site, route)
	}
	w = joined(where{[]string{"x.id IN (" + set.sql + ")"}, set.args}, w, behind(q, "x."))
	return statement{sql: "SELECT x.id FROM orders x" + w.sql() + " ORDER BY " + orderedBy(q, "x.") + " LIMIT " + strconv.Itoa(q.Limit), args: w.args}
}

func idList(ids []int64) string {
	raw, err := json.Marshal(ids)
	if err != nil {
		panic(err) // integers only
	}
	return string(raw)
}

// facets are the combinations of status, currency, source and site that orders have, as the tables jump and kinds of a WITH RECURSIVE: each
// is found from the one before by the index.
func (s *Store) facets(q *DeskQuery, sites []int64) statement {
	const site = "COALESCE(x.site_id, 0)"
	x := "SELECT x.id FROM orders x" + s.by("orders_facets_created") + " WHERE "
	begin, args := "SELECT (SELECT x.id FROM orders x"+s.by("orders_facets_created")+" ORDER BY x.status, x.pay_currency, x.source, "+site+" LIMIT 1)", []any{}
	next := ", (" + x + "x.status > o.status ORDER BY x.status, x.pay_currency, x.source, " + site + " LIMIT 1)"
	if len(q.Statuses) > 0 {
		begin, next = "", ""
		for i, status := range q.Statuses {
			if i > 0 {
				begin += " UNION ALL "
			}
			begin += "SELECT (" + x + "x.status = ? ORDER BY x.pay_currency, x.source, " + site + " LIMIT 1)"
			args = append(args, status)
		}
		if len(q.Statuses) > 1 { // one beginning each
			begin = "SELECT * FROM (" + begin + ") b"
		}
	}
	only := kind(q, sites, "o.")
	return statement{sql: `jump(id) AS (` + begin + ` UNION ALL SELECT COALESCE(
		(` + x + `x.status = o.status AND x.pay_currency = o.pay_currency AND x.source = o.source AND ` + site + ` > COALESCE(o.site_id, 0) ORDER BY ` + site + ` LIMIT 1),
		(` + x + `x.status = o.status AND x.pay_currency = o.pay_currency AND x.source > o.source ORDER BY x.source, ` + site + ` LIMIT 1),
		(` + x + `x.status = o.status AND x.pay_currency > o.pay_currency ORDER BY x.pay_currency, x.source, ` + site + ` LIMIT 1)` + next + `)
		FROM jump JOIN orders o ON o.id = jump.id),
		kinds AS (SELECT o.status, o.pay_currency, o.source, COALESCE(o.site_id, 0) AS site FROM jump JOIN orders o ON o.id = jump.id` + only.sql() + `)`, args: append(args, only.args...)}
}

const ofKind = "x.status = kinds.status AND x.pay_currency = kinds.pay_currency AND x.source = kinds.source AND COALESCE(x.site_id, 0) = kinds.site"

// merged is the page of a list that is filtered by kind: the beginnings of all kinds, sorted.
func (s *Store) merged(q *DeskQuery, sites []int64, more where) statement {
	index := map[string]string{ByNumber: "orders_facets_number", ByTotal: "orders_facets_total"}[q.Sort]
	if index == "" {
		index = "orders_facets_created"
	}
	kinds := s.facets(q, sites)
	w := joined(where{[]string{ofKind}, nil}, days(q, "x."), more, behind(q, "x."))
	each := "FROM orders x" + s.by(index) + w.sql() + " ORDER BY " + orderedBy(q, "x.") + " LIMIT " + strconv.Itoa(q.Limit)
	from := "kinds JOIN orders o ON o.id IN (SELECT x.id " + each + ")"
	if s.dialect == Postgres {
		from = "kinds CROSS JOIN LATERAL (SELECT x.id, x." + strings.Join(orderColumns(q)[:len(orderColumns(q))-1], ", x.") + " " + each + ") o"
	}
	return statement{sql: "WITH RECURSIVE " + kinds.sql + " SELECT o.id FROM " + from + " ORDER BY " + orderedBy(q, "o.") + " LIMIT " + strconv.Itoa(q.Limit), args: append(kinds.args, w.args...)}
}

// ofKinds gives some orders of the kinds that are filtered by, in no order.
func (s *Store) ofKinds(q *DeskQuery, sites []int64, more where, limit int) statement {
	kinds := s.facets(q, sites)
	w := joined(where{[]string{ofKind}, nil}, more)
	return statement{sql: "WITH RECURSIVE " + kinds.sql + " SELECT x.id FROM kinds JOIN orders x" + s.by("orders_facets_created") + " ON " + strings.TrimPrefix(w.sql(), " WHERE ") + " LIMIT " + strconv.Itoa(limit), args: append(kinds.args, w.args...)}
}

// countUpTo counts the rows of a statement, no further than one past limit.
func (s *Store) countUpTo(ctx context.Context, limit int, x statement) (int, error) {
	var n int
	if err := s.read(ctx).Raw("SELECT COUNT(*) FROM (SELECT 1 FROM ("+x.sql+") y LIMIT "+strconv.Itoa(limit+1)+") z", x.args...).Scan(&n).Error; err != nil {
		return 0, fmt.Errorf("count orders: %w", translate(err))
	}
	return n, nil
}

// apart is how far the moments and the numbers of orders may be out of step: clocks differ and are set.
const apart = 24 * time.Hour

// numberBounds keep a list by number near the days that are asked for: numbers follow the time, and a walk past all newer orders is spared.
func (s *Store) numberBounds(ctx context.Context, q *DeskQuery) (w where, err error) {
	if q.Sort != ByNumber {
		return w, nil
	}
	one := func(sql string, at time.Time) (n int64, err error) {
		err = s.read(ctx).Raw(sql, at.UTC()).Scan(&n).Error
		return n, translate(err)
	}
	if !q.From.IsZero() {
		n, err := one("SELECT number FROM orders"+s.by("orders_created")+" WHERE created_at < ? ORDER BY created_at DESC, id DESC LIMIT 1", q.From.Add(-apart))
		if err != nil {
			return w, fmt.Errorf("find number: %w", err)
		}
		w.and("x.number > ?", n)
	}
	if !q.Before.IsZero() {
		n, err := one("SELECT number FROM orders"+s.by("orders_created")+" WHERE created_at >= ? ORDER BY created_at, id LIMIT 1", q.Before.Add(apart))
		if err != nil {
			return w, fmt.Errorf("find number: %w", err)
		}
		if n > 0 {
			w.and("x.number < ?", n)
		}
	}
	return w, nil
}

// siteIDs are the sites of a name; the same exchanger may have had several addresses.
func (s *Store) siteIDs(ctx context.Context, q *DeskQuery) ([]int64, error) {
	name := q.Site
	if name == "" {
		return nil, nil
	}
	var ids []int64
	if err := s.read(ctx).Raw("SELECT id FROM sites WHERE name = ? ORDER BY id", name).Scan(&ids).Error; err != nil {
		return nil, fmt.Errorf("read sites: %w", translate(err))
	}
	return ids, nil
}

// ofRoute is a page of the orders with a payment on one route of one site. Of few such payments the orders are sorted; of many, a walk begins
// at the newest (or oldest) of them.
func (s *Store) ofRoute(ctx context.Context, q *DeskQuery, sites []int64, w where) (statement, error) {
	site, route, _ := strings.Cut(q.Route, "/")
	var ids []int64
	if err := s.read(ctx).Raw("SELECT id FROM sites WHERE name = ?", site).Scan(&ids).Error; err != nil {
		return statement{}, fmt.Errorf("read sites: %w", translate(err))
	}
	if len(ids) == 0 {
		return statement{}, nil
	}
	var orders []int64
	for _, id := range ids {
		var list []int64 // in the order of the index: a plan that PostgreSQL keeps for all routes would read the table for one that nobody takes
		if err := s.read(ctx).Raw("SELECT order_id FROM payments WHERE site_id = ? AND route_id = ? ORDER BY order_id LIMIT "+strconv.Itoa(few+1), id, route).Scan(&list).Error; err != nil {
			return statement{}, fmt.Errorf("read payments: %w", translate(err))
		}
		orders = append(orders, list...)
	}
	if len(orders) <= few {
		narrow := *q
		narrow.Route = ""
		return s.among(&narrow, orders, w), nil
	}
	w.and("EXISTS (SELECT 1 FROM payments p WHERE p.order_id = x.id AND p.site_id IN ? AND p.route_id = ?)", ids, route)
	if q.Sort != ByTotal {
		var edge int64
		end, sign := "MAX", "<="
		if q.Rising {
			end, sign = "MIN", ">="
		}
		var all []string
		var args []any
		for _, id := range ids {
			all, args = append(all, "SELECT "+end+"(order_id) AS n FROM payments WHERE site_id = ? AND route_id = ?"), append(args, id, route)
		}
		if err := s.read(ctx).Raw("SELECT "+end+"(n) FROM ("+strings.Join(all, " UNION ALL ")+") x", args...).Scan(&edge).Error; err != nil {
			return statement{}, fmt.Errorf("read payments: %w", translate(err))
		}
		if q.Sort == ByNumber {
			w.and("x.number "+sign+" (SELECT number FROM orders WHERE id = ?)", edge)
		}
	}
	return s.walk(q, w), nil
}
