package admin

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/staff"
	"mostrador/views/admin"
)

const notificationPageSize = 50

// outcomes are what became of notifications, with how each is shown.
var outcomes = []struct {
	word, icon string
	tone       admin.Tone
}{
	{"applied", "circle-check", admin.Good},
	{"kept", "archive", admin.Plain},
	{"hint", "eye", admin.Waiting},
	{"refused", "shield-x", admin.Trouble},
	{"unknown", "circle-question-mark", admin.Attention},
	{"unreadable", "triangle-alert", admin.Attention},
}

// notifications lists everything that exchangers, or who claims to be one, sent.
func (d *desk) notifications(c echo.Context) error {
	ctx := c.Request().Context()
	chosen := c.QueryParam("outcome")
	options := []admin.Option{{Label: text(c, "desk.notifications.any")}}
	for _, o := range outcomes {
		options = append(options, admin.Option{Value: o.word, Label: text(c, "desk.notifications."+o.word), On: chosen == o.word})
	}
	after := afterOf(c)
	list, err := d.Store.NotificationsPage(ctx, chosen, after, notificationPageSize+1)
	if err != nil {
		return err
	}
	v := admin.StackView{Head: admin.Head{Title: text(c, "desk.nav.notifications"), Lead: text(c, "desk.notifications.lead")}}
	v.Filter = &admin.FilterView{Action: "/admin/notifications", On: chosen != "", Parts: []admin.FilterPart{{Field: admin.Field{Name: "outcome", Label: text(c, "desk.notifications.outcome")}, Options: options}}}
	v.Pager.Label = v.Head.Title
	if len(list) > notificationPageSize {
		list = list[:notificationPageSize]
		v.Pager.Next = pageLink("/admin/notifications", c.QueryParams(), strconv.FormatInt(list[len(list)-1].ID, 10))
	}
	if after > 0 {
		v.Pager.First = pageLink("/admin/notifications", c.QueryParams(), "")
	}
	l := admin.ListView{
		Label: v.Head.Title, Columns: []admin.Column{
			{Label: text(c, "desk.notifications.when")},
			{Label: text(c, "desk.notifications.order")},
			{Label: text(c, "desk.notifications.status")},
			{Label: text(c, "desk.notifications.outcome")},
			{Label: text(c, "desk.notifications.reason")},
			{Label: text(c, "desk.notifications.answer"), Num: true, Drop: true},
			{Label: text(c, "desk.notifications.remote"), Drop: true},
		},
		Empty: &admin.EmptyView{Icon: "bell", Title: text(c, "desk.notifications.empty"), Text: text(c, "desk.notifications.empty_text")},
	}
	for i := range list {
		n := &list[i]
		first := admin.Cell{Body: when(d.moment(n.At)), Title: true}
		if can(c, staff.Work) {
			first = admin.Cell{Text: d.moment(n.At).Text, Href: "/admin/notifications/" + strconv.FormatInt(n.ID, 10), Title: true}
		}
		order := admin.Cell{Text: "—"}
		if n.OrderNumber > 0 {
			number := strconv.FormatInt(n.OrderNumber, 10)
			order = admin.Cell{Body: admin.OrderLink(number), Sub: n.UID, Over: true}
		}
		l.Rows = append(l.Rows, admin.Row{Cells: []admin.Cell{first, order, {Text: n.Status}, {Body: outcomeChip(c, n.Outcome)}, {Text: reasonText(c, n.Reason), Class: "whitespace-normal"}, {Text: strconv.Itoa(n.Answer)}, {Text: n.Remote, Class: "text-muted"}}})
	}
	v.Parts = []admin.PartView{{List: &l}}
	return d.stack(c, http.StatusOK, "notifications", v)
}

func outcomeChip(c echo.Context, word string) templ.Component {
	i := slices.IndexFunc(outcomes, func(o struct {
		word, icon string
		tone       admin.Tone
	},
	) bool {
		return o.word == word
	})
	if i < 0 {
		return chip(admin.Plain, "", word)
	}
	return chip(outcomes[i].tone, outcomes[i].icon, text(c, "desk.notifications."+word))
}

// reasonText says a reason in words, where there are any.
func reasonText(c echo.Context, reason string) string {
	if key := "desk.notifications.why." + reason; reason != "" && messages.Has(key) {
		return text(c, key)
	}
	return reason
}

// notification shows one with its body, for who works with orders; looking is logged.
func (d *desk) notification(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := idOf(c)
	if err != nil {
		return err
	}
	n, err := d.Store.NotificationByID(ctx, id)
	if err != nil {
		return err
	}
	body, err := d.Store.Vault().BodyOf(n)
	if err != nil {
		return err
	}
	if err := d.Staff.Log(ctx, who(c), "notification.look", strconv.FormatInt(id, 10), nil); err != nil {
		return err
	}
	again := admin.PartView{}
	if checkout.Reexaminable(n) {
		again = admin.PartView{ID: "h-again", Title: text(c, "desk.notifications.again"), Text: text(c, "desk.notifications.again_text"), Buttons: []admin.Button{{
			Action: "/admin/notifications/" + strconv.FormatInt(id, 10) + "/verify", Label: text(c, "desk.notifications.verify"), Icon: "shield-check",
		}}}
	}
	raw := string(body)
	if !utf8.Valid(body) {
		raw = strconv.QuoteToASCII(raw)
	}
	v := admin.StackView{Head: admin.Head{Title: text(c, "desk.notifications.one", "id", id), Crumb: &admin.Link{Label: text(c, "desk.nav.notifications"), Href: "/admin/notifications"}}}
	order, err := d.orderLinkOf(ctx, n)
	if err != nil {
		return err
	}
	v.Parts = []admin.PartView{
		{Facts: []admin.Fact{
			{Label: text(c, "desk.notifications.when"), Body: when(d.moment(n.At))},
			{Label: text(c, "desk.notifications.order"), Text: "—", Body: order},
			{Label: text(c, "desk.notifications.outcome"), Body: outcomeChip(c, n.Outcome)},
			{Label: text(c, "desk.notifications.reason"), Text: cmp.Or(reasonText(c, n.Reason), "—")},
			{Label: text(c, "desk.notifications.status"), Text: n.Status},
			{Label: text(c, "desk.notifications.answer"), Text: strconv.Itoa(n.Answer)},
			{Label: "Content-Type", Text: n.ContentType},
			{Label: text(c, "desk.notifications.remote"), Text: n.Remote},
		}},
		{ID: "h-body", Title: text(c, "desk.notifications.body"), Body: admin.Raw(raw)},
	}
	if again.ID != "" {
		v.Parts = append(v.Parts, again)
	}
	return d.stack(c, http.StatusOK, "notifications", v)
}

// orderLinkOf is the link to the order that a notification is about; nil when none is known.
func (d *desk) orderLinkOf(ctx context.Context, n *models.Notification) (templ.Component, error) {
	if n.PaymentID == nil {
		return nil, nil
	}
	p, err := d.Store.PaymentByID(ctx, *n.PaymentID)
	if err != nil {
		return nil, err
	}
	o, err := d.Store.OrderByID(ctx, p.OrderID)
	if err != nil {
		return nil, err
	}
	return admin.OrderLink(strconv.FormatInt(o.Number, 10)), nil
}

// verifyNotification looks at one that was not applied once more, and applies it where it is proven by now.
func (d *desk) verifyNotification(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := idOf(c)
	if err != nil {
		return err
	}
	subject := strconv.FormatInt(id, 10)
	r, err := d.Checkout.Reexamine(ctx, id, who(c).Name, func(tx *models.Tx, r checkout.Reexamined) error {
		return staff.Record(ctx, tx, who(c), "notification.verify", subject, map[string]any{"outcome": r.Outcome, "reason": r.Reason, "order": r.OrderNumber})
	})
	if said, p := problemOf(c, err); p != nil {
		title := text(c, "desk.notifications.one", "id", id)
		links := []admin.Link{{Label: title, Href: "/admin/notifications/" + subject}}
		return d.render(c, http.StatusConflict, page{nav: "notifications", title: title}, admin.Message(title, said, links))
	}
	if err != nil {
		return err
	}
	say := "desk.notifications.verified_" + map[bool]string{true: "as_before", false: "now"}[r.OrderNumber == 0]
	args := []any{"outcome", text(c, "desk.notifications."+r.Outcome), "number", r.OrderNumber}
	if r.Outcome == "applied" {
		say = "desk.notifications.verified_applied"
	}
	return d.done(c, "/admin/notifications/"+subject, text(c, say, args...))
}
