//! The data folder: one person's device. It holds the book's file, what names the device's keys, and a lock.
//!
//! A folder counts as set up when its keys are there; they are written last, so that a set-up that was cut off leaves an
//! empty folder as far as anybody is concerned.

use crate::{
    api::{Code, Error},
    keys::{Keeper, Kept, KeyOptions, Keys},
};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// An open data folder, locked for this process as long as it lives.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    keeper: Keeper,
    _lock: File,
}

impl Folder {
    /// Opens a folder, making it if it is not there, for this process alone; refused as in use while another process has
    /// it open.
    pub(crate) fn open(path: &Path, keys: KeyOptions) -> Result<Self, Error> {
        create_private(path).map_err(|error| unavailable(path, &error))?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join(LOCK))
            .map_err(|error| unavailable(path, &error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), keeper: Keeper::new(path, keys), _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                let message = format!("Kith has {} open already. Close it there first.", path.display());
                Err(Error::new(Code::InUse, message))
            }
            Err(TryLockError::Error(error)) => Err(unavailable(path, &error)),
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The device's keys; `None` if the folder is not set up. Blocks while a key store answers.
    pub(crate) fn keys(&self) -> Result<Option<Keys>, Error> {
        Ok(self.keeper.load()?)
    }

    /// Keeps the keys: from here on the folder is set up. Blocks while a key store answers.
    pub(crate) fn keep_keys(&self, keys: &Keys) -> Result<(), Error> {
        self.keeper.keep(keys)?;
        Ok(())
    }

    /// Where the keys are.
    pub(crate) fn kept(&self) -> Kept {
        self.keeper.kept()
    }

    /// Marks that everything is to be erased: from here on a start finishes it.
    pub(crate) fn mark_erasing(&self) -> Result<(), Error> {
        write_atomically(&self.path.join(ERASING), b"").map_err(|error| unavailable(&self.path, &error))
    }

    /// Erases the keys, wherever they are, and the book with all its copies, if that is marked. Returns what else lies in
    /// the folder: it is not Kith's to delete. Blocks while a key store answers.
    pub(crate) fn finish_erasing(&self) -> Result<Vec<String>, Error> {
        let mark = self.path.join(ERASING);
        if !mark.exists() {
            return Ok(Vec::new());
        }
        let failed = |error: io::Error| unavailable(&self.path, &error);
        self.keeper.forget().map_err(Error::from)?;
        let mut left = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            match entry.file_type().map_err(failed)? {
                kind if kind.is_file() && is_of_the_book(&name) => fs::remove_file(entry.path()).map_err(failed)?,
                kind if kind.is_dir() && name == SCRATCH => fs::remove_dir_all(entry.path()).map_err(failed)?,
                _ if STAY.contains(&name.as_str()) => {}
                _ => left.push(entry.path().to_string_lossy().into_owned()),
            }
        }
        left.sort_unstable();
        fs::remove_file(&mark).map_err(failed)?;
        Ok(left)
    }

    /// Removes what a set-up that was cut off left behind.
    pub(crate) fn clear_unfinished(&self) -> Result<(), Error> {
        for suffix in ["", "-wal", "-shm"] {
            match fs::remove_file(self.path.join(format!("{}{suffix}", crate::store::FILE))) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unavailable(&self.path, &error)),
                _ => {}
            }
        }
        Ok(())
    }
}

/// The platform's folder for Kith's data.
pub fn default_folder() -> Option<PathBuf> {
    let var = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if cfg!(windows) {
        var("LOCALAPPDATA").map(|base| base.join("Kith"))
    } else if cfg!(target_os = "macos") {
        var("HOME").map(|home| home.join("Library/Application Support/Kith"))
    } else {
        var("XDG_DATA_HOME").or_else(|| var("HOME").map(|home| home.join(".local/share"))).map(|base| base.join("kith"))
    }
}

/// Writes a file whole or not at all, readable by this user only.
pub(crate) fn write_atomically(file: &Path, bytes: &[u8]) -> io::Result<()> {
    write_atomically_with(file, |out| out.write_all(bytes))
}

/// The same for what is written piece by piece.
pub(crate) fn write_atomically_with<E: From<io::Error>>(
    file: &Path,
    write: impl FnOnce(&mut File) -> Result<(), E>,
) -> Result<(), E> {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let fresh = file.with_file_name(name);
    let written = (|| {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut out = options.open(&fresh)?;
        write(&mut out)?;
        out.sync_all()?;
        Ok(fs::rename(&fresh, file)?)
    })();
    if written.is_err() {
        // The file was never in place; if it cannot be removed either, it is only litter.
        let _litter = fs::remove_file(&fresh);
    }
    #[cfg(unix)]
    if let (Ok(()), Some(parent)) = (&written, file.parent().filter(|parent| !parent.as_os_str().is_empty())) {
        File::open(parent)?.sync_all()?;
    }
    written
}

fn create_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Whether a file in the folder is the book, a copy of it, or what was to become one.
fn is_of_the_book(name: &str) -> bool {
    let ending = [".db", ".db-wal", ".db-shm", ".db-journal"].into_iter().any(|ending| name.ends_with(ending));
    name.starts_with("book.") && ending
}

fn unavailable(path: &Path, error: &io::Error) -> Error {
    Error::new(Code::FileUnavailable, format!("{} cannot be used: {error}", path.display()))
}

const LOCK: &str = "lock";
/// Lies in a folder that is being erased.
const ERASING: &str = "erasing";
/// The place where backups are put together and opened.
pub(crate) const SCRATCH: &str = "scratch";
/// What a running hub and its window need, and what says nothing of the book: the lock, the sockets, the window's own.
const STAY: [&str; 4] = [LOCK, ERASING, "control", "window"];
