package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"mostrador/config"
	"mostrador/exchanger"
)

// clockTolerance is how far the exchanger's clock may be from ours: notifications are ordered by it.
const clockTolerance = time.Minute

// exchangers calls the API of every configured site.
func (d *patient) exchangers(ctx context.Context) error {
	payouts, err := d.payouts(ctx)
	if err != nil {
		return err
	}
	reached := false
	served := map[string]bool{}
	for _, site := range d.cfg.ActiveSites() {
		routes, ok := d.site(ctx, site)
		reached = reached || ok
		for _, r := range routes {
			served[r.To.XML] = true
		}
	}
	if !reached {
		return nil
	}
	for _, p := range payouts {
		if served[p.Currency] {
			d.ok("payout %s: there are routes to it", p.Currency)
		} else {
			d.fail(fmt.Sprintf("payout %s: no exchanger has a route to it", p.Currency), "correct the currency's code at /admin/payouts or in payouts of the configuration; the exchanger's list of routes has it as xml of to")
		}
	}
	return nil
}

// site reads a site's routes; ok is false when it does not answer.
func (d *patient) site(ctx context.Context, site config.Site) (routes []exchanger.RouteSummary, ok bool) {
	c, err := exchanger.New(exchanger.Site{Name: site.Name, BaseURL: site.BaseURL, APIPath: site.APIPath, Headers: site.Headers, Partner: site.Partner},
		exchanger.Options{Timeout: min(d.cfg.Exchanger.Timeout, 15*time.Second), UserAgent: "Mostrador"})
	if err != nil {
		d.fail("exchanger "+site.Name+": "+oneLine(err), "correct exchanger.sites")
		return nil, false
	}
	defer c.Close()
	routes, err = c.Routes(ctx)
	switch {
	case err != nil && !d.cfg.Live() && !d.running:
		d.note("exchanger %s: the sandbox is not running: start the shop, it brings the sandbox along", site.Name)
		return nil, false
	case err != nil:
		d.fail(fmt.Sprintf("exchanger %s: its API does not answer (%s)", site.Name, oneLine(err)), "check base_url, api_path and headers of the site, and whether this machine reaches it; orders go on by themselves when it is back")
		return nil, false
	case len(routes) == 0:
		d.fail("exchanger "+site.Name+": its list of routes is empty", "ask the exchanger whether your account may use the API")
	default:
		d.ok("exchanger %s: API answers, %d routes", site.Name, len(routes))
	}
	d.clock(site.Name, c.Health())
	return routes, true
}

func (d *patient) clock(name string, h exchanger.Health) {
	switch diff := h.ClockDiff.Round(time.Second); {
	case !h.ClockKnown:
		d.note("exchanger %s tells no time: see that this machine's clock is set by NTP, notifications are ordered by the exchanger's", name)
	case diff.Abs() >= clockTolerance:
		d.fail(fmt.Sprintf("exchanger %s: its clock differs from ours by %s", name, diff), "have this machine's clock set by NTP; if it is right, tell the exchanger")
	default:
		d.ok("exchanger %s: clocks differ by %s", name, diff)
	}
}

// payouts are those that count now: what the desk keeps, else the configuration.
func (d *patient) payouts(ctx context.Context) ([]config.Payout, error) {
	raw, err := d.store.EffectivePayouts(ctx)
	if err != nil || raw == nil {
		return slices.Clone(d.cfg.Payouts), err
	}
	var list []config.Payout
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("read payouts: %w", err)
	}
	return list, nil
}
