package admin

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"mostrador/handlers"
	"mostrador/messages"
	"mostrador/staff"
	"mostrador/views"
	"mostrador/views/admin"
)

// page is what the frame has to know.
type page struct {
	nav      string // key of the rail: orders, staff, …; "" for none
	title    string
	waiting  int    // what needs a person: the window's title says so
	mistakes int    // of a form that was not taken: the window's title says so first
	live     bool   // the page needs the script for server-sent events
	refresh  int    // seconds after which the page loads again where scripts are off
	again    string // from which address; "": its own
}

// text is a message in the language of the request.
func text(c echo.Context, key string, args ...any) string {
	return messages.Text(c.Request().Context(), key, args...)
}

func plural(c echo.Context, key string, n int, args ...any) string {
	return messages.From(c.Request().Context()).Count(key, n, args...)
}

// render puts a page into the frame and sends it. It is drawn whole before the first byte goes out.
func (d *desk) render(c echo.Context, status int, p page, body templ.Component) error {
	ctx := c.Request().Context()
	v := visitorOf(c)
	person := v.session.Person()
	if person == nil {
		return d.outside(c, status, outside{title: p.title, mistakes: p.mistakes}, body)
	}
	shop, themeCSS, err := d.shop(c)
	if err != nil {
		return err
	}
	frame := admin.Desk{
		Lang: messages.From(ctx).Lang(), Title: d.title(c, p, shop), Theme: theme(c), ThemeCSS: themeCSS, Shop: shop, Rehearsal: !d.Config.Live(),
		Email: person.Email, Letter: letter(person.Email), Role: text(c, "desk.role."+person.Role), Back: backOf(c), Live: p.live, Refresh: refreshOf(p),
	}
	tally := map[string]int{}
	for _, f := range d.tallies {
		m, err := f(ctx)
		if err != nil {
			return err
		}
		for k, n := range m {
			tally[k] += n
		}
	}
	frame.Nav, frame.Dock = admin.Navigation(ctx, p.nav, tally)
	if c.Request().Method == http.MethodGet && status == http.StatusOK {
		if frame.Flash, err = d.Staff.TakeFlash(c.Response(), c.Request(), v.session); err != nil {
			return err
		}
	}
	return send(c, status, admin.Layout(frame), body)
}

// refreshOf is how a page loads again where scripts are off: seconds, and the address; "" for never.
func refreshOf(p page) string {
	switch {
	case p.refresh == 0:
		return ""
	case p.again == "":
		return strconv.Itoa(p.refresh)
	}
	return strconv.Itoa(p.refresh) + "; url=" + p.again
}

// outside is what the frameless pages have to know.
type outside struct {
	title    string
	mistakes int
	wide     bool
	aside    string
	refresh  int // seconds after which the page loads again; 0: never
}

// outside renders a page outside of the frame.
func (d *desk) outside(c echo.Context, status int, o outside, body templ.Component) error {
	shop, themeCSS, err := d.shop(c)
	if err != nil {
		return err
	}
	frame := admin.Outside{
		Lang: messages.From(c.Request().Context()).Lang(), Title: d.title(c, page{title: o.title, mistakes: o.mistakes}, shop), Theme: theme(c), ThemeCSS: themeCSS,
		Shop: shop, Back: backOf(c), Wide: o.wide, Aside: o.aside, Refresh: o.refresh, SignOut: visitorOf(c).session.Person() != nil,
	}
	return send(c, status, admin.Bare(frame), body)
}

// fragment sends a part of a page.
func fragment(c echo.Context, body templ.Component) error {
	return send(c, http.StatusOK, body, nil)
}

func send(c echo.Context, status int, frame, body templ.Component) error {
	ctx := c.Request().Context()
	if body != nil {
		ctx = templ.WithChildren(ctx, body)
	}
	drawn, err := handlers.Draw(ctx, frame)
	if err != nil {
		return err
	}
	return handlers.SendHTML(c, status, drawn)
}

// done redirects after a POST; the next page says flash.
func (d *desk) done(c echo.Context, to, flash string) error {
	if flash != "" {
		if err := d.Staff.Flash(c.Response(), c.Request(), visitorOf(c).session, flash); err != nil {
			return err
		}
	}
	return c.Redirect(http.StatusSeeOther, to)
}

func (d *desk) title(c echo.Context, p page, shop string) string {
	state := ""
	if p.waiting > 0 {
		state = strconv.Itoa(p.waiting)
	}
	if p.mistakes > 0 {
		state = plural(c, "desk.form.mistakes_title", p.mistakes)
	}
	return views.Title(state, p.title, shop)
}

// shop is the shop's name, the merchant's or else that of config.yaml, and the address of the sheet with its colour.
func (d *desk) shop(c echo.Context) (name, themeCSS string, err error) {
	s, err := d.Store.ShopSettings(c.Request().Context())
	if err != nil {
		return "", "", err
	}
	if name = s.Name; name == "" {
		name = d.Config.Shop.Name
	}
	if d.ThemeCSS != nil {
		return name, d.ThemeCSS(c.Request().Context()), nil
	}
	return name, handlers.ThemeAddress(s), nil
}

func theme(c echo.Context) string {
	if t := handlers.Cookie(c, handlers.ThemeCookie); t == "light" || t == "dark" {
		return t
	}
	return ""
}

// backOf is where a switch of theme or language comes back to: this page, or for a form the page it stood on.
func backOf(c echo.Context) string {
	r := c.Request()
	if r.Method == http.MethodGet {
		return r.URL.RequestURI()
	}
	return r.URL.Path
}

func letter(email string) string {
	r, _ := utf8.DecodeRuneInString(email)
	return string(unicode.ToUpper(r))
}

// moment writes a time for a person, in the shop's time zone.
func (d *desk) moment(t time.Time) admin.Moment {
	local := t.In(d.Config.Shop.Location())
	return admin.Moment{Text: local.Format("2006-01-02 15:04"), ISO: local.Format(time.RFC3339)}
}

// catch makes a page of an error.
func (d *desk) catch(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		err := next(c)
		if err == nil || c.Response().Committed {
			return err
		}
		status := handlers.StatusOf(err)
		if errors.Is(err, staff.ErrBusy) {
			status = http.StatusServiceUnavailable
		}
		if status == http.StatusServiceUnavailable {
			c.Response().Header().Set(echo.HeaderRetryAfter, "2")
		}
		if status >= 500 {
			d.Log.ErrorContext(c.Request().Context(), "desk", "route", c.Path(), "error", err)
		}
		return d.message(c, status)
	}
}

// message is the page for a status that is not 200: what is, and what to do.
func (d *desk) message(c echo.Context, status int) error {
	key := "desk.message." + strconv.Itoa(status)
	if !messages.Has(key + ".title") {
		key = "desk.message.400"
		if status >= 500 {
			key = "desk.message.500"
		}
	}
	args := []any{}
	if p := me(c); p != nil {
		args = append(args, "role", strings.ToLower(text(c, "desk.role."+p.Role)))
	}
	title := text(c, key+".title")
	if r := c.Request(); status == http.StatusForbidden && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		key += ".page"
	}
	links := []admin.Link{{Label: text(c, "desk.message.home"), Href: "/admin"}}
	return d.render(c, status, page{title: title}, admin.Message(title, text(c, key+".text", args...), links))
}

// broken answers when not even the session could be read.
func (d *desk) broken(c echo.Context, err error) error {
	d.Log.ErrorContext(c.Request().Context(), "desk", "route", c.Path(), "error", err)
	p := messages.For(langOf(c, nil))
	c.Response().Header().Set(echo.HeaderRetryAfter, "2")
	return c.String(http.StatusServiceUnavailable, p.Text("desk.message.503.title")+"\n"+p.Text("desk.message.503.text")+"\n")
}

func retryAfter(c echo.Context, soon *staff.TooSoon) {
	c.Response().Header().Set(echo.HeaderRetryAfter, strconv.Itoa(soon.Seconds()))
}

// waitText fills {wait} with seconds, or minutes from two on.
func waitText(c echo.Context, key string, soon *staff.TooSoon) string {
	n := soon.Seconds()
	if n >= 120 {
		return text(c, key, "wait", plural(c, "desk.minutes", (n+59)/60))
	}
	return text(c, key, "wait", plural(c, "desk.seconds", n))
}
