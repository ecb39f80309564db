package messages

import (
	"context"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

func TestEveryLanguageHasTheSameKeys(t *testing.T) {
	all := map[string]bool{}
	for _, lang := range Languages {
		for _, key := range Keys(lang) {
			all[key] = true
		}
	}
	for key := range all {
		for _, lang := range Languages {
			if _, ok := catalogues[lang][key]; !ok {
				t.Errorf("%s is missing in %s", key, lang)
			}
		}
	}
}

var mark = regexp.MustCompile(`\{[A-Za-z0-9_]+\}`)

// marks are the {marks} of a text, each once and in order; of a plural text those of all forms.
func marks(m text) []string {
	all := mark.FindAllString(m.plain, -1)
	for _, form := range m.forms {
		all = append(all, mark.FindAllString(form, -1)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestEveryLanguageFillsInTheSameMarks(t *testing.T) {
	for _, key := range Keys(Languages[0]) {
		want := marks(catalogues[Languages[0]][key])
		for _, lang := range Languages[1:] {
			if m, ok := catalogues[lang][key]; ok && !slices.Equal(marks(m), want) {
				t.Errorf("%s: %s has the marks %v, %s has %v", key, lang, marks(m), Languages[0], want)
			}
		}
	}
}

// What shop and desk both show, and what only the desk shows, may not say "tú": the desk speaks "usted".
func TestSharedSpanishIsNotFamiliar(t *testing.T) {
	familiar := regexp.MustCompile(`(?i)(?:^|[\s¿¡«])(?:tu|tus|tú|te|ti|contigo|puedes|quieres|tienes|viste|recibiste|envíes|escríbelo|inténtalo|compáralo|compárala|acórtalo)(?:[\s.,:;?!»]|$)`)
	for key, text := range catalogues["es"] {
		if key == "desk.links.you_choose" { // on a poster, for customers
			continue
		}
		if !strings.HasPrefix(key, "problem.") && !strings.HasPrefix(key, "desk.") && !strings.HasPrefix(key, "merchant.") && !strings.HasSuffix(key, ".desk") {
			continue
		}
		all := []string{text.plain}
		for _, form := range text.forms {
			all = append(all, form)
		}
		for _, one := range all {
			if m := familiar.FindString(one); m != "" {
				t.Errorf("%s says %q: %s", key, m, one)
			}
		}
	}
}

func TestNoTextIsEmpty(t *testing.T) {
	for _, lang := range Languages {
		for key, m := range catalogues[lang] {
			if m.forms == nil && strings.TrimSpace(m.plain) == "" {
				t.Errorf("%s is empty in %s", key, lang)
			}
			for form, s := range m.forms {
				if strings.TrimSpace(s) == "" {
					t.Errorf("%s is empty in %s for %s", key, lang, form)
				}
			}
		}
	}
}

// forms are the plural categories that whole numbers have in a language, asked of the library and not of us.
func forms(lang string) []string {
	names := map[plural.Form]string{plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many"}
	found := []string{"other"}
	for n := range 200 {
		found = append(found, names[plural.Cardinal.MatchPlural(language.Make(lang), n, 0, 0, 0, 0)])
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func TestPluralTextsHaveEveryFormOfTheirLanguage(t *testing.T) {
	for _, lang := range Languages {
		want := forms(lang)
		for key, m := range catalogues[lang] {
			if m.forms == nil {
				continue
			}
			for _, f := range want {
				if _, ok := m.forms[f]; !ok {
					t.Errorf("%s in %s has no form for %q", key, lang, f)
				}
			}
			for f := range m.forms {
				if !slices.Contains([]string{"zero", "one", "two", "few", "many", "other"}, f) {
					t.Errorf("%s in %s has a form %q, which is none", key, lang, f)
				}
			}
		}
	}
}

func TestATextIsPluralInEveryLanguageOrInNone(t *testing.T) {
	for _, key := range Keys(Languages[0]) {
		want := catalogues[Languages[0]][key].forms != nil
		for _, lang := range Languages[1:] {
			if m, ok := catalogues[lang][key]; ok && (m.forms != nil) != want {
				t.Errorf("%s is plural in one of %s and %s only", key, Languages[0], lang)
			}
		}
	}
}

// source is what the program's files say: every string literal, and the keys that are asked for by name.
type source struct {
	literals map[string]bool
	asked    map[string]string // key → file
}

var (
	quoted = regexp.MustCompile("\"(?:[^\"\\\\\n]|\\\\.)*\"|`[^`]*`")
	asked  = regexp.MustCompile(`\b(?:Text|Count)\((?:[A-Za-z.()]+, *)?"([a-z][a-z0-9_-]*(?:\.[A-Za-z0-9_-]+)+)"[,)]`)
)

func readSource(t *testing.T) source {
	t.Helper()
	s := source{map[string]bool{}, map[string]string{}}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if n := d.Name(); path != ".." && (strings.HasPrefix(n, ".") || slices.Contains([]string{"node_modules", "messages", "screenshots", "build", "data", "testdata"}, n)) {
				return filepath.SkipDir
			}
			return nil
		}
		isGo := strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && !strings.HasSuffix(path, "_templ.go")
		if !isGo && !strings.HasSuffix(path, ".templ") {
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range asked.FindAllStringSubmatch(string(raw), -1) {
			s.asked[m[1]] = path
		}
		if isGo {
			s.scanGo(raw)
			return nil
		}
		for _, q := range quoted.FindAllString(string(raw), -1) {
			s.add(q)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s source) add(literal string) {
	if plain, err := strconv.Unquote(literal); err == nil {
		s.literals[plain] = true
	}
}

func (s source) scanGo(raw []byte) {
	var sc scanner.Scanner
	set := token.NewFileSet()
	sc.Init(set.AddFile("", set.Base(), len(raw)), raw, nil, 0)
	for {
		switch _, tok, lit := sc.Scan(); tok {
		case token.EOF:
			return
		case token.STRING:
			s.add(lit)
		}
	}
}

// used tells whether the key stands in the source as a literal, or begins with one that ends in a dot.
func (s source) used(key string) bool {
	if s.literals[key] {
		return true
	}
	for i, r := range key {
		if r == '.' && s.literals[key[:i+1]] {
			return true
		}
	}
	return false
}

func TestNoTextIsUnused(t *testing.T) {
	s := readSource(t)
	for _, key := range Keys(Languages[0]) {
		if !s.used(key) {
			t.Errorf("%s is used nowhere", key)
		}
	}
}

func TestNoTextIsMissing(t *testing.T) {
	for key, file := range readSource(t).asked {
		if !Has(key) {
			t.Errorf("%s is asked for in %s and exists in no language", key, strings.TrimPrefix(file, "../"))
		}
	}
}

func TestTextsAreFilledOnce(t *testing.T) {
	if got := fill("{a} and {b}", []any{"a", "{b}", "b", 2}); got != "{b} and 2" {
		t.Errorf("got %q", got)
	}
	if got := (Printer{}).Text("no.such.key"); got != "⟦no.such.key⟧" {
		t.Errorf("got %q", got)
	}
}

func TestChoose(t *testing.T) {
	for _, tt := range []struct {
		name           string
		supported      []string
		chosen, accept string
		want           string
	}{
		{"what was chosen before wins", []string{"en", "es"}, "es", "en", "es"},
		{"unless the shop does not offer it", []string{"en", "es"}, "ru", "es", "es"},
		{"the browser's order counts", []string{"en", "es", "ru"}, "", "ru;q=0.5, es-MX;q=0.9", "es"},
		{"a region falls back to its language", []string{"en", "ru"}, "", "ru-UA", "ru"},
		{"nothing in common gives the shop's first", []string{"es", "ru"}, "", "ja", "es"},
		{"rubbish gives the shop's first", []string{"ru", "en"}, "", ";;;", "ru"},
		{"no header gives the shop's first", []string{"ru", "en"}, "", "", "ru"},
		{"no list means all languages", nil, "", "es", "es"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Choose(tt.supported, tt.chosen, tt.accept); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestThePrinterTravelsInTheContext(t *testing.T) {
	ctx := With(context.Background(), For("es-MX"))
	if got := Text(ctx, "language.name"); got != "Español" {
		t.Errorf("got %q", got)
	}
	if got := Text(context.Background(), "language.name"); got != "English" {
		t.Errorf("without one: got %q", got)
	}
}
