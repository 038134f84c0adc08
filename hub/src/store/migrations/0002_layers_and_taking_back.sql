-- Deletions that wait for a person. Local: each device asks about what it was about to do itself. `held` names the
-- cause, so that the same cause makes one row. `discarded` is when a person said no: until then is forgotten, the row is
-- kept so that the same question does not come back.
CREATE TABLE held (
    held      BLOB PRIMARY KEY,
    since     INTEGER NOT NULL,
    what      TEXT NOT NULL,
    deletion  BLOB NOT NULL,
    discarded INTEGER
) STRICT;

-- Accounts that this device reads: where, and how the last reading went. What an account is stands in `entities`; a row
-- stays when its account is disconnected, so that taking that back finds it again.
CREATE TABLE sources (
    account BLOB PRIMARY KEY,
    path    TEXT NOT NULL,
    synced  INTEGER,
    trouble TEXT NOT NULL DEFAULT ''
) STRICT;

-- Connected accounts, derived from `entities`.
CREATE TABLE accounts (
    entity INTEGER PRIMARY KEY REFERENCES entities (entity),
    id     BLOB NOT NULL UNIQUE,
    kind   TEXT NOT NULL,
    name   TEXT NOT NULL
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

-- Which of this device's changes an action made: a range of numbers for each transaction of it that was not taken back.
-- Kinds of actions: 0 most, 1 an import, 2 one that only took back others. `import` is common to the transactions of a
-- long action.
CREATE TABLE action_steps (
    action    INTEGER NOT NULL REFERENCES actions (action),
    first_seq INTEGER NOT NULL,
    last_seq  INTEGER NOT NULL,
    UNIQUE (action, first_seq)
) STRICT;
ALTER TABLE actions ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;
UPDATE actions SET kind = 1 WHERE import IS NOT NULL;
INSERT INTO action_steps SELECT action, first_seq, last_seq FROM actions WHERE undone = 0;

-- A change whose writes were all replaced is gone; what it wrote is found by its number in the history.
CREATE INDEX history_by_writer ON history (author, seq);

-- What a name begins with, and its reading or other spelling, as numbers: so that the list can be kept in memory and
-- ranked without the names. The index holds all that the list in memory is made of.
ALTER TABLE contacts ADD COLUMN start INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contacts ADD COLUMN other_start INTEGER NOT NULL DEFAULT 0;
DROP INDEX contacts_by_name;
CREATE INDEX contacts_by_name ON contacts (shelf, sort, entity, letter, start, other_start);

-- Words as the core prepares and folds them. Where they stand is not kept: what is found as a run is a word.
DROP TABLE contact_words;
CREATE VIRTUAL TABLE contact_words USING fts5 (
    words, content = '', contentless_delete = 1, tokenize = 'ascii', prefix = '1 2 3', detail = none
);
