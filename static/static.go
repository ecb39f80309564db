package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

//go:embed dist products currencies empty brand
var files embed.FS

// DemoCatalogue is the demo shop: categories and products in every language (JSON).
//
//go:embed demo/products.json
var DemoCatalogue []byte

// Prefix is the path under which Handler serves.
const Prefix = "/static/"

// file is one embedded file, ready to send.
type file struct {
	kind   string // content type
	body   []byte
	zipped func() []byte // gzip of body, made when first wanted: no start waits for it. nil where it saves nothing
}

var (
	paths  = map[string]string{} // logical name → address with digest
	served = map[string]file{}   // address without Prefix → file
	_      = load()
)

var kinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png",
}

// load reads every embedded file once, at start: there are few and they are small.
func load() struct{} {
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		kind, ok := kinds[path.Ext(name)]
		if !ok {
			return nil
		}
		body, err := files.ReadFile(name)
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		logical := strings.TrimPrefix(name, "dist/")
		sum := sha256.Sum256(body)
		ext := path.Ext(logical)
		addressed := strings.TrimSuffix(logical, ext) + "." + hex.EncodeToString(sum[:6]) + ext
		paths[logical] = Prefix + addressed
		served[addressed] = file{kind: kind, body: body, zipped: sync.OnceValue(func() []byte { return zip(body) })}
		return nil
	})
	if err != nil {
		panic(err) // embedded files: a test meets it before a person does
	}
	return struct{}{}
}

func zip(body []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := w.Write(body); err != nil || w.Close() != nil || b.Len() >= len(body) {
		return nil
	}
	return b.Bytes()
}

// Path is the address of a file by its plain name: Path("app.css") is /static/app.<digest>.css; pictures are "products/mug.svg",
// "currencies/btc.svg", "empty/cart.svg", "brand/logo.svg". A name that does not exist comes back under Prefix as it is, and answers 404.
func Path(name string) string {
	if p, ok := paths[name]; ok {
		return p
	}
	return Prefix + name
}

// Has tells whether a file of this plain name exists.
func Has(name string) bool {
	_, ok := paths[name]
	return ok
}

// Bytes is the content of a file by its plain name, nil when there is none. Mail and inlined drawings use it. Not to be changed.
func Bytes(name string) []byte {
	return served[strings.TrimPrefix(paths[name], Prefix)].body
}

// Handler serves every file under Prefix: for ever by its address with digest, and by its plain name for a redirect to that address.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, Prefix)
		f, ok := served[name]
		if !ok {
			if p, plain := paths[name]; plain {
				w.Header().Set("Cache-Control", "no-cache")
				http.Redirect(w, r, p, http.StatusFound)
				return
			}
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		send(w, r, f)
	})
}

func send(w http.ResponseWriter, r *http.Request, f file) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	if f.kind == "image/svg+xml" {
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'") // opened on its own a drawing runs nothing
	}
	body := f.body
	if AcceptsGzip(r.Header.Get("Accept-Encoding")) {
		if zipped := f.zipped(); zipped != nil {
			h.Set("Content-Encoding", "gzip")
			body = zipped
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body) // the reader went away: nothing to do about it
}

// AcceptsGzip reads an Accept-Encoding header; "gzip;q=0" is a refusal.
func AcceptsGzip(header string) bool {
	for _, part := range strings.Split(header, ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name = strings.TrimSpace(name); name != "gzip" && name != "*" {
			continue
		}
		q, ok := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		if !ok {
			return true
		}
		v, err := strconv.ParseFloat(q, 64)
		return err == nil && v > 0
	}
	return false
}
