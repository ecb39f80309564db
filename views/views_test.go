package views

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"mostrador/static"

	"github.com/a-h/templ"
	"pgregory.net/rapid"
)

func html(t *testing.T, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestThemeCSS(t *testing.T) {
	t.Run("no colour is the default", func(t *testing.T) {
		if css, err := ThemeCSS("  "); css != "" || err != nil {
			t.Errorf("got %q, %v", css, err)
		}
	})
	t.Run("what is no colour is refused and never gets into the sheet", func(t *testing.T) {
		for _, bad := range []string{"red", "#12", "#12345g", "oklch(42% 0.07)", "oklch(142% 0.07 20)", "#fff}body{display:none", "oklch(40% 0.1 20 / 50%)", "oklch(40% 0.1 900)", "url(x)"} {
			if css, err := ThemeCSS(bad); err == nil || css != "" {
				t.Errorf("%q gave %q", bad, css)
			}
		}
	})
	t.Run("the default colour keeps its lightness and hue in light", func(t *testing.T) {
		css, err := ThemeCSS("oklch(42% 0.073 205)")
		if err != nil || !strings.Contains(css, "oklch(42.0% 0.069 205.0)") {
			t.Errorf("got %q, %v", css, err)
		}
	})
	t.Run("short and long hex are the same", func(t *testing.T) {
		a, _ := ThemeCSS("#a1b")
		b, _ := ThemeCSS("#AA11BB")
		if a == "" || a != b {
			t.Errorf("%q differs from %q", a, b)
		}
	})
}

func TestAButtonStandsOutFromThePage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, err := parseColour(fmt.Sprintf("#%06x", rapid.IntRange(0, 0xffffff).Draw(t, "colour")))
		if err != nil {
			t.Fatal(err)
		}
		s := lightShade(c)
		if contrast(s.fill, page) < seen && contrast(s.edge, page) < seen {
			t.Errorf("neither %s nor its edge %s is seen on the page", s.fill.css(), s.edge.css())
		}
	})
	for colour, edged := range map[string]bool{"#fff59d": true, "#005860": false} {
		if a, err := AccentOf(colour); err != nil || (a.Light.Edge == a.Light.Ink && a.Light.Edge != a.Light.Fill) != edged || a.Dark.Edge != a.Dark.Fill {
			t.Errorf("%s: %+v, %v", colour, a, err)
		}
	}
}

func TestAnyColourGivesPairsThatCanBeRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hex := fmt.Sprintf("#%06x", rapid.IntRange(0, 0xffffff).Draw(t, "colour"))
		c, err := parseColour(hex)
		if err != nil {
			t.Fatal(err)
		}
		light, dark := lightShade(c), darkShade(c)
		l, d, dt := light.ink, dark.ink, dark.on
		for name, ratio := range map[string]float64{
			"text on it, light": contrast(light.fill, light.on), "it on white, light": contrast(l, oklch{0.974, 0.005, 85}), "it on its tint, light": contrast(l, oklch{0.963, l.c * 0.2, l.h}.inGamut()),
			"text on it, dark": contrast(d, dt), "it on a sheet, dark": contrast(d, oklch{0.25, 0.006, 60}), "it on its tint, dark": contrast(d, oklch{0.285, d.c * 0.29, d.h}.inGamut()),
		} {
			if ratio < 4.5 || math.IsNaN(ratio) {
				t.Fatalf("%s: %s is %.2f : 1 (light %s, dark %s)", hex, name, ratio, l.css(), d.css())
			}
		}
		if off := math.Abs(light.fill.l - math.Min(c.l, 0.93)); off > mostDarker+0.1 {
			t.Fatalf("%s: a button is %.2f lighter or darker than the colour (%s)", hex, off, light.fill.css())
		}
		if a, err := AccentOf(hex); err != nil || a.Light != light.hex() || a.Dark != dark.hex() || !hexColour.MatchString(a.Light.Ink) {
			t.Fatalf("%s: %+v, %v", hex, a, err)
		}
	})
}

func TestALightColourKeepsItsLightnessOnButtons(t *testing.T) {
	for _, tt := range []struct {
		colour, fill string
		dark         bool
	}{{"#ffd400", "#ffd400", true}, {"#9be37d", "#9be37d", true}, {"#8a1c5b", "#8a1c5b", false}, {"#111111", "#111111", false}} {
		c, err := parseColour(tt.colour)
		if err != nil {
			t.Fatal(err)
		}
		s := lightShade(c)
		if got := s.fill.hex(); got != tt.fill || (s.on.l < 0.5) != tt.dark {
			t.Errorf("%s: a button is %s with text %s", tt.colour, got, s.on.hex())
		}
	}
}

func TestSentence(t *testing.T) {
	links := map[string]templ.SafeURL{"terms": "/terms", "rules": "https://x.example/rules"}
	cases := []struct{ name, text, want string }{
		{"links of the shop and of others", "I agree to the [terms](terms) and the [rules](rules).", `I agree to the <a class="link" href="/terms">terms</a> and the <a class="link" target="_blank" rel="noopener" href="https://x.example/rules">rules</a>.`},
		{"a mark without address stays text", "See the [terms](gone).", "See the terms."},
		{"a bracket alone stays", "a [b and (c)", "a [b and (c)"},
		{"text is escaped", "<b> [<i>](terms)", `&lt;b&gt; <a class="link" href="/terms">&lt;i&gt;</a>`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := html(t, Spans(Sentence(c.text, links))); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func FuzzSentenceLosesNoText(f *testing.F) {
	f.Add("a [b](terms) c")
	f.Add("[[](]()")
	f.Fuzz(func(t *testing.T, s string) {
		var plain strings.Builder
		for _, span := range Sentence(s, nil) {
			plain.WriteString(span.Text)
		}
		if len(plain.String()) > len(s) {
			t.Errorf("%q became longer: %q", s, plain.String())
		}
	})
}

func TestMoney(t *testing.T) {
	cases := []struct{ name, text, amount, unit string }{
		{"a coin", "0.00040012\u00a0BTC", "0.00040012", "BTC"},
		{"a sign before", "$1,234.50", "$1,234.50", ""},
		{"a sign behind stays with its number", "1.234,50\u00a0$", "1.234,50\u00a0$", ""},
		{"groups of a language are no unit", "1\u00a0234,50\u00a0USDT", "1\u00a0234,50", "USDT"},
		{"groups alone are no unit", "1\u00a0234,50", "1\u00a0234,50", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := MoneyOf(c.text)
			if m.Amount != c.amount || m.Unit != c.unit || m.Text() != c.text {
				t.Errorf("got %+v", m)
			}
		})
	}
}

func TestAnAddressInFoursIsStillTheAddress(t *testing.T) {
	tags := regexp.MustCompile(`<[^>]*>`)
	rapid.Check(t, func(r *rapid.T) {
		s := rapid.StringMatching(`[a-zA-Z0-9]{0,80}`).Draw(r, "address")
		if got := tags.ReplaceAllString(html(t, Exact(s)), ""); got != s {
			r.Fatalf("%q became %q", s, got)
		}
	})
}

func TestQR(t *testing.T) {
	q, err := NewQR("bitcoin:bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh?amount=0.00040012", `QR: "0.0004"`)
	if err != nil || q.Empty() {
		t.Fatal(err)
	}
	if got := html(t, QRCode(q, "w-56")); !strings.Contains(got, `role="img" aria-label="QR: &#34;0.0004&#34;"`) || strings.Contains(got, "style") {
		t.Error(got[:200])
	}
	if _, err := NewQR(strings.Repeat("x", 4000), ""); err == nil {
		t.Error("4000 characters fit in no code")
	}
}

func TestDiscs(t *testing.T) {
	cases := []struct{ xml, symbol, want string }{
		{"BTC", "BTC", "btc"}, {"USDTTRC20", "USDT", "usdt-trc20"}, {"USDCERC20", "USDC", "usdc"}, {"BNBBEP20", "BNB", "bnb"}, {"CASHUSD_C_MADRID", "USD", "cash"}, {"SBERRUB", "RUB", "bank"}, {"CARDUAH", "UAH", "card"},
		{"QQQ", "QQQ", ""}, {"SEVERAL", "S", ""}, {"", "", ""}, {"../favicon", "x", ""},
	}
	for _, c := range cases {
		d := DiscOf(c.xml, c.symbol)
		if want := ""; c.want != "" {
			want = static.Path("currencies/" + c.want + ".svg")
			if d.Picture != want {
				t.Errorf("%s: got %+v", c.xml, d)
			}
		} else if d.Picture != "" || d.Letter == "" {
			t.Errorf("%s: got %+v", c.xml, d)
		}
	}
}

// TestIconsAndPicturesThatTemplatesNameExist reads the templates themselves.
func TestIconsAndPicturesThatTemplatesNameExist(t *testing.T) {
	icon := regexp.MustCompile(`Icon\("([^"]+)"`)
	path := regexp.MustCompile(`static\.Path\("([^"]+)"\)`)
	err := filepath.WalkDir(".", func(name string, d os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".templ") {
			return err
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, m := range icon.FindAllStringSubmatch(string(raw), -1) {
			if !HasIcon(m[1]) {
				t.Errorf("%s: no icon %s", name, m[1])
			}
		}
		for _, m := range path.FindAllStringSubmatch(string(raw), -1) {
			if !static.Has(m[1]) {
				t.Errorf("%s: no file %s", name, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
