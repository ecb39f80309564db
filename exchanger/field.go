package exchanger

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

const (
	maxPattern = 512  // characters of an exchanger's pattern that are run
	maxValue   = 1024 // characters of a customer's value
)

// Field is one value that a route asks for. The value is sent under Key, the field's _id [client].
type Field struct {
	Key      string // _id
	Name     string // id, such as wallet or email
	Label    string // name: how the exchanger calls it to people
	Regexp   string // the exchanger's pattern, never trusted
	Required bool
}

// FieldError says why a value does not fit its field.
type FieldError struct {
	Field Field
	Kind  string // "missing", "pattern" or "too_long"
}

// Error names the field as the exchanger names it, never the value.
func (e *FieldError) Error() string { return fmt.Sprintf("field %s: %s", e.Field.Label, e.Kind) }

// Check says whether value may be sent for this field; the error is a *FieldError. The pattern is the exchanger's: it is
// run in linear time (RE2), at most 512 characters of it, with JavaScript's meaning (a match anywhere). One that does not
// compile, such as a look-ahead, is skipped: the exchanger checks again anyway.
func (f Field) Check(value string) error {
	if strings.TrimSpace(value) == "" {
		if f.Required {
			return &FieldError{f, "missing"}
		}
		return nil
	}
	if utf8.RuneCountInString(value) > maxValue {
		return &FieldError{f, "too_long"}
	}
	if re := compilePattern(f.Regexp); re != nil && !re.MatchString(value) {
		return &FieldError{f, "pattern"}
	}
	return nil
}

var jsLiteral = regexp.MustCompile(`^/(.+)/([dgimsuvy]*)$`)

// compilePattern returns nil for a pattern that is empty, too long or not RE2.
func compilePattern(pattern string) *regexp.Regexp {
	pattern = strings.TrimSpace(pattern)
	if pattern == "" || len(pattern) > maxPattern {
		return nil
	}
	if m := jsLiteral.FindStringSubmatch(pattern); m != nil {
		flags := ""
		for _, f := range "ims" {
			if strings.ContainsRune(m[2], f) {
				flags += string(f)
			}
		}
		if pattern = m[1]; flags != "" {
			pattern = "(?" + flags + ")" + pattern
		}
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil
	}
	return re
}

type wireField struct {
	Key      text `json:"_id"`
	Name     text `json:"id"`
	Label    text `json:"name"`
	Regexp   text `json:"regexp"`
	Required flag `json:"required"`
}

// fieldsOf keeps the fields that can be sent: those with a key.
func fieldsOf(ws []wireField, lang string) []Field {
	var out []Field
	for _, w := range ws {
		f := Field{Key: w.Key.line(64), Name: w.Name.line(64), Regexp: string(w.Regexp), Required: w.Required.on}
		f.Label = cut(strings.Join(strings.Fields(pick(byLanguage(string(w.Label)), lang)), " "), 200)
		if f.Key == "" {
			f.Key = f.Name // some exchangers use names: wallet, phone, email [client]
		}
		if f.Label == "" {
			f.Label = f.Name
		}
		if f.Key != "" {
			out = append(out, f)
		}
	}
	return out
}
