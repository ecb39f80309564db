package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const apiPath = "/service/api/v1/"

// Codes of the platform's errors, as seen by clients [client]; the last four are made up in the same range.
const (
	codeParam        = 6231546409213868
	codeVerification = 5001670807585394
	codeCaptcha      = 1601588666628861
	codeNotFound     = 4711202930482211
	codeStatus       = 7310052211947716
	codeUnknown      = 8122406917335029
	codeAccess       = 3390417256081194
)

// apiError is an answer with success false.
type apiError struct {
	Message string
	Code    int64
	Object  *errorObject
	status  int // HTTP; it says little [?]
}

type errorObject struct {
	FieldID   string `json:"fieldId"`
	NameField string `json:"nameField"`
	Err       string `json:"err"` // required, regexp, min, max, reserve
	Type      string `json:"type"`
}

func paramError(param string, o *errorObject) *apiError {
	text := "Param " + param + " isn't valid"
	if o != nil {
		text += ": " + o.FieldID
	}
	return &apiError{Message: text, Code: codeParam, Object: o, status: http.StatusOK}
}

// call is one API call on its way through.
type call struct {
	ctx    context.Context
	query  url.Values
	body   []byte
	kind   string // content type
	faults Faults
	after  func() // runs once the answer is on its way
}

type method struct {
	verb  string
	serve func(*Sandbox, *call) (any, *apiError)
}

var methods = map[string]method{
	"public/exchanger/route/get":                    {http.MethodGet, (*Sandbox).routeList},
	"public/exchanger/route-v2/get":                 {http.MethodGet, (*Sandbox).routeList},
	"public/exchanger/route/get/one":                {http.MethodGet, (*Sandbox).routeByID},
	"public/exchanger/route/get/one/by-xml":         {http.MethodGet, (*Sandbox).routeByXML},
	"public/exchanger/route/get/one/by-friendlyURL": {http.MethodGet, (*Sandbox).routeByFriendly},
	"public/exchanger/order/create":                 {http.MethodPost, (*Sandbox).orderCreate},
	"public/exchanger/order/get":                    {http.MethodGet, (*Sandbox).orderGet},
	"public/exchanger/order/update-status":          {http.MethodPut, (*Sandbox).orderUpdateStatus},
	"public/exchanger/order/get-lasts":              {http.MethodGet, (*Sandbox).orderLasts},
	"public/exchanger/verification/find/by-order-id": {http.MethodGet, func(*Sandbox, *call) (any, *apiError) {
		return map[string]any{"verifications": []any{}}, nil
	}},
	"public/exchanger/order/files/create": {http.MethodPost, func(*Sandbox, *call) (any, *apiError) {
		return nil, &apiError{Message: "This exchanger takes no files", Code: codeAccess, status: http.StatusForbidden}
	}},
	"user/exchanger/order/history": {http.MethodGet, func(*Sandbox, *call) (any, *apiError) {
		return nil, &apiError{Message: "Access denied", Code: codeAccess, status: http.StatusUnauthorized}
	}},
}

const maxBody = 256 << 10

// serveAPI answers one call: faults of the line around what the method says.
func (s *Sandbox) serveAPI(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Path[len(apiPath):]
	f := s.faultsFor(name)
	w.Header().Set("Date", s.stamp(f).UTC().Format(http.TimeFormat))
	w.Header().Set("Cache-Control", "no-store")
	if f.brokenBefore(w, r) {
		s.log.Info("sandbox api", "method", name, "fault", true)
		return
	}
	started := time.Now()
	c := &call{ctx: r.Context(), query: r.URL.Query(), kind: r.Header.Get("Content-Type"), faults: f, after: func() {}}
	defer func() { c.after() }()
	data, problem := s.dispatch(name, c, w, r)
	status, body := envelope(data, problem, started, s.cfg.Now())
	s.log.Debug("sandbox api", "method", name, "success", problem == nil, "error", problem.text())
	f.answer(w, r, status, body)
}

func (s *Sandbox) dispatch(name string, c *call, w http.ResponseWriter, r *http.Request) (any, *apiError) {
	m, ok := methods[name]
	if !ok {
		return nil, &apiError{Message: "Method not found", Code: codeNotFound, status: http.StatusNotFound}
	}
	if r.Method != m.verb && !(m.verb == http.MethodGet && r.Method == http.MethodHead) {
		return nil, &apiError{Message: "Method not allowed, use " + m.verb, Code: codeNotFound, status: http.StatusMethodNotAllowed}
	}
	body, err := readAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, &apiError{Message: "Body isn't readable", Code: codeParam, status: http.StatusBadRequest}
	}
	c.body = body
	return m.serve(s, c)
}

func (e *apiError) text() string {
	if e == nil {
		return ""
	}
	return e.Message
}

// envelope wraps an answer as the platform does [client].
func envelope(data any, problem *apiError, started, now time.Time) (int, []byte) {
	out := map[string]any{
		"success":    problem == nil,
		"latency_ms": time.Since(started).Milliseconds(),
		"requestId":  strconv.FormatInt(now.UnixMilli(), 10) + "-" + randomText(7, alphanumeric),
	}
	status := http.StatusOK
	if problem == nil {
		out["data"] = data
	} else {
		status = problem.status
		e := map[string]any{
			"apiError": true, "message": problem.Message, "errorType": "api", "level": 0, "errorCode": problem.Code,
		}
		if problem.Object != nil {
			e["object"] = problem.Object
		}
		out["error"] = e
	}
	body, err := json.Marshal(out)
	if err != nil { // a RawMessage that is no JSON: a bug of this package
		return http.StatusInternalServerError, fmt.Appendf(nil, `{"success":false,"error":{"apiError":true,"message":%q}}`, err)
	}
	return status, body
}
