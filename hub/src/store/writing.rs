//! The writer's view of one transaction: what it has loaded, what it writes at the end, and the tables derived from
//! registers. The core's view of the same is in [`super::rows`].

use super::{
    Report, StoreError, Verdict, Work,
    alarm::Alarm,
    derived::{Contact, Derived, DerivedKind, derive_each, digest},
    listed::Place,
    overview::{Changed, Changes},
    rederive::{Rederiving, Sorting},
    sums,
};
use kith_core::{
    book,
    book_hash::BookHash,
    card, change,
    contact::Sorter,
    entity::Entity,
    id::{BookId, DeviceId, EntityId, Hash, PropertyId, StoreId},
    path::Path,
    replica::{Author, BookState, Replaced, Rows, StoredChange},
    vcard::Property,
};
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter, types::ToSqlOutput};
use std::collections::{BTreeMap, btree_map::Entry};

/// What the writer keeps between transactions.
pub(super) struct Tools {
    pub(super) book: i64,
    authors: BTreeMap<DeviceId, i64>,
    me: Option<EntityId>,
    pub(super) sorting: Sorting,
    pub(super) sorter: Sorter,
    /// What is still to be derived anew.
    pub(super) rederiving: Option<Rederiving>,
    /// What the open transaction has done to contacts.
    pub(super) changes: Changes,
}

impl Tools {
    pub(super) fn new(connection: &Connection, book: i64) -> Result<Self, StoreError> {
        let sorting = Sorting::load(connection)?;
        let rederiving = Rederiving::needed(connection, &sorting)?;
        let sorter = sorting.sorter();
        Ok(Self { book, authors: BTreeMap::new(), me: None, sorting, sorter, rederiving, changes: Changes::None })
    }

    /// Forgets what work that was undone may have taught.
    pub(super) fn forget(&mut self) {
        self.authors.clear();
        self.me = None;
    }
}

/// One open transaction of the writer.
pub(crate) struct Writing<'a> {
    pub(super) connection: &'a Connection,
    pub(super) tools: &'a mut Tools,
    pub(super) state: BookState,
    loaded: BTreeMap<EntityId, Loaded>,
    pub(super) now: i64,
}

/// An entity that was read, and whether it is to be written.
pub(super) struct Loaded {
    row: Option<i64>,
    pub(super) entity: Entity,
    pub(super) changed: bool,
}

/// Runs one piece of work in a savepoint and keeps or undoes it. It is reported in any case; an error means that the
/// whole transaction is lost.
pub(super) fn run_piece(
    connection: &Connection,
    tools: &mut Tools,
    state: &mut BookState,
    piece: Work,
    alarm: &Alarm,
) -> (Report, Result<(), StoreError>) {
    if let Err(error) = connection.execute_batch("SAVEPOINT piece") {
        let error = StoreError::from(error);
        return (piece(Err(error.again())).1, Err(error));
    }
    let mut writing = Writing { connection, tools, state: state.clone(), loaded: BTreeMap::new(), now: 0 };
    let (verdict, report) = piece(Ok(&mut writing));
    if matches!(verdict, Verdict::Keep) {
        let settled = writing.flush(state).and_then(|()| {
            *state = writing.state;
            Ok(connection.execute_batch("RELEASE piece")?)
        });
        return (report, settled);
    }
    tools.forget();
    let verdict = match verdict {
        Verdict::Failed(cause) => alarm.heed::<()>(Err(cause)).map_or_else(Verdict::Failed, |()| Verdict::Undo),
        other => other,
    };
    let undone = connection.execute_batch("ROLLBACK TO piece; RELEASE piece").map_err(StoreError::from);
    let settled = undone.map_err(|error| match verdict {
        // A disk that is full takes the whole transaction with it, savepoint and all.
        Verdict::Failed(cause) => cause,
        _ => error,
    });
    (report, settled)
}

/// Derives some rows anew, within an open transaction.
pub(super) fn rederive(
    connection: &Connection,
    tools: &mut Tools,
    state: &BookState,
    rederiving: Rederiving,
) -> Result<(), StoreError> {
    let mut writing = Writing { connection, tools, state: state.clone(), loaded: BTreeMap::new(), now: 0 };
    let next = rederiving.step(&mut writing)?;
    tools.rederiving = next;
    Ok(())
}

/// Does work in a transaction of its own, on a file that has no writer yet. After a failure the file is of no use.
pub(super) fn alone<T>(
    connection: &Connection,
    tools: &mut Tools,
    state: &mut BookState,
    work: impl FnOnce(&mut Writing<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let mut writing = Writing { connection, tools, state: state.clone(), loaded: BTreeMap::new(), now: 0 };
    let done = work(&mut writing)?;
    writing.flush(state)?;
    *state = writing.state;
    tools.changes = Changes::None;
    connection.execute_batch("COMMIT")?;
    Ok(done)
}

/// Reads the book's state at start.
pub(super) fn load_state(connection: &Connection) -> Result<(i64, BookState), StoreError> {
    let store = super::meta(connection, "store")?.and_then(|store| StoreId::from_slice(&store));
    let store = store.ok_or(StoreError::Damaged("store id"))?;
    let (book, id, hash, sum): (i64, Vec<u8>, Vec<u8>, i64) = connection
        .query_row("SELECT book, id, hash, sum FROM books ORDER BY book LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?
        .ok_or(StoreError::Damaged("the book"))?;
    let id = BookId::from_slice(&id).ok_or(StoreError::Damaged("book id"))?;
    let hash = Hash::from_slice(&hash).ok_or(StoreError::Damaged("book hash"))?;
    sums::matches(sum, sums::of_book(id, &hash), "the book")?;
    let mut state = BookState::new(id, store);
    state.hash = BookHash::from_hash(hash);
    let mut authors =
        connection.prepare(&format!("SELECT device, {}, sum FROM authors WHERE book = ?1", sums::AUTHOR))?;
    let mut rows = authors.query([book])?;
    while let Some(row) = rows.next()? {
        let (device, author) = (DeviceId(fixed(row, 0)?), sums::author(row, 1)?);
        sums::matches(row.get(7)?, sums::of_author(device, &author), "what is known of a device")?;
        state.authors.insert(device, author);
    }
    let mut cursors = connection.prepare("SELECT peer, store, arrival, sum FROM cursors WHERE book = ?1")?;
    let mut rows = cursors.query([book])?;
    while let Some(row) = rows.next()? {
        let (peer, cursor) = (DeviceId(fixed(row, 0)?), sums::cursor(row, 1)?);
        sums::matches(row.get(3)?, sums::of_cursor(peer, &cursor), "how far a device was read")?;
        state.cursors.insert(peer, cursor);
    }
    Ok((book, state))
}

/// Reads a blob column of a fixed length.
pub(super) fn fixed<const N: usize>(row: &Row<'_>, column: usize) -> Result<[u8; N], StoreError> {
    let blob = row.get_ref(column)?.as_blob().map_err(|_| StoreError::Damaged("a column"))?;
    blob.try_into().map_err(|_| StoreError::Damaged("a column's length"))
}

impl Writing<'_> {
    /// Says what time it is, for rows that remember when this replica did something. Milliseconds since 1970.
    pub(crate) fn set_now(&mut self, now: i64) {
        self.now = now;
    }

    /// The connection, for the other modules of the store.
    pub(crate) fn connection(&self) -> &Connection {
        self.connection
    }

    /// What the writer keeps between transactions.
    pub(super) fn tools(&self) -> &Tools {
        self.tools
    }

    pub(super) fn tools_mut(&mut self) -> &mut Tools {
        self.tools
    }

    /// The internal number of a device that wrote to the book.
    pub(super) fn author(&mut self, device: DeviceId) -> Result<i64, StoreError> {
        if let Some(&author) = self.tools.authors.get(&device) {
            return Ok(author);
        }
        let book = self.tools.book;
        self.connection
            .prepare_cached(
                "INSERT INTO authors (book, device, vouched, applied, head_seq, head_hash, sum)
             VALUES (?1, ?2, 0, 0, 0, zeroblob(32), ?3) ON CONFLICT DO NOTHING",
            )?
            .execute(params![book, device.0, sums::of_author(device, &Author::default())])?;
        let author = self
            .connection
            .prepare_cached("SELECT author FROM authors WHERE book = ?1 AND device = ?2")?
            .query_row(params![book, device.0], |row| row.get(0))?;
        self.tools.authors.insert(device, author);
        Ok(author)
    }

    /// Which contact is me, so that it is kept out of the list.
    fn me(&mut self) -> Result<EntityId, StoreError> {
        if let Some(me) = self.tools.me {
            return Ok(me);
        }
        let me = self
            .connection
            .query_row("SELECT value FROM meta WHERE key = 'me'", [], |row| Ok(fixed(row, 0)))
            .optional()?
            .transpose()?;
        let me = EntityId(me.unwrap_or([0; 16]));
        self.tools.me = Some(me);
        Ok(me)
    }

    /// Remembers which contact is me.
    pub(crate) fn set_me(&mut self, me: EntityId) -> Result<(), StoreError> {
        self.connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('me', ?1)", [me.0.as_slice()])?;
        self.tools.me = Some(me);
        Ok(())
    }

    pub(super) fn load(&mut self, id: EntityId) -> Result<&mut Loaded, StoreError> {
        let place = match self.loaded.entry(id) {
            Entry::Occupied(loaded) => return Ok(loaded.into_mut()),
            Entry::Vacant(place) => place,
        };
        let found = self
            .connection
            .prepare_cached("SELECT entity, registers, sum FROM entities WHERE book = ?1 AND id = ?2")?
            .query_row(params![self.tools.book, id.0], |row| Ok((row.get(0)?, sums::entity(row, id, 1))))
            .optional()?;
        Ok(place.insert(match found {
            None => Loaded { row: None, entity: Entity::default(), changed: false },
            Some((row, entity)) => Loaded { row: Some(row), entity: entity?, changed: false },
        }))
    }

    /// The row of an entity, made if it is not there yet.
    pub(super) fn row(&mut self, id: EntityId) -> Result<i64, StoreError> {
        let book = self.tools.book;
        let loaded = self.load(id)?;
        if let Some(row) = loaded.row {
            return Ok(row);
        }
        self.connection
            .prepare_cached("INSERT INTO entities (book, id, registers) VALUES (?1, ?2, x'')")?
            .execute(params![book, id.0])?;
        let row = self.connection.last_insert_rowid();
        self.load(id)?.row = Some(row);
        Ok(row)
    }

    /// Writes everything that changed, and what is derived from it.
    fn flush(&mut self, before: &BookState) -> Result<(), StoreError> {
        let me = self.me()?;
        let settings = self.loaded.get(&book::SETTINGS).filter(|loaded| loaded.changed);
        if let Some(sorting) = settings.map(|settings| Sorting::of(&settings.entity)) {
            self.tools.sort_by(sorting);
        }
        let changed = std::mem::take(&mut self.loaded).into_iter().filter(|(_, loaded)| loaded.changed);
        let changed = changed.map(|(id, loaded)| (id, loaded.row, loaded.entity)).collect();
        let mut changes = std::mem::take(&mut self.tools.changes);
        derive_each(changed, &self.tools.sorter, |derived| {
            let row = self.save_entity(&derived)?;
            self.save_derived(row, &derived, derived.id == me, &mut changes)
        })?;
        self.tools.changes = changes;
        self.save_state(before)
    }

    /// Writes the registers.
    fn save_entity(&self, derived: &Derived) -> Result<i64, StoreError> {
        let sum = sums::of_entity(derived.id, &derived.registers);
        if let Some(row) = derived.row {
            self.connection
                .prepare_cached("UPDATE entities SET registers = ?2, sum = ?3 WHERE entity = ?1")?
                .execute(params![row, derived.registers, sum])?;
            return Ok(row);
        }
        self.connection
            .prepare_cached("INSERT INTO entities (book, id, registers, sum) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![self.tools.book, derived.id.0, derived.registers, sum])?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Writes again what is derived from rows whose registers stay.
    pub(super) fn save_again(&mut self, derived: &[(i64, Derived)]) -> Result<(), StoreError> {
        let me = self.me()?;
        let mut changes = std::mem::take(&mut self.tools.changes);
        for (row, derived) in derived {
            self.save_derived(*row, derived, derived.id == me, &mut changes)?;
        }
        self.tools.changes = changes;
        Ok(())
    }

    /// Writes what is derived from a row's registers.
    fn save_derived(&self, row: i64, derived: &Derived, me: bool, changes: &mut Changes) -> Result<(), StoreError> {
        match &derived.kind {
            DerivedKind::Contact(contact) => {
                if derived.row.is_some() {
                    for sql in [
                        "DELETE FROM memberships WHERE contact = ?1",
                        "DELETE FROM remotes WHERE contact = ?1",
                        "DELETE FROM aliases WHERE contact = ?1",
                        "DELETE FROM contact_words WHERE rowid = ?1",
                    ] {
                        self.connection.prepare_cached(sql)?.execute([row])?;
                    }
                }
                for (account, uid) in &derived.remotes {
                    self.connection
                        .prepare_cached("INSERT OR IGNORE INTO remotes (contact, account, uid) VALUES (?1, ?2, ?3)")?
                        .execute(params![row, account.0, uid])?;
                }
                match contact {
                    Some(contact) => self.save_contact(row, contact, derived.trashed, me)?,
                    None => {
                        self.connection.prepare_cached("DELETE FROM contacts WHERE entity = ?1")?.execute([row])?;
                    }
                }
                let number = u32::try_from(row).map_err(|_| StoreError::Damaged("a row's number"))?;
                changes.push(|| changed(number, contact.as_deref(), derived.trashed || me));
            }
            DerivedKind::Group { kind, name } => {
                self.connection
                    .prepare_cached(
                        "INSERT INTO groups (entity, id, kind, trashed, name) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (entity) DO UPDATE SET trashed = ?4, name = ?5",
                    )?
                    .execute(params![row, derived.id.0, kind, derived.trashed, name])?;
            }
            DerivedKind::Account(Some((kind, name))) => {
                self.connection
                    .prepare_cached("INSERT OR REPLACE INTO accounts (entity, id, kind, name) VALUES (?1, ?2, ?3, ?4)")?
                    .execute(params![row, derived.id.0, kind, name])?;
            }
            DerivedKind::Account(None) => {
                self.connection.prepare_cached("DELETE FROM accounts WHERE entity = ?1")?.execute([row])?;
            }
            DerivedKind::Person(person) => person.save(self.connection, row, derived.id)?,
            DerivedKind::Other => {}
        }
        Ok(())
    }

    fn save_contact(&self, row: i64, contact: &Contact, trashed: bool, me: bool) -> Result<(), StoreError> {
        let Contact { summary, groups, aliases, .. } = contact;
        let shelf = if me { SHELF_ME } else { i64::from(trashed) };
        let first = [row.into(), shelf.into(), ToSqlOutput::Owned(trashed.then_some(self.now).into())];
        self.connection
            .prepare_cached(
                "INSERT INTO contacts (entity, shelf, trashed_at, undecided, organisation, changed, name, reading, letter,
                 detail, uid, sort, start, other_start)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
             ON CONFLICT (entity) DO UPDATE SET shelf = ?2,
                 trashed_at = CASE WHEN ?3 IS NULL THEN NULL ELSE coalesce(trashed_at, ?3) END,
                 undecided = ?4, organisation = ?5, changed = ?6, name = ?7, reading = ?8, letter = ?9, detail = ?10,
                 uid = ?11, sort = ?12, start = ?13, other_start = ?14",
            )?
            .execute(params_from_iter(first.into_iter().chain(contact.columns())))?;
        self.connection
            .prepare_cached("INSERT INTO contact_words (rowid, words) VALUES (?1, ?2)")?
            .execute(params![row, summary.tokens])?;
        for group in groups {
            self.connection
                .prepare_cached("INSERT OR IGNORE INTO memberships (contact, group_id) VALUES (?1, ?2)")?
                .execute(params![row, group.0])?;
        }
        for uid in aliases {
            self.connection
                .prepare_cached("INSERT OR IGNORE INTO aliases (uid, contact) VALUES (?1, ?2)")?
                .execute(params![uid, row])?;
        }
        Ok(())
    }

    fn save_state(&mut self, before: &BookState) -> Result<(), StoreError> {
        let state = self.state.clone();
        for (&device, author) in &state.authors {
            if before.authors.get(&device) == Some(author) {
                continue;
            }
            let row = self.author(device)?;
            self.connection
                .prepare_cached(
                    "UPDATE authors SET vouched = ?2, applied = ?3, head_seq = ?4, head_hash = ?5, held_hash = ?6,
                         closed = ?7, sum = ?8 WHERE author = ?1",
                )?
                .execute(params![
                    row,
                    author.vouched,
                    author.held.seq,
                    author.head.seq,
                    author.head.hash.0,
                    author.held.hash.0,
                    author.closed,
                    sums::of_author(device, author)
                ])?;
        }
        for peer in before.cursors.keys().filter(|peer| !state.cursors.contains_key(peer)) {
            self.connection
                .prepare_cached("DELETE FROM cursors WHERE book = ?1 AND peer = ?2")?
                .execute(params![self.tools.book, peer.0])?;
        }
        for (peer, cursor) in &state.cursors {
            if before.cursors.get(peer) == Some(cursor) {
                continue;
            }
            self.connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO cursors (book, peer, store, arrival, sum) VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![
                    self.tools.book,
                    peer.0,
                    cursor.store.0,
                    cursor.arrival,
                    sums::of_cursor(*peer, cursor)
                ])?;
        }
        if state.hash != before.hash {
            let hash = state.hash.to_hash();
            self.connection
                .prepare_cached("UPDATE books SET hash = ?2, sum = ?3 WHERE book = ?1")?
                .execute(params![self.tools.book, hash.0, sums::of_book(state.book, &hash)])?;
        }
        Ok(())
    }
}

impl Writing<'_> {
    /// Takes a value that was replaced out of the history.
    pub(super) fn forget_replaced(
        &mut self,
        entity: EntityId,
        path: &Path,
        replaced: &Replaced,
    ) -> Result<(), StoreError> {
        let row = self.row(entity)?;
        let (author, by_author) = (self.author(replaced.sibling.device)?, self.author(replaced.by.0)?);
        self.connection
            .prepare_cached(
                "DELETE FROM history WHERE entity = ?1 AND path = ?2 AND author = ?3 AND seq = ?4
                     AND by_author = ?5 AND by_seq = ?6",
            )?
            .execute(params![row, path.as_bytes(), author, replaced.sibling.seq, by_author, replaced.by.1])?;
        Ok(())
    }
}

/// What the list in memory has to know of a contact that was written.
fn changed(row: u32, contact: Option<&Contact>, unlisted: bool) -> Changed {
    let Some(contact) = contact else {
        return Changed { row, place: None, words: String::new(), groups: Vec::new() };
    };
    let Contact { summary, groups, .. } = contact;
    let place = Place { starts: summary.starts, letter: summary.letter.clone(), sort: summary.sort_key.clone() };
    Changed { row, place: (!unlisted).then_some(place), words: summary.tokens.clone(), groups: groups.clone() }
}

/// The properties that make up the card, with their ids, in its order.
pub(crate) fn ordered_properties(entity: &Entity) -> Vec<(PropertyId, Property)> {
    card::properties(entity, None)
}

/// By what an import recognises a contact: its UID, or, without one, everything it says.
pub(crate) fn identity(properties: &[Property]) -> String {
    kith_core::vcard::uid(properties).unwrap_or_else(|| digest(properties))
}

/// My own card is kept off the list and out of the trash.
pub(super) const SHELF_ME: i64 = 2;
