package models

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Files are read in pieces, each by a statement of its own that goes on where the one before ended: no file, however slowly somebody takes it,
// keeps an old state of the database alive. One goroutine reads while another writes.

const (
	pieceSize = 2000 // orders read by one statement
	batchSize = 256  // rows handed over at once
)

// ahead lets read run on its own and calls f with what it gives, in its order. It returns when both have ended, with the error of either.
func ahead[T any](ctx context.Context, read func(ctx context.Context, give func(T) error) error, f func(*T) error) error {
	ctx, cancel := context.WithCancel(ctx)
	batches, failed := make(chan []T, 4), make(chan error, 1)
	go func() {
		defer close(batches)
		batch := make([]T, 0, batchSize)
		hand := func() error {
			select {
			case batches <- batch:
				batch = make([]T, 0, batchSize)
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		err := read(ctx, func(x T) error {
			if batch = append(batch, x); len(batch) < batchSize {
				return nil
			}
			return hand()
		})
		if err == nil && len(batch) > 0 {
			err = hand()
		}
		failed <- err
	}()
	var err error
	for batch := range batches {
		for i := 0; i < len(batch) && err == nil; i++ {
			err = f(&batch[i])
		}
		if err != nil {
			cancel() // and drain what is under way
		}
	}
	readErr := <-failed
	cancel()
	if err != nil {
		return err
	}
	return readErr
}

// stamp reads a moment that may be missing. SQLite hands it over as text: made into a time by the driver it costs more than all the rest of a row.
type stamp struct {
	at *time.Time
}

// Scan takes what either database gives.
func (s *stamp) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		s.at = nil
		return nil
	case time.Time:
		v = v.UTC()
		s.at = &v
		return nil
	case string:
		return s.read(v)
	case []byte:
		return s.read(string(v))
	}
	return fmt.Errorf("no moment: %T", v)
}

// read takes 2006-01-02 15:04:05.999999+00:00.
func (s *stamp) read(v string) error {
	const plain = len("2006-01-02 15:04:05")
	bad := errors.New("no moment: " + strconv.Quote(v))
	if len(v) < plain+6 || v[len(v)-6:] != "+00:00" {
		return bad
	}
	number := func(from, until int) (n int) {
		for _, c := range []byte(v[from:until]) {
			if c < '0' || c > '9' {
				return -1 << 20
			}
			n = n*10 + int(c-'0')
		}
		return n
	}
	nanos, unit := 0, 100_000_000
	if rest := v[plain : len(v)-6]; rest != "" {
		if rest[0] != '.' || len(rest) > 10 {
			return bad
		}
		for _, c := range []byte(rest[1:]) {
			nanos, unit = nanos+int(c-'0')*unit, unit/10
		}
	}
	year, month, day, hour, minute, second := number(0, 4), number(5, 7), number(8, 10), number(11, 13), number(14, 16), number(17, 19)
	if min(year, month, day, hour, minute, second) < 0 || nanos < 0 {
		return bad
	}
	at := time.Date(year, time.Month(month), day, hour, minute, second, nanos, time.UTC)
	s.at = &at
	return nil
}

// asStamp makes SQLite give a moment as it stands.
func (s *Store) asStamp(column string) string {
	if s.dialect == SQLite {
		return column + " || ''"
	}
	return column
}

// siteNames are the names of all sites, by id.
func (s *Store) siteNames(ctx context.Context) (map[int64]string, error) {
	sites, err := s.Sites(ctx)
	if err != nil {
		return nil, err
	}
	names := make(map[int64]string, len(sites))
	for _, x := range sites {
		names[x.ID] = x.Name
	}
	return names, nil
}

// EachDeskOrder calls f for every order that the query chooses, in its order: of the columns of DeskOrder those that a file of orders has. It
// holds a few batches of them. The error of f ends it.
func (s *Store) EachDeskOrder(ctx context.Context, q DeskQuery, f func(*DeskOrder) error) error {
	names, err := s.siteNames(ctx)
	if err != nil {
		return err
	}
	return ahead(ctx, func(ctx context.Context, give func(DeskOrder) error) error {
		q := q
		q.whole, q.Limit = &wholeList{}, pieceSize
		for {
			n, last, err := s.piece(ctx, &q, names, give)
			if err != nil || n < q.Limit {
				return err
			}
			q.After = last.Key(q.Sort)
		}
	}, f)
}

// piece reads the next orders of a file.
func (s *Store) piece(ctx context.Context, q *DeskQuery, names map[int64]string, give func(DeskOrder) error) (n int, last DeskOrder, err error) {
	page, err := s.chosen(ctx, q)
	if err != nil || page.sql == "" {
		return 0, last, err
	}
	// The payment is that which settled the order, or else its newest.
	columns := "SELECT x.id, x.number, x.status, x.flags, x.currency, x.total, x.received, x.email, x.source, " + s.asStamp("x.created_at") + ", " + s.asStamp("x.paid_at") + `,
		p.uid, p.from_xml, ` + s.asInstant("p.settled_at") + `, COALESCE(p.settled_in, p.current_in, p.ordered_in, p.quoted_in), COALESCE(p.settled_out, p.current_out, p.ordered_out, p.quoted_out), p.payout_rate, COALESCE(p.site_id, x.site_id, 0) FROM `
	payment := ` LEFT JOIN payments p ON p.order_id = x.id AND p.seq = COALESCE((SELECT MAX(y.seq) FROM payments y WHERE y.order_id = x.id AND y.settled_at IS NOT NULL), (SELECT MAX(z.seq) FROM payments z WHERE z.order_id = x.id))`
	if s.dialect == Postgres { // of the other it makes a hash of all payments, for each piece
		payment = ` LEFT JOIN LATERAL (SELECT y.* FROM payments y WHERE y.order_id = x.id ORDER BY CASE WHEN y.settled_at IS NULL THEN 1 ELSE 0 END, y.seq DESC LIMIT 1) p ON TRUE`
	}
	query := "WITH page AS MATERIALIZED (" + page.sql + ") " + columns + "page JOIN orders x ON x.id = page.id" + payment + " ORDER BY " + orderedBy(q, "x.")
	if page.walk != "" && s.dialect == SQLite {
		query = columns + "orders x" + page.index + payment + page.walk + " LIMIT " + strconv.Itoa(q.Limit)
	}
	rows, err := s.read(ctx).Raw(query, page.args...).Rows()
	if err != nil {
		return 0, last, fmt.Errorf("read orders: %w", translate(err))
	}
	defer rows.Close()
	for ; rows.Next(); n++ {
		var o DeskOrder
		var created, paid stamp
		var settled instant
		var in, out, rate figure
		var uid, from sql.NullString
		var site whole
		if err := rows.Scan(&o.ID, &o.Number, &o.Status, &o.Flags, &o.Currency, &o.Total, &o.Received, &o.Email, &o.Source, &created, &paid, &uid, &from, &settled, &in, &out, &rate, &site); err != nil {
			return n, last, fmt.Errorf("read order: %w", translate(err))
		}
		if created.at != nil {
			o.CreatedAt = *created.at
		}
		o.PaidAt, o.SettledAt, o.UID, o.FromXML, o.SiteName = paid.at, settled.at, uid.String, from.String, names[site.n]
		o.InAmount, o.OutAmount, o.PayoutRate = in.NullDecimal, out.NullDecimal, rate.NullDecimal
		o.Unreadable = site.bad || settled.bad || in.bad || out.bad || rate.bad
		last = o
		if err := give(o); err != nil {
			return n, last, err
		}
	}
	if err := rows.Err(); err != nil {
		return n, last, fmt.Errorf("read orders: %w", translate(err))
	}
	return n, last, nil
}

// paidPiece is a table o of the next orders that were paid in a time, in that order, with the columns that a file needs; its arguments are
// before, and the moment and id of the last order of the piece before. A lower bound besides would make PostgreSQL, in a plan that it keeps for
// all pieces, take the time for a short one and sort all of it for each piece.
func (s *Store) paidPiece() string {
	return "(SELECT id, number, status, flags, currency, total, received, refunded, paid_at, source, description FROM orders" + s.by("orders_sales") + " WHERE status = 'paid' AND source <> '" + SourceTest + "' AND paid_at < ? AND (paid_at, id) > (?, ?) ORDER BY paid_at, id LIMIT " + strconv.Itoa(pieceSize) + ") o"
}

// place is where a file goes on: behind a moment and an id.
type place struct {
	at time.Time
	id int64
}

// pieces runs a statement again and again, each time from where it ended. read takes one row and gives its place; the statement's arguments are
// before and the place, and it has no row when nothing is left. The first piece of one order is whole: a place is passed once.
func (s *Store) pieces(ctx context.Context, query string, from, before time.Time, read func(rows *sql.Rows) (place, error)) error {
	last := place{at: from}
	for {
		orders := 0
		rows, err := s.read(ctx).Raw(query, before.UTC(), last.at.UTC(), last.id).Rows()
		if err != nil {
			return translate(err)
		}
		for rows.Next() {
			at, err := read(rows)
			if err != nil {
				rows.Close()
				return translate(err)
			}
			if at.id != last.id || !at.at.Equal(last.at) {
				orders++
			}
			last = at
		}
		err = rows.Err()
		rows.Close()
		if err != nil {
			return translate(err)
		}
		if orders < pieceSize {
			return nil
		}
	}
}

// EachSettlement gives the settlements of a time, from included and before not, one by one: first the orders that were paid in it, in the
// order of payment, then money that settled in it for orders that are not paid.
func (s *Store) EachSettlement(ctx context.Context, from, before time.Time, f func(*Settlement) error) error {
	names, err := s.siteNames(ctx)
	if err != nil {
		return err
	}
	columns := "SELECT o.id, o.number, o.status, o.flags, o.currency, o.total, o.received, o.refunded, " + s.asStamp("o.paid_at") + ", " + s.asInstant("p.settled_at") + `, p.seq, p.uid, p.site_id, p.from_symbol, p.from_xml, p.to_symbol, p.to_xml,
		p.settled_in, p.settled_out, p.payout_rate, p.route_fee, p.flags, p.id FROM `
	sold := columns + s.paidPiece() + ` LEFT JOIN payments p ON p.order_id = o.id AND p.settled_at IS NOT NULL ORDER BY o.paid_at, o.id, p.seq`
	other := columns + "(SELECT p.id FROM payments p" + s.by("payments_settled") + ` CROSS JOIN orders x WHERE x.id = p.order_id AND x.status <> 'paid' AND x.source <> '` + SourceTest + `' AND p.settled_at IS NOT NULL
		AND p.settled_at < ? AND (p.settled_at, p.id) > (?, ?) ORDER BY p.settled_at, p.id LIMIT ` + strconv.Itoa(pieceSize) + `) y
		JOIN payments p ON p.id = y.id JOIN orders o ON o.id = p.order_id ORDER BY p.settled_at, p.id`
	err = ahead(ctx, func(ctx context.Context, give func(Settlement) error) error {
		scan := func(rows *sql.Rows, x *Settlement) (payment int64, err error) {
			var paid stamp
			var settled instant
			var in, out, rate, fee figure
			var seq, site whole
			var id sql.NullInt64
			var uid, fromSymbol, fromXML, toSymbol, toXML, flags sql.NullString
			if err := rows.Scan(&x.OrderID, &x.Number, &x.Status, &x.Flags, &x.Currency, &x.Total, &x.Received, &x.Refunded, &paid, &settled, &seq, &uid, &site, &fromSymbol, &fromXML, &toSymbol, &toXML,
				&in, &out, &rate, &fee, &flags, &id); err != nil {
				return 0, err
			}
			x.PaidAt, x.SettledAt, x.PaymentSeq, x.UID, x.Site = paid.at, settled.at, seq.n, uid.String, names[site.n]
			x.SettledIn, x.SettledOut, x.PayoutRate, x.RouteFee = in.NullDecimal, out.NullDecimal, rate.NullDecimal, fee.NullDecimal
			x.Unreadable = seq.bad || site.bad || settled.bad || in.bad || out.bad || rate.bad || fee.bad
			x.FromSymbol, x.FromXML, x.ToSymbol, x.ToXML, x.PaymentFlag = fromSymbol.String, fromXML.String, toSymbol.String, toXML.String, flags.String
			return id.Int64, nil
		}
		err := s.pieces(ctx, sold, from, before, func(rows *sql.Rows) (place, error) {
			x := Settlement{Sold: true}
			if _, err := scan(rows, &x); err != nil {
				return place{}, err
			}
			return place{*x.PaidAt, x.OrderID}, give(x)
		})
		if err != nil {
			return err
		}
		last := from
		return s.pieces(ctx, other, from, before, func(rows *sql.Rows) (place, error) {
			var x Settlement
			id, err := scan(rows, &x)
			if err != nil {
				return place{}, err
			}
			if x.SettledAt != nil {
				last = *x.SettledAt
			}
			return place{last, id}, give(x)
		})
	}, f)
	if err != nil {
		return fmt.Errorf("read settlements: %w", err)
	}
	return nil
}

// EachSoldLine gives the lines of the orders that were paid in a time, from included and before not, one by one. Products are called as the merchant calls
// them in a language.
func (s *Store) EachSoldLine(ctx context.Context, lang string, from, before time.Time, f func(*SoldLine) error) error {
	query := "SELECT o.id, o.number, o.status, o.currency, " + s.asStamp("o.paid_at") + ", o.source, o.description, o.total, o.received, o.refunded, l.title, COALESCE(g.title, ''), l.quantity, l.unit_price, l.total FROM " + s.paidPiece() +
		" LEFT JOIN order_lines l ON l.order_id = o.id LEFT JOIN products g ON g.id = l.product_id ORDER BY o.paid_at, o.id, l.position"
	titles := map[string]string{} // by the texts of a product, which are read once
	err := ahead(ctx, func(ctx context.Context, give func(SoldLine) error) error {
		return s.pieces(ctx, query, from, before, func(rows *sql.Rows) (place, error) {
			var x SoldLine
			var id, orderTotal int64
			var paid stamp
			var description, texts string
			var title sql.NullString
			var quantity, unit, total sql.NullInt64
			if err := rows.Scan(&id, &x.Number, &x.Status, &x.Currency, &paid, &x.Source, &description, &orderTotal, &x.Received, &x.Refunded, &title, &texts, &quantity, &unit, &total); err != nil {
				return place{}, err
			}
			called, known := titles[texts]
			if !known {
				called = merchantTitle(texts, "", lang)
				titles[texts] = called
			}
			x.PaidAt, x.Title, x.Quantity, x.UnitPrice, x.Total = *paid.at, cmp.Or(called, title.String), quantity.Int64, unit.Int64, total.Int64
			if !total.Valid {
				x.Title, x.Quantity, x.UnitPrice, x.Total = description, 1, orderTotal, orderTotal
			}
			return place{x.PaidAt, id}, give(x)
		})
	}, f)
	if err != nil {
		return fmt.Errorf("read lines: %w", err)
	}
	return nil
}
