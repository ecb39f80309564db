package config

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Mistake is one thing that is wrong: the key's full name, what stands there and what is wanted, both in words.
type Mistake struct{ Key, Got, Want string }

// String is the line that a person reads: exchanger.poll.first: got "15", want a duration such as 15s
func (m Mistake) String() string { return m.Key + ": got " + m.Got + ", want " + m.Want }

// Errors are all mistakes of a configuration, at least one.
type Errors []Mistake

// Error has one line for each mistake.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, m := range e {
		lines[i] = m.String()
	}
	return strings.Join(lines, "\n")
}

// mistakes collects; a key is blamed once, for what was found first.
type mistakes struct{ list Errors }

func (m *mistakes) add(key, got, want string) {
	if strings.ContainsFunc(key, unicode.IsControl) || len(key) > 200 {
		key = show(key) // a key is a person's text too
	}
	if !m.has(key) {
		m.list = append(m.list, Mistake{key, got, want})
	}
}

// has tells whether the key, or the list or section it stands in, was blamed already.
func (m *mistakes) has(key string) bool {
	return slices.ContainsFunc(m.list, func(x Mistake) bool {
		rest, ok := strings.CutPrefix(key, x.Key)
		return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// err is nil when there is no mistake; the lines come in the order of the keys.
func (m *mistakes) err() error {
	if len(m.list) == 0 {
		return nil
	}
	slices.SortStableFunc(m.list, func(a, b Mistake) int { return strings.Compare(a.Key, b.Key) })
	return m.list
}

// show quotes a value for a message: one line, cut where it is long.
func show(s string) string {
	if utf8.RuneCountInString(s) > 80 {
		s = string([]rune(s)[:79]) + "…"
	}
	return quote(s)
}
