package mail

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"mostrador/messages"
	"mostrador/views"
)

var galleryDir = flag.String("gallery", "", "write every letter into this folder")

func letter(p messages.Printer, kind Kind) Letter {
	l := Letter{Shop: "Almendra", ShopURL: "https://shop.example", Button: Link{URL: "https://shop.example/orders/long-token"},
		Lines: []Line{{Title: "Ribera mug <b>", Detail: "2 × $18.00", Sum: "$36.00"}}, Total: Fact{Label: "Total", Value: "$36.00"}, Facts: []Fact{{Label: "E-mail", Value: "maria@example.com"}}}
	if kind == Underpaid || kind == Rest {
		l.DueWhat, l.Due = "Missing", "0.00010012\u00a0BTC"
	}
	l.Write(p, kind, "number", "1042", "price", "$36.00", "amount", "0.0004\u00a0BTC", "missing", "$10.63", "until", "16:45", "site", "coinsbar.net", "refund", "10.63\u00a0USDT", "reference", "x", "answer", "It left on Monday")
	return l
}

func TestEveryLetterSaysTheSameInBothForms(t *testing.T) {
	unset := regexp.MustCompile(`\{[a-z]+\}`)
	for _, lang := range messages.Languages {
		for _, kind := range Kinds {
			l := letter(messages.For(lang), kind)
			html, err := l.HTML(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			text := l.Text()
			for name, s := range map[string]string{"subject": l.Subject, "text": text, "title": l.Title} {
				if s == "" || strings.Contains(s, "⟦") || unset.MatchString(s) {
					t.Errorf("%s %s: the %s is not finished: %q", lang, kind, name, s)
				}
			}
			for _, want := range append([]string{l.Title, "https://shop.example/orders/long-token", "$36.00", l.Button.Label}, l.Lead...) {
				plain := strings.ReplaceAll(want, "\u00a0", " ")
				if !strings.Contains(text, plain) {
					t.Errorf("%s %s: the plain text lacks %q", lang, kind, want)
				}
				if !strings.Contains(html, want) {
					t.Errorf("%s %s: the page lacks %q", lang, kind, want)
				}
			}
			if strings.Contains(html, "mug <b>") || strings.Contains(html, "<img") || strings.Contains(html, "<script") || !strings.Contains(html, `<html lang="`+lang+`"`) {
				t.Errorf("%s %s: something unescaped, foreign or without language", lang, kind)
			}
			if *galleryDir != "" {
				if err := os.WriteFile(filepath.Join(*galleryDir, "mail-"+string(kind)+"."+lang+".html"), []byte(html), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func TestALettersButtonHasTheShopsColour(t *testing.T) {
	l := letter(messages.For("en"), Paid)
	for colour, want := range map[string]string{"": "background: #005860; color: #f6fbfc", "#ffd400": "background: #ffd400; color: #1"} {
		var err error
		if l.Colour, err = views.AccentOf(colour); err != nil {
			t.Fatal(err)
		}
		if html, err := l.HTML(context.Background()); err != nil || !strings.Contains(html, want) {
			t.Errorf("%q: %v, the letter lacks %q", colour, err, want)
		}
	}
}
