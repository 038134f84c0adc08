//! Rows about deletions that wait for a person, and about the accounts that this device reads.

use super::{
    StoreError,
    writing::{Writing, fixed},
};
use kith_core::id::EntityId;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// A deletion that waits, or that a person did not want.
#[derive(Clone, Debug)]
pub(crate) struct HeldRow {
    /// Names the cause.
    pub(crate) id: EntityId,
    /// Since when it waits, in milliseconds since 1970.
    pub(crate) since: i64,
    pub(crate) what: String,
    /// What is to be deleted, encoded by whoever asks.
    pub(crate) deletion: Vec<u8>,
    /// When a person said no.
    pub(crate) discarded: Option<i64>,
}

/// An account, and its source if this device reads it.
#[derive(Clone, Debug)]
pub(crate) struct AccountRow {
    pub(crate) id: EntityId,
    pub(crate) kind: String,
    pub(crate) name: String,
    /// Contacts that it speaks of and that are not in the trash.
    pub(crate) contacts: u32,
    /// Where this device reads it; `None` if it is connected on another one.
    pub(crate) path: Option<String>,
    /// When it was last read well.
    pub(crate) synced: Option<i64>,
    /// Why it could not be read; empty if it could.
    pub(crate) trouble: String,
}

/// Deletions that wait, oldest first.
pub(crate) fn held(connection: &Connection) -> Result<Vec<HeldRow>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT held, since, what, deletion, discarded FROM held WHERE discarded IS NULL ORDER BY since, held",
    )?;
    let mut rows = statement.query([])?;
    let mut held = Vec::new();
    while let Some(row) = rows.next()? {
        held.push(held_row(row)?);
    }
    Ok(held)
}

/// One of them by its cause, even if a person said no.
pub(crate) fn held_for(connection: &Connection, id: EntityId) -> Result<Option<HeldRow>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT held, since, what, deletion, discarded FROM held WHERE held = ?1")?;
    let mut rows = statement.query([id.0])?;
    rows.next()?.map(held_row).transpose()
}

fn held_row(row: &Row<'_>) -> Result<HeldRow, StoreError> {
    Ok(HeldRow {
        id: EntityId(fixed(row, 0)?),
        since: row.get(1)?,
        what: row.get(2)?,
        deletion: row.get(3)?,
        discarded: row.get(4)?,
    })
}

/// How many deletions wait.
pub(crate) fn held_count(connection: &Connection) -> Result<u32, StoreError> {
    let sql = "SELECT count(*) FROM held WHERE discarded IS NULL";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// What a contact is called in the list; empty if it is not there.
pub(crate) fn listed_name(connection: &Connection, id: EntityId) -> Result<String, StoreError> {
    let sql = "SELECT c.name FROM entities e CROSS JOIN contacts c ON c.entity = e.entity
               WHERE e.book = (SELECT min(book) FROM books) AND e.id = ?1";
    let found = connection.prepare_cached(sql)?.query_row([id.0], |row| row.get(0)).optional()?;
    Ok(found.unwrap_or_default())
}

/// The connected accounts by name, wherever they are connected.
pub(crate) fn accounts(connection: &Connection) -> Result<Vec<AccountRow>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT a.id, a.kind, a.name, s.path, s.synced, coalesce(s.trouble, ''),
                (SELECT count(*) FROM remotes r JOIN contacts c ON c.entity = r.contact
                 WHERE r.account = a.id AND c.shelf != 1)
         FROM accounts a LEFT JOIN sources s ON s.account = a.id ORDER BY a.name COLLATE NOCASE, a.id",
    )?;
    let mut rows = statement.query([])?;
    let mut accounts = Vec::new();
    while let Some(row) = rows.next()? {
        accounts.push(AccountRow {
            id: EntityId(fixed(row, 0)?),
            kind: row.get(1)?,
            name: row.get(2)?,
            path: row.get(3)?,
            synced: row.get(4)?,
            trouble: row.get(5)?,
            contacts: row.get(6)?,
        });
    }
    Ok(accounts)
}

/// Entities whose id begins with these digits and that no list shows: contacts of which only the history is left, among
/// others. At most a few.
pub(crate) fn unlisted_by_prefix(connection: &Connection, prefix: &str) -> Result<Vec<EntityId>, StoreError> {
    let pad = |fill: char| {
        let padded: String = prefix.chars().chain(std::iter::repeat(fill)).take(2 * EntityId::LEN).collect();
        padded.parse::<EntityId>().ok()
    };
    let (Some(low), Some(high)) = (pad('0'), pad('f')) else { return Ok(Vec::new()) };
    let mut statement = connection.prepare_cached(
        "SELECT e.id FROM entities e WHERE e.book = (SELECT min(book) FROM books) AND e.id BETWEEN ?1 AND ?2
             AND NOT EXISTS (SELECT 1 FROM contacts c WHERE c.entity = e.entity) LIMIT 8",
    )?;
    let mut rows = statement.query(params![low.0, high.0])?;
    let mut ids = Vec::new();
    while let Some(row) = rows.next()? {
        ids.push(EntityId(fixed(row, 0)?));
    }
    Ok(ids)
}

impl Writing<'_> {
    /// Keeps a deletion until a person answers. The same cause keeps its place in the list.
    pub(crate) fn hold(&mut self, id: EntityId, now: i64, what: &str, deletion: &[u8]) -> Result<(), StoreError> {
        self.connection()
            .prepare_cached(
                "INSERT INTO held (held, since, what, deletion) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (held) DO UPDATE SET what = ?3, deletion = ?4, discarded = NULL,
                     since = CASE WHEN discarded IS NULL THEN since ELSE ?2 END",
            )?
            .execute(params![id.0, now, what, deletion])?;
        Ok(())
    }

    /// Forgets a deletion; returns whether one was waiting.
    pub(crate) fn forget_held(&mut self, id: EntityId) -> Result<bool, StoreError> {
        let sql = "DELETE FROM held WHERE held = ?1 RETURNING discarded IS NULL";
        let gone = self.connection().prepare_cached(sql)?.query_row([id.0], |row| row.get(0)).optional()?;
        Ok(gone.unwrap_or(false))
    }

    /// Remembers that a person did not want a deletion.
    pub(crate) fn discard_held(&mut self, id: EntityId, now: i64) -> Result<(), StoreError> {
        self.connection().execute("UPDATE held SET discarded = ?2 WHERE held = ?1", params![id.0, now])?;
        Ok(())
    }

    /// Says where this device reads an account.
    pub(crate) fn keep_source(&mut self, account: EntityId, path: &str) -> Result<(), StoreError> {
        self.connection().execute(
            "INSERT INTO sources (account, path) VALUES (?1, ?2) ON CONFLICT (account) DO UPDATE SET path = ?2",
            params![account.0, path],
        )?;
        Ok(())
    }

    /// Says how a reading went: well at a time, or not and why.
    pub(crate) fn source_read(&mut self, account: EntityId, outcome: Result<i64, &str>) -> Result<(), StoreError> {
        let (synced, trouble) = match outcome {
            Ok(now) => (Some(now), ""),
            Err(trouble) => (None, trouble),
        };
        self.connection().execute(
            "UPDATE sources SET synced = coalesce(?2, synced), trouble = ?3 WHERE account = ?1",
            params![account.0, synced, trouble],
        )?;
        Ok(())
    }
}
