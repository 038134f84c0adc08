-- Deletions that wait for a person. Local: each device asks about what it was about to do itself.
CREATE TABLE held (
    held     INTEGER PRIMARY KEY AUTOINCREMENT,
    id       BLOB NOT NULL UNIQUE,
    since    INTEGER NOT NULL,
    what     TEXT NOT NULL,
    deletion BLOB NOT NULL
) STRICT;

-- Accounts that this device reads: where, and how the last reading went. What an account is stands in `entities`.
CREATE TABLE sources (
    account BLOB PRIMARY KEY,
    path    TEXT NOT NULL,
    synced  INTEGER,
    trouble TEXT NOT NULL DEFAULT ''
) STRICT;

-- By what UID each account knows a contact, derived from `entities`.
CREATE TABLE remotes (
    contact INTEGER NOT NULL REFERENCES entities (entity),
    account BLOB NOT NULL,
    uid     TEXT NOT NULL,
    UNIQUE (account, uid, contact)
) STRICT;
CREATE INDEX remotes_by_contact ON remotes (contact);

-- UIDs of contacts that were merged into others, derived from `entities`: an import of one updates the other.
CREATE TABLE aliases (
    uid     TEXT NOT NULL,
    contact INTEGER NOT NULL REFERENCES entities (entity),
    UNIQUE (uid, contact)
) STRICT;
CREATE INDEX aliases_by_contact ON aliases (contact);
