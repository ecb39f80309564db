package exchanger

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// wireValueRead is a value as an answer or a notification tells it. key may be the field's id or the field as an object.
type wireValueRead struct {
	Key   json.RawMessage `json:"key"`
	Name  text            `json:"name"`
	Value text            `json:"value"`
}

func (w wireValueRead) value() Value {
	var key text
	var field wireField
	if len(w.Key) > 0 && w.Key[0] == '{' {
		if json.Unmarshal(w.Key, &field) == nil {
			key = field.Key
		}
	} else if len(w.Key) > 0 {
		_ = key.UnmarshalJSON(w.Key)
	}
	return Value{Key: key.line(64), Name: w.Name.line(200), Value: cut(string(w.Value), maxValue)}
}

// valuesOf reads an array of {key,name,value}, one such object, or an object {key: value}; anything else is no values.
func valuesOf(raw json.RawMessage) []Value {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return nil
	}
	var out []Value
	if raw[0] == '{' {
		members := map[string]json.RawMessage{}
		if json.Unmarshal(raw, &members) != nil {
			return nil
		}
		if members["key"] != nil && members["value"] != nil {
			raw = slices.Concat([]byte("["), raw, []byte("]"))
		} else {
			for k, m := range members {
				var v text
				_ = v.UnmarshalJSON(m)
				out = append(out, Value{Key: cut(printable(k), 64), Value: cut(string(v), maxValue)})
			}
			slices.SortFunc(out, func(a, b Value) int { return strings.Compare(a.Key, b.Key) })
			return out
		}
	}
	var ws list[wireValueRead]
	_ = json.Unmarshal(raw, &ws) // never fails on JSON, and what is none has no values
	for _, w := range ws {
		out = append(out, w.value())
	}
	return out
}
