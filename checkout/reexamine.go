package checkout

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"mostrador/exchanger"
	"mostrador/models"
)

// Reexamined is what a second look at a notification found.
type Reexamined struct {
	Outcome, Reason string
	OrderNumber     int64 // of the payment that it is about; 0: none is known
}

// Reexamine verifies a notification that was not applied once more, with what is known by now: its payment's secret, the payments that the
// exchanger knows under its orderId, and today's names of the hash. Where it is proven it is applied as if it came now, in who's name. also
// runs in the same transaction, in the end. The error is a *Problem of kind Conflict when it was applied already, or its body was not kept
// whole.
func (s *Service) Reexamine(ctx context.Context, id int64, who string, also func(*models.Tx, Reexamined) error) (Reexamined, error) {
	n, err := s.store.NotificationByID(ctx, id)
	if err != nil {
		return Reexamined{}, err
	}
	if !Reexaminable(n) {
		return Reexamined{}, conflict("notification_settled")
	}
	body, err := s.store.Vault().BodyOf(n)
	if err != nil {
		return Reexamined{}, err
	}
	// Headers are not kept, so a hash that stood in one is not found again: such a notification is a hint now, and the exchanger is asked.
	said, err := exchanger.ParseNotification(n.ContentType, http.Header{}, body, s.opt.HashNames)
	if errors.Is(err, exchanger.ErrContentType) || errors.Is(err, exchanger.ErrUnreadable) {
		return s.judge(ctx, n, Reexamined{Outcome: n.Outcome, Reason: n.Reason}, also)
	}
	if err != nil {
		return Reexamined{}, err
	}
	p, proof, err := s.payerOf(ctx, n, said)
	if err != nil {
		return Reexamined{}, err
	}
	if p == nil || proof == exchanger.Wrong {
		return s.judge(ctx, n, Reexamined{Outcome: n.Outcome, Reason: n.Reason}, also)
	}
	f := notifiedFact(said, proof, body)
	f.Who = who
	var r Reexamined
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		row, err := tx.LockNotification(ctx, id)
		if err != nil {
			return err
		}
		if !Reexaminable(row) {
			return conflict("notification_settled")
		}
		d, err := s.applyTx(ctx, tx, p.OrderID, p.ID, f, nil)
		if err != nil {
			return err
		}
		row.PaymentID, row.Outcome, row.Reason, row.Status = &p.ID, d.Outcome, d.Reason, clip(string(f.Status), 60)
		if proof == exchanger.Unproven {
			row.Outcome = "hint"
		}
		if err := tx.JudgeNotification(ctx, row); err != nil {
			return err
		}
		o, err := tx.LockOrder(ctx, p.OrderID)
		if err != nil {
			return err
		}
		r = Reexamined{Outcome: row.Outcome, Reason: row.Reason, OrderNumber: o.Number}
		return also(tx, r)
	})
	if err != nil {
		return Reexamined{}, fmt.Errorf("re-examine notification %d: %w", id, err)
	}
	return r, nil
}

// Reexaminable tells whether a second look at a notification can change anything: it was not proven, and its body was kept whole.
func Reexaminable(n *models.Notification) bool {
	switch n.Outcome {
	case Refused, "unknown", "hint":
		return true
	case "unreadable":
		return n.Reason != "too_large"
	}
	return false
}

// judge leaves a notification as it was.
func (s *Service) judge(ctx context.Context, n *models.Notification, r Reexamined, also func(*models.Tx, Reexamined) error) (Reexamined, error) {
	err := s.store.InTx(ctx, func(tx *models.Tx) error { return also(tx, r) })
	if err != nil {
		return Reexamined{}, fmt.Errorf("re-examine notification %d: %w", n.ID, err)
	}
	return r, nil
}

// payerOf finds the payment that a notification is about: the one of the address that it came to, else the one whose secret proves it
// among those that the exchanger knows under its orderId. nil: there is none.
func (s *Service) payerOf(ctx context.Context, n *models.Notification, said exchanger.Notification) (*models.Payment, exchanger.Proof, error) {
	if n.PaymentID != nil {
		p, err := s.store.PaymentByID(ctx, *n.PaymentID)
		if err != nil {
			return nil, exchanger.Unproven, err
		}
		proof, err := s.proofOf(p, said)
		return p, proof, err
	}
	list, err := s.store.PaymentsByExchangeID(ctx, said.OrderID)
	if err != nil {
		return nil, exchanger.Unproven, err
	}
	for i := range list {
		proof, err := s.proofOf(&list[i], said)
		if err != nil {
			return nil, exchanger.Unproven, err
		}
		if proof == exchanger.Proven {
			return &list[i], proof, nil
		}
	}
	return nil, exchanger.Unproven, nil
}

func (s *Service) proofOf(p *models.Payment, said exchanger.Notification) (exchanger.Proof, error) {
	secret, err := s.store.Vault().IPNSecretOf(p)
	if err != nil {
		return exchanger.Unproven, nil // damaged: nothing can be proven by it any more
	}
	return said.Prove(secret), nil
}
