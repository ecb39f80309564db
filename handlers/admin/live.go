package admin

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// unattended marks the address of a page that came again by itself. Nobody need be there: it does not keep the session alive.
const unattended = "unattended=1"

// byItself tells whether a page asked and not a person.
func byItself(r *http.Request) bool {
	return r.Method == http.MethodGet && (r.URL.Path == "/admin/live" || strings.Contains(r.URL.RawQuery, unattended))
}

// signInAgain answers who is not signed in: a page is sent to the sign-in, and a part of a page brings the whole page there.
func signInAgain(c echo.Context, reads bool) error {
	if c.Request().Header.Get("HX-Request") != "" {
		c.Response().Header().Set("HX-Refresh", "true")
		return c.NoContent(http.StatusNoContent)
	}
	return c.Redirect(http.StatusSeeOther, "/admin/login"+nextQuery(c, reads))
}

// backTo is the page of the desk that a form says it stood on, else another.
func backTo(c echo.Context, otherwise string) string {
	if to := c.FormValue("back"); to != "" {
		return safeNext(to)
	}
	return otherwise
}
