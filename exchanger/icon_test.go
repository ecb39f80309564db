package exchanger

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestIconsComeFromTheExchangersSiteAlone(t *testing.T) {
	for _, tt := range []struct{ base, icon, want string }{
		{"https://www.coinsbar.net", "/images/btc.svg", "https://www.coinsbar.net/images/btc.svg"},
		{"https://www.coinsbar.net", "https://coinsbar.net/btc.svg#x", "https://coinsbar.net/btc.svg"},
		{"https://www.coinsbar.net", "//evil.example/btc.svg", ""},
		{"https://www.coinsbar.net", "https://evil.example/btc.svg", ""},
		{"https://www.coinsbar.net", "http://www.coinsbar.net/btc.svg", ""},
		{"https://www.coinsbar.net", "https://a:b@www.coinsbar.net/btc.svg", ""},
		{"https://www.coinsbar.net", "https://www.coinsbar.net:8443/btc.svg", ""},
		{"https://www.coinsbar.net", "javascript:alert(1)", ""}, {"https://www.coinsbar.net", "", ""}, {"https://www.coinsbar.net", "%zz", ""},
	} {
		if got := IconAddress(tt.base, tt.icon); got != tt.want {
			t.Errorf("%s at %s is %q, want %q", tt.icon, tt.base, got, tt.want)
		}
	}
}

const drawing = `<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 4 4" data-name="x"><title>BTC</title><defs><linearGradient id="g"><stop offset="1" stop-color="rgb(1, 2, 3)"/></linearGradient></defs>
<g transform="translate(1 1)"><circle cx="2" cy="2" r="2" fill="url(#g)"/><use xlink:href="#g"/></g></svg>`

func TestDrawingsAreWrittenAnewOrRefused(t *testing.T) {
	clean, err := cleanSVG([]byte(drawing))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`fill="url(#g)"`, `viewBox="0 0 4 4"`, `transform="translate(1 1)"`, `href="#g"`, `stop-color="rgb(1, 2, 3)"`} {
		if !strings.Contains(string(clean), want) {
			t.Errorf("%s is gone: %s", want, clean)
		}
	}
	if strings.Contains(string(clean), "BTC") || strings.Contains(string(clean), "data-name") || strings.Contains(string(clean), "DOCTYPE") {
		t.Errorf("too much was kept: %s", clean)
	}
	for _, inside := range []string{`<script>alert(1)</script>`, `<path onload="alert(1)"/>`, `<foreignObject/>`, `<image href="https://evil.example/x.png"/>`, `<use href="https://evil.example/x.svg#a"/>`,
		`<path style="fill:url(https://evil.example)"/>`, `<style>@import url(x)</style>`, `<path fill="url(https://evil.example/#a)"/>`, `<a href="javascript:alert(1)"/>`, `<animate attributeName="href"/>`,
		`<text>hello</text>`, `<path`, `&unknown;`, `<svg/>`, `<h:script xmlns:h="http://www.w3.org/1999/xhtml"/>`, `<path fill="expression(alert(1))"/>`, strings.Repeat("<g>", 40)} {
		if got, err := cleanSVG([]byte(`<svg xmlns="http://www.w3.org/2000/svg">` + inside + `</svg>`)); err == nil {
			t.Errorf("%.60s became %s", inside, got)
		}
	}
	for _, whole := range []string{"", "hello", `<html/>`, `<svg/>`, `<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"/>`} {
		if got, err := cleanSVG([]byte(whole)); err == nil {
			t.Errorf("%.60s became %s", whole, got)
		}
	}
}

func TestADrawingThatGrowsIsRefused(t *testing.T) {
	var levels strings.Builder
	levels.WriteString(`<path id="a0" d="M0 0h1v1z"/>`)
	for i := range 8 { // each draws the one before ten times: a hundred million shapes out of two kilobytes
		fmt.Fprintf(&levels, `<g id="a%d">%s</g>`, i+1, strings.Repeat(fmt.Sprintf(`<use href="#a%d"/>`, i), 10))
	}
	for _, inside := range []string{levels.String(), strings.Repeat(`<g mask="url(#m)"/>`, 17)} {
		if got, err := cleanSVG([]byte(`<svg xmlns="http://www.w3.org/2000/svg">` + inside + `</svg>`)); err == nil {
			t.Errorf("%.60s became %d bytes", inside, len(got))
		}
	}
	const svg = `<svg xmlns="http://www.w3.org/2000/svg"/>`
	if got, err := cleanSVG([]byte(svg + svg)); err == nil {
		t.Errorf("two drawings became %s", got)
	}
	got, err := cleanSVG([]byte(`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><use href="#a" xlink:href="#a"/></svg>`))
	if err != nil || strings.Count(string(got), "href=") != 1 {
		t.Errorf("%s, %v", got, err)
	}
}

func FuzzCleanSVG(f *testing.F) {
	f.Add(drawing)
	f.Add(`<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>`)
	f.Fuzz(func(t *testing.T, body string) {
		clean, err := cleanSVG([]byte(body))
		if err != nil {
			return
		}
		low := strings.ToLower(string(clean))
		for _, never := range []string{"<script", "javascript:", "<foreignobject", "<image", "<style", "<!", "<?"} {
			if strings.Contains(low, never) {
				t.Fatalf("%q became %q", body, clean)
			}
		}
		in := xml.NewDecoder(bytes.NewReader(clean))
		for {
			if _, err := in.Token(); errors.Is(err, io.EOF) {
				return
			} else if err != nil {
				t.Fatalf("%q became %q: %v", body, clean, err)
			}
		}
	})
}

func TestFetchingAnIcon(t *testing.T) {
	var small, wide bytes.Buffer
	for b, side := range map[*bytes.Buffer]int{&small: 32, &wide: 1025} {
		if err := png.Encode(b, image.NewGray(image.Rect(0, 0, side, 1))); err != nil {
			t.Fatal(err)
		}
	}
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind, body := "image/png", small.Bytes()
		switch r.URL.Path {
		case "/a.svg":
			kind, body = "image/svg+xml; charset=utf-8", []byte(drawing)
		case "/lie.svg":
			kind, body = "image/svg+xml", small.Bytes()
		case "/lie.png":
			body = []byte(drawing)
		case "/jpeg.png":
			kind = "image/jpeg"
		case "/page.png":
			kind = "text/html"
		case "/wide.png":
			body = wide.Bytes()
		case "/large.png":
			body = append(small.Bytes(), make([]byte, maxIcon)...)
		case "/moved.png":
			http.Redirect(w, r, "/a.png", http.StatusFound)
			return
		case "/gone.png":
			http.NotFound(w, r)
			return
		}
		if r.Header.Get("Authorization") != "" {
			t.Error("the merchant's authorization is sent for a picture")
		}
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(body)
	}))
	t.Cleanup(site.Close)
	c, err := New(Site{Name: "box", BaseURL: site.URL, Headers: map[string]string{"Authorization": "secret"}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	for path, want := range map[string]string{"/a.png": "png", "/a.svg": "svg", "/lie.svg": "", "/lie.png": "", "/jpeg.png": "", "/page.png": "", "/wide.png": "", "/large.png": "", "/moved.png": "", "/gone.png": ""} {
		icon, err := c.Icon(t.Context(), site.URL+path)
		if icon.Ext != want && err == nil || (err == nil) != (want != "") {
			t.Errorf("%s: %q %v", path, icon.Ext, err)
		}
	}
	if _, err := c.Icon(t.Context(), "http://elsewhere.example/a.png"); err == nil {
		t.Error("it fetches from elsewhere")
	}
	if h := c.Health(); h.State != Closed {
		t.Errorf("pictures that fail make the site %v", h.State)
	}
}
