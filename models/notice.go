package models

import (
	"context"
	"fmt"
	"time"
)

// What a person may be written to about.
const (
	NoticeReview    = "review"               // an order contradicts itself
	NoticeUnderpaid = "underpaid"            // less came than was asked
	NoticeRefund    = "refund_asked"         // a customer asks for money back
	NoticeStuck     = "stuck"                // the exchanger holds a payment, or could not pay out
	NoticeLate      = "late"                 // an order was paid after it had closed
	NoticeRefused   = "refused_notification" // one with a wrong hash
	NoticeWebhook   = "failing_webhook"
	NoticeExchanger = "exchanger_down"
	NoticeBackup    = "backup_missing"
)

// NoticeKinds are all of them, what touches a customer's money first.
var NoticeKinds = []string{NoticeReview, NoticeUnderpaid, NoticeRefund, NoticeStuck, NoticeLate, NoticeRefused, NoticeWebhook, NoticeExchanger, NoticeBackup}

// DigestEvery is the least time between two digests to one person.
const DigestEvery = 10 * time.Minute

// digestLost is how long after its time a digest counts as one whose job was lost, so that the next notice asks for it again.
const digestLost = time.Hour

// Notice is something that one person is to be written to about.
type Notice struct {
	ID      int64
	Once    string // what it is about, and for whom
	Person  int64  // staff, 0: the address of notify.email
	Kind    string
	OrderID *int64
	Data    string // json: what the texts fill in
	At      time.Time
	MailID  *int64 // the digest that tells of it; nil: none yet
}

// DigestClock is when a person was written to and when they are to be again.
type DigestClock struct {
	Person int64 `gorm:"primaryKey;autoIncrement:false"`
	DueAt  *time.Time
	LastAt *time.Time
}

// TableName is the table's.
func (DigestClock) TableName() string { return "digests" }

// InsertNotice stores a notice for the person's next digest; fresh is false when the same was told before. due is the time for which
// somebody has to be asked to write the digest; nil when nobody has to, because one is asked for already.
func (tx *Tx) InsertNotice(ctx context.Context, n *Notice) (fresh bool, due *time.Time, err error) {
	var ids []int64
	n.At = tx.now
	err = tx.db.WithContext(ctx).Raw(`INSERT INTO notices (once, person, kind, order_id, data, at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (once) DO NOTHING RETURNING id`,
		n.Once, n.Person, n.Kind, n.OrderID, n.Data, n.At).Scan(&ids).Error
	if err != nil {
		return false, nil, fmt.Errorf("insert notice: %w", translate(err))
	}
	if len(ids) == 0 {
		return false, nil, nil
	}
	n.ID = ids[0]
	d, err := tx.LockDigest(ctx, n.Person)
	if err != nil {
		return true, nil, err
	}
	if d.DueAt != nil && tx.now.Sub(*d.DueAt) < digestLost {
		return true, nil, nil
	}
	at := tx.now
	if d.LastAt != nil && d.LastAt.Add(DigestEvery).After(at) {
		at = d.LastAt.Add(DigestEvery)
	}
	d.DueAt = &at
	return true, &at, tx.SaveDigest(ctx, d)
}

// LockDigest reads when a person is written to, and holds back who wants to tell or write to them until the transaction ends: what is
// told before that is in the digest, what is told after it asks for the next.
func (tx *Tx) LockDigest(ctx context.Context, person int64) (*DigestClock, error) {
	if err := tx.db.WithContext(ctx).Exec("INSERT INTO digests (person) VALUES (?) ON CONFLICT (person) DO NOTHING", person).Error; err != nil {
		return nil, fmt.Errorf("lock digest: %w", translate(err))
	}
	var d DigestClock
	if err := tx.locking(ctx).Where("person = ?", person).Take(&d).Error; err != nil {
		return nil, fmt.Errorf("lock digest: %w", translate(err))
	}
	return &d, nil
}

// SaveDigest writes what LockDigest read.
func (tx *Tx) SaveDigest(ctx context.Context, d *DigestClock) error {
	if err := tx.db.WithContext(ctx).Exec("UPDATE digests SET due_at = ?, last_at = ? WHERE person = ?", d.DueAt, d.LastAt, d.Person).Error; err != nil {
		return fmt.Errorf("save digest: %w", translate(err))
	}
	return nil
}

// WaitingNotices are those of a person that no digest has told of, the oldest first.
func (tx *Tx) WaitingNotices(ctx context.Context, person int64) ([]Notice, error) {
	var list []Notice
	if err := tx.db.WithContext(ctx).Where("person = ? AND mail_id IS NULL", person).Order("id").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read notices: %w", translate(err))
	}
	return list, nil
}

// TellNotices puts the notices of a person up to one of them into a digest.
func (tx *Tx) TellNotices(ctx context.Context, person, upTo, mailID int64) error {
	err := tx.db.WithContext(ctx).Exec("UPDATE notices SET mail_id = ? WHERE person = ? AND mail_id IS NULL AND id <= ?", mailID, person, upTo).Error
	if err != nil {
		return fmt.Errorf("tell notices: %w", translate(err))
	}
	return nil
}

// DropNotices deletes what waits for a person who is not written to any more.
func (tx *Tx) DropNotices(ctx context.Context, person int64) error {
	if err := tx.db.WithContext(ctx).Exec("DELETE FROM notices WHERE person = ? AND mail_id IS NULL", person).Error; err != nil {
		return fmt.Errorf("drop notices: %w", translate(err))
	}
	return nil
}

// NoticesOf are what a digest tells of, the oldest first.
func (s *Store) NoticesOf(ctx context.Context, mailID int64) ([]Notice, error) {
	var list []Notice
	if err := s.read(ctx).Where("mail_id = ?", mailID).Order("id").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read notices: %w", translate(err))
	}
	return list, nil
}

// StaffToTell are the people who can sign in and want to be written to about a kind of thing, in the order of their ids: everybody who
// tells several locks them in this order.
func (tx *Tx) StaffToTell(ctx context.Context, kind string) ([]Staff, error) {
	var all, list []Staff
	if err := tx.db.WithContext(ctx).Where("disabled_at IS NULL AND notify <> '[]'").Order("id").Find(&all).Error; err != nil {
		return nil, fmt.Errorf("read whom to tell: %w", translate(err))
	}
	for _, p := range all {
		if p.Wants(kind) {
			list = append(list, p)
		}
	}
	return list, nil
}

// HasActiveStaff tells whether somebody with this address can sign in.
func (tx *Tx) HasActiveStaff(ctx context.Context, email string) (bool, error) {
	var n int64
	err := tx.db.WithContext(ctx).Model(&Staff{}).Where("email = lower(?) AND disabled_at IS NULL", email).Count(&n).Error
	if err != nil {
		return false, fmt.Errorf("look for staff: %w", translate(err))
	}
	return n > 0, nil
}
