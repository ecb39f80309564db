package checkout

import (
	"context"
	"maps"
	"slices"
	"time"

	"mostrador/exchanger"
	"mostrador/models"
)

const (
	iconsAtOnce  = 64             // icons tried in one round; the next round goes on
	iconsOfSite  = 300            // icons kept of one site, and failures remembered
	iconAgain    = 24 * time.Hour // how long an icon that failed is left alone
	iconFresh    = 7 * 24 * time.Hour
	iconKept     = 30 * 24 * time.Hour // how long one is shown that could not be fetched anew, or whose site is not traded with any more
	iconGrace    = 2 * 24 * time.Hour  // how long one is kept that no route names any more, or that was drawn anew
	iconsDropped = 1000                // in one round
)

// RefreshIcons fetches the icons of currencies that the routes name and the shop has not yet, or has had for a week, so that pages need load nothing from
// elsewhere. One that cannot be used is left out: the shop's own drawing stands in its place. An exchanger that names others in each list fills nothing: of
// each site so many are kept, and what no route names goes after a short while, which makes room for no more than that in the same time.
func (s *Service) RefreshIcons(ctx context.Context) error {
	have, err := s.store.FetchedPictures(ctx)
	if err != nil {
		return err
	}
	s.icons.Range(func(address, at any) bool {
		if s.store.Now().Sub(at.(time.Time)) >= iconAgain {
			s.icons.Delete(address)
		}
		return true
	})
	drop := map[string]bool{}
	for _, f := range have {
		if s.store.Now().Sub(f.CreatedAt) > iconKept {
			drop[f.Name] = true
		}
	}
	var got []models.Picture
	for _, id := range s.active {
		more, err := s.siteIcons(ctx, id, have, drop)
		if err != nil {
			return err
		}
		got = append(got, more...)
	}
	if len(got) == 0 && len(drop) == 0 {
		return nil
	}
	gone := slices.Sorted(maps.Keys(drop))
	gone = gone[:min(len(gone), iconsDropped)]
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		for i := range got {
			if err := tx.PutPicture(ctx, &got[i]); err != nil {
				return err
			}
		}
		if len(gone) == 0 {
			return nil
		}
		return tx.DropFetched(ctx, gone, s.store.Now().Add(-iconGrace))
	})
}

// siteIcons fetches icons of a site and adds to drop what is not wanted any more.
func (s *Service) siteIcons(ctx context.Context, siteID int64, have []models.Fetched, drop map[string]bool) ([]models.Picture, error) {
	site, err := s.store.SiteByID(ctx, siteID)
	if err != nil {
		return nil, err
	}
	old := s.store.Now().Add(-iconGrace)
	list, err := s.store.IconSources(ctx, siteID, old)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	wanted := map[string]bool{} // addresses
	for _, image := range list {
		wanted[exchanger.IconAddress(site.BaseURL, image)] = true
	}
	delete(wanted, "")
	mine := func(address string) bool { return exchanger.IconAddress(site.BaseURL, address) == address }
	known, kept, failed := map[string]models.Fetched{}, 0, 0
	for _, f := range have {
		if mine(f.Source) {
			known[f.Source] = f
			kept++
		}
	}
	for _, f := range have {
		if mine(f.Source) && f.CreatedAt.Before(old) && (!wanted[f.Source] || known[f.Source].Name != f.Name) {
			drop[f.Name] = true
		}
	}
	s.icons.Range(func(address, _ any) bool {
		if mine(address.(string)) {
			failed++
		}
		return true
	})
	if !s.up(siteID) {
		return nil, nil
	}
	c, err := s.client(ctx, siteID)
	if err != nil {
		return nil, err
	}
	var got []models.Picture
	tried := 0
	for _, address := range slices.Sorted(maps.Keys(wanted)) {
		f, again := known[address]
		if again && s.store.Now().Sub(f.CreatedAt).Abs() < iconFresh || !again && kept >= iconsOfSite {
			continue
		}
		if tried == iconsAtOnce || failed >= iconsOfSite || !s.iconDue(address) {
			continue
		}
		tried++
		icon, err := c.Icon(ctx, address)
		if ctx.Err() != nil {
			return got, nil //nolint:nilerr // the program stops; what was fetched is kept
		}
		if err != nil {
			failed++
			s.log.Debug("icon not used", "site", site.Name, "icon", address, "error", err)
			continue
		}
		s.icons.Delete(address)
		if !again {
			kept++
		}
		// The address is part of the name, so that the same drawing at two addresses is found by both.
		name := models.Digest(address + "\n" + string(icon.Body))[:40] + "." + icon.Ext
		delete(drop, name)
		got = append(got, models.Picture{Name: name, ContentType: icon.Type, Body: icon.Body, Source: address})
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
	for _, f := range have {
		names[f.Source] = f.Name
	}
	return names, nil
}
