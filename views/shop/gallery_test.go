package shop_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"mostrador/messages"
	"mostrador/views/shop"

	"github.com/a-h/templ"
)

var galleryDir = flag.String("gallery", "", "write every state of every page into this folder, to be looked at (see gallery.mjs)")

// exhibit is one state of one page with made-up data.
type exhibit struct {
	name string
	page templ.Component
}

func render(t *testing.T, lang string, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(messages.With(context.Background(), messages.For(lang)), &b); err != nil {
		t.Fatalf("render: %v", err)
	}
	return b.String()
}

// TestGallery draws every state of every page in every language, holds each against what all pages owe a person, and writes them out on demand.
func TestGallery(t *testing.T) {
	for _, lang := range messages.Languages {
		names := map[string]bool{}
		for _, e := range exhibits(lang) {
			if names[e.name] {
				t.Errorf("%s stands twice in the gallery", e.name)
			}
			names[e.name] = true
			html := render(t, lang, e.page)
			t.Run(lang+"/"+e.name, func(t *testing.T) { owed(t, lang, html) })
			if *galleryDir == "" {
				continue
			}
			if err := os.MkdirAll(*galleryDir, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(*galleryDir, e.name+"."+lang+".html"), []byte(html), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		for _, s := range shop.States {
			if !names["order-"+string(s)] {
				t.Errorf("the gallery does not show the state %s", s)
			}
		}
	}
}

var (
	inlineStyle  = regexp.MustCompile(`(?i)<[a-z][^>]*\s(style|on[a-z]+|hx-on[a-z:-]*)=`)
	inlineScript = regexp.MustCompile(`(?i)<script(?:[^>]*)>[^<]`)
	idAttribute  = regexp.MustCompile(`\sid="([^"]*)"`)
	described    = regexp.MustCompile(`\s(?:aria-describedby|aria-labelledby|aria-controls|for)="([^"]*)"`)
	foreign      = regexp.MustCompile(`(?:src|<link[^>]*href)="(?:https?:)?//`)
	unset        = regexp.MustCompile(`\{[a-z_]+\}`)
)

// owed is what every page owes, whatever it shows.
func owed(t *testing.T, lang, html string) {
	t.Helper()
	for _, want := range []string{`<html lang="` + lang + `"`, `<title>`, `<main id="main"`, `<h1`, `href="#main"`, `id="page-icon"`} {
		if !strings.Contains(html, want) {
			t.Errorf("%s is missing", want)
		}
	}
	if n := strings.Count(html, "<h1"); n != 1 {
		t.Errorf("%d main headings", n)
	}
	for name, re := range map[string]*regexp.Regexp{"an inline style or handler": inlineStyle, "an inline script": inlineScript, "something from elsewhere": foreign, "a mark that was not filled in": unset} {
		if m := re.FindString(strings.ReplaceAll(html, `name="htmx-config" content="{`, "")); m != "" && !strings.Contains(m, "{n}") && !strings.Contains(m, "{q}") {
			t.Errorf("the page has %s: %s", name, m)
		}
	}
	if strings.Contains(html, "⟦") {
		i := strings.Index(html, "⟦")
		t.Errorf("a text is missing: %s", html[i:min(i+60, len(html))])
	}
	ids := map[string]int{}
	for _, m := range idAttribute.FindAllStringSubmatch(html, -1) {
		ids[m[1]]++
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("the id %q stands %d times", id, n)
		}
	}
	for _, m := range described.FindAllStringSubmatch(html, -1) {
		for _, id := range strings.Fields(m[1]) {
			if ids[id] == 0 {
				t.Errorf("%s points at nothing", m[0])
			}
		}
	}
}
