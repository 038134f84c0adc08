//! Refusals: a closed code that a program can branch on, and a sentence that a person can act on.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Why a command was refused or failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// For programs.
    pub code: Code,
    /// For people: what happened, then what to do.
    pub message: String,
}

/// The closed list of reasons. A variant is here because somebody branches on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The folder holds no person yet: `init` or `pair enter` first.
    NotSetUp,
    /// The folder already holds a person.
    AlreadySetUp,
    /// Another process has the folder open.
    InUse,
    /// No hub runs on the folder.
    NotRunning,
    /// No such contact, property, group, tag or device.
    NotFound,
    /// The prefix or name fits several.
    Ambiguous,
    /// The request itself makes no sense.
    BadRequest,
    /// A limit was exceeded.
    TooLarge,
    /// The file is not what it claims to be.
    MalformedFile,
    /// The file cannot be read or written.
    FileUnavailable,
    /// There is nothing to take back.
    NothingToUndo,
    /// Two values stand side by side: choose first.
    Undecided,
    /// The pairing code or the recovery code is wrong.
    WrongCode,
    /// The pairing code is used up, or its ten minutes are over.
    CodeExpired,
    /// The other device answered no.
    Refused,
    /// Nobody answers at that address, or no device was found.
    Unreachable,
    /// The other device is not one of ours.
    ForeignDevice,
    /// This device was removed from its person's devices.
    Removed,
    /// The other side sent something that no healthy hub sends.
    HostilePeer,
    /// The other device speaks a version that this one does not.
    VersionUnknown,
    /// The person holds as many devices as a person may.
    TooManyDevices,
    /// A data folder was copied or rolled back.
    Copied,
    /// The disk is full or cannot be written.
    StorageFailed,
    /// The data folder is damaged, or newer than this program.
    StorageUnreadable,
    /// The key store cannot be used.
    KeysUnavailable,
    /// A bug.
    Internal,
}

impl Error {
    /// Makes a refusal.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}
