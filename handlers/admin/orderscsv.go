package admin

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"mostrador/models"
	"mostrador/money"
)

// csvColumns are the columns of orders.csv. Their names are for programs and stay as they are in every language.
var csvColumns = []string{"number", "status", "flags", "created_utc", "created_local", "paid_utc", "currency", "total", "received", "email", "paid_currency", "paid_amount", "rate", "site", "uid", "source"}

// ordersCSV sends what is filtered, or what was ticked, row by row as it is read.
func (d *desk) ordersCSV(c echo.Context) error {
	q, wrong := d.orderQuery(c, c.QueryParams())
	if len(wrong) > 0 {
		return d.orders(c) // says what is wrong with the filters, with 422
	}
	q.After = ""
	if c.QueryParams().Has("order") { // the ticked ones alone
		numbers, done, err := d.chosen(c, "/admin/orders")
		if done {
			return err
		}
		q.Numbers = numbers
	}
	loc := d.Config.Shop.Location()
	s := newSheet(c, fmt.Sprintf("orders-%s.csv", d.Now().In(loc).Format("2006-01-02-1504")), csvColumns)
	err := d.Store.EachDeskOrder(c.Request().Context(), q, func(o *models.DeskOrder) error { return s.row(csvRow(o, loc)...) })
	return d.finish(c, s, err)
}

// unreadableFlag stands among the flags of a file where a payment's row is damaged: its other cells do not tell all.
const unreadableFlag = "unreadable"

func csvRow(o *models.DeskOrder, loc *time.Location) []string {
	row := []string{
		strconv.FormatInt(o.Number, 10), o.Status, o.Flags, utcCell(&o.CreatedAt), o.CreatedAt.In(loc).Format("2006-01-02 15:04:05"), utcCell(o.PaidAt), o.Currency,
		money.FromMinor(o.Total, o.Currency).String(), money.FromMinor(o.Received, o.Currency).String(), o.Email, "", "", "", o.SiteName, o.UID, o.Source,
	}
	if o.Unreadable {
		row[2] = strings.TrimSpace(row[2] + " " + unreadableFlag)
	}
	if o.SettledAt != nil && o.InAmount.Valid {
		row[10], row[11] = o.FromXML, money.Exact(o.InAmount.Decimal, 0)
		row[12] = shopRate(o.InAmount, o.OutAmount, o.PayoutRate)
	}
	return row
}

func utcCell(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// exchangeRate is what one unit that was paid brought, to ten digits; "" when that cannot be said.
func exchangeRate(in, out decimal.NullDecimal) string {
	if !in.Valid || !out.Valid || in.Decimal.Sign() <= 0 {
		return ""
	}
	return money.Exact(out.Decimal.DivRound(in.Decimal, 18).Round(10), 0)
}
