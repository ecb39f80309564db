package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"mostrador/models"
)

// IdempotencyKey lets a call be sent again without doing anything twice.
type IdempotencyKey struct {
	Key string `header:"Idempotency-Key" maxLength:"200" doc:"A text of your own for this call. The same call with the same key, sent any number of times, is done once and gets the same answer; another input under the same key is 409. Each API key has keys of its own."`
}

// Replayed says that an answer was given before.
type Replayed struct {
	Replayed string `header:"Idempotent-Replayed" doc:"true when an earlier call with the same Idempotency-Key did it."`
}

// keep stores the answer of a call in the transaction that does what it asks for.
type keep func(ctx context.Context, tx *models.Tx, answer any) error

// repeatable does a call, or gives what the same call under the same key answered before. do gets what keeps its answer.
func repeatable[T any](ctx context.Context, s *server, what string, k IdempotencyKey, input any, do func(keep) (T, error)) (out T, replayed Replayed, err error) {
	if k.Key == "" {
		out, err = do(func(context.Context, *models.Tx, any) error { return nil })
		return out, replayed, err
	}
	if err := text("header.Idempotency-Key", k.Key); err != nil {
		return out, replayed, err
	}
	raw, err := json.Marshal(input)
	if err != nil {
		return out, replayed, fmt.Errorf("write input of a call: %w", err)
	}
	key, asked := fmt.Sprintf("%s/%d/%s", what, keyOf(ctx).ID, k.Key), string(raw)
	before := func() (done bool, err error) {
		answer, same, ok, err := s.store.KeptAnswer(ctx, key, asked)
		if err != nil || !ok {
			return false, err
		}
		if !same {
			return false, &Problem{Status: http.StatusConflict, Code: "attempt_reused", Detail: "This Idempotency-Key was used for another input.", Errors: []FieldProblem{{"header.Idempotency-Key", "Idempotency-Key", "attempt_reused", "This key was used for another input."}}}
		}
		replayed.Replayed = "true"
		return true, json.Unmarshal(answer, &out)
	}
	if done, err := before(); done || err != nil {
		return out, replayed, err
	}
	out, err = do(func(ctx context.Context, tx *models.Tx, answer any) error {
		raw, err := json.Marshal(answer)
		if err != nil {
			return fmt.Errorf("write answer of a call: %w", err)
		}
		return tx.KeepAnswer(ctx, key, asked, raw)
	})
	if err != nil { // by what the same call, sent twice at once, has done meanwhile? Then it gets that one's answer
		if done, err := before(); done || err != nil {
			return out, replayed, err
		}
	}
	return out, replayed, err
}
