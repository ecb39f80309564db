package jobs

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"mostrador/config"
	"mostrador/models"
	"mostrador/models/modelstest"
	"mostrador/webhook"
)

func TestADeliveryIsSignedWithBothSecretsAndSentOnce(t *testing.T) {
	eachHook(t, func(t *testing.T, r *hookRig) {
		e, first := r.endpoint()
		_, second, err := r.desk.Rotate(context.Background(), e.PublicID, nil)
		if err != nil {
			t.Fatal(err)
		}
		d := r.order(e)
		r.try(d.ID)
		r.try(d.ID) // a job that comes twice sends nothing
		if r.count() != 1 {
			t.Fatalf("%d requests", r.count())
		}
		for _, secret := range []string{first, second} {
			w, err := standard.NewWebhook(secret)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Verify([]byte(r.bodies[0]), r.got[0].Header); err != nil {
				t.Error(err)
			}
		}
		if id := r.got[0].Header.Get("webhook-id"); id != d.PublicID || !strings.Contains(r.bodies[0], `"type":"order.created"`) || !strings.Contains(r.bodies[0], `"data":{"order":{"id":"ord_`) {
			t.Errorf("%s %s", id, r.bodies[0])
		}
		if d = r.delivery(d.ID); d.State != models.DeliveryDelivered || d.Tries != 1 || d.LastStatus != 200 || d.DeliveredAt == nil {
			t.Errorf("%+v", d)
		}
		r.clock.move(webhook.OldSecretLife)
		d = r.order(e)
		r.try(d.ID)
		if sig := r.got[1].Header.Get("webhook-signature"); strings.Contains(sig, " ") {
			t.Errorf("the old secret still signs: %s", sig)
		}
	})
}

func TestAFailingEndpointIsTriedEverLaterForThreeDaysAndTheMerchantIsTold(t *testing.T) {
	eachHook(t, func(t *testing.T, r *hookRig) {
		e, _ := r.endpoint()
		d := r.order(e)
		r.answer(500)
		began, last := r.clock.now(), time.Duration(0)
		for i := 1; ; i++ {
			wait := r.try(d.ID)
			if wait == 0 {
				break
			}
			if i == 1 && (wait < 900*time.Millisecond || wait > 1200*time.Millisecond) {
				t.Errorf("the first wait is %s", wait)
			}
			if wait < last*8/10 {
				t.Errorf("wait %d is %s after %s", i, wait, last)
			}
			last = wait
			r.clock.move(wait)
		}
		if took := r.clock.now().Sub(began); took < 66*time.Hour || took > 76*time.Hour {
			t.Errorf("given up after %s", took)
		}
		if d = r.delivery(d.ID); d.State != models.DeliveryFailed || d.LastStatus != 500 || d.Tries != r.count() || d.LastError == "" {
			t.Errorf("%+v", d)
		}
		e, err := r.store.EndpointByPublicID(context.Background(), e.PublicID)
		if err != nil || e.FailingSince == nil || e.DisabledAt != nil {
			t.Fatalf("%+v, %v", e, err)
		}
		if n := r.told(); n != 1 {
			t.Errorf("%d notices to the merchant", n)
		}
		ids := map[string]bool{}
		for _, q := range r.got {
			ids[q.Header.Get("webhook-id")] = true
		}
		if len(ids) != 1 {
			t.Errorf("%d ids", len(ids))
		}
		r.answer(200) // what comes later arrives
		later := r.order(e)
		r.try(later.ID)
		if e, err = r.store.EndpointByPublicID(context.Background(), e.PublicID); err != nil || e.FailingSince != nil || r.delivery(later.ID).State != models.DeliveryDelivered {
			t.Errorf("after a success: %+v, %v", e, err)
		}
		if _, err := r.desk.Redeliver(context.Background(), d.PublicID, nil); err != nil {
			t.Fatal(err)
		}
		r.try(d.ID)
		if again := r.delivery(d.ID); again.State != models.DeliveryDelivered || again.PublicID != d.PublicID {
			t.Errorf("redelivered: %+v", again)
		}
	})
}

// told counts what the merchant is to be told.
func (r *hookRig) told() int {
	r.t.Helper()
	var list []models.Notice
	err := r.store.InTx(context.Background(), func(tx *models.Tx) (err error) {
		list, err = tx.WaitingNotices(context.Background(), 0)
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	for _, n := range list {
		if n.Kind != models.NoticeWebhook || !strings.Contains(n.Data, "127.0.0.1") {
			r.t.Errorf("%+v", n)
		}
	}
	return len(list)
}

func TestGoneDisablesTheEndpoint(t *testing.T) {
	eachHook(t, func(t *testing.T, r *hookRig) {
		e, _ := r.endpoint()
		first, second := r.order(e), r.order(e)
		r.answer(410)
		if r.try(first.ID) != 0 || r.try(second.ID) != 0 {
			t.Error("it is tried again")
		}
		e, err := r.store.EndpointByPublicID(context.Background(), e.PublicID)
		if err != nil || e.DisabledAt == nil || e.DisabledWhy != webhook.ReasonGone || r.count() != 1 {
			t.Errorf("%+v, %v, %d requests", e, err, r.count())
		}
		if r.delivery(first.ID).State != models.DeliveryFailed || r.delivery(second.ID).State != models.DeliveryFailed {
			t.Error("what waited still waits")
		}
		if _, err := r.desk.Redeliver(context.Background(), first.PublicID, nil); !errors.Is(err, webhook.ErrDisabled) {
			t.Errorf("redeliver to a disabled one: %v", err)
		}
	})
}

func TestTwoJobsOfOneDeliveryDoNotSendTwice(t *testing.T) {
	eachHook(t, func(t *testing.T, r *hookRig) {
		e, _ := r.endpoint()
		d := r.order(e)
		r.answer(500)
		first := r.try(d.ID)
		if wait := r.try(d.ID); wait <= 0 || r.count() != 1 {
			t.Errorf("the second job waits %s, %d requests", wait, r.count())
		}
		r.clock.move(first)
		r.answer(200)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() { _ = r.work.Try(context.Background(), d.ID) })
		}
		wg.Wait()
		if r.count() != 2 {
			t.Errorf("%d requests", r.count())
		}
	})
}

func TestAnInterruptedTryIsNoTry(t *testing.T) {
	eachHook(t, func(t *testing.T, r *hookRig) {
		e, _ := r.endpoint()
		d := r.order(e)
		ctx, cancel := context.WithCancel(context.Background())
		hang := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
			_, _ = io.ReadAll(q.Body) // the server sees that a caller left only after the body
			cancel()
			<-q.Context().Done()
		}))
		defer hang.Close()
		if _, err := r.desk.Update(context.Background(), e.PublicID, webhook.Change{URL: &hang.URL}, nil); err != nil {
			t.Fatal(err)
		}
		if err := r.work.Try(ctx, d.ID); err == nil {
			t.Error("no error")
		}
		if d = r.delivery(d.ID); d.Tries != 0 || d.State != models.DeliveryWaiting || d.NextAt != nil {
			t.Errorf("%+v", d)
		}
	})
}

func TestTheQueueTriesAgainAfterAboutASecond(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		r := newHookRig(t, store, nil)
		e, _ := r.endpoint()
		cfg := config.Default()
		q, err := Start(context.Background(), Deps{Store: store, Service: r.svc, Config: &cfg, Deliver: r.work.Try})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := q.Stop(context.Background()); err != nil {
				t.Error(err)
			}
		}()
		r.answer(503)
		d := r.order(e)
		wait(t, "the first try", func() bool { return r.count() == 1 })
		began := time.Now()
		r.answer(200)
		wait(t, "the second try", func() bool { return r.count() == 2 })
		if took := time.Since(began); took < 500*time.Millisecond || took > 4*time.Second {
			t.Errorf("the second try came after %s", took)
		}
		wait(t, "delivered", func() bool { return r.delivery(d.ID).State == models.DeliveryDelivered })
	})
}

func wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}
