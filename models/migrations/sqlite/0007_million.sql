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
  span         INTEGER NOT NULL,
  currency     TEXT NOT NULL,
  hour         INTEGER NOT NULL, -- of paid_at
  pay_currency TEXT NOT NULL,
  orders       INTEGER NOT NULL,
  total        INTEGER NOT NULL, -- minor
  PRIMARY KEY (span, hour, currency, pay_currency)
);
CREATE TABLE placed_sums (
  span   INTEGER NOT NULL,
  hour   INTEGER NOT NULL, -- of created_at
  orders INTEGER NOT NULL,
  paid   INTEGER NOT NULL, -- how many of them are paid
  PRIMARY KEY (span, hour)
);
CREATE TABLE took_sums (
  span   INTEGER NOT NULL,
  hour   INTEGER NOT NULL, -- of paid_at
  took   INTEGER NOT NULL, -- seconds from placing to paid, the coarser the longer
  orders INTEGER NOT NULL,
  PRIMARY KEY (span, hour, took)
);

-- +goose StatementBegin
CREATE TRIGGER orders_placed AFTER INSERT ON orders
BEGIN
  INSERT INTO placed_sums (span, hour, orders, paid) SELECT span, unixepoch(NEW.created_at) / 3600 / span * span, 1, NEW.status = 'paid' FROM (SELECT 1 AS span UNION ALL SELECT 24) WHERE TRUE
    ON CONFLICT (span, hour) DO UPDATE SET orders = orders + 1, paid = paid + excluded.paid;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER orders_placed_paid AFTER UPDATE OF status ON orders WHEN (OLD.status = 'paid') <> (NEW.status = 'paid')
BEGIN
  UPDATE placed_sums SET paid = paid + CASE WHEN NEW.status = 'paid' THEN 1 ELSE -1 END WHERE (span = 1 AND hour = unixepoch(NEW.created_at) / 3600) OR (span = 24 AND hour = unixepoch(NEW.created_at) / 86400 * 24);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER orders_sold_at_once AFTER INSERT ON orders WHEN NEW.status = 'paid' AND NEW.paid_at IS NOT NULL
BEGIN
  INSERT INTO sales_sums (span, currency, hour, pay_currency, orders, total) SELECT span, NEW.currency, unixepoch(NEW.paid_at) / 3600 / span * span, NEW.pay_currency, 1, NEW.total FROM (SELECT 1 AS span UNION ALL SELECT 24) WHERE TRUE
    ON CONFLICT (span, hour, currency, pay_currency) DO UPDATE SET orders = orders + 1, total = total + excluded.total;
  INSERT INTO took_sums (span, hour, took, orders) SELECT span, unixepoch(NEW.paid_at) / 3600 / span * span, CASE WHEN t < 600 THEN t / 10 * 10 WHEN t < 10800 THEN t / 60 * 60 WHEN t < 259200 THEN t / 900 * 900 ELSE t / 86400 * 86400 END, 1
    FROM (SELECT 1 AS span UNION ALL SELECT 24), (SELECT max(0, unixepoch(NEW.paid_at) - unixepoch(NEW.created_at)) AS t) WHERE TRUE
    ON CONFLICT (span, hour, took) DO UPDATE SET orders = orders + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER orders_sold AFTER UPDATE OF status, paid_at, currency, pay_currency, total ON orders WHEN NEW.status = 'paid' AND NEW.paid_at IS NOT NULL
  AND (OLD.status <> 'paid' OR OLD.paid_at IS NOT NEW.paid_at OR OLD.currency <> NEW.currency OR OLD.pay_currency <> NEW.pay_currency OR OLD.total <> NEW.total)
BEGIN
  INSERT INTO sales_sums (span, currency, hour, pay_currency, orders, total) SELECT span, NEW.currency, unixepoch(NEW.paid_at) / 3600 / span * span, NEW.pay_currency, 1, NEW.total FROM (SELECT 1 AS span UNION ALL SELECT 24) WHERE TRUE
    ON CONFLICT (span, hour, currency, pay_currency) DO UPDATE SET orders = orders + 1, total = total + excluded.total;
  INSERT INTO took_sums (span, hour, took, orders) SELECT span, unixepoch(NEW.paid_at) / 3600 / span * span, CASE WHEN t < 600 THEN t / 10 * 10 WHEN t < 10800 THEN t / 60 * 60 WHEN t < 259200 THEN t / 900 * 900 ELSE t / 86400 * 86400 END, 1
    FROM (SELECT 1 AS span UNION ALL SELECT 24), (SELECT max(0, unixepoch(NEW.paid_at) - unixepoch(NEW.created_at)) AS t) WHERE TRUE
    ON CONFLICT (span, hour, took) DO UPDATE SET orders = orders + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER orders_unsold AFTER UPDATE OF status, paid_at, currency, pay_currency, total ON orders WHEN OLD.status = 'paid' AND OLD.paid_at IS NOT NULL
  AND (NEW.status <> 'paid' OR OLD.paid_at IS NOT NEW.paid_at OR OLD.currency <> NEW.currency OR OLD.pay_currency <> NEW.pay_currency OR OLD.total <> NEW.total)
BEGIN
  UPDATE sales_sums SET orders = orders - 1, total = total - OLD.total WHERE currency = OLD.currency AND pay_currency = OLD.pay_currency
    AND ((span = 1 AND hour = unixepoch(OLD.paid_at) / 3600) OR (span = 24 AND hour = unixepoch(OLD.paid_at) / 86400 * 24));
  UPDATE took_sums SET orders = orders - 1 WHERE ((span = 1 AND hour = unixepoch(OLD.paid_at) / 3600) OR (span = 24 AND hour = unixepoch(OLD.paid_at) / 86400 * 24))
    AND took = (SELECT CASE WHEN t < 600 THEN t / 10 * 10 WHEN t < 10800 THEN t / 60 * 60 WHEN t < 259200 THEN t / 900 * 900 ELSE t / 86400 * 86400 END FROM (SELECT max(0, unixepoch(OLD.paid_at) - unixepoch(OLD.created_at)) AS t));
END;
-- +goose StatementEnd

INSERT INTO sales_sums (span, currency, hour, pay_currency, orders, total) SELECT 1, currency, unixepoch(paid_at) / 3600, pay_currency, COUNT(*), SUM(total) FROM orders WHERE status = 'paid' AND paid_at IS NOT NULL GROUP BY 2, 3, 4;
INSERT INTO sales_sums (span, currency, hour, pay_currency, orders, total) SELECT 24, currency, hour / 24 * 24, pay_currency, SUM(orders), SUM(total) FROM sales_sums WHERE span = 1 GROUP BY 2, 3, 4;
INSERT INTO placed_sums (span, hour, orders, paid) SELECT 1, unixepoch(created_at) / 3600, COUNT(*), SUM(status = 'paid') FROM orders GROUP BY 2;
INSERT INTO placed_sums (span, hour, orders, paid) SELECT 24, hour / 24 * 24, SUM(orders), SUM(paid) FROM placed_sums WHERE span = 1 GROUP BY 2;
INSERT INTO took_sums (span, hour, took, orders) SELECT 1, hour, CASE WHEN t < 600 THEN t / 10 * 10 WHEN t < 10800 THEN t / 60 * 60 WHEN t < 259200 THEN t / 900 * 900 ELSE t / 86400 * 86400 END, COUNT(*)
  FROM (SELECT unixepoch(paid_at) / 3600 AS hour, max(0, unixepoch(paid_at) - unixepoch(created_at)) AS t FROM orders WHERE status = 'paid' AND paid_at IS NOT NULL) GROUP BY 2, 3;
INSERT INTO took_sums (span, hour, took, orders) SELECT 24, hour / 24 * 24, took, SUM(orders) FROM took_sums WHERE span = 1 GROUP BY 2, 3;

-- +goose Down
DROP TRIGGER orders_unsold;
DROP TRIGGER orders_sold;
DROP TRIGGER orders_sold_at_once;
DROP TRIGGER orders_placed_paid;
DROP TRIGGER orders_placed;
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
