package shop

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"mostrador/checkout"
	"mostrador/exchanger"
	"mostrador/handlers"
	"mostrador/messages"
	"mostrador/money"
	"mostrador/views"
	"mostrador/views/shop"
)

// quoteJSON is a quote as programs read it. Amounts are texts.
type quoteJSON struct {
	Route     string    `json:"route"`
	Site      string    `json:"site"`
	Price     string    `json:"price"`
	Currency  string    `json:"currency"`
	From      string    `json:"from"`
	Symbol    string    `json:"symbol"`
	InAmount  string    `json:"inAmount"`
	To        string    `json:"to"`
	OutAmount string    `json:"outAmount"`
	ExpiresAt time.Time `json:"expiresAt"`
}

// quote answers GET /quote?route=&price=: what one currency costs now. Asked by the page itself it is a part of the page.
func (s *side) quote(c echo.Context) error {
	ctx, p := c.Request().Context(), handlers.Printer(c)
	c.Response().Header().Add("Vary", "HX-Request")
	noStore(c)
	part := c.Request().Header.Get("HX-Request") == "true"
	price, err := money.Parse(c.QueryParam("price"), s.Config.Shop.Currency)
	if err != nil {
		problem := &checkout.Problem{Kind: checkout.Invalid, Field: "price", Code: "amount_not_number"}
		if part {
			return handlers.HTML(c, http.StatusOK, shop.CheckoutQuote(shop.Quote{Problem: handlers.ProblemText(p, problem)}, quoteAction(c)))
		}
		return handlers.WriteProblem(c, problem)
	}
	route := c.QueryParam("route")
	offer, err := s.svc.Quote(ctx, route, price)
	problem, isProblem := checkout.AsProblem(err)
	if err != nil && !isProblem {
		return err
	}
	if part {
		q := shop.Quote{Row: &shop.Route{ID: route, Why: p.Text("checkout.why_off")}}
		if offer != nil {
			q = s.quoteView(c, p, offer, problem, price, nil)
			row := s.route(c, p, offer, route, price)
			q.Row = &row
		} else if problem.Kind == checkout.Unavailable {
			q.Problem = p.Text("checkout.quote_problem", "site", s.siteHost(route))
		} else {
			q.Problem = problemText(p, problem, s.siteHost(route))
		}
		return handlers.HTML(c, http.StatusOK, shop.CheckoutQuote(q, quoteAction(c)))
	}
	if isProblem {
		return handlers.WriteProblem(c, problem)
	}
	return c.JSON(http.StatusOK, quoteJSON{Route: offer.Key, Site: offer.SiteHost, Price: s.plainPrice(price), Currency: s.Config.Shop.Currency, From: offer.Route.From.XML, Symbol: offer.Route.From.Symbol,
		InAmount: money.Exact(offer.Due, offer.Route.From.Decimals), To: offer.Route.To.XML, OutAmount: money.Exact(offer.Want, offer.Route.To.Decimals), ExpiresAt: offer.Until.UTC()})
}

var orderPath = regexp.MustCompile(`/orders/([a-z0-9]{16,64})(?:[?/#]|$)`)

// quoteAction is where the form of the page that asks is sent.
func quoteAction(c echo.Context) string {
	if m := orderPath.FindStringSubmatch(c.Request().Header.Get("HX-Current-URL")); m != nil {
		return "/orders/" + m[1] + "/pay"
	}
	return "/orders"
}

// quoteView is what depends on the chosen currency. problem says why it cannot serve the price; its fields are shown all the same, so that what
// was typed is kept.
func (s *side) quoteView(c echo.Context, p messages.Printer, o *checkout.Offer, problem *checkout.Problem, price int64, typed map[string]string) shop.Quote {
	settings := s.Settings(c)
	q := shop.Quote{Route: o.Key, Fields: fieldViews(p, checkout.AskedFields(o), typed)}
	if len(q.Fields) > 0 {
		q.FieldsTitle = p.Text("checkout.for_currency", "currency", o.Route.From.Name)
	}
	q.Agreement = s.agreement(p, settings, o)
	if problem != nil || o.Due.Sign() <= 0 {
		if problem != nil && price > 0 {
			q.Problem = problemText(p, problem, o.SiteHost)
		}
		q.Route = ""
		return q
	}
	q.Shown = s.svc.SealShown(o, price)
	amount := handlers.UnitsText(o.Units(), p.Lang())
	q.Due, q.Pay, q.Busy = views.MoneyOf(amount), p.Text("checkout.pay", "amount", amount), p.Text("checkout.busy")
	q.BusyLong = p.Text("checkout.busy_long", "site", o.SiteHost)
	q.Rate = p.Text("checkout.rate", "price", s.price(price, p), "symbol", o.Route.From.Symbol, "rate", s.rateText(p, price, o.Due))
	next, final := "checkout.next", "checkout.final"
	if s.Config.Checkout.PaymentPage == "onsite" {
		next, final = "checkout.next_onsite", "checkout.final_onsite"
	}
	q.Next = p.Text(next, "site", o.SiteHost)
	q.Final = p.Text(final, "site", o.SiteHost, "percent", money.Number(s.svc.Options().Rules.Price.Shift(2).String(), p.Lang()))
	if left := o.Until.Sub(s.Now()); left > 0 {
		text, iso := handlers.Left(left)
		q.Held = &shop.Countdown{Text: text, ISO: iso, Until: o.Until.UTC().Format(time.RFC3339), Now: s.Now().UTC().Format(time.RFC3339), Label: p.Text("checkout.held")}
	}
	return q
}

// rateText is the price of one unit of what is paid, with enough digits to tell cheap currencies apart.
func (s *side) rateText(p messages.Printer, price int64, due decimal.Decimal) string {
	a := money.FromMinor(price, s.Config.Shop.Currency)
	if due.Sign() <= 0 {
		return a.Text(p.Lang())
	}
	rate := a.Value.DivRound(due, 12)
	for rate.Shift(a.Decimals).LessThan(decimal.NewFromInt(100)) && a.Decimals < 8 {
		a.Decimals++
	}
	a.Value = rate.Round(a.Decimals)
	return a.Text(p.Lang())
}

// fieldViews are the fields that a route asks for, in the exchanger's own words.
func fieldViews(p messages.Printer, fields []exchanger.Field, typed map[string]string) []shop.Field {
	out := make([]shop.Field, 0, len(fields))
	for _, f := range fields {
		v := shop.Field{ID: fieldID(f.Key), Name: "fields[" + f.Key + "]", Label: f.Label, Value: typed[f.Key], Required: f.Required, Exact: true, Pattern: browserPattern(f.Regexp)}
		if v.Pattern != "" {
			v.Hint = p.Text("checkout.field_mistake", "field", f.Label)
		}
		switch low := strings.ToLower(f.Name + " " + f.Label); {
		case strings.Contains(low, "mail"):
			v.Type, v.Inputmode, v.Autocomplete, v.Exact = "email", "email", "email", false
		case strings.Contains(low, "phone"), strings.Contains(low, "телефон"):
			v.Type, v.Inputmode, v.Autocomplete, v.Exact = "tel", "tel", "tel", false
		case strings.Contains(low, "holder"), strings.Contains(low, "name"):
			v.Autocomplete, v.Exact = "name", false
		}
		out = append(out, v)
	}
	return out
}

// fieldID is the id of a field on the page.
func fieldID(key string) string {
	return "field-" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '-'
	}, key)
}

var repeatedGroup = regexp.MustCompile(`\)[+*{]`)

// browserPattern is an exchanger's pattern for the check as a person leaves the field. Browsers run patterns in time without bound, so one that
// repeats a group, or is no plain pattern, is checked by the server alone.
func browserPattern(pattern string) string {
	pattern = strings.TrimSpace(pattern)
	if len(pattern) > 300 || strings.HasPrefix(pattern, "/") || repeatedGroup.MatchString(pattern) {
		return ""
	}
	if _, err := regexp.Compile(pattern); err != nil {
		return ""
	}
	return pattern
}
