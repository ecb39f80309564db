package admin

import "github.com/a-h/templ"

// StackView is a page made of the common parts, one below the other: most pages of the daily work are nothing else.
type StackView struct {
	Head     Head
	Mistakes []Mistake
	Notes    []NoteView
	Once     *OnceView
	Filter   *FilterView
	Parts    []PartView
	Pager    PagerView
}

// FilterView is the sentence of filters of a list.
type FilterView struct {
	Action string
	On     bool
	Parts  []FilterPart
	Hidden []Hidden
}

// FilterPart is one field of a FilterView; with Options it is a choice.
type FilterPart struct {
	Field   Field
	Options []Option
	Class   string
}

// PartView is one part of a page; what is empty is not drawn. Without Title it stands without a heading.
type PartView struct {
	ID, Title, Note string
	Text            string
	Facts           []Fact
	Checks          []Check
	Body            templ.Component
	List            *ListView
	Buttons         []Button
	Form            *FormView
}

// FormView is a form whose fields stand one below the other.
type FormView struct {
	Action   string
	Get      bool // it only asks: its fields stand in the address
	Upload   bool // it carries a file
	Hidden   []Hidden
	Controls []Control
	Save     string // the button
	Plain    bool   // the button is not the page's main one
	Bar      bool   // the button stays in sight, at the bottom
	Note     string // beside the button
	Leave    *Link
}

// How a Control is drawn; "" is a field of one line.
const (
	AsArea   = "area"
	AsChoice = "choice"
	AsTicks  = "ticks"
	AsTick   = "tick"
	AsFile   = "file"
	AsHead   = "head" // Field.Label alone, between fields
)

// Control is one field of a FormView.
type Control struct {
	As      string
	Field   Field
	Options []Option
	Tick    TickView
	Picture string // AsFile: address of the one that is there; ""
	Accept  string // AsFile: kinds of file
}

// MistakesOf lists the mistakes of a form's fields.
func MistakesOf(controls []Control) []Mistake {
	var list []Mistake
	for _, c := range controls {
		if c.Field.Mistake != "" {
			list = append(list, Mistake{Field: c.Field.id(), Text: c.Field.Label + ": " + c.Field.Mistake})
		}
	}
	return list
}

func (f FormView) method() string {
	if f.Get {
		return "get"
	}
	return "post"
}
