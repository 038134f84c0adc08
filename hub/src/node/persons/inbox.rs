//! Updates that wait for an answer. What waits is computed from the links, never stored. The answers: `answering.rs`.

use super::{finding::name_of_person, finding::named, placing};
use crate::{
    api::{Answer, FieldChange, Inbox, InboxUpdate, SettledUpdate},
    clock::{now_ms, rfc3339},
    node::work::Outcome,
    store::{self, Connection, StoreError},
};
use kith_core::{
    book::SETTINGS,
    entity::Entity,
    id::{EntityId, PersonId},
    person::Link,
    share::{self, ItemKind, Order, Question, Received, Shared},
    vcard::Property,
};

/// An update by its name: what was sent by whom, and its number.
pub(super) fn update_id(person: PersonId, item: EntityId, order: Order) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("kith 2026 update");
    hasher.update(&person.0);
    hasher.update(&item.0);
    hasher.update(&order.number.to_be_bytes());
    hasher.update(&order.device.0);
    hasher.finalize().to_hex()[..32].to_owned()
}

/// How an update waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waiting {
    /// For an answer.
    Now,
    /// It was put off until then, in milliseconds since 1970.
    Later(i64),
    /// For an unmetered network.
    Unmetered,
}

impl Waiting {
    /// How an item waits whose questions are open.
    pub(super) fn of(link: &Entity, settings: &Entity, item: EntityId, received: &Received) -> Self {
        match received.later_ms.filter(|until| *until > now_ms()) {
            Some(until) => Self::Later(until),
            None if share::waits_for_network(link, settings, item) => Self::Unmetered,
            None => Self::Now,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Now => "waiting",
            Self::Later(_) => "later",
            Self::Unmetered => "unmetered",
        }
    }
}

/// `inbox.list`.
pub(crate) fn list(rows: &Connection) -> Outcome<Answer> {
    let settings = store::entity(rows, SETTINGS)?.unwrap_or_default();
    let (mut updates, mut settled) = (Vec::new(), Vec::new());
    for (_, entity) in store::links(rows)? {
        let Some(link) = Link::of(&entity).filter(|link| !link.blocked) else { continue };
        for (item, received) in Received::of(&entity) {
            let made_ms = received.newest.made_ms;
            if let Some(update) = waiting(&link, &entity, &settings, item, &received, rows)? {
                updates.push((made_ms, update));
            } else if let Some(update) = self::settled(&link, item, &received, rows)? {
                settled.push((made_ms, update));
            }
        }
    }
    updates.sort_by(|a, b| (b.0, &a.1.id).cmp(&(a.0, &b.1.id)));
    settled.sort_by(|a, b| (b.0, &a.1.id).cmp(&(a.0, &b.1.id)));
    settled.truncate(SETTLED_MAX);
    Ok(Ok(Answer::InboxList(Inbox {
        updates: updates.into_iter().map(|(_, update)| update).collect(),
        settled: settled.into_iter().map(|(_, update)| update).collect(),
    })))
}

/// What waits of an item, if anything does.
pub(super) fn waiting(
    link: &Link,
    entity: &Entity,
    settings: &Entity,
    item: EntityId,
    received: &Received,
    rows: &Connection,
) -> Result<Option<InboxUpdate>, StoreError> {
    let questions = received.questions();
    if questions.is_empty() {
        return Ok(None);
    }
    let state = Waiting::of(entity, settings, item, received);
    let first = share::is_first_contact(entity, settings, item);
    let offered: Vec<Property> = questions.iter().filter_map(|q| q.new.as_ref()?.property.clone()).collect();
    let candidates = if first { placing::offered(rows, link, &offered)? } else { Vec::new() };
    let alike = if first { placing::lookalikes(rows, &link.name, link.contact)? } else { Vec::new() };
    Ok(Some(InboxUpdate {
        id: update_id(link.person, item, received.newest.order),
        person_id: link.person.to_string(),
        contact_id: link.contact.map(|contact| contact.to_string()),
        name: name_of_person(link, rows)?,
        kind: kind(received).word().to_owned(),
        item: item_name(received),
        time: rfc3339(received.newest.made_ms),
        changes: questions.iter().map(change).collect(),
        state: state.word().to_owned(),
        until: if let Waiting::Later(until) = state { Some(rfc3339(until)) } else { None },
        first,
        candidates,
        lookalikes: alike.into_iter().map(|id| named(id, rows)).collect::<Result<_, _>>()?,
    }))
}

/// What was accepted of an item and can be taken back, if it is not long ago.
fn settled(
    link: &Link,
    item: EntityId,
    received: &Received,
    rows: &Connection,
) -> Result<Option<SettledUpdate>, StoreError> {
    let settled = received.settled();
    let is_old = received.newest.made_ms < now_ms().saturating_sub(SETTLED_MS);
    if settled.is_empty() || is_old || link.muted {
        return Ok(None);
    }
    let by_itself = settled.iter().all(|settled| settled.by_itself);
    Ok(Some(SettledUpdate {
        id: update_id(link.person, item, received.newest.order),
        person_id: link.person.to_string(),
        contact_id: link.contact.map(|contact| contact.to_string()),
        name: name_of_person(link, rows)?,
        kind: kind(received).word().to_owned(),
        item: item_name(received),
        time: rfc3339(received.newest.made_ms),
        state: if by_itself { "automatic" } else { "accepted" }.to_owned(),
        changes: settled.iter().map(|settled| change(&settled.change)).collect(),
    }))
}

pub(super) fn kind(received: &Received) -> ItemKind {
    received.newest.content.as_ref().map_or(ItemKind::Card, |content| content.kind)
}

fn item_name(received: &Received) -> String {
    received.newest.content.as_ref().map(|content| content.name.clone()).unwrap_or_default()
}

fn change(question: &Question) -> FieldChange {
    let text = |shared: &Option<Shared>| shared.as_ref().and_then(|s| s.property.as_ref()).map(Property::text);
    let from = question.new.as_ref().and_then(|shared| shared.from_ms).filter(|from| *from > now_ms());
    FieldChange {
        property_id: question.id.to_string(),
        name: question.name(),
        old: text(&question.old),
        new: text(&question.new),
        from: from.map(rfc3339),
        identity: question.is_identity(),
        torn: question.is_torn,
    }
}

/// How many updates wait for an answer, and how many versions wait for others.
pub(crate) fn count(rows: &Connection) -> Result<(u32, u32), StoreError> {
    let settings = store::entity(rows, SETTINGS)?.unwrap_or_default();
    let (mut inbox, mut outbox) = (0, 0);
    for (_, entity) in store::links(rows)? {
        outbox += kith_core::ledger::outbox(&entity) as u32;
        if Link::of(&entity).is_none_or(|link| link.blocked) {
            continue;
        }
        let open = Received::of(&entity).into_iter().filter(|(_, received)| !received.questions().is_empty());
        inbox += open.filter(|(item, one)| Waiting::of(&entity, &settings, *item, one) == Waiting::Now).count() as u32;
    }
    Ok((inbox, outbox))
}

/// Settled updates that are listed.
const SETTLED_MAX: usize = 50;
/// For how long they are, in milliseconds.
const SETTLED_MS: i64 = 30 * 24 * 3600 * 1000;
