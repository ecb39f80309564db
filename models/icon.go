package models

import (
	"context"
	"fmt"
	"time"
)

// IconSources gives the icons that the routes of a site's list name.
func (s *Store) IconSources(ctx context.Context, siteID int64) ([]string, error) {
	var list []string
	if err := s.read(ctx).Raw("SELECT DISTINCT from_image FROM routes WHERE site_id = ? AND listed = ? AND from_image <> '' ORDER BY from_image", siteID, true).Scan(&list).Error; err != nil {
		return nil, fmt.Errorf("read icons of routes: %w", translate(err))
	}
	return list, nil
}

// Fetched is a picture that was fetched.
type Fetched struct {
	Name, Source string
	CreatedAt    time.Time // when it was fetched last
}

// FetchedPictures gives the pictures that were fetched, by the address that they came from: of each the one that stood there last.
func (s *Store) FetchedPictures(ctx context.Context) (map[string]Fetched, error) {
	var rows []Fetched
	if err := s.read(ctx).Raw("SELECT name, source, created_at FROM pictures WHERE source <> '' ORDER BY created_at, id").Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("read fetched pictures: %w", translate(err))
	}
	out := make(map[string]Fetched, len(rows))
	for _, r := range rows {
		out[r.Source] = r
	}
	return out, nil
}

// FetchedBefore tells whether a picture was last fetched before a moment.
func (s *Store) FetchedBefore(ctx context.Context, at time.Time) (bool, error) {
	var ids []int64
	if err := s.read(ctx).Raw("SELECT id FROM pictures WHERE source <> '' AND created_at < ? LIMIT 1", at.UTC()).Scan(&ids).Error; err != nil {
		return false, fmt.Errorf("read fetched pictures: %w", translate(err))
	}
	return len(ids) > 0, nil
}

// DropFetched deletes the pictures that were last fetched before a moment.
func (tx *Tx) DropFetched(ctx context.Context, before time.Time) error {
	if err := tx.db.WithContext(ctx).Exec("DELETE FROM pictures WHERE source <> '' AND created_at < ?", before.UTC()).Error; err != nil {
		return fmt.Errorf("delete fetched pictures: %w", translate(err))
	}
	return nil
}
