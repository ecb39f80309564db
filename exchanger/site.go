package exchanger

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
)

// DefaultAPIPath is where the platform's API stands below a site's base address [client].
const DefaultAPIPath = "/service/api/v1"

// Site is one exchanger and what is needed to talk to it.
type Site struct {
	Name    string            // the shop's own name for it
	BaseURL string            // absolute http or https address, a path is allowed
	APIPath string            // "" means DefaultAPIPath
	Headers map[string]string // sent with every API call and nowhere else; secrets
	Partner string            // partner code sent with create [doc]; "" for none
}

var (
	uidShape    = regexp.MustCompile(`^[0-9]{1,19}$`)
	secretShape = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`) // 24 letters and digits were seen [client]; another alphabet that is safe in an address loses no order
	objectID    = regexp.MustCompile(`^[0-9a-fA-F]{24}$`)
	routeShape  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	headerName  = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$")
	pathShape   = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)*$`)
)

// String names the site without its headers, which are secrets.
func (s Site) String() string { return s.Name + " (" + s.BaseURL + ")" }

// LogValue keeps the headers out of logs.
func (s Site) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Check says what is wrong with the site's addresses and headers; nil when it can be talked to.
func (s Site) Check() error {
	if _, err := s.base(); err != nil {
		return err
	}
	if p := s.apiPath(); !pathShape.MatchString(p) || strings.Contains(p, "..") {
		return fmt.Errorf("api path %q: want a path such as %s", s.APIPath, DefaultAPIPath)
	}
	for name, value := range s.Headers {
		if !headerName.MatchString(name) {
			return fmt.Errorf("header %q: not a header name", name)
		}
		if strings.ContainsAny(value, "\r\n\x00") {
			return fmt.Errorf("header %s: its value holds a line break", name) // the value is a secret
		}
	}
	return nil
}

// base parses the base address and drops a slash at its end.
func (s Site) base() (*url.URL, error) {
	u, err := url.Parse(s.BaseURL)
	if err != nil {
		return nil, errors.New("base address cannot be read: want such as https://www.coinsbar.net")
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "", u.Opaque != "":
		return nil, fmt.Errorf("base address %q: want an absolute http or https address", u.Redacted())
	case u.User != nil:
		return nil, fmt.Errorf("base address %q: must not hold a user or password", u.Redacted())
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(s.BaseURL, "#"):
		return nil, fmt.Errorf("base address %q: must not hold a query or fragment", s.BaseURL)
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), ""
	return u, nil
}

func (s Site) apiPath() string {
	p := strings.TrimRight(s.APIPath, "/")
	if p == "" {
		return DefaultAPIPath
	}
	if !strings.HasPrefix(p, "/") {
		p = "/" + p
	}
	return p
}

// Origin is scheme://host of the base address, as a content security policy names it (form-action); "" when the base
// address is none.
func (s Site) Origin() string {
	u, err := s.base()
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// PaymentPage is the address at which the customer pays: {site}/{lang}/payment/{uid}/{secret} [doc]. It is built from a
// checked uid and secret only, so that no answer of an exchanger can lead the customer elsewhere. The error names the
// part that has a wrong shape, never its value.
func (s Site) PaymentPage(lang, uid, secret string) (string, error) {
	return s.page("payment", lang, uid, secret)
}

// OrderPage is the exchange order as the exchanger's own customers see it: /order/ in place of /payment/ [doc].
func (s Site) OrderPage(lang, uid, secret string) (string, error) {
	return s.page("order", lang, uid, secret)
}

func (s Site) page(kind, lang, uid, secret string) (string, error) {
	u, err := s.base()
	if err != nil {
		return "", err
	}
	if err := checkIdentity(uid, secret); err != nil {
		return "", fmt.Errorf("address of the %s page: %w", kind, err)
	}
	return u.String() + "/" + PageLang(lang) + "/" + kind + "/" + uid + "/" + secret, nil
}

// PageLang maps a customer's language to one that the exchanger's pages have: ru or en [doc].
func PageLang(lang string) string {
	if l := strings.ToLower(lang); l == "ru" || strings.HasPrefix(l, "ru-") || strings.HasPrefix(l, "ru_") {
		return "ru"
	}
	return "en"
}

// checkIdentity checks the shapes of an exchange order's uid and secret.
func checkIdentity(uid, secret string) error {
	if !uidShape.MatchString(uid) {
		return errors.New("uid is not a number of at most 19 digits")
	}
	if !secretShape.MatchString(secret) {
		return errors.New("secret is not 1 to 128 letters, digits, - and _")
	}
	return nil
}
