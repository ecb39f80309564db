package views

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"rsc.io/qr"
)

// QR is a code ready to be drawn: one path of dark squares on a white ground, the quiet zone included.
type QR struct {
	side int
	path string
	name string
}

// NewQR makes the code of a text (a payment URI, an address, a link). name says in words what it holds, for who cannot see it: it is the label of
// the picture. The error tells that the text is too long for a code.
func NewQR(text, name string) (QR, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return QR{}, fmt.Errorf("make the QR code of %d characters: %w", len(text), err)
	}
	const quiet = 2 // the white frame of the page adds the other two modules
	var b strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			if !code.Black(x, y) {
				continue
			}
			start := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", start+quiet, y+quiet, x-start, x-start)
		}
	}
	return QR{side: code.Size + 2*quiet, path: b.String(), name: name}, nil
}

// Empty tells whether there is nothing to draw.
func (q QR) Empty() bool { return q.path == "" }

// QRCode draws the code; classes set its width.
func QRCode(q QR, classes string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		side := strconv.Itoa(q.side)
		_, err := io.WriteString(w, `<div class="qr `+templ.EscapeString(classes)+`" role="img" aria-label="`+templ.EscapeString(q.name)+`"><svg viewBox="0 0 `+side+` `+side+`" aria-hidden="true"><path d="`+q.path+`" fill="#14110d"/></svg></div>`)
		return err
	})
}
