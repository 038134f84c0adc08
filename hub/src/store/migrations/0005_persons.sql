-- Links to other persons, derived from `entities`. `contact` is the contact that the person is.
CREATE TABLE links (
    entity  INTEGER PRIMARY KEY REFERENCES entities (entity),
    id      BLOB NOT NULL UNIQUE,
    person  BLOB NOT NULL,
    contact BLOB
) STRICT;
CREATE INDEX links_by_contact ON links (contact);

-- Shared items other than my card, derived from `entities`.
CREATE TABLE items (
    entity INTEGER PRIMARY KEY REFERENCES entities (entity),
    id     BLOB NOT NULL UNIQUE
) STRICT;

-- Calls, messages and mails, derived from `entities`. `kind`: 0 call, 1 message, 2 mail. `at` is in milliseconds since
-- 1970. They are counted by address and time.
CREATE TABLE interactions (
    entity  INTEGER PRIMARY KEY REFERENCES entities (entity),
    at      INTEGER NOT NULL,
    kind    INTEGER NOT NULL,
    address TEXT NOT NULL
) STRICT;
CREATE INDEX interactions_by_time ON interactions (at, kind, address);

-- Invitations that this device made and alone accepts, until they are long over. `hash` names the invitation.
CREATE TABLE invitations (
    hash   BLOB PRIMARY KEY,
    issued BLOB NOT NULL
) STRICT;

-- Invitations that this device accepted and that were not answered yet. `contact` is the contact that the person is to
-- be; `name` what the invitation calls them; `addresses` where else to try; `since` in milliseconds since 1970.
CREATE TABLE acceptances (
    pact      BLOB PRIMARY KEY,
    pending   BLOB NOT NULL,
    person    BLOB NOT NULL,
    contact   BLOB,
    name      TEXT NOT NULL,
    addresses TEXT NOT NULL,
    since     INTEGER NOT NULL
) STRICT;

-- Secrets by which linked persons were recognised before they were made new, until their devices know the new ones.
CREATE TABLE former_secrets (
    person BLOB PRIMARY KEY,
    former BLOB NOT NULL
) STRICT;

-- Folders of call logs and mail that this device reads. `seen` tells what they looked like.
CREATE TABLE watched (
    path TEXT PRIMARY KEY,
    seen BLOB NOT NULL
) STRICT;

-- Questions of households that were answered by a no, on this device.
CREATE TABLE declined (
    proposal BLOB PRIMARY KEY
) STRICT;
