//! The core's view of the book in one transaction: its [`Rows`] over SQLite.

use super::{
    StoreError, sums,
    writing::{Writing, fixed},
};
use kith_core::{
    entity::Entity,
    id::{DeviceId, EntityId, Hash},
    path::Path,
    replica::{BookState, Replaced, Rows, StoredChange},
};
use rusqlite::{OptionalExtension, params};

impl Rows for Writing<'_> {
    type Error = StoreError;

    fn state(&self) -> &BookState {
        &self.state
    }

    fn state_mut(&mut self) -> &mut BookState {
        &mut self.state
    }

    fn entity(&mut self, id: EntityId) -> Result<&Entity, StoreError> {
        Ok(&self.load(id)?.entity)
    }

    fn entity_mut(&mut self, id: EntityId) -> Result<&mut Entity, StoreError> {
        let loaded = self.load(id)?;
        loaded.changed = true;
        Ok(&mut loaded.entity)
    }

    fn insert_change(&mut self, device: DeviceId, seq: u64, living: u32, bytes: &[u8]) -> Result<(), StoreError> {
        let author = self.author(device)?;
        let inserted = self
            .connection
            .prepare_cached(
                "INSERT INTO changes (book, author, seq, living, bytes, sum) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (author, seq) DO UPDATE SET living = living + ?4 WHERE living > 0",
            )?
            .execute(params![self.tools.book, author, seq, living, bytes, sums::of_change(device, seq, bytes)])?;
        if inserted == 0 {
            // Only its hash was here: now the change itself arrives.
            self.connection
                .prepare_cached("DELETE FROM changes WHERE author = ?1 AND seq = ?2")?
                .execute(params![author, seq])?;
            return self.insert_change(device, seq, living, bytes);
        }
        Ok(())
    }

    fn insert_stub(&mut self, device: DeviceId, seq: u64, hash: Hash) -> Result<(), StoreError> {
        let author = self.author(device)?;
        self.connection
            .prepare_cached(
                "INSERT INTO changes (book, author, seq, living, bytes, sum) VALUES (?1, ?2, ?3, 0, ?4, ?5)
             ON CONFLICT (author, seq) DO NOTHING",
            )?
            .execute(params![self.tools.book, author, seq, hash.0, sums::of_stub(device, seq, &hash)])?;
        Ok(())
    }

    fn release_change(&mut self, device: DeviceId, seq: u64) -> Result<(), StoreError> {
        let author = self.author(device)?;
        let living: Option<i64> = self
            .connection
            .prepare_cached("UPDATE changes SET living = living - 1 WHERE author = ?1 AND seq = ?2 RETURNING living")?
            .query_row(params![author, seq], |row| row.get(0))
            .optional()?;
        if living == Some(0) {
            let change = self
                .connection
                .prepare_cached("SELECT bytes, sum FROM changes WHERE author = ?1 AND seq = ?2")?
                .query_row(params![author, seq], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?)))?;
            sums::matches(change.1, sums::of_change(device, seq, &change.0), "a change")?;
            let hash = change::hash(&change.0);
            self.connection
                .prepare_cached("UPDATE changes SET bytes = ?3, sum = ?4 WHERE author = ?1 AND seq = ?2")?
                .execute(params![author, seq, hash.0, sums::of_stub(device, seq, &hash)])?;
        }
        Ok(())
    }

    fn record(&mut self, entity: EntityId, path: &Path, replaced: Replaced) -> Result<(), StoreError> {
        let row = self.row(entity)?;
        let sum = sums::of_replaced(entity, path.as_bytes(), &replaced);
        let Replaced { sibling, by } = replaced;
        let (author, by_author) = (self.author(sibling.device)?, self.author(by.0)?);
        self.connection
            .prepare_cached(
                "INSERT INTO history (entity, path, author, seq, clock, value, by_author, by_seq, at, sum)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute(params![
                row,
                path.as_bytes(),
                author,
                sibling.seq,
                sibling.clock,
                sibling.value,
                by_author,
                by.1,
                self.now,
                sum
            ])?;
        Ok(())
    }

    fn history(&mut self, entity: EntityId, path: &Path) -> Result<Vec<Replaced>, StoreError> {
        let row = self.row(entity)?;
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT h.sum, {} WHERE h.entity = ?1 AND h.path = ?2 ORDER BY h.entry",
            sums::REPLACED
        ))?;
        let mut rows = statement.query(params![row, path.as_bytes()])?;
        let mut history = Vec::new();
        while let Some(row) = rows.next()? {
            let (stored, replaced) = sums::replaced(row, 1)?;
            sums::matches(row.get(0)?, sums::of_replaced(entity, &stored, &replaced), "a value in the history")?;
            history.push(replaced);
        }
        Ok(history)
    }

    fn changes_after(&mut self, after: u64, max: usize) -> Result<Vec<StoredChange>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT c.arrival, a.device, c.seq, c.bytes, c.living, c.sum FROM changes c
             JOIN authors a ON a.author = c.author
             WHERE c.arrival > ?1 AND c.book = ?2 ORDER BY c.arrival LIMIT ?3",
        )?;
        let rows = statement.query(params![after, self.tools.book, max as i64])?;
        stored_changes(rows)
    }

    fn newest_arrival(&mut self) -> Result<u64, StoreError> {
        let mut newest = self.connection.prepare_cached("SELECT coalesce(max(arrival), 0) FROM changes")?;
        Ok(newest.query_row([], |row| row.get(0))?)
    }

    fn hash_of(&mut self, device: DeviceId, seq: u64) -> Result<Option<Hash>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT c.arrival, a.device, c.seq, c.bytes, c.living, c.sum FROM changes c
             JOIN authors a ON a.author = c.author
             WHERE a.book = ?1 AND a.device = ?2 AND c.seq = ?3",
        )?;
        let found = stored_changes(statement.query(params![self.tools.book, device.0, seq])?)?;
        Ok(found.first().map(StoredChange::hash))
    }

    fn take_changes(&mut self, device: DeviceId, after: u64) -> Result<Vec<StoredChange>, StoreError> {
        let author = self.author(device)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT c.arrival, a.device, c.seq, c.bytes, c.living, c.sum FROM changes c
             JOIN authors a ON a.author = c.author
             WHERE c.author = ?1 AND c.seq > ?2 AND c.living > 0 ORDER BY c.seq",
        )?;
        let taken = stored_changes(statement.query(params![author, after])?)?;
        self.connection
            .prepare_cached("DELETE FROM changes WHERE author = ?1 AND seq > ?2")?
            .execute(params![author, after])?;
        Ok(taken)
    }

    fn entities_naming(&mut self, device: DeviceId, after: u64) -> Result<Vec<EntityId>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT id, registers, sum FROM entities WHERE book = ?1")?;
        let mut rows = statement.query([self.tools.book])?;
        let mut naming = Vec::new();
        while let Some(row) = rows.next()? {
            let id = EntityId(fixed(row, 0)?);
            let names = match self.loaded.get(&id) {
                Some(loaded) => loaded.entity.has_seen(device, after),
                None => sums::entity(row, id, 1)?.has_seen(device, after),
            };
            if names {
                naming.push(id);
            }
        }
        Ok(naming)
    }

    fn rename_change(&mut self, old: (DeviceId, u64), new: (DeviceId, u64)) -> Result<(), StoreError> {
        let (author, now) = (self.author(old.0)?, self.author(new.0)?);
        let mut renamed = Vec::new();
        let sql = format!(
            "SELECT h.entry, e.id, h.sum, {} WHERE h.entry IN
                 (SELECT entry FROM history WHERE author = ?1 AND seq = ?2
                  UNION SELECT entry FROM history WHERE by_author = ?1 AND by_seq = ?2)",
            sums::REPLACED
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![author, old.1])?;
        while let Some(row) = rows.next()? {
            let (entity, (path, mut replaced)) = (EntityId(fixed(row, 1)?), sums::replaced(row, 3)?);
            sums::matches(row.get(2)?, sums::of_replaced(entity, &path, &replaced), "a value in the history")?;
            let Replaced { sibling, by } = &mut replaced;
            let (wrote, replaces) = ((sibling.device, sibling.seq) == old, *by == old);
            if wrote {
                (sibling.device, sibling.seq) = new;
            }
            if replaces {
                *by = new;
            }
            renamed.push((row.get::<_, i64>(0)?, wrote, replaces, sums::of_replaced(entity, &path, &replaced)));
        }
        drop(rows);
        for (entry, wrote, replaces, sum) in renamed {
            self.connection
                .prepare_cached(
                    "UPDATE history SET author = iif(?2, ?5, author), seq = iif(?2, ?6, seq),
                         by_author = iif(?3, ?5, by_author), by_seq = iif(?3, ?6, by_seq), sum = ?4 WHERE entry = ?1",
                )?
                .execute(params![entry, wrote, replaces, sum, now, new.1])?;
        }
        Ok(())
    }
}

/// Reads rows of (arrival, device, number, bytes, living, sum).
fn stored_changes(mut rows: rusqlite::Rows<'_>) -> Result<Vec<StoredChange>, StoreError> {
    let mut changes = Vec::new();
    while let Some(row) = rows.next()? {
        let living: i64 = row.get(4)?;
        let stored = StoredChange {
            arrival: row.get(0)?,
            device: DeviceId(fixed(row, 1)?),
            seq: row.get(2)?,
            bytes: row.get(3)?,
            whole: living > 0,
        };
        sums::matches(
            row.get(5)?,
            sums::of_stored(stored.device, stored.seq, stored.whole, &stored.bytes),
            "a change",
        )?;
        changes.push(stored);
    }
    Ok(changes)
}
