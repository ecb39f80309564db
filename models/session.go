package models

import (
	"context"
	"fmt"
	"time"
)

// Session is one browser of the desk, signed in or on its way there.
type Session struct {
	IDHash    string `gorm:"primaryKey"` // digest of the cookie's value
	StaffID   *int64 // nil: not signed in yet
	Data      []byte // sealed json
	Remote    string // address at sign-in
	Agent     string // the browser's own words, cut
	CreatedAt time.Time
	SeenAt    time.Time
	FreshAt   *time.Time // last proof of password or second factor
	ExpiresAt time.Time
}

func sessionPlace(hash string) string { return "sessions.data:" + hash }

// SessionData opens the values of a session.
func (v *Vault) SessionData(s *Session) ([]byte, error) {
	return v.Open(sessionPlace(s.IDHash), s.Data)
}

// SessionByID reads the session of a cookie's value that lives at the moment at; the error is ErrNotFound. A session of a disabled
// person is not found.
func (s *Store) SessionByID(ctx context.Context, id string, at time.Time) (*Session, error) {
	var row Session
	err := s.read(ctx).Where(`id_hash = ? AND expires_at > ? AND (staff_id IS NULL OR
		EXISTS (SELECT 1 FROM staff WHERE staff.id = sessions.staff_id AND staff.disabled_at IS NULL))`, Digest(id), at).Take(&row).Error
	if err != nil {
		return nil, fmt.Errorf("read session: %w", translate(err))
	}
	return &row, nil
}

// SessionsOf reads the sessions of a person that live at the moment at, the last seen first.
func (s *Store) SessionsOf(ctx context.Context, staffID int64, at time.Time) ([]Session, error) {
	var list []Session
	err := s.read(ctx).Where("staff_id = ? AND expires_at > ?", staffID, at).Order("seen_at DESC, id_hash").Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", translate(err))
	}
	return list, nil
}

// InsertSession stores a session under the cookie's value id, with its values as JSON.
func (tx *Tx) InsertSession(ctx context.Context, id string, row *Session, data []byte) error {
	row.IDHash = Digest(id)
	row.Data = tx.Vault().Seal(sessionPlace(row.IDHash), data)
	row.CreatedAt, row.SeenAt = tx.now, tx.now
	if err := tx.db.WithContext(ctx).Create(row).Error; err != nil {
		return fmt.Errorf("insert session: %w", translate(err))
	}
	return nil
}

// SaveSessionData replaces the values of a session; one that has ended meanwhile stays ended.
func (tx *Tx) SaveSessionData(ctx context.Context, id string, data []byte) error {
	hash := Digest(id)
	err := tx.db.WithContext(ctx).Model(&Session{}).Where("id_hash = ?", hash).Update("data", tx.Vault().Seal(sessionPlace(hash), data)).Error
	if err != nil {
		return fmt.Errorf("save session: %w", translate(err))
	}
	return nil
}

// SeeSession notes that a session was used now and lives on until the moment until.
func (tx *Tx) SeeSession(ctx context.Context, id string, until time.Time) error {
	err := tx.db.WithContext(ctx).Model(&Session{}).Where("id_hash = ?", Digest(id)).Updates(map[string]any{"seen_at": tx.now, "expires_at": until}).Error
	if err != nil {
		return fmt.Errorf("save session: %w", translate(err))
	}
	return nil
}

// FreshenSession notes that the person proved again who they are.
func (tx *Tx) FreshenSession(ctx context.Context, id string) error {
	if err := tx.db.WithContext(ctx).Model(&Session{}).Where("id_hash = ?", Digest(id)).Update("fresh_at", tx.now).Error; err != nil {
		return fmt.Errorf("save session: %w", translate(err))
	}
	return nil
}

// EndSession ends the session of a cookie's value.
func (tx *Tx) EndSession(ctx context.Context, id string) error {
	if err := tx.db.WithContext(ctx).Where("id_hash = ?", Digest(id)).Delete(&Session{}).Error; err != nil {
		return fmt.Errorf("end session: %w", translate(err))
	}
	return nil
}

// EndSessionOf ends one session of a person by its hash; the error is ErrNotFound.
func (tx *Tx) EndSessionOf(ctx context.Context, staffID int64, hash string) error {
	res := tx.db.WithContext(ctx).Where("id_hash = ? AND staff_id = ?", hash, staffID).Delete(&Session{})
	if res.Error != nil {
		return fmt.Errorf("end session: %w", translate(res.Error))
	}
	if res.RowsAffected == 0 {
		return fmt.Errorf("end session: %w", ErrNotFound)
	}
	return nil
}

// EndSessions ends the sessions of a person, but not that of the cookie's value keep ("": all), and says how many there were.
func (tx *Tx) EndSessions(ctx context.Context, staffID int64, keep string) (int64, error) {
	res := tx.db.WithContext(ctx).Where("staff_id = ? AND id_hash <> ?", staffID, Digest(keep)).Delete(&Session{})
	if res.Error != nil {
		return 0, fmt.Errorf("end sessions: %w", translate(res.Error))
	}
	return res.RowsAffected, nil
}

// SweepDesk deletes what nobody can use any more: ended sessions, old tickets, worn-out limits and notices that were told long ago.
func (tx *Tx) SweepDesk(ctx context.Context) error {
	db := tx.db.WithContext(ctx)
	if err := db.Where("expires_at < ?", tx.now).Delete(&Session{}).Error; err != nil {
		return fmt.Errorf("sweep sessions: %w", translate(err))
	}
	if err := db.Where("expires_at < ?", tx.now.Add(-24*time.Hour)).Delete(&Ticket{}).Error; err != nil {
		return fmt.Errorf("sweep tickets: %w", translate(err))
	}
	if err := db.Exec("DELETE FROM limits WHERE tat < ?", tx.now.Add(-time.Hour).UnixMicro()).Error; err != nil {
		return fmt.Errorf("sweep limits: %w", translate(err))
	}
	if err := db.Exec("DELETE FROM notices WHERE mail_id IS NOT NULL AND at < ?", tx.now.AddDate(0, -6, 0)).Error; err != nil {
		return fmt.Errorf("sweep notices: %w", translate(err))
	}
	return nil
}
