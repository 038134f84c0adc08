//! Looks through the whole file for damage: its structure, every row that has a sum, and whether they go together.

use super::{
    Reader, StoreError,
    derived::{Derived, DerivedKind},
    rederive::{Rederiving, Sorting},
    sums,
    writing::fixed,
};
use kith_core::{
    book_hash::BookHash,
    entity::Entity,
    id::{DeviceId, EntityId},
};
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use std::collections::BTreeMap;

/// What was found in a file that is not damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sound {
    /// All is as it was written.
    Whole,
    /// What is derived from the registers is not what they say: it must be derived anew.
    ToDerive,
}

/// Looks at the file's structure and at all that other devices are sent; `Err` names the first damage.
pub(super) fn check_changes(reader: &Reader) -> Result<(), StoreError> {
    let connection: &Connection = reader;
    let (book, _) = super::writing::load_state(connection)?;
    let mut statement = connection.prepare("PRAGMA integrity_check(1)")?;
    let told: String = statement.query_row([], |row| row.get(0))?;
    if told != "ok" {
        tracing::error!(told, "the address book's file is damaged");
        return Err(StoreError::Damaged("its structure"));
    }
    changes(connection, book).map(drop)
}

/// Looks at everything else, and whether it goes together. Takes the longest.
pub(super) fn check_contents(reader: &Reader) -> Result<Sound, StoreError> {
    let connection: &Connection = reader;
    let (book, state) = super::writing::load_state(connection)?;
    let mut living = changes(connection, book)?;
    let sorting = Sorting::load(connection)?;
    let fresh = Rederiving::needed(connection, &sorting)?.is_none().then(|| sorting.sorter());
    let mut sound = Sound::Whole;
    let mut hash = BookHash::default();
    let mut words = 0;
    each_entity(connection, book, |row, id, entity| {
        count(&mut hash, id, &entity);
        for sibling in entity.registers().flat_map(|(_, register)| register.siblings()) {
            *living.entry((sibling.device, sibling.seq)).or_default() -= 1;
        }
        if let Some(sorter) = &fresh {
            let derived = Derived::of(id, Some(row), &entity, sorter);
            words = derived.words().fold(words, |sum: i64, word| sum.wrapping_add(sums::of_word(row, word)));
            if !says(connection, row, &derived)? {
                sound = Sound::ToDerive;
            }
        }
        Ok(())
    })?;
    if fresh.is_some() && indexed_words(connection)? != words {
        sound = Sound::ToDerive;
    }
    if hash != state.hash {
        return Err(StoreError::Damaged("the contacts are not those that the book's hash names"));
    }
    if living.values().any(|&left| left != 0) {
        return Err(StoreError::Damaged("contacts and changes do not go together"));
    }
    history(connection)?;
    Ok(sound)
}

/// Adds up the hash of what lives in a file (rule 3.1/12).
pub(super) fn book_hash(connection: &Connection, book: i64) -> Result<BookHash, StoreError> {
    let mut hash = BookHash::default();
    let mut statement = connection.prepare("SELECT id, registers FROM entities WHERE book = ?1")?;
    let mut rows = statement.query([book])?;
    while let Some(row) = rows.next()? {
        let registers = row.get_ref(1)?.as_blob().map_err(|_| StoreError::Damaged("a contact"))?;
        let entity = Entity::decode(registers).map_err(|_| StoreError::Damaged("a contact"))?;
        count(&mut hash, EntityId(fixed(row, 0)?), &entity);
    }
    Ok(hash)
}

fn count(hash: &mut BookHash, id: EntityId, entity: &Entity) {
    for (path, register) in entity.registers() {
        register.siblings().iter().for_each(|sibling| hash.add(id, path, sibling));
    }
}

fn each_entity(
    connection: &Connection,
    book: i64,
    mut look: impl FnMut(i64, EntityId, Entity) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare("SELECT entity, id, registers, sum FROM entities WHERE book = ?1")?;
    let mut rows = statement.query([book])?;
    while let Some(row) = rows.next()? {
        let id = EntityId(fixed(row, 1)?);
        look(row.get(0)?, id, sums::entity(row, id, 2)?)?;
    }
    Ok(())
}

/// How many living writes each change is said to have.
fn changes(connection: &Connection, book: i64) -> Result<BTreeMap<(DeviceId, u64), i64>, StoreError> {
    let mut living = BTreeMap::new();
    let mut statement = connection.prepare(
        "SELECT a.device, c.seq, c.living, c.bytes, c.sum FROM changes c JOIN authors a ON a.author = c.author
         WHERE c.book = ?1",
    )?;
    let mut rows = statement.query([book])?;
    while let Some(row) = rows.next()? {
        let (device, seq) = (DeviceId(fixed(row, 0)?), row.get(1)?);
        let bytes = row.get_ref(3)?.as_blob().map_err(|_| StoreError::Damaged("a change"))?;
        let left: i64 = row.get(2)?;
        sums::matches(row.get(4)?, sums::of_stored(device, seq, left > 0, bytes), "a change")?;
        living.insert((device, seq), left);
    }
    Ok(living)
}

/// Adds up every word of every contact, as the index has them.
fn indexed_words(connection: &Connection) -> Result<i64, StoreError> {
    connection.execute_batch(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.indexed_words USING fts5vocab(main, contact_words, instance)",
    )?;
    let mut statement = connection.prepare("SELECT doc, term FROM temp.indexed_words")?;
    let mut rows = statement.query([])?;
    let mut sum = 0_i64;
    while let Some(row) = rows.next()? {
        let word = row.get_ref(1)?.as_bytes().map_err(|_| StoreError::Damaged("the index of words"))?;
        sum = sum.wrapping_add(sums::of_word(row.get(0)?, word));
    }
    Ok(sum)
}

fn history(connection: &Connection) -> Result<(), StoreError> {
    let mut statement = connection.prepare(&format!("SELECT e.id, h.sum, {}", sums::REPLACED))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (path, replaced) = sums::replaced(row, 2)?;
        let fresh = sums::of_replaced(EntityId(fixed(row, 0)?), &path, &replaced);
        sums::matches(row.get(1)?, fresh, "a value in the history")?;
    }
    Ok(())
}

/// Whether the list says of a row what its registers say.
fn says(connection: &Connection, row: i64, derived: &Derived) -> Result<bool, StoreError> {
    let DerivedKind::Contact(contact) = &derived.kind else { return Ok(true) };
    let Some(contact) = contact else {
        let listed = connection.prepare_cached("SELECT 1 FROM contacts WHERE entity = ?1")?.exists([row])?;
        return Ok(!listed);
    };
    let mut statement = connection.prepare_cached(
        "SELECT shelf = 2 OR shelf = ?2, undecided = ?3, organisation = ?4, changed = ?5, name = ?6, reading = ?7,
             letter = ?8, detail = ?9, uid = ?10, sort = ?11, start = ?12, other_start = ?13,
             (SELECT count(*) FROM memberships WHERE contact = ?1)
         FROM contacts WHERE entity = ?1",
    )?;
    let asked = params_from_iter([row.into(), derived.trashed.into()].into_iter().chain(contact.columns()));
    let alike = statement.query_row(asked, |found| {
        let columns = (0..12).map(|column| found.get::<_, bool>(column));
        let alike = columns.collect::<Result<Vec<bool>, _>>()?.into_iter().all(|alike| alike);
        Ok(alike && found.get::<_, usize>(12)? == contact.groups.len())
    });
    Ok(alike.optional()? == Some(true))
}
