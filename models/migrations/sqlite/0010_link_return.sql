-- +goose Up
-- Where somebody who paid by a link goes back to; '' nowhere.
ALTER TABLE links ADD COLUMN return_url TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE links DROP COLUMN return_url;
