package handlers

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// ready answers GET /readyz: whether requests can be served. What is wrong stands in the log; who asks hears which part it is.
func (g *Edge) ready(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), 5*time.Second)
	defer cancel()
	parts := []struct {
		name string
		ask  func(context.Context) error
	}{{"database", g.Store.Ping}, {"migrations", g.Store.Ready}, {"workers", g.Ready}}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	select {
	case <-g.Shutdown:
		return c.String(http.StatusServiceUnavailable, "stopping\n")
	default:
	}
	for _, p := range parts {
		if p.ask == nil {
			continue
		}
		if err := p.ask(ctx); err != nil {
			g.Log.WarnContext(ctx, "not ready", "part", p.name, "error", err)
			return c.String(http.StatusServiceUnavailable, p.name+" not ready\n")
		}
	}
	return c.String(http.StatusOK, "ready\n")
}
