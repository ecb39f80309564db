package shop

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/handlers"
	"mostrador/views/shop"
)

// find answers GET /orders/find.
func (s *side) find(c echo.Context) error {
	v := s.FindForm(c)
	var err error
	if v.Waiting, err = s.waiting(c); err != nil {
		return err
	}
	if v.Waiting != nil {
		noStore(c)
	}
	return handlers.HTML(c, http.StatusOK, shop.Find(v))
}

// sendFind answers POST /orders/find. Whoever asks for whatever order hears the same.
func (s *side) sendFind(c echo.Context) error {
	ctx, p := c.Request().Context(), handlers.Printer(c)
	form, err := c.FormParams()
	if err != nil {
		return badForm(err)
	}
	v := s.FindForm(c)
	v.Page.Back = "/orders/find"
	noStore(c)
	number, email := strings.TrimSpace(form.Get("number")), strings.TrimSpace(form.Get("email"))
	v.Number.Value, v.Email.Value = number, email
	if number == "" {
		v.Number.Mistake = p.Text("find.number_missing")
	} else if !digits(number) {
		v.Number.Mistake = handlers.ProblemText(p, &checkout.Problem{Code: "number_invalid"})
	}
	if email == "" {
		v.Email.Mistake = p.Text("find.email_missing")
	} else if problem := checkout.CheckEmail(form.Get("email")); problem != nil {
		v.Email.Mistake = handlers.ProblemText(p, problem)
	}
	if v.Number.Mistake != "" || v.Email.Mistake != "" {
		return s.findAgain(c, v)
	}
	if err := s.limit(c, "find:"+handlers.Customer(c), 6, time.Minute); err != nil {
		return err
	}
	if err := s.svc.Find(ctx, number, email); err != nil {
		return err
	}
	v.Number.Value, v.Email.Value = "", ""
	v.Sent = &shop.Note{Tone: shop.Good, Icon: "mail", Title: p.Text("find.sent_title"), Text: p.Text("find.sent")}
	if v.NoMail != nil {
		v.Sent = nil // nothing is sent, and the page says whom to ask
	}
	return handlers.HTML(c, http.StatusOK, shop.Find(v))
}

func digits(s string) bool {
	s = strings.TrimPrefix(s, "#")
	return s != "" && len(s) <= 18 && strings.Trim(s, "0123456789") == ""
}

// findAgain shows the form with its mistakes.
func (s *side) findAgain(c echo.Context, v shop.FindView) error {
	v.Mistakes = mistaken(handlers.Printer(c), "find.mistakes", &v.Page, &v.Number, &v.Email)
	return handlers.HTML(c, http.StatusUnprocessableEntity, shop.Find(v))
}
