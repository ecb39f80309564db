package shop

import (
	"context"

	"mostrador/messages"
	"mostrador/static"
	"mostrador/views"

	"github.com/a-h/templ"
)

// t is the text of a key in the page's language.
func t(ctx context.Context, key string, args ...any) string { return messages.Text(ctx, key, args...) }

// Tone is a meaning that a chip or a note has: it is always told in words and icon too.
type Tone string

// The four meanings, and none.
const (
	Plain     Tone = "plain"
	Waiting   Tone = "waiting"
	Attention Tone = "attention"
	Good      Tone = "good"
	Trouble   Tone = "trouble"
)

func (t Tone) badge() string { return "badge badge-" + string(t) }
func (t Tone) note() string  { return "note note-" + string(t) }

// Chip says in two or three words what is.
type Chip struct {
	Tone Tone
	Icon string // of views.Icon
	Word string
}

// Note explains, below what it explains.
type Note struct {
	Tone  Tone
	Icon  string
	Title string
	Text  string
	Links []Link // after the text
}

// Link is a place to go.
type Link struct {
	Label string
	URL   templ.SafeURL
}

// Moment is a time as a person reads it.
type Moment struct {
	Text string // "24 November, 14:45"
	ISO  string // RFC 3339
}

// Countdown is the time that is left. The page counts on by itself where scripts run; Text is right at the moment of the answer.
type Countdown struct {
	Text  string // "1:42:10"
	ISO   string // as a duration: PT1H42M10S
	Until string // RFC 3339: when it ends
	Now   string // RFC 3339: the server's time of the answer, so that a wrong clock counts right
	Label string // behind it: "left, until 16:45"
	Part  int    // of 100: what is left of the whole time, for the bar
}

// Line is one kind of goods in a list.
type Line struct {
	Title   string
	Detail  string // "2 × $9.00"
	Sum     string
	Picture string // address; "": the drawing for goods without a picture
}

func (l Line) picture() string { return pictureOr(l.Picture) }

func pictureOr(address string) string {
	if address == "" {
		return static.Path("products/none.svg")
	}
	return address
}

// Hidden is a value that a form carries unseen.
type Hidden struct{ Name, Value string }

// Action is something that a person can do now: a link, or with Post a form of its own.
type Action struct {
	Label  string        // a verb, with the amount where money is meant
	URL    templ.SafeURL // where the link leads or the form is sent
	Post   bool
	Hidden []Hidden // values of the form
	Icon   string
	Busy   string // with Post: what the button says while it works
}

// Empty is a place where something will stand, with a sentence that says what to do.
type Empty struct {
	Picture string // name under static/empty, without its ending: cart, search, orders, 404 …
	Title   string
	Text    string
	Action  *Link
	Again   int // seconds after which the page does by itself what Action does; 0: never
}

func (e Empty) picture() string { return static.Path("empty/" + e.Picture + ".svg") }

// Field is one field of a form.
type Field struct {
	ID, Name     string
	Label        string
	Value        string
	Type         string // text where empty
	Inputmode    string
	Autocomplete string // off where empty
	Help         string // replaced by the mistake
	Mistake      string
	Pattern      string // regular expression of the whole value, checked as the person leaves the field
	Hint         string // what is said when Pattern does not match
	Required     bool
	Exact        bool // an address or a number: set in figures of one width
	Focus        bool // the first mistake of the page
}

func (f Field) describedBy() string {
	if f.Mistake != "" {
		return f.ID + "-mistake"
	}
	return f.ID + "-help"
}

func (f Field) kind() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

func (f Field) complete() string {
	if f.Autocomplete == "" {
		return "off"
	}
	return f.Autocomplete
}

func (f Field) class() string {
	if f.Exact {
		return "input exact"
	}
	return "input"
}

// Check is a box to tick.
type Check struct {
	ID, Name string
	Text     []views.Span
	More     string // muted, behind the text
	Checked  bool
	Mistake  string
	Focus    bool
}

// Mistake leads from the list at the top to a field.
type Mistake struct {
	Field string // id of the field
	Text  string // label of the field, or what is wrong where it has none
}

// Mistakes is the list at the top of a form that came back.
type Mistakes struct {
	Title string // "One thing to put right before you pay"
	List  []Mistake

	// What Title and the window's title say when one, two … of them are left: a choice of currency puts some right in place.
	Fewer, FewerWindow []string
}
