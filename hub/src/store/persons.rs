//! Linked persons, shared items and interactions: what is derived of them, and what only this device knows.

use super::{StoreError, Writing, sums, writing::fixed};
use kith_core::{
    contact::{QueryToken, query_tokens},
    entity::Entity,
    id::{EntityId, Hash, PersonId},
    interaction::{Interaction, Kind},
    person::{IssuedInvitation, Link, PactId, PendingAcceptance},
    replica::Rows,
};
use rusqlite::{Connection, OptionalExtension, params};
use std::net::SocketAddr;

/// An acceptance that waits for its answer.
#[derive(Clone, Debug)]
pub(crate) struct Acceptance {
    pub(crate) pending: PendingAcceptance,
    /// Who invited.
    pub(crate) person: PersonId,
    /// The contact that the person is to be.
    pub(crate) contact: Option<EntityId>,
    /// What the invitation calls them.
    pub(crate) name: String,
    /// Where to try before the invitation's own addresses.
    pub(crate) addresses: Vec<SocketAddr>,
    /// In milliseconds since 1970.
    pub(crate) since: i64,
    /// It was taken back: what comes of it is ended.
    pub(crate) withdrawn: bool,
}

/// Every link, by the order in which this device learned of them.
pub(crate) fn links(connection: &Connection) -> Result<Vec<(EntityId, Entity)>, StoreError> {
    entities(
        connection,
        "SELECT e.id, e.registers, e.sum FROM links l JOIN entities e ON e.entity = l.entity ORDER BY 1",
    )
}

/// Every shared item other than my card, those that were removed too.
pub(crate) fn items(connection: &Connection) -> Result<Vec<(EntityId, Entity)>, StoreError> {
    entities(
        connection,
        "SELECT e.id, e.registers, e.sum FROM items i JOIN entities e ON e.entity = i.entity ORDER BY 1",
    )
}

fn entities(connection: &Connection, sql: &str) -> Result<Vec<(EntityId, Entity)>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let id = EntityId(fixed(row, 0)?);
        found.push((id, sums::entity(row, id, 1)?));
    }
    Ok(found)
}

/// The links whose person a contact is; usually none or one.
pub(crate) fn links_of_contact(connection: &Connection, contact: EntityId) -> Result<Vec<EntityId>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT id FROM links WHERE contact = ?1 ORDER BY id")?;
    let mut rows = statement.query([contact.0])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(EntityId(fixed(row, 0)?));
    }
    Ok(found)
}

/// Interactions since a time, in milliseconds since 1970, by address and kind: how many.
pub(crate) fn interactions_since(
    connection: &Connection,
    since_ms: i64,
    until_ms: i64,
) -> Result<Vec<(String, Kind, u32)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT address, kind, count(*) FROM interactions WHERE at >= ?1 AND at <= ?2 GROUP BY address, kind",
    )?;
    let mut rows = statement.query(params![since_ms, until_ms])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let kind = kind(row.get(1)?).ok_or(StoreError::Damaged("an interaction"))?;
        found.push((row.get(0)?, kind, row.get(2)?));
    }
    Ok(found)
}

/// When the newest interaction of a kind was, in milliseconds since 1970.
pub(crate) fn newest_interaction(connection: &Connection, kind: Kind) -> Result<Option<i64>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT max(at) FROM interactions WHERE kind = ?1")?;
    Ok(statement.query_row([kind as u8], |row| row.get(0))?)
}

/// Interactions before a time, at most so many.
pub(crate) fn interactions_before(
    connection: &Connection,
    before_ms: i64,
    most: usize,
) -> Result<Vec<EntityId>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT e.id FROM interactions i JOIN entities e ON e.entity = i.entity WHERE i.at < ?1 ORDER BY i.at LIMIT ?2",
    )?;
    let mut rows = statement.query(params![before_ms, most as i64])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(EntityId(fixed(row, 0)?));
    }
    Ok(found)
}

fn kind(number: u8) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| *kind as u8 == number)
}

/// Contacts of the book that have every word of this, at most so many; for numbers and addresses, which few have.
pub(crate) fn contacts_having(connection: &Connection, find: &str, most: usize) -> Result<Vec<EntityId>, StoreError> {
    let tokens: Vec<String> = query_tokens(find).iter().map(QueryToken::expression).collect();
    if tokens.is_empty() {
        return Ok(Vec::new());
    }
    let mut statement = connection.prepare_cached(
        "SELECT e.id FROM contact_words w JOIN contacts c ON c.entity = w.rowid JOIN entities e ON e.entity = c.entity
         WHERE contact_words MATCH ?1 AND c.shelf = 0 LIMIT ?2",
    )?;
    let mut rows = statement.query(params![tokens.join(" AND "), most as i64])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(EntityId(fixed(row, 0)?));
    }
    Ok(found)
}

/// The contacts of the book that are in a group or bear a tag.
pub(crate) fn contacts_in(connection: &Connection, group: EntityId) -> Result<Vec<EntityId>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT e.id FROM memberships m JOIN contacts c ON c.entity = m.contact JOIN entities e ON e.entity = c.entity
         WHERE m.group_id = ?1 AND c.shelf = 0 ORDER BY e.id",
    )?;
    let mut rows = statement.query([group.0])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(EntityId(fixed(row, 0)?));
    }
    Ok(found)
}

/// Every contact of the book and what it is called.
pub(crate) fn names(connection: &Connection) -> Result<Vec<(EntityId, String)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT e.id, c.name FROM contacts c JOIN entities e ON e.entity = c.entity WHERE c.shelf = 0 ORDER BY e.id",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((EntityId(fixed(row, 0)?), row.get(1)?));
    }
    Ok(found)
}

/// The invitations of this device.
pub(crate) fn invitations(connection: &Connection) -> Result<Vec<IssuedInvitation>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT issued FROM invitations ORDER BY rowid")?;
    let read = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
    let read = read.map(|bytes| IssuedInvitation::decode(&bytes?).ok_or(StoreError::Damaged("an invitation")));
    read.collect()
}

/// The acceptances of this device.
pub(crate) fn acceptances(connection: &Connection) -> Result<Vec<Acceptance>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT pending, person, contact, name, addresses, since, withdrawn FROM acceptances ORDER BY since, pact",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let bytes: Vec<u8> = row.get(0)?;
        let contact: Option<Vec<u8>> = row.get(2)?;
        let addresses: String = row.get(4)?;
        found.push(Acceptance {
            pending: PendingAcceptance::decode(&bytes).ok_or(StoreError::Damaged("an acceptance"))?,
            person: PersonId(fixed(row, 1)?),
            contact: contact.and_then(|bytes| EntityId::from_slice(&bytes)),
            name: row.get(3)?,
            addresses: addresses.lines().filter_map(|line| line.parse().ok()).collect(),
            since: row.get(5)?,
            withdrawn: row.get(6)?,
        });
    }
    Ok(found)
}

/// Former secrets of links, as they were kept.
pub(crate) fn former_secrets(connection: &Connection) -> Result<Vec<(PersonId, Vec<u8>)>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT person, former FROM former_secrets ORDER BY person")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((PersonId(fixed(row, 0)?), row.get(1)?));
    }
    Ok(found)
}

/// The folders that this device reads, and what they looked like.
pub(crate) fn watched(connection: &Connection) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT path, seen FROM watched ORDER BY path")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether a household's question was answered by a no.
pub(crate) fn is_declined(connection: &Connection, proposal: EntityId) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM declined WHERE proposal = ?1")?;
    Ok(statement.query_row([proposal.0], |_| Ok(())).optional()?.is_some())
}

impl Writing<'_> {
    /// Keeps an invitation of this device.
    pub(crate) fn keep_invitation(&mut self, issued: &IssuedInvitation) -> Result<(), StoreError> {
        self.connection()
            .prepare_cached("INSERT OR REPLACE INTO invitations (hash, issued) VALUES (?1, ?2)")?
            .execute(params![issued.hash().0, issued.encode()])?;
        Ok(())
    }

    /// Forgets an invitation.
    pub(crate) fn forget_invitation(&mut self, hash: Hash) -> Result<(), StoreError> {
        self.connection().prepare_cached("DELETE FROM invitations WHERE hash = ?1")?.execute([hash.0])?;
        Ok(())
    }

    /// Keeps an acceptance until it is answered.
    pub(crate) fn keep_acceptance(&mut self, acceptance: &Acceptance) -> Result<(), StoreError> {
        let Acceptance { pending, person, contact, name, addresses, since, withdrawn } = acceptance;
        let addresses: Vec<String> = addresses.iter().map(SocketAddr::to_string).collect();
        self.connection()
            .prepare_cached(
                "INSERT OR REPLACE INTO acceptances (pact, pending, person, contact, name, addresses, since, withdrawn)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                pending.pact().0,
                pending.encode(),
                person.0,
                contact.map(|contact| contact.0),
                name,
                addresses.join("\n"),
                since,
                withdrawn
            ])?;
        Ok(())
    }

    /// Forgets an acceptance.
    pub(crate) fn forget_acceptance(&mut self, pact: PactId) -> Result<(), StoreError> {
        self.connection().prepare_cached("DELETE FROM acceptances WHERE pact = ?1")?.execute([pact.0])?;
        Ok(())
    }

    /// Keeps former secrets of a link; none are forgotten.
    pub(crate) fn keep_former_secrets(&mut self, person: PersonId, former: Option<&[u8]>) -> Result<(), StoreError> {
        match former {
            Some(former) => self
                .connection()
                .prepare_cached("INSERT OR REPLACE INTO former_secrets (person, former) VALUES (?1, ?2)")?
                .execute(params![person.0, former])?,
            None => {
                self.connection().prepare_cached("DELETE FROM former_secrets WHERE person = ?1")?.execute([person.0])?
            }
        };
        Ok(())
    }

    /// Keeps what a watched folder looks like.
    pub(crate) fn keep_watched(&mut self, path: &str, seen: &[u8]) -> Result<(), StoreError> {
        self.connection()
            .prepare_cached("INSERT OR REPLACE INTO watched (path, seen) VALUES (?1, ?2)")?
            .execute(params![path, seen])?;
        Ok(())
    }

    /// Watches a folder no longer.
    pub(crate) fn forget_watched(&mut self, path: &str) -> Result<(), StoreError> {
        self.connection().prepare_cached("DELETE FROM watched WHERE path = ?1")?.execute([path])?;
        Ok(())
    }

    /// Remembers a no to a household's question.
    pub(crate) fn decline(&mut self, proposal: EntityId) -> Result<(), StoreError> {
        self.connection()
            .prepare_cached("INSERT OR IGNORE INTO declined (proposal) VALUES (?1)")?
            .execute([proposal.0])?;
        Ok(())
    }

    /// The link to a person as this transaction has it.
    pub(crate) fn link(&mut self, person: PersonId) -> Result<Option<Link>, StoreError> {
        Ok(Link::of(self.entity(kith_core::person::id(person))?))
    }
}

/// What is derived of an entity that is none of a contact's.
pub(super) enum DerivedPerson {
    /// A link: to whom, and which contact that is.
    Link(Option<(PersonId, Option<EntityId>)>),
    /// A shared item.
    Item,
    /// A call, message or mail; `None` if it was dropped.
    Interaction(Option<Interaction>),
}

impl DerivedPerson {
    pub(super) fn link(entity: &Entity) -> Self {
        Self::Link(Link::of(entity).map(|link| (link.person, link.contact)))
    }

    pub(super) fn save(&self, connection: &Connection, row: i64, id: EntityId) -> Result<(), StoreError> {
        match self {
            Self::Link(Some((person, contact))) => connection
                .prepare_cached("INSERT OR REPLACE INTO links (entity, id, person, contact) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![row, id.0, person.0, contact.map(|contact| contact.0)])?,
            Self::Link(None) => connection.prepare_cached("DELETE FROM links WHERE entity = ?1")?.execute([row])?,
            Self::Item => connection
                .prepare_cached("INSERT OR REPLACE INTO items (entity, id) VALUES (?1, ?2)")?
                .execute(params![row, id.0])?,
            Self::Interaction(Some(one)) => connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO interactions (entity, at, kind, address) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![row, one.at_ms, one.kind as u8, one.address])?,
            Self::Interaction(None) => {
                connection.prepare_cached("DELETE FROM interactions WHERE entity = ?1")?.execute([row])?
            }
        };
        Ok(())
    }
}
