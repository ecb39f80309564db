package exchanger

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

const (
	maxSVGDepth    = 24
	maxSVGElements = 2000
	maxSVGUses     = 16 // of parts drawn elsewhere in it: ten of each other's would be drawn a million times
	svgNamespace   = "http://www.w3.org/2000/svg"
)

// svgElements are drawn; those that map to false are left out with what is in them. Any other refuses the drawing.
var svgElements = map[string]bool{
	"svg": true, "g": true, "defs": true, "path": true, "circle": true, "ellipse": true, "rect": true, "line": true, "polyline": true, "polygon": true,
	"linearGradient": true, "radialGradient": true, "stop": true, "clipPath": true, "mask": true, "use": true, "symbol": true,
	"title": false, "desc": false, "metadata": false,
}

var svgAttributes = func() map[string]bool {
	m := map[string]bool{}
	for _, a := range strings.Fields(`id viewBox width height x y x1 y1 x2 y2 cx cy r rx ry d points transform fill fill-opacity fill-rule clip-rule clip-path
		clipPathUnits mask maskUnits maskContentUnits mask-type stroke stroke-width stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity
		stroke-dasharray stroke-dashoffset opacity gradientUnits gradientTransform spreadMethod fx fy fr offset stop-color stop-opacity
		preserveAspectRatio overflow color vector-effect href`) {
		m[a] = true
	}
	return m
}()

var (
	ownPart   = regexp.MustCompile(`^#[A-Za-z_][\w.:-]*$`)
	urlOfPart = regexp.MustCompile(`url\(\s*["']?#[A-Za-z_][\w.:-]*["']?\s*\)`)
)

// cleanSVG writes a drawing anew with nothing in it but shapes and colours. One that wants more (scripts, styles, pictures, texts, addresses) is
// refused: a half-drawn icon is worse than the shop's own.
func cleanSVG(body []byte) ([]byte, error) {
	in := xml.NewDecoder(bytes.NewReader(body))
	in.Strict, in.Entity = true, map[string]string{}
	var out strings.Builder
	depth, n, skip, roots, uses := 0, 0, 0, 0, 0
	for {
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("icon: not a drawing: %w", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth, n = depth+1, n+1; depth > maxSVGDepth || n > maxSVGElements {
				return nil, errors.New("icon: too deep or too large a drawing")
			}
			drawn, known := svgElements[t.Name.Local]
			switch {
			case skip > 0 || known && !drawn:
				skip++
				continue
			case !known || t.Name.Space != svgNamespace || (depth == 1) != (t.Name.Local == "svg"):
				return nil, fmt.Errorf("icon: a drawing with %q", t.Name.Local)
			}
			if depth == 1 {
				roots++
			}
			if uses += usesOf(t); uses > maxSVGUses || roots > 1 {
				return nil, errors.New("icon: a drawing out of too many parts")
			}
			if err := writeStart(&out, t, depth == 1); err != nil {
				return nil, err
			}
		case xml.EndElement:
			depth--
			if skip > 0 {
				skip--
				continue
			}
			out.WriteString("</" + t.Name.Local + ">")
		case xml.Directive:
			if !strings.HasPrefix(strings.ToUpper(string(t)), "DOCTYPE SVG") || bytes.ContainsAny(t, "[") {
				return nil, errors.New("icon: a drawing with declarations")
			}
		}
	}
	if n == 0 {
		return nil, errors.New("icon: an empty drawing")
	}
	return []byte(out.String()), nil
}

// usesOf is how many parts an element draws that stand elsewhere. Colours that do (gradients) are not counted: they cannot hold each other.
func usesOf(t xml.StartElement) (n int) {
	if t.Name.Local == "use" {
		n++
	}
	for _, a := range t.Attr {
		if a.Name.Local == "mask" || a.Name.Local == "clip-path" {
			n++
		}
	}
	return n
}

func writeStart(out *strings.Builder, t xml.StartElement, root bool) error {
	out.WriteString("<" + t.Name.Local)
	if root {
		out.WriteString(` xmlns="` + svgNamespace + `"`)
	}
	seen := map[string]bool{}
	for _, a := range t.Attr {
		name := a.Name.Local
		if seen[name] {
			continue // href and xlink:href are one
		}
		if !svgAttributes[name] || a.Name.Space != "" && name != "href" {
			if strings.HasPrefix(strings.ToLower(name), "on") || name == "style" || name == "class" {
				return fmt.Errorf("icon: a drawing with the attribute %q", name)
			}
			continue // of an editor: nothing is drawn with it
		}
		if name == "href" && !ownPart.MatchString(a.Value) || strings.ContainsAny(a.Value, "\\@;") || strings.Contains(urlOfPart.ReplaceAllString(a.Value, ""), "(") && name != "transform" && name != "gradientTransform" && !plainColour(a.Value) {
			return fmt.Errorf("icon: a drawing that points elsewhere by %q", name)
		}
		seen[name] = true
		out.WriteString(" " + name + `="`)
		if err := xml.EscapeText(out, []byte(a.Value)); err != nil {
			return fmt.Errorf("icon: %w", err)
		}
		out.WriteString(`"`)
	}
	out.WriteString(">")
	return nil
}

var colour = regexp.MustCompile(`^(rgb|rgba|hsl|hsla)\([0-9.,%/ ]+\)$`)

func plainColour(s string) bool { return colour.MatchString(strings.TrimSpace(s)) }
