package checkout

import (
	"errors"
	"fmt"
)

// Kind says what sort of refusal a Problem is; the edge makes an HTTP status of it.
type Kind int

// The kinds of refusal.
const (
	Invalid     Kind = iota + 1 // something that was sent is not usable: Field names it
	NotFound                    // there is no such thing, or it is not to be seen
	Conflict                    // it is not possible in the present state
	Unavailable                 // it may be possible later
	TooMany                     // too often: Wait says how long
	Forbidden                   // not with these rights
)

// Problem is a refusal that a person can act on. Every other error of this package is a fault of ours.
type Problem struct {
	Kind   Kind
	Field  string // form or JSON field; "" when the request as a whole is meant
	Code   string // message key below "problem.", such as route_below_min
	Args   []any  // pairs of name and value for the message: texts, money.Amount, Units, times
	Others []*Problem
}

// Error is for the log.
func (p *Problem) Error() string {
	if p.Field == "" {
		return p.Code
	}
	return fmt.Sprintf("%s: %s", p.Field, p.Code)
}

// All gives the problem and those that stand beside it.
func (p *Problem) All() []*Problem {
	list := []*Problem{p}
	return append(list, p.Others...)
}

func invalid(field, code string, args ...any) *Problem {
	return &Problem{Kind: Invalid, Field: field, Code: code, Args: args}
}

func notFound(code string) *Problem { return &Problem{Kind: NotFound, Code: code} }

func conflict(code string, args ...any) *Problem {
	return &Problem{Kind: Conflict, Code: code, Args: args}
}

// join makes one problem of several; nil of none.
func join(list []*Problem) *Problem {
	if len(list) == 0 {
		return nil
	}
	first := *list[0]
	first.Others = list[1:]
	return &first
}

// AsProblem finds the problem in an error.
func AsProblem(err error) (*Problem, bool) {
	var p *Problem
	ok := errors.As(err, &p)
	return p, ok
}

// Codes lists every problem code, for the test that each has a text in every language.
var Codes = []string{
	"amount_missing", "amount_not_number", "amount_ambiguous", "amount_decimals", "amount_not_positive", "amount_too_large", "amount_currency",
	"email_missing", "email_invalid", "route_missing", "route_unknown", "route_off", "route_below_min", "route_above_max", "route_no_reserve",
	"route_no_rate", "price_rose", "route_needs_verification", "route_site_down", "field_missing", "field_pattern", "field_refused", "field_too_long", "agreement_missing",
	"source_unknown", "cart_empty", "cart_short", "product_unknown", "quantity_invalid", "link_unknown", "link_over", "link_used_up",
	"order_unknown", "order_closed", "order_changed", "order_paid", "order_not_underpaid", "order_given_back", "order_not_decidable", "payment_under_way", "notification_settled", "nothing_sent_missing", "order_not_cancellable", "cancel_unanswered", "not_onsite",
	"attempt_reused", "too_many_orders", "exchanger_down", "refund_invalid", "refund_currency_code", "refund_too_much", "refund_currency", "refund_not_due", "refund_address_missing", "refund_address_invalid", "refund_network_missing", "refund_too_long", "refund_answer_missing", "refund_answer_long", "refund_reference_missing", "refund_answered", "refund_unknown", "metadata_invalid", "return_url_invalid", "expires_in_invalid", "number_invalid", "description_too_long", "text_invalid",
}
