//! What a receiver does with what another person sent: keeps it, accepts, refuses, puts off, takes back (rule 4.1/8).
//!
//! Nothing of it is shown before somebody, or a policy, said yes to just that value. A block looks like a person who
//! takes everything: what comes is acknowledged, after a commit as large as any, and only its number is kept.

use super::{
    ItemKind, Order, Policies, Policy, Publication, Question, Received, card_item,
    content::WireShared,
    path, policy,
    received::{Accepted, Decision, Later, later_path, name},
    sent::publications,
    under,
};
use crate::{
    entity::Entity,
    id::{EntityId, PropertyId},
    msgpack,
    path::Path,
    person::{self, Link},
    register::Register,
    replica::Edit,
};
use std::collections::{BTreeMap, BTreeSet};

/// Takes a publication in: it is kept, and answered as far as policies answer it. `settings` holds those for everybody;
/// `metered` says whether this device waits with what wants an unmetered network. None if there is nothing to write.
pub fn take_in(link: &Entity, settings: &Entity, publication: &Publication, metered: bool) -> Vec<Edit> {
    let Some(known) = Link::of(link).filter(Link::is_live) else { return Vec::new() };
    let (entity, item) = (person::id(known.person), publication.item);
    if known.blocked {
        return swallow(link, entity, publication).into_iter().collect();
    }
    let is_first = Received::of_item(link, item).is_none();
    let Some(kept) = receive(link, entity, publication) else { return Vec::new() };
    let received = Received::read(link, item, publication.clone());
    let policies = Policies::of(settings, link);
    let mut edits = vec![kept];
    // What two own devices answered differently is for a person to say.
    for question in received.questions().into_iter().filter(|question| !question.is_torn) {
        let answer = match standing(&known, &received, item, &policies) {
            Trust::Stranger if !mutant!(StrangerTaken) => None,
            // Accepting the invitation was the yes to the first card.
            Trust::Invited if is_first => Some(policies.of_field(&question.name()) != Policy::Refuse),
            _ => match policies.of_field(&question.name()) {
                Policy::Automatic => Some(true),
                Policy::Ask => mutant!(AskIgnored).then_some(true),
                Policy::Unmetered => (!metered).then_some(true),
                Policy::Refuse => Some(false),
            },
        };
        if let Some(accept) = answer {
            edits.extend(received.decided(entity, item, question.id, accept, true));
        }
    }
    edits
}

/// How well the sender of an item is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trust {
    /// Policies say.
    Known,
    /// I accepted their invitation, and nothing of theirs was accepted yet.
    Invited,
    /// Nobody made sure of who this is, or it is no card of theirs: a person is asked.
    Stranger,
}

fn standing(link: &Link, received: &Received, item: EntityId, policies: &Policies) -> Trust {
    // Somebody else's card is a suggestion, whatever is said of the giver's own.
    if received.newest.content.as_ref().is_some_and(|content| content.kind == ItemKind::Contact) {
        return Trust::Stranger;
    }
    if item != card_item(link.person) || received.is_known() || policies.is_said_of_person() {
        return Trust::Known;
    }
    if link.accepted_theirs() {
        return Trust::Invited;
    }
    if link.is_sure() { Trust::Known } else { Trust::Stranger }
}

/// Whether an item is the first card of somebody of whom nobody made sure: it always asks, and says so.
pub fn is_first_contact(link: &Entity, settings: &Entity, item: EntityId) -> bool {
    let (Some(known), Some(received)) = (Link::of(link), Received::of_item(link, item)) else { return false };
    item == card_item(known.person)
        && standing(&known, &received, item, &Policies::of(settings, link)) == Trust::Stranger
}

/// Whether all that is asked about an item only waits for an unmetered network.
pub fn waits_for_network(link: &Entity, settings: &Entity, item: EntityId) -> bool {
    let (Some(known), Some(received)) = (Link::of(link), Received::of_item(link, item)) else { return false };
    let questions = received.questions();
    !questions.is_empty() && deferred(&known, &received, item, &Policies::of(settings, link)).count() == questions.len()
}

/// The questions of an item that wait for an unmetered network.
fn deferred<'a>(
    link: &Link,
    received: &Received,
    item: EntityId,
    policies: &'a Policies,
) -> impl Iterator<Item = Question> + use<'a> {
    let known = standing(link, received, item, policies) == Trust::Known;
    let questions = received.questions().into_iter().filter(move |question| known && !question.is_torn);
    questions.filter(|question| policies.of_field(&question.name()) == Policy::Unmetered)
}

/// This device is on an unmetered network: what waited for that is taken.
pub fn take_deferred(link: &Entity, settings: &Entity) -> Vec<Edit> {
    let Some(known) = Link::of(link).filter(Link::is_open) else { return Vec::new() };
    let (entity, policies) = (person::id(known.person), Policies::of(settings, link));
    let mut edits = Vec::new();
    for (item, received) in Received::of(link) {
        for question in deferred(&known, &received, item, &policies) {
            edits.extend(received.decided(entity, item, question.id, true, true));
        }
    }
    edits
}

/// Keeps a publication that arrived; `None` if it is not newer than what is kept.
pub fn receive(link: &Entity, entity: EntityId, publication: &Publication) -> Option<Edit> {
    let path = path("received", &[publication.item.0]);
    let kept = link.register(&path).map(publications).unwrap_or_default();
    if kept.last().is_some_and(|newest| newest.order >= publication.order) && !mutant!(OlderTaken) {
        return None;
    }
    Some(Edit { entity, path, value: Some(publication.encode()) })
}

/// Notes the number of what a blocked person sent, so that they hear of it as if it were kept.
fn swallow(link: &Entity, entity: EntityId, publication: &Publication) -> Option<Edit> {
    let (item, order) = (publication.item, publication.order);
    let kept = Received::of_item(link, item).map(|received| received.newest.order);
    let known = swallowed(link).get(&item).copied().max(kept);
    let edit = || Edit { entity, path: path("swallowed", &[item.0]), value: Some(msgpack::write(&order)) };
    known.is_none_or(|known| known < order).then(edit)
}

/// What was dropped while the person was blocked, by item.
pub fn swallowed(link: &Entity) -> BTreeMap<EntityId, Order> {
    let items = link.registers().filter_map(|(path, register)| match under(path, "swallowed")?.as_slice() {
        [item] => Some((EntityId(*item), greatest(register)?)),
        _ => None,
    });
    items.collect()
}

/// The publication that a register of a link held, if it was one of theirs: for what the history still knows.
pub fn former_publication(path: &Path, value: &[u8]) -> Option<Publication> {
    under(path, "received").and_then(|_| Publication::decode(value).ok())
}

/// How many bytes are kept of what a person sent: the newest of each item.
pub fn received_bytes(link: &Entity) -> usize {
    let received = link.registers().filter(|(path, _)| under(path, "received").is_some());
    received
        .flat_map(|(_, register)| register.siblings())
        .filter_map(|sibling| Some(sibling.value.as_ref()?.len()))
        .sum()
}

fn greatest(register: &Register) -> Option<Order> {
    register.siblings().iter().filter_map(|sibling| msgpack::read(sibling.value.as_deref()?).ok()).max()
}

impl Received {
    /// What is written when a value is accepted or refused. What stands is written down with it where it is not what was
    /// accepted last, so that a refusal never brings up what somebody else refused.
    fn decided(
        &self,
        entity: EntityId,
        item: EntityId,
        id: PropertyId,
        accept: bool,
        by_itself: bool,
    ) -> impl Iterator<Item = Edit> + use<> {
        let (offered, shown) = (self.offered(id), self.shown(id));
        let value = Decision { value: name(offered), accept, by_itself };
        let order = self.newest.order;
        let accepted = self.accepted.get(&id).and_then(|accepted| accepted.value.clone()?.read().ok());
        let kept = if accept {
            let before = shown.as_ref().map(WireShared::of);
            Some(Accepted { order, value: offered.map(WireShared::of), before })
        } else {
            let value = shown.as_ref().map(WireShared::of);
            (name(accepted.as_ref()) != name(shown.as_ref())).then_some(Accepted { order, value, before: None })
        };
        let said = Edit { entity, path: path("decision", &[item.0, id.0]), value: Some(msgpack::write(&value)) };
        [said].into_iter().chain(kept.map(|kept| keep(entity, item, id, &kept)))
    }
}

/// Accepts or refuses what they say now of some properties.
pub fn decide(link: &Entity, entity: EntityId, item: EntityId, ids: &BTreeSet<PropertyId>, accept: bool) -> Vec<Edit> {
    let Some(received) = Received::of_item(link, item) else { return Vec::new() };
    ids.intersection(&received.ids()).flat_map(|id| received.decided(entity, item, *id, accept, false)).collect()
}

/// Puts the newest of an item off until a time, in milliseconds since 1970.
pub fn put_off(link: &Entity, entity: EntityId, item: EntityId, until_ms: i64) -> Option<Edit> {
    let order = Received::of_item(link, item)?.newest.order;
    Some(Edit { entity, path: later_path(item), value: Some(msgpack::write(&Later { order, until_ms })) })
}

/// Takes acceptances back: what stood before is shown again, until they say something else; and from then on a person is
/// asked before these properties of theirs change, unless more was refused anyway.
pub fn undo(
    link: &Entity,
    settings: &Entity,
    entity: EntityId,
    item: EntityId,
    ids: &BTreeSet<PropertyId>,
) -> Vec<Edit> {
    let Some(received) = Received::of_item(link, item) else { return Vec::new() };
    let policies = Policies::of(settings, link);
    let mut edits = Vec::new();
    let mut asked = BTreeSet::new();
    for &id in ids {
        let offered = received.offered(id);
        if !received.said(id, name(offered)).contains(&true) {
            continue;
        }
        let before = received.accepted.get(&id).and_then(|accepted| accepted.before.clone());
        let question = Question {
            id,
            old: before.clone().and_then(|value| value.read().ok()),
            new: offered.cloned(),
            is_torn: false,
        };
        asked.insert(question.name());
        let refusal = Decision { value: name(offered), accept: false, by_itself: false };
        edits.push(Edit { entity, path: path("decision", &[item.0, id.0]), value: Some(msgpack::write(&refusal)) });
        let order = received.newest.order;
        edits.push(keep(entity, item, id, &Accepted { order, value: before, before: None }));
    }
    // A contact that they gave is no word of theirs about themselves.
    let is_given = received.newest.content.as_ref().is_some_and(|content| content.kind == ItemKind::Contact);
    for field in asked.into_iter().filter(|_| !is_given) {
        if policies.may_be_asked_more(&field) && policy::is_field(&field) && !mutant!(UndoForgets) {
            edits.push(policy::set_policy(entity, &field, Some(Policy::Ask)));
        }
    }
    edits
}

fn keep(entity: EntityId, item: EntityId, id: PropertyId, accepted: &Accepted) -> Edit {
    Edit { entity, path: path("accepted", &[item.0, id.0]), value: Some(msgpack::write(accepted)) }
}
