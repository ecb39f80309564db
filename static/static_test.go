package static

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func get(t *testing.T, method, url, encoding string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, url, nil)
	if encoding != "" {
		r.Header.Set("Accept-Encoding", encoding)
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func TestPathsThatPagesUseExist(t *testing.T) {
	for _, name := range []string{"app.css", "desk.css", "app.js", "htmx.min.js", "sse.js", "products/mug.svg", "products/none.svg", "currencies/btc.svg", "empty/404.svg", "brand/favicon-paid.svg", "brand/wordmark.svg"} {
		if !Has(name) || len(Bytes(name)) == 0 {
			t.Errorf("%s is missing", name)
		}
		if p := Path(name); strings.Count(p, ".") < 2 {
			t.Errorf("Path(%q) = %q carries no digest", name, p)
		}
	}
}

func TestServing(t *testing.T) {
	t.Run("an address with digest is kept for ever and comes zipped where asked", func(t *testing.T) {
		res := get(t, "GET", Path("app.css"), "br, gzip;q=0.8")
		if res.StatusCode != 200 || res.Header.Get("Content-Encoding") != "gzip" || !strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
			t.Fatalf("got %d %v", res.StatusCode, res.Header)
		}
		z, err := gzip.NewReader(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(z)
		if err != nil || string(body) != string(Bytes("app.css")) {
			t.Fatalf("unzipped content differs: %v", err)
		}
	})
	t.Run("a refused gzip is not sent", func(t *testing.T) {
		for _, enc := range []string{"", "gzip;q=0", "identity"} {
			if res := get(t, "GET", Path("app.css"), enc); res.Header.Get("Content-Encoding") != "" {
				t.Errorf("%q was answered with %q", enc, res.Header.Get("Content-Encoding"))
			}
		}
	})
	t.Run("the plain name leads to the address", func(t *testing.T) {
		if res := get(t, "GET", "/static/app.css", ""); res.StatusCode != 302 || res.Header.Get("Location") != Path("app.css") {
			t.Errorf("got %d to %q", res.StatusCode, res.Header.Get("Location"))
		}
	})
	t.Run("an unknown name is 404 and a POST is 405", func(t *testing.T) {
		if res := get(t, "GET", "/static/../doc.go", ""); res.StatusCode != 404 {
			t.Errorf("got %d", res.StatusCode)
		}
		if res := get(t, "POST", Path("app.css"), ""); res.StatusCode != 405 {
			t.Errorf("got %d", res.StatusCode)
		}
	})
}

func TestDemoCatalogueHasPicturesForAllProducts(t *testing.T) {
	var demo struct {
		Products []struct {
			Slug, Image string
			Title       map[string]string
		}
	}
	if err := json.Unmarshal(DemoCatalogue, &demo); err != nil {
		t.Fatal(err)
	}
	if len(demo.Products) < 12 {
		t.Errorf("only %d products", len(demo.Products))
	}
	for _, p := range demo.Products {
		if !Has(p.Image) {
			t.Errorf("%s has no picture %s", p.Slug, p.Image)
		}
		for _, lang := range []string{"en", "es", "ru"} {
			if p.Title[lang] == "" {
				t.Errorf("%s has no title in %s", p.Slug, lang)
			}
		}
	}
}

// The scripts are copied as they are, so an edit that was not built shows here; the styles are compared by `make test`.
func TestOurScriptsAreBuilt(t *testing.T) {
	sources, err := filepath.Glob("src/*.js")
	if err != nil || len(sources) == 0 {
		t.Fatalf("no scripts found: %v", err)
	}
	for _, name := range sources {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if built := filepath.Base(name); string(Bytes(built)) != string(raw) {
			t.Errorf("%s is not what static/dist holds: run `npm run build`", name)
		}
	}
}
