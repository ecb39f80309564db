package shop

import (
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/handlers"
	"mostrador/models"
	"mostrador/money"
	"mostrador/views"
	"mostrador/views/shop"
)

// byToken finds the order of an address. Whoever knows the token may see it.
func (s *side) byToken(c echo.Context) (*models.Order, error) {
	token := c.Param("token")
	if !tokenShape.MatchString(token) {
		return nil, orderUnknown()
	}
	o, err := s.store.OrderByToken(c.Request().Context(), token)
	if errors.Is(err, models.ErrNotFound) {
		return nil, orderUnknown()
	}
	return o, err
}

func orderUnknown() error {
	return &checkout.Problem{Kind: checkout.NotFound, Code: "order_unknown"}
}

// order answers GET /orders/{token}: the page, or what is inside of it when the open page itself asks. choose=1 shows the currencies.
func (s *side) order(c echo.Context) error {
	ctx := c.Request().Context()
	noStore(c)
	c.Response().Header().Add("Vary", "HX-Request")
	o, err := s.byToken(c)
	if err != nil {
		return err
	}
	if c.QueryParam("choose") != "" && (o.Status == checkout.Open || o.Status == checkout.Underpaid) {
		return s.choosePage(c, o, paying{form: form{route: c.QueryParam("route")}})
	}
	s.svc.Watch(ctx, o)
	v, err := s.look(c, o, c.QueryParam("back"))
	if err != nil {
		return err
	}
	if c.Request().Header.Get("HX-Request") == "true" {
		return handlers.HTML(c, http.StatusOK, shop.OrderMain(v))
	}
	return handlers.HTML(c, http.StatusOK, shop.Order(v))
}

// look builds the page of an order as it is now. back is how the customer came back from the exchanger: success, error or nothing.
func (s *side) look(c echo.Context, o *models.Order, back string) (shop.OrderView, error) {
	l, err := s.svc.Look(c.Request().Context(), o)
	if err != nil {
		return shop.OrderView{}, err
	}
	return s.builder(c, l).view(back), nil
}

// builder collects what the page of an order is made of.
func (s *side) builder(c echo.Context, l *checkout.Look) *orderBuilder {
	p := handlers.Printer(c)
	page := s.Page(c, "", views.WidthOrder)
	page.Back = "/orders/" + l.Token
	b := &orderBuilder{side: s, p: p, l: l, page: page, now: s.Now(), support: s.MailTo(s.Settings(c), p.Text("order.title", "number", l.Order.Number)), supportText: s.SupportEmail(s.Settings(c))}
	if l.Site != nil {
		b.site = checkout.Host(l.Site.BaseURL)
	}
	return b
}

// statusJSON is the order as the page's script and other programs look at it.
type statusJSON struct {
	Order   statusOrder    `json:"order"`
	Payment *statusPayment `json:"payment"`
}

type statusOrder struct {
	Number    int64     `json:"number"`
	Status    string    `json:"status"`
	Flags     []string  `json:"flags"`
	Total     string    `json:"total"`
	Currency  string    `json:"currency"`
	CreatedAt time.Time `json:"createdAt"`
	ExpiresAt time.Time `json:"expiresAt"`
}

type statusPayment struct {
	Status    string    `json:"status"`
	UID       string    `json:"uid"`
	From      string    `json:"from"`
	To        string    `json:"to"`
	InAmount  string    `json:"inAmount"`
	OutAmount string    `json:"outAmount"`
	UpdatedAt time.Time `json:"updatedAt"`
}

// status answers GET /orders/{token}/status.
func (s *side) status(c echo.Context) error {
	ctx := c.Request().Context()
	noStore(c)
	o, err := s.byToken(c)
	if err != nil {
		return err
	}
	s.svc.Watch(ctx, o)
	list, err := s.svc.Payments(ctx, o)
	if err != nil {
		return err
	}
	out := statusJSON{Order: statusOrder{Number: o.Number, Status: o.Status, Flags: append([]string{}, o.FlagList()...), Total: money.FromMinor(o.Total, o.Currency).String(),
		Currency: o.Currency, CreatedAt: o.CreatedAt.UTC(), ExpiresAt: o.ExpiresAt.UTC()}}
	if p := checkout.Current(list); p != nil {
		out.Payment = &statusPayment{Status: checkout.PaymentWord(p), UID: p.UID, From: p.FromXML, To: p.ToXML, InAmount: checkout.InAmount(p), OutAmount: checkout.OutAmount(p), UpdatedAt: p.UpdatedAt.UTC()}
	}
	return c.JSON(http.StatusOK, out)
}

// cameBack answers GET /orders/{token}/return, to which the exchanger sends the customer. It proves nothing and changes nothing: it is a reason
// to look.
func (s *side) cameBack(c echo.Context) error {
	noStore(c)
	o, err := s.byToken(c)
	if err != nil {
		return err
	}
	how := c.QueryParam("status")
	if err := s.svc.CameBack(c.Request().Context(), o, how); err != nil {
		return err
	}
	to := "/orders/" + c.Param("token")
	if how == "success" || how == "error" {
		to += "?back=" + how
	}
	return redirect(c, to)
}
