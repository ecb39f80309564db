package models

import (
	"context"
	"fmt"
	"time"
)

// Allow takes one unit out of a limit that gives one back in every and holds burst at most (GCRA, one statement, shared by all
// instances). When it is refused, wait says after how long it would not be.
func (tx *Tx) Allow(ctx context.Context, key string, every time.Duration, burst int64) (ok bool, wait time.Duration, err error) {
	now, step := tx.now.UnixMicro(), every.Microseconds()
	db := tx.db.WithContext(ctx)
	var tat []int64
	err = db.Raw(`INSERT INTO limits(key,tat) VALUES(@k, CAST(@now AS BIGINT) + CAST(@every AS BIGINT))
		ON CONFLICT(key) DO UPDATE SET tat = (CASE WHEN limits.tat > CAST(@now AS BIGINT) THEN limits.tat ELSE CAST(@now AS BIGINT) END) + CAST(@every AS BIGINT)
		WHERE limits.tat <= CAST(@now AS BIGINT) + CAST(@every AS BIGINT) * (CAST(@burst AS BIGINT) - 1) RETURNING tat`,
		map[string]any{"k": key, "now": now, "every": step, "burst": burst}).Scan(&tat).Error
	if err != nil {
		return false, 0, fmt.Errorf("limit: %w", translate(err))
	}
	if len(tat) == 1 {
		return true, 0, nil
	}
	at, err := tx.Mark(ctx, key)
	if err != nil {
		return false, 0, err
	}
	return false, max(time.Duration(at.UnixMicro()-now-step*(burst-1))*time.Microsecond, time.Microsecond), nil
}

// Allow is Tx.Allow in a transaction of its own.
func (s *Store) Allow(ctx context.Context, key string, every time.Duration, burst int64) (ok bool, wait time.Duration, err error) {
	err = s.InTx(ctx, func(tx *Tx) error {
		var err error
		ok, wait, err = tx.Allow(ctx, key, every, burst)
		return err
	})
	return ok, wait, err
}

// Push moves the moment of key forward by step, from now where it lies in the past, and returns it. The row stays locked to the end
// of the transaction.
func (tx *Tx) Push(ctx context.Context, key string, step time.Duration) (time.Time, error) {
	now := tx.now.UnixMicro()
	var tat int64
	err := tx.db.WithContext(ctx).Raw(`INSERT INTO limits(key,tat) VALUES(@k, CAST(@now AS BIGINT) + CAST(@step AS BIGINT))
		ON CONFLICT(key) DO UPDATE SET tat = (CASE WHEN limits.tat > CAST(@now AS BIGINT) THEN limits.tat ELSE CAST(@now AS BIGINT) END) + CAST(@step AS BIGINT)
		RETURNING tat`, map[string]any{"k": key, "now": now, "step": step.Microseconds()}).Scan(&tat).Error
	if err != nil {
		return time.Time{}, fmt.Errorf("limit: %w", translate(err))
	}
	return time.UnixMicro(tat).UTC(), nil
}

// Mark reads the moment of key; the zero time when there is none.
func (tx *Tx) Mark(ctx context.Context, key string) (time.Time, error) {
	var tat []int64
	if err := tx.db.WithContext(ctx).Raw("SELECT tat FROM limits WHERE key = ?", key).Scan(&tat).Error; err != nil {
		return time.Time{}, fmt.Errorf("limit: %w", translate(err))
	}
	if len(tat) == 0 {
		return time.Time{}, nil
	}
	return time.UnixMicro(tat[0]).UTC(), nil
}

// SetMark sets the moment of key.
func (tx *Tx) SetMark(ctx context.Context, key string, at time.Time) error {
	err := tx.db.WithContext(ctx).Exec("INSERT INTO limits(key,tat) VALUES(?, ?) ON CONFLICT(key) DO UPDATE SET tat = excluded.tat", key, at.UnixMicro()).Error
	if err != nil {
		return fmt.Errorf("limit: %w", translate(err))
	}
	return nil
}

// Unmark forgets keys.
func (tx *Tx) Unmark(ctx context.Context, keys ...string) error {
	if err := tx.db.WithContext(ctx).Exec("DELETE FROM limits WHERE key IN ?", keys).Error; err != nil {
		return fmt.Errorf("limit: %w", translate(err))
	}
	return nil
}
