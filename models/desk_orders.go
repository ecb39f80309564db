package models

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"
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
	Numbers  []int64  // these orders, whatever else is asked for; nil: all
	From     time.Time
	Before   time.Time // From included, Before not
	Sort     string    // ByCreated, ByNumber or ByTotal; "": ByCreated
	Rising   bool      // the smallest first
	After    string    // DeskOrder.Key of the last order of the page before
	Limit    int

	whole *wholeList // all pages are read, one after the other: what was found out for the first; nil for a page
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
	Refunded     int64 // minor: what of it was sent back
	Email        string
	Source       string
	Description  string
	CreatedAt    time.Time
	PaidAt       *time.Time
	Version      int64

	What         string // title of the first line, in the customer's language
	WhatTexts    string // the merchant's titles of its product, as JSON; "" when there is none, or no more
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
	PayoutRate   decimal.NullDecimal // units of to for one unit of Currency; only EachDeskOrder has it
	SettledAt    *time.Time
	SiteName     string
	Unreadable   bool `gorm:"-"` // the payment's row is damaged: what it says of money and time is not all told
}

// Title is the title of the first line as the merchant calls it: the product's, or else what stands on the line.
func (o *DeskOrder) Title(lang string) string { return merchantTitle(o.WhatTexts, o.What, lang) }

// merchantTitle is a product's title in a language; where the product is no more, the title that the customer saw.
func merchantTitle(texts, seen, lang string) string {
	if texts != "" {
		if title := ParseTexts(texts).In(lang); title != "" {
			return title
		}
	}
	return seen
}

// FlagList gives the flags one by one.
func (o *DeskOrder) FlagList() []string { return strings.Fields(o.Flags) }

// Key says where the order stands in a list, for DeskQuery.After.
func (o *DeskOrder) Key(sort string) string {
	switch sort {
	case ByNumber:
		return fmt.Sprintf("%d.%d", o.Number, o.ID)
	case ByTotal:
		return fmt.Sprintf("%d.%d.%d", o.Total, o.CreatedAt.UnixMicro(), o.ID)
	}
	return fmt.Sprintf("%d.%d", o.CreatedAt.UnixMicro(), o.ID)
}

// DeskOrders gives a page of orders. An After that cannot be read is the first page.
func (s *Store) DeskOrders(ctx context.Context, q DeskQuery) ([]DeskOrder, error) {
	page, err := s.chosen(ctx, &q)
	if err != nil || page.sql == "" {
		return nil, err
	}
	var rows []deskRow
	sql, args := s.deskSQL(&q, page)
	if err := s.read(ctx).Raw(sql, args...).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("read orders: %w", translate(err))
	}
	list := make([]DeskOrder, len(rows))
	for i := range rows {
		list[i] = rows[i].order()
	}
	return list, nil
}

// deskRow is an order as a statement gives it, with what a damaged payment may hold.
type deskRow struct {
	DeskOrder `gorm:"embedded"`
	Decimals  whole
	Settled   instant
	InFigure  figure
	OutFigure figure
}

func (r *deskRow) order() DeskOrder {
	o := r.DeskOrder
	o.FromDecimals, o.SettledAt, o.InAmount, o.OutAmount = int32(r.Decimals.n), r.Settled.at, r.InFigure.NullDecimal, r.OutFigure.NullDecimal
	o.Unreadable = r.Decimals.bad || r.Settled.bad || r.InFigure.bad || r.OutFigure.bad
	return o
}

// deskSQL is the statement of a page: the orders are chosen first, by an index, and only those of the page are looked up elsewhere.
func (s *Store) deskSQL(q *DeskQuery, page statement) (string, []any) {
	cte := "WITH page AS MATERIALIZED (" + page.sql + ") "
	return cte + `SELECT o.id, o.number, o.status, o.flags, o.review_reason, o.currency, o.total, o.received, o.refunded, o.email, o.source, o.description, o.created_at, o.paid_at, o.version,
		COALESCE(l.title, '') AS what, COALESCE(g.title, '') AS what_texts, (SELECT COUNT(*) FROM order_lines m WHERE m.order_id = o.id AND m.position > 1) AS more,
		COALESCE(p.uid, '') AS uid, COALESCE(p.route_id, '') AS route_id, COALESCE(p.status, '') AS pay_status, COALESCE(p.from_xml, '') AS from_xml, COALESCE(p.from_symbol, '') AS from_symbol,
		COALESCE(p.from_decimals, 0) AS decimals, COALESCE(p.to_xml, '') AS to_xml, COALESCE(p.to_symbol, '') AS to_symbol, ` + s.asInstant("p.settled_at") + ` AS settled,
		COALESCE(p.settled_in, p.current_in, p.ordered_in, p.quoted_in) AS in_figure, COALESCE(p.settled_out, p.current_out, p.ordered_out, p.quoted_out) AS out_figure,
		COALESCE(s.name, '') AS site_name
		FROM page JOIN orders o ON o.id = page.id
		LEFT JOIN payments p ON p.id = (SELECT x.id FROM payments x WHERE x.order_id = o.id ORDER BY CASE WHEN x.settled_at IS NULL THEN 1 ELSE 0 END, x.seq DESC LIMIT 1)
		LEFT JOIN sites s ON s.id = COALESCE(p.site_id, o.site_id) LEFT JOIN order_lines l ON l.order_id = o.id AND l.position = 1 LEFT JOIN products g ON g.id = l.product_id
		ORDER BY ` + orderedBy(q, "o."), page.args
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
	// Each event at each endpoint, which is how the index has them: in the order of the list SQLite would read all deliveries there are.
	err := s.read(ctx).Raw("SELECT d.* FROM order_events e CROSS JOIN webhook_endpoints w CROSS JOIN deliveries d WHERE d.endpoint_id = w.id AND d.event_id = e.id AND e.order_id = ? ORDER BY d.id DESC LIMIT ?", orderID, limit).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read deliveries: %w", translate(err))
	}
	return list, nil
}

// OrdersOfEmail counts the orders of an e-mail address, and how many of them are paid, among its newest thousand.
func (s *Store) OrdersOfEmail(ctx context.Context, email string) (all, paid int64, err error) {
	row := struct{ N, Paid int64 }{}
	err = s.read(ctx).Raw(`SELECT COUNT(*) AS n, COALESCE(SUM(CASE WHEN status = 'paid' THEN 1 ELSE 0 END), 0) AS paid FROM
		(SELECT status FROM orders WHERE lower(email) COLLATE "binary" = ? ORDER BY created_at DESC LIMIT 1000) x`, strings.ToLower(email)).Scan(&row).Error
	if err != nil {
		return 0, 0, fmt.Errorf("count orders: %w", translate(err))
	}
	return row.N, row.Paid, nil
}

// PaidCurrencies gives the codes of the currencies that orders were paid with, for a filter.
func (s *Store) PaidCurrencies(ctx context.Context) ([]string, error) {
	var list []string
	kinds := s.facets(&DeskQuery{}, nil)
	err := s.read(ctx).Raw("WITH RECURSIVE "+kinds.sql+" SELECT DISTINCT pay_currency FROM kinds WHERE pay_currency <> '' ORDER BY pay_currency LIMIT 300", kinds.args...).Scan(&list).Error
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
