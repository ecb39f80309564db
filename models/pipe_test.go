package models_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"mostrador/models"
	"mostrador/models/modelstest"
)

// TestAFailedQueuedWriteStopsTheCommit lets a queued write fail that nobody asks about before the commit, and one whose error is not looked at.
func TestAFailedQueuedWriteStopsTheCommit(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		ctx := t.Context()
		o, p := made(t, store)
		for name, f := range map[string]func(tx *models.Tx) error{
			"at the commit": func(tx *models.Tx) error {
				return tx.AppendEvent(ctx, &models.Payment{ID: 987654}, &models.Event{Source: "form", Kind: "intent", Outcome: "applied", Data: "{}"}, nil)
			},
			"before a read, and nobody looks": func(tx *models.Tx) error {
				_ = tx.AppendEvent(ctx, &models.Payment{ID: 987654}, &models.Event{Source: "form", Kind: "intent", Outcome: "applied", Data: "{}"}, nil)
				_, _ = tx.Payments(ctx, o.ID)
				_ = tx.PutSetting(ctx, "after", 1, "test")
				return nil
			},
			"a row that is not there, at the commit": func(tx *models.Tx) error {
				gone := *p
				gone.ID = 987654
				if err := tx.AppendEvent(ctx, p, &models.Event{Source: "form", Kind: "intent", Outcome: "applied", Data: "{}"}, nil); err != nil {
					return err
				}
				return tx.SavePayment(ctx, &gone)
			},
			"a row that is not there": func(tx *models.Tx) error {
				gone := *p
				gone.ID = 987654
				_ = tx.SavePayment(ctx, &gone)
				_, _ = tx.Payments(ctx, o.ID)
				return nil
			},
		} {
			t.Run(name, func(t *testing.T) {
				commits := store.Commits()
				err := store.InTx(ctx, func(tx *models.Tx) error {
					if err := tx.PutSetting(ctx, "before", 1, "test"); err != nil {
						return err
					}
					_ = f(tx)
					return nil
				})
				if err == nil || store.Commits() != commits {
					t.Fatalf("committed: %v", err)
				}
				var v int
				if ok, err := store.Setting(ctx, "before", &v); ok || err != nil {
					t.Fatalf("the write before it is there: %v %v", ok, err)
				}
			})
		}
	})
}

// TestACommitThatFollowsItsWritesAtOnceIsOne writes, commits, and writes again on the same connections.
func TestACommitThatFollowsItsWritesAtOnceIsOne(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		ctx := t.Context()
		o, _ := made(t, store)
		for i := int64(1); i <= 20; i++ {
			commits := store.Commits()
			err := store.InTx(ctx, func(tx *models.Tx) error {
				_, list, err := tx.LockAll(ctx, o.ID)
				if err != nil {
					return err
				}
				p := list[0]
				if p.Events != i-1 {
					t.Errorf("%d events after %d commits", p.Events, i-1)
				}
				if err := tx.AppendEvent(ctx, &p, &models.Event{Source: "form", Kind: "noted", Outcome: "applied", Data: "{}"}, nil); err != nil {
					return err
				}
				return tx.SavePayment(ctx, &p)
			})
			if err != nil || store.Commits() != commits+1 {
				t.Fatal(err)
			}
		}
		list, err := store.Payments(ctx, o.ID)
		if err != nil || list[0].Events != 20 {
			t.Fatalf("%+v, %v", list, err)
		}
	})
}

// TestWritesDoNotOutliveTheirContext ends the context in the middle: what is written afterwards must not land outside the transaction.
func TestWritesDoNotOutliveTheirContext(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		_, p := made(t, store)
		ctx, cancel := context.WithCancel(t.Context())
		err := store.InTx(ctx, func(tx *models.Tx) error {
			if err := tx.AppendEvent(ctx, p, &models.Event{Source: "form", Kind: "intent", Outcome: "applied", Data: "{}"}, nil); err != nil {
				return err
			}
			cancel()
			time.Sleep(20 * time.Millisecond) // for the rollback that follows from it, which is not ours to wait for
			return nil
		})
		if err == nil {
			t.Fatal("committed after its context had ended")
		}
		list, err := store.Events(t.Context(), p.ID)
		if err != nil || len(list) != 0 {
			t.Fatalf("%d events stayed, %v", len(list), err)
		}
	})
}

// TestAnUpdateNamesWhatDiffers changes a row behind a transaction's back, in a column that it does not change: that stays.
func TestAnUpdateNamesWhatDiffers(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		ctx := t.Context()
		o, p := made(t, store)
		err := store.InTx(ctx, func(tx *models.Tx) error {
			locked, list, err := tx.LockAll(ctx, o.ID)
			if err != nil {
				return err
			}
			if locked.Number != o.Number || len(list) != 1 || !list[0].QuotedIn.Equal(p.QuotedIn) || list[0].SettledAt != nil {
				t.Errorf("read %+v and %+v", locked, list)
			}
			if err := tx.ExecForTest(ctx, "UPDATE payments SET pull_error = 'elsewhere'"); err != nil {
				return err
			}
			list[0].Status = "done"
			now := tx.Now()
			list[0].SettledAt = &now
			locked.Status = "paid"
			if err := tx.SavePayment(ctx, &list[0]); err != nil {
				return err
			}
			return tx.SaveOrder(ctx, locked)
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := store.PaymentByID(ctx, p.ID)
		if err != nil || got.Status != "done" || got.SettledAt == nil || got.PullError != "elsewhere" {
			t.Fatalf("%+v, %v", got, err)
		}
		if again, err := store.OrderByID(ctx, o.ID); err != nil || again.Status != "paid" || again.Version != o.Version+1 {
			t.Fatalf("%+v, %v", again, err)
		}
	})
}

// TestAStatementIsReadWhileItRunsAgain runs one statement inside its own rows, and past the number that is kept compiled.
func TestAStatementIsReadWhileItRunsAgain(t *testing.T) {
	store := modelstest.Open(t, modelstest.SQLite(t), nil)
	ctx := t.Context()
	if err := store.NestForTest(ctx, "SELECT value FROM counters ORDER BY name"); err != nil {
		t.Fatal(err)
	}
	for i := range 600 {
		if err := store.ExecForTest(ctx, "UPDATE counters SET value = value WHERE name = 'x"+strings.Repeat("y", i)+"'"); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.ExecForTest(ctx, "UPDATE counters SET nothing = 1"); err == nil {
		t.Fatal("a wrong statement ran")
	}
	if err := store.ExecForTest(ctx, "UPDATE counters SET value = value"); err != nil {
		t.Fatal(err)
	}
}

// TestAnotherProcessHearsOfAChange is the way of the news between two processes on one PostgreSQL.
func TestAnotherProcessHearsOfAChange(t *testing.T) {
	address := modelstest.Postgres(t)
	ours, theirs := modelstest.Open(t, address, nil), modelstest.Open(t, address, nil)
	o, p := made(t, ours)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); theirs.Listen(ctx) }()
	defer func() { stop(); <-done }()
	changed, end := theirs.WatchOrder(o.ID)
	defer end()
	heard, due := false, false
	deadline := time.After(20 * time.Second)
	for !heard || !due {
		past := ours.Now().Add(-time.Minute)
		err := ours.InTx(ctx, func(tx *models.Tx) error {
			locked, err := tx.LockOrder(ctx, o.ID)
			if err != nil {
				return err
			}
			return errors.Join(tx.SaveOrder(ctx, locked), tx.SetNextPull(ctx, p.ID, &past))
		})
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-changed:
			heard = true
		case <-theirs.Due():
			due = true
		case <-deadline:
			t.Fatalf("change heard: %t, due pull heard: %t", heard, due)
		case <-time.After(50 * time.Millisecond): // the listener may still be connecting
		}
	}
}

// TestACancelledStatementIsNoFault: whoever runs the database may stop a statement that waits; nothing was written, and it may be tried again.
func TestACancelledStatementIsNoFault(t *testing.T) {
	address := modelstest.Postgres(t)
	store := modelstest.Open(t, address, nil)
	ctx := t.Context()
	key := "waits"
	err := store.InTx(ctx, func(tx *models.Tx) error {
		if err := tx.PutSetting(ctx, key, 1, "first"); err != nil {
			return err
		}
		second := make(chan error, 1)
		go func() {
			second <- store.InTx(ctx, func(tx *models.Tx) error { return tx.PutSetting(ctx, key, 2, "second") })
		}()
		for {
			modelstest.Behind(t, address, "SELECT pg_cancel_backend(pid) FROM pg_locks WHERE relation = 'settings'::regclass AND cardinality(pg_blocking_pids(pid)) > 0")
			select {
			case err := <-second:
				if !errors.Is(err, models.ErrBusy) {
					t.Errorf("it is told as %v", err)
				}
				return nil
			default:
			}
		}
	})
	var n int
	if ok, more := store.Setting(ctx, key, &n); err != nil || more != nil || !ok || n != 1 {
		t.Errorf("%v, %v: the setting is %d", err, more, n)
	}
}
