//! What was sent over a link: the last version of each item that left for this person, and whether it arrived.

use super::{Content, Order, Publication, Shared, path, under};
use crate::{
    entity::Entity,
    id::{DeviceId, EntityId, Hash, PropertyId},
    msgpack,
    path::Path,
    register::Register,
    replica::Edit,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What one person was sent of one item.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The newest publication: what they get whenever they ask.
    pub newest: Publication,
    /// Others that own devices made at the same time and that say something else.
    pub beside: Vec<Publication>,
    /// The newest that arrived.
    pub delivery: Option<Delivery>,
    /// What they made of it, if they let me know.
    pub judgement: Option<Judgement>,
    /// A greater one that they hold and this book does not know.
    unknown: Option<Order>,
}

/// That something arrived.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Delivery {
    /// Which version.
    #[serde(rename = "o")]
    pub order: Order,
    /// When, in milliseconds since 1970.
    #[serde(rename = "t")]
    pub at_ms: i64,
    /// By which path: `lan`, `hub`, a connector's kind.
    #[serde(rename = "p")]
    pub path: String,
}

/// What a receiver let me know of what became of a publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Judgement {
    /// Which version.
    #[serde(rename = "o")]
    pub order: Order,
    /// When they said so, in milliseconds since 1970.
    #[serde(rename = "t")]
    pub at_ms: i64,
    /// All of it was accepted.
    #[serde(rename = "a")]
    pub accepted: bool,
}

impl Sent {
    /// Reads what a link was sent, by item.
    pub fn of(link: &Entity) -> BTreeMap<EntityId, Self> {
        let items = link.registers().filter_map(|(path, register)| match under(path, "sent")?.as_slice() {
            [item] => Some((EntityId(*item), register)),
            _ => None,
        });
        items.filter_map(|(item, register)| Some((item, Self::read(link, item, register)?))).collect()
    }

    /// Reads what a link was sent of one item.
    pub fn of_item(link: &Entity, item: EntityId) -> Option<Self> {
        Self::read(link, item, link.register(&sent_path(item))?)
    }

    fn read(link: &Entity, item: EntityId, register: &Register) -> Option<Self> {
        let mut all = publications(register);
        let newest = all.pop()?;
        all.retain(|other| other.content != newest.content);
        let deliveries = link.register(&path("delivered", &[item.0])).into_iter().flat_map(Register::siblings);
        let delivery = deliveries.filter_map(|s| msgpack::read::<Delivery>(s.value.as_deref()?).ok()).max();
        let judgement = judgement(link, item).filter(|judgement| judgement.order == newest.order);
        let unknown = floor(link, item).filter(|floor| *floor > newest.order);
        Some(Self { newest, beside: all, delivery, judgement, unknown })
    }

    /// Whether the newest has not arrived, and still would be taken.
    pub fn is_waiting(&self) -> bool {
        self.unknown.is_none() && self.delivery.as_ref().is_none_or(|delivery| delivery.order < self.newest.order)
    }
}

/// Makes the next publication of an item for a link, and the edit that keeps it; `None` if they were sent just this.
/// Called for a send and for a standing audience, and for nothing else.
pub fn publish(link: &Entity, draft: Publication) -> Option<(Edit, Publication)> {
    let number = next_number(link, draft.item);
    if let Some(last) = Sent::of_item(link, draft.item)
        && last.newest.content == draft.content
        && last.beside.is_empty()
        && last.unknown.is_none()
    {
        return None;
    }
    let publication = Publication { order: Order { number, device: draft.order.device }, ..draft };
    let entity = crate::person::id(publication.to);
    let edit = Edit { entity, path: sent_path(publication.item), value: Some(publication.encode()) };
    Some((edit, publication))
}

/// Withdraws an item from a link: a publication without content. `None` if nothing was ever sent.
pub fn withdraw_publication(link: &Entity, draft: Publication) -> Option<(Edit, Publication)> {
    Sent::of_item(link, draft.item)?;
    publish(link, Publication { content: None, ..draft })
}

/// Merges publications that own devices made at once, above all of them (rule 4.1/6); `None` if there is nothing to
/// merge. `now` is the item as it would be cut today: it says what of two disagreeing publications is still meant, but
/// nothing in the result is newer than what that person was sent.
pub fn settle(link: &Entity, id: EntityId, now: &Content, me: DeviceId, now_ms: i64) -> Option<(Edit, Publication)> {
    let sent = Sent::of_item(link, id)?;
    if sent.beside.is_empty() {
        return None;
    }
    let all: Vec<&Publication> = sent.beside.iter().chain([&sent.newest]).collect();
    // Withdrawn by one device: the careful answer.
    let content = if all.iter().any(|publication| publication.content.is_none()) {
        None
    } else {
        let contents: Vec<&Content> = all.iter().filter_map(|publication| publication.content.as_ref()).collect();
        contents.last().map(|newest| Content { properties: merged(&contents, now), ..(*newest).clone() })
    };
    let order = Order { number: next_number(link, id), device: me };
    let publication = Publication { order, made_ms: now_ms, content, ..sent.newest };
    let entity = crate::person::id(publication.to);
    Some((Edit { entity, path: sent_path(id), value: Some(publication.encode()) }, publication))
}

/// Of several contents, the oldest first, each property that may still be seen: as it is now if one of them said that,
/// else, if all have it, as the newest says. One that a content lacks and that is not as now was withdrawn there.
fn merged(contents: &[&Content], now: &Content) -> Vec<Shared> {
    mutant!(MergedAnew => return now.properties.clone());
    let mut kept = Vec::new();
    for current in &now.properties {
        let said: Vec<&Shared> = contents.iter().filter_map(|content| content.property(current.id)).collect();
        let as_now = said.iter().find(|shared| **shared == current);
        let by_all = said.len() == contents.len();
        if let Some(shared) = as_now.or(said.last().filter(|_| by_all)) {
            kept.push((*shared).clone());
        }
    }
    kept
}

/// Keeps that something arrived; `None` if that or newer is known.
pub fn acknowledge(link: &Entity, entity: EntityId, item: EntityId, delivery: Delivery) -> Option<Edit> {
    let sent = Sent::of_item(link, item)?;
    if sent.delivery.as_ref().is_some_and(|known| known.order >= delivery.order) {
        return None;
    }
    Some(Edit { entity, path: path("delivered", &[item.0]), value: Some(msgpack::write(&delivery)) })
}

/// Keeps what the receiver says became of a publication; `None` if it is not the newest, or that is known.
pub fn judged(link: &Entity, entity: EntityId, item: EntityId, judgement: Judgement) -> Option<Edit> {
    let sent = Sent::of_item(link, item)?;
    let known = sent.judgement.is_some_and(|known| known.accepted == judgement.accepted);
    if judgement.order != sent.newest.order || known {
        return None;
    }
    Some(Edit { entity, path: path("judged", &[item.0]), value: Some(msgpack::write(&judgement)) })
}

fn judgement(link: &Entity, item: EntityId) -> Option<Judgement> {
    let siblings = link.register(&path("judged", &[item.0])).into_iter().flat_map(Register::siblings);
    siblings.filter_map(|sibling| msgpack::read::<Judgement>(sibling.value.as_deref()?).ok()).max()
}

/// Keeps that the other side holds a publication of ours that this book does not know: the book was restored from before,
/// or a lost device made it. The next send is numbered above it, even if it says what was sent last; nothing is sent for
/// that alone, as what this book has may be the older. `None` if it is known.
pub fn raise_floor(link: &Entity, entity: EntityId, item: EntityId, order: Order) -> Option<Edit> {
    let newest = Sent::of_item(link, item).map(|sent| sent.newest.order);
    if newest.max(floor(link, item)).is_some_and(|known| known >= order) {
        return None;
    }
    Some(Edit { entity, path: path("floor", &[item.0]), value: Some(msgpack::write(&order)) })
}

fn floor(link: &Entity, item: EntityId) -> Option<Order> {
    let siblings = link.register(&path("floor", &[item.0])).into_iter().flat_map(Register::siblings);
    siblings.filter_map(|sibling| msgpack::read::<Order>(sibling.value.as_deref()?).ok()).max()
}

/// One more than the greatest number that this person's book holds for the link and item.
fn next_number(link: &Entity, item: EntityId) -> u64 {
    let sent = link.register(&sent_path(item)).map(publications).unwrap_or_default();
    mutant!(NumberRepeated => return 1);
    let greatest = sent.last().map(|newest| newest.order).max(floor(link, item));
    greatest.map_or(0, |order| order.number).saturating_add(1)
}

/// The publications of a register's siblings, the newest last. The writers' clocks do not count here.
pub(super) fn publications(register: &Register) -> Vec<Publication> {
    let values = register.siblings().iter().filter_map(|sibling| sibling.value.as_deref());
    let mut all: Vec<Publication> = values.filter_map(|value| Publication::decode(value).ok()).collect();
    all.sort_by_key(|publication| publication.order);
    all
}

/// What is new in a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldNews {
    /// Which.
    pub id: PropertyId,
    /// Its name, in upper case.
    pub name: String,
    /// As it was sent last.
    pub old: Option<Shared>,
    /// As it would be sent now.
    pub new: Option<Shared>,
}

/// Returns what is new since the last version sent to a person, whatever earlier sends kept back.
pub fn news(last: Option<&Content>, now: Option<&Content>) -> Vec<FieldNews> {
    let properties = |content: Option<&Content>| -> BTreeMap<PropertyId, Shared> {
        content.into_iter().flat_map(|c| c.properties.iter().map(|shared| (shared.id, shared.clone()))).collect()
    };
    let (mut old, mut new) = (properties(last), properties(now));
    let ids: BTreeSet<PropertyId> = old.keys().chain(new.keys()).copied().collect();
    let changed = ids.into_iter().map(|id| (id, old.remove(&id), new.remove(&id))).filter(|(_, old, new)| old != new);
    changed
        .map(|(id, old, new)| {
            let shown = new.as_ref().or(old.as_ref());
            let property = shown.and_then(|s| s.property.as_ref().or(s.former.first().map(|f| &f.property)));
            let name = property.map(|property| property.name().into_owned()).unwrap_or_default();
            FieldNews { id, name, old, new }
        })
        .collect()
}

impl Publication {
    /// A publication to be numbered by [`publish`].
    pub fn draft(
        (from, device): (crate::id::PersonId, DeviceId),
        to: crate::id::PersonId,
        item: EntityId,
        roster: (u64, Hash),
        content: Option<Content>,
        now_ms: i64,
    ) -> Self {
        Self { from, to, item, order: Order { number: 0, device }, made_ms: now_ms, roster, content }
    }
}

fn sent_path(item: EntityId) -> Path {
    path("sent", &[item.0])
}
