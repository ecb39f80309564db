package models

import (
	"context"
	"fmt"
	"time"
)

// KeptAnswer is what a call of the API answered that may be repeated under its key.
type KeptAnswer struct {
	KeyHash   string `gorm:"primaryKey"`
	InputHash string
	Answer    []byte // sealed: it may hold a secret that is shown once
	CreatedAt time.Time
}

func answerPlace(keyHash string) string { return "kept_answers.answer:" + keyHash }

// KeptAnswer reads what a call under the same key answered, and whether it asked for the same. ok is false when there was none.
func (s *Store) KeptAnswer(ctx context.Context, key, input string) (answer []byte, same, ok bool, err error) {
	var k KeptAnswer
	res := s.read(ctx).Where("key_hash = ?", Digest(key)).Limit(1).Find(&k)
	if res.Error != nil || res.RowsAffected == 0 {
		return nil, false, false, translate(res.Error)
	}
	answer, err = s.vault.Open(answerPlace(k.KeyHash), k.Answer)
	return answer, k.InputHash == Digest(input), true, err
}

// KeepAnswer takes the key for an answer. The error, here or of the commit, is ErrConflict when somebody has it already.
func (tx *Tx) KeepAnswer(ctx context.Context, key, input string, answer []byte) error {
	hash := Digest(key)
	row := KeptAnswer{KeyHash: hash, InputHash: Digest(input), Answer: tx.store.vault.Seal(answerPlace(hash), answer), CreatedAt: tx.now}
	if err := tx.db.WithContext(ctx).Create(&row).Error; err != nil {
		return fmt.Errorf("keep answer: %w", translate(err))
	}
	return nil
}
