package admin

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"mostrador/checkout"
	"mostrador/config"
	"mostrador/exchanger"
	"mostrador/models"
	"mostrador/staff"
	"mostrador/views/admin"
)

// errPending is why a change is refused while another one waits: two at once would take each other back.
var errPending = errors.New("a change waits already")

// payoutForm is what a refused form on the page of payouts brings back.
type payoutForm struct {
	setup    bool   // a step of the first start, not the page of payouts
	currency string // whose form it is
	typed    url.Values
	wrong    map[string]string
	problem  string
}

func (d *desk) payouts(c echo.Context) error {
	return d.payoutsPage(c, http.StatusOK, payoutForm{currency: c.QueryParam("currency")})
}

// wallet is a wallet as it may stand in a log or a list: its first and last signs.
func wallet(s string) string {
	r := []rune(s)
	if len(r) <= 12 {
		return strings.Repeat("•", len(r))
	}
	return string(r[:5]) + "…" + string(r[len(r)-4:])
}

// payoutDigest is the digest of a list, as the page and the log show it.
func payoutDigest(list []config.Payout) (raw []byte, digest string, err error) {
	raw, err = json.Marshal(list)
	if err != nil {
		return nil, "", fmt.Errorf("write payouts: %w", err)
	}
	return raw, models.Digest(string(raw)), nil
}

// summary is a list with its wallets cut short.
func summary(list []config.Payout) string {
	parts := make([]string, 0, len(list))
	for _, p := range list {
		values := []string{}
		for _, k := range slices.Sorted(maps.Keys(p.Values)) {
			values = append(values, wallet(p.Values[k]))
		}
		parts = append(parts, p.Currency+" "+strings.Join(values, ", "))
	}
	return strings.Join(parts, "; ")
}

// valueFor finds the value of a field as the domain does: by _id, name or label, or the only one there is.
func valueFor(fields []exchanger.Field, f exchanger.Field, values map[string]string) string {
	if v := values[f.Key]; v != "" {
		return v
	}
	for k, v := range values {
		if strings.EqualFold(k, f.Name) || strings.EqualFold(k, f.Label) {
			return v
		}
	}
	if len(values) == 1 && len(fields) == 1 {
		for _, v := range values {
			return v
		}
	}
	return ""
}

// valuesFit tells whether the values fill what a route requires.
func valuesFit(fields []exchanger.Field, values map[string]string) bool {
	for _, f := range fields {
		if f.Required && valueFor(fields, f, values) == "" {
			return false
		}
	}
	return true
}

// waiting gives the version that is not in force yet; nil when there is none.
func (d *desk) waiting(ctx context.Context) (*models.PayoutList, []models.PayoutList, error) {
	versions, err := d.Store.PayoutLists(ctx, 20)
	if err != nil {
		return nil, nil, err
	}
	for i := range versions {
		if v := &versions[i]; v.CancelledAt == nil && v.EffectiveAt.After(d.Now()) {
			return v, versions, nil
		}
	}
	return nil, versions, nil
}

func (d *desk) payoutsPage(c echo.Context, status int, f payoutForm) error {
	ctx := c.Request().Context()
	list, byDesk, err := d.payoutList(ctx)
	if err != nil {
		return err
	}
	pending, versions, err := d.waiting(ctx)
	if err != nil {
		return err
	}
	_, digest, err := payoutDigest(list)
	if err != nil {
		return err
	}
	rules := text(c, "desk.payouts.by_file")
	if byDesk {
		rules = text(c, "desk.payouts.by_desk")
	}
	v := admin.StackView{Head: admin.Head{Title: text(c, "desk.nav.payouts"), Lead: text(c, "desk.payouts.lead")}}
	if d.Config.Mail.URL == "" {
		v.Head.Lead = text(c, "desk.payouts.lead_off")
	}
	if f.problem != "" {
		v.Notes = append(v.Notes, admin.NoteView{Tone: admin.Trouble, Text: f.problem})
	}
	owner := can(c, staff.ManagePayouts)
	if pending != nil {
		part := admin.PartView{ID: "h-pending", Title: text(c, "desk.payouts.pending"), Text: text(c, "desk.payouts.pending_text", "who", pending.CreatedBy, "when", d.moment(pending.EffectiveAt).Text), Facts: []admin.Fact{
			{Label: text(c, "desk.payouts.change"), Text: pending.Summary}, {Label: text(c, "desk.payouts.effective"), Body: when(d.moment(pending.EffectiveAt))}, {Label: text(c, "desk.payouts.digest"), Text: pending.Digest[:16]},
		}}
		if owner {
			part.Buttons = []admin.Button{{Action: "/admin/payouts/" + strconv.FormatInt(pending.ID, 10) + "/cancel", Label: text(c, "desk.payouts.cancel"), Class: "btn-plain"}}
		}
		v.Parts = append(v.Parts, part)
	}
	l := admin.ListView{
		Label: v.Head.Title, Columns: []admin.Column{{Label: text(c, "desk.payouts.currency")}, {Label: text(c, "desk.payouts.rate"), Num: true}, {Label: text(c, "desk.payouts.values")}, {Label: text(c, "desk.goods.do"), Hidden: true}},
		Empty: &admin.EmptyView{Icon: "wallet", Title: text(c, "desk.payouts.empty"), Text: text(c, "desk.payouts.empty_text")},
	}
	for _, p := range list {
		values := []string{}
		for _, k := range slices.Sorted(maps.Keys(p.Values)) {
			x := wallet(p.Values[k])
			if owner {
				x = p.Values[k]
			}
			values = append(values, k+": "+x)
		}
		row := admin.Row{ID: "payout-" + p.Currency, Cells: []admin.Cell{{Text: p.Currency, Title: true}, {Text: p.Rate.String()}, {Text: strings.Join(values, ", "), Class: "exact whitespace-normal"}, {}}}
		if owner {
			row.Cells[0].Href = "/admin/payouts?currency=" + url.QueryEscape(p.Currency) + "#h-change"
		}
		l.Rows = append(l.Rows, row)
	}
	v.Parts = append(v.Parts, admin.PartView{ID: "h-now", Title: text(c, "desk.payouts.now"), Note: rules, List: &l}, admin.PartView{Facts: []admin.Fact{{Label: text(c, "desk.payouts.digest"), Text: digest[:16]}, {Label: text(c, "desk.payouts.delay"), Text: delayText(c, d.Config.Security.PayoutDelay)}}})
	if !owner {
		v.Parts = append(v.Parts, admin.PartView{Text: readOnly(c, staff.ManagePayouts)})
	} else if parts, err := d.payoutForms(c, f, list); err != nil {
		return err
	} else {
		v.Parts = append(v.Parts, parts...)
	}
	v.Parts = append(v.Parts, d.payoutHistory(c, versions))
	return d.stack(c, status, "payouts", v)
}

// delayText says how long a change waits.
func delayText(c echo.Context, delay time.Duration) string {
	if delay == 0 {
		return text(c, "desk.payouts.no_delay")
	}
	return span(c, delay)
}

// payoutHistory lists the versions, the newest first.
func (d *desk) payoutHistory(c echo.Context, versions []models.PayoutList) admin.PartView {
	l := admin.ListView{
		Label: text(c, "desk.payouts.history"), Columns: []admin.Column{{Label: text(c, "desk.goods.made")}, {Label: text(c, "desk.payouts.by")}, {Label: text(c, "desk.payouts.change")}, {Label: text(c, "desk.payouts.effective")}, {Label: text(c, "desk.payouts.digest")}},
		Empty: &admin.EmptyView{Icon: "scroll-text", Title: text(c, "desk.payouts.no_history")},
	}
	for i := range versions {
		p := &versions[i]
		effective := admin.Cell{Body: when(d.moment(p.EffectiveAt))}
		if p.CancelledAt != nil {
			effective = admin.Cell{Text: text(c, "desk.payouts.cancelled_by", "who", p.CancelledBy)}
		}
		l.Rows = append(l.Rows, admin.Row{Off: p.CancelledAt != nil, Cells: []admin.Cell{{Body: when(d.moment(p.CreatedAt)), Title: true}, {Text: p.CreatedBy}, {Text: p.Summary, Class: "whitespace-normal"}, effective, {Text: p.Digest[:16], Class: "exact"}}})
	}
	return admin.PartView{ID: "h-history", Title: text(c, "desk.payouts.history"), List: &l}
}

// payoutForms are the form of the chosen currency, and the choice of one.
func (d *desk) payoutForms(c echo.Context, f payoutForm, list []config.Payout) ([]admin.PartView, error) {
	ctx := c.Request().Context()
	var parts []admin.PartView
	if f.currency != "" {
		part := admin.PartView{ID: "h-change", Title: text(c, "desk.payouts.change_of", "currency", f.currency)}
		form, err := d.payoutForm(c, f, list)
		switch why := uncheckable(c, err, f.currency); {
		case why != "":
			part.Text = why
		case err != nil:
			return nil, err
		default:
			part.Form = &form
		}
		parts = append(parts, part)
		if slices.ContainsFunc(list, func(p config.Payout) bool { return p.Currency == f.currency }) {
			parts = append(parts, admin.PartView{ID: "h-remove", Title: text(c, "desk.payouts.remove_of", "currency", f.currency), Form: &admin.FormView{
				Action: "/admin/payouts/remove", Plain: true, Save: text(c, "desk.payouts.remove"),
				Hidden: []admin.Hidden{{Name: "currency", Value: f.currency}}, Controls: []admin.Control{{Field: proofField(c, "remove-current", "")}},
			}})
		}
	}
	routes, err := d.Store.Routes(ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, r := range routes {
		if r.Listed {
			names[r.ToXML] = r.ToName
		}
	}
	options := []admin.Option{}
	for _, xml := range slices.Sorted(maps.Keys(names)) {
		options = append(options, admin.Option{Value: xml, Label: xml + ", " + names[xml], On: xml == f.currency})
	}
	choose := admin.Control{As: admin.AsChoice, Field: admin.Field{Name: "currency", ID: "choose-currency", Label: text(c, "desk.payouts.currency")}, Options: options}
	if len(options) == 0 {
		choose = admin.Control{Field: admin.Field{Name: "currency", ID: "choose-currency", Label: text(c, "desk.payouts.currency"), Exact: true, Placeholder: "USDTTRC20", Help: text(c, "desk.payouts.no_routes")}}
	}
	return append(parts, admin.PartView{ID: "h-add", Title: text(c, "desk.payouts.choose"), Form: &admin.FormView{Action: "/admin/payouts#h-change", Get: true, Plain: f.currency != "", Save: text(c, "desk.payouts.choose_button"), Controls: []admin.Control{choose}}}), nil
}

// uncheckable says why the wallet of a currency cannot be checked and so is not taken, and what to do; "" for every other error.
func uncheckable(c echo.Context, err error, currency string) string {
	switch {
	case errors.Is(err, checkout.ErrPayoutUnknown):
		return text(c, "desk.payouts.unknown", "currency", currency)
	case errors.Is(err, checkout.ErrPayoutUnread):
		return text(c, "desk.payouts.unread", "currency", currency)
	}
	return ""
}

func proofField(c echo.Context, id, mistake string) admin.Field {
	key := "desk.proof.label"
	if me(c).HasTOTP() {
		key = "desk.proof.label_code"
	}
	return admin.Field{Name: "current", ID: id, Type: "password", Label: text(c, key), Autocomplete: "current-password", Required: true, Help: text(c, "desk.payouts.proof_help"), Mistake: mistake}
}

// payoutForm is the form of one currency, with the fields that its routes ask for.
func (d *desk) payoutForm(c echo.Context, f payoutForm, list []config.Payout) (admin.FormView, error) {
	fields, err := d.Checkout.PayoutFields(c.Request().Context(), f.currency)
	if err != nil {
		return admin.FormView{}, err
	}
	rate, position, values := "1", len(list)+1, map[string]string{}
	if i := slices.IndexFunc(list, func(p config.Payout) bool { return p.Currency == f.currency }); i >= 0 {
		rate, position, values = list[i].Rate.String(), i+1, list[i].Values
	}
	pick := func(name, value string) string {
		if f.typed.Has(name) {
			return f.typed.Get(name)
		}
		return value
	}
	form := admin.FormView{Action: "/admin/payouts", Save: text(c, "desk.payouts.save"), Hidden: []admin.Hidden{{Name: "currency", Value: f.currency}}, Leave: &admin.Link{Label: text(c, "desk.leave"), Href: "/admin/payouts"}}
	if f.setup {
		form.Action, form.Leave = "/admin/setup/payout", nil
	}
	done := map[string]bool{}
	for _, x := range fields {
		key := checkout.PayoutKey(x)
		if done[key] {
			continue
		}
		done[key] = true
		name := "values[" + key + "]"
		form.Controls = append(form.Controls, admin.Control{Field: admin.Field{Name: name, ID: "value-" + key, Label: cmp.Or(x.Label, key), Exact: true, Required: x.Required, Value: pick(name, valueFor(fields, x, values)), Help: text(c, "desk.payouts.checked"), Mistake: f.wrong[name]}})
	}
	if len(fields) == 0 { // the exchanger asks for nothing: there is nothing to say where to
		form.Note = text(c, "desk.payouts.no_fields")
	}
	form.Controls = append(form.Controls,
		admin.Control{Field: admin.Field{Name: "rate", Label: text(c, "desk.payouts.rate"), Mode: "decimal", Value: pick("rate", rate), Help: text(c, "desk.payouts.rate_help", "currency", d.Config.Shop.Currency), Mistake: f.wrong["rate"]}})
	if !f.setup {
		form.Controls = append(form.Controls, admin.Control{Field: admin.Field{Name: "position", Label: text(c, "desk.payouts.position"), Mode: "numeric", Value: pick("position", strconv.Itoa(position)), Help: text(c, "desk.payouts.position_help"), Mistake: f.wrong["position"]}})
	}
	if !f.setup || !d.Staff.Fresh(visitorOf(c).session) {
		form.Controls = append(form.Controls, admin.Control{Field: proofField(c, "current", f.wrong["current"])})
	}
	return form, nil
}

// prove checks the password or code that came with a form about payouts; mistake is "" when it is right.
func (d *desk) prove(c echo.Context) (mistake string, status int, err error) {
	proof := cmp.Or(c.FormValue("current"), c.FormValue("code"), c.FormValue("proof"))
	if proof == "" {
		return text(c, "desk.payouts.proof_missing"), http.StatusUnprocessableEntity, nil
	}
	err = d.Staff.Prove(c.Request().Context(), visitorOf(c).session, proof)
	var soon *staff.TooSoon
	switch {
	case errors.Is(err, staff.ErrWrong):
		return text(c, "desk.proof.wrong"), http.StatusUnprocessableEntity, nil
	case errors.As(err, &soon):
		retryAfter(c, soon)
		return waitText(c, "desk.login.soon", soon), http.StatusTooManyRequests, nil
	}
	return "", 0, err
}

// changePayout adds or changes the payout of a currency.
func (d *desk) changePayout(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := c.FormParams()
	if err != nil {
		return badForm(err)
	}
	f := payoutForm{currency: strings.TrimSpace(form.Get("currency")), typed: form, wrong: map[string]string{}}
	if f.currency == "" || len(f.currency) > 80 {
		f.problem = text(c, "desk.payouts.currency_missing")
		return d.payoutsPage(c, http.StatusUnprocessableEntity, f)
	}
	list, _, err := d.payoutList(ctx)
	if err != nil {
		return err
	}
	next, err := d.payoutOf(c, &f, list)
	if err != nil {
		return err
	}
	if f.problem != "" {
		return d.payoutsPage(c, http.StatusUnprocessableEntity, f)
	}
	mistake, status, err := d.prove(c)
	if err != nil {
		return err
	}
	if mistake != "" {
		f.wrong["current"] = mistake
	}
	form.Del("current")
	if len(f.wrong) > 0 {
		return d.payoutsPage(c, max(status, http.StatusUnprocessableEntity), f)
	}
	return d.putPayouts(c, f, next, "payout.change")
}

// payoutOf reads the form and gives the list with the change in it.
func (d *desk) payoutOf(c echo.Context, f *payoutForm, list []config.Payout) ([]config.Payout, error) {
	fields, err := d.Checkout.PayoutFields(c.Request().Context(), f.currency)
	if f.problem = uncheckable(c, err, f.currency); f.problem != "" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p := config.Payout{Currency: f.currency, Rate: decimal.NewFromInt(1), Values: map[string]string{}}
	at := slices.IndexFunc(list, func(q config.Payout) bool { return q.Currency == f.currency })
	place := len(list)
	if at >= 0 {
		p.Rate, p.RouteValues, place = list[at].Rate, list[at].RouteValues, at
	}
	if s := strings.TrimSpace(strings.Replace(f.typed.Get("rate"), ",", ".", 1)); s != "" {
		if p.Rate, err = decimal.NewFromString(s); err != nil || len(s) > 30 || !config.PayoutRate(p.Rate) || strings.ContainsAny(s, "eE") {
			f.wrong["rate"] = text(c, "desk.payouts.rate_wrong")
		}
	}
	if s := strings.TrimSpace(f.typed.Get("position")); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			f.wrong["position"] = text(c, "desk.mistake.number")
		}
		place = n - 1
	}
	for name := range f.typed {
		if key, ok := strings.CutPrefix(name, "values["); ok && strings.HasSuffix(key, "]") && len(key) < 100 {
			if v := strings.TrimSpace(f.typed.Get(name)); v != "" {
				p.Values[strings.TrimSuffix(key, "]")] = v
			}
		}
	}
	for _, x := range fields {
		v := valueFor(fields, x, p.Values)
		var wrong *exchanger.FieldError
		if errors.As(x.Check(v), &wrong) {
			f.wrong["values["+checkout.PayoutKey(x)+"]"] = text(c, "desk.payouts.value."+wrong.Kind)
		} else if d.Config.Live() && checkout.DemoWallet(config.Payout{Values: map[string]string{"": v}}) {
			f.wrong["values["+checkout.PayoutKey(x)+"]"] = text(c, "desk.payouts.value.demo")
		}
	}
	next := slices.DeleteFunc(slices.Clone(list), func(q config.Payout) bool { return q.Currency == f.currency })
	return slices.Insert(next, min(max(place, 0), len(next)), p), nil
}

// removePayout takes a currency out of the list.
func (d *desk) removePayout(c echo.Context) error {
	f := payoutForm{currency: strings.TrimSpace(c.FormValue("currency")), typed: url.Values{}, wrong: map[string]string{}}
	list, _, err := d.payoutList(c.Request().Context())
	if err != nil {
		return err
	}
	next := slices.DeleteFunc(slices.Clone(list), func(p config.Payout) bool { return p.Currency == f.currency })
	mistake, status, err := d.prove(c)
	if err != nil {
		return err
	}
	switch {
	case mistake != "":
		f.problem = mistake
		return d.payoutsPage(c, status, f)
	case len(next) == len(list):
		return models.ErrNotFound
	case len(next) == 0:
		f.problem = text(c, "desk.payouts.last")
		return d.payoutsPage(c, http.StatusUnprocessableEntity, f)
	}
	return d.putPayouts(c, f, next, "payout.remove")
}

// putPayouts stores a new list and goes back to the page of payouts.
func (d *desk) putPayouts(c echo.Context, f payoutForm, next []config.Payout, action string) error {
	effective, err := d.storePayouts(c, f.currency, next, action)
	if errors.Is(err, errPending) {
		f.problem = text(c, "desk.payouts.waits_already")
		return d.payoutsPage(c, http.StatusConflict, f)
	}
	if err != nil {
		return err
	}
	return d.done(c, "/admin/payouts", d.payoutSaved(c, effective))
}

// payoutSaved says when a change takes effect.
func (d *desk) payoutSaved(c echo.Context, effective time.Time) string {
	if !effective.After(d.Now()) {
		return text(c, "desk.payouts.saved_now")
	}
	return text(c, "desk.payouts.saved", "when", d.moment(effective).Text)
}

// storePayouts stores a new version of the list, which comes into force after security.payout_delay, logs it and writes to all owners.
// The error is errPending when another change waits.
func (d *desk) storePayouts(c echo.Context, currency string, next []config.Payout, action string) (effective time.Time, err error) {
	raw, digest, err := payoutDigest(next)
	if err != nil {
		return effective, err
	}
	people, err := d.Store.StaffList(c.Request().Context())
	if err != nil {
		return effective, err
	}
	detail := map[string]any{"digest": digest[:16], "delay": d.Config.Security.PayoutDelay.String()}
	err = d.recorded(c, action, currency, detail, func(ctx context.Context, tx *models.Tx) error {
		if err := tx.LockSetting(ctx, "payouts", who(c).Name); err != nil {
			return err
		}
		pending, err := tx.PayoutsWaiting(ctx)
		if err != nil {
			return err
		}
		if pending {
			return errPending
		}
		v := models.PayoutList{Digest: digest, Summary: summary(next), CreatedBy: who(c).Name, EffectiveAt: tx.Now().Add(d.Config.Security.PayoutDelay)}
		if err := tx.InsertPayouts(ctx, &v, raw); err != nil {
			return err
		}
		effective = v.EffectiveAt
		return d.tellOwners(ctx, tx, people, &v)
	})
	return effective, err
}

// tellOwners writes a mail about a new version to every owner; without mail.url nothing is written.
func (d *desk) tellOwners(ctx context.Context, tx *models.Tx, people []models.Staff, v *models.PayoutList) error {
	if d.Config.Mail.URL == "" {
		return nil
	}
	data, err := json.Marshal(checkout.LetterData{Kind: "payout_changed", Args: map[string]string{"who": v.CreatedBy, "when": d.moment(v.EffectiveAt).Text}})
	if err != nil {
		return fmt.Errorf("write mail: %w", err)
	}
	for _, p := range people {
		if p.Role != string(staff.Owner) || !p.Active() {
			continue
		}
		m := models.Mail{Once: fmt.Sprintf("payout/%d/%d", v.ID, p.ID), Kind: checkout.MailMerchant, Recipient: p.Email, Lang: cmp.Or(p.Lang, d.Config.Shop.Languages[0]), Data: string(data)}
		fresh, err := tx.InsertMail(ctx, &m)
		if err != nil {
			return err
		}
		if !fresh {
			continue
		}
		if err := tx.Enqueue(ctx, checkout.MailArgs{MailID: m.ID}, nil); err != nil {
			return err
		}
	}
	return nil
}

// cancelPayout takes back a version that is not in force yet. It makes nothing less safe, so it asks for no proof.
func (d *desk) cancelPayout(c echo.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	ok := false
	err = d.recorded(c, "payout.cancel", strconv.FormatInt(id, 10), nil, func(ctx context.Context, tx *models.Tx) (err error) {
		ok, err = tx.CancelPayouts(ctx, id, who(c).Name)
		if err == nil && !ok {
			return models.ErrChanged
		}
		return err
	})
	if err != nil {
		return err
	}
	return d.done(c, "/admin/payouts", text(c, "desk.payouts.cancelled"))
}
