package checkout

import (
	"context"
	"sort"
	"time"

	"mostrador/exchanger"
	"mostrador/models"
)

// Look is everything that a page of an order says.
type Look struct {
	Order    *models.Order
	Lines    []models.OrderLine
	Payments []models.Payment
	Current  *models.Payment // the one that the page speaks of; nil: none
	Events   []models.Event  // of all payments, the oldest first
	Site     *models.Site    // of Current
	Down     bool            // the exchanger does not answer
	Since    time.Time       // since when it does not
	Moved    bool            // it asks more than the customer was shown
	PayURL   string          // the exchanger's page of Current; "": none
	Token    string          // of the order's address
	Why      Explanation
	Refunds  []models.Refund
}

// Look reads everything that a page of an order says.
func (s *Service) Look(ctx context.Context, o *models.Order) (*Look, error) {
	l := &Look{Order: o}
	var err error
	if l.Payments, err = s.Payments(ctx, o); err != nil {
		return nil, err
	}
	if l.Lines, err = s.store.OrderLines(ctx, o.ID); err != nil {
		return nil, err
	}
	if l.Token, err = s.store.OrderToken(o); err != nil {
		return nil, err
	}
	for i := range l.Payments {
		events, err := s.store.Events(ctx, l.Payments[i].ID)
		if err != nil {
			return nil, err
		}
		l.Events = append(l.Events, events...)
	}
	sort.SliceStable(l.Events, func(i, j int) bool { return l.Events[i].At.Before(l.Events[j].At) })
	if l.Refunds, err = s.store.Refunds(ctx, o.ID); err != nil {
		return nil, err
	}
	l.Current = Current(l.Payments)
	if l.Current != nil {
		if l.Site, err = s.store.SiteByID(ctx, l.Current.SiteID); err != nil {
			return nil, err
		}
		l.Down, l.Since = s.isDown(l.Site)
		l.Moved = PriceMoved(l.Current, s.opt.Rules)
		if l.PayURL, err = s.PayURL(ctx, l.Current, o.Lang); err != nil {
			return nil, err
		}
	}
	l.Why = Explain(l.situation(s.store.Now(), s.opt.Rules))
	return l, nil
}

// isDown tells whether a site does not answer, by what this process has seen, else by what any process wrote.
func (s *Service) isDown(site *models.Site) (bool, time.Time) {
	if h, ok := s.SiteHealth(site.ID); ok && (!h.LastSuccess.IsZero() || !h.LastFailure.IsZero()) {
		return h.State != exchanger.Closed, h.FailingSince
	}
	if site.Circuit != string(exchanger.Closed) && site.FailingSince != nil {
		return true, *site.FailingSince
	}
	return false, time.Time{}
}

// situation is what explaining looks at.
func (l *Look) situation(now time.Time, rules Rules) Situation {
	return Situation{Order: *l.Order, Site: l.host(), Payments: l.Payments, Current: l.Current, Events: l.Events, Down: l.Down, Since: l.Since, GivenBack: GivenBack(l.Order, l.Refunds), Now: now, Rules: rules}
}

// host is the exchanger's, as people know it; "" while there is none.
func (l *Look) host() string {
	if l.Site == nil {
		return ""
	}
	return Host(l.Site.BaseURL)
}
