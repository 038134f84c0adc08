-- What this store is: its own id, the device and person it belongs to, the book it holds.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

-- Replicated sets of contacts. `hash` is the hash of the living state (rule 3.1/12).
CREATE TABLE books (
    book INTEGER PRIMARY KEY AUTOINCREMENT,
    id   BLOB NOT NULL UNIQUE,
    hash BLOB NOT NULL
) STRICT;

-- Devices that wrote to a book: how far this replica vouches for their changes, the greatest number it has applied by
-- whatever path, and the newest change anybody told of (rules 3.1/6 and 9).
CREATE TABLE authors (
    author    INTEGER PRIMARY KEY AUTOINCREMENT,
    book      INTEGER NOT NULL REFERENCES books (book),
    device    BLOB NOT NULL,
    vouched   INTEGER NOT NULL,
    applied   INTEGER NOT NULL,
    head_seq  INTEGER NOT NULL,
    head_hash BLOB NOT NULL,
    UNIQUE (book, device)
) STRICT;

-- How far each peer's changes have been read: arrival numbers of that life of its store (rule 3.1/7).
CREATE TABLE cursors (
    book    INTEGER NOT NULL REFERENCES books (book),
    peer    BLOB NOT NULL,
    store   BLOB NOT NULL,
    arrival INTEGER NOT NULL,
    UNIQUE (book, peer)
) STRICT;

-- Changes that still have a living write, in the bytes they were made in, by arrival here.
CREATE TABLE changes (
    arrival INTEGER PRIMARY KEY AUTOINCREMENT,
    book    INTEGER NOT NULL REFERENCES books (book),
    author  INTEGER NOT NULL REFERENCES authors (author),
    seq     INTEGER NOT NULL,
    living  INTEGER NOT NULL,
    bytes   BLOB NOT NULL,
    UNIQUE (author, seq)
) STRICT;

-- Contacts, groups, tags and settings: one row with all registers, packed.
CREATE TABLE entities (
    entity    INTEGER PRIMARY KEY,
    book      INTEGER NOT NULL REFERENCES books (book),
    id        BLOB NOT NULL,
    registers BLOB NOT NULL,
    UNIQUE (book, id)
) STRICT;

-- What this replica saw being replaced. Local: neither synced nor hashed.
CREATE TABLE history (
    entry     INTEGER PRIMARY KEY AUTOINCREMENT,
    entity    INTEGER NOT NULL REFERENCES entities (entity),
    path      BLOB NOT NULL,
    author    INTEGER NOT NULL REFERENCES authors (author),
    seq       INTEGER NOT NULL,
    clock     INTEGER NOT NULL,
    value     BLOB,
    by_author INTEGER NOT NULL REFERENCES authors (author),
    by_seq    INTEGER NOT NULL,
    at        INTEGER NOT NULL
) STRICT;
CREATE INDEX history_by_register ON history (entity, path);
CREATE INDEX history_by_change ON history (by_author, by_seq);

-- The list, derived from `entities`. Shelf 0 is the book, 1 the trash, 2 my own card. `trashed_at` is when this replica
-- put it into the trash, by its own clock.
-- `uid` is the card's UID, or a digest of what it says: by it an import recognises a contact.
CREATE TABLE contacts (
    entity       INTEGER PRIMARY KEY REFERENCES entities (entity),
    shelf        INTEGER NOT NULL,
    undecided    INTEGER NOT NULL,
    organisation INTEGER NOT NULL,
    changed      INTEGER NOT NULL,
    trashed_at   INTEGER,
    name         TEXT NOT NULL,
    reading      TEXT NOT NULL,
    letter       TEXT NOT NULL,
    detail       TEXT NOT NULL,
    uid          TEXT NOT NULL,
    sort         BLOB NOT NULL
) STRICT;
CREATE INDEX contacts_by_name ON contacts (shelf, sort, entity, letter);
CREATE INDEX contacts_by_change ON contacts (shelf, changed);
CREATE INDEX contacts_by_uid ON contacts (uid);
CREATE INDEX contacts_undecided ON contacts (shelf, sort) WHERE undecided > 0;

-- Words of every contact, prepared by the core: tokens are letters and digits only.
CREATE VIRTUAL TABLE contact_words USING fts5 (
    words, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'
);

-- Groups (kind 1) and tags (kind 2), derived from `entities`.
CREATE TABLE groups (
    entity  INTEGER PRIMARY KEY REFERENCES entities (entity),
    id      BLOB NOT NULL UNIQUE,
    kind    INTEGER NOT NULL,
    trashed INTEGER NOT NULL,
    name    TEXT NOT NULL
) STRICT;

-- Who is in which group or bears which tag, derived from `entities`. The group may arrive after its members.
CREATE TABLE memberships (
    contact  INTEGER NOT NULL REFERENCES entities (entity),
    group_id BLOB NOT NULL,
    UNIQUE (group_id, contact)
) STRICT;
CREATE INDEX memberships_by_contact ON memberships (contact);

-- What a person did on this device, newest last, so that it can be taken back: numbers of this device's changes, of
-- one import only where it was one.
CREATE TABLE actions (
    action    INTEGER PRIMARY KEY AUTOINCREMENT,
    what      TEXT NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq  INTEGER NOT NULL,
    undone    INTEGER NOT NULL DEFAULT 0,
    import    BLOB
) STRICT;

-- The signed entries of the roster, as they came (rule 4.1/3).
CREATE TABLE roster (
    entry INTEGER PRIMARY KEY AUTOINCREMENT,
    bytes BLOB NOT NULL UNIQUE
) STRICT;

-- What was last known of each other device: its version vector, when it was last connected, where it was reached.
CREATE TABLE peers (
    device    BLOB PRIMARY KEY,
    vector    BLOB NOT NULL,
    last_seen INTEGER NOT NULL,
    addresses TEXT NOT NULL DEFAULT ''
) STRICT;
