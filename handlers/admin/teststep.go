package admin

import (
	"context"
	"crypto/rand"
	"errors"
	"strconv"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/handlers"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/staff"
	"mostrador/views/admin"
)

const (
	testOrderKey    = "setup.test_order" // setting: number of the newest test order
	testOrderAmount = "25"               // in the shop currency
	testOrderMinor  = 2500               // what is asked of the routes to find one that serves it
)

// testStep is the first start's step in which the owner plays a whole payment at the rehearsal exchanger. Where real money moves there is
// nothing to rehearse.
func (d *desk) testStep() step {
	return step{
		key: "test",
		done: func(ctx context.Context) (bool, error) {
			if d.Config.Live() {
				return true, nil
			}
			o, err := d.testOrder(ctx)
			return o != nil && o.Status == checkout.Paid, err
		},
		show:   func(c echo.Context) (templ.Component, error) { return d.testStepBody(c, "") },
		submit: d.placeTestOrder,
	}
}

// testOrder is the newest test order; nil when there is none.
func (d *desk) testOrder(ctx context.Context) (*models.Order, error) {
	var number int64
	ok, err := d.Store.Setting(ctx, testOrderKey, &number)
	if err != nil || !ok {
		return nil, err
	}
	o, err := d.Store.OrderByNumber(ctx, number)
	if errors.Is(err, models.ErrNotFound) {
		return nil, nil
	}
	return o, err
}

func (d *desk) testStepBody(c echo.Context, problem string) (templ.Component, error) {
	ctx := c.Request().Context()
	v := admin.SetupBody{Title: text(c, "desk.setup.test.title"), Lead: text(c, "desk.setup.test.text"), Next: &admin.Link{Label: text(c, "desk.setup.later"), Href: "/admin/setup/live"}}
	if d.Config.Live() {
		v.Lead, v.Next.Label = text(c, "desk.setup.test.live"), text(c, "desk.setup.next")
		return admin.SetupStep(v), nil
	}
	if problem != "" {
		v.Mistakes = []admin.Mistake{{Text: problem}}
	}
	o, err := d.testOrder(ctx)
	if err != nil {
		return nil, err
	}
	place := &admin.FormView{Action: "/admin/setup/test", Save: text(c, "desk.setup.test.button", "amount", d.price(c, testOrderMinor)), Hidden: []admin.Hidden{{Name: "attempt", Value: "setup-" + rand.Text()}}}
	if o == nil {
		v.Parts = []admin.PartView{{Form: place}}
		return admin.SetupStep(v), nil
	}
	look, err := d.Checkout.Look(ctx, o)
	if err != nil {
		return nil, err
	}
	number := strconv.FormatInt(o.Number, 10)
	v.Facts = []admin.Fact{
		{Label: text(c, "desk.setup.test.order"), Body: admin.OrderLink(number)},
		{Label: text(c, "desk.goods.state"), Body: admin.Chip(statusChip(c, o.Status))},
		{Label: text(c, "desk.setup.test.why"), Text: look.Why.Sentence(messages.From(ctx), true, d.Config.Shop.Location())},
	}
	switch {
	case o.Status == checkout.Paid:
		v.Notes = []admin.NoteView{{Tone: admin.Good, Text: text(c, "desk.setup.test.paid")}}
		v.Next.Label = text(c, "desk.setup.next")
	case (o.Status == checkout.Open || o.Status == checkout.Pending) && look.PayURL != "":
		c.Set(setupRefresh, true)
		v.Lead = text(c, "desk.setup.test.pay")
		v.Open = &admin.Link{Label: text(c, "desk.setup.test.page"), Href: "/orders/" + look.Token}
		v.There = &admin.Link{Label: text(c, "desk.setup.test.open"), Href: look.PayURL}
		v.Waits = text(c, "desk.setup.test.waits")
	default:
		place.Save = text(c, "desk.setup.test.again")
		v.Parts = []admin.PartView{{Form: place}}
	}
	return admin.SetupStep(v), nil
}

// placeTestOrder makes an order of the currency that asks for nothing, as a customer would.
func (d *desk) placeTestOrder(c echo.Context) (templ.Component, int, error) {
	ctx := c.Request().Context()
	if d.Config.Live() {
		return nil, 0, echo.ErrForbidden
	}
	refused := func(problem string) (templ.Component, int, error) {
		body, err := d.testStepBody(c, problem)
		return body, 1, err
	}
	offers, err := d.Checkout.Offers(ctx, testOrderMinor)
	if err != nil {
		return nil, 0, err
	}
	route := ""
	for i := range offers {
		if offers[i].Problem == nil && len(checkout.AskedFields(&offers[i])) == 0 {
			route = offers[i].Key
			break
		}
	}
	if route == "" {
		return refused(text(c, "desk.setup.test.no_route"))
	}
	placed, err := d.Checkout.Place(ctx, checkout.Placement{
		Source: checkout.SourceTest, Amount: testOrderAmount, Route: route, Lang: langHere(c), Description: text(c, "desk.setup.step.test"), Attempt: c.FormValue("attempt"),
	})
	var p *checkout.Problem
	if errors.As(err, &p) {
		return refused(handlers.ProblemText(messages.From(ctx), p))
	}
	if err != nil {
		return nil, 0, err
	}
	number := placed.Order.Number
	err = d.Store.InTx(ctx, func(tx *models.Tx) error {
		if err := tx.PutSetting(ctx, testOrderKey, number, who(c).Name); err != nil {
			return err
		}
		return staff.Record(ctx, tx, who(c), "setup.test_order", strconv.FormatInt(number, 10), nil)
	})
	if err != nil {
		return nil, 0, err
	}
	return nil, 0, stay{"/admin/setup/test"}
}
