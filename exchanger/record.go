package exchanger

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	maxRecord = 16 << 10 // bytes of a request or an answer that are kept
	hidden    = "•••"
)

// Call is one request and what came of it, in a form that may be stored and shown to the merchant's staff: secrets,
// configured headers and what customers typed are masked.
type Call struct {
	Site      string
	Method    string
	Path      string // below the API path, with its query
	Status    int    // HTTP status; 0 without an answer
	RequestID string // what the exchanger's support asks for
	At        time.Time
	Took      time.Duration
	Request   []byte // at most 16 KiB
	Response  []byte // at most 16 KiB
	Err       string // "" when it succeeded
}

type recorderKey struct{}

// WithRecorder returns a context whose calls are told to f too, so that a caller can keep those of one payment together.
func WithRecorder(ctx context.Context, f func(Call)) context.Context {
	return context.WithValue(ctx, recorderKey{}, f)
}

// record logs a call and tells Options.Record of it. It returns the masked data of the answer.
func (c *Client) record(ctx context.Context, r request, rep reply, a *answer, err error) []byte {
	mask := c.masker(r)
	took := c.opt.Now().Sub(rep.start)
	words := ""
	if err != nil {
		words = mask.words(cut(err.Error(), 500))
	}
	c.opt.Log.Debug("exchanger call", slog.String("site", c.site.Name), slog.String("method", r.method), slog.String("path", r.path),
		slog.Int("status", rep.status), slog.String("exchanger_request_id", a.requestID), slog.Duration("took", took), slog.String("error", words))
	sink, _ := ctx.Value(recorderKey{}).(func(Call))
	if c.opt.Record != nil || sink != nil {
		call := Call{Site: c.site.Name, Method: r.method, Path: r.path, Status: rep.status, RequestID: a.requestID, At: rep.start.UTC(),
			Took: took, Request: mask.body(r.body), Response: mask.body(rep.body), Err: words}
		if len(r.query) > 0 {
			call.Path += "?" + mask.query(r.query)
		}
		if c.opt.Record != nil {
			c.opt.Record(call)
		}
		if sink != nil {
			sink(call)
		}
	}
	if len(a.data) == 0 || !r.keepsAnswer() {
		return nil
	}
	return mask.body(a.data)
}

// keepsAnswer says whether the caller hands the masked answer on (Created.Raw, Order.Raw).
func (r request) keepsAnswer() bool { return strings.Contains(r.path, "/order/") }

// masker knows the secrets of one call.
type masker struct{ replace *strings.Replacer }

func (c *Client) masker(r request) masker {
	var pairs []string
	add := func(s string) {
		if len(s) >= 6 { // shorter ones would eat common text
			pairs = append(pairs, s, hidden)
			if q, err := json.Marshal(s); err == nil && string(q[1:len(q)-1]) != s {
				pairs = append(pairs, string(q[1:len(q)-1]), hidden)
			}
			if q := url.QueryEscape(s); q != s {
				pairs = append(pairs, q, hidden)
			}
		}
	}
	for _, v := range c.site.Headers {
		add(v)
		if _, token, ok := strings.Cut(v, " "); ok { // Bearer TOKEN
			add(token)
		}
	}
	for _, s := range r.secrets {
		add(s)
	}
	return masker{strings.NewReplacer(pairs...)}
}

func (m masker) words(s string) string { return m.replace.Replace(s) }

// secretKeys name members that are never shown; valueKeys hold what a customer typed or a wallet.
var (
	secretKeys = map[string]bool{"secret": true, "ordersecret": true, "ipnsecret": true, "authorization": true, "token": true}
	valueKeys  = map[string]bool{"fromvalues": true, "tovalues": true, "routevalues": true}
	looksLike  = regexp.MustCompile(`(?i)"(secret|orderSecret|ipnSecret|value|token)"\s*:\s*"(?:[^"\\]|\\.)*"?`)
)

func (m masker) query(q url.Values) string {
	shown := url.Values{}
	for k, vs := range q {
		if secretKeys[strings.ToLower(k)] {
			vs = []string{"***"}
		}
		shown[k] = vs
	}
	return m.words(shown.Encode())
}

// body masks a JSON body member by member; what is not JSON (a page, half an answer) by what secrets look like.
func (m masker) body(b []byte) []byte {
	if len(bytes.TrimSpace(b)) == 0 {
		return nil
	}
	var v any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var out string
	if d.Decode(&v) == nil && !d.More() {
		var buf bytes.Buffer
		e := json.NewEncoder(&buf)
		e.SetEscapeHTML(false)
		if e.Encode(maskMembers(v, false)) == nil {
			out = strings.TrimSpace(buf.String())
		}
	} else {
		out = looksLike.ReplaceAllString(string(b), `"$1":"`+hidden+`"`)
	}
	out = strings.ToValidUTF8(strings.ReplaceAll(m.words(out), "\x00", ""), "\uFFFD")
	if len(out) > maxRecord {
		n := maxRecord - len("…")
		for n > 0 && !utf8.RuneStart(out[n]) {
			n--
		}
		out = out[:n] + "…"
	}
	return []byte(out)
}

// maskMembers walks a decoded body. typed is true inside fromValues and its like, where value is cut to its last four.
func maskMembers(v any, typed bool) any {
	switch x := v.(type) {
	case map[string]any:
		for k, member := range x {
			switch low := strings.ToLower(k); {
			case secretKeys[low] && member != nil:
				x[k] = hidden
			case low == "email":
				x[k] = lastFour(member)
			case typed && low == "value":
				x[k] = lastFour(member)
			default:
				x[k] = maskMembers(member, typed || valueKeys[low])
			}
		}
	case []any:
		for i := range x {
			x[i] = maskMembers(x[i], typed)
		}
	}
	return v
}

func lastFour(v any) any {
	s, ok := v.(string)
	if !ok {
		if v == nil {
			return nil
		}
		return hidden
	}
	r := []rune(s)
	if len(r) == 0 {
		return s
	}
	if len(r) <= 8 {
		return hidden
	}
	return hidden + string(r[len(r)-4:])
}
