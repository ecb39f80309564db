package checkout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"mostrador/exchanger"
	"mostrador/models"
)

const (
	listAge      = 5 * time.Minute  // how old the list of a site's routes may be
	unknownAge   = 20 * time.Second // how old where a route is asked for that it lacks: anybody can make one up
	staleAge     = 5 * time.Minute  // older rates are not shown without waiting for new ones
	waitFresh    = 1500 * time.Millisecond
	waitMissing  = 6 * time.Second
	routesAtOnce = 6
)

// RefreshRoutes reads the lists of routes of all active sites that are older than age. What could not be read stays as it was; the error
// is the first failure.
func (s *Service) RefreshRoutes(ctx context.Context, age time.Duration) error {
	var first error
	for _, id := range s.active {
		if err := s.refreshList(ctx, id, age); err != nil && first == nil {
			first = err
		}
	}
	return first
}

func (s *Service) refreshList(ctx context.Context, siteID int64, age time.Duration) error {
	site, err := s.store.SiteByID(ctx, siteID)
	if err != nil {
		return err
	}
	if site.RoutesAt != nil && s.store.Now().Sub(*site.RoutesAt) < age {
		return nil
	}
	_, err, _ = s.refresh.Do(fmt.Sprint("list/", siteID), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.opt.Timeout)
		defer cancel()
		c, err := s.client(ctx, siteID)
		if err != nil {
			return nil, err
		}
		list, err := c.Routes(ctx)
		s.keepHealth(ctx, siteID)
		if err != nil {
			return nil, err
		}
		rows := make([]models.Route, 0, len(list))
		for i, r := range list {
			rows = append(rows, models.Route{RouteID: r.ID, FromXML: r.From.XML, FromName: r.From.Name, FromSymbol: r.From.Symbol, FromImage: r.From.Image,
				ToXML: r.To.XML, ToName: r.To.Name, ToSymbol: r.To.Symbol, Position: int64(r.From.Position)*1000 + int64(i), Shown: r.Show})
		}
		return nil, s.store.InTx(ctx, func(tx *models.Tx) error { return tx.PutRouteList(ctx, siteID, rows) })
	})
	return err
}

// doc is a route as last read, with when that was.
type doc struct {
	route exchanger.Route
	at    time.Time
}

// stored gives the route as the database has it; ok is false when it was never read.
func stored(r *models.Route) (d doc, ok bool) {
	if r.Doc == "" || r.DocAt == nil || json.Unmarshal([]byte(r.Doc), &d.route) != nil {
		return doc{}, false
	}
	d.at = *r.DocAt
	return d, true
}

// fresh reads one route, unless it was read within routes_ttl.
func (s *Service) fresh(ctx context.Context, r *models.Route) (doc, error) {
	if d, ok := stored(r); ok && s.store.Now().Sub(d.at) < s.opt.RoutesTTL {
		return d, nil
	}
	d, err := s.readRoute(ctx, r)
	if err != nil {
		return doc{}, err
	}
	return d, s.keepDocs(ctx, map[*models.Route]doc{r: d}, nil)
}

// keepDocs writes what was read of routes, and marks those that the exchanger no longer knows.
func (s *Service) keepDocs(ctx context.Context, docs map[*models.Route]doc, gone []*models.Route) error {
	if len(docs)+len(gone) == 0 {
		return nil
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		for r, d := range docs {
			raw, err := json.Marshal(d.route)
			if err != nil {
				return fmt.Errorf("write route: %w", err)
			}
			if err := tx.PutRouteDoc(ctx, r.SiteID, r.RouteID, string(raw), "", d.route.Rate.In, d.route.Rate.Out, d.route.Rate.Amount); err != nil {
				return err
			}
		}
		for _, r := range gone {
			if err := tx.PutRouteDoc(ctx, r.SiteID, r.RouteID, r.Doc, "gone", one(), one(), one()); err != nil {
				return err
			}
		}
		return nil
	})
}

// docs gives the newest known state of each route, reading those that are older than routes_ttl. It waits for new ones only so long:
// who looks at a page rather sees a rate of a minute ago, since the one that counts is read again when the order is placed.
func (s *Service) docs(ctx context.Context, routes []*models.Route) map[*models.Route]doc {
	have := map[*models.Route]doc{}
	var old []*models.Route
	wait := waitFresh
	now := s.store.Now()
	for _, r := range routes {
		d, ok := stored(r)
		if ok {
			have[r] = d
		}
		if !ok || now.Sub(d.at) >= s.opt.RoutesTTL {
			old = append(old, r)
		}
		if !ok || now.Sub(d.at) >= staleAge {
			wait = waitMissing
		}
	}
	if len(old) == 0 {
		return have
	}
	var mu sync.Mutex
	got := map[*models.Route]doc{}
	var gone []*models.Route
	done := make(chan struct{})
	back := context.WithoutCancel(ctx)
	s.behind.Go(func() {
		defer close(done)
		ctx, cancel := context.WithTimeout(back, 3*s.opt.Timeout)
		defer cancel()
		var g errgroup.Group
		g.SetLimit(routesAtOnce)
		for _, r := range old {
			g.Go(func() error {
				d, err := s.readRoute(ctx, r)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					got[r] = d
				} else if errors.Is(err, exchanger.ErrNotFound) {
					gone = append(gone, r)
				}
				return nil
			})
		}
		g.Wait()
		mu.Lock()
		defer mu.Unlock()
		if err := s.keepDocs(ctx, got, gone); err != nil {
			s.log.Warn("routes not written", "error", err)
		}
	})
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	case <-ctx.Done():
	}
	mu.Lock()
	defer mu.Unlock()
	for r, d := range got {
		have[r] = d
	}
	return have
}

// readRoute asks for one route; who asks for the same meanwhile shares the answer, so it does not end with the first one's request.
func (s *Service) readRoute(ctx context.Context, r *models.Route) (doc, error) {
	v, err, _ := s.refresh.Do(fmt.Sprint("route/", r.SiteID, "/", r.RouteID), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.opt.Timeout)
		defer cancel()
		c, err := s.client(ctx, r.SiteID)
		if err != nil {
			return nil, err
		}
		route, err := c.Route(ctx, r.RouteID, "en")
		s.keepHealth(ctx, r.SiteID)
		if err != nil {
			return nil, err
		}
		if route.From.XML != "" && route.From.XML != r.FromXML || route.To.XML != "" && route.To.XML != r.ToXML {
			return nil, fmt.Errorf("route %s of its list is another one by itself: %w", r.RouteID, &exchanger.Unavailable{Err: errors.New("the exchanger contradicts itself")})
		}
		return doc{route: route, at: s.store.Now()}, nil
	})
	if err != nil {
		return doc{}, err
	}
	return v.(doc), nil
}
