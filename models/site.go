package models

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

// Site is one exchanger as payments remember it: the row of a base address and path stays for ever.
type Site struct {
	ID           int64
	Name         string
	BaseURL      string `gorm:"column:base_url"`
	APIPath      string `gorm:"column:api_path"`
	Headers      []byte // sealed
	Partner      string
	Active       bool
	Negative     string
	Circuit      string
	FailingSince *time.Time
	LastOkAt     *time.Time
	LastError    string
	RetryAt      *time.Time
	ClockDiffMs  int64
	RoutesAt     *time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

func (s *Site) headersPlace() string { return "sites.headers:" + s.BaseURL + s.APIPath }

// HeadersOf opens the headers that go with every call to a site.
func (v *Vault) HeadersOf(s *Site) (map[string]string, error) {
	if len(s.Headers) == 0 {
		return nil, nil
	}
	raw, err := v.Open(s.headersPlace(), s.Headers)
	if err != nil {
		return nil, err
	}
	var h map[string]string
	return h, json.Unmarshal(raw, &h)
}

// PutSite makes sure that the site has a row with these headers, and returns it. Name, headers and partner follow the
// configuration; the address is the identity.
func (tx *Tx) PutSite(ctx context.Context, s Site, headers map[string]string) (*Site, error) {
	raw, err := json.Marshal(headers)
	if err != nil {
		return nil, fmt.Errorf("write site: %w", err)
	}
	s.Headers = tx.store.vault.Seal(s.headersPlace(), raw)
	var old Site
	res := tx.db.WithContext(ctx).Where("base_url = ? AND api_path = ?", s.BaseURL, s.APIPath).Limit(1).Find(&old)
	if res.Error != nil {
		return nil, fmt.Errorf("read site: %w", translate(res.Error))
	}
	if res.RowsAffected == 1 {
		old.Name, old.Headers, old.Partner, old.Active, old.UpdatedAt = s.Name, s.Headers, s.Partner, true, tx.now
		if err := tx.db.WithContext(ctx).Save(&old).Error; err != nil {
			return nil, fmt.Errorf("write site: %w", translate(err))
		}
		return &old, nil
	}
	s.ID, s.Active, s.Circuit, s.CreatedAt, s.UpdatedAt = 0, true, "closed", tx.now, tx.now
	if err := tx.db.WithContext(ctx).Create(&s).Error; err != nil {
		return nil, fmt.Errorf("write site: %w", translate(err))
	}
	return &s, nil
}

// RetireSites marks every site inactive that is not in keep. Their payments stay watched.
func (tx *Tx) RetireSites(ctx context.Context, keep []int64) error {
	err := tx.db.WithContext(ctx).Table("sites").Where("id NOT IN ?", append(keep, 0)).Update("active", false).Error
	if err != nil {
		return fmt.Errorf("retire sites: %w", translate(err))
	}
	return nil
}

// Sites gives every site that the shop has ever used.
func (s *Store) Sites(ctx context.Context) ([]Site, error) {
	var list []Site
	if err := s.read(ctx).Order("id").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read sites: %w", translate(err))
	}
	return list, nil
}

// SiteByID finds a site. The error is ErrNotFound.
func (s *Store) SiteByID(ctx context.Context, id int64) (*Site, error) {
	var site Site
	if err := s.read(ctx).Where("id = ?", id).Take(&site).Error; err != nil {
		return nil, fmt.Errorf("read site: %w", translate(err))
	}
	return &site, nil
}

// SaveSiteHealth writes what is known of a site's health.
func (tx *Tx) SaveSiteHealth(ctx context.Context, s *Site) error {
	err := tx.db.WithContext(ctx).Model(&Site{}).Where("id = ?", s.ID).Updates(map[string]any{
		"circuit": s.Circuit, "failing_since": s.FailingSince, "last_ok_at": s.LastOkAt, "last_error": s.LastError,
		"retry_at": s.RetryAt, "clock_diff_ms": s.ClockDiffMs, "updated_at": tx.now,
	}).Error
	if err != nil {
		return fmt.Errorf("write site health: %w", translate(err))
	}
	return nil
}

// SetNegative remembers whether a site understands a negative amount: "yes" or "no".
func (tx *Tx) SetNegative(ctx context.Context, siteID int64, known string) error {
	if err := tx.db.WithContext(ctx).Exec("UPDATE sites SET negative = ? WHERE id = ?", known, siteID).Error; err != nil {
		return fmt.Errorf("write site: %w", translate(err))
	}
	return nil
}

// Route is a direction of exchange at one site, as last seen.
type Route struct {
	ID          int64
	SiteID      int64
	RouteID     string
	FromXML     string `gorm:"column:from_xml"`
	FromName    string
	FromSymbol  string
	FromImage   string
	ToXML       string `gorm:"column:to_xml"`
	ToName      string
	ToSymbol    string
	Position    int64
	Shown       bool
	Listed      bool
	SwitchedOff bool
	Rank        int64
	Doc         string
	DocAt       *time.Time
	SeenAt      time.Time
	Problem     string
}

// Routes gives every route of the active sites, in the merchant's order, then the exchanger's.
func (s *Store) Routes(ctx context.Context) ([]Route, error) {
	var list []Route
	err := s.read(ctx).Where("site_id IN (SELECT id FROM sites WHERE active)").Order("CASE WHEN rank = 0 THEN 1 ELSE 0 END, rank, position, id").Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read routes: %w", translate(err))
	}
	return list, nil
}

// RouteOf finds a route by site and the exchanger's id. The error is ErrNotFound.
func (s *Store) RouteOf(ctx context.Context, siteID int64, routeID string) (*Route, error) {
	var r Route
	if err := s.read(ctx).Where("site_id = ? AND route_id = ?", siteID, routeID).Take(&r).Error; err != nil {
		return nil, fmt.Errorf("read route: %w", translate(err))
	}
	return &r, nil
}

// PutRouteList stores a site's list as just read: new routes appear, those that are gone are marked unlisted.
func (tx *Tx) PutRouteList(ctx context.Context, siteID int64, list []Route) error {
	db := tx.db.WithContext(ctx)
	if err := db.Exec("UPDATE routes SET listed = ? WHERE site_id = ?", false, siteID).Error; err != nil {
		return fmt.Errorf("write routes: %w", translate(err))
	}
	for _, r := range list {
		err := db.Exec(`INSERT INTO routes (site_id, route_id, from_xml, from_name, from_symbol, from_image, to_xml, to_name, to_symbol, position, shown, listed, seen_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (site_id, route_id) DO UPDATE SET from_xml = excluded.from_xml, from_name = excluded.from_name, from_symbol = excluded.from_symbol,
			from_image = excluded.from_image, to_xml = excluded.to_xml, to_name = excluded.to_name, to_symbol = excluded.to_symbol,
			position = excluded.position, shown = excluded.shown, listed = excluded.listed, seen_at = excluded.seen_at`,
			siteID, r.RouteID, r.FromXML, r.FromName, r.FromSymbol, r.FromImage, r.ToXML, r.ToName, r.ToSymbol, r.Position, r.Shown, true, tx.now).Error
		if err != nil {
			return fmt.Errorf("write route: %w", translate(err))
		}
	}
	if err := db.Exec("UPDATE sites SET routes_at = ? WHERE id = ?", tx.now, siteID).Error; err != nil {
		return fmt.Errorf("write site: %w", translate(err))
	}
	return nil
}

// RateHistory is how long the rates that were seen of a route are kept.
const RateHistory = 7 * 24 * time.Hour

// PutRouteDoc stores the whole route as just read, and its rate in the history, at most one every quarter of an hour for a week.
func (tx *Tx) PutRouteDoc(ctx context.Context, siteID int64, routeID, doc, problem string, in, out, reserve decimal.Decimal) error {
	db := tx.db.WithContext(ctx)
	var id int64
	err := db.Raw("UPDATE routes SET doc = ?, doc_at = ?, problem = ? WHERE site_id = ? AND route_id = ? RETURNING id", doc, tx.now, problem, siteID, routeID).Scan(&id).Error
	if err != nil {
		return fmt.Errorf("write route: %w", translate(err))
	}
	if id == 0 || problem != "" {
		return nil
	}
	err = db.Exec(`INSERT INTO route_rates (route_ref, at, rate_in, rate_out, reserve) SELECT ?, ?, ?, ?, ?
		WHERE NOT EXISTS (SELECT 1 FROM route_rates WHERE route_ref = ? AND at > ?)`, id, tx.now, in, out, reserve, id, tx.now.Add(-15*time.Minute)).Error
	if err != nil {
		return fmt.Errorf("write rate: %w", translate(err))
	}
	if err := db.Exec("DELETE FROM route_rates WHERE route_ref = ? AND at < ?", id, tx.now.Add(-RateHistory)).Error; err != nil {
		return fmt.Errorf("forget rates: %w", translate(err))
	}
	return nil
}

// SeenRate is a rate as it was seen.
type SeenRate struct {
	At      time.Time
	RateIn  decimal.Decimal
	RateOut decimal.Decimal
	Reserve decimal.Decimal
}

// SeenRates gives the newest rates that were seen of a route, the newest first.
func (s *Store) SeenRates(ctx context.Context, routeRef int64, limit int) ([]SeenRate, error) {
	var list []SeenRate
	err := s.read(ctx).Table("route_rates").Where("route_ref = ?", routeRef).Order("at DESC").Limit(limit).Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read rates: %w", translate(err))
	}
	return list, nil
}

// RankRoute puts a route at a place of the merchant's order, from 1 on; 0: the exchanger's order. The error is ErrNotFound.
func (tx *Tx) RankRoute(ctx context.Context, id, rank int64) error {
	res := tx.db.WithContext(ctx).Exec("UPDATE routes SET rank = ? WHERE id = ?", rank, id)
	if res.Error != nil {
		return fmt.Errorf("rank route: %w", translate(res.Error))
	}
	if res.RowsAffected == 0 {
		return fmt.Errorf("rank route: %w", ErrNotFound)
	}
	return nil
}
