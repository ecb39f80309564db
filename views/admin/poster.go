package admin

import (
	"unicode/utf8"

	"github.com/a-h/templ"

	"mostrador/views"
)

// PosterView is a payment link on a page for paper.
type PosterView struct {
	Lang, DeskLang        string // of who pays, and of who prints
	WindowTitle, ThemeCSS string
	Shop                  string
	Title, Text           string
	Amount                string // "": who pays chooses it, which the Lines say
	Lines                 []PosterLine
	QR                    views.QR
	Address               string
	Back                  Link
	State                 templ.Component // whether anybody can pay by it now
}

// PosterLine is what one language of the shop says below the code.
type PosterLine struct{ Lang, Text, Note string }

// long titles are set smaller, so that all of it stays on one sheet.
func (v PosterView) long() bool {
	return utf8.RuneCountInString(v.Title) > 40 || utf8.RuneCountInString(v.Text) > 160
}
