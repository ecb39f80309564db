package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"

	"mostrador/models"
)

const (
	waitsPerKey = 16              // calls of one key that wait at once
	waitTick    = 2 * time.Second // how often a waiting call looks by itself: another process may have written
)

// eventJSON is one change of an order.
type eventJSON struct {
	ID        int64     `json:"id" doc:"Grows by one with each event, in the order of what happened."`
	Type      string    `json:"type" example:"order.paid"`
	Timestamp time.Time `json:"timestamp"`
	Data      eventData `json:"data"`
}

type eventData struct {
	Order json.RawMessage `json:"order" doc:"The order as it was after the change."`
}

type eventPage struct {
	Data      []eventJSON `json:"data"`
	NextAfter int64       `json:"next_after" doc:"Send it as after to get what comes next."`
	HasMore   bool        `json:"has_more" doc:"There is more already."`
}

func (s *server) eventCalls() {
	type input struct {
		After int64 `query:"after" minimum:"0" doc:"The id of the last event that you have; 0: from the beginning."`
		Limit int   `query:"limit" minimum:"1" maximum:"500" default:"100"`
		Wait  int   `query:"wait" minimum:"0" maximum:"30" doc:"How many seconds to wait when there is nothing yet."`
	}
	type output struct{ Body eventPage }
	add(s, call{id: "list-events", method: http.MethodGet, path: "/events", tag: "Events", scopes: readOrders, errors: []int{422}, where: "query", middlewares: huma.Middlewares{patient}, summary: "Read what happened since",
		description: "Every event in order, none left out. With `wait` the call comes back as soon as there is one, or empty when the time is over: call it again and again to follow the shop without webhooks."},
		func(ctx context.Context, in *input) (*output, error) {
			rows, err := s.await(ctx, in.After, in.Limit+1, time.Duration(in.Wait)*time.Second)
			if err != nil {
				return nil, err
			}
			out := eventPage{Data: []eventJSON{}, NextAfter: in.After, HasMore: len(rows) > in.Limit}
			for _, e := range rows[:min(len(rows), in.Limit)] {
				out.Data = append(out.Data, eventJSON{e.ID, e.Type, e.At.UTC(), eventData{json.RawMessage(e.Data)}})
				out.NextAfter = e.ID
			}
			return &output{out}, nil
		})
}

// await reads events after an id, and waits for one where there is none yet.
func (s *server) await(ctx context.Context, after int64, limit int, wait time.Duration) ([]models.OrderEvent, error) {
	rows, err := s.store.OrderEvents(ctx, after, limit)
	if err != nil || len(rows) > 0 || wait <= 0 {
		return rows, err
	}
	leave, ok := s.enterWait(keyOf(ctx).ID)
	if !ok {
		return nil, tooMany(time.Second)
	}
	defer leave()
	changed, stop := s.store.WatchAll()
	defer stop()
	over := time.NewTimer(wait)
	defer over.Stop()
	tick := time.NewTicker(waitTick)
	defer tick.Stop()
	for {
		if rows, err = s.store.OrderEvents(ctx, after, limit); err != nil || len(rows) > 0 {
			return rows, err
		}
		select {
		case <-changed:
		case <-tick.C:
		case <-over.C:
			return nil, nil
		case <-s.Shutdown:
			return nil, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// enterWait keeps one key from holding every connection.
func (s *server) enterWait(key int64) (leave func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waits[key] >= waitsPerKey {
		return nil, false
	}
	s.waits[key]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.waits[key]--; s.waits[key] <= 0 {
			delete(s.waits, key)
		}
	}, true
}

// patient lifts the server's deadline for writing from a call that may wait.
func patient(c huma.Context, next func(huma.Context)) {
	rc := http.NewResponseController(humaecho.Unwrap(c).Response())
	_ = rc.SetWriteDeadline(time.Now().Add(time.Minute)) // a writer without deadlines has none to lift
	next(c)
}
