package admin

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"mostrador/models"
	"mostrador/staff"
	"mostrador/views/admin"
)

// peopleForm is what the form of a new person holds, and an invitation to show once.
type peopleForm struct {
	email, role             string
	emailMistake, roleWrong string
	passwordMistake         string
	invited, invitation     string
	problem                 string
}

// people lists the staff.
func (d *desk) people(c echo.Context) error {
	return d.peoplePage(c, http.StatusOK, peopleForm{role: string(staff.Manager)})
}

func (d *desk) peoplePage(c echo.Context, status int, f peopleForm) error {
	ctx := c.Request().Context()
	list, err := d.Store.StaffList(ctx)
	if err != nil {
		return err
	}
	invites, err := d.Store.OpenInvites(ctx, d.Now())
	if err != nil {
		return err
	}
	v := admin.PeopleView{
		May:      can(c, staff.ManageStaff),
		Problem:  f.problem,
		Email:    admin.Field{Name: "email", Type: "email", Label: text(c, "desk.login.email"), Value: f.email, Required: true, Mistake: f.emailMistake, Focus: f.emailMistake != ""},
		Role:     admin.Field{Name: "role", Label: text(c, "desk.staff.role"), Mistake: f.roleWrong},
		Password: admin.Field{Name: "password", Type: "password", Label: text(c, "desk.setup.password"), Help: text(c, "desk.staff.password_help"), Autocomplete: "new-password", Mistake: f.passwordMistake, Focus: f.passwordMistake != ""},
	}
	if f.invitation != "" {
		said := text(c, "desk.staff.invited_text")
		if d.Config.Mail.URL != "" {
			said = text(c, "desk.staff.invited_mailed", "email", f.invited) + " " + said
		}
		v.Once = &admin.OnceView{Title: text(c, "desk.staff.invited", "email", f.invited), Text: said, Value: f.invitation, Copy: text(c, "desk.staff.copy_invitation")}
	}
	v.Mistakes = mistakesOf(v.Email, v.Role, v.Password)
	var does []string
	for _, r := range staff.Roles {
		v.Roles = append(v.Roles, admin.Option{Value: string(r), Label: text(c, "desk.role."+string(r)), On: f.role == string(r)})
		does = append(does, text(c, "desk.role."+string(r))+" "+text(c, "desk.role."+string(r)+".does"))
	}
	v.Role.Help = strings.Join(does, ". ") + "."
	for i := range list {
		v.List = append(v.List, d.personRow(c, &list[i], invites))
	}
	return d.render(c, status, page{nav: "staff", title: text(c, "desk.nav.staff"), mistakes: len(v.Mistakes)}, admin.People(v))
}

func (d *desk) personRow(c echo.Context, p *models.Staff, invites map[int64]time.Time) admin.PersonRow {
	row := admin.PersonRow{ID: strconv.FormatInt(p.ID, 10), Email: p.Email, Role: text(c, "desk.role."+p.Role), Second: p.HasTOTP(), Disabled: !p.Active(), Me: p.ID == me(c).ID}
	for _, r := range staff.Roles {
		row.Roles = append(row.Roles, admin.Option{Value: string(r), Label: text(c, "desk.role."+string(r)), On: p.Role == string(r)})
	}
	if p.LastSigninAt != nil {
		m := d.moment(*p.LastSigninAt)
		row.Last = &m
	}
	if until, ok := invites[p.ID]; ok && p.Password == "" {
		row.Invited = text(c, "desk.staff.invited_until", "until", d.moment(until).Text)
	}
	row.NoPassword = p.Password == ""
	return row
}

// addPerson makes an account with a password, or without one an invitation.
func (d *desk) addPerson(c echo.Context) error {
	ctx := c.Request().Context()
	f := peopleForm{email: c.FormValue("email"), role: c.FormValue("role")}
	var err error
	var token string
	var p *models.Staff
	if password := c.FormValue("password"); password != "" {
		p, err = d.Staff.Create(ctx, who(c), f.email, staff.Role(f.role), password)
	} else {
		p, token, err = d.Staff.Invite(ctx, who(c), f.email, staff.Role(f.role))
	}
	switch {
	case errors.Is(err, staff.ErrEmail):
		f.emailMistake = text(c, "desk.mistake.email")
	case errors.Is(err, staff.ErrTaken):
		f.emailMistake = text(c, "desk.mistake.taken")
	case errors.Is(err, staff.ErrRole):
		f.roleWrong = text(c, "desk.mistake.role")
	case errors.Is(err, staff.ErrWeak):
		f.passwordMistake = text(c, "desk.mistake.weak")
	case err != nil:
		return err
	case token != "":
		return d.peoplePage(c, http.StatusCreated, peopleForm{role: string(staff.Manager), invited: p.Email, invitation: d.inviteURL(token)})
	default:
		return d.done(c, "/admin/staff", text(c, "desk.staff.added", "email", p.Email))
	}
	return d.peoplePage(c, http.StatusUnprocessableEntity, f)
}

func (d *desk) inviteURL(token string) string { return d.Config.Server.PublicURL + InvitePath(token) }

// InvitePath is where somebody who was invited chooses a password, below the shop's address.
func InvitePath(token string) string { return "/admin/invite?ticket=" + url.QueryEscape(token) }

// idOf is the row of the address; what is no number does not exist.
func idOf(c echo.Context) (int64, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return 0, models.ErrNotFound
	}
	return id, nil
}

// changePerson does one thing to one person and says so on the list.
func (d *desk) changePerson(c echo.Context, key string, f func(id int64) (*models.Staff, error)) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	p, err := f(id)
	switch {
	case errors.Is(err, staff.ErrLastOwner):
		return d.peoplePage(c, http.StatusUnprocessableEntity, peopleForm{role: string(staff.Manager), problem: text(c, "desk.mistake.last_owner")})
	case errors.Is(err, staff.ErrRole):
		return d.peoplePage(c, http.StatusUnprocessableEntity, peopleForm{role: string(staff.Manager), problem: text(c, "desk.mistake.role")})
	case err != nil:
		return err
	}
	return d.done(c, "/admin/staff", text(c, key, "email", p.Email, "role", text(c, "desk.role."+p.Role)))
}

func (d *desk) setRole(c echo.Context) error {
	return d.changePerson(c, "desk.staff.role_set", func(id int64) (*models.Staff, error) {
		return d.Staff.SetRole(c.Request().Context(), who(c), id, staff.Role(c.FormValue("role")))
	})
}

func (d *desk) disable(c echo.Context) error {
	return d.changePerson(c, "desk.staff.disabled", func(id int64) (*models.Staff, error) {
		return d.Staff.Disable(c.Request().Context(), who(c), id)
	})
}

func (d *desk) enable(c echo.Context) error {
	return d.changePerson(c, "desk.staff.enabled", func(id int64) (*models.Staff, error) {
		return d.Staff.Enable(c.Request().Context(), who(c), id)
	})
}

// inviteAgain shows a new address for somebody who lost the first or their password.
func (d *desk) inviteAgain(c echo.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	p, token, err := d.Staff.InviteAgain(c.Request().Context(), who(c), id)
	if err != nil {
		return err
	}
	return d.peoplePage(c, http.StatusCreated, peopleForm{role: string(staff.Manager), invited: p.Email, invitation: d.inviteURL(token)})
}
