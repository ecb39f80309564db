package admin

import (
	"bufio"
	"encoding/csv"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"mostrador/models"
	"mostrador/money"
	"mostrador/views/admin"
)

// reportDays is the time of a report: days in UTC, both inclusive.
type reportDays struct {
	from, before time.Time
	month        string // 2026-11, when it is a whole month
}

// days are the period's first and last day.
func (p reportDays) days() (first, last string) {
	return p.from.Format(time.DateOnly), p.before.AddDate(0, 0, -1).Format(time.DateOnly)
}

// periodOf reads month, or from and to; without any it is the month of now.
func (d *desk) periodOf(c echo.Context) (reportDays, []admin.Mistake) {
	q := c.QueryParams()
	if q.Get("from") != "" || q.Get("to") != "" {
		from, before, wrong := days(c, q)
		if before.IsZero() {
			before = d.Now().Truncate(24*time.Hour).AddDate(0, 0, 1)
		}
		if !from.Before(before) && len(wrong) == 0 {
			wrong = append(wrong, admin.Mistake{Field: "to", Text: text(c, "desk.reports.order")})
		}
		return reportDays{from: from, before: before}, wrong
	}
	now := d.Now().UTC()
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	var wrong []admin.Mistake
	if m := q.Get("month"); m != "" {
		t, err := time.Parse("2006-01", m)
		if err != nil {
			wrong = append(wrong, admin.Mistake{Field: "month", Text: text(c, "desk.reports.month_wrong", "month", m)})
		} else {
			first = t
		}
	}
	return reportDays{from: first, before: first.AddDate(0, 1, 0), month: first.Format("2006-01")}, wrong
}

// reports shows a month's totals, and where its lists are.
func (d *desk) reports(c echo.Context) error {
	ctx := c.Request().Context()
	p, wrong := d.periodOf(c)
	status := http.StatusOK
	if len(wrong) > 0 {
		status = http.StatusUnprocessableEntity
	}
	totals, err := d.Store.SoldTotals(ctx, p.from, p.before)
	if err != nil {
		return err
	}
	coins, err := d.Store.SoldByCoin(ctx, p.from, p.before)
	if err != nil {
		return err
	}
	first, last := p.days()
	v := admin.StackView{Head: admin.Head{Title: text(c, "desk.nav.reports"), Lead: text(c, "desk.reports.lead")}, Mistakes: wrong}
	v.Filter = &admin.FilterView{Action: "/admin/reports", Parts: []admin.FilterPart{{Field: admin.Field{Name: "month", Type: "month", Label: text(c, "desk.reports.month"), Value: p.month, Placeholder: "2026-11"}, Class: "w-40!"}}}
	var facts []admin.Fact
	for _, t := range totals {
		facts = append(facts, admin.Fact{Label: text(c, "desk.reports.sales"), Text: money.FromMinor(t.Total, t.Currency).Text(langHere(c))}, admin.Fact{Label: text(c, "desk.reports.orders"), Text: strconv.FormatInt(t.Orders, 10)})
	}
	if len(facts) == 0 {
		facts = []admin.Fact{{Label: text(c, "desk.reports.sales"), Text: d.price(c, 0)}, {Label: text(c, "desk.reports.orders"), Text: "0"}}
	}
	l := admin.ListView{
		Label: text(c, "desk.reports.by_coin"), Columns: []admin.Column{{Label: text(c, "desk.reports.coin")}, {Label: text(c, "desk.reports.orders"), Num: true}, {Label: text(c, "desk.reports.sales"), Num: true}},
		Empty: &admin.EmptyView{Icon: "file-text", Title: text(c, "desk.reports.empty"), Text: text(c, "desk.reports.empty_text")},
	}
	for _, x := range coins {
		coin := x.Coin
		if coin == "" {
			coin = text(c, "desk.reports.no_coin")
		}
		l.Rows = append(l.Rows, admin.Row{Cells: []admin.Cell{{Text: coin, Title: true}, {Text: strconv.FormatInt(x.Orders, 10)}, {Text: money.FromMinor(x.Total, x.Currency).Text(langHere(c))}}})
	}
	q := "?" + url.Values{"from": {first}, "to": {last}}.Encode()
	v.Parts = []admin.PartView{
		{ID: "h-totals", Title: text(c, "desk.reports.totals", "from", first, "to", last), Facts: facts},
		{ID: "h-files", Title: text(c, "desk.reports.files"), Text: text(c, "desk.reports.files_text", "zone", d.Config.Shop.Location().String()), Body: admin.Downloads([]admin.Link{
			{Label: "settlements.csv", Href: "/admin/reports/settlements.csv" + q}, {Label: "lines.csv", Href: "/admin/reports/lines.csv" + q},
		})},
		{ID: "h-coins", Title: text(c, "desk.reports.by_coin"), List: &l},
	}
	return d.stack(c, status, "reports", v)
}

// sheet writes a CSV file as it comes, cells safe against formulas.
type sheet struct {
	w   *csv.Writer
	out *bufio.Writer
	n   int
}

// newSheet begins the answer. From here on a failure can only cut it short.
func newSheet(c echo.Context, name string) *sheet {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+name+`"`)
	c.Response().WriteHeader(http.StatusOK)
	out := bufio.NewWriterSize(c.Response(), 64<<10)
	return &sheet{w: csv.NewWriter(out), out: out}
}

func (s *sheet) row(cells ...string) error {
	for i, v := range cells {
		cells[i] = safeCell(v)
	}
	s.n++
	return s.w.Write(cells)
}

func (s *sheet) end() error {
	s.w.Flush()
	if err := s.w.Error(); err != nil {
		return err
	}
	return s.out.Flush()
}

// safeCell keeps a spreadsheet from reading a text as a formula.
func safeCell(v string) string {
	if v != "" && strings.ContainsRune("=+-@\t\r\n", rune(v[0])) {
		return "'" + v
	}
	return v
}

func utc(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// settlementsCSV is every settled payment with its order. The price stands once for each order, so that its sum is what was sold.
func (d *desk) settlementsCSV(c echo.Context) error {
	p, wrong := d.periodOf(c)
	if len(wrong) > 0 {
		return d.reports(c)
	}
	zone := d.Config.Shop.Location()
	s := newSheet(c, fileName("settlements", p))
	err := s.row("number", "status", "paid_at_utc", "paid_at_"+zone.String(), "settled_at_utc", "settled_at_"+zone.String(), "price", "currency", "paid", "paid_currency", "rate", "fee", "received", "received_currency", "received_in_shop_currency", "site", "uid", "flags")
	if err != nil {
		return err
	}
	sum, got := map[string]int64{}, map[string]decimal.Decimal{}
	var last int64
	err = d.Store.EachSettlement(c.Request().Context(), p.from, p.before, func(x *models.Settlement) error {
		price := ""
		if x.Sold && x.OrderID != last {
			price = money.FromMinor(x.Total, x.Currency).String()
			sum[x.Currency] += x.Total
		}
		last = x.OrderID
		var cells [4]string
		for i, t := range []*time.Time{x.PaidAt, x.SettledAt} {
			if t != nil {
				cells[2*i], cells[2*i+1] = utc(*t), t.In(zone).Format("2006-01-02 15:04:05")
			}
		}
		value := ""
		if x.SettledOut.Valid && x.PayoutRate.Valid && x.PayoutRate.Decimal.Sign() > 0 {
			v := x.SettledOut.Decimal.DivRound(x.PayoutRate.Decimal, money.Decimals(x.Currency))
			value, got[x.Currency] = v.StringFixed(money.Decimals(x.Currency)), got[x.Currency].Add(v)
		}
		return s.row(strconv.FormatInt(x.Number, 10), x.Status, cells[0], cells[1], cells[2], cells[3], price, x.Currency, plain(x.SettledIn), x.FromXML, rateOf(x), "", plain(x.SettledOut), x.ToXML, value, x.Site, x.UID, bothFlags(x))
	})
	if err == nil {
		err = d.totalsRow(s, sum, got, 18, 6, 14)
	}
	return d.finish(c, s, err)
}

// totalsRow writes a last row for each currency.
func (d *desk) totalsRow(s *sheet, sum map[string]int64, got map[string]decimal.Decimal, width, at, gotAt int) error {
	if len(sum) == 0 {
		sum[d.Config.Shop.Currency] += 0
	}
	for currency, minor := range sum {
		row := make([]string, width)
		row[0], row[at], row[at+1] = "total", money.FromMinor(minor, currency).String(), currency
		if gotAt > 0 {
			row[gotAt] = got[currency].StringFixed(money.Decimals(currency))
		}
		if err := s.row(row...); err != nil {
			return err
		}
	}
	return nil
}

// finish ends the file, or cuts the connection so that nobody takes half a file for a whole one.
func (d *desk) finish(c echo.Context, s *sheet, err error) error {
	if err == nil {
		return s.end()
	}
	d.Log.ErrorContext(c.Request().Context(), "report broke off", "route", c.Path(), "rows", s.n, "error", err)
	panic(http.ErrAbortHandler)
}

func plain(v decimal.NullDecimal) string {
	if !v.Valid {
		return ""
	}
	return money.Exact(v.Decimal, 0)
}

// rateOf is how many units of the paid currency one received unit cost, fee included.
func rateOf(x *models.Settlement) string {
	if !x.SettledIn.Valid || !x.SettledOut.Valid || x.SettledOut.Decimal.Sign() <= 0 {
		return ""
	}
	return x.SettledIn.Decimal.DivRound(x.SettledOut.Decimal, 12).String()
}

func bothFlags(x *models.Settlement) string {
	list := strings.Fields(x.Flags)
	for _, f := range strings.Fields(x.PaymentFlag) {
		if !strings.Contains(" "+x.Flags+" ", " "+f+" ") {
			list = append(list, f)
		}
	}
	return strings.Join(list, " ")
}

func fileName(name string, p reportDays) string {
	first, last := p.days()
	return name + "-" + first + "-" + last + ".csv"
}

// linesCSV is every line of the orders that were paid.
func (d *desk) linesCSV(c echo.Context) error {
	p, wrong := d.periodOf(c)
	if len(wrong) > 0 {
		return d.reports(c)
	}
	zone := d.Config.Shop.Location()
	s := newSheet(c, fileName("lines", p))
	if err := s.row("number", "status", "paid_at_utc", "paid_at_"+zone.String(), "source", "title", "quantity", "unit_price", "total", "currency"); err != nil {
		return err
	}
	sum := map[string]int64{}
	err := d.Store.EachSoldLine(c.Request().Context(), p.from, p.before, func(x *models.SoldLine) error {
		sum[x.Currency] += x.Total
		return s.row(strconv.FormatInt(x.Number, 10), x.Status, utc(x.PaidAt), x.PaidAt.In(zone).Format("2006-01-02 15:04:05"), x.Source, x.Title, strconv.FormatInt(x.Quantity, 10),
			money.FromMinor(x.UnitPrice, x.Currency).String(), money.FromMinor(x.Total, x.Currency).String(), x.Currency)
	})
	if err == nil {
		err = d.totalsRow(s, sum, nil, 10, 8, 0)
	}
	return d.finish(c, s, err)
}
