package shop

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"mostrador/checkout"
	"mostrador/handlers"
	"mostrador/models"
	"mostrador/money"
	"mostrador/views/shop"
)

// choosePage shows the currencies for another attempt to pay an order.
func (s *side) choosePage(c echo.Context, o *models.Order, g paying) error {
	l, err := s.svc.Look(c.Request().Context(), o)
	if err != nil {
		return err
	}
	g.order, g.payments, g.token = o, l.Payments, l.Token
	if g.form.attempt == "" {
		g.form.attempt = attemptOf(l)
	}
	return s.payPage(c, g)
}

// payAgain answers POST /orders/{token}/pay: another attempt, the rest of an underpaid order, or the first attempt of an order that the API made.
func (s *side) payAgain(c echo.Context) error {
	ctx, p := c.Request().Context(), handlers.Printer(c)
	noStore(c)
	o, err := s.byToken(c)
	if err != nil {
		return err
	}
	f, err := parseForm(c)
	if err != nil {
		return err
	}
	if f.asks() {
		return s.choosePage(c, o, paying{form: f})
	}
	undo, err := s.limitOrders(c, fmt.Sprintf("pay:%d:%s", o.ID, f.attempt), f.attempt != "")
	if err != nil {
		return err
	}
	placed, err := s.svc.PayAgain(ctx, o, checkout.Again{Route: f.route, Fields: f.fields, Agreement: f.agreement, NothingSent: f.nothingSent, Attempt: f.attempt, Lang: p.Lang(), Shown: f.shown})
	if problem, ok := checkout.AsProblem(err); ok {
		undo()
		if problem.Kind == checkout.Conflict || problem.Kind == checkout.NotFound {
			return problem
		}
		g := paying{form: f, problem: problem}
		if problem.Kind == checkout.Unavailable {
			g.notice = &shop.Note{Tone: shop.Trouble, Icon: "cloud-off", Text: p.Text("checkout.exchanger_away", "site", s.siteHost(f.route))}
		}
		return s.choosePage(c, o, g)
	}
	if err != nil {
		return err
	}
	return s.goOn(c, f, placed)
}

// sayPaid answers POST /orders/{token}/paid: "I have paid".
func (s *side) sayPaid(c echo.Context) error {
	return s.act(c, func(o *models.Order) error { return s.svc.SayPaid(c.Request().Context(), o) })
}

// cancel answers POST /orders/{token}/cancel.
func (s *side) cancel(c echo.Context) error {
	return s.act(c, func(o *models.Order) error { return s.svc.Cancel(c.Request().Context(), o.ID, "customer") })
}

// act does something with the order of the address and goes back to its page.
func (s *side) act(c echo.Context, do func(*models.Order) error) error {
	noStore(c)
	o, err := s.byToken(c)
	if err != nil {
		return err
	}
	if err := do(o); err != nil {
		return err
	}
	return redirect(c, "/orders/"+c.Param("token"))
}

// plainDigits is an amount to copy: no currency, no grouping.
func plainDigits(d decimal.Decimal, decimals int32) string { return money.Exact(d, min(2, decimals)) }

// hostOf is the host of an address as people know it.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return strings.TrimPrefix(u.Host, "www.")
}
