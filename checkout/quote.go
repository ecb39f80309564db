package checkout

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"mostrador/config"
	"mostrador/exchanger"
	"mostrador/models"
	"mostrador/money"
)

// Units is an amount of an exchanger's currency, for messages.
type Units struct {
	Value    decimal.Decimal
	Symbol   string
	Decimals int32
}

// Offer is a currency that the customer could pay with: the route that would serve it and the exact amount.
type Offer struct {
	Key      string // site/routeId
	SiteID   int64
	SiteName string
	SiteHost string // host of the exchanger's address, as people know it
	Route    exchanger.Route
	Payout   config.Payout
	Want     decimal.Decimal // what must arrive, units of Route.To
	Due      decimal.Decimal // what the customer pays, units of Route.From, rounded up; 0 with a Problem
	Shown    decimal.Decimal // what the customer saw before the rate was read anew; 0: Due
	requoted bool            // asked again, at a rate that was read for it
	Problem  *Problem        // why it cannot serve the price; nil when it can
	At       time.Time       // when the rate was read
	Until    time.Time       // how long the amount stands without reading the rate again
}

// Units is the amount to pay.
func (o *Offer) Units() Units {
	return Units{Value: o.Due, Symbol: o.Route.From.Symbol, Decimals: o.Route.From.Decimals}
}

// shown is the amount that the customer has seen.
func (o *Offer) shown() decimal.Decimal {
	if o.Shown.IsPositive() {
		return o.Shown
	}
	return o.Due
}

// Want is how many units of a payout's currency a price in minor units asks for, rounded up at decimals.
func Want(price int64, currency string, rate decimal.Decimal, decimals int32) decimal.Decimal {
	return money.FromMinor(price, currency).Value.Mul(rate).RoundCeil(decimals)
}

// quote prices one route. The error of the exchanger's calculator becomes a Problem.
func quote(d doc, payout config.Payout, price int64, currency string) (want, due decimal.Decimal, p *Problem) {
	r := d.route
	want = Want(price, currency, payout.Rate, r.To.Decimals)
	if _, ok := valuesFor(r.To.Fields, payout.Values, nil); !ok {
		return want, due, invalid("route", "route_off")
	}
	due, err := r.Due(want)
	var limit *exchanger.LimitError
	units := func(v decimal.Decimal) Units { return Units{v, r.From.Symbol, 0} }
	switch {
	case errors.As(err, &limit) && limit.Kind == exchanger.BelowMin:
		return want, due, invalid("route", "route_below_min", "min", units(limit.Min))
	case errors.As(err, &limit) && limit.Kind == exchanger.AboveMax:
		return want, due, invalid("route", "route_above_max", "max", units(limit.Max))
	case errors.As(err, &limit) && limit.Kind == exchanger.NoReserve:
		return want, due, invalid("route", "route_no_reserve")
	case err != nil:
		return want, due, invalid("route", "route_no_rate")
	case r.NeedsVerification(due):
		return want, due, invalid("route", "route_needs_verification")
	}
	return want, due, nil
}

// Offers gives every currency once, with the route that serves it best: payouts in order of preference, and among sites the best
// price or the preferred one. Currencies that cannot serve the price come with the reason, after those that can.
func (s *Service) Offers(ctx context.Context, price int64) ([]Offer, error) {
	if err := s.RefreshRoutes(ctx, listAge); err != nil {
		s.log.Warn("list of routes not read", "error", err)
	}
	routes, err := s.store.Routes(ctx)
	if err != nil {
		return nil, err
	}
	payouts, err := s.Payouts(ctx)
	if err != nil {
		return nil, err
	}
	sites, err := s.sites(ctx)
	if err != nil {
		return nil, err
	}
	best, order := map[string]Offer{}, []string{}
	for _, payout := range payouts {
		var want []*models.Route
		for i := range routes {
			r := &routes[i]
			o, known := best[r.FromXML]
			if r.ToXML == payout.Currency && usable(r) && s.worthAsking(r.SiteID) && (!known || o.Problem != nil) {
				want = append(want, r)
			}
		}
		docs := s.docs(ctx, want)
		for _, r := range want {
			d, ok := docs[r]
			if !ok || !s.up(r.SiteID) {
				continue
			}
			o := s.offer(d, r, sites[r.SiteID], payout, price)
			have, known := best[r.FromXML]
			if !known {
				order = append(order, r.FromXML)
			}
			if !known || s.better(o, have) {
				best[r.FromXML] = o
			}
		}
	}
	out := make([]Offer, 0, len(order))
	for _, xml := range order {
		out = append(out, best[xml])
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Problem == nil && out[j].Problem != nil })
	return out, nil
}

// usable tells whether a route may be offered at all.
func usable(r *models.Route) bool {
	return r.Shown && r.Listed && !r.SwitchedOff && r.Problem == ""
}

// up tells whether a site answers: an open circuit takes its offers away.
func (s *Service) up(siteID int64) bool {
	h, ok := s.SiteHealth(siteID)
	return ok && h.State == exchanger.Closed
}

// worthAsking tells whether a call to a site may pass: it is up, or may be tried again by now.
func (s *Service) worthAsking(siteID int64) bool {
	h, ok := s.SiteHealth(siteID)
	return ok && (h.State != exchanger.Open || !s.store.Now().Before(h.NextProbe))
}

// NoneAnswers tells that every exchanger of the shop is away, so that nothing at all can be offered.
func (s *Service) NoneAnswers() bool { return !slices.ContainsFunc(s.active, s.up) }

// ProbeSites tries the active sites whose circuits are open and that may be tried again, with one call each. Nobody else does while no payment
// waits there and no customer looks. The error is that of the first which still does not answer.
func (s *Service) ProbeSites(ctx context.Context) error {
	var first error
	for _, id := range s.active {
		if s.up(id) || !s.worthAsking(id) {
			continue
		}
		if err := s.refreshList(ctx, id, 0); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// better tells whether offer a goes before b, which serves the same currency.
func (s *Service) better(a, b Offer) bool {
	switch {
	case (a.Problem == nil) != (b.Problem == nil):
		return a.Problem == nil
	case a.Payout.Currency != b.Payout.Currency || a.Problem != nil:
		return false // payouts come in order of preference
	case s.opt.Choose == config.ChoosePreferred:
		return s.place(a.SiteID) < s.place(b.SiteID)
	}
	return a.Due.LessThan(b.Due)
}

func (s *Service) place(siteID int64) int {
	for i, id := range s.active {
		if id == siteID {
			return i
		}
	}
	return len(s.active)
}

func (s *Service) sites(ctx context.Context) (map[int64]models.Site, error) {
	list, err := s.store.Sites(ctx)
	if err != nil {
		return nil, err
	}
	out := map[int64]models.Site{}
	for _, site := range list {
		out[site.ID] = site
	}
	return out, nil
}

func (s *Service) offer(d doc, r *models.Route, site models.Site, payout config.Payout, price int64) Offer {
	o := Offer{Key: site.Name + "/" + r.RouteID, SiteID: site.ID, SiteName: site.Name, SiteHost: Host(site.BaseURL), Route: d.route, Payout: payout,
		At: d.at, Until: d.at.Add(s.opt.RoutesTTL)}
	o.Want, o.Due, o.Problem = quote(d, payout, price, s.opt.Currency)
	return o
}

// Host is the host of an exchanger's address without www., as people know it.
func Host(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base
	}
	return strings.TrimPrefix(u.Host, "www.")
}

// Quote prices one route for a price in minor units, with a rate no older than routes_ttl. The error is a *Problem of the field route
// when the route is not to be had or cannot serve the price.
func (s *Service) Quote(ctx context.Context, key string, price int64) (*Offer, error) {
	if key == "" {
		return nil, invalid("route", "route_missing")
	}
	siteName, routeID, _ := strings.Cut(key, "/")
	siteID, ok := s.names[siteName]
	if !ok || routeID == "" {
		return nil, invalid("route", "route_unknown")
	}
	r, err := s.store.RouteOf(ctx, siteID, routeID)
	if errors.Is(err, models.ErrNotFound) {
		if err := s.refreshList(ctx, siteID, unknownAge); err != nil {
			return nil, s.down(err)
		}
		r, err = s.store.RouteOf(ctx, siteID, routeID)
	}
	if errors.Is(err, models.ErrNotFound) {
		return nil, invalid("route", "route_unknown")
	}
	if err != nil {
		return nil, err
	}
	payouts, err := s.Payouts(ctx)
	if err != nil {
		return nil, err
	}
	payout, ok := payoutFor(payouts, r.ToXML)
	if !ok || !usable(r) {
		return nil, invalid("route", "route_off")
	}
	d, err := s.fresh(ctx, r)
	if errors.Is(err, exchanger.ErrNotFound) {
		return nil, invalid("route", "route_unknown")
	}
	if err != nil {
		return nil, s.down(err)
	}
	site, err := s.store.SiteByID(ctx, siteID)
	if err != nil {
		return nil, err
	}
	o := s.offer(d, r, *site, payout, price)
	if o.Problem != nil {
		return &o, o.Problem
	}
	return &o, nil
}

// down makes a Problem of an exchanger that could not be asked; every other error stays what it is.
func (s *Service) down(err error) error {
	var unavailable *exchanger.Unavailable
	var refused *exchanger.Refused
	if errors.As(err, &unavailable) || errors.As(err, &refused) {
		s.log.Warn("exchanger not usable", "error", err)
		return &Problem{Kind: Unavailable, Field: "route", Code: "exchanger_down"}
	}
	return err
}

func payoutFor(list []config.Payout, currency string) (config.Payout, bool) {
	for _, p := range list {
		if p.Currency == currency {
			return p, true
		}
	}
	return config.Payout{}, false
}

// valuesFor pairs a route's fields with values that are named by the field's _id or name (some exchangers use names [client]). ok is
// false when a required one has no value.
func valuesFor(fields []exchanger.Field, values map[string]string, skip map[string]bool) (out []exchanger.Value, ok bool) {
	for _, f := range fields {
		v := values[f.Key]
		for _, name := range []string{f.Name, f.Label} {
			for k, candidate := range values {
				if v == "" && name != "" && strings.EqualFold(k, name) {
					v = candidate
				}
			}
		}
		if v == "" && len(values) == 1 && len(fields) == 1 { // one field, one value: the wallet whatever it is called there
			for _, only := range values {
				v = only
			}
		}
		if v == "" {
			if f.Required && !skip[f.Key] {
				return nil, false
			}
			continue
		}
		out = append(out, exchanger.Value{Key: f.Key, Value: v})
	}
	return out, true
}

// AskedFields are the fields that the customer fills in for a route: the from side's and the route's own, less those that the
// merchant's payout answers.
func AskedFields(o *Offer) []exchanger.Field {
	out := append([]exchanger.Field{}, o.Route.From.Fields...)
	for _, f := range o.Route.Fields {
		if v, _ := valuesFor([]exchanger.Field{f}, o.Payout.RouteValues, map[string]bool{f.Key: true}); len(v) == 0 || len(o.Payout.RouteValues) == 0 {
			out = append(out, f)
		}
	}
	return out
}
