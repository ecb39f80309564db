package admin

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"mostrador/models"
	"mostrador/staff"
	"mostrador/views/admin"
)

func (d *desk) passkeyRows(c echo.Context, id int64) ([]admin.PasskeyRow, error) {
	list, err := d.Store.Passkeys(c.Request().Context(), id)
	if err != nil {
		return nil, err
	}
	var rows []admin.PasskeyRow
	for _, k := range list {
		row := admin.PasskeyRow{ID: strconv.FormatInt(k.ID, 10), Name: k.Name, Made: d.moment(k.CreatedAt)}
		if k.UsedAt != nil {
			m := d.moment(*k.UsedAt)
			row.Used = &m
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// beginPasskey shows the page on which the browser asks the device.
func (d *desk) beginPasskey(c echo.Context) error {
	options, token, err := d.Staff.BeginPasskey(c.Request().Context(), me(c))
	if errors.Is(err, staff.ErrPasskey) {
		return models.ErrNotFound
	}
	if err != nil {
		return err
	}
	raw, err := json.Marshal(options)
	if err != nil {
		return err
	}
	title := text(c, "desk.passkey.add")
	return d.render(c, http.StatusOK, page{title: title}, admin.Passkey(admin.PasskeyView{Options: string(raw), Token: token, Name: c.FormValue("name")}))
}

// addPasskey keeps what the browser made.
func (d *desk) addPasskey(c echo.Context) error {
	name := c.FormValue("name")
	err := d.Staff.AddPasskey(c.Request().Context(), who(c), me(c), c.FormValue("token"), name, []byte(c.FormValue("credential")))
	switch {
	case errors.Is(err, staff.ErrPasskey):
		return d.accountPage(c, http.StatusUnprocessableEntity, accountForm{problem: text(c, "desk.passkey.refused")})
	case errors.Is(err, staff.ErrName):
		return d.accountPage(c, http.StatusUnprocessableEntity, accountForm{problem: text(c, "desk.mistake.name")})
	case err != nil:
		return err
	}
	return d.done(c, "/admin/account", text(c, "desk.passkey.added", "name", name))
}

func (d *desk) dropPasskey(c echo.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	if err := d.Staff.DropPasskey(c.Request().Context(), who(c), id); err != nil {
		return err
	}
	return d.done(c, "/admin/account", text(c, "desk.passkey.dropped"))
}

// beginPasskeySignIn gives the sign-in page's script what it hands to the browser.
func (d *desk) beginPasskeySignIn(c echo.Context) error {
	options, token, err := d.Staff.BeginPasskeySignIn()
	if errors.Is(err, staff.ErrPasskey) {
		return models.ErrNotFound
	}
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]any{"options": options, "token": token})
}

// signInPasskey signs in who the browser's answer is from.
func (d *desk) signInPasskey(c echo.Context) error {
	next := c.FormValue("next")
	p, err := d.Staff.PasskeySignIn(c.Request().Context(), c.FormValue("token"), []byte(c.FormValue("credential")), visitorOf(c).remote)
	var soon *staff.TooSoon
	switch {
	case errors.Is(err, staff.ErrPasskey):
		return d.loginPage(c, http.StatusUnprocessableEntity, "", next, text(c, "desk.passkey.refused"))
	case errors.As(err, &soon):
		retryAfter(c, soon)
		return d.loginPage(c, http.StatusTooManyRequests, "", next, waitText(c, "desk.login.soon", soon))
	case err != nil:
		return err
	}
	if err := d.Staff.Enter(c.Response(), c.Request(), p); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, safeNext(next))
}
