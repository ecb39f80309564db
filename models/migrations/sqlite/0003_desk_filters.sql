-- +goose Up
-- Filters of the list of orders that a person keeps under a name, what of the inbox was seen, answers to refunds that customers ask for, and the
-- exchanger's fee for the books.
CREATE TABLE desk_filters (
  id         INTEGER PRIMARY KEY,
  staff_id   INTEGER NOT NULL REFERENCES staff(id) ON DELETE CASCADE,
  name       TEXT NOT NULL,
  query      TEXT NOT NULL, -- of the address, without the place in the list
  created_at DATETIME NOT NULL
);
CREATE UNIQUE INDEX desk_filters_name ON desk_filters (staff_id, name);

CREATE TABLE inbox_seen (
  subject TEXT PRIMARY KEY, -- what: flags/ORDER/FLAGS, refused
  at      DATETIME NOT NULL,
  who     TEXT NOT NULL
);

ALTER TABLE refunds ADD COLUMN answer TEXT NOT NULL DEFAULT ''; -- what the shop tells the customer: why not, or anything to add
ALTER TABLE refunds ADD COLUMN answered_by TEXT NOT NULL DEFAULT '';
ALTER TABLE refunds ADD COLUMN answered_at DATETIME; -- null: recorded by the shop itself, or not answered yet

ALTER TABLE payments ADD COLUMN route_fee TEXT; -- the route's flat fee when the payment was made, in units of to; null: not known

-- +goose Down
ALTER TABLE payments DROP COLUMN route_fee;
ALTER TABLE refunds DROP COLUMN answered_at;
ALTER TABLE refunds DROP COLUMN answered_by;
ALTER TABLE refunds DROP COLUMN answer;
DROP TABLE inbox_seen;
DROP TABLE desk_filters;
