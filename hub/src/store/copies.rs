//! Rows about copied folders: under which id this one goes on, and what was settled when (rule 3.1/9).

use super::{
    StoreError,
    writing::{Writing, fixed},
};
use kith_core::id::{DeviceId, EntityId};
use rusqlite::{Connection, OptionalExtension, params};

/// A device's numbers that were parted with.
#[derive(Clone, Debug)]
pub(crate) struct CopyRow {
    /// When, in milliseconds since 1970.
    pub(crate) at: i64,
    /// Whose numbers.
    pub(crate) device: DeviceId,
    /// Whether it was this device that took a new id.
    pub(crate) left: bool,
    /// The contacts that were written again.
    pub(crate) contacts: Vec<EntityId>,
}

/// The id under which this folder goes on; `None` while it is still the device that it was set up as.
pub(crate) fn device(connection: &Connection) -> Result<Option<DeviceId>, StoreError> {
    let found = connection
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([META_DEVICE], |row| Ok(fixed(row, 0)))
        .optional()?;
    Ok(found.transpose()?.map(DeviceId))
}

/// The device that this folder was when it was set up, if it was copied or rolled back since.
pub(crate) fn left(connection: &Connection) -> Result<Option<DeviceId>, StoreError> {
    let found = connection
        .prepare_cached("SELECT device FROM copies WHERE left = 1 ORDER BY copy LIMIT 1")?
        .query_row([], |row| Ok(fixed(row, 0)))
        .optional()?;
    Ok(found.transpose()?.map(DeviceId))
}

/// What was settled, newest first.
pub(crate) fn copies(connection: &Connection) -> Result<Vec<CopyRow>, StoreError> {
    let mut statement =
        connection.prepare("SELECT at, device, left, contacts FROM copies ORDER BY copy DESC LIMIT ?1")?;
    let mut rows = statement.query([COPIES_SHOWN_MAX])?;
    let mut copies = Vec::new();
    while let Some(row) = rows.next()? {
        let contacts = row.get_ref(3)?.as_blob().map_err(|_| StoreError::Damaged("a list of contacts"))?;
        let contacts = contacts.chunks_exact(EntityId::LEN).filter_map(EntityId::from_slice).collect();
        copies.push(CopyRow { at: row.get(0)?, device: DeviceId(fixed(row, 1)?), left: row.get(2)?, contacts });
    }
    Ok(copies)
}

impl Writing<'_> {
    /// The id under which changes are made here.
    pub(crate) fn device(&self, set_up_as: DeviceId) -> Result<DeviceId, StoreError> {
        Ok(device(self.connection())?.unwrap_or(set_up_as))
    }

    /// Goes on as another device. What was done as the old one cannot be taken back by its numbers any more.
    pub(crate) fn keep_device(&mut self, device: DeviceId) -> Result<(), StoreError> {
        self.keep_meta(META_DEVICE, &device.0)?;
        self.connection().execute_batch("DELETE FROM action_steps; DELETE FROM actions")?;
        Ok(())
    }

    /// Remembers what was settled.
    pub(crate) fn keep_copy(&mut self, copy: &CopyRow, common: u64) -> Result<(), StoreError> {
        let contacts: Vec<u8> = copy.contacts.iter().flat_map(|id| id.0).collect();
        self.connection().execute(
            "INSERT INTO copies (at, device, common, left, contacts) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![copy.at, copy.device.0, common, copy.left, contacts],
        )?;
        Ok(())
    }
}

pub(super) const META_DEVICE: &str = "device";
/// Entries of the list.
const COPIES_SHOWN_MAX: i64 = 100;
