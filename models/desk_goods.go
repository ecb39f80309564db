package models

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
)

// AllProducts gives every product, hidden ones too, in the merchant's order.
func (s *Store) AllProducts(ctx context.Context) ([]Product, error) {
	var list []Product
	if err := s.read(ctx).Order("position, id").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read products: %w", translate(err))
	}
	return list, nil
}

// UpdateProduct writes the product that was read at p.Version; what orders hold of it stays. The error is ErrChanged when another version
// stands there by now, ErrConflict when its slug is taken.
func (tx *Tx) UpdateProduct(ctx context.Context, p *Product) error {
	res := tx.db.WithContext(ctx).Exec(`UPDATE products SET slug = ?, category_id = ?, title = ?, summary = ?, description = ?, price = ?, stock = ?, picture = ?, hidden = ?,
		position = ?, version = version + 1, updated_at = ? WHERE id = ? AND version = ?`,
		p.Slug, p.CategoryID, p.Title, p.Summary, p.Description, p.Price, p.Stock, p.Picture, p.Hidden, p.Position, tx.now, p.ID, p.Version)
	if res.Error != nil {
		return fmt.Errorf("update product: %w", translate(res.Error))
	}
	if res.RowsAffected == 0 {
		return ErrChanged
	}
	p.Version, p.UpdatedAt = p.Version+1, tx.now
	return nil
}

// Picture is an uploaded picture, made anew by the shop; Name is its content's digest with its ending.
type Picture struct {
	ID          int64
	Name        string
	ContentType string
	Body        []byte
	Source      string
	CreatedAt   time.Time
}

// PutPicture stores a picture; the same content is stored once, and counts as of now where it was fetched.
func (tx *Tx) PutPicture(ctx context.Context, p *Picture) error {
	err := tx.db.WithContext(ctx).Exec(`INSERT INTO pictures (name, content_type, body, source, created_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET created_at = CASE WHEN pictures.source = '' THEN pictures.created_at ELSE excluded.created_at END`,
		p.Name, p.ContentType, p.Body, p.Source, tx.now).Error
	if err != nil {
		return fmt.Errorf("insert picture: %w", translate(err))
	}
	return nil
}

// PictureByName finds a picture. The error is ErrNotFound.
func (s *Store) PictureByName(ctx context.Context, name string) (*Picture, error) {
	var p Picture
	if err := s.read(ctx).Where("name = ?", name).Take(&p).Error; err != nil {
		return nil, fmt.Errorf("read picture: %w", translate(err))
	}
	return &p, nil
}

// HasPicture tells whether a picture of that name is stored.
func (s *Store) HasPicture(ctx context.Context, name string) (bool, error) {
	var n int64
	if err := s.read(ctx).Table("pictures").Where("name = ?", name).Count(&n).Error; err != nil {
		return false, fmt.Errorf("read picture: %w", translate(err))
	}
	return n > 0, nil
}

// LinkByID finds a payment link. The error is ErrNotFound.
func (s *Store) LinkByID(ctx context.Context, id int64) (*Link, error) {
	var l Link
	if err := s.read(ctx).Where("id = ?", id).Take(&l).Error; err != nil {
		return nil, fmt.Errorf("read link: %w", translate(err))
	}
	return &l, nil
}

// SwitchLink switches a payment link on or off. The error is ErrNotFound.
func (tx *Tx) SwitchLink(ctx context.Context, id int64, on bool) error {
	res := tx.db.WithContext(ctx).Exec("UPDATE links SET active = ?, updated_at = ? WHERE id = ?", on, tx.now, id)
	return switched(res, "switch link")
}

// SwitchRoute lets the shop offer a route, or not, whatever the exchanger does. The error is ErrNotFound.
func (tx *Tx) SwitchRoute(ctx context.Context, id int64, on bool) error {
	res := tx.db.WithContext(ctx).Exec("UPDATE routes SET switched_off = ? WHERE id = ?", !on, id)
	return switched(res, "switch route")
}

func switched(res *gorm.DB, what string) error {
	if res.Error != nil {
		return fmt.Errorf("%s: %w", what, translate(res.Error))
	}
	if res.RowsAffected == 0 {
		return fmt.Errorf("%s: %w", what, ErrNotFound)
	}
	return nil
}

// RouteByID finds a route. The error is ErrNotFound.
func (s *Store) RouteByID(ctx context.Context, id int64) (*Route, error) {
	var r Route
	if err := s.read(ctx).Where("id = ?", id).Take(&r).Error; err != nil {
		return nil, fmt.Errorf("read route: %w", translate(err))
	}
	return &r, nil
}

// RouteQuery chooses routes of the active sites. Zero values choose all.
type RouteQuery struct {
	Text   string // part of a currency's name, symbol or code, letter case aside
	SiteID int64
	To     []string // codes of the currency that the merchant receives
	After  int64    // id of the last route of the page before
	Limit  int
}

// RoutesPage gives routes by their id.
func (s *Store) RoutesPage(ctx context.Context, q RouteQuery) ([]Route, error) {
	db := s.read(ctx).Where("site_id IN (SELECT id FROM sites WHERE active) AND id > ?", q.After)
	if q.SiteID > 0 {
		db = db.Where("site_id = ?", q.SiteID)
	}
	if len(q.To) > 0 {
		db = db.Where("to_xml IN ?", q.To)
	}
	for _, word := range strings.Fields(strings.ToLower(q.Text)) {
		like := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(word) + "%"
		db = db.Where(`(lower(from_name) LIKE ? ESCAPE '\' OR lower(from_symbol) LIKE ? ESCAPE '\' OR lower(from_xml) LIKE ? ESCAPE '\'
			OR lower(to_name) LIKE ? ESCAPE '\' OR lower(to_symbol) LIKE ? ESCAPE '\' OR lower(to_xml) LIKE ? ESCAPE '\' OR route_id = ?)`, like, like, like, like, like, like, word)
	}
	var list []Route
	if err := db.Order("id").Limit(q.Limit).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read routes: %w", translate(err))
	}
	return list, nil
}

// DeliveriesOfAll gives up to limit of the newest deliveries, whatever their endpoint.
func (s *Store) DeliveriesOfAll(ctx context.Context, limit int) ([]Delivery, error) {
	var list []Delivery
	if err := s.read(ctx).Order("id DESC").Limit(limit).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read deliveries: %w", translate(err))
	}
	return list, nil
}

// NotificationRow is a received notification with the order that it is about; OrderNumber 0: none.
type NotificationRow struct {
	Notification
	OrderNumber int64
	UID         string `gorm:"column:uid"`
}

// NotificationsPage gives up to limit notifications older than the row with id before (0: from the newest on), the newest first and
// without their bodies; outcome "" is any.
func (s *Store) NotificationsPage(ctx context.Context, outcome string, before int64, limit int) ([]NotificationRow, error) {
	db := s.read(ctx).Table("notifications n").Select(`n.id, n.payment_id, n.at, n.answer, n.outcome, n.reason, n.status, n.content_type, n.remote,
		COALESCE(o.number, 0) AS order_number, COALESCE(p.uid, '') AS uid`).
		Joins("LEFT JOIN payments p ON p.id = n.payment_id").Joins("LEFT JOIN orders o ON o.id = p.order_id")
	if outcome != "" {
		db = db.Where("n.outcome = ?", outcome)
	}
	if before > 0 {
		db = db.Where("n.id < ?", before)
	}
	var list []NotificationRow
	if err := db.Order("n.id DESC").Limit(limit).Scan(&list).Error; err != nil {
		return nil, fmt.Errorf("read notifications: %w", translate(err))
	}
	return list, nil
}

// NotificationByID finds a notification with its body sealed: see Vault.BodyOf. The error is ErrNotFound.
func (s *Store) NotificationByID(ctx context.Context, id int64) (*Notification, error) {
	var n Notification
	if err := s.read(ctx).Where("id = ?", id).Take(&n).Error; err != nil {
		return nil, fmt.Errorf("read notification: %w", translate(err))
	}
	return &n, nil
}

// Unsettled is a payment that is still followed.
type Unsettled struct {
	OrderNumber int64
	Status      string
	CreatedAt   time.Time
}

// OldestUnsettled gives the payment whose money was seen longest ago without being settled; nil when there is none.
func (s *Store) OldestUnsettled(ctx context.Context) (*Unsettled, error) {
	var u Unsettled
	err := s.read(ctx).Table("payments p").Select("o.number AS order_number, p.status, o.created_at").Joins("JOIN orders o ON o.id = p.order_id").
		Where("p.next_pull_at IS NOT NULL AND p.seen_at IS NOT NULL AND p.settled_at IS NULL").Order("p.seen_at").Limit(1).Take(&u).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read oldest payment: %w", translate(err))
	}
	return &u, nil
}

// LockSetting makes sure that one transaction at a time goes on from here: the row of the setting is made where it is missing, and locked.
func (tx *Tx) LockSetting(ctx context.Context, key, who string) error {
	err := tx.db.WithContext(ctx).Exec("INSERT INTO settings (key, value, updated_at, updated_by) VALUES (?, '{}', ?, ?) ON CONFLICT (key) DO UPDATE SET updated_by = settings.updated_by",
		key, tx.now, who).Error
	if err != nil {
		return fmt.Errorf("lock setting %s: %w", key, translate(err))
	}
	return nil
}

// PayoutsWaiting tells whether a version of the payouts is not in force yet.
func (tx *Tx) PayoutsWaiting(ctx context.Context) (bool, error) {
	var n int64
	if err := tx.db.WithContext(ctx).Table("payouts").Where("cancelled_at IS NULL AND effective_at > ?", tx.now).Count(&n).Error; err != nil {
		return false, fmt.Errorf("read payouts: %w", translate(err))
	}
	return n > 0, nil
}
