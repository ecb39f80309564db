package shop

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/handlers"
	"mostrador/models"
	"mostrador/money"
	"mostrador/views"
	"mostrador/views/shop"
)

// receipt answers GET /orders/{token}/receipt. An order that is not paid has none: its page says where it stands.
func (s *side) receipt(c echo.Context) error {
	ctx, p := c.Request().Context(), handlers.Printer(c)
	noStore(c)
	o, err := s.byToken(c)
	if err != nil {
		return err
	}
	if o.PaidAt == nil {
		return redirect(c, "/orders/"+c.Param("token"))
	}
	l, err := s.svc.Look(ctx, o)
	if err != nil {
		return err
	}
	settings := s.Settings(c)
	b := s.builder(c, l)
	v := shop.ReceiptView{Page: s.Page(c, p.Text("receipt.window", "number", o.Number), views.WidthOrder), Number: strconv.FormatInt(o.Number, 10), Back: templ.SafeURL(b.self()),
		Total: s.price(o.Total, p), Thanks: p.Text("receipt.thanks")}
	v.Page.NoIndex = true
	if mail := s.SupportEmail(settings); mail != "" {
		v.Seller = append(v.Seller, mail)
	}
	v.Heads = []shop.Fact{{Label: p.Text("receipt.paid_at"), Value: handlers.Full(p, o.PaidAt.In(s.zone))}}
	if o.Email != "" {
		v.Heads = append(v.Heads, shop.Fact{Label: p.Text("receipt.for"), Value: o.Email})
	}
	v.Heads = append(v.Heads, shop.Fact{Label: p.Text("receipt.total"), Value: v.Total})
	s.receiptRows(b, &v)
	for i := range l.Payments {
		facts, err := s.receiptPayment(c, b, &l.Payments[i])
		if err != nil {
			return err
		}
		switch {
		case len(facts) == 0:
		case len(v.Payment) == 0:
			v.Payment = facts
		default:
			v.Payments = append(v.Payments, facts...)
		}
	}
	s.receiptSum(b, &v)
	for _, r := range l.Refunds {
		if r.State == "sent" && r.Amount.Valid {
			v.Refunds = append(v.Refunds, shop.Fact{Label: handlers.Date(p, r.CreatedAt.In(s.zone)), Value: handlers.CoinText(r.Amount.Decimal.String(), r.Currency, p.Lang())})
		}
	}
	return handlers.HTML(c, http.StatusOK, shop.Receipt(v))
}

func (s *side) receiptRows(b *orderBuilder, v *shop.ReceiptView) {
	o := b.l.Order
	for _, l := range b.l.Lines {
		v.Rows = append(v.Rows, shop.ReceiptRow{Title: l.Title, Quantity: strconv.FormatInt(l.Quantity, 10), Each: s.price(l.UnitPrice, b.p), Sum: s.price(l.Total, b.p)})
	}
	if len(v.Rows) > 0 {
		return
	}
	title := o.Description
	if title == "" {
		title = b.p.Text("order.payment_to", "shop", b.page.Shop.Name)
	}
	v.Rows = []shop.ReceiptRow{{Title: title, Quantity: "1", Each: s.price(o.Total, b.p), Sum: s.price(o.Total, b.p)}}
}

// receiptSum says what came in all where it is not the total.
func (s *side) receiptSum(b *orderBuilder, v *shop.ReceiptView) {
	o, label := b.l.Order, ""
	switch {
	case o.Received > 0 && checkout.Missing(o) > 0:
		label = "receipt.accepted"
	case slices.Contains(o.FlagList(), checkout.FlagOver):
		label = "receipt.over"
	default:
		return
	}
	last := &v.Payment
	if len(v.Payments) > 0 {
		last = &v.Payments
	}
	*last = append(*last, shop.Fact{Label: b.p.Text(label), Value: s.price(o.Received, b.p)})
}

// receiptPayment is what one payment brought; nothing when it was not settled.
func (s *side) receiptPayment(c echo.Context, b *orderBuilder, p *models.Payment) ([]shop.Fact, error) {
	if p.SettledAt == nil && !(b.l.Current != nil && b.l.Current.ID == p.ID && p.SeenAt != nil) {
		return nil, nil
	}
	site, err := s.store.SiteByID(c.Request().Context(), p.SiteID)
	if err != nil {
		return nil, err
	}
	sent, text := checkout.SentOf(p), b.p
	facts := []shop.Fact{{Label: text.Text("receipt.sent"), Value: handlers.UnitsText(sent, text.Lang())}}
	if net := checkout.NetworkOf(p.FromXML); net != "" {
		facts = append(facts, shop.Fact{Label: text.Text("network.label"), Value: net})
	}
	price := p.Price
	if came := checkout.Brought(p, b.l.Order.Currency); came > 0 {
		price = came // what was sent stands beside what it brought, not beside what it should have brought
	}
	facts = append(facts, shop.Fact{Label: text.Text("receipt.rate"), Value: b.rate(price, sent.Value, p.FromSymbol)})
	if p.SettledOut.Valid {
		facts = append(facts, shop.Fact{Label: text.Text("receipt.received"), Value: handlers.CoinText(money.Exact(p.SettledOut.Decimal, min(2, p.ToDecimals)), p.ToSymbol, text.Lang())})
	}
	facts = append(facts, shop.Fact{Label: text.Text("receipt.exchanged_by"), Value: checkout.Host(site.BaseURL)})
	if p.UID != "" {
		facts = append(facts, shop.Fact{Label: text.Text("receipt.its_order"), Value: p.UID})
	}
	return facts, nil
}
