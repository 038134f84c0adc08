//! A copy of a book's file that no hub has open: one out of a backup. It is looked at, checked, and made the beginning
//! of another device's book.

use super::{StoreError, copies::META_DEVICE, open, writing};
use kith_core::{
    book_hash::BookHash,
    entity::Entity,
    id::{EntityId, StoreId},
    replica::BookState,
};
use rusqlite::{Connection, params};
use std::{ops::Deref, path::Path};

/// The book's version and hash, as committed rows have them.
pub(crate) fn standing(connection: &Connection) -> Result<(String, String), StoreError> {
    let (_, state) = writing::load_state(connection)?;
    Ok((state.version(), state.hash.to_hash().to_string()))
}

/// The opened copy.
#[derive(Debug)]
pub(crate) struct Copy {
    connection: Connection,
    state: BookState,
}

impl Deref for Copy {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl Copy {
    /// Opens a copy, migrating it if it is older.
    pub(crate) fn open(file: &Path) -> Result<Self, StoreError> {
        let connection = open::open(file)?;
        let (_, state) = writing::load_state(&connection)?;
        Ok(Self { connection, state })
    }

    /// What it says of its book.
    pub(crate) fn state(&self) -> &BookState {
        &self.state
    }

    /// Reads everything: SQLite's own check, every entity, and whether they come to the hash that the book claims.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        let verdict: String = self.connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if verdict != "ok" {
            return Err(StoreError::Damaged("its pages"));
        }
        let mut hash = BookHash::default();
        self.each(|id, entity| {
            for (path, register) in entity.registers() {
                register.siblings().iter().for_each(|sibling| hash.add(id, path, sibling));
            }
            Ok(())
        })?;
        if hash == self.state.hash { Ok(()) } else { Err(StoreError::Damaged("the book's hash")) }
    }

    /// Hands out every entity.
    pub(crate) fn each(
        &self,
        mut take: impl FnMut(EntityId, Entity) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare("SELECT id, registers FROM entities ORDER BY entity")?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            let registers = row.get_ref(1)?.as_blob().map_err(|_| StoreError::Damaged("a contact"))?;
            let entity = Entity::decode(registers).map_err(|_| StoreError::Damaged("a contact"))?;
            take(EntityId(writing::fixed(row, 0)?), entity)?;
        }
        Ok(())
    }

    /// Makes it the store of another device: a new life for its arrival numbers (rule 3.1/7), and nothing left that was
    /// the other device's own affair: what it did and could take back, what it read where, whom it invited, and what was kept under
    /// the name `forget`. Under `mark` it is remembered that it was. Closes the file whole, without a log beside it.
    pub(crate) fn adopt(self, store: StoreId, roster: &[u8], forget: &str, mark: &str) -> Result<(), StoreError> {
        let mut connection = self.connection;
        let tx = connection.transaction()?;
        tx.execute("UPDATE meta SET value = ?1 WHERE key = 'store'", [store.0.as_slice()])?;
        tx.execute("DELETE FROM meta WHERE key IN (?1, ?2)", [forget, META_DEVICE])?;
        tx.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, x'01')", [mark])?;
        tx.execute_batch(
            "DELETE FROM action_steps; DELETE FROM actions; DELETE FROM sources; DELETE FROM held;
             DELETE FROM copies; DELETE FROM invitations; DELETE FROM acceptances; DELETE FROM watched;
             DELETE FROM declined;
             UPDATE peers SET vector = x'80'",
        )?;
        tx.execute("INSERT OR IGNORE INTO roster (bytes) VALUES (?1)", params![roster])?;
        tx.commit()?;
        connection.pragma_update(None, "journal_mode", "DELETE")?;
        connection.close().map_err(|(_, error)| error.into())
    }
}
