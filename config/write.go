package config

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"
	"go.yaml.in/yaml/v3"
)

// field is one key of a struct.
type field struct {
	name, as, secret string
	index            int
}

func fields(t reflect.Type) []field {
	var out []field
	for i := range t.NumField() {
		f := t.Field(i)
		out = append(out, field{name: f.Tag.Get("key"), as: f.Tag.Get("as"), secret: f.Tag.Get("secret"), index: i})
	}
	return out
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	decimalType  = reflect.TypeFor[decimal.Decimal]()
)

// section tells whether t is a struct of keys and no value of its own.
func section(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t != decimalType
}

// Keys are all keys by their full names, in the order of config.go. What stands in a list has [] in its name:
// exchanger.sites[].name.
func Keys() []string { return keysOf(reflect.TypeFor[Config](), "") }

func keysOf(t reflect.Type, at string) []string {
	var out []string
	for _, f := range fields(t) {
		ft, name := t.Field(f.index).Type, at+f.name
		switch {
		case section(ft):
			out = append(out, keysOf(ft, name+".")...)
		case ft.Kind() == reflect.Slice && section(ft.Elem()):
			out = append(append(out, name), keysOf(ft.Elem(), name+"[].")...)
		default:
			out = append(out, name)
		}
	}
	return out
}

// write is any part of a configuration as YAML that Load reads back.
func write(part any) []byte {
	raw, err := yaml.Marshal(node(reflect.ValueOf(part), ""))
	if err != nil {
		panic(fmt.Sprintf("write configuration: %v", err)) // nodes made here always marshal
	}
	return raw
}

func node(v reflect.Value, as string) *yaml.Node {
	switch {
	case section(v.Type()):
		n := &yaml.Node{Kind: yaml.MappingNode}
		for _, f := range fields(v.Type()) {
			n.Content = append(n.Content, textNode(f.name), node(v.Field(f.index), f.as))
		}
		return n
	case v.Kind() == reflect.Slice:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for i := range v.Len() {
			n.Content = append(n.Content, node(v.Index(i), as))
		}
		return n
	case v.Kind() == reflect.Map:
		n := &yaml.Node{Kind: yaml.MappingNode}
		m := v.Interface().(map[string]string)
		keys := make([]string, 0, len(m))
		for k := range m {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			n.Content = append(n.Content, textNode(k), textNode(m[k]))
		}
		return n
	}
	return textNode(text(v, as))
}

func textNode(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	n.Style |= yaml.DoubleQuotedStyle
	if n.Tag == "!!binary" { // not UTF-8: Load takes no such text either
		n.Value, n.Tag = hidden, "!!str"
	}
	return n
}

// text is a single value as a person writes it.
func text(v reflect.Value, as string) string {
	switch x := v.Interface().(type) {
	case time.Duration:
		return x.String()
	case decimal.Decimal:
		if as == "percent" {
			return x.Shift(2).String() + "%"
		}
		return x.String()
	case string:
		return x
	case bool:
		return strconv.FormatBool(x)
	case int:
		return strconv.Itoa(x)
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	panic(fmt.Sprintf("configuration holds a %s, which has no text", v.Type()))
}
