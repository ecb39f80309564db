package admin

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"mostrador/checkout"
	"mostrador/handlers"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/money"
	"mostrador/staff"
	"mostrador/views"
	"mostrador/views/admin"
)

// orderForm is what a refused form on the order's page brings back.
type orderForm struct {
	refund   *checkout.RefundInput // as it was typed
	answer   answering             // to a refund that was asked for
	mistakes map[string]string     // by field
	problem  string                // what no field is to blame for
	note     string
	once     *admin.OnceView
}

// found finds the order of an address. The error is ErrNotFound.
func (d *desk) orderOf(c echo.Context) (*models.Order, error) {
	n, err := strconv.ParseInt(c.Param("number"), 10, 64)
	if err != nil || n <= 0 {
		return nil, fmt.Errorf("order %q: %w", clip(c.Param("number")), models.ErrNotFound)
	}
	return d.Store.OrderByNumber(c.Request().Context(), n)
}

// lookOf is the order of an address with everything that is known of it. The error is ErrNotFound.
func (d *desk) lookOf(c echo.Context) (*checkout.Look, error) {
	o, err := d.orderOf(c)
	if err != nil {
		return nil, err
	}
	return d.Checkout.Look(c.Request().Context(), o)
}

// order is an order with everything that is known of it.
func (d *desk) order(c echo.Context) error {
	o, err := d.orderOf(c)
	if err != nil {
		return err
	}
	return d.orderPage(c, http.StatusOK, o, orderForm{})
}

// orderBuilder makes the page of one order.
type orderBuilder struct {
	*desk
	c    echo.Context
	p    messages.Printer
	l    *checkout.Look
	v    admin.OrderView
	may  bool
	rate decimal.Decimal
	back checkout.RefundProposal
}

func (d *desk) orderPage(c echo.Context, status int, o *models.Order, f orderForm) error {
	l, err := d.Checkout.Look(c.Request().Context(), o)
	if err != nil {
		return err
	}
	b := &orderBuilder{desk: d, c: c, p: messages.From(c.Request().Context()), l: l, may: can(c, staff.Work)}
	if err := b.build(f); err != nil {
		return err
	}
	return d.render(c, status, page{nav: "orders", title: b.v.Title, mistakes: len(b.v.Mistakes)}, admin.Order(b.v))
}

func (b *orderBuilder) t(key string, args ...any) string { return b.p.Text("desk.order."+key, args...) }

func (b *orderBuilder) build(f orderForm) error {
	o := b.l.Order
	b.v = admin.OrderView{Number: strconv.FormatInt(o.Number, 10), Title: b.p.Text("desk.order.title", "number", o.Number), Address: orderPath(o.Number), May: b.may,
		Chips: []admin.ChipView{statusChip(b.c, o.Status)}, Flags: append(flagsOf(b.c, o.FlagList(), o.Source), backFlags(b.c, o.Received, o.Refunded)...), Total: minor(o.Total, o.Currency, b.p.Lang()), Once: f.once}
	b.head()
	b.why()
	b.amounts()
	b.payments()
	if err := b.timeline(); err != nil {
		return err
	}
	b.acts()
	for _, step := range []func() error{b.bought, b.neighbours, b.customer, b.written, func() error { return b.refundRows(f) }, b.mails, b.hooks, b.calls} {
		if err := step(); err != nil {
			return err
		}
	}
	b.forms(f)
	return nil
}

func (b *orderBuilder) head() {
	o := b.l.Order
	parts := []string{}
	if o.Email != "" {
		parts = append(parts, o.Email)
	}
	parts = append(parts, b.moment(o.CreatedAt).Text, b.p.Text("desk.source."+o.Source))
	b.v.Head = strings.Join(parts, ", ")
	if b.may {
		b.v.Check = &admin.Button{Action: b.v.Address + "/check", Label: b.t("check"), Icon: "refresh-cw", Busy: b.t("checking"), Off: len(b.l.Payments) == 0, Key: "c"}
	}
}

func (b *orderBuilder) neighbours() error {
	older, newer, err := b.Store.Neighbours(b.c.Request().Context(), b.l.Order.Number)
	if err != nil {
		return err
	}
	if older > 0 {
		b.v.Older = &admin.Link{Label: b.t("older", "number", older), Href: orderPath(older)}
	}
	if newer > 0 {
		b.v.Newer = &admin.Link{Label: b.t("newer", "number", newer), Href: orderPath(newer)}
	}
	return nil
}

// why is the explanation: the sentence, who can act, what proves it, when the program looks again.
func (b *orderBuilder) why() {
	o, e, loc := b.l.Order, b.l.Why, b.Config.Shop.Location()
	b.v.Tone = statusChip(b.c, o.Status).Tone
	if e.Who == checkout.WhoMerchant {
		b.v.Tone = admin.Attention
	}
	b.v.Why, b.v.Say, b.v.Who = b.t("why."+o.Status), e.Sentence(b.p, true, loc), e.WhoText(b.p, true)
	b.v.Next = b.t("next_never")
	if !e.Next.IsZero() {
		b.v.Next = b.t("next_at", "time", e.Moment(e.Next, b.p, loc))
	}
	for _, ev := range e.Evidence {
		b.v.Evidence = append(b.v.Evidence, admin.Link{Label: e.Moment(ev.At, b.p, loc) + ": " + e.EvidenceText(ev, b.p, loc), Href: "#e" + id(ev.EventID)})
	}
	if b.may {
		b.decisions()
	}
}

func id(n int64) string { return strconv.FormatInt(n, 10) }

func (b *orderBuilder) decisions() {
	o := b.l.Order
	seen := []admin.Hidden{{Name: "version", Value: id(o.Version)}, {Name: "saw_status", Value: o.Status}, {Name: "saw_received", Value: id(o.Received)}}
	add := func(path, key, class, say, ask string) {
		button := admin.Button{Action: b.v.Address + path, Label: b.t(key), Class: class, Fields: seen, Key: map[string]string{"rest": "r", "accept": "a"}[key]}
		button.Ask, button.Then, button.Keep = ask, say, b.t("keep")
		b.v.Decisions = append(b.v.Decisions, admin.Decision{Button: button, Text: say})
	}
	received := minor(o.Received, o.Currency, b.p.Lang()).Text()
	switch o.Status {
	case checkout.Underpaid:
		if checkout.GivenBack(o, b.l.Refunds) {
			return // its sentence says why there is nothing to decide
		}
		ask, say := b.restText(b.p, o.Number, o.Email, minor(checkout.Missing(o), o.Currency, b.p.Lang()).Text())
		add("/rest", "rest", "btn-primary w-full", say, ask)
		add("/accept", "accept", "btn-plain w-full", b.acceptText(b.p, o.Status, "", o.Email, received), b.t("accept_ask", "number", o.Number))
	case checkout.Review:
		add("/accept", "accept", "btn-primary w-full", b.acceptText(b.p, o.Status, o.ReviewReason, o.Email, received), b.t("accept_ask", "number", o.Number))
		b.v.Decisions = append(b.v.Decisions, admin.Decision{Text: b.t("accept_else")})
	case checkout.Pending:
		if checkout.OnlyTold(o, b.l.Payments) {
			seen = append(seen, admin.Hidden{Name: "although_told", Value: "1"})
			add("/cancel", "cancel_told", "btn-plain w-full", b.t("cancel_told_text"), b.t("cancel_ask", "number", o.Number))
		}
	case checkout.Open:
		add("/cancel", "cancel", "btn-plain w-full", b.t("cancel_text"), b.t("cancel_ask", "number", o.Number))
	}
}

// mailsTo tells whether a customer can be written to.
func (d *desk) mailsTo(email string) bool { return d.Config.Mail.URL != "" && email != "" }

// acceptText says what accepting an order means: in review it depends on why it is there.
func (d *desk) acceptText(p messages.Printer, status, reason, email, received string) string {
	key := "desk.order.accept_text"
	if status == checkout.Review {
		if key = "desk.order.accept_then." + reason; !messages.Has(key) {
			key = "desk.order.accept_review_text"
		}
	}
	receipt := p.Text("desk.order.accept_receipt")
	if !d.mailsTo(email) {
		receipt = p.Text("desk.order.accept_no_receipt")
	}
	return p.Text(key, "amount", received, "receipt", receipt)
}

// restText asks whether the customer is to be asked for the rest, and says what that does.
func (d *desk) restText(p messages.Printer, number int64, email, missing string) (ask, say string) {
	off := ""
	if !d.mailsTo(email) {
		off = "_off"
	}
	return p.Text("desk.order.rest_ask"+off, "number", number), p.Text("desk.order.rest_text"+off, "amount", missing)
}

// units writes an amount of an exchanger's currency.
func (b *orderBuilder) units(v decimal.Decimal, symbol string, decimals int32) views.Money {
	return views.Money{Amount: money.Number(money.Exact(v, min(decimals, 2)), b.p.Lang()), Unit: symbol}
}

// amounts are the order's totals, and those of each payment: quoted, ordered, current, settled, side by side. An attempt whose place another took, and
// on which nothing came, stands among the payments alone.
func (b *orderBuilder) amounts() {
	for i := range b.l.Payments {
		if p := &b.l.Payments[i]; !p.Superseded || p.SeenAt != nil || p.SettledAt != nil {
			b.v.Amounts = append(b.v.Amounts, b.amountsOf(p))
		}
	}
	if len(b.v.Amounts) == 0 {
		return
	}
	o := b.l.Order
	b.v.Totals = []admin.Fact{{Label: b.t("price"), Text: b.v.Total.Text()}, {Label: b.t("received"), Text: minor(o.Received, o.Currency, b.p.Lang()).Text()}}
	if missing := checkout.Missing(o); missing > 0 && o.Received > 0 {
		b.v.Totals = append(b.v.Totals, admin.Fact{Label: b.t("missing"), Text: minor(missing, o.Currency, b.p.Lang()).Text()})
	}
	if over := checkout.Surplus(o); over > 0 {
		b.v.Totals = append(b.v.Totals, admin.Fact{Label: b.t("over"), Text: minor(over, o.Currency, b.p.Lang()).Text()})
	}
}

func (b *orderBuilder) amountsOf(p *models.Payment) admin.AmountsView {
	loc := b.Config.Shop.Location()
	at := func(key string) string { return b.t(key) }
	v := admin.AmountsView{ID: "h-am" + id(p.Seq), Title: b.t("payment_n", "n", p.Seq), Note: b.t("amounts_asked", "price", minor(p.Price, b.l.Order.Currency, b.p.Lang()).Text(), "out", b.units(p.PriceOut, p.ToSymbol, p.ToDecimals).Text())}
	settled := ""
	if p.SettledAt != nil {
		settled = p.SettledAt.In(loc).Format("15:04:05")
	}
	pulled := ""
	if p.PulledAt != nil {
		pulled = p.PulledAt.In(loc).Format("15:04:05")
	}
	v.Heads = []admin.AmountHead{{Label: at("quoted"), At: p.QuotedAt.In(loc).Format("15:04:05")}, {Label: at("ordered"), At: p.CreatedAt.In(loc).Format("15:04:05")},
		{Label: at("current"), At: pulled}, {Label: at("settled"), At: settled}, {Label: at("difference"), At: at("to_quoted"), Delta: true}}
	v.Rows = []admin.AmountsRow{
		{Label: at("customer_pays"), Cells: b.amountCells(decimal.NewNullDecimal(p.QuotedIn), p.OrderedIn, p.CurrentIn, p.SettledIn, p.FromSymbol, p.FromDecimals)},
		{Label: at("you_receive"), Cells: b.amountCells(decimal.NewNullDecimal(p.QuotedOut), p.OrderedOut, p.CurrentOut, p.SettledOut, p.ToSymbol, p.ToDecimals)},
		b.rateRow(p),
	}
	return v
}

func (b *orderBuilder) amountCells(quoted, ordered, current, settled decimal.NullDecimal, symbol string, decimals int32) []admin.AmountCell {
	cells := []admin.AmountCell{{Money: b.units(quoted.Decimal, symbol, decimals)}}
	last := quoted
	for i, a := range []decimal.NullDecimal{ordered, current, settled} {
		if !a.Valid {
			cells = append(cells, admin.AmountCell{Text: "—"})
			continue
		}
		last = a
		cell := admin.AmountCell{Money: b.units(a.Decimal, symbol, decimals), Strong: i == 2, Small: b.t("as_quoted")}
		if diff := a.Decimal.Sub(quoted.Decimal); !diff.IsZero() {
			cell.Off = true
			key := "more_by"
			if diff.Sign() < 0 {
				key = "less_by"
			}
			cell.Small = b.t(key, "amount", b.units(diff.Abs(), symbol, decimals).Text())
		}
		cells = append(cells, cell)
	}
	delta := last.Decimal.Sub(quoted.Decimal)
	if delta.IsZero() {
		return append(cells, admin.AmountCell{Text: b.t("none"), Delta: true})
	}
	cell := admin.AmountCell{Money: b.units(delta, symbol, decimals), Strong: true, Delta: true, Off: true}
	if delta.Sign() > 0 {
		cell.Money.Amount = "+" + cell.Money.Amount
	}
	if quoted.Decimal.Sign() > 0 {
		cell.Small = money.Number(delta.Mul(decimal.NewFromInt(100)).DivRound(quoted.Decimal, 2).String(), b.p.Lang()) + "\u00a0%"
	}
	return append(cells, cell)
}

func (b *orderBuilder) rateRow(p *models.Payment) admin.AmountsRow {
	row := admin.AmountsRow{Label: b.t("costs", "symbol", p.ToSymbol), Rate: true}
	pairs := [][2]decimal.NullDecimal{{decimal.NewNullDecimal(p.QuotedIn), decimal.NewNullDecimal(p.QuotedOut)}, {p.OrderedIn, p.OrderedOut}, {p.CurrentIn, p.CurrentOut}, {p.SettledIn, p.SettledOut}}
	for _, x := range pairs {
		cell := admin.AmountCell{Text: "—"}
		if r := exchangeRate(x[1], x[0]); r != "" {
			cell = admin.AmountCell{Money: views.Money{Amount: money.Number(r, b.p.Lang()), Unit: p.FromSymbol}}
		}
		row.Cells = append(row.Cells, cell)
	}
	row.Cells = append(row.Cells, admin.AmountCell{Text: "\u00a0", Delta: true})
	return row
}

func (b *orderBuilder) payments() {
	l := admin.ListView{Label: b.t("payments"), Class: "payments", Columns: []admin.Column{{Label: b.t("no")}, {Label: b.t("route")}, {Label: b.t("status_there")}, {Label: b.t("in"), Num: true}, {Label: b.t("out"), Num: true}, {Label: b.t("started"), Num: true}},
		Empty: &admin.EmptyView{Icon: "coins", Title: b.t("payments_none"), Text: b.t("payments_none_text")}}
	for i := len(b.l.Payments) - 1; i >= 0; i-- {
		p := &b.l.Payments[i]
		word := checkout.PaymentWord(p)
		in, out := p.SettledIn, p.SettledOut
		if !in.Valid {
			in, out = p.CurrentIn, p.CurrentOut
		}
		row := admin.Row{ID: "p" + id(p.ID), Cells: []admin.Cell{{Text: id(p.Seq)}, {Text: p.FromName + " → " + p.ToName, Sub: p.RouteID}, {Text: word}, {Text: "—"}, {Text: "—"}, {Body: admin.When(b.moment(p.CreatedAt)), Class: "text-muted"}}}
		if p.SettledAt != nil {
			row.Cells[2].Sub = b.t("settled_at", "time", b.moment(*p.SettledAt).Text)
		} else if p.Superseded {
			row.Cells[2].Sub = b.t("superseded")
		}
		if in.Valid {
			row.Cells[3] = admin.Cell{Body: admin.Amount(b.units(in.Decimal, p.FromSymbol, p.FromDecimals), false)}
		}
		if out.Valid {
			row.Cells[4] = admin.Cell{Body: admin.Amount(b.units(out.Decimal, p.ToSymbol, p.ToDecimals), false)}
		}
		l.Rows = append(l.Rows, row)
	}
	b.v.Payments = l
}

// acts are the other things to do. What cannot be done now stays, dimmed and last, with the reason below it.
func (b *orderBuilder) acts() {
	o := b.l.Order
	post := func(path, key, icon, say string, off bool) {
		b.v.Acts = append(b.v.Acts, admin.Act{Button: &admin.Button{Action: b.v.Address + path, Label: b.t(key), Icon: icon, Class: "act btn-quiet btn-sm", Off: off}, Text: say})
	}
	link := func(href, key, icon, say string) {
		b.v.Acts = append(b.v.Acts, admin.Act{Link: &admin.Link{Href: href, Label: b.t(key), Icon: icon}, Text: say})
	}
	if b.may {
		link("#notes", "act_note", "message-circle", "")
		if b.l.PayURL != "" {
			post("/open", "act_open", "external-link", b.t("act_open_text", "site", checkout.Host(b.l.Site.BaseURL)), false)
		}
		if len(b.l.Payments) > 0 {
			post("/reveal", "act_reveal", "eye", b.t("act_reveal_text"), false)
		}
		say := b.t("act_receipt_text")
		if o.PaidAt == nil {
			say = b.t("act_receipt_not")
		} else if !b.mailsTo(o.Email) {
			say = b.t("act_receipt_off")
		}
		post("/receipt", "act_receipt", "mail", say, o.PaidAt == nil || !b.mailsTo(o.Email))
		if o.Status != checkout.Open && !checkout.OnlyTold(o, b.l.Payments) {
			post("/cancel", "cancel", "ban", b.t("cancel_not"), true)
		}
	}
	link(b.v.Address+"/bundle.txt", "act_support", "life-buoy", b.t("act_support_text"))
	if b.may { // the address of the order lets who has it act as the customer
		link("/orders/"+b.l.Token, "act_page", "eye", b.t("act_page_text"))
	} else {
		b.v.Acts = append(b.v.Acts, admin.Act{Text: b.t("viewer")})
	}
	slices.SortStableFunc(b.v.Acts, func(x, y admin.Act) int { return cmp.Compare(off(x), off(y)) })
}

// off is 1 for what cannot be done now, which stands below what can.
func off(a admin.Act) int {
	if a.Button != nil && a.Button.Off {
		return 1
	}
	return 0
}

// bought are the lines as the merchant calls the products: who packs them need not read the customer's language.
func (b *orderBuilder) bought() error {
	titles, err := b.Store.LineTitles(b.c.Request().Context(), b.l.Order.ID, b.merchantLang())
	if err != nil {
		return err
	}
	for i := range b.l.Lines {
		l := &b.l.Lines[i]
		title := l.Title
		if t := titles[l.Position]; t != "" {
			title = t
		}
		b.v.Lines = append(b.v.Lines, admin.LineRow{Title: title, Times: "× " + id(l.Quantity), Total: minor(l.Total, b.l.Order.Currency, b.p.Lang())})
	}
	if len(b.v.Lines) == 0 {
		title := b.l.Order.Description
		if title == "" {
			title = b.p.Text("desk.source." + b.l.Order.Source)
		}
		b.v.Lines = []admin.LineRow{{Title: title, Total: b.v.Total}}
	}
	return nil
}

func (b *orderBuilder) customer() error {
	o := b.l.Order
	fact := func(key, say string) { b.v.Customer = append(b.v.Customer, admin.Fact{Label: b.t(key), Text: say}) }
	if o.Email != "" {
		all, paid, err := b.Store.OrdersOfEmail(b.c.Request().Context(), o.Email)
		if err != nil {
			return err
		}
		fact("email", o.Email)
		fact("orders", b.t("orders_paid", "n", all, "paid", paid))
	}
	fact("language", messages.For(o.Lang).Text("language.name"))
	if o.WatchedAt != nil {
		fact("looked", b.moment(*o.WatchedAt).Text)
	}
	fact("received", minor(o.Received, o.Currency, b.p.Lang()).Text())
	if o.PaidAt != nil {
		fact("paid_at", b.moment(*o.PaidAt).Text)
	} else {
		fact("expires", b.moment(o.ExpiresAt).Text)
	}
	if o.Stock != checkout.StockNone {
		fact("stock", b.t("stock_"+o.Stock))
	}
	if o.Accepted != "" {
		fact("accepted", o.Accepted)
	}
	return nil
}

// mistakesIn is what is wrong with a form, by field.
func mistakesIn(c echo.Context, problem *checkout.Problem) map[string]string {
	out := map[string]string{}
	for _, one := range problem.All() {
		if one.Field != "" {
			out[one.Field] = handlers.ProblemText(messages.From(c.Request().Context()), one)
		}
	}
	return out
}

// problemOf is a refusal in words; "" when the error is none.
func problemOf(c echo.Context, err error) (string, *checkout.Problem) {
	p, ok := checkout.AsProblem(err)
	if !ok {
		return "", nil
	}
	return handlers.ProblemText(messages.From(c.Request().Context()), p), p
}
