package shop

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/handlers"
	"mostrador/models"
	"mostrador/views"
	"mostrador/views/shop"
)

// moneyBack offers to ask for the money back where some is due, and says what became of a request.
func (b *orderBuilder) moneyBack(v *shop.OrderView) {
	o := b.l.Order
	if checkout.MayAskRefund(o, b.l.Payments, b.l.Refunds) {
		v.Back = &shop.Link{Label: b.p.Text("refund.link"), URL: templ.SafeURL(b.self() + "/refund")}
		if n := len(v.Notes); b.state == shop.StateUnderpaid && n > 0 {
			v.Notes[n-1].Text += " " + b.p.Text("refund.above")
		}
	}
	surplus := checkout.Surplus(o)
	switch {
	case surplus == 0 || v.Back == nil:
	case b.state == shop.StatePaidOver:
		v.Lead = b.p.Text("refund.over_ask")
	case o.Status == checkout.Paid:
		v.Lead += " " + b.p.Text("refund.over_too", "over", b.price(surplus, b.p))
	}
	if len(b.l.Refunds) == 0 {
		return
	}
	r := &b.l.Refunds[len(b.l.Refunds)-1]
	if b.state == shop.StatePaidOver { // who asked, or has it back, need not write about it
		switch r.State {
		case checkout.RefundAsked:
			v.Lead = b.p.Text("refund.over_asked")
		case checkout.RefundSent:
			v.Lead = b.p.Text("refund.over_sent")
		case checkout.RefundRefused:
			v.Lead = b.p.Text("refund.over_refused")
		}
	}
	n := shop.Note{Tone: shop.Waiting, Icon: "undo-2"}
	refused := "refund.refused"
	if b.support == "" {
		refused = "refund.refused_nowrite"
	}
	args := []any{"when", b.short(r.UpdatedAt), "number", o.Number}
	switch {
	case r.State == checkout.RefundAsked:
		n.Title, n.Text = b.p.Text("refund.asked_title"), b.p.Text("refund.asked", append(args, "where", b.whereTo(r))...)
	case r.State == checkout.RefundRefused:
		n.Tone, n.Title, n.Text = shop.Attention, b.p.Text("refund.refused_title"), b.p.Text(refused, args...)
	case r.State == checkout.RefundSent && r.Amount.Valid:
		n.Tone, n.Title = shop.Good, b.p.Text("refund.sent_title", "amount", handlers.CoinText(r.Amount.Decimal.String(), r.Currency, b.p.Lang()))
		n.Text = b.p.Text("refund.sent", args...)
		if r.Reference != "" {
			n.Text += " " + b.p.Text("refund.sent_as", "reference", r.Reference)
		}
	default:
		return
	}
	if r.Answer != "" { // in the shop's own words
		n.Text = "“" + r.Answer + "” " + n.Text
	}
	v.Notes = append([]shop.Note{n}, v.Notes...)
}

// whereTo is where a refund shall go, as much of it as tells its owner which address it is.
func (b *orderBuilder) whereTo(r *models.Refund) string {
	address, err := b.store.Vault().RefundAddress(r)
	if err != nil {
		b.Log.Warn("address of a refund cannot be opened", "order", b.l.Order.Number, "error", err)
	}
	if a := []rune(address); len(a) > 14 {
		address = string(a[:6]) + "…" + string(a[len(a)-4:])
	}
	if r.Network != "" {
		address += " (" + r.Network + ")"
	}
	return address
}

// refund answers GET /orders/{token}/refund: where shall the money go?
func (s *side) refund(c echo.Context) error {
	noStore(c)
	l, may, err := s.refundOf(c)
	if err != nil {
		return err
	}
	if !may {
		return redirect(c, "/orders/"+l.Token)
	}
	ask := checkout.RefundAsk{Network: checkout.NetworkOf(checkout.RefundPayment(l.Payments).FromXML)}
	return s.refundPage(c, l, ask, nil)
}

// askRefund answers POST /orders/{token}/refund.
func (s *side) askRefund(c echo.Context) error {
	noStore(c)
	l, may, err := s.refundOf(c)
	if err != nil {
		return err
	}
	form, err := c.FormParams()
	if err != nil {
		return badForm(err)
	}
	ask := checkout.RefundAsk{Address: form.Get("address"), Network: form.Get("network"), Reason: form.Get("reason")}
	err = s.svc.AskRefund(c.Request().Context(), l.Order.ID, ask)
	if problem, ok := checkout.AsProblem(err); ok && problem.Kind == checkout.Invalid && may {
		return s.refundPage(c, l, ask, problem)
	}
	if err != nil {
		return err
	}
	return redirect(c, "/orders/"+l.Token)
}

// refundOf looks at the order of the address, and whether its customer may ask for money back.
func (s *side) refundOf(c echo.Context) (*checkout.Look, bool, error) {
	ctx := c.Request().Context()
	o, err := s.byToken(c)
	if err != nil {
		return nil, false, err
	}
	l, err := s.svc.Look(ctx, o)
	if err != nil {
		return nil, false, err
	}
	return l, checkout.MayAskRefund(o, l.Payments, l.Refunds) && checkout.RefundPayment(l.Payments) != nil, nil
}

func (s *side) refundPage(c echo.Context, l *checkout.Look, ask checkout.RefundAsk, problem *checkout.Problem) error {
	p, o, pay := handlers.Printer(c), l.Order, checkout.RefundPayment(l.Payments)
	v := shop.RefundView{Page: s.Page(c, p.Text("refund.title"), views.WidthOrder), Order: strconv.FormatInt(o.Number, 10), Self: templ.SafeURL("/orders/" + l.Token),
		Action: templ.SafeURL("/orders/" + l.Token + "/refund"), Lead: p.Text("refund.lead", "currency", pay.FromName)}
	v.Page.NoIndex, v.Page.Back = true, string(v.Action)
	v.Address = shop.Field{ID: "address", Name: "address", Label: p.Text("refund.account", "currency", pay.FromName), Help: p.Text("refund.address_help"), Required: true, Exact: true, Value: ask.Address}
	if checkout.OnChain(pay.FromXML) {
		v.Address.Label = p.Text("refund.address", "symbol", pay.FromSymbol)
		v.Network = &shop.Field{ID: "network", Name: "network", Label: p.Text("network.label"), Help: p.Text("refund.network_help"), Required: true, Value: ask.Network}
	}
	v.Reason = shop.Field{ID: "reason", Name: "reason", Label: p.Text("refund.reason"), Value: ask.Reason}
	if problem == nil {
		return handlers.HTML(c, http.StatusOK, shop.Refund(v))
	}
	for _, one := range problem.All() {
		for _, f := range v.Fields() {
			if f.Name == one.Field {
				f.Mistake = handlers.ProblemText(p, one)
			}
		}
	}
	v.Mistakes = mistaken(p, "find.mistakes", &v.Page, v.Fields()...)
	return handlers.HTML(c, http.StatusUnprocessableEntity, shop.Refund(v))
}
