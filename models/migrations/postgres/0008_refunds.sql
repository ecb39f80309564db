-- +goose Up
-- Whether the order was not paid when money of it was sent back or asked back: what comes later completes it only through a person.
ALTER TABLE refunds ADD COLUMN unpaid BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE refunds SET unpaid = TRUE WHERE order_id IN (SELECT id FROM orders WHERE paid_at IS NULL OR status = 'underpaid');

-- +goose Down
ALTER TABLE refunds DROP COLUMN unpaid;
