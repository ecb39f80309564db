-- +goose Up
-- What orders brought to the merchant and what of it went back, in minor units of their currency, and the sums of both by the hour and by the day.
-- An order of the first start's rehearsal has the source test: it is no sale.
ALTER TABLE orders ADD COLUMN refunded BIGINT NOT NULL DEFAULT 0;
UPDATE orders SET source = 'test' WHERE CAST(number AS TEXT) IN (SELECT subject FROM staff_log WHERE action = 'setup.test_order');
SET CONSTRAINTS ALL IMMEDIATE; -- what waits for the commit would keep the table from being changed
CREATE INDEX orders_tests ON orders (paid_at, id) WHERE source = 'test';
CREATE INDEX orders_tests_placed ON orders (created_at, id) WHERE source = 'test';

CREATE TABLE received_sums (
  span     BIGINT NOT NULL, -- hours: 1 or 24
  hour     BIGINT NOT NULL, -- of paid_at, since 1970
  currency TEXT NOT NULL,
  received BIGINT NOT NULL, -- minor
  refunded BIGINT NOT NULL, -- minor
  PRIMARY KEY (span, hour, currency)
);
-- +goose StatementBegin
CREATE FUNCTION sum_received() RETURNS TRIGGER AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.status = 'paid' AND OLD.paid_at IS NOT NULL THEN
    UPDATE received_sums SET received = received - OLD.received, refunded = refunded - OLD.refunded WHERE currency = OLD.currency
      AND ((span = 1 AND hour = hour_of(OLD.paid_at)) OR (span = 24 AND hour = hour_of(OLD.paid_at) / 24 * 24));
  END IF;
  IF NEW.status = 'paid' AND NEW.paid_at IS NOT NULL THEN
    INSERT INTO received_sums AS s (span, hour, currency, received, refunded) SELECT x.span, hour_of(NEW.paid_at) / x.span * x.span, NEW.currency, NEW.received, NEW.refunded FROM (VALUES (1), (24)) x(span)
      ON CONFLICT (span, hour, currency) DO UPDATE SET received = s.received + excluded.received, refunded = s.refunded + excluded.refunded;
  END IF;
  RETURN NULL;
END;
$$ LANGUAGE plpgsql;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER orders_received_at_once AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.status = 'paid' AND NEW.paid_at IS NOT NULL) EXECUTE FUNCTION sum_received();
CREATE CONSTRAINT TRIGGER orders_received AFTER UPDATE OF status, paid_at, currency, received, refunded ON orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((OLD.status = 'paid' OR NEW.status = 'paid') AND (OLD.status, OLD.paid_at, OLD.currency, OLD.received, OLD.refunded) IS DISTINCT FROM (NEW.status, NEW.paid_at, NEW.currency, NEW.received, NEW.refunded))
  EXECUTE FUNCTION sum_received();
INSERT INTO received_sums (span, hour, currency, received, refunded) SELECT 1, hour_of(paid_at), currency, SUM(received), SUM(refunded) FROM orders WHERE status = 'paid' AND paid_at IS NOT NULL GROUP BY 2, 3;
INSERT INTO received_sums (span, hour, currency, received, refunded) SELECT 24, hour / 24 * 24, currency, SUM(received), SUM(refunded) FROM received_sums WHERE span = 1 GROUP BY 2, 3;

-- +goose Down
DROP TRIGGER orders_received ON orders;
DROP TRIGGER orders_received_at_once ON orders;
DROP FUNCTION sum_received();
DROP TABLE received_sums;
DROP INDEX orders_tests_placed;
DROP INDEX orders_tests;
UPDATE orders SET source = 'api' WHERE source = 'test';
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE orders DROP COLUMN refunded;
