package admin

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"mostrador/handlers"
	"mostrador/messages"
	"mostrador/staff"
	"mostrador/views/admin"
)

// login shows the sign-in page.
func (d *desk) login(c echo.Context) error {
	if me(c) != nil {
		return c.Redirect(http.StatusSeeOther, safeNext(c.QueryParam("next")))
	}
	return d.loginPage(c, http.StatusOK, "", c.QueryParam("next"), "")
}

func (d *desk) loginPage(c echo.Context, status int, email, next, problem string) error {
	some, err := d.Store.HasStaff(c.Request().Context())
	if err != nil {
		return err
	}
	v := admin.LoginView{Next: next, Problem: problem, Nobody: !some, Passkeys: some && d.Staff.HasPasskeys(),
		Email:    admin.Field{Name: "email", Type: "email", Label: text(c, "desk.login.email"), Value: email, Autocomplete: "username", Required: true, Focus: email == ""},
		Password: admin.Field{Name: "password", Type: "password", Label: text(c, "desk.login.password"), Autocomplete: "current-password", Required: true, Focus: email != ""},
	}
	return d.outside(c, status, outside{title: text(c, "desk.login.title"), mistakes: count(problem)}, admin.Login(v))
}

// signIn takes e-mail and password.
func (d *desk) signIn(c echo.Context) error {
	ctx, email, next := c.Request().Context(), c.FormValue("email"), c.FormValue("next")
	p, err := d.Staff.SignIn(ctx, email, c.FormValue("password"), visitorOf(c).remote)
	var soon *staff.TooSoon
	switch {
	case errors.Is(err, staff.ErrWrong):
		return d.loginPage(c, http.StatusUnprocessableEntity, email, next, text(c, "desk.login.wrong"))
	case errors.As(err, &soon):
		retryAfter(c, soon)
		return d.loginPage(c, http.StatusTooManyRequests, email, next, waitText(c, "desk.login.soon", soon))
	case err != nil:
		return err
	}
	if p.HasTOTP() {
		if err := d.Staff.Pend(c.Response(), c.Request(), p); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, "/admin/login/second?next="+url.QueryEscape(safeNext(next)))
	}
	if err := d.Staff.Enter(c.Response(), c.Request(), p); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, safeNext(next))
}

// second shows the page for the second factor.
func (d *desk) second(c echo.Context) error {
	if visitorOf(c).session.Pending() == 0 {
		return c.Redirect(http.StatusSeeOther, "/admin/login")
	}
	return d.secondPage(c, http.StatusOK, c.QueryParam("next"), "")
}

func (d *desk) secondPage(c echo.Context, status int, next, problem string) error {
	v := admin.SecondView{Next: next,
		Code: admin.Field{Name: "code", Label: text(c, "desk.second.code"), Help: text(c, "desk.second.code_help"), Autocomplete: "one-time-code", Required: true, Focus: true, Exact: true, Mistake: problem},
	}
	return d.outside(c, status, outside{title: text(c, "desk.second.title"), mistakes: count(problem)}, admin.Second(v))
}

// signInSecond takes the code.
func (d *desk) signInSecond(c echo.Context) error {
	v, next := visitorOf(c), c.FormValue("next")
	p, err := d.Staff.Second(c.Request().Context(), v.session, c.FormValue("code"), v.remote)
	var soon *staff.TooSoon
	switch {
	case errors.Is(err, staff.ErrTicket):
		return c.Redirect(http.StatusSeeOther, "/admin/login?next="+url.QueryEscape(safeNext(next)))
	case errors.Is(err, staff.ErrWrongCode):
		return d.secondPage(c, http.StatusUnprocessableEntity, next, text(c, "desk.second.wrong"))
	case errors.As(err, &soon):
		retryAfter(c, soon)
		return d.secondPage(c, http.StatusTooManyRequests, next, waitText(c, "desk.login.soon", soon))
	case err != nil:
		return err
	}
	if err := d.Staff.Enter(c.Response(), c.Request(), p); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, safeNext(next))
}

// signOut ends the session; whoever has none is out already.
func (d *desk) signOut(c echo.Context) error {
	if err := d.Staff.Leave(c.Response(), c.Request()); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/admin/login")
}

// preferences keeps theme and language, for who is in and who is not.
func (d *desk) preferences(c echo.Context) error {
	const year = 365 * 24 * 3600
	keep := func(name, value string) {
		age := year
		if value == "" {
			age = -1
		}
		c.SetCookie(&http.Cookie{Name: name, Value: value, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: c.Scheme() == "https"})
	}
	switch t := c.FormValue("theme"); t {
	case "light", "dark":
		keep(handlers.ThemeCookie, t)
	case "system":
		keep(handlers.ThemeCookie, "")
	}
	if l := c.FormValue("lang"); slices.Contains(messages.Languages, l) {
		keep(handlers.LangCookie, l)
		if p := me(c); p != nil {
			if err := d.Staff.SetLang(c.Request().Context(), p.ID, l); err != nil {
				return err
			}
		}
	}
	back := c.FormValue("back")
	if u, err := url.Parse(back); err == nil && public(u.Path) && !u.IsAbs() && u.Host == "" {
		return c.Redirect(http.StatusSeeOther, u.RequestURI())
	}
	return c.Redirect(http.StatusSeeOther, safeNext(back))
}
