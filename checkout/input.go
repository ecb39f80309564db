package checkout

import (
	"encoding/json"
	"fmt"
	"net/mail"
	"net/url"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

func attemptKey(p Placement) string {
	if p.byProgram() {
		return fmt.Sprintf("api/%d/%s", p.By, p.Attempt)
	}
	return "form:" + p.Attempt
}

// inputOf is what an attempt asked for, for telling a repetition from another request under the same key.
func inputOf(p Placement) string {
	keys := make([]string, 0, len(p.Fields))
	for k := range p.Fields {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	var b strings.Builder
	for _, k := range keys {
		fmt.Fprintf(&b, "%q=%q;", k, p.Fields[k])
	}
	return fmt.Sprintf("%q", []string{p.Source, p.Link, p.Amount, p.Currency, p.Route, p.Email, b.String(), p.Description, p.Metadata, p.ReturnURL, p.ExpiresIn.String()})
}

// checkEmail wants one plain address; a missing one is a mistake only where it is needed.
func checkEmail(s string, needed bool) (string, *Problem) {
	t := strings.TrimSpace(s)
	if t == "" {
		if needed {
			return "", invalid("email", "email_missing")
		}
		return "", nil
	}
	a, err := mail.ParseAddress(t)
	if err != nil || len(t) > 254 || strings.ContainsFunc(t, func(r rune) bool { return !unicode.IsPrint(r) }) || a.Address != t || strings.ContainsAny(s, "\r\n[]") || !strings.Contains(t[strings.LastIndexByte(t, '@')+1:], ".") && !strings.HasSuffix(t, "@localhost") {
		return "", invalid("email", "email_invalid")
	}
	return t, nil
}

// CheckEmail says whether s is one plain e-mail address.
func CheckEmail(s string) *Problem {
	_, p := checkEmail(s, true)
	return p
}

// CheckMetadata wants a JSON object of at most 50 texts, 4 KiB together.
func CheckMetadata(m map[string]string) (string, *Problem) {
	if len(m) == 0 {
		return "{}", nil
	}
	raw, err := json.Marshal(m)
	if err != nil || len(m) > 50 || len(raw) > 4096 {
		return "", invalid("metadata", "metadata_invalid")
	}
	return string(raw), nil
}

// CheckReturnURL wants a whole http or https address, or none. It is the merchant's own, and nothing secret goes there.
func CheckReturnURL(s string) *Problem {
	if s == "" {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || len(s) > 2000 || u.Scheme != "https" && u.Scheme != "http" {
		return invalid("return_url", "return_url_invalid")
	}
	return nil
}

// textProblem refuses a text that cannot be kept, or has more than so many characters, whatever the script; long is the code of that.
func textProblem(field, text string, most int, long string) *Problem {
	switch {
	case !Storable(text):
		return invalid(field, "text_invalid")
	case utf8.RuneCountInString(text) > most:
		return invalid(field, long)
	}
	return nil
}

// Storable tells whether a text can be kept: NUL and broken UTF-8 cannot, PostgreSQL refuses them.
func Storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }
