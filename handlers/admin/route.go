package admin

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"mostrador/config"
	"mostrador/exchanger"
	"mostrador/models"
	"mostrador/staff"
	"mostrador/views/admin"
)

const lastPlace = 999 // of the merchant's order

// route shows one route: its rate and limits, what it asks for, why it cannot be paid by now, and the rates that were seen.
func (d *desk) route(c echo.Context) error { return d.routePage(c, http.StatusOK, "", "") }

func (d *desk) routePage(c echo.Context, status int, typed, mistake string) error {
	ctx := c.Request().Context()
	id, err := idOf(c)
	if err != nil {
		return err
	}
	r, err := d.Store.RouteByID(ctx, id)
	if err != nil {
		return err
	}
	site, err := d.Store.SiteByID(ctx, r.SiteID)
	if err != nil {
		return err
	}
	payouts, _, err := d.payoutList(ctx)
	if err != nil {
		return err
	}
	rates, err := d.Store.SeenRates(ctx, id, ratesRead)
	if err != nil {
		return err
	}
	v := admin.StackView{Head: admin.Head{Title: r.FromName + " → " + r.ToName, Lead: site.Name + " · " + r.FromXML + " → " + r.ToXML, Crumb: &admin.Link{Label: text(c, "desk.nav.routes"), Href: "/admin/routes"}}}
	v.Parts = []admin.PartView{{Facts: d.routeFacts(c, r, *site, payouts)}}
	if can(c, staff.Work) {
		v.Parts[0].Buttons = []admin.Button{switchButton(c, "/admin/routes/"+strconv.FormatInt(id, 10), !r.SwitchedOff, v.Head.Title)}
		if mistake == "" {
			typed = strconv.FormatInt(r.Rank, 10)
		}
		v.Parts = append(v.Parts, admin.PartView{ID: "h-place", Title: text(c, "desk.routes.place"), Form: &admin.FormView{
			Action: "/admin/routes/" + strconv.FormatInt(id, 10) + "/place", Plain: true, Save: text(c, "desk.save"),
			Controls: []admin.Control{{Field: admin.Field{Name: "place", Label: text(c, "desk.routes.place_label"), Help: text(c, "desk.routes.place_help"), Mode: "numeric", Value: typed, Mistake: mistake, Focus: mistake != ""}}},
		}})
	}
	v.Parts = append(v.Parts, admin.PartView{ID: "h-history", Title: text(c, "desk.routes.history"), Note: text(c, "desk.routes.history_note", "from", r.FromSymbol, "to", r.ToSymbol), Body: admin.Rates(d.ratesOf(c, r, rates))})
	return d.stack(c, status, "routes", v)
}

// routeFacts are what is known of a route by now.
func (d *desk) routeFacts(c echo.Context, r *models.Route, site models.Site, payouts []config.Payout) []admin.Fact {
	doc, read := routeDoc(r)
	row := d.routeRow(c, r, site, payouts) // the same words as on the list
	fact := func(key string, cell admin.Cell) admin.Fact {
		return admin.Fact{Label: text(c, key), Text: strings.TrimSuffix(cell.Text+", "+cell.Sub, ", ")}
	}
	facts := []admin.Fact{
		{Label: text(c, "desk.routes.payable"), Body: d.payable(c, r, site, payouts, doc, read)},
		fact("desk.routes.rate", row.Cells[1]), fact("desk.routes.limits", row.Cells[2]), fact("desk.routes.reserve", row.Cells[3]),
	}
	asks := func(label string, fields []exchanger.Field) {
		names := make([]string, 0, len(fields))
		for _, f := range fields {
			names = append(names, f.Label)
		}
		if len(names) > 0 {
			facts = append(facts, admin.Fact{Label: label, Text: strings.Join(names, ", ")})
		}
	}
	if read {
		asks(text(c, "desk.routes.asks_customer"), append(slices.Clone(doc.From.Fields), doc.Fields...))
		asks(text(c, "desk.routes.asks_you"), doc.To.Fields)
	}
	return append(facts, admin.Fact{Label: text(c, "desk.routes.id"), Text: site.Name + "/" + r.RouteID})
}

// placeRoute puts a route at a place of the shop's order.
func (d *desk) placeRoute(c echo.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	typed := strings.TrimSpace(c.FormValue("place"))
	n, err := strconv.ParseInt(typed, 10, 64)
	if err != nil || n < 0 || n > lastPlace {
		return d.routePage(c, http.StatusUnprocessableEntity, typed, text(c, "desk.routes.place_wrong", "n", lastPlace))
	}
	err = d.recorded(c, "route.place", strconv.FormatInt(id, 10), map[string]any{"place": n}, func(ctx context.Context, tx *models.Tx) error { return tx.RankRoute(ctx, id, n) })
	if err != nil {
		return err
	}
	return d.done(c, "/admin/routes/"+strconv.FormatInt(id, 10), text(c, "desk.routes.place_saved"))
}
