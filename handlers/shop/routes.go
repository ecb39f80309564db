package shop

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/handlers"
	"mostrador/messages"
	"mostrador/money"
	"mostrador/views"
	"mostrador/views/shop"
)

// routes is the list of currencies.
func (s *side) routes(c echo.Context, p messages.Printer, offers []checkout.Offer, chosen string, price int64) shop.Routes {
	list := make([]shop.Route, 0, len(offers))
	for i := range offers {
		list = append(list, s.route(c, p, &offers[i], chosen, price))
	}
	out := shop.Routes{Count: p.Count("checkout.count", len(list))}
	out.Top, out.More = shop.Arrange(list, inSight)
	payable := 0
	for _, r := range out.More {
		out.MoreOpen = out.MoreOpen || r.Chosen
		if r.Why == "" {
			payable++
		}
	}
	if out.MoreLabel = p.Count("checkout.more_currencies", payable); payable == 0 {
		out.MoreLabel = p.Text("checkout.more_unpayable")
	}
	return out
}

// route is one currency of the list.
func (s *side) route(c echo.Context, p messages.Printer, o *checkout.Offer, chosen string, price int64) shop.Route {
	words, bank := checkout.KindOf(o.Route.From.Currency)
	r := shop.Route{ID: o.Key, Disc: s.offerDisc(c.Request().Context(), o), Name: o.Route.From.Name, Net: checkout.NetworkText(p, o.Route.From.XML), Symbol: o.Route.From.Symbol,
		Find: strings.TrimSpace(words + " " + o.Route.From.XML), Bank: bank, Last: o.Key == handlers.Cookie(c, routeCookie), Chosen: o.Key == chosen}
	if r.Net == r.Name { // WebMoney is both
		r.Net = ""
	}
	switch {
	case price == 0: // no amount yet: nothing speaks against any of them
	case o.Problem != nil:
		r.Why = s.why(p, o)
	default:
		r.Due = views.MoneyOf(handlers.UnitsText(o.Units(), p.Lang()))
	}
	return r
}

// why says in few words why a currency cannot serve the price.
func (s *side) why(p messages.Printer, o *checkout.Offer) string {
	units := func(name string) string {
		for i := 0; i+1 < len(o.Problem.Args); i += 2 {
			if u, ok := o.Problem.Args[i+1].(checkout.Units); ok && o.Problem.Args[i] == name {
				return handlers.UnitsText(u, p.Lang())
			}
		}
		return ""
	}
	switch o.Problem.Code {
	case "route_below_min":
		return p.Text("checkout.why_min", "amount", units("min"))
	case "route_above_max":
		return p.Text("checkout.why_max", "amount", units("max"))
	case "route_needs_verification":
		return p.Text("checkout.why_verification", "site", o.SiteHost)
	case "route_no_reserve":
		if !o.Route.Rate.AmountKnown || o.Payout.Rate.Sign() <= 0 {
			break
		}
		left := money.FromMinor(0, s.Config.Shop.Currency)
		left.Value = o.Route.Rate.Amount.Div(o.Payout.Rate).RoundFloor(left.Decimals)
		if left.Value.Sign() > 0 {
			return p.Text("checkout.why_reserve", "amount", left.Text(p.Lang()))
		}
	}
	return p.Text("checkout.why_off")
}

// problemText says on the checkout page what is wrong, naming the exchanger.
func problemText(p messages.Printer, problem *checkout.Problem, site string) string {
	arg := func(name string) any {
		for i := 0; i+1 < len(problem.Args); i += 2 {
			if problem.Args[i] == name {
				if u, ok := problem.Args[i+1].(checkout.Units); ok {
					return handlers.UnitsText(u, p.Lang())
				}
				return problem.Args[i+1]
			}
		}
		return ""
	}
	switch problem.Code {
	case "amount_missing", "amount_not_number":
		return p.Text("checkout.amount_bad")
	case "email_missing":
		return p.Text("checkout.email_missing")
	case "email_invalid":
		return p.Text("checkout.email_bad")
	case "route_missing":
		return p.Text("checkout.route_missing")
	case "route_unknown", "route_off":
		return p.Text("checkout.route_gone")
	case "route_below_min":
		return p.Text("checkout.route_min", "amount", arg("min"))
	case "route_above_max":
		return p.Text("checkout.route_max", "amount", arg("max"))
	case "field_missing":
		return p.Text("checkout.field_missing", "field", arg("name"))
	case "field_pattern":
		if name, _ := arg("name").(string); checkout.InWallet(name) {
			return p.Text("checkout.field_mistake_wallet", "field", name)
		}
		return p.Text("checkout.field_mistake", "field", arg("name"))
	case "field_refused":
		return p.Text("checkout.field_refused", "site", site)
	case "agreement_missing":
		if site != "" {
			return p.Text("checkout.agreement_missing", "site", site)
		}
	case "nothing_sent_missing":
		return p.Text("checkout.nothing_sent_missing")
	case "exchanger_down":
		if site != "" {
			return p.Text("checkout.exchanger_away", "site", site)
		}
	}
	return handlers.ProblemText(p, problem)
}

// mark puts every mistake beside its field and into the list at the top; the first gets the focus.
func (s *side) mark(p messages.Printer, g paying, offer *checkout.Offer, v *shop.CheckoutView) {
	if g.problem == nil || handlers.StatusOf(g.problem) != http.StatusUnprocessableEntity {
		return
	}
	site := s.siteHost(g.form.route)
	byID := map[string]shop.Mistake{}
	for _, one := range g.problem.All() {
		text := problemText(p, one, site)
		switch {
		case one.Field == "amount" && v.Amount != nil:
			v.Amount.Mistake = text
			byID["amount"] = shop.Mistake{Field: "amount", Text: v.Amount.Label}
		case one.Field == "email" && v.Email != nil:
			v.Email.Mistake = text
			byID["email"] = shop.Mistake{Field: "email", Text: v.Email.Label}
		case one.Field == "agreement":
			v.Agreement.Mistake = text
			byID["agreement"] = shop.Mistake{Field: "agreement", Text: p.Text("checkout.agreement_label")}
		case one.Field == "nothing_sent" && v.NothingSent != nil:
			v.NothingSent.Mistake = text
			byID["nothing_sent"] = shop.Mistake{Field: "nothing_sent", Text: p.Text("checkout.nothing_sent_label")}
		case strings.HasPrefix(one.Field, "fields["):
			for i := range v.Quote.Fields {
				if f := &v.Quote.Fields[i]; f.Name == one.Field {
					f.Mistake = text
					byID[f.ID] = shop.Mistake{Field: f.ID, Text: f.Label}
				}
			}
		default:
			v.Routes.Mistake = text
			byID["route"] = shop.Mistake{Field: "route", Text: p.Text("checkout.pay_with")}
		}
	}
	s.list(p, byID, v)
}

// list writes the mistakes in the order of the page.
func (s *side) list(p messages.Printer, byID map[string]shop.Mistake, v *shop.CheckoutView) {
	order := []struct {
		id    string
		focus *bool
	}{{"amount", nil}, {"email", nil}, {"route", &v.Routes.Focus}}
	if v.Amount != nil {
		order[0].focus = &v.Amount.Focus
	}
	if v.Email != nil {
		order[1].focus = &v.Email.Focus
	}
	for i := range v.Quote.Fields {
		order = append(order, struct {
			id    string
			focus *bool
		}{v.Quote.Fields[i].ID, &v.Quote.Fields[i].Focus})
	}
	if v.NothingSent != nil {
		order = append(order, struct {
			id    string
			focus *bool
		}{"nothing_sent", &v.NothingSent.Focus})
	}
	order = append(order, struct {
		id    string
		focus *bool
	}{"agreement", &v.Agreement.Focus})
	for _, o := range order {
		m, ok := byID[o.id]
		if !ok {
			continue
		}
		if len(v.Mistakes.List) == 0 && o.focus != nil {
			*o.focus = true
		}
		v.Mistakes.List = append(v.Mistakes.List, m)
	}
	n := len(v.Mistakes.List)
	for n := 1; n < len(v.Mistakes.List); n++ {
		v.Mistakes.Fewer = append(v.Mistakes.Fewer, p.Count("checkout.mistakes", n))
		v.Mistakes.FewerWindow = append(v.Mistakes.FewerWindow, p.Count("checkout.window_mistakes", n))
	}
	v.Mistakes.Title = p.Count("checkout.mistakes", n)
	v.Page.Title = views.Title(p.Count("checkout.window_mistakes", n), v.Page.Title)
}
