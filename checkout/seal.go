package checkout

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"mostrador/models"
)

// sealKind names what goes into a seal. A row with a seal of another kind, made by another version, is compared with its log instead.
const sealKind = "1:"

// sealOf is the keyed digest of everything in a payment's row that its log adds up to and that was promised. Whoever writes to the row without the
// key file leaves a row that does not fit it (rule 7).
func (s *Service) sealOf(p *models.Payment) string {
	row := []any{p.TokenHash, p.OrderID, p.Seq, p.Events, p.Head, p.FromXML, p.ToXML, p.PayoutRate.String(), p.Price, p.PriceOut.String(), p.QuotedIn.String(), p.QuotedOut.String()}
	for _, c := range columns {
		row = append(row, c.get(p))
	}
	raw, err := json.Marshal(row)
	if err != nil {
		panic(err) // texts, numbers and truth values only
	}
	h := hmac.New(sha256.New, s.sealKey)
	h.Write(raw)
	return sealKind + hex.EncodeToString(h.Sum(nil))
}

// fits tells whether a row is as the program left it. known is false for a row whose seal another version made, or none did.
func (s *Service) fits(p *models.Payment) (fits, known bool) {
	if !strings.HasPrefix(p.Seal, sealKind) {
		return false, false
	}
	return hmac.Equal([]byte(p.Seal), []byte(s.sealOf(p))), true
}

// savePayment seals a row and writes it.
func (s *Service) savePayment(ctx context.Context, tx *models.Tx, p *models.Payment) error {
	p.Seal = s.sealOf(p)
	return tx.SavePayment(ctx, p)
}

// lockAll locks an order and reads it with its payments, as LockAll does, and looks whether somebody else wrote to their rows.
func (s *Service) lockAll(ctx context.Context, tx *models.Tx, orderID int64) (*models.Order, []models.Payment, error) {
	o, list, err := tx.LockAll(ctx, orderID)
	if err != nil {
		return nil, nil, err
	}
	return o, list, s.checkRows(ctx, tx, o, list)
}

// checkRows compares each row with its seal. One that does not fit is put back to what its log adds up to, the log says so, and the order goes to a
// person: nothing that follows stands on what somebody wrote behind the program's back, and nothing is healed in silence.
func (s *Service) checkRows(ctx context.Context, tx *models.Tx, o *models.Order, list []models.Payment) error {
	changed := false
	for i := range list {
		p := &list[i]
		fits, known := s.fits(p)
		if fits || !known && p.Events == 0 {
			continue
		}
		events, err := tx.Events(ctx, p.ID)
		if err != nil {
			return err
		}
		bad := Verify(*p, events)
		if len(bad) == 0 && !known {
			continue // the next write seals it
		}
		if err := s.putBack(ctx, tx, p, events, bad); err != nil {
			return err
		}
		changed = true
	}
	if !changed {
		return nil
	}
	return s.settleOrder(ctx, tx, o, list, true)
}

// putBack makes a row what its log adds up to, where the log itself is whole, and tells of it.
func (s *Service) putBack(ctx context.Context, tx *models.Tx, p *models.Payment, events []models.Event, bad []Mismatch) error {
	sum, whole := replay(*p, events), true
	var notes []string
	for _, m := range bad {
		whole = whole && m.EventSeq == 0
		if m.EventSeq == 0 {
			notes = append(notes, fmt.Sprintf("column %s is %q, the log says %q", m.What, clip(m.Row, 60), clip(m.Log, 60)))
		} else {
			notes = append(notes, fmt.Sprintf("event %d: %s", m.EventSeq, m.What))
		}
	}
	if len(notes) == 0 {
		notes = append(notes, "a column that no event names")
	}
	next := *p
	if whole {
		next = sum
	}
	if len(events) > 0 { // the chain goes on at its end whatever the row says
		last := events[len(events)-1]
		next.Events, next.Head = last.Seq, last.Digest
	}
	if !hasWord(next.Contradiction, WhyRowChanged) {
		next.Contradiction = strings.TrimSpace(next.Contradiction + " " + WhyRowChanged)
	}
	f := Fact{Source: FromTimer, Kind: FactRowChanged, Note: clip(strings.Join(notes, "; "), 1000)}
	e := models.Event{Source: f.Source, Kind: f.Kind, Outcome: Refused, Reason: "row_differs", Data: f.said(changes(sum, next))}
	if err := tx.AppendEvent(ctx, &next, &e, nil); err != nil {
		return err
	}
	if Pullable(&next) {
		now := tx.Now()
		next.NextPullAt = &now
	}
	s.log.Error("a payment's row was changed behind the program's back", "payment", p.ID, "difference", f.Note)
	*p = next
	return s.savePayment(ctx, tx, p)
}

// replay is the row with every column that the log adds up to as the log says.
func replay(p models.Payment, events []models.Event) models.Payment {
	start := models.Payment{Phase: PhaseCreating}
	for _, c := range columns {
		_ = c.set(&p, c.get(&start))
	}
	for i := range events {
		said := saidBy(&events[i])
		for _, c := range columns {
			if v, ok := said.Changes[c.name]; ok {
				_ = c.set(&p, v) // Verify has said what cannot be read
			}
		}
	}
	return p
}

// RowDifference is how a row differed when it was found changed, by the newest event that tells of it; "" when none does.
func RowDifference(events []models.Event) string {
	for i := len(events) - 1; i >= 0; i-- {
		if events[i].Kind == FactRowChanged {
			return saidBy(&events[i]).Note
		}
	}
	return ""
}

// RowChanged tells whether a payment's row was found changed behind the program's back, and nobody has accepted that yet.
func RowChanged(o *models.Order, p *models.Payment) bool {
	return hasWord(p.Contradiction, WhyRowChanged) && !accepted(o, WhyRowChanged)
}
