package shop

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/handlers"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/views"
	"mostrador/views/shop"
)

const (
	routeCookie = "route" // the currency that this browser paid with the last time
	inSight     = 3       // currencies that are seen without opening the list
)

// checkoutView fills the page on which somebody pays.
func (s *side) checkoutView(c echo.Context, g paying) (shop.CheckoutView, error) {
	ctx, p := c.Request().Context(), handlers.Printer(c)
	settings := s.Settings(c)
	price := g.price(s)
	offer, quoteProblem, err := s.offerOf(ctx, g.form.route, price)
	if err != nil {
		return shop.CheckoutView{}, err
	}
	offers, err := s.svc.Offers(ctx, price)
	if err != nil {
		return shop.CheckoutView{}, err
	}
	offers = withChosen(offers, offer)
	v := shop.CheckoutView{Action: "/orders", Price: s.plainPrice(price), Notice: g.notice}
	v.Agreement = shop.Check{ID: "agreement", Name: "agreement", Checked: g.form.agreement,
		Text: s.agreement(p, settings, nil)}
	v.Routes = s.routes(c, p, offers, g.form.route, price)
	if offer != nil {
		v.Quote = s.quoteView(c, p, offer, quoteProblem, price, g.form.fields)
	} else if g.form.route != "" && quoteProblem != nil && quoteProblem.Kind == checkout.Unavailable {
		v.Quote.Problem = p.Text("checkout.quote_problem", "site", s.siteHost(g.form.route))
	}
	v.Summary = s.summary(p, g, price)
	if g.order == nil {
		v.Email = &shop.Field{ID: "email", Name: "email", Type: "email", Inputmode: "email", Autocomplete: "email", Label: p.Text("checkout.email"), Help: s.emailHelp(p), Required: true, Value: g.form.email}
	} else if checkout.MayBeUnderWay(g.payments) {
		v.NothingSent = nothingSent(p, g.form.nothingSent)
	}
	s.heading(p, g, price, &v)
	if g.order == nil && g.basket == nil {
		amount := s.amountField(p, g.form.amount)
		v.Amount, v.Currency = &amount, s.Config.Shop.Currency
	}
	s.hidden(g, &v)
	v.Page = s.Page(c, v.Heading, views.WidthCheckout)
	v.Page.Back = s.backOf(g)
	s.mark(p, g, offer, &v)
	s.changed(p, g, offer, quoteProblem, &v)
	if len(offers) == 0 && g.form.route != "" && g.notice != nil {
		v.Hidden = append(v.Hidden, shop.Hidden{Name: "route", Value: g.form.route}) // kept, so that trying again is one press
	} else if price > 0 && !payableOne(offers) {
		v.NoCurrency = s.noCurrency(p, g, price)
		if c.Request().Method == http.MethodGet {
			v.Page.Refresh = v.NoCurrency.Again
		}
	}
	return v, nil
}

// noCurrency stands in place of the checkout when nothing can pay the price. While no exchanger answers the page looks again by itself; a rest that is
// too little for any of them leads back to its order.
func (s *side) noCurrency(p messages.Printer, g paying, price int64) *shop.Empty {
	e := &shop.Empty{Picture: "unreachable", Action: &shop.Link{Label: p.Text("checkout.none_action"), URL: templ.SafeURL(s.backOf(g))}}
	switch {
	case s.Service.NoneAnswers():
		e.Title, e.Text, e.Again = p.Text("checkout.away_title"), p.Text("checkout.away_text"), 15
	case g.order != nil && g.order.Status == checkout.Underpaid:
		e.Title, e.Text = p.Text("checkout.rest_title", "price", s.price(price, p)), p.Text("checkout.rest_text")
		e.Action = &shop.Link{Label: p.Text("checkout.rest_action"), URL: templ.SafeURL("/orders/" + g.token)}
	default:
		e.Title, e.Text = p.Text("checkout.none_title"), p.Text("checkout.none_text", "price", s.price(price, p))
	}
	return e
}

// agreement is what the customer agrees to: the shop's terms where it has any, and the rules of the exchanger of an offer; nil: none is chosen yet.
func (s *side) agreement(p messages.Printer, settings models.ShopSettings, o *checkout.Offer) []views.Span {
	terms, rules := templ.SafeURL(s.TermsURL(settings)), templ.SafeURL("")
	key, args := "checkout.agree_any", []any{"shop", s.ShopName(settings)}
	switch {
	case o == nil && terms == "":
		key = "checkout.agree_any_rules"
	case o != nil && terms == "":
		key = "checkout.agree_rules"
	case o != nil:
		key = "checkout.agree"
	}
	if o != nil {
		rules, args = s.siteURL(o.SiteName), append(args, "site", o.SiteHost)
	}
	return views.Sentence(p.Text(key, args...), map[string]templ.SafeURL{"terms": terms, "rules": rules})
}

// emailHelp says what the address is for: without mail nothing goes there by itself.
func (s *side) emailHelp(p messages.Printer) string {
	if s.Config.Mail.URL == "" {
		return p.Text("checkout.email_help_nomail")
	}
	return p.Text("checkout.email_help")
}

func payableOne(offers []checkout.Offer) bool {
	for _, o := range offers {
		if o.Problem == nil {
			return true
		}
	}
	return false
}

// withChosen puts the offer that was just priced in the place of the same currency's.
func withChosen(offers []checkout.Offer, chosen *checkout.Offer) []checkout.Offer {
	if chosen == nil {
		return offers
	}
	for i := range offers {
		if offers[i].Route.From.XML == chosen.Route.From.XML {
			offers[i] = *chosen
			return offers
		}
	}
	return append(offers, *chosen)
}

func nothingSent(p messages.Printer, ticked bool) *shop.Check {
	return &shop.Check{ID: "nothing_sent", Name: "nothing_sent", Text: []views.Span{{Text: p.Text("checkout.nothing_sent")}}, More: p.Text("checkout.nothing_sent_why"), Checked: ticked}
}

// heading says what is paid for.
func (s *side) heading(p messages.Printer, g paying, price int64, v *shop.CheckoutView) {
	switch {
	case g.order != nil && g.order.Status == checkout.Underpaid:
		v.Heading, v.Lead = p.Text("checkout.title_rest", "number", g.order.Number), p.Text("checkout.lead_rest", "price", s.price(price, p))
	case g.order != nil:
		v.Heading = p.Text("checkout.title_again", "number", g.order.Number)
	case g.basket != nil && g.basket.Title != "":
		v.Heading = p.Text("checkout.title_link", "title", g.basket.Title)
		if g.basket.Link != nil {
			v.Lead = g.basket.Link.Description
		}
	case g.basket != nil && g.basket.Source == checkout.SourceAmount:
		v.Heading = p.Text("checkout.title_amount", "price", s.price(price, p))
	default:
		v.Heading = p.Text("checkout.title")
	}
}

// hidden are the values that the form carries unseen.
func (s *side) hidden(g paying, v *shop.CheckoutView) {
	add := func(name, value string) {
		if value != "" {
			v.Hidden = append(v.Hidden, shop.Hidden{Name: name, Value: value})
		}
	}
	if g.order != nil {
		v.Action = templ.SafeURL("/orders/" + g.token + "/pay")
	} else {
		add("source", g.form.source)
		add("link", g.form.link)
		if v.Amount == nil {
			add("amount", g.form.amount)
		}
	}
	add("attempt", g.form.attempt)
}

// backOf is the address at which this page can be read again.
func (s *side) backOf(g paying) string {
	amount := ""
	if g.form.amount != "" {
		amount = "?amount=" + url.QueryEscape(g.form.amount)
	}
	switch {
	case g.order != nil:
		return "/orders/" + g.token + "?choose=1"
	case g.form.source == checkout.SourceLink:
		return "/pay/" + url.PathEscape(g.form.link) + amount
	case g.form.source == checkout.SourceAmount:
		return "/pay" + amount
	}
	return "/checkout"
}

// summary is what is paid for, as a list.
func (s *side) summary(p messages.Printer, g paying, price int64) shop.Summary {
	out := shop.Summary{Total: s.price(price, p)}
	if price == 0 {
		out.Total = ""
	}
	var lines []models.OrderLine
	if g.basket != nil {
		lines = g.basket.Lines
	}
	n := int64(0)
	for _, l := range lines {
		out.Lines = append(out.Lines, s.line(p, l))
		n += l.Quantity
	}
	switch {
	case n > 0:
		out.Count = p.Count("cart.items", int(n))
		out.Change = &shop.Link{Label: p.Text("checkout.change_cart"), URL: "/cart"}
	case g.order != nil:
		out.Count = p.Text("order.title", "number", g.order.Number)
	case g.basket != nil && g.basket.Title != "":
		out.Count = g.basket.Title
	}
	if g.order == nil && g.form.amount != "" && (g.basket == nil || g.basket.Link == nil || g.basket.Link.Amount == nil) {
		to := "/pay"
		if g.form.link != "" {
			to += "/" + url.PathEscape(g.form.link)
		}
		out.Change = &shop.Link{Label: p.Text("checkout.change_amount"), URL: templ.SafeURL(to)}
	}
	if price > 0 {
		out.Rows = []shop.Fact{{Label: p.Text("checkout.goods"), Value: s.price(price, p)}, {Label: p.Text("checkout.fee"), Value: p.Text("checkout.fee_in_rate")}}
	}
	return out
}

func (s *side) line(p messages.Printer, l models.OrderLine) shop.Line {
	return shop.Line{Title: l.Title, Detail: fmt.Sprintf("%d × %s", l.Quantity, s.price(l.UnitPrice, p)), Sum: s.price(l.Total, p), Picture: picture(l.Picture)}
}

// changed says on the page that the amount of a newly chosen currency is below, and that nothing is paid yet.
func (s *side) changed(p messages.Printer, g paying, offer *checkout.Offer, problem *checkout.Problem, v *shop.CheckoutView) {
	if g.problem != nil || g.notice != nil || offer == nil || !g.form.asks() {
		return
	}
	if problem != nil {
		return // the currency's own line says why
	}
	v.Notice = &shop.Note{Tone: shop.Attention, Icon: "info", Text: p.Text("checkout.changed", "currency", offer.Route.From.Name, "amount", handlers.UnitsText(offer.Units(), p.Lang()))}
}

// siteHost names the exchanger of a route as people know it.
func (s *side) siteHost(route string) string {
	name, _, _ := strings.Cut(route, "/")
	for _, site := range s.svc.Options().Sites {
		if site.Name == name {
			return checkout.Host(site.BaseURL)
		}
	}
	return name
}

// siteURL is where the rules of an exchanger are to be read.
func (s *side) siteURL(name string) templ.SafeURL {
	for _, site := range s.svc.Options().Sites {
		if site.Name == name {
			return templ.SafeURL(site.BaseURL)
		}
	}
	return ""
}
