//! The requests and answers of the command list. Their keys are the `--json` keys of the command line.
//!
//! Ids are hex text; where a request takes an id, a unique prefix will do. Times are RFC 3339 in UTC.

use super::{ImportFailure, RemovedDevice};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

macro_rules! wire {
    ($($(#[$attribute:meta])* struct $name:ident { $($body:tt)* })*) => {
        $(
            $(#[$attribute])*
            #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
            #[serde(default)]
            pub struct $name { $($body)* }
        )*
    };
}

pub(in crate::api) use wire;

wire! {
    /// Nothing to say but that it was done.
    struct Done {}

    /// A new person with this device as the first.
    struct Init {
        /// What the device is called, e.g. "Mara's laptop".
        pub name: String,
        /// What the person is called; empty if they would rather not say yet.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub person: Option<String>,
    }
    /// A person was made. The recovery code is shown this once and kept nowhere.
    struct Initialised {
        pub device_id: String,
        pub person_id: String,
        /// 26 Crockford characters and a checksum, in groups.
        pub recovery_code: String,
        /// `os` or `file`: where the device's keys are kept.
        pub keys: String,
        /// Whether that file is sealed under a passphrase.
        pub keys_sealed: bool,
    }

    /// Asks for the whole state.
    struct StatusRequest {}
    /// The whole state of this hub.
    struct Status {
        pub device: Named,
        pub person: Named,
        /// `os` or `file`: where the device's keys are kept.
        pub keys: String,
        /// Whether that file is sealed under a passphrase.
        pub keys_sealed: bool,
        /// Set if this device is none of its person's any more.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub removed: Option<RemovedDevice>,
        /// A device was removed, and the recovery code is still to be entered.
        pub recovery_due: bool,
        pub book: BookState,
        pub peers: Vec<Peer>,
        /// Envelopes and batches not yet handed over.
        pub outbox: u32,
        /// Updates that wait for an answer; not those that were put off.
        pub inbox: u32,
        /// What the system says of this device's network: `metered`, `unmetered` or `unknown`.
        pub network: String,
        /// Deletions that wait for a person.
        pub held: u32,
        pub backup: BackupState,
        /// What keeps this device from exchanging anything, in a sentence.
        #[ts(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub trouble: Option<String>,
        /// Where this hub listens, if it is running.
        #[ts(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub listen: Option<String>,
    }
    /// An id with its name.
    struct Named {
        pub id: String,
        pub name: String,
    }
    /// The state of a book: equal versions show equal hashes.
    struct BookState {
        /// Contacts that are not in the trash.
        pub contacts: u32,
        pub version: String,
        pub hash: String,
        /// Contacts in the trash.
        pub trash: u32,
        /// Properties that two devices changed at the same time and nobody has settled.
        pub undecided: u32,
        /// Favourites that are not in the trash.
        pub favourites: u32,
    }
    /// Another own device as this hub sees it.
    struct Peer {
        pub device_id: String,
        pub name: String,
        /// `lan`, `hub` or `none`.
        pub path: String,
        /// How many changes it is known to lack.
        pub behind: u32,
    }
    /// The backups of this device.
    struct BackupState {
        /// When the last one was made.
        pub last: Option<String>,
        /// Whether the book changed since.
        pub changed: bool,
        /// Why the last attempt came to nothing.
        #[ts(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub trouble: Option<String>,
    }

    /// Asks the hub to end.
    struct Stop {}

    /// Asks for the deletions that wait for a person.
    struct HeldList {}
    /// Deletions that wait for a person.
    struct HeldAll {
        pub held: Vec<Held>,
    }
    /// A deletion that waits for a person.
    struct Held {
        pub id: String,
        /// In words, e.g. "Phone export no longer has 120 of 150 contacts".
        pub what: String,
        /// Contacts concerned.
        pub count: u32,
        /// Since when it waits.
        pub time: String,
        /// The first few of them.
        pub names: Vec<String>,
    }
    /// Carries a deletion out.
    struct HeldApply {
        pub id: String,
    }
    /// What became of a deletion.
    struct HeldApplied {
        /// Contacts that were deleted.
        pub count: u32,
        /// Contacts that somebody changed since and that were left alone.
        pub left: u32,
        /// The first few of those.
        pub names: Vec<String>,
    }
    /// Forgets a deletion: nothing is deleted.
    struct HeldDiscard {
        pub id: String,
    }

    /// Asks for the connected accounts.
    struct AccountsList {}
    /// The connected accounts.
    struct Accounts {
        pub accounts: Vec<Account>,
    }
    /// A connected account: a source that states a layer of its own.
    struct Account {
        pub id: String,
        /// `file`: a file or folder of cards that another program writes.
        pub kind: String,
        pub name: String,
        /// Where it is; empty if it is connected on another device.
        pub path: String,
        /// `ready`, `failed`, `held` or `elsewhere`.
        pub state: String,
        /// Why it failed, in words.
        pub message: String,
        pub last_sync: Option<String>,
        /// Contacts that it states something about.
        pub contacts: u32,
    }
    /// Connects a file or folder of cards, read only, and reads it.
    struct AccountsAdd {
        /// `file`.
        pub kind: String,
        pub path: String,
        /// What to call it; without it the file's name.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub name: Option<String>,
    }
    /// Reads an account again.
    struct AccountsSync {
        pub id: String,
    }
    /// What reading an account did.
    struct AccountSynced {
        pub id: String,
        pub added: u32,
        pub updated: u32,
        pub unchanged: u32,
        /// Contacts that the account states nothing about any more.
        pub removed: u32,
        pub failed: Vec<ImportFailure>,
        /// The removals wait for a person under this id.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub held: Option<String>,
    }
    /// Disconnects an account. What it said goes with it, but never a contact that something else speaks of.
    struct AccountsRemove {
        pub id: String,
    }

    /// Asks for the settings.
    struct SettingsShow {}
    /// Changes settings; what is absent stays.
    struct SettingsSet {
        /// The region whose telephone numbers are written without a country code, e.g. `DE`; empty: not known.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub region: Option<String>,
        /// The language whose order names are sorted in, e.g. `sv`; empty: the order that suits all.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub sort_locale: Option<String>,
        /// `given` or `family`: which name comes first in the order of the list.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub sort_by: Option<String>,
    }
    /// The settings, which all own devices share.
    struct Settings {
        /// The confirmed region; empty if nobody has said.
        pub region: String,
        /// The region that the book or the system's language suggests; empty if nothing does.
        pub region_suggested: String,
        pub sort_locale: String,
        pub sort_by: String,
    }

    /// Asks for groups, or tags.
    struct GroupsList {
        pub kind: GroupKind,
    }
    /// All groups, or all tags.
    struct Groups {
        pub groups: Vec<Group>,
    }
    /// A group or a tag.
    struct Group {
        pub id: String,
        pub name: String,
        /// Contacts in it that are not in the trash.
        pub count: u32,
    }
    /// Makes a group or a tag.
    struct GroupsAdd {
        pub kind: GroupKind,
        pub name: String,
    }
    /// The group or tag that was made or changed.
    struct GroupId {
        pub id: String,
    }
    /// Renames a group or a tag.
    struct GroupsRename {
        pub kind: GroupKind,
        /// Name or id.
        pub group: String,
        pub name: String,
    }
    /// Removes a group or a tag.
    struct GroupsRemove {
        pub kind: GroupKind,
        pub group: String,
    }
    /// Puts contacts into a group.
    struct GroupsPut {
        pub kind: GroupKind,
        pub group: String,
        pub ids: Vec<String>,
    }
    /// Takes contacts out of a group.
    struct GroupsTake {
        pub kind: GroupKind,
        pub group: String,
        pub ids: Vec<String>,
    }

    /// Opens pairing.
    struct PairShow {}
    /// What the new device needs.
    struct PairCode {
        /// Eight digits.
        pub code: String,
        /// Carries the address and a longer secret.
        pub link: String,
        /// The link as an SVG picture.
        pub qr: String,
        /// How long the code lives.
        pub seconds_left: u32,
        /// Wrong guesses that are left.
        pub tries_left: u32,
    }
    /// Closes pairing.
    struct PairClose {}
    /// Joins another device's person.
    struct PairEnter {
        /// The eight digits, or the link.
        pub code: String,
        /// What this device is called.
        pub name: String,
        /// Where the other device is, `ADDR:PORT`, if it is not found by itself.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub at: Option<String>,
    }
    /// This device is in.
    struct DeviceJoined {
        pub device_id: String,
        pub person_id: String,
        /// `os` or `file`: where the device's keys are kept.
        pub keys: String,
        /// Whether that file is sealed under a passphrase.
        pub keys_sealed: bool,
    }
    /// Asks for the devices that wait for a yes.
    struct PairPending {}
    /// The devices that wait for a yes.
    struct PendingDevices {
        pub pending: Vec<PendingDevice>,
        /// The open code, if pairing is open.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub open: Option<PairCode>,
    }
    /// A device that waits for a yes.
    struct PendingDevice {
        pub id: String,
        pub name: String,
        pub platform: String,
        /// Three words that both devices show.
        pub words: String,
    }
    /// Lets a device in.
    struct PairApprove {
        pub id: String,
    }
    /// Turns a device away.
    struct PairRefuse {
        pub id: String,
    }

    /// Asks for the devices.
    struct DevicesList {}
    /// This person's devices, this one first.
    struct Devices {
        pub devices: Vec<Device>,
        /// A device was removed, and the recovery code is still to be entered.
        pub recovery_due: bool,
    }
    /// One device.
    struct Device {
        pub id: String,
        pub name: String,
        /// When it was last connected; absent if never, or if it is this one.
        pub last_seen: Option<String>,
        /// The version of the book it is known to hold.
        pub version: String,
        pub platform: String,
        /// This one.
        pub this: bool,
        /// `here`, `lan`, `hub` or `none`.
        pub path: String,
        /// Changes it is known to lack.
        pub behind: u32,
    }
}

/// Groups and tags are alike; they differ in what they are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum GroupKind {
    /// A circle of people.
    #[default]
    Group,
    /// A word about a contact.
    Tag,
}
