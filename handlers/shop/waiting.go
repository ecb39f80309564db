package shop

import (
	"errors"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/handlers"
	"mostrador/models"
	"mostrador/views/shop"
)

const orderCookie = "order" // the last order of this browser: who leaves the exchanger's page finds it again

// keptOrder is the order whose token a browser kept; nil when there is none.
func (s *side) keptOrder(c echo.Context, token string) (*models.Order, error) {
	if !tokenShape.MatchString(token) {
		return nil, nil
	}
	o, err := s.store.OrderByToken(c.Request().Context(), token)
	if errors.Is(err, models.ErrNotFound) {
		return nil, nil
	}
	return o, err
}

// waiting leads to the order that this browser placed last, while money is awaited for it; nil when there is none.
func (s *side) waiting(c echo.Context) (*shop.Note, error) {
	p, token := handlers.Printer(c), handlers.Cookie(c, orderCookie)
	o, err := s.keptOrder(c, token)
	if o == nil {
		return nil, err
	}
	note := &shop.Note{Tone: shop.Waiting, Icon: "clock", Title: p.Text("cart.waiting_title", "number", o.Number), Links: []shop.Link{{Label: p.Text("cart.waiting_action", "number", o.Number), URL: templ.SafeURL("/orders/" + token)}}}
	switch o.Status {
	case checkout.Open:
		note.Text = p.Text("cart.waiting", "until", handlers.Short(p, o.ExpiresAt.In(s.zone), s.store.Now()))
		return note, nil
	case checkout.Underpaid:
		refunds, err := s.store.Refunds(c.Request().Context(), o.ID)
		if err != nil || checkout.GivenBack(o, refunds) {
			return nil, err
		}
		note.Text = p.Text("cart.waiting_short", "missing", s.price(checkout.Missing(o), p))
		return note, nil
	}
	return nil, nil
}
