package models

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

// Settlement is one line of the report of settlements: an order that was paid with one of its settled payments, or money that settled for
// an order that is not paid. Amounts are decimals as stored.
type Settlement struct {
	OrderID     int64
	Number      int64
	Status      string
	Flags       string
	Currency    string
	Total       int64 // minor units of Currency
	Sold        bool  // the order is paid: Total counts, once for each order
	PaidAt      *time.Time
	SettledAt   *time.Time // of the payment; nil: a person accepted the order without a settled payment
	PaymentSeq  int64
	UID         string
	Site        string
	FromSymbol  string
	FromXML     string
	ToSymbol    string
	ToXML       string
	SettledIn   decimal.NullDecimal
	SettledOut  decimal.NullDecimal
	PayoutRate  decimal.NullDecimal // units of to for one unit of Currency
	RouteFee    decimal.NullDecimal // the route's flat fee, units of to; not known for payments of before
	PaymentFlag string
}

const settlementColumns = `o.id, o.number, o.status, o.flags, o.currency, o.total, o.paid_at, p.settled_at, p.seq, p.uid, s.name, p.from_symbol, p.from_xml, p.to_symbol, p.to_xml,
	p.settled_in, p.settled_out, p.payout_rate, p.route_fee, p.flags`

// EachSettlement gives the settlements of a time, from included and before not, one by one: first the orders that were paid in it, in the
// order of payment, then money that settled in it for orders that are not paid. It holds one line in memory.
func (s *Store) EachSettlement(ctx context.Context, from, before time.Time, f func(*Settlement) error) error {
	err := s.eachSettlement(ctx, true, `SELECT `+settlementColumns+` FROM orders o LEFT JOIN payments p ON p.order_id = o.id AND p.settled_at IS NOT NULL LEFT JOIN sites s ON s.id = p.site_id
		WHERE o.status = 'paid' AND o.paid_at >= ? AND o.paid_at < ? ORDER BY o.paid_at, o.id, p.seq`, from, before, f)
	if err != nil {
		return err
	}
	return s.eachSettlement(ctx, false, `SELECT `+settlementColumns+` FROM payments p JOIN orders o ON o.id = p.order_id JOIN sites s ON s.id = p.site_id
		WHERE p.settled_at >= ? AND p.settled_at < ? AND o.status <> 'paid' ORDER BY p.settled_at, p.id`, from, before, f)
}

func (s *Store) eachSettlement(ctx context.Context, sold bool, query string, from, before time.Time, f func(*Settlement) error) error {
	rows, err := s.read(ctx).Raw(query, from.UTC(), before.UTC()).Rows()
	if err != nil {
		return fmt.Errorf("read settlements: %w", translate(err))
	}
	defer rows.Close()
	for rows.Next() {
		x := Settlement{Sold: sold}
		var seq sql.NullInt64
		var uid, site, fromSymbol, fromXML, toSymbol, toXML, flags sql.NullString
		err := rows.Scan(&x.OrderID, &x.Number, &x.Status, &x.Flags, &x.Currency, &x.Total, &x.PaidAt, &x.SettledAt, &seq, &uid, &site, &fromSymbol, &fromXML, &toSymbol, &toXML,
			&x.SettledIn, &x.SettledOut, &x.PayoutRate, &x.RouteFee, &flags)
		if err != nil {
			return fmt.Errorf("read settlement: %w", translate(err))
		}
		x.PaymentSeq, x.UID, x.Site, x.FromSymbol, x.FromXML, x.ToSymbol, x.ToXML, x.PaymentFlag = seq.Int64, uid.String, site.String, fromSymbol.String, fromXML.String, toSymbol.String, toXML.String, flags.String
		if err := f(&x); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read settlements: %w", translate(err))
	}
	return nil
}

// SoldLine is one line of a paid order. An order without lines (a free amount, a link, the API) has one, of its description.
type SoldLine struct {
	Number    int64
	Status    string
	Currency  string
	PaidAt    time.Time
	Source    string
	Title     string
	Quantity  int64
	UnitPrice int64 // minor units of Currency
	Total     int64 // minor units of Currency
}

// EachSoldLine gives the lines of the orders that were paid in a time, from included and before not, one by one.
func (s *Store) EachSoldLine(ctx context.Context, from, before time.Time, f func(*SoldLine) error) error {
	rows, err := s.read(ctx).Raw(`SELECT o.number, o.status, o.currency, o.paid_at, o.source, o.description, o.total, l.title, l.quantity, l.unit_price, l.total
		FROM orders o LEFT JOIN order_lines l ON l.order_id = o.id WHERE o.status = 'paid' AND o.paid_at >= ? AND o.paid_at < ? ORDER BY o.paid_at, o.id, l.position`, from.UTC(), before.UTC()).Rows()
	if err != nil {
		return fmt.Errorf("read lines: %w", translate(err))
	}
	defer rows.Close()
	for rows.Next() {
		var x SoldLine
		var description string
		var orderTotal int64
		var title sql.NullString
		var quantity, unit, total sql.NullInt64
		if err := rows.Scan(&x.Number, &x.Status, &x.Currency, &x.PaidAt, &x.Source, &description, &orderTotal, &title, &quantity, &unit, &total); err != nil {
			return fmt.Errorf("read line: %w", translate(err))
		}
		x.Title, x.Quantity, x.UnitPrice, x.Total = title.String, quantity.Int64, unit.Int64, total.Int64
		if !total.Valid {
			x.Title, x.Quantity, x.UnitPrice, x.Total = description, 1, orderTotal, orderTotal
		}
		if err := f(&x); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read lines: %w", translate(err))
	}
	return nil
}
