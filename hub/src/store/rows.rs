//! The writer's view of one transaction: the core's [`Rows`] over SQLite, and the tables derived from registers.

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
    book: i64,
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
    connection: &'a Connection,
    tools: &'a mut Tools,
    state: BookState,
    loaded: BTreeMap<EntityId, Loaded>,
    now: i64,
}

struct Loaded {
    row: Option<i64>,
    entity: Entity,
    changed: bool,
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

    fn load(&mut self, id: EntityId) -> Result<&mut Loaded, StoreError> {
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
    fn row(&mut self, id: EntityId) -> Result<i64, StoreError> {
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

impl Rows for Writing<'_> {
    type Error = StoreError;

    fn state(&self) -> &BookState {
        &self.state
    }

    fn state_mut(&mut self) -> &mut BookState {
        &mut self.state
    }

    fn entity(&mut self, id: EntityId) -> Result<&Entity, StoreError> {
        Ok(&self.load(id)?.entity)
    }

    fn entity_mut(&mut self, id: EntityId) -> Result<&mut Entity, StoreError> {
        let loaded = self.load(id)?;
        loaded.changed = true;
        Ok(&mut loaded.entity)
    }

    fn insert_change(&mut self, device: DeviceId, seq: u64, living: u32, bytes: &[u8]) -> Result<(), StoreError> {
        let author = self.author(device)?;
        let inserted = self
            .connection
            .prepare_cached(
                "INSERT INTO changes (book, author, seq, living, bytes, sum) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (author, seq) DO UPDATE SET living = living + ?4 WHERE living > 0",
            )?
            .execute(params![self.tools.book, author, seq, living, bytes, sums::of_change(device, seq, bytes)])?;
        if inserted == 0 {
            // Only its hash was here: now the change itself arrives.
            self.connection
                .prepare_cached("DELETE FROM changes WHERE author = ?1 AND seq = ?2")?
                .execute(params![author, seq])?;
            return self.insert_change(device, seq, living, bytes);
        }
        Ok(())
    }

    fn insert_stub(&mut self, device: DeviceId, seq: u64, hash: Hash) -> Result<(), StoreError> {
        let author = self.author(device)?;
        self.connection
            .prepare_cached(
                "INSERT INTO changes (book, author, seq, living, bytes, sum) VALUES (?1, ?2, ?3, 0, ?4, ?5)
             ON CONFLICT (author, seq) DO NOTHING",
            )?
            .execute(params![self.tools.book, author, seq, hash.0, sums::of_stub(device, seq, &hash)])?;
        Ok(())
    }

    fn release_change(&mut self, device: DeviceId, seq: u64) -> Result<(), StoreError> {
        let author = self.author(device)?;
        let living: Option<i64> = self
            .connection
            .prepare_cached("UPDATE changes SET living = living - 1 WHERE author = ?1 AND seq = ?2 RETURNING living")?
            .query_row(params![author, seq], |row| row.get(0))
            .optional()?;
        if living == Some(0) {
            let change = self
                .connection
                .prepare_cached("SELECT bytes, sum FROM changes WHERE author = ?1 AND seq = ?2")?
                .query_row(params![author, seq], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?)))?;
            sums::matches(change.1, sums::of_change(device, seq, &change.0), "a change")?;
            let hash = change::hash(&change.0);
            self.connection
                .prepare_cached("UPDATE changes SET bytes = ?3, sum = ?4 WHERE author = ?1 AND seq = ?2")?
                .execute(params![author, seq, hash.0, sums::of_stub(device, seq, &hash)])?;
        }
        Ok(())
    }

    fn record(&mut self, entity: EntityId, path: &Path, replaced: Replaced) -> Result<(), StoreError> {
        let row = self.row(entity)?;
        let sum = sums::of_replaced(entity, path.as_bytes(), &replaced);
        let Replaced { sibling, by } = replaced;
        let (author, by_author) = (self.author(sibling.device)?, self.author(by.0)?);
        self.connection
            .prepare_cached(
                "INSERT INTO history (entity, path, author, seq, clock, value, by_author, by_seq, at, sum)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute(params![
                row,
                path.as_bytes(),
                author,
                sibling.seq,
                sibling.clock,
                sibling.value,
                by_author,
                by.1,
                self.now,
                sum
            ])?;
        Ok(())
    }

    fn history(&mut self, entity: EntityId, path: &Path) -> Result<Vec<Replaced>, StoreError> {
        let row = self.row(entity)?;
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT h.sum, {} WHERE h.entity = ?1 AND h.path = ?2 ORDER BY h.entry",
            sums::REPLACED
        ))?;
        let mut rows = statement.query(params![row, path.as_bytes()])?;
        let mut history = Vec::new();
        while let Some(row) = rows.next()? {
            let (stored, replaced) = sums::replaced(row, 1)?;
            sums::matches(row.get(0)?, sums::of_replaced(entity, &stored, &replaced), "a value in the history")?;
            history.push(replaced);
        }
        Ok(history)
    }

    fn changes_after(&mut self, after: u64, max: usize) -> Result<Vec<StoredChange>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT c.arrival, a.device, c.seq, c.bytes, c.living, c.sum FROM changes c
             JOIN authors a ON a.author = c.author
             WHERE c.arrival > ?1 AND c.book = ?2 ORDER BY c.arrival LIMIT ?3",
        )?;
        let rows = statement.query(params![after, self.tools.book, max as i64])?;
        stored_changes(rows)
    }

    fn newest_arrival(&mut self) -> Result<u64, StoreError> {
        let mut newest = self.connection.prepare_cached("SELECT coalesce(max(arrival), 0) FROM changes")?;
        Ok(newest.query_row([], |row| row.get(0))?)
    }

    fn hash_of(&mut self, device: DeviceId, seq: u64) -> Result<Option<Hash>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT c.arrival, a.device, c.seq, c.bytes, c.living, c.sum FROM changes c
             JOIN authors a ON a.author = c.author
             WHERE a.book = ?1 AND a.device = ?2 AND c.seq = ?3",
        )?;
        let found = stored_changes(statement.query(params![self.tools.book, device.0, seq])?)?;
        Ok(found.first().map(StoredChange::hash))
    }

    fn take_changes(&mut self, device: DeviceId, after: u64) -> Result<Vec<StoredChange>, StoreError> {
        let author = self.author(device)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT c.arrival, a.device, c.seq, c.bytes, c.living, c.sum FROM changes c
             JOIN authors a ON a.author = c.author
             WHERE c.author = ?1 AND c.seq > ?2 AND c.living > 0 ORDER BY c.seq",
        )?;
        let taken = stored_changes(statement.query(params![author, after])?)?;
        self.connection
            .prepare_cached("DELETE FROM changes WHERE author = ?1 AND seq > ?2")?
            .execute(params![author, after])?;
        Ok(taken)
    }

    fn entities_naming(&mut self, device: DeviceId, after: u64) -> Result<Vec<EntityId>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT id, registers, sum FROM entities WHERE book = ?1")?;
        let mut rows = statement.query([self.tools.book])?;
        let mut naming = Vec::new();
        while let Some(row) = rows.next()? {
            let id = EntityId(fixed(row, 0)?);
            let names = match self.loaded.get(&id) {
                Some(loaded) => loaded.entity.has_seen(device, after),
                None => sums::entity(row, id, 1)?.has_seen(device, after),
            };
            if names {
                naming.push(id);
            }
        }
        Ok(naming)
    }

    fn rename_change(&mut self, old: (DeviceId, u64), new: (DeviceId, u64)) -> Result<(), StoreError> {
        let (author, now) = (self.author(old.0)?, self.author(new.0)?);
        let mut renamed = Vec::new();
        let sql = format!(
            "SELECT h.entry, e.id, h.sum, {} WHERE h.entry IN
                 (SELECT entry FROM history WHERE author = ?1 AND seq = ?2
                  UNION SELECT entry FROM history WHERE by_author = ?1 AND by_seq = ?2)",
            sums::REPLACED
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![author, old.1])?;
        while let Some(row) = rows.next()? {
            let (entity, (path, mut replaced)) = (EntityId(fixed(row, 1)?), sums::replaced(row, 3)?);
            sums::matches(row.get(2)?, sums::of_replaced(entity, &path, &replaced), "a value in the history")?;
            let Replaced { sibling, by } = &mut replaced;
            let (wrote, replaces) = ((sibling.device, sibling.seq) == old, *by == old);
            if wrote {
                (sibling.device, sibling.seq) = new;
            }
            if replaces {
                *by = new;
            }
            renamed.push((row.get::<_, i64>(0)?, wrote, replaces, sums::of_replaced(entity, &path, &replaced)));
        }
        drop(rows);
        for (entry, wrote, replaces, sum) in renamed {
            self.connection
                .prepare_cached(
                    "UPDATE history SET author = iif(?2, ?5, author), seq = iif(?2, ?6, seq),
                         by_author = iif(?3, ?5, by_author), by_seq = iif(?3, ?6, by_seq), sum = ?4 WHERE entry = ?1",
                )?
                .execute(params![entry, wrote, replaces, sum, now, new.1])?;
        }
        Ok(())
    }
}

/// Reads rows of (arrival, device, number, bytes, living, sum).
fn stored_changes(mut rows: rusqlite::Rows<'_>) -> Result<Vec<StoredChange>, StoreError> {
    let mut changes = Vec::new();
    while let Some(row) = rows.next()? {
        let living: i64 = row.get(4)?;
        let stored = StoredChange {
            arrival: row.get(0)?,
            device: DeviceId(fixed(row, 1)?),
            seq: row.get(2)?,
            bytes: row.get(3)?,
            whole: living > 0,
        };
        sums::matches(
            row.get(5)?,
            sums::of_stored(stored.device, stored.seq, stored.whole, &stored.bytes),
            "a change",
        )?;
        changes.push(stored);
    }
    Ok(changes)
}

/// My own card is kept off the list and out of the trash.
pub(super) const SHELF_ME: i64 = 2;
