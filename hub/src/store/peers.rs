//! Rows about this device's surroundings: the roster, other devices, and what a person did here last.

use super::{
    StoreError,
    rows::{Writing, fixed},
};
use kith_core::{
    id::{DeviceId, EntityId},
    vector::Vector,
};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeMap;

/// What was last known of another device.
#[derive(Clone, Debug, Default)]
pub(crate) struct PeerRow {
    pub(crate) vector: Vector,
    /// When it was last connected, in milliseconds since 1970.
    pub(crate) last_seen: i64,
    /// Where it was reached, one address a line, best first.
    pub(crate) addresses: String,
}

/// What a person did here: the numbers of this device's changes.
#[derive(Clone, Debug)]
pub(crate) struct Action {
    pub(crate) number: i64,
    pub(crate) what: String,
    pub(crate) first_seq: u64,
    pub(crate) last_seq: u64,
    /// The import that it was: only changes of this import belong to it.
    pub(crate) import: Option<EntityId>,
}

/// The signed entries of the roster.
pub(crate) fn roster(connection: &Connection) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut statement = connection.prepare("SELECT bytes FROM roster ORDER BY entry")?;
    let entries = statement.query_map([], |row| row.get(0))?;
    Ok(entries.collect::<Result<_, _>>()?)
}

/// Everything known of other devices.
pub(crate) fn peers(connection: &Connection) -> Result<BTreeMap<DeviceId, PeerRow>, StoreError> {
    let mut statement = connection.prepare("SELECT device, vector, last_seen, addresses FROM peers")?;
    let mut rows = statement.query([])?;
    let mut peers = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let bytes: Vec<u8> = row.get(1)?;
        let vector = rmp_serde::from_slice(&bytes).map_err(|_| StoreError::Damaged("a peer's version"))?;
        peers.insert(DeviceId(fixed(row, 0)?), PeerRow { vector, last_seen: row.get(2)?, addresses: row.get(3)? });
    }
    Ok(peers)
}

/// A small value kept under a name.
pub(crate) fn meta(connection: &Connection, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let found = connection.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0));
    Ok(found.optional()?)
}

impl Writing<'_> {
    /// Keeps a small value under a name.
    pub(crate) fn keep_meta(&mut self, key: &str, value: &[u8]) -> Result<(), StoreError> {
        self.connection().execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)", params![key, value])?;
        Ok(())
    }

    /// Keeps roster entries; those that are there already stay.
    pub(crate) fn keep_roster(&mut self, entries: &[Vec<u8>]) -> Result<(), StoreError> {
        for entry in entries {
            self.connection().prepare_cached("INSERT OR IGNORE INTO roster (bytes) VALUES (?1)")?.execute([entry])?;
        }
        Ok(())
    }

    /// Keeps what is known of another device.
    pub(crate) fn keep_peer(&mut self, device: DeviceId, peer: &PeerRow) -> Result<(), StoreError> {
        // Encoding plain data into memory cannot fail.
        let vector = rmp_serde::to_vec_named(&peer.vector).unwrap_or_default();
        self.connection()
            .prepare_cached(
                "INSERT OR REPLACE INTO peers (device, vector, last_seen, addresses) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![device.0, vector, peer.last_seen, peer.addresses])?;
        Ok(())
    }

    /// Remembers what a person did, so that it can be taken back. The steps of one import are one action.
    pub(crate) fn keep_action(
        &mut self,
        what: &str,
        seqs: (u64, u64),
        import: Option<EntityId>,
    ) -> Result<(), StoreError> {
        let import = import.map(|import| import.0);
        let grown = self
            .connection()
            .prepare_cached("UPDATE actions SET last_seq = ?2 WHERE import = ?1 AND undone = 0")?
            .execute(params![import, seqs.1])?;
        if grown > 0 {
            return Ok(());
        }
        self.connection()
            .prepare_cached("INSERT INTO actions (what, first_seq, last_seq, import) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![what, seqs.0, seqs.1, import])?;
        self.connection()
            .prepare_cached("DELETE FROM actions WHERE action <= (SELECT max(action) FROM actions) - ?1")?
            .execute([ACTIONS_KEPT])?;
        Ok(())
    }

    /// The newest action that was not taken back.
    pub(crate) fn last_action(&mut self) -> Result<Option<Action>, StoreError> {
        let sql = "SELECT action, what, first_seq, last_seq, import FROM actions WHERE undone = 0
                   ORDER BY action DESC LIMIT 1";
        let found = self.connection().prepare_cached(sql)?.query_row([], |row| {
            Ok(Action {
                number: row.get(0)?,
                what: row.get(1)?,
                first_seq: row.get(2)?,
                last_seq: row.get(3)?,
                import: row.get::<_, Option<[u8; 16]>>(4)?.map(EntityId),
            })
        });
        Ok(found.optional()?)
    }

    /// Marks an action as taken back.
    pub(crate) fn action_undone(&mut self, action: &Action) -> Result<(), StoreError> {
        self.connection().execute("UPDATE actions SET undone = 1 WHERE action = ?1", [action.number])?;
        Ok(())
    }

    /// This device's stored changes with numbers in a range: those that still have a living write.
    pub(crate) fn own_changes(&mut self, me: DeviceId, first: u64, last: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        let author = self.author(me)?;
        let mut statement = self
            .connection()
            .prepare_cached("SELECT bytes FROM changes WHERE author = ?1 AND seq BETWEEN ?2 AND ?3 ORDER BY seq")?;
        let changes = statement.query_map(params![author, first, last], |row| row.get(0))?;
        Ok(changes.collect::<Result<_, _>>()?)
    }
}

/// Actions that can be taken back, one after the other.
const ACTIONS_KEPT: i64 = 1000;
