//! Whole copies of the file, made while it is in use.

use super::{Store, StoreError, open};
use rusqlite::Connection;
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

impl Store {
    /// Writes a copy of the newest committed state to `to`, as [`snapshot`] does, on a thread that may block.
    pub(crate) async fn snapshot(&self, to: PathBuf) -> Result<(), StoreError> {
        let shared = Arc::clone(&self.shared);
        let copied = tokio::task::spawn_blocking(move || {
            let connection = open::open_reader(shared.readers.file())?;
            snapshot(&connection, &to)
        });
        copied.await.unwrap_or(Err(StoreError::Closed))
    }

    /// The same in the place of one that may be there.
    pub(crate) async fn renew_snapshot(&self, to: PathBuf) -> Result<(), StoreError> {
        let _turn = self.shared.renewing.lock().await;
        let fresh = make_way(&to)?;
        self.snapshot(fresh.clone()).await?;
        put_in_place(&fresh, &to)
    }
}

/// Writes a copy of what is committed: one file without a log beside it, readable by this user only, on disk when this
/// returns. Nothing may lie at `to`, and nothing is left there if it fails. The connection must not be in a transaction.
pub(crate) fn snapshot(connection: &Connection, to: &Path) -> Result<(), StoreError> {
    let name = to.to_str().ok_or_else(|| StoreError::Create(io::ErrorKind::InvalidFilename.into()))?;
    // SQLite takes an empty file that is there, and leaves its mode as it is.
    open::make_private(to).map_err(StoreError::Create)?;
    let copied = connection
        .execute("VACUUM INTO ?1", [name])
        .map_err(StoreError::from)
        .and_then(|_| File::open(to).and_then(|file| file.sync_all()).map_err(StoreError::Create));
    if copied.is_err() {
        // What cannot be removed either is only litter.
        let _litter = fs::remove_file(to);
    }
    copied
}

/// The same in the place of one that may be there: at any moment there is an old one or the new one, whole.
pub(super) fn replace(connection: &Connection, to: &Path) -> Result<(), StoreError> {
    let fresh = make_way(to)?;
    snapshot(connection, &fresh)?;
    put_in_place(&fresh, to)
}

/// Where a new one is made; what an attempt that was cut off left there goes.
fn make_way(to: &Path) -> Result<PathBuf, StoreError> {
    let fresh = to.with_extension("new");
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::Create(error)),
        _ => Ok(fresh),
    }
}

fn put_in_place(fresh: &Path, to: &Path) -> Result<(), StoreError> {
    fs::rename(fresh, to).map_err(StoreError::Create)?;
    #[cfg(unix)]
    if let Some(folder) = to.parent() {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(StoreError::Create)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use kith_core::id::{BookId, StoreId};

    #[test]
    fn a_snapshot_is_one_private_file_that_opens_by_itself_and_an_old_file_is_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("book.db"), folder.path().join("copy.db"));
        let writer = open::create(&from, BookId([1; 16]), StoreId([2; 16])).unwrap();
        writer.execute("INSERT INTO meta (key, value) VALUES ('new', x'01')", []).unwrap();
        // The row is still in the log beside the file.
        snapshot(&open::open_reader(&from).unwrap(), &to).unwrap();
        drop(writer);
        fs::remove_file(&from).unwrap();
        assert!(!folder.path().join("copy.db-wal").exists());
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&to).unwrap().permissions()) & 0o777, 0o600);
        let copy = open::open(&to).unwrap();
        let value: Vec<u8> = copy.query_row("SELECT value FROM meta WHERE key = 'new'", [], |row| row.get(0)).unwrap();
        assert_eq!(value, [1]);
        assert!(matches!(snapshot(&copy, &to), Err(StoreError::Create(_))));
        assert!(to.exists());
    }
}
