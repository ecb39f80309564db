package handlers

import (
	"compress/gzip"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"mostrador/checkout"
	"mostrador/config"
	"mostrador/models"
)

// Deps is what the HTTP side works with.
type Deps struct {
	Store    *models.Store
	Service  *checkout.Service
	Config   config.Config
	Log      *slog.Logger                    // nil: none
	Now      func() time.Time                // nil: the store's
	Shutdown <-chan struct{}                 // closed when the program is about to stop: streams end then. nil: never
	Ready    func(ctx context.Context) error // what /readyz asks besides database and migrations; nil: nothing
}

// Edge is the outermost part of the program: every request goes through it, and every page gets its frame from it.
type Edge struct {
	Deps
	cross    *http.CrossOriginProtection
	policy   string // Content-Security-Policy
	secure   bool   // the shop is reached over https
	trusted  trust
	hooks    []errorHook
	settings atomic.Pointer[readSettings] // as last read, for a page while the database is away
}

type errorHook struct {
	prefix string
	handle func(c echo.Context, err error) (done bool)
}

// Stack installs what every request goes through, the answer to errors, /healthz and /readyz. Call it before routes are registered.
func Stack(e *echo.Echo, d Deps) *Edge {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Now == nil {
		d.Now = d.Store.Now
	}
	g := &Edge{Deps: d, secure: strings.HasPrefix(d.Config.Server.PublicURL, "https://"), trusted: trust(d.Config.Server.Proxies())}
	g.policy = contentPolicy(d.Service.Origins())
	g.cross = crossOrigin(d.Config.Server.PublicURL)
	e.HideBanner, e.HidePort = true, true
	e.IPExtractor = g.trusted.remote
	e.HTTPErrorHandler = g.handleError
	e.Pre(g.identify)
	e.Use(g.accessLog, g.recoverPanic, g.protect, g.limitBody, g.sameOrigin, g.prefer, middleware.GzipWithConfig(zipping))
	e.GET("/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok\n") })
	e.GET("/readyz", g.ready)
	return g
}

// OnError lets another side answer errors of its own part: f is asked for paths below prefix first, and says whether it answered.
func (g *Edge) OnError(prefix string, f func(c echo.Context, err error) (done bool)) {
	g.hooks = append(g.hooks, errorHook{prefix, f})
}

// zipping compresses what the API answers and the desk's tables, at the level at which compressing a file of a million rows does not take longer
// than reading them. Pages are compressed where they are drawn (SendHTML), once; streams never.
var zipping = middleware.GzipConfig{
	Level:     gzip.BestSpeed,
	MinLength: 1024,
	Skipper: func(c echo.Context) bool {
		path := c.Request().URL.Path
		return !under(path, "/api") && !(under(path, "/admin") && strings.HasSuffix(path, ".csv"))
	},
}

// under tells whether a path is prefix or below it.
func under(path, prefix string) bool {
	return path == prefix || strings.HasPrefix(path, prefix) && path[len(prefix)] == '/'
}
