//! Who has which version, and what others changed.

use super::{finding::name_of_person, items, sending};
use crate::{
    api::{Activity, ActivityEntry, ActivityShow, Answer, Ledger, LedgerEntry, LedgerShow},
    clock::rfc3339,
    node::work::{self, Outcome, Scene},
    store::{self, Connection, StoreError},
};
use kith_core::{
    entity::Entity,
    id::EntityId,
    layer::Layer,
    ledger::{self, State},
    person::{self, Link},
    share::{self, Sent},
    vcard::Property,
};

/// `ledger`.
pub(crate) fn show(request: &LedgerShow, scene: &Scene, rows: &Connection) -> Outcome<Answer> {
    let wanted = request.update.as_deref().unwrap_or_default().trim().to_ascii_lowercase();
    let mut deliveries = Vec::new();
    for (_, entity) in store::links(rows)? {
        let Some(link) = Link::of(&entity) else { continue };
        let name = name_of_person(&link, rows)?;
        for entry in ledger::entries(&entity) {
            let Some(sent) = Sent::of_item(&entity, entry.item) else { continue };
            let update_id = sending::update_id(&sent.newest);
            // Nobody is waited for who is not linked any more.
            let over = entry.state == State::Waiting && !link.is_live();
            if !update_id.starts_with(&wanted) || over {
                continue;
            }
            let (path, delivered) = entry.delivered.map_or((String::new(), None), |(path, at)| (path, Some(at)));
            deliveries.push((
                entry.made_ms,
                LedgerEntry {
                    update_id,
                    contact_id: link.contact.map(|contact| contact.to_string()),
                    person_id: link.person.to_string(),
                    name: name.clone(),
                    item_id: entry.item.to_string(),
                    item: item_name(entry.item, &sent, scene, rows)?,
                    version: entry.version,
                    state: entry.state.word().to_owned(),
                    path,
                    made: rfc3339(entry.made_ms),
                    delivered: delivered.map(rfc3339),
                },
            ));
        }
    }
    deliveries.sort_by(|a, b| (b.0, &a.1.name, &a.1.person_id).cmp(&(a.0, &b.1.name, &b.1.person_id)));
    Ok(Ok(Answer::LedgerShow(Ledger { deliveries: deliveries.into_iter().map(|(_, entry)| entry).collect() })))
}

/// What an item is called in the ledger: nothing for my card, what it is if it has no name.
fn item_name(item: EntityId, sent: &Sent, scene: &Scene, rows: &Connection) -> Result<String, StoreError> {
    let name = items::name(item, scene, rows)?;
    if item == scene.me() || !name.is_empty() {
        return Ok(name);
    }
    Ok(sent.newest.content.as_ref().map_or("withdrawn", |content| content.kind.word()).to_owned())
}

/// `activity`: what linked persons changed, and what became of links, the newest first. Those who are muted are left out.
pub(crate) fn activity(request: &ActivityShow, rows: &Connection) -> Outcome<Answer> {
    let only = match &request.contact {
        Some(wanted) => match work::contact(wanted, rows)? {
            Ok(contact) => Some(contact),
            Err(error) => return Ok(Err(error)),
        },
        None => None,
    };
    let mut entries: Vec<(i64, ActivityEntry)> = Vec::new();
    for (_, entity) in store::links(rows)? {
        let Some(link) = Link::of(&entity).filter(|link| !link.muted && !link.blocked) else { continue };
        if only.is_some() && only != link.contact {
            continue;
        }
        let name = name_of_person(&link, rows)?;
        let one = |time: i64, text: String| {
            let contact_id = link.contact.map(|contact| contact.to_string());
            (time, ActivityEntry { time: rfc3339(time), contact_id, name: name.clone(), text })
        };
        for ended in link.ended.values().filter(|_| !link.is_live()) {
            let who = if ended.by_me { "you ended the link" } else { "ended the link" };
            entries.push(one(ended.at_ms, who.to_owned()));
        }
        if let Some(contact) = link.contact {
            let changes = changes(contact, Layer::Theirs(person::id(link.person)), rows)?;
            entries.extend(changes.into_iter().map(|(time, text)| one(time, text)));
        }
        for (item, received) in share::Received::of(&entity) {
            let shown = received.newest.content.as_ref().filter(|_| item != share::card_item(link.person));
            entries.extend(shown.map(|content| {
                let what =
                    if content.name.is_empty() { String::new() } else { format!(" \u{201c}{}\u{201d}", content.name) };
                one(received.newest.made_ms, format!("shared a {}{what}", content.kind.word()))
            }));
        }
    }
    entries.sort_by(|a, b| (b.0, &a.1.name, &a.1.text).cmp(&(a.0, &b.1.name, &b.1.text)));
    let limit = request.limit.unwrap_or(ENTRIES).min(ENTRIES_MAX) as usize;
    let entries = entries.into_iter().take(limit).map(|(_, entry)| entry).collect();
    Ok(Ok(Answer::ActivityShow(Activity { entries })))
}

/// What one layer of a contact said over time, in words.
fn changes(contact: EntityId, layer: Layer, rows: &Connection) -> Result<Vec<(i64, String)>, StoreError> {
    let entity: Entity = store::entity(rows, contact)?.unwrap_or_default();
    let past = store::past(rows, contact)?;
    let read = |value: &Option<Vec<u8>>| value.as_deref().and_then(|value| Property::decode(value).ok());
    let mut found = Vec::new();
    for (path, register) in entity.registers() {
        if path.as_property().is_none_or(|(other, _)| other != layer) {
            continue;
        }
        // The newest value, then each one before it.
        let mut newer = register.shown().map(|sibling| (sibling.clock, read(&sibling.value)));
        for old in past.iter().filter(|past| past.path == *path) {
            let older = read(&old.value);
            if let Some((time, new)) = newer.replace((old.clock, older.clone())) {
                found.extend(words(older.as_ref(), new.as_ref()).map(|text| (time, text)));
            }
        }
        if let Some((time, new)) = newer {
            found.extend(words(None, new.as_ref()).map(|text| (time, text)));
        }
    }
    Ok(found)
}

fn words(old: Option<&Property>, new: Option<&Property>) -> Option<String> {
    let text = |property: &Property| match &*property.name() {
        "PHOTO" | "LOGO" | "SOUND" | "KEY" => String::new(),
        _ => property.text(),
    };
    Some(match (old, new) {
        (None, Some(new)) => format!("{}: {}", new.name(), text(new)),
        (Some(old), Some(new)) if old.line().value == new.line().value => return None,
        (Some(old), Some(new)) => format!("{}: {} instead of {}", new.name(), text(new), text(old)),
        (Some(old), None) => format!("{}: {} is gone", old.name(), text(old)),
        (None, None) => return None,
    })
}

const ENTRIES: u32 = 100;
/// Most entries that are handed out at once.
const ENTRIES_MAX: u32 = 1000;
