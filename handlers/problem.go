package handlers

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/money"
)

// kinds is the one table that makes an HTTP status of a refusal, for pages and the API alike.
var kinds = map[checkout.Kind]int{
	checkout.Invalid:     http.StatusUnprocessableEntity,
	checkout.NotFound:    http.StatusNotFound,
	checkout.Conflict:    http.StatusConflict,
	checkout.Unavailable: http.StatusServiceUnavailable,
	checkout.TooMany:     http.StatusTooManyRequests,
	checkout.Forbidden:   http.StatusForbidden,
}

// clientGone is what the log says of a request whose sender went away before the answer (nginx's number for it).
const clientGone = 499

// StatusOf is the HTTP status of an error. What is none of the known kinds is a fault of ours: 500.
func StatusOf(err error) int {
	var problem *checkout.Problem
	var he *echo.HTTPError
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return http.StatusOK
	case errors.As(err, &problem) && kinds[problem.Kind] != 0:
		return kinds[problem.Kind]
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge
	case errors.As(err, &he):
		return he.Code
	case errors.Is(err, models.ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, models.ErrText):
		return http.StatusUnprocessableEntity
	case errors.Is(err, models.ErrConflict), errors.Is(err, models.ErrChanged):
		return http.StatusConflict
	case errors.Is(err, models.ErrBusy):
		return http.StatusServiceUnavailable
	case errors.Is(err, context.Canceled):
		return clientGone
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// TooMany is the refusal of what was asked too often; wait is how long until it is possible again.
func TooMany(wait time.Duration) error {
	return &checkout.Problem{Kind: checkout.TooMany, Code: "too_many_orders", Args: []any{"wait", wait}}
}

// retryAfter is how many seconds an answer tells to wait; 0: it says nothing of it.
func retryAfter(err error) int {
	var p *checkout.Problem
	if errors.As(err, &p) {
		for i := 0; i+1 < len(p.Args); i += 2 {
			if d, ok := p.Args[i+1].(time.Duration); ok && p.Args[i] == "wait" {
				return max(1, int(math.Ceil(d.Seconds())))
			}
		}
	}
	switch StatusOf(err) {
	case http.StatusServiceUnavailable:
		return 5
	case http.StatusTooManyRequests:
		return 60
	}
	return 0
}

// setRetryAfter puts the waiting time of an error on the answer.
func setRetryAfter(c echo.Context, err error) {
	if s := retryAfter(err); s > 0 {
		c.Response().Header().Set(echo.HeaderRetryAfter, strconv.Itoa(s))
	}
}

// ProblemText says a refusal in words of a language.
func ProblemText(p messages.Printer, problem *checkout.Problem) string {
	return Fill(p, "problem."+problem.Code, problem.Args)
}

// Fill gives a message whose marks are values of the domain: amounts, units and times are written in the habit of the language, and the first
// whole number chooses the plural form.
func Fill(p messages.Printer, key string, args []any) string {
	filled := make([]any, len(args))
	n, counted := 0, false
	for i, a := range args {
		filled[i] = a
		if i%2 == 0 {
			continue
		}
		switch v := a.(type) {
		case money.Amount:
			filled[i] = v.Text(p.Lang())
		case checkout.Units:
			filled[i] = UnitsText(v, p.Lang())
		case time.Time:
			filled[i] = Clock(v)
		case time.Duration:
			n, counted = max(1, int(math.Ceil(v.Seconds()))), true
			filled[i] = n
		case int:
			n, counted = v, true
		case int32:
			n, counted = int(v), true
		case int64:
			n, counted = int(v), true
		}
	}
	if counted {
		return p.Count(key, n, filled...)
	}
	return p.Text(key, filled...)
}
