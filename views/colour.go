package views

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// oklch is a colour by lightness (0…1), chroma and hue (degrees).
type oklch struct{ l, c, h float64 }

var (
	hexColour   = regexp.MustCompile(`^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$`)
	oklchColour = regexp.MustCompile(`^oklch\(\s*([0-9]*\.?[0-9]+)(%?)\s+([0-9]*\.?[0-9]+)\s+([0-9]*\.?[0-9]+)\s*\)$`)
)

// errColour is what ThemeCSS and AccentOf say of a text that is no colour.
var errColour = errors.New(`a colour is #0b5f66 or oklch(42% 0.073 205)`)

func parseColour(s string) (oklch, error) {
	if m := hexColour.FindStringSubmatch(s); m != nil {
		h := m[1]
		if len(h) == 3 {
			h = string([]byte{h[0], h[0], h[1], h[1], h[2], h[2]})
		}
		n, err := strconv.ParseUint(h, 16, 32)
		if err != nil {
			return oklch{}, errColour
		}
		return fromLinear(linear(float64(n>>16)/255), linear(float64(n>>8&255)/255), linear(float64(n&255)/255)), nil
	}
	m := oklchColour.FindStringSubmatch(strings.ToLower(s))
	if m == nil {
		return oklch{}, errColour
	}
	var v [3]float64
	for i, part := range []string{m[1], m[3], m[4]} {
		f, err := strconv.ParseFloat(part, 64)
		if err != nil {
			return oklch{}, errColour
		}
		v[i] = f
	}
	if m[2] == "%" {
		v[0] /= 100
	}
	if v[0] > 1 || v[1] > 0.5 || v[2] > 360 {
		return oklch{}, errColour
	}
	return oklch{v[0], v[1], v[2]}.inGamut(), nil
}

// hex is the colour for what knows no other way to write one: mails and pictures.
func (c oklch) hex() string {
	r, g, b := c.linear()
	byteOf := func(v float64) int { return int(math.Round(255 * companded(math.Max(0, math.Min(1, v))))) }
	return fmt.Sprintf("#%02x%02x%02x", byteOf(r), byteOf(g), byteOf(b))
}

func companded(v float64) float64 {
	if v <= 0.0031308 {
		return v * 12.92
	}
	return 1.055*math.Pow(v, 1/2.4) - 0.055
}

func (c oklch) css() string { return fmt.Sprintf("oklch(%.1f%% %.3f %.1f)", c.l*100, c.c, c.h) }

// linear and the two matrices below are the sRGB and OKLab definitions (CSS Color 4, section 10).
func linear(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

func fromLinear(r, g, b float64) oklch {
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	a := 1.9779984951*l - 2.4285922050*m + 0.4505937099*s
	bb := 0.0259040371*l + 0.7827717662*m - 0.8086757660*s
	h := math.Atan2(bb, a) * 180 / math.Pi
	if h < 0 {
		h += 360
	}
	return oklch{0.2104542553*l + 0.7936177850*m - 0.0040720468*s, math.Hypot(a, bb), h}
}

func (c oklch) linear() (r, g, b float64) {
	sin, cos := math.Sincos(c.h * math.Pi / 180)
	a, bb := c.c*cos, c.c*sin
	l := math.Pow(c.l+0.3963377774*a+0.2158037573*bb, 3)
	m := math.Pow(c.l-0.1055613458*a-0.0638541728*bb, 3)
	s := math.Pow(c.l-0.0894841775*a-1.2914855480*bb, 3)
	return 4.0767416621*l - 3.3077115913*m + 0.2309699292*s, -1.2684380046*l + 2.6097574011*m - 0.3413193965*s, -0.0041960863*l - 0.7034186147*m + 1.7076147010*s
}

// inGamut takes chroma away until a screen can show the colour, so that the contrast that is computed is the one that is seen.
func (c oklch) inGamut() oklch {
	for ; c.c > 0; c.c = math.Max(0, c.c-0.004) {
		r, g, b := c.linear()
		if math.Min(r, math.Min(g, b)) >= -0.0005 && math.Max(r, math.Max(g, b)) <= 1.0005 {
			break
		}
	}
	return c
}

// contrast is the WCAG 2 ratio of two colours.
func contrast(a, b oklch) float64 {
	la, lb := a.luminance(), b.luminance()
	if la < lb {
		la, lb = lb, la
	}
	return (la + 0.05) / (lb + 0.05)
}

func (c oklch) luminance() float64 {
	r, g, b := c.linear()
	clamp := func(v float64) float64 { return math.Max(0, math.Min(1, v)) }
	return 0.2126*clamp(r) + 0.7152*clamp(g) + 0.0722*clamp(b)
}
