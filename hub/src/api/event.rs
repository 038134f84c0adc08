//! Events: what changed, not how to draw it. Whoever shows it reads it again.

use super::{Code, PendingDevice};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Something changed that a window may be showing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// These contacts changed; an empty list means "too many to name".
    ContactsChanged {
        /// At most [`EVENT_IDS_MAX`] ids.
        ids: Vec<String>,
        /// The name of the device whose change arrived, if it was not this one; empty if it is not known any more.
        device: Option<String>,
    },
    /// Groups or tags changed.
    GroupsChanged,
    /// A deletion began or ceased to wait for a person.
    HeldChanged,
    /// An account was connected, read, or disconnected.
    AccountsChanged,
    /// A backup was made, or could not be, or is made otherwise from now on.
    BackupChanged,
    /// Links, invitations, what was sent or received, or interactions changed.
    PeopleChanged,
    /// An update arrived that waits for an answer, or one was answered.
    InboxChanged,
    /// What is to be shown as a notification changed: something waits that did not, a reminder is due, something was
    /// answered here or on another device, or quiet hours are over. `notify.due` says what it is.
    NoticeChanged,
    /// Settings changed.
    SettingsChanged,
    /// A device came near, went away, joined, or caught up.
    DevicesChanged,
    /// This folder holds a person now.
    SetUp,
    /// Everything on this device was erased: the folder holds nobody any more.
    Erased,
    /// A device entered the code and waits for a yes.
    PairAsked {
        /// Who asks.
        device: PendingDevice,
    },
    /// The list of waiting devices changed, or pairing closed.
    PairChanged,
    /// On the joining device: the words that the other device shows as well.
    PairWords {
        /// Three short words.
        words: String,
    },
    /// How far a long piece of work is.
    Progress {
        /// What is being done, e.g. `import`.
        work: String,
        /// Items done.
        done: u32,
        /// Items in all; 0 while unknown.
        total: u32,
    },
    /// Something went wrong without anybody having asked.
    Trouble {
        /// For programs.
        code: Code,
        /// For people.
        message: String,
    },
}

/// More changed contacts than this are not named one by one.
pub const EVENT_IDS_MAX: usize = 100;
