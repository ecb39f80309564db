package sandbox

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed static templates/*.html
var files embed.FS

var pages = template.Must(template.New("").ParseFS(files, "templates/*.html"))

const policy = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// routes wires the whole origin.
func (s *Sandbox) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(apiPath, s.serveAPI)

	site := http.NewServeMux()
	site.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/control", http.StatusFound) })
	site.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("ok\n")) })
	for name, file := range staticFiles() {
		site.HandleFunc("GET "+name, file.serve)
	}
	site.HandleFunc("GET /{lang}/payment/{uid}/{secret}", s.paymentPage)
	site.HandleFunc("POST /{lang}/payment/{uid}/{secret}", s.payAction)
	site.HandleFunc("GET /{lang}/order/{uid}/{secret}", s.orderPage)
	s.controlRoutes(site)
	site.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.notFoundPage(w, r.PathValue("lang")) })

	// Everything but the API, which shops call from their servers, refuses posts from pages of other sites.
	mux.Handle("/", secured(http.NewCrossOriginProtection().Handler(site)))
	return mux
}

func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin") // the addresses hold secrets
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}

// render writes a page, or nothing of it when the template fails.
func (s *Sandbox) render(w http.ResponseWriter, status int, name string, view any) {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, view); err != nil {
		s.log.Error("sandbox page", "page", name, "error", err)
		http.Error(w, "The page could not be drawn.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write(b.Bytes())
}

type staticFile struct {
	name, etag string
	data       []byte
}

// staticFiles maps addresses to the embedded files: style and script at the top, currency icons in /icons.
func staticFiles() map[string]staticFile {
	all := map[string]staticFile{}
	err := fs.WalkDir(files, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := files.ReadFile(name)
		sum := sha256.Sum256(data)
		all[strings.TrimPrefix(name, "static")] = staticFile{path.Base(name), `"` + hex.EncodeToString(sum[:8]) + `"`, data}
		return err
	})
	if err != nil {
		panic(err) // embedded: cannot fail at run time
	}
	return all
}

func (f staticFile) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("ETag", f.etag)
	h.Set("Cache-Control", "no-cache")
	if strings.HasSuffix(f.name, ".svg") { // shops show the icons
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		h.Set("Cache-Control", "public, max-age=86400")
	}
	http.ServeContent(w, r, f.name, time.Time{}, bytes.NewReader(f.data))
}
