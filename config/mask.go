package config

import (
	"fmt"
	"log/slog"
	"net/url"
	"reflect"
	"strconv"
	"strings"
)

// hidden stands where a secret was.
const hidden = "•••"

// quote is strconv.Quote for one line of text.
func quote(s string) string { return strconv.Quote(s) }

// maskURL hides user, password and query of an address; what cannot be read as one is hidden whole. sqlite:FILE has
// nothing to hide.
func maskURL(s string) string {
	if s == "" || strings.HasPrefix(s, "sqlite:") && !strings.ContainsAny(s, "?@") {
		return s
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Opaque != "" || u.User == nil && strings.Contains(s, "@") { // a password with a slash in it parses as a path
		return hidden
	}
	out := u.Scheme + "://"
	if u.User != nil {
		out += hidden + "@"
	}
	out += u.Host + u.EscapedPath()
	if u.RawQuery != "" {
		out += "?" + hidden
	}
	return out
}

// showURL quotes an address for a message without what may be secret in it.
func showURL(s string) string {
	if masked := maskURL(s); masked != hidden {
		return show(masked)
	}
	if !strings.ContainsAny(s, "@?=") { // nothing that could carry a password
		return show(s)
	}
	return "a value that is not shown, it may hold a password"
}

// Masked is a copy that may be shown: passwords, header values and wallets are replaced.
func (c Config) Masked() Config {
	c.Database.URL, c.Mail.URL = maskURL(c.Database.URL), maskURL(c.Mail.URL)
	sites := make([]Site, len(c.Exchanger.Sites))
	for i, s := range c.Exchanger.Sites {
		sites[i] = s.masked()
	}
	c.Exchanger.Sites = sites
	payouts := make([]Payout, len(c.Payouts))
	for i, p := range c.Payouts {
		p.Values, p.RouteValues = maskValues(p.Values), maskValues(p.RouteValues)
		payouts[i] = p
	}
	c.Payouts = payouts
	return c
}

func (s Site) masked() Site {
	s.Headers = maskValues(s.Headers)
	return s
}

func maskValues(values map[string]string) map[string]string {
	out := make(map[string]string, len(values))
	for name := range values {
		out[name] = hidden
	}
	return out
}

// String is the configuration as YAML, secrets masked.
func (c Config) String() string { return string(write(c.Masked())) }

// GoString is String: %#v shows no secret either.
func (c Config) GoString() string { return c.String() }

// LogValue is one attribute for each section, secrets masked.
func (c Config) LogValue() slog.Value {
	m := reflect.ValueOf(c.Masked())
	var attrs []slog.Attr
	for _, f := range fields(m.Type()) {
		attrs = append(attrs, slog.String(f.name, strings.TrimSpace(string(write(m.Field(f.index).Interface())))))
	}
	return slog.GroupValue(attrs...)
}

// String hides the authorization of a site.
func (s Site) String() string { return fmt.Sprintf("%s (%s%s)", s.Name, s.BaseURL, s.APIPath) }

// GoString is String.
func (s Site) GoString() string { return s.String() }

// LogValue is String.
func (s Site) LogValue() slog.Value { return slog.StringValue(s.String()) }

// String hides the wallet.
func (p Payout) String() string { return fmt.Sprintf("%s at %s", p.Currency, p.Rate) }

// GoString is String.
func (p Payout) GoString() string { return p.String() }

// LogValue is String.
func (p Payout) LogValue() slog.Value { return slog.StringValue(p.String()) }

// String hides the password in the database's address.
func (d Database) String() string { return maskURL(d.URL) }

// GoString is String.
func (d Database) GoString() string { return d.String() }

// LogValue is String.
func (d Database) LogValue() slog.Value { return slog.StringValue(d.String()) }

// String hides the password in the mail server's address.
func (m Mail) String() string { return maskURL(m.URL) + " from " + m.From }

// GoString is String.
func (m Mail) GoString() string { return m.String() }

// LogValue is String.
func (m Mail) LogValue() slog.Value { return slog.StringValue(m.String()) }
