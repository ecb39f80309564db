package checkout

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"mostrador/models"
)

// noteTx puts what a person did into the log of the order's newest payment, where there is one.
func (s *Service) noteTx(ctx context.Context, tx *models.Tx, orderID int64, kind, who, note string) ([]models.Payment, error) {
	list, err := tx.Payments(ctx, orderID)
	if err != nil || len(list) == 0 {
		return list, err
	}
	p := &list[len(list)-1]
	f := Fact{Source: FromPerson, Kind: FactNoted, Who: who, Note: note}
	if err := tx.AppendEvent(ctx, p, &models.Event{Source: FromPerson, Kind: kind, Outcome: Applied, Data: f.said(nil), Who: who}, nil); err != nil {
		return nil, err
	}
	return list, s.savePayment(ctx, tx, p)
}

// Accept takes an underpaid order, or one in review, as paid: a person has decided. version is the order's version that the person saw; 0: any.
// The error is a *Problem of kind Conflict when the order is in another state or changed meanwhile.
func (s *Service) Accept(ctx context.Context, orderID int64, who string, version int64) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		o, _, err := s.lockAll(ctx, tx, orderID)
		if err != nil {
			return err
		}
		why := o.ReviewReason
		switch {
		case version != 0 && version != o.Version:
			return conflict("order_changed")
		case o.Status == Underpaid:
			if err := s.whole(ctx, tx, o); err != nil {
				return err
			}
			why = Underpaid
		case o.Status == Review:
		default:
			return conflict("order_not_decidable")
		}
		accept(o, why)
		list, err := s.noteTx(ctx, tx, orderID, "accepted", who, why)
		if err != nil {
			return err
		}
		return s.settleOrder(ctx, tx, o, list, true)
	})
}

// AskForRest writes to the customer of an underpaid order, with the address at which the rest is paid. The error is a *Problem of kind
// Conflict when the order is not underpaid.
func (s *Service) AskForRest(ctx context.Context, orderID int64, who string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		o, _, err := s.lockAll(ctx, tx, orderID)
		if err != nil {
			return err
		}
		if o.Status != Underpaid {
			return conflict("order_not_underpaid")
		}
		if err := s.whole(ctx, tx, o); err != nil {
			return err
		}
		list, err := s.noteTx(ctx, tx, orderID, "asked_rest", who, "")
		if err != nil {
			return err
		}
		if err := s.Mail(ctx, tx, MailRest, o, o.Email, fmt.Sprintf("rest/%d/%d", o.ID, lastEvents(list))); err != nil {
			return err
		}
		return tx.SaveOrder(ctx, o)
	})
}

func lastEvents(list []models.Payment) int64 {
	if len(list) == 0 {
		return 0
	}
	return list[len(list)-1].Events
}

// RefundInput is a record of a refund: Mostrador moves no money.
type RefundInput struct {
	Amount, Currency, Reference, Reason, Address, Network string
	State                                                 string // asked, sent or refused; "": sent
}

var currencyCode = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,40}$`)

// refundAmount reads an amount and the code of its currency.
func refundAmount(text, currency string) (decimal.Decimal, []*Problem) {
	var problems []*Problem
	amount, err := decimal.NewFromString(strings.TrimSpace(text))
	if err != nil || amount.Sign() <= 0 || amount.Exponent() < -18 || amount.Exponent() > 12 || len(text) > 40 || strings.ContainsAny(text, "eE+") {
		problems = append(problems, invalid("amount", "refund_invalid"))
	}
	if !currencyCode.MatchString(currency) {
		problems = append(problems, invalid("currency", "refund_currency_code"))
	}
	return amount, problems
}

// check reads a refund, or names everything that is wrong with it.
func (r RefundInput) check() (decimal.Decimal, *Problem) {
	amount, problems := refundAmount(r.Amount, r.Currency)
	switch r.State {
	case "", RefundAsked, RefundSent, RefundRefused:
	default:
		problems = append(problems, invalid("state", "refund_invalid"))
	}
	for _, t := range []struct {
		field, text string
		most        int
	}{{"reference", r.Reference, maxRefundReference}, {"reason", r.Reason, maxRefundReason}, {"address", r.Address, 300}, {"network", r.Network, maxRefundNetwork}} {
		if p := textProblem(t.field, t.text, t.most, "refund_too_long"); p != nil {
			problems = append(problems, p)
		}
	}
	return amount, join(problems)
}

// within refuses what was sent, or is asked for, of more than there is to send back.
func (r RefundInput) within(o *models.Order, list []models.Payment, given []models.Refund, amount decimal.Decimal) *Problem {
	if r.State == RefundRefused {
		return nil
	}
	return refundable(o, list, given, amount, r.Currency)
}

// TryRefund tells what Refund would refuse, and writes nothing: so that nobody is asked whether they are sure of what cannot be.
func (s *Service) TryRefund(ctx context.Context, o *models.Order, r RefundInput) error {
	amount, problem := r.check()
	if problem != nil {
		return problem
	}
	list, err := s.Payments(ctx, o)
	if err != nil {
		return err
	}
	given, err := s.store.Refunds(ctx, o.ID)
	if err != nil {
		return err
	}
	if p := r.within(o, list, given, amount); p != nil {
		return p
	}
	return nil
}

// Refund records a refund of an order; also is written in the same transaction. The error is a *Problem when an amount or currency is not one.
func (s *Service) Refund(ctx context.Context, orderID int64, r RefundInput, who string, also ...func(*models.Tx, *models.Refund) error) (*models.Refund, error) {
	amount, problem := r.check()
	if problem != nil {
		return nil, problem
	}
	state := r.State
	if state == "" {
		state = RefundSent
	}
	row := &models.Refund{PublicID: models.PublicID("rf"), OrderID: orderID, State: state, Amount: decimal.NewNullDecimal(amount), Currency: r.Currency,
		Reference: r.Reference, Reason: r.Reason, Network: r.Network, CreatedBy: who}
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		o, list, err := s.lockAll(ctx, tx, orderID)
		if err != nil {
			return err
		}
		given, err := tx.Refunds(ctx, orderID)
		if err != nil {
			return err
		}
		if p := r.within(o, list, given, amount); p != nil {
			return p
		}
		row.Unpaid = unpaid(o)
		if err := tx.InsertRefund(ctx, row, r.Address); err != nil {
			return err
		}
		list, err = s.noteTx(ctx, tx, orderID, "refund", who, amount.String()+" "+r.Currency+" "+state)
		if err != nil {
			return err
		}
		o.Refunded = refunded(o, list, append(given, *row))
		if err := tx.SaveOrder(ctx, o); err != nil {
			return err
		}
		for _, f := range also {
			if err := f(tx, row); err != nil {
				return err
			}
		}
		if state != "sent" {
			return nil
		}
		return s.emit(ctx, tx, o, list, "refunded")
	})
	if err != nil {
		return nil, err
	}
	return row, nil
}

// ResendReceipt mails the receipt of a paid order again.
func (s *Service) ResendReceipt(ctx context.Context, orderID int64, who string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		o, _, err := s.lockAll(ctx, tx, orderID)
		if err != nil {
			return err
		}
		if o.PaidAt == nil {
			return conflict("order_not_decidable")
		}
		list, err := s.noteTx(ctx, tx, orderID, "receipt_sent", who, "")
		if err != nil {
			return err
		}
		return s.Mail(ctx, tx, MailReceipt, o, o.Email, fmt.Sprintf("receipt/%d/%d", o.ID, lastEvents(list)))
	})
}

// How long the same address is not mailed again to whoever asks: twice as long after each mail of a day, and never so long that who deleted one waits for hours.
const (
	findAgain     = time.Minute
	findAgainMost = 30 * time.Minute
)

// Find mails the address of the order page again when number and e-mail belong together. Whoever asks hears the same: nothing. Only what was really mailed
// makes the next one wait, so that strangers who guess take nothing from the customer, and who knows both has made the customer get the mail.
func (s *Service) Find(ctx context.Context, number, email string) error {
	n, err := strconv.ParseInt(strings.TrimLeft(strings.TrimSpace(number), "#"), 10, 64)
	if err != nil || n <= 0 {
		return invalid("number", "number_invalid")
	}
	email, p := checkEmail(email, true)
	if p != nil {
		return p
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		o, err := tx.OrderByNumberAndEmail(ctx, n, email)
		if err != nil || o == nil {
			return err
		}
		n, last, err := tx.MailsSince(ctx, o.ID, MailFind, tx.Now().Add(-24*time.Hour))
		if err != nil {
			return err
		}
		if wait := min(findAgain<<min(max(n-1, 0), 10), findAgainMost); n > 0 && tx.Now().Before(last.Add(wait)) {
			return nil
		}
		return s.Mail(ctx, tx, MailFind, o, o.Email, fmt.Sprintf("find/%d/%d", o.ID, tx.Now().UnixMicro()))
	})
}
