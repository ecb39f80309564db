package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// textYAML parses YAML and keeps every scalar as the text that stands in the file, so that 1.10 stays 1.10 and no rate
// is ever a float. An empty value counts as not set.
type textYAML struct{}

// Unmarshal implements koanf.Parser. The error is Errors.
func (textYAML) Unmarshal(raw []byte) (map[string]any, error) {
	if !utf8.Valid(raw) {
		return nil, Errors{{"config file", "bytes that are no UTF-8", "text in UTF-8"}}
	}
	d := yaml.NewDecoder(bytes.NewReader(raw))
	var doc yaml.Node
	if err := d.Decode(&doc); errors.Is(err, io.EOF) {
		return map[string]any{}, nil
	} else if err != nil {
		return nil, Errors{{"config file", yamlError(err), "YAML"}}
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, Errors{{"config file", "a second document after ---", "one document"}}
	}
	m := &mistakes{}
	r := reader{m: m, left: maxValues}
	top := r.plain(&doc, "", 0)
	if err := m.err(); err != nil {
		return nil, err
	}
	if top == nil {
		return map[string]any{}, nil
	}
	out, ok := top.(map[string]any)
	if !ok {
		return nil, Errors{{"config file", kind(top), "a map of keys such as shop:"}}
	}
	return out, nil
}

// Marshal implements koanf.Parser; nothing here writes through koanf.
func (textYAML) Marshal(map[string]any) ([]byte, error) {
	return nil, errors.New("configuration is written by String")
}

// yamlError is the parser's message on one line.
func yamlError(err error) string {
	return strings.Join(strings.Fields(strings.TrimPrefix(err.Error(), "yaml: ")), " ")
}

// What is far deeper and longer than any configuration: anchors that refer to themselves or multiply end there.
const (
	maxDepth  = 20
	maxValues = 20_000
)

// reader turns nodes into map[string]any, []any, string or nil.
type reader struct {
	m    *mistakes
	left int
}

func (r *reader) plain(n *yaml.Node, at string, depth int) any {
	if r.left--; r.left < 0 || depth > maxDepth {
		r.m.add("config file", "values without end", "the keys of docs/configuration.md")
		return nil
	}
	switch n.Kind {
	case yaml.DocumentNode:
		return r.plain(n.Content[0], at, depth+1)
	case yaml.AliasNode:
		return r.plain(n.Alias, at, depth+1)
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, c := range n.Content {
			list[i] = r.plain(c, fmt.Sprintf("%s[%d]", at, i), depth+1)
		}
		return list
	case yaml.MappingNode:
		return r.mapping(n, at, depth)
	}
	if n.Tag == "!!null" {
		return nil
	}
	return n.Value
}

func (r *reader) mapping(n *yaml.Node, at string, depth int) any {
	out := map[string]any{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i].Value
		key := join(at, name)
		if _, twice := out[name]; twice {
			r.m.add(key, fmt.Sprintf("the key a second time in line %d", n.Content[i].Line), "it once")
		}
		if v := r.plain(n.Content[i+1], key, depth+1); v != nil {
			out[name] = v
		}
	}
	return out
}

func join(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

// fromVariable reads the value of an environment variable for a key of type t: JSON for lists, maps and sections, else the
// text as it is. nil means that a mistake was noted.
func fromVariable(t reflect.Type, key, value string, m *mistakes) any {
	if !section(t) && t.Kind() != reflect.Slice && t.Kind() != reflect.Map {
		return value
	}
	want, wanted := `a JSON object such as {"name":"value"}`, byte('{')
	if t.Kind() == reflect.Slice {
		want, wanted = "a JSON list such as "+example(t), '['
	}
	d := json.NewDecoder(strings.NewReader(value))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	if err == nil {
		_, err = d.Token()
	}
	if value = strings.TrimSpace(value); value == "" || !errors.Is(err, io.EOF) || value[0] != wanted {
		m.add(key, "a value that is none", want) // never shown: it may hold headers
		return nil
	}
	return jsonText(v)
}

func example(t reflect.Type) string {
	if section(t.Elem()) {
		return `[{"` + fields(t.Elem())[0].name + `":"…"}]`
	}
	return `["en"]`
}

// jsonText brings parsed JSON to the form of plain.
func jsonText(v any) any {
	switch x := v.(type) {
	case map[string]any:
		for k, inner := range x {
			if inner == nil {
				delete(x, k)
				continue
			}
			x[k] = jsonText(inner)
		}
		return x
	case []any:
		for i := range x {
			x[i] = jsonText(x[i])
		}
		return x
	case nil:
		return nil
	}
	return fmt.Sprint(v) // string, json.Number, bool
}
