package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"mostrador/checkout"
	"mostrador/models"
)

const (
	logBatch = 500
	logShown = 50 // mismatches that get a line of their own
)

// eventLogs replays the log of every payment: each event's digest, the chain, and that they add up to the row. It holds one batch at a time.
func (d *patient) eventLogs(ctx context.Context) error {
	seals, err := checkout.NewSeals(d.store.Vault())
	if err != nil {
		return err
	}
	var seen, events, wrong, changed int
	for after := int64(0); ; {
		batch, err := d.store.PaymentsAfter(ctx, after, logBatch)
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			break
		}
		after = batch[len(batch)-1].ID
		ids := make([]int64, len(batch))
		for i := range batch {
			ids[i] = batch[i].ID
		}
		logs, err := d.store.EventsOfPayments(ctx, ids)
		if err != nil {
			return err
		}
		for i := range batch {
			seen++
			events += len(logs[batch[i].ID])
			n, err := d.verify(ctx, batch[i], logs[batch[i].ID], wrong)
			if err != nil {
				return err
			}
			wrong += n
			if n == 0 && seals.Broken(&batch[i]) {
				if n, err = d.sealed(ctx, seals, batch[i].ID); err != nil {
					return err
				}
				wrong += n
			}
			if n == 0 {
				put, err := d.putBack(ctx, batch[i], logs[batch[i].ID])
				if err != nil {
					return err
				}
				changed += put
			}
		}
	}
	orphans, err := d.store.OrphanPayments(ctx, logShown)
	if err != nil {
		return err
	}
	for _, p := range orphans {
		wrong++
		d.fail(fmt.Sprintf("payment %d (uid %s) belongs to order id %d, which is not there", p.ID, orDash(p.UID), p.OrderID),
			"somebody or something wrote to the database behind the shop's back: look this payment up at the exchanger, find out who can write here, restore a backup if in doubt")
	}
	shared, err := d.store.SharedUIDs(ctx, logShown)
	if err != nil {
		return err
	}
	for _, uid := range shared {
		d.fail("exchange order "+uid+" stands with more than one payment, and pays one alone", "look it up at the exchanger, and look through the orders that a search for its number finds on the desk")
	}
	switch {
	case wrong == 0 && changed == 0:
		d.ok("event logs: %d events of %d payments prove themselves and add up", events, seen)
	case wrong > logShown:
		d.fail(fmt.Sprintf("event logs: %d differences, %d of them shown", wrong, logShown), "as above")
	}
	return nil
}

// verify returns how many differences a payment has. The row and its log were read one after the other, so a difference counts only when it
// is there in one look at both.
func (d *patient) verify(ctx context.Context, p models.Payment, log []models.Event, before int) (int, error) {
	if len(checkout.Verify(p, log)) == 0 {
		return 0, nil
	}
	p, log, err := d.store.PaymentWithLog(ctx, p.ID)
	if err != nil {
		return 0, err
	}
	found := checkout.Verify(p, log)
	for i, m := range found {
		if before+i >= logShown {
			break
		}
		if err := d.mismatch(ctx, p, m); err != nil {
			return 0, err
		}
	}
	return len(found), nil
}

// sealed says that a row does not fit its seal, where it does not in one look at row and log; it returns 1 then.
func (d *patient) sealed(ctx context.Context, seals checkout.Seals, id int64) (int, error) {
	p, _, err := d.store.PaymentWithLog(ctx, id)
	if err != nil || !seals.Broken(&p) {
		return 0, err
	}
	return 1, d.mismatch(ctx, p, checkout.Mismatch{PaymentID: id, What: "seal", Row: "of another row", Log: "that of what was written here"})
}

// claims looks whether orders claim to be paid, or accepted, and their payments do not bear it out.
func (d *patient) claims(ctx context.Context) error {
	rules := checkout.OptionsOf(d.cfg).Rules
	seen, wrong := 0, 0
	for after := int64(0); ; {
		batch, err := d.store.ClaimingOrders(ctx, after, logBatch)
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			break
		}
		after = batch[len(batch)-1].ID
		evidence, err := d.store.EvidenceOf(ctx, batch)
		if err != nil {
			return err
		}
		for _, o := range batch {
			seen++
			e := evidence[o.ID]
			if _, notes := checkout.Unproven(o, e.Payments, e.Events, e.Refunds, rules); len(notes) == 0 {
				continue
			}
			again, err := d.store.OrderByID(ctx, o.ID) // it may have gone on between the two looks
			if err != nil {
				return err
			}
			of, err := d.store.EvidenceOf(ctx, []models.Order{*again})
			if err != nil {
				return err
			}
			e = of[o.ID]
			if _, notes := checkout.Unproven(*again, e.Payments, e.Events, e.Refunds, rules); len(notes) > 0 {
				if wrong++; wrong <= logShown {
					d.fail(fmt.Sprintf("order %d: %s", o.Number, strings.Join(notes, "; ")),
						"somebody or something wrote to the database behind the shop's back: deliver nothing for it, look its payments up at the exchanger, find out who can write here")
				}
			}
		}
	}
	if wrong == 0 {
		d.ok("orders: %d are paid or accepted, and their payments bear it out", seen)
	}
	return nil
}

// putBack says that the running shop found a payment's row changed, and that nobody has looked at it yet; it returns 1 then.
func (d *patient) putBack(ctx context.Context, p models.Payment, log []models.Event) (int, error) {
	if !checkout.RowChanged(&models.Order{}, &p) {
		return 0, nil
	}
	o, err := d.store.OrderByID(ctx, p.OrderID)
	if errors.Is(err, models.ErrNotFound) {
		return 0, nil // orphans names it
	}
	if err != nil || !checkout.RowChanged(o, &p) {
		return 0, err
	}
	d.fail(fmt.Sprintf("order %d, payment %d (uid %s): its row was changed behind the shop's back (%s), and was put back to what its log says", o.Number, p.Seq, orDash(p.UID), checkout.RowDifference(log)),
		fmt.Sprintf("read the event at /admin/orders/%d, look this payment up at the exchanger, find out who can write here, then accept the order", o.Number))
	return 1, nil
}

func (d *patient) mismatch(ctx context.Context, p models.Payment, m checkout.Mismatch) error {
	where := fmt.Sprintf("event log of payment %d (uid %s) of no order", p.ID, orDash(p.UID))
	o, err := d.store.OrderByID(ctx, p.OrderID)
	switch {
	case err == nil:
		where = fmt.Sprintf("event log of order %d, payment %d (uid %s)", o.Number, p.Seq, orDash(p.UID))
	case !errors.Is(err, models.ErrNotFound):
		return err
	}
	what := fmt.Sprintf("column %s of payments is %q, the log says %q", m.What, m.Row, m.Log)
	if m.Unread {
		what = fmt.Sprintf("column %s of payments is %q, which cannot be read", m.What, m.Row)
	}
	if m.EventSeq != 0 {
		what = fmt.Sprintf("event %d, %s: is %q, should be %q", m.EventSeq, m.What, m.Row, m.Log)
	}
	d.fail(where+": "+what, "somebody or something wrote to the database behind the shop's back: look this payment up at the exchanger, find out who can write here, restore a backup if in doubt")
	return nil
}

func orDash(s string) string {
	if s == "" {
		return "none"
	}
	return s
}
