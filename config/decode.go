package config

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// decode fills the struct v from a map of text and notes every key that is unknown or cannot be read. What is not set keeps
// its value.
func decode(from map[string]any, v reflect.Value, at string, m *mistakes) {
	known := map[string]field{}
	for _, f := range fields(v.Type()) {
		known[f.name] = f
	}
	names := make([]string, 0, len(from))
	for name := range from {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		key := join(at, name)
		f, ok := known[name]
		if !ok {
			m.add(key, "an unknown key", nearest(key)) // not its value: a misspelt key may hold a secret
			continue
		}
		decodeValue(from[name], v.Field(f.index), key, f, m)
	}
}

func decodeValue(raw any, v reflect.Value, key string, f field, m *mistakes) {
	switch {
	case section(v.Type()):
		inner, ok := raw.(map[string]any)
		if !ok {
			m.add(key, found(raw, v.Type()), "a map of the keys "+names(v.Type()))
			return
		}
		decode(inner, v, key, m)
	case v.Kind() == reflect.Slice:
		decodeList(raw, v, key, f, m)
	case v.Kind() == reflect.Map:
		decodeMap(raw, v, key, f, m)
	default:
		s, ok := raw.(string)
		if !ok {
			m.add(key, kind(raw), want(v.Type(), f.as))
			return
		}
		if !set(v, s, f.as) {
			got := show(s)
			if f.secret != "" {
				got = showURL(s)
			}
			m.add(key, got, want(v.Type(), f.as))
		}
	}
}

func decodeList(raw any, v reflect.Value, key string, f field, m *mistakes) {
	list, ok := raw.([]any)
	if !ok {
		m.add(key, found(raw, v.Type()), "a list")
		return
	}
	out := reflect.MakeSlice(v.Type(), len(list), len(list))
	for i, item := range list {
		at := fmt.Sprintf("%s[%d]", key, i)
		preset(out.Index(i))
		decodeValue(item, out.Index(i), at, f, m)
	}
	v.Set(out)
}

// preset gives an entry of a list its defaults.
func preset(v reflect.Value) {
	switch x := v.Addr().Interface().(type) {
	case *Site:
		*x = Site{APIPath: DefaultAPIPath, Headers: map[string]string{}}
	case *Payout:
		*x = Payout{Rate: decimal.New(1, 0), Values: map[string]string{}, RouteValues: map[string]string{}}
	}
}

func decodeMap(raw any, v reflect.Value, key string, f field, m *mistakes) {
	from, ok := raw.(map[string]any)
	if !ok {
		got := kind(raw)
		if f.secret != "" {
			got = "a value that is none"
		}
		m.add(key, got, "a map of names and texts")
		return
	}
	out := make(map[string]string, len(from))
	for name, value := range from {
		s, ok := value.(string)
		if !ok {
			m.add(join(key, name), kind(value), "a text")
			continue
		}
		out[name] = s
	}
	v.Set(reflect.ValueOf(out))
}

var (
	decimalShape = regexp.MustCompile(`^[0-9]{1,20}(\.[0-9]{1,18})?$`)
	percentShape = regexp.MustCompile(`^[0-9]{1,3}(\.[0-9]{1,6})?%$`)
)

// set reads s into v and tells whether it could.
func set(v reflect.Value, s, as string) bool {
	var value any
	var err error
	switch v.Interface().(type) {
	case time.Duration:
		value, err = time.ParseDuration(s)
	case decimal.Decimal:
		value, err = decimalOf(s, as)
	case string:
		value = s
	case bool:
		value = s == "true"
		if s != "true" && s != "false" {
			return false
		}
	case int:
		value, err = strconv.Atoi(s)
	case float64:
		var f float64
		f, err = strconv.ParseFloat(s, 64)
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return false
		}
		value = f
	}
	if err != nil {
		return false
	}
	v.Set(reflect.ValueOf(value))
	return true
}

func decimalOf(s, as string) (decimal.Decimal, error) {
	if as == "percent" {
		if !percentShape.MatchString(s) {
			return decimal.Decimal{}, strconv.ErrSyntax
		}
		d, err := decimal.NewFromString(strings.TrimSuffix(s, "%"))
		return d.Shift(-2), err
	}
	if !decimalShape.MatchString(s) {
		return decimal.Decimal{}, strconv.ErrSyntax
	}
	return decimal.NewFromString(s)
}

// want says in words what a key of type t takes.
func want(t reflect.Type, as string) string {
	switch {
	case t == durationType:
		return "a duration such as 15s"
	case as == "percent":
		return "a percentage such as 0.5%"
	case t == decimalType:
		return "a decimal number such as 1.05"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Int:
		return "a whole number"
	case t.Kind() == reflect.Float64:
		return "a number such as 5"
	}
	return "a text"
}

// kind names what stands where something else is wanted.
func kind(raw any) string {
	switch x := raw.(type) {
	case map[string]any:
		return "a map"
	case []any:
		return "a list"
	case string:
		if len(x) > 0 && strings.ContainsAny(x, "@=:") {
			return "a text" // it may be an address with a password
		}
		return show(x)
	}
	return "nothing"
}

// found is kind, without the text where the key of type t may hold a secret.
func found(raw any, t reflect.Type) string {
	if _, text := raw.(string); text && secretive(t) {
		return "a text"
	}
	return kind(raw)
}

func secretive(t reflect.Type) bool {
	if t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return section(t) && slices.ContainsFunc(fields(t), func(f field) bool {
		return f.secret != "" || secretive(t.Field(f.index).Type)
	})
}

func names(t reflect.Type) string {
	var out []string
	for _, f := range fields(t) {
		out = append(out, f.name)
	}
	return strings.Join(out, ", ")
}

var index = regexp.MustCompile(`\[[0-9]+\]`)

// nearest says which key was probably meant, else which there are at this level.
func nearest(key string) string {
	plainKey := index.ReplaceAllString(key, "[]")
	best, distance := "", 4
	for _, k := range allKeys() {
		if d := editDistance(plainKey, k); d < distance {
			best, distance = k, d
		}
	}
	if best != "" {
		return best
	}
	t, at := reflect.TypeFor[Config](), ""
	for _, part := range strings.Split(plainKey, ".") {
		next := typeIn(t, strings.TrimSuffix(part, "[]"))
		if next == nil || !section(next) {
			break
		}
		t, at = next, join(at, part)
	}
	if at == "" {
		return "one of " + names(t)
	}
	return "one of " + names(t) + " under " + at
}

// typeIn is the type of the key name in t; of a list, that of its entries.
func typeIn(t reflect.Type, name string) reflect.Type {
	for _, f := range fields(t) {
		if f.name == name {
			ft := t.Field(f.index).Type
			if ft.Kind() == reflect.Slice {
				return ft.Elem()
			}
			return ft
		}
	}
	return nil
}

// allKeys are Keys and the sections they stand in.
func allKeys() []string {
	keys := Keys()
	for _, k := range Keys() {
		for i, r := range k {
			if r == '.' && !slices.Contains(keys, k[:i]) {
				keys = append(keys, k[:i])
			}
		}
	}
	return keys
}

// editDistance is how many letters have to be changed, added or dropped (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before, row[j+1] = row[j+1], min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
