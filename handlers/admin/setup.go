package admin

import (
	"context"
	"errors"
	"net/http"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"mostrador/models"
	"mostrador/staff"
	"mostrador/views/admin"
)

// setupRefresh tells the frame that a step waits for something: the page loads again by itself.
const setupRefresh = "desk.setup.refresh"

// stay is the error of a step that was taken and is not left.
type stay struct{ to string }

// Error names where to stay.
func (s stay) Error() string { return "stay at " + s.to }

// step is one step of the first start, after the account.
type step struct {
	key    string // in the address: /admin/setup/KEY, and in the texts: desk.setup.step.KEY
	done   func(ctx context.Context) (bool, error)
	show   func(c echo.Context) (templ.Component, error)
	submit func(c echo.Context) (mistaken templ.Component, mistakes int, err error) // a nil component: taken, go on
}

// setup is the one-time address: the first owner's account. Somebody who is in goes on with the next step.
func (d *desk) setup(c echo.Context) error {
	if me(c) != nil {
		return d.resumeSetup(c)
	}
	ticket := c.QueryParam("ticket")
	if err := d.Staff.SetupOpen(c.Request().Context(), ticket); errors.Is(err, staff.ErrTicket) {
		return d.ticketOver(c, "desk.setup.over.")
	} else if err != nil {
		return err
	}
	return d.setupPage(c, http.StatusOK, admin.AccountStep{Ticket: ticket, Email: emailField(c, "", ""), Password: passwordField(c, "")})
}

// ticketOver says that an address was used or has expired.
func (d *desk) ticketOver(c echo.Context, key string) error {
	title := text(c, key+"title")
	links := []admin.Link{{Label: text(c, "desk.login.title"), Href: "/admin/login"}}
	return d.outside(c, http.StatusNotFound, outside{title: title}, admin.Sheet(admin.Message(title, text(c, key+"text"), links)))
}

func emailField(c echo.Context, value, mistake string) admin.Field {
	return admin.Field{Name: "email", Type: "email", Label: text(c, "desk.login.email"), Value: value, Autocomplete: "username", Required: true, Mistake: mistake, Focus: mistake != "" || value == ""}
}

func passwordField(c echo.Context, mistake string) admin.Field {
	return admin.Field{Name: "password", Type: "password", Label: text(c, "desk.setup.password"), Help: text(c, "desk.setup.password_help"), Autocomplete: "new-password", Required: true, Mistake: mistake, Focus: mistake != ""}
}

func (d *desk) setupPage(c echo.Context, status int, v admin.AccountStep) error {
	v.Mistakes = mistakesOf(v.Email, v.Password)
	var err error
	if v.Steps, err = d.stepLine(c, "account"); err != nil {
		return err
	}
	return d.outside(c, status, outside{title: text(c, "desk.setup.step.account"), mistakes: len(v.Mistakes), wide: true, aside: d.setupAside(c)}, admin.SetupAccount(v))
}

func (d *desk) setupAside(c echo.Context) string {
	if d.Config.Live() {
		return text(c, "desk.setup.aside_live")
	}
	return text(c, "desk.setup.aside")
}

// mistakesOf lists what is wrong with fields, in their order.
func mistakesOf(fields ...admin.Field) []admin.Mistake {
	var list []admin.Mistake
	for _, f := range fields {
		if f.Mistake != "" {
			id := f.ID
			if id == "" {
				id = f.Name
			}
			list = append(list, admin.Mistake{Field: id, Text: f.Label + ": " + f.Mistake})
		}
	}
	return list
}

// setupAccount makes the first owner and signs them in.
func (d *desk) setupAccount(c echo.Context) error {
	ctx, ticket, email := c.Request().Context(), c.FormValue("ticket"), c.FormValue("email")
	p, err := d.Staff.Setup(ctx, ticket, email, c.FormValue("password"), visitorOf(c).remote)
	v := admin.AccountStep{Ticket: ticket, Email: emailField(c, email, ""), Password: passwordField(c, "")}
	v.Email.Focus = false
	switch {
	case errors.Is(err, staff.ErrTicket):
		return d.ticketOver(c, "desk.setup.over.")
	case errors.Is(err, staff.ErrEmail) || errors.Is(err, staff.ErrWeak):
		if errors.Is(err, staff.ErrWeak) {
			v.Password = passwordField(c, text(c, "desk.mistake.weak"))
		}
		if errors.Is(err, staff.ErrEmail) {
			v.Email, v.Password.Focus = emailField(c, email, text(c, "desk.mistake.email")), false
		}
		return d.setupPage(c, http.StatusUnprocessableEntity, v)
	case err != nil:
		return err
	}
	if err := d.keepLang(c, p); err != nil {
		return err
	}
	if err := d.Staff.Enter(c.Response(), c.Request(), p); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/admin/setup/"+d.steps[0].key)
}

// keepLang keeps the language in which somebody joins: mails to them have no browser to ask.
func (d *desk) keepLang(c echo.Context, p *models.Staff) error {
	if p.Lang != "" {
		return nil
	}
	p.Lang = langHere(c)
	return d.Staff.SetLang(c.Request().Context(), p.ID, p.Lang)
}

// resumeSetup goes to the first step that is not done, so that the first start can be left and taken up at any time.
func (d *desk) resumeSetup(c echo.Context) error {
	for _, s := range d.steps {
		done, err := s.done(c.Request().Context())
		if err != nil {
			return err
		}
		if !done {
			return c.Redirect(http.StatusSeeOther, "/admin/setup/"+s.key)
		}
	}
	return c.Redirect(http.StatusSeeOther, "/admin/setup/"+d.steps[len(d.steps)-1].key)
}

// stepLine is the line of steps: what is done, as the database says, and where one is. Who is in can go to each.
func (d *desk) stepLine(c echo.Context, current string) ([]admin.SetupMark, error) {
	in := me(c) != nil
	line := []admin.SetupMark{{N: 1, Label: text(c, "desk.setup.step.account"), Current: current == "account", Done: in}}
	for i, s := range d.steps {
		m := admin.SetupMark{N: i + 2, Label: text(c, "desk.setup.step."+s.key), Current: s.key == current}
		if in {
			m.Href = "/admin/setup/" + s.key
			var err error
			if m.Done, err = s.done(c.Request().Context()); err != nil {
				return nil, err
			}
		}
		line = append(line, m)
	}
	return line, nil
}

// find the step of the address, and what follows it.
func (d *desk) stepOf(c echo.Context) (s step, next string, err error) {
	for i, s := range d.steps {
		if s.key == c.Param("step") {
			if i+1 < len(d.steps) {
				return s, "/admin/setup/" + d.steps[i+1].key, nil
			}
			return s, "/admin", nil
		}
	}
	return step{}, "", models.ErrNotFound
}

// setupStep shows a step of the first start, or the list until live at its end.
func (d *desk) setupStep(c echo.Context) error {
	if c.Param("step") == "done" {
		return d.resumeSetup(c)
	}
	s, _, err := d.stepOf(c)
	if err != nil {
		return err
	}
	body, err := s.show(c)
	if err != nil {
		return err
	}
	return d.setupWith(c, http.StatusOK, s.key, 0, body)
}

// setupSubmit takes a step's form.
func (d *desk) setupSubmit(c echo.Context) error {
	s, next, err := d.stepOf(c)
	if err != nil {
		return err
	}
	body, mistakes, err := s.submit(c)
	var here stay
	if errors.As(err, &here) {
		return c.Redirect(http.StatusSeeOther, here.to)
	}
	if err != nil {
		return err
	}
	if body != nil {
		return d.setupWith(c, http.StatusUnprocessableEntity, s.key, mistakes, body)
	}
	return c.Redirect(http.StatusSeeOther, next)
}

func (d *desk) setupWith(c echo.Context, status int, key string, mistakes int, body templ.Component) error {
	checks, err := d.checklist(c.Request().Context())
	if err != nil {
		return err
	}
	v := admin.SetupView{Checks: checks, Body: body, Alone: key == "live"}
	if v.Steps, err = d.stepLine(c, key); err != nil {
		return err
	}
	for _, k := range checks {
		if k.State == "ok" {
			v.Ready++
		}
	}
	o := outside{title: text(c, "desk.setup.step."+key), mistakes: mistakes, wide: true, aside: d.setupAside(c)}
	if refresh, ok := c.Get(setupRefresh).(bool); ok && refresh {
		o.refresh = 5
	}
	return d.outside(c, status, o, admin.Setup(v))
}

// checklist is what stands between the shop and its first real customer.
func (d *desk) checklist(ctx context.Context) ([]admin.Check, error) {
	var all []admin.Check
	for _, f := range d.checks {
		list, err := f(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}
