-- +goose Up
-- Indexes that no query uses, and that each notification had to write all the same.
DROP INDEX payment_events_at;
DROP INDEX notifications_at;
DROP INDEX notifications_payment;

ALTER TABLE payments ADD COLUMN seal TEXT NOT NULL DEFAULT ''; -- keyed digest of what the log adds up to: a row that somebody else wrote does not fit it

-- +goose Down
ALTER TABLE payments DROP COLUMN seal;
CREATE INDEX notifications_payment ON notifications (payment_id, id);
CREATE INDEX notifications_at ON notifications (at, id);
CREATE INDEX payment_events_at ON payment_events (at);
