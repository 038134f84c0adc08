//! What another person sent, what was decided about it, and what of it is shown (rule 4.1/8).

use super::{Order, Publication, Shared, content::WireShared, effective, path, sent::publications, under};
use crate::{
    book,
    entity::Entity,
    id::{EntityId, Hash, PropertyId},
    layer::Layer,
    msgpack,
    path::Path,
    person::Link,
    register::Register,
    replica::Edit,
    vcard::{Property, parts_to_value},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One item as another person sent it.
#[derive(Clone, Debug)]
pub struct Received {
    /// The newest publication, by its number; the order in which they came does not matter.
    pub newest: Publication,
    /// Until when somebody put the newest off, in milliseconds since 1970.
    pub later_ms: Option<i64>,
    /// By property: the last value that was accepted.
    pub(super) accepted: BTreeMap<PropertyId, Accepted>,
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

/// A property that was accepted with the newest publication, and can be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Which, and what it was before and is now.
    pub change: Question,
    /// Nobody was asked.
    pub by_itself: bool,
}

/// What stands of an item as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Something waits for an answer.
    Open,
    /// All of it was accepted.
    Accepted,
    /// All of it was refused.
    Refused,
    /// Some of it was accepted and some refused.
    Mixed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Decision {
    #[serde(rename = "h")]
    pub(super) value: Hash,
    #[serde(rename = "a")]
    pub(super) accept: bool,
    /// By policy.
    #[serde(rename = "p", default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) by_itself: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Accepted {
    #[serde(rename = "o")]
    pub(super) order: Order,
    #[serde(rename = "v", default)]
    pub(super) value: Option<WireShared>,
    /// What stood before, for an undo.
    #[serde(rename = "b", default)]
    pub(super) before: Option<WireShared>,
}

/// That an update was put off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Later {
    /// Which: a newer one asks at once.
    #[serde(rename = "o")]
    pub(super) order: Order,
    #[serde(rename = "t")]
    pub(super) until_ms: i64,
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
        Some(Self::read(link, item, newest))
    }

    /// The same once this publication is kept.
    pub(super) fn read(link: &Entity, item: EntityId, newest: Publication) -> Self {
        let (mut accepted, mut decisions) = (BTreeMap::new(), BTreeMap::new());
        for (path, register) in link.registers() {
            if let Some(id) = property_under(path, "accepted", item) {
                let all = values::<Accepted>(register);
                accepted.extend(all.into_iter().max_by_key(|accepted| accepted.order).map(|value| (id, value)));
            } else if let Some(id) = property_under(path, "decision", item) {
                decisions.insert(id, values::<Decision>(register));
            }
        }
        let later =
            link.register(&later_path(item)).and_then(|register| msgpack::read::<Later>(register.value()?).ok());
        let later_ms = later.filter(|later| later.order == newest.order).map(|later| later.until_ms);
        Self { newest, later_ms, accepted, decisions }
    }

    /// What waits for an answer.
    pub fn questions(&self) -> Vec<Question> {
        let questions = self.ids().into_iter().filter_map(|id| {
            let (old, new) = (self.shown(id), self.offered(id));
            let said = self.said(id, name(new));
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

    /// What was accepted of the newest publication and was different before.
    pub fn settled(&self) -> Vec<Settled> {
        let accepted = self.accepted.iter().filter(|(_, accepted)| accepted.order == self.newest.order);
        let settled = accepted.filter_map(|(&id, accepted)| {
            let (new, old) = (self.offered(id).cloned(), accepted.before.clone().and_then(|value| value.read().ok()));
            let value = name(new.as_ref());
            let is_news = name(old.as_ref()) != value && self.said(id, value) == BTreeSet::from([true]);
            let by_itself = self.decisions.get(&id).into_iter().flatten().all(|decision| decision.by_itself);
            is_news.then_some(Settled { change: Question { id, old, new, is_torn: false }, by_itself })
        });
        settled.collect()
    }

    /// What stands of the newest publication: what was accepted with it, and what it says that is refused.
    pub fn verdict(&self) -> Verdict {
        if !self.questions().is_empty() {
            return Verdict::Open;
        }
        let said = |id: PropertyId| self.said(id, name(self.offered(id)));
        let with_this = self.accepted.iter().filter(|(_, accepted)| accepted.order == self.newest.order);
        let yes = with_this.map(|(id, _)| said(*id)).any(|said| said.contains(&true));
        let no = self.ids().into_iter().map(said).any(|said| said.contains(&false));
        match (yes, no) {
            (true, true) => Verdict::Mixed,
            (false, true) => Verdict::Refused,
            (_, false) => Verdict::Accepted,
        }
    }

    /// Whether anything of the item was ever accepted.
    pub fn is_known(&self) -> bool {
        !self.accepted.is_empty()
    }

    pub(super) fn ids(&self) -> BTreeSet<PropertyId> {
        let offered = self.newest.content.iter().flat_map(|content| content.properties.iter().map(|shared| shared.id));
        offered.chain(self.accepted.keys().copied()).collect()
    }

    pub(super) fn offered(&self, id: PropertyId) -> Option<&Shared> {
        self.newest.content.as_ref()?.property(id)
    }

    /// A value that any own device refused, or that two disagree about, is never what is shown: what stood before is.
    pub(super) fn shown(&self, id: PropertyId) -> Option<Shared> {
        let offered = self.offered(id);
        if self.said(id, name(offered)) == BTreeSet::from([true]) {
            return offered.cloned();
        }
        let accepted = self.accepted.get(&id)?;
        let read = |value: &Option<WireShared>| value.clone().and_then(|value| value.read().ok());
        let value = read(&accepted.value);
        let is_refused = self.said(id, name(value.as_ref())).contains(&false) && !mutant!(RefusedShown);
        if is_refused { read(&accepted.before) } else { value }
    }

    /// What own devices said about a value: nothing, one thing, or both.
    pub(super) fn said(&self, id: PropertyId, value: Hash) -> BTreeSet<bool> {
        let decisions = self.decisions.get(&id).into_iter().flatten();
        decisions.filter(|decision| decision.value == value).map(|decision| decision.accept).collect()
    }

    /// Every value that is or was shown: what old mail and call logs are matched by.
    pub fn ever(&self) -> Vec<Property> {
        let all = self.theirs();
        let former = all.iter().flat_map(|shared| shared.former.iter().map(|former| former.property.clone()));
        all.iter().filter_map(|shared| shared.property.clone()).chain(former).collect()
    }
}

impl Question {
    /// The name of the property that it is about, in upper case.
    pub fn name(&self) -> String {
        let shown = self.new.as_ref().or(self.old.as_ref());
        let property = shown.and_then(|s| s.property.as_ref().or(s.former.first().map(|former| &former.property)));
        property.map(|property| property.name().into_owned()).unwrap_or_default()
    }

    /// Whether it is about who somebody is: their name, or how they look.
    pub fn is_identity(&self) -> bool {
        is_identity(&self.name())
    }
}

/// Whether a property of this name says who somebody is: their name, or how they look.
pub fn is_identity(name: &str) -> bool {
    matches!(name, "FN" | "N" | "PHOTO")
}

/// The edits after which the contact's layer of this link says what is shown of the person's card at `now_ms`, and
/// nothing else; none if it does. Every own device computes the same of the same registers. A contact that nothing else
/// names bears the name by which the person introduced themselves.
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
    let mut is_named = contact.1.registers().any(|(path, register)| {
        let other = path.as_property().is_some_and(|(found, _)| found != layer);
        other && register.value().and_then(|value| Property::decode(value).ok()).is_some_and(|p| names(&p))
    });
    for shared in &shown {
        if let Some(property) = effective(shared, now_ms).current {
            is_named |= names(property);
            wanted.insert(shared.id, property.encode());
        }
    }
    if !is_named && let Some(link) = Link::of(link) {
        let name = introduced(&link.name);
        wanted.extend(name.map(|name| (book::single_property(book::me(link.person), "FN"), name.encode())));
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

/// The name by which a person introduced themselves, as a property.
pub fn introduced(name: &str) -> Option<Property> {
    let name = if name.is_empty() { NAMELESS } else { name };
    Property::new(0, "FN", &BTreeMap::new(), None, &parts_to_value("FN", &[vec![name.to_owned()]])).ok()
}

fn names(property: &Property) -> bool {
    matches!(&*property.name(), "FN" | "N" | "ORG")
}

pub(super) fn later_path(item: EntityId) -> Path {
    path("later", &[item.0])
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
pub(super) fn name(shared: Option<&Shared>) -> Hash {
    shared.map_or(Hash([0; 32]), Shared::hash)
}

/// What somebody without a name is called.
const NAMELESS: &str = "Unnamed";
