package admin

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/models"
	"mostrador/staff"
	"mostrador/views/admin"
	"mostrador/webhook"
)

const deliveryPageSize = 50

// hooks cares for the endpoints.
func (d *desk) hooks() *webhook.Desk {
	return webhook.NewDesk(d.Store, d.Config.Webhooks.AllowPrivate, func(ctx context.Context, tx *models.Tx, id int64) error {
		return tx.Enqueue(ctx, checkout.DeliverArgs{DeliveryID: id}, nil)
	})
}

// noted writes a change of an endpoint into the log.
func noted(c echo.Context, action string) webhook.Note {
	person := who(c)
	return func(ctx context.Context, tx *models.Tx, e *models.Endpoint) error {
		return staff.Record(ctx, tx, person, action, e.URL, map[string]any{"endpoint": e.PublicID})
	}
}

// endpointForm is the form of a new endpoint.
type endpointForm struct {
	url     string
	events  []string
	mistake string
	once    *admin.OnceView
}

func (d *desk) webhooks(c echo.Context) error {
	return d.webhooksPage(c, http.StatusOK, endpointForm{})
}

func (d *desk) webhooksPage(c echo.Context, status int, f endpointForm) error {
	ctx := c.Request().Context()
	list, err := d.Store.Endpoints(ctx, 0, 200)
	if err != nil {
		return err
	}
	newest, err := d.Store.DeliveriesOfAll(ctx, 20)
	if err != nil {
		return err
	}
	v := admin.StackView{Head: admin.Head{Title: text(c, "desk.nav.webhooks"), Lead: text(c, "desk.webhooks.lead")}, Once: f.once}
	l := admin.ListView{
		Label: v.Head.Title, Columns: []admin.Column{{Label: text(c, "desk.webhooks.url")}, {Label: text(c, "desk.webhooks.events")}, {Label: text(c, "desk.webhooks.last_ok")}, {Label: text(c, "desk.goods.state")}, {Label: text(c, "desk.goods.do"), Hidden: true}},
		Empty: &admin.EmptyView{Icon: "webhook", Title: text(c, "desk.webhooks.empty"), Text: text(c, "desk.webhooks.empty_text")},
	}
	for i := range list {
		e := &list[i]
		row := admin.Row{ID: e.PublicID, Off: e.DisabledAt != nil, Cells: []admin.Cell{{Text: e.URL, Href: "/admin/webhooks/" + e.PublicID, Title: true, Class: "exact"}, {Text: eventsText(c, e)}, d.momentCell(e.LastOkAt, text(c, "desk.webhooks.never")), {Body: d.endpointState(c, e)}, {}}}
		if can(c, staff.Work) {
			row.Cells[4] = admin.Cell{Body: admin.PostButtons(endpointButtons(c, e, false)...), Over: true, End: true}
		}
		l.Rows = append(l.Rows, row)
	}
	v.Parts = []admin.PartView{{List: &l}}
	if can(c, staff.Work) {
		options := []admin.Option{}
		for _, t := range webhook.EventTypes {
			options = append(options, admin.Option{Value: t, Label: t, On: slices.Contains(f.events, t)})
		}
		v.Parts = append(v.Parts, admin.PartView{ID: "h-add", Title: text(c, "desk.webhooks.add"), Form: &admin.FormView{Action: "/admin/webhooks", Save: text(c, "desk.webhooks.add_button"), Controls: []admin.Control{
			{Field: admin.Field{Name: "url", Type: "url", Label: text(c, "desk.webhooks.url"), Value: f.url, Mistake: f.mistake, Exact: true, Required: true, Placeholder: "https://shop.example/hooks", Help: text(c, "desk.webhooks.url_help")}},
			{As: admin.AsTicks, Field: admin.Field{Name: "events", Label: text(c, "desk.webhooks.events"), Help: text(c, "desk.webhooks.events_help")}, Options: options},
		}}})
	} else {
		v.Parts = append(v.Parts, admin.PartView{Text: readOnly(c, staff.Work)})
	}
	if len(newest) > 0 {
		deliveries := d.deliveryList(c, newest)
		v.Parts = append(v.Parts, admin.PartView{ID: "h-newest", Title: text(c, "desk.webhooks.newest"), List: &deliveries})
	}
	return d.stack(c, status, "webhooks", v)
}

func eventsText(c echo.Context, e *models.Endpoint) string {
	if e.Events == "" {
		return text(c, "desk.webhooks.all_events")
	}
	return strings.Join(strings.Fields(e.Events), ", ")
}

func (d *desk) endpointState(c echo.Context, e *models.Endpoint) templ.Component {
	switch {
	case e.DisabledAt != nil && e.DisabledWhy == webhook.ReasonGone:
		return chip(admin.Trouble, "ban", text(c, "desk.webhooks.is_gone"))
	case e.DisabledAt != nil:
		return chip(admin.Plain, "ban", text(c, "desk.webhooks.is_disabled"))
	case e.FailingSince != nil:
		return chip(admin.Trouble, "circle-alert", text(c, "desk.webhooks.is_failing", "since", d.moment(*e.FailingSince).Text))
	}
	return chip(admin.Good, "circle-check", text(c, "desk.goods.is_on"))
}

// endpointButtons are what can be done with an endpoint; whole: also what is rare.
func endpointButtons(c echo.Context, e *models.Endpoint, whole bool) []admin.Button {
	path := "/admin/webhooks/" + e.PublicID
	var list []admin.Button
	if e.DisabledAt == nil {
		list = append(list, admin.Button{Action: path + "/test", Label: text(c, "desk.webhooks.test"), Aria: e.URL, Class: "btn-sm btn-plain"},
			admin.Button{Action: path + "/disable", Label: text(c, "desk.webhooks.disable"), Aria: e.URL, Class: "btn-sm btn-quiet"})
	} else {
		list = append(list, admin.Button{Action: path + "/enable", Label: text(c, "desk.webhooks.enable"), Aria: e.URL, Class: "btn-sm btn-plain"})
	}
	if whole {
		list = append(list, admin.Button{Action: path + "/rotate", Label: text(c, "desk.webhooks.rotate"), Class: "btn-sm btn-quiet", Ask: text(c, "desk.webhooks.rotate_ask"), Then: text(c, "desk.webhooks.rotate_then"), Keep: text(c, "desk.leave")},
			admin.Button{Action: path + "/delete", Label: text(c, "desk.webhooks.delete"), Class: "btn-sm btn-quiet", Ask: text(c, "desk.webhooks.delete_ask"), Then: text(c, "desk.webhooks.delete_then"), Keep: text(c, "desk.leave")})
	}
	return list
}

// deliveryList is a table of deliveries, each with Redeliver.
func (d *desk) deliveryList(c echo.Context, list []models.Delivery) admin.ListView {
	l := admin.ListView{
		Label: text(c, "desk.webhooks.deliveries"), Columns: []admin.Column{
			{Label: text(c, "desk.webhooks.type")},
			{Label: text(c, "desk.goods.state")},
			{Label: text(c, "desk.webhooks.answer")},
			{Label: text(c, "desk.webhooks.tries"), Num: true},
			{Label: text(c, "desk.goods.made")},
			{Label: text(c, "desk.goods.do"), Hidden: true},
		},
		Empty: &admin.EmptyView{Icon: "webhook", Title: text(c, "desk.webhooks.no_deliveries")},
	}
	for i := range list {
		x := &list[i]
		answer := x.LastError
		if answer == "" && x.LastStatus > 0 {
			answer = strconv.Itoa(x.LastStatus)
		}
		if x.LastTookMs > 0 {
			answer += " · " + (time.Duration(x.LastTookMs) * time.Millisecond).String()
		}
		row := admin.Row{ID: x.PublicID, Cells: []admin.Cell{{Text: x.Type, Sub: x.PublicID, Title: true}, {Body: deliveryState(c, x)}, {Text: answer, Class: "whitespace-normal"}, {Text: strconv.Itoa(x.Tries)}, {Body: when(d.moment(x.CreatedAt))}, {}}}
		if can(c, staff.Work) {
			row.Cells[5] = admin.Cell{Body: admin.PostButton(admin.Button{Action: "/admin/webhooks/deliveries/" + x.PublicID + "/redeliver", Label: text(c, "desk.webhooks.redeliver"), Aria: x.Type, Class: "btn-sm btn-quiet"}), Over: true, End: true}
		}
		l.Rows = append(l.Rows, row)
	}
	return l
}

func deliveryState(c echo.Context, x *models.Delivery) templ.Component {
	switch {
	case x.State == models.DeliveryDelivered:
		return chip(admin.Good, "circle-check", text(c, "desk.webhooks.delivered"))
	case x.State == models.DeliveryFailed:
		return chip(admin.Trouble, "circle-x", text(c, "desk.webhooks.failed"))
	case x.Tries > 0:
		return chip(admin.Attention, "clock-alert", text(c, "desk.webhooks.again"))
	}
	return chip(admin.Waiting, "clock", text(c, "desk.webhooks.waiting"))
}

// endpoint is one endpoint with its deliveries.
func (d *desk) endpoint(c echo.Context) error { return d.endpointPage(c, http.StatusOK, nil) }

func (d *desk) endpointPage(c echo.Context, status int, once *admin.OnceView) error {
	ctx := c.Request().Context()
	e, err := d.Store.EndpointByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	state := c.QueryParam("state")
	after := afterOf(c)
	list, err := d.Store.Deliveries(ctx, e.ID, after, state, deliveryPageSize+1)
	if err != nil {
		return err
	}
	path := "/admin/webhooks/" + e.PublicID
	v := admin.StackView{Head: admin.Head{Title: e.URL, Crumb: &admin.Link{Label: text(c, "desk.nav.webhooks"), Href: "/admin/webhooks"}}, Once: once}
	v.Pager.Label = text(c, "desk.webhooks.deliveries")
	if len(list) > deliveryPageSize {
		list = list[:deliveryPageSize]
		v.Pager.Next = pageLink(path, c.QueryParams(), strconv.FormatInt(list[len(list)-1].ID, 10))
	}
	if after > 0 {
		v.Pager.First = pageLink(path, c.QueryParams(), "")
	}
	facts := admin.PartView{Facts: []admin.Fact{{Label: text(c, "desk.goods.state"), Body: d.endpointState(c, e)}, {Label: text(c, "desk.webhooks.events"), Text: eventsText(c, e)}, {Label: "ID", Text: e.PublicID}}}
	if e.OldUntil != nil && e.OldUntil.After(d.Now()) {
		facts.Facts = append(facts.Facts, admin.Fact{Label: text(c, "desk.webhooks.secret"), Text: text(c, "desk.webhooks.two_secrets", "until", d.moment(*e.OldUntil).Text)})
	}
	if can(c, staff.Work) {
		facts.Buttons = endpointButtons(c, e, true)
	}
	states := []admin.Option{{Label: text(c, "desk.webhooks.any")}}
	for _, s := range []string{models.DeliveryWaiting, models.DeliveryDelivered, models.DeliveryFailed} {
		states = append(states, admin.Option{Value: s, Label: text(c, "desk.webhooks."+s), On: state == s})
	}
	deliveries := d.deliveryList(c, list)
	v.Filter = &admin.FilterView{Action: path, On: state != "", Parts: []admin.FilterPart{{Field: admin.Field{Name: "state", Label: text(c, "desk.webhooks.deliveries")}, Options: states}}}
	v.Parts = []admin.PartView{facts, {ID: "h-deliveries", Title: text(c, "desk.webhooks.deliveries"), List: &deliveries}}
	return d.stack(c, status, "webhooks", v)
}

// createEndpoint makes an endpoint and shows its secret, once.
func (d *desk) createEndpoint(c echo.Context) error {
	form, err := c.FormParams()
	if err != nil {
		return badForm(err)
	}
	f := endpointForm{url: strings.TrimSpace(form.Get("url")), events: eventsOf(form)}
	e, secret, err := d.hooks().Create(c.Request().Context(), f.url, f.events, noted(c, "webhook.create"))
	switch {
	case errors.Is(err, webhook.ErrPrivate):
		f.mistake = text(c, "desk.webhooks.url_private")
	case errors.Is(err, webhook.ErrURL):
		f.mistake = text(c, "desk.webhooks.url_wrong")
	case errors.Is(err, webhook.ErrEvents):
		return echo.ErrBadRequest
	case err != nil:
		return err
	default:
		return d.webhooksPage(c, http.StatusCreated, endpointForm{once: onceSecret(c, e, secret)})
	}
	return d.webhooksPage(c, http.StatusUnprocessableEntity, f)
}

// eventsOf is the chosen events, as ticks or as one text with spaces or commas between.
func eventsOf(form url.Values) []string {
	var list []string
	for _, v := range form["events"] {
		list = append(list, strings.FieldsFunc(v, func(r rune) bool { return r == ' ' || r == ',' || r == '\n' || r == '\r' })...)
	}
	return list
}

func onceSecret(c echo.Context, e *models.Endpoint, secret string) *admin.OnceView {
	return &admin.OnceView{Title: text(c, "desk.webhooks.made", "url", e.URL), Text: text(c, "desk.webhooks.made_text"), Value: secret, Copy: text(c, "desk.webhooks.copy")}
}

// hookProblem turns the refusals of package webhook into pages.
func (d *desk) hookProblem(c echo.Context, err error) error {
	switch {
	case errors.Is(err, webhook.ErrUnknown):
		return models.ErrNotFound
	case errors.Is(err, webhook.ErrDisabled):
		return d.done(c, cameFrom(c, "/admin/webhooks"), text(c, "desk.webhooks.disabled_first"))
	}
	return err
}

func (d *desk) testEndpoint(c echo.Context) error {
	if _, err := d.hooks().Test(c.Request().Context(), c.Param("id"), noted(c, "webhook.test")); err != nil {
		return d.hookProblem(c, err)
	}
	return d.done(c, "/admin/webhooks/"+url.PathEscape(c.Param("id")), text(c, "desk.webhooks.tested"))
}

func (d *desk) switchEndpoint(on bool) echo.HandlerFunc {
	return func(c echo.Context) error {
		action, say := "webhook.disable", "desk.webhooks.disabled"
		if on {
			action, say = "webhook.enable", "desk.webhooks.enabled"
		}
		e, err := d.hooks().Update(c.Request().Context(), c.Param("id"), webhook.Change{Enabled: &on}, noted(c, action))
		if err != nil {
			return d.hookProblem(c, err)
		}
		return d.done(c, cameFrom(c, "/admin/webhooks"), text(c, say, "url", e.URL))
	}
}

func (d *desk) rotateEndpoint(c echo.Context) error {
	e, secret, err := d.hooks().Rotate(c.Request().Context(), c.Param("id"), noted(c, "webhook.rotate"))
	if err != nil {
		return d.hookProblem(c, err)
	}
	return d.endpointPage(c, http.StatusOK, onceSecret(c, e, secret))
}

func (d *desk) deleteEndpoint(c echo.Context) error {
	if err := d.hooks().Delete(c.Request().Context(), c.Param("id"), noted(c, "webhook.delete")); err != nil {
		return d.hookProblem(c, err)
	}
	return d.done(c, "/admin/webhooks", text(c, "desk.webhooks.deleted"))
}

func (d *desk) redeliver(c echo.Context) error {
	if _, err := d.hooks().Redeliver(c.Request().Context(), c.Param("id"), noted(c, "webhook.redeliver")); err != nil {
		return d.hookProblem(c, err)
	}
	return d.done(c, cameFrom(c, "/admin/webhooks"), text(c, "desk.webhooks.redelivered"))
}
