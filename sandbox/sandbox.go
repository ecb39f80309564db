package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/shopspring/decimal"
)

// Config is what a Sandbox needs to know. The zero value works: memory only, real clock, default client.
type Config struct {
	// PublicURL is the origin that browsers see, such as http://localhost:8090, without a slash at the end.
	PublicURL string
	// StateFile keeps orders, faults and the clock over a restart. Empty: memory only.
	StateFile string
	// Log gets one line for each API call and each notification. Secrets are never in it.
	Log *slog.Logger
	// Now is the real clock; the sandbox adds its own offset to it (time travel).
	Now func() time.Time
	// Client posts notifications. Nil: a client with a timeout of 10 s that follows no redirect.
	Client *http.Client
	// Seed makes the wobble of the rates and the dice of the faults repeatable.
	Seed uint64
}

// Settings are the habits of the imitation that are no faults.
type Settings struct {
	// Step is the time between two statuses after the customer has pressed Pay. Zero: one second.
	Step time.Duration
	// Life is how long a new order waits for its payment. Zero: one hour.
	Life time.Duration
	// ConfirmPaid lets an order go on to done by itself when the shop reports "I have paid" through the API.
	// Without it such an order stays inProgress until a person at /control moves it.
	ConfirmPaid bool
}

const (
	defaultStep = time.Second
	defaultLife = time.Hour
	firstUID    = 1409 // the uid in the exchanger's own example [doc]
)

// ErrNoOrder is the answer for an uid that this sandbox never gave.
var ErrNoOrder = errors.New("no such order")

// Sandbox is one imitated exchanger. Its methods may be called from any goroutine.
type Sandbox struct {
	cfg     Config
	log     *slog.Logger
	cat     *catalogue
	post    *poster
	handler http.Handler

	mu       sync.Mutex
	orders   map[int64]*Order
	live     map[int64]*Order // those that time alone can move
	lastUID  int64
	offset   time.Duration
	faults   Faults
	struck   int // API calls hit by the present faults, for Faults.Times
	settings Settings
	dice     *rand.Rand
	journal  *journal
	lastMS   int64 // timestamp of the last notification, in ms
	version  uint64
	watchers map[chan uint64]struct{}

	ctx    context.Context
	cancel context.CancelFunc
	wake   chan struct{}
	wg     sync.WaitGroup
	closed sync.Once
}

// New opens the state and starts the sandbox's clockwork. The error says what is wrong with the state file.
func New(cfg Config) (*Sandbox, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Client == nil {
		cfg.Client = &http.Client{
			Timeout:       10 * time.Second,
			Transport:     http.DefaultTransport.(*http.Transport).Clone(), // its own, so that Close can end its connections
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	cfg.PublicURL = strings.TrimRight(cfg.PublicURL, "/")
	ctx, cancel := context.WithCancel(context.Background())
	s := &Sandbox{
		cfg: cfg, log: cfg.Log, cat: newCatalogue(),
		orders: map[int64]*Order{}, live: map[int64]*Order{}, lastUID: firstUID - 1,
		dice:     rand.New(rand.NewPCG(cfg.Seed, 0x5eed)),
		watchers: map[chan uint64]struct{}{},
		ctx:      ctx, cancel: cancel, wake: make(chan struct{}, 1),
	}
	s.post = newPoster(cfg.Client, cfg.Log, s.noticed)
	if cfg.StateFile != "" {
		j, err := openJournal(cfg.StateFile, s.replay)
		if err != nil {
			cancel()
			return nil, fmt.Errorf("open sandbox state: %w", err)
		}
		s.journal = j
		if err := s.journal.compact(s.snapshot()); err != nil {
			cancel()
			return nil, fmt.Errorf("compact sandbox state: %w", err)
		}
	}
	s.handler = s.routes()
	s.wg.Go(s.clockwork)
	return s, nil
}

// Handler serves the whole origin: API, payment pages, /control.
func (s *Sandbox) Handler() http.Handler { return s.handler }

// Close stops the clockwork, gives notifications under way three seconds to arrive, drops those that a fault still holds
// back, and closes the state file. Safe to call twice.
func (s *Sandbox) Close() error {
	var err error
	s.closed.Do(func() {
		s.cancel()
		s.wg.Wait()
		s.post.close(3 * time.Second)
		s.cfg.Client.CloseIdleConnections()
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.journal != nil {
			if err = s.journal.close(); err != nil {
				err = fmt.Errorf("close sandbox state: %w", err)
			}
			s.journal = nil
		}
	})
	return err
}

// clock is the time that orders live by. Call with the lock held.
func (s *Sandbox) clock() time.Time { return s.cfg.Now().UTC().Round(0).Add(s.offset) }

// Clock is the sandbox's time: the real one plus what Advance has added.
func (s *Sandbox) Clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock()
}

// stamp is the time that the exchanger writes on what it sends (Date header, notifications): the real clock, wrong by
// Faults.ClockSkew. Time travel does not move it, or a shop would see its exchanger's clock run away.
func (s *Sandbox) stamp(f Faults) time.Time { return s.cfg.Now().UTC().Add(f.ClockSkew) }

// Advance moves the sandbox's clock forward; orders that are due move and expire before it returns.
func (s *Sandbox) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset += d
	s.record(entry{Kind: kindClock, Offset: s.offset})
	s.tick()
	s.touched()
}

// Settings tells the present habits, defaults filled in.
func (s *Sandbox) Settings() Settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.habits()
}

func (s *Sandbox) habits() Settings {
	h := s.settings
	if h.Step <= 0 {
		h.Step = defaultStep
	}
	if h.Life <= 0 {
		h.Life = defaultLife
	}
	return h
}

// SetSettings changes the habits. Orders that exist keep their expiry.
func (s *Sandbox) SetSettings(v Settings) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settings = v
	s.record(entry{Kind: kindSettings, Settings: &v})
	s.touched()
}

// Faults tells which faults are on.
func (s *Sandbox) Faults() Faults {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults
}

// SetFaults replaces all faults at once; the zero value turns everything off.
func (s *Sandbox) SetFaults(f Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults, s.struck = f, 0
	s.record(entry{Kind: kindFaults, Faults: &f})
	s.touched()
}

// Reset forgets orders, faults, settings and time travel. Uids go on counting, so that no later order is mistaken for an
// earlier one.
func (s *Sandbox) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.orders)
	clear(s.live)
	s.offset, s.faults, s.struck, s.settings = 0, Faults{}, 0, Settings{}
	s.record(entry{Kind: kindReset, LastUID: s.lastUID})
	s.touched()
}

// Orders returns copies of all orders, the newest first.
func (s *Sandbox) Orders() []Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tick()
	return s.newest(0)
}

// Move puts an order into any status, as an administrator can [manual of the platform], with or without a notification.
// What the order would have done next by itself is cancelled. The error is ErrNoOrder or an empty status.
func (s *Sandbox) Move(uid int64, status string, notify bool) error {
	if status == "" {
		return errors.New("move order: empty status")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.orders[uid]
	if !ok {
		return ErrNoOrder
	}
	o.Plan = nil
	s.change(o, status, "administrator", notify)
	return nil
}

// Edit changes the amounts and payout values of an existing order, as an administrator can. Nil amounts stay; keys of
// toValues are a field's id or _id. No notification is sent: the status has not changed. The error is ErrNoOrder or names a
// payout field that the order does not have.
func (s *Sandbox) Edit(uid int64, in, out *decimal.Decimal, toValues map[string]string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.orders[uid]
	if !ok {
		return ErrNoOrder
	}
	values := append([]Value(nil), o.ToValues...)
	for key, text := range toValues {
		i := indexValue(values, key)
		if i < 0 {
			return fmt.Errorf("edit order: no payout field %q", key)
		}
		values[i].Value = text
	}
	if in != nil {
		o.InAmount = *in
	}
	if out != nil {
		o.OutAmount = *out
	}
	o.ToValues = values
	o.note(s.clock(), "administrator edited")
	s.save(o)
	s.touched()
	return nil
}

// WaitNotifications returns when no notification waits or is under way, or with the context's error.
func (s *Sandbox) WaitNotifications(ctx context.Context) error { return s.post.wait(ctx) }
