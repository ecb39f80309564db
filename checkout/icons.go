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
)

// RefreshIcons fetches the icons of currencies that the routes name and the shop has not yet, so that pages need load nothing from elsewhere. One that
// cannot be used is left out: the shop's own drawing stands in its place.
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
	if len(got) == 0 {
		return nil
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		for i := range got {
			if err := tx.PutPicture(ctx, &got[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) fetchIcons(ctx context.Context, siteID int64, have map[string]string) ([]models.Picture, error) {
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
		if address == "" || have[address] != "" || len(got) == iconsAtOnce || !s.iconDue(address) {
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
		// The address is part of the name, so that the same drawing at two addresses is found by both.
		name := models.Digest(address + "\n" + string(icon.Body))[:40] + "." + icon.Ext
		got = append(got, models.Picture{Name: name, ContentType: icon.Type, Body: icon.Body, Source: address})
		have[address] = name
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
	return s.store.FetchedPictures(ctx)
}
