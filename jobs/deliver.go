package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"mostrador/checkout"
	"mostrador/models"
	"mostrador/webhook"
)

// retryAfter is how long a delivery waits after its first, second, … failed try: about three days together. After the last one it is failed.
var retryAfter = []time.Duration{
	time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour,
	8 * time.Hour, 8 * time.Hour, 8 * time.Hour, 8 * time.Hour, 8 * time.Hour, 8 * time.Hour, 8 * time.Hour, 8 * time.Hour,
}

const (
	deliverLease   = timeout         // how long a try belongs to the job that began it
	watchSlack     = 2 * time.Second // a second job of the same delivery looks this long after the first one's next try
	failingAfter   = time.Hour       // how long an endpoint fails before the merchant is told
	triesPerTarget = 4               // tries to one endpoint at once in this process
)

// Deliveries hands webhooks over. Between tries of one it snoozes instead of failing, so that the delivery's own schedule holds. Two jobs of
// one delivery, after a redelivery or a rescue, do not send twice: the row's next_at is a lease.
type Deliveries struct {
	svc    *checkout.Service
	store  *models.Store
	sender *webhook.Sender
	log    *slog.Logger

	mu   sync.Mutex
	busy map[int64]int // tries under way by endpoint
}

// NewDeliveries makes it. Its Try is Deps.Deliver.
func NewDeliveries(svc *checkout.Service, sender *webhook.Sender, log *slog.Logger) *Deliveries {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Deliveries{svc: svc, store: svc.Store(), sender: sender, log: log, busy: map[int64]int{}}
}

// Try tries a delivery once, or finds that there is nothing to do. The error may be a snooze: when the next try is due.
func (w *Deliveries) Try(ctx context.Context, deliveryID int64) error {
	d, err := w.store.DeliveryByID(ctx, deliveryID)
	if err != nil {
		return err
	}
	if !w.enter(d.EndpointID) {
		return river.JobSnooze(time.Second + rand.N(500*time.Millisecond))
	}
	defer w.leave(d.EndpointID)
	d, e, wait, err := w.claim(ctx, d)
	if err != nil {
		return err
	}
	if wait > 0 {
		return river.JobSnooze(wait)
	}
	if d == nil {
		return nil
	}
	secrets, err := w.store.Vault().EndpointSecrets(e, w.store.Now())
	if err != nil {
		return err
	}
	result := w.sender.Deliver(ctx, webhook.Message{ID: d.PublicID, URL: e.URL, Body: []byte(d.Body), Secrets: secrets})
	if ctx.Err() != nil && !result.Delivered() { // the program stops: this was no try
		return w.giveBack(ctx, d)
	}
	return w.note(context.WithoutCancel(ctx), d, result)
}

// enter keeps a slow endpoint from taking every worker.
func (w *Deliveries) enter(endpointID int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy[endpointID] >= triesPerTarget {
		return false
	}
	w.busy[endpointID]++
	return true
}

func (w *Deliveries) leave(endpointID int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy[endpointID]--; w.busy[endpointID] <= 0 {
		delete(w.busy, endpointID)
	}
}

// claim takes the next try of a delivery. d is nil when there is nothing left to do; wait is how long another job has it.
func (w *Deliveries) claim(ctx context.Context, seen *models.Delivery) (d *models.Delivery, e *models.Endpoint, wait time.Duration, err error) {
	err = w.store.InTx(ctx, func(tx *models.Tx) error {
		d, wait = nil, 0
		var err error
		if e, err = tx.LockEndpointByID(ctx, seen.EndpointID); err != nil {
			return err
		}
		got, err := tx.LockDelivery(ctx, seen.ID)
		if err != nil || got.State != models.DeliveryWaiting {
			return err
		}
		if e.DeletedAt != nil || e.DisabledAt != nil {
			got.State, got.NextAt = models.DeliveryFailed, nil
			if got.LastError == "" {
				got.LastError = "the endpoint is disabled"
			}
			return tx.SaveDelivery(ctx, got)
		}
		if got.NextAt != nil {
			if early := got.NextAt.Sub(tx.Now()); early > 5*time.Second {
				wait = early + watchSlack
				return nil
			} else if early > 100*time.Millisecond {
				wait = early
				return nil
			}
		}
		lease := tx.Now().Add(deliverLease)
		got.NextAt = &lease
		d = got
		return tx.SaveDelivery(ctx, got)
	})
	if err != nil {
		return nil, nil, 0, fmt.Errorf("claim delivery %d: %w", seen.ID, err)
	}
	return d, e, wait, nil
}

// giveBack ends the lease of a try that did not happen.
func (w *Deliveries) giveBack(ctx context.Context, d *models.Delivery) error {
	cause := context.Cause(ctx)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := w.store.InTx(ctx, func(tx *models.Tx) error {
		got, err := tx.LockDelivery(ctx, d.ID)
		if err != nil {
			return err
		}
		got.NextAt = nil
		return tx.SaveDelivery(ctx, got)
	})
	if err != nil {
		return fmt.Errorf("give delivery %d back: %w", d.ID, err)
	}
	return fmt.Errorf("delivery %d interrupted: %w", d.ID, cause)
}

// note writes how a try went and says when the next one is.
func (w *Deliveries) note(ctx context.Context, claimed *models.Delivery, r webhook.Result) error {
	var again time.Duration
	err := w.store.InTx(ctx, func(tx *models.Tx) error {
		again = 0
		now := tx.Now()
		e, err := tx.LockEndpointByID(ctx, claimed.EndpointID)
		if err != nil {
			return err
		}
		d, err := tx.LockDelivery(ctx, claimed.ID)
		if err != nil {
			return err
		}
		d.Tries++
		d.LastStatus, d.LastError, d.LastTookMs, d.NextAt = r.Status, r.Error, r.Took.Milliseconds(), nil
		switch {
		case r.Delivered():
			d.State, d.DeliveredAt = models.DeliveryDelivered, &now
			e.FailingSince, e.LastOkAt = nil, &now
		case r.Gone():
			d.State = models.DeliveryFailed
			if e.DisabledAt == nil {
				e.DisabledAt, e.DisabledWhy = &now, webhook.ReasonGone
			}
		case d.Tries > len(retryAfter):
			d.State = models.DeliveryFailed
		default:
			again = nextTry(d.Tries)
			next := now.Add(again)
			d.State, d.NextAt = models.DeliveryWaiting, &next
		}
		if !r.Delivered() && e.FailingSince == nil {
			e.FailingSince = &now
		}
		if err := tx.SaveDelivery(ctx, d); err != nil {
			return err
		}
		if err := tx.SaveEndpoint(ctx, e); err != nil {
			return err
		}
		return w.tell(ctx, tx, e, r)
	})
	if err != nil {
		return fmt.Errorf("note delivery %d: %w", claimed.ID, err)
	}
	w.log.Info("webhook", "delivery", claimed.PublicID, "type", claimed.Type, "status", r.Status, "error", r.Error, "ms", r.Took.Milliseconds(), "again", again.String())
	if again > 0 {
		return river.JobSnooze(again)
	}
	return nil
}

// tell writes to the merchant about an endpoint that fails for long or wants no more, once for each time.
func (w *Deliveries) tell(ctx context.Context, tx *models.Tx, e *models.Endpoint, r webhook.Result) error {
	if r.Delivered() || e.DeletedAt != nil {
		return nil
	}
	if !r.Gone() && tx.Now().Sub(*e.FailingSince) < failingAfter {
		return nil
	}
	what := "failing"
	if r.Gone() {
		what = "gone"
	}
	once := fmt.Sprintf("webhook-%s/%d/%d", what, e.ID, e.FailingSince.Unix())
	return w.svc.NotifyMerchant(ctx, tx, models.NoticeWebhook, nil, once, map[string]string{"host": checkout.Host(e.URL), "endpoint": e.PublicID})
}

// nextTry is how long to wait after so many failed tries, give or take a tenth: many that failed together do not come back together.
func nextTry(tries int) time.Duration {
	d := retryAfter[min(tries, len(retryAfter))-1]
	return d - d/20 + rand.N(d/10)
}
