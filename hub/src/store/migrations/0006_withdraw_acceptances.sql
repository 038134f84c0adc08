-- Whether somebody took an acceptance back that the inviter may have read: once it is answered, the link is ended.
ALTER TABLE acceptances ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;
