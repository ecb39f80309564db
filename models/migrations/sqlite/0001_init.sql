-- +goose Up
-- Words of a column: minor = minor units of the shop currency; decimal = exact decimal text; sealed = encrypted with the key file,
-- bound to its table, column and row; digest = SHA-256, hex; json = JSON text, byte for byte as written. Times are UTC.

CREATE TABLE counters (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
);
INSERT INTO counters (name, value) VALUES ('order_number', 1000), ('order_event', 0);

CREATE TABLE settings (
  key        TEXT PRIMARY KEY,
  value      TEXT NOT NULL, -- json
  updated_at DATETIME NOT NULL,
  updated_by TEXT NOT NULL DEFAULT ''
);

CREATE TABLE sites (
  id            INTEGER PRIMARY KEY,
  name          TEXT NOT NULL,
  base_url      TEXT NOT NULL,
  api_path      TEXT NOT NULL,
  headers       BLOB, -- sealed json
  partner       TEXT NOT NULL DEFAULT '',
  active        BOOLEAN NOT NULL DEFAULT TRUE, -- is in the configuration now
  negative      TEXT NOT NULL DEFAULT '', -- whether a negative amount is understood: '' not known, yes, no
  circuit       TEXT NOT NULL DEFAULT 'closed',
  failing_since DATETIME,
  last_ok_at    DATETIME,
  last_error    TEXT NOT NULL DEFAULT '',
  retry_at      DATETIME, -- the exchanger asked for no calls before
  clock_diff_ms INTEGER NOT NULL DEFAULT 0, -- exchanger's clock minus ours
  routes_at     DATETIME, -- when the list of routes was last read
  created_at    DATETIME NOT NULL,
  updated_at    DATETIME NOT NULL
);
CREATE UNIQUE INDEX sites_address ON sites (base_url, api_path);

CREATE TABLE routes (
  id           INTEGER PRIMARY KEY,
  site_id      INTEGER NOT NULL REFERENCES sites(id),
  route_id     TEXT NOT NULL, -- the exchanger's
  from_xml     TEXT NOT NULL,
  from_name    TEXT NOT NULL,
  from_symbol  TEXT NOT NULL,
  from_image   TEXT NOT NULL DEFAULT '',
  to_xml       TEXT NOT NULL,
  to_name      TEXT NOT NULL,
  to_symbol    TEXT NOT NULL,
  position     INTEGER NOT NULL DEFAULT 0,
  shown        BOOLEAN NOT NULL, -- isShowWeb
  listed       BOOLEAN NOT NULL, -- stood in the last list
  switched_off BOOLEAN NOT NULL DEFAULT FALSE, -- by the merchant
  rank         INTEGER NOT NULL DEFAULT 0, -- merchant's order, 0: the exchanger's
  doc          TEXT NOT NULL DEFAULT '', -- json: the whole route as last read
  doc_at       DATETIME,
  seen_at      DATETIME NOT NULL,
  problem      TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX routes_identity ON routes (site_id, route_id);
CREATE INDEX routes_from ON routes (from_xml);

CREATE TABLE route_rates (
  id          INTEGER PRIMARY KEY,
  route_ref   INTEGER NOT NULL REFERENCES routes(id) ON DELETE CASCADE,
  at          DATETIME NOT NULL,
  rate_in     TEXT NOT NULL,
  rate_out    TEXT NOT NULL,
  reserve     TEXT NOT NULL
);
CREATE INDEX route_rates_at ON route_rates (route_ref, at);

CREATE TABLE pictures (
  id           INTEGER PRIMARY KEY,
  name         TEXT NOT NULL, -- content digest with its ending: safe in an address
  content_type TEXT NOT NULL,
  body         BLOB NOT NULL,
  source       TEXT NOT NULL DEFAULT '', -- address it was fetched from, when it was
  created_at   DATETIME NOT NULL
);
CREATE UNIQUE INDEX pictures_name ON pictures (name);
CREATE INDEX pictures_source ON pictures (source);

CREATE TABLE categories (
  id       INTEGER PRIMARY KEY,
  slug     TEXT NOT NULL,
  title    TEXT NOT NULL, -- json: language to text
  position INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX categories_slug ON categories (slug);

CREATE TABLE products (
  id          INTEGER PRIMARY KEY,
  slug        TEXT NOT NULL,
  category_id INTEGER REFERENCES categories(id),
  title       TEXT NOT NULL, -- json: language to text
  summary     TEXT NOT NULL DEFAULT '{}', -- json: language to text
  description TEXT NOT NULL DEFAULT '{}', -- json: language to text
  price       INTEGER NOT NULL CHECK (price >= 0), -- minor
  stock       INTEGER CHECK (stock >= 0), -- pieces on hand; null: not counted
  held        INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0), -- pieces of stock promised to open orders
  picture     TEXT NOT NULL DEFAULT '', -- address below /static or /pictures
  hidden      BOOLEAN NOT NULL DEFAULT FALSE,
  position    INTEGER NOT NULL DEFAULT 0,
  version     INTEGER NOT NULL DEFAULT 1,
  created_at  DATETIME NOT NULL,
  updated_at  DATETIME NOT NULL
);
CREATE UNIQUE INDEX products_slug ON products (slug);

CREATE TABLE carts (
  id         INTEGER PRIMARY KEY,
  token_hash TEXT NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL
);
CREATE UNIQUE INDEX carts_token ON carts (token_hash);
CREATE INDEX carts_updated ON carts (updated_at);

CREATE TABLE cart_lines (
  cart_id    INTEGER NOT NULL REFERENCES carts(id) ON DELETE CASCADE,
  product_id INTEGER NOT NULL REFERENCES products(id) ON DELETE CASCADE,
  quantity   INTEGER NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (cart_id, product_id)
);

CREATE TABLE links (
  id          INTEGER PRIMARY KEY,
  slug        TEXT NOT NULL,
  title       TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  amount      INTEGER CHECK (amount > 0), -- minor; null: the customer names it
  max_uses    INTEGER CHECK (max_uses > 0),
  uses        INTEGER NOT NULL DEFAULT 0, -- orders placed and not closed unpaid
  expires_at  DATETIME,
  active      BOOLEAN NOT NULL DEFAULT TRUE,
  metadata    TEXT NOT NULL DEFAULT '{}',
  created_at  DATETIME NOT NULL,
  updated_at  DATETIME NOT NULL
);
CREATE UNIQUE INDEX links_slug ON links (slug);

CREATE TABLE orders (
  id            INTEGER PRIMARY KEY,
  number        INTEGER NOT NULL,
  token_hash    TEXT NOT NULL,
  token         BLOB NOT NULL, -- sealed
  source        TEXT NOT NULL, -- cart, amount, link, api
  link_id       INTEGER REFERENCES links(id),
  status        TEXT NOT NULL,
  flags         TEXT NOT NULL DEFAULT '', -- words, one space between
  review_reason TEXT NOT NULL DEFAULT '',
  accepted      TEXT NOT NULL DEFAULT '', -- what a person accepted: underpaid, or a review reason
  version       INTEGER NOT NULL DEFAULT 1,
  currency      TEXT NOT NULL,
  total         INTEGER NOT NULL CHECK (total > 0), -- minor
  received      INTEGER NOT NULL DEFAULT 0, -- minor: settled payments at the rate promised at placing
  email         TEXT NOT NULL DEFAULT '',
  lang          TEXT NOT NULL DEFAULT 'en',
  description   TEXT NOT NULL DEFAULT '',
  metadata      TEXT NOT NULL DEFAULT '{}', -- json
  return_url    TEXT NOT NULL DEFAULT '',
  stock         TEXT NOT NULL DEFAULT 'none', -- none, held, taken, released, short
  closed        TEXT NOT NULL DEFAULT '', -- '', expired, cancelled: who or what closed it
  pay_currency  TEXT NOT NULL DEFAULT '', -- from currency's code of the newest payment, for lists
  site_id       INTEGER REFERENCES sites(id), -- of the newest payment, for lists
  created_at    DATETIME NOT NULL,
  expires_at    DATETIME NOT NULL,
  closed_at     DATETIME,
  paid_at       DATETIME,
  watched_at    DATETIME, -- when a customer last looked on
  updated_at    DATETIME NOT NULL
);
CREATE UNIQUE INDEX orders_number ON orders (number);
CREATE UNIQUE INDEX orders_token ON orders (token_hash);
CREATE INDEX orders_created ON orders (created_at, id);
CREATE INDEX orders_total ON orders (total, id);
CREATE INDEX orders_status ON orders (status, created_at, id);
CREATE INDEX orders_email ON orders (email, created_at);
CREATE INDEX orders_currency ON orders (pay_currency, created_at);
CREATE INDEX orders_source ON orders (source, created_at);
CREATE INDEX orders_site ON orders (site_id, created_at);
CREATE INDEX orders_paid ON orders (paid_at);
CREATE INDEX orders_due ON orders (expires_at) WHERE status = 'open';
CREATE INDEX orders_held ON orders (id) WHERE stock = 'held';

CREATE TABLE order_lines (
  id         INTEGER PRIMARY KEY,
  order_id   INTEGER NOT NULL REFERENCES orders(id),
  position   INTEGER NOT NULL,
  product_id INTEGER REFERENCES products(id) ON DELETE SET NULL,
  title      TEXT NOT NULL,
  picture    TEXT NOT NULL DEFAULT '',
  quantity   INTEGER NOT NULL CHECK (quantity > 0),
  unit_price INTEGER NOT NULL, -- minor
  total      INTEGER NOT NULL  -- minor
);
CREATE UNIQUE INDEX order_lines_position ON order_lines (order_id, position);
CREATE INDEX order_lines_product ON order_lines (product_id, order_id);

CREATE TABLE attempts (
  key_hash   TEXT PRIMARY KEY, -- scope and value
  input_hash TEXT NOT NULL,
  order_id   INTEGER NOT NULL REFERENCES orders(id),
  payment_id INTEGER,
  created_at DATETIME NOT NULL
);

CREATE TABLE payments (
  id                INTEGER PRIMARY KEY,
  order_id          INTEGER NOT NULL REFERENCES orders(id),
  seq               INTEGER NOT NULL, -- 1, 2, … within the order
  token_hash        TEXT NOT NULL, -- of the token in the notification address
  ipn_secret        BLOB NOT NULL, -- sealed
  site_id           INTEGER NOT NULL REFERENCES sites(id),
  route_id          TEXT NOT NULL, -- the exchanger's
  phase             TEXT NOT NULL, -- creating, refused, unclear, live
  status            TEXT NOT NULL DEFAULT '', -- the exchanger's own word; '' before one is known
  uid               TEXT NOT NULL DEFAULT '',
  exchange_id       TEXT NOT NULL DEFAULT '', -- orderId
  secret            BLOB, -- sealed
  from_xml          TEXT NOT NULL,
  from_name         TEXT NOT NULL,
  from_symbol       TEXT NOT NULL,
  from_decimals     INTEGER NOT NULL,
  to_xml            TEXT NOT NULL,
  to_name           TEXT NOT NULL,
  to_symbol         TEXT NOT NULL,
  to_decimals       INTEGER NOT NULL,
  payout_rate       TEXT NOT NULL, -- units of to for one unit of the shop currency
  price             INTEGER NOT NULL, -- minor: what this payment is to bring
  price_out         TEXT NOT NULL, -- the same in units of to
  payout_values     BLOB, -- sealed json: what was sent as toValues
  payout_digest     TEXT NOT NULL DEFAULT '',
  quoted_in         TEXT NOT NULL,
  quoted_out        TEXT NOT NULL,
  quoted_at         DATETIME NOT NULL,
  ordered_in        TEXT, -- answer of create
  ordered_out       TEXT,
  current_in        TEXT, -- last learnt
  current_out       TEXT,
  settled_in        TEXT,
  settled_out       TEXT,
  flags             TEXT NOT NULL DEFAULT '',
  contradiction     TEXT NOT NULL DEFAULT '', -- why a person has to look
  last_stamp        INTEGER NOT NULL DEFAULT 0, -- ms: timestamp of the last applied notification
  pull_stamp        INTEGER NOT NULL DEFAULT 0, -- ms: exchanger's clock at the last pull that was answered
  superseded        BOOLEAN NOT NULL DEFAULT FALSE, -- a later attempt took its place
  cancel_asked      BOOLEAN NOT NULL DEFAULT FALSE, -- we asked the exchanger to cancel it
  hints             INTEGER NOT NULL DEFAULT 0, -- notifications without a hash
  wrong_hashes      INTEGER NOT NULL DEFAULT 0,
  proven            INTEGER NOT NULL DEFAULT 0, -- notifications with a right hash
  pulled_at         DATETIME, -- last answered pull
  pull_failures     INTEGER NOT NULL DEFAULT 0, -- in a row
  pull_error        TEXT NOT NULL DEFAULT '',
  next_pull_at      DATETIME, -- null: nothing more is to be learnt
  seen_at           DATETIME, -- the exchanger saw the money
  settled_at        DATETIME,
  events            INTEGER NOT NULL DEFAULT 0, -- how many its log holds
  head              TEXT NOT NULL DEFAULT '', -- digest of the newest event
  pay_data          TEXT NOT NULL DEFAULT '', -- json: what is needed to pay on the shop's own page, as last pulled
  created_at        DATETIME NOT NULL,
  updated_at        DATETIME NOT NULL
);
CREATE UNIQUE INDEX payments_seq ON payments (order_id, seq);
CREATE UNIQUE INDEX payments_token ON payments (token_hash);
CREATE INDEX payments_due ON payments (next_pull_at) WHERE next_pull_at IS NOT NULL;
CREATE INDEX payments_uid ON payments (uid);
CREATE INDEX payments_exchange ON payments (exchange_id);
CREATE INDEX payments_status ON payments (status, updated_at);
CREATE INDEX payments_settled ON payments (settled_at);

CREATE TABLE payment_events (
  id              INTEGER PRIMARY KEY,
  payment_id      INTEGER NOT NULL REFERENCES payments(id),
  seq             INTEGER NOT NULL,
  at              DATETIME NOT NULL,
  source          TEXT NOT NULL, -- form, notification, pull, return, timer, person
  kind            TEXT NOT NULL,
  outcome         TEXT NOT NULL, -- applied, kept, refused
  reason          TEXT NOT NULL DEFAULT '',
  status          TEXT NOT NULL DEFAULT '', -- the status that was learnt, in the exchanger's word
  data            TEXT NOT NULL, -- json: what was learnt, and the columns of the payment that it changed
  raw             BLOB, -- sealed: the body as received
  raw_digest      TEXT NOT NULL DEFAULT '',
  request_id      TEXT NOT NULL DEFAULT '', -- the exchanger's
  who             TEXT NOT NULL DEFAULT '',
  prev            TEXT NOT NULL, -- digest of the payment's event before it
  digest          TEXT NOT NULL
);
CREATE UNIQUE INDEX payment_events_seq ON payment_events (payment_id, seq);
CREATE INDEX payment_events_at ON payment_events (at);

CREATE TABLE order_events (
  id       INTEGER PRIMARY KEY, -- from the counter: no gap, in the order of commits
  order_id INTEGER NOT NULL REFERENCES orders(id),
  type     TEXT NOT NULL, -- order.created, …
  version  INTEGER NOT NULL, -- of the order
  at       DATETIME NOT NULL,
  data     TEXT NOT NULL DEFAULT '{}' -- json
);
CREATE INDEX order_events_order ON order_events (order_id, id);

CREATE TABLE order_notes (
  id       INTEGER PRIMARY KEY,
  order_id INTEGER NOT NULL REFERENCES orders(id),
  at       DATETIME NOT NULL,
  who      TEXT NOT NULL,
  body     TEXT NOT NULL
);
CREATE INDEX order_notes_order ON order_notes (order_id, id);

CREATE TABLE notifications (
  id           INTEGER PRIMARY KEY,
  payment_id   INTEGER REFERENCES payments(id),
  at           DATETIME NOT NULL,
  answer       INTEGER NOT NULL, -- HTTP status given
  outcome      TEXT NOT NULL, -- applied, kept, hint, refused, unknown, unreadable
  reason       TEXT NOT NULL DEFAULT '',
  status       TEXT NOT NULL DEFAULT '',
  content_type TEXT NOT NULL DEFAULT '',
  remote       TEXT NOT NULL DEFAULT '',
  body         BLOB -- sealed, cut at 64 KiB
);
CREATE INDEX notifications_at ON notifications (at, id);
CREATE INDEX notifications_outcome ON notifications (outcome, id);
CREATE INDEX notifications_payment ON notifications (payment_id, id);

CREATE TABLE exchange_calls (
  id         INTEGER PRIMARY KEY,
  site_id    INTEGER NOT NULL REFERENCES sites(id),
  payment_id INTEGER REFERENCES payments(id),
  at         DATETIME NOT NULL,
  method     TEXT NOT NULL,
  path       TEXT NOT NULL,
  status     INTEGER NOT NULL, -- HTTP status, 0 without an answer
  request_id TEXT NOT NULL DEFAULT '',
  took_ms    INTEGER NOT NULL,
  request    TEXT NOT NULL DEFAULT '', -- secrets masked
  response   TEXT NOT NULL DEFAULT '', -- secrets masked
  error      TEXT NOT NULL DEFAULT ''
);
CREATE INDEX exchange_calls_payment ON exchange_calls (payment_id, id);
CREATE INDEX exchange_calls_at ON exchange_calls (at);

CREATE TABLE payouts (
  id           INTEGER PRIMARY KEY,
  list         BLOB NOT NULL, -- sealed json: the whole list, in order of preference
  digest       TEXT NOT NULL,
  summary      TEXT NOT NULL DEFAULT '', -- wallets cut short, for the log
  created_by   TEXT NOT NULL,
  created_at   DATETIME NOT NULL,
  effective_at DATETIME NOT NULL,
  cancelled_at DATETIME,
  cancelled_by TEXT NOT NULL DEFAULT ''
);
CREATE INDEX payouts_effective ON payouts (effective_at, id);

CREATE TABLE refunds (
  id         INTEGER PRIMARY KEY,
  public_id  TEXT NOT NULL,
  order_id   INTEGER NOT NULL REFERENCES orders(id),
  state      TEXT NOT NULL, -- asked, sent, refused
  amount     TEXT,
  currency   TEXT NOT NULL DEFAULT '',
  reference  TEXT NOT NULL DEFAULT '',
  reason     TEXT NOT NULL DEFAULT '',
  address    BLOB, -- sealed
  network    TEXT NOT NULL DEFAULT '',
  created_by TEXT NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL
);
CREATE UNIQUE INDEX refunds_public ON refunds (public_id);
CREATE INDEX refunds_order ON refunds (order_id, id);
CREATE INDEX refunds_state ON refunds (state, id);

CREATE TABLE staff (
  id             INTEGER PRIMARY KEY,
  email          TEXT NOT NULL, -- lower case
  name           TEXT NOT NULL DEFAULT '',
  role           TEXT NOT NULL, -- owner, manager, viewer
  password       TEXT NOT NULL DEFAULT '', -- argon2id; '' until an invitation is taken up
  totp           BLOB, -- sealed
  totp_pending   BLOB, -- sealed: shown, not yet confirmed
  totp_step      INTEGER NOT NULL DEFAULT 0, -- last used time step: a code works once
  recovery       TEXT NOT NULL DEFAULT '[]', -- json: digests of unused codes
  notify         TEXT NOT NULL DEFAULT '[]', -- json: what to write to them about
  lang           TEXT NOT NULL DEFAULT 'en',
  disabled_at    DATETIME,
  last_signin_at DATETIME,
  version        INTEGER NOT NULL DEFAULT 1,
  created_at     DATETIME NOT NULL,
  updated_at     DATETIME NOT NULL
);
CREATE UNIQUE INDEX staff_email ON staff (email);

CREATE TABLE passkeys (
  id            INTEGER PRIMARY KEY,
  staff_id      INTEGER NOT NULL REFERENCES staff(id) ON DELETE CASCADE,
  credential_id TEXT NOT NULL,
  name          TEXT NOT NULL,
  doc           TEXT NOT NULL, -- json
  created_at    DATETIME NOT NULL,
  used_at       DATETIME
);
CREATE UNIQUE INDEX passkeys_credential ON passkeys (credential_id);

CREATE TABLE sessions (
  id_hash    TEXT PRIMARY KEY,
  staff_id   INTEGER REFERENCES staff(id) ON DELETE CASCADE,
  data       BLOB NOT NULL, -- sealed json
  remote     TEXT NOT NULL DEFAULT '',
  agent      TEXT NOT NULL DEFAULT '',
  created_at DATETIME NOT NULL,
  seen_at    DATETIME NOT NULL,
  fresh_at   DATETIME, -- last proof of password or second factor
  expires_at DATETIME NOT NULL
);
CREATE INDEX sessions_staff ON sessions (staff_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE tickets (
  id_hash    TEXT PRIMARY KEY,
  purpose    TEXT NOT NULL, -- setup, invite
  staff_id   INTEGER REFERENCES staff(id) ON DELETE CASCADE,
  created_at DATETIME NOT NULL,
  expires_at DATETIME NOT NULL,
  used_at    DATETIME
);

CREATE TABLE staff_log (
  id       INTEGER PRIMARY KEY,
  at       DATETIME NOT NULL,
  staff_id INTEGER,
  who      TEXT NOT NULL, -- e-mail, name of the key, or command
  action   TEXT NOT NULL,
  subject  TEXT NOT NULL DEFAULT '',
  detail   TEXT NOT NULL DEFAULT '{}', -- json
  remote   TEXT NOT NULL DEFAULT ''
);
CREATE INDEX staff_log_at ON staff_log (at, id);
CREATE INDEX staff_log_subject ON staff_log (subject, id);

CREATE TABLE api_keys (
  id           INTEGER PRIMARY KEY,
  name         TEXT NOT NULL,
  prefix       TEXT NOT NULL,
  hash         TEXT NOT NULL,
  scopes       TEXT NOT NULL, -- words, one space between
  created_by   TEXT NOT NULL,
  created_at   DATETIME NOT NULL,
  last_used_at DATETIME,
  revoked_at   DATETIME
);
CREATE UNIQUE INDEX api_keys_hash ON api_keys (hash);

CREATE TABLE webhook_endpoints (
  id             INTEGER PRIMARY KEY,
  public_id      TEXT NOT NULL,
  url            TEXT NOT NULL,
  events         TEXT NOT NULL DEFAULT '', -- words, one space between; '': all
  secret         BLOB NOT NULL, -- sealed
  old_secret     BLOB, -- sealed: signs too until old_until
  old_until      DATETIME,
  paused         BOOLEAN NOT NULL DEFAULT FALSE,
  disabled_at    DATETIME,
  disabled_why   TEXT NOT NULL DEFAULT '',
  failing_since  DATETIME,
  last_ok_at     DATETIME,
  deleted_at     DATETIME,
  created_at     DATETIME NOT NULL,
  updated_at     DATETIME NOT NULL
);
CREATE UNIQUE INDEX webhook_endpoints_public ON webhook_endpoints (public_id);

CREATE TABLE deliveries (
  id           INTEGER PRIMARY KEY,
  public_id    TEXT NOT NULL, -- the webhook-id: the same through every try
  endpoint_id  INTEGER NOT NULL REFERENCES webhook_endpoints(id),
  event_id     INTEGER REFERENCES order_events(id), -- null: a test
  type         TEXT NOT NULL,
  body         TEXT NOT NULL,
  state        TEXT NOT NULL, -- waiting, delivered, failed
  tries        INTEGER NOT NULL DEFAULT 0,
  last_status  INTEGER NOT NULL DEFAULT 0,
  last_error   TEXT NOT NULL DEFAULT '',
  last_took_ms INTEGER NOT NULL DEFAULT 0,
  next_at      DATETIME,
  created_at   DATETIME NOT NULL,
  delivered_at DATETIME
);
CREATE UNIQUE INDEX deliveries_public ON deliveries (public_id);
CREATE UNIQUE INDEX deliveries_once ON deliveries (endpoint_id, event_id);
CREATE INDEX deliveries_state ON deliveries (state, id);
CREATE INDEX deliveries_endpoint ON deliveries (endpoint_id, id);

CREATE TABLE mails (
  id         INTEGER PRIMARY KEY,
  once       TEXT NOT NULL, -- what it is about: the same is written once
  kind       TEXT NOT NULL,
  order_id   INTEGER REFERENCES orders(id),
  recipient  TEXT NOT NULL,
  lang       TEXT NOT NULL,
  data       TEXT NOT NULL DEFAULT '{}', -- json
  state      TEXT NOT NULL, -- waiting, sent, failed
  tries      INTEGER NOT NULL DEFAULT 0,
  error      TEXT NOT NULL DEFAULT '',
  created_at DATETIME NOT NULL,
  sent_at    DATETIME
);
CREATE UNIQUE INDEX mails_once ON mails (once);
CREATE INDEX mails_order ON mails (order_id, id);
CREATE INDEX mails_state ON mails (state, id);

CREATE TABLE limits (
  key TEXT PRIMARY KEY,
  tat INTEGER NOT NULL -- µs
);

-- +goose StatementBegin
CREATE TRIGGER payment_events_no_update BEFORE UPDATE ON payment_events
BEGIN
  SELECT RAISE(ABORT, 'payment_events is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER payment_events_no_delete BEFORE DELETE ON payment_events
BEGIN
  SELECT RAISE(ABORT, 'payment_events is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER order_events_no_update BEFORE UPDATE ON order_events
BEGIN
  SELECT RAISE(ABORT, 'order_events is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER order_events_no_delete BEFORE DELETE ON order_events
BEGIN
  SELECT RAISE(ABORT, 'order_events is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER staff_log_no_update BEFORE UPDATE ON staff_log
BEGIN
  SELECT RAISE(ABORT, 'staff_log is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER staff_log_no_delete BEFORE DELETE ON staff_log
BEGIN
  SELECT RAISE(ABORT, 'staff_log is append-only');
END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE limits;
DROP TABLE mails;
DROP TABLE deliveries;
DROP TABLE webhook_endpoints;
DROP TABLE api_keys;
DROP TABLE staff_log;
DROP TABLE tickets;
DROP TABLE sessions;
DROP TABLE passkeys;
DROP TABLE staff;
DROP TABLE refunds;
DROP TABLE payouts;
DROP TABLE exchange_calls;
DROP TABLE notifications;
DROP TABLE order_notes;
DROP TABLE order_events;
DROP TABLE payment_events;
DROP TABLE payments;
DROP TABLE attempts;
DROP TABLE order_lines;
DROP TABLE orders;
DROP TABLE links;
DROP TABLE cart_lines;
DROP TABLE carts;
DROP TABLE products;
DROP TABLE categories;
DROP TABLE pictures;
DROP TABLE route_rates;
DROP TABLE routes;
DROP TABLE sites;
DROP TABLE settings;
DROP TABLE counters;
