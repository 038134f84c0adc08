//! What is told of data folders that were copied or rolled back.

use super::Named;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Asks what was settled because a data folder had been copied or rolled back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct DevicesCopies {}

/// What was settled, newest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Copies {
    /// Once for each device and time.
    pub copies: Vec<CopiedDevice>,
}

/// A device of which two data folders had gone on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct CopiedDevice {
    /// When it was settled here.
    pub time: String,
    /// Whose folder.
    pub device: Named,
    /// It was this device, which goes on under a new id.
    pub this: bool,
    /// What was written again here: where both folders had changed something, both values stand.
    pub contacts: Vec<Named>,
}
