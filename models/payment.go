package models

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"
	"gorm.io/gorm"
)

// Payment is one attempt to pay an order: one exchange order at one site. In and Out amounts are decimals in units of the from and
// the to currency; Price is minor units of the shop currency. What each column means stands in migrations/.
type Payment struct {
	ID            int64
	OrderID       int64
	Seq           int64
	TokenHash     string
	IPNSecret     []byte `gorm:"column:ipn_secret"`
	SiteID        int64
	RouteID       string
	Phase         string
	Status        string
	UID           string `gorm:"column:uid"`
	ExchangeID    string
	Secret        []byte
	FromXML       string `gorm:"column:from_xml"`
	FromName      string
	FromSymbol    string
	FromDecimals  int32
	ToXML         string `gorm:"column:to_xml"`
	ToName        string
	ToSymbol      string
	ToDecimals    int32
	PayoutRate    decimal.Decimal
	Price         int64
	PriceOut      decimal.Decimal
	PayoutValues  []byte
	PayoutDigest  string
	QuotedIn      decimal.Decimal
	QuotedOut     decimal.Decimal
	QuotedAt      time.Time
	RouteFee      decimal.NullDecimal // the route's flat fee, units of to; null: not known
	OrderedIn     decimal.NullDecimal
	OrderedOut    decimal.NullDecimal
	CurrentIn     decimal.NullDecimal
	CurrentOut    decimal.NullDecimal
	SettledIn     decimal.NullDecimal
	SettledOut    decimal.NullDecimal
	Flags         string
	Contradiction string
	LastStamp     int64
	PullStamp     int64
	Superseded    bool
	CancelAsked   bool
	Hints         int64
	WrongHashes   int64
	Proven        int64
	PulledAt      *time.Time
	PullFailures  int64
	PullError     string
	NextPullAt    *time.Time
	SeenAt        *time.Time
	SettledAt     *time.Time
	Events        int64
	Head          string
	PayData       string
	Seal          string // keyed digest of the row: package checkout makes it
	CreatedAt     time.Time
	UpdatedAt     time.Time

	// Unreadable has the columns of a damaged row that hold what they cannot, by name, with what they hold as text: they are zero here.
	Unreadable map[string]string `gorm:"-"`

	tail string // the log's last event when the row was read under its lock, as end writes it; "" for a row that was read otherwise
}

// end is the event that the row takes for the last of its log.
func (p *Payment) end() string { return strconv.FormatInt(p.Events, 10) + ":" + p.Head }

// logEnd chooses what end is by the log itself: one look into an index, in the statement that reads the row.
const logEnd = "COALESCE((SELECT CAST(e.seq AS TEXT) || ':' || e.digest FROM payment_events e WHERE e.payment_id = payments.id ORDER BY e.seq DESC LIMIT 1), '0:')"

// Behind tells whether a row that was read under its lock does not end where its log does: it is an older one with a seal of its own, or somebody wrote to the log.
func (p *Payment) Behind() bool { return p.tail != "" && p.tail != p.end() }

// The places that the secrets of a payment are sealed for.
func (p *Payment) ipnPlace() string    { return "payments.ipn_secret:" + p.TokenHash }
func (p *Payment) secretPlace() string { return "payments.secret:" + p.TokenHash }
func (p *Payment) valuesPlace() string { return "payments.payout_values:" + p.TokenHash }

// SealIPNSecret, SealSecret and SealPayoutValues put secrets into the row; TokenHash is set before.
func (v *Vault) SealIPNSecret(p *Payment, s string) { p.IPNSecret = v.Seal(p.ipnPlace(), []byte(s)) }

// SealSecret seals the exchange order's secret.
func (v *Vault) SealSecret(p *Payment, s string) { p.Secret = v.Seal(p.secretPlace(), []byte(s)) }

// SealPayoutValues seals what was sent as toValues.
func (v *Vault) SealPayoutValues(p *Payment, b []byte) { p.PayoutValues = v.Seal(p.valuesPlace(), b) }

// IPNSecretOf opens the secret that signs the payment's notifications.
func (v *Vault) IPNSecretOf(p *Payment) (string, error) {
	b, err := v.Open(p.ipnPlace(), p.IPNSecret)
	return string(b), err
}

// SecretOf opens the exchange order's secret; "" while there is none.
func (v *Vault) SecretOf(p *Payment) (string, error) {
	if len(p.Secret) == 0 {
		return "", nil
	}
	b, err := v.Open(p.secretPlace(), p.Secret)
	return string(b), err
}

// PayoutValuesOf opens what was sent as toValues; nil when nothing was.
func (v *Vault) PayoutValuesOf(p *Payment) ([]byte, error) {
	if len(p.PayoutValues) == 0 {
		return nil, nil
	}
	return v.Open(p.valuesPlace(), p.PayoutValues)
}

func (tx *Tx) locking(ctx context.Context) *gorm.DB {
	if tx.store.dialect == Postgres {
		return tx.db.WithContext(ctx).Clauses(forUpdate)
	}
	return tx.db.WithContext(ctx) // BEGIN IMMEDIATE has locked the file
}

// InsertPayment stores a new payment.
func (tx *Tx) InsertPayment(ctx context.Context, p *Payment) error {
	p.ID, p.CreatedAt, p.UpdatedAt = 0, tx.now, tx.now
	if err := tx.db.WithContext(ctx).Create(p).Error; err != nil {
		return fmt.Errorf("insert payment: %w", translate(err))
	}
	tx.payments[p.ID] = *p
	return nil
}

// OtherPaymentOf tells whether another payment at the same site has this exchange order's uid.
func (tx *Tx) OtherPaymentOf(ctx context.Context, siteID int64, uid string, paymentID int64) (bool, error) {
	var ids []int64
	if err := tx.db.WithContext(ctx).Raw("SELECT id FROM payments WHERE uid = ? AND site_id = ? AND id <> ? LIMIT 1", uid, siteID, paymentID).Scan(&ids).Error; err != nil {
		return false, fmt.Errorf("read payments by uid: %w", translate(err))
	}
	return len(ids) > 0, nil
}

// SharedUIDs gives up to limit exchange orders that more than one payment names: each should pay one alone. uid is "site/uid".
func (s *Store) SharedUIDs(ctx context.Context, limit int) (uids []string, err error) {
	err = s.read(ctx).Raw(`SELECT s.name || '/' || d.uid FROM (SELECT site_id, uid FROM payments WHERE uid <> '' GROUP BY uid, site_id HAVING COUNT(*) > 1 LIMIT ?) d
		JOIN sites s ON s.id = d.site_id ORDER BY 1`, limit).Scan(&uids).Error
	if err != nil {
		return nil, fmt.Errorf("read shared uids: %w", translate(err))
	}
	return uids, nil
}

// Orphan is a payment whose order is not there.
type Orphan struct {
	ID, OrderID int64
	UID         string `gorm:"column:uid"`
}

// OrphanPayments gives up to limit payments whose order is not there.
func (s *Store) OrphanPayments(ctx context.Context, limit int) (list []Orphan, err error) {
	err = s.read(ctx).Raw("SELECT p.id, p.order_id, p.uid FROM payments p WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = p.order_id) ORDER BY p.id LIMIT ?", limit).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read payments without an order: %w", translate(err))
	}
	return list, nil
}

// SavePayment writes the changed row. LockOrder came before.
func (tx *Tx) SavePayment(ctx context.Context, p *Payment) error {
	p.UpdatedAt = tx.now
	var before *Payment
	if old, ok := tx.payments[p.ID]; ok {
		before = &old
	}
	// A claim sets the next pull without the order's lock: the plan that is made now counts.
	always := append(slices.Collect(maps.Keys(p.Unreadable)), "next_pull_at", "updated_at")
	query, args := paymentsTable.update(before, p, always...)
	if err := tx.pipe.write(ctx, "save payment", 1, query, args...); err != nil {
		return err
	}
	p.Unreadable = nil // it is readable again
	tx.payments[p.ID] = *p
	if p.NextPullAt != nil && !p.NextPullAt.After(tx.now) {
		tx.due = true
	}
	tx.Touch(p.OrderID)
	return nil
}

// PaymentByToken finds a payment by the token of its notification address. The error is ErrNotFound.
func (s *Store) PaymentByToken(ctx context.Context, token string) (*Payment, error) {
	p, err := s.onePayment(s.read(ctx), "WHERE token_hash = ?", Digest(token))
	if err != nil {
		return nil, fmt.Errorf("read payment: %w", err)
	}
	return p, nil
}

// PaymentByID finds a payment. The error is ErrNotFound.
func (s *Store) PaymentByID(ctx context.Context, id int64) (*Payment, error) {
	p, err := s.onePayment(s.read(ctx), "WHERE id = ?", id)
	if err != nil {
		return nil, fmt.Errorf("read payment: %w", err)
	}
	return p, nil
}

// Payments gives the payments of an order, the oldest first.
func (s *Store) Payments(ctx context.Context, orderID int64) ([]Payment, error) {
	list, err := s.paymentsWhere(s.read(ctx), "WHERE order_id = ? ORDER BY seq", orderID)
	if err != nil {
		return nil, fmt.Errorf("read payments: %w", err)
	}
	return list, nil
}

// Payments gives the payments of an order inside the transaction, the oldest first.
func (tx *Tx) Payments(ctx context.Context, orderID int64) ([]Payment, error) {
	var list []Payment
	if err := tx.readPayments(ctx, "?", orderID, &list); err != nil {
		return nil, fmt.Errorf("read payments: %w", translate(err))
	}
	return list, nil
}

// readPayments reads what is wanted besides, and the payments of the order that orderID, an expression of arg, names: carefully where one is damaged.
func (tx *Tx) readPayments(ctx context.Context, orderID string, arg any, list *[]Payment, besides ...wanted) error {
	read := func(columns string, one func(scan func(...any) error) (Payment, error)) wanted {
		*list = nil
		return wanted{"SELECT " + columns + ", " + logEnd + " FROM payments WHERE order_id = " + orderID + " ORDER BY seq", []any{arg}, func(scan func(...any) error) error {
			var tail string
			p, err := one(func(into ...any) error { return scan(append(into, &tail)...) })
			if err != nil {
				return err
			}
			p.tail = tail
			*list = append(*list, p)
			tx.payments[p.ID] = p
			return nil
		}}
	}
	err := tx.pipe.read(ctx, append(besides, read(paymentsTable.chosen(tx.store.dialect), func(scan func(...any) error) (p Payment, err error) {
		return p, scan(paymentsTable.intoChosen(tx.store.dialect, &p)...)
	}))...)
	if err == nil && !allSound(*list) || unreadable(err) {
		err = tx.pipe.read(ctx, append(besides, read(tx.store.asTexts(), carefully))...)
	}
	return err
}

// ClaimDue takes up to limit payments of one site whose next pull is due, the longest due first, and sets their next pull to until,
// so that nobody else takes them meanwhile and a process that dies gives them back by itself. The + keeps SQLite from reading all payments of
// the site along another index and sorting them.
func (tx *Tx) ClaimDue(ctx context.Context, siteID int64, limit int, until time.Time) ([]int64, error) {
	lock := ""
	if tx.store.dialect == Postgres {
		lock = " FOR UPDATE SKIP LOCKED"
	}
	var ids []int64
	err := tx.db.WithContext(ctx).Raw(`UPDATE payments SET next_pull_at = ? WHERE id IN
		(SELECT id FROM payments WHERE next_pull_at IS NOT NULL AND next_pull_at <= ? AND +site_id = ? ORDER BY next_pull_at LIMIT ?`+lock+`) RETURNING id`,
		until.UTC(), tx.now, siteID, limit).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("claim due payments: %w", translate(err))
	}
	return ids, nil
}

// AnyDue tells whether a pull of a site is due by a moment.
func (s *Store) AnyDue(ctx context.Context, siteID int64, by time.Time) (bool, error) {
	var ids []int64
	err := s.read(ctx).Raw("SELECT id FROM payments WHERE next_pull_at IS NOT NULL AND next_pull_at <= ? AND +site_id = ? ORDER BY next_pull_at LIMIT 1", by.UTC(), siteID).Scan(&ids).Error
	if err != nil {
		return false, fmt.Errorf("read next due payment: %w", translate(err))
	}
	return len(ids) > 0, nil
}

// SetNextPull plans the next pull of one payment without touching anything else.
func (tx *Tx) SetNextPull(ctx context.Context, paymentID int64, at *time.Time) error {
	if err := tx.db.WithContext(ctx).Exec("UPDATE payments SET next_pull_at = ? WHERE id = ?", at, paymentID).Error; err != nil {
		return fmt.Errorf("plan pull: %w", translate(err))
	}
	if at != nil && !at.After(tx.now) {
		tx.due = true
	}
	return nil
}

// PullAllSoon makes every payment of an order that is open or under way due now. It is called once at a start.
func (tx *Tx) PullAllSoon(ctx context.Context) (int64, error) {
	res := tx.db.WithContext(ctx).Exec(`UPDATE payments SET next_pull_at = ? WHERE next_pull_at > ? AND settled_at IS NULL`, tx.now, tx.now)
	if res.Error != nil {
		return 0, fmt.Errorf("plan pulls: %w", translate(res.Error))
	}
	tx.due = true
	return res.RowsAffected, nil
}

// CountUnsettled tells how many payments still wait for news, and since when the oldest does.
func (s *Store) CountUnsettled(ctx context.Context) (n int64, oldest time.Time, err error) {
	if err := s.read(ctx).Table("payments").Where("next_pull_at IS NOT NULL").Count(&n).Error; err != nil {
		return 0, oldest, fmt.Errorf("count payments: %w", translate(err))
	}
	list, err := s.paymentsWhere(s.read(ctx), "WHERE next_pull_at IS NOT NULL AND settled_at IS NULL ORDER BY next_pull_at LIMIT 1")
	if err != nil {
		return 0, oldest, fmt.Errorf("read oldest payment: %w", err)
	}
	if len(list) == 1 {
		oldest = list[0].CreatedAt
	}
	return n, oldest, nil
}

// PaymentsAfter gives up to limit payments after an id, for a walk over all of them.
func (s *Store) PaymentsAfter(ctx context.Context, after int64, limit int) ([]Payment, error) {
	list, err := s.paymentsWhere(s.read(ctx), "WHERE id > ? ORDER BY id LIMIT ?", after, limit)
	if err != nil {
		return nil, fmt.Errorf("read payments: %w", err)
	}
	return list, nil
}
