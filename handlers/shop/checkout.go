package shop

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/handlers"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/money"
	"mostrador/views"
	"mostrador/views/shop"
)

// paying is one page of paying: what is paid for, what was typed, and what is wrong with it.
type paying struct {
	form     form
	basket   *checkout.Basket // of a new order
	order    *models.Order    // of another attempt
	payments []models.Payment // of order
	token    string           // of order
	problem  *checkout.Problem
	notice   *shop.Note
	status   int // of the answer; 0: 200, or what the problem says
}

// price is what is to be paid in minor units; 0 while it is not known.
func (g paying) price(s *side) int64 {
	switch {
	case g.order != nil:
		return s.svc.Due(g.order)
	case g.basket != nil:
		return g.basket.Total
	}
	return 0
}

// checkout answers GET /checkout: paying for the cart.
func (s *side) checkout(c echo.Context) error {
	noStore(c)
	f := form{source: checkout.SourceCart, attempt: newAttempt(), route: c.QueryParam("route")}
	basket, err := s.svc.Basket(c.Request().Context(), f.placement(cartToken(c), handlers.Printer(c).Lang()))
	if p, ok := checkout.AsProblem(err); ok && p.Kind == checkout.Invalid {
		return redirect(c, "/cart") // it says what is wrong
	}
	if err != nil {
		return err
	}
	return s.payPage(c, paying{form: f, basket: basket})
}

// payAmount answers GET /pay: it asks for the amount, or with one goes on to pay it.
func (s *side) payAmount(c echo.Context) error {
	return s.payOpen(c, form{source: checkout.SourceAmount, attempt: newAttempt(), route: c.QueryParam("route"), amount: c.QueryParam("amount"), currency: c.QueryParam("currency")})
}

// payLink answers GET /pay/{link}.
func (s *side) payLink(c echo.Context) error {
	err := s.payOpen(c, form{source: checkout.SourceLink, link: c.Param("link"), attempt: newAttempt(), route: c.QueryParam("route"), amount: c.QueryParam("amount"), currency: c.QueryParam("currency")})
	if p, ok := checkout.AsProblem(err); ok && p.Kind == checkout.Conflict { // closed, also for who has paid by it
		own, err := s.paidByLink(c, c.Param("link"))
		if err != nil {
			return err
		}
		if own != "" {
			noStore(c)
			return redirect(c, own)
		}
	}
	return err
}

const linkCookie = "link" // the last payment link that this browser ordered by, and its order

// paidByLink is the page of the order that this browser made by a link and that is paid or may yet be; "" when there is none.
func (s *side) paidByLink(c echo.Context, link string) (string, error) {
	slug, token, _ := strings.Cut(handlers.Cookie(c, linkCookie), ".")
	if slug != link {
		return "", nil
	}
	o, err := s.keptOrder(c, token)
	if o == nil {
		return "", err
	}
	switch o.Status {
	case checkout.Expired, checkout.Cancelled, checkout.Returned: // who orders again from there has to hear that the link is closed
		return "", nil
	}
	return "/orders/" + token, nil
}

func (s *side) payOpen(c echo.Context, f form) error {
	basket, err := s.svc.Basket(c.Request().Context(), f.placement("", handlers.Printer(c).Lang()))
	p, isProblem := checkout.AsProblem(err)
	switch {
	case isProblem && p.Kind == checkout.Invalid:
		if _, asked := c.QueryParams()["amount"]; !asked && p.Code == "amount_missing" {
			return s.amountPage(c, f, basket, nil)
		}
		return s.amountPage(c, f, basket, p)
	case err != nil:
		return err
	}
	return s.payPage(c, paying{form: f, basket: basket})
}

// amountPage asks how much shall be paid.
func (s *side) amountPage(c echo.Context, f form, basket *checkout.Basket, problem *checkout.Problem) error {
	p := handlers.Printer(c)
	settings := s.Settings(c)
	v := shop.AmountView{Heading: p.Text("checkout.amount_title", "shop", s.ShopName(settings)), Lead: p.Text("checkout.amount_lead"), Action: "/pay", Currency: s.Config.Shop.Currency,
		Amount: s.amountField(p, f.amount)}
	if f.link != "" {
		v.Action = templ.SafeURL("/pay/" + f.link)
		if basket != nil && basket.Title != "" {
			v.Heading = p.Text("checkout.title_link", "title", basket.Title)
		}
	}
	v.Page = s.Page(c, v.Heading, views.WidthOrder)
	v.Page.Description = v.Lead
	status := http.StatusOK
	if problem != nil {
		status, v.Amount.Mistake = handlers.StatusOf(problem), problemText(p, problem, "")
		v.Mistakes = mistaken(p, "checkout.mistakes", &v.Page, &v.Amount)
	}
	noStore(c)
	return handlers.HTML(c, status, shop.Amount(v))
}

func (s *side) amountField(p messages.Printer, typed string) shop.Field {
	return shop.Field{ID: "amount", Name: "amount", Label: p.Text("checkout.amount_label"), Inputmode: "decimal", Value: typed, Required: true}
}

// payPage shows the checkout.
func (s *side) payPage(c echo.Context, g paying) error {
	v, err := s.checkoutView(c, g)
	if err != nil {
		return err
	}
	status := g.status
	if status == 0 {
		if status = http.StatusOK; g.problem != nil {
			status = handlers.StatusOf(g.problem)
		}
	}
	noStore(c)
	return handlers.HTML(c, status, shop.Checkout(v))
}

// placeOrder answers POST /orders.
func (s *side) placeOrder(c echo.Context) error {
	ctx, p := c.Request().Context(), handlers.Printer(c)
	f, err := parseForm(c)
	if err != nil {
		return err
	}
	want := f.placement(cartToken(c), p.Lang())
	if f.asks() {
		return s.showAmount(c, f, want)
	}
	undo, err := s.limitOrders(c, "form:"+f.attempt, f.attempt != "")
	if err != nil {
		return err
	}
	placed, err := s.svc.Place(ctx, want)
	if problem, ok := checkout.AsProblem(err); ok {
		undo()
		return s.notPlaced(c, f, want, problem)
	}
	if err != nil {
		return err
	}
	return s.goOn(c, f, placed)
}

// goOn leads to where the customer pays. Where the exchanger would not take one of the values, the form comes back with the mistake beside its field.
func (s *side) goOn(c echo.Context, f form, placed *checkout.Placed) error {
	s.SetCookie(c, routeCookie, f.route, year)
	s.SetCookie(c, orderCookie, placed.Token, cartAge)
	if f.link != "" {
		s.SetCookie(c, linkCookie, f.link+"."+placed.Token, year)
	}
	noStore(c)
	field, err := s.svc.FieldRefused(c.Request().Context(), placed.Order)
	if err != nil {
		return err
	}
	if field == "" || placed.Again || placed.Order.Status != checkout.Open && placed.Order.Status != checkout.Underpaid {
		return redirect(c, placed.Next)
	}
	f.attempt, f.quoted, f.shown = "", "", ""
	return s.choosePage(c, placed.Order, paying{form: f, problem: &checkout.Problem{Kind: checkout.Invalid, Field: field, Code: "field_refused", Args: []any{"site", s.siteHost(f.route)}}})
}

// showAmount answers a form that only asks what a currency would cost: the same page, with the amount.
func (s *side) showAmount(c echo.Context, f form, want checkout.Placement) error {
	basket, err := s.svc.Basket(c.Request().Context(), want)
	problem, isProblem := checkout.AsProblem(err)
	if err != nil && (!isProblem || problem.Kind != checkout.Invalid) {
		return err
	}
	if isProblem {
		return s.notPlaced(c, f, want, problem)
	}
	g := paying{form: f, basket: basket}
	if f.email != "" { // to be put right now rather than after the next step
		g.problem = checkout.CheckEmail(f.email)
	}
	return s.payPage(c, g)
}

// notPlaced shows the same page again with everything that was typed, and each mistake beside its field.
func (s *side) notPlaced(c echo.Context, f form, want checkout.Placement, problem *checkout.Problem) error {
	if problem.Kind == checkout.NotFound || problem.Kind == checkout.Conflict {
		return problem
	}
	if f.attempt == "" {
		f.attempt = newAttempt()
	}
	basket, err := s.svc.Basket(c.Request().Context(), want)
	wrong, isProblem := checkout.AsProblem(err)
	if err != nil && !isProblem {
		return err
	}
	if isProblem && wrong.Field == "source" {
		if f.source == checkout.SourceCart {
			return s.cartPage(c, handlers.StatusOf(wrong), 0, "", "")
		}
		return wrong
	}
	if isProblem {
		basket = nil // the amount is not one
	}
	g := paying{form: f, basket: basket, problem: problem}
	if problem.Kind == checkout.Unavailable {
		p := handlers.Printer(c)
		g.notice = &shop.Note{Tone: shop.Trouble, Icon: "cloud-off", Text: p.Text("checkout.exchanger_away", "site", s.siteHost(f.route))}
	}
	return s.payPage(c, g)
}

// plainPrice is a price as a program reads it.
func (s *side) plainPrice(minor int64) string {
	return money.FromMinor(minor, s.Config.Shop.Currency).String()
}
