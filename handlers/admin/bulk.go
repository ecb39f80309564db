package admin

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/models"
	"mostrador/views/admin"
)

const maxChosen = 100 // orders that something is done with at once: a page

// chosen are the numbers of the orders that were ticked. None, or too many, is the list again with the mistake: done is then true.
func (d *desk) chosen(c echo.Context, back string) (numbers []int64, done bool, err error) {
	form, err := c.FormParams()
	if err != nil {
		return nil, true, echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}
	for _, s := range form["order"] {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n <= 0 {
			return nil, true, echo.NewHTTPError(http.StatusUnprocessableEntity).SetInternal(err)
		}
		numbers = append(numbers, n)
	}
	if len(numbers) == 0 || len(numbers) > maxChosen {
		_, filter, _ := strings.Cut(back, "?")
		return nil, true, d.ordersWith(c, filter, "", admin.Mistake{Field: "order", Text: text(c, "desk.orders.check_none", "n", maxChosen)})
	}
	return numbers, false, nil
}

// checkOrders asks for the chosen orders soon. They are due at once, and asked about in the bounded number of calls that always holds.
func (d *desk) checkOrders(c echo.Context) error {
	back := backTo(c, "/admin/orders")
	numbers, done, err := d.chosen(c, back)
	if done {
		return err
	}
	ctx, planned := c.Request().Context(), int64(0)
	err = d.Store.InTx(ctx, func(tx *models.Tx) error {
		var err error
		planned, err = tx.PullOrdersSoon(ctx, numbers)
		return err
	})
	if err != nil {
		return err
	}
	if err := d.Staff.Log(ctx, who(c), "order.check_many", plural(c, "desk.overview.orders_n", len(numbers)), map[string]any{"orders": numbers, "planned": planned}); err != nil {
		return err
	}
	said := plural(c, "desk.orders.checked", int(planned))
	if planned == 0 {
		said = text(c, "desk.orders.checked_none")
	}
	return d.done(c, back, said)
}

// bulk does the same with each of the chosen orders, one after the other, each logged as if it had been done alone. One that the domain refuses, as
// it changed meanwhile or never was fit, is left as it is and counted.
func (d *desk) bulk(c echo.Context, action, said string, f func(o *models.Order) error) error {
	back := backTo(c, "/admin/orders")
	numbers, done, err := d.chosen(c, back)
	if done {
		return err
	}
	n, left := 0, 0
	for _, number := range numbers {
		o, err := d.Store.OrderByNumber(c.Request().Context(), number)
		if err != nil {
			return err
		}
		if err := f(o); err != nil {
			if _, ok := checkout.AsProblem(err); !ok {
				return err
			}
			left++
			continue
		}
		if err := d.did(c, action, o, nil); err != nil {
			return err
		}
		n++
	}
	what := plural(c, said, n)
	if left > 0 {
		what += " " + plural(c, "desk.orders.left_alone", left)
	}
	return d.done(c, back, what)
}

// askManyForRest mails the customers of the chosen underpaid orders where to pay the rest.
func (d *desk) askManyForRest(c echo.Context) error {
	return d.bulk(c, "order.ask_rest", "desk.orders.rest_asked", func(o *models.Order) error {
		return d.Checkout.AskForRest(c.Request().Context(), o.ID, who(c).Name)
	})
}

// cancelMany closes the chosen unpaid orders, after a question that says how many they are.
func (d *desk) cancelMany(c echo.Context) error {
	if c.FormValue("sure") == "" {
		back := backTo(c, "/admin/orders")
		numbers, done, err := d.chosen(c, back)
		if done {
			return err
		}
		title := plural(c, "desk.orders.cancel_ask", len(numbers))
		v := admin.AskView{Title: title, Lines: []string{text(c, "desk.orders.cancel_then"), text(c, "desk.order.cancel_text")}, Action: "/admin/orders/cancel", Yes: text(c, "desk.orders.cancel_chosen"), No: text(c, "desk.order.keep"), NoHref: back, Grave: true,
			Fields: []admin.Hidden{{Name: "sure", Value: "1"}, {Name: "back", Value: back}}}
		for _, n := range numbers {
			v.Fields = append(v.Fields, admin.Hidden{Name: "order", Value: id(n)})
		}
		return d.render(c, http.StatusOK, page{nav: "orders", title: title}, admin.Ask(v))
	}
	return d.bulk(c, "order.cancel", "desk.orders.cancelled", func(o *models.Order) error {
		return d.Checkout.Cancel(c.Request().Context(), o.ID, who(c).Name)
	})
}
