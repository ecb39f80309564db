package admin

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"mostrador/staff"
	"mostrador/views/admin"
)

// invite is the address that an owner sent: the invited person chooses a password.
func (d *desk) invite(c echo.Context) error {
	return d.invitePage(c, http.StatusOK, c.QueryParam("ticket"), "")
}

func (d *desk) invitePage(c echo.Context, status int, ticket, mistake string) error {
	p, err := d.Staff.Invited(c.Request().Context(), ticket)
	if errors.Is(err, staff.ErrTicket) {
		return d.ticketOver(c, "desk.invite.over.")
	}
	if err != nil {
		return err
	}
	v := admin.InviteView{Ticket: ticket, Email: p.Email, Role: text(c, "desk.role."+p.Role), Does: text(c, "desk.role."+p.Role+".does"), Password: passwordField(c, mistake)}
	v.Password.Focus = true
	return d.outside(c, status, outside{title: text(c, "desk.invite.title"), mistakes: count(mistake)}, admin.Invite(v))
}

// takeInvite keeps the password. With a second factor, which stays, the person signs in as usual.
func (d *desk) takeInvite(c echo.Context) error {
	ticket := c.FormValue("ticket")
	p, err := d.Staff.TakeInvite(c.Request().Context(), ticket, c.FormValue("password"), visitorOf(c).remote)
	switch {
	case errors.Is(err, staff.ErrTicket):
		return d.ticketOver(c, "desk.invite.over.")
	case errors.Is(err, staff.ErrWeak):
		return d.invitePage(c, http.StatusUnprocessableEntity, ticket, text(c, "desk.mistake.weak"))
	case err != nil:
		return err
	}
	if err := d.keepLang(c, p); err != nil {
		return err
	}
	if p.HasTOTP() {
		return c.Redirect(http.StatusSeeOther, "/admin/login")
	}
	if err := d.Staff.Enter(c.Response(), c.Request(), p); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/admin")
}
