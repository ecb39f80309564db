package admin

import (
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/exchanger"
	"mostrador/models"
	"mostrador/staff"
	"mostrador/views/admin"
)

// liveStep is the end of the first start: each thing that going live needs, with what to do about it.
func (d *desk) liveStep() step {
	return step{
		key:  "live",
		done: func(context.Context) (bool, error) { return d.Config.Live(), nil },
		show: func(c echo.Context) (templ.Component, error) {
			v := admin.SetupBody{Title: text(c, "desk.setup.live.title"), Lead: text(c, "desk.setup.live.text"), Next: &admin.Link{Label: text(c, "desk.setup.done.button"), Href: "/admin"}}
			if d.Config.Live() {
				v.Lead = text(c, "desk.setup.live.is")
			}
			checks, err := d.checklist(c.Request().Context())
			if err != nil {
				return nil, err
			}
			v.Parts = []admin.PartView{{Checks: checks}}
			if !d.Config.Live() {
				v.Parts = append(v.Parts, admin.PartView{ID: "h-operator", Title: text(c, "desk.setup.live.operator"), Text: text(c, "desk.setup.live.operator_text"), Body: admin.Raw(d.liveConfig())})
			}
			return admin.SetupStep(v), nil
		},
		submit: func(echo.Context) (templ.Component, int, error) {
			return nil, 0, echo.NewHTTPError(http.StatusMethodNotAllowed)
		},
	}
}

// liveConfig is what config.yaml lacks for real payments, as lines to put in.
func (d *desk) liveConfig() string {
	cfg := d.Config
	var b strings.Builder
	if !strings.HasPrefix(cfg.Server.PublicURL, "https://") {
		b.WriteString("server:\n  public_url: https://shop.example\n")
	}
	b.WriteString("exchanger:\n  mode: live\n  sites:\n    - name: coinsbar\n      base_url: https://www.coinsbar.net\n      headers: {}\n")
	if cfg.Shop.Demo {
		b.WriteString("shop:\n  demo: false\n")
	}
	if cfg.Mail.URL == "" {
		b.WriteString("mail:\n  url: smtps://user:password@mail.example\n  from: \"" + strings.ReplaceAll(cfg.Shop.Name, `"`, "") + " <shop@example.com>\"\n")
	}
	return b.String()
}

// checkOf is one line of the list until live: KEY when it is well, else KEY.not with KEY.say.
func checkOf(ctx context.Context, ok bool, bad, key string, link *admin.Link) admin.Check {
	if ok {
		return admin.Check{State: "ok", What: textIn(ctx, "desk.check."+key)}
	}
	return admin.Check{State: bad, What: textIn(ctx, "desk.check."+key+".not"), Say: textIn(ctx, "desk.check."+key+".say"), Link: link}
}

// peopleChecks are about the owners, and whom customers write to.
func (d *desk) peopleChecks(ctx context.Context) ([]admin.Check, error) {
	people, err := d.Store.StaffList(ctx)
	if err != nil {
		return nil, err
	}
	s, err := d.Store.ShopSettings(ctx)
	if err != nil {
		return nil, err
	}
	second := false
	for _, p := range people {
		second = second || p.Active() && p.Role == string(staff.Owner) && p.HasTOTP()
	}
	support, terms := s.SupportEmail != "" || d.Config.Shop.SupportEmail != "", s.TermsURL != "" || d.Config.Shop.TermsURL != ""
	settings := &admin.Link{Label: textIn(ctx, "desk.check.settings_link"), Href: "/admin/settings"}
	contact := checkOf(ctx, support && terms, "warn", "contact", settings)
	switch {
	case support && !terms:
		contact = checkOf(ctx, false, "warn", "terms", settings)
	case terms && !support:
		contact = checkOf(ctx, false, "warn", "support", settings)
	}
	return []admin.Check{
		checkOf(ctx, second, "", "second", &admin.Link{Label: textIn(ctx, "desk.check.second_link"), Href: "/admin/account#h-second"}),
		contact,
	}, nil
}

// moneyChecks are about where the money goes and whether a payment was played through.
func (d *desk) moneyChecks(ctx context.Context) ([]admin.Check, error) {
	list, _, err := d.payoutList(ctx)
	if err != nil {
		return nil, err
	}
	real, err := d.realPayouts(ctx)
	if err != nil {
		return nil, err
	}
	inForce, key := false, "payout"
	for _, p := range list {
		inForce = inForce || !checkout.DemoWallet(p)
	}
	if !inForce && len(real) > 0 {
		key = "payout_waits"
	}
	checks := []admin.Check{checkOf(ctx, inForce, "", key, &admin.Link{Label: textIn(ctx, "desk.check.payout_link"), Href: "/admin/setup/payout"})}
	if !d.Config.Live() {
		o, err := d.testOrder(ctx)
		if err != nil {
			return nil, err
		}
		checks = append(checks, checkOf(ctx, o != nil && o.Status == checkout.Paid, "", "test", &admin.Link{Label: textIn(ctx, "desk.check.test_link"), Href: "/admin/setup/test"}))
	}
	return checks, nil
}

// operatorChecks are about what config.yaml and the machine decide.
func (d *desk) operatorChecks(ctx context.Context) ([]admin.Check, error) {
	cfg := d.Config
	checks := []admin.Check{
		checkOf(ctx, strings.HasPrefix(cfg.Server.PublicURL, "https://"), "", "https", nil),
		checkOf(ctx, cfg.Mail.URL != "", "warn", "mail", nil),
	}
	if d.Store.Dialect() == models.SQLite {
		_, made, err := d.Store.LastBackup(ctx)
		if err != nil {
			return nil, err
		}
		checks = append(checks, checkOf(ctx, made, "warn", "backup", nil))
	}
	checks = append(checks, checkOf(ctx, !cfg.Shop.Demo, "warn", "demo", &admin.Link{Label: textIn(ctx, "desk.check.products_link"), Href: "/admin/products"}))
	if cfg.Live() {
		sites, err := d.Store.Sites(ctx)
		if err != nil {
			return nil, err
		}
		answers := false
		for _, s := range sites {
			answers = answers || s.Active && s.LastOkAt != nil && s.Circuit != string(exchanger.Open)
		}
		checks = append(checks, checkOf(ctx, answers, "bad", "site", &admin.Link{Label: textIn(ctx, "desk.check.site_link"), Href: "/admin/health"}))
	}
	return append(checks, checkOf(ctx, cfg.Live(), "", "live", nil)), nil
}
