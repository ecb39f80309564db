package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Texts is a text in each language.
type Texts map[string]string

// In gives the text in a language, else in English, else in any.
func (t Texts) In(lang string) string {
	if s := t[lang]; s != "" {
		return s
	}
	if s := t["en"]; s != "" {
		return s
	}
	for _, l := range []string{"es", "ru"} {
		if s := t[l]; s != "" {
			return s
		}
	}
	return ""
}

// JSON is how texts are stored.
func (t Texts) JSON() string {
	raw, err := json.Marshal(t)
	if err != nil {
		panic(err) // strings only
	}
	return string(raw)
}

// ParseTexts reads what JSON wrote; what cannot be read is empty.
func ParseTexts(s string) Texts {
	var t Texts
	if json.Unmarshal([]byte(s), &t) != nil {
		return Texts{}
	}
	return t
}

// Product is what the shop sells. Price is minor units of the shop currency; Stock nil means that it is not counted.
type Product struct {
	ID          int64
	Slug        string
	CategoryID  *int64
	Title       string
	Summary     string
	Description string
	Price       int64
	Stock       *int64
	Held        int64
	Picture     string
	Hidden      bool
	Position    int64
	Version     int64
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Left is how many pieces can be ordered now; -1 when they are not counted.
func (p *Product) Left() int64 {
	if p.Stock == nil {
		return -1
	}
	return max(0, *p.Stock-p.Held)
}

// Category groups products.
type Category struct {
	ID       int64
	Slug     string
	Title    string
	Position int64
}

// Products gives the products that customers see, in the merchant's order.
func (s *Store) Products(ctx context.Context) ([]Product, error) {
	var list []Product
	if err := s.read(ctx).Where("hidden = ?", false).Order("position, id").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read products: %w", translate(err))
	}
	return list, nil
}

// Categories gives the categories in their order.
func (s *Store) Categories(ctx context.Context) ([]Category, error) {
	var list []Category
	if err := s.read(ctx).Order("position, id").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read categories: %w", translate(err))
	}
	return list, nil
}

// ProductBySlug finds a product, hidden or not. The error is ErrNotFound.
func (s *Store) ProductBySlug(ctx context.Context, slug string) (*Product, error) {
	var p Product
	if err := s.read(ctx).Where("slug = ?", slug).Take(&p).Error; err != nil {
		return nil, fmt.Errorf("read product: %w", translate(err))
	}
	return &p, nil
}

// HasProducts tells whether there is any product.
func (tx *Tx) HasProducts(ctx context.Context) (bool, error) {
	var n int64
	err := tx.db.WithContext(ctx).Table("products").Count(&n).Error
	return n > 0, translate(err)
}

// InsertCategory stores a category.
func (tx *Tx) InsertCategory(ctx context.Context, c *Category) error {
	if err := tx.db.WithContext(ctx).Create(c).Error; err != nil {
		return fmt.Errorf("insert category: %w", translate(err))
	}
	return nil
}

// InsertProduct stores a product. The error is ErrConflict when its slug is taken.
func (tx *Tx) InsertProduct(ctx context.Context, p *Product) error {
	p.ID, p.Version, p.CreatedAt, p.UpdatedAt = 0, 1, tx.now, tx.now
	if err := tx.db.WithContext(ctx).Create(p).Error; err != nil {
		return fmt.Errorf("insert product: %w", translate(err))
	}
	return nil
}

// HoldStock promises pieces of a product to an open order. ok is false when fewer are left; uncounted products are always held.
func (tx *Tx) HoldStock(ctx context.Context, productID, quantity int64) (ok bool, err error) {
	res := tx.db.WithContext(ctx).Exec("UPDATE products SET held = held + ? WHERE id = ? AND hidden = ? AND (stock IS NULL OR stock - held >= ?)", quantity, productID, false, quantity)
	if res.Error != nil {
		return false, fmt.Errorf("hold stock: %w", translate(res.Error))
	}
	return res.RowsAffected == 1, nil
}

// ReleaseStock gives held pieces back.
func (tx *Tx) ReleaseStock(ctx context.Context, productID, quantity int64) error {
	err := tx.db.WithContext(ctx).Exec("UPDATE products SET held = CASE WHEN held >= ? THEN held - ? ELSE 0 END WHERE id = ?", quantity, quantity, productID).Error
	if err != nil {
		return fmt.Errorf("release stock: %w", translate(err))
	}
	return nil
}

// TakeStock takes held pieces off the shelf. ok is false when the shelf holds fewer: the merchant counted it down meanwhile.
func (tx *Tx) TakeStock(ctx context.Context, productID, quantity int64, held bool) (ok bool, err error) {
	q := "UPDATE products SET stock = CASE WHEN stock IS NULL THEN NULL ELSE stock - ? END WHERE id = ? AND (stock IS NULL OR stock - held >= ?)"
	args := []any{quantity, productID, quantity}
	if held {
		q = "UPDATE products SET held = held - ?, stock = CASE WHEN stock IS NULL THEN NULL ELSE stock - ? END WHERE id = ? AND held >= ? AND (stock IS NULL OR stock >= ?)"
		args = []any{quantity, quantity, productID, quantity, quantity}
	}
	res := tx.db.WithContext(ctx).Exec(q, args...)
	if res.Error != nil {
		return false, fmt.Errorf("take stock: %w", translate(res.Error))
	}
	return res.RowsAffected == 1, nil
}

// CartLine is one product in a cart.
type CartLine struct {
	CartID    int64
	ProductID int64
	Quantity  int64
	Product   Product `gorm:"-"`
}

// CartLines gives what is in the cart of a token, with the products, hidden ones left out.
func (s *Store) CartLines(ctx context.Context, token string) ([]CartLine, error) {
	var lines []CartLine
	db := s.read(ctx)
	if err := db.Raw("SELECT l.* FROM cart_lines l JOIN carts c ON c.id = l.cart_id WHERE c.token_hash = ? ORDER BY l.product_id", Digest(token)).Scan(&lines).Error; err != nil {
		return nil, fmt.Errorf("read cart: %w", translate(err))
	}
	ids := make([]int64, len(lines))
	for i, l := range lines {
		ids[i] = l.ProductID
	}
	var products []Product
	if len(ids) > 0 {
		if err := db.Where("id IN ? AND hidden = ?", ids, false).Find(&products).Error; err != nil {
			return nil, fmt.Errorf("read cart's products: %w", translate(err))
		}
	}
	byID := map[int64]Product{}
	for _, p := range products {
		byID[p.ID] = p
	}
	kept := lines[:0]
	for _, l := range lines {
		if p, ok := byID[l.ProductID]; ok {
			l.Product = p
			kept = append(kept, l)
		}
	}
	return kept, nil
}

// HiddenInCart gives the products in the cart of a token that are not for sale any more.
func (s *Store) HiddenInCart(ctx context.Context, token string) ([]Product, error) {
	var list []Product
	err := s.read(ctx).Raw(`SELECT p.* FROM products p JOIN cart_lines l ON l.product_id = p.id JOIN carts c ON c.id = l.cart_id
		WHERE c.token_hash = ? AND p.hidden = ? ORDER BY p.id`, Digest(token), true).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read what of a cart is hidden: %w", translate(err))
	}
	return list, nil
}

// SetCartLine puts quantity pieces of a product into the cart of a token, which is made where it is missing; add adds to what is
// there. No more than limit pieces stay; 0 takes the line out.
func (tx *Tx) SetCartLine(ctx context.Context, token string, productID, quantity, limit int64, add bool) error {
	db := tx.db.WithContext(ctx)
	var cartID int64
	err := db.Raw(`INSERT INTO carts (token_hash, created_at, updated_at) VALUES (?, ?, ?)
		ON CONFLICT (token_hash) DO UPDATE SET updated_at = excluded.updated_at RETURNING id`, Digest(token), tx.now, tx.now).Scan(&cartID).Error
	if err != nil {
		return fmt.Errorf("write cart: %w", translate(err))
	}
	if add {
		var have int64
		if err := db.Raw("SELECT COALESCE(SUM(quantity), 0) FROM cart_lines WHERE cart_id = ? AND product_id = ?", cartID, productID).Scan(&have).Error; err != nil {
			return fmt.Errorf("read cart: %w", translate(err))
		}
		quantity += have
	}
	quantity = min(quantity, limit)
	if quantity <= 0 {
		err = db.Exec("DELETE FROM cart_lines WHERE cart_id = ? AND product_id = ?", cartID, productID).Error
	} else {
		err = db.Exec(`INSERT INTO cart_lines (cart_id, product_id, quantity) VALUES (?, ?, ?)
			ON CONFLICT (cart_id, product_id) DO UPDATE SET quantity = excluded.quantity`, cartID, productID, quantity).Error
	}
	if err != nil {
		return fmt.Errorf("write cart: %w", translate(err))
	}
	return nil
}

// EmptyCart takes everything out of the cart of a token.
func (tx *Tx) EmptyCart(ctx context.Context, token string) error {
	err := tx.db.WithContext(ctx).Exec("DELETE FROM cart_lines WHERE cart_id IN (SELECT id FROM carts WHERE token_hash = ?)", Digest(token)).Error
	if err != nil {
		return fmt.Errorf("empty cart: %w", translate(err))
	}
	return nil
}

// Link is a payment link.
type Link struct {
	ID          int64
	Slug        string
	Title       string
	Description string
	ReturnURL   string // where who paid goes back to; "": nowhere
	Amount      *int64
	MaxUses     *int64
	Uses        int64
	ExpiresAt   *time.Time
	Active      bool
	Metadata    string
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// LinkBySlug finds a payment link. The error is ErrNotFound.
func (s *Store) LinkBySlug(ctx context.Context, slug string) (*Link, error) {
	var l Link
	if err := s.read(ctx).Where("slug = ?", slug).Take(&l).Error; err != nil {
		return nil, fmt.Errorf("read link: %w", translate(err))
	}
	return &l, nil
}

// UseLink counts one more use. ok is false when it is used up, over or switched off.
func (tx *Tx) UseLink(ctx context.Context, id int64) (ok bool, err error) {
	res := tx.db.WithContext(ctx).Exec(`UPDATE links SET uses = uses + 1 WHERE id = ? AND active = ? AND (max_uses IS NULL OR uses < max_uses)
		AND (expires_at IS NULL OR expires_at > ?)`, id, true, tx.now)
	if res.Error != nil {
		return false, fmt.Errorf("use link: %w", translate(res.Error))
	}
	return res.RowsAffected == 1, nil
}

// UnuseLink takes a use back: its order closed unpaid.
func (tx *Tx) UnuseLink(ctx context.Context, id int64) error {
	if err := tx.db.WithContext(ctx).Exec("UPDATE links SET uses = uses - 1 WHERE id = ? AND uses > 0", id).Error; err != nil {
		return fmt.Errorf("give link back: %w", translate(err))
	}
	return nil
}

// ReuseLink counts a use of an order that lives again after it had closed, whatever became of the link meanwhile. free is false when that is more than
// the link was made for.
func (tx *Tx) ReuseLink(ctx context.Context, id int64) (free bool, err error) {
	if err := tx.db.WithContext(ctx).Exec("UPDATE links SET uses = uses + 1 WHERE id = ?", id).Error; err != nil {
		return false, fmt.Errorf("use link again: %w", translate(err))
	}
	over, err := tx.LinkOversold(ctx, id)
	return !over, err
}

// LinkOversold tells whether a link has more uses than it was made for. One that was deleted counts nothing any more.
func (tx *Tx) LinkOversold(ctx context.Context, id int64) (bool, error) {
	var l Link
	if err := tx.db.WithContext(ctx).Select("uses", "max_uses").Where("id = ?", id).Take(&l).Error; err != nil {
		if errors.Is(translate(err), ErrNotFound) {
			return false, nil
		}
		return false, fmt.Errorf("read link: %w", translate(err))
	}
	return l.MaxUses != nil && l.Uses > *l.MaxUses, nil
}

// PutBackStock undoes TakeStock.
func (tx *Tx) PutBackStock(ctx context.Context, productID, quantity int64, held bool) error {
	add := int64(0)
	if held {
		add = quantity
	}
	err := tx.db.WithContext(ctx).Exec("UPDATE products SET held = held + ?, stock = CASE WHEN stock IS NULL THEN NULL ELSE stock + ? END WHERE id = ?", add, quantity, productID).Error
	if err != nil {
		return fmt.Errorf("put stock back: %w", translate(err))
	}
	return nil
}
