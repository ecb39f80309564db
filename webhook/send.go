package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"code.dny.dev/ssrf"
)

// Timeout is how long an endpoint has to answer, from dialling to the end of its answer.
const Timeout = 15 * time.Second

const (
	maxAnswer  = 4 << 10 // bytes of an answer that are read
	maxExcerpt = 200     // bytes of a refusing answer that are kept
)

// Message is one try of one delivery.
type Message struct {
	ID      string // webhook-id, the same through every try
	URL     string
	Body    []byte
	Secrets []string // each signs
}

// Result is how a try went.
type Result struct {
	Status int    // HTTP status; 0 without an answer
	Error  string // why it did not arrive, in words; "" when it did
	Took   time.Duration
}

// Delivered tells whether the endpoint took the message.
func (r Result) Delivered() bool { return r.Status >= 200 && r.Status < 300 }

// Gone tells whether the endpoint wants nothing more.
func (r Result) Gone() bool { return r.Status == http.StatusGone }

// SenderOptions are what NewSender needs.
type SenderOptions struct {
	AllowPrivate bool             // private and loopback addresses too
	Timeout      time.Duration    // 0: Timeout
	Now          func() time.Time // nil: time.Now
	TLS          *tls.Config      // nil: the system's certificates
}

// Sender posts messages. It is safe for concurrent use.
type Sender struct {
	client  *http.Client
	allow   bool
	timeout time.Duration
	now     func() time.Time
}

// NewSender makes a sender that uses no proxy, follows no redirect and, unless private addresses are allowed, reaches none: what a name leads
// to is checked when it is dialled.
func NewSender(opt SenderOptions) *Sender {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Timeout == 0 {
		opt.Timeout = Timeout
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	if !opt.AllowPrivate {
		dialer.Control = ssrf.New(ssrf.WithAnyPort()).Safe
	}
	transport := &http.Transport{Proxy: nil, DialContext: dialer.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: 10 * time.Second,
		TLSClientConfig: opt.TLS, MaxIdleConns: 50, MaxIdleConnsPerHost: 4, IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 32 << 10}
	return &Sender{
		client: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		allow:  opt.AllowPrivate, timeout: opt.Timeout, now: opt.Now,
	}
}

// Close gives idle connections back.
func (s *Sender) Close() { s.client.CloseIdleConnections() }

// AllowPrivate tells whether private addresses are allowed.
func (s *Sender) AllowPrivate() bool { return s.allow }

// Deliver posts a message once, signed at this moment.
func (s *Sender) Deliver(ctx context.Context, m Message) Result {
	began := time.Now()
	r := s.deliver(ctx, m)
	r.Took = time.Since(began)
	return r
}

func (s *Sender) deliver(ctx context.Context, m Message) Result {
	if err := CheckURL(m.URL, s.allow); err != nil { // what is allowed may have changed since the endpoint was made
		return Result{Error: "address not allowed: " + err.Error()}
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.URL, bytes.NewReader(m.Body))
	if err != nil {
		return Result{Error: ErrURL.Error()}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Mostrador-Webhooks/1")
	if err := SignHeader(req.Header, m.Secrets, m.ID, s.now(), m.Body); err != nil {
		return Result{Error: err.Error()}
	}
	res, err := s.client.Do(req)
	if err != nil {
		return Result{Error: s.reason(err)}
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	out := Result{Status: res.StatusCode}
	switch {
	case out.Delivered():
	case res.StatusCode >= 300 && res.StatusCode < 400:
		out.Error = fmt.Sprintf("answered %d: redirects are not followed", res.StatusCode)
	case err != nil:
		out.Error = fmt.Sprintf("answered %d and broke off", res.StatusCode)
	default:
		out.Error = strings.TrimSpace(fmt.Sprintf("answered %d %s", res.StatusCode, excerpt(answer)))
	}
	return out
}

// reason says in words why there was no answer. The address is left out: it may hold a secret of its own.
func (s *Sender) reason(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("no answer within %s", s.timeout)
	case errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, ssrf.ErrProhibitedNetwork):
		return "address not allowed: " + ErrPrivate.Error()
	case errors.As(err, &dns):
		return "the name of the host cannot be looked up"
	case errors.As(err, &certificate):
		return "certificate not valid: " + excerpt([]byte(certificate.Err.Error()))
	}
	return excerpt([]byte(err.Error()))
}

// excerpt is the beginning of a text on one line, without signs that a log or page would stumble over.
func excerpt(b []byte) string {
	if len(b) > maxExcerpt {
		b = b[:maxExcerpt]
	}
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(string(b), ""))
	return strings.Join(strings.Fields(clean), " ")
}
