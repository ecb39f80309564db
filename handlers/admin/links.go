package admin

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/handlers"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/money"
	"mostrador/staff"
	"mostrador/views"
	"mostrador/views/admin"
)

const linkPageSize = 50

// links lists the payment links and has the form for a new one.
func (d *desk) links(c echo.Context) error {
	return d.linksPage(c, http.StatusOK, url.Values{}, nil)
}

func (d *desk) linksPage(c echo.Context, status int, typed url.Values, wrong map[string]string) error {
	after := afterOf(c)
	list, err := d.Store.LinksPage(c.Request().Context(), after, linkPageSize+1)
	if err != nil {
		return err
	}
	v := admin.StackView{Head: admin.Head{Title: text(c, "desk.nav.links"), Lead: text(c, "desk.links.lead")}}
	v.Pager.Label = v.Head.Title
	if len(list) > linkPageSize {
		list = list[:linkPageSize]
		v.Pager.Next = pageLink("/admin/links", c.QueryParams(), strconv.FormatInt(list[len(list)-1].ID, 10))
	}
	if after > 0 {
		v.Pager.First = "/admin/links"
	}
	l := admin.ListView{
		Label: v.Head.Title, Columns: []admin.Column{
			{Label: text(c, "desk.links.title")},
			{Label: text(c, "desk.links.amount"), Num: true},
			{Label: text(c, "desk.links.used"), Num: true},
			{Label: text(c, "desk.links.until")},
			{Label: text(c, "desk.links.address")},
			{Label: text(c, "desk.goods.state")},
			{Label: text(c, "desk.goods.do"), Hidden: true},
		},
		Empty: &admin.EmptyView{Icon: "link", Title: text(c, "desk.links.empty"), Text: text(c, "desk.links.empty_text")},
	}
	for i := range list {
		l.Rows = append(l.Rows, d.linkRow(c, &list[i]))
	}
	v.Parts = append(v.Parts, admin.PartView{List: &l})
	if can(c, staff.Work) {
		field := func(name string, f admin.Field) admin.Field {
			f.Name, f.Value, f.Mistake = name, typed.Get(name), wrong[name]
			return f
		}
		v.Parts = append(v.Parts, admin.PartView{ID: "h-add", Title: text(c, "desk.links.add"), Form: &admin.FormView{Action: "/admin/links", Save: text(c, "desk.links.add_button"), Controls: []admin.Control{
			{Field: field("title", admin.Field{Label: text(c, "desk.links.title"), Help: text(c, "desk.links.title_help"), Required: true})},
			{Field: field("amount", admin.Field{Label: text(c, "desk.links.amount"), Mode: "decimal", Unit: d.Config.Shop.Currency, Help: text(c, "desk.links.amount_help")})},
			{Field: field("max_uses", admin.Field{Label: text(c, "desk.links.max_uses"), Mode: "numeric", Help: text(c, "desk.links.max_uses_help")})},
			{Field: field("expires_at", admin.Field{Label: text(c, "desk.links.expires_at"), Type: "date", Help: text(c, "desk.links.expires_help")})},
			{Field: field("return_url", admin.Field{Label: text(c, "desk.links.return_url"), Placeholder: "https://", Help: text(c, "desk.links.return_url_help")})},
			{As: admin.AsArea, Field: field("description", admin.Field{Label: text(c, "desk.links.description"), Rows: 2})},
		}}})
	} else {
		v.Parts = append(v.Parts, admin.PartView{Text: readOnly(c, staff.Work)})
	}
	return d.stack(c, status, "links", v)
}

func (d *desk) linkAddress(l *models.Link) string {
	return d.Config.Server.PublicURL + "/pay/" + url.PathEscape(l.Slug)
}

func (d *desk) linkAmount(c echo.Context, l *models.Link) string {
	if l.Amount == nil {
		return text(c, "desk.links.open")
	}
	return d.price(c, *l.Amount)
}

func linkUsed(l *models.Link) string {
	if l.MaxUses == nil {
		return strconv.FormatInt(l.Uses, 10)
	}
	return strconv.FormatInt(l.Uses, 10) + " / " + strconv.FormatInt(*l.MaxUses, 10)
}

func (d *desk) linkState(c echo.Context, l *models.Link) templ.Component {
	switch {
	case !l.Active:
		return chip(admin.Plain, "ban", text(c, "desk.goods.is_off"))
	case l.ExpiresAt != nil && !l.ExpiresAt.After(d.Now()):
		return chip(admin.Attention, "clock-alert", text(c, "desk.links.is_over"))
	case l.MaxUses != nil && l.Uses >= *l.MaxUses:
		return chip(admin.Attention, "check", text(c, "desk.links.is_used_up"))
	}
	return chip(admin.Good, "circle-check", text(c, "desk.goods.is_on"))
}

func (d *desk) linkRow(c echo.Context, l *models.Link) admin.Row {
	id := strconv.FormatInt(l.ID, 10)
	row := admin.Row{ID: "link-" + id, Off: !l.Active, Cells: []admin.Cell{
		{Text: l.Title, Sub: l.Description, Href: "/admin/links/" + id, Title: true},
		{Text: d.linkAmount(c, l)},
		{Text: linkUsed(l)},
		d.momentCell(l.ExpiresAt, text(c, "desk.links.no_end")),
		{Body: admin.Exact(d.linkAddress(l), text(c, "desk.links.copy")), Over: true},
		{Body: d.linkState(c, l)},
		{},
	}}
	var buttons []admin.Button
	if can(c, staff.Work) {
		buttons = append(buttons, switchButton(c, "/admin/links/"+id, l.Active, l.Title))
	}
	row.Cells[6] = admin.Cell{Body: admin.LinkActions(posterLink(c, l), l.Title, buttons), Over: true, End: true}
	return row
}

// switchButton is Switch off or Switch on.
func switchButton(c echo.Context, path string, on bool, what string) admin.Button {
	if on {
		return admin.Button{Action: path + "/off", Label: text(c, "desk.goods.off"), Aria: what, Class: "btn-sm btn-quiet"}
	}
	return admin.Button{Action: path + "/on", Label: text(c, "desk.goods.on"), Aria: what, Class: "btn-sm btn-quiet"}
}

func linkPath(l *models.Link) string { return "/admin/links/" + strconv.FormatInt(l.ID, 10) }

func posterLink(c echo.Context, l *models.Link) admin.Link {
	return admin.Link{Label: text(c, "desk.links.poster"), Href: linkPath(l) + "/poster", Icon: "printer"}
}

// linkHere is the payment link that the address names.
func (d *desk) linkHere(c echo.Context) (*models.Link, error) {
	id, err := idOf(c)
	if err != nil {
		return nil, err
	}
	return d.Store.LinkByID(c.Request().Context(), id)
}

// link is one payment link with its QR code.
func (d *desk) link(c echo.Context) error {
	l, err := d.linkHere(c)
	if err != nil {
		return err
	}
	address := d.linkAddress(l)
	qr, err := views.NewQR(address, text(c, "desk.links.qr", "title", l.Title))
	if err != nil {
		return err
	}
	until := admin.Fact{Label: text(c, "desk.links.until"), Text: text(c, "desk.links.no_end")}
	if l.ExpiresAt != nil {
		until.Body = when(d.moment(*l.ExpiresAt))
	}
	v := admin.StackView{Head: admin.Head{Title: l.Title, Lead: l.Description, Crumb: &admin.Link{Label: text(c, "desk.nav.links"), Href: "/admin/links"}}}
	part := admin.PartView{Body: admin.Code(qr, address, text(c, "desk.links.copy"), posterLink(c, l)), Facts: []admin.Fact{
		{Label: text(c, "desk.goods.state"), Body: d.linkState(c, l)},
		{Label: text(c, "desk.links.amount"), Text: d.linkAmount(c, l)},
		{Label: text(c, "desk.links.used"), Text: linkUsed(l)},
		until,
		{Label: text(c, "desk.goods.made"), Body: when(d.moment(l.CreatedAt))},
	}}
	if l.ReturnURL != "" {
		part.Facts = append(part.Facts, admin.Fact{Label: text(c, "desk.links.return_url"), Text: l.ReturnURL})
	}
	if can(c, staff.Work) {
		part.Buttons = []admin.Button{switchButton(c, linkPath(l), l.Active, l.Title)}
	}
	v.Parts = []admin.PartView{part}
	return d.stack(c, http.StatusOK, "links", v)
}

// poster is a payment link on a page for paper. It speaks to who pays, so it has every language of the shop and not the one of who prints it.
func (d *desk) poster(c echo.Context) error {
	l, err := d.linkHere(c)
	if err != nil {
		return err
	}
	s, err := d.Store.ShopSettings(c.Request().Context())
	if err != nil {
		return err
	}
	name, themeCSS, err := d.shop(c)
	if err != nil {
		return err
	}
	langs := handlers.LanguagesOf(s, d.Config.Shop.Languages)
	first := messages.For(langs[0])
	v := admin.PosterView{
		Lang: first.Lang(), DeskLang: messages.From(c.Request().Context()).Lang(), WindowTitle: views.Title(l.Title, name), ThemeCSS: themeCSS,
		Shop: name, Title: l.Title, Text: l.Description, Address: d.linkAddress(l), Back: admin.Link{Label: text(c, "desk.links.back"), Href: linkPath(l)}, State: d.linkState(c, l),
	}
	if v.QR, err = views.NewQR(v.Address, first.Text("desk.links.qr", "title", l.Title)); err != nil {
		return err
	}
	if l.Amount != nil {
		v.Amount = money.FromMinor(*l.Amount, d.Config.Shop.Currency).Text(first.Lang())
	}
	for _, lang := range langs {
		p := messages.For(lang)
		say := admin.PosterLine{Lang: p.Lang(), Text: p.Text("desk.links.scan")}
		if l.Amount == nil {
			say.Note = p.Text("desk.links.you_choose")
		}
		v.Lines = append(v.Lines, say)
	}
	return send(c, http.StatusOK, admin.Poster(v), nil)
}

// createLink makes a payment link.
func (d *desk) createLink(c echo.Context) error {
	form, err := c.FormParams()
	if err != nil {
		return badForm(err)
	}
	l, wrong := d.linkOf(c, form)
	if len(wrong) > 0 {
		return d.linksPage(c, http.StatusUnprocessableEntity, form, wrong)
	}
	detail := map[string]any{"title": l.Title}
	if l.Amount != nil {
		detail["amount"] = money.FromMinor(*l.Amount, d.Config.Shop.Currency).String()
	}
	err = d.recorded(c, "link.create", l.Slug, detail, func(ctx context.Context, tx *models.Tx) error { return tx.CreateLink(ctx, &l) })
	if err != nil {
		return err
	}
	return d.done(c, linkPath(&l), text(c, "desk.links.made", "title", l.Title))
}

// linkOf reads the form of a payment link.
func (d *desk) linkOf(c echo.Context, form url.Values) (models.Link, map[string]string) {
	wrong := map[string]string{}
	get := func(name string) string { return strings.TrimSpace(form.Get(name)) }
	l := models.Link{Slug: strings.ToLower(rand.Text()[:12]), Title: get("title"), Description: get("description"), ReturnURL: get("return_url"), Active: true}
	if n := utf8.RuneCountInString(l.Title); n < 1 || n > 120 {
		wrong["title"] = text(c, "desk.links.title_wrong")
	}
	if utf8.RuneCountInString(l.Description) > 500 {
		wrong["description"] = text(c, "desk.mistake.long", "n", 500)
	}
	if problem := checkout.CheckReturnURL(l.ReturnURL); problem != nil {
		wrong["return_url"] = handlers.ProblemText(handlers.Printer(c), problem)
	}
	if s := get("amount"); s != "" {
		minor, err := money.Parse(s, d.Config.Shop.Currency)
		if err != nil {
			wrong["amount"] = d.amountMistake(c, s, err)
		}
		l.Amount = &minor
	}
	if s := get("max_uses"); s != "" {
		n, err := strconv.ParseInt(s, 10, 32)
		if err != nil || n < 1 {
			wrong["max_uses"] = text(c, "desk.links.max_uses_wrong")
		}
		l.MaxUses = &n
	}
	if s := get("expires_at"); s != "" {
		t, ok := endOf(s)
		switch {
		case !ok:
			wrong["expires_at"] = text(c, "desk.mistake.day", "day", s)
		case !t.After(d.Now()):
			wrong["expires_at"] = text(c, "desk.links.expires_past")
		}
		l.ExpiresAt = &t
	}
	return l, wrong
}

// endOf reads when something ends: a moment, or a day, which ends with it (UTC).
func endOf(s string) (time.Time, bool) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t.AddDate(0, 0, 1), true
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC().Truncate(time.Second), true
		}
	}
	return time.Time{}, false
}

// switchLink switches a payment link on or off.
func (d *desk) switchLink(on bool) echo.HandlerFunc {
	return func(c echo.Context) error {
		id, err := idOf(c)
		if err != nil {
			return err
		}
		l, err := d.Store.LinkByID(c.Request().Context(), id)
		if err != nil {
			return err
		}
		action, say := "link.off", "desk.links.switched_off"
		if on {
			action, say = "link.on", "desk.links.switched_on"
		}
		err = d.recorded(c, action, l.Slug, map[string]any{"title": l.Title}, func(ctx context.Context, tx *models.Tx) error { return tx.SwitchLink(ctx, id, on) })
		if err != nil {
			return err
		}
		return d.done(c, cameFrom(c, "/admin/links"), text(c, say, "title", l.Title))
	}
}
