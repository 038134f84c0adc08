//! What is set about this device's backups, and which it made: one small value in its store.

use super::Standing;
use crate::{
    api::Generation,
    backup::{self, Every},
    clock::rfc3339,
    store::{self, Connection, StoreError},
};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What is kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::node) struct Plan {
    /// How often, in milliseconds; `None` is off.
    pub(super) every_ms: Option<i64>,
    /// Into which folder.
    pub(in crate::node) folder: Option<String>,
    /// Files and folders that go along.
    pub(super) include: Vec<String>,
    /// Why the last attempt came to nothing.
    pub(in crate::node) trouble: String,
    /// The backups that this device made and did not delete, oldest first.
    pub(super) made: Vec<Made>,
}

/// A backup as it was when it was written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::node) struct Made {
    pub(in crate::node) id: String,
    pub(in crate::node) folder: String,
    /// In milliseconds since 1970.
    pub(in crate::node) time: i64,
    pub(in crate::node) bytes: u64,
    pub(in crate::node) contacts: u32,
    /// BLAKE3 of the file.
    pub(in crate::node) blake3: String,
    /// The book's version and hash.
    pub(in crate::node) version: String,
    pub(in crate::node) hash: String,
}

impl Plan {
    /// Reads it. One that a newer version wrote otherwise counts as none.
    pub(in crate::node) fn read(rows: &Connection) -> Result<Self, StoreError> {
        let bytes = store::meta(rows, META_BACKUP)?;
        Ok(bytes.and_then(|bytes| rmp_serde::from_slice(&bytes).ok()).unwrap_or_default())
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        // Encoding plain data into memory cannot fail.
        rmp_serde::to_vec_named(self).unwrap_or_default()
    }

    /// How often a backup is made.
    pub(super) fn every(&self) -> Option<Every> {
        self.every_ms.map(|ms| Every { ms })
    }

    /// The backup that was made last, whatever the clock said.
    pub(in crate::node) fn last(&self) -> Option<&Made> {
        self.made.last()
    }

    /// Whether the book changed since the last backup.
    pub(in crate::node) fn is_behind(&self, standing: &Standing) -> bool {
        self.last().is_none_or(|made| made.version != standing.version || made.hash != standing.hash)
    }

    /// What is known of a backup in a folder.
    pub(super) fn describe(&self, folder: &Path, found: backup::Generation) -> Generation {
        let own = self.made.iter().find(|made| made.id == found.id && Path::new(&made.folder) == folder);
        Generation {
            time: rfc3339(found.time),
            bytes: found.bytes,
            contacts: own.map(|made| made.contacts),
            path: folder.join(found.file_name()).to_string_lossy().into_owned(),
            own: own.is_some(),
            id: found.id,
        }
    }
}

/// Under which name it is kept.
pub(in crate::node) const META_BACKUP: &str = "backup";
/// Paths that go along, at most.
pub(super) const INCLUDE_MAX: usize = 64;
