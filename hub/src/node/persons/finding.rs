//! Finds whom somebody means: links by person, contact, or the beginning of either's id.

use crate::{
    api::{Code, Error, Named},
    node::{
        contacts::name_of,
        work::{self, Outcome},
    },
    store::{self, Connection, StoreError},
};
use kith_core::{
    book,
    entity::Entity,
    id::{EntityId, PersonId},
    person::{self, Link},
};

/// All links.
pub(crate) fn links(rows: &Connection) -> Result<Vec<Link>, StoreError> {
    Ok(store::links(rows)?.iter().filter_map(|(_, entity)| Link::of(entity)).collect())
}

/// The link's entity.
pub(crate) fn link_entity(person: PersonId, rows: &Connection) -> Result<Entity, StoreError> {
    Ok(store::entity(rows, person::id(person))?.unwrap_or_default())
}

/// The one link whose person, or whose contact, has an id that begins like this.
pub(crate) fn link(wanted: &str, rows: &Connection) -> Outcome<Link> {
    let wanted = wanted.trim().to_ascii_lowercase();
    let all = links(rows)?;
    let begins = |id: String| !wanted.is_empty() && id.starts_with(&wanted);
    let fits = |link: &&Link| {
        begins(link.person.to_string()) || link.contact.is_some_and(|contact| begins(contact.to_string()))
    };
    let mut found = all.iter().filter(fits);
    Ok(match (found.next(), found.next()) {
        (Some(link), None) => Ok(link.clone()),
        (Some(_), Some(_)) => {
            Err(Error::new(Code::Ambiguous, format!("Several persons begin with {wanted}. Give more of the id.")))
        }
        _ => Err(Error::new(
            Code::NotFound,
            format!("You are linked to nobody with the id {wanted}. `link list` shows whom you are linked to."),
        )),
    })
}

/// The contacts that audience words name: contacts by id, or linked persons by theirs.
pub(crate) fn contacts(wanted: &[String], rows: &Connection) -> Outcome<Vec<EntityId>> {
    let mut found = Vec::with_capacity(wanted.len());
    for one in wanted {
        match work::contact(one, rows)? {
            Ok(id) => found.push(id),
            Err(error) => match link(one, rows)? {
                Ok(Link { contact: Some(contact), .. }) => found.push(contact),
                _ => return Ok(Err(error)),
            },
        }
    }
    Ok(Ok(found))
}

/// What a person is called: as their contact is, else as they call themselves.
pub(crate) fn name_of_person(link: &Link, rows: &Connection) -> Result<String, StoreError> {
    let Some(contact) = link.contact else { return Ok(link.name.clone()) };
    Ok(match store::entity(rows, contact)? {
        Some(entity) if book::kind(&entity) == book::Kind::Contact => name_of(&entity),
        _ => link.name.clone(),
    })
}

/// A contact by id and name.
pub(crate) fn named(id: EntityId, rows: &Connection) -> Result<Named, StoreError> {
    let name = store::entity(rows, id)?.map(|entity| name_of(&entity)).unwrap_or_default();
    Ok(Named { id: id.to_string(), name })
}
