package admin

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"mostrador/handlers"
	"mostrador/money"
	"mostrador/views"
	"mostrador/views/admin"
)

// lookOfAccent is what a colour looks like on a button and a link; of what is none, the default.
func (d *desk) lookOfAccent(c echo.Context, accent string) admin.AccentView {
	a, err := views.AccentOf(accent)
	sum := money.FromMinor(6400, d.Config.Shop.Currency).Text(langHere(c))
	return admin.AccentView{Of: "accent", Pick: pickOf(accent, a, err), Colour: a, Button: text(c, "checkout.pay", "amount", sum), Other: text(c, "desk.settings.accent_link"), Says: text(c, "desk.settings.accent_says")}
}

// pickOf is the colour as a browser's picker writes it: as the merchant did, or else the one of the buttons.
func pickOf(accent string, a views.Accent, err error) string {
	if accent = strings.ToLower(strings.TrimSpace(accent)); err == nil && len(accent) == 7 && accent[0] == '#' {
		return accent
	}
	return a.Light.Fill
}

// accentLook answers the picker while somebody chooses: the picture alone.
func (d *desk) accentLook(c echo.Context) error {
	drawn, err := handlers.Draw(c.Request().Context(), admin.AccentPicture(d.lookOfAccent(c, c.QueryParam("accent"))))
	if err != nil {
		return err
	}
	return handlers.SendHTML(c, http.StatusOK, drawn)
}
