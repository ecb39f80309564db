package api

import (
	"bytes"
	_ "embed" // the page and its sheet
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"mostrador/staff"
)

//go:embed docs.html
var docsPage string

//go:embed docs.css
var docsSheet []byte

// docs mounts the readable page: made of the OpenAPI document, so that the two cannot differ. No script, nothing from elsewhere.
func (s *server) docs(e *echo.Echo) {
	page := sync.OnceValues(s.drawDocs)
	e.GET("/api/docs", func(c echo.Context) error {
		body, err := page()
		if err != nil {
			return err
		}
		return c.HTMLBlob(http.StatusOK, body)
	})
	e.GET("/api/docs.css", func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderCacheControl, "max-age=3600")
		return c.Blob(http.StatusOK, "text/css; charset=utf-8", docsSheet)
	})
	e.GET("/api", func(c echo.Context) error { return c.Redirect(http.StatusFound, "/api/docs") })
}

type docsView struct {
	Title, Version, Base, Overview string
	Scopes                         []string
	Groups                         []docsGroup
	Schemas                        []docsSchema
}

type docsGroup struct {
	Name, ID, Text string
	Calls          []docsCall
}

type docsCall struct {
	ID, Method, Path, Summary, Text, Scopes, Example string
	Params, Body                                     []docsField
	Answers                                          []docsAnswer
}

type docsField struct {
	Name, In, Kind, Text string
	Required             bool
}

type docsAnswer struct{ Status, Text, Schema string }

type docsSchema struct {
	Name   string
	Fields []docsField
}

func (s *server) drawDocs() ([]byte, error) {
	doc := s.api.OpenAPI()
	v := docsView{Title: doc.Info.Title, Version: doc.Info.Version, Base: s.Config.Server.PublicURL, Overview: doc.Info.Description, Scopes: staff.Scopes}
	schemas := doc.Components.Schemas.Map()
	used := map[string]bool{}
	for _, tag := range doc.Tags {
		g := docsGroup{Name: tag.Name, ID: strings.ToLower(strings.ReplaceAll(tag.Name, " ", "-")), Text: tag.Description}
		for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
			item := doc.Paths[path]
			for _, op := range []*huma.Operation{item.Post, item.Get, item.Patch, item.Delete} {
				if op != nil && slices.Contains(op.Tags, tag.Name) {
					g.Calls = append(g.Calls, v.call(op, schemas, used))
				}
			}
		}
		v.Groups = append(v.Groups, g)
	}
	for _, name := range slices.Sorted(maps.Keys(used)) {
		follow(schemas[name], schemas, used)
	}
	for _, name := range slices.Sorted(maps.Keys(used)) {
		if f := fieldsOf(schemas[name]); len(f) > 0 {
			v.Schemas = append(v.Schemas, docsSchema{name, f})
		}
	}
	t, err := template.New("docs").Funcs(template.FuncMap{"code": codeSpans}).Parse(docsPage)
	if err != nil {
		return nil, fmt.Errorf("parse API docs: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, v); err != nil {
		return nil, fmt.Errorf("draw API docs: %w", err)
	}
	return b.Bytes(), nil
}

// codeSpans draws what stands between backticks as code; everything is escaped.
func codeSpans(s string) template.HTML {
	var b strings.Builder
	for i, part := range strings.Split(s, "`") {
		if i%2 == 1 {
			b.WriteString("<code>" + template.HTMLEscapeString(part) + "</code>")
		} else {
			b.WriteString(template.HTMLEscapeString(part))
		}
	}
	return template.HTML(b.String()) //nolint:gosec // each part was escaped
}

func (v docsView) call(op *huma.Operation, schemas map[string]*huma.Schema, used map[string]bool) docsCall {
	c := docsCall{ID: op.OperationID, Method: op.Method, Path: op.Path, Summary: op.Summary, Text: op.Description}
	var need []string
	for _, r := range op.Security {
		need = append(need, r["key"]...)
	}
	c.Scopes = strings.Join(need, " or ")
	for _, p := range op.Parameters {
		c.Params = append(c.Params, docsField{Name: p.Name, In: p.In, Kind: kindOf(p.Schema), Text: p.Description, Required: p.Required})
	}
	if op.RequestBody != nil {
		if m := op.RequestBody.Content["application/json"]; m != nil {
			c.Body = fieldsOf(resolve(m.Schema, schemas))
		}
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		r := op.Responses[status]
		a := docsAnswer{Status: status, Text: r.Description}
		for _, m := range r.Content {
			if m.Schema != nil {
				a.Schema = strings.TrimPrefix(m.Schema.Ref, "#/components/schemas/")
				if a.Schema != "" {
					used[a.Schema] = true
				}
			}
		}
		c.Answers = append(c.Answers, a)
	}
	c.Example = v.example(op)
	return c
}

// bodies are the examples of what is sent.
var bodies = map[string]string{
	"create-order":            `{"amount": "25.00", "description": "Two mugs", "email": "maria@example.com", "metadata": {"cart": "8841"}}`,
	"create-refund":           `{"amount": "10.00", "currency": "USDTTRC20", "reference": "tx 9f2c…", "reason": "one mug was broken"}`,
	"create-payment-link":     `{"title": "Ribera mug", "amount": "18.00", "max_uses": 100}`,
	"create-webhook-endpoint": `{"url": "https://shop.example/webhooks", "events": ["order.paid", "order.review"]}`,
	"update-webhook-endpoint": `{"enabled": true}`,
}

var queries = map[string]string{"list-routes": "?amount=25.00", "list-events": "?after=0&wait=30", "list-orders": "?status=paid&limit=20"}

// example is a call as one types it.
func (v docsView) example(op *huma.Operation) string {
	path := strings.Replace(op.Path, "/orders/{id}", "/orders/ord_1042", 1)
	path = strings.Replace(path, "/webhook_endpoints/{id}", "/webhook_endpoints/we_…", 1)
	path = strings.Replace(path, "/deliveries/{id}", "/deliveries/msg_…", 1)
	var b strings.Builder
	fmt.Fprintf(&b, "curl -X %s '%s%s%s' \\\n  -H 'Authorization: Bearer msk_…'", op.Method, v.Base, path, queries[op.OperationID])
	if op.OperationID == "create-order" {
		b.WriteString(" \\\n  -H 'Idempotency-Key: cart-8841'")
	}
	if body := bodies[op.OperationID]; body != "" {
		b.WriteString(" \\\n  -H 'Content-Type: application/json' \\\n  -d '" + body + "'")
	}
	return b.String()
}

func resolve(s *huma.Schema, schemas map[string]*huma.Schema) *huma.Schema {
	if s != nil && s.Ref != "" {
		return schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
	}
	return s
}

// follow marks the schemas that a schema speaks of.
func follow(s *huma.Schema, schemas map[string]*huma.Schema, used map[string]bool) {
	if s == nil {
		return
	}
	if name := strings.TrimPrefix(s.Ref, "#/components/schemas/"); s.Ref != "" && !used[name] {
		used[name] = true
		follow(schemas[name], schemas, used)
	}
	follow(s.Items, schemas, used)
	for _, p := range s.Properties {
		follow(p, schemas, used)
	}
	for _, p := range s.OneOf {
		follow(p, schemas, used)
	}
}

func fieldsOf(s *huma.Schema) []docsField {
	if s == nil {
		return nil
	}
	var out []docsField
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		text := p.Description
		if len(p.Enum) > 0 && !strings.Contains(text, fmt.Sprint(p.Enum[0])) {
			text = strings.TrimSpace(text + " One of: " + strings.Trim(strings.Join(strings.Fields(fmt.Sprint(p.Enum)), ", "), "[]") + ".")
		}
		out = append(out, docsField{Name: name, Kind: kindOf(p), Text: text, Required: slices.Contains(s.Required, name)})
	}
	slices.SortStableFunc(out, func(a, b docsField) int { // what is needed first
		switch {
		case a.Required == b.Required:
			return 0
		case a.Required:
			return -1
		}
		return 1
	})
	return out
}

// kindOf says in a word what a value is.
func kindOf(s *huma.Schema) string {
	switch {
	case s == nil:
		return ""
	case s.Ref != "":
		return strings.TrimPrefix(s.Ref, "#/components/schemas/")
	case len(s.OneOf) > 0:
		var all []string
		for _, one := range s.OneOf {
			all = append(all, kindOf(one))
		}
		return strings.Join(all, " or ")
	case s.Type == huma.TypeArray:
		return "list of " + kindOf(s.Items)
	case s.Format == "date-time":
		return orNull("time", s)
	case s.Type == "":
		return "any"
	}
	return orNull(s.Type, s)
}

func orNull(kind string, s *huma.Schema) string {
	if s.Nullable {
		return kind + " or null"
	}
	return kind
}
