//! Reading what can still be read of a file: row by row, each compared with its sum.

use super::{StoreError, open, sums, writing::fixed};
use kith_core::{
    change::Change,
    id::{BookId, DeviceId, Hash},
    replica::{Author, Cursor},
};
use rusqlite::{Connection, Row};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// A file of which not everything may be readable.
pub(super) struct Old {
    connection: Connection,
    pub(super) book: Option<(BookId, Hash)>,
    pub(super) authors: BTreeMap<DeviceId, Author>,
    pub(super) cursors: BTreeMap<DeviceId, Cursor>,
    /// All of the above could be read.
    pub(super) heads_whole: bool,
}

impl Old {
    pub(super) fn open(file: &Path) -> Option<Self> {
        Self::of(open::open_reader(file).ok()?).ok()
    }

    pub(super) fn of(connection: Connection) -> Result<Self, StoreError> {
        let (authors, cursors) = (BTreeMap::new(), BTreeMap::new());
        let mut old = Self { connection, book: None, authors, cursors, heads_whole: true };
        let mut book = None;
        let mut whole = old.each("book", "id, hash, sum FROM books", |row| {
            let (id, hash) = (BookId(fixed(row, 0)?), Hash(fixed(row, 1)?));
            sums::matches(row.get(2)?, sums::of_book(id, &hash), "the book")?;
            book = book.or(Some((id, hash)));
            Ok(())
        });
        let mut authors = BTreeMap::new();
        // A file that was not brought up to date any more says less.
        let is_before = old.connection.prepare(&format!("SELECT {} FROM authors", sums::AUTHOR)).is_err();
        let columns = if is_before { sums::AUTHOR_BEFORE } else { sums::AUTHOR };
        whole &= old.each("author", &format!("device, {columns}, sum FROM authors"), |row| {
            let (device, author) = (DeviceId(fixed(row, 0)?), sums::author(row, 1)?);
            let sum = if is_before { sums::of_author_before } else { sums::of_author };
            sums::matches(row.get(7)?, sum(device, &author), "what is known of a device")?;
            authors.insert(device, author);
            Ok(())
        });
        let mut cursors = BTreeMap::new();
        whole &= old.each("rowid", "peer, store, arrival, sum FROM cursors", |row| {
            let (peer, cursor) = (DeviceId(fixed(row, 0)?), sums::cursor(row, 1)?);
            sums::matches(row.get(3)?, sums::of_cursor(peer, &cursor), "how far a device was read")?;
            cursors.insert(peer, cursor);
            Ok(())
        });
        (old.book, old.authors, old.cursors, old.heads_whole) = (book, authors, cursors, whole);
        Ok(old)
    }

    /// Which book it is: by its row, else by any change.
    pub(super) fn book(&self) -> Option<BookId> {
        let mut book = self.book.map(|(id, _)| id);
        if book.is_none() {
            self.each("arrival", "bytes FROM changes", |row| {
                book = book.or(Change::decode(&row.get::<_, Vec<u8>>(0)?).ok().map(|change| change.book));
                Ok(())
            });
        }
        book
    }

    /// How many rows a table has, as one of its indexes counts them.
    pub(super) fn count(&self, table: &str) -> Option<usize> {
        self.connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).ok()
    }

    /// Every change that it has, as the index lists them: that says what is missing, too.
    pub(super) fn listed(&self) -> Result<BTreeSet<(DeviceId, u64)>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT a.device, c.seq FROM changes c INDEXED BY sqlite_autoindex_changes_1
             JOIN authors a ON a.author = c.author",
        )?;
        let mut rows = statement.query([])?;
        let mut listed = BTreeSet::new();
        while let Some(row) = rows.next()? {
            listed.insert((DeviceId(fixed(row, 0)?), row.get(1)?));
        }
        Ok(listed)
    }

    /// Hands over each row that can be read and is good, by its number; says whether those were all. `rows` begins with
    /// the columns.
    pub(super) fn each(&self, key: &str, rows: &str, mut take: impl FnMut(&Row<'_>) -> Result<(), StoreError>) -> bool {
        let from = &rows[rows.find(" FROM ").unwrap_or(0)..];
        let last = format!("SELECT coalesce(max({key}), 0){from}");
        let last: Option<i64> = self.connection.query_row(&last, [], |row| row.get(0)).ok();
        let whole_until = || -> Result<i64, StoreError> {
            let mut until = 0;
            let mut statement = self.connection.prepare(&format!("SELECT {key}{from} ORDER BY {key}"))?;
            let mut rows = statement.query([])?;
            while let Ok(Some(row)) = rows.next() {
                until = row.get(0)?;
            }
            Ok(until)
        };
        let sql = format!("SELECT {rows} WHERE {key} BETWEEN ?1 AND ?2 ORDER BY {key}");
        let Ok(mut statement) = self.connection.prepare(&sql) else { return false };
        let mut some = |first: i64, last: i64| -> Result<(), StoreError> {
            let mut rows = statement.query([first, last])?;
            while let Some(row) = rows.next()? {
                take(row)?;
            }
            Ok(())
        };
        let mut whole = last.is_some();
        // Where nobody can say how many there are, some are tried beyond those that can be seen.
        let last = last.unwrap_or_else(|| whole_until().unwrap_or(0) + ROWS_TRIED_BLINDLY);
        let mut first = 1;
        while first <= last {
            let until = last.min(first + ROWS_AT_ONCE - 1);
            // Of a stretch that has damage in it, each row is tried by itself. Taking a row twice does no harm.
            if some(first, until).is_err() {
                whole = false;
                (first..=until).for_each(|row| drop(some(row, row)));
            }
            first = until + 1;
        }
        whole
    }
}

/// Rows read by one question.
const ROWS_AT_ONCE: i64 = 64;
/// Rows that are tried beyond the last that can be seen.
const ROWS_TRIED_BLINDLY: i64 = 1 << 13;
