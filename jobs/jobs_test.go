package jobs

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"mostrador/checkout"
	"mostrador/config"
	"mostrador/models"
	"mostrador/models/modelstest"
)

// startQueue starts a queue whose deliveries are done by deliver, without an exchanger that answers.
func startQueue(t *testing.T, store *models.Store, alone bool, deliver func(context.Context, int64) error) *Queue {
	t.Helper()
	cfg := config.Default()
	cfg.Sandbox.PublicURL = "http://127.0.0.1:1" // nobody is there
	svc, err := checkout.New(t.Context(), store, checkout.OptionsOf(cfg), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(svc.Close)
	q, err := Start(t.Context(), Deps{Store: store, Service: svc, Config: &cfg, Deliver: deliver, Alone: alone})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stopQueue(t, q) })
	return q
}

func stopQueue(t *testing.T, q *Queue) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 25*time.Second)
	defer cancel()
	if err := q.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func enqueue(t *testing.T, store *models.Store, id int64) {
	t.Helper()
	err := store.InTx(t.Context(), func(tx *models.Tx) error { return tx.Enqueue(t.Context(), checkout.DeliverArgs{DeliveryID: id}, nil) })
	if err != nil {
		t.Fatal(err)
	}
}

func TestAJobRunsOnlyIfItsTransactionCommits(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		var sum atomic.Int64
		q := startQueue(t, store, false, func(_ context.Context, id int64) error { sum.Add(id); return nil })
		wrong := errors.New("rolled back")
		err := store.InTx(t.Context(), func(tx *models.Tx) error {
			if err := tx.Enqueue(t.Context(), checkout.DeliverArgs{DeliveryID: 1000}, nil); err != nil {
				return err
			}
			return wrong
		})
		if !errors.Is(err, wrong) {
			t.Fatal(err)
		}
		enqueue(t, store, 1)
		enqueue(t, store, 2)
		wait(t, "both jobs", func() bool { return sum.Load() == 3 })
		if !q.Running() {
			t.Error("it says that it does not run")
		}
	})
}

// Rule of operation: a dead instance's jobs are taken over. What a killed process leaves is a row that counts as running.
func TestADeadInstancesJobIsTakenOver(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		held := make(chan struct{})
		begun := make(chan struct{}, 1)
		var first atomic.Bool
		var done atomic.Int64
		dead := startQueue(t, store, false, func(ctx context.Context, id int64) error {
			if !first.CompareAndSwap(false, true) { // it lives on here, and may be the one that takes what was given back
				done.Add(id)
				return nil
			}
			begun <- struct{}{}
			<-held // it never ends by itself, as in a process that was killed
			return nil
		})
		enqueue(t, store, 7)
		<-begun
		if n, err := store.RescueJobs(t.Context(), takenOver); err != nil || n != 0 {
			t.Fatalf("%d jobs were taken from an instance that lives, %v", n, err)
		}
		if s, err := store.StuckJobs(t.Context(), -time.Hour); err != nil || s.Running != 1 {
			t.Fatalf("%+v, %v", s, err)
		}
		startQueue(t, store, true, func(_ context.Context, id int64) error { done.Add(id); return nil })
		wait(t, "somebody to do it again", func() bool { return done.Load() == 7 })
		close(held)
		stopQueue(t, dead)
	})
}

func TestStoppingLetsAJobFinish(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		begun, release := make(chan struct{}), make(chan struct{})
		var finished atomic.Bool
		q := startQueue(t, store, false, func(ctx context.Context, _ int64) error {
			close(begun)
			<-release
			finished.Store(ctx.Err() == nil)
			return nil
		})
		enqueue(t, store, 1)
		<-begun
		stopped := make(chan struct{})
		go func() { defer close(stopped); stopQueue(t, q) }()
		wait(t, "the queue to say that it stops", func() bool { return !q.Running() })
		close(release)
		<-stopped
		if !finished.Load() {
			t.Error("a job under way was cut off")
		}
	})
}
