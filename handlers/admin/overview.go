package admin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"mostrador/handlers"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/money"
	"mostrador/staff"
	"mostrador/views"
	"mostrador/views/admin"
)

const (
	latest       = 10 // orders of the overview
	reloadsAfter = 30 // seconds, where scripts are off
)

// overview is the first page: what needs a person, then how it goes.
func (d *desk) overview(c echo.Context) error {
	b := d.overviewOf(c)
	for _, step := range []func() error{b.inbox, b.own, b.figures, b.chart, b.shares, b.latest} {
		if err := step(); err != nil {
			return err
		}
	}
	if err := b.seal(); err != nil {
		return err
	}
	again := b.kept(chartDays(c))
	status := http.StatusOK
	if b.v.Mistakes = b.wrong; len(b.wrong) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return d.render(c, status, page{nav: "overview", title: b.v.Head.Title, waiting: b.v.InboxN, live: true, refresh: reloadsAfter, mistakes: len(b.wrong), again: "/admin?" + unattended + "&" + again.Encode()}, admin.Overview(b.v))
}

// live is the part of the first page that changes by itself: what needs a person, and the newest orders. A page that shows it already gets nothing.
func (d *desk) live(c echo.Context) error {
	b := d.overviewOf(c)
	for _, step := range []func() error{b.inbox, b.latest} {
		if err := step(); err != nil {
			return err
		}
	}
	if err := b.seal(); err != nil {
		return err
	}
	if c.QueryParam("v") == b.v.Version {
		return c.NoContent(http.StatusNoContent)
	}
	return handlers.HTML(c, http.StatusOK, admin.OverviewLive(b.v))
}

func (d *desk) overviewOf(c echo.Context) *overviewBuilder {
	ctx := c.Request().Context()
	b := &overviewBuilder{desk: d, c: c, ctx: ctx, p: messages.From(ctx), now: d.Now(), may: can(c, staff.Work)}
	b.v.Head = admin.Head{Title: text(c, "desk.nav.overview")}
	b.v.Currency = d.Config.Shop.Currency
	b.v.Empty = admin.EmptyView{Icon: "circle-check", Title: b.t("empty"), Text: b.t("empty_text")}
	return b
}

// seal draws what changes by itself and gives it a version, by which the page asks for the next one.
func (b *overviewBuilder) seal() error {
	inbox, err := handlers.Draw(b.ctx, admin.OverviewInbox(b.v))
	if err != nil {
		return err
	}
	latest, err := handlers.Draw(b.ctx, admin.List(b.v.Latest))
	if err != nil {
		return err
	}
	sum := sha256.Sum256(slices.Concat(inbox, latest))
	b.v.Version, b.v.DrawnInbox, b.v.DrawnLatest = hex.EncodeToString(sum[:8]), string(inbox), string(latest)
	return nil
}

// overviewBuilder makes the first page.
type overviewBuilder struct {
	*desk
	c   echo.Context
	ctx context.Context
	p   messages.Printer
	now time.Time
	may bool
	v   admin.OverviewView

	from, before time.Time       // days of somebody's own choice; both zero: none
	wrong        []admin.Mistake // with them

	down  map[string]bool  // sites that do not answer
	later []admin.InboxRow // of machines: they come after what is about money
}

func (b *overviewBuilder) t(key string, args ...any) string {
	return b.p.Text("desk.overview."+key, args...)
}

func (b *overviewBuilder) money(amount int64) views.Money {
	return minor(amount, b.Config.Shop.Currency, b.p.Lang())
}

// age says how long ago something was, in the largest unit that fits.
func (b *overviewBuilder) age(since time.Time) admin.Moment {
	took := max(0, b.now.Sub(since))
	key, n := "age_minutes", int(took.Minutes())
	switch {
	case took >= 48*time.Hour:
		key, n = "age_days", int(took.Hours()/24)
	case took >= 2*time.Hour:
		key, n = "age_hours", int(took.Hours())
	}
	return admin.Moment{Text: b.t(key, "n", n), ISO: since.UTC().Format(time.RFC3339)}
}

// span writes how long something took, in the largest unit of which there are two or more.
func (b *overviewBuilder) span(took time.Duration) string {
	switch {
	case took < time.Second:
		return "<\u00a0" + b.t("took_seconds", "n", 1)
	case took < 2*time.Minute:
		return b.t("took_seconds", "n", int(took.Round(time.Second).Seconds()))
	case took < 2*time.Hour:
		return b.t("age_minutes", "n", int(took.Round(time.Minute).Minutes()))
	case took < 48*time.Hour:
		return b.t("age_hours", "n", int(took.Round(time.Hour).Hours()))
	}
	return b.t("age_days", "n", int(took.Hours()/24))
}

// figures compare today, 7 and 30 days with the time before, as long as it is now.
func (b *overviewBuilder) figures() error {
	today := b.midnight(b.now)
	till := b.now.Add(time.Microsecond)
	spans := []figureSpan{
		{"today", today, till, today.AddDate(0, 0, -1), b.now.AddDate(0, 0, -1)}, {"days7", today.AddDate(0, 0, -6), till, today.AddDate(0, 0, -13), b.now.AddDate(0, 0, -7)}, {"days30", today.AddDate(0, 0, -29), till, today.AddDate(0, 0, -59), b.now.AddDate(0, 0, -30)},
	}
	if b.from.Before(b.before) { // days of one's own stand beside them, held against as many before
		own := reportDays{from: b.from, before: b.before}
		spans = append(spans, figureSpan{"", b.from, b.before, own.earlier(), b.from})
	}
	v := admin.FiguresView{Note: b.t("figures_note"), Link: admin.Link{Label: b.p.Text("desk.nav.reports"), Href: "/admin/reports"}}
	v.Rows = []admin.FigureRow{{Label: b.t("sales"), Small: b.Config.Shop.Currency}, {Label: b.t("orders")}, {Label: b.t("received"), Small: b.t("received_of")}, {Label: b.t("refunded"), Small: b.t("refunded_of")}, {Label: b.t("conversion"), Small: b.t("conversion_of")}, {Label: b.t("took"), Small: b.t("took_of")}}
	for _, s := range spans {
		last, label := today, b.p.Text("desk.overview.own")
		if s.key == "" {
			last = s.before.AddDate(0, 0, -1)
		} else {
			label = b.t(s.key)
		}
		v.Heads = append(v.Heads, admin.Link{Label: label, Href: "/admin/reports?" + url.Values{"from": {s.from.Format(time.DateOnly)}, "to": {last.Format(time.DateOnly)}}.Encode()})
		now, err := b.period(s.from, s.before)
		if err != nil {
			return err
		}
		was, err := b.period(s.was, s.wasTill)
		if err != nil {
			return err
		}
		for i, cell := range b.compare(now, was) {
			v.Rows[i].Cells = append(v.Rows[i].Cells, cell)
		}
	}
	v.Days = b.days()
	b.v.Figures = v
	return nil
}

// figureSpan is a time, and the one that it is held against; key "" is one of a person's own choice.
type figureSpan struct {
	key                        string
	from, before, was, wasTill time.Time
}

// own reads the days of the shop's time zone that somebody wants to see, both included.
func (b *overviewBuilder) own() error {
	q := b.c.QueryParams()
	if q.Get("from") == "" && q.Get("to") == "" {
		return nil
	}
	from, before, wrong := daysIn(b.c, q, b.Config.Shop.Location())
	if before.IsZero() {
		before = b.midnight(b.now).AddDate(0, 0, 1)
	}
	if len(wrong) == 0 && (from.IsZero() || !from.Before(before)) {
		wrong = []admin.Mistake{{Field: "from", Text: b.p.Text("desk.reports.order")}}
	}
	b.wrong = wrong
	if len(wrong) == 0 {
		b.from, b.before = from, before
	}
	return nil
}

// kept is an address of this page that keeps the days that were chosen.
func (b *overviewBuilder) kept(chart int) url.Values {
	q := url.Values{"days": {strconv.Itoa(chart)}}
	if b.from.Before(b.before) {
		for _, name := range []string{"from", "to"} {
			if day := b.c.QueryParam(name); day != "" {
				q.Set(name, day)
			}
		}
	}
	return q
}

// days is the form in which they are chosen.
func (b *overviewBuilder) days() admin.FilterView {
	q := b.c.QueryParams()
	v := admin.FilterView{Action: "/admin", Parts: []admin.FilterPart{
		{Field: admin.Field{Name: "from", Type: "date", Label: b.p.Text("desk.filter.from"), Value: q.Get("from")}}, {Field: admin.Field{Name: "to", Type: "date", Label: b.p.Text("desk.filter.to"), Value: q.Get("to")}},
	}}
	if n := chartDays(b.c); n != 30 {
		v.Hidden = []admin.Hidden{{Name: "days", Value: strconv.Itoa(n)}}
	}
	if b.from.Before(b.before) || len(b.wrong) > 0 {
		v.On = true
	}
	return v
}

// period is what a span of time brought.
type period struct {
	sales        models.Sales
	came         models.Received
	placed, paid int64
	took         time.Duration
	timed        bool
}

func (b *overviewBuilder) period(from, before time.Time) (x period, err error) {
	if x.sales, err = b.Store.SalesBetween(b.ctx, b.Config.Shop.Currency, from, before); err != nil {
		return x, err
	}
	came, err := b.Store.ReceivedBetween(b.ctx, from, before)
	if err != nil {
		return x, err
	}
	x.came = ofCurrency(came, b.Config.Shop.Currency)
	if x.placed, x.paid, err = b.Store.Placed(b.ctx, from, before); err != nil {
		return x, err
	}
	x.took, x.timed, err = b.Store.MedianToPaid(b.ctx, from, before)
	return x, err
}

func (b *overviewBuilder) compare(now, was period) [6]admin.FigureCell {
	how := func(better, worse bool) string {
		switch {
		case better:
			return "better"
		case worse:
			return "worse"
		}
		return ""
	}
	before := func(text string) string { return b.t("before", "value", text) }
	share := func(x period) (int64, string) {
		if x.placed == 0 {
			return -1, "—"
		}
		n := (x.paid*100 + x.placed/2) / x.placed
		return n, strconv.FormatInt(n, 10) + "\u00a0%"
	}
	took := func(x period) string {
		if !x.timed {
			return "—"
		}
		return b.span(x.took)
	}
	nowShare, nowText := share(now)
	wasShare, wasText := share(was)
	return [6]admin.FigureCell{
		{Now: b.money(now.sales.Total).Text(), Then: before(b.money(was.sales.Total).Text()), How: how(now.sales.Total > was.sales.Total, now.sales.Total < was.sales.Total)},
		{Now: strconv.FormatInt(now.sales.Orders, 10), Then: before(strconv.FormatInt(was.sales.Orders, 10)), How: how(now.sales.Orders > was.sales.Orders, now.sales.Orders < was.sales.Orders)},
		{Now: b.money(now.came.Received).Text(), Then: before(b.money(was.came.Received).Text()), How: how(now.came.Received > was.came.Received, now.came.Received < was.came.Received)},
		{Now: b.money(now.came.Refunded).Text(), Then: before(b.money(was.came.Refunded).Text()), How: how(now.came.Refunded < was.came.Refunded, now.came.Refunded > was.came.Refunded)},
		{Now: nowText, Then: before(wasText), How: how(min(nowShare, wasShare) >= 0 && nowShare > wasShare, min(nowShare, wasShare) >= 0 && nowShare < wasShare)},
		{Now: took(now), Then: before(took(was)), How: how(now.timed && was.timed && now.took < was.took, now.timed && was.timed && now.took > was.took)},
	}
}

// chartSpans are how many days the chart can show.
var chartSpans = []int{7, 30, 90}

// chartDays is how many days somebody wants to see; 30 unless the address says otherwise.
func chartDays(c echo.Context) int {
	if n, err := strconv.Atoi(c.QueryParam("days")); err == nil && slices.Contains(chartSpans, n) {
		return n
	}
	return 30
}

// chart is the sales of the last days, one bar a day of the shop's time zone.
func (b *overviewBuilder) chart() error {
	v := admin.ChartView{Title: b.t("chart"), Desc: b.t("chart_desc"), TableLabel: b.t("chart_table"), Heads: [3]string{b.t("day"), b.t("orders"), b.t("sales")}}
	span := chartDays(b.c)
	for _, n := range chartSpans {
		v.Spans = append(v.Spans, admin.SavedFilter{Label: b.p.Count("desk.days", n), Href: "/admin?" + b.kept(n).Encode() + "#h-days", Current: n == span})
	}
	today, sum, top := b.midnight(b.now), int64(0), int64(0)
	var days []time.Time
	for i := range span + 1 {
		days = append(days, today.AddDate(0, 0, i+1-span))
	}
	sales, err := b.Store.SalesOfDays(b.ctx, b.Config.Shop.Currency, days)
	if err != nil {
		return err
	}
	for i, s := range sales {
		from := days[i]
		sum, top = sum+s.Total, max(top, s.Total)
		v.Days = append(v.Days, admin.ChartDay{Label: handlers.Day(b.p, from), Short: shortDay(b.p, from), Orders: b.p.Count("desk.overview.orders_n", int(s.Orders)), Text: b.money(s.Total).Text(), Total: s.Total, Today: i == span-1})
	}
	step := int64(1)
	for top > 4*step {
		switch {
		case top <= 8*step:
			step *= 2
		case top <= 20*step:
			step *= 5
		default:
			step *= 10
		}
	}
	v.Avg, v.Max = (2*sum+int64(span))/int64(2*span), max(step, (top+step-1)/step*step)
	if sum > 0 {
		v.Note = b.t("chart_note", "average", b.money(v.Avg).Text())
		for at := int64(0); at <= v.Max; at += step {
			v.Ticks = append(v.Ticks, admin.ChartTick{Total: at, Label: whole(b.money(at).Text(), int(money.Decimals(b.Config.Shop.Currency)))})
		}
	}
	b.v.Chart = v
	return nil
}

// whole leaves the zeros behind the sign away, for a scale: $1,000 and 1.000 €.
func whole(text string, decimals int) string {
	zeros := strings.Repeat("0", decimals)
	for _, sign := range []string{".", ","} {
		i := strings.LastIndex(text, sign+zeros)
		if end := i + 1 + decimals; i >= 0 && decimals > 0 && (end == len(text) || text[end] < '0' || text[end] > '9') {
			return text[:i] + text[end:]
		}
	}
	return text
}

// shortDay is a day as it fits below a bar: 12 Nov.
func shortDay(p messages.Printer, t time.Time) string {
	month := strconv.Itoa(int(t.Month()))
	if names := strings.Fields(p.Text("explain.months")); len(names) == 12 {
		month = names[t.Month()-1]
	}
	return strconv.Itoa(t.Day()) + "\u00a0" + month
}

// shares are the currencies that the sales of 30 days were paid with.
func (b *overviewBuilder) shares() error {
	list, err := b.Store.SalesByCurrency(b.ctx, b.Config.Shop.Currency, b.midnight(b.now).AddDate(0, 0, -29), b.now.Add(time.Microsecond))
	if err != nil {
		return err
	}
	var orders, total, x int64
	for _, s := range list {
		orders, total = orders+s.Orders, total+s.Total
	}
	if total == 0 {
		return nil
	}
	const named = 4
	if len(list) > named+1 { // the small ones together
		other := models.CurrencySales{Currency: b.t("other")}
		for _, s := range list[named:] {
			other.Orders, other.Total = other.Orders+s.Orders, other.Total+s.Total
		}
		list = append(list[:named:named], other)
	}
	for i, s := range list {
		part := s.Total * 1000 / total
		name := s.Currency
		if name == "" {
			name = b.t("no_currency")
		}
		b.v.Shares = append(b.v.Shares, admin.ShareRow{Name: name, Code: s.Currency, Orders: b.p.Count("desk.overview.orders_n", int(s.Orders)), Percent: percent(part), Total: b.money(s.Total), Thousandths: part,
			X: strconv.FormatInt(x, 10), W: strconv.FormatInt(part, 10), Class: fmt.Sprintf("s%d", i+1)})
		x += part
	}
	b.v.Sum = admin.ShareRow{Name: b.t("sum"), Orders: b.p.Count("desk.overview.orders_n", int(orders)), Total: b.money(total), Percent: "100\u00a0%"}
	return nil
}

func percent(thousandths int64) string {
	return strconv.FormatInt((thousandths+5)/10, 10) + "\u00a0%"
}

func (b *overviewBuilder) latest() error {
	list, err := b.Store.DeskOrders(b.ctx, models.DeskQuery{Limit: latest})
	if err != nil {
		return err
	}
	b.v.Latest = b.orderList(b.c, list, nil, nil, usualColumns)
	b.v.Latest.Class = "orders latest"
	when := len(b.v.Latest.Columns) - 1
	b.v.Latest.Columns[when].Class = "w-time"
	today := b.midnight(b.now)
	for i := range list {
		at := list[i].CreatedAt.In(b.Config.Shop.Location())
		short := shortDay(b.p, at)
		if !at.Before(today) {
			short = handlers.Clock(at)
		}
		b.v.Latest.Rows[i].Cells[when].Body = admin.When(admin.Moment{Text: short, ISO: at.Format(time.RFC3339)})
	}
	return nil
}
