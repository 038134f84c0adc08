-- Of each device: the newest change held here (`applied` is its number), and whether its numbers have come to an end after
-- its head, because it was copied (rule 3.1/9). From here on `changes` keeps the hash of a change of which nothing lives,
-- with `living` 0: by it two replicas find out whether they hold the same chain. (A table with rows takes no column whose
-- default is an expression.)
ALTER TABLE authors ADD COLUMN held_hash BLOB NOT NULL DEFAULT x'0000000000000000000000000000000000000000000000000000000000000000';
ALTER TABLE authors ADD COLUMN closed INTEGER NOT NULL DEFAULT 0;
UPDATE authors SET held_hash = head_hash WHERE applied = head_seq;

-- What was settled because a folder had been copied or rolled back: whose numbers, the last change in common, and the
-- contacts that were written again. `left` is 1 if it was this device that took a new id.
CREATE TABLE copies (
    copy     INTEGER PRIMARY KEY AUTOINCREMENT,
    at       INTEGER NOT NULL,
    device   BLOB NOT NULL,
    common   INTEGER NOT NULL,
    left     INTEGER NOT NULL,
    contacts BLOB NOT NULL
) STRICT;
