package staff

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"mostrador/models"
)

// Scopes are what a key may be allowed, in the order in which they are shown.
var Scopes = []string{"orders:read", "orders:write", "webhooks:write", "links:write", "refunds:write"}

const (
	keyMark    = "msk_"
	keySigns   = 32          // base 32: 160 bits
	keyShown   = 10          // of a key's signs are kept to tell keys apart
	keyUseStep = time.Minute // how exact "last used" is
)

// CreateKey makes a key and returns its text, which is kept nowhere. No scopes: all of them. The error is ErrName or ErrScope.
func (s *Service) CreateKey(ctx context.Context, who Who, name string, scopes []string) (text string, k *models.APIKey, err error) {
	name = strings.Join(strings.Fields(name), " ")
	if n := utf8.RuneCountInString(name); n < 1 || n > 80 {
		return "", nil, ErrName
	}
	if len(scopes) == 0 {
		scopes = Scopes
	}
	var kept []string
	for _, scope := range Scopes {
		if slices.Contains(scopes, scope) {
			kept = append(kept, scope)
		}
	}
	for _, scope := range scopes {
		if !slices.Contains(Scopes, scope) {
			return "", nil, ErrScope
		}
	}
	allowed := strings.Join(kept, ", ")
	if len(kept) == len(Scopes) {
		allowed = "all"
	}
	raw := make([]byte, keySigns*5/8)
	rand.Read(raw)
	text = keyMark + strings.ToLower(base32.StdEncoding.EncodeToString(raw))
	k = &models.APIKey{Name: name, Prefix: text[:keyShown], Hash: models.Digest(text), Scopes: strings.Join(kept, " "), CreatedBy: who.Name}
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		if err := tx.InsertAPIKey(ctx, k); err != nil {
			return err
		}
		return Record(ctx, tx, who, "key.create", k.Prefix, map[string]any{"name": name, "scopes": allowed})
	})
	if err != nil {
		return "", nil, fmt.Errorf("create API key: %w", err)
	}
	return text, k, nil
}

// CheckKey finds the key of a request. It is found by its digest, so the time it takes tells nothing of the text. The error is
// ErrUnknownKey.
func (s *Service) CheckKey(ctx context.Context, text string) (*models.APIKey, error) {
	if len(text) != len(keyMark)+keySigns || !strings.HasPrefix(text, keyMark) {
		return nil, ErrUnknownKey
	}
	k, err := s.store.APIKeyByHash(ctx, models.Digest(text))
	if errors.Is(err, models.ErrNotFound) {
		return nil, ErrUnknownKey
	}
	if err != nil {
		return nil, err
	}
	if k.LastUsedAt == nil || s.now().Sub(*k.LastUsedAt) >= keyUseStep {
		if err := s.store.InTx(ctx, func(tx *models.Tx) error { return tx.UsedAPIKey(ctx, k.ID, keyUseStep) }); err != nil {
			s.log.Warn("use of an API key not noted", "error", err) // the call itself is good
		}
	}
	return k, nil
}

// KeyCan tells whether a key has a scope.
func KeyCan(k *models.APIKey, scope string) bool { return slices.Contains(k.ScopeList(), scope) }

// RevokeKey ends a key at once. The error is ErrUnknownKey.
func (s *Service) RevokeKey(ctx context.Context, who Who, id int64) (*models.APIKey, error) {
	var k *models.APIKey
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		var err error
		if k, err = tx.RevokeAPIKey(ctx, id); err != nil {
			return err
		}
		return Record(ctx, tx, who, "key.revoke", k.Prefix, map[string]any{"name": k.Name})
	})
	if errors.Is(err, models.ErrNotFound) {
		return nil, ErrUnknownKey
	}
	return k, err
}
