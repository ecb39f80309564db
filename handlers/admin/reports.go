package admin

import (
	"bufio"
	"context"
	"encoding/csv"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"mostrador/models"
	"mostrador/money"
	"mostrador/views/admin"
)

// reportDays is the time of a report: days of the shop's time zone, both inclusive, so that its sums are those of the overview.
type reportDays struct {
	from, before time.Time
	month        string // 2026-11, when it is a whole month
}

// days are the period's first and last day.
func (p reportDays) days() (first, last string) {
	return p.from.Format(time.DateOnly), p.before.AddDate(0, 0, -1).Format(time.DateOnly)
}

// earlier is when the period before began, as many days long as this one; a whole month is held against the month before.
func (p reportDays) earlier() time.Time {
	if p.month != "" {
		return p.from.AddDate(0, -1, 0)
	}
	days := 0
	for at := p.from; at.Before(p.before) && days < 36600; days++ {
		at = at.AddDate(0, 0, 1)
	}
	return p.from.AddDate(0, 0, -days)
}

// midnight is when the day of t began in the shop's time zone.
func (d *desk) midnight(t time.Time) time.Time {
	local := t.In(d.Config.Shop.Location())
	return time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, local.Location())
}

// periodOf reads month, or from and to; without any it is the month of now. A month wins: the form never holds one that was not chosen just now.
func (d *desk) periodOf(c echo.Context) (reportDays, []admin.Mistake) {
	q, zone := c.QueryParams(), d.Config.Shop.Location()
	if q.Get("month") == "" && (q.Get("from") != "" || q.Get("to") != "") {
		from, before, wrong := daysIn(c, q, zone)
		if before.IsZero() {
			before = d.midnight(d.Now()).AddDate(0, 0, 1)
		}
		if !from.Before(before) && len(wrong) == 0 {
			wrong = append(wrong, admin.Mistake{Field: "to", Text: text(c, "desk.reports.order")})
		}
		return reportDays{from: from, before: before}, wrong
	}
	now := d.midnight(d.Now())
	first := now.AddDate(0, 0, 1-now.Day())
	var wrong []admin.Mistake
	if m := q.Get("month"); m != "" {
		t, err := time.ParseInLocation("2006-01", m, zone)
		if err != nil {
			wrong = append(wrong, admin.Mistake{Field: "month", Text: text(c, "desk.reports.month_wrong", "month", m)})
		} else {
			first = t
		}
	}
	return reportDays{from: first, before: first.AddDate(0, 1, 0), month: first.Format("2006-01")}, wrong
}

// spans are the times that are asked for most, the overview's among them.
func (d *desk) spans(c echo.Context, p reportDays) admin.FiltersView {
	today := d.midnight(d.Now())
	v := admin.FiltersView{Label: text(c, "desk.reports.spans")}
	add := func(key string, from time.Time) {
		first, last := from.Format(time.DateOnly), today.Format(time.DateOnly)
		pf, pl := p.days()
		v.List = append(v.List, admin.SavedFilter{Label: text(c, key), Href: "/admin/reports?" + url.Values{"from": {first}, "to": {last}}.Encode(), Current: pf == first && pl == last})
	}
	month := func(key string, first time.Time) {
		m := first.Format("2006-01")
		v.List = append(v.List, admin.SavedFilter{Label: text(c, key), Href: "/admin/reports?month=" + m, Current: p.month == m})
	}
	month("desk.reports.this_month", today)
	month("desk.reports.last_month", today.AddDate(0, 0, 1-today.Day()).AddDate(0, -1, 0))
	add("desk.overview.today", today)
	add("desk.overview.days7", today.AddDate(0, 0, -6))
	add("desk.overview.days30", today.AddDate(0, 0, -29))
	return v
}

// reports shows the totals of a time, and where its lists are.
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
	came, err := d.Store.ReceivedBetween(ctx, p.from, p.before)
	if err != nil {
		return err
	}
	unpaid, err := d.Store.ArrivedUnpaid(ctx, p.from, p.before)
	if err != nil {
		return err
	}
	was, err := d.soldBefore(ctx, p)
	if err != nil {
		return err
	}
	first, last := p.days()
	if p.from.IsZero() {
		first = ""
	}
	zone := d.Config.Shop.Location().String()
	v := admin.StackView{Head: admin.Head{Title: text(c, "desk.nav.reports"), Lead: text(c, "desk.reports.lead", "zone", zone)}, Mistakes: wrong}
	month, fromDay, toDay := "", c.QueryParam("from"), c.QueryParam("to")
	if len(wrong) > 0 {
		month = c.QueryParam("month")
	}
	v.Filter = &admin.FilterView{Action: "/admin/reports", Parts: []admin.FilterPart{
		{Field: admin.Field{Name: "month", Type: "month", Label: text(c, "desk.reports.month"), Value: month, Placeholder: "2026-11"}, Class: "w-40!"},
		{Field: admin.Field{Name: "from", Type: "date", Label: text(c, "desk.reports.or_from"), Value: fromDay}},
		{Field: admin.Field{Name: "to", Type: "date", Label: text(c, "desk.filter.to"), Value: toDay}},
	}}
	var facts []admin.Fact
	if len(totals) == 0 {
		totals = []models.SoldTotal{{Currency: d.Config.Shop.Currency}}
	}
	for _, t := range totals {
		facts = append(facts, d.totalFacts(c, t, came, was)...)
	}
	for _, x := range unpaid { // in none of the figures above
		facts = append(facts, admin.Fact{Label: text(c, "desk.reports.unpaid"), Text: text(c, "desk.reports.unpaid_of", "amount", money.FromMinor(x.Received, x.Currency).Text(langHere(c)))})
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
	file := "?" + url.Values{"from": {first}, "to": {last}}.Encode()
	v.Parts = []admin.PartView{
		{Body: admin.Filters(d.spans(c, p))},
		{ID: "h-totals", Title: text(c, "desk.reports.totals", "from", first, "to", last), Facts: facts},
		{ID: "h-files", Title: text(c, "desk.reports.files"), Text: filesText(c, zone), Body: admin.Downloads([]admin.Link{
			{Label: "settlements.csv", Href: "/admin/reports/settlements.csv" + file}, {Label: "lines.csv", Href: "/admin/reports/lines.csv" + file},
		})},
		{ID: "h-coins", Title: text(c, "desk.reports.by_coin"), List: &l},
	}
	return d.stack(c, status, "reports", v)
}

// soldBefore are the totals of the days before a period, as many as it has; nil when it has no beginning.
func (d *desk) soldBefore(ctx context.Context, p reportDays) ([]models.SoldTotal, error) {
	if p.from.IsZero() {
		return nil, nil
	}
	was, err := d.Store.SoldTotals(ctx, p.earlier(), p.from)
	if was == nil {
		was = []models.SoldTotal{} // nothing was sold, which is said too
	}
	return was, err
}

// totalFacts are the figures of one currency, sales and orders beside those of the period before.
func (d *desk) totalFacts(c echo.Context, t models.SoldTotal, came []models.Received, was []models.SoldTotal) []admin.Fact {
	write := func(n int64) string { return money.FromMinor(n, t.Currency).Text(langHere(c)) }
	sales, orders := write(t.Total), strconv.FormatInt(t.Orders, 10)
	if was != nil {
		var before models.SoldTotal
		for _, x := range was {
			if x.Currency == t.Currency {
				before = x
			}
		}
		sales += " · " + text(c, "desk.overview.before", "value", write(before.Total))
		orders += " · " + text(c, "desk.overview.before", "value", strconv.FormatInt(before.Orders, 10))
	}
	x := ofCurrency(came, t.Currency)
	return []admin.Fact{{Label: text(c, "desk.reports.sales"), Text: sales}, {Label: text(c, "desk.reports.orders"), Text: orders},
		{Label: text(c, "desk.reports.received"), Text: write(x.Received)}, {Label: text(c, "desk.reports.refunded"), Text: write(x.Refunded)}}
}

func ofCurrency(list []models.Received, currency string) models.Received {
	for _, x := range list {
		if x.Currency == currency {
			return x
		}
	}
	return models.Received{Currency: currency}
}

// filesText says what the files are. A shop whose zone is UTC has one kind of times.
func filesText(c echo.Context, zone string) string {
	times := text(c, "desk.reports.times", "zone", zone)
	if zone == "UTC" {
		times = text(c, "desk.reports.times_utc")
	}
	return text(c, "desk.reports.files_text") + " " + times
}

// sheet writes a CSV file as it comes, cells safe against formulas. The answer begins with the first row: what fails before is answered like any page,
// later a failure can only cut it short.
type sheet struct {
	c    echo.Context
	name string
	head []string
	w    *csv.Writer // nil: not begun
	out  *bufio.Writer
	n    int // rows
}

func newSheet(c echo.Context, name string, head []string) *sheet {
	return &sheet{c: c, name: name, head: head}
}

func (s *sheet) begin() error {
	if s.w != nil {
		return nil
	}
	h := s.c.Response().Header()
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+s.name+`"`)
	s.c.Response().WriteHeader(http.StatusOK)
	s.out = fileWriter(s.c)
	s.w = csv.NewWriter(s.out)
	return s.w.Write(s.head)
}

// fileWriter gathers what is written and gives each part of it time of its own: a long file may take longer than an answer otherwise may.
func fileWriter(c echo.Context) *bufio.Writer {
	return bufio.NewWriterSize(&patient{c.Response(), http.NewResponseController(c.Response())}, 64<<10)
}

type patient struct {
	io.Writer
	rc *http.ResponseController
}

func (p *patient) Write(b []byte) (int, error) {
	_ = p.rc.SetWriteDeadline(time.Now().Add(time.Minute)) // a writer without deadlines has none to lift
	return p.Writer.Write(b)
}

func (s *sheet) row(cells ...string) error {
	if err := s.begin(); err != nil {
		return err
	}
	for i, v := range cells {
		cells[i] = safeCell(v)
	}
	s.n++
	return s.w.Write(cells)
}

func (s *sheet) end() error {
	if err := s.begin(); err != nil { // a file without a row
		return err
	}
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

// settlementColumns and lineColumns are the columns of the two files. Their names are for programs and stay in every language.
var settlementColumns = []string{"number", "status", "paid_at_utc", "paid_at_shop", "settled_at_utc", "settled_at_shop", "price", "order_received", "order_refunded", "currency", "paid", "paid_currency", "rate", "fee", "received", "received_currency", "received_in_shop_currency", "site", "uid", "flags"}

var lineColumns = []string{"number", "status", "paid_at_utc", "paid_at_shop", "source", "title", "quantity", "unit_price", "total", "currency", "order_received", "order_refunded"}

// settlementsCSV is every settled payment with its order. The price stands once for each order, so that the column adds up to what was sold: to the
// total of the page and of the overview. There is no line of totals, which would be counted twice.
func (d *desk) settlementsCSV(c echo.Context) error {
	p, wrong := d.periodOf(c)
	if len(wrong) > 0 {
		return d.reports(c)
	}
	zone := d.Config.Shop.Location()
	s := newSheet(c, fileName("settlements", p), settlementColumns)
	var last int64
	err := d.Store.EachSettlement(c.Request().Context(), p.from, p.before, func(x *models.Settlement) error {
		price, received, refunded := "", "", ""
		if x.Sold && x.OrderID != last {
			price, received, refunded = money.FromMinor(x.Total, x.Currency).String(), money.FromMinor(x.Received, x.Currency).String(), money.FromMinor(x.Refunded, x.Currency).String()
		}
		last = x.OrderID
		var at [4]string
		for i, t := range []*time.Time{x.PaidAt, x.SettledAt} {
			if t != nil {
				at[2*i], at[2*i+1] = utc(*t), t.In(zone).Format("2006-01-02 15:04:05")
			}
		}
		value := ""
		if x.SettledOut.Valid && x.PayoutRate.Valid && x.PayoutRate.Decimal.Sign() > 0 {
			value = x.SettledOut.Decimal.DivRound(x.PayoutRate.Decimal, money.Decimals(x.Currency)).StringFixed(money.Decimals(x.Currency))
		}
		return s.row(strconv.FormatInt(x.Number, 10), x.Status, at[0], at[1], at[2], at[3], price, received, refunded, x.Currency, plain(x.SettledIn), x.FromXML, shopRate(x.SettledIn, x.SettledOut, x.PayoutRate), plain(x.RouteFee), plain(x.SettledOut), x.ToXML, value, x.Site, x.UID, bothFlags(x))
	})
	return d.finish(c, s, err)
}

// finish ends the file, or cuts the connection so that nobody takes half a file for a whole one.
func (d *desk) finish(c echo.Context, s *sheet, err error) error {
	switch {
	case err == nil:
		return s.end()
	case s.w == nil:
		return err
	}
	d.Log.ErrorContext(c.Request().Context(), "file broke off", "route", c.Path(), "rows", s.n, "error", err)
	panic(http.ErrAbortHandler)
}

func plain(v decimal.NullDecimal) string {
	if !v.Valid {
		return ""
	}
	return money.Exact(v.Decimal, 0)
}

// shopRate is what one unit that was paid brought, in units of the shop currency, all fees included, to ten digits; "" when that cannot be said. It is
// the rate of every file, so that two of them never disagree about its direction.
func shopRate(in, out, payoutRate decimal.NullDecimal) string {
	if !payoutRate.Valid || payoutRate.Decimal.Sign() <= 0 {
		return ""
	}
	in.Decimal = in.Decimal.Mul(payoutRate.Decimal)
	return exchangeRate(in, out)
}

func bothFlags(x *models.Settlement) string {
	list := strings.Fields(x.Flags)
	for _, f := range strings.Fields(x.PaymentFlag) {
		if slices.Contains(orderFlags, f) && !slices.Contains(list, f) {
			list = append(list, f)
		}
	}
	if x.Unreadable {
		list = append(list, unreadableFlag)
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
	s := newSheet(c, fileName("lines", p), lineColumns)
	last := int64(0)
	err := d.Store.EachSoldLine(c.Request().Context(), d.merchantLang(), p.from, p.before, func(x *models.SoldLine) error {
		received, refunded := "", "" // once for each order, so that the columns add up
		if x.Number != last {
			last = x.Number
			received, refunded = money.FromMinor(x.Received, x.Currency).String(), money.FromMinor(x.Refunded, x.Currency).String()
		}
		return s.row(strconv.FormatInt(x.Number, 10), x.Status, utc(x.PaidAt), x.PaidAt.In(zone).Format("2006-01-02 15:04:05"), x.Source, x.Title, strconv.FormatInt(x.Quantity, 10),
			money.FromMinor(x.UnitPrice, x.Currency).String(), money.FromMinor(x.Total, x.Currency).String(), x.Currency, received, refunded)
	})
	return d.finish(c, s, err)
}
