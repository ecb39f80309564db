package models

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Staff is one person of the desk.
type Staff struct {
	ID           int64
	Email        string // lower case
	Name         string
	Role         string // owner, manager, viewer
	Password     string // argon2id; "" until an invitation is taken up
	TOTP         []byte `gorm:"column:totp"`         // sealed: see SealTOTP
	TOTPPending  []byte `gorm:"column:totp_pending"` // sealed: shown, not yet confirmed
	TOTPStep     int64  `gorm:"column:totp_step"`    // last used time step
	Recovery     string // json: digests of unused codes
	Notify       string // json: what to write to them about
	Lang         string // "": the browser's
	DisabledAt   *time.Time
	LastSigninAt *time.Time
	Version      int64
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// TableName is the table's.
func (Staff) TableName() string { return "staff" }

// Active tells whether the person may sign in.
func (s *Staff) Active() bool { return s.DisabledAt == nil }

// Notifies is what the person wants to be written to about.
func (s *Staff) Notifies() []string {
	var kinds []string
	_ = json.Unmarshal([]byte(s.Notify), &kinds) // unreadable: nothing
	return kinds
}

// Wants tells whether the person wants to be written to about a kind of thing.
func (s *Staff) Wants(kind string) bool { return slices.Contains(s.Notifies(), kind) }

// HasTOTP tells whether a second factor is on.
func (s *Staff) HasTOTP() bool { return len(s.TOTP) > 0 }

func (s *Staff) totpPlace() string { return fmt.Sprintf("staff.totp:%d", s.ID) }

// SealTOTP seals the secret of a second factor for this person.
func (v *Vault) SealTOTP(s *Staff, secret string) []byte {
	return v.Seal(s.totpPlace(), []byte(secret))
}

// OpenTOTP opens what SealTOTP made for this person.
func (v *Vault) OpenTOTP(s *Staff, sealed []byte) (string, error) {
	plain, err := v.Open(s.totpPlace(), sealed)
	return string(plain), err
}

// StaffByEmail reads one person; the error is ErrNotFound.
func (s *Store) StaffByEmail(ctx context.Context, email string) (*Staff, error) {
	var p Staff
	if err := s.read(ctx).Where("email = ?", strings.ToLower(email)).Take(&p).Error; err != nil {
		return nil, fmt.Errorf("read staff by e-mail: %w", translate(err))
	}
	return &p, nil
}

// StaffByID reads one person; the error is ErrNotFound.
func (s *Store) StaffByID(ctx context.Context, id int64) (*Staff, error) {
	var p Staff
	if err := s.read(ctx).Where("id = ?", id).Take(&p).Error; err != nil {
		return nil, fmt.Errorf("read staff %d: %w", id, translate(err))
	}
	return &p, nil
}

// StaffList reads everybody, disabled people last.
func (s *Store) StaffList(ctx context.Context) ([]Staff, error) {
	var list []Staff
	err := s.read(ctx).Order("CASE WHEN disabled_at IS NULL THEN 0 ELSE 1 END, email").Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("list staff: %w", translate(err))
	}
	return list, nil
}

// HasStaff tells whether there is anybody, disabled or not.
func (s *Store) HasStaff(ctx context.Context) (bool, error) {
	var n int64
	if err := s.read(ctx).Model(&Staff{}).Limit(1).Count(&n).Error; err != nil {
		return false, fmt.Errorf("count staff: %w", translate(err))
	}
	return n > 0, nil
}

// OwnerEmails are the addresses of the owners who can sign in.
func (s *Store) OwnerEmails(ctx context.Context) ([]string, error) {
	var list []string
	err := s.read(ctx).Model(&Staff{}).Where("role = 'owner' AND disabled_at IS NULL").Order("email").Pluck("email", &list).Error
	if err != nil {
		return nil, fmt.Errorf("list owners: %w", translate(err))
	}
	return list, nil
}

// HasStaff tells whether there is anybody; who asks holds back others that want to create the first person.
func (tx *Tx) HasStaff(ctx context.Context) (bool, error) {
	if tx.store.dialect == Postgres { // SQLite has one writer anyway
		if err := tx.db.WithContext(ctx).Exec("LOCK TABLE staff IN SHARE ROW EXCLUSIVE MODE").Error; err != nil {
			return false, fmt.Errorf("lock staff: %w", translate(err))
		}
	}
	var n int64
	if err := tx.db.WithContext(ctx).Model(&Staff{}).Count(&n).Error; err != nil {
		return false, fmt.Errorf("count staff: %w", translate(err))
	}
	return n > 0, nil
}

// InsertStaff stores a new person. The error is ErrConflict when the address is taken.
func (tx *Tx) InsertStaff(ctx context.Context, p *Staff) error {
	p.ID, p.Email, p.Version, p.CreatedAt, p.UpdatedAt = 0, strings.ToLower(p.Email), 1, tx.now, tx.now
	if p.Recovery == "" {
		p.Recovery = "[]"
	}
	if p.Notify == "" {
		p.Notify = "[]"
	}
	if err := tx.db.WithContext(ctx).Create(p).Error; err != nil {
		return fmt.Errorf("insert staff: %w", translate(err))
	}
	return nil
}

// LockStaff reads one person and holds back others that want to change them; the error is ErrNotFound.
func (tx *Tx) LockStaff(ctx context.Context, id int64) (*Staff, error) {
	var p Staff
	if err := tx.locking(ctx).Where("id = ?", id).Take(&p).Error; err != nil {
		return nil, fmt.Errorf("lock staff %d: %w", id, translate(err))
	}
	return &p, nil
}

// LockStaffByEmail is LockStaff by address.
func (tx *Tx) LockStaffByEmail(ctx context.Context, email string) (*Staff, error) {
	var p Staff
	if err := tx.locking(ctx).Where("email = ?", strings.ToLower(email)).Take(&p).Error; err != nil {
		return nil, fmt.Errorf("lock staff: %w", translate(err))
	}
	return &p, nil
}

// LockOwners reads the owners who can sign in and holds back others that want to change one of them, so that two who each take one
// away at the same moment cannot leave none.
func (tx *Tx) LockOwners(ctx context.Context) ([]Staff, error) {
	var list []Staff
	if err := tx.locking(ctx).Where("role = 'owner' AND disabled_at IS NULL").Order("id").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("lock owners: %w", translate(err))
	}
	return list, nil
}

// SaveStaff writes a person that was read with LockStaff.
func (tx *Tx) SaveStaff(ctx context.Context, p *Staff) error {
	p.Version++
	p.UpdatedAt = tx.now
	if err := tx.db.WithContext(ctx).Save(p).Error; err != nil {
		return fmt.Errorf("save staff %d: %w", p.ID, translate(err))
	}
	return nil
}
