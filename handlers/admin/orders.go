package admin

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/money"
	"mostrador/staff"
	"mostrador/views"
	"mostrador/views/admin"
)

var ordersPageSize = 50 // rows of a page; tests make it smaller

// orderSources are what orders come from.
var orderSources = []string{checkout.SourceCart, checkout.SourceAmount, checkout.SourceLink, checkout.SourceAPI, checkout.SourceTest}

// orderPages mounts the overview and everything about orders.
func (d *desk) orderPages() {
	d.get("", d.overview)
	d.get("/live", d.live)
	d.post("/seen", d.seeInbox)
	d.get("/orders", d.orders)
	d.get("/orders.csv", d.ordersCSV)
	d.post("/account/columns", d.chooseColumns)
	d.post("/account/filters", d.keepFilter)
	d.post("/account/filters/:id/drop", d.dropFilter)
	d.post("/orders/check", d.checkOrders)
	d.post("/orders/rest", d.askManyForRest)
	d.post("/orders/cancel", d.cancelMany)
	d.get("/orders/:number", d.order)
	d.get("/orders/:number/bundle.txt", d.orderBundle)
	d.get("/orders/:number/support.txt", d.orderBundle)
	d.post("/orders/:number/check", d.checkOrder)
	d.post("/orders/:number/accept", d.acceptOrder)
	d.post("/orders/:number/rest", d.askForRest)
	d.post("/orders/:number/cancel", d.cancelOrder)
	d.post("/orders/:number/note", d.noteOrder)
	d.post("/orders/:number/refund", d.refundOrder)
	d.post("/orders/:number/refunds/:id/answer", d.answerRefund)
	d.post("/orders/:number/receipt", d.resendReceipt)
	d.postFresh("/orders/:number/reveal", d.reveal)
	d.post("/orders/:number/open", d.openThere)

	d.tallies = append(d.tallies, func(ctx context.Context) (map[string]int, error) {
		n, err := d.Store.NeedsPerson(ctx)
		return map[string]int{"orders": int(n)}, err
	})
	d.finders = append(d.finders, d.findOrders)
}

// orderQuery reads the filters of an address. What cannot be read is a mistake, and chooses nothing.
func (d *desk) orderQuery(c echo.Context, q url.Values) (models.DeskQuery, []admin.Mistake) {
	f := models.DeskQuery{Text: strings.TrimSpace(q.Get("q")), Currency: d.Config.Shop.Currency, Route: strings.TrimSpace(q.Get("route")), Site: strings.TrimSpace(q.Get("site")),
		Sort: models.ByCreated, After: q.Get("after")}
	var wrong []admin.Mistake
	f.From, f.Before, wrong = days(c, q)
	known := func(field, value string, list []string) bool {
		if value == "" || slices.Contains(list, value) {
			return value != ""
		}
		wrong = append(wrong, admin.Mistake{Field: field, Text: text(c, "desk.orders.unknown", "field", field, "value", value)})
		return false
	}
	if s := q.Get("status"); known("status", s, checkout.OrderStatuses) {
		f.Statuses = []string{s}
	}
	if s := q.Get("source"); known("source", s, orderSources) {
		f.Source = s
	}
	if s := q.Get("flag"); known("flag", s, orderFlags) {
		f.Flag = s
	}
	if s := q.Get("refund"); known("refund", s, refundStates) {
		f.Refund = s
	}
	if s := q.Get("sort"); s != "" {
		by := strings.TrimPrefix(s, "-")
		if known("sort", by, []string{models.ByNumber, models.ByTotal, models.ByCreated}) {
			f.Sort, f.Rising = by, by == s
		}
	}
	for _, x := range []struct {
		field string
		value *string
	}{{"q", &f.Text}, {"route", &f.Route}, {"site", &f.Site}} {
		if !checkout.Storable(*x.value) { // nothing that is stored has it, and PostgreSQL refuses the question
			wrong = append(wrong, admin.Mistake{Field: x.field, Text: text(c, "problem.text_invalid")})
			*x.value = ""
		}
	}
	f.Text = strings.ToValidUTF8(f.Text[:min(len(f.Text), 200)], "") // a letter that does not fit as a whole is left out
	return f, wrong
}

var orderFlags = []string{checkout.FlagLate, checkout.FlagDouble, checkout.FlagOver, checkout.FlagDrift, checkout.FlagPayoutChanged}

var refundStates = []string{checkout.RefundAsked, checkout.RefundSent, checkout.RefundRefused}

// orders lists the orders that the filters of the address choose.
func (d *desk) orders(c echo.Context) error { return d.ordersPage(c, c.QueryParams(), "") }

// ordersPage is the list of orders; name is what was typed to keep the filter under, and more is wrong beside what is wrong with the filters.
func (d *desk) ordersPage(c echo.Context, q url.Values, name string, more ...admin.Mistake) error {
	f, wrong := d.orderQuery(c, q)
	f.Limit = ordersPageSize + 1
	list, err := d.Store.DeskOrders(c.Request().Context(), f)
	if err != nil {
		return err
	}
	wrong = append(wrong, more...)
	v := admin.OrdersView{Q: q.Get("q"), Sort: q.Get("sort"), Wrong: wrong, On: len(keep(q)) > 0, May: can(c, staff.Work), Back: pageLink("/admin/orders", q, q.Get("after"))}
	v.Head = admin.Head{Title: text(c, "desk.nav.orders"),
		Actions: admin.LinkButton(admin.Link{Label: text(c, "desk.orders.csv"), Href: pageLink("/admin/orders.csv", q, ""), Icon: "download"}, "btn-sm btn-plain")}
	v.Keep = admin.Field{Name: "name", Label: text(c, "desk.orders.keep_as"), Value: name, MaxLength: maxFilterName, Placeholder: text(c, "desk.orders.keep_example")}
	for _, m := range more {
		if m.Field == v.Keep.Name {
			v.Keep.Mistake, v.Filter, v.KeepOpen = m.Text, filterOf(q), true
		}
	}
	if err := d.savedFilters(c, &v, q); err != nil {
		return err
	}
	if v.Filters, err = d.orderFilters(c, q); err != nil {
		return err
	}
	v.Filtered = slices.ContainsFunc(v.Filters, func(p admin.FilterPart) bool { return q.Get(p.Field.Name) != "" })
	v.Pager.Label = v.Head.Title
	if len(list) > ordersPageSize {
		list = list[:ordersPageSize]
		v.Pager.Next = pageLink("/admin/orders", q, list[len(list)-1].Key(f.Sort))
	}
	if f.After != "" {
		v.Pager.First = pageLink("/admin/orders", q, "")
	}
	columns, err := d.columnsOf(c)
	if err != nil {
		return err
	}
	v.Columns = columnChoice(c, columns)
	v.List = d.orderList(c, list, &f, q, columns)
	if v.May {
		tickable(c, &v.List, list)
	}
	status := http.StatusOK
	if len(wrong) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return d.render(c, status, page{nav: "orders", title: v.Head.Title, mistakes: len(wrong)}, admin.Orders(v))
}

// tickable puts a check box before each order.
func tickable(c echo.Context, l *admin.ListView, list []models.DeskOrder) {
	l.Class += " ticked"
	l.Columns = append([]admin.Column{{Label: text(c, "desk.orders.tick"), Hidden: true, Class: "w-check", Body: admin.TickAll("order")}}, l.Columns...)
	for i := range list {
		l.Rows[i].Cells = append([]admin.Cell{{Body: admin.OrderTick(id(list[i].Number)), Over: true, Class: "c-check"}}, l.Rows[i].Cells...)
	}
}

func (d *desk) orderFilters(c echo.Context, q url.Values) ([]admin.FilterPart, error) {
	ctx := c.Request().Context()
	codes, err := d.Store.PaidCurrencies(ctx)
	if err != nil {
		return nil, err
	}
	sites, err := d.Store.Sites(ctx)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(sites))
	for _, s := range sites {
		if !slices.Contains(names, s.Name) {
			names = append(names, s.Name)
		}
	}
	every := map[string]string{"status": "desk.orders.every_status", "route": "desk.orders.every_currency", "source": "desk.orders.every_source", "site": "desk.orders.every_site"}
	choice := func(name string, values []string, label func(string) string) admin.FilterPart {
		part := admin.FilterPart{Field: admin.Field{Name: name, Label: text(c, "desk.orders.by."+name)}, Options: []admin.Option{{Label: text(c, every[name])}}}
		chosen := q.Get(name)
		if chosen != "" && !slices.Contains(values, chosen) && (name == "route" || name == "site") {
			values = append(values, chosen)
		}
		for _, v := range values {
			part.Options = append(part.Options, admin.Option{Value: v, Label: label(v), On: v == chosen})
		}
		return part
	}
	same := func(s string) string { return s }
	day := func(name string) admin.FilterPart {
		return admin.FilterPart{Field: admin.Field{Name: name, Type: "date", Label: text(c, "desk.filter."+name), Value: q.Get(name)}}
	}
	return []admin.FilterPart{
		choice("status", checkout.OrderStatuses, func(s string) string { return text(c, "desk.status."+s) }), choice("route", codes, same), choice("source", orderSources, func(s string) string { return text(c, "desk.source."+s) }),
		choice("site", names, same), day("from"), day("to"),
	}, nil
}

// orderList is the table of orders with the columns that are wanted beside number, total and status; q nil: without sorting, for the overview.
func (d *desk) orderList(c echo.Context, list []models.DeskOrder, f *models.DeskQuery, q url.Values, wanted []string) admin.ListView {
	l := admin.ListView{Label: text(c, "desk.nav.orders"), Class: "orders"}
	heads := map[string]admin.Column{"number": {Class: "w-num", Sort: sortOf(f, q, models.ByNumber)}, "customer": {}, "total": {Num: true, Class: "w-total", Sort: sortOf(f, q, models.ByTotal)}, "received": {Num: true, Class: "w-total"},
		"paid": {Num: true, Class: "w-paid"}, "source": {Class: "w-more"}, "site": {Class: "w-more"}, "status": {Class: "w-status"}, "settled": {Num: true, Class: "w-when"}, "placed": {Num: true, Class: "w-when", Sort: sortOf(f, q, models.ByCreated)}}
	var order []string
	for _, k := range []string{"number", "customer", "total", "received", "paid", "source", "site", "status", "settled", "placed"} {
		if slices.Contains(orderColumns, k) && !slices.Contains(wanted, k) {
			continue
		}
		head := heads[k]
		head.Label = text(c, "desk.orders."+k)
		order, l.Columns = append(order, k), append(l.Columns, head)
	}
	if len(order) > len(usualColumns)+3 || !slices.Contains(wanted, "customer") {
		l.Class += " more-columns"
	}
	l.Empty = &admin.EmptyView{Icon: "receipt-text", Title: text(c, "desk.orders.empty"), Text: text(c, "desk.orders.empty_text")}
	if q != nil && len(keep(q)) > 0 {
		l.Empty = &admin.EmptyView{Icon: "search", Title: text(c, "desk.orders.nothing"), Links: []admin.Link{{Label: text(c, "desk.filter.clear"), Href: "/admin/orders"}}}
	}
	lang := messages.From(c.Request().Context()).Lang()
	for i := range list {
		o := &list[i]
		number := strconv.FormatInt(o.Number, 10)
		r := admin.OrderRow{Number: number, Total: views.MoneyOf(money.FromMinor(o.Total, o.Currency).Text(lang)), Chips: []admin.ChipView{statusChip(c, o.Status)}, Flags: append(flagsOf(c, o.FlagList(), o.Source), backFlags(c, o.Received, o.Refunded)...)}
		if r.Unreadable = o.Unreadable; o.FromXML != "" && o.InAmount.Valid && !o.Unreadable {
			r.Asked = o.SettledAt == nil // nobody paid that amount: it is what the exchanger waits for
			r.Paid, r.Disc = views.MoneyOf(checkout.Units{Value: o.InAmount.Decimal, Symbol: o.FromSymbol, Decimals: o.FromDecimals}.Text(lang)), views.DiscOf(o.FromXML, o.FromSymbol)
		}
		if o.PayStatus == "errorPayout" || o.PayStatus == "hold" {
			r.There = o.PayStatus
		}
		what := o.Title(d.merchantLang())
		if what == "" {
			what = o.Description
		}
		if what == "" {
			what = text(c, "desk.source."+o.Source)
		}
		if o.More > 0 {
			what += " +" + strconv.FormatInt(o.More, 10)
		}
		who := o.Email
		if who == "" {
			who = "—"
		}
		cells := d.extraCells(c, o)
		cells["number"], cells["customer"], cells["total"] = admin.Cell{Text: number, Href: "/admin/orders/" + number, Class: "c-num"}, admin.Cell{Body: admin.OrderCustomer(who, what), Class: "c-cust"}, admin.Cell{Body: admin.Amount(r.Total, true), Class: "c-total"}
		cells["paid"], cells["status"], cells["placed"] = admin.Cell{Body: admin.OrderPaid(r), Class: "c-paid"}, admin.Cell{Body: admin.OrderState(r), Class: "c-status"}, admin.Cell{Body: admin.When(d.moment(o.CreatedAt)), Class: "c-time text-muted"}
		row := admin.Row{ID: "order-" + number}
		for _, k := range order {
			row.Cells = append(row.Cells, cells[k])
		}
		l.Rows = append(l.Rows, row)
	}
	return l
}

// sortOf turns a column: the first press sorts downwards, the next one upwards.
func sortOf(f *models.DeskQuery, q url.Values, by string) *admin.Sort {
	if q == nil {
		return nil
	}
	to := keep(q)
	s := &admin.Sort{}
	to.Set("sort", "-"+by)
	if f.Sort == by {
		s.Direction = "descending"
		if f.Rising {
			s.Direction = "ascending"
		} else {
			to.Set("sort", by)
		}
	}
	s.Href = "/admin/orders?" + to.Encode()
	return s
}

var statusLooks = map[string]struct {
	tone admin.Tone
	icon string
}{
	checkout.Open: {admin.Waiting, "hourglass"}, checkout.Pending: {admin.Waiting, "circle-dot"}, checkout.Paid: {admin.Good, "check"}, checkout.Underpaid: {admin.Attention, "triangle-alert"},
	checkout.Returned: {admin.Attention, "undo-2"}, checkout.Cancelled: {admin.Plain, "ban"}, checkout.Expired: {admin.Plain, "clock"}, checkout.Review: {admin.Attention, "eye"},
}

// statusChip is the status of an order in words.
func statusChip(c echo.Context, status string) admin.ChipView {
	look := statusLooks[status]
	if look.tone == "" {
		return admin.ChipView{Tone: admin.Plain, Word: status}
	}
	return admin.ChipView{Tone: look.tone, Icon: look.icon, Word: text(c, "desk.status."+status)}
}

func flagWords(c echo.Context, flags []string) []string {
	var out []string
	for _, f := range flags {
		if key := "desk.flag." + f; messages.Has(key) {
			f = text(c, key)
		}
		out = append(out, f)
	}
	return out
}

// backFlags say that money of an order was sent back: its status does not change by that.
func backFlags(c echo.Context, received, refunded int64) []string {
	switch {
	case refunded <= 0:
		return nil
	case refunded < received:
		return []string{text(c, "desk.flag.back_part")}
	}
	return []string{text(c, "desk.flag.back_all")}
}

// flagsOf are the flags of an order in words; a rehearsal is marked among them, as it is no sale.
func flagsOf(c echo.Context, flags []string, source string) []string {
	words := flagWords(c, flags)
	if source == checkout.SourceTest {
		words = append([]string{text(c, "desk.flag.test")}, words...)
	}
	return words
}

// findOrders is what Ctrl K finds among orders.
func (d *desk) findOrders(ctx context.Context, q string) (string, []found, error) {
	p := messages.From(ctx)
	list, err := d.Store.DeskOrders(ctx, models.DeskQuery{Text: q, Currency: d.Config.Shop.Currency, Limit: 5})
	if err != nil {
		return "", nil, err
	}
	var out []found
	for i := range list {
		o := &list[i]
		look := statusLooks[o.Status]
		out = append(out, found{Href: "/admin/orders/" + strconv.FormatInt(o.Number, 10), Icon: "receipt-text", What: p.Text("desk.orders.one", "number", o.Number) + " " + o.Email,
			Note: money.FromMinor(o.Total, o.Currency).Text(p.Lang()), Chip: &admin.ChipView{Tone: look.tone, Icon: look.icon, Word: p.Text("desk.status." + o.Status)}})
	}
	return p.Text("desk.nav.orders"), out, nil
}

// merchantLang is the language in which products are called on the desk: the shop's first, whatever the customer reads.
func (d *desk) merchantLang() string { return d.Config.Shop.Languages[0] }

// orderPath is the address of an order's page.
func orderPath(number int64) string { return "/admin/orders/" + strconv.FormatInt(number, 10) }

// minor writes minor units of a shop currency in the habit of a language.
func minor(amount int64, currency, lang string) views.Money {
	return views.MoneyOf(money.FromMinor(amount, currency).Text(lang))
}

// clip bounds what a stranger sent to 40 letters.
func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
