package checkout

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mostrador/models"
)

// Kinds of seals: what goes into them. A row is sealed with the newest kind when it is written; a seal of an older kind holds until then. A row with a seal of
// no kind that is known is compared with its log instead.
const (
	sealKind   = "3:"
	olderKind  = "2:" // without what the customer is told of how to pay
	oldestKind = "1:" // nor site, route, secrets and payout values
)

// Seals tells whether rows of payments are as the program left them. The zero value knows no seal.
type Seals struct{ key []byte }

// NewSeals takes the key for seals out of the vault.
func NewSeals(v *models.Vault) (Seals, error) {
	key, err := v.Derive("rows of payments v1", 32)
	return Seals{key}, err
}

// of is the keyed digest of everything in a payment's row that its log adds up to and that was promised. Whoever writes to the row without the
// key file leaves a row that does not fit it (rule 7).
func (k Seals) of(p *models.Payment, kind string) string {
	raw := make([]byte, 0, 1024)
	raw = append(raw, '[')
	put := func(values ...any) {
		for _, v := range values {
			if len(raw) > 1 {
				raw = append(raw, ',')
			}
			raw = appendJSON(raw, v)
		}
	}
	put(p.TokenHash, p.OrderID, p.Seq, p.Events, p.Head, p.FromXML, p.ToXML, p.PayoutRate.String(), p.Price, p.PriceOut.String(), p.QuotedIn.String(), p.QuotedOut.String())
	for i := range columns {
		put(columns[i].get(p))
	}
	if kind != oldestKind {
		put(kind, p.SiteID, p.RouteID, p.IPNSecret, p.Secret, p.PayoutValues, p.PayoutDigest, p.FromName, p.FromSymbol, p.FromDecimals, p.ToName, p.ToSymbol, p.ToDecimals)
	}
	raw = append(raw, ']')
	if kind == sealKind { // as it stands, behind what ends by itself
		raw = append(raw, p.PayData...)
	}
	h := hmac.New(sha256.New, k.key)
	h.Write(raw)
	return kind + hex.EncodeToString(h.Sum(nil))
}

// appendJSON writes a value as encoding/json does, which every row that is sealed was written by, and bytes as text in hex: a seal is made at each step, and most of what it costs was
// that.
func appendJSON(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case int32:
		return strconv.AppendInt(b, int64(v), 10)
	case []byte: // in hex
		return append(hex.AppendEncode(append(b, '"'), v), '"')
	case string:
		if plainText(v) {
			return append(append(append(b, '"'), v...), '"')
		}
	}
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // texts, numbers and truth values only
	}
	return append(b, raw...)
}

// plainText tells whether a text stands in JSON as it is.
func plainText(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			return false
		}
	}
	return true
}

// fits tells whether a row is as the program left it. known is false for a row whose seal another version made, or none did.
func (k Seals) fits(p *models.Payment) (fits, known bool) {
	if len(p.Unreadable) > 0 {
		return false, true
	}
	for _, kind := range []string{sealKind, olderKind, oldestKind} {
		if strings.HasPrefix(p.Seal, kind) {
			return hmac.Equal([]byte(p.Seal), []byte(k.of(p, kind))), true
		}
	}
	return false, false
}

// Broken tells whether somebody wrote to a sealed row without the key file.
func (k Seals) Broken(p *models.Payment) bool {
	fits, known := k.fits(p)
	return known && !fits
}

// Payments gives the payments of an order for whoever looks at it. A row that somebody wrote to, or damaged beyond reading, is put back first, as before
// anything else that happens next to it, and the order is what that makes of it. Where the database takes no writes they are given as they can be read.
func (s *Service) Payments(ctx context.Context, o *models.Order) ([]models.Payment, error) {
	list, err := s.store.Payments(ctx, o.ID)
	if err != nil || s.seals.key == nil || !slices.ContainsFunc(list, func(p models.Payment) bool { return s.seals.Broken(&p) }) { // no key: see Reader
		return list, err
	}
	err = s.store.InTx(ctx, func(tx *models.Tx) error { _, _, err := s.lockAll(ctx, tx, o.ID); return err })
	if err != nil {
		s.log.Error("a damaged row is not put back", "order", o.Number, "error", err)
		return list, nil
	}
	after, err := s.store.OrderByID(ctx, o.ID)
	if err != nil {
		return nil, err
	}
	*o = *after
	return s.store.Payments(ctx, o.ID)
}

// savePayment seals a row and writes it.
func (s *Service) savePayment(ctx context.Context, tx *models.Tx, p *models.Payment) error {
	p.Seal = s.seals.of(p, sealKind)
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

// checkRows compares each row with its seal, and where it ends with where its log does: a row from a backup has a seal of its own. One that does not fit is put back to what its log adds up to, the log says so, and the order goes to a
// person: nothing that follows stands on what somebody wrote behind the program's back, and nothing is healed in silence.
func (s *Service) checkRows(ctx context.Context, tx *models.Tx, o *models.Order, list []models.Payment) error {
	changed, judged := false, slices.Clone(list)
	for i := range list {
		p := &list[i]
		fits, known := s.seals.fits(p)
		if fits && !p.Behind() {
			continue
		}
		events, err := tx.Events(ctx, p.ID)
		if err != nil {
			return err
		}
		bad, copied := Verify(*p, events), *p
		if len(bad) == 0 && !known && len(s.lost(&copied)) == 0 {
			continue // the next write seals it
		}
		without, err := s.putBack(ctx, tx, o, p, events, bad)
		if err != nil {
			return err
		}
		changed, judged[i] = true, *p
		judged[i].Contradiction = without
	}
	claimed, err := s.checkClaims(ctx, tx, o, list, judged)
	if err != nil || !changed && !claimed {
		return err
	}
	s.keepFinding(ctx, o.ID)
	return s.settleOrder(ctx, tx, o, list, true)
}

// keepingFinding marks the context of a transaction that does nothing but find.
type keepingFinding struct{}

// keepFinding finds once more in a transaction of its own: what was asked of the order may be refused, and a refusal takes back all that was written with it.
func (s *Service) keepFinding(ctx context.Context, orderID int64) {
	if ctx.Value(keepingFinding{}) != nil {
		return
	}
	ctx = context.WithValue(context.WithoutCancel(ctx), keepingFinding{}, true)
	s.behind.Go(func() {
		if err := s.store.InTx(ctx, func(tx *models.Tx) error { _, _, err := s.lockAll(ctx, tx, orderID); return err }); err != nil {
			s.log.Error("a changed row is not told", "order", orderID, "error", err)
		}
	})
}

// putBack makes a row what its log adds up to, where the log itself is whole, and tells of it. without are the contradictions but this one.
func (s *Service) putBack(ctx context.Context, tx *models.Tx, o *models.Order, p *models.Payment, events []models.Event, bad []Mismatch) (without string, err error) {
	sum, whole := replay(*p, events), true
	var notes []string
	for _, m := range bad {
		whole = whole && m.EventSeq == 0
		if m.Unread {
			notes = append(notes, fmt.Sprintf("column %s is %q, which cannot be read", m.What, clip(m.Row, 60)))
		} else if m.EventSeq == 0 {
			notes = append(notes, fmt.Sprintf("column %s is %q, the log says %q", m.What, clip(m.Row, 60), clip(m.Log, 60)))
		} else {
			notes = append(notes, fmt.Sprintf("event %d: %s", m.EventSeq, m.What))
		}
	}
	next := *p
	if whole {
		next = sum
	}
	for _, l := range s.lost(&next) {
		notes = append(notes, "column "+l+" holds no secret, or one that does not open")
	}
	if len(notes) == 0 {
		notes = append(notes, "a column that no event names")
	}
	if len(events) > 0 && next.CreatedAt.IsZero() {
		next.CreatedAt = events[0].At
	}
	if len(events) > 0 && next.QuotedAt.IsZero() {
		next.QuotedAt = events[0].At
	}
	if len(events) > 0 { // the chain goes on at its end whatever the row says
		last := events[len(events)-1]
		next.Events, next.Head = last.Seq, last.Digest
	}
	next.PayData = "" // no log tells of it: until the next pull the exchanger's own page says how to pay
	*p = next
	without = p.Contradiction
	note := clip(strings.Join(notes, "; "), 1000)
	if n := len(events); n > 0 && events[n-1].Kind == FactRowChanged && RowDifference(events) == note {
		// Nothing happened since it was told last but this once more: it is put back, and neither told nor asked about again, or that would go on for ever.
		p.NextPullAt = s.nextPull(p, o, tx.Now())
		return without, s.savePayment(ctx, tx, p)
	}
	return without, s.tellChanged(ctx, tx, p, sum, note)
}

// lost takes out of a row what was sealed there and does not open any more, and names the columns. Without its secret the exchanger cannot be asked about
// the payment; without the one that notifications are signed with each of them is a hint.
func (s *Service) lost(p *models.Payment) (columns []string) {
	v := s.store.Vault()
	if _, err := v.IPNSecretOf(p); err != nil {
		columns = append(columns, "ipn_secret")
	}
	if secret, err := v.SecretOf(p); err != nil || secret == "" && p.UID != "" { // they came together
		columns, p.Flags = append(columns, "secret"), withFlag(p.Flags, flagSecretLost)
	}
	if sent, err := v.PayoutValuesOf(p); err != nil || sent != nil && !json.Valid(sent) {
		columns, p.PayoutValues = append(columns, "payout_values"), nil
	}
	return columns
}

// tellChanged writes into a payment's log that something was changed behind the program's back, and leads the order to a person. sum is the row that the log
// adds up to.
func (s *Service) tellChanged(ctx context.Context, tx *models.Tx, p *models.Payment, sum models.Payment, note string) error {
	if !hasWord(p.Contradiction, WhyRowChanged) {
		p.Contradiction = strings.TrimSpace(p.Contradiction + " " + WhyRowChanged)
	}
	f := Fact{Source: FromTimer, Kind: FactRowChanged, Note: note}
	e := models.Event{Source: f.Source, Kind: f.Kind, Outcome: Refused, Reason: "row_differs", Data: f.said(changes(sum, *p))}
	if err := tx.AppendEvent(ctx, p, &e, nil); err != nil {
		return err
	}
	if Pullable(p) {
		now := tx.Now()
		p.NextPullAt = &now
	} else if p.Phase != PhaseCreating {
		p.NextPullAt = nil
	}
	s.log.Error("a row was changed behind the program's back", "payment", p.ID, "difference", f.Note)
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
		if events[i].Kind == FactIntent {
			keepPromise(&p, said)
		}
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
