package exchanger

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// envelope is what every answer is wrapped in [client].
type envelope struct {
	Success   flag            `json:"success"`
	Data      json.RawMessage `json:"data"`
	RequestID text            `json:"requestId"`
	Error     json.RawMessage `json:"error"`
}

type wireError struct {
	APIError flag   `json:"apiError"`
	Message  text   `json:"message"`
	Type     text   `json:"errorType"`
	Code     text   `json:"errorCode"`
	Object   object `json:"object"`
}

type object struct{ FieldID, NameField, Err, Type text }

// UnmarshalJSON reads error.object, which may be missing or something else.
func (o *object) UnmarshalJSON(b []byte) error {
	var w struct {
		FieldID   text `json:"fieldId"`
		NameField text `json:"nameField"`
		Err       text `json:"err"`
		Type      text `json:"type"`
	}
	if json.Unmarshal(b, &w) == nil {
		*o = object(w)
	}
	return nil
}

// judge makes an answer or a typed error of a reply. The HTTP status is not dependable [?]: what counts is success, where
// it can be read at all.
func (c *Client) judge(r request, rep reply) (answer, outcome, error) {
	if rep.problem == nil && rep.status >= 300 && rep.status < 400 {
		rep.problem = fmt.Errorf("the exchanger redirects (%d), which is not followed", rep.status)
		rep.body = nil
	}
	var e envelope
	readable := rep.problem == nil && json.Unmarshal(rep.body, &e) == nil && e.Success.known
	id := e.RequestID.line(120)
	switch {
	case readable && e.Success.on:
		return answer{data: e.Data, requestID: id, at: c.opt.Now()}, healthy, nil
	case rep.status == http.StatusTooManyRequests:
		return answer{requestID: id}, neutral, c.turnedAway(rep)
	case readable:
		refused, meant := c.refusal(e, r, rep.status, id)
		if meant {
			return answer{requestID: id}, healthy, refused
		}
		rep.problem = errors.New(refused.Error()) // its words only: nobody may take it for a refusal
	case rep.problem == nil && rep.status >= 400:
		rep.problem = fmt.Errorf("HTTP status %d without a readable answer", rep.status)
	case rep.problem == nil && len(bytes.TrimSpace(rep.body)) == 0:
		rep.problem = errors.New("an empty answer")
	case rep.problem == nil:
		rep.problem = errors.New("the answer is not the API's JSON")
	}
	out := failing
	if rep.mine || rep.status == http.StatusNotFound && !readable {
		out = neutral
	}
	return answer{requestID: id}, out, c.failure(r, rep, id)
}

// turnedAway is a 429: not carried out.
func (c *Client) turnedAway(rep reply) error {
	wait := retryAfter(rep.header, c.opt.Now())
	if wait <= 0 {
		wait = firstDelay
	}
	c.breaker.pause(wait)
	return &Unavailable{Err: errors.New("too many calls (429)"), RetryAfter: min(wait, longestPause)}
}

// failure sorts what could not be read: a write that may have arrived is unclear, all else is unavailable.
func (c *Client) failure(r request, rep reply, id string) error {
	wait := time.Duration(0)
	if rep.status >= 500 {
		if wait = min(retryAfter(rep.header, c.opt.Now()), longestPause); wait > 0 {
			c.breaker.pause(wait)
		}
	}
	if r.write() && rep.sent {
		return &Unclear{Err: rep.problem, RequestID: id}
	}
	timeout := errors.Is(rep.problem, context.DeadlineExceeded) || errors.Is(rep.problem, context.Canceled)
	return &Unavailable{Err: rep.problem, RetryAfter: wait, again: wait == 0 && !timeout && (rep.broke || rep.status >= 500)}
}

// refusal reads the error of an answer with success:false. meant is false for a server's own breakdown that only looks
// like one: a 5xx whose error is not marked as the API's.
func (c *Client) refusal(e envelope, r request, status int, id string) (refused *Refused, meant bool) {
	var w wireError
	if json.Unmarshal(e.Error, &w) != nil {
		_ = w.Message.UnmarshalJSON(e.Error) // a bare string; the message stays empty for anything else
	}
	mask := c.masker(r)
	refused = &Refused{
		Message: mask.words(w.Message.line(500)), Field: w.Object.FieldID.line(64), FieldName: w.Object.NameField.line(200),
		Reason: w.Object.Err.line(64), ParamType: w.Object.Type.line(64), Code: w.Code.line(40), RequestID: id, HTTP: status,
	}
	if refused.Message == "" {
		refused.Message = "no reason given"
	}
	api := w.APIError.on || strings.EqualFold(string(w.Type), "api") || refused.Code != ""
	return refused, status < 500 || api
}

// retryAfter reads a Retry-After header: seconds or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if s, err := strconv.ParseUint(v, 10, 31); err == nil {
		return time.Duration(s) * time.Second
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(0, t.Sub(now))
	}
	return 0
}

// worthAnother says whether a read may be tried again at once.
func worthAnother(err error) bool {
	var u *Unavailable
	return errors.As(err, &u) && u.again
}
