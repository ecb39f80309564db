package checkout

import (
	"context"

	"mostrador/models"
)

// Scarce is a line of an earlier order that cannot be had again as it was.
type Scarce struct {
	Title string
	Left  int64 // pieces that there are; 0: none, or the shop does not sell it any more
}

// wanted is a line of an earlier order as it can be had now.
type wanted struct {
	line    models.OrderLine
	product *models.Product // nil: not sold any more
	take    int64
}

func (s *Service) wanted(ctx context.Context, orderID int64) ([]wanted, error) {
	lines, err := s.store.OrderLines(ctx, orderID)
	if err != nil {
		return nil, err
	}
	products, err := s.store.Products(ctx)
	if err != nil {
		return nil, err
	}
	byID := map[int64]*models.Product{}
	for i := range products {
		if !products[i].Hidden {
			byID[products[i].ID] = &products[i]
		}
	}
	var out []wanted
	for _, l := range lines {
		w := wanted{line: l}
		if l.ProductID != nil {
			w.product = byID[*l.ProductID]
		}
		if w.product != nil {
			w.take = min(l.Quantity, MaxQuantity)
			if left := w.product.Left(); left >= 0 {
				w.take = min(w.take, left)
			}
		}
		out = append(out, w)
	}
	return out, nil
}

// OrderAgain puts what an earlier order was made of into a cart, as much of it as there is. What lies in the cart already stays.
func (s *Service) OrderAgain(ctx context.Context, orderID int64, cart string) error {
	list, err := s.wanted(ctx, orderID)
	if err != nil {
		return err
	}
	there, err := s.store.CartLines(ctx, cart)
	if err != nil {
		return err
	}
	has := map[int64]int64{}
	for _, l := range there {
		has[l.ProductID] = l.Quantity
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		for _, w := range list {
			if w.take == 0 || w.take <= has[w.product.ID] {
				continue
			}
			if err := tx.SetCartLine(ctx, cart, w.product.ID, w.take, MaxQuantity, false); err != nil {
				return err
			}
		}
		return nil
	})
}

// NotAgain tells what of an earlier order cannot be had again as it was.
func (s *Service) NotAgain(ctx context.Context, orderID int64) ([]Scarce, error) {
	list, err := s.wanted(ctx, orderID)
	if err != nil {
		return nil, err
	}
	var out []Scarce
	for _, w := range list {
		if w.take < w.line.Quantity {
			out = append(out, Scarce{Title: w.line.Title, Left: w.take})
		}
	}
	return out, nil
}
