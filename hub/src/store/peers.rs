//! Rows about this device's surroundings: the roster and other devices.

use super::{
    StoreError,
    writing::{Writing, fixed},
};
use kith_core::{id::DeviceId, vector::Vector};
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
        // It is a hint; the peer itself says it again.
        let vector = rmp_serde::from_slice(&bytes).unwrap_or_default();
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

    /// Forgets what was known of another device.
    pub(crate) fn forget_peer(&mut self, device: DeviceId) -> Result<(), StoreError> {
        self.connection().execute("DELETE FROM peers WHERE device = ?1", [device.0])?;
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
}
