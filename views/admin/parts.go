package admin

import "github.com/a-h/templ"

// htmxConfig keeps htmx inside the content policy.
const htmxConfig = `{"includeIndicatorStyles":false,"allowEval":false,"allowScriptTags":false,"selfRequestsOnly":true,"historyCacheSize":0,"refreshOnHistoryMiss":true}`

// Tone is what a chip or a note means.
type Tone string

// The meanings.
const (
	Plain     Tone = "plain"
	Waiting   Tone = "waiting"
	Attention Tone = "attention"
	Good      Tone = "good"
	Trouble   Tone = "trouble"
)

var toneIcons = map[Tone]string{Plain: "info", Waiting: "info", Attention: "triangle-alert", Good: "circle-check", Trouble: "circle-alert"}

func (t Tone) icon() string {
	if i := toneIcons[t]; i != "" {
		return i
	}
	return "info"
}

// Link is a link with its words.
type Link struct {
	Label string
	Href  string
	Icon  string // of views/icons.go; ""
}

// Head is the top of a page.
type Head struct {
	Title   string
	Lead    string          // one muted line; ""
	Crumb   *Link           // the page above this one; nil: none
	Actions templ.Component // at the right; nil: none
}

// ChipView is a small word with its meaning.
type ChipView struct {
	Tone Tone
	Icon string // ""
	Word string
}

// NoteView is a tinted box with one thing to say.
type NoteView struct {
	Tone  Tone
	Icon  string // "": the tone's
	Title string // ""
	Text  string
	Links []Link
}

// ListView is a table whose rows become cards on a phone.
type ListView struct {
	Label   string // what it lists, for who does not see it
	Class   string // further classes, as desk.css has for known lists
	Columns []Column
	Rows    []Row
	Empty   *EmptyView // shown instead when there are no rows
}

// Column is one column of a list.
type Column struct {
	Label  string
	Num    bool            // figures, right-aligned
	Hidden bool            // the label is only read aloud (a column of buttons)
	Drop   bool            // falls away on a phone
	Class  string          // further classes of the head
	Sort   *Sort           // nil: not sortable
	Body   templ.Component // instead of Label, of a hidden one
}

// Sort is how a column sorts: the link turns it.
type Sort struct {
	Href      string
	Direction string // ascending, descending, or "" when another column sorts
}

// Row is one row; its first cell with Href is its link and covers it.
type Row struct {
	ID    string // for links into the page; ""
	Off   bool   // switched off, revoked: muted
	Cells []Cell
}

// Cell is one cell, in the order of the columns.
type Cell struct {
	Text  string
	Sub   string          // a second, muted line
	Body  templ.Component // instead of Text
	Href  string          // the row's link
	Over  bool            // lies above the row's link: buttons, check boxes, further links
	Class string          // further classes: a place in the card such as c-total
	Title bool            // the card's first line
	End   bool            // the card's buttons, at its end
}

// EmptyView is what stands where a list has nothing: what will stand there and what to do next.
type EmptyView struct {
	Icon, Title, Text string
	Links             []Link
}

// PagerView leads to the next page of a list.
type PagerView struct {
	First string // address of the newest page; "": this is it
	Next  string // address of the next page; "": this is the last
	Label string // what is listed, for who does not see it
}

// Button is an action that is one button and a POST form of its own.
type Button struct {
	Action string // address
	Label  string
	Aria   string // what exactly, for who does not see the row; "": Label
	Class  string // btn-plain, btn-quiet, btn-primary …; "": btn-plain btn-sm
	Icon   string
	Fields []Hidden
	Name   string // of the button itself, with Value; ""
	Value  string
	Off    bool   // cannot be done now: dimmed
	Why    string // the reason below it; ""
	Busy   string // what it says while it works; ""
	Ask    string // the question that scripts ask first; "": none. With scripts off the button acts at once
	Then   string // what follows from it, below the question
	Keep   string // the safe answer: Keep the key
	Key    string // a letter that presses it; "": none
}

func (b Button) class() string {
	if b.Class == "" {
		return "btn btn-sm btn-plain"
	}
	return "btn " + b.Class
}

// Hidden is a value that a form carries along.
type Hidden struct{ Name, Value string }

// AskView is the question before something that cannot be undone. The safe answer has the focus.
type AskView struct {
	Title  string   // Disable marko@…?
	Lines  []string // what follows from it
	Action string   // address of the POST
	Fields []Hidden
	Yes    string // the button repeats the verb
	No     string
	NoHref string
	Grave  bool // the button is red
}

// ConflictView is what a stale form gets (409): both versions side by side.
type ConflictView struct {
	Title string // Marko changed these settings at 18:41. Yours were not saved.
	Text  string // what to do
	Rows  []ConflictRow
	Again Button // sends what the person typed again, over the newer version; no Action: none
	Leave Link   // keeps theirs
}

// ConflictRow is one field in both versions.
type ConflictRow struct {
	Label, Theirs, Yours string
	Differs              bool
}

// OnceView is a secret that is shown once.
type OnceView struct {
	Title, Text string
	Value       string
	Lines       []string // several values instead of one
	Copy        string   // name of the copy button
}

// Fact is a line of a list of facts.
type Fact struct {
	Label string
	Text  string
	Body  templ.Component // instead of Text
}

// Check is a line of a list of what is done and what is not.
type Check struct {
	State string // ok, bad, warn, or "" for not yet
	What  string
	Say   string // ""
	Link  *Link
}

func (c Check) icon() string {
	switch c.State {
	case "ok":
		return "check"
	case "bad", "warn":
		return "circle-alert"
	}
	return "circle"
}

// Moment is a point in time, for people and for machines.
type Moment struct{ Text, ISO string }
