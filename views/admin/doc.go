// Package admin holds the pages of the desk, the merchant's side: the frame (rail, bottom bar, account menu), what all its pages are
// made of, and the pages of people, keys, log, settings and sign-in.
//
// # Making a page
//
// A page is a struct of finished text and a template that is rendered inside Layout; handlers/admin puts it there:
//
//	templ Widgets(v WidgetsView) {
//		@PageHead(Head{Title: …, Lead: …})          // <h1>, one line, actions at the right
//		@Mistakes(v.Form.Mistakes)                    // after a 422: links to the fields, in a note
//		@Section("h-list", "Title", "note") { … }     // heading, hairline, content
//		@List(v.List)                                 // a table that becomes cards on a phone
//		@Pages(v.Pager)                               // the next page, with after=
//	}
//
// Parts, each in parts.templ, list.templ, notes.templ or form.templ with its struct in parts.go or form.go: Layout, Bare (outside of the frame), PageHead, Section,
// Chip, Note, List (Columns, Rows, Cells), Pages, Empty, FilterForm, Input, Area, Choice (select), Tick (checkbox), Ticks, Mistakes, Save
// (the bar with the button), PostButton (an action that is one button), Ask (a question before something that cannot be undone), Proof
// (the password again), Conflict (409: theirs and yours), Once (a secret that is shown once, with a copy button), Facts, Checks.
//
// # Rules
//
// Every action is a POST form that works with scripts off. One filled button on a page at most (Primary). A row's own link covers the row;
// buttons in rows stand in a cell with Over set. Numbers are right-aligned (Column.Num). No style attribute, no inline script: the content
// policy forbids both. Texts come from messages/LANG/desk.yaml, keys begin with desk.; what holds a value arrives finished.
//
// It imports views, messages and static, never models, staff or handlers. Read page.go, then parts.go.
package admin
