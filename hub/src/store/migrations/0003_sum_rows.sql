-- Sums of what a row says, for rows that other devices receive or that such rows are made of: a disk that turns a bit
-- is noticed by whatever reads the row. They are filled in by `sums.rs` in the same transaction.
ALTER TABLE books ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE authors ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cursors ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE changes ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entities ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE history ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
