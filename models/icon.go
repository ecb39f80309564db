package models

import (
	"context"
	"fmt"
)

// IconSources gives the icons that the routes of a site's list name.
func (s *Store) IconSources(ctx context.Context, siteID int64) ([]string, error) {
	var list []string
	if err := s.read(ctx).Raw("SELECT DISTINCT from_image FROM routes WHERE site_id = ? AND listed = ? AND from_image <> '' ORDER BY from_image", siteID, true).Scan(&list).Error; err != nil {
		return nil, fmt.Errorf("read icons of routes: %w", translate(err))
	}
	return list, nil
}

// FetchedPictures gives the names of the pictures that were fetched, by the address that they came from.
func (s *Store) FetchedPictures(ctx context.Context) (map[string]string, error) {
	var rows []struct{ Name, Source string }
	if err := s.read(ctx).Raw("SELECT name, source FROM pictures WHERE source <> '' ORDER BY id").Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("read fetched pictures: %w", translate(err))
	}
	out := make(map[string]string, len(rows))
	for _, r := range rows {
		out[r.Source] = r.Name
	}
	return out, nil
}
