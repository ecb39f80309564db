package handlers

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// accessLog writes one line for each request. It names the pattern of the route and never the address: tokens in it are secrets.
func (g *Edge) accessLog(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		if err := next(c); err != nil {
			c.Error(err)
		}
		res := c.Response()
		level := slog.LevelInfo
		if res.Status >= http.StatusInternalServerError {
			level = slog.LevelError
		}
		ctx := c.Request().Context()
		g.Log.LogAttrs(ctx, level, "request",
			slog.String("method", method(c.Request().Method)), slog.String("route", RoutePattern(c)), slog.Int("status", res.Status),
			slog.Float64("duration_ms", float64(time.Since(start).Microseconds())/1000), slog.Int64("bytes", res.Size),
			slog.String("request_id", RequestID(ctx)), slog.String("remote", c.RealIP()))
		return nil
	}
}

// RoutePattern is the route that a request matched, as docs write it: /orders/{token}. What matched none is "unmatched".
func RoutePattern(c echo.Context) string {
	path := c.Path()
	if path == "" {
		return "unmatched"
	}
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, ":") {
			parts[i] = "{" + p[1:] + "}"
		}
	}
	return strings.Join(parts, "/")
}

// method keeps what a stranger made up out of the log.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "OTHER"
}

// recoverPanic makes an error of a panic: nobody sees its text, and the log has where it was.
func (g *Edge) recoverPanic(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			r := recover()
			if r == nil {
				return
			}
			if r == http.ErrAbortHandler { //nolint:errorlint // the very value, as net/http compares it
				panic(r)
			}
			ctx := c.Request().Context()
			g.Log.ErrorContext(ctx, "panic", "route", RoutePattern(c), "request_id", RequestID(ctx), "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			err = echo.NewHTTPError(http.StatusInternalServerError)
		}()
		return next(c)
	}
}
