//! Questions about contacts, groups and registers, answered from committed rows.

use super::{
    Reader, StoreError,
    listed::Listed,
    overview::{BROAD_MIN, Broad},
    row_set::RowSet,
    sums,
    writing::fixed,
};
use kith_core::{
    book::FAVOURITES,
    contact::{QueryToken, Wanted, month_word, query_tokens, start_key},
    entity::Entity,
    id::{DeviceId, EntityId},
    path::Path,
    replica::Replaced,
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::sync::Arc;

/// What to list.
#[derive(Clone, Debug, Default)]
pub(crate) struct ListQuery {
    /// What somebody typed: all of its words must be found; nothing but spaces lists everything.
    pub(crate) find: String,
    /// Only contacts of all these groups and tags; the favourites count as one.
    pub(crate) groups: Vec<EntityId>,
    /// Only these.
    pub(crate) among: Option<Vec<EntityId>>,
    /// The trash instead of the book.
    pub(crate) trash: bool,
    /// Only contacts with something to decide.
    pub(crate) undecided: bool,
    /// Newest change first instead of by name; does not go with `find`.
    pub(crate) recent: bool,
    pub(crate) limit: u32,
    pub(crate) offset: u32,
}

/// One page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listing {
    pub(crate) total: u32,
    pub(crate) rows: Vec<Found>,
    /// Index letters and the offset of their first contact; only with the first page of a list by name
    /// without `find`.
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
    pub(crate) favourite: bool,
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

/// A group or tag.
#[derive(Clone, Debug)]
pub(crate) struct GroupRow {
    pub(crate) id: EntityId,
    pub(crate) name: String,
}

/// Lists contacts: those found in the order of their [`rank`], all others by name.
pub(crate) fn list(reader: &Reader, query: &ListQuery) -> Result<Listing, StoreError> {
    let tokens = query_tokens(&query.find);
    if tokens.is_empty() && !query.find.trim().is_empty() {
        return Ok(Listing::default());
    }
    let listed = if query.trash { Arc::new(Listed::load(reader, TRASH)?) } else { reader.listed()? };
    let mut found = listed.rows().clone();
    if let Some(wanted) = wanted(reader, query, &tokens)? {
        found.retain(&wanted);
    }
    let (skip, take) = (query.offset as usize, query.limit as usize);
    let page: Vec<u32> = if !tokens.is_empty() {
        ranked(reader, query, &tokens, &listed, &found, skip + take)?.into_iter().skip(skip).collect()
    } else if query.recent {
        recent(reader, query, &found)?
    } else {
        listed.in_order(&found).skip(skip).take(take).collect()
    };
    let letters =
        if query.offset == 0 && tokens.is_empty() && !query.recent { listed.letters(&found) } else { Vec::new() };
    Ok(Listing { total: found.len() as u32, rows: rows(reader, &page)?, letters })
}

/// The rows that what was asked leaves; `None` if that is all of them.
fn wanted(reader: &Reader, query: &ListQuery, tokens: &[QueryToken]) -> Result<Option<Arc<RowSet>>, StoreError> {
    let mut wanted = None;
    if !tokens.is_empty() {
        meet(&mut wanted, hits(reader, tokens)?);
    }
    for group in &query.groups {
        meet(&mut wanted, members(reader, *group)?);
    }
    if let Some(among) = &query.among {
        meet(&mut wanted, Arc::new(rows_of(reader, among)?));
    }
    if query.undecided {
        let sql = "SELECT entity FROM contacts WHERE shelf = ?1 AND undecided > 0";
        meet(&mut wanted, Arc::new(row_set(reader, sql, [i64::from(query.trash)])?));
    }
    Ok(wanted)
}

/// The rows that have all the tokens. Each word is looked for by itself: broad ones are remembered, and the index is
/// slower at meeting two lists of thousands than two sets are.
fn hits(reader: &Reader, tokens: &[QueryToken]) -> Result<Arc<RowSet>, StoreError> {
    let mut hits: Option<Arc<RowSet>> = None;
    for token in tokens {
        let mut any: Option<Arc<RowSet>> = None;
        for phrase in &token.alternatives {
            let mut all = None;
            for wanted in phrase.wanted() {
                meet(&mut all, having(reader, wanted)?);
            }
            match (&mut any, all) {
                (Some(any), Some(all)) if !all.is_empty() => Arc::make_mut(any).add(&all),
                (Some(_), _) => {}
                (any, all) => *any = all,
            }
        }
        meet(&mut hits, any.unwrap_or_default());
        if hits.as_ref().is_some_and(|hits| hits.is_empty()) {
            break;
        }
    }
    Ok(hits.unwrap_or_default())
}

/// Keeps of a set what another has as well; of none, all of the other.
fn meet(set: &mut Option<Arc<RowSet>>, other: Arc<RowSet>) {
    match set {
        Some(set) => Arc::make_mut(set).retain(&other),
        none => *none = Some(other),
    }
}

/// The rows that have a word.
pub(super) fn having(reader: &Reader, wanted: Wanted) -> Result<Arc<RowSet>, StoreError> {
    let expression = wanted.expression();
    remembered(
        reader,
        Broad::Word(wanted),
        "SELECT rowid FROM contact_words WHERE contact_words MATCH ?1",
        [expression],
    )
}

/// The rows of a group's or tag's contacts.
pub(super) fn members(reader: &Reader, group: EntityId) -> Result<Arc<RowSet>, StoreError> {
    remembered(reader, Broad::Group(group), "SELECT contact FROM memberships WHERE group_id = ?1", [group.0])
}

/// The rows of something that may be broad: as they are remembered, or as the query finds them.
fn remembered(
    reader: &Reader,
    broad: Broad,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<Arc<RowSet>, StoreError> {
    if let Some(rows) = reader.recall(&broad) {
        return Ok(rows);
    }
    let mut count = 0;
    let mut statement = reader.prepare_cached(sql)?;
    let found = statement.query_map(values, |row| row.get(0))?.inspect(|_| count += 1);
    let found = Arc::new(found.collect::<Result<RowSet, _>>()?);
    if count >= BROAD_MIN {
        reader.remember(broad, &found, count);
    }
    Ok(found)
}

/// The rows of some contacts.
fn rows_of(reader: &Reader, ids: &[EntityId]) -> Result<RowSet, StoreError> {
    let mut statement =
        reader.prepare_cached("SELECT entity FROM entities WHERE book = (SELECT min(book) FROM books) AND id = ?1")?;
    let rows = ids.iter().map(|id| statement.query_row([id.0.as_slice()], |row| row.get::<_, u32>(0)).optional());
    Ok(rows.filter_map(Result::transpose).collect::<Result<_, _>>()?)
}

fn row_set(reader: &Reader, sql: &str, values: impl rusqlite::Params) -> Result<RowSet, StoreError> {
    let mut statement = reader.prepare_cached(sql)?;
    let rows = statement.query_map(values, |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Puts those first whose name begins with what was typed, then those of whose name words begin with it, then the rest;
/// within each the order of the list stays. Looks for the first `enough` only.
fn ranked(
    reader: &Reader,
    query: &ListQuery,
    tokens: &[QueryToken],
    listed: &Listed,
    found: &RowSet,
    enough: usize,
) -> Result<Vec<u32>, StoreError> {
    let mut first = Vec::new();
    let mut rest = found.clone();
    let mut put = |mut next: RowSet| {
        next.retain(&rest);
        rest.subtract(&next);
        first.extend(listed.in_order(&next).take(enough - first.len()));
        first.len() < enough
    };
    if put(listed.beginning_with(start_key(&query.find))) {
        let in_name: Vec<QueryToken> = tokens.iter().map(QueryToken::in_name).collect();
        if put(Arc::unwrap_or_clone(hits(reader, &in_name)?)) {
            put(found.clone());
        }
    }
    Ok(first)
}

/// A page of those found, the newest change first.
fn recent(reader: &Reader, query: &ListQuery, found: &RowSet) -> Result<Vec<u32>, StoreError> {
    let mut statement =
        reader.prepare_cached("SELECT entity FROM contacts WHERE shelf = ?1 ORDER BY changed DESC, entity")?;
    let rows = statement.query_map([i64::from(query.trash)], |row| row.get::<_, u32>(0))?;
    let found = rows.filter(|row| row.as_ref().map_or(true, |row| found.contains(*row)));
    Ok(found.skip(query.offset as usize).take(query.limit as usize).collect::<Result<_, _>>()?)
}

/// What the list shows of contacts; one that is gone by now is left out.
fn rows(reader: &Reader, page: &[u32]) -> Result<Vec<Found>, StoreError> {
    let mut statement = reader.prepare_cached(
        "SELECT e.id, c.name, c.reading, c.letter, c.detail, c.organisation, c.undecided, c.changed
         FROM contacts c JOIN entities e ON e.entity = c.entity WHERE c.entity = ?1",
    )?;
    let favourites = members(reader, FAVOURITES)?;
    let mut found_rows = Vec::with_capacity(page.len());
    for number in page {
        let mut rows = statement.query([number])?;
        if let Some(row) = rows.next()? {
            found_rows.push(Found { favourite: favourites.contains(*number), ..found(row)? });
        }
    }
    Ok(found_rows)
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
        favourite: false,
    })
}

/// Contacts of the book with a date in a month, from 1 to 12, by name; at most `limit`.
pub(crate) fn dated_in(reader: &Reader, month: u8, limit: usize) -> Result<Vec<EntityId>, StoreError> {
    let mut dated = Arc::unwrap_or_clone(having(reader, month_word(month))?);
    let listed = reader.listed()?;
    dated.retain(listed.rows());
    let mut statement = reader.prepare_cached("SELECT id FROM entities WHERE entity = ?1")?;
    let rows = listed.in_order(&dated).take(limit);
    rows.map(|row| statement.query_row([row], |row| Ok(fixed(row, 0).map(EntityId)))?).collect()
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

/// Counts the favourites of the book.
pub(crate) fn favourites_count(connection: &Connection) -> Result<u32, StoreError> {
    let sql = "SELECT count(*) FROM memberships m JOIN contacts c ON c.entity = m.contact
               WHERE m.group_id = ?1 AND c.shelf = 0";
    Ok(connection.prepare_cached(sql)?.query_row([FAVOURITES.0], |row| row.get(0))?)
}

/// All registers of an entity, if it exists.
pub(crate) fn entity(connection: &Connection, id: EntityId) -> Result<Option<Entity>, StoreError> {
    let mut statement = connection.prepare_cached(REGISTERS_BY_ID)?;
    statement.query_row([id.0.as_slice()], |row| Ok(sums::entity(row, id, 0))).optional()?.transpose()
}

/// Contacts whose id begins with these bytes (and half a byte), at most two: enough to know that it is ambiguous.
pub(crate) fn contacts_by_prefix(connection: &Connection, prefix: &str) -> Result<Vec<EntityId>, StoreError> {
    let pad = |fill: char| {
        let padded: String = prefix.chars().chain(std::iter::repeat(fill)).take(2 * EntityId::LEN).collect();
        padded.parse::<EntityId>().ok()
    };
    let (Some(low), Some(high)) = (pad('0'), pad('f')) else { return Ok(Vec::new()) };
    let mut statement = connection.prepare_cached(CONTACTS_BY_PREFIX)?;
    let mut rows = statement.query(params![low.0, high.0])?;
    let mut ids = Vec::new();
    while let Some(row) = rows.next()? {
        ids.push(EntityId(fixed(row, 0)?));
    }
    Ok(ids)
}

/// The contact that carries this vCard UID, or is just like a card without one: one in the book, else one that it was
/// merged into, else one in the trash.
pub(crate) fn contact_by_identity(connection: &Connection, identity: &str) -> Result<Option<EntityId>, StoreError> {
    let one = |sql: &str| -> Result<Option<EntityId>, StoreError> {
        let found =
            connection.prepare_cached(sql)?.query_row([identity], |row| Ok(fixed(row, 0))).optional()?.transpose()?;
        Ok(found.map(EntityId))
    };
    let by_uid = one("SELECT e.id FROM contacts c JOIN entities e ON e.entity = c.entity
                      WHERE c.uid = ?1 AND c.shelf = 0 ORDER BY c.entity LIMIT 1")?;
    if by_uid.is_some() {
        return Ok(by_uid);
    }
    let by_alias = one("SELECT e.id FROM aliases a JOIN contacts c ON c.entity = a.contact
                        JOIN entities e ON e.entity = a.contact
                        WHERE a.uid = ?1 AND c.shelf < 2 ORDER BY c.shelf, c.entity LIMIT 1")?;
    if by_alias.is_some() {
        return Ok(by_alias);
    }
    one("SELECT e.id FROM contacts c JOIN entities e ON e.entity = c.entity
         WHERE c.uid = ?1 AND c.shelf = 1 ORDER BY c.entity LIMIT 1")
}

/// The contact that an account knows by this UID; in the book before in the trash.
pub(crate) fn contact_by_remote(
    connection: &Connection,
    account: EntityId,
    uid: &str,
) -> Result<Option<EntityId>, StoreError> {
    let found = connection
        .prepare_cached(
            "SELECT e.id FROM remotes r JOIN entities e ON e.entity = r.contact
             LEFT JOIN contacts c ON c.entity = r.contact
             WHERE r.account = ?1 AND r.uid = ?2 ORDER BY c.shelf IS NULL, c.shelf, r.contact LIMIT 1",
        )?
        .query_row(params![account.0, uid], |row| Ok(fixed(row, 0)))
        .optional()?;
    found.transpose().map(|id| id.map(EntityId))
}

/// Every contact that an account knows, with the UID by which it does and whether it is in the trash.
pub(crate) fn contacts_of_account(
    connection: &Connection,
    account: EntityId,
) -> Result<Vec<(EntityId, String, bool)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT e.id, r.uid, coalesce(c.shelf, 0) = 1 FROM remotes r JOIN entities e ON e.entity = r.contact
         LEFT JOIN contacts c ON c.entity = r.contact WHERE r.account = ?1 ORDER BY r.uid, r.contact",
    )?;
    let mut rows = statement.query([account.0])?;
    let mut contacts = Vec::new();
    while let Some(row) = rows.next()? {
        contacts.push((EntityId(fixed(row, 0)?), row.get(1)?, row.get(2)?));
    }
    Ok(contacts)
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
        "SELECT id, name FROM groups WHERE kind = ?1 AND trashed = 0 ORDER BY name COLLATE NOCASE, id",
    )?;
    let mut rows = statement.query([kind])?;
    let mut groups = Vec::new();
    while let Some(row) = rows.next()? {
        groups.push(GroupRow { id: EntityId(fixed(row, 0)?), name: row.get(1)? });
    }
    Ok(groups)
}

/// How many contacts of the book are in a group or have a tag.
pub(crate) fn group_count(reader: &Reader, group: EntityId) -> Result<u32, StoreError> {
    let mut members = Arc::unwrap_or_clone(members(reader, group)?);
    members.retain(reader.listed()?.rows());
    Ok(members.len() as u32)
}

/// The name of every group that there is or was, and whether it is gone.
pub(crate) fn group_names(connection: &Connection) -> Result<Vec<(EntityId, String, bool)>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT id, name, trashed FROM groups WHERE kind = 1 ORDER BY entity")?;
    let mut rows = statement.query([])?;
    let mut names = Vec::new();
    while let Some(row) = rows.next()? {
        names.push((EntityId(fixed(row, 0)?), row.get(1)?, row.get(2)?));
    }
    Ok(names)
}

/// What was replaced in an entity, newest first.
pub(crate) fn past(connection: &Connection, id: EntityId) -> Result<Vec<Past>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT h.at, h.sum, {} WHERE e.book = (SELECT min(book) FROM books) AND e.id = ?1
             ORDER BY h.entry DESC LIMIT 1000",
        sums::REPLACED
    ))?;
    let mut rows = statement.query([id.0.as_slice()])?;
    let mut past = Vec::new();
    while let Some(row) = rows.next()? {
        let (path, replaced) = sums::replaced(row, 2)?;
        sums::matches(row.get(1)?, sums::of_replaced(id, &path, &replaced), "a value in the history")?;
        let Replaced { sibling, by } = replaced;
        past.push(Past {
            path: Path::from_bytes(&path).ok_or(StoreError::Damaged("a path"))?,
            value: sibling.value,
            clock: sibling.clock,
            device: sibling.device,
            at: row.get(0)?,
            by: by.0,
        });
    }
    Ok(past)
}

/// The index of ids begins with the book: without it named, each look-up would read the whole table.
pub(super) const REGISTERS_BY_ID: &str =
    "SELECT registers, sum FROM entities WHERE book = (SELECT min(book) FROM books) AND id = ?1";
pub(super) const CONTACTS_BY_PREFIX: &str = "SELECT e.id FROM entities e CROSS JOIN contacts c ON c.entity = e.entity
     WHERE e.book = (SELECT min(book) FROM books) AND e.id BETWEEN ?1 AND ?2 LIMIT 2";
/// The shelf of what is in the trash.
const TRASH: i64 = 1;
