-- +goose Up
-- Indexes that no query uses, and that each notification had to write all the same.
DROP INDEX payment_events_at;
DROP INDEX notifications_at;
DROP INDEX notifications_payment;

-- +goose Down
CREATE INDEX notifications_payment ON notifications (payment_id, id);
CREATE INDEX notifications_at ON notifications (at, id);
CREATE INDEX payment_events_at ON payment_events (at);
