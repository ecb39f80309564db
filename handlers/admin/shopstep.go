package admin

import (
	"context"
	"net/http"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"mostrador/models"
	"mostrador/views/admin"
)

// shopStep is the first start's step for the shop's name and whom customers write to.
func (d *desk) shopStep() step {
	view := func(c echo.Context, s models.ShopSettings, wrong settingsMistakes) admin.SettingsView {
		v := d.settingsView(c, s, wrong)
		if v.Name.Value == "" && len(wrong) == 0 {
			v.Name.Value = d.Config.Shop.Name
		}
		return v
	}
	return step{
		key: "shop",
		done: func(ctx context.Context) (bool, error) {
			s, err := d.Store.ShopSettings(ctx)
			return s.Version > 0, err
		},
		show: func(c echo.Context) (templ.Component, error) {
			s, err := d.Store.ShopSettings(c.Request().Context())
			return admin.SetupShop(view(c, s, nil)), err
		},
		submit: func(c echo.Context) (templ.Component, int, error) {
			form, err := c.FormParams()
			if err != nil {
				return nil, 0, echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
			}
			now, err := d.Store.ShopSettings(c.Request().Context())
			if err != nil {
				return nil, 0, err
			}
			typed, wrong := settingsOf(c, form, now)
			if len(wrong) > 0 {
				return admin.SetupShop(view(c, typed, wrong)), len(wrong), nil
			}
			return nil, 0, d.storeSettings(c, now, typed)
		},
	}
}
