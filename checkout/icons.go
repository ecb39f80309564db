package checkout

import (
	"context"
	"time"

	"mostrador/exchanger"
	"mostrador/models"
)

const (
	iconsAtOnce = 64             // icons fetched in one round; the next round goes on
	iconAgain   = 24 * time.Hour // how long an icon that failed is left alone
	iconFresh   = 7 * 24 * time.Hour
	iconKept    = 30 * 24 * time.Hour // how long one is shown that could not be fetched anew, or that no route names any more
)

// RefreshIcons fetches the icons of currencies that the routes name and the shop has not yet, or has had for a week, so that pages need load nothing from
// elsewhere. One that cannot be used is left out: the shop's own drawing stands in its place. What was not fetched for a month goes: it was drawn anew, or its currency
// is offered no more.
func (s *Service) RefreshIcons(ctx context.Context) error {
	have, err := s.store.FetchedPictures(ctx)
	if err != nil {
		return err
	}
	var got []models.Picture
	for _, id := range s.active {
		more, err := s.fetchIcons(ctx, id, have)
		if err != nil {
			return err
		}
		got = append(got, more...)
	}
	old := s.store.Now().Add(-iconKept)
	ends, err := s.store.FetchedBefore(ctx, old)
	if err != nil {
		return err
	}
	if len(got) == 0 && !ends {
		return nil
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		for i := range got {
			if err := tx.PutPicture(ctx, &got[i]); err != nil {
				return err
			}
		}
		return tx.DropFetched(ctx, old)
	})
}

func (s *Service) fetchIcons(ctx context.Context, siteID int64, have map[string]models.Fetched) ([]models.Picture, error) {
	site, err := s.store.SiteByID(ctx, siteID)
	if err != nil || !s.up(siteID) {
		return nil, err
	}
	list, err := s.store.IconSources(ctx, siteID)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	c, err := s.client(ctx, siteID)
	if err != nil {
		return nil, err
	}
	var got []models.Picture
	for _, image := range list {
		address := exchanger.IconAddress(site.BaseURL, image)
		if known := have[address]; known.Name != "" && s.store.Now().Sub(known.CreatedAt).Abs() < iconFresh {
			continue
		}
		if address == "" || len(got) == iconsAtOnce || !s.iconDue(address) {
			continue
		}
		icon, err := c.Icon(ctx, address)
		if ctx.Err() != nil {
			return got, nil //nolint:nilerr // the program stops; what was fetched is kept
		}
		if err != nil {
			s.log.Debug("icon not used", "site", site.Name, "icon", image, "error", err)
			continue
		}
		s.icons.Delete(address)
		// The address is part of the name, so that the same drawing at two addresses is found by both.
		name := models.Digest(address + "\n" + string(icon.Body))[:40] + "." + icon.Ext
		got = append(got, models.Picture{Name: name, ContentType: icon.Type, Body: icon.Body, Source: address})
		have[address] = models.Fetched{Name: name, Source: address, CreatedAt: s.store.Now()}
	}
	return got, nil
}

// iconDue tells whether an icon was not tried lately, and notes that it is now.
func (s *Service) iconDue(address string) bool {
	now := s.store.Now()
	if at, ok := s.icons.Load(address); ok && now.Sub(at.(time.Time)) < iconAgain {
		return false
	}
	s.icons.Store(address, now)
	return true
}

// Icons are the fetched icons of currencies: the name of the picture by the address at the exchanger.
func (s *Service) Icons(ctx context.Context) (map[string]string, error) {
	have, err := s.store.FetchedPictures(ctx)
	if err != nil {
		return nil, err
	}
	names := make(map[string]string, len(have))
	for address, f := range have {
		names[address] = f.Name
	}
	return names, nil
}
