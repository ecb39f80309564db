package admin

import (
	"errors"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/models"
	"mostrador/views/admin"
)

// orderColumns are what the list of orders may show beside number, total and status, in their order; usualColumns are those that it shows until
// somebody chooses.
var (
	orderColumns = []string{"customer", "received", "paid", "source", "site", "settled", "placed"}
	usualColumns = []string{"customer", "paid", "placed"}
)

func columnsKey(person int64) string { return "desk.columns." + id(person) }

// columnsOf are the columns that the person chose; a choice that cannot be read is none.
func (d *desk) columnsOf(c echo.Context) ([]string, error) {
	chosen := slices.Clone(usualColumns)
	_, err := d.Store.Setting(c.Request().Context(), columnsKey(me(c).ID), &chosen)
	if errors.Is(err, models.ErrUnreadable) {
		d.Log.WarnContext(c.Request().Context(), "the chosen columns are the usual ones", "error", err)
		return slices.Clone(usualColumns), nil
	}
	return chosen, err
}

// chooseColumns keeps which columns the person wants to see: it belongs to the own account.
func (d *desk) chooseColumns(c echo.Context) error {
	form, err := c.FormParams()
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}
	chosen := []string{}
	for _, k := range orderColumns {
		if slices.Contains(form["column"], k) {
			chosen = append(chosen, k)
		}
	}
	ctx := c.Request().Context()
	if err := d.Store.InTx(ctx, func(tx *models.Tx) error {
		return tx.PutSetting(ctx, columnsKey(me(c).ID), chosen, who(c).Name)
	}); err != nil {
		return err
	}
	return d.done(c, backTo(c, "/admin/orders"), "")
}

// columnChoice are the columns to tick.
func columnChoice(c echo.Context, chosen []string) []admin.Option {
	var out []admin.Option
	for _, k := range orderColumns {
		out = append(out, admin.Option{Value: k, Label: text(c, "desk.orders."+k), On: slices.Contains(chosen, k)})
	}
	return out
}

// extraCells are the columns of an order that are not always there.
func (d *desk) extraCells(c echo.Context, o *models.DeskOrder) map[string]admin.Cell {
	when := func(known bool, m func() admin.Moment) admin.Cell {
		if !known {
			return admin.Cell{Text: "—", Class: "c-more text-muted"}
		}
		return admin.Cell{Body: admin.When(m()), Class: "c-more text-muted"}
	}
	return map[string]admin.Cell{
		"received": {Body: admin.Amount(minor(o.Received, o.Currency, langHere(c)), false), Class: "c-more"},
		"source":   {Text: text(c, "desk.source."+o.Source), Class: "c-more text-muted"},
		"site":     {Text: dashes(o.SiteName), Class: "c-more text-muted"},
		"settled":  when(o.PaidAt != nil && o.Status != checkout.Open, func() admin.Moment { return d.moment(*o.PaidAt) }),
	}
}
