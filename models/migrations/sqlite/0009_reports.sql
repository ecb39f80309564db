-- +goose Up
-- What orders brought to the merchant and what of it went back, in minor units of their currency, and the sums of both by the hour and by the day.
-- An order of the first start's rehearsal has the source test: it is no sale.
ALTER TABLE orders ADD COLUMN refunded INTEGER NOT NULL DEFAULT 0;
UPDATE orders SET source = 'test' WHERE CAST(number AS TEXT) IN (SELECT subject FROM staff_log WHERE action = 'setup.test_order');
CREATE INDEX orders_tests ON orders (paid_at, id) WHERE source = 'test';
CREATE INDEX orders_tests_placed ON orders (created_at, id) WHERE source = 'test';

CREATE TABLE received_sums (
  span     INTEGER NOT NULL, -- hours: 1 or 24
  hour     INTEGER NOT NULL, -- of paid_at, since 1970
  currency TEXT NOT NULL,
  received INTEGER NOT NULL, -- minor
  refunded INTEGER NOT NULL, -- minor
  PRIMARY KEY (span, hour, currency)
);
-- +goose StatementBegin
CREATE TRIGGER orders_received_at_once AFTER INSERT ON orders WHEN NEW.status = 'paid' AND NEW.paid_at IS NOT NULL
BEGIN
  INSERT INTO received_sums (span, hour, currency, received, refunded) SELECT span, unixepoch(NEW.paid_at) / 3600 / span * span, NEW.currency, NEW.received, NEW.refunded FROM (SELECT 1 AS span UNION ALL SELECT 24) WHERE TRUE
    ON CONFLICT (span, hour, currency) DO UPDATE SET received = received + excluded.received, refunded = refunded + excluded.refunded;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER orders_received AFTER UPDATE OF status, paid_at, currency, received, refunded ON orders WHEN NEW.status = 'paid' AND NEW.paid_at IS NOT NULL
  AND (OLD.status <> 'paid' OR OLD.paid_at IS NOT NEW.paid_at OR OLD.currency <> NEW.currency OR OLD.received <> NEW.received OR OLD.refunded <> NEW.refunded)
BEGIN
  INSERT INTO received_sums (span, hour, currency, received, refunded) SELECT span, unixepoch(NEW.paid_at) / 3600 / span * span, NEW.currency, NEW.received, NEW.refunded FROM (SELECT 1 AS span UNION ALL SELECT 24) WHERE TRUE
    ON CONFLICT (span, hour, currency) DO UPDATE SET received = received + excluded.received, refunded = refunded + excluded.refunded;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER orders_received_no_more AFTER UPDATE OF status, paid_at, currency, received, refunded ON orders WHEN OLD.status = 'paid' AND OLD.paid_at IS NOT NULL
  AND (NEW.status <> 'paid' OR OLD.paid_at IS NOT NEW.paid_at OR OLD.currency <> NEW.currency OR OLD.received <> NEW.received OR OLD.refunded <> NEW.refunded)
BEGIN
  UPDATE received_sums SET received = received - OLD.received, refunded = refunded - OLD.refunded WHERE currency = OLD.currency
    AND ((span = 1 AND hour = unixepoch(OLD.paid_at) / 3600) OR (span = 24 AND hour = unixepoch(OLD.paid_at) / 86400 * 24));
END;
-- +goose StatementEnd
INSERT INTO received_sums (span, hour, currency, received, refunded) SELECT 1, unixepoch(paid_at) / 3600, currency, SUM(received), SUM(refunded) FROM orders WHERE status = 'paid' AND paid_at IS NOT NULL GROUP BY 2, 3;
INSERT INTO received_sums (span, hour, currency, received, refunded) SELECT 24, hour / 24 * 24, currency, SUM(received), SUM(refunded) FROM received_sums WHERE span = 1 GROUP BY 2, 3;

-- +goose Down
DROP TRIGGER orders_received_no_more;
DROP TRIGGER orders_received;
DROP TRIGGER orders_received_at_once;
DROP TABLE received_sums;
DROP INDEX orders_tests_placed;
DROP INDEX orders_tests;
UPDATE orders SET source = 'api' WHERE source = 'test';
ALTER TABLE orders DROP COLUMN refunded;
