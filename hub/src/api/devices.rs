//! Devices that go, and the recovery code: `devices.revoke`, `devices.lost`, `recovery.*`.

use super::{Named, Secret};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Removes another device of this person: from when they learn of it, no device talks to it any more.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct DevicesRevoke {
    pub id: String,
    /// Removes the devices that it let in as well. Without this they stay.
    pub with_added: bool,
    /// Opens the next epoch at once, so that the removed device can change nothing any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub recovery_code: Option<Secret>,
}

/// The device was removed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct DeviceRevoked {
    pub device_id: String,
    pub name: String,
    /// The devices that went with it.
    pub removed: Vec<Named>,
    /// The devices that it had let in and that stay: look whether you know them all.
    pub kept: Vec<Named>,
    /// The recovery code is still to be entered: until then the removed device could add or remove devices in the eyes of
    /// those that have not heard of its removal.
    pub recovery_due: bool,
}

/// The same for a device that is in somebody else's hands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct DevicesLost {
    pub id: String,
    /// Removes the devices that it let in as well. Without this they stay.
    pub with_added: bool,
    /// Opens the next epoch at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub recovery_code: Option<Secret>,
}

/// The device was removed, what it knew was made new, and this is what its finder can read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct DeviceLost {
    #[serde(flatten)]
    pub revoked: DeviceRevoked,
    pub renewed: Vec<Renewed>,
    pub finder: FinderReads,
}

/// Something that the lost device knew.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Renewed {
    /// A word for programs: `lan` or `epoch`.
    pub what: String,
    /// Whether it is new now.
    pub done: bool,
    /// What it is, or what is still to be done.
    pub message: String,
}

/// What whoever has a device can read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct FinderReads {
    /// Contacts in the book, the trash among them.
    pub contacts: u32,
    /// As of when the device is known to have them; absent if it was never seen.
    pub as_of: Option<String>,
    /// Changes made since, which it does not have.
    pub behind: u32,
    /// `os` or `file`: where the device's keys are; empty if that is not known here.
    pub keys: String,
    /// All of it in sentences.
    pub message: String,
}

/// Checks a recovery code against this person. Nothing of it is kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct RecoveryCheck {
    pub code: Secret,
}

/// The code is this person's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct RecoveryChecked {
    pub person: Named,
}

/// Asks for what is to be printed with the recovery code. Nothing of it is kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct RecoverySheet {
    pub code: Secret,
}

/// What stands on the sheet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct RecoveryPrint {
    /// Whose code it is; the name may be empty.
    pub person: Named,
    /// The code in groups.
    pub groups: Vec<String>,
    /// The code as an SVG picture of a QR code.
    pub qr: String,
    /// Today, RFC 3339.
    pub date: String,
}

/// Opens the next epoch of the roster: whatever was added or removed before counts for nothing, and the devices are those
/// that are in it now, this one, and those named here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct RecoveryOpen {
    pub code: Secret,
    /// Removed devices that are to be in again.
    pub with: Vec<String>,
}

/// The next epoch is open.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct RecoveryOpened {
    /// Its number.
    #[ts(type = "number")]
    pub epoch: u64,
    /// The devices in it.
    pub devices: Vec<Named>,
}

/// This device is none of its person's devices any more.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct RemovedDevice {
    /// The device that removed it; empty if the recovery code opened a list without it.
    pub by: String,
    /// When, by that device's clock.
    pub time: Option<String>,
    /// In a sentence.
    pub message: String,
}
