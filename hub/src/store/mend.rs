//! Makes a damaged file good: a new one is built of every row that still says what was written, here and in the last
//! snapshot. The damaged file is kept aside.
//!
//! The changes alone make the book (rules 3.1/2 and 3): each living write is in one, and what a register has seen follows
//! from them. If every change that the damaged file lists was found, in it or in the snapshot, and the book they make has
//! the hash that it names, nothing is lost. Otherwise this replica promises no more than its snapshot did, and other
//! devices bring what they have; numbers that it gave to changes of its own are not given again as far as they are known.

use super::{
    FILE, StoreError, open,
    rows::{self, Tools, Writing, fixed},
    salvage::Old,
    sums,
};
use kith_core::{
    book_hash::BookHash,
    change::{self, Change},
    id::{DeviceId, EntityId, StoreId},
    path::Path as RegisterPath,
    replica::{self, BookState, Head, Replaced, Rows},
};
use rusqlite::{Connection, params_from_iter, types::Value};
use std::{
    collections::BTreeSet,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// What mending came to.
#[derive(Debug)]
pub(crate) struct Mended {
    /// Where the damaged file is now.
    pub(crate) aside: PathBuf,
    /// Nothing of the book is lost.
    pub(crate) whole: bool,
    /// Nothing of its history is.
    pub(crate) history_whole: bool,
}

/// Builds the file in `folder` anew as a new `store` (rule 3.1/7). `me` is the card that is me; `stamp` names the damaged
/// file. Nothing must have the file open. A crash in between leaves either the damaged file or the new one.
pub(crate) fn mend(folder: &Path, me: EntityId, store: StoreId, stamp: &str) -> Result<Mended, StoreError> {
    let fresh = folder.join(BUILDING);
    clear(&fresh)?;
    let file = folder.join(FILE);
    let damaged = file.exists().then(|| Old::open(&file)).flatten();
    let copy = folder.join(SNAPSHOT_COPY);
    clear(&copy)?;
    // An older version's snapshot is brought up to date first; the snapshot itself is left alone.
    let snapshot = fs::copy(folder.join(SNAPSHOT), &copy).ok().and_then(|_| open::open_as_it_is(&copy).ok());
    let snapshot = snapshot.map(Old::of).transpose().unwrap_or_default();
    let olds = [damaged.as_ref(), snapshot.as_ref()];
    let book =
        olds.into_iter().flatten().find_map(Old::book).ok_or(StoreError::Damaged("nothing in it can be read"))?;
    let connection = open::create(&fresh, book, store)?;
    let (whole, history_whole) = build(&connection, me, damaged.as_ref(), snapshot.as_ref())?;
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    drop((connection, damaged, snapshot));
    clear(&copy)?;
    File::open(&fresh).and_then(|file| file.sync_all()).map_err(StoreError::Create)?;
    // Under this name it is known to be whole.
    fs::rename(&fresh, folder.join(FRESH)).map_err(StoreError::Create)?;
    let aside = folder.join(format!("book.damaged-{stamp}.db"));
    put_in_place(folder, &aside).map_err(StoreError::Create)?;
    Ok(Mended { aside, whole, history_whole })
}

/// Puts a file that was built whole into place, if a crash has kept it from there.
pub(super) fn finish(folder: &Path) -> Result<(), StoreError> {
    if folder.join(FRESH).exists() {
        put_in_place(folder, &folder.join("book.damaged-cut-off.db")).map_err(StoreError::Create)?;
    }
    Ok(())
}

fn put_in_place(folder: &Path, aside: &Path) -> io::Result<()> {
    // The log goes first: the damaged file without it is still damaged, the new one with it would be.
    for suffix in ["-wal", "-shm", ""] {
        match fs::rename(beside(&folder.join(FILE), suffix), beside(aside, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::rename(folder.join(FRESH), folder.join(FILE))?;
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Removes what an earlier attempt left.
fn clear(file: &Path) -> Result<(), StoreError> {
    for suffix in ["", "-wal", "-shm"] {
        match fs::remove_file(beside(file, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(StoreError::Create(error)),
            _ => {}
        }
    }
    Ok(())
}

/// Fills the new file; says whether nothing of the book, and nothing of its history, is lost.
fn build(
    connection: &Connection,
    me: EntityId,
    damaged: Option<&Old>,
    snapshot: Option<&Old>,
) -> Result<(bool, bool), StoreError> {
    let (book, mut state) = rows::load_state(connection)?;
    let mut tools = Tools::new(connection, book)?;
    let mut build = Build { connection, tools: &mut tools, state: &mut state, merged: BTreeSet::new() };
    build.alone(|writing| {
        writing.set_me(me)?;
        // Lists are made anew when all is there.
        writing.keep_meta("derived", b"")
    })?;
    if let Some(damaged) = damaged {
        build.merge(damaged)?;
    }
    let mut whole = build.is_whole(damaged);
    if !whole && let Some(snapshot) = snapshot {
        build.merge(snapshot)?;
        whole = build.is_whole(damaged);
    }
    build.promise(whole, damaged, snapshot)?;
    // What was taken out since the snapshot does not come back, as long as the newer file says so.
    let olds = || [damaged, snapshot].into_iter().flatten();
    let mut history_whole = false;
    for old in olds() {
        if build.take_history(old)? {
            history_whole = damaged.is_some_and(|damaged| std::ptr::eq(old, damaged));
            break;
        }
    }
    for (table, columns) in own_tables(connection)? {
        for old in olds() {
            if build.take_table(old, &table, &columns)? {
                break;
            }
        }
    }
    Ok((whole, history_whole))
}

/// The tables that do not follow from the changes, with their columns, in the order in which they refer to each other.
fn own_tables(connection: &Connection) -> Result<Vec<(String, String)>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT t.name, group_concat(c.name, ', ') FROM sqlite_schema t JOIN pragma_table_info(t.name) c
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE 'contact_words%'
         GROUP BY t.name ORDER BY min(t.rowid)",
    )?;
    let tables = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut tables: Vec<(String, String)> = tables.collect::<Result<_, _>>()?;
    tables.retain(|(name, _)| !REBUILT.contains(&name.as_str()));
    Ok(tables)
}

/// The new file, which nobody else has open.
struct Build<'a> {
    connection: &'a Connection,
    tools: &'a mut Tools,
    state: &'a mut BookState,
    /// The changes that were merged.
    merged: BTreeSet<(DeviceId, u64)>,
}

impl Build<'_> {
    fn alone<T>(&mut self, work: impl FnOnce(&mut Writing<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        rows::alone(self.connection, self.tools, self.state, work)
    }

    /// Whether the book that was built is the one that the damaged file names, and every change that it lists was merged.
    fn is_whole(&self, damaged: Option<&Old>) -> bool {
        let Some(damaged) = damaged.filter(|old| old.heads_whole) else { return false };
        let named = damaged.book.map(|(_, hash)| BookHash::from_hash(hash));
        let listed = damaged.listed();
        named == Some(self.state.hash) && listed.is_ok_and(|listed| listed.is_subset(&self.merged))
    }

    /// Merges every change that can be read.
    fn merge(&mut self, old: &Old) -> Result<(), StoreError> {
        let mut batch: Vec<Vec<u8>> = Vec::new();
        let mut failed = None;
        let mut read = BTreeSet::new();
        old.each("arrival", "bytes, sum FROM changes", |row| {
            let bytes: Vec<u8> = row.get(0)?;
            let change = Change::decode(&bytes).map_err(|_| StoreError::Damaged("a change"))?;
            sums::matches(row.get(1)?, sums::of_change(change.device, change.seq, &bytes), "a change")?;
            read.insert((change.device, change.seq));
            batch.push(bytes);
            if batch.len() == MERGED_AT_ONCE {
                failed = failed.take().or(self.merge_batch(&mut batch).err());
            }
            Ok(())
        });
        failed = failed.take().or(self.merge_batch(&mut batch).err());
        self.merged.extend(read);
        failed.map_or(Ok(()), Err)
    }

    fn merge_batch(&mut self, batch: &mut Vec<Vec<u8>>) -> Result<(), StoreError> {
        let changes = std::mem::take(batch);
        self.alone(|writing| {
            replica::merge_again(writing, &changes)?.map_err(|_| StoreError::Damaged("a change"))?;
            // Heads as far as they are known by the changes themselves.
            for bytes in &changes {
                let Ok(change) = Change::decode(bytes) else { continue };
                let author = writing.state_mut().authors.entry(change.device).or_default();
                if change.seq > author.head.seq {
                    author.head = Head { seq: change.seq, hash: change::hash(bytes) };
                }
            }
            Ok(())
        })
    }

    /// Sets V, heads and cursors.
    fn promise(&mut self, whole: bool, damaged: Option<&Old>, snapshot: Option<&Old>) -> Result<(), StoreError> {
        let known = [damaged, snapshot].into_iter().flatten().flat_map(|old| &old.authors);
        self.alone(|writing| {
            let state = writing.state_mut();
            if let Some(damaged) = damaged.filter(|_| whole) {
                state.authors = damaged.authors.clone();
                state.cursors = damaged.cursors.clone();
                return Ok(());
            }
            for (&device, theirs) in known {
                let author = state.authors.entry(device).or_default();
                if theirs.head.seq > author.head.seq {
                    author.head = theirs.head;
                }
            }
            let Some(snapshot) = snapshot else { return Ok(()) };
            for (device, theirs) in &snapshot.authors {
                let author = state.authors.entry(*device).or_default();
                author.vouched = theirs.vouched;
                author.applied = author.applied.max(theirs.applied);
            }
            state.cursors = snapshot.cursors.clone();
            Ok(())
        })
    }

    /// Takes over what this replica saw being replaced, instead of what merging again may have shown of it.
    fn take_history(&mut self, old: &Old) -> Result<bool, StoreError> {
        let mut kept: Vec<(EntityId, RegisterPath, Replaced, i64)> = Vec::new();
        let whole = old.each("h.entry", &format!("e.id, h.sum, h.at, {}", sums::REPLACED), |row| {
            let id = EntityId(fixed(row, 0)?);
            let (path, replaced) = sums::replaced(row, 3)?;
            sums::matches(row.get(1)?, sums::of_replaced(id, &path, &replaced), "a value in the history")?;
            let path = RegisterPath::from_bytes(&path).ok_or(StoreError::Damaged("a path"))?;
            kept.push((id, path, replaced, row.get(2)?));
            Ok(())
        });
        // A row whose contact or author is not found is not seen at all.
        let whole = whole && old.count("history") == Some(kept.len());
        self.alone(|writing| {
            if whole {
                writing.connection().execute("DELETE FROM history", [])?;
            }
            for (id, path, replaced, at) in kept {
                writing.set_now(at);
                if writing.entity(id)?.is_empty() {
                    continue;
                }
                if !whole {
                    writing.forget_replaced(id, &path, &replaced)?;
                }
                writing.record(id, &path, replaced)?;
            }
            Ok(whole)
        })
    }

    /// Takes over what is this device's own: what can be taken back, what waits, which sources it reads, the roster.
    fn take_table(&mut self, old: &Old, table: &str, columns: &str) -> Result<bool, StoreError> {
        let count = columns.split(',').count();
        let mut kept: Vec<Vec<Value>> = Vec::new();
        let whole = old.each("rowid", &format!("{columns} FROM {table}"), |row| {
            kept.push((0..count).map(|column| row.get(column)).collect::<Result<_, _>>()?);
            Ok(())
        });
        self.alone(|writing| {
            let sql = format!("INSERT OR IGNORE INTO {table} ({columns}) VALUES ({})", vec!["?"; count].join(", "));
            let mut insert = writing.connection().prepare(&sql)?;
            for values in kept {
                // A value that fits its column no more is not worth the rest.
                if let Err(error) = insert.execute(params_from_iter(values)) {
                    tracing::warn!(%error, table, "a row was not kept");
                }
            }
            Ok(whole)
        })
    }
}

/// The snapshot within the data folder.
pub(crate) const SNAPSHOT: &str = "book.snapshot.db";
const SNAPSHOT_COPY: &str = "book.snapshot-copy.db";
/// The new file while it is being built, and when it is whole.
const BUILDING: &str = "book.mending.db";
const FRESH: &str = "book.mended.db";
/// Tables that follow from the changes. All others are this device's own, and are taken over row by row.
const REBUILT: [&str; 15] = [
    "accounts",
    "aliases",
    "authors",
    "books",
    "changes",
    "contacts",
    "cursors",
    "entities",
    "groups",
    "history",
    "interactions",
    "items",
    "links",
    "memberships",
    "remotes",
];
/// Changes merged in one transaction.
const MERGED_AT_ONCE: usize = 500;
