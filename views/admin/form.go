package admin

import (
	"strings"

	"github.com/a-h/templ"
)

// Field is one line of a form: its words, what was typed, and what is wrong with it.
type Field struct {
	Name         string
	ID           string // "": Name
	Label        string
	Help         string
	Mistake      string // in place of Help
	Value        string
	Type         string // text, email, password, date, number …; "": text
	Autocomplete string // "": none
	Mode         string // inputmode
	Unit         string // behind the field: USD
	Before       string // before the field: /products/
	Placeholder  string
	Required     bool
	Focus        bool // has the focus when the page opens
	Exact        bool // compared sign by sign: keys, wallets, colours
	Rows         int  // of an Area
	MaxLength    int
	Lang         string // of the text that is typed
}

func (f Field) id() string {
	if f.ID != "" {
		return f.ID
	}
	return f.Name
}

func (f Field) kind() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

func (f Field) autocomplete() string {
	if f.Autocomplete == "" {
		return "off"
	}
	return f.Autocomplete
}

// attrs are what input, textarea and select have in common.
func (f Field) attrs() templ.Attributes {
	a := templ.Attributes{"id": f.id(), "name": f.Name, "autocomplete": f.autocomplete()}
	switch {
	case f.Mistake != "":
		a["aria-invalid"], a["aria-describedby"] = "true", f.id()+"-mistake"
	case f.Help != "":
		a["aria-describedby"] = f.id() + "-help"
	}
	for k, v := range map[string]string{"inputmode": f.Mode, "placeholder": f.Placeholder, "lang": f.Lang} {
		if v != "" {
			a[k] = v
		}
	}
	if f.Required {
		a["required"] = true
	}
	if f.Focus {
		a["autofocus"] = true
	}
	if f.Exact || f.Type == "password" || f.Type == "email" {
		a["spellcheck"], a["autocapitalize"] = "false", "none"
	}
	return a
}

// Option is one choice of a Choice.
type Option struct {
	Value, Label string
	On           bool
	Help         string // Ticks only
}

// TickView is a check box with its words.
type TickView struct {
	Name, Value, Label, Help string
	On                       bool
	ID                       string // "": Name
}

func (t TickView) id() string {
	if t.ID != "" {
		return t.ID
	}
	return strings.NewReplacer("[", "-", "]", "", ":", "-").Replace(t.Name + "-" + t.Value)
}

// Mistake is one line of the list on top of a form that was not taken.
type Mistake struct {
	Field string // id of the field
	Text  string // Price: a price is 0.01 or more
}

// SaveView is the bar with the button of a form.
type SaveView struct {
	Label string
	Busy  string
	Leave *Link
	Note  string
}
