-- +goose Up
-- What a person of the desk is to be written to about, gathered into digests.
CREATE TABLE notices (
  id       INTEGER PRIMARY KEY,
  once     TEXT NOT NULL, -- what it is about, and for whom: the same is written once
  person   INTEGER NOT NULL, -- staff, 0: the address of notify.email
  kind     TEXT NOT NULL,
  order_id INTEGER REFERENCES orders(id),
  data     TEXT NOT NULL DEFAULT '{}', -- json: what the texts fill in
  at       DATETIME NOT NULL,
  mail_id  INTEGER REFERENCES mails(id) -- the digest that tells of it; null: none yet
);
CREATE UNIQUE INDEX notices_once ON notices (once);
CREATE INDEX notices_person ON notices (person, mail_id, id);
CREATE INDEX notices_mail ON notices (mail_id, id);

CREATE TABLE digests (
  person  INTEGER PRIMARY KEY, -- staff, 0: the address of notify.email
  due_at  DATETIME, -- when the next one is written; null: nothing waits
  last_at DATETIME -- when the last one was
);

-- +goose Down
DROP TABLE digests;
DROP TABLE notices;
