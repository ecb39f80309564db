package shop

import (
	"context"
	"time"

	"github.com/labstack/echo/v4"

	"mostrador/handlers"
	"mostrador/models"
)

// limitOrders counts an attempt to order. The same attempt sent again is not counted, and undo gives one back that made no order.
func (s *side) limitOrders(c echo.Context, attempt string, has bool) (undo func(), err error) {
	ctx := c.Request().Context()
	nothing := func() {}
	if has {
		if _, again, err := s.store.Attempt(ctx, attempt); err != nil || again {
			return nothing, err
		}
	}
	n := int64(max(1, s.Config.Limits.OrdersPerMinute))
	key, every := "orders:"+handlers.Customer(c), time.Minute/time.Duration(n)
	ok, wait, err := s.store.Allow(ctx, key, every, n)
	if err != nil {
		return nothing, err
	}
	if !ok {
		return nothing, handlers.TooMany(wait)
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		err := s.store.InTx(ctx, func(tx *models.Tx) error {
			_, err := tx.Push(ctx, key, -every)
			return err
		})
		if err != nil {
			s.Log.WarnContext(ctx, "limit not given back", "error", err)
		}
	}, nil
}

// limit takes one out of n in per for whoever asks.
func (s *side) limit(c echo.Context, what string, n int64, per time.Duration) error {
	ok, wait, err := s.store.Allow(c.Request().Context(), what, per/time.Duration(n), n)
	if err != nil {
		return err
	}
	if !ok {
		return handlers.TooMany(wait)
	}
	return nil
}
