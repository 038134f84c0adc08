//! Updates that wait for an answer, and the answers. What waits is computed from the links, never stored.

use super::{finding::name_of_person, giving, placing, receiving};
use crate::{
    api::{Answer, Code, Decided, Error, FieldChange, Inbox, InboxAccept, InboxRefuse, InboxUndo, InboxUpdate},
    clock::{now_ms, rfc3339},
    node::work::{Outcome, Planned},
    store::{self, Connection, StoreError, Writing},
};
use kith_core::{
    entity::Entity,
    id::{DeviceId, EntityId, PersonId, PropertyId},
    person::{self, Link},
    replica::Edit,
    share::{self, ItemKind, Order, Question, Received, Shared},
    vcard::Property,
};
use std::collections::BTreeSet;

/// An update by its name: what was sent by whom, and its number.
fn update_id(person: PersonId, item: EntityId, order: Order) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("kith 2026 update");
    hasher.update(&person.0);
    hasher.update(&item.0);
    hasher.update(&order.number.to_be_bytes());
    hasher.update(&order.device.0);
    hasher.finalize().to_hex()[..32].to_owned()
}

/// `inbox.list`.
pub(crate) fn list(rows: &Connection) -> Outcome<Answer> {
    let mut updates = Vec::new();
    for (_, entity) in store::links(rows)? {
        let Some(link) = Link::of(&entity).filter(|link| !link.blocked) else { continue };
        for (item, received) in Received::of(&entity) {
            let questions = received.questions();
            if questions.is_empty() {
                continue;
            }
            let content = received.newest.content.as_ref();
            updates.push((
                received.newest.made_ms,
                InboxUpdate {
                    id: update_id(link.person, item, received.newest.order),
                    person_id: link.person.to_string(),
                    contact_id: link.contact.map(|contact| contact.to_string()),
                    name: name_of_person(&link, rows)?,
                    kind: content.map_or(ItemKind::Card, |content| content.kind).word().to_owned(),
                    item: content.map(|content| content.name.clone()).unwrap_or_default(),
                    time: rfc3339(received.newest.made_ms),
                    changes: questions.iter().map(change).collect(),
                },
            ));
        }
    }
    updates.sort_by(|a, b| (b.0, &b.1.id).cmp(&(a.0, &a.1.id)));
    Ok(Ok(Answer::InboxList(Inbox { updates: updates.into_iter().map(|(_, update)| update).collect() })))
}

fn change(question: &Question) -> FieldChange {
    let text = |shared: &Option<Shared>| shared.as_ref().and_then(|s| s.property.as_ref()).map(Property::text);
    let from = question.new.as_ref().and_then(|shared| shared.from_ms).filter(|from| *from > now_ms());
    FieldChange {
        property_id: question.id.to_string(),
        name: receiving::name(question),
        old: text(&question.old),
        new: text(&question.new),
        from: from.map(rfc3339),
    }
}

/// How many updates wait.
pub(crate) fn count(rows: &Connection) -> Result<(u32, u32), StoreError> {
    let (mut inbox, mut outbox) = (0, 0);
    for (_, entity) in store::links(rows)? {
        outbox += kith_core::ledger::outbox(&entity) as u32;
        let open = Link::of(&entity).is_some_and(|link| !link.blocked);
        let waiting = Received::of(&entity).values().filter(|received| !received.questions().is_empty()).count();
        inbox += if open { waiting as u32 } else { 0 };
    }
    Ok((inbox, outbox))
}

/// An update that was found by the beginning of its name.
struct Found {
    person: PersonId,
    item: EntityId,
    received: Received,
    link: Entity,
}

fn find(wanted: &str, rows: &Connection) -> Outcome<Found> {
    let wanted = wanted.trim().to_ascii_lowercase();
    let mut found = Vec::new();
    for (_, entity) in store::links(rows)? {
        let Some(link) = Link::of(&entity) else { continue };
        for (item, received) in Received::of(&entity) {
            if !wanted.is_empty() && update_id(link.person, item, received.newest.order).starts_with(&wanted) {
                found.push(Found { person: link.person, item, received, link: entity.clone() });
            }
        }
    }
    let several = found.len() > 1;
    Ok(match found.pop() {
        Some(found) if !several => Ok(found),
        Some(_) => Err(Error::new(Code::Ambiguous, format!("Several updates begin with {wanted}."))),
        None => {
            let message = format!("There is no update {wanted}. A newer one may have replaced it: see `inbox list`.");
            Err(Error::new(Code::NotFound, message))
        }
    })
}

/// Who sent an update, if this is the name of one.
pub(super) fn sender_of(wanted: &str, rows: &Connection) -> Result<Option<PersonId>, StoreError> {
    Ok(find(wanted, rows)?.ok().map(|found| found.person))
}

/// `inbox.accept`.
pub(crate) fn accept(request: &InboxAccept, device: DeviceId, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let found = match find(&request.id, rows.connection())? {
        Ok(found) => found,
        Err(error) => return Ok(Err(error)),
    };
    let questions = found.received.questions();
    let ids: BTreeSet<PropertyId> =
        questions.iter().filter(|question| fits(question, &request.fields)).map(|question| question.id).collect();
    if ids.is_empty() {
        return Ok(Err(Error::new(Code::BadRequest, "Nothing of this update waits for an answer.")));
    }
    decide(found, &ids, true, device, rows, Answer::InboxAccept)
}

/// `inbox.refuse`.
pub(crate) fn refuse(request: &InboxRefuse, device: DeviceId, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let found = match find(&request.id, rows.connection())? {
        Ok(found) => found,
        Err(error) => return Ok(Err(error)),
    };
    let ids: BTreeSet<PropertyId> = found.received.questions().iter().map(|question| question.id).collect();
    if ids.is_empty() {
        return Ok(Err(Error::new(Code::BadRequest, "Nothing of this update waits for an answer.")));
    }
    decide(found, &ids, false, device, rows, Answer::InboxRefuse)
}

fn fits(question: &Question, fields: &[String]) -> bool {
    let (name, id) = (receiving::name(question), question.id.to_string());
    let named = |field: &String| name.eq_ignore_ascii_case(field) || id.starts_with(&field.to_ascii_lowercase());
    fields.is_empty() || fields.iter().any(|field| !field.is_empty() && named(field))
}

fn decide(
    found: Found,
    ids: &BTreeSet<PropertyId>,
    accept: bool,
    device: DeviceId,
    rows: &mut Writing<'_>,
    answer: impl FnOnce(Decided) -> Answer,
) -> Outcome<Planned> {
    let edits = share::decide(&found.link, person::id(found.person), found.item, ids, accept);
    finish(found, edits, ids.len(), device, rows, answer)
}

/// `inbox.undo`: what stood before is shown again, until they say something else.
pub(crate) fn undo(request: &InboxUndo, device: DeviceId, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let found = match find(&request.id, rows.connection())? {
        Ok(found) => found,
        Err(error) => return Ok(Err(error)),
    };
    let content = found.received.newest.content.iter().flat_map(|content| &content.properties);
    let ids: BTreeSet<PropertyId> =
        content.map(|shared| shared.id).chain(found.received.theirs().iter().map(|shared| shared.id)).collect();
    let edits = share::undo(&found.link, person::id(found.person), found.item, &ids);
    if edits.is_empty() {
        return Ok(Err(Error::new(Code::NothingToUndo, "Nothing of this update was accepted.")));
    }
    let count = edits.len() / 2;
    finish(found, edits, count, device, rows, Answer::InboxUndo)
}

/// What was decided shows: in the contact's layer, or, for a card of somebody else, as a contact of mine.
fn finish(
    found: Found,
    mut edits: Vec<Edit>,
    count: usize,
    device: DeviceId,
    rows: &mut Writing<'_>,
    answer: impl FnOnce(Decided) -> Answer,
) -> Outcome<Planned> {
    let now = now_ms();
    let link = placing::after(&found.link, &edits, device, now);
    let mut contact_id = Link::of(&link).and_then(|link| link.contact).map(|contact| contact.to_string());
    let kind = found.received.newest.content.as_ref().map(|content| content.kind);
    if found.item == share::card_item(found.person) {
        edits.extend(receiving::show(rows, &link, device, now)?);
    } else if kind == Some(ItemKind::Contact) {
        let (contact, more) = giving::taken(rows, &link, found.person, found.item)?;
        contact_id = contact.map(|contact| contact.to_string());
        edits.extend(more);
    }
    let id = update_id(found.person, found.item, found.received.newest.order);
    let decided = Decided { id, count: count as u32, contact_id };
    // `inbox undo` takes it back.
    Ok(Ok(Planned::new(placing::drafts(edits), answer(decided), "")))
}
