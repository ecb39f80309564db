package exchanger

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// What a refusal can mean beyond its words; for errors.Is. Each is also a *Refused, for errors.As.
var (
	// ErrNeedsVerification: the customer must pass the exchanger's verification for this amount.
	ErrNeedsVerification = errors.New("the exchanger wants the customer verified")
	// ErrNeedsCaptcha: the exchanger demands a captcha, which a server cannot solve.
	ErrNeedsCaptcha = errors.New("the exchanger wants a captcha")
	// ErrNotFound: the exchanger does not know this order or route.
	ErrNotFound = errors.New("the exchanger does not know it")
)

// Why a call was not made; found by errors.Is inside an *Unavailable.
var (
	// ErrBreakerOpen: the site failed lately and is left alone for a moment.
	ErrBreakerOpen = errors.New("the exchanger failed lately and is left alone for a moment")
	// ErrPaused: the site asked to be called later (Retry-After), and the call was marked as Background.
	ErrPaused = errors.New("the exchanger asked to be called later")
	// ErrClosed: the client was closed.
	ErrClosed = errors.New("exchanger client is closed")
)

// Error codes seen [client].
const (
	codeNotValid     = "6231546409213868"
	codeVerification = "5001670807585394"
	codeCaptcha      = "1601588666628861"
)

// Refused is an answer with success:false: the exchanger understood the call and did not do it. Repeating it unchanged is
// pointless. It says nothing against the exchanger's health.
type Refused struct {
	Message   string // the exchanger's words, for the log and the desk; at most 500 characters
	Field     string // object.fieldId: which field is meant; "" when none
	FieldName string // object.nameField: the field's name as the exchanger calls it
	Reason    string // object.err, such as regexp
	ParamType string // object.type: toValues, fromValues, routeValues
	Code      string // errorCode as text (near 2^53); "" when none
	RequestID string // what the exchanger's support asks for
	HTTP      int    // status of the answer, not dependable [?]

	absent bool // a successful answer without the thing asked for
}

// Error gives the exchanger's words with code and request id.
func (r *Refused) Error() string {
	s := "exchanger refused: " + r.Message
	if r.Field != "" || r.FieldName != "" {
		s += fmt.Sprintf(" (field %s %s)", r.Field, r.FieldName)
	}
	if r.Code != "" {
		s += " code " + r.Code
	}
	if r.RequestID != "" {
		s += " request " + r.RequestID
	}
	return s
}

// Is tells errors.Is which of ErrNeedsVerification, ErrNeedsCaptcha and ErrNotFound the refusal means: by its code where
// that is known, else by its words, since the list of codes is not public [?].
func (r *Refused) Is(target error) bool {
	says := func(words ...string) bool {
		if r.Code == codeNotValid || r.Code == codeVerification || r.Code == codeCaptcha {
			return false
		}
		m := strings.ToLower(r.Message)
		for _, w := range words {
			if strings.Contains(m, w) {
				return true
			}
		}
		return false
	}
	switch target {
	case ErrNeedsVerification:
		return r.Code == codeVerification || says("verif", "верифик")
	case ErrNeedsCaptcha:
		return r.Code == codeCaptcha || says("captcha", "капч")
	case ErrNotFound:
		return r.absent || r.HTTP == 404 || says("not found", "not exist", "no encontrad", "не найден")
	}
	return false
}

// Unclear is the failure of a call that changes something (Create, UpdateStatus) which the exchanger may have received
// and carried out. It must never be repeated blindly: an order may exist.
type Unclear struct {
	Err       error
	RequestID string // of the answer, where one could be read
}

// Error says that it is not known whether the exchanger acted, and why.
func (u *Unclear) Error() string { return "not known whether the exchanger acted: " + u.Err.Error() }

// Unwrap returns the cause.
func (u *Unclear) Unwrap() error { return u.Err }

// Unavailable is a call that the exchanger certainly did not carry out (never sent, or turned away with 429), or a read
// that failed.
type Unavailable struct {
	Err        error
	RetryAfter time.Duration // how long to leave it alone; 0 when nothing is known

	again bool // worth a try of its own at once: only set for reads
}

// Error says that the exchanger could not be reached, and why.
func (u *Unavailable) Error() string { return "exchanger unavailable: " + u.Err.Error() }

// Unwrap returns the cause.
func (u *Unavailable) Unwrap() error { return u.Err }
