package exchanger

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/failsafe-go/failsafe-go/retrypolicy"
	"golang.org/x/sync/semaphore"
)

const (
	maxCalls      = 16 // to one site at once
	maxBackground = 12 // of these by Background calls, so that a customer never waits behind them
	maxRetries    = 2  // of a read
	maxBody       = 4 << 20
)

// Options are what a Client needs besides its Site. The zero value works.
type Options struct {
	Timeout   time.Duration     // for one call with its retries and the whole body; 0 means 10 s
	Log       *slog.Logger      // nil: nothing is logged
	Now       func() time.Time  // nil: time.Now
	Transport http.RoundTripper // nil: own transports; a given one is used for reads and writes and not closed
	UserAgent string
	Record    func(Call) // told of every request sent or tried, with secrets masked; must be quick and safe for concurrent use
}

// Client talks to one Site. It is safe for concurrent use; make one for each site and keep it, since it holds the site's
// health, and Close it at the end.
type Client struct {
	site   Site
	opt    Options
	base   string
	reads  *http.Client
	writes *http.Client // on fresh connections: see newTransport
	traced bool         // our own transports, which tell whether a connection was had

	breaker    *breaker
	slots      *semaphore.Weighted
	background *semaphore.Weighted
	retry      retrypolicy.RetryPolicy[answer]
	closed     atomic.Bool
}

// New makes the client of a site. The error says what is wrong with the site's addresses or headers.
func New(site Site, opt Options) (*Client, error) {
	if err := site.Check(); err != nil {
		return nil, fmt.Errorf("exchanger site %s: %w", site.Name, err)
	}
	u, err := site.base()
	if err != nil {
		return nil, fmt.Errorf("exchanger site %s: %w", site.Name, err)
	}
	site.BaseURL, site.APIPath, site.Headers = u.String(), site.apiPath(), maps.Clone(site.Headers)
	if opt.Timeout <= 0 {
		opt.Timeout = 10 * time.Second
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	now := opt.Now
	if now == nil {
		now = time.Now
	}
	opt.Now = func() time.Time { return now().UTC() }
	if opt.UserAgent == "" {
		opt.UserAgent = "Mostrador"
	}
	c := &Client{site: site, opt: opt, base: site.BaseURL + site.APIPath + "/", breaker: newBreaker(site.Name, opt.Now),
		slots: semaphore.NewWeighted(maxCalls), background: semaphore.NewWeighted(maxBackground)}
	read, write := opt.Transport, opt.Transport
	if opt.Transport == nil {
		read, write, c.traced = newTransport(true), newTransport(false), true
	}
	c.reads, c.writes = httpClient(read), httpClient(write)
	c.retry = retrypolicy.NewBuilder[answer]().WithMaxRetries(maxRetries).ReturnLastFailure().
		WithBackoff(100*time.Millisecond, 500*time.Millisecond).WithJitterFactor(0.5).
		HandleIf(func(_ answer, err error) bool { return worthAnother(err) }).Build()
	return c, nil
}

// Site returns the site as it is used: addresses without a slash at the end, the API path filled in.
func (c *Client) Site() Site { return c.site }

// Health tells what was seen of the site lately.
func (c *Client) Health() Health { return c.breaker.snapshot() }

// Close lets idle connections go and refuses further calls. Calls under way end by themselves.
func (c *Client) Close() {
	c.closed.Store(true)
	if c.opt.Transport == nil {
		c.reads.CloseIdleConnections()
		c.writes.CloseIdleConnections()
	}
}

// newTransport makes a transport that keeps connections (for reads) or uses a fresh one each time: a kept connection that
// the other side closes just as an order is sent would leave that order unclear.
func newTransport(keep bool) *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    5 * time.Second,
		DisableKeepAlives:      !keep,
		MaxIdleConns:           maxCalls,
		MaxIdleConnsPerHost:    maxCalls,
		IdleConnTimeout:        60 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// httpClient never follows a redirect: the headers and the order's secret would go elsewhere.
func httpClient(t http.RoundTripper) *http.Client {
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

type backgroundKey struct{}

// Background marks calls that no customer waits for: they use at most 12 of the 16 calls at once, and are refused with
// ErrPaused while the site has asked to be called later.
func Background(ctx context.Context) context.Context {
	return context.WithValue(ctx, backgroundKey{}, true)
}

func isBackground(ctx context.Context) bool {
	on, _ := ctx.Value(backgroundKey{}).(bool)
	return on
}
