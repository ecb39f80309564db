package handlers

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/views"
	"mostrador/views/shop"
)

// handleError answers what no handler could: a page for people, problem+json below /api. Nothing of a fault's own text leaves the program.
func (g *Edge) handleError(err error, c echo.Context) {
	if errors.Is(err, models.ErrText) { // what no form has named itself
		err = &checkout.Problem{Kind: checkout.Invalid, Code: "text_invalid"}
	}
	status := StatusOf(err)
	ctx := c.Request().Context()
	switch {
	case status == clientGone:
	case status >= http.StatusInternalServerError:
		g.Log.ErrorContext(ctx, "request failed", "route", RoutePattern(c), "request_id", RequestID(ctx), "error", err)
	}
	if c.Response().Committed {
		return
	}
	setRetryAfter(c, err)
	for _, h := range g.hooks {
		if under(c.Request().URL.Path, h.prefix) && h.handle(c, err) {
			return
		}
	}
	if failed := g.answer(c, status, err); failed != nil {
		g.Log.ErrorContext(ctx, "error not answered", "request_id", RequestID(ctx), "error", failed)
	}
}

func (g *Edge) answer(c echo.Context, status int, err error) error {
	if status == clientGone {
		c.Response().Status = clientGone
		return c.NoContent(clientGone)
	}
	path := c.Request().URL.Path
	if c.Request().Method == http.MethodHead {
		return c.NoContent(status)
	}
	if under(path, "/api") || strings.HasSuffix(path, "/status") && under(path, "/orders") {
		return WriteProblem(c, err)
	}
	if under(path, "/ipn") {
		return c.NoContent(status)
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return HTML(c, status, shop.Message(g.Message(c, status, err)))
}

// Message is the page that is shown instead of one that is not possible. It reads nothing but the shop's settings, and does without them.
func (g *Edge) Message(c echo.Context, status int, err error) shop.MessageView {
	s := g.Settings(c)
	p := Printer(c)
	key := "message." + strconv.Itoa(status)
	if !messages.Has(key) {
		if key = "message.400"; status >= http.StatusInternalServerError {
			key = "message.500"
		}
	}
	title := p.Text(key + "_title")
	v := shop.MessageView{Page: g.Page(c, title, views.WidthOrder), Code: strconv.Itoa(status), Title: title, Text: p.Text(key)}
	v.Page.NoIndex = true
	problem, isProblem := checkout.AsProblem(err)
	if isProblem && problem.Code != "order_unknown" { // the text of 404 says more of orders
		v.Text = ProblemText(p, problem)
	}
	home := shop.Link{Label: p.Text("message.to_shop"), URL: "/"}
	again := shop.Link{Label: p.Text("message.try_again"), URL: templ.SafeURL(v.Page.Back)}
	v.Actions = []shop.Link{home}
	if order := orderOf(c); order != "" && status != http.StatusNotFound {
		v.Page.Back, home = order, shop.Link{Label: p.Text("message.to_order"), URL: templ.SafeURL(order)}
		v.Actions = []shop.Link{home}
	}
	switch status {
	case http.StatusNotFound:
		v.Picture = "404"
		if isProblem && problem.Code == "product_unknown" {
			v.Title, v.Text = p.Text("message.404_product_title"), p.Text("message.404_product")
			v.Page.Title = views.Title(v.Title, v.Page.Shop.Name)
		} else if !isProblem || problem.Code == "order_unknown" {
			find := g.FindForm(c)
			v.Find = &find
			if find.NoMail != nil {
				v.Text = p.Text("message.404_nomail")
			}
		}
	case http.StatusConflict:
		if isProblem && (problem.Code == "link_over" || problem.Code == "link_used_up") {
			v.Title, v.Text = p.Text("checkout.link_over_title"), p.Text("checkout.link_over_text")
			if problem.Code == "link_used_up" {
				v.Text = p.Text("checkout.link_used_text")
			}
			v.Page.Title = views.Title(v.Title, v.Page.Shop.Name)
			if g.Config.Mail.URL == "" {
				v.Text += " " + p.Text("checkout.link_paid_nomail")
			} else {
				v.Text += " " + p.Text("checkout.link_paid")
				v.Actions = append([]shop.Link{{Label: p.Text("message.find"), URL: "/orders/find"}}, v.Actions...)
			}
		}
	case http.StatusServiceUnavailable:
		v.Picture, v.Actions, v.RequestID = "unreachable", []shop.Link{again, home}, RequestID(c.Request().Context())
	case http.StatusTooManyRequests:
		v.Actions = []shop.Link{again, home}
	case http.StatusInternalServerError:
		v.Picture, v.RequestID = "500", RequestID(c.Request().Context())
	}
	if mail := g.MailTo(s, ""); mail != "" && status >= http.StatusInternalServerError {
		v.Actions = append(v.Actions, shop.Link{Label: p.Text("find.nomail_link"), URL: mail})
	}
	return v
}

// orderOf is the page of the order that an address below it speaks of; "" for other addresses.
func orderOf(c echo.Context) string {
	if token := c.Param("token"); token != "" && under(c.Request().URL.Path, "/orders") {
		return "/orders/" + token
	}
	return ""
}

// FindForm is the form that mails the address of an order again, empty.
func (g *Edge) FindForm(c echo.Context) shop.FindView {
	p := Printer(c)
	v := shop.FindView{
		Page:   g.Page(c, p.Text("find.title"), views.WidthOrder),
		Number: shop.Field{ID: "number", Name: "number", Label: p.Text("find.number"), Inputmode: "numeric", Required: true},
		Email:  shop.Field{ID: "find-email", Name: "email", Type: "email", Inputmode: "email", Label: p.Text("find.email"), Autocomplete: "email", Required: true},
	}
	if g.Config.Mail.URL == "" {
		v.NoMail = &shop.Note{Tone: shop.Plain, Icon: "mail", Title: p.Text("find.nomail_title"), Text: p.Text("find.nomail")}
		if mail := g.MailTo(g.Settings(c), ""); mail != "" {
			v.NoMail.Text += " " + p.Text("find.nomail_write")
			v.NoMail.Links = []shop.Link{{Label: p.Text("find.nomail_link"), URL: mail}}
		}
	}
	return v
}

// problemJSON is an error as programs read it (RFC 9457).
type problemJSON struct {
	Type      string         `json:"type"`
	Title     string         `json:"title"`
	Status    int            `json:"status"`
	Detail    string         `json:"detail,omitempty"`
	Code      string         `json:"code,omitempty"`
	RequestID string         `json:"request_id,omitempty"`
	Errors    []fieldProblem `json:"errors,omitempty"`
}

type fieldProblem struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// WriteProblem answers an error as problem+json that names the fields; texts are English unless the request asks for another language.
func WriteProblem(c echo.Context, err error) error {
	status := StatusOf(err)
	out := problemJSON{Type: "about:blank", Title: http.StatusText(status), Status: status, RequestID: RequestID(c.Request().Context())}
	var p *checkout.Problem
	if errors.As(err, &p) {
		say := messages.For(messages.Choose(messages.Languages, "", c.Request().Header.Get("Accept-Language")))
		out.Code, out.Detail = p.Code, ProblemText(say, p)
		for _, one := range p.All() {
			if one.Field != "" {
				out.Errors = append(out.Errors, fieldProblem{one.Field, one.Code, ProblemText(say, one)})
			}
		}
	}
	setRetryAfter(c, err)
	body, jerr := json.Marshal(out)
	if jerr != nil {
		return jerr
	}
	return c.Blob(status, "application/problem+json", body)
}
