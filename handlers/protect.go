package handlers

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

const (
	maxForm         = 1 << 20  // of a form, in bytes
	maxNotification = 64 << 10 // of a notification, in bytes
	maxPicture      = 12 << 20 // of a form of the desk that carries a picture
)

// contentPolicy names the only origins that a page may have to do with. form-action counts for redirects after a form too: without the
// exchangers there, a browser stops the way to them without a word.
func contentPolicy(exchangers []string) string {
	form := "form-action 'self'"
	for _, o := range exchangers {
		if o != "" {
			form += " " + o
		}
	}
	return strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'", "base-uri 'none'", "frame-ancestors 'none'", form,
	}, "; ")
}

// protect sets the headers that every answer has; a handler may say otherwise for its own.
func (g *Edge) protect(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", g.policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		// The addresses of orders are secrets: no other site hears them. Not no-referrer, which would take the Origin off our own forms.
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Permissions-Policy", "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), midi=(), payment=(), usb=()")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if g.secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		return next(c)
	}
}

// crossOrigin refuses forms that another site sends in a customer's name. Notifications and the API prove themselves otherwise.
func crossOrigin(publicURL string) *http.CrossOriginProtection {
	p := http.NewCrossOriginProtection()
	if err := p.AddTrustedOrigin(publicURL); err != nil {
		panic(err) // the configuration was checked when it was loaded
	}
	p.AddInsecureBypassPattern("POST /ipn/{token}")
	p.AddInsecureBypassPattern("/api/v1/")
	return p
}

func (g *Edge) sameOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := g.cross.Check(c.Request()); err != nil {
			return echo.NewHTTPError(http.StatusForbidden).SetInternal(err)
		}
		return next(c)
	}
}

// limitBody bounds what is read of a request. Notifications are read by their handler, which has an answer for one that is too long.
func (g *Edge) limitBody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		limit := int64(maxForm)
		switch {
		case under(r.URL.Path, "/ipn"):
			limit = maxNotification + 1
		case under(r.URL.Path, "/admin/products"), under(r.URL.Path, "/admin/settings"):
			limit = maxPicture
		}
		if r.ContentLength > limit && !under(r.URL.Path, "/ipn") {
			return echo.NewHTTPError(http.StatusRequestEntityTooLarge)
		}
		if r.Body != nil {
			r.Body = http.MaxBytesReader(c.Response(), r.Body, limit)
		}
		return next(c)
	}
}
