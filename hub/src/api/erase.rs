//! `erase`: this device forgets everything.

use super::{Generation, types::wire};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

wire! {
    /// Erases everything on this device. Other devices keep what they have.
    struct Erase {
        /// What this device is called, typed by the person: nobody does this by a slip.
        pub device: String,
        /// A folder, outside of the data folder, into which a last backup goes first.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub backup_to: Option<String>,
        /// The person wants no last backup: what only this device holds cannot be brought back.
        pub without_backup: bool,
    }
    /// The folder holds no person any more.
    struct Erased {
        /// The last backup.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub backup: Option<Generation>,
        /// Files and folders that were not Kith's to delete, e.g. those that came back with a restored backup.
        pub left: Vec<String>,
    }
}
