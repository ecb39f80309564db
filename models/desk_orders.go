package models

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"mostrador/money"
)

// What lists of orders are sorted by.
const (
	ByCreated = "created"
	ByNumber  = "number"
	ByTotal   = "total"
)

// DeskQuery chooses orders for the desk. Zero values choose all.
type DeskQuery struct {
	Text     string   // number, e-mail or its beginning, uid, orderId, amount, product
	Currency string   // of the shop, in which an amount of Text is read
	Statuses []string //
	Flag     string   // one of the flags
	Route    string   // code of the currency that was paid, or site/routeId
	Source   string   // cart, amount, link, api
	Site     string   // name of an exchanger
	Refund   string   // with a refund in this state
	From     time.Time
	Before   time.Time // From included, Before not
	Sort     string    // ByCreated, ByNumber or ByTotal; "": ByCreated
	Rising   bool      // the smallest first
	After    string    // DeskOrder.Key of the last order of the page before
	Limit    int
}

// DeskOrder is an order in a list, with the payment that settled it, or else its newest.
type DeskOrder struct {
	ID           int64
	Number       int64
	Status       string
	Flags        string
	ReviewReason string
	Currency     string
	Total        int64 // minor
	Received     int64 // minor
	Email        string
	Source       string
	Description  string
	CreatedAt    time.Time
	PaidAt       *time.Time
	Version      int64

	What         string // title of the first line
	More         int64  // how many further lines there are
	UID          string `gorm:"column:uid"`
	RouteID      string
	PayStatus    string // the exchanger's word
	FromXML      string `gorm:"column:from_xml"`
	FromSymbol   string
	FromDecimals int32
	ToXML        string `gorm:"column:to_xml"`
	ToSymbol     string
	InAmount     decimal.NullDecimal // settled, else last learnt, else quoted: units of from
	OutAmount    decimal.NullDecimal // the same in units of to
	SettledAt    *time.Time
	SiteName     string
}

// FlagList gives the flags one by one.
func (o *DeskOrder) FlagList() []string { return strings.Fields(o.Flags) }

// Key says where the order stands in a list, for DeskQuery.After.
func (o *DeskOrder) Key(sort string) string {
	switch sort {
	case ByNumber:
		return fmt.Sprintf("%d.%d", o.Number, o.ID)
	case ByTotal:
		return fmt.Sprintf("%d.%d", o.Total, o.ID)
	}
	return fmt.Sprintf("%d.%d", o.CreatedAt.UnixMicro(), o.ID)
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

// DeskOrders gives a page of orders. An After that cannot be read is the first page.
func (s *Store) DeskOrders(ctx context.Context, q DeskQuery) ([]DeskOrder, error) {
	w, err := s.deskWhere(ctx, q)
	if err != nil {
		return nil, err
	}
	sql := s.deskSQL(q, &w)
	var list []DeskOrder
	if err := s.read(ctx).Raw(sql, w.args...).Scan(&list).Error; err != nil {
		return nil, fmt.Errorf("read orders: %w", translate(err))
	}
	return list, nil
}

// deskSQL is the statement of a page: the orders are chosen first, by an index, and only those of the page are looked up elsewhere.
func (s *Store) deskSQL(q DeskQuery, w *where) string {
	column := map[string]string{ByNumber: "number", ByTotal: "total"}[q.Sort]
	if column == "" {
		column = "created_at"
	}
	way, sign := " DESC", "<"
	if q.Rising {
		way, sign = "", ">"
	}
	if v, id, ok := strings.Cut(q.After, "."); ok {
		n, err1 := strconv.ParseInt(v, 10, 64)
		last, err2 := strconv.ParseInt(id, 10, 64)
		if err1 == nil && err2 == nil {
			var at any = n
			if column == "created_at" {
				at = time.UnixMicro(n).UTC()
			}
			w.and("("+column+", id) "+sign+" (?, ?)", at, last)
		}
	}
	order := column + way + ", id" + way
	return `SELECT o.id, o.number, o.status, o.flags, o.review_reason, o.currency, o.total, o.received, o.email, o.source, o.description, o.created_at, o.paid_at, o.version,
		COALESCE(l.title, '') AS what, (SELECT COUNT(*) FROM order_lines m WHERE m.order_id = o.id AND m.position > 1) AS more,
		COALESCE(p.uid, '') AS uid, COALESCE(p.route_id, '') AS route_id, COALESCE(p.status, '') AS pay_status, COALESCE(p.from_xml, '') AS from_xml, COALESCE(p.from_symbol, '') AS from_symbol,
		COALESCE(p.from_decimals, 0) AS from_decimals, COALESCE(p.to_xml, '') AS to_xml, COALESCE(p.to_symbol, '') AS to_symbol, p.settled_at,
		COALESCE(p.settled_in, p.current_in, p.ordered_in, p.quoted_in) AS in_amount, COALESCE(p.settled_out, p.current_out, p.ordered_out, p.quoted_out) AS out_amount,
		COALESCE(s.name, '') AS site_name
		FROM (SELECT * FROM orders` + w.sql() + ` ORDER BY ` + order + ` LIMIT ` + strconv.Itoa(q.Limit) + `) o
		LEFT JOIN payments p ON p.id = (SELECT x.id FROM payments x WHERE x.order_id = o.id ORDER BY CASE WHEN x.settled_at IS NULL THEN 1 ELSE 0 END, x.seq DESC LIMIT 1)
		LEFT JOIN sites s ON s.id = COALESCE(p.site_id, o.site_id) LEFT JOIN order_lines l ON l.order_id = o.id AND l.position = 1
		ORDER BY o.` + column + way + ", o.id" + way
}

func (s *Store) deskWhere(ctx context.Context, q DeskQuery) (where, error) {
	var w where
	if len(q.Statuses) > 0 {
		w.and("status IN ?", q.Statuses)
	}
	if q.Flag != "" {
		w.and("flags <> '' AND flags LIKE ?", "%"+q.Flag+"%")
	}
	if site, route, ok := strings.Cut(q.Route, "/"); ok {
		w.and("id IN (SELECT p.order_id FROM payments p JOIN sites s ON s.id = p.site_id WHERE s.name = ? AND p.route_id = ?)", site, route)
	} else if q.Route != "" {
		w.and("pay_currency = ?", strings.ToUpper(q.Route))
	}
	if q.Source != "" {
		w.and("source = ?", q.Source)
	}
	if q.Site != "" {
		w.and("site_id IN (SELECT id FROM sites WHERE name = ?)", q.Site)
	}
	if q.Refund != "" {
		w.and("id IN (SELECT order_id FROM refunds WHERE state = ?)", q.Refund)
	}
	if !q.From.IsZero() {
		w.and("created_at >= ?", q.From.UTC())
	}
	if !q.Before.IsZero() {
		w.and("created_at < ?", q.Before.UTC())
	}
	return w, s.deskText(ctx, q, &w)
}

// fewLines is up to how many lines of orders are looked up one by one when a product is searched for; of a product that is sold more often
// the newest orders are walked through instead, which soon finds a page.
const fewLines = 3000

// deskText adds what is searched for. What it can mean is decided by how it looks, so that an index answers each.
func (s *Store) deskText(ctx context.Context, q DeskQuery, w *where) error {
	text := strings.ToLower(strings.TrimSpace(q.Text))
	if text == "" {
		return nil
	}
	var ids, or where
	if n, err := strconv.ParseInt(strings.TrimLeft(strings.TrimPrefix(text, "ord_"), "#№ "), 10, 64); err == nil {
		ids.and("SELECT id FROM orders WHERE number = ?", n)
	}
	if amount, err := money.Parse(strings.Fields(text)[0], q.Currency); err == nil && amount > 0 {
		ids.and("SELECT id FROM orders WHERE total = ?", amount)
	}
	if !strings.ContainsAny(text, " @") {
		ids.and("SELECT order_id FROM payments WHERE uid IN (?, ?)", text, strings.TrimSpace(q.Text))
		ids.and("SELECT order_id FROM payments WHERE exchange_id = ?", text)
	}
	if !strings.Contains(text, " ") {
		const email = `lower(email) COLLATE "binary"` // as the index has it
		ids.and("SELECT id FROM orders WHERE "+email+" >= ? AND "+email+" < ?", text, text+"\U0010FFFF")
	}
	if err := s.deskProduct(ctx, text, &ids, &or); err != nil {
		return err
	}
	if len(ids.parts) > 0 { // one set of ids, made from indexes, and not a condition that is tried on every order
		or.parts = append([]string{"id IN (" + strings.Join(ids.parts, " UNION ") + ")"}, or.parts...)
		or.args = append(ids.args, or.args...)
	}
	if len(or.parts) == 0 {
		or.and("1 = 0")
	}
	w.and("("+strings.Join(or.parts, " OR ")+")", or.args...)
	return nil
}

func likeEscape(text string) string {
	return strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(text)
}

func (s *Store) deskProduct(ctx context.Context, text string, found, or *where) error {
	like := "%" + likeEscape(text) + "%"
	var ids []int64
	err := s.read(ctx).Raw(`SELECT id FROM products WHERE lower(title) LIKE ? ESCAPE '\' OR slug LIKE ? ESCAPE '\' ORDER BY id LIMIT 200`, like, like).Scan(&ids).Error
	if err != nil {
		return fmt.Errorf("read products: %w", translate(err))
	}
	if len(ids) == 0 {
		return nil
	}
	var n int64
	err = s.read(ctx).Raw("SELECT COUNT(*) FROM (SELECT 1 FROM order_lines WHERE product_id IN ? LIMIT ?) x", ids, fewLines+1).Scan(&n).Error
	if err != nil {
		return fmt.Errorf("count order lines: %w", translate(err))
	}
	if n <= fewLines {
		found.and("SELECT order_id FROM order_lines WHERE product_id IN ?", ids)
	} else {
		or.and("EXISTS (SELECT 1 FROM order_lines l WHERE l.order_id = orders.id AND l.product_id IN ?)", ids)
	}
	return nil
}

// EachDeskOrder calls f for every order that the query chooses, in its order, page by page: it holds no more than one page. The error of f ends it.
func (s *Store) EachDeskOrder(ctx context.Context, q DeskQuery, f func(*DeskOrder) error) error {
	q.Limit = 1000
	for {
		list, err := s.DeskOrders(ctx, q)
		if err != nil {
			return err
		}
		for i := range list {
			if err := f(&list[i]); err != nil {
				return err
			}
		}
		if len(list) < q.Limit {
			return nil
		}
		q.After = list[len(list)-1].Key(q.Sort)
	}
}

// Neighbours are the numbers of the orders before and after one; 0 for none.
func (s *Store) Neighbours(ctx context.Context, number int64) (older, newer int64, err error) {
	db := s.read(ctx)
	if err = db.Raw("SELECT COALESCE(MAX(number), 0) FROM orders WHERE number < ?", number).Scan(&older).Error; err == nil {
		err = db.Raw("SELECT COALESCE(MIN(number), 0) FROM orders WHERE number > ?", number).Scan(&newer).Error
	}
	if err != nil {
		return 0, 0, fmt.Errorf("read neighbours of order: %w", translate(err))
	}
	return older, newer, nil
}

// OrderNote is what staff wrote down about an order.
type OrderNote struct {
	ID      int64
	OrderID int64
	At      time.Time
	Who     string
	Body    string
}

// OrderNotes gives the notes of an order, the oldest first.
func (s *Store) OrderNotes(ctx context.Context, orderID int64) ([]OrderNote, error) {
	var list []OrderNote
	if err := s.read(ctx).Where("order_id = ?", orderID).Order("id").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read notes: %w", translate(err))
	}
	return list, nil
}

// InsertNote writes a note down.
func (tx *Tx) InsertNote(ctx context.Context, orderID int64, who, body string) error {
	n := OrderNote{OrderID: orderID, At: tx.now, Who: who, Body: body}
	if err := tx.db.WithContext(ctx).Create(&n).Error; err != nil {
		return fmt.Errorf("insert note: %w", translate(err))
	}
	return nil
}

// MailsOf gives the mails about an order, the oldest first.
func (s *Store) MailsOf(ctx context.Context, orderID int64) ([]Mail, error) {
	var list []Mail
	if err := s.read(ctx).Where("order_id = ?", orderID).Order("id").Limit(100).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read mails: %w", translate(err))
	}
	return list, nil
}

// DeliveriesOf gives the newest webhook deliveries of an order, the newest first.
func (s *Store) DeliveriesOf(ctx context.Context, orderID int64, limit int) ([]Delivery, error) {
	var list []Delivery
	err := s.read(ctx).Where("event_id IN (SELECT id FROM order_events WHERE order_id = ?)", orderID).Order("id DESC").Limit(limit).Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read deliveries: %w", translate(err))
	}
	return list, nil
}

// OrdersOfEmail counts the orders of an e-mail address, and how many of them are paid.
func (s *Store) OrdersOfEmail(ctx context.Context, email string) (all, paid int64, err error) {
	row := struct{ N, Paid int64 }{}
	err = s.read(ctx).Raw("SELECT COUNT(*) AS n, COALESCE(SUM(CASE WHEN status = 'paid' THEN 1 ELSE 0 END), 0) AS paid FROM orders WHERE email = ?", email).Scan(&row).Error
	if err != nil {
		return 0, 0, fmt.Errorf("count orders: %w", translate(err))
	}
	return row.N, row.Paid, nil
}

// PaidCurrencies gives the codes of the currencies that orders were paid with, for a filter.
func (s *Store) PaidCurrencies(ctx context.Context) ([]string, error) {
	var list []string
	// A walk from one value of the index to the next: it reads as many rows as there are currencies, not orders.
	err := s.read(ctx).Raw(`WITH RECURSIVE c(x) AS (SELECT MIN(pay_currency) FROM orders WHERE pay_currency > '' UNION ALL
		SELECT (SELECT MIN(pay_currency) FROM orders WHERE pay_currency > c.x) FROM c WHERE c.x IS NOT NULL) SELECT x FROM c WHERE x IS NOT NULL ORDER BY x LIMIT 300`).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read currencies: %w", translate(err))
	}
	return list, nil
}

// PullOrdersSoon makes the payments of orders due now, where the exchanger can be asked about them, and tells how many there are.
func (tx *Tx) PullOrdersSoon(ctx context.Context, numbers []int64) (int64, error) {
	done := tx.db.WithContext(ctx).Exec("UPDATE payments SET next_pull_at = ? WHERE phase = 'live' AND uid <> '' AND order_id IN (SELECT id FROM orders WHERE number IN ?)", tx.now, numbers)
	if done.Error != nil {
		return 0, fmt.Errorf("plan pulls: %w", translate(done.Error))
	}
	tx.due = true
	return done.RowsAffected, nil
}
