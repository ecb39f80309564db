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

// ReceiveNotification stores a notification and, where it is proven, applies it in the same transaction. answer is the HTTP status: 200 only
// after the commit. The error is a fault of ours: nothing was stored, and nothing may be acknowledged.
func (s *Service) ReceiveNotification(ctx context.Context, token string, r Received) (answer int, err error) {
	p, err := s.store.PaymentByToken(ctx, token)
	if errors.Is(err, models.ErrNotFound) {
		return http.StatusNotFound, s.recordRefused(ctx, nil, r, http.StatusNotFound, "unknown", "unknown_token")
	}
	if err != nil {
		return 0, err
	}
	if r.TooLarge {
		return http.StatusRequestEntityTooLarge, s.recordRefused(ctx, p, r, http.StatusRequestEntityTooLarge, "unreadable", "too_large")
	}
	n, err := exchanger.ParseNotification(r.ContentType, r.Header, r.Body, s.opt.HashNames)
	switch {
	case errors.Is(err, exchanger.ErrContentType):
		return http.StatusUnsupportedMediaType, s.recordRefused(ctx, p, r, http.StatusUnsupportedMediaType, "unreadable", "content_type")
	case err != nil:
		return http.StatusBadRequest, s.recordRefused(ctx, p, r, http.StatusBadRequest, "unreadable", "unreadable")
	}
	secret, err := s.store.Vault().IPNSecretOf(p)
	if err != nil {
		return 0, err
	}
	f := notifiedFact(n, n.Prove(secret), r.Body)
	answer = http.StatusOK
	if f.Proof == exchanger.Wrong {
		answer = http.StatusUnauthorized
	}
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		d, err := s.applyTx(ctx, tx, p.OrderID, p.ID, f, nil)
		if err != nil {
			return err
		}
		outcome := d.Outcome
		if f.Proof == exchanger.Unproven {
			outcome = "hint"
		}
		row := models.Notification{PaymentID: &p.ID, Answer: answer, Outcome: outcome, Reason: d.Reason, Status: clip(string(f.Status), 60), ContentType: clip(r.ContentType, 200), Remote: r.Remote}
		if answer == http.StatusUnauthorized {
			if err := s.noticeRefused(ctx, tx, p); err != nil {
				return err
			}
		}
		return tx.InsertNotification(ctx, &row, r.Body)
	})
	if err != nil {
		return 0, fmt.Errorf("store notification: %w", err)
	}
	return answer, nil
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
func (s *Service) recordRefused(ctx context.Context, p *models.Payment, r Received, answer int, outcome, reason string) error {
	row := models.Notification{Answer: answer, Outcome: outcome, Reason: reason, ContentType: clip(r.ContentType, 200), Remote: r.Remote}
	if p != nil {
		row.PaymentID = &p.ID
	}
	body := r.Body
	if len(body) > 4096 {
		body = body[:4096]
	}
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		n, err := tx.CountRefused(ctx)
		if err != nil || n >= 1000 {
			return err
		}
		return tx.InsertNotification(ctx, &row, body)
	})
	if err != nil {
		s.log.Warn("refused notification not kept", "error", err)
	}
	return nil // the answer does not depend on it
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
