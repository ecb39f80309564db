package admin

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"mostrador/messages"
	"mostrador/models"
	"mostrador/staff"
	"mostrador/views"
	"mostrador/views/admin"
)

// accountForm is what a refused form on the account page brings back.
type accountForm struct {
	current, next, code string   // mistakes
	problem             string   // what no field is to blame for
	recovery            []string // new codes, shown once
}

// account is the own account: password, second factor, sessions, language.
func (d *desk) account(c echo.Context) error {
	return d.accountPage(c, http.StatusOK, accountForm{})
}

func (d *desk) accountPage(c echo.Context, status int, f accountForm) error {
	ctx, v := c.Request().Context(), visitorOf(c)
	p, err := d.Store.StaffByID(ctx, me(c).ID) // as it is after this request's change
	if err != nil {
		return err
	}
	view := admin.AccountView{
		Email: p.Email, Role: text(c, "desk.role."+p.Role), Does: text(c, "desk.role."+p.Role+".does"), Theme: theme(c), Lang: messages.From(ctx).Lang(),
		Current: admin.Field{Name: "current", Type: "password", Label: text(c, "desk.account.current"), Autocomplete: "current-password", Required: true, Mistake: f.current, Focus: f.current != ""},
		New:     admin.Field{Name: "new", Type: "password", Label: text(c, "desk.account.new"), Help: text(c, "desk.setup.password_help"), Autocomplete: "new-password", Required: true, Mistake: f.next, Focus: f.next != ""},
	}
	view.Mistakes = mistakesOf(view.Current, view.New)
	if view.Second, err = d.secondPart(c, p, f); err != nil {
		return err
	}
	view.Mistakes = append(view.Mistakes, mistakesOf(view.Second.Code)...)
	if f.problem != "" {
		view.Mistakes = append(view.Mistakes, admin.Mistake{Text: f.problem})
	}
	if view.Sessions, err = d.sessionRows(c, v.session, p.ID); err != nil {
		return err
	}
	if view.Passkeys, err = d.passkeyRows(c, p.ID); err != nil {
		return err
	}
	view.MayPasskey = d.Staff.HasPasskeys()
	chosen := p.Notifies()
	for _, k := range models.NoticeKinds {
		view.Notify = append(view.Notify, admin.Option{Value: k, Label: text(c, "desk.notify."+k), On: slices.Contains(chosen, k)})
	}
	view.MailOff = d.Config.Mail.URL == ""
	return d.render(c, status, page{title: text(c, "desk.account.title"), mistakes: len(view.Mistakes)}, admin.Account(view))
}

// secondPart is the part of the second factor: on, or the secret to set one up.
func (d *desk) secondPart(c echo.Context, p *models.Staff, f accountForm) (admin.SecondPart, error) {
	part := admin.SecondPart{On: p.HasTOTP(), Recovery: f.recovery}
	if part.On {
		left := staff.RecoveryLeft(p)
		part.Left, part.Few = plural(c, "desk.second.left", left), left < 3
		return part, nil
	}
	s, err := d.Staff.BeginSecond(c.Request().Context(), p.ID)
	if err != nil {
		return part, err
	}
	part.Secret, part.Spaced = s.Secret, spaced(s.Secret)
	part.Open = f.code != ""
	part.Code = admin.Field{Name: "code", Label: text(c, "desk.second.confirm_code"), Help: text(c, "desk.second.confirm_help"), Autocomplete: "one-time-code", Mode: "numeric", Required: true, Exact: true, Mistake: f.code, Focus: f.code != ""}
	part.QR, err = views.NewQR(s.URI, text(c, "desk.second.qr"))
	return part, err
}

// spaced writes a secret in fours, as apps that take it typed show it.
func spaced(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func (d *desk) sessionRows(c echo.Context, own *staff.Session, id int64) ([]admin.SessionRow, error) {
	list, err := d.Staff.SessionList(c.Request().Context(), id)
	if err != nil {
		return nil, err
	}
	var rows []admin.SessionRow
	for _, s := range list {
		rows = append(rows, admin.SessionRow{Hash: s.IDHash, Agent: agentName(c, s.Agent), Remote: s.Remote, Since: d.moment(s.CreatedAt), Seen: d.moment(s.SeenAt), This: s.IDHash == own.Hash()})
	}
	return rows, nil
}

// agentName says browser and system of a browser's own words, as far as they are known.
func agentName(c echo.Context, agent string) string {
	pick := func(pairs [][2]string) string {
		for _, p := range pairs {
			if strings.Contains(agent, p[0]) {
				return p[1]
			}
		}
		return ""
	}
	browser := pick([][2]string{{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"}})
	system := pick([][2]string{{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS", "macOS"}, {"Linux", "Linux"}})
	switch {
	case browser == "":
		return text(c, "desk.account.some_browser")
	case system == "":
		return browser
	}
	return browser + ", " + system
}

// accountPost takes the password form, and the code where the form holds one.
func (d *desk) accountPost(c echo.Context) error {
	if c.FormValue("code") != "" && c.FormValue("current") == "" {
		return d.fresh(d.confirmSecond)(c)
	}
	return d.changePassword(c)
}

// changePassword changes the own password and ends the other sessions.
func (d *desk) changePassword(c echo.Context) error {
	v := visitorOf(c)
	err := d.Staff.ChangePassword(c.Request().Context(), who(c), v.session, c.FormValue("current"), c.FormValue("new"))
	var soon *staff.TooSoon
	switch {
	case errors.Is(err, staff.ErrWrong):
		return d.accountPage(c, http.StatusUnprocessableEntity, accountForm{current: text(c, "desk.mistake.current")})
	case errors.As(err, &soon):
		retryAfter(c, soon)
		return d.accountPage(c, http.StatusTooManyRequests, accountForm{current: waitText(c, "desk.login.soon", soon)})
	case errors.Is(err, staff.ErrWeak):
		return d.accountPage(c, http.StatusUnprocessableEntity, accountForm{next: text(c, "desk.mistake.weak")})
	case errors.Is(err, staff.ErrSame):
		return d.accountPage(c, http.StatusUnprocessableEntity, accountForm{next: text(c, "desk.mistake.same")})
	case err != nil:
		return err
	}
	return d.done(c, "/admin/account", text(c, "desk.account.changed"))
}

// confirmSecond turns the second factor on and shows the recovery codes, once.
func (d *desk) confirmSecond(c echo.Context) error {
	codes, err := d.Staff.ConfirmSecond(c.Request().Context(), who(c), visitorOf(c).session, c.FormValue("code"))
	if errors.Is(err, staff.ErrNoSecond) && me(c).HasTOTP() { // confirmed in another window
		return c.Redirect(http.StatusSeeOther, "/admin/account")
	}
	if errors.Is(err, staff.ErrWrongCode) || errors.Is(err, staff.ErrNoSecond) {
		return d.accountPage(c, http.StatusUnprocessableEntity, accountForm{code: text(c, "desk.mistake.code")})
	}
	if err != nil {
		return err
	}
	return d.accountPage(c, http.StatusOK, accountForm{recovery: codes})
}

func (d *desk) dropSecond(c echo.Context) error {
	if err := d.Staff.DropSecond(c.Request().Context(), who(c)); err != nil {
		return err
	}
	return d.done(c, "/admin/account", text(c, "desk.second.dropped"))
}

func (d *desk) newRecovery(c echo.Context) error {
	codes, err := d.Staff.NewRecovery(c.Request().Context(), who(c))
	if errors.Is(err, staff.ErrNoSecond) {
		return c.Redirect(http.StatusSeeOther, "/admin/account")
	}
	if err != nil {
		return err
	}
	return d.accountPage(c, http.StatusOK, accountForm{recovery: codes})
}

// endSession ends one session; the own one is signing out.
func (d *desk) endSession(c echo.Context) error {
	hash := c.FormValue("session")
	if hash == visitorOf(c).session.Hash() {
		return d.signOut(c)
	}
	err := d.Staff.EndSession(c.Request().Context(), who(c), hash)
	if err != nil && !errors.Is(err, models.ErrNotFound) { // over already: as wished
		return err
	}
	return d.done(c, "/admin/account", text(c, "desk.account.ended"))
}

func (d *desk) endOthers(c echo.Context) error {
	n, err := d.Staff.EndOthers(c.Request().Context(), who(c), visitorOf(c).session)
	if err != nil {
		return err
	}
	return d.done(c, "/admin/account", plural(c, "desk.account.ended_others", int(n)))
}

func (d *desk) setNotify(c echo.Context) error {
	form, err := c.FormParams()
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}
	if err := d.Staff.SetNotify(c.Request().Context(), me(c).ID, form["notify"]); err != nil {
		return err
	}
	return d.done(c, "/admin/account", text(c, "desk.account.notify_saved"))
}
