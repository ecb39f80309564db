package jobs

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river/rivertype"

	"mostrador/checkout"
	"mostrador/config"
	"mostrador/models"
	"mostrador/models/modelstest"
	"mostrador/webhook"
)

// shopClock is a time that tests move.
type shopClock struct {
	mu sync.Mutex
	at time.Time
}

func (c *shopClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *shopClock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// hookRig is a shop whose webhooks go to a receiver that answers as told.
type hookRig struct {
	t     *testing.T
	clock *shopClock
	store *models.Store
	svc   *checkout.Service
	desk  *webhook.Desk
	work  *Deliveries

	mu     sync.Mutex
	status int
	got    []*http.Request
	bodies []string
	url    string
}

func eachHook(t *testing.T, f func(t *testing.T, r *hookRig)) {
	t.Helper()
	for name, address := range map[string]func(testing.TB) string{"sqlite": modelstest.SQLite, "postgres": modelstest.Postgres} {
		t.Run(name, func(t *testing.T) {
			c := &shopClock{at: time.Now().UTC()}
			f(t, newHookRig(t, modelstest.Open(t, address(t), c.now), c))
		})
	}
}

func newHookRig(t *testing.T, store *models.Store, c *shopClock) *hookRig {
	t.Helper()
	cfg := config.Default()
	cfg.Notify.Email, cfg.Mail.URL, cfg.Mail.From = "owner@example.com", "smtp://127.0.0.1:1", "shop@example.com"
	svc, err := checkout.New(context.Background(), store, checkout.OptionsOf(cfg), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(svc.Close)
	r := &hookRig{t: t, clock: c, store: store, svc: svc, status: http.StatusOK}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		r.mu.Lock()
		r.got, r.bodies = append(r.got, q), append(r.bodies, string(body))
		status := r.status
		r.mu.Unlock()
		w.WriteHeader(status)
	}))
	t.Cleanup(srv.Close)
	r.url = srv.URL
	r.desk = webhook.NewDesk(store, true, func(ctx context.Context, tx *models.Tx, id int64) error {
		return tx.Enqueue(ctx, checkout.DeliverArgs{DeliveryID: id}, nil)
	})
	sender := webhook.NewSender(webhook.SenderOptions{AllowPrivate: true})
	t.Cleanup(sender.Close)
	r.work = NewDeliveries(svc, sender, nil)
	return r
}

func (r *hookRig) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *hookRig) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.got)
}

func (r *hookRig) endpoint() (*models.Endpoint, string) {
	r.t.Helper()
	e, secret, err := r.desk.Create(context.Background(), r.url, nil, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return e, secret
}

// order makes an order and gives its newest delivery.
func (r *hookRig) order(e *models.Endpoint) *models.Delivery {
	r.t.Helper()
	if _, err := r.svc.Place(context.Background(), checkout.Placement{Source: checkout.SourceAPI, Amount: "25", Lang: "en"}); err != nil {
		r.t.Fatal(err)
	}
	list, err := r.store.Deliveries(context.Background(), e.ID, 0, "", 1)
	if err != nil || len(list) != 1 {
		r.t.Fatalf("%d deliveries, %v", len(list), err)
	}
	return &list[0]
}

func (r *hookRig) delivery(id int64) *models.Delivery {
	r.t.Helper()
	d, err := r.store.DeliveryByID(context.Background(), id)
	if err != nil {
		r.t.Fatal(err)
	}
	return d
}

// try tries a delivery and gives how long it snoozes; 0 when it is at its end.
func (r *hookRig) try(id int64) time.Duration {
	r.t.Helper()
	err := r.work.Try(context.Background(), id)
	var snooze *rivertype.JobSnoozeError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &snooze):
		return snooze.Duration
	}
	r.t.Fatal(err)
	return 0
}
