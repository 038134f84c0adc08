//! What another person sent, what was decided about it, and what of it is shown (rule 4.1/8).

use super::{Order, Publication, Shared, content::WireShared, effective, path, sent::publications, under};
use crate::{
    book,
    entity::Entity,
    id::{EntityId, Hash, PropertyId},
    layer::Layer,
    msgpack,
    path::Path,
    register::Register,
    replica::Edit,
    vcard::Property,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One item as another person sent it.
#[derive(Clone, Debug)]
pub struct Received {
    /// The newest publication, by its number; the order in which they came does not matter.
    pub newest: Publication,
    /// By property: the last value that was accepted.
    accepted: BTreeMap<PropertyId, Accepted>,
    /// By property: what was said about which value.
    decisions: BTreeMap<PropertyId, Vec<Decision>>,
}

/// A property that waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Which.
    pub id: PropertyId,
    /// What is shown now.
    pub old: Option<Shared>,
    /// What they say now; `None`: they took it back.
    pub new: Option<Shared>,
    /// One own device accepted it and another refused.
    pub is_torn: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Decision {
    #[serde(rename = "h")]
    value: Hash,
    #[serde(rename = "a")]
    accept: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Accepted {
    #[serde(rename = "o")]
    order: Order,
    #[serde(rename = "v", default)]
    value: Option<WireShared>,
    /// What stood before, for an undo.
    #[serde(rename = "b", default)]
    before: Option<WireShared>,
}

impl Received {
    /// Reads what came over a link, by item.
    pub fn of(link: &Entity) -> BTreeMap<EntityId, Self> {
        let items = link.registers().filter_map(|(path, _)| match under(path, "received")?.as_slice() {
            [item] => Some(EntityId(*item)),
            _ => None,
        });
        items.filter_map(|item| Some((item, Self::of_item(link, item)?))).collect()
    }

    /// Reads what came over a link of one item.
    pub fn of_item(link: &Entity, item: EntityId) -> Option<Self> {
        let newest = publications(link.register(&path("received", &[item.0]))?).pop()?;
        let (mut accepted, mut decisions) = (BTreeMap::new(), BTreeMap::new());
        for (path, register) in link.registers() {
            if let Some(id) = property_under(path, "accepted", item) {
                let all = values::<Accepted>(register);
                accepted.extend(all.into_iter().max_by_key(|accepted| accepted.order).map(|value| (id, value)));
            } else if let Some(id) = property_under(path, "decision", item) {
                decisions.insert(id, values::<Decision>(register));
            }
        }
        Some(Self { newest, accepted, decisions })
    }

    /// What waits for an answer.
    pub fn questions(&self) -> Vec<Question> {
        let questions = self.ids().into_iter().filter_map(|id| {
            let (old, new) = (self.shown(id), self.offered(id));
            let value = name(new);
            let said = self.said(id, value);
            if old.as_ref().map(Shared::hash) == new.map(Shared::hash) && said.len() < 2 {
                return None;
            }
            (said.len() != 1).then(|| Question { id, old, new: new.cloned(), is_torn: said.len() == 2 })
        });
        questions.collect()
    }

    /// What is shown of the item: of each property the newest value if it was accepted, else the last accepted one.
    pub fn theirs(&self) -> Vec<Shared> {
        self.ids().into_iter().filter_map(|id| self.shown(id)).collect()
    }

    fn ids(&self) -> BTreeSet<PropertyId> {
        let offered = self.newest.content.iter().flat_map(|content| content.properties.iter().map(|shared| shared.id));
        offered.chain(self.accepted.keys().copied()).collect()
    }

    fn offered(&self, id: PropertyId) -> Option<&Shared> {
        self.newest.content.as_ref()?.property(id)
    }

    fn shown(&self, id: PropertyId) -> Option<Shared> {
        let offered = self.offered(id);
        if self.said(id, name(offered)) == BTreeSet::from([true]) {
            return offered.cloned();
        }
        self.accepted.get(&id)?.value.clone().and_then(|value| value.read().ok())
    }

    /// What own devices said about a value: nothing, one thing, or both.
    fn said(&self, id: PropertyId, value: Hash) -> BTreeSet<bool> {
        let decisions = self.decisions.get(&id).into_iter().flatten();
        decisions.filter(|decision| decision.value == value).map(|decision| decision.accept).collect()
    }
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

/// Accepts or refuses what they say now of some properties.
pub fn decide(link: &Entity, entity: EntityId, item: EntityId, ids: &BTreeSet<PropertyId>, accept: bool) -> Vec<Edit> {
    let Some(received) = Received::of_item(link, item) else { return Vec::new() };
    let mut edits = Vec::new();
    for &id in ids.intersection(&received.ids()) {
        let offered = received.offered(id);
        edits.push(say(entity, item, id, Decision { value: name(offered), accept }));
        if accept {
            let kept = Accepted {
                order: received.newest.order,
                value: offered.map(WireShared::of),
                before: received.shown(id).as_ref().map(WireShared::of),
            };
            edits.push(keep(entity, item, id, &kept));
        }
    }
    edits
}

/// Takes an acceptance back: what stood before is shown again, until they say something else.
pub fn undo(link: &Entity, entity: EntityId, item: EntityId, ids: &BTreeSet<PropertyId>) -> Vec<Edit> {
    let Some(received) = Received::of_item(link, item) else { return Vec::new() };
    let mut edits = Vec::new();
    for &id in ids {
        let offered = name(received.offered(id));
        if !received.said(id, offered).contains(&true) {
            continue;
        }
        edits.push(say(entity, item, id, Decision { value: offered, accept: false }));
        if let Some(accepted) = received.accepted.get(&id) {
            let order = received.newest.order;
            edits.push(keep(entity, item, id, &Accepted { order, value: accepted.before.clone(), before: None }));
        }
    }
    edits
}

/// The edits after which the contact's layer of this link says what is shown of the person's card at `now_ms`, and
/// nothing else; none if it does. Every own device computes the same of the same registers.
pub fn layer_edits(
    link: &Entity,
    entity: EntityId,
    contact: (EntityId, &Entity),
    card: EntityId,
    now_ms: i64,
) -> Vec<Edit> {
    let shown = Received::of_item(link, card).map(|received| received.theirs()).unwrap_or_default();
    let layer = Layer::Theirs(entity);
    let mut wanted: BTreeMap<PropertyId, Vec<u8>> = BTreeMap::new();
    for shared in &shown {
        if let Some(property) = effective(shared, now_ms).current {
            wanted.insert(shared.id, property.encode());
        }
    }
    let mut edits = Vec::new();
    for (path, register) in contact.1.registers() {
        let Some((found, id)) = path.as_property().filter(|(found, _)| *found == layer) else { continue };
        let says = wanted.remove(&id);
        if register.value() != says.as_deref() || !register.others().is_empty() {
            edits.push(book::set_property(contact.0, found, id, says));
        }
    }
    edits.extend(wanted.into_iter().map(|(id, value)| book::set_property(contact.0, layer, id, Some(value))));
    if !edits.is_empty() && !book::is_trashed(contact.1) {
        edits.push(book::set_state(contact.0, book::ALIVE));
    }
    edits
}

impl Received {
    /// Every value that is or was shown: what old mail and call logs are matched by.
    pub fn ever(&self) -> Vec<Property> {
        let all = self.theirs();
        let former = all.iter().flat_map(|shared| shared.former.iter().map(|former| former.property.clone()));
        all.iter().filter_map(|shared| shared.property.clone()).chain(former).collect()
    }
}

fn say(entity: EntityId, item: EntityId, id: PropertyId, decision: Decision) -> Edit {
    Edit { entity, path: path("decision", &[item.0, id.0]), value: Some(msgpack::write(&decision)) }
}

fn keep(entity: EntityId, item: EntityId, id: PropertyId, accepted: &Accepted) -> Edit {
    Edit { entity, path: path("accepted", &[item.0, id.0]), value: Some(msgpack::write(accepted)) }
}

fn property_under(path: &Path, word: &str, item: EntityId) -> Option<PropertyId> {
    match under(path, word)?.as_slice() {
        [found, id] if *found == item.0 => Some(PropertyId(*id)),
        _ => None,
    }
}

fn values<T: for<'a> Deserialize<'a>>(register: &Register) -> Vec<T> {
    register.siblings().iter().filter_map(|sibling| msgpack::read(sibling.value.as_deref()?).ok()).collect()
}

/// Names a value, or that it is gone.
fn name(shared: Option<&Shared>) -> Hash {
    shared.map_or(Hash([0; 32]), Shared::hash)
}
