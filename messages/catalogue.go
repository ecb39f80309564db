package messages

import (
	"embed"
	"fmt"
	"path"
	"sort"
	"strings"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

//go:embed en es ru
var files embed.FS

// Languages are the languages that the program speaks, the first being what is used when nothing better is known.
var Languages = []string{"en", "es", "ru"}

// text is one message: plain, or one form for each plural category.
type text struct {
	plain string
	forms map[string]string
}

var catalogues = mustLoad()

func mustLoad() map[string]map[string]text {
	all := map[string]map[string]text{}
	for _, lang := range Languages {
		c, err := load(lang)
		if err != nil {
			panic(err) // embedded files: a test meets it before a person does
		}
		all[lang] = c
	}
	return all
}

func load(lang string) (map[string]text, error) {
	entries, err := files.ReadDir(lang)
	if err != nil {
		return nil, fmt.Errorf("read texts of %s: %w", lang, err)
	}
	out := map[string]text{}
	for _, e := range entries {
		raw, err := files.ReadFile(path.Join(lang, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("read %s/%s: %w", lang, e.Name(), err)
		}
		var doc map[string]yaml.Node
		if err := yaml.Unmarshal(raw, &doc); err != nil {
			return nil, fmt.Errorf("parse %s/%s: %w", lang, e.Name(), err)
		}
		for key, node := range doc {
			if _, twice := out[key]; twice {
				return nil, fmt.Errorf("%s/%s: %s stands in two files", lang, e.Name(), key)
			}
			t := text{}
			if node.Kind == yaml.MappingNode {
				err = node.Decode(&t.forms)
			} else {
				err = node.Decode(&t.plain)
			}
			if err != nil {
				return nil, fmt.Errorf("%s/%s: %s: %w", lang, e.Name(), key, err)
			}
			out[key] = t
		}
	}
	return out, nil
}

// Keys lists the keys of a language in order.
func Keys(lang string) []string {
	keys := make([]string, 0, len(catalogues[lang]))
	for k := range catalogues[lang] {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// Has tells whether the key exists.
func Has(key string) bool {
	_, ok := catalogues[Languages[0]][key]
	return ok
}

// Printer gives the texts of one language. The zero value speaks English.
type Printer struct{ lang string }

// For returns the printer of a language tag such as "ru" or "es-MX"; an unknown one speaks English.
func For(tag string) Printer {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if _, ok := catalogues[base]; ok {
		return Printer{base}
	}
	return Printer{Languages[0]}
}

// Lang is the printer's language: en, es or ru.
func (p Printer) Lang() string {
	if p.lang == "" {
		return Languages[0]
	}
	return p.lang
}

// Text returns the message with its marks filled in; args are pairs of name and value. A key that does not exist comes
// back as itself between ⟦⟧, so that a page still stands and the tests see it.
func (p Printer) Text(key string, args ...any) string {
	t, ok := catalogues[p.Lang()][key]
	if !ok {
		return "⟦" + key + "⟧"
	}
	s := t.plain
	if t.forms != nil {
		s = t.forms["other"]
	}
	return fill(s, args)
}

// Count returns the plural form for n; {n} is filled with n unless args name another.
func (p Printer) Count(key string, n int, args ...any) string {
	t, ok := catalogues[p.Lang()][key]
	if !ok {
		return "⟦" + key + "⟧"
	}
	s := t.plain
	if t.forms != nil {
		form := [...]string{plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many"}[plural.Cardinal.MatchPlural(language.Make(p.Lang()), abs(n), 0, 0, 0, 0)]
		if s, ok = t.forms[form]; !ok {
			s = t.forms["other"]
		}
	}
	return fill(s, append(args, "n", n))
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

func fill(s string, args []any) string {
	if len(args) < 2 || !strings.Contains(s, "{") {
		return s
	}
	pairs := make([]string, 0, len(args))
	for i := 0; i+1 < len(args); i += 2 {
		pairs = append(pairs, "{"+fmt.Sprint(args[i])+"}", fmt.Sprint(args[i+1]))
	}
	return strings.NewReplacer(pairs...).Replace(s) // one pass: a filled-in value is never filled again
}
