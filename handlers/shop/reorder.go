package shop

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/handlers"
	"mostrador/models"
	"mostrador/money"
	"mostrador/views/shop"
)

// orderAgain answers POST /orders/{token}/again: what was ordered goes into the cart, a link or a free amount is opened again.
func (s *side) orderAgain(c echo.Context) error {
	ctx := c.Request().Context()
	noStore(c)
	o, err := s.byToken(c)
	if err != nil {
		return err
	}
	switch {
	case o.Source == checkout.SourceAmount:
		return redirect(c, "/pay?amount="+url.QueryEscape(money.FromMinor(o.Total, o.Currency).String()))
	case o.LinkID != nil:
		link, err := s.store.LinkByID(ctx, *o.LinkID)
		if err != nil {
			return err
		}
		to := "/pay/" + url.PathEscape(link.Slug)
		if link.Amount == nil {
			to += "?amount=" + url.QueryEscape(money.FromMinor(o.Total, o.Currency).String())
		}
		return redirect(c, to)
	}
	cart := cartToken(c)
	if cart == "" {
		cart = strings.ToLower(rand.Text())
	}
	if err := s.svc.OrderAgain(ctx, o.ID, cart); err != nil {
		return err
	}
	s.SetCookie(c, cartCookie, cart, cartAge)
	return redirect(c, "/cart?again="+c.Param("token"))
}

// orderAgain is the button that orders the same once more; nil where another site has to.
func (b *orderBuilder) orderAgain() *shop.Action {
	o := b.l.Order
	switch {
	case o.Source == checkout.SourceAPI && o.ReturnURL != "":
		return &shop.Action{Label: b.p.Text("order.back_to", "shop", hostOf(o.ReturnURL)), URL: templ.URL(o.ReturnURL)}
	case o.Source == checkout.SourceAPI:
		return &shop.Action{Label: b.p.Text("order.to_shop"), URL: "/"}
	}
	return b.post(b.p.Text("order.order_again"), "again", b.p.Text("order.order_again_busy"))
}

// scarce says on the cart's page what of an earlier order is not in it; nil: all is.
func (s *side) scarce(c echo.Context) (*shop.Note, error) {
	token := c.QueryParam("again")
	if !tokenShape.MatchString(token) {
		return nil, nil
	}
	ctx, p := c.Request().Context(), handlers.Printer(c)
	list, err := s.notAgain(ctx, token)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	var parts []string
	for _, x := range list {
		if x.Left == 0 {
			parts = append(parts, p.Text("cart.again_gone", "title", x.Title))
		} else {
			parts = append(parts, p.Count("cart.again_fewer", int(x.Left), "title", x.Title))
		}
	}
	return &shop.Note{Tone: shop.Attention, Icon: "info", Title: p.Text("cart.again_title"), Text: strings.Join(parts, " ")}, nil
}

func (s *side) notAgain(ctx context.Context, token string) ([]checkout.Scarce, error) {
	o, err := s.store.OrderByToken(ctx, token)
	if errors.Is(err, models.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return s.svc.NotAgain(ctx, o.ID)
}
