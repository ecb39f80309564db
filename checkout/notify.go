package checkout

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"mostrador/exchanger"
	"mostrador/models"
)

// Received is a request to a notification address.
type Received struct {
	ContentType string
	Header      http.Header
	Body        []byte
	TooLarge    bool // it went on past 64 KiB: Body is the beginning
	Remote      string
}

// ReceiveNotification stores a notification and, where it is proven, applies it, in one transaction. answer is the HTTP status: 200 only
// after the commit. The error is a fault of ours: nothing was stored, and nothing may be acknowledged.
func (s *Service) ReceiveNotification(ctx context.Context, token string, r Received) (answer int, err error) {
	n, unread := exchanger.ParseNotification(r.ContentType, r.Header, r.Body, s.opt.HashNames)
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		answer = 0 // it may run again
		o, list, i, err := tx.LockByToken(ctx, token)
		switch {
		case errors.Is(err, models.ErrNotFound):
			answer = http.StatusNotFound
			return s.recordRefused(ctx, tx, nil, r, answer, "unknown", "unknown_token")
		case err != nil:
			return err
		case r.TooLarge:
			answer = http.StatusRequestEntityTooLarge
			return s.recordRefused(ctx, tx, &list[i].ID, r, answer, "unreadable", "too_large")
		case errors.Is(unread, exchanger.ErrContentType):
			answer = http.StatusUnsupportedMediaType
			return s.recordRefused(ctx, tx, &list[i].ID, r, answer, "unreadable", "content_type")
		case unread != nil:
			answer = http.StatusBadRequest
			return s.recordRefused(ctx, tx, &list[i].ID, r, answer, "unreadable", "unreadable")
		}
		answer, err = s.takeNotification(ctx, tx, o, list, i, n, r)
		return err
	})
	if err != nil && answer != 0 && answer != http.StatusOK && answer != http.StatusUnauthorized { // the answer does not depend on keeping it
		s.log.Warn("refused notification not kept", "error", err)
		return answer, nil
	}
	if err != nil {
		return 0, fmt.Errorf("store notification: %w", err)
	}
	return answer, nil
}

// takeNotification applies what a readable notification says and keeps the notification itself.
func (s *Service) takeNotification(ctx context.Context, tx *models.Tx, o *models.Order, list []models.Payment, i int, n exchanger.Notification, r Received) (int, error) {
	if err := s.checkRows(ctx, tx, o, list); err != nil {
		return 0, err
	}
	proof := exchanger.Unproven // the secret that would prove it was damaged: the exchanger is asked
	if secret, err := tx.Vault().IPNSecretOf(&list[i]); err == nil {
		proof = n.Prove(secret)
	}
	f := notifiedFact(n, proof, r.Body)
	answer := http.StatusOK
	if f.Proof == exchanger.Wrong {
		answer = http.StatusUnauthorized
	}
	id := list[i].ID
	d, err := s.applyLocked(ctx, tx, o, list, i, f, nil)
	if err != nil {
		return 0, err
	}
	outcome := d.Outcome
	if f.Proof == exchanger.Unproven {
		outcome = "hint"
	}
	row := models.Notification{PaymentID: &id, Answer: answer, Outcome: outcome, Reason: d.Reason, Status: clip(string(f.Status), 60), ContentType: clip(r.ContentType, 200), Remote: r.Remote}
	if answer == http.StatusUnauthorized {
		if err := s.noticeRefused(ctx, tx, &list[i]); err != nil {
			return 0, err
		}
	}
	return answer, tx.InsertNotification(ctx, &row, r.Body)
}

// notifiedFact says what a notification tells. orderUID and toValues are not signed: they are no facts (rule 4).
func notifiedFact(n exchanger.Notification, proof exchanger.Proof, body []byte) Fact {
	f := Fact{Source: FromNotification, Kind: FactNotified, Proof: proof, Status: exchanger.Status(clip(string(n.NewStatus), 60)), FromXML: n.XMLFrom, ToXML: n.XMLTo,
		Stamp: millis(n.At), OrderID: n.OrderID, Raw: body}
	if n.AmountsKnown {
		f.In, f.Out = decimal.NewNullDecimal(n.In), decimal.NewNullDecimal(n.Out)
	}
	return f
}

// recordRefused keeps what could not be taken for a notification. Strangers can send such things for ever, so past a number an hour they
// are answered and not kept.
func (s *Service) recordRefused(ctx context.Context, tx *models.Tx, paymentID *int64, r Received, answer int, outcome, reason string) error {
	n, err := tx.CountRefused(ctx)
	if err != nil || n >= 1000 {
		return err
	}
	row := models.Notification{PaymentID: paymentID, Answer: answer, Outcome: outcome, Reason: reason, ContentType: clip(r.ContentType, 200), Remote: r.Remote}
	return tx.InsertNotification(ctx, &row, r.Body[:min(len(r.Body), 4096)])
}

// clip cuts what a stranger sent to n bytes of valid text without NUL, which PostgreSQL refuses.
func clip(s string, n int) string {
	out := make([]rune, 0, min(len(s), n))
	size := 0
	for _, r := range s {
		if r == 0 || r == utf8.RuneError {
			continue
		}
		if size += utf8.RuneLen(r); size > n {
			break
		}
		out = append(out, r)
	}
	return string(out)
}
