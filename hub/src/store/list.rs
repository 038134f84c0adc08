//! Questions about contacts, groups and registers, answered from committed rows.

use super::{StoreError, rows::fixed};
use kith_core::{
    contact::{QueryToken, match_expression},
    entity::Entity,
    id::{DeviceId, EntityId},
    path::Path,
};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

/// What to list.
#[derive(Clone, Debug, Default)]
pub(crate) struct ListQuery {
    /// All of these must be found; empty lists everything.
    pub(crate) find: Vec<QueryToken>,
    /// Only this group's or tag's contacts.
    pub(crate) group: Option<EntityId>,
    /// The trash instead of the book.
    pub(crate) trash: bool,
    /// Only contacts with something to decide.
    pub(crate) undecided: bool,
    /// Newest change first instead of by name.
    pub(crate) recent: bool,
    pub(crate) limit: u32,
    pub(crate) offset: u32,
}

/// One page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listing {
    pub(crate) total: u32,
    pub(crate) rows: Vec<Found>,
    /// Index letters and the offset of their first contact; only with the first page of a list by name.
    pub(crate) letters: Vec<(String, u32)>,
}

/// One row of the list.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) id: EntityId,
    pub(crate) name: String,
    pub(crate) reading: String,
    pub(crate) letter: String,
    pub(crate) detail: String,
    pub(crate) organisation: bool,
    pub(crate) undecided: u32,
    pub(crate) changed: i64,
}

/// A value that was replaced, as history shows it.
#[derive(Clone, Debug)]
pub(crate) struct Past {
    pub(crate) path: Path,
    pub(crate) value: Option<Vec<u8>>,
    /// When it was written, by the writer's clock, in milliseconds since 1970.
    pub(crate) clock: i64,
    /// Who wrote it.
    pub(crate) device: DeviceId,
    /// When this replica saw it being replaced, in milliseconds since 1970.
    pub(crate) at: i64,
    pub(crate) by: DeviceId,
}

/// A group or tag with the number of its contacts.
#[derive(Clone, Debug)]
pub(crate) struct GroupRow {
    pub(crate) id: EntityId,
    pub(crate) name: String,
    pub(crate) count: u32,
}

/// Lists contacts.
pub(crate) fn list(connection: &Connection, query: &ListQuery) -> Result<Listing, StoreError> {
    if query.find.is_empty() { browse(connection, query) } else { search(connection, query) }
}

fn browse(connection: &Connection, query: &ListQuery) -> Result<Listing, StoreError> {
    let (filter, values) = filter(query);
    let values: Vec<&dyn ToSql> = values.iter().map(|value| &**value as &dyn ToSql).collect();
    let total: u32 = connection
        .prepare_cached(&format!("SELECT count(*) FROM contacts c WHERE {filter}"))?
        .query_row(&values[..], |row| row.get(0))?;
    let order = if query.recent { "c.changed DESC, c.entity" } else { "c.sort, c.entity" };
    // The inner query walks the index alone, so that a far page costs no more than counting to it.
    let sql = format!(
        "SELECT {COLUMNS} FROM (SELECT c.entity FROM contacts c WHERE {filter} ORDER BY {order} LIMIT {} OFFSET {}) page
         JOIN contacts c ON c.entity = page.entity JOIN entities e ON e.entity = c.entity ORDER BY {order}",
        query.limit, query.offset
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(&values[..])?;
    let mut listing = Listing { total, ..Listing::default() };
    while let Some(row) = rows.next()? {
        listing.rows.push(found(row)?);
    }
    if query.offset == 0 && !query.recent {
        let sql =
            format!("SELECT c.letter, count(*) FROM contacts c WHERE {filter} GROUP BY c.letter ORDER BY min(c.sort)");
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query(&values[..])?;
        let mut offset = 0;
        while let Some(row) = rows.next()? {
            listing.letters.push((row.get(0)?, offset));
            offset += row.get::<_, u32>(1)?;
        }
    }
    Ok(listing)
}

/// Finds contacts, those whose name begins with what was typed first. Beyond [`RANKED_MAX`] hits the rest follows
/// unranked: nobody reads that far, but the count stays true.
fn search(connection: &Connection, query: &ListQuery) -> Result<Listing, StoreError> {
    let Some(matching) = match_expression(&query.find) else { return Ok(Listing::default()) };
    let first = query.find.first().and_then(|token| token.alternatives.first()).map(|phrase| phrase.words.join(" "));
    let first = first.unwrap_or_default();
    let (filter, values) = filter(query);
    let mut values: Vec<&dyn ToSql> = values.iter().map(|value| &**value as &dyn ToSql).collect();
    values.push(&matching);
    let hits = format!(
        "FROM contact_words w CROSS JOIN contacts c ON c.entity = w.rowid
         WHERE {filter} AND w.contact_words MATCH ?{}",
        values.len()
    );
    let total: u32 =
        connection.prepare_cached(&format!("SELECT count(*) {hits}"))?.query_row(&values[..], |row| row.get(0))?;
    let ranked = query.offset + query.limit <= RANKED_MAX;
    let (limit, offset) = if ranked { (RANKED_MAX, 0) } else { (query.limit, query.offset) };
    let sql = format!(
        "SELECT {COLUMNS}, c.sort FROM (SELECT c.entity {hits} LIMIT {limit} OFFSET {offset}) page
         JOIN contacts c ON c.entity = page.entity JOIN entities e ON e.entity = c.entity",
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(&values[..])?;
    let mut hits = Vec::new();
    while let Some(row) = rows.next()? {
        let found = found(row)?;
        hits.push((rank(&found, &first), row.get::<_, Vec<u8>>(8)?, found));
    }
    if ranked {
        hits.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    }
    let skip = if ranked { query.offset as usize } else { 0 };
    let rows = hits.into_iter().skip(skip).take(query.limit as usize).map(|(_, _, found)| found).collect();
    Ok(Listing { total, rows, letters: Vec::new() })
}

/// 0 if the name begins with the first word, 1 if one of its words does, 2 if the match is elsewhere.
fn rank(found: &Found, first: &str) -> u8 {
    let name = kith_core::contact::fold(&found.name);
    if name.starts_with(first) {
        0
    } else if name.split_whitespace().any(|word| word.starts_with(first)) {
        1
    } else {
        2
    }
}

fn filter(query: &ListQuery) -> (String, Vec<Box<dyn ToSql>>) {
    let mut filter = String::from("c.shelf = ?1");
    let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(i64::from(query.trash))];
    if query.undecided {
        filter += " AND c.undecided > 0";
    }
    if let Some(group) = query.group {
        values.push(Box::new(group.0.to_vec()));
        filter += " AND c.entity IN (SELECT contact FROM memberships WHERE group_id = ?2)";
    }
    (filter, values)
}

fn found(row: &Row<'_>) -> Result<Found, StoreError> {
    Ok(Found {
        id: EntityId(fixed(row, 0)?),
        name: row.get(1)?,
        reading: row.get(2)?,
        letter: row.get(3)?,
        detail: row.get(4)?,
        organisation: row.get(5)?,
        undecided: row.get(6)?,
        changed: row.get(7)?,
    })
}

/// Counts contacts in the book, in the trash, and those with something to decide.
pub(crate) fn counts(connection: &Connection) -> Result<(u32, u32, u32), StoreError> {
    let count = |filter: &str| {
        connection
            .prepare_cached(&format!("SELECT count(*) FROM contacts WHERE {filter}"))?
            .query_row([], |row| row.get::<_, u32>(0))
    };
    Ok((count("shelf = 0")?, count("shelf = 1")?, count("undecided > 0")?))
}

/// All registers of an entity, if it exists.
pub(crate) fn entity(connection: &Connection, id: EntityId) -> Result<Option<Entity>, StoreError> {
    let bytes: Option<Vec<u8>> = connection
        .prepare_cached("SELECT registers FROM entities WHERE id = ?1")?
        .query_row([id.0.as_slice()], |row| row.get(0))
        .optional()?;
    bytes.map(|bytes| Entity::decode(&bytes).map_err(|_| StoreError::Damaged("a contact"))).transpose()
}

/// Contacts whose id begins with these bytes (and half a byte), at most two: enough to know that it is ambiguous.
pub(crate) fn contacts_by_prefix(connection: &Connection, prefix: &str) -> Result<Vec<EntityId>, StoreError> {
    let pad = |fill: char| {
        let padded: String = prefix.chars().chain(std::iter::repeat(fill)).take(2 * EntityId::LEN).collect();
        padded.parse::<EntityId>().ok()
    };
    let (Some(low), Some(high)) = (pad('0'), pad('f')) else { return Ok(Vec::new()) };
    let mut statement = connection.prepare_cached(
        "SELECT e.id FROM entities e JOIN contacts c ON c.entity = e.entity WHERE e.id BETWEEN ?1 AND ?2 LIMIT 2",
    )?;
    let mut rows = statement.query(params![low.0, high.0])?;
    let mut ids = Vec::new();
    while let Some(row) = rows.next()? {
        ids.push(EntityId(fixed(row, 0)?));
    }
    Ok(ids)
}

/// The contact that carries this vCard UID, or is just like a card without one; in the book before in the trash.
pub(crate) fn contact_by_identity(connection: &Connection, identity: &str) -> Result<Option<EntityId>, StoreError> {
    let found = connection
        .prepare_cached(
            "SELECT e.id FROM contacts c JOIN entities e ON e.entity = c.entity
             WHERE c.uid = ?1 AND c.shelf < 2 ORDER BY c.shelf, c.entity LIMIT 1",
        )?
        .query_row([identity], |row| Ok(fixed(row, 0)))
        .optional()?;
    found.transpose().map(|id| id.map(EntityId))
}

/// Every contact of the book by name, for export.
pub(crate) fn all_contacts(connection: &Connection) -> Result<Vec<EntityId>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT e.id FROM contacts c JOIN entities e ON e.entity = c.entity WHERE c.shelf = 0 ORDER BY c.sort, c.entity",
    )?;
    let mut rows = statement.query([])?;
    let mut ids = Vec::new();
    while let Some(row) = rows.next()? {
        ids.push(EntityId(fixed(row, 0)?));
    }
    Ok(ids)
}

/// Contacts that this replica has held in the trash since before `limit`.
pub(crate) fn trashed_before(connection: &Connection, limit: i64) -> Result<Vec<EntityId>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT e.id FROM contacts c JOIN entities e ON e.entity = c.entity WHERE c.shelf = 1 AND c.trashed_at < ?1",
    )?;
    let mut rows = statement.query([limit])?;
    let mut ids = Vec::new();
    while let Some(row) = rows.next()? {
        ids.push(EntityId(fixed(row, 0)?));
    }
    Ok(ids)
}

/// All groups (kind 1) or tags (kind 2) by name.
pub(crate) fn groups(connection: &Connection, kind: i64) -> Result<Vec<GroupRow>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT g.id, g.name, (SELECT count(*) FROM memberships m JOIN contacts c ON c.entity = m.contact
                               WHERE m.group_id = g.id AND c.shelf = 0)
         FROM groups g WHERE g.kind = ?1 AND g.trashed = 0 ORDER BY g.name COLLATE NOCASE, g.id",
    )?;
    let mut rows = statement.query([kind])?;
    let mut groups = Vec::new();
    while let Some(row) = rows.next()? {
        groups.push(GroupRow { id: EntityId(fixed(row, 0)?), name: row.get(1)?, count: row.get(2)? });
    }
    Ok(groups)
}

/// What was replaced in an entity, newest first.
pub(crate) fn past(connection: &Connection, id: EntityId) -> Result<Vec<Past>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT h.path, h.value, h.at, b.device, h.clock, a.device FROM history h
         JOIN entities e ON e.entity = h.entity JOIN authors a ON a.author = h.author
         JOIN authors b ON b.author = h.by_author WHERE e.id = ?1 ORDER BY h.entry DESC LIMIT 1000",
    )?;
    let mut rows = statement.query([id.0.as_slice()])?;
    let mut past = Vec::new();
    while let Some(row) = rows.next()? {
        let path: Vec<u8> = row.get(0)?;
        let path = Path::from_bytes(&path).ok_or(StoreError::Damaged("a path"))?;
        past.push(Past {
            path,
            value: row.get(1)?,
            clock: row.get(4)?,
            device: DeviceId(fixed(row, 5)?),
            at: row.get(2)?,
            by: DeviceId(fixed(row, 3)?),
        });
    }
    Ok(past)
}

const COLUMNS: &str = "e.id, c.name, c.reading, c.letter, c.detail, c.organisation, c.undecided, c.changed";
/// Hits that are ranked before the page is cut.
const RANKED_MAX: u32 = 1000;
