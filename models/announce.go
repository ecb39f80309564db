package models

import (
	"context"
	"crypto/rand"
	"strconv"
	"strings"
	"sync"
	"time"
)

// announcer carries news to other processes on the same PostgreSQL. It does so after the commit and many at once: a NOTIFY inside a transaction
// holds a lock of the whole cluster through the commit, and who listens only looks a little later.
type announcer struct {
	origin string // tells our own news from others'
	mu     sync.Mutex
	orders map[int64]bool
	due    bool
	more   chan struct{}
	stop   chan struct{}
	once   sync.Once
	done   chan struct{}
}

// told is everything that a committed transaction touched.
func (s *Store) told(tx *Tx) {
	for id := range tx.touched {
		s.hub.order(id)
	}
	if tx.due {
		s.hub.wake()
	}
	if s.dialect != Postgres || len(tx.touched) == 0 && !tx.due {
		return
	}
	a := s.news
	a.mu.Lock()
	for id := range tx.touched {
		a.orders[id] = true
	}
	a.due = a.due || tx.due
	a.mu.Unlock()
	select {
	case a.more <- struct{}{}:
	default: // it has not looked since the last one, and will see this one too
	}
}

// startAnnouncing begins to carry news; endAnnouncing carries what is left and ends it.
func (s *Store) startAnnouncing() {
	a := &announcer{origin: strings.ToLower(rand.Text()[:12]), orders: map[int64]bool{}, more: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{})}
	s.news = a
	go func() {
		defer close(a.done)
		for {
			select {
			case <-a.more:
				s.announce()
			case <-a.stop:
				s.announce()
				return
			}
		}
	}()
}

func (s *Store) endAnnouncing() {
	if a := s.news; a != nil {
		a.once.Do(func() { close(a.stop) })
		<-a.done
	}
}

// announce tells the others once. What cannot be told now is not told: pages ask again by themselves, and the reconciler looks every second.
func (s *Store) announce() {
	a := s.news
	a.mu.Lock()
	ids := make([]string, 0, len(a.orders))
	for id := range a.orders {
		ids = append(ids, strconv.FormatInt(id, 10)+" "+a.origin)
	}
	due := a.due
	clear(a.orders)
	a.due = false
	a.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if due {
		if _, err := s.pgx.Exec(ctx, "SELECT pg_notify($1, $2)", dueChannel, a.origin); err != nil {
			s.log.Debug("due pull not announced", "error", err)
		}
	}
	if len(ids) == 0 {
		return
	}
	if _, err := s.pgx.Exec(ctx, "SELECT pg_notify($1, id) FROM unnest($2::text[]) AS id", orderChannel, ids); err != nil {
		s.log.Debug("changes not announced", "error", err)
	}
}

// heard takes what another process announced; our own news has been told already.
func (s *Store) heard(channel, payload string) {
	if channel == dueChannel {
		if payload != s.news.origin {
			s.hub.wake()
		}
		return
	}
	number, origin, _ := strings.Cut(payload, " ")
	if id, err := strconv.ParseInt(number, 10, 64); err == nil && origin != s.news.origin {
		s.hub.order(id)
	}
}
