-- +goose Up
-- Words of a column: minor = minor units of the shop currency; decimal = exact decimal text; sealed = encrypted with the key file,
-- bound to its table, column and row; digest = SHA-256, hex; json = JSON text, byte for byte as written. Times are UTC.

CREATE TABLE counters (
  name  TEXT PRIMARY KEY,
  value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('order_number', 1000), ('order_event', 0);

CREATE TABLE settings (
  key        TEXT PRIMARY KEY,
  value      TEXT NOT NULL, -- json
  updated_at TIMESTAMPTZ NOT NULL,
  updated_by TEXT NOT NULL DEFAULT ''
);

CREATE TABLE sites (
  id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name          TEXT NOT NULL,
  base_url      TEXT NOT NULL,
  api_path      TEXT NOT NULL,
  headers       BYTEA, -- sealed json
  partner       TEXT NOT NULL DEFAULT '',
  active        BOOLEAN NOT NULL DEFAULT TRUE, -- is in the configuration now
  negative      TEXT NOT NULL DEFAULT '', -- whether a negative amount is understood: '' not known, yes, no
  circuit       TEXT NOT NULL DEFAULT 'closed',
  failing_since TIMESTAMPTZ,
  last_ok_at    TIMESTAMPTZ,
  last_error    TEXT NOT NULL DEFAULT '',
  retry_at      TIMESTAMPTZ, -- the exchanger asked for no calls before
  clock_diff_ms BIGINT NOT NULL DEFAULT 0, -- exchanger's clock minus ours
  routes_at     TIMESTAMPTZ, -- when the list of routes was last read
  created_at    TIMESTAMPTZ NOT NULL,
  updated_at    TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX sites_address ON sites (base_url, api_path);

CREATE TABLE routes (
  id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  site_id      BIGINT NOT NULL REFERENCES sites(id),
  route_id     TEXT NOT NULL, -- the exchanger's
  from_xml     TEXT NOT NULL,
  from_name    TEXT NOT NULL,
  from_symbol  TEXT NOT NULL,
  from_image   TEXT NOT NULL DEFAULT '',
  to_xml       TEXT NOT NULL,
  to_name      TEXT NOT NULL,
  to_symbol    TEXT NOT NULL,
  position     BIGINT NOT NULL DEFAULT 0,
  shown        BOOLEAN NOT NULL, -- isShowWeb
  listed       BOOLEAN NOT NULL, -- stood in the last list
  switched_off BOOLEAN NOT NULL DEFAULT FALSE, -- by the merchant
  rank         BIGINT NOT NULL DEFAULT 0, -- merchant's order, 0: the exchanger's
  doc          TEXT NOT NULL DEFAULT '', -- json: the whole route as last read
  doc_at       TIMESTAMPTZ,
  seen_at      TIMESTAMPTZ NOT NULL,
  problem      TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX routes_identity ON routes (site_id, route_id);
CREATE INDEX routes_from ON routes (from_xml);

CREATE TABLE route_rates (
  id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  route_ref   BIGINT NOT NULL REFERENCES routes(id) ON DELETE CASCADE,
  at          TIMESTAMPTZ NOT NULL,
  rate_in     NUMERIC NOT NULL,
  rate_out    NUMERIC NOT NULL,
  reserve     NUMERIC NOT NULL
);
CREATE INDEX route_rates_at ON route_rates (route_ref, at);

CREATE TABLE pictures (
  id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name         TEXT NOT NULL, -- content digest with its ending: safe in an address
  content_type TEXT NOT NULL,
  body         BYTEA NOT NULL,
  source       TEXT NOT NULL DEFAULT '', -- address it was fetched from, when it was
  created_at   TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX pictures_name ON pictures (name);
CREATE INDEX pictures_source ON pictures (source);

CREATE TABLE categories (
  id       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  slug     TEXT NOT NULL,
  title    TEXT NOT NULL, -- json: language to text
  position BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX categories_slug ON categories (slug);

CREATE TABLE products (
  id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  slug        TEXT NOT NULL,
  category_id BIGINT REFERENCES categories(id),
  title       TEXT NOT NULL, -- json: language to text
  summary     TEXT NOT NULL DEFAULT '{}', -- json: language to text
  description TEXT NOT NULL DEFAULT '{}', -- json: language to text
  price       BIGINT NOT NULL CHECK (price >= 0), -- minor
  stock       BIGINT CHECK (stock >= 0), -- pieces on hand; null: not counted
  held        BIGINT NOT NULL DEFAULT 0 CHECK (held >= 0), -- pieces of stock promised to open orders
  picture     TEXT NOT NULL DEFAULT '', -- address below /static or /pictures
  hidden      BOOLEAN NOT NULL DEFAULT FALSE,
  position    BIGINT NOT NULL DEFAULT 0,
  version     BIGINT NOT NULL DEFAULT 1,
  created_at  TIMESTAMPTZ NOT NULL,
  updated_at  TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX products_slug ON products (slug);

CREATE TABLE carts (
  id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token_hash TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX carts_token ON carts (token_hash);
CREATE INDEX carts_updated ON carts (updated_at);

CREATE TABLE cart_lines (
  cart_id    BIGINT NOT NULL REFERENCES carts(id) ON DELETE CASCADE,
  product_id BIGINT NOT NULL REFERENCES products(id) ON DELETE CASCADE,
  quantity   BIGINT NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (cart_id, product_id)
);

CREATE TABLE links (
  id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  slug        TEXT NOT NULL,
  title       TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  amount      BIGINT CHECK (amount > 0), -- minor; null: the customer names it
  max_uses    BIGINT CHECK (max_uses > 0),
  uses        BIGINT NOT NULL DEFAULT 0, -- orders placed and not closed unpaid
  expires_at  TIMESTAMPTZ,
  active      BOOLEAN NOT NULL DEFAULT TRUE,
  metadata    TEXT NOT NULL DEFAULT '{}',
  created_at  TIMESTAMPTZ NOT NULL,
  updated_at  TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX links_slug ON links (slug);

CREATE TABLE orders (
  id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  number        BIGINT NOT NULL,
  token_hash    TEXT NOT NULL,
  token         BYTEA NOT NULL, -- sealed
  source        TEXT NOT NULL, -- cart, amount, link, api
  link_id       BIGINT REFERENCES links(id),
  status        TEXT NOT NULL,
  flags         TEXT NOT NULL DEFAULT '', -- words, one space between
  review_reason TEXT NOT NULL DEFAULT '',
  accepted      TEXT NOT NULL DEFAULT '', -- what a person accepted: underpaid, or a review reason
  version       BIGINT NOT NULL DEFAULT 1,
  currency      TEXT NOT NULL,
  total         BIGINT NOT NULL CHECK (total > 0), -- minor
  received      BIGINT NOT NULL DEFAULT 0, -- minor: settled payments at the rate promised at placing
  email         TEXT NOT NULL DEFAULT '',
  lang          TEXT NOT NULL DEFAULT 'en',
  description   TEXT NOT NULL DEFAULT '',
  metadata      TEXT NOT NULL DEFAULT '{}', -- json
  return_url    TEXT NOT NULL DEFAULT '',
  stock         TEXT NOT NULL DEFAULT 'none', -- none, held, taken, released, short
  closed        TEXT NOT NULL DEFAULT '', -- '', expired, cancelled: who or what closed it
  pay_currency  TEXT NOT NULL DEFAULT '', -- from currency's code of the newest payment, for lists
  site_id       BIGINT REFERENCES sites(id), -- of the newest payment, for lists
  created_at    TIMESTAMPTZ NOT NULL,
  expires_at    TIMESTAMPTZ NOT NULL,
  closed_at     TIMESTAMPTZ,
  paid_at       TIMESTAMPTZ,
  watched_at    TIMESTAMPTZ, -- when a customer last looked on
  updated_at    TIMESTAMPTZ NOT NULL
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
  id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id   BIGINT NOT NULL REFERENCES orders(id),
  position   BIGINT NOT NULL,
  product_id BIGINT REFERENCES products(id) ON DELETE SET NULL,
  title      TEXT NOT NULL,
  picture    TEXT NOT NULL DEFAULT '',
  quantity   BIGINT NOT NULL CHECK (quantity > 0),
  unit_price BIGINT NOT NULL, -- minor
  total      BIGINT NOT NULL  -- minor
);
CREATE UNIQUE INDEX order_lines_position ON order_lines (order_id, position);
CREATE INDEX order_lines_product ON order_lines (product_id, order_id);

CREATE TABLE attempts (
  key_hash   TEXT PRIMARY KEY, -- scope and value
  input_hash TEXT NOT NULL,
  order_id   BIGINT NOT NULL REFERENCES orders(id),
  payment_id BIGINT,
  created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE payments (
  id                BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id          BIGINT NOT NULL REFERENCES orders(id),
  seq               BIGINT NOT NULL, -- 1, 2, … within the order
  token_hash        TEXT NOT NULL, -- of the token in the notification address
  ipn_secret        BYTEA NOT NULL, -- sealed
  site_id           BIGINT NOT NULL REFERENCES sites(id),
  route_id          TEXT NOT NULL, -- the exchanger's
  phase             TEXT NOT NULL, -- creating, refused, unclear, live
  status            TEXT NOT NULL DEFAULT '', -- the exchanger's own word; '' before one is known
  uid               TEXT NOT NULL DEFAULT '',
  exchange_id       TEXT NOT NULL DEFAULT '', -- orderId
  secret            BYTEA, -- sealed
  from_xml          TEXT NOT NULL,
  from_name         TEXT NOT NULL,
  from_symbol       TEXT NOT NULL,
  from_decimals     BIGINT NOT NULL,
  to_xml            TEXT NOT NULL,
  to_name           TEXT NOT NULL,
  to_symbol         TEXT NOT NULL,
  to_decimals       BIGINT NOT NULL,
  payout_rate       NUMERIC NOT NULL, -- units of to for one unit of the shop currency
  price             BIGINT NOT NULL, -- minor: what this payment is to bring
  price_out         NUMERIC NOT NULL, -- the same in units of to
  payout_values     BYTEA, -- sealed json: what was sent as toValues
  payout_digest     TEXT NOT NULL DEFAULT '',
  quoted_in         NUMERIC NOT NULL,
  quoted_out        NUMERIC NOT NULL,
  quoted_at         TIMESTAMPTZ NOT NULL,
  ordered_in        NUMERIC, -- answer of create
  ordered_out       NUMERIC,
  current_in        NUMERIC, -- last learnt
  current_out       NUMERIC,
  settled_in        NUMERIC,
  settled_out       NUMERIC,
  flags             TEXT NOT NULL DEFAULT '',
  contradiction     TEXT NOT NULL DEFAULT '', -- why a person has to look
  last_stamp        BIGINT NOT NULL DEFAULT 0, -- ms: timestamp of the last applied notification
  pull_stamp        BIGINT NOT NULL DEFAULT 0, -- ms: exchanger's clock at the last pull that was answered
  superseded        BOOLEAN NOT NULL DEFAULT FALSE, -- a later attempt took its place
  cancel_asked      BOOLEAN NOT NULL DEFAULT FALSE, -- we asked the exchanger to cancel it
  hints             BIGINT NOT NULL DEFAULT 0, -- notifications without a hash
  wrong_hashes      BIGINT NOT NULL DEFAULT 0,
  proven            BIGINT NOT NULL DEFAULT 0, -- notifications with a right hash
  pulled_at         TIMESTAMPTZ, -- last answered pull
  pull_failures     BIGINT NOT NULL DEFAULT 0, -- in a row
  pull_error        TEXT NOT NULL DEFAULT '',
  next_pull_at      TIMESTAMPTZ, -- null: nothing more is to be learnt
  seen_at           TIMESTAMPTZ, -- the exchanger saw the money
  settled_at        TIMESTAMPTZ,
  events            BIGINT NOT NULL DEFAULT 0, -- how many its log holds
  head              TEXT NOT NULL DEFAULT '', -- digest of the newest event
  pay_data          TEXT NOT NULL DEFAULT '', -- json: what is needed to pay on the shop's own page, as last pulled
  created_at        TIMESTAMPTZ NOT NULL,
  updated_at        TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX payments_seq ON payments (order_id, seq);
CREATE UNIQUE INDEX payments_token ON payments (token_hash);
CREATE INDEX payments_due ON payments (next_pull_at) WHERE next_pull_at IS NOT NULL;
CREATE INDEX payments_uid ON payments (uid);
CREATE INDEX payments_exchange ON payments (exchange_id);
CREATE INDEX payments_status ON payments (status, updated_at);
CREATE INDEX payments_settled ON payments (settled_at);

CREATE TABLE payment_events (
  id              BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  payment_id      BIGINT NOT NULL REFERENCES payments(id),
  seq             BIGINT NOT NULL,
  at              TIMESTAMPTZ NOT NULL,
  source          TEXT NOT NULL, -- form, notification, pull, return, timer, person
  kind            TEXT NOT NULL,
  outcome         TEXT NOT NULL, -- applied, kept, refused
  reason          TEXT NOT NULL DEFAULT '',
  status          TEXT NOT NULL DEFAULT '', -- the status that was learnt, in the exchanger's word
  data            TEXT NOT NULL, -- json: what was learnt, and the columns of the payment that it changed
  raw             BYTEA, -- sealed: the body as received
  raw_digest      TEXT NOT NULL DEFAULT '',
  request_id      TEXT NOT NULL DEFAULT '', -- the exchanger's
  who             TEXT NOT NULL DEFAULT '',
  prev            TEXT NOT NULL, -- digest of the payment's event before it
  digest          TEXT NOT NULL
);
CREATE UNIQUE INDEX payment_events_seq ON payment_events (payment_id, seq);
CREATE INDEX payment_events_at ON payment_events (at);

CREATE TABLE order_events (
  id       BIGINT PRIMARY KEY, -- from the counter: no gap, in the order of commits
  order_id BIGINT NOT NULL REFERENCES orders(id),
  type     TEXT NOT NULL, -- order.created, …
  version  BIGINT NOT NULL, -- of the order
  at       TIMESTAMPTZ NOT NULL,
  data     TEXT NOT NULL DEFAULT '{}' -- json
);
CREATE INDEX order_events_order ON order_events (order_id, id);

CREATE TABLE order_notes (
  id       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id BIGINT NOT NULL REFERENCES orders(id),
  at       TIMESTAMPTZ NOT NULL,
  who      TEXT NOT NULL,
  body     TEXT NOT NULL
);
CREATE INDEX order_notes_order ON order_notes (order_id, id);

CREATE TABLE notifications (
  id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  payment_id   BIGINT REFERENCES payments(id),
  at           TIMESTAMPTZ NOT NULL,
  answer       BIGINT NOT NULL, -- HTTP status given
  outcome      TEXT NOT NULL, -- applied, kept, hint, refused, unknown, unreadable
  reason       TEXT NOT NULL DEFAULT '',
  status       TEXT NOT NULL DEFAULT '',
  content_type TEXT NOT NULL DEFAULT '',
  remote       TEXT NOT NULL DEFAULT '',
  body         BYTEA -- sealed, cut at 64 KiB
);
CREATE INDEX notifications_at ON notifications (at, id);
CREATE INDEX notifications_outcome ON notifications (outcome, id);
CREATE INDEX notifications_payment ON notifications (payment_id, id);

CREATE TABLE exchange_calls (
  id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  site_id    BIGINT NOT NULL REFERENCES sites(id),
  payment_id BIGINT REFERENCES payments(id),
  at         TIMESTAMPTZ NOT NULL,
  method     TEXT NOT NULL,
  path       TEXT NOT NULL,
  status     BIGINT NOT NULL, -- HTTP status, 0 without an answer
  request_id TEXT NOT NULL DEFAULT '',
  took_ms    BIGINT NOT NULL,
  request    TEXT NOT NULL DEFAULT '', -- secrets masked
  response   TEXT NOT NULL DEFAULT '', -- secrets masked
  error      TEXT NOT NULL DEFAULT ''
);
CREATE INDEX exchange_calls_payment ON exchange_calls (payment_id, id);
CREATE INDEX exchange_calls_at ON exchange_calls (at);

CREATE TABLE payouts (
  id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  list         BYTEA NOT NULL, -- sealed json: the whole list, in order of preference
  digest       TEXT NOT NULL,
  summary      TEXT NOT NULL DEFAULT '', -- wallets cut short, for the log
  created_by   TEXT NOT NULL,
  created_at   TIMESTAMPTZ NOT NULL,
  effective_at TIMESTAMPTZ NOT NULL,
  cancelled_at TIMESTAMPTZ,
  cancelled_by TEXT NOT NULL DEFAULT ''
);
CREATE INDEX payouts_effective ON payouts (effective_at, id);

CREATE TABLE refunds (
  id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  public_id  TEXT NOT NULL,
  order_id   BIGINT NOT NULL REFERENCES orders(id),
  state      TEXT NOT NULL, -- asked, sent, refused
  amount     NUMERIC,
  currency   TEXT NOT NULL DEFAULT '',
  reference  TEXT NOT NULL DEFAULT '',
  reason     TEXT NOT NULL DEFAULT '',
  address    BYTEA, -- sealed
  network    TEXT NOT NULL DEFAULT '',
  created_by TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX refunds_public ON refunds (public_id);
CREATE INDEX refunds_order ON refunds (order_id, id);
CREATE INDEX refunds_state ON refunds (state, id);

CREATE TABLE staff (
  id             BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email          TEXT NOT NULL, -- lower case
  name           TEXT NOT NULL DEFAULT '',
  role           TEXT NOT NULL, -- owner, manager, viewer
  password       TEXT NOT NULL DEFAULT '', -- argon2id; '' until an invitation is taken up
  totp           BYTEA, -- sealed
  totp_pending   BYTEA, -- sealed: shown, not yet confirmed
  totp_step      BIGINT NOT NULL DEFAULT 0, -- last used time step: a code works once
  recovery       TEXT NOT NULL DEFAULT '[]', -- json: digests of unused codes
  notify         TEXT NOT NULL DEFAULT '[]', -- json: what to write to them about
  lang           TEXT NOT NULL DEFAULT 'en',
  disabled_at    TIMESTAMPTZ,
  last_signin_at TIMESTAMPTZ,
  version        BIGINT NOT NULL DEFAULT 1,
  created_at     TIMESTAMPTZ NOT NULL,
  updated_at     TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX staff_email ON staff (email);

CREATE TABLE passkeys (
  id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  staff_id      BIGINT NOT NULL REFERENCES staff(id) ON DELETE CASCADE,
  credential_id TEXT NOT NULL,
  name          TEXT NOT NULL,
  doc           TEXT NOT NULL, -- json
  created_at    TIMESTAMPTZ NOT NULL,
  used_at       TIMESTAMPTZ
);
CREATE UNIQUE INDEX passkeys_credential ON passkeys (credential_id);

CREATE TABLE sessions (
  id_hash    TEXT PRIMARY KEY,
  staff_id   BIGINT REFERENCES staff(id) ON DELETE CASCADE,
  data       BYTEA NOT NULL, -- sealed json
  remote     TEXT NOT NULL DEFAULT '',
  agent      TEXT NOT NULL DEFAULT '',
  created_at TIMESTAMPTZ NOT NULL,
  seen_at    TIMESTAMPTZ NOT NULL,
  fresh_at   TIMESTAMPTZ, -- last proof of password or second factor
  expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sessions_staff ON sessions (staff_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE tickets (
  id_hash    TEXT PRIMARY KEY,
  purpose    TEXT NOT NULL, -- setup, invite
  staff_id   BIGINT REFERENCES staff(id) ON DELETE CASCADE,
  created_at TIMESTAMPTZ NOT NULL,
  expires_at TIMESTAMPTZ NOT NULL,
  used_at    TIMESTAMPTZ
);

CREATE TABLE staff_log (
  id       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at       TIMESTAMPTZ NOT NULL,
  staff_id BIGINT,
  who      TEXT NOT NULL, -- e-mail, name of the key, or command
  action   TEXT NOT NULL,
  subject  TEXT NOT NULL DEFAULT '',
  detail   TEXT NOT NULL DEFAULT '{}', -- json
  remote   TEXT NOT NULL DEFAULT ''
);
CREATE INDEX staff_log_at ON staff_log (at, id);
CREATE INDEX staff_log_subject ON staff_log (subject, id);

CREATE TABLE api_keys (
  id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name         TEXT NOT NULL,
  prefix       TEXT NOT NULL,
  hash         TEXT NOT NULL,
  scopes       TEXT NOT NULL, -- words, one space between
  created_by   TEXT NOT NULL,
  created_at   TIMESTAMPTZ NOT NULL,
  last_used_at TIMESTAMPTZ,
  revoked_at   TIMESTAMPTZ
);
CREATE UNIQUE INDEX api_keys_hash ON api_keys (hash);

CREATE TABLE webhook_endpoints (
  id             BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  public_id      TEXT NOT NULL,
  url            TEXT NOT NULL,
  events         TEXT NOT NULL DEFAULT '', -- words, one space between; '': all
  secret         BYTEA NOT NULL, -- sealed
  old_secret     BYTEA, -- sealed: signs too until old_until
  old_until      TIMESTAMPTZ,
  paused         BOOLEAN NOT NULL DEFAULT FALSE,
  disabled_at    TIMESTAMPTZ,
  disabled_why   TEXT NOT NULL DEFAULT '',
  failing_since  TIMESTAMPTZ,
  last_ok_at     TIMESTAMPTZ,
  deleted_at     TIMESTAMPTZ,
  created_at     TIMESTAMPTZ NOT NULL,
  updated_at     TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX webhook_endpoints_public ON webhook_endpoints (public_id);

CREATE TABLE deliveries (
  id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  public_id    TEXT NOT NULL, -- the webhook-id: the same through every try
  endpoint_id  BIGINT NOT NULL REFERENCES webhook_endpoints(id),
  event_id     BIGINT REFERENCES order_events(id), -- null: a test
  type         TEXT NOT NULL,
  body         TEXT NOT NULL,
  state        TEXT NOT NULL, -- waiting, delivered, failed
  tries        BIGINT NOT NULL DEFAULT 0,
  last_status  BIGINT NOT NULL DEFAULT 0,
  last_error   TEXT NOT NULL DEFAULT '',
  last_took_ms BIGINT NOT NULL DEFAULT 0,
  next_at      TIMESTAMPTZ,
  created_at   TIMESTAMPTZ NOT NULL,
  delivered_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX deliveries_public ON deliveries (public_id);
CREATE UNIQUE INDEX deliveries_once ON deliveries (endpoint_id, event_id);
CREATE INDEX deliveries_state ON deliveries (state, id);
CREATE INDEX deliveries_endpoint ON deliveries (endpoint_id, id);

CREATE TABLE mails (
  id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  once       TEXT NOT NULL, -- what it is about: the same is written once
  kind       TEXT NOT NULL,
  order_id   BIGINT REFERENCES orders(id),
  recipient  TEXT NOT NULL,
  lang       TEXT NOT NULL,
  data       TEXT NOT NULL DEFAULT '{}', -- json
  state      TEXT NOT NULL, -- waiting, sent, failed
  tries      BIGINT NOT NULL DEFAULT 0,
  error      TEXT NOT NULL DEFAULT '',
  created_at TIMESTAMPTZ NOT NULL,
  sent_at    TIMESTAMPTZ
);
CREATE UNIQUE INDEX mails_once ON mails (once);
CREATE INDEX mails_order ON mails (order_id, id);
CREATE INDEX mails_state ON mails (state, id);

CREATE TABLE limits (
  key TEXT PRIMARY KEY,
  tat BIGINT NOT NULL -- µs
);

-- +goose StatementBegin
CREATE FUNCTION append_only() RETURNS trigger AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END;
$$ LANGUAGE plpgsql;
-- +goose StatementEnd
CREATE TRIGGER payment_events_no_change BEFORE UPDATE OR DELETE ON payment_events FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER order_events_no_change BEFORE UPDATE OR DELETE ON order_events FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER staff_log_no_change BEFORE UPDATE OR DELETE ON staff_log FOR EACH ROW EXECUTE FUNCTION append_only();

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
DROP FUNCTION append_only();
