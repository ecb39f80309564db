package handlers

import (
	"context"
	"crypto/rand"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"strings"

	"github.com/labstack/echo/v4"
)

type requestIDKey struct{}

// RequestID is the id of the request that a context belongs to; "" outside of one.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

var foreignID = regexp.MustCompile(`^[A-Za-z0-9._-]{8,64}$`)

// identify gives each request an id of its own, which every answer carries. Only a trusted proxy may bring one along.
func (g *Edge) identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		id := r.Header.Get(echo.HeaderXRequestID)
		if !foreignID.MatchString(id) || !g.trusted.has(direct(r)) {
			id = rand.Text()[:16]
		}
		c.SetRequest(r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id)))
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		return next(c)
	}
}

// trust is the list of networks whose X-Forwarded-For is believed.
type trust []netip.Prefix

func (t trust) has(a netip.Addr) bool {
	for _, p := range t {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// direct is the address at the other end of the connection.
func direct(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	a, _ := netip.ParseAddr(host)
	return a.Unmap().WithZone("")
}

// remote is the address of whoever asks: the end of the connection, or behind trusted proxies the last one that none of them is.
func (t trust) remote(r *http.Request) string {
	a := direct(r)
	if !t.has(a) {
		return a.String()
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break // what stands before is not to be believed either
		}
		if a = hop.Unmap().WithZone(""); !t.has(a) {
			break
		}
	}
	return a.String()
}

// Customer is who limits count for: an address, or the network of 64 bits that one customer of IPv6 has.
func Customer(c echo.Context) string {
	a, err := netip.ParseAddr(c.RealIP())
	if err != nil {
		return c.RealIP()
	}
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}
