//! Calls, messages and mails: `interactions.*`. Times and addresses, never content.

use super::{Freshness, types::wire};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

wire! {
    /// Reads call logs, messages and mails: files of SMS Backup & Restore, mbox files, Maildirs, or folders of these.
    struct InteractionsImport {
        pub paths: Vec<String>,
    }
    /// What was found.
    struct InteractionsImported {
        pub added: u32,
        /// Known already.
        pub known: u32,
        /// Older than two years, and not kept.
        pub too_old: u32,
        /// Entries that could not be read.
        pub unreadable: u32,
        pub freshness: Freshness,
    }
    /// Has this device read a folder again whenever it changes; or tells which it reads.
    struct InteractionsWatch {
        /// The folder; without it nothing changes.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub path: Option<String>,
        /// No longer.
        pub off: bool,
    }
    /// The folders that this device reads.
    struct InteractionsWatched {
        pub paths: Vec<String>,
        /// What the first reading found.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub imported: Option<InteractionsImported>,
    }
    /// Notes one by hand, or one that was begun from the app.
    struct InteractionsAdd {
        pub contact: String,
        /// `call`, `message` or `mail`.
        pub kind: String,
        /// RFC 3339; now unless said.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub at: Option<String>,
        /// They began, not I.
        pub incoming: bool,
    }
    /// Asks with whom there was most to do.
    struct InteractionsTop {
        /// Within so many days; 180 unless said.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub window_days: Option<u32>,
        /// At most so many contacts; all unless said.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub limit: Option<u32>,
    }
    /// Contacts by how much there was to do, most first.
    struct InteractionCounts {
        pub contacts: Vec<InteractionCount>,
        pub freshness: Freshness,
    }
    /// One contact.
    struct InteractionCount {
        pub id: String,
        pub name: String,
        pub count: u32,
        pub calls: u32,
        pub mails: u32,
        pub messages: u32,
    }
}
