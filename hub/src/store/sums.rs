//! Sums by which the store notices that a row does not say any more what was written.
//!
//! A disk that loses or turns bits tells nobody, and SQLite has no sums of its own. What other devices receive, and what
//! is made of it, carries one: whatever reads such a row compares it, so that nothing damaged is shown, changed or sent.

use super::{StoreError, writing::fixed};
use kith_core::{
    entity::Entity,
    id::{BookId, DeviceId, EntityId, Hash},
    replica::{Author, Cursor, Head, Replaced},
};
use rusqlite::{Connection, Row, params};

/// The sum of a change as it was made.
pub(super) fn of_change(device: DeviceId, seq: u64, bytes: &[u8]) -> i64 {
    sum(&[&device.0, &seq.to_le_bytes(), bytes])
}

/// The sum of a change of which nothing lives: only its hash is kept.
pub(super) fn of_stub(device: DeviceId, seq: u64, hash: &Hash) -> i64 {
    sum(&[&device.0, &seq.to_le_bytes(), &hash.0, STUB])
}

/// The sum of a row that holds the one or, unless it is `whole`, the other. What is said to be a hash and is none gets the
/// sum of a hash all the same, which no row of that length bears.
pub(super) fn of_stored(device: DeviceId, seq: u64, whole: bool, bytes: &[u8]) -> i64 {
    if whole { of_change(device, seq, bytes) } else { sum(&[&device.0, &seq.to_le_bytes(), bytes, STUB]) }
}

/// The sum of an entity's packed registers.
pub(super) fn of_entity(id: EntityId, registers: &[u8]) -> i64 {
    sum(&[&id.0, registers])
}

/// The sum of what is known of a device's changes.
pub(super) fn of_author(device: DeviceId, author: &Author) -> i64 {
    let Author { vouched, held, head, closed } = author;
    sum(&[
        &device.0,
        &vouched.to_le_bytes(),
        &held.seq.to_le_bytes(),
        &head.seq.to_le_bytes(),
        &head.hash.0,
        &held.hash.0,
        &[u8::from(*closed)],
    ])
}

/// The same in files before [`fill_authors`].
pub(super) fn of_author_before(device: DeviceId, author: &Author) -> i64 {
    let Author { vouched, held, head, .. } = author;
    sum(&[&device.0, &vouched.to_le_bytes(), &held.seq.to_le_bytes(), &head.seq.to_le_bytes(), &head.hash.0])
}

/// The sum of how far a peer was read.
pub(super) fn of_cursor(peer: DeviceId, cursor: &Cursor) -> i64 {
    sum(&[&peer.0, &cursor.store.0, &cursor.arrival.to_le_bytes()])
}

/// The sum of a book's row.
pub(super) fn of_book(id: BookId, hash: &Hash) -> i64 {
    sum(&[&id.0, &hash.0])
}

/// The sum of a value that was replaced.
pub(super) fn of_replaced(entity: EntityId, path: &[u8], replaced: &Replaced) -> i64 {
    let Replaced { sibling, by } = replaced;
    let value = sibling.value.as_deref();
    sum(&[
        &entity.0,
        path,
        &sibling.device.0,
        &sibling.seq.to_le_bytes(),
        &sibling.clock.to_le_bytes(),
        &[u8::from(value.is_some())],
        value.unwrap_or_default(),
        &by.0.0,
        &by.1.to_le_bytes(),
    ])
}

/// The sum of a word that the index has for a contact.
pub(super) fn of_word(contact: i64, word: &[u8]) -> i64 {
    sum(&[&contact.to_le_bytes(), word])
}

/// Reads an entity from a row that ends in registers and sum.
pub(super) fn entity(row: &Row<'_>, id: EntityId, column: usize) -> Result<Entity, StoreError> {
    let registers = row.get_ref(column)?.as_blob().map_err(|_| StoreError::Damaged("a contact"))?;
    matches(row.get(column + 1)?, of_entity(id, registers), "a contact")?;
    Entity::decode(registers).map_err(|_| StoreError::Damaged("a contact"))
}

/// Compares a stored sum with that of what was read.
pub(super) fn matches(stored: i64, fresh: i64, what: &'static str) -> Result<(), StoreError> {
    if stored == fresh { Ok(()) } else { Err(StoreError::Damaged(what)) }
}

/// Gives every row of a file its sum, when it has none yet. What the file says is compared with the book's hash before:
/// damage that is there already is not to be sealed.
pub(super) fn fill(connection: &Connection) -> Result<(), StoreError> {
    let mut books = connection.prepare("SELECT book, id, hash FROM books")?;
    let mut rows = books.query([])?;
    while let Some(row) = rows.next()? {
        let (id, hash) = (BookId(fixed(row, 1)?), Hash(fixed(row, 2)?));
        if super::check::book_hash(connection, row.get(0)?)?.to_hash() != hash {
            return Err(StoreError::Damaged("the contacts are not those that the book's hash names"));
        }
        let sum = of_book(id, &hash);
        connection.execute("UPDATE books SET sum = ?2 WHERE book = ?1", params![row.get::<_, i64>(0)?, sum])?;
    }
    each(
        connection,
        "SELECT entity, id, registers FROM entities",
        "UPDATE entities SET sum = ?2 WHERE entity = ?1",
        |row| Ok(of_entity(EntityId(fixed(row, 1)?), row.get_ref(2)?.as_blob().map_err(|_| UNREADABLE)?)),
    )?;
    each(
        connection,
        "SELECT arrival, device, seq, bytes FROM changes NATURAL JOIN (SELECT author, device FROM authors)",
        "UPDATE changes SET sum = ?2 WHERE arrival = ?1",
        |row| {
            let bytes = row.get_ref(3)?.as_blob().map_err(|_| UNREADABLE)?;
            Ok(of_change(DeviceId(fixed(row, 1)?), row.get(2)?, bytes))
        },
    )?;
    each(
        connection,
        &format!("SELECT author, device, {AUTHOR_BEFORE} FROM authors"),
        "UPDATE authors SET sum = ?2 WHERE author = ?1",
        |row| Ok(of_author_before(DeviceId(fixed(row, 1)?), &author(row, 2)?)),
    )?;
    each(
        connection,
        "SELECT rowid, peer, store, arrival FROM cursors",
        "UPDATE cursors SET sum = ?2 WHERE rowid = ?1",
        |row| Ok(of_cursor(DeviceId(fixed(row, 1)?), &cursor(row, 2)?)),
    )?;
    each(connection, &format!("SELECT entry, id, {REPLACED}"), "UPDATE history SET sum = ?2 WHERE entry = ?1", |row| {
        let (path, replaced) = replaced(row, 2)?;
        Ok(of_replaced(EntityId(fixed(row, 1)?), &path, &replaced))
    })
}

/// Gives what is known of each device its sum of today, if it says what its sum of before says.
pub(super) fn fill_authors(connection: &Connection) -> Result<(), StoreError> {
    each(
        connection,
        &format!("SELECT author, device, sum, {AUTHOR} FROM authors"),
        "UPDATE authors SET sum = ?2 WHERE author = ?1",
        |row| {
            let (device, author) = (DeviceId(fixed(row, 1)?), author(row, 3)?);
            matches(row.get(2)?, of_author_before(device, &author), "what is known of a device")?;
            Ok(of_author(device, &author))
        },
    )
}

/// Writes the sum of every row that `look` finds; the first column names it.
fn each(
    connection: &Connection,
    look: &str,
    write: &str,
    sum: impl Fn(&Row<'_>) -> Result<i64, StoreError>,
) -> Result<(), StoreError> {
    let (mut look, mut write) = (connection.prepare(look)?, connection.prepare(write)?);
    let mut rows = look.query([])?;
    while let Some(row) = rows.next()? {
        write.execute(params![row.get::<_, i64>(0)?, sum(row)?])?;
    }
    Ok(())
}

/// Reads what is known of a device's changes from the columns of [`AUTHOR`].
pub(super) fn author(row: &Row<'_>, column: usize) -> Result<Author, StoreError> {
    let head = Head { seq: row.get(column + 2)?, hash: Hash(fixed(row, column + 3)?) };
    let held = Head { seq: row.get(column + 1)?, hash: Hash(fixed(row, column + 4)?) };
    Ok(Author { vouched: row.get(column)?, held, head, closed: row.get(column + 5)? })
}

/// Reads a cursor from two columns.
pub(super) fn cursor(row: &Row<'_>, column: usize) -> Result<Cursor, StoreError> {
    Ok(Cursor { store: kith_core::id::StoreId(fixed(row, column)?), arrival: row.get(column + 1)? })
}

/// Reads the columns of [`REPLACED`]: path and value.
pub(super) fn replaced(row: &Row<'_>, column: usize) -> Result<(Vec<u8>, Replaced), StoreError> {
    let sibling = kith_core::register::Sibling {
        device: DeviceId(fixed(row, column + 1)?),
        seq: row.get(column + 2)?,
        clock: row.get(column + 3)?,
        value: row.get(column + 4)?,
    };
    let by = (DeviceId(fixed(row, column + 5)?), row.get(column + 6)?);
    Ok((row.get(column)?, Replaced { sibling, by }))
}

/// A number for each of these pieces in this order.
fn sum(parts: &[&[u8]]) -> i64 {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let [a, b, c, d, e, f, g, h, ..] = *hasher.finalize().as_bytes();
    i64::from_le_bytes([a, b, c, d, e, f, g, h])
}

/// What the sum of a hash covers besides, so that it is never that of a change.
const STUB: &[u8] = b"hash";
/// The columns of what is known of a device's changes.
pub(super) const AUTHOR: &str = "vouched, applied, head_seq, head_hash, held_hash, closed";
/// The same in a file that does not have all of them.
pub(super) const AUTHOR_BEFORE: &str = "vouched, applied, head_seq, head_hash, zeroblob(32), 0";
/// The columns of a replaced value that its sum covers, and the tables they come from: `h` is the history, `e` the entity.
pub(super) const REPLACED: &str = "h.path, a.device, h.seq, h.clock, h.value, b.device, h.by_seq FROM history h
    JOIN entities e ON e.entity = h.entity JOIN authors a ON a.author = h.author JOIN authors b ON b.author = h.by_author";
const UNREADABLE: StoreError = StoreError::Damaged("a column");
