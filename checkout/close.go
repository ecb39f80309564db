package checkout

import (
	"context"
	"errors"
	"time"

	"mostrador/exchanger"
	"mostrador/models"
)

const expireBatch = 200

// ExpireDue closes the open orders whose time to pay ran out, each after one more pull of its payments (rule 12), and returns how many. While the
// exchanger does not answer, closing waits, but no longer than the time that an order is open anyway.
func (s *Service) ExpireDue(ctx context.Context) (int, error) {
	ctx = exchanger.Background(ctx)
	ids, err := s.store.DueOrders(ctx, s.store.Now(), expireBatch)
	if err != nil {
		return 0, err
	}
	closed := 0
	for _, id := range ids {
		if ctx.Err() != nil {
			return closed, ctx.Err()
		}
		ok, err := s.expire(ctx, id)
		if err != nil {
			s.log.Error("order not closed", "error", err)
			continue
		}
		if ok {
			closed++
		}
	}
	return closed, nil
}

func (s *Service) expire(ctx context.Context, orderID int64) (bool, error) {
	o, err := s.store.OrderByID(ctx, orderID)
	if err != nil {
		return false, err
	}
	answered, err := s.pullBefore(ctx, orderID, o.ExpiresAt)
	if err != nil {
		return false, err
	}
	closed := false
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		closed = false
		o, _, err := s.lockAll(ctx, tx, orderID)
		if err != nil {
			return err
		}
		grace := min(s.opt.OrderExpiry, time.Hour)
		if o.Status != Open || o.ExpiresAt.After(tx.Now()) || !answered && tx.Now().Before(o.ExpiresAt.Add(grace)) {
			return nil
		}
		closed = true
		return s.closeTx(ctx, tx, o, Expired, "")
	})
	return closed, err
}

// pullBefore pulls what is live of an order; answered is false when the exchanger did not answer for one of them. With a moment given nobody waits:
// a late answer from after it is enough, and others are asked for at the pace of background pulls, however many orders are to be closed.
func (s *Service) pullBefore(ctx context.Context, orderID int64, since time.Time) (answered bool, err error) {
	list, err := s.store.Payments(ctx, orderID)
	if err != nil {
		return false, err
	}
	answered = true
	for i := range list {
		p := &list[i]
		if p.Phase == PhaseCreating {
			answered = false
		}
		if !Pullable(p) {
			continue
		}
		if !since.IsZero() && s.answeredLately(p, since) {
			continue
		}
		if !s.up(p.SiteID) {
			answered = false
			continue
		}
		if !since.IsZero() {
			if err := s.paceOf(p.SiteID).Wait(ctx); err != nil {
				return false, err
			}
		}
		_, err := s.Pull(ctx, p.ID, "")
		var refused *exchanger.Refused
		if err != nil && !errors.As(err, &refused) {
			answered = false
		}
	}
	return answered, nil
}

// answeredLately tells whether the exchanger has told of a payment after a moment, and not long ago: after a long stop it is asked again.
func (s *Service) answeredLately(p *models.Payment, since time.Time) bool {
	if p.PulledAt == nil || p.PullFailures > 0 || !p.PulledAt.After(since) {
		return false
	}
	age := s.store.Now().Sub(*p.PulledAt)
	return age >= 0 && age <= s.opt.Poll.Max
}

// closeTx closes a locked order: stock goes back, its payments stay watched.
func (s *Service) closeTx(ctx context.Context, tx *models.Tx, o *models.Order, how, who string) error {
	list, err := tx.Payments(ctx, o.ID)
	if err != nil {
		return err
	}
	now := tx.Now()
	o.Closed = how
	source := FromTimer
	if who != "" {
		source = FromPerson
	}
	for i := range list {
		p := &list[i]
		f := Fact{Source: source, Kind: FactNoted, Who: who, Note: how}
		if err := tx.AppendEvent(ctx, p, &models.Event{Source: source, Kind: how, Outcome: Applied, Data: f.said(nil), Who: who}, nil); err != nil {
			return err
		}
		closedAt := *o
		closedAt.ClosedAt = &now
		p.NextPullAt = s.nextPull(p, &closedAt, now)
		if err := s.savePayment(ctx, tx, p); err != nil {
			return err
		}
	}
	return s.settleOrder(ctx, tx, o, list, true)
}

// Cancel closes an unpaid order: its payments are pulled, then cancelled at the exchanger where that is possible, and stay watched. The error
// is a *Problem of kind Conflict when money is on its way or the order is not open.
func (s *Service) Cancel(ctx context.Context, orderID int64, who string) error {
	return s.cancel(ctx, orderID, who, func(o *models.Order, _ []models.Payment) bool { return o.Status == Open }, false)
}

// CancelTold is Cancel for an order of which nothing is known but that its customer says it is paid (see OnlyTold): a person has confirmed that its goods
// are given back. Its payment is not cancelled at the exchanger, where the money may be, and stays watched.
func (s *Service) CancelTold(ctx context.Context, orderID int64, who string) error {
	return s.cancel(ctx, orderID, who, OnlyTold, true)
}

// OnlyTold tells whether an order is pending on its customer's word alone: "I have paid" was pressed, and the exchanger has not gone on since. It proves
// nothing (rule 4), and whoever has the page can say it.
func OnlyTold(o *models.Order, list []models.Payment) bool {
	told := false
	for i := range list {
		p := &list[i]
		if p.SettledAt != nil || !underWay(exchanger.Status(p.Status)) {
			continue
		}
		if told = onWord(p); !told {
			return false
		}
	}
	return told && o.Status == Pending
}

// onWord tells whether a payment is under way on the customer's word alone.
func onWord(p *models.Payment) bool {
	return p.Status == string(exchanger.StatusInProgress) && hasFlag(p.Flags, flagTold)
}

func (s *Service) cancel(ctx context.Context, orderID int64, who string, may func(*models.Order, []models.Payment) bool, sure bool) error {
	ctx = context.WithoutCancel(ctx)
	answered, err := s.pullBefore(ctx, orderID, time.Time{})
	if err != nil {
		return err
	}
	o, err := s.store.OrderByID(ctx, orderID)
	if err != nil {
		return err
	}
	if o.Status == Cancelled {
		return nil
	}
	list, err := s.store.Payments(ctx, orderID)
	if err != nil {
		return err
	}
	if !may(o, list) {
		return conflict("order_not_cancellable")
	}
	if sure && !answered { // money may have come since the exchanger was last heard: the goods stay held
		return &Problem{Kind: Unavailable, Code: "cancel_unanswered"}
	}
	for i := range list {
		s.cancelThere(ctx, &list[i], "order cancelled")
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		o, list, err := s.lockAll(ctx, tx, orderID)
		if err != nil {
			return err
		}
		if !may(o, list) { // something came in meanwhile
			return conflict("order_not_cancellable")
		}
		if who == "" {
			who = "customer"
		}
		return s.closeTx(ctx, tx, o, Cancelled, who)
	})
}

// cancelThere asks the exchanger to cancel a payment's exchange order, where it still waits for money. Whether that worked is noted; the
// payment is watched either way.
func (s *Service) cancelThere(ctx context.Context, p *models.Payment, why string) {
	status := exchanger.Status(p.Status)
	if !Pullable(p) || status != exchanger.StatusNew && status != exchanger.StatusWaitPayment {
		return
	}
	note := why
	if err := s.updateStatus(ctx, p, exchanger.StatusDeleted); err != nil {
		note += ": " + cut(err.Error(), 200)
	}
	if err := s.note(ctx, p.OrderID, p.ID, Fact{Source: FromForm, Kind: FactCancelSent, Note: note}); err != nil {
		s.log.Warn("cancelling not noted", "error", err)
	}
	s.pullBehind(ctx, p.ID)
}

func (s *Service) updateStatus(ctx context.Context, p *models.Payment, to exchanger.Status) error {
	secret, err := s.store.Vault().SecretOf(p)
	if err != nil {
		return err
	}
	c, err := s.client(ctx, p.SiteID)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.opt.Timeout)
	defer cancel()
	err = c.UpdateStatus(ctx, p.UID, secret, to)
	s.keepHealth(ctx, p.SiteID)
	return err
}

// supersede marks an earlier attempt as replaced and cancels it at the exchanger where that is possible.
func (s *Service) supersede(ctx context.Context, orderID, paymentID int64, why string) {
	d, err := s.Apply(ctx, orderID, paymentID, Fact{Source: FromForm, Kind: FactSuperseded, Note: why})
	if err != nil {
		s.log.Error("earlier attempt not marked", "error", err)
		return
	}
	s.cancelThere(ctx, &d.Next, why)
}

// SayPaid tells the exchanger that the customer has paid: with prepayment the merchant's site must move the exchange order from
// waitPayment to inProgress [doc]. The error is a *Problem when there is nothing to say it about or the exchanger does not answer.
func (s *Service) SayPaid(ctx context.Context, o *models.Order) error {
	ctx = context.WithoutCancel(ctx)
	list, err := s.store.Payments(ctx, o.ID)
	if err != nil {
		return err
	}
	p := Current(list)
	if p == nil || !Pullable(p) {
		return conflict("not_onsite")
	}
	status := exchanger.Status(p.Status)
	if status == exchanger.StatusNew || status == exchanger.StatusWaitPayment {
		if err := s.note(ctx, o.ID, p.ID, Fact{Source: FromForm, Kind: FactToldPaid}); err != nil { // before the exchanger says it too
			return err
		}
		if err = s.updateStatus(ctx, p, exchanger.StatusInProgress); err != nil {
			if nerr := s.note(ctx, o.ID, p.ID, Fact{Source: FromForm, Kind: FactNoted, Note: "not told: " + cut(err.Error(), 200)}); nerr != nil {
				return nerr
			}
		}
	}
	if perr := s.pullAsked(ctx, p.ID); perr != nil && err == nil {
		err = perr
	}
	var refused *exchanger.Refused
	if err != nil && !errors.As(err, &refused) {
		return s.down(err)
	}
	return nil
}
