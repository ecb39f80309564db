package admin

import (
	"errors"
	"maps"
	"net/http"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"mostrador/messages"
	"mostrador/models"
	"mostrador/staff"
	"mostrador/views"
	"mostrador/views/admin"
)

// MailKinds are the mails to customers that a merchant may switch off. The others carry money or a way back to it and always go out.
var MailKinds = []string{"placed", "expired", "returned"}

// settings shows what a merchant changes and who rules where both have a say.
func (d *desk) settings(c echo.Context) error {
	s, err := d.Store.ShopSettings(c.Request().Context())
	if err != nil {
		return err
	}
	return d.settingsPage(c, http.StatusOK, s, nil)
}

// settingsMistakes are the mistakes of the form by field.
type settingsMistakes map[string]string

func (d *desk) settingsPage(c echo.Context, status int, s models.ShopSettings, wrong settingsMistakes) error {
	v := d.settingsView(c, s, wrong)
	return d.render(c, status, page{nav: "settings", title: text(c, "desk.nav.settings"), mistakes: len(v.Mistakes)}, admin.Settings(v))
}

func (d *desk) settingsView(c echo.Context, s models.ShopSettings, wrong settingsMistakes) admin.SettingsView {
	cfg := d.Config
	rule := func(own, file, key string) string {
		if own != "" || file == "" {
			return text(c, "desk.settings.rules_here", "key", key)
		}
		return text(c, "desk.settings.rules_file", "key", key, "value", file)
	}
	v := admin.SettingsView{
		May: can(c, staff.ManageSettings), Version: strconv.FormatInt(s.Version, 10),
		Name:    admin.Field{Name: "name", Label: text(c, "desk.settings.name"), Value: s.Name, Placeholder: cfg.Shop.Name, Help: rule(s.Name, cfg.Shop.Name, "shop.name"), Mistake: wrong["name"]},
		Support: admin.Field{Name: "support_email", Type: "email", Label: text(c, "desk.settings.support"), Value: s.SupportEmail, Placeholder: cfg.Shop.SupportEmail, Help: rule(s.SupportEmail, cfg.Shop.SupportEmail, "shop.support_email"), Mistake: wrong["support_email"]},
		Terms:   admin.Field{Name: "terms_url", Type: "url", Label: text(c, "desk.settings.terms"), Value: s.TermsURL, Placeholder: cfg.Shop.TermsURL, Help: rule(s.TermsURL, cfg.Shop.TermsURL, "shop.terms_url"), Mistake: wrong["terms_url"]},
		Accent:  admin.Field{Name: "accent", Label: text(c, "desk.settings.accent"), Value: s.Accent, Placeholder: "#0b5f66", Help: text(c, "desk.settings.accent_help"), Exact: true, Mistake: wrong["accent"]},
		Langs:   admin.Field{Name: "languages", Label: text(c, "desk.settings.languages"), Help: rule(strings.Join(s.Languages, ""), strings.Join(cfg.Shop.Languages, ", "), "shop.languages"), Mistake: wrong["languages"]},
		Mails:   admin.Field{Name: "mails", Label: text(c, "desk.settings.mails"), Mistake: wrong["mails"]},
	}
	v.Look = d.lookOfAccent(c, s.Accent)
	chosen := s.Languages
	if len(chosen) == 0 {
		chosen = cfg.Shop.Languages
	}
	v.First = admin.Field{Name: "first_language", Label: text(c, "desk.settings.first_language"), Help: text(c, "desk.settings.first_help"), Mistake: wrong["first_language"]}
	for _, l := range messages.Languages {
		name := messages.For(l).Text("language.name")
		v.LangOptions = append(v.LangOptions, admin.Option{Value: l, Label: name, On: slices.Contains(chosen, l)})
		v.FirstOptions = append(v.FirstOptions, admin.Option{Value: l, Label: name, On: len(chosen) > 0 && chosen[0] == l})
		at := func(field string) string { return field + "_" + l }
		v.Texts = append(v.Texts, admin.LangTexts{Lang: l, Name: name,
			Heading: admin.Field{Name: at("heading"), Label: text(c, "desk.settings.heading", "language", name), Value: s.Heading[l], Placeholder: messages.For(l).Text("catalogue.heading"), Lang: l, Mistake: wrong[at("heading")]},
			Intro:   admin.Field{Name: at("intro"), Label: text(c, "desk.settings.intro", "language", name), Value: s.Intro[l], Lang: l, Mistake: wrong[at("intro")]},
			Footer:  admin.Field{Name: at("footer"), Label: text(c, "desk.settings.footer", "language", name), Value: s.MailFooter[l], Lang: l, Mistake: wrong[at("footer")]},
		})
	}
	for _, k := range MailKinds {
		v.MailOptions = append(v.MailOptions, admin.Option{Value: k, Label: text(c, "desk.mail."+k), Help: text(c, "desk.mail."+k+".when"), On: !s.MailOff(k)})
	}
	if whole := wrong[wholeForm]; whole != "" {
		v.Mistakes = append(v.Mistakes, admin.Mistake{Text: whole})
	}
	v.Mistakes = append(v.Mistakes, mistakesOf(v.Name, v.Support, v.Terms, v.Accent, v.Langs, v.First, v.Mails)...)
	for _, t := range v.Texts {
		v.Mistakes = append(v.Mistakes, mistakesOf(t.Heading, t.Intro, t.Footer)...)
	}
	v.File = d.fileRows(c)
	if s.UpdatedBy != "" {
		v.Saved = text(c, "desk.settings.saved_by", "who", s.UpdatedBy, "when", d.moment(s.UpdatedAt).Text)
	}
	return v
}

// fileRows is what config.yaml rules, as it is now; secrets stay out.
func (d *desk) fileRows(c echo.Context) []admin.Fact {
	cfg := d.Config
	server := text(c, "desk.settings.not_set")
	if u, err := url.Parse(cfg.Mail.URL); err == nil && u.Host != "" {
		server = u.Scheme + "://" + u.Host
	}
	sites := []string{}
	for _, s := range cfg.ActiveSites() {
		sites = append(sites, s.Name+" ("+s.BaseURL+")")
	}
	return []admin.Fact{
		{Label: "exchanger.mode", Text: cfg.Exchanger.Mode},
		{Label: "exchanger.sites", Text: strings.Join(sites, ", ")},
		{Label: "server.public_url", Text: cfg.Server.PublicURL},
		{Label: "shop.currency", Text: cfg.Shop.Currency},
		{Label: "shop.timezone", Text: cfg.Shop.Timezone},
		{Label: "checkout.payment_page", Text: cfg.Checkout.PaymentPage},
		{Label: "checkout.settle_on", Text: cfg.Checkout.SettleOn},
		{Label: "checkout.order_expiry", Text: cfg.Checkout.OrderExpiry.String()},
		{Label: "mail.url", Text: server},
		{Label: "security.payout_delay", Text: cfg.Security.PayoutDelay.String()},
	}
}

// saveSettings takes the form. What stands there by now is shown beside it when somebody was faster.
func (d *desk) saveSettings(c echo.Context) error {
	form, err := c.FormParams()
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}
	now, err := d.Store.ShopSettings(c.Request().Context())
	if err != nil {
		return err
	}
	s, wrong := settingsOf(c, form, now)
	if whole := settingsWhole(c, form); whole != "" {
		wrong[wholeForm] = whole
	}
	if len(wrong) > 0 {
		return d.settingsPage(c, http.StatusUnprocessableEntity, s, wrong)
	}
	err = d.storeSettings(c, now, s)
	if errors.Is(err, models.ErrChanged) {
		return d.settingsConflict(c, s, form)
	}
	if err != nil {
		return err
	}
	return d.done(c, "/admin/settings", text(c, "desk.settings.saved"))
}

// wholeForm is the key of what is wrong with the form as a whole.
const wholeForm = ""

// settingsNames are the fields of the form: those that it always carries, and those that come only when something is ticked.
func settingsNames() (always, ticked []string) {
	always = []string{"version", "name", "support_email", "terms_url", "accent", "languages_sent", "mails_sent", "first_language"}
	for _, l := range messages.Languages {
		always = append(always, "heading_"+l, "intro_"+l, "footer_"+l)
	}
	return always, []string{"languages", "mails"}
}

// settingsWhole says which fields a form lacks and which it has that are none: a form that is not ours must not save half of it.
func settingsWhole(c echo.Context, form url.Values) string {
	always, ticked := settingsNames()
	var missing, foreign, say []string
	for _, name := range always {
		if !form.Has(name) {
			missing = append(missing, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(map[string][]string(form))) {
		if !slices.Contains(always, name) && !slices.Contains(ticked, name) {
			foreign = append(foreign, clip(name))
		}
	}
	if len(missing) > 0 {
		say = append(say, text(c, "desk.mistake.missing_fields", "fields", strings.Join(missing, ", ")))
	}
	if len(foreign) > 0 {
		say = append(say, text(c, "desk.mistake.foreign_fields", "fields", strings.Join(foreign[:min(len(foreign), 10)], ", ")))
	}
	return strings.Join(say, " ")
}

// storeSettings writes the settings and the log.
func (d *desk) storeSettings(c echo.Context, before, s models.ShopSettings) error {
	ctx, person := c.Request().Context(), who(c)
	return d.Store.InTx(ctx, func(tx *models.Tx) error {
		if err := tx.PutShopSettings(ctx, s, person.Name); err != nil {
			return err
		}
		return staff.Record(ctx, tx, person, "settings.save", "", map[string]any{"changed": changedSettings(before, s)})
	})
}

// settingsOf reads the form over the settings s and says what is wrong with it. A field that was not sent stays as it is.
func settingsOf(c echo.Context, form url.Values, s models.ShopSettings) (models.ShopSettings, settingsMistakes) {
	wrong := settingsMistakes{}
	line := func(to *string, name string, most int) {
		if !form.Has(name) {
			return
		}
		*to = strings.Join(strings.Fields(form.Get(name)), " ")
		if utf8.RuneCountInString(*to) > most {
			wrong[name] = text(c, "desk.mistake.long", "n", most)
		}
	}
	line(&s.Name, "name", 80)
	line(&s.SupportEmail, "support_email", 254)
	line(&s.TermsURL, "terms_url", 500)
	line(&s.Accent, "accent", 60)
	if form.Has("version") {
		s.Version, _ = strconv.ParseInt(form.Get("version"), 10, 64) // no number is an old version
	}
	if a, err := mail.ParseAddress(s.SupportEmail); s.SupportEmail != "" && (err != nil || a.Address != s.SupportEmail) {
		wrong["support_email"] = text(c, "desk.mistake.email")
	}
	if u, err := url.Parse(s.TermsURL); s.TermsURL != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "") {
		wrong["terms_url"] = text(c, "desk.mistake.url")
	}
	if _, err := views.ThemeCSS(s.Accent); err != nil {
		wrong["accent"] = text(c, "desk.mistake.colour")
	}
	if form.Has("languages_sent") || form.Has("languages") {
		if s.Languages = languagesOf(form); len(s.Languages) == 0 {
			wrong["languages"] = text(c, "desk.mistake.languages")
		}
		if first := form.Get("first_language"); form.Has("first_language") && !slices.Contains(messages.Languages, first) {
			wrong["first_language"] = text(c, "desk.mistake.unknown_value", "value", clip(first))
		}
	}
	for name, known := range map[string][]string{"languages": messages.Languages, "mails": MailKinds} {
		for _, v := range form[name] {
			if !slices.Contains(known, v) {
				wrong[name] = text(c, "desk.mistake.unknown_value", "value", clip(v))
			}
		}
	}
	if form.Has("mails_sent") {
		s.MailsOff = nil
		for _, k := range MailKinds {
			if !slices.Contains(form["mails"], k) {
				s.MailsOff = append(s.MailsOff, k)
			}
		}
	}
	langTexts := func(to *models.Texts, field string, most int) {
		next := models.Texts{}
		for _, l := range messages.Languages {
			v := (*to)[l]
			if line(&v, field+"_"+l, most); v != "" {
				next[l] = v
			}
		}
		*to = next
	}
	langTexts(&s.Heading, "heading", 120)
	langTexts(&s.Intro, "intro", 400)
	langTexts(&s.MailFooter, "footer", 300)
	return s, wrong
}

// languagesOf is the chosen languages, the first one first.
func languagesOf(form url.Values) []string {
	var list []string
	for _, l := range messages.Languages {
		if !slices.Contains(form["languages"], l) {
			continue
		}
		if l == form.Get("first_language") {
			list = slices.Insert(list, 0, l)
		} else {
			list = append(list, l)
		}
	}
	return list
}

// changedSettings names the fields that differ.
func changedSettings(a, b models.ShopSettings) []string {
	changed := []string{}
	for _, f := range []struct {
		name string
		same bool
	}{
		{"name", a.Name == b.Name}, {"support_email", a.SupportEmail == b.SupportEmail}, {"terms_url", a.TermsURL == b.TermsURL}, {"accent", a.Accent == b.Accent},
		{"languages", slices.Equal(a.Languages, b.Languages)}, {"heading", maps.Equal(a.Heading, b.Heading)}, {"intro", maps.Equal(a.Intro, b.Intro)},
		{"mails", slices.Equal(a.MailsOff, b.MailsOff)}, {"footer", maps.Equal(a.MailFooter, b.MailFooter)},
	} {
		if !f.same {
			changed = append(changed, f.name)
		}
	}
	return changed
}

// settingsConflict shows both versions.
func (d *desk) settingsConflict(c echo.Context, mine models.ShopSettings, form url.Values) error {
	theirs, err := d.Store.ShopSettings(c.Request().Context())
	if err != nil {
		return err
	}
	v := admin.ConflictView{
		Title: text(c, "desk.settings.conflict", "who", theirs.UpdatedBy, "when", d.moment(theirs.UpdatedAt).Text), Text: text(c, "desk.settings.conflict_text"),
		Leave: admin.Link{Label: text(c, "desk.conflict.leave"), Href: "/admin/settings"},
		Again: admin.Button{Action: "/admin/settings", Label: text(c, "desk.conflict.again"), Class: "btn-plain"},
	}
	add := func(label, a, b string) {
		if a != "" || b != "" {
			v.Rows = append(v.Rows, admin.ConflictRow{Label: label, Theirs: a, Yours: b, Differs: a != b})
		}
	}
	add(text(c, "desk.settings.name"), theirs.Name, mine.Name)
	add(text(c, "desk.settings.support"), theirs.SupportEmail, mine.SupportEmail)
	add(text(c, "desk.settings.terms"), theirs.TermsURL, mine.TermsURL)
	add(text(c, "desk.settings.accent"), theirs.Accent, mine.Accent)
	add(text(c, "desk.settings.languages"), strings.Join(theirs.Languages, ", "), strings.Join(mine.Languages, ", "))
	for _, l := range messages.Languages {
		name := messages.For(l).Text("language.name")
		add(text(c, "desk.settings.heading", "language", name), theirs.Heading[l], mine.Heading[l])
		add(text(c, "desk.settings.intro", "language", name), theirs.Intro[l], mine.Intro[l])
		add(text(c, "desk.settings.footer", "language", name), theirs.MailFooter[l], mine.MailFooter[l])
	}
	names := slices.Sorted(maps.Keys(map[string][]string(form)))
	for _, name := range names {
		for _, value := range form[name] {
			if name == "version" {
				value = strconv.FormatInt(theirs.Version, 10)
			}
			v.Again.Fields = append(v.Again.Fields, admin.Hidden{Name: name, Value: value})
		}
	}
	return d.render(c, http.StatusConflict, page{nav: "settings", title: text(c, "desk.nav.settings")}, admin.Conflict(v))
}
