//! Makes a damaged file good: a new one is built of every row that still says what was written, here and in the last
//! snapshot. The damaged file is kept aside.
//!
//! The changes alone make the book (rules 3.1/2 and 3): each living write is in one, and what a register has seen follows
//! from them. If every change that the damaged file lists was found, in it or in the snapshot, and the book they make has
//! the hash that it names, nothing is lost. Otherwise this replica promises no more than its snapshot did, and other
//! devices bring what they have. A file with a loss is a device that was rolled back: where there are other devices, which
//! may hold numbers that it forgot, it goes on under a new id at once (rule 3.1/9).

use super::{
    CopyRow, FILE, PeerRow, StoreError, open, peers,
    salvage::Old,
    sums,
    writing::{self, Tools, Writing, fixed},
};
use kith_core::{
    book,
    book_hash::BookHash,
    change::{self, Change},
    id::{DeviceId, EntityId, Hash, PersonId, StoreId},
    identity::roster::Roster,
    path::Path as RegisterPath,
    replica::{self, BookState, Head, Replaced, Rows},
    vector::Vector,
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
    /// It goes on under a new id.
    pub(crate) left: bool,
}

/// Whose file it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner {
    /// The person.
    pub(crate) person: PersonId,
    /// The device that wrote to it.
    pub(crate) device: DeviceId,
    /// The id under which it goes on if something is lost.
    pub(crate) fresh: DeviceId,
    /// What time it is there, in milliseconds since 1970.
    pub(crate) now: i64,
}

/// Builds the file in `folder` anew as a new `store` (rule 3.1/7). `stamp` names the damaged file. Nothing must have the
/// file open. A crash in between leaves either the damaged file or the new one.
pub(crate) fn mend(folder: &Path, owner: &Owner, store: StoreId, stamp: &str) -> Result<Mended, StoreError> {
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
    let built = build(&connection, owner, damaged.as_ref(), snapshot.as_ref())?;
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    drop((connection, damaged, snapshot));
    clear(&copy)?;
    File::open(&fresh).and_then(|file| file.sync_all()).map_err(StoreError::Create)?;
    // Under this name it is known to be whole.
    fs::rename(&fresh, folder.join(FRESH)).map_err(StoreError::Create)?;
    let aside = folder.join(format!("book.damaged-{stamp}.db"));
    put_in_place(folder, &aside).map_err(StoreError::Create)?;
    Ok(Mended { aside, ..built })
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

/// Fills the new file; says what it came to.
fn build(
    connection: &Connection,
    owner: &Owner,
    damaged: Option<&Old>,
    snapshot: Option<&Old>,
) -> Result<Mended, StoreError> {
    let (book, mut state) = writing::load_state(connection)?;
    let mut tools = Tools::new(connection, book)?;
    let mut build = Build { connection, tools: &mut tools, state: &mut state, merged: BTreeSet::new() };
    build.alone(|writing| {
        writing.set_me(book::me(owner.person))?;
        // Lists are made anew when all is there.
        writing.keep_meta("derived", b"")
    })?;
    build.close([damaged, snapshot].into_iter().flatten())?;
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
    let left = !whole && build.has_company(owner)?;
    if left {
        build.leave(owner)?;
    }
    Ok(Mended { aside: PathBuf::new(), whole, history_whole, left })
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
        writing::alone(self.connection, self.tools, self.state, work)
    }

    /// Whether the book that was built is the one that the damaged file names, and every change that it lists was merged.
    fn is_whole(&self, damaged: Option<&Old>) -> bool {
        let Some(damaged) = damaged.filter(|old| old.heads_whole) else { return false };
        let named = damaged.book.map(|(_, hash)| BookHash::from_hash(hash));
        let listed = damaged.listed();
        named == Some(self.state.hash) && listed.is_ok_and(|listed| listed.is_subset(&self.merged))
    }

    /// Where the numbers of copied devices have come to an end: what is merged goes by it (rule 3.1/9).
    fn close<'o>(&mut self, olds: impl Iterator<Item = &'o Old>) -> Result<(), StoreError> {
        self.alone(|writing| {
            for (&device, theirs) in olds.flat_map(|old| &old.authors).filter(|(_, author)| author.closed) {
                let author = writing.state_mut().authors.entry(device).or_default();
                if !author.closed || theirs.head.seq < author.head.seq {
                    (author.closed, author.head) = (true, theirs.head);
                }
            }
            Ok(())
        })
    }

    /// Whether a device's number counts for nothing any more.
    fn is_beyond(&self, device: DeviceId, seq: u64) -> bool {
        self.state.authors.get(&device).is_some_and(|author| author.closed && seq > author.head.seq)
    }

    /// Merges every change that can be read.
    fn merge(&mut self, old: &Old) -> Result<(), StoreError> {
        let mut batch: Vec<Vec<u8>> = Vec::new();
        let mut failed = None;
        let mut read = BTreeSet::new();
        old.each("arrival", "bytes, sum FROM changes", |row| {
            let bytes: Vec<u8> = row.get(0)?;
            if bytes.len() == Hash::LEN {
                // Of a change of which nothing lived, the hash: see below.
                return Ok(());
            }
            let change = Change::decode(&bytes).map_err(|_| StoreError::Damaged("a change"))?;
            sums::matches(row.get(1)?, sums::of_change(change.device, change.seq, &bytes), "a change")?;
            read.insert((change.device, change.seq));
            if self.is_beyond(change.device, change.seq) {
                return Ok(());
            }
            batch.push(bytes);
            if batch.len() == MERGED_AT_ONCE {
                failed = failed.take().or(self.merge_batch(&mut batch).err());
            }
            Ok(())
        });
        failed = failed.take().or(self.merge_batch(&mut batch).err());
        self.merged.extend(read);
        failed.map_or(Ok(()), Err)?;
        self.take_stubs(old)
    }

    /// Takes over the hashes of changes of which nothing lived.
    fn take_stubs(&mut self, old: &Old) -> Result<(), StoreError> {
        let mut stubs: Vec<(DeviceId, u64, Hash)> = Vec::new();
        let from = "a.device, c.seq, c.bytes, c.sum FROM changes c JOIN authors a ON a.author = c.author";
        old.each("c.arrival", from, |row| {
            let (device, seq) = (DeviceId(fixed(row, 0)?), row.get(1)?);
            if row.get_ref(2)?.as_blob().is_ok_and(|bytes| bytes.len() == Hash::LEN) {
                let hash = Hash(fixed(row, 2)?);
                sums::matches(row.get(3)?, sums::of_stub(device, seq, &hash), "the hash of a change")?;
                stubs.push((device, seq, hash));
            }
            Ok(())
        });
        self.merged.extend(stubs.iter().map(|&(device, seq, _)| (device, seq)));
        stubs.retain(|&(device, seq, _)| !self.is_beyond(device, seq));
        self.alone(|writing| {
            stubs.into_iter().try_for_each(|(device, seq, hash)| writing.insert_stub(device, seq, hash))
        })
    }

    fn merge_batch(&mut self, batch: &mut Vec<Vec<u8>>) -> Result<(), StoreError> {
        let changes = std::mem::take(batch);
        self.alone(|writing| {
            replica::merge_again(writing, &changes)?.map_err(|_| StoreError::Damaged("a change"))?;
            // Heads as far as they are known by the changes themselves.
            for bytes in &changes {
                let Ok(change) = Change::decode(bytes) else { continue };
                let author = writing.state_mut().authors.entry(change.device).or_default();
                if change.seq > author.head.seq && !author.closed {
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
                if theirs.head.seq > author.head.seq && !author.closed {
                    author.head = theirs.head;
                }
            }
            let Some(snapshot) = snapshot else { return Ok(()) };
            for (device, theirs) in &snapshot.authors {
                let author = state.authors.entry(*device).or_default();
                // Beyond a copied device's end nothing counts.
                let end = if author.closed { author.head.seq } else { u64::MAX };
                author.vouched = theirs.vouched.min(end);
                if theirs.held.seq > author.held.seq && theirs.held.seq <= end {
                    author.held = theirs.held;
                }
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

    /// Whether other devices may hold changes of this one: they are on the list, or nobody is.
    fn has_company(&self, owner: &Owner) -> Result<bool, StoreError> {
        let mut roster = Roster::new(owner.person);
        for entry in peers::roster(self.connection)? {
            // What is not taken here is told when the file is opened.
            let _told_later = roster.insert(&entry);
        }
        let devices = roster.devices();
        Ok(devices.is_empty() || devices.iter().any(|card| card.id != owner.device))
    }

    /// Goes on as another device. What others were heard to hold, they were heard to as by the old one.
    fn leave(&mut self, owner: &Owner) -> Result<(), StoreError> {
        let known = peers(self.connection)?;
        self.alone(|writing| {
            let Owner { device, fresh, now, .. } = *owner;
            writing.keep_device(fresh)?;
            let held = writing.state().authors.get(&device).map_or(0, |author| author.held.seq);
            writing.keep_copy(&CopyRow { at: now, device, left: true, contacts: Vec::new() }, held)?;
            known.into_iter().try_for_each(|(device, peer)| {
                writing.keep_peer(device, &PeerRow { vector: Vector::default(), ..peer })
            })
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
