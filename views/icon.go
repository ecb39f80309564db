package views

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// Icon draws a pictogram of icons.go; classes are added to its own. It is decoration: the word stands beside it, or on the control that holds it.
func Icon(name string, classes ...string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		class := templ.EscapeString(strings.Join(append([]string{"icon"}, classes...), " "))
		_, err := io.WriteString(w, `<svg class="`+class+`" viewBox="0 0 24 24" aria-hidden="true">`+icons[name]+`</svg>`)
		return err
	})
}

// HasIcon tells whether icons.go has a pictogram of this name.
func HasIcon(name string) bool { _, ok := icons[name]; return ok }
