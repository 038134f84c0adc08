//! Backups as files, without any server: sealed, whole, and readable without Kith.
//!
//! A backup is one age file (age-encryption.org/v1), sealed to an X25519 key that follows from the recovery code, so
//! that making one needs no secret and opening one needs the code alone. Inside is a tar archive, in this order:
//!
//! | member | what it is |
//! |---|---|
//! | `manifest.json` | format, time, device, book, and name, length and BLAKE3 of every member after it |
//! | `manifest.sig` | the making device's signature over those bytes, in hex; age says nothing of who sealed a file |
//! | `contacts.vcf` | the book as vCards, for any program |
//! | `book.db.zst` | the book's file, compressed with zstd |
//! | `included/...` | files that the person wanted to go along |
//!
//! This module knows files and formats. It never decides when a backup is made or what becomes of an opened one; it
//! uses only the core, and neither the store nor the node.

mod container;
mod generations;
mod included;
mod schedule;
mod sealing;

pub(crate) use container::{Book, Manifest, Opened, Parts, digest, open, write};
#[cfg(feature = "fuzz")]
pub use container::{fuzz_archive, fuzz_archives};
pub(crate) use generations::{Generation, file_name, file_of, leftovers, list, outlived};
pub(crate) use included::{gather, safe_path};
pub(crate) use schedule::{Every, is_due};
pub use sealing::age_identity;
pub(crate) use sealing::{BackupKey, looks_sealed};

use std::io;

/// Why a backup cannot be made or opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BackupError {
    /// The code does not open it.
    #[error(
        "this recovery code does not open the backup: it is another person's, the code is another one, or the file's \
         beginning is damaged"
    )]
    WrongCode,
    /// It is not as it was written.
    #[error("the backup is damaged or incomplete: {0}")]
    Damaged(&'static str),
    /// It is not a backup at all.
    #[error("the file is not a backup of Kith")]
    Foreign,
    /// It was made by a newer version.
    #[error("the backup was made by a newer version of Kith")]
    Newer,
    /// The key that it is to be sealed to is none.
    #[error("the key that backups are sealed to cannot be used")]
    Recipient,
    /// What is to go along is too much, or cannot be read.
    #[error("{0}")]
    Included(String),
    /// A file could not be read or written.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// The format that this version writes, and the newest that it reads.
pub(crate) const FORMAT: u32 = 1;
