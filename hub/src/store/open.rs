//! Opening the file: settings, migrations, refusing what is newer.

use super::{StoreError, snapshot, sums};
use kith_core::{
    book_hash::BookHash,
    id::{BookId, StoreId},
};
use rusqlite::{Connection, OpenFlags, Transaction, params};
use rusqlite_migration::{HookError, M, Migrations};
use std::{path::Path, time::Duration};

/// Every released migration, oldest first; none is ever edited.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_create_book.sql"),
    include_str!("migrations/0002_layers_and_taking_back.sql"),
    include_str!("migrations/0003_sum_rows.sql"),
    include_str!("migrations/0004_tell_copies.sql"),
    include_str!("migrations/0005_persons.sql"),
    include_str!("migrations/0006_withdraw_acceptances.sql"),
];

/// Makes a new file with an empty book.
pub(super) fn create(file: &Path, book: BookId, store: StoreId) -> Result<Connection, StoreError> {
    make_private(file).map_err(StoreError::Create)?;
    let mut connection = Connection::open(file)?;
    prepare(&connection)?;
    migrate(&mut connection)?;
    let tx = connection.transaction()?;
    tx.execute("INSERT INTO meta (key, value) VALUES ('store', ?1)", [store.0.as_slice()])?;
    let hash = BookHash::default().to_hash();
    let sum = sums::of_book(book, &hash);
    tx.execute("INSERT INTO books (id, hash, sum) VALUES (?1, ?2, ?3)", params![book.0, hash.0, sum])?;
    tx.commit()?;
    Ok(connection)
}

/// Makes the file readable by this user only; SQLite gives its companions the same mode.
pub(super) fn make_private(file: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop)
}

/// Opens a file for writing. Before it is brought up to date it is copied.
pub(super) fn open(file: &Path) -> Result<Connection, StoreError> {
    if !file.exists() {
        return Err(StoreError::Damaged("it is not there"));
    }
    let mut connection = open_to_write(file)?;
    keep_before(&connection, file)?;
    migrate(&mut connection)?;
    Ok(connection)
}

/// Opens a file that is a copy already.
pub(super) fn open_as_it_is(file: &Path) -> Result<Connection, StoreError> {
    let mut connection = open_to_write(file)?;
    migrate(&mut connection)?;
    Ok(connection)
}

fn open_to_write(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    // Asked first: nothing is done to a file of a newer version.
    if version(&connection)? == 0 {
        return Err(StoreError::Damaged("it is empty"));
    }
    prepare(&connection)?;
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

/// Which migrations a file has had; one that this program does not know is refused.
fn version(connection: &Connection) -> Result<usize, StoreError> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    usize::try_from(version).ok().filter(|&version| version <= MIGRATIONS.len()).ok_or(StoreError::Newer)
}

/// Keeps a copy of a file that is about to be migrated, named after the first migration that it lacks.
fn keep_before(connection: &Connection, file: &Path) -> Result<(), StoreError> {
    let version = version(connection)?;
    if version == 0 || version == MIGRATIONS.len() {
        return Ok(());
    }
    let folder = file.parent().unwrap_or(Path::new("."));
    let before = folder.join(format!("{BEFORE}{:04}.db", version + 1));
    snapshot::replace(connection, &before)?;
    let entries = std::fs::read_dir(folder).map_err(StoreError::Create)?;
    let mut kept: Vec<_> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    kept.retain(|name| name.starts_with(BEFORE) && name.ends_with(".db"));
    kept.sort_unstable();
    for name in kept.iter().rev().skip(BEFORE_KEPT) {
        std::fs::remove_file(folder.join(name)).map_err(StoreError::Create)?;
    }
    Ok(())
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    version(connection)?;
    let hook = |error: StoreError| HookError::Hook(error.to_string());
    let migrations = MIGRATIONS.iter().enumerate().map(|(nth, sql)| match nth {
        SUMS => M::up_with_hook(sql, move |tx: &Transaction<'_>| sums::fill(tx).map_err(hook)),
        COPIES => M::up_with_hook(sql, move |tx: &Transaction<'_>| sums::fill_authors(tx).map_err(hook)),
        _ => M::up(sql),
    });
    Migrations::new(migrations.collect()).to_latest(connection).map_err(|error| match error {
        rusqlite_migration::Error::RusqliteError { err, query } => match StoreError::from(err) {
            known if known.is_damage() || known.is_disk_trouble() => known,
            other => StoreError::Migration(format!("{other} in {query}")),
        },
        other => StoreError::Migration(other.to_string()),
    })
}

/// The migration whose rows get their sums by code.
const SUMS: usize = 2;
/// The one after which the sum of what is known of a device covers more.
const COPIES: usize = 3;
/// What the copies that are made before a migration are called.
const BEFORE: &str = "book.before-";
/// How many of them are kept.
const BEFORE_KEPT: usize = 2;
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
    const RELEASED: &[&str] = &[
        "8f498939a366a39b9526fb83d02ee2f7c67dd5125cff991e5a432f0dfdda64f1",
        "eaa7a0ccedee7a52a82a4f69bf85e05c74b0eb559c52f8807de11ed03577e0c4",
        "ade67cec85566042cba128cdf5bf957ff0e4b933f7c0c337661184c9df07bacb",
    ];

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
