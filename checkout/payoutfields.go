package checkout

import (
	"context"
	"errors"
	"slices"
	"strings"

	"mostrador/config"
	"mostrador/exchanger"
	"mostrador/models"
)

// Why a payout cannot be checked.
var (
	ErrPayoutUnknown = errors.New("no exchanger pays out in this currency")
	ErrPayoutUnread  = errors.New("no exchanger that pays out in this currency could be asked what it needs")
)

// routesAsked is how many routes of a site are read to learn what it asks of who receives a currency.
const routesAsked = 2

// PayoutFields gives what the exchangers ask of who receives a currency: each field and pattern once, as they are now, or as last read
// where a site does not answer. The error is ErrPayoutUnknown or ErrPayoutUnread: then a wallet cannot be checked, and must not be taken.
func (s *Service) PayoutFields(ctx context.Context, currency string) ([]exchanger.Field, error) {
	if err := s.RefreshRoutes(ctx, listAge); err != nil {
		s.log.Warn("list of routes not read", "error", err)
	}
	routes, err := s.store.Routes(ctx)
	if err != nil {
		return nil, err
	}
	sites, err := s.sites(ctx)
	if err != nil {
		return nil, err
	}
	var all, ask []*models.Route
	asked := map[int64]int{}
	for i := range routes {
		r := &routes[i]
		if r.ToXML != currency || !r.Listed || r.Problem != "" || !sites[r.SiteID].Active {
			continue
		}
		all = append(all, r)
		if asked[r.SiteID] < routesAsked {
			asked[r.SiteID]++
			ask = append(ask, r)
		}
	}
	if len(all) == 0 {
		return nil, ErrPayoutUnknown
	}
	docs := s.docs(ctx, ask)
	for _, r := range all {
		if d, ok := stored(r); ok && docs[r].at.IsZero() {
			docs[r] = d
		}
	}
	if len(docs) == 0 {
		return nil, ErrPayoutUnread
	}
	var fields []exchanger.Field
	for _, r := range all {
		for _, f := range docs[r].route.To.Fields {
			if !slices.ContainsFunc(fields, func(g exchanger.Field) bool { return PayoutKey(f) == PayoutKey(g) && f.Regexp == g.Regexp }) {
				fields = append(fields, f)
			}
		}
	}
	return fields, nil
}

// PayoutKey is what a field's value is kept under in a payout: its name, which all sites share, else its _id.
func PayoutKey(f exchanger.Field) string {
	if f.Name != "" {
		return f.Name
	}
	return f.Key
}

// DemoWallet tells whether a payout goes to one of the wallets of the demo, which belong to nobody.
func DemoWallet(p config.Payout) bool {
	for _, v := range p.Values {
		if v := strings.TrimSpace(v); v == config.DemoTRON || v == config.DemoWMZ {
			return true
		}
	}
	return false
}
