package exchanger

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/failsafe-go/failsafe-go"
)

// answer is a readable, successful answer.
type answer struct {
	data      json.RawMessage
	requestID string
	at        time.Time // when it had arrived
	date      time.Time // what its Date header says; zero without one
	masked    []byte    // as the dashboard may show it
}

// request is one call before it is sent.
type request struct {
	method, path string
	query        url.Values
	body         []byte
	secrets      []string // beside the headers: never to be shown
}

// write says whether the call changes something.
func (r request) write() bool { return r.method != http.MethodGet }

// reply is what came of sending it.
type reply struct {
	status  int
	header  http.Header
	body    []byte
	sent    bool // a connection was had, so the exchanger may have received it
	start   time.Time
	mine    bool // the caller's own context ended
	broke   bool // the connection broke before the answer was whole
	problem error
}

// read makes a GET, tried again a little where the connection broke or the server failed.
func (c *Client) read(ctx context.Context, path string, query url.Values, secrets ...string) (answer, error) {
	caller := ctx
	ctx, cancel := context.WithTimeout(ctx, c.opt.Timeout)
	defer cancel()
	if wait := c.breaker.paused(); wait > 0 && isBackground(ctx) {
		return answer{}, &Unavailable{Err: ErrPaused, RetryAfter: wait}
	}
	r := request{method: http.MethodGet, path: path, query: query, secrets: secrets}
	a, err := failsafe.With(c.retry).WithContext(ctx).Get(func() (answer, error) { return c.attempt(ctx, caller, r) })
	if err == nil {
		return a, nil
	}
	var refused *Refused
	var unavailable *Unavailable
	if !errors.As(err, &refused) && !errors.As(err, &unavailable) { // the wait before a retry was cut short
		err = &Unavailable{Err: err}
	}
	return answer{}, err
}

// send makes a call that changes something, once.
func (c *Client) send(ctx context.Context, method, path string, body any, secrets ...string) (answer, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return answer{}, &Unavailable{Err: fmt.Errorf("write the request: %w", err)}
	}
	caller := ctx
	ctx, cancel := context.WithTimeout(ctx, c.opt.Timeout)
	defer cancel()
	return c.attempt(ctx, caller, request{method: method, path: path, body: raw, secrets: secrets})
}

// attempt is one request: a slot, the breaker's leave, the exchange itself, what it says of the site's health.
func (c *Client) attempt(ctx, caller context.Context, r request) (answer, error) {
	if c.closed.Load() {
		return answer{}, &Unavailable{Err: ErrClosed}
	}
	release, err := c.slot(ctx)
	if err != nil {
		return answer{}, &Unavailable{Err: fmt.Errorf("wait for one of %d calls at once: %w", maxCalls, err)}
	}
	defer release()
	probe, wait, ok := c.breaker.acquire()
	if !ok {
		return answer{}, &Unavailable{Err: ErrBreakerOpen, RetryAfter: wait}
	}
	out := neutral // also when something panics: a probe must not be lost
	defer func() { c.breaker.record(probe, out, err) }()
	rep := c.exchange(ctx, r)
	rep.mine = caller.Err() != nil
	date, e := http.ParseTime(rep.header.Get("Date"))
	if e == nil && rep.header.Get("Age") == "" { // what a cache has kept tells when it was made, not what time it is
		c.breaker.clock(date, rep.start)
	}
	var a answer
	a, out, err = c.judge(r, rep)
	if e == nil {
		a.date = date
	}
	masked := c.record(ctx, r, rep, &a, err)
	a.masked = masked
	return a, err
}

func (c *Client) slot(ctx context.Context) (func(), error) {
	back := isBackground(ctx)
	if back {
		if err := c.background.Acquire(ctx, 1); err != nil {
			return nil, err
		}
	}
	if err := c.slots.Acquire(ctx, 1); err != nil {
		if back {
			c.background.Release(1)
		}
		return nil, err
	}
	return func() {
		c.slots.Release(1)
		if back {
			c.background.Release(1)
		}
	}, nil
}

// exchange sends the request and reads at most 4 MiB of the answer.
func (c *Client) exchange(ctx context.Context, r request) (rep reply) {
	rep.start = c.opt.Now()
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }})
	req, err := c.build(ctx, r)
	if err != nil {
		rep.problem = err
		return rep
	}
	client := c.reads
	if r.write() {
		client = c.writes
	}
	res, err := client.Do(req)
	rep.sent = connected.Load()
	if err != nil {
		var op *net.OpError
		if !c.traced && !(errors.As(err, &op) && op.Op == "dial") {
			rep.sent = true // a foreign transport may not tell: take the worse
		}
		rep.problem, rep.broke = withoutAddress(err), true
		return rep
	}
	defer res.Body.Close()
	rep.sent, rep.status, rep.header = true, res.StatusCode, res.Header
	rep.body, err = io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	switch {
	case err != nil:
		rep.problem, rep.broke = fmt.Errorf("read the answer: %w", withoutAddress(err)), true
	case len(rep.body) > maxBody:
		rep.body = rep.body[:maxBody]
		rep.problem = errTooLarge
	}
	return rep
}

var errTooLarge = fmt.Errorf("the answer is larger than %d MiB", maxBody>>20)

func (c *Client) build(ctx context.Context, r request) (*http.Request, error) {
	target := c.base + r.path
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}
	var body io.Reader
	if r.body != nil {
		body = bytes.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, body)
	if err != nil {
		return nil, fmt.Errorf("build the request: %w", withoutAddress(err))
	}
	req.GetBody = nil // net/http must never send a write again by itself, whatever headers are configured
	req.Header.Set("User-Agent", c.opt.UserAgent)
	req.Header.Set("Accept", "application/json")
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range c.site.Headers {
		req.Header.Set(name, value)
	}
	return req, nil
}

// withoutAddress drops the address that net/http puts in front of an error: it holds the order's secret.
func withoutAddress(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
