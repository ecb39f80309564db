package admin

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"mostrador/handlers"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/money"
	"mostrador/staff"
	"mostrador/static"
	"mostrador/views/admin"
)

// goods mounts what is sold, where the money goes, what talks with other machines and how it runs.
func (d *desk) goods() {
	d.get("/products", d.products)
	d.getFor(staff.Work, "/products/new", d.newProduct)
	d.post("/products", d.createProduct)
	d.get("/products/:slug", d.product)
	d.post("/products/:slug", d.updateProduct)

	d.get("/links", d.links)
	d.post("/links", d.createLink)
	d.get("/links/:id", d.link)
	d.get("/links/:id/poster", d.poster)
	d.post("/links/:id/off", d.switchLink(false))
	d.post("/links/:id/on", d.switchLink(true))

	d.get("/routes", d.routes)
	d.get("/routes/:id", d.route)
	d.post("/routes/:id/place", d.placeRoute)
	d.post("/routes/:id/off", d.switchRoute(false))
	d.post("/routes/:id/on", d.switchRoute(true))

	d.get("/webhooks", d.webhooks)
	d.post("/webhooks", d.createEndpoint)
	d.get("/webhooks/:id", d.endpoint)
	d.post("/webhooks/:id/test", d.testEndpoint)
	d.post("/webhooks/:id/disable", d.switchEndpoint(false))
	d.post("/webhooks/:id/enable", d.switchEndpoint(true))
	d.postFresh("/webhooks/:id/rotate", d.rotateEndpoint)
	d.post("/webhooks/:id/delete", d.deleteEndpoint)
	d.post("/webhooks/deliveries/:id/redeliver", d.redeliver)

	d.get("/notifications", d.notifications)
	d.getFor(staff.Work, "/notifications/:id", d.notification)
	d.post("/notifications/:id/verify", d.verifyNotification)

	d.get("/health", d.health)

	d.get("/payouts", d.payouts)
	d.post("/payouts", d.changePayout)
	d.post("/payouts/remove", d.removePayout)
	d.post("/payouts/:id/cancel", d.cancelPayout)

	d.get("/reports", d.reports)
	d.get("/reports/settlements.csv", d.settlementsCSV)
	d.get("/reports/lines.csv", d.linesCSV)

	d.finders = append(d.finders, d.findProducts)
}

// stack sends a page of common parts.
func (d *desk) stack(c echo.Context, status int, nav string, v admin.StackView) error {
	for _, p := range v.Parts {
		if p.Form != nil {
			v.Mistakes = append(v.Mistakes, admin.MistakesOf(p.Form.Controls)...)
		}
	}
	return d.render(c, status, page{nav: nav, title: v.Head.Title, mistakes: len(v.Mistakes)}, admin.Stack(v))
}

// price writes minor units of the shop currency in the habit of the language.
func (d *desk) price(c echo.Context, minor int64) string {
	return money.FromMinor(minor, d.Config.Shop.Currency).Text(messages.From(c.Request().Context()).Lang())
}

// recorded writes a change and its line of the log in one transaction.
func (d *desk) recorded(c echo.Context, action, subject string, detail map[string]any, f func(ctx context.Context, tx *models.Tx) error) error {
	ctx, person := c.Request().Context(), who(c)
	return d.Store.InTx(ctx, func(tx *models.Tx) error {
		if err := f(ctx, tx); err != nil {
			return err
		}
		return staff.Record(ctx, tx, person, action, subject, detail)
	})
}

// cameFrom is the page that a form stood on, so that filters stay, when it lies below path; else path.
func cameFrom(c echo.Context, path string) string {
	r := c.Request()
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host != r.Host || u.Path != path && !strings.HasPrefix(u.Path, path+"/") {
		return path
	}
	return safeNext(u.RequestURI())
}

// afterOf is where a page of a list begins: 0 at its start, also for what is no number.
func afterOf(c echo.Context) int64 {
	n, err := strconv.ParseInt(c.QueryParam("after"), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// pictureAddress is where a product's picture is served from: a file below /static or an upload below /pictures.
func pictureAddress(stored string) string {
	name := strings.TrimPrefix(stored, static.Prefix)
	switch {
	case stored == "" || strings.HasPrefix(stored, handlers.PicturePrefix):
		return stored
	case static.Has(name):
		return static.Path(name)
	}
	return handlers.PicturePrefix + strings.TrimPrefix(name, "/")
}

func when(m admin.Moment) templ.Component { return admin.When(m) }

func (d *desk) momentCell(t *time.Time, never string) admin.Cell {
	if t == nil {
		return admin.Cell{Text: never}
	}
	return admin.Cell{Body: when(d.moment(*t))}
}

func chip(tone admin.Tone, icon, word string) templ.Component {
	return admin.Chip(admin.ChipView{Tone: tone, Icon: icon, Word: word})
}

// may says who changes it, under a page whose forms the person does not get.
func readOnly(c echo.Context, a staff.Action) string {
	switch {
	case can(c, a):
		return ""
	case a == staff.Work:
		return text(c, "desk.goods.read_only")
	}
	return text(c, "desk.owner_only")
}

// langHere is the language of the request.
func langHere(c echo.Context) string { return messages.From(c.Request().Context()).Lang() }
