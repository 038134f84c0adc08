//! The requests and answers about backups and restoring.

use super::{Named, Secret, types::wire};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

wire! {
    /// Says how often this device makes a backup.
    struct BackupEvery {
        /// `30m`, `12h`, `1d`, `2w`, or `off`.
        pub every: String,
        /// Into which folder of this computer; stays as it is if left out.
        #[ts(optional)]
        pub to: Option<String>,
    }
    /// What is set about this device's backups, and how they stand.
    struct BackupPlan {
        /// `1d` or the like; `off` if none is made without being asked for.
        pub every: String,
        /// Into which folder; empty if there is none.
        pub folder: String,
        /// Files and folders that go along.
        pub include: Vec<String>,
        /// When the last one was made.
        pub last: Option<String>,
        /// Whether the book changed since.
        pub changed: bool,
        /// Why the last attempt came to nothing.
        #[ts(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub trouble: Option<String>,
        /// Whether the book knows what its backups are sealed to; else the recovery code is needed once.
        pub ready: bool,
    }
    /// Makes a backup now.
    struct BackupNow {
        /// Into another folder than the one that is set.
        #[ts(optional)]
        pub to: Option<String>,
        /// Only needed once by books that are older than backups.
        #[ts(optional)]
        pub recovery_code: Option<Secret>,
    }
    /// A backup in a folder.
    struct Generation {
        pub id: String,
        pub time: String,
        #[ts(type = "number")]
        pub bytes: u64,
        /// Contacts in it; nothing is known of what another device made.
        #[ts(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub contacts: Option<u32>,
        /// Where it lies.
        pub path: String,
        /// Whether this device made it.
        pub own: bool,
    }
    /// Asks for the backups in the folder.
    struct BackupList {}
    /// The backups in the folder, newest first.
    struct Generations {
        pub generations: Vec<Generation>,
    }
    /// Asks how the backups stand.
    struct BackupCheck {}
    /// Tries whether a backup can be restored.
    struct BackupDrill {
        /// The id of a backup, a file, or a folder; the newest if left out.
        #[ts(optional)]
        pub from: Option<String>,
        /// Without it the backup cannot be opened, and less is proven.
        #[ts(optional)]
        pub recovery_code: Option<Secret>,
    }
    /// What a drill found. A backup that cannot be restored is a refusal.
    struct BackupDrilled {
        pub path: String,
        /// When the backup was made; empty if it was not opened and is not of this device.
        pub time: String,
        #[ts(type = "number")]
        pub bytes: u64,
        /// Whether it was opened, restored aside, and everything in it read.
        pub opened: bool,
        /// Whether the file is, byte for byte, what this device wrote; known of its own backups only.
        #[ts(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub as_written: Option<bool>,
        /// Contacts in it, if it was opened.
        pub contacts: u32,
        /// Hash of the restored book, if it was opened.
        pub hash: String,
        /// Whether that is the book as it is now.
        pub same_as_book: bool,
        /// How long it took, in milliseconds.
        pub ms: u32,
    }
    /// Has a file or folder go along with each backup.
    struct BackupInclude {
        pub path: String,
        /// No longer.
        pub remove: bool,
    }

    /// Brings back from a backup.
    struct Restore {
        /// The id of a backup, a file, or a folder, of which the newest is taken; the newest of this device's folder if
        /// left out.
        #[ts(optional)]
        pub from: Option<String>,
        #[ts(optional)]
        pub recovery_code: Option<Secret>,
        /// Says what would happen and changes nothing.
        pub preview: bool,
        /// Only this contact.
        #[ts(optional)]
        pub contact: Option<String>,
        /// Only this property of it, by name or id.
        #[ts(optional)]
        pub property: Option<String>,
        /// Exactly as it was: what came since goes too, contacts into the trash.
        pub exact: bool,
        /// What the new device is called, on an empty folder.
        #[ts(optional)]
        pub name: Option<String>,
    }
    /// What was brought back, or would be.
    struct Restored {
        pub added: u32,
        pub changed: u32,
        /// Contacts that went into the trash.
        pub removed: u32,
        /// Contacts that came since the backup, and stay.
        pub newer: u32,
        /// When the backup was made.
        pub time: String,
        /// What each contact comes to, the first of them only.
        pub contacts: Vec<RestoredContact>,
        /// Contacts younger than the backup wait under this id for a second yes before they go into the trash.
        #[ts(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub held: Option<String>,
        /// The new device, if the folder was empty.
        #[ts(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub device_id: Option<String>,
        /// The restored person, if the folder was empty.
        #[ts(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub person_id: Option<String>,
        /// The other devices that the restored person has: lost, or still theirs?
        pub devices: Vec<Named>,
        /// Where the files lie that went along.
        #[ts(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub files: Option<String>,
    }
    /// What becomes of one contact.
    struct RestoredContact {
        pub id: String,
        pub name: String,
        /// `added`, `changed`, `removed` or `newer`.
        pub what: String,
        /// What differs.
        pub fields: Vec<RestoredField>,
    }
    /// A property before and after.
    struct RestoredField {
        pub name: String,
        pub old: String,
        pub new: String,
    }
}
