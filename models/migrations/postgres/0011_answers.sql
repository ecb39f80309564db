-- +goose Up
-- What calls of the merchant API answered that carried an Idempotency-Key, orders aside: attempts has those.
CREATE TABLE kept_answers (
  key_hash   TEXT PRIMARY KEY, -- call, API key and value
  input_hash TEXT NOT NULL,
  answer     BYTEA NOT NULL, -- sealed json
  created_at TIMESTAMPTZ NOT NULL
);

-- +goose Down
DROP TABLE kept_answers;
