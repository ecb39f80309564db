package models

import (
	"context"
	"fmt"
	"time"
)

// IconSources gives the icons that the routes of a site name, those that stand in its list and those that stood there since a moment.
func (s *Store) IconSources(ctx context.Context, siteID int64, since time.Time) ([]string, error) {
	var list []string
	if err := s.read(ctx).Raw("SELECT DISTINCT from_image FROM routes WHERE site_id = ? AND (listed = ? OR seen_at > ?) AND from_image <> '' ORDER BY from_image", siteID, true, since.UTC()).Scan(&list).Error; err != nil {
		return nil, fmt.Errorf("read icons of routes: %w", translate(err))
	}
	return list, nil
}

// Fetched is a picture that was fetched.
type Fetched struct {
	Name, Source string
	CreatedAt    time.Time // when it was fetched last
}

// FetchedPictures gives the pictures that were fetched, the one that was fetched last at the end: of one address it is the one that stands there.
func (s *Store) FetchedPictures(ctx context.Context) ([]Fetched, error) {
	var rows []Fetched
	if err := s.read(ctx).Raw("SELECT name, source, created_at FROM pictures WHERE source <> '' ORDER BY created_at, id").Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("read fetched pictures: %w", translate(err))
	}
	return rows, nil
}

// DropFetched deletes pictures that were fetched, except for what was fetched anew since a moment.
func (tx *Tx) DropFetched(ctx context.Context, names []string, since time.Time) error {
	if err := tx.db.WithContext(ctx).Exec("DELETE FROM pictures WHERE source <> '' AND name IN ? AND created_at < ?", names, since.UTC()).Error; err != nil {
		return fmt.Errorf("delete fetched pictures: %w", translate(err))
	}
	return nil
}
