package checkout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/time/rate"

	"mostrador/exchanger"
	"mostrador/models"
)

// Pull asks the exchanger about a payment now and applies the answer. who names the person who asked for it: then the log always has
// an entry. A failure of the exchanger is counted and comes back wrapped.
func (s *Service) Pull(ctx context.Context, paymentID int64, who string) (Decision, error) {
	p, err := s.store.PaymentByID(ctx, paymentID)
	if err != nil {
		return Decision{}, err
	}
	if fits, _ := s.seals.fits(p); !fits { // what was written to it must not even lead the question
		if err := s.store.InTx(ctx, func(tx *models.Tx) error { _, _, err := s.lockAll(ctx, tx, p.OrderID); return err }); err != nil {
			return Decision{}, err
		}
		if p, err = s.store.PaymentByID(ctx, paymentID); err != nil {
			return Decision{}, err
		}
	}
	if p.Phase == PhaseCreating {
		return s.giveUpCreating(ctx, p)
	}
	if !Pullable(p) {
		return Decision{Next: *p, Outcome: Kept, Reason: "not_pullable", Quiet: true}, nil
	}
	secret, err := s.store.Vault().SecretOf(p)
	if err != nil {
		return Decision{}, err
	}
	c, err := s.client(ctx, p.SiteID)
	if err != nil {
		return Decision{}, err
	}
	var calls []exchanger.Call
	order, err := c.Get(exchanger.WithRecorder(ctx, func(call exchanger.Call) { calls = append(calls, call) }), p.UID, secret)
	s.keepHealth(ctx, p.SiteID)
	if err != nil {
		return Decision{}, errors.Join(fmt.Errorf("pull payment: %w", err), s.pullFailed(ctx, p, err, calls, who))
	}
	return s.pullAnswered(ctx, p, order, calls, who)
}

func (s *Service) pullAnswered(ctx context.Context, p *models.Payment, order exchanger.Order, calls []exchanger.Call, who string) (Decision, error) {
	f := s.pullFact(p, order, who)
	changed, err := s.valuesChanged(p, order)
	if err != nil {
		return Decision{}, err
	}
	f.ValuesChanged = changed
	data := payDataOf(order)
	var d Decision
	err = s.store.InTx(ctx, func(tx *models.Tx) (err error) {
		d, err = s.applyTx(ctx, tx, p.OrderID, p.ID, f, func(next *models.Payment) {
			now := tx.Now()
			next.PullFailures, next.PullError = 0, ""
			if !olderAnswer(*next, f) {
				next.PulledAt, next.PayData = &now, data
			}
		})
		if err != nil || d.Quiet {
			return err
		}
		return tx.InsertCalls(ctx, callRows(calls, p.SiteID, p.ID))
	})
	return d, err
}

func (s *Service) pullFact(p *models.Payment, order exchanger.Order, who string) Fact {
	f := Fact{Source: FromPull, Kind: FactPulled, Status: order.Status, OrderID: order.OrderID, UID: order.UID, FromXML: order.From.XML, ToXML: order.To.XML,
		RequestID: order.RequestID, Who: who}
	if order.AmountsKnown {
		f.In, f.Out = decimal.NewNullDecimal(order.InAmount), decimal.NewNullDecimal(order.OutAmount)
	}
	at := order.Date // of a cache's answer: when it was made
	if at.IsZero() {
		at = order.At
		if h, ok := s.SiteHealth(p.SiteID); ok && h.ClockKnown {
			at = at.Add(h.ClockDiff)
		}
	}
	f.Stamp = millis(at.Truncate(time.Second)) // the Date header counts in seconds
	return f
}

// pullFailed counts a pull without an answer and plans the next one. The log hears of the first in a row only.
func (s *Service) pullFailed(ctx context.Context, p *models.Payment, cause error, calls []exchanger.Call, who string) error {
	if ctx.Err() != nil {
		return nil // we stopped it ourselves
	}
	var unavailable *exchanger.Unavailable
	wait := time.Duration(0)
	if errors.As(cause, &unavailable) {
		wait = unavailable.RetryAfter
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		o, list, err := s.lockAll(ctx, tx, p.OrderID)
		if err != nil {
			return err
		}
		i := index(list, p.ID)
		if i < 0 {
			return models.ErrNotFound
		}
		row := list[i]
		row.PullFailures++
		row.PullError = cut(cause.Error(), 300)
		if row.PullFailures == 1 || who != "" {
			f := Fact{Source: FromPull, Kind: FactNoted, Note: row.PullError, Who: who}
			e := models.Event{Source: f.Source, Kind: "pull_failed", Outcome: Kept, Reason: "no_answer", Data: f.said(nil), Who: who}
			if err := tx.AppendEvent(ctx, &row, &e, nil); err != nil {
				return err
			}
			if err := tx.InsertCalls(ctx, callRows(calls, p.SiteID, p.ID)); err != nil {
				return err
			}
		}
		row.NextPullAt = s.nextPull(&row, o, tx.Now())
		if at := tx.Now().Add(wait); row.NextPullAt != nil && at.After(*row.NextPullAt) {
			row.NextPullAt = &at
		}
		return s.savePayment(ctx, tx, &row)
	})
}

// giveUpCreating makes a payment unclear whose creation nobody is at any more: the process died between asking and storing the answer.
func (s *Service) giveUpCreating(ctx context.Context, p *models.Payment) (Decision, error) {
	patience := 2*s.opt.Timeout + 30*time.Second
	if age := s.store.Now().Sub(p.CreatedAt); age < patience && age > -patience { // long before its creation: the clock was set back
		return Decision{Next: *p, Outcome: Kept, Reason: "being_created", Quiet: true}, nil
	}
	return s.Apply(ctx, p.OrderID, p.ID, Fact{Source: FromTimer, Kind: FactUnclear, Note: "no answer was stored"})
}

// valuesChanged compares the toValues that a pull shows with those that were sent (rule 16). Values that the exchanger hides or masks
// say nothing.
func (s *Service) valuesChanged(p *models.Payment, order exchanger.Order) (bool, error) {
	if !order.ToValuesShown {
		return false, nil
	}
	raw, err := s.store.Vault().PayoutValuesOf(p)
	if err != nil || raw == nil {
		return false, err
	}
	var sent []exchanger.Value
	if err := json.Unmarshal(raw, &sent); err != nil {
		return false, fmt.Errorf("read payout values: %w", err)
	}
	return ValuesDiffer(sent, order.ToValues), nil
}

// ValuesDiffer tells whether what an exchange order pays to is not what was sent. Keys are _ids or names, depending on the exchanger; so
// each value that was sent must be found under its key, or else somewhere. Of a masked value the signs that are shown must fit.
func ValuesDiffer(sent, shown []exchanger.Value) bool {
	if len(shown) == 0 {
		return false
	}
	for _, v := range sent {
		want := strings.TrimSpace(v.Value)
		named, there, hidden := false, false, false
		for _, x := range shown {
			got := strings.TrimSpace(x.Value)
			if x.Key == v.Key {
				named = true
				if got != "" && !fitsMask(got, want) {
					return true
				}
			}
			if strings.Trim(got, maskSigns) == "" {
				hidden = true
			} else if fitsMask(got, want) {
				there = true
			}
		}
		if !named && !there && !(hidden && len(shown) <= len(sent)) {
			return true
		}
	}
	return false
}

const maskSigns = "*•…"

// fitsMask tells whether a value may be the one that is shown, which stands whole or with stars and dots in place of parts of it.
func fitsMask(shown, value string) bool {
	parts := strings.FieldsFunc(shown, func(r rune) bool { return strings.ContainsRune(maskSigns, r) })
	switch {
	case !strings.ContainsAny(shown, maskSigns):
		return shown == value
	case len(parts) == 0:
		return true // all of it is hidden
	}
	if strings.HasPrefix(shown, parts[0]) {
		if !strings.HasPrefix(value, parts[0]) {
			return false
		}
		value, parts = value[len(parts[0]):], parts[1:]
	}
	for i, part := range parts {
		if i == len(parts)-1 && strings.HasSuffix(shown, part) {
			return strings.HasSuffix(value, part)
		}
		at := strings.Index(value, part)
		if at < 0 {
			return false
		}
		value = value[at+len(part):]
	}
	return true
}

func cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}

// CheckNow pulls every payment of an order that can be; the error is the first failure.
func (s *Service) CheckNow(ctx context.Context, orderID int64, who string) error {
	list, err := s.store.Payments(ctx, orderID)
	if err != nil {
		return err
	}
	var first error
	for i := range list {
		if !Pullable(&list[i]) {
			continue
		}
		d, err := s.Pull(ctx, list[i].ID, who)
		if err != nil && first == nil {
			first = err
		}
		if err == nil && d.Quiet && who != "" {
			err = s.note(ctx, orderID, list[i].ID, Fact{Source: FromPerson, Kind: FactNoted, Who: who, Note: "checked, nothing new", Status: exchanger.Status(d.Next.Status)})
		}
		if err != nil && first == nil {
			first = err
		}
	}
	var unavailable *exchanger.Unavailable
	if errors.As(first, &unavailable) {
		return errors.Join(&Problem{Kind: Unavailable, Code: "exchanger_down"}, first)
	}
	return first
}

// note puts something that changes nothing into a payment's log.
func (s *Service) note(ctx context.Context, orderID, paymentID int64, f Fact) error {
	_, err := s.Apply(ctx, orderID, paymentID, f)
	return err
}

// Watch notes that a customer looks on, and pulls in the background when the last answer is older than poll.watched. It returns at once.
func (s *Service) Watch(ctx context.Context, o *models.Order) {
	ctx = context.WithoutCancel(ctx)
	now := s.store.Now()
	if o.WatchedAt == nil || now.Sub(*o.WatchedAt) > watchedFor/2 {
		if err := s.store.InTx(ctx, func(tx *models.Tx) error { return tx.MarkWatched(ctx, o.ID) }); err != nil {
			s.log.Warn("look at an order not noted", "order", o.Number, "error", err)
		}
	}
	list, err := s.store.Payments(ctx, o.ID)
	if err != nil {
		return
	}
	p := Current(list)
	if p == nil || !Pullable(p) || p.SettledAt != nil && p.Status == string(exchanger.StatusDone) || p.PulledAt != nil && now.Sub(*p.PulledAt).Abs() < s.opt.Poll.Watched || !s.up(p.SiteID) {
		return
	}
	s.pullBehind(ctx, p.ID)
}

// pullBehind pulls a payment in the background.
func (s *Service) pullBehind(ctx context.Context, paymentID int64) {
	s.behind.Go(func() { s.pullOnce(ctx, paymentID) })
}

// pullOnce pulls a payment unless this process is doing so already.
func (s *Service) pullOnce(ctx context.Context, paymentID int64) error {
	_, err, _ := s.refresh.Do(fmt.Sprint("pull/", paymentID), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*s.opt.Timeout)
		defer cancel()
		_, err := s.Pull(ctx, paymentID, "")
		return nil, err
	})
	if err != nil {
		s.log.Debug("pull failed", "error", err)
	}
	return err
}

// pullAsked is pullOnce for somebody who can ask as often as they like: a few times at once, then about once a second for each payment, so that
// no stranger drives our calls to the exchanger.
func (s *Service) pullAsked(ctx context.Context, paymentID int64) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.opt.Timeout)
	defer cancel()
	if err := s.patienceOf(paymentID).Wait(ctx); err != nil {
		return nil // the background asks in its turn
	}
	return s.pullOnce(ctx, paymentID)
}

// patienceOf limits how often strangers make us ask about a payment.
func (s *Service) patienceOf(paymentID int64) *rate.Limiter {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.asked[paymentID]
	if l == nil {
		if len(s.asked) >= maxAsked {
			clear(s.asked)
		}
		l = rate.NewLimiter(rate.Limit(s.opt.CallsPerSecond/5), 5)
		s.asked[paymentID] = l
	}
	return l
}

// maxAsked bounds what is remembered of who asked.
const maxAsked = 10_000

// CameBack notes the customer's return from the exchanger and pulls; it waits a moment for the answer, so that the page that follows
// mostly has it. The return itself proves nothing (rule 4).
func (s *Service) CameBack(ctx context.Context, o *models.Order, status string) error {
	list, err := s.store.Payments(ctx, o.ID)
	if err != nil {
		return err
	}
	p := Current(list)
	if p == nil {
		return nil
	}
	if status != "success" && status != "error" {
		status = "other"
	}
	if p.UpdatedAt.Before(s.store.Now().Add(-2*time.Second)) || !s.cameBackBefore(ctx, p, status) {
		if err := s.note(ctx, o.ID, p.ID, Fact{Source: FromReturn, Kind: FactCameBack, Note: status}); err != nil {
			return err
		}
	}
	if !Pullable(p) {
		return nil
	}
	done := make(chan struct{})
	s.behind.Go(func() {
		defer close(done)
		s.pullAsked(ctx, p.ID)
	})
	timer := time.NewTimer(2 * time.Second)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	case <-ctx.Done():
	}
	return nil
}

// cameBackBefore tells whether the newest event is this same return: reloading the address fills no log.
func (s *Service) cameBackBefore(ctx context.Context, p *models.Payment, status string) bool {
	events, err := s.store.Events(ctx, p.ID)
	if err != nil || len(events) == 0 {
		return false
	}
	last := events[len(events)-1]
	return last.Kind == FactCameBack && strings.Contains(last.Data, `"`+status+`"`)
}
