package admin

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"mostrador/handlers"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/staff"
	"mostrador/views/admin"
)

const (
	visitorKey = "desk.visitor"
	maxBody    = 1 << 20 // of a form, in bytes

	// maxLargeBody is for forms with a file. It is far above what a picture may have, so that one that is too large is read to its end,
	// refused with the reason, and what was typed is kept; past it, the answer is 413.
	maxLargeBody = 128 << 20
)

// largeBodies are the paths whose forms carry files and limit the files themselves.
var largeBodies = []string{"/admin/products"}

// visitor is who asks.
type visitor struct {
	session *staff.Session
	remote  string
}

func visitorOf(c echo.Context) visitor {
	v, _ := c.Get(visitorKey).(visitor)
	return v
}

// who is the person as the log names them.
func who(c echo.Context) staff.Who {
	v := visitorOf(c)
	return v.session.Who(v.remote)
}

// me is the person who is in. Only behind guard.
func me(c echo.Context) *models.Staff { return visitorOf(c).session.Person() }

// can tells whether the person may do the action: pages draw no button that would be refused.
func can(c echo.Context, a staff.Action) bool {
	p := me(c)
	return p != nil && staff.Role(p.Role).Can(a)
}

// visit reads the session and chooses the language.
func (d *desk) visit(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
		remote := c.RealIP()
		r := c.Request()
		c.SetRequest(r.WithContext(staff.WithRemote(r.Context(), remote)))
		read := d.Staff.Session
		if byItself(r) {
			read = d.Staff.Glance
		}
		x, err := read(c.Request())
		if err != nil {
			return d.broken(c, err)
		}
		c.Set(visitorKey, visitor{session: x, remote: remote})
		r = c.Request() // gorilla put its registry into it
		c.SetRequest(r.WithContext(messages.With(r.Context(), messages.For(langOf(c, x.Person())))))
		return next(c)
	}
}

// langOf is the person's language, else the cookie's, else the browser's.
func langOf(c echo.Context, p *models.Staff) string {
	chosen := handlers.Cookie(c, handlers.LangCookie)
	if p != nil && p.Lang != "" {
		chosen = p.Lang
	}
	return messages.Choose(messages.Languages, chosen, c.Request().Header.Get("Accept-Language"))
}

// public tells whether a path is open to who is not signed in.
func public(path string) bool {
	return slices.Contains([]string{"/admin/login", "/admin/login/second", "/admin/login/passkey", "/admin/login/passkey/begin", "/admin/logout", "/admin/preferences", "/admin/setup", "/admin/invite"}, path)
}

// actionOf says what a change at a path is. What is not named is the shop's daily work.
func actionOf(path string) staff.Action {
	part, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(path, "/admin"), "/"), "/")
	switch part {
	case "account", "logout", "preferences":
		return staff.OwnAccount
	case "staff":
		return staff.ManageStaff
	case "keys":
		return staff.ManageKeys
	case "payouts":
		return staff.ManagePayouts
	case "settings", "setup":
		return staff.ManageSettings
	}
	return staff.Work
}

// guard lets only those in who are signed in, and refuses a change that the role may not make, whatever the address.
func (d *desk) guard(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		path := strings.TrimSuffix(r.URL.Path, "/")
		reads := r.Method == http.MethodGet || r.Method == http.MethodHead
		if !reads {
			most := int64(maxBody)
			if slices.ContainsFunc(largeBodies, func(p string) bool { return strings.HasPrefix(path, p) }) {
				most = maxLargeBody
			}
			r.Body = http.MaxBytesReader(c.Response(), r.Body, most)
		}
		if public(path) {
			return next(c)
		}
		p := me(c)
		if p == nil {
			return signInAgain(c, reads)
		}
		if !reads && !staff.Role(p.Role).Can(actionOf(path)) {
			return echo.ErrForbidden
		}
		return next(c)
	}
}

// nextQuery remembers where somebody wanted to go: for a form, the page that it stood on.
func nextQuery(c echo.Context, reads bool) string {
	r := c.Request()
	to := r.URL.RequestURI()
	if !reads {
		u, err := url.Parse(r.Referer())
		if err != nil || u.Host != r.Host {
			return ""
		}
		to = u.RequestURI()
	}
	if to = safeNext(to); to == "/admin" {
		return ""
	}
	return "?next=" + url.QueryEscape(to)
}

// safeNext lets only paths of the desk through: an address in a link must not lead somewhere else after signing in.
func safeNext(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || strings.ContainsAny(to, "\\\r\n\t") || strings.HasPrefix(to, "//") {
		return "/admin"
	}
	clean := to == "/admin" || strings.HasPrefix(to, "/admin/") || strings.HasPrefix(to, "/admin?")
	if !clean || strings.Contains(u.Path, "..") || public(strings.TrimSuffix(u.Path, "/")) {
		return "/admin"
	}
	return u.RequestURI()
}

// fresh asks for a new proof of who one is when the last one is too old; the form is kept and sent again with it.
func (d *desk) fresh(h echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		v := visitorOf(c)
		if d.Staff.Fresh(v.session) {
			return h(c)
		}
		if err := c.Request().ParseForm(); err != nil {
			return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
		}
		proof := c.Request().PostForm.Get("proof")
		if proof == "" {
			return d.askProof(c, http.StatusUnprocessableEntity, "")
		}
		err := d.Staff.Prove(c.Request().Context(), v.session, proof)
		var soon *staff.TooSoon
		switch {
		case err == nil:
			return h(c)
		case errors.Is(err, staff.ErrWrong):
			return d.askProof(c, http.StatusUnprocessableEntity, text(c, "desk.proof.wrong"))
		case errors.As(err, &soon):
			retryAfter(c, soon)
			return d.askProof(c, http.StatusTooManyRequests, waitText(c, "desk.login.soon", soon))
		}
		return err
	}
}

func (d *desk) askProof(c echo.Context, status int, mistake string) error {
	r := c.Request()
	key := "desk.proof.label"
	if me(c).HasTOTP() {
		key = "desk.proof.label_code"
	}
	back := "/admin"
	if u, err := url.Parse(r.Referer()); err == nil && u.Host == r.Host {
		back = safeNext(u.RequestURI())
	}
	v := admin.ProofView{
		Title: text(c, "desk.proof.title"), Action: r.URL.RequestURI(), Yes: text(c, "desk.proof.yes"), Leave: admin.Link{Label: text(c, "desk.leave"), Href: back},
		Proof: admin.Field{Name: "proof", Type: "password", Label: text(c, key), Autocomplete: "current-password", Focus: true, Required: true, Mistake: mistake},
	}
	names := make([]string, 0, len(r.PostForm))
	for name := range r.PostForm {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range r.PostForm[name] {
			if name != "proof" {
				v.Fields = append(v.Fields, admin.Hidden{Name: name, Value: value})
			}
		}
	}
	return d.render(c, status, page{title: v.Title, mistakes: count(mistake)}, admin.Proof(v))
}

func count(mistake string) int {
	if mistake == "" {
		return 0
	}
	return 1
}
