package admin

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/handlers"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/staff"
	"mostrador/views"
	"mostrador/views/admin"
)

const (
	inboxEach = 10 // rows of one kind in the inbox
	latest    = 10
)

// overview is the first page: what needs a person, then how it goes.
func (d *desk) overview(c echo.Context) error {
	b := &overviewBuilder{desk: d, c: c, ctx: c.Request().Context(), p: messages.From(c.Request().Context()), now: d.Now(), may: can(c, staff.Work)}
	b.v.Head = admin.Head{Title: text(c, "desk.nav.overview")}
	b.v.Currency = d.Config.Shop.Currency
	for _, step := range []func() error{b.waitingOrders, b.waitingPayments, b.machines, b.inbox, b.figures, b.chart, b.shares, b.latest} {
		if err := step(); err != nil {
			return err
		}
	}
	return d.render(c, http.StatusOK, page{nav: "overview", title: b.v.Head.Title}, admin.Overview(b.v))
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

func (b *overviewBuilder) add(r admin.InboxRow) { b.v.Inbox = append(b.v.Inbox, r) }

func (b *overviewBuilder) orderRow(w *models.Waiting, chip admin.ChipView, say, why string) admin.InboxRow {
	r := admin.InboxRow{Chip: chip, What: admin.Link{Label: b.p.Text("desk.orders.one", "number", w.Number), Href: orderPath(w.Number)}, Say: say, Why: why, Age: b.age(w.Since)}
	r.Links = []admin.Link{{Label: b.t("look"), Href: orderPath(w.Number)}}
	if b.may && w.PayStatus != "" {
		r.Posts = []admin.Button{{Action: orderPath(w.Number) + "/check", Label: b.p.Text("desk.order.check"), Aria: r.What.Label}}
	}
	return r
}

// waitingOrders are those that only a person can decide.
func (b *overviewBuilder) waitingOrders() error {
	for _, status := range []string{checkout.Review, checkout.Underpaid} {
		list, n, err := b.Store.WaitingOrders(b.ctx, status, inboxEach)
		if err != nil {
			return err
		}
		b.v.InboxN += int(n)
		for i := range list {
			w := &list[i]
			say, why := b.t("say_review"), ""
			if status == checkout.Underpaid {
				say = b.t("say_underpaid", "missing", b.money(w.Total-w.Received).Text())
				why = b.t("why_underpaid", "received", b.money(w.Received).Text(), "total", b.money(w.Total).Text())
			} else if key := "desk.overview.review." + w.ReviewReason; messages.Has(key) {
				why = b.p.Text(key)
			}
			r := b.orderRow(w, statusChip(b.c, status), say, why)
			if b.may && status == checkout.Underpaid {
				r.Posts = []admin.Button{{Action: orderPath(w.Number) + "/rest", Label: b.p.Text("desk.order.rest"), Aria: r.What.Label}}
			}
			b.add(r)
		}
		if rest := int(n) - len(list); rest > 0 {
			b.add(admin.InboxRow{Chip: statusChip(b.c, status), What: admin.Link{Label: b.p.Count("desk.overview.further", rest), Href: "/admin/orders?status=" + status}, Age: b.age(b.now)})
		}
	}
	return nil
}

// waitingPayments are those that hang at an exchanger, and money that came late or twice.
func (b *overviewBuilder) waitingPayments() error {
	for _, status := range []string{"errorPayout", "hold"} {
		list, err := b.Store.WaitingPayments(b.ctx, status, inboxEach)
		if err != nil {
			return err
		}
		b.v.InboxN += len(list)
		for i := range list {
			tone := admin.Attention
			if status == "errorPayout" {
				tone = admin.Trouble
			}
			b.add(b.orderRow(&list[i], admin.ChipView{Tone: tone, Word: status}, b.t("say_"+strings.ToLower(status), "site", list[i].SiteName), b.t("why_"+strings.ToLower(status))))
		}
	}
	list, err := b.Store.FlaggedOrders(b.ctx, b.now.AddDate(0, 0, -30), inboxEach)
	if err != nil {
		return err
	}
	b.v.InboxN += len(list)
	for i := range list {
		flag := checkout.FlagLate
		if strings.Contains(list[i].Flags, checkout.FlagDouble) {
			flag = checkout.FlagDouble
		}
		b.add(b.orderRow(&list[i], admin.ChipView{Tone: admin.Attention, Icon: "flag", Word: b.p.Text("desk.flag." + flag)}, b.t("say_"+flag), b.t("why_"+flag)))
	}
	return nil
}

// machines are exchangers, webhooks, mail, and notifications that nobody believes.
func (b *overviewBuilder) machines() error {
	n, number, last, err := b.Store.RefusedSince(b.ctx, b.now.Add(-24*time.Hour))
	if err != nil {
		return err
	}
	if n > 0 {
		why := ""
		if number > 0 {
			why = b.t("why_refused", "number", number)
		}
		b.alarm(admin.Trouble, "shield-x", "refused", b.p.Count("desk.overview.refused_n", int(n)), "/admin/notifications?outcome=refused", b.t("say_refused"), why, last)
	}
	endpoints, waiting, err := b.Store.FailingEndpoints(b.ctx, b.now)
	if err != nil {
		return err
	}
	for i := range endpoints {
		e := &endpoints[i]
		since := e.UpdatedAt
		if e.FailingSince != nil {
			since = *e.FailingSince
		}
		b.alarm(admin.Trouble, "webhook", "webhook", e.URL, "/admin/webhooks/"+e.PublicID, b.t("say_webhook"), b.p.Count("desk.overview.waiting_n", int(waiting[e.ID])), since)
	}
	sites, err := b.Store.Sites(b.ctx)
	if err != nil {
		return err
	}
	for i := range sites {
		s := &sites[i]
		if !s.Active {
			continue
		}
		down := s.Circuit != "" && s.Circuit != "closed"
		lamp := admin.Lamp{Good: !down, Text: b.t("lamp_site", "site", s.Name), Href: "/admin/health"}
		if down {
			lamp.Text = b.t("lamp_site_down", "site", s.Name)
			since := s.UpdatedAt
			if s.FailingSince != nil {
				since = *s.FailingSince
			}
			b.alarm(admin.Trouble, "cloud-off", "site", s.Name, "/admin/health", b.t("say_site"), b.t("why_site"), since)
		}
		b.v.Lamps = append(b.v.Lamps, lamp)
	}
	mail := b.Config.Mail.URL != ""
	b.v.Lamps = append(b.v.Lamps, admin.Lamp{Good: mail, Text: b.t(map[bool]string{true: "lamp_mail", false: "lamp_mail_off"}[mail]), Href: "/admin/settings"})
	if !mail {
		b.alarm(admin.Attention, "mail", "mail", b.t("mail_off"), "/admin/settings", b.t("say_mail"), b.t("why_mail"), b.now)
	}
	return nil
}

func (b *overviewBuilder) alarm(tone admin.Tone, icon, kind, what, href, say, why string, since time.Time) {
	b.v.InboxN++
	b.add(admin.InboxRow{Chip: admin.ChipView{Tone: tone, Icon: icon, Word: b.t("kind_" + kind)}, What: admin.Link{Label: what, Href: href}, Say: say, Why: why, Age: b.age(since), Links: []admin.Link{{Label: b.t("look"), Href: href}}})
}

func (b *overviewBuilder) inbox() error {
	b.v.Empty = admin.EmptyView{Icon: "circle-check", Title: b.t("empty"), Text: b.t("empty_text")}
	return nil
}

// midnight is when the day of t began in the shop's time zone.
func (b *overviewBuilder) midnight(t time.Time) time.Time {
	local := t.In(b.Config.Shop.Location())
	return time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, local.Location())
}

// figures compare today, 7 and 30 days with the time before, as long as it is now.
func (b *overviewBuilder) figures() error {
	today := b.midnight(b.now)
	spans := []struct {
		key                string
		from, was, wasTill time.Time
	}{
		{"today", today, today.AddDate(0, 0, -1), b.now.AddDate(0, 0, -1)}, {"days7", today.AddDate(0, 0, -6), today.AddDate(0, 0, -13), b.now.AddDate(0, 0, -7)}, {"days30", today.AddDate(0, 0, -29), today.AddDate(0, 0, -59), b.now.AddDate(0, 0, -30)},
	}
	v := admin.FiguresView{Note: b.t("figures_note"), Link: admin.Link{Label: b.p.Text("desk.nav.reports"), Href: "/admin/reports"}}
	v.Rows = []admin.FigureRow{{Label: b.t("sales"), Small: b.Config.Shop.Currency}, {Label: b.t("orders")}, {Label: b.t("conversion"), Small: b.t("conversion_of")}, {Label: b.t("took"), Small: b.t("took_of")}}
	for _, s := range spans {
		v.Heads = append(v.Heads, b.t(s.key))
		now, err := b.period(s.from, b.now.Add(time.Microsecond))
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
	b.v.Figures = v
	return nil
}

// period is what a span of time brought.
type period struct {
	sales        models.Sales
	placed, paid int64
	took         time.Duration
	timed        bool
}

func (b *overviewBuilder) period(from, before time.Time) (x period, err error) {
	if x.sales, err = b.Store.SalesBetween(b.ctx, b.Config.Shop.Currency, from, before); err != nil {
		return x, err
	}
	if x.placed, x.paid, err = b.Store.Placed(b.ctx, from, before); err != nil {
		return x, err
	}
	x.took, x.timed, err = b.Store.MedianToPaid(b.ctx, from, before)
	return x, err
}

func (b *overviewBuilder) compare(now, was period) [4]admin.FigureCell {
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
		text, _ := handlers.Left(x.took)
		return text
	}
	nowShare, nowText := share(now)
	wasShare, wasText := share(was)
	return [4]admin.FigureCell{
		{Now: b.money(now.sales.Total).Text(), Then: before(b.money(was.sales.Total).Text()), How: how(now.sales.Total > was.sales.Total, now.sales.Total < was.sales.Total)},
		{Now: strconv.FormatInt(now.sales.Orders, 10), Then: before(strconv.FormatInt(was.sales.Orders, 10)), How: how(now.sales.Orders > was.sales.Orders, now.sales.Orders < was.sales.Orders)},
		{Now: nowText, Then: before(wasText), How: how(min(nowShare, wasShare) >= 0 && nowShare > wasShare, min(nowShare, wasShare) >= 0 && nowShare < wasShare)},
		{Now: took(now), Then: before(took(was)), How: how(now.timed && was.timed && now.took < was.took, now.timed && was.timed && now.took > was.took)},
	}
}

// chart is the sales of the last 30 days, one bar a day of the shop's time zone.
func (b *overviewBuilder) chart() error {
	v := admin.ChartView{Title: b.t("chart"), Desc: b.t("chart_desc"), TableLabel: b.t("chart_table"), Heads: [3]string{b.t("day"), b.t("orders"), b.t("sales")}}
	today, sum, top := b.midnight(b.now), int64(0), int64(0)
	for i := 29; i >= 0; i-- {
		from := today.AddDate(0, 0, -i)
		s, err := b.Store.SalesBetween(b.ctx, b.Config.Shop.Currency, from, today.AddDate(0, 0, 1-i))
		if err != nil {
			return err
		}
		sum, top = sum+s.Total, max(top, s.Total)
		v.Days = append(v.Days, admin.ChartDay{Label: handlers.Day(b.p, from), Short: b.shortDay(from), Orders: b.p.Count("desk.overview.orders_n", int(s.Orders)), Text: b.money(s.Total).Text(), Total: s.Total, Today: i == 0})
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
	v.Avg, v.Max = sum/30, max(step, (top+step-1)/step*step)
	if sum > 0 {
		v.Note = b.t("chart_note", "average", b.money(v.Avg).Text())
		for at := int64(0); at <= v.Max; at += step {
			v.Ticks = append(v.Ticks, admin.ChartTick{Total: at, Label: strings.TrimSuffix(strings.TrimSuffix(b.money(at).Amount, ".00"), ",00")})
		}
	}
	b.v.Chart = v
	return nil
}

// shortDay is a day as it fits below a bar: 12 Nov.
func (b *overviewBuilder) shortDay(t time.Time) string {
	month := strconv.Itoa(int(t.Month()))
	if names := strings.Fields(b.p.Text("explain.months")); len(names) == 12 {
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
	b.v.Latest = b.orderList(b.c, list, nil, nil)
	b.v.Latest.Class = "orders latest"
	return nil
}
