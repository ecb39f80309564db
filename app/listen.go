package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"
)

// endpoint is a listener with its server.
type endpoint struct {
	name string
	ln   net.Listener
	srv  *http.Server
}

// listen takes the address; nothing is answered before serve.
func listen(ctx context.Context, name, address string) (*endpoint, error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for %s: %w", name, err)
	}
	return &endpoint{name: name, ln: ln}, nil
}

// address is where it really listens: of port 0 the system has made another.
func (e *endpoint) address() string { return e.ln.Addr().String() }

// public is an origin as browsers see it. Where the system chose the port, an origin on this machine follows it: nobody could have
// known the port before.
func (e *endpoint) public(origin, listened string) string {
	_, asked, err := net.SplitHostPort(listened)
	if err != nil || asked != "0" {
		return origin
	}
	u, err := url.Parse(origin)
	if err != nil || !loopback(u.Hostname()) {
		return origin
	}
	_, port, err := net.SplitHostPort(e.address())
	if err != nil {
		return origin
	}
	u.Host = net.JoinHostPort(u.Hostname(), port)
	return u.String()
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// serve answers until shutdown; a listener that fails is reported to failed.
func (e *endpoint) serve(h http.Handler, log *slog.Logger, failed chan<- error) {
	e.srv = &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute, // a stream lifts its own
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	go func() {
		if err := e.srv.Serve(e.ln); err != nil && !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("%s: %w", e.name, err)
		}
	}()
}

// shutdown takes no more connections and waits for the requests under way, until ctx: then they are cut.
func (e *endpoint) shutdown(ctx context.Context) error {
	if e.srv == nil {
		return e.ln.Close()
	}
	if err := e.srv.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", e.name, err), e.srv.Close())
	}
	return nil
}

// abandon gives the address back where nothing was ever served on it.
func (e *endpoint) abandon() {
	if e.srv == nil {
		e.ln.Close()
	}
}
