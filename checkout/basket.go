package checkout

import (
	"context"
	"errors"
	"strings"

	"mostrador/models"
	"mostrador/money"
)

// Basket is what is to be bought: lines and what they cost together.
type Basket struct {
	Source string
	Title  string // of a link
	Lines  []models.OrderLine
	Total  int64 // minor units
	Link   *models.Link
	counts map[int64]int64
}

// Basket looks up what a placement would buy. The error is a *Problem when there is nothing to buy or the amount is not one.
func (s *Service) Basket(ctx context.Context, p Placement) (*Basket, error) {
	switch p.Source {
	case SourceCart:
		return s.cartBasket(ctx, p)
	case SourceAmount, SourceAPI, SourceTest:
		total, problem := s.amount(p.Amount, p.Currency)
		if problem != nil {
			return nil, problem
		}
		return &Basket{Source: p.Source, Total: total}, nil
	case SourceLink:
		return s.linkBasket(ctx, p)
	}
	return nil, invalid("source", "source_unknown")
}

func (s *Service) amount(typed, currency string) (int64, *Problem) {
	if currency != "" && currency != s.opt.Currency {
		return 0, invalid("amount", "amount_currency", "currency", s.opt.Currency)
	}
	if strings.TrimSpace(typed) == "" {
		return 0, invalid("amount", "amount_missing")
	}
	total, err := money.Parse(typed, s.opt.Currency)
	switch {
	case errors.Is(err, money.ErrAmbiguous):
		return 0, invalid("amount", "amount_ambiguous", "typed", strings.TrimSpace(typed), "clear", money.Ungrouped(typed, s.opt.Currency))
	case errors.Is(err, money.ErrDecimals):
		return 0, invalid("amount", "amount_decimals", "decimals", money.Decimals(s.opt.Currency), "currency", s.opt.Currency)
	case errors.Is(err, money.ErrNegative):
		return 0, invalid("amount", "amount_not_positive")
	case errors.Is(err, money.ErrTooLarge):
		return 0, invalid("amount", "amount_too_large", "max", money.FromMinor(money.MaxMinor, s.opt.Currency))
	case err != nil:
		return 0, invalid("amount", "amount_not_number")
	}
	return total, nil
}

func (s *Service) cartBasket(ctx context.Context, p Placement) (*Basket, error) {
	lines, err := s.store.CartLines(ctx, p.Cart)
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 {
		return nil, invalid("source", "cart_empty")
	}
	b := &Basket{Source: SourceCart, counts: map[int64]int64{}}
	for _, l := range lines {
		if left := l.Product.Left(); left >= 0 && left < l.Quantity {
			return b, invalid("source", "cart_short", "title", models.ParseTexts(l.Product.Title).In(p.Lang), "left", left)
		}
		id := l.ProductID
		b.Lines = append(b.Lines, models.OrderLine{ProductID: &id, Title: models.ParseTexts(l.Product.Title).In(p.Lang), Picture: l.Product.Picture,
			Quantity: l.Quantity, UnitPrice: l.Product.Price, Total: l.Quantity * l.Product.Price})
		b.Total += l.Quantity * l.Product.Price
		b.counts[id] = l.Quantity
	}
	if b.Total <= 0 || b.Total > money.MaxMinor {
		return b, invalid("source", "amount_too_large", "max", money.FromMinor(money.MaxMinor, s.opt.Currency))
	}
	return b, nil
}

func (s *Service) linkBasket(ctx context.Context, p Placement) (*Basket, error) {
	l, err := s.store.LinkBySlug(ctx, p.Link)
	if errors.Is(err, models.ErrNotFound) {
		return nil, notFound("link_unknown")
	}
	if err != nil {
		return nil, err
	}
	b := &Basket{Source: SourceLink, Title: l.Title, Link: l}
	switch {
	case !l.Active, l.ExpiresAt != nil && !l.ExpiresAt.After(s.store.Now()):
		return b, conflict("link_over")
	case l.MaxUses != nil && l.Uses >= *l.MaxUses:
		return b, conflict("link_used_up")
	}
	if l.Amount != nil {
		b.Total = *l.Amount
	} else {
		total, problem := s.amount(p.Amount, p.Currency)
		if problem != nil {
			return b, problem
		}
		b.Total = total
	}
	return b, nil
}
