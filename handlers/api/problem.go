package api

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"
	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/exchanger"
	"mostrador/handlers"
	"mostrador/messages"
	"mostrador/webhook"
)

const problemType = "application/problem+json"

// Problem is an error as programs read it (RFC 9457).
type Problem struct {
	Type      string         `json:"type" example:"about:blank"`
	Title     string         `json:"title" example:"Unprocessable Entity"`
	Status    int            `json:"status" example:"422"`
	Detail    string         `json:"detail,omitempty" doc:"What is, and what to do."`
	Code      string         `json:"code,omitempty" example:"amount_decimals" doc:"The same in one word, which stays the same."`
	RequestID string         `json:"request_id,omitempty" doc:"Name it when you ask for help."`
	Errors    []FieldProblem `json:"errors,omitempty" doc:"One entry for each field that is not usable."`

	challenge string // WWW-Authenticate
	wait      time.Duration
}

// FieldProblem says what is wrong with one field.
type FieldProblem struct {
	Location string `json:"location" example:"body.amount" doc:"Where it stands: body., query., path. or header. and its name."`
	Field    string `json:"field" example:"amount"`
	Code     string `json:"code,omitempty" example:"amount_decimals"`
	Message  string `json:"message"`
}

// Error is for the log.
func (p *Problem) Error() string { return strings.TrimSpace(p.Code + " " + p.Detail) }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is what the answer is.
func (p *Problem) ContentType(string) string { return problemType }

// GetHeaders are what goes with the answer.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.challenge != "" {
		h.Set("WWW-Authenticate", p.challenge)
	}
	if p.wait > 0 {
		h.Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(p.wait.Seconds())))))
	}
	return h
}

// complete fills in what every problem has.
func (p *Problem) complete(ctx context.Context) *Problem {
	p.Type, p.Title, p.RequestID = "about:blank", http.StatusText(p.Status), handlers.RequestID(ctx)
	if p.Detail == "" {
		p.Detail = details[p.Status]
	}
	return p
}

// details are what is said where nothing better is known. Texts of faults never leave the program.
var details = map[int]string{
	http.StatusNotFound:            "There is nothing at this address.",
	http.StatusMethodNotAllowed:    "This address takes other methods: see the Allow header.",
	http.StatusInternalServerError: "A fault of ours. It is in the log under the request_id.",
	http.StatusServiceUnavailable:  "Not possible at the moment. Try again in a few seconds.",
	http.StatusConflict:            "Not possible in the present state.",
}

func tooMany(wait time.Duration) *Problem {
	return &Problem{Status: http.StatusTooManyRequests, Code: "too_many_requests", Detail: "Too many calls in a short time: wait as long as Retry-After says.", wait: wait}
}

// missing is the answer for an id that leads nowhere.
func missing(what string) *Problem {
	return &Problem{Status: http.StatusNotFound, Code: "not_found", Detail: "There is no such " + what + "."}
}

// wrong is the refusal of one field; location is such as body.title.
func wrong(location, code, message string) *Problem {
	_, field, _ := strings.Cut(location, ".")
	return &Problem{Status: http.StatusUnprocessableEntity, Code: code, Detail: message, Errors: []FieldProblem{{location, field, code, message}}}
}

// refuse makes an answer of an error. where is body or query: where the fields of the domain's refusals stand.
func (s *server) refuse(ctx context.Context, err error, where string) error {
	p := problemOf(err, where)
	p.complete(ctx)
	if p.Status >= http.StatusInternalServerError {
		s.Log.ErrorContext(ctx, "API call failed", "request_id", p.RequestID, "error", err)
	}
	return p
}

var english = messages.For("en")

func problemOf(err error, where string) *Problem {
	var own *Problem
	if errors.As(err, &own) {
		return own
	}
	if d, ok := checkout.AsProblem(err); ok {
		return domainProblem(d, where)
	}
	switch {
	case errors.Is(err, webhook.ErrURL):
		return wrong("body.url", "url_invalid", "The address "+webhook.ErrURL.Error()+".")
	case errors.Is(err, webhook.ErrPrivate):
		return wrong("body.url", "url_private", "The address "+webhook.ErrPrivate.Error()+".")
	case errors.Is(err, webhook.ErrEvents):
		return wrong("body.events", "event_unknown", "Events are some of: "+strings.Join(webhook.EventTypes, ", ")+".")
	case errors.Is(err, webhook.ErrUnknown):
		return missing("endpoint or delivery")
	case errors.Is(err, webhook.ErrDisabled):
		return &Problem{Status: http.StatusConflict, Code: "endpoint_disabled", Detail: "The endpoint is disabled: switch it on first, with PATCH and enabled: true."}
	}
	var refused *exchanger.Refused
	if errors.As(err, &refused) {
		return &Problem{Status: http.StatusBadGateway, Code: "exchanger_refused", Detail: "The exchanger answered, but not with what was asked for."}
	}
	p := &Problem{Status: handlers.StatusOf(err)}
	if p.Status < 400 || p.Status == 499 { // whoever asked went away
		p.Status = http.StatusServiceUnavailable
	}
	if p.Status == http.StatusServiceUnavailable {
		p.wait = 2 * time.Second
	}
	return p
}

// domainProblem says a refusal of the domain.
func domainProblem(d *checkout.Problem, where string) *Problem {
	p := &Problem{Status: handlers.StatusOf(d), Code: d.Code, Detail: handlers.ProblemText(english, d)}
	for _, one := range d.All() {
		if one.Field == "" {
			continue
		}
		p.Errors = append(p.Errors, FieldProblem{where + "." + one.Field, one.Field, one.Code, handlers.ProblemText(english, one)})
	}
	if d.Kind == checkout.Unavailable {
		p.wait = 5 * time.Second
	}
	return p
}

// write answers an error from the guard.
func (s *server) write(c huma.Context, err error) {
	p := problemOf(err, "body")
	p.complete(c.Context())
	if p.Status >= http.StatusInternalServerError {
		s.Log.ErrorContext(c.Context(), "API call failed", "request_id", p.RequestID, "error", err)
	}
	for name, values := range p.GetHeaders() {
		c.SetHeader(name, values[0])
	}
	c.SetHeader("Content-Type", problemType)
	c.SetStatus(p.Status)
	if err := json.NewEncoder(c.BodyWriter()).Encode(p); err != nil {
		s.Log.WarnContext(c.Context(), "API answer not written", "error", err)
	}
}

var once sync.Once

// useProblems makes huma's own refusals (what does not fit the description) problems of ours. huma keeps this in variables of its package, so
// it is set once, before anything is registered.
func useProblems() {
	once.Do(func() {
		huma.DefaultArrayNullable = false // lists are never null here
		huma.NewErrorWithContext = func(c huma.Context, status int, message string, errs ...error) huma.StatusError {
			ctx := context.Background()
			if c != nil {
				ctx = c.Context()
			}
			return fromHuma(status, message, errs).complete(ctx)
		}
		huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
			return fromHuma(status, message, errs).complete(context.Background())
		}
	})
}

// fromHuma leaves out the offending values, which may be secrets, and the texts of faults.
func fromHuma(status int, message string, errs []error) *Problem {
	p := &Problem{Status: status}
	if status >= http.StatusInternalServerError {
		return p
	}
	p.Code, p.Detail = "invalid", message
	for _, err := range errs {
		var d huma.ErrorDetailer
		if !errors.As(err, &d) {
			continue
		}
		one := d.ErrorDetail()
		one.Location = place(one)
		_, field, _ := strings.Cut(one.Location, ".")
		p.Errors = append(p.Errors, FieldProblem{Location: one.Location, Field: field, Code: "invalid", Message: one.Message})
	}
	if len(p.Errors) > 0 {
		p.Detail = p.Errors[0].Location + ": " + p.Errors[0].Message
	}
	return p
}

// place is where the mistake stands. Of a field that is missing huma names what should hold it, and the field in its sentence only.
func place(d *huma.ErrorDetail) string {
	before, after, _ := strings.Cut(validation.MsgExpectedRequiredProperty, "%s")
	name, ok := strings.CutPrefix(d.Message, before)
	if name, has := strings.CutSuffix(name, after); ok && has {
		return d.Location + "." + name
	}
	return d.Location
}

// ErrorHandler answers errors of paths below /api that reached no call: 404, 405, what the edge refuses. It always answers.
func ErrorHandler(c echo.Context, err error) (done bool) {
	if c.Response().Committed {
		return true
	}
	p := problemOf(err, "body").complete(c.Request().Context())
	for name, values := range p.GetHeaders() {
		c.Response().Header().Set(name, values[0])
	}
	if c.Request().Method == http.MethodHead {
		return c.NoContent(p.Status) == nil
	}
	raw, jerr := json.Marshal(p)
	if jerr != nil {
		return false
	}
	return c.Blob(p.Status, problemType, raw) == nil
}
