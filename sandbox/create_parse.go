package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

type keyValue struct{ Key, Value string }

// createRequest is what order/create was asked for, out of JSON or form notation.
type createRequest struct {
	RouteID, Partner, Lang, Email, Captcha string
	Amount                                 decimal.Decimal
	From, To, Route                        []keyValue
	Agreement, HideOutData                 bool
	CallbackURL, IPNURL, IPNSecret         string
}

const (
	maxValues   = 50
	maxTextSize = 2048
)

// parseCreate reads a body of either notation; the error names the parameter.
func parseCreate(contentType string, body []byte) (createRequest, *apiError) {
	tree, problem := parseTree(contentType, body)
	if problem != nil {
		return createRequest{}, problem
	}
	var r createRequest
	for name, target := range map[string]*string{
		"routeId": &r.RouteID, "partner": &r.Partner, "lang": &r.Lang, "email": &r.Email, "captcha": &r.Captcha,
		"clientCallbackUrl": &r.CallbackURL, "ipnUrl": &r.IPNURL, "ipnSecret": &r.IPNSecret,
	} {
		text, ok := scalar(tree[name])
		if !ok || len(text) > maxTextSize {
			return r, paramError(name, nil)
		}
		*target = text
	}
	for name, target := range map[string]*bool{"agreement": &r.Agreement, "hideOutData": &r.HideOutData} {
		text, ok := scalar(tree[name])
		if !ok {
			return r, paramError(name, nil)
		}
		*target = text == "true" || text == "1" || text == "on"
	}
	for name, target := range map[string]*[]keyValue{"fromValues": &r.From, "toValues": &r.To, "routeValues": &r.Route} {
		values, ok := valueList(tree[name])
		if !ok {
			return r, paramError(name, nil)
		}
		*target = values
	}
	text, _ := scalar(tree["amount"])
	amount, err := parseAmount(text)
	if err != nil {
		return r, paramError("amount", nil)
	}
	r.Amount = amount
	return r, nil
}

// parseTree makes both notations one: names to text, numbers, booleans, lists and maps.
func parseTree(contentType string, body []byte) (map[string]any, *apiError) {
	kind, _, _ := mime.ParseMediaType(contentType)
	switch kind {
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, paramError("body", nil)
		}
		return bracketTree(form), nil
	case "application/json", "":
		var tree map[string]any
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		if d.Decode(&tree) != nil || d.More() {
			return nil, paramError("body", nil)
		}
		return tree, nil
	}
	return nil, &apiError{Message: "Content type isn't supported", Code: codeParam, status: 415}
}

var bracketKey = regexp.MustCompile(`^(\w+)\[(\d{1,3})\]\[(\w+)\]$`)

// bracketTree turns fromValues[0][key]=… into the tree that JSON would give.
func bracketTree(form url.Values) map[string]any {
	tree := map[string]any{}
	for name, values := range form {
		m := bracketKey.FindStringSubmatch(name)
		if m == nil {
			tree[name] = values[0]
			continue
		}
		list, ok := tree[m[1]].(map[string]any)
		if !ok {
			list = map[string]any{}
			tree[m[1]] = list
		}
		item, ok := list[m[2]].(map[string]any)
		if !ok {
			item = map[string]any{}
			list[m[2]] = item
		}
		item[m[3]] = values[0]
	}
	return tree
}

// scalar is the text of a string, number or boolean; absent and null are empty.
func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

// valueList reads [{key,value}], or the same with indexes for names.
func valueList(v any) ([]keyValue, bool) {
	var items []any
	switch v := v.(type) {
	case nil:
		return nil, true
	case string: // an empty list in form notation
		return nil, strings.TrimSpace(v) == ""
	case []any:
		items = v
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.SortFunc(keys, func(a, b string) int { return strings.Compare(fmt.Sprintf("%03s", a), fmt.Sprintf("%03s", b)) })
		for _, k := range keys {
			items = append(items, v[k])
		}
	}
	if len(items) > maxValues {
		return nil, false
	}
	var list []keyValue
	for _, item := range items {
		m, ok := item.(map[string]any)
		if !ok {
			return nil, false
		}
		key, ok1 := scalar(m["key"])
		value, ok2 := scalar(m["value"])
		if !ok1 || !ok2 || len(value) > maxTextSize {
			return nil, false
		}
		list = append(list, keyValue{key, value})
	}
	return list, true
}
