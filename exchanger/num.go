package exchanger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"mostrador/money"
)

const (
	maxNumLen = 64 // characters of a number that are read
	maxExp    = 30 // largest power of ten in scientific notation: JavaScript writes 1e-8 for 0.00000001
)

var numShape = regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?$`)

// parseNum reads a decimal from what an exchanger or a form wrote. It refuses NaN, digits of other scripts, more than 64
// characters, exponents that would make a number of absurd length, and whatever could be kept but not be read again.
func parseNum(s string) (decimal.Decimal, error) {
	s = strings.TrimSpace(s)
	if len(s) > maxNumLen {
		return decimal.Decimal{}, fmt.Errorf("a number of %d characters is too long", len(s))
	}
	if !numShape.MatchString(s) {
		return decimal.Decimal{}, fmt.Errorf("%q is not a number", s)
	}
	if m := strings.TrimRight(s, "."); m != s { // "1." is a number in JavaScript
		s = m
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return decimal.Decimal{}, fmt.Errorf("%q is not a number", s)
	}
	if d.Exponent() > maxExp || !money.Sound(d) {
		return decimal.Decimal{}, fmt.Errorf("%q is out of range", s)
	}
	return d, nil
}

// num is a number that comes as a JSON number or as a string [client]; null, "" and missing are not known.
type num struct {
	decimal.Decimal
	known bool
}

// UnmarshalJSON accepts a number, a string that holds one, null and "".
func (n *num) UnmarshalJSON(b []byte) error {
	*n = num{}
	b = bytes.TrimSpace(b)
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	s := string(b)
	if len(b) > 0 && b[0] == '"' {
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		if strings.TrimSpace(s) == "" {
			return nil
		}
	}
	d, err := parseNum(s)
	if err != nil {
		return err
	}
	n.Decimal, n.known = d, true
	return nil
}

// softNum is a num whose mistake is not worth losing the answer for: it is then not known.
type softNum struct{ num }

// UnmarshalJSON never fails.
func (n *softNum) UnmarshalJSON(b []byte) error {
	if n.num.UnmarshalJSON(b) != nil {
		n.num = num{}
	}
	return nil
}

// text is a string that may come as a number or a boolean; anything else is "". Control characters are dropped.
type text string

// UnmarshalJSON never fails on a JSON value.
func (t *text) UnmarshalJSON(b []byte) error {
	*t = ""
	b = bytes.TrimSpace(b)
	switch {
	case len(b) == 0:
	case b[0] == '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*t = text(printable(s))
	case b[0] == '-' || b[0] >= '0' && b[0] <= '9' || b[0] == 't' || b[0] == 'f':
		*t = text(b)
	}
	return nil
}

// line returns the text on one line, trimmed and cut to n characters.
func (t text) line(n int) string { return cut(strings.Join(strings.Fields(string(t)), " "), n) }

// flag is a boolean that may come as true, "true", 1 or "1".
type flag struct{ on, known bool }

// UnmarshalJSON never fails on a JSON value.
func (f *flag) UnmarshalJSON(b []byte) error {
	var t text
	if err := t.UnmarshalJSON(b); err != nil {
		return err
	}
	switch strings.ToLower(strings.TrimSpace(string(t))) {
	case "true", "1":
		*f = flag{true, true}
	case "false", "0":
		*f = flag{false, true}
	default:
		*f = flag{}
	}
	return nil
}

// or returns the value, or what stands for a missing one.
func (f flag) or(missing bool) bool {
	if f.known {
		return f.on
	}
	return missing
}

// list is an array of which elements that cannot be read are left out; an object is read as the array of its members.
type list[T any] []T

// UnmarshalJSON never fails on a JSON value.
func (l *list[T]) UnmarshalJSON(b []byte) error {
	*l = nil
	var raws []json.RawMessage
	if json.Unmarshal(b, &raws) != nil {
		members := map[string]json.RawMessage{}
		if json.Unmarshal(b, &members) != nil {
			return nil
		}
		keys := make([]string, 0, len(members))
		for k := range members {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			raws = append(raws, members[k])
		}
	}
	for _, raw := range raws {
		var v T
		if !bytes.Equal(raw, []byte("null")) && json.Unmarshal(raw, &v) == nil {
			*l = append(*l, v)
		}
	}
	return nil
}

// maybe is an object that may be missing, null or something else altogether.
type maybe[T any] struct {
	v     T
	known bool
}

// UnmarshalJSON fails only when it is an object that does not fit.
func (m *maybe[T]) UnmarshalJSON(b []byte) error {
	*m = maybe[T]{}
	if b = bytes.TrimSpace(b); len(b) == 0 || b[0] != '{' {
		return nil
	}
	if err := json.Unmarshal(b, &m.v); err != nil {
		return err
	}
	m.known = true
	return nil
}

// printable drops control characters (a NUL cannot even be stored) but keeps line breaks and tabs.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

// cut shortens s to n characters.
func cut(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

var errNoObject = errors.New("it is not there")
