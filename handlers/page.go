package handlers

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"mostrador/messages"
	"mostrador/models"
	"mostrador/static"
	"mostrador/views"
)

// Cookies that keep what a browser chose; the desk uses the same.
const (
	LangCookie  = "lang"
	ThemeCookie = "theme"
)

const settingsKey = "edge.settings"

// Cookie is the value of a cookie, "" when there is none.
func Cookie(c echo.Context, name string) string {
	if k, err := c.Cookie(name); err == nil {
		return k.Value
	}
	return ""
}

// SetCookie keeps a value for the shop's own pages, for age seconds.
func (g *Edge) SetCookie(c echo.Context, name, value string, age int) {
	c.SetCookie(&http.Cookie{Name: name, Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: g.secure, SameSite: http.SameSiteLaxMode})
}

// prefer chooses the language of a page. Parts that have no pages of the shop are left alone.
func (g *Edge) prefer(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		path := c.Request().URL.Path
		for _, p := range []string{"/static", "/ipn", "/healthz", "/readyz", "/admin", "/api"} {
			if under(path, p) {
				return next(c)
			}
		}
		g.choose(c)
		return next(c)
	}
}

// choose puts settings and language into the request.
func (g *Edge) choose(c echo.Context) {
	s := g.readSettings(c)
	c.Set(settingsKey, s)
	lang := messages.Choose(LanguagesOf(s, g.Config.Shop.Languages), Cookie(c, LangCookie), c.Request().Header.Get("Accept-Language"))
	r := c.Request()
	c.SetRequest(r.WithContext(messages.With(r.Context(), messages.For(lang))))
}

// readSettings reads what the merchant changed. What was just read is not read again while nothing was written; while the database is away it is
// what was read last.
func (g *Edge) readSettings(c echo.Context) models.ShopSettings {
	commits, last := g.Store.Commits(), g.settings.Load()
	if last != nil && last.commits == commits && time.Since(last.at) < FreshFor {
		return last.settings
	}
	s, err := g.Store.ShopSettings(c.Request().Context())
	if err == nil {
		g.settings.Store(&readSettings{settings: s, commits: commits, at: time.Now()})
		return s
	}
	g.Log.WarnContext(c.Request().Context(), "shop's settings not read", "error", err)
	if last != nil {
		return last.settings
	}
	return models.ShopSettings{}
}

// FreshFor is how long what was read of the database may be shown again while this process writes nothing: another process may.
const FreshFor = time.Second

type readSettings struct {
	settings models.ShopSettings
	commits  uint64
	at       time.Time
}

// LanguagesOf are the languages that the shop offers, the preferred one first: the merchant's, or else those of config.yaml.
func LanguagesOf(s models.ShopSettings, configured []string) []string {
	if len(s.Languages) > 0 {
		return s.Languages
	}
	return configured
}

// Settings are the merchant's settings, as read for this request.
func (g *Edge) Settings(c echo.Context) models.ShopSettings {
	s, ok := c.Get(settingsKey).(models.ShopSettings)
	if !ok {
		g.choose(c)
		s, _ = c.Get(settingsKey).(models.ShopSettings)
	}
	return s
}

// Printer speaks the language of the request.
func Printer(c echo.Context) messages.Printer { return messages.From(c.Request().Context()) }

// ShopName is what the shop is called: the merchant's word, else the configuration's.
func (g *Edge) ShopName(s models.ShopSettings) string { return or(s.Name, g.Config.Shop.Name) }

// SupportEmail is where customers write to; "" when nowhere.
func (g *Edge) SupportEmail(s models.ShopSettings) string {
	return or(s.SupportEmail, g.Config.Shop.SupportEmail)
}

// TermsURL is where the shop's terms stand; "" when nowhere.
func (g *Edge) TermsURL(s models.ShopSettings) string { return or(s.TermsURL, g.Config.Shop.TermsURL) }

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// MailTo is the address of a link that writes to the shop; "" when nowhere.
func (g *Edge) MailTo(s models.ShopSettings, subject string) templ.SafeURL {
	to := g.SupportEmail(s)
	if to == "" {
		return ""
	}
	link := "mailto:" + url.PathEscape(to)
	if subject != "" {
		link += "?subject=" + url.PathEscape(subject)
	}
	return templ.SafeURL(link)
}

// ThemeAddress is the address of the sheet with the merchant's colour, "" for the default. It changes with the colour.
func ThemeAddress(s models.ShopSettings) string {
	if s.Accent == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(views.ThemeVersion + s.Accent))
	return "/theme.css?v=" + hex.EncodeToString(sum[:6])
}

// Page is the frame of a page of the shop.
func (g *Edge) Page(c echo.Context, title string, width views.Width) views.Page {
	s, p := g.Settings(c), Printer(c)
	name := g.ShopName(s)
	v := views.Page{
		Lang: p.Lang(), Title: views.Title(title, name), Theme: themeOf(c), Back: c.Request().URL.RequestURI(), Width: width, Rehearsal: !g.Config.Live(),
		Shop: views.Shop{Name: name, ThemeCSS: ThemeAddress(s), TermsURL: templ.SafeURL(g.TermsURL(s)), HelpURL: g.MailTo(s, ""),
			Copyright: p.Text("layout.copyright", "year", g.Now().In(g.Config.Shop.Location()).Year(), "shop", name)},
	}
	if c.Request().Method != http.MethodGet && c.Request().Method != http.MethodHead {
		v.Back = "/"
	}
	for _, l := range LanguagesOf(s, g.Config.Shop.Languages) {
		if slices.Contains(messages.Languages, l) {
			v.Languages = append(v.Languages, views.Language{Code: l, Name: messages.For(l).Text("language.name"), Current: l == v.Lang})
		}
	}
	return v
}

func themeOf(c echo.Context) string {
	if t := Cookie(c, ThemeCookie); t == "light" || t == "dark" {
		return t
	}
	return ""
}

var (
	buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}
	zippers = sync.Pool{New: func() any {
		w, err := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
		if err != nil {
			panic(err) // the level is one
		}
		return w
	}}
)

// Draw renders a component whole, so that a page is sent either complete or not at all. The bytes are the caller's.
func Draw(ctx context.Context, page templ.Component) ([]byte, error) {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := page.Render(ctx, b); err != nil {
		return nil, err
	}
	return bytes.Clone(b.Bytes()), nil
}

// HTML draws a page and sends it.
func HTML(c echo.Context, status int, page templ.Component) error {
	body, err := Draw(c.Request().Context(), page)
	if err != nil {
		return err
	}
	return SendHTML(c, status, body)
}

// SendHTML sends a drawn page, compressed where the reader can take it. Unless the handler said otherwise it is nobody's to keep.
func SendHTML(c echo.Context, status int, body []byte) error {
	if len(body) < 1024 || !takesGzip(c) {
		return sendPage(c, status, body, "")
	}
	zipped, err := Zip(body)
	if err != nil {
		return err
	}
	return sendPage(c, status, zipped, "gzip")
}

// SendDrawn is SendHTML of a page that is there in both forms.
func SendDrawn(c echo.Context, body, zipped []byte) error {
	if takesGzip(c) {
		return sendPage(c, http.StatusOK, zipped, "gzip")
	}
	return sendPage(c, http.StatusOK, body, "")
}

func takesGzip(c echo.Context) bool {
	return static.AcceptsGzip(c.Request().Header.Get("Accept-Encoding"))
}

func sendPage(c echo.Context, status int, body []byte, encoding string) error {
	h := c.Response().Header()
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, no-cache")
	}
	h.Add("Vary", "Accept-Encoding, Accept-Language, Cookie")
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	}
	return c.Blob(status, "text/html; charset=utf-8", body)
}

// Zip compresses a page.
func Zip(body []byte) ([]byte, error) {
	var out bytes.Buffer
	w := zippers.Get().(*gzip.Writer)
	defer zippers.Put(w)
	w.Reset(&out)
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// LocalPath lets only paths of this shop through, so that no address in a form leads elsewhere; anything else is "/".
func LocalPath(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.ContainsAny(s, "\\\r\n\t") {
		return "/"
	}
	return u.RequestURI()
}
