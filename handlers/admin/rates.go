package admin

import (
	"math"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"mostrador/config"
	"mostrador/handlers"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/money"
	"mostrador/views/admin"
)

const (
	ratesRead   = 7*24*4 + 1    // of the history: a week, one each quarter of an hour
	ratesListed = 48            // of those, one by one
	ratesGap    = 3 * time.Hour // without a look the line is broken: what was between is not known
)

// ratesOf is how the rate of a route moved in the last week, in units of what comes for one unit of what the customer pays. seen has the newest first.
func (d *desk) ratesOf(c echo.Context, r *models.Route, seen []models.SeenRate) admin.RatesView {
	p, loc := messages.From(c.Request().Context()), d.Config.Shop.Location()
	say := func(rate string) string { return money.Number(rate, p.Lang()) }
	now := d.Now()
	v := admin.RatesView{Title: text(c, "desk.routes.history"), TableLabel: text(c, "desk.routes.by_day"), LatestLabel: text(c, "desk.routes.latest"), From: now.Add(-models.RateHistory), To: now, Gap: ratesGap}
	v.Latest = admin.ListView{
		Label: v.LatestLabel, Columns: []admin.Column{{Label: text(c, "desk.notifications.when")}, {Label: text(c, "desk.routes.rate"), Num: true}, {Label: text(c, "desk.routes.reserve"), Num: true}},
		Empty: &admin.EmptyView{Icon: "route", Title: text(c, "desk.routes.no_history"), Text: text(c, "desk.routes.history_text")},
	}
	v.Table = admin.ListView{Label: v.TableLabel, Columns: []admin.Column{{Label: text(c, "desk.overview.day")}, {Label: text(c, "desk.routes.lowest"), Num: true}, {Label: text(c, "desk.routes.highest"), Num: true}, {Label: text(c, "desk.routes.last"), Num: true}}}
	type span struct {
		day             string
		low, high, last decimal.Decimal
	}
	var days []span // the newest first, as seen
	for i := len(seen) - 1; i >= 0; i-- {
		s := &seen[i]
		exact, ok := drawable(s.RateIn, s.RateOut)
		if !ok || s.At.Before(v.From) {
			continue
		}
		v.Points = append(v.Points, admin.RatePoint{At: s.At, Value: exact.InexactFloat64()})
		day := handlers.Day(p, s.At.In(loc))
		if n := len(days); n == 0 || days[n-1].day != day {
			days = append(days, span{day, exact, exact, exact})
		}
		x := &days[len(days)-1]
		x.low, x.high, x.last = decimal.Min(x.low, exact), decimal.Max(x.high, exact), exact
	}
	for i := len(days) - 1; i >= 0; i-- {
		x := days[i]
		v.Table.Rows = append(v.Table.Rows, admin.Row{Cells: []admin.Cell{{Text: x.day, Title: true}, {Text: say(money.Exact(x.low, 0))}, {Text: say(money.Exact(x.high, 0))}, {Text: say(money.Exact(x.last, 0))}}})
	}
	for _, s := range seen[:min(len(seen), ratesListed)] {
		v.Latest.Rows = append(v.Latest.Rows, admin.Row{Cells: []admin.Cell{
			{Body: when(d.moment(s.At)), Title: true},
			{Text: say(money.Exact(s.RateIn, 0)) + "\u00a0" + r.FromSymbol + " = " + say(money.Exact(s.RateOut, 0)) + "\u00a0" + r.ToSymbol, Class: "whitespace-normal"},
			{Text: say(money.Exact(s.Reserve, 0)) + "\u00a0" + r.ToSymbol},
		}})
	}
	if len(v.Points) == 0 {
		return v
	}
	low, high, last := v.Points[0].Value, v.Points[0].Value, days[len(days)-1].last
	for _, x := range v.Points {
		low, high = min(low, x.Value), max(high, x.Value)
	}
	v.Ticks, v.Low, v.High = scaleOf(low, high, p.Lang())
	local := v.From.In(loc)
	for t := time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, loc); t.Before(now); t = t.AddDate(0, 0, 1) {
		v.Days = append(v.Days, admin.RateDay{At: t, Label: shortDay(p, t)})
	}
	exact := func(f float64) string { return say(money.Exact(decimal.NewFromFloat(f), 0)) }
	v.Desc = text(c, "desk.routes.history_desc", "from", r.FromSymbol, "to", r.ToSymbol, "low", exact(low), "high", exact(high), "last", say(money.Exact(last, 0)))
	return v
}

// drawable gives a rate in units of what comes for one unit of what is paid; ok is false for one that no currency has: the list tells of it, a picture cannot.
func drawable(in, out decimal.Decimal) (rate decimal.Decimal, ok bool) {
	rate, err := decimal.NewFromString(exchangeRate(decimal.NewNullDecimal(in), decimal.NewNullDecimal(out)))
	return rate, err == nil && config.PayoutRate(rate)
}

// flat is how little a rate may move, as a part of it, to count as one that did not: floats and eyes tell less than that apart poorly.
const flat = 1e-9

// scaleOf are the lines of a picture from low to high, both above 0: two to seven round numbers, of which the outermost are its ends.
func scaleOf(low, high float64, lang string) (ticks []admin.RateTick, from, to float64) {
	if high-low <= high*flat {
		low, high = low*0.99, high*1.01
	}
	step := math.Pow(10, math.Floor(math.Log10(high-low)))
	for _, more := range []float64{2, 2.5, 2} { // 1, 2, 5, 10
		if (high-low)/step <= 4 {
			break
		}
		step *= more
	}
	first, last := math.Floor(low/step), math.Ceil(high/step)
	digits := int(max(0, -math.Floor(math.Log10(step)+1e-9)))
	for i := range int(last-first) + 1 { // counted: to add 1 to a large float may leave it as it is
		at := (first + float64(i)) * step
		ticks = append(ticks, admin.RateTick{Value: at, Label: money.Number(strconv.FormatFloat(at, 'f', digits, 64), lang)})
	}
	return ticks, first * step, last * step
}
