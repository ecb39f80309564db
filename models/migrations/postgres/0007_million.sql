-- +goose Up
-- What keeps the desk quick at a million orders. Every list walks an index that has its filter and its order; the filters of orders can be combined as one likes, so one
-- index holds them all, and a list merges the few combinations that there are. Sums are kept by the hour and by the day instead of being added up for each look.

DROP INDEX orders_status;
DROP INDEX orders_email;
DROP INDEX orders_currency;
DROP INDEX orders_source;
DROP INDEX orders_site;
DROP INDEX orders_paid;
DROP INDEX orders_total;
DROP INDEX orders_email_lower;
DROP INDEX orders_sales;
DROP INDEX orders_flagged;
CREATE INDEX orders_total ON orders (total, created_at, id);
CREATE INDEX orders_facets_created ON orders (status, pay_currency, source, COALESCE(site_id, 0), created_at, id);
CREATE INDEX orders_facets_total ON orders (status, pay_currency, source, COALESCE(site_id, 0), total, created_at, id);
CREATE INDEX orders_facets_number ON orders (status, pay_currency, source, COALESCE(site_id, 0), number, id);
CREATE INDEX orders_email_lower ON orders (lower(email) COLLATE "binary", created_at, id);
CREATE INDEX orders_sales ON orders (paid_at, id, currency, pay_currency, total, created_at) WHERE status = 'paid';
CREATE INDEX orders_flagged ON orders (created_at, id, flags) WHERE flags <> '';

DROP INDEX payments_status;
DROP INDEX payments_settled;
CREATE INDEX payments_settled ON payments (settled_at, id, order_id) WHERE settled_at IS NOT NULL;
CREATE INDEX payments_hanging ON payments (status, updated_at) WHERE settled_at IS NULL;
CREATE INDEX payments_route ON payments (site_id, route_id, order_id);

CREATE INDEX notifications_refused ON notifications (at, id) WHERE outcome = 'refused';
CREATE INDEX deliveries_endpoint_state ON deliveries (endpoint_id, state, id);
CREATE INDEX staff_log_who ON staff_log (who, id);
CREATE INDEX staff_log_did ON staff_log (action, id);
CREATE INDEX staff_log_who_did ON staff_log (who, action, id);

-- hour is when a span begins, in hours since 1970; span is 1 or 24 of them. What an order brings stands in one row of each span.
CREATE TABLE sales_sums (
  span         BIGINT NOT NULL,
  currency     TEXT NOT NULL,
  hour         BIGINT NOT NULL, -- of paid_at
  pay_currency TEXT NOT NULL,
  orders       BIGINT NOT NULL,
  total        BIGINT NOT NULL, -- minor
  PRIMARY KEY (span, hour, currency, pay_currency)
);
CREATE TABLE placed_sums (
  span   BIGINT NOT NULL,
  hour   BIGINT NOT NULL, -- of created_at
  orders BIGINT NOT NULL,
  paid   BIGINT NOT NULL, -- how many of them are paid
  PRIMARY KEY (span, hour)
);
CREATE TABLE took_sums (
  span   BIGINT NOT NULL,
  hour   BIGINT NOT NULL, -- of paid_at
  took   BIGINT NOT NULL, -- seconds from placing to paid, the coarser the longer
  orders BIGINT NOT NULL,
  PRIMARY KEY (span, hour, took)
);

-- +goose StatementBegin
CREATE FUNCTION hour_of(at TIMESTAMPTZ) RETURNS BIGINT AS $$ SELECT floor(extract(epoch FROM at) / 3600)::bigint $$ LANGUAGE sql IMMUTABLE;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION took_of(placed TIMESTAMPTZ, paid TIMESTAMPTZ) RETURNS BIGINT AS $$
  SELECT CASE WHEN t < 600 THEN t / 10 * 10 WHEN t < 10800 THEN t / 60 * 60 WHEN t < 259200 THEN t / 900 * 900 ELSE t / 86400 * 86400 END FROM (SELECT greatest(0, floor(extract(epoch FROM paid))::bigint - floor(extract(epoch FROM placed))::bigint) AS t) x
$$ LANGUAGE sql IMMUTABLE;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION sum_placed() RETURNS TRIGGER AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO placed_sums AS s (span, hour, orders, paid) SELECT x.span, hour_of(NEW.created_at) / x.span * x.span, 1, (NEW.status = 'paid')::int FROM (VALUES (1), (24)) x(span)
      ON CONFLICT (span, hour) DO UPDATE SET orders = s.orders + 1, paid = s.paid + excluded.paid;
  ELSE
    UPDATE placed_sums SET paid = paid + CASE WHEN NEW.status = 'paid' THEN 1 ELSE -1 END WHERE (span = 1 AND hour = hour_of(NEW.created_at)) OR (span = 24 AND hour = hour_of(NEW.created_at) / 24 * 24);
  END IF;
  RETURN NULL;
END;
$$ LANGUAGE plpgsql;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION sum_sales() RETURNS TRIGGER AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.status = 'paid' AND OLD.paid_at IS NOT NULL THEN
    UPDATE sales_sums SET orders = orders - 1, total = total - OLD.total WHERE currency = OLD.currency AND pay_currency = OLD.pay_currency
      AND ((span = 1 AND hour = hour_of(OLD.paid_at)) OR (span = 24 AND hour = hour_of(OLD.paid_at) / 24 * 24));
    UPDATE took_sums SET orders = orders - 1 WHERE took = took_of(OLD.created_at, OLD.paid_at) AND ((span = 1 AND hour = hour_of(OLD.paid_at)) OR (span = 24 AND hour = hour_of(OLD.paid_at) / 24 * 24));
  END IF;
  IF NEW.status = 'paid' AND NEW.paid_at IS NOT NULL THEN
    INSERT INTO sales_sums AS s (span, currency, hour, pay_currency, orders, total) SELECT x.span, NEW.currency, hour_of(NEW.paid_at) / x.span * x.span, NEW.pay_currency, 1, NEW.total FROM (VALUES (1), (24)) x(span)
      ON CONFLICT (span, hour, currency, pay_currency) DO UPDATE SET orders = s.orders + 1, total = s.total + excluded.total;
    INSERT INTO took_sums AS s (span, hour, took, orders) SELECT x.span, hour_of(NEW.paid_at) / x.span * x.span, took_of(NEW.created_at, NEW.paid_at), 1 FROM (VALUES (1), (24)) x(span)
      ON CONFLICT (span, hour, took) DO UPDATE SET orders = s.orders + 1;
  END IF;
  RETURN NULL;
END;
$$ LANGUAGE plpgsql;
-- +goose StatementEnd
-- They run at the commit: whoever else adds to the same hour waits for no more than that.
CREATE CONSTRAINT TRIGGER orders_placed AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION sum_placed();
CREATE CONSTRAINT TRIGGER orders_placed_paid AFTER UPDATE OF status ON orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((OLD.status = 'paid') <> (NEW.status = 'paid')) EXECUTE FUNCTION sum_placed();
CREATE CONSTRAINT TRIGGER orders_sold_at_once AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.status = 'paid' AND NEW.paid_at IS NOT NULL) EXECUTE FUNCTION sum_sales();
CREATE CONSTRAINT TRIGGER orders_sold AFTER UPDATE OF status, paid_at, currency, pay_currency, total ON orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((OLD.status = 'paid' OR NEW.status = 'paid') AND (OLD.status, OLD.paid_at, OLD.currency, OLD.pay_currency, OLD.total) IS DISTINCT FROM (NEW.status, NEW.paid_at, NEW.currency, NEW.pay_currency, NEW.total))
  EXECUTE FUNCTION sum_sales();

INSERT INTO sales_sums (span, currency, hour, pay_currency, orders, total) SELECT 1, currency, hour_of(paid_at), pay_currency, COUNT(*), SUM(total) FROM orders WHERE status = 'paid' AND paid_at IS NOT NULL GROUP BY 2, 3, 4;
INSERT INTO sales_sums (span, currency, hour, pay_currency, orders, total) SELECT 24, currency, hour / 24 * 24, pay_currency, SUM(orders), SUM(total) FROM sales_sums WHERE span = 1 GROUP BY 2, 3, 4;
INSERT INTO placed_sums (span, hour, orders, paid) SELECT 1, hour_of(created_at), COUNT(*), COUNT(*) FILTER (WHERE status = 'paid') FROM orders GROUP BY 2;
INSERT INTO placed_sums (span, hour, orders, paid) SELECT 24, hour / 24 * 24, SUM(orders), SUM(paid) FROM placed_sums WHERE span = 1 GROUP BY 2;
INSERT INTO took_sums (span, hour, took, orders) SELECT 1, hour_of(paid_at), took_of(created_at, paid_at), COUNT(*) FROM orders WHERE status = 'paid' AND paid_at IS NOT NULL GROUP BY 2, 3;
INSERT INTO took_sums (span, hour, took, orders) SELECT 24, hour / 24 * 24, took, SUM(orders) FROM took_sums WHERE span = 1 GROUP BY 2, 3;
-- +goose Down
DROP TRIGGER orders_sold ON orders;
DROP TRIGGER orders_sold_at_once ON orders;
DROP TRIGGER orders_placed_paid ON orders;
DROP TRIGGER orders_placed ON orders;
DROP FUNCTION sum_sales();
DROP FUNCTION sum_placed();
DROP FUNCTION took_of(TIMESTAMPTZ, TIMESTAMPTZ);
DROP FUNCTION hour_of(TIMESTAMPTZ);
DROP TABLE took_sums;
DROP TABLE placed_sums;
DROP TABLE sales_sums;
DROP INDEX staff_log_who_did;
DROP INDEX staff_log_did;
DROP INDEX staff_log_who;
DROP INDEX deliveries_endpoint_state;
DROP INDEX notifications_refused;
DROP INDEX payments_route;
DROP INDEX payments_hanging;
DROP INDEX payments_settled;
CREATE INDEX payments_settled ON payments (settled_at);
CREATE INDEX payments_status ON payments (status, updated_at);
DROP INDEX orders_flagged;
DROP INDEX orders_sales;
DROP INDEX orders_email_lower;
DROP INDEX orders_facets_number;
DROP INDEX orders_facets_total;
DROP INDEX orders_facets_created;
DROP INDEX orders_total;
CREATE INDEX orders_flagged ON orders (created_at, id) WHERE flags <> '';
CREATE INDEX orders_sales ON orders (status, paid_at, currency, total, pay_currency, created_at);
CREATE INDEX orders_email_lower ON orders (lower(email) COLLATE "binary");
CREATE INDEX orders_total ON orders (total, id);
CREATE INDEX orders_paid ON orders (paid_at);
CREATE INDEX orders_site ON orders (site_id, created_at);
CREATE INDEX orders_source ON orders (source, created_at);
CREATE INDEX orders_currency ON orders (pay_currency, created_at);
CREATE INDEX orders_email ON orders (email, created_at);
CREATE INDEX orders_status ON orders (status, created_at, id);
