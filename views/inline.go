package views

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// What stands inside a line of text is written here and not as a template, because every space between its parts counts.

// inline makes a component of finished HTML.
func inline(html string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, html)
		return err
	})
}

func moneyHTML(m Money, classes string) string {
	return `<span class="money` + classes + `">` + amountHTML(m) + `</span>`
}

func amountHTML(m Money) string {
	s := templ.EscapeString(m.Amount)
	if m.Unit != "" {
		s += `<span class="unit">` + nbsp + templ.EscapeString(m.Unit) + `</span>`
	}
	return s
}

// AmountOf is what stands inside an element of class money: an amount, its unit muted.
func AmountOf(m Money) templ.Component { return inline(amountHTML(m)) }

// Due is the amount to pay, the largest thing on its page; it stands in an @container.
func Due(m Money) templ.Component {
	if m.long() {
		return inline(moneyHTML(m, " due due-long mt-1"))
	}
	return inline(moneyHTML(m, " due mt-1"))
}

// Spans is a sentence with links; see Sentence.
func Spans(spans []Span) templ.Component {
	var b strings.Builder
	for _, s := range spans {
		text := templ.EscapeString(s.Text)
		switch {
		case s.Href == "":
			b.WriteString(text)
		case s.New:
			b.WriteString(`<a class="link" target="_blank" rel="noopener" href="` + templ.EscapeString(string(s.Href)) + `">` + text + `</a>`)
		default:
			b.WriteString(`<a class="link" href="` + templ.EscapeString(string(s.Href)) + `">` + text + `</a>`)
		}
	}
	return inline(b.String())
}

// Exact writes an address in fours so that eyes can compare it, first and last eight strong; a copy of the text holds no spaces.
func Exact(value string) templ.Component {
	r := []rune(value)
	if len(r) <= 16 {
		return inline(`<b>` + templ.EscapeString(value) + `</b>`)
	}
	var b strings.Builder
	for i := 0; i < len(r); i += 4 {
		part := `<span class="four">` + templ.EscapeString(string(r[i:min(i+4, len(r))])) + `</span>`
		if i < 8 || i+8 >= len(r) {
			part = `<b>` + part + `</b>`
		}
		b.WriteString(part)
	}
	return inline(b.String())
}
