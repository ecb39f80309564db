package admin

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/config"
	"mostrador/models"
	"mostrador/views/admin"
)

// payoutStep is the first start's step for where the money goes: one currency and a wallet that fits its route's own pattern.
func (d *desk) payoutStep() step {
	return step{
		key: "payout",
		done: func(ctx context.Context) (bool, error) {
			real, err := d.realPayouts(ctx)
			return len(real) > 0, err
		},
		show: func(c echo.Context) (templ.Component, error) {
			return d.payoutStepBody(c, payoutForm{setup: true, currency: c.QueryParam("currency"), typed: url.Values{}})
		},
		submit: d.takePayoutStep,
	}
}

// realPayouts are the payouts that belong to somebody, of the newest list that was not cancelled, also while it waits.
func (d *desk) realPayouts(ctx context.Context) ([]config.Payout, error) {
	pending, _, err := d.waiting(ctx)
	if err != nil {
		return nil, err
	}
	var list []config.Payout
	if pending != nil {
		list, err = d.payoutsOf(pending)
	} else {
		list, _, err = d.payoutList(ctx)
	}
	return slices.DeleteFunc(slices.Clone(list), checkout.DemoWallet), err
}

// payoutsOf opens a version of the list.
func (d *desk) payoutsOf(v *models.PayoutList) (list []config.Payout, err error) {
	raw, err := d.Store.Vault().PayoutJSON(v)
	if err != nil {
		return nil, err
	}
	return list, json.Unmarshal(raw, &list)
}

func (d *desk) payoutStepBody(c echo.Context, f payoutForm) (templ.Component, error) {
	ctx := c.Request().Context()
	real, err := d.realPayouts(ctx)
	if err != nil {
		return nil, err
	}
	pending, _, err := d.waiting(ctx)
	if err != nil {
		return nil, err
	}
	v := admin.SetupBody{Title: text(c, "desk.setup.payout.title"), Lead: text(c, "desk.setup.payout.text"), Next: &admin.Link{Label: text(c, "desk.setup.later"), Href: "/admin/setup/test"}}
	if f.problem != "" {
		v.Mistakes = append(v.Mistakes, admin.Mistake{Text: f.problem})
	}
	for _, p := range real {
		values := make([]string, 0, len(p.Values))
		for _, k := range slices.Sorted(maps.Keys(p.Values)) {
			values = append(values, p.Values[k])
		}
		v.Facts = append(v.Facts, admin.Fact{Label: p.Currency, Text: strings.Join(values, ", ")})
	}
	if len(real) > 0 {
		v.Next.Label = text(c, "desk.setup.next")
	}
	if pending != nil {
		v.Notes = append(v.Notes, admin.NoteView{Tone: admin.Waiting, Text: text(c, "desk.payouts.pending_text", "who", pending.CreatedBy, "when", d.moment(pending.EffectiveAt).Text)})
		return admin.SetupStep(v), nil
	}
	if f.currency == "" { // what is received by now, or what the demo receives: a stablecoin that all exchangers know
		list := real
		if len(list) == 0 {
			list = d.Config.Payouts
		}
		if len(list) > 0 {
			f.currency = list[0].Currency
		}
	}
	parts, err := d.payoutForms(c, f, real)
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		if p.ID == "h-remove" {
			continue
		}
		if p.Form != nil && p.ID == "h-add" {
			p.Form.Action = "/admin/setup/payout"
		}
		if p.Form != nil {
			v.Mistakes = append(v.Mistakes, admin.MistakesOf(p.Form.Controls)...)
		}
		v.Parts = append(v.Parts, p)
	}
	slices.Reverse(v.Parts) // first the currency, then its fields
	return admin.SetupStep(v), nil
}

// besides is the list that a first wallet joins: nothing that customers can pay towards vanishes with it. What belongs to the merchant comes first,
// so that the demo's wallets are not preferred to it; where money is real they are left out, as they are paid nothing there.
func (d *desk) besides(ctx context.Context) (list []config.Payout, real int, err error) {
	all, _, err := d.payoutList(ctx)
	if err != nil {
		return nil, 0, err
	}
	list = slices.DeleteFunc(slices.Clone(all), checkout.DemoWallet)
	real = len(list)
	if !d.Config.Live() {
		list = append(list, slices.DeleteFunc(slices.Clone(all), func(p config.Payout) bool { return !checkout.DemoWallet(p) })...)
	}
	return list, real, nil
}

// takePayoutStep takes the wallet. The other payouts stay as they are, those of the demo too as long as nothing real is paid.
func (d *desk) takePayoutStep(c echo.Context) (templ.Component, int, error) {
	form, err := c.FormParams()
	if err != nil {
		return nil, 0, badForm(err)
	}
	f := payoutForm{setup: true, currency: strings.TrimSpace(form.Get("currency")), typed: form, wrong: map[string]string{}}
	mistaken := func() (templ.Component, int, error) {
		body, err := d.payoutStepBody(c, f)
		return body, max(1, len(f.wrong)), err
	}
	if f.currency == "" || len(f.currency) > 80 {
		f.currency, f.problem = "", text(c, "desk.payouts.currency_missing")
		return mistaken()
	}
	list, real, err := d.besides(c.Request().Context())
	if err != nil {
		return nil, 0, err
	}
	if at := slices.IndexFunc(list, func(p config.Payout) bool { return p.Currency == f.currency }); !form.Has("position") && (at < 0 || at >= real) {
		f.typed = maps.Clone(form)
		f.typed.Set("position", strconv.Itoa(real+1))
	}
	next, err := d.payoutOf(c, &f, list)
	if err != nil {
		return nil, 0, err
	}
	if f.problem != "" {
		return mistaken()
	}
	if !d.Staff.Fresh(visitorOf(c).session) {
		mistake, _, err := d.prove(c)
		if err != nil {
			return nil, 0, err
		}
		if mistake != "" {
			f.wrong["current"] = mistake
		}
		f.typed.Del("current")
	}
	if len(f.wrong) > 0 {
		return mistaken()
	}
	_, err = d.storePayouts(c, f.currency, next, "payout.change")
	if errors.Is(err, errPending) {
		f.problem = text(c, "desk.payouts.waits_already")
		return mistaken()
	}
	return nil, 0, err
}
