package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/shopspring/decimal"

	"mostrador/models"
	"mostrador/money"
	"mostrador/static"
)

// demoCatalogue is the demo shop as static.DemoCatalogue has it.
type demoCatalogue struct {
	Categories []struct {
		Slug  string       `json:"slug"`
		Title models.Texts `json:"title"`
	} `json:"categories"`
	Products []struct {
		Slug        string          `json:"slug"`
		Category    string          `json:"category"`
		Image       string          `json:"image"`
		Price       decimal.Decimal `json:"price"`
		Stock       *int64          `json:"stock"`
		Title       models.Texts    `json:"title"`
		Text        models.Texts    `json:"text"`
		Description models.Texts    `json:"description"`
	} `json:"products"`
}

// seedDemo fills a shop that has no product at all with the demo catalogue. Prices keep their number in whatever currency the shop has.
func seedDemo(ctx context.Context, store *models.Store, currency string) error {
	var demo demoCatalogue
	if err := json.Unmarshal(static.DemoCatalogue, &demo); err != nil {
		return fmt.Errorf("read demo catalogue: %w", err)
	}
	err := store.InTx(ctx, func(tx *models.Tx) error {
		if some, err := tx.HasProducts(ctx); err != nil || some {
			return err
		}
		return insertDemo(ctx, tx, demo, currency)
	})
	if errors.Is(err, models.ErrConflict) {
		return nil // another instance filled it at the same moment
	}
	if err != nil {
		return fmt.Errorf("fill shop with demo catalogue: %w", err)
	}
	return nil
}

func insertDemo(ctx context.Context, tx *models.Tx, demo demoCatalogue, currency string) error {
	categories := map[string]*int64{}
	for i, c := range demo.Categories {
		row := models.Category{Slug: c.Slug, Title: c.Title.JSON(), Position: int64(i + 1)}
		if err := tx.InsertCategory(ctx, &row); err != nil {
			return err
		}
		categories[c.Slug] = &row.ID
	}
	for i, p := range demo.Products {
		price, err := money.ToMinor(p.Price.Round(money.Decimals(currency)), currency)
		if err != nil {
			return fmt.Errorf("price of %s: %w", p.Slug, err)
		}
		row := models.Product{Slug: p.Slug, CategoryID: categories[p.Category], Title: p.Title.JSON(), Summary: p.Text.JSON(), Description: p.Description.JSON(),
			Price: price, Stock: p.Stock, Picture: p.Image, Position: int64(i + 1)}
		if err := tx.InsertProduct(ctx, &row); err != nil {
			return err
		}
	}
	return nil
}
