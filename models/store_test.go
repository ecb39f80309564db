package models_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"mostrador/models"
	"mostrador/models/modelstest"
)

// made stores a site, an order and a payment, and returns the last two.
func made(t *testing.T, store *models.Store) (*models.Order, *models.Payment) {
	t.Helper()
	ctx := t.Context()
	o := &models.Order{Source: "amount", Status: "open", Currency: "USD", Total: 2500, Email: "maria@example.com", Lang: "en", Metadata: "{}", Stock: "none", ExpiresAt: store.Now().Add(time.Hour)}
	p := &models.Payment{Seq: 1, TokenHash: models.Digest("ipn" + time.Now().String()), RouteID: "r", Phase: "live", Status: "new", FromXML: "BTC", ToXML: "WMZ",
		PayoutRate: decimal.New(1, 0), Price: 2500, PriceOut: decimal.New(25, 0), QuotedIn: decimal.RequireFromString("0.00040012345678901234567"), QuotedOut: decimal.New(25, 0), QuotedAt: store.Now()}
	err := store.InTx(ctx, func(tx *models.Tx) error {
		site, err := tx.PutSite(ctx, models.Site{Name: "x", BaseURL: "https://x.example", APIPath: "/api"}, map[string]string{"Authorization": "Bearer secret"})
		if err != nil {
			return err
		}
		if err := tx.InsertOrder(ctx, o, "token"+time.Now().String(), nil); err != nil {
			return err
		}
		p.OrderID, p.SiteID = o.ID, site.ID
		tx.Vault().SealIPNSecret(p, "s3cret")
		return tx.InsertPayment(ctx, p)
	})
	if err != nil {
		t.Fatal(err)
	}
	return o, p
}

func TestAmountsComeBackToTheLastDigit(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		_, p := made(t, store)
		got, err := store.PaymentByID(t.Context(), p.ID)
		if err != nil {
			t.Fatal(err)
		}
		if !got.QuotedIn.Equal(p.QuotedIn) {
			t.Fatalf("%s came back as %s", p.QuotedIn, got.QuotedIn)
		}
		if !got.QuotedAt.Equal(p.QuotedAt) || got.QuotedAt.Location() != time.UTC && got.QuotedAt.UTC() != p.QuotedAt {
			t.Fatalf("%s came back as %s", p.QuotedAt, got.QuotedAt)
		}
	})
}

func TestTheLogTakesNoChange(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		ctx := t.Context()
		_, p := made(t, store)
		e := &models.Event{Source: "form", Kind: "intent", Outcome: "applied", Data: "{}"}
		err := store.InTx(ctx, func(tx *models.Tx) error {
			if err := tx.AppendEvent(ctx, p, e, []byte("raw body")); err != nil {
				return err
			}
			return tx.SavePayment(ctx, p)
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range []string{"UPDATE payment_events SET reason = 'x'", "DELETE FROM payment_events"} {
			if err := store.ExecForTest(ctx, q); err == nil {
				t.Errorf("%s went through", q)
			}
		}
		rows, err := store.Events(ctx, p.ID)
		if err != nil || len(rows) != 1 || rows[0].Sum() != rows[0].Digest {
			t.Fatalf("%d events, %v; the digest holds: %v", len(rows), err, len(rows) == 1 && rows[0].Sum() == rows[0].Digest)
		}
		raw, err := store.Vault().RawOf(&rows[0])
		if err != nil || string(raw) != "raw body" {
			t.Fatalf("raw body %q, %v", raw, err)
		}
	})
}

func TestASealedSecretOpensAtItsOwnPlaceOnly(t *testing.T) {
	v := modelstest.Vault(t)
	sealed := v.Seal("payments.secret:a", []byte("plain"))
	if bytes.Contains(sealed, []byte("plain")) {
		t.Fatal("the secret can be read in what is stored")
	}
	if _, err := v.Open("payments.secret:b", sealed); !errors.Is(err, models.ErrWrongKey) {
		t.Fatalf("opened in another row: %v", err)
	}
	other, err := models.NewVault(bytes.Repeat([]byte{8}, 32))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Open("payments.secret:a", sealed); !errors.Is(err, models.ErrWrongKey) {
		t.Fatalf("opened with another key: %v", err)
	}
}

func TestAnotherKeyIsNoticed(t *testing.T) {
	for name, address := range map[string]string{"sqlite": modelstest.SQLite(t), "postgres": modelstest.Postgres(t)} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			if err := modelstest.Open(t, address, nil).CheckKey(ctx); err != nil {
				t.Fatal(err)
			}
			wrong, err := models.NewVault(bytes.Repeat([]byte{9}, 32))
			if err != nil {
				t.Fatal(err)
			}
			s, err := models.Open(ctx, address, models.Options{Vault: wrong})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if err := s.CheckKey(ctx); !errors.Is(err, models.ErrWrongKey) {
				t.Fatalf("another key: %v", err)
			}
		})
	}
}

func TestWhatFailsLeavesNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		ctx := t.Context()
		stop := errors.New("stop")
		err := store.InTx(ctx, func(tx *models.Tx) error {
			if err := tx.PutSetting(ctx, "a", 1, "test"); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		var v int
		if ok, err := store.Setting(ctx, "a", &v); ok || err != nil {
			t.Fatalf("the setting is there: %v %v", ok, err)
		}
	})
}

func TestStockIsNeverOversold(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		ctx := t.Context()
		stock := int64(5)
		p := &models.Product{Slug: "mug", Title: `{"en":"Mug"}`, Summary: "{}", Description: "{}", Price: 100, Stock: &stock}
		if err := store.InTx(ctx, func(tx *models.Tx) error { return tx.InsertProduct(ctx, p) }); err != nil {
			t.Fatal(err)
		}
		var got atomic.Int64
		var wg sync.WaitGroup
		for range 20 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				var ok bool
				err := store.InTx(ctx, func(tx *models.Tx) (err error) { ok, err = tx.HoldStock(ctx, p.ID, 1); return err })
				if err != nil {
					t.Error(err)
				}
				if ok {
					got.Add(1)
				}
			}()
		}
		wg.Wait()
		if got.Load() != stock {
			t.Fatalf("%d pieces promised of %d", got.Load(), stock)
		}
	})
}

func TestNumbersOfOrdersHaveNoGapAndNoTwin(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		var mu sync.Mutex
		seen := map[int64]bool{}
		var wg sync.WaitGroup
		for i := range 12 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				o := &models.Order{Source: "amount", Status: "open", Currency: "USD", Total: 1, Lang: "en", Metadata: "{}", Stock: "none", ExpiresAt: store.Now()}
				err := store.InTx(context.Background(), func(tx *models.Tx) error {
					return tx.InsertOrder(context.Background(), o, string(rune('a'+i))+"-token", nil)
				})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				seen[o.Number] = true
			}()
		}
		wg.Wait()
		for n := int64(1001); n <= 1012; n++ {
			if !seen[n] {
				t.Errorf("number %d is missing", n)
			}
		}
	})
}

func TestTheSameAttemptIsTakenOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		ctx := t.Context()
		o, _ := made(t, store)
		take := func() error {
			return store.InTx(ctx, func(tx *models.Tx) error { return tx.InsertAttempt(ctx, "form:x", "input", o.ID, nil) })
		}
		if err := take(); err != nil {
			t.Fatal(err)
		}
		if err := take(); !errors.Is(err, models.ErrConflict) {
			t.Fatalf("the second time: %v", err)
		}
	})
}

func TestDuePaymentsAreClaimedOnceAndComeBack(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		ctx := t.Context()
		_, p := made(t, store)
		past := store.Now().Add(-time.Minute)
		claim := func(until time.Duration) (ids []int64) {
			err := store.InTx(ctx, func(tx *models.Tx) (err error) {
				ids, err = tx.ClaimDue(ctx, p.SiteID, 10, tx.Now().Add(until))
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return ids
		}
		if err := store.InTx(ctx, func(tx *models.Tx) error { return tx.SetNextPull(ctx, p.ID, &past) }); err != nil {
			t.Fatal(err)
		}
		if ids := claim(-time.Second); len(ids) != 1 || ids[0] != p.ID {
			t.Fatalf("claimed %v", ids)
		}
		if ids := claim(time.Hour); len(ids) != 1 {
			t.Fatal("a claim that ran out does not come back")
		}
		if ids := claim(time.Hour); len(ids) != 0 {
			t.Fatalf("claimed twice: %v", ids)
		}
	})
}

func TestWhoWatchesAnOrderHearsOfItsChange(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		ctx, stop := context.WithCancel(t.Context())
		o, _ := made(t, store)
		changed, end := store.WatchOrder(o.ID)
		defer end()
		done := make(chan struct{})
		go func() { defer close(done); store.Listen(ctx) }()
		defer func() { stop(); <-done }()
		deadline := time.After(10 * time.Second)
		for {
			err := store.InTx(ctx, func(tx *models.Tx) error {
				locked, err := tx.LockOrder(ctx, o.ID)
				if err != nil {
					return err
				}
				return tx.SaveOrder(ctx, locked)
			})
			if err != nil {
				t.Fatal(err)
			}
			select {
			case <-changed:
				return
			case <-deadline:
				t.Fatal("nothing was heard")
			case <-time.After(50 * time.Millisecond): // the listener may still be connecting
			}
		}
	})
}

func TestAReaderCannotWrite(t *testing.T) {
	store := modelstest.Open(t, modelstest.SQLite(t), nil)
	if err := store.ReadForTest(t.Context(), "DELETE FROM orders"); err == nil {
		t.Fatal("the reader wrote")
	}
}

// TestRule08ARefundIsNotAStatusThatWasTold lets a refund come between two changes: it does not hide the one before.
func TestRule08ARefundIsNotAStatusThatWasTold(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, store *models.Store) {
		ctx := t.Context()
		o, _ := made(t, store)
		err := store.InTx(ctx, func(tx *models.Tx) error {
			for i, kind := range []string{"order.pending", "order.refunded"} {
				if _, err := tx.Publish(ctx, &models.OrderEvent{OrderID: o.ID, Type: kind, Version: int64(i + 1), Data: "{}"}); err != nil {
					return err
				}
			}
			last, err := tx.LastTold(ctx, o.ID)
			if last != "order.pending" {
				t.Errorf("the last status told is %q", last)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
