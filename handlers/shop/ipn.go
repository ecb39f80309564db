package shop

import (
	"errors"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"

	"mostrador/checkout"
)

const maxNotification = 64 << 10 // bytes

// notification answers POST /ipn/{token}. 200 is said only after the event is stored; a fault of ours is 5xx, so that whoever notifies may try
// again.
func (s *side) notification(c echo.Context) error {
	r := c.Request()
	body, err := io.ReadAll(io.LimitReader(r.Body, maxNotification+1))
	var large *http.MaxBytesError
	if err != nil && !errors.As(err, &large) {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}
	n := checkout.Received{ContentType: r.Header.Get(echo.HeaderContentType), Header: r.Header, Body: body, Remote: c.RealIP()}
	if len(body) > maxNotification {
		n.Body, n.TooLarge = body[:maxNotification], true
	}
	answer, err := s.svc.ReceiveNotification(r.Context(), c.Param("token"), n)
	if err != nil {
		return err
	}
	noStore(c)
	return c.NoContent(answer)
}
