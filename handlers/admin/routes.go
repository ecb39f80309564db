package admin

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"mostrador/config"
	"mostrador/exchanger"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/money"
	"mostrador/staff"
	"mostrador/views/admin"
)

const routePageSize = 100

// payoutList is what the merchant receives now; byDesk tells whether the desk's list rules, not config.yaml.
func (d *desk) payoutList(ctx context.Context) (list []config.Payout, byDesk bool, err error) {
	raw, err := d.Store.EffectivePayouts(ctx)
	if err != nil || raw == nil {
		return d.Config.Payouts, false, err
	}
	return list, true, json.Unmarshal(raw, &list)
}

// routes lists what the exchangers offer and why a route is not payable now.
func (d *desk) routes(c echo.Context) error {
	ctx := c.Request().Context()
	sites, err := d.Store.Sites(ctx)
	if err != nil {
		return err
	}
	payouts, _, err := d.payoutList(ctx)
	if err != nil {
		return err
	}
	q := models.RouteQuery{Text: strings.TrimSpace(c.QueryParam("q")), After: afterOf(c), Limit: routePageSize + 1}
	byID := map[int64]models.Site{}
	options := []admin.Option{{Label: text(c, "desk.routes.all_sites")}}
	for _, s := range sites {
		byID[s.ID] = s
		if s.Active {
			on := c.QueryParam("site") == s.Name
			options = append(options, admin.Option{Value: s.Name, Label: s.Name, On: on})
			if on {
				q.SiteID = s.ID
			}
		}
	}
	mine := c.QueryParam("mine") != ""
	if mine {
		q.To = []string{""}
		for _, p := range payouts {
			q.To = append(q.To, p.Currency)
		}
	}
	list, err := d.Store.RoutesPage(ctx, q)
	if err != nil {
		return err
	}
	v := admin.StackView{Head: admin.Head{Title: text(c, "desk.nav.routes"), Lead: text(c, "desk.routes.lead")}}
	show := []admin.Option{{Label: text(c, "desk.routes.show_all")}, {Value: "1", Label: text(c, "desk.routes.show_mine"), On: mine}}
	v.Filter = &admin.FilterView{Action: "/admin/routes", On: len(keep(c.QueryParams())) > 0, Parts: []admin.FilterPart{
		{Field: admin.Field{Name: "q", Type: "search", Label: text(c, "desk.goods.search"), Value: q.Text, Placeholder: "BTC"}, Class: "w-40!"},
		{Field: admin.Field{Name: "site", Label: text(c, "desk.routes.site")}, Options: options},
		{Field: admin.Field{Name: "mine", Label: text(c, "desk.routes.which")}, Options: show},
	}}
	v.Pager.Label = v.Head.Title
	if len(list) > routePageSize {
		list = list[:routePageSize]
		v.Pager.Next = pageLink("/admin/routes", c.QueryParams(), strconv.FormatInt(list[len(list)-1].ID, 10))
	}
	if q.After > 0 {
		v.Pager.First = pageLink("/admin/routes", c.QueryParams(), "")
	}
	l := admin.ListView{
		Label: v.Head.Title, Columns: []admin.Column{
			{Label: text(c, "desk.routes.route")},
			{Label: text(c, "desk.routes.rate"), Num: true},
			{Label: text(c, "desk.routes.limits"), Num: true, Drop: true},
			{Label: text(c, "desk.routes.reserve"), Num: true, Drop: true},
			{Label: text(c, "desk.routes.payable")},
			{Label: text(c, "desk.goods.do"), Hidden: true},
		}, Empty: &admin.EmptyView{Icon: "route", Title: text(c, "desk.routes.empty"), Text: text(c, "desk.routes.empty_text")},
	}
	for i := range list {
		l.Rows = append(l.Rows, d.routeRow(c, &list[i], byID[list[i].SiteID], payouts))
	}
	v.Parts = []admin.PartView{{List: &l}}
	if !can(c, staff.Work) {
		v.Parts = append(v.Parts, admin.PartView{Text: readOnly(c, staff.Work)})
	}
	return d.stack(c, http.StatusOK, "routes", v)
}

// routeDoc is the whole route as last read; ok is false when it never was.
func routeDoc(r *models.Route) (doc exchanger.Route, ok bool) {
	ok = r.Doc != "" && json.Unmarshal([]byte(r.Doc), &doc) == nil
	return doc, ok
}

func (d *desk) routeRow(c echo.Context, r *models.Route, site models.Site, payouts []config.Payout) admin.Row {
	lang := messages.From(c.Request().Context()).Lang()
	coin := func(v decimal.Decimal, symbol string) string {
		return money.Number(money.Exact(v, 0), lang) + "\u00a0" + symbol
	}
	id := strconv.FormatInt(r.ID, 10)
	name := r.FromName + " → " + r.ToName
	rate, limits, reserve := admin.Cell{Text: "—"}, admin.Cell{Text: "—"}, admin.Cell{Text: "—"}
	doc, read := routeDoc(r)
	if read {
		rate.Text = coin(doc.Rate.In, r.FromSymbol) + " = " + coin(doc.Rate.Out, r.ToSymbol)
		if doc.From.Min.Sign() > 0 {
			limits.Text = text(c, "desk.routes.min", "amount", coin(doc.From.Min, r.FromSymbol))
		}
		if doc.From.Max.Sign() > 0 {
			limits.Sub = text(c, "desk.routes.max", "amount", coin(doc.From.Max, r.FromSymbol))
		}
		if doc.Rate.AmountKnown {
			reserve.Text = coin(doc.Rate.Amount, r.ToSymbol)
		}
	}
	rate.Sub = text(c, "desk.routes.never")
	if r.DocAt != nil {
		rate.Sub = text(c, "desk.routes.read", "when", d.moment(*r.DocAt).Text)
	}
	rate.Class = "whitespace-normal"
	sub := site.Name + " · " + r.FromXML + " → " + r.ToXML
	if r.Rank > 0 {
		sub += " · " + text(c, "desk.routes.placed", "n", r.Rank)
	}
	row := admin.Row{ID: "route-" + id, Off: r.SwitchedOff, Cells: []admin.Cell{
		{Text: name, Sub: sub, Href: "/admin/routes/" + id, Title: true, Class: "whitespace-normal break-words"},
		rate, limits, reserve,
		{Body: d.payable(c, r, site, payouts, doc, read)},
		{},
	}}
	if can(c, staff.Work) {
		row.Cells[5] = admin.Cell{Body: admin.PostButton(switchButton(c, "/admin/routes/"+id, !r.SwitchedOff, name)), Over: true, End: true}
	}
	return row
}

// payable says whether customers can pay by a route now, and why not.
func (d *desk) payable(c echo.Context, r *models.Route, site models.Site, payouts []config.Payout, doc exchanger.Route, read bool) templ.Component {
	i := slices.IndexFunc(payouts, func(p config.Payout) bool { return p.Currency == r.ToXML })
	why := ""
	switch {
	case r.SwitchedOff:
		return chip(admin.Plain, "ban", text(c, "desk.goods.is_off"))
	case !r.Listed:
		why = "unlisted"
	case !r.Shown:
		why = "hidden"
	case r.Problem != "":
		why = "gone"
	case i < 0:
		return chip(admin.Plain, "wallet", text(c, "desk.routes.why.no_payout"))
	case site.Circuit == string(exchanger.Open):
		why = "site_down"
	case !read:
		return chip(admin.Waiting, "clock", text(c, "desk.routes.why.not_read"))
	case doc.Rate.In.Sign() <= 0 || doc.Rate.Out.Sign() <= 0:
		why = "no_rate"
	case doc.Rate.AmountKnown && doc.Rate.Amount.Sign() <= 0:
		why = "no_reserve"
	case !valuesFit(doc.To.Fields, payouts[i].Values):
		why = "no_wallet"
	default:
		return chip(admin.Good, "circle-check", text(c, "desk.routes.is_payable"))
	}
	return chip(admin.Attention, "triangle-alert", text(c, "desk.routes.why."+why))
}

// switchRoute lets the shop offer a route, or not.
func (d *desk) switchRoute(on bool) echo.HandlerFunc {
	return func(c echo.Context) error {
		id, err := idOf(c)
		if err != nil {
			return err
		}
		r, err := d.Store.RouteByID(c.Request().Context(), id)
		if err != nil {
			return err
		}
		action, say := "route.off", "desk.routes.switched_off"
		if on {
			action, say = "route.on", "desk.routes.switched_on"
		}
		name := r.FromName + " → " + r.ToName
		err = d.recorded(c, action, r.FromXML+" → "+r.ToXML, map[string]any{"route": r.RouteID}, func(ctx context.Context, tx *models.Tx) error { return tx.SwitchRoute(ctx, id, on) })
		if err != nil {
			return err
		}
		return d.done(c, cameFrom(c, "/admin/routes"), text(c, say, "route", name))
	}
}
