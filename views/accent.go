package views

import (
	"fmt"
	"math"
	"strings"
)

// Shade is a merchant's colour in one theme: what is filled with it, the text on that, the colour where it is text or a line itself, and the edge of what
// is filled.
type Shade struct{ Fill, On, Ink, Edge string }

// Accent is a merchant's colour in both themes, written as mails and pictures need it.
type Accent struct{ Light, Dark Shade }

// defaultAccent is what the shop looks like before anybody chose; theme.css says the same.
var defaultAccent = Accent{Light: Shade{"#005860", "#f6fbfc", "#005860", "#005860"}, Dark: Shade{"#66bbbb", "#011d20", "#66bbbb", "#66bbbb"}}

// AccentOf reads a merchant's colour; "" is the default.
func AccentOf(accent string) (Accent, error) {
	light, dark, err := shadesOf(accent)
	if err != nil || light == (shade{}) {
		return defaultAccent, err
	}
	return Accent{Light: light.hex(), Dark: dark.hex()}, nil
}

// ThemeCSS makes the sheet that puts a merchant's colour in place of the default one, for both themes and for print. What is filled keeps the colour and
// gets the text that can be read on it; as text and lines the colour moves as far as it must to reach 4.5 : 1. An empty accent is the default: an empty
// sheet. Nothing of the text itself gets into the sheet.
func ThemeCSS(accent string) (string, error) {
	light, dark, err := shadesOf(accent)
	if err != nil || light == (shade{}) {
		return "", err
	}
	return ":root:not([data-theme=dark])" + light.css("") + "\n" +
		"@media (prefers-color-scheme:dark){:root:not([data-theme=light])" + dark.css("") + "}\n" +
		":root[data-theme=dark]" + dark.css("") + "\n" +
		"@media print{:root,:root[data-theme]" + light.css("!important") + "}\n", nil
}

// shadesOf makes a merchant's colour ready for both themes; both are zero where none is chosen.
func shadesOf(accent string) (light, dark shade, err error) {
	accent = strings.TrimSpace(accent)
	if accent == "" {
		return light, dark, nil
	}
	base, err := parseColour(accent)
	if err != nil {
		return light, dark, fmt.Errorf("shop's colour %q: %w", accent, err)
	}
	return lightShade(base), darkShade(base), nil
}

// ThemeVersion stands in the address of the sheet: browsers keep what they have of an older way to make it under another one.
const ThemeVersion = "3"

// shade is a Shade that still can be reckoned with.
type shade struct{ fill, on, ink, edge oklch }

func (s shade) hex() Shade { return Shade{s.fill.hex(), s.on.hex(), s.ink.hex(), s.edge.hex()} }

func (s shade) css(weight string) string {
	hover := "black" // under the pointer a button moves away from its text
	if s.on.l < s.fill.l {
		hover = "white"
	}
	v := func(name, value string) string { return "--" + name + ":" + value + weight }
	return "{" + strings.Join([]string{v("color-primary", s.fill.css()), v("color-primary-content", s.on.css()), v("accent-ink", s.ink.css()), v("accent-edge", s.edge.css()),
		v("accent-hover", "color-mix(in oklab,var(--color-primary) 86%,"+hover+")")}, ";") + "}"
}

// readable is the contrast that is aimed at: a little above 4.5, because sheets round.
const readable = 4.6

// mostDarker is how much darker a button may be than the merchant's colour so that white can be read on it. A colour that would have to be darker keeps
// its own lightness and gets dark text: yellow is no brown.
const mostDarker = 0.07

// paper and ink are the texts on what is filled.
func paper(c oklch) oklch { return oklch{0.985, math.Min(c.c, 0.006), c.h} }
func inked(c oklch) oklch { return oklch{0.21, math.Min(c.c, 0.035), c.h} }

// page is the ground in light, as theme.css has it; seen is the contrast under which what is filled needs an edge to stand out from it.
var page = oklch{0.974, 0.005, 85}

const seen = 3

func lightShade(c oklch) shade {
	s := lightFill(c)
	if s.edge = s.fill; contrast(s.fill, page) < seen {
		s.edge = s.ink
	}
	return s
}

func lightFill(c oklch) shade {
	s := shade{ink: lightInk(c)}
	c.l = math.Min(c.l, 0.93) // a button on a white page is still one
	at := func(l float64) oklch { return oklch{l, c.c, c.h}.inGamut() }
	for d := 0.0; d <= mostDarker; d += 0.005 {
		if f := at(c.l - d); contrast(f, paper(f)) >= readable {
			s.fill, s.on = f, paper(f)
			return s
		}
	}
	for l := c.l; ; l += 0.005 {
		if f := at(l); contrast(f, inked(f)) >= readable {
			s.fill, s.on = f, inked(f)
			return s
		}
	}
}

// lightInk darkens a colour until it can be read on its own tint (96.3 % light, see theme.css) and on the page.
func lightInk(c oklch) oklch {
	c.l = math.Min(c.l, 0.55)
	for ; c.l > 0.15; c.l -= 0.005 {
		c = c.inGamut()
		tint := oklch{0.963, c.c * 0.2, c.h}.inGamut()
		if contrast(c, paper(c)) >= readable && contrast(c, tint) >= readable {
			break
		}
	}
	return c
}

// darkShade lightens a colour until dark text on it, and it on its tint (28.5 % light) and on hover wells (30.5 %), can be read.
func darkShade(c oklch) shade {
	wanted := c.c
	for c.l = math.Max(c.l, 0.70); c.l < 0.97; c.l += 0.005 {
		c.c = wanted
		c = c.inGamut()
		tint := oklch{0.305, c.c * 0.29, c.h}.inGamut()
		if contrast(c, inked(c)) >= readable && contrast(c, tint) >= readable {
			break
		}
	}
	return shade{fill: c, on: inked(c), ink: c, edge: c} // on a dark page a light colour stands out by itself
}
