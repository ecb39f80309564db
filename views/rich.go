package views

import (
	"strings"

	"github.com/a-h/templ"
)

// Span is a piece of a sentence: plain, or a link.
type Span struct {
	Text string
	Href templ.SafeURL // "": plain
	New  bool          // opens beside this page, so that a half-filled form is not lost
}

// Sentence reads a finished text with links marked as in "I agree to the [terms of Almendra](terms)". The mark in brackets is looked up in links;
// one that is not there stays plain text, so that a shop without terms has no dead link. Links to other sites open beside the page.
func Sentence(text string, links map[string]templ.SafeURL) []Span {
	var spans []Span
	plain := func(s string) {
		if s != "" {
			spans = append(spans, Span{Text: s})
		}
	}
	for {
		open := strings.IndexByte(text, '[')
		if open < 0 {
			break
		}
		mid := strings.Index(text[open:], "](")
		if mid < 0 {
			break
		}
		end := strings.IndexByte(text[open+mid:], ')')
		if end < 0 {
			break
		}
		plain(text[:open])
		label, mark := text[open+1:open+mid], text[open+mid+2:open+mid+end]
		if href := links[mark]; href != "" {
			spans = append(spans, Span{Text: label, Href: href, New: strings.HasPrefix(string(href), "http")})
		} else {
			plain(label)
		}
		text = text[open+mid+end+1:]
	}
	plain(text)
	return spans
}
