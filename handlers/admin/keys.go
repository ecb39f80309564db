package admin

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"mostrador/models"
	"mostrador/staff"
	"mostrador/views/admin"
)

type keyForm struct {
	name         string
	scopes       []string
	nameMistake  string
	scopeMistake string
	made         string // the new key, shown once
	madeName     string
}

// leastScopes are ticked until somebody ticks more: a key may no more than was wanted.
var leastScopes = []string{"orders:read"}

// keys lists the API keys.
func (d *desk) keys(c echo.Context) error {
	return d.keysPage(c, http.StatusOK, keyForm{scopes: leastScopes})
}

func (d *desk) keysPage(c echo.Context, status int, f keyForm) error {
	list, err := d.Store.APIKeys(c.Request().Context())
	if err != nil {
		return err
	}
	v := admin.KeysView{
		May:    can(c, staff.ManageKeys),
		Name:   admin.Field{Name: "name", Label: text(c, "desk.keys.name"), Help: text(c, "desk.keys.name_help"), Value: f.name, Required: true, Mistake: f.nameMistake, Focus: f.nameMistake != ""},
		Scopes: admin.Field{Name: "scopes", Label: text(c, "desk.keys.scopes"), Help: text(c, "desk.keys.scopes_help"), Mistake: f.scopeMistake},
	}
	v.Mistakes = mistakesOf(v.Name, v.Scopes)
	for _, s := range staff.Scopes {
		v.Options = append(v.Options, admin.Option{Value: s, Label: s, Help: text(c, "desk.scope."+s), On: slices.Contains(f.scopes, s)})
	}
	if f.made != "" {
		v.Once = &admin.OnceView{Title: text(c, "desk.keys.made", "name", f.madeName), Text: text(c, "desk.keys.made_text"), Value: f.made, Copy: text(c, "desk.keys.copy")}
	}
	for i := range list {
		v.List = append(v.List, d.keyRow(&list[i]))
	}
	return d.render(c, status, page{nav: "keys", title: text(c, "desk.nav.keys"), mistakes: len(v.Mistakes)}, admin.Keys(v))
}

func (d *desk) keyRow(k *models.APIKey) admin.KeyRow {
	row := admin.KeyRow{ID: strconv.FormatInt(k.ID, 10), Name: k.Name, Prefix: k.Prefix + "…", Scopes: k.ScopeList(), By: k.CreatedBy, Made: d.moment(k.CreatedAt), Revoked: k.RevokedAt != nil}
	row.All = len(row.Scopes) == len(staff.Scopes)
	if k.LastUsedAt != nil {
		m := d.moment(*k.LastUsedAt)
		row.Used = &m
	}
	if k.RevokedAt != nil {
		m := d.moment(*k.RevokedAt)
		row.RevokedAt = &m
	}
	return row
}

// createKey makes a key and shows it, once.
func (d *desk) createKey(c echo.Context) error {
	form, err := c.FormParams()
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}
	f := keyForm{name: form.Get("name"), scopes: form["scopes"]}
	if len(f.scopes) == 0 && form.Has("ticks") { // a program that names no scopes means all, like the command; here somebody took every tick away
		f.scopeMistake = text(c, "desk.keys.scopes_none")
		if strings.TrimSpace(f.name) == "" {
			f.nameMistake = text(c, "desk.mistake.name")
		}
		return d.keysPage(c, http.StatusUnprocessableEntity, f)
	}
	made, k, err := d.Staff.CreateKey(c.Request().Context(), who(c), f.name, f.scopes)
	switch {
	case errors.Is(err, staff.ErrName):
		f.nameMistake = text(c, "desk.mistake.name")
		return d.keysPage(c, http.StatusUnprocessableEntity, f)
	case errors.Is(err, staff.ErrScope):
		return echo.ErrBadRequest
	case err != nil:
		return err
	}
	return d.keysPage(c, http.StatusCreated, keyForm{scopes: leastScopes, made: made, madeName: k.Name})
}

// revokeKey ends a key at once; one that is over already is as wished.
func (d *desk) revokeKey(c echo.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	k, err := d.Staff.RevokeKey(c.Request().Context(), who(c), id)
	if errors.Is(err, staff.ErrUnknownKey) {
		return d.done(c, "/admin/keys", "")
	}
	if err != nil {
		return err
	}
	return d.done(c, "/admin/keys", text(c, "desk.keys.revoked", "name", k.Name))
}
