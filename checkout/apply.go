package checkout

import (
	"context"
	"fmt"
	"reflect"

	"mostrador/models"
)

// Apply records what was learnt of a payment and moves the payment, its order and what follows from it, all or nothing. The caller has
// proven f or marked it as a hint. Safe to repeat: the same fact again is recorded and moves nothing.
func (s *Service) Apply(ctx context.Context, orderID, paymentID int64, f Fact) (Decision, error) {
	var d Decision
	err := s.store.InTx(ctx, func(tx *models.Tx) (err error) {
		d, err = s.applyTx(ctx, tx, orderID, paymentID, f, nil)
		return err
	})
	return d, err
}

// applyTx is the one function that decides and writes. also may set columns that no fact decides (secrets, bookkeeping of pulls).
func (s *Service) applyTx(ctx context.Context, tx *models.Tx, orderID, paymentID int64, f Fact, also func(*models.Payment)) (Decision, error) {
	o, list, err := s.lockAll(ctx, tx, orderID)
	if err != nil {
		return Decision{}, err
	}
	i := index(list, paymentID)
	if i < 0 {
		return Decision{}, fmt.Errorf("payment %d of order %d: %w", paymentID, o.Number, models.ErrNotFound)
	}
	return s.applyLocked(ctx, tx, o, list, i, f, also)
}

// applyLocked is applyTx for an order that is locked and read already; f is about the payment i of its list.
func (s *Service) applyLocked(ctx context.Context, tx *models.Tx, o *models.Order, list []models.Payment, i int, f Fact, also func(*models.Payment)) (Decision, error) {
	d := decide(list[i], f, tx.Now(), s.opt.Rules)
	p := d.Next
	changed := changes(list[i], p)
	if also != nil {
		also(&p)
	}
	if !d.Quiet {
		e := models.Event{Source: f.Source, Kind: f.Kind, Outcome: d.Outcome, Reason: d.Reason, Status: string(f.Status), Data: f.said(changed), RequestID: f.RequestID, Who: f.Who}
		if err := tx.AppendEvent(ctx, &p, &e, f.Raw); err != nil {
			return d, err
		}
	}
	now := tx.Now()
	p.NextPullAt = s.nextPull(&p, o, now)
	if d.Pull && Pullable(&p) {
		p.NextPullAt = &now
	}
	if err := s.savePayment(ctx, tx, &p); err != nil {
		return d, err
	}
	before := list[i].Status
	list[i], d.Next = p, p
	if err := s.noticePayment(ctx, tx, o, before, &p); err != nil {
		return d, err
	}
	return d, s.settleOrder(ctx, tx, o, list, len(changed) > 0)
}

func index(list []models.Payment, id int64) int {
	for i := range list {
		if list[i].ID == id {
			return i
		}
	}
	return -1
}

// settleOrder brings an order in line with its payments and does what follows from a change: stock, link, events, webhooks and mail,
// in the transaction of the change (rule 8).
func (s *Service) settleOrder(ctx context.Context, tx *models.Tx, o *models.Order, list []models.Payment, touched bool) error {
	before := *o
	if err := s.freedLink(ctx, tx, o); err != nil {
		return err
	}
	*o = conclude(*o, list, s.opt.Rules, tx.Now())
	if o.Status == Paid && before.Status != Paid { // what is paid stays so, whatever is given back of it
		refunds, err := tx.Refunds(ctx, o.ID)
		if err != nil {
			return err
		}
		*o = heldBack(before, *o, refunds)
	}
	if err := s.moveStock(ctx, tx, o, list); err != nil {
		return err
	}
	if closing(o.Status) && !closing(before.Status) {
		now := tx.Now()
		o.ClosedAt = &now
	}
	if err := s.moveLink(ctx, tx, o, list, closing(before.Status)); err != nil {
		return err
	}
	if !touched && reflect.DeepEqual(before, *o) {
		return nil
	}
	if err := tx.SaveOrder(ctx, o); err != nil {
		return err
	}
	return s.tellChange(ctx, tx, &before, o, list)
}

// tellChange tells the merchant and the customer of a new status, of each once. Back to open is not told; so who left that for what was told last has
// nothing new to say. An order that was paid and is paid again after a review or a shortage is told as one more event of that kind, never as
// order.paid: goods may be sent at that.
func (s *Service) tellChange(ctx context.Context, tx *models.Tx, before, o *models.Order, list []models.Payment) error {
	switch {
	case o.Status == before.Status && o.ReviewReason == before.ReviewReason, o.Status == Open:
		return nil
	case o.Status == Paid && before.PaidAt != nil:
		return s.tell(ctx, tx, o, list, before.Status)
	case before.Status == Open && o.Status != Review: // each review is told, its reason may be another
		last, err := tx.LastTold(ctx, o.ID)
		if err != nil || last == "order."+o.Status {
			return err
		}
	}
	return s.emit(ctx, tx, o, list, o.Status)
}

// closing tells whether a status ends an order without goods.
func closing(status string) bool {
	return status == Expired || status == Cancelled || status == Returned
}

// moveStock takes the goods of a paid order off the shelf and gives those of a closed one back (rule 15).
func (s *Service) moveStock(ctx context.Context, tx *models.Tx, o *models.Order, list []models.Payment) error {
	switch {
	case o.Status == Paid && (o.Stock == StockHeld || o.Stock == StockReleased || o.Stock == StockShort):
		ok, err := s.takeStock(ctx, tx, o)
		if err != nil {
			return err
		}
		if ok {
			o.Stock = StockTaken
			return nil
		}
		if accepted(o, WhyOutOfStock) { // a person delivers it all the same
			return nil
		}
		s.short(tx, o, list)
	case closing(o.Status) && o.Stock == StockHeld:
		lines, err := tx.OrderLines(ctx, o.ID)
		if err != nil {
			return err
		}
		for _, l := range byProduct(lines) {
			if err := tx.ReleaseStock(ctx, *l.ProductID, l.Quantity); err != nil {
				return err
			}
		}
		o.Stock = StockReleased
	}
	return nil
}

// moveLink gives the use of a payment link back when its order closes, and takes it again when that order lives again. One that was sold to another
// meanwhile is a shortage like that of goods: a person decides.
func (s *Service) moveLink(ctx context.Context, tx *models.Tx, o *models.Order, list []models.Payment, wasClosed bool) error {
	switch {
	case o.LinkID == nil || closing(o.Status) == wasClosed:
		return nil
	case closing(o.Status):
		if o.Stock == StockShort {
			o.Stock = StockNone
		}
		return tx.UnuseLink(ctx, *o.LinkID)
	}
	free, err := tx.ReuseLink(ctx, *o.LinkID)
	switch {
	case err != nil, free:
		return err
	case o.Status != Paid: // whatever it goes through before it is paid, its use was another's
		o.Stock = StockShort
	case !accepted(o, WhyOutOfStock):
		s.short(tx, o, list)
	}
	return nil
}

// freedLink takes back that the use of a link was another's when an order came back, where it is free by the time that money comes.
func (s *Service) freedLink(ctx context.Context, tx *models.Tx, o *models.Order) error {
	if o.LinkID == nil || o.Stock != StockShort || o.PaidAt != nil || o.Status == Paid || o.ReviewReason == WhyOutOfStock || closing(o.Status) {
		return nil
	}
	over, err := tx.LinkOversold(ctx, *o.LinkID)
	if err == nil && !over {
		o.Stock = StockNone
	}
	return err
}

// short makes a review of an order that was to be paid now: what it sells is not to be had.
func (s *Service) short(tx *models.Tx, o *models.Order, list []models.Payment) {
	paid := o.PaidAt
	o.Stock = StockShort
	*o = conclude(*o, list, s.opt.Rules, tx.Now())
	if paid != nil && paid.Equal(tx.Now()) {
		o.PaidAt = nil
	}
}

// takeStock takes all or nothing: what was taken before a shortage is put back.
func (s *Service) takeStock(ctx context.Context, tx *models.Tx, o *models.Order) (bool, error) {
	all, err := tx.OrderLines(ctx, o.ID)
	if err != nil {
		return false, err
	}
	lines := byProduct(all)
	held := o.Stock == StockHeld
	for i, l := range lines {
		ok, err := tx.TakeStock(ctx, *l.ProductID, l.Quantity, held)
		if err != nil {
			return false, err
		}
		if ok {
			continue
		}
		for _, back := range lines[:i] {
			if err := tx.PutBackStock(ctx, *back.ProductID, back.Quantity, held); err != nil {
				return false, err
			}
		}
		if held { // the promise cannot be kept: what is still held is free for others
			for _, l := range lines {
				if err := tx.ReleaseStock(ctx, *l.ProductID, l.Quantity); err != nil {
					return false, err
				}
			}
		}
		return false, nil
	}
	return true, nil
}

// byProduct gives the lines of products that still exist, in the order in which everybody locks products.
func byProduct(lines []models.OrderLine) []models.OrderLine {
	var out []models.OrderLine
	for _, l := range lines {
		if l.ProductID != nil {
			out = append(out, l)
		}
	}
	for i := 1; i < len(out); i++ {
		for j := i; j > 0 && *out[j].ProductID < *out[j-1].ProductID; j-- {
			out[j], out[j-1] = out[j-1], out[j]
		}
	}
	return out
}
