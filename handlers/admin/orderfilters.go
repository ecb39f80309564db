package admin

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/models"
	"mostrador/views/admin"
)

const (
	maxFilters    = 20 // of one person
	maxFilterName = 40 // characters
)

// filterKeys are what a filter of the list of orders is made of.
var filterKeys = []string{"q", "status", "route", "source", "site", "flag", "refund", "from", "to", "sort"}

// filterOf is the filter of an address, written always alike; "" for none.
func filterOf(q url.Values) string {
	kept := keep(q)
	for k := range kept {
		if !slices.Contains(filterKeys, k) {
			kept.Del(k)
		}
	}
	return kept.Encode()
}

// savedFilters are one click away: everything, what is asked for most, and what the person keeps.
func (d *desk) savedFilters(c echo.Context, v *admin.OrdersView, q url.Values) error {
	now := filterOf(q)
	add := func(label, filter string) {
		to := "/admin/orders"
		if filter != "" {
			to += "?" + filter
		}
		v.Saved = append(v.Saved, admin.SavedFilter{Label: label, Href: to, Current: now == filter})
	}
	add(text(c, "desk.orders.all"), "")
	for _, s := range []string{checkout.Review, checkout.Underpaid, checkout.Pending, checkout.Paid} {
		add(text(c, "desk.status."+s), "status="+s)
	}
	known := len(v.Saved)
	own, err := d.Store.DeskFilters(c.Request().Context(), me(c).ID)
	if err != nil {
		return err
	}
	for _, f := range own {
		add(f.Name, f.Query)
		if f.Query == now {
			v.Forget = &admin.Button{Action: "/admin/account/filters/" + id(f.ID) + "/drop", Label: text(c, "desk.orders.forget"), Aria: f.Name, Class: "btn-sm btn-quiet"}
		}
	}
	if v.Keep.Value == "" && now != "" && !slices.ContainsFunc(v.Saved[known:], func(s admin.SavedFilter) bool { return s.Current }) {
		v.Filter = now
	}
	return nil
}

// keepFilter keeps the filter of the list under a name, for the person alone: it belongs to the own account.
func (d *desk) keepFilter(c echo.Context) error {
	q, err := url.ParseQuery(c.FormValue("query"))
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}
	ctx := c.Request().Context()
	f := &models.DeskFilter{StaffID: me(c).ID, Name: strings.TrimSpace(c.FormValue("name")), Query: filterOf(q)}
	own, err := d.Store.DeskFilters(ctx, f.StaffID)
	if err != nil {
		return err
	}
	mistake := ""
	switch {
	case f.Name == "":
		mistake = text(c, "desk.orders.keep_empty")
	case utf8.RuneCountInString(f.Name) > maxFilterName:
		mistake = text(c, "desk.mistake.long", "n", maxFilterName)
	case f.Query == "" || len(f.Query) > 1000:
		mistake = text(c, "desk.orders.keep_nothing")
	case len(own) >= maxFilters:
		mistake = text(c, "desk.orders.keep_many", "n", maxFilters)
	default:
		err = d.Store.InTx(ctx, func(tx *models.Tx) error { return tx.InsertDeskFilter(ctx, f) })
		if errors.Is(err, models.ErrConflict) {
			mistake = text(c, "desk.orders.keep_taken", "name", f.Name)
		} else if err != nil {
			return err
		}
	}
	if mistake != "" {
		return d.ordersWith(c, f.Query, f.Name, admin.Mistake{Field: "name", Text: mistake})
	}
	return d.done(c, "/admin/orders?"+f.Query, text(c, "desk.orders.kept", "name", f.Name))
}

// dropFilter forgets a filter of the person.
func (d *desk) dropFilter(c echo.Context) error {
	n, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return models.ErrNotFound
	}
	ctx := c.Request().Context()
	if err := d.Store.InTx(ctx, func(tx *models.Tx) error { return tx.DropDeskFilter(ctx, me(c).ID, n) }); err != nil {
		return err
	}
	return d.done(c, "/admin/orders", text(c, "desk.orders.forgotten"))
}

// ordersWith shows the list that a form stood on, with what was wrong in it.
func (d *desk) ordersWith(c echo.Context, filter, name string, wrong admin.Mistake) error {
	q, err := url.ParseQuery(filter)
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}
	return d.ordersPage(c, q, name, wrong)
}
