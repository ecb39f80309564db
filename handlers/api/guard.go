package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"

	"mostrador/handlers"
	"mostrador/models"
	"mostrador/staff"
)

// What one key may ask for: so many calls at once, and one more after each step.
const (
	keyStep  = 20 * time.Millisecond
	keyBurst = 300
)

// What one address may get wrong.
const (
	wrongStep  = time.Second
	wrongBurst = 60
)

type (
	keyKey    struct{}
	remoteKey struct{}
)

// keyOf is the key of a call; never nil behind the guard.
func keyOf(ctx context.Context) *models.APIKey {
	k, _ := ctx.Value(keyKey{}).(*models.APIKey)
	if k == nil {
		return &models.APIKey{}
	}
	return k
}

// guard lets through who has a key with a scope that the call asks for, as often as is sensible.
func (s *server) guard(c huma.Context, next func(huma.Context)) {
	c.SetHeader("Cache-Control", "no-store")
	op := c.Operation()
	if len(op.Security) == 0 {
		next(c)
		return
	}
	e := humaecho.Unwrap(c)
	remote := handlers.Customer(e)
	key, err := s.key(c.Context(), e.Request().Header.Get("Authorization"), remote)
	if err == nil {
		err = s.allowed(c.Context(), key, op)
	}
	if err != nil {
		s.write(c, err)
		return
	}
	next(huma.WithValue(huma.WithValue(c, keyKey{}, key), remoteKey{}, e.RealIP()))
}

// key finds the key that a request carries. The error is a *Problem or a fault of ours.
func (s *server) key(ctx context.Context, header, remote string) (*models.APIKey, error) {
	scheme, text, _ := strings.Cut(strings.TrimSpace(header), " ")
	text = strings.TrimSpace(text)
	if !strings.EqualFold(scheme, "Bearer") || text == "" {
		return nil, &Problem{Status: http.StatusUnauthorized, Code: "key_missing", Detail: "Send an API key: Authorization: Bearer msk_…", challenge: "Bearer"}
	}
	k, err := s.Staff.CheckKey(ctx, text)
	if !errors.Is(err, staff.ErrUnknownKey) {
		return k, err
	}
	ok, wait, err := s.store.Allow(ctx, "api-wrong:"+remote, wrongStep, wrongBurst)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, tooMany(wait)
	}
	return nil, &Problem{Status: http.StatusUnauthorized, Code: "key_unknown", Detail: "This API key is unknown or revoked.", challenge: `Bearer error="invalid_token"`}
}

// allowed checks scope and pace.
func (s *server) allowed(ctx context.Context, k *models.APIKey, op *huma.Operation) error {
	var want []string
	for _, r := range op.Security {
		want = append(want, r["key"]...)
	}
	if !slices.ContainsFunc(want, func(scope string) bool { return staff.KeyCan(k, scope) }) {
		names := strings.Join(want, " or ")
		return &Problem{Status: http.StatusForbidden, Code: "scope_missing", Detail: "This API key lacks the scope " + names + ".", challenge: `Bearer error="insufficient_scope", scope="` + want[0] + `"`}
	}
	ok, wait, err := s.store.Allow(ctx, "api:"+k.Prefix+":"+k.Hash[:16], keyStep, keyBurst)
	if err != nil {
		return err
	}
	if !ok {
		return tooMany(wait)
	}
	return nil
}
