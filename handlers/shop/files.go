package shop

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"mostrador/handlers"
	"mostrador/messages"
	"mostrador/static"
	"mostrador/views"
)

const year = 365 * 24 * 3600 // in seconds, for cookies

// preferences answers POST /preferences: language and theme are kept by cookie, and the person comes back to the same page.
func (s *side) preferences(c echo.Context) error {
	if lang := c.FormValue("lang"); slices.Contains(messages.Languages, lang) {
		s.SetCookie(c, handlers.LangCookie, lang, year)
	}
	switch theme := c.FormValue("theme"); theme {
	case "light", "dark":
		s.SetCookie(c, handlers.ThemeCookie, theme, year)
	case "system":
		s.SetCookie(c, handlers.ThemeCookie, "", -1)
	}
	return redirect(c, handlers.LocalPath(c.FormValue("back")))
}

// themeCSS answers GET /theme.css: the merchant's colour. Its address changes with the colour, so it can be kept.
func (s *side) themeCSS(c echo.Context) error {
	settings := s.Settings(c)
	css, err := views.ThemeCSS(settings.Accent)
	if err != nil {
		s.Log.WarnContext(c.Request().Context(), "shop's colour not used", "error", err)
		css = "" // the default colour
	}
	cache := "no-cache"
	if c.Request().URL.RequestURI() == handlers.ThemeAddress(settings) {
		cache = "public, max-age=31536000, immutable"
	}
	c.Response().Header().Set(echo.HeaderCacheControl, cache)
	return c.Blob(http.StatusOK, "text/css; charset=utf-8", []byte(css))
}

const robots = `User-agent: *
Disallow: /admin
Disallow: /api
Disallow: /cart
Disallow: /checkout
Disallow: /ipn
Disallow: /orders
Disallow: /pay
Disallow: /quote
`

func (s *side) robots(c echo.Context) error { return c.String(http.StatusOK, robots) }

// favicon answers the browsers that ask at the old address.
func (s *side) favicon(c echo.Context) error {
	return c.Redirect(http.StatusFound, static.Path("brand/favicon.svg"))
}
