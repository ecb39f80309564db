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
	top := plain(&doc, "", 0, m)
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

// maxDepth is far deeper than any key; what refers to itself ends there.
const maxDepth = 20

// plain turns a node into map[string]any, []any, string or nil.
func plain(n *yaml.Node, at string, depth int, m *mistakes) any {
	if depth > maxDepth {
		m.add(at, "values nested too deep", "the keys of the documentation")
		return nil
	}
	switch n.Kind {
	case yaml.DocumentNode:
		return plain(n.Content[0], at, depth+1, m)
	case yaml.AliasNode:
		return plain(n.Alias, at, depth+1, m)
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, c := range n.Content {
			list[i] = plain(c, fmt.Sprintf("%s[%d]", at, i), depth+1, m)
		}
		return list
	case yaml.MappingNode:
		out := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			name := n.Content[i].Value
			key := join(at, name)
			if _, twice := out[name]; twice {
				m.add(key, fmt.Sprintf("the key a second time in line %d", n.Content[i].Line), "it once")
			}
			if v := plain(n.Content[i+1], key, depth+1, m); v != nil {
				out[name] = v
			}
		}
		return out
	}
	if n.Tag == "!!null" {
		return nil
	}
	return n.Value
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
