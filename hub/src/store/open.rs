//! Opening the file: settings, migrations, refusing what is newer.

use super::StoreError;
use kith_core::id::{BookId, StoreId};
use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{M, Migrations};
use std::{path::Path, time::Duration};

/// Every released migration, oldest first; none is ever edited.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_create_book.sql"),
    include_str!("migrations/0002_layers_and_taking_back.sql"),
    include_str!("migrations/0003_tell_copies.sql"),
];

/// Makes a new file with an empty book.
pub(super) fn create(file: &Path, book: BookId, store: StoreId) -> Result<Connection, StoreError> {
    make_private(file).map_err(StoreError::Create)?;
    let mut connection = Connection::open(file)?;
    prepare(&connection)?;
    migrate(&mut connection)?;
    let tx = connection.transaction()?;
    tx.execute("INSERT INTO meta (key, value) VALUES ('store', ?1)", [store.0.as_slice()])?;
    tx.execute("INSERT INTO books (id, hash) VALUES (?1, ?2)", [book.0.as_slice(), &[0; 32]])?;
    tx.commit()?;
    Ok(connection)
}

/// Makes the file readable by this user only; SQLite gives its companions the same mode.
fn make_private(file: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop)
}

/// Opens a file for writing.
pub(super) fn open(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(file, flags)?;
    prepare(&connection)?;
    migrate(&mut connection)?;
    Ok(connection)
}

/// Opens a file for reading beside the writer.
pub(super) fn open_reader(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Writes a file's committed state to a new file.
pub(super) fn snapshot(file: &Path, to: &Path) -> Result<(), StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(BUSY)?;
    make_private(to).map_err(StoreError::Create)?;
    connection.execute("VACUUM INTO ?1", [to.to_string_lossy()])?;
    Ok(())
}

fn prepare(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Before anything is written; later it changes nothing. Whole contacts fit a page, and fewer pages are touched.
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "fullfsync", true)?;
    // Rows refer to rows that the same transaction wrote; checking each of them costs a look-up a row.
    connection.pragma_update(None, "foreign_keys", cfg!(debug_assertions))?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cache_size", -16_000)?;
    connection.pragma_update(None, "wal_autocheckpoint", WAL_PAGES)?;
    Ok(())
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version > MIGRATIONS.len() as i64 {
        return Err(StoreError::Newer);
    }
    let migrations = Migrations::new(MIGRATIONS.iter().map(|sql| M::up(sql)).collect());
    migrations.to_latest(connection).map_err(|error| StoreError::Migration(error.to_string()))
}

/// How long a connection waits for another one's lock.
const BUSY: Duration = Duration::from_secs(5);
/// Length of a page of a new file.
const PAGE_BYTES: i64 = 8 << 10;
/// Pages in the log before they are folded into the file: a first sync folds a few times only.
const WAL_PAGES: i64 = 2_000;
/// Prepared statements kept per connection.
const STATEMENTS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    /// Checksums of released migrations: a released file is never edited.
    const RELEASED: &[&str] = &[];

    #[test]
    fn schema_sql_shows_the_tables_as_they_are() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        let mut statement = connection
            .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'contact_words_%' AND name NOT LIKE 'sqlite_%' ORDER BY name")
            .unwrap();
        let tables: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let fresh = format!("-- Generated by a test from the migrations. Do not edit.\n\n{};\n", tables.join(";\n\n"));
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/schema.sql");
        if std::env::var_os("KITH_WRITE_TYPES").is_some() {
            std::fs::write(path, &fresh).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), fresh, "run `cargo xtask types`");
    }

    #[test]
    fn released_migrations_are_never_edited() {
        for (sql, checksum) in MIGRATIONS.iter().zip(RELEASED) {
            assert_eq!(blake3::hash(sql.as_bytes()).to_hex().as_str(), *checksum);
        }
    }

    #[test]
    fn a_newer_file_is_refused_politely() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("book.db");
        let connection = create(&file, BookId([1; 16]), StoreId([2; 16])).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        drop(connection);
        assert!(matches!(open(&file), Err(StoreError::Newer)));
    }
}
