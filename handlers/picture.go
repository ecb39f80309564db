package handlers

import (
	"errors"
	"net/http"
	"regexp"

	"github.com/labstack/echo/v4"

	"mostrador/models"
)

// PicturePrefix is where uploaded pictures are served.
const PicturePrefix = "/pictures/"

// pictureName is a digest with its ending: what the shop itself names pictures.
var pictureName = regexp.MustCompile(`^[0-9a-f]{32,64}\.(png|jpg|svg)$`)

// Picture answers GET /pictures/{name}: a picture that was uploaded at the desk, or the icon of a currency that was fetched and cleaned. Its name is its content's digest, so it never changes.
func Picture(store *models.Store) echo.HandlerFunc {
	return func(c echo.Context) error {
		name := c.Param("name")
		if !pictureName.MatchString(name) {
			return echo.ErrNotFound
		}
		p, err := store.PictureByName(c.Request().Context(), name)
		if errors.Is(err, models.ErrNotFound) {
			return echo.ErrNotFound
		}
		if err != nil {
			return err
		}
		h := c.Response().Header()
		h.Set(echo.HeaderCacheControl, "public, max-age=31536000, immutable")
		h.Set(echo.HeaderXContentTypeOptions, "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
		return c.Blob(http.StatusOK, p.ContentType, p.Body)
	}
}
