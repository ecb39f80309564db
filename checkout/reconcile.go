package checkout

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"mostrador/exchanger"
	"mostrador/models"
)

const (
	pullsAtOnce = 8                // background pulls to one site under way at once
	lease       = time.Minute      // a claimed payment comes back to the others after this
	setBack     = 30 * time.Second // a clock that goes back by more makes all plans too late
	idle        = time.Second      // how often due payments are looked for when nobody calls
)

// paceOf is the limit of background pulls to one site, shared by everything that pulls when nobody waits for it.
func (s *Service) paceOf(siteID int64) *rate.Limiter {
	if l, ok := s.paces.Load(siteID); ok {
		return l.(*rate.Limiter)
	}
	l, _ := s.paces.LoadOrStore(siteID, rate.NewLimiter(rate.Limit(s.opt.CallsPerSecond), max(1, int(s.opt.CallsPerSecond))))
	return l.(*rate.Limiter)
}

// lane is what the reconciler keeps for one site.
type lane struct {
	limit *rate.Limiter
	slots chan struct{}
}

// RunReconciler pulls payments as they fall due, until ctx ends: the longest due first, at most calls_per_second and a few at once for each
// site, one alone while a site's circuit is not closed, none before a Retry-After. Any number may wait: they stay in the database, and only those
// that are being pulled are in memory. Several processes share the work by claiming.
func (s *Service) RunReconciler(ctx context.Context) {
	ctx = exchanger.Background(ctx)
	s.takeUp(ctx)
	lanes := map[int64]*lane{}
	var wg sync.WaitGroup
	defer wg.Wait()
	tick := time.NewTicker(idle)
	defer tick.Stop()
	last := s.store.Now()
	for {
		if now := s.store.Now(); now.Before(last.Add(-setBack)) {
			s.log.Warn("the clock was set back: payments are looked at anew", "by", last.Sub(now).Round(time.Second))
			s.takeUp(ctx)
		}
		last = s.store.Now()
		more := false
		sites, err := s.store.Sites(ctx)
		if err != nil && ctx.Err() == nil {
			s.log.Error("sites not read", "error", err)
		}
		for _, site := range sites {
			l := lanes[site.ID]
			if l == nil {
				l = &lane{limit: s.paceOf(site.ID), slots: make(chan struct{}, pullsAtOnce)}
				lanes[site.ID] = l
			}
			more = s.dispatch(ctx, site.ID, l, &wg) || more
		}
		if more {
			select {
			case <-ctx.Done():
				return
			case <-time.After(20 * time.Millisecond):
			}
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-s.store.Due():
		}
	}
}

// takeUp makes everything that waits for news due now: nobody knows how long nobody has looked, or what the plans were made by.
func (s *Service) takeUp(ctx context.Context) {
	if err := s.store.InTx(ctx, func(tx *models.Tx) error { _, err := tx.PullAllSoon(ctx); return err }); err != nil {
		s.log.Error("payments not taken up", "error", err)
	}
}

// dispatch starts pulls of a site's due payments, as many as it may have under way; more tells that others are due too.
func (s *Service) dispatch(ctx context.Context, siteID int64, l *lane, wg *sync.WaitGroup) (more bool) {
	free := cap(l.slots) - len(l.slots)
	if h, ok := s.SiteHealth(siteID); ok {
		now := s.store.Now()
		switch {
		case h.PausedUntil.After(now), h.State != exchanger.Closed && (h.NextProbe.After(now) || len(l.slots) > 0):
			return false
		case h.State != exchanger.Closed:
			free = min(free, 1) // one call tries whether it is back
		}
	}
	allowed := int(l.limit.Tokens())
	if free = min(free, max(allowed, 0)); free <= 0 {
		return len(l.slots) < cap(l.slots) && s.anyDue(ctx, siteID)
	}
	var ids []int64
	err := s.store.InTx(ctx, func(tx *models.Tx) (err error) {
		ids, err = tx.ClaimDue(ctx, siteID, free, tx.Now().Add(lease))
		return err
	})
	if err != nil {
		if ctx.Err() == nil {
			s.log.Error("due payments not claimed", "error", err)
		}
		return false
	}
	for _, id := range ids {
		l.limit.Allow()
		l.slots <- struct{}{}
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer func() { <-l.slots }()
			s.pullOnce(ctx, id)
		}()
	}
	return len(ids) == free
}

func (s *Service) anyDue(ctx context.Context, siteID int64) bool {
	due, err := s.store.AnyDue(ctx, siteID, s.store.Now())
	return err == nil && due
}
