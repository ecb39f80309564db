package checkout

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"mostrador/models"
)

// RefundAnswer is what a person decides about a refund that a customer asked for.
type RefundAnswer struct {
	Sent             bool // it was sent; otherwise it is refused
	Amount, Currency string
	Reference        string // of what was sent: a transaction id
	Answer           string // what the customer reads: why not, or anything to add
}

// check is the amount that was sent, or everything that is wrong with the answer.
func (a RefundAnswer) check() (amount decimal.NullDecimal, problem *Problem) {
	var problems []*Problem
	if a.Sent {
		sent, wrong := refundAmount(a.Amount, a.Currency)
		amount, problems = decimal.NewNullDecimal(sent), wrong
		if a.Reference == "" {
			problems = append(problems, invalid("reference", "refund_reference_missing"))
		} else if p := textProblem("reference", a.Reference, maxRefundReference, "refund_reference_missing"); p != nil {
			problems = append(problems, p)
		}
	}
	if !a.Sent && a.Answer == "" {
		problems = append(problems, invalid("answer", "refund_answer_missing"))
	} else if p := textProblem("answer", a.Answer, 500, "refund_answer_long"); p != nil {
		problems = append(problems, p)
	}
	return amount, join(problems)
}

// AnswerRefund says what became of a refund that a customer asked for: they see it on their page. No money moves. The error is a *Problem: Invalid when
// something is missing, Conflict when somebody answered before, NotFound when the order has no such refund.
func (s *Service) AnswerRefund(ctx context.Context, orderID int64, publicID string, a RefundAnswer, who string) error {
	a.Amount, a.Currency, a.Reference, a.Answer = strings.TrimSpace(a.Amount), strings.TrimSpace(a.Currency), strings.TrimSpace(a.Reference), strings.TrimSpace(a.Answer)
	amount, problem := a.check()
	if problem != nil {
		return problem
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		o, list, err := s.lockAll(ctx, tx, orderID)
		if err != nil {
			return err
		}
		r, err := tx.RefundOf(ctx, orderID, publicID)
		if errors.Is(err, models.ErrNotFound) {
			return notFound("refund_unknown")
		}
		if err != nil {
			return err
		}
		if r.State != "asked" {
			return conflict("refund_answered")
		}
		now := tx.Now()
		r.State, r.Answer, r.AnsweredBy, r.AnsweredAt = "refused", a.Answer, who, &now
		note := r.State
		if a.Sent {
			given, err := tx.Refunds(ctx, orderID)
			if err != nil {
				return err
			}
			if p := refundable(o, list, given, amount.Decimal, a.Currency); p != nil {
				return p
			}
			r.State, r.Amount, r.Currency, r.Reference = "sent", amount, a.Currency, a.Reference
			given = slices.DeleteFunc(given, func(x models.Refund) bool { return x.PublicID == r.PublicID })
			o.Refunded = refunded(o, list, append(given, *r))
			note = amount.Decimal.String() + " " + a.Currency + " " + r.State
		}
		if err := tx.SaveRefund(ctx, r); err != nil {
			return err
		}
		if list, err = s.noteTx(ctx, tx, orderID, "refund", who, note); err != nil {
			return err
		}
		save := func() error { return tx.SaveOrder(ctx, o) }
		if o.ReviewReason == WhyPaidAfterRefund { // refused, what came meanwhile counts
			save = func() error { return s.settleOrder(ctx, tx, o, list, true) }
		}
		if err := save(); err != nil {
			return err
		}
		if !a.Sent {
			return s.mailData(ctx, tx, MailRefused, o, o.Email, o.Lang, MailRefused+"/"+r.PublicID, `{"refund":"`+r.PublicID+`"}`)
		}
		return s.emit(ctx, tx, o, list, "refunded")
	})
}
