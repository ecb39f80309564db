package models

import (
	"context"
	"sync"
	"time"
)

const (
	orderChannel = "mostrador_order"
	dueChannel   = "mostrador_due"
)

// hub tells those who wait in this process that an order changed or that a pull fell due. With PostgreSQL what happens in
// other processes arrives through Listen.
type hub struct {
	mu      sync.Mutex
	waiting map[int64]map[chan struct{}]bool
	any     map[chan int64]bool
	due     chan struct{}
	closed  bool
}

func (h *hub) init() {
	h.waiting, h.any, h.due = map[int64]map[chan struct{}]bool{}, map[chan int64]bool{}, make(chan struct{}, 1)
}

func (h *hub) order(id int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ch := range h.waiting[id] {
		select {
		case ch <- struct{}{}:
		default: // it has not looked since the last change, and will see this one too
		}
	}
	for ch := range h.any {
		select {
		case ch <- id:
		default:
		}
	}
}

func (h *hub) wake() {
	select {
	case h.due <- struct{}{}:
	default:
	}
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
}

// WatchOrder returns a channel that is signalled after each committed change of an order, and the function that ends it.
func (s *Store) WatchOrder(id int64) (<-chan struct{}, func()) {
	ch := make(chan struct{}, 1)
	h := &s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.waiting[id] == nil {
		h.waiting[id] = map[chan struct{}]bool{}
	}
	h.waiting[id][ch] = true
	return ch, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.waiting[id], ch)
		if len(h.waiting[id]) == 0 {
			delete(h.waiting, id)
		}
	}
}

// WatchAll returns a channel of the ids of changed orders; who does not keep up misses some. The function ends it.
func (s *Store) WatchAll() (<-chan int64, func()) {
	ch := make(chan int64, 64)
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	s.hub.any[ch] = true
	return ch, func() {
		s.hub.mu.Lock()
		defer s.hub.mu.Unlock()
		delete(s.hub.any, ch)
	}
}

// Due is signalled when a payment should be pulled at once.
func (s *Store) Due() <-chan struct{} { return s.hub.due }

// Touch marks an order as changed: who watches it is told after the commit.
func (tx *Tx) Touch(orderID int64) { tx.touched[orderID] = true }

// Listen carries what other processes announce into this one until ctx ends. It does nothing on SQLite, and comes back by itself
// after a lost connection.
func (s *Store) Listen(ctx context.Context) {
	if s.dialect != Postgres {
		<-ctx.Done()
		return
	}
	for ctx.Err() == nil {
		if err := s.listen(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("live updates interrupted", "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
}

func (s *Store) listen(ctx context.Context) error {
	conn, err := s.pgxListen.Acquire(ctx)
	if err != nil {
		return err
	}
	raw := conn.Hijack() // a listening connection must not go back to the pool
	defer func() {
		bye, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		raw.Close(bye)
	}()
	if _, err := raw.Exec(ctx, "LISTEN "+orderChannel+"; LISTEN "+dueChannel); err != nil {
		return err
	}
	for {
		n, err := raw.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		s.heard(n.Channel, n.Payload)
	}
}
