package models

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm/clause"
)

// Order is what a customer buys. Amounts are minor units of Currency.
type Order struct {
	ID           int64
	Number       int64
	TokenHash    string
	Token        []byte // sealed: see Store.OrderToken
	Source       string
	LinkID       *int64
	Status       string
	Flags        string
	ReviewReason string
	Accepted     string
	Version      int64
	Currency     string
	Total        int64
	Received     int64
	Refunded     int64 // of Received, by the refunds that were sent
	Email        string
	Lang         string
	Description  string
	Metadata     string
	ReturnURL    string
	Stock        string
	Closed       string
	PayCurrency  string
	SiteID       *int64
	CreatedAt    time.Time
	ExpiresAt    time.Time
	ClosedAt     *time.Time
	PaidAt       *time.Time
	WatchedAt    *time.Time
	UpdatedAt    time.Time
}

// FlagList gives the flags one by one.
func (o *Order) FlagList() []string { return strings.Fields(o.Flags) }

// OrderLine is one line of an order.
type OrderLine struct {
	ID        int64
	OrderID   int64
	Position  int
	ProductID *int64
	Title     string
	Picture   string
	Quantity  int64
	UnitPrice int64
	Total     int64
}

func tokenPlace(hash string) string { return "orders.token:" + hash }

// OrderToken opens the token that stands in the order's address.
func (s *Store) OrderToken(o *Order) (string, error) {
	plain, err := s.vault.Open(tokenPlace(o.TokenHash), o.Token)
	return string(plain), err
}

// InsertOrder gives the order its number, seals its token and stores it with its lines.
func (tx *Tx) InsertOrder(ctx context.Context, o *Order, token string, lines []OrderLine) error {
	n, err := tx.next(ctx, "order_number")
	if err != nil {
		return err
	}
	o.ID, o.Number, o.TokenHash, o.Version = 0, n, Digest(token), 1
	o.Token = tx.store.vault.Seal(tokenPlace(o.TokenHash), []byte(token))
	o.CreatedAt, o.UpdatedAt = tx.now, tx.now
	if err := tx.db.WithContext(ctx).Create(o).Error; err != nil {
		return fmt.Errorf("insert order: %w", translate(err))
	}
	tx.orders[o.ID] = *o
	for i := range lines {
		lines[i].ID, lines[i].OrderID, lines[i].Position = 0, o.ID, i+1
	}
	for i := range lines {
		if err := tx.pipe.write(ctx, "insert order line", 1, linesTable.insert, linesTable.values(&lines[i])...); err != nil {
			return err
		}
	}
	return nil
}

// OrderByToken finds an order by the token of its address. The error is ErrNotFound.
func (s *Store) OrderByToken(ctx context.Context, token string) (*Order, error) {
	return s.orderWhere(ctx, "token_hash = ?", Digest(token))
}

// OrderByNumber finds an order by the number that people say. The error is ErrNotFound.
func (s *Store) OrderByNumber(ctx context.Context, number int64) (*Order, error) {
	return s.orderWhere(ctx, "number = ?", number)
}

// OrderByID finds an order. The error is ErrNotFound.
func (s *Store) OrderByID(ctx context.Context, id int64) (*Order, error) {
	return s.orderWhere(ctx, "id = ?", id)
}

func (s *Store) orderWhere(ctx context.Context, where string, arg any) (*Order, error) {
	var o Order
	if err := s.read(ctx).Where(where, arg).Take(&o).Error; err != nil {
		return nil, fmt.Errorf("read order: %w", translate(err))
	}
	return &o, nil
}

// OrderLines gives the lines of an order in their order.
func (s *Store) OrderLines(ctx context.Context, orderID int64) ([]OrderLine, error) {
	var lines []OrderLine
	err := s.read(ctx).Where("order_id = ?", orderID).Order("position").Find(&lines).Error
	if err != nil {
		return nil, fmt.Errorf("read order lines: %w", translate(err))
	}
	return lines, nil
}

// LineTitles gives the titles of the order's lines by their positions, as the merchant calls the products in a language; a line without a product is
// not among them.
func (s *Store) LineTitles(ctx context.Context, orderID int64, lang string) (map[int]string, error) {
	var list []struct {
		Position int
		Texts    string
		Seen     string
	}
	err := s.read(ctx).Raw("SELECT l.position, g.title AS texts, l.title AS seen FROM order_lines l JOIN products g ON g.id = l.product_id WHERE l.order_id = ?", orderID).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read titles of order lines: %w", translate(err))
	}
	titles := make(map[int]string, len(list))
	for _, x := range list {
		titles[x.Position] = merchantTitle(x.Texts, x.Seen, lang)
	}
	return titles, nil
}

// OrderLines gives the lines inside the transaction.
func (tx *Tx) OrderLines(ctx context.Context, orderID int64) ([]OrderLine, error) {
	var lines []OrderLine
	err := tx.db.WithContext(ctx).Where("order_id = ?", orderID).Order("position").Find(&lines).Error
	if err != nil {
		return nil, fmt.Errorf("read order lines: %w", translate(err))
	}
	return lines, nil
}

// LockOrder reads an order and keeps others from changing it, its payments and their logs until the end of the transaction. Every
// change of an order or payment starts here, so that all of them take the locks in one order. The error is ErrNotFound.
func (tx *Tx) LockOrder(ctx context.Context, id int64) (*Order, error) {
	var o *Order
	if err := tx.pipe.read(ctx, tx.wantLocked("?", id, &o)); err != nil {
		return nil, fmt.Errorf("lock order: %w", translate(err))
	}
	if o == nil {
		return nil, fmt.Errorf("lock order: %w", ErrNotFound)
	}
	return o, nil
}

// LockAll is LockOrder and Payments at once.
func (tx *Tx) LockAll(ctx context.Context, id int64) (*Order, []Payment, error) {
	var o *Order
	var list []Payment
	if err := tx.readPayments(ctx, "?", id, &list, tx.wantLocked("?", id, &o)); err != nil {
		return nil, nil, fmt.Errorf("lock order: %w", translate(err))
	}
	if o == nil {
		return nil, nil, fmt.Errorf("lock order: %w", ErrNotFound)
	}
	return o, list, nil
}

// LockByToken is LockAll of the order that the token of a notification address belongs to, and tells which of the payments it is. The error is
// ErrNotFound.
func (tx *Tx) LockByToken(ctx context.Context, token string) (*Order, []Payment, int, error) {
	const of = "(SELECT order_id FROM payments WHERE token_hash = ?)"
	hash := Digest(token)
	var o *Order
	var list []Payment
	if err := tx.readPayments(ctx, of, hash, &list, tx.wantLocked(of, hash, &o)); err != nil {
		return nil, nil, 0, fmt.Errorf("lock order: %w", translate(err))
	}
	for i := range list {
		if o != nil && list[i].TokenHash == hash {
			return o, list, i, nil
		}
	}
	return nil, nil, 0, fmt.Errorf("lock order: %w", ErrNotFound)
}

// wantLocked reads and locks the order that id, an expression of arg, names.
func (tx *Tx) wantLocked(id string, arg any, into **Order) wanted {
	lock := "" // BEGIN IMMEDIATE has locked SQLite's file
	if tx.store.dialect == Postgres {
		lock = " FOR UPDATE"
	}
	return wanted{"SELECT " + ordersTable.chosen(tx.store.dialect) + " FROM orders WHERE id = " + id + lock, []any{arg}, func(scan func(...any) error) error {
		var o Order
		if err := scan(ordersTable.intoChosen(tx.store.dialect, &o)...); err != nil {
			return err
		}
		*into = &o
		tx.orders[o.ID] = o
		return nil
	}}
}

// SaveOrder writes the changed order and counts its version up. LockOrder came before.
func (tx *Tx) SaveOrder(ctx context.Context, o *Order) error {
	o.Version++
	o.UpdatedAt = tx.now
	var before *Order
	if old, ok := tx.orders[o.ID]; ok {
		before = &old
	}
	query, args := ordersTable.update(before, o, "version", "updated_at")
	if err := tx.pipe.write(ctx, "save order", 1, query, args...); err != nil {
		return err
	}
	tx.orders[o.ID] = *o
	tx.Touch(o.ID)
	return nil
}

// MarkWatched notes that a customer looks at the order now, at most every few seconds.
func (tx *Tx) MarkWatched(ctx context.Context, orderID int64) error {
	err := tx.db.WithContext(ctx).Exec("UPDATE orders SET watched_at = ? WHERE id = ?", tx.now, orderID).Error
	if err != nil {
		return fmt.Errorf("mark order watched: %w", translate(err))
	}
	return nil
}

// DueOrders gives up to limit open orders whose time to pay ran out before at.
func (s *Store) DueOrders(ctx context.Context, at time.Time, limit int) ([]int64, error) {
	var ids []int64
	err := s.read(ctx).Table("orders").Where("status = 'open' AND expires_at <= ?", at.UTC()).Order("expires_at").Limit(limit).Pluck("id", &ids).Error
	if err != nil {
		return nil, fmt.Errorf("read due orders: %w", translate(err))
	}
	return ids, nil
}

// Attempt finds what an earlier use of the same key made. ok is false when there was none.
func (s *Store) Attempt(ctx context.Context, key string) (a Attempt, ok bool, err error) {
	res := s.read(ctx).Where("key_hash = ?", Digest(key)).Limit(1).Find(&a)
	if res.Error != nil {
		return a, false, fmt.Errorf("read attempt: %w", translate(res.Error))
	}
	return a, res.RowsAffected == 1, nil
}

// Attempt is one use of a form's attempt or an Idempotency-Key: the index on its key decides that there is one order.
type Attempt struct {
	KeyHash   string `gorm:"primaryKey"`
	InputHash string
	OrderID   int64
	PaymentID *int64
	CreatedAt time.Time
}

// InsertAttempt takes the key. The error, here or of the commit, is ErrConflict when somebody has it already.
func (tx *Tx) InsertAttempt(ctx context.Context, key, input string, orderID int64, paymentID *int64) error {
	return tx.pipe.write(ctx, "insert attempt", 1, "INSERT INTO attempts (key_hash, input_hash, order_id, payment_id, created_at) VALUES (?, ?, ?, ?, ?)",
		Digest(key), Digest(input), orderID, paymentID, tx.now)
}

// OrderEvent is one change of an order, as webhooks and the API tell it. Its id follows the order of commits without a gap.
type OrderEvent struct {
	ID      int64 `gorm:"primaryKey;autoIncrement:false"`
	OrderID int64
	Type    string
	Version int64
	At      time.Time
	Data    string
}

// OrderEvents gives up to limit events after an id, of every order.
func (s *Store) OrderEvents(ctx context.Context, after int64, limit int) ([]OrderEvent, error) {
	var list []OrderEvent
	if err := s.read(ctx).Where("id > ?", after).Order("id").Limit(limit).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read order events: %w", translate(err))
	}
	return list, nil
}

// EventsOfOrder gives the events of one order.
func (s *Store) EventsOfOrder(ctx context.Context, orderID int64) ([]OrderEvent, error) {
	var list []OrderEvent
	if err := s.read(ctx).Where("order_id = ?", orderID).Order("id").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read order events: %w", translate(err))
	}
	return list, nil
}

var forUpdate = clause.Locking{Strength: "UPDATE"}
