//! The device's keys, and where they are kept: in the operating system's key store, or in a file that only this user can
//! read, sealed under a passphrase if there is one.
//!
//! The folder's `keys` file says which. It holds the keys themselves only where it must; beside a key store it names the
//! entry and no more, so that whoever copies the folder has a book that they can read and a device that cannot connect.

mod seal;
#[cfg_attr(target_os = "linux", path = "secret_service.rs")]
#[cfg_attr(not(target_os = "linux"), path = "native.rs")]
mod system;
#[cfg(test)]
mod tests;

use crate::{
    api::{Code, Error},
    folder::write_atomically,
};
use kith_core::id::{DeviceId, PersonId};
use seal::Sealed;
use serde::{Deserialize, Serialize};
use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::mpsc,
    time::Duration,
};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// What makes this device this device.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Keys {
    #[zeroize(skip)]
    pub(crate) device: DeviceId,
    #[zeroize(skip)]
    pub(crate) person: PersonId,
    /// Seed of `Dsig`.
    #[serde(with = "serde_bytes")]
    pub(crate) sign: [u8; 32],
    /// Seed of `Dtls`.
    #[serde(with = "serde_bytes")]
    pub(crate) tls: [u8; 32],
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({:?})", self.device)
    }
}

/// Where keys are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyPlace {
    /// In a file; keys that are in the key store move there.
    #[default]
    File,
    /// In the key store, if one answers; keys that are in a file move there.
    Os,
    /// Where they are. New ones go into the key store if one answers, unless there is a passphrase to seal a file with.
    Any,
}

/// What the person said about the keys of a folder.
#[derive(Clone, Debug, Default)]
pub struct KeyOptions {
    /// Where they are wanted.
    pub place: KeyPlace,
    /// A file with the passphrase that seals them. Without it a systemd credential of the name `kith-passphrase` counts.
    pub passphrase_file: Option<PathBuf>,
}

/// Where keys are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// In the operating system's key store.
    Os,
    /// In a file that only this user can read.
    File,
    /// In such a file, sealed under a passphrase.
    Sealed,
}

impl Kept {
    /// The word for programs: `os` or `file`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Os => "os",
            Self::File | Self::Sealed => "file",
        }
    }
}

/// Why keys cannot be had or kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeysError {
    /// The `keys` file is not one.
    #[error("{0} is damaged. Restore this device from a backup, or remove it from another device and pair it again.")]
    Damaged(String),
    /// A file cannot be read or written.
    #[error("{0}: {1}")]
    File(String, io::Error),
    /// No key store has the entry that the folder names.
    #[error(
        "The keys of this folder are in the key store of the computer and user where it was set up, and {0}. A copied \
         folder alone cannot connect: use it where it was set up, or pair this device anew with an empty folder."
    )]
    NotHere(StoreFault),
    /// The file is sealed and there is no passphrase.
    #[error("The keys of this folder are sealed. Give the file with the passphrase by --passphrase-file.")]
    NoPassphrase,
    /// The file is sealed under another passphrase, or was tampered with.
    #[error("The passphrase does not open the keys of this folder. Give the file with the right one.")]
    WrongPassphrase,
    /// The passphrase file is empty or too long.
    #[error("{0} holds no passphrase: it must have 1 to {PASSPHRASE_BYTES_MAX} bytes.")]
    BadPassphrase(String),
    /// There is not enough memory to make a key of the passphrase, or it cannot be sealed.
    #[error("The keys could not be sealed. Make some memory free and try again.")]
    Sealing,
}

/// Why the key store did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StoreFault {
    /// There is none, or it refuses.
    #[error("no key store answers here")]
    Absent,
    /// It did not answer in time.
    #[error("the key store here does not answer")]
    Silent,
    /// It stays locked.
    #[error("the key store here is locked")]
    Locked,
    /// It does not hold the entry.
    #[error("the key store here does not hold them")]
    Missing,
}

impl From<KeysError> for Error {
    fn from(error: KeysError) -> Self {
        Self::new(Code::KeysUnavailable, error.to_string())
    }
}

/// What the `keys` file says where it does not hold the keys in plain.
#[derive(Serialize, Deserialize)]
enum Notice {
    /// They are in the key store, in this entry.
    #[serde(rename = "os")]
    Os { entry: String },
    /// They are here, sealed.
    #[serde(rename = "sealed")]
    Sealed(Sealed),
}

/// The keys of one folder.
#[derive(Clone, Debug)]
pub(crate) struct Keeper {
    file: PathBuf,
    options: KeyOptions,
}

impl Keeper {
    /// The keeper of the folder's keys; nothing is read yet.
    pub(crate) fn new(folder: &Path, options: KeyOptions) -> Self {
        Self { file: folder.join(KEYS), options }
    }

    /// The keys; `None` if the folder is not set up. Keys that are wanted elsewhere are moved there. Blocks.
    pub(crate) fn load(&self) -> Result<Option<Keys>, KeysError> {
        let Some(bytes) = self.read()? else { return Ok(None) };
        let (keys, kept) = match rmp_serde::from_slice(&bytes) {
            Ok(Notice::Os { entry }) => {
                let name = entry.clone();
                let secret = within(FETCH_PATIENCE, move || system::fetch(&name)).map_err(KeysError::NotHere)?;
                (self.decode(&secret)?, Kept::Os)
            }
            Ok(Notice::Sealed(sealed)) => {
                let passphrase = self.passphrase()?.ok_or(KeysError::NoPassphrase)?;
                let plain = sealed.open(&passphrase).ok_or(KeysError::WrongPassphrase)?;
                (self.decode(&plain)?, Kept::Sealed)
            }
            Err(_) => (self.decode(&bytes)?, Kept::File),
        };
        let moves = match (self.options.place, kept) {
            (KeyPlace::File, Kept::Os) | (KeyPlace::Os, Kept::File | Kept::Sealed) => true,
            // A passphrase for keys that lie open is there to seal them.
            (KeyPlace::File | KeyPlace::Any, Kept::File) => self.passphrase()?.is_some(),
            _ => false,
        };
        if moves {
            self.keep(&keys)?;
        }
        Ok(Some(keys))
    }

    /// Writes the keys where they are wanted: from here on the folder is set up. Blocks.
    pub(crate) fn keep(&self, keys: &Keys) -> Result<Kept, KeysError> {
        let before = self.entry();
        let plain = Zeroizing::new(rmp_serde::to_vec_named(keys).map_err(|_| KeysError::Sealing)?);
        let passphrase = self.passphrase()?;
        let os = match self.options.place {
            KeyPlace::Os => true,
            KeyPlace::Any => passphrase.is_none(),
            KeyPlace::File => false,
        };
        let entry = format!("kith-{}", keys.device);
        let in_store = os && {
            let (name, secret) = (entry.clone(), plain.clone());
            let kept = within(KEEP_PATIENCE, move || system::keep(&name, &secret));
            if let Err(fault) = &kept {
                tracing::info!(%fault, "the keys are kept in a file");
            }
            kept.is_ok()
        };
        let (kept, bytes) = match (in_store, passphrase) {
            (true, _) => (Kept::Os, encode(&Notice::Os { entry: entry.clone() })?),
            (false, Some(passphrase)) => {
                let sealed = Sealed::seal(&passphrase, &plain).ok_or(KeysError::Sealing)?;
                (Kept::Sealed, encode(&Notice::Sealed(sealed))?)
            }
            (false, None) => (Kept::File, plain),
        };
        write_atomically(&self.file, &bytes).map_err(|error| KeysError::File(self.name(), error))?;
        // Of another device's keys this folder may be a copy: those stay.
        if let Some(old) = before.filter(|old| kept != Kept::Os && *old == entry) {
            // What cannot be removed now opens nothing that this folder does not hold anyway.
            let _stale = within(KEEP_PATIENCE, move || system::forget(&old));
        }
        Ok(kept)
    }

    /// Forgets the keys: the entry of the key store first, then the file that names it, or that holds them. Blocks.
    pub(crate) fn forget(&self) -> Result<(), KeysError> {
        if let Some(entry) = self.entry() {
            match within(KEEP_PATIENCE, move || system::forget(&entry)) {
                Ok(()) | Err(StoreFault::Missing) => {}
                // The entry opens nothing once the folder is empty; it is told, and the rest goes on.
                Err(fault) => tracing::warn!(%fault, "the key store keeps an entry that is of no use any more"),
            }
        }
        match std::fs::remove_file(&self.file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(KeysError::File(self.name(), error)),
            _ => Ok(()),
        }
    }

    /// Where the keys are, by what the file says; a file that says nothing is one that holds them.
    pub(crate) fn kept(&self) -> Kept {
        match self.read().ok().flatten().and_then(|bytes| rmp_serde::from_slice(&bytes).ok()) {
            Some(Notice::Os { .. }) => Kept::Os,
            Some(Notice::Sealed(_)) => Kept::Sealed,
            None => Kept::File,
        }
    }

    /// The entry of the key store that the file names.
    fn entry(&self) -> Option<String> {
        match rmp_serde::from_slice(&self.read().ok()??) {
            Ok(Notice::Os { entry }) => Some(entry),
            _ => None,
        }
    }

    fn read(&self) -> Result<Option<Zeroizing<Vec<u8>>>, KeysError> {
        match bounded(&self.file, KEYS_BYTES_MAX) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(KeysError::File(self.name(), error)),
        }
    }

    fn decode(&self, bytes: &[u8]) -> Result<Keys, KeysError> {
        rmp_serde::from_slice(bytes).map_err(|_| KeysError::Damaged(self.name()))
    }

    /// The passphrase that the person gave, by a file or as a systemd credential. The line end that editors add is none
    /// of it.
    fn passphrase(&self) -> Result<Option<Zeroizing<Vec<u8>>>, KeysError> {
        let file = match &self.options.passphrase_file {
            Some(file) => file.clone(),
            None => match std::env::var_os("CREDENTIALS_DIRECTORY").map(|dir| PathBuf::from(dir).join(CREDENTIAL)) {
                Some(file) if file.exists() => file,
                _ => return Ok(None),
            },
        };
        let name = file.display().to_string();
        let mut text = match bounded(&file, PASSPHRASE_BYTES_MAX + 2) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Err(KeysError::BadPassphrase(name)),
            Err(error) => return Err(KeysError::File(name, error)),
        };
        while matches!(text.last(), Some(b'\n' | b'\r')) {
            text.pop();
        }
        if text.is_empty() || text.len() > PASSPHRASE_BYTES_MAX {
            return Err(KeysError::BadPassphrase(name));
        }
        Ok(Some(text))
    }

    fn name(&self) -> String {
        self.file.display().to_string()
    }
}

fn encode(notice: &Notice) -> Result<Zeroizing<Vec<u8>>, KeysError> {
    Ok(Zeroizing::new(rmp_serde::to_vec_named(notice).map_err(|_| KeysError::Sealing)?))
}

/// Reads a small file whole; one that is longer is not what it claims to be.
fn bounded(file: &Path, bytes_max: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    File::open(file)?.take(bytes_max as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > bytes_max { Err(io::ErrorKind::InvalidData.into()) } else { Ok(bytes) }
}

/// Asks the key store on a thread of its own, and does not wait for one that says nothing.
fn within<T: Send + 'static>(
    patience: Duration,
    ask: impl FnOnce() -> Result<T, StoreFault> + Send + 'static,
) -> Result<T, StoreFault> {
    let (sender, answer) = mpsc::channel();
    let asking = std::thread::Builder::new().name("key-store".into()).spawn(move || {
        // Nobody may be waiting any more.
        let _late = sender.send(ask());
    });
    match asking {
        Ok(_) => answer.recv_timeout(patience).unwrap_or(Err(StoreFault::Silent)),
        Err(_) => Err(StoreFault::Absent),
    }
}

const KEYS: &str = "keys";
const CREDENTIAL: &str = "kith-passphrase";
/// What the key store calls its entries of ours.
const APPLICATION: &str = "Kith";
const KEYS_BYTES_MAX: usize = 4 << 10;
const PASSPHRASE_BYTES_MAX: usize = 1 << 10;
/// How long a key store may take to keep an entry. It is not waited for while it asks for a password.
const KEEP_PATIENCE: Duration = Duration::from_secs(5);
/// How long it may take to hand one out: the person may have to unlock it first.
const FETCH_PATIENCE: Duration = Duration::from_secs(30);
