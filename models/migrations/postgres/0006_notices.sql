-- +goose Up
-- What a person of the desk is to be written to about, gathered into digests.
CREATE TABLE notices (
  id       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  once     TEXT NOT NULL, -- what it is about, and for whom: the same is written once
  person   BIGINT NOT NULL, -- staff, 0: the address of notify.email
  kind     TEXT NOT NULL,
  order_id BIGINT REFERENCES orders(id),
  data     TEXT NOT NULL DEFAULT '{}', -- json: what the texts fill in
  at       TIMESTAMPTZ NOT NULL,
  mail_id  BIGINT REFERENCES mails(id) -- the digest that tells of it; null: none yet
);
CREATE UNIQUE INDEX notices_once ON notices (once);
CREATE INDEX notices_person ON notices (person, mail_id, id);
CREATE INDEX notices_mail ON notices (mail_id, id);

CREATE TABLE digests (
  person  BIGINT PRIMARY KEY, -- staff, 0: the address of notify.email
  due_at  TIMESTAMPTZ, -- when the next one is written; null: nothing waits
  last_at TIMESTAMPTZ -- when the last one was
);

-- +goose Down
DROP TABLE digests;
DROP TABLE notices;
