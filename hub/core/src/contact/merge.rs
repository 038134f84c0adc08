//! Making one contact of two: what each says side by side, and which registers make one of it.
//!
//! `a` stays and takes in what `b` says; `b` goes into the trash and keeps its values there, so that taking the merge
//! back gives both again. Of what a card has once, `a`'s value stays unless somebody chooses; of the rest it becomes the
//! union, without doubles. Groups, tags, other layers and the UIDs by which imports and accounts know `b` move to `a`.

mod comparison;
#[cfg(test)]
mod tests;

use crate::{
    book,
    card::{self, Region, Statement, is_companion, regrouped},
    entity::Entity,
    id::{EntityId, PropertyId},
    layer::Layer,
    limits::CHANGE_BYTES_MAX,
    path::Path,
    replica::Edit,
    vcard::{CARD_BYTES_MAX, PROPERTIES_MAX, Property, is_photo},
};
use comparison::{Row, Side};
use std::collections::{BTreeMap, BTreeSet};

/// Whose value stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// What `a` says; nothing if it says nothing.
    A,
    /// What `b` says; nothing if it says nothing.
    B,
    /// What both say.
    Both,
}

/// One field of two contacts side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What choices name it by: `BDAY`, or `TEL:+491711234567`. The same as long as the values are.
    pub key: String,
    /// The property's name, upper case.
    pub name: String,
    /// What to call it.
    pub label: String,
    /// What `a` says, on one line; empty if nothing.
    pub a: String,
    /// What `b` says, on one line; empty if nothing.
    pub b: String,
    /// Whose value stays.
    pub keep: Keep,
    /// A card has only one of it.
    pub single: bool,
    /// They say different things.
    pub differs: bool,
}

/// What a merge does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// What each says.
    pub fields: Vec<Field>,
    /// The writes, for one change.
    pub edits: Vec<Edit>,
}

/// Why two contacts cannot become one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// They are one already.
    #[error("a contact cannot be merged with itself")]
    Same,
    /// One is in the trash.
    #[error("a contact in the trash cannot be merged; restore it first")]
    Trashed,
    /// A property has values side by side.
    #[error("two devices changed {0} at the same time; choose a value first")]
    Undecided(String),
    /// A choice names a field that neither has.
    #[error("there is no field {0} to choose; a dry run shows them all")]
    UnknownField(String),
    /// Both values of a property of which a card has one.
    #[error("a card has only one {0}; keep a or b")]
    OnlyOne(String),
    /// The card would be larger than a card may be.
    #[error("together they are larger than one contact may be; keep less of the second, or remove a photo")]
    TooLarge,
}

/// Plans to merge `b` into `a`. `alias` is by what an import knows `b`.
///
/// # Errors
///
/// Any [`MergeError`]; then nothing is to be written.
pub fn plan(
    a: (EntityId, &Entity),
    b: (EntityId, &Entity),
    alias: &str,
    region: Region<'_>,
    choices: &BTreeMap<String, Keep>,
) -> Result<Plan, MergeError> {
    if a.0 == b.0 {
        return Err(MergeError::Same);
    }
    for entity in [a.1, b.1] {
        may_be_merged(entity)?;
    }
    let (own, moved) = split(a.1, b.1);
    let a_side = Side::of(card::statements(a.1).into_iter().filter(|said| said.layer == Layer::Mine).collect());
    let b_side = Side::of(own);
    let mut rows = comparison::rows(&a_side, &b_side, region);
    for (key, keep) in choices {
        let row = rows.iter_mut().find(|row| row.key == *key);
        let row = row.ok_or_else(|| MergeError::UnknownField(key.clone()))?;
        if row.single && *keep == Keep::Both {
            return Err(MergeError::OnlyOne(row.name.clone()));
        }
        row.keep = *keep;
    }
    let mut union = Union::new(a.0, &a_side, &b_side);
    rows.iter().for_each(|row| union.settle(row));
    let mut edits = union.finish()?;
    edits.extend(moved_edits(a, b, &moved));
    edits.extend(memberships(a, b));
    edits.push(Edit { entity: a.0, path: Path::alias(b.0), value: Some(book::text_value(alias)) });
    edits.push(book::set_state(a.0, book::ALIVE));
    edits.push(book::set_state(b.0, book::TRASHED));
    let bytes: usize = edits.iter().map(|edit| edit.value.as_ref().map_or(0, Vec::len) + WRITE_BYTES).sum();
    if bytes > CHANGE_BYTES_MAX {
        return Err(MergeError::TooLarge);
    }
    Ok(Plan { fields: rows.iter().map(|row| row.field(&a_side, &b_side)).collect(), edits })
}

fn may_be_merged(entity: &Entity) -> Result<(), MergeError> {
    if book::is_trashed(entity) {
        return Err(MergeError::Trashed);
    }
    for (path, register) in entity.registers() {
        if path.as_property().is_some() && !card::others(register).is_empty() {
            let property = register.value().and_then(|value| Property::decode(value).ok());
            let name = property.map_or_else(|| "a field".to_owned(), |property| property.name().into_owned());
            return Err(MergeError::Undecided(name));
        }
    }
    Ok(())
}

/// What `b` says by itself, and what its other layers say. An account that knows both as two cannot know `a` as both:
/// what it says of `b` is taken over as if I had written it.
fn split(a: &Entity, b: &Entity) -> (Vec<Statement>, Vec<Statement>) {
    let of_a: BTreeSet<Layer> = card::statements(a).iter().map(|said| said.layer).collect();
    let known = |layer: Layer| match layer {
        Layer::Account(account) => a.register(&Path::remote(account)).is_some_and(|remote| remote.value().is_some()),
        _ => false,
    };
    let (mut own, mut moved) = (Vec::new(), Vec::new());
    for said in card::statements(b) {
        let stays = said.layer == Layer::Mine || of_a.contains(&said.layer) || known(said.layer);
        match (stays, said.layer == Layer::Mine || !card::is_hidden(b, &said)) {
            (true, true) => own.push(said),
            (true, false) => {}
            (false, _) => moved.push(said),
        }
    }
    (own, moved)
}

/// Other layers go over as they are, with what is hidden of them and the UID by which an account knows the contact.
fn moved_edits(a: (EntityId, &Entity), b: (EntityId, &Entity), moved: &[Statement]) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut accounts = BTreeSet::new();
    for said in moved {
        edits.push(book::set_property(a.0, said.layer, said.id, Some(said.property.encode())));
        let hidden = Path::hidden(said.layer, said.id);
        if let Some(mark) = b.1.register(&hidden).and_then(|register| register.value()) {
            edits.push(Edit { entity: a.0, path: hidden, value: Some(mark.to_vec()) });
        }
        if let Layer::Account(account) = said.layer {
            accounts.insert(account);
        }
    }
    for path in accounts.into_iter().map(Path::remote) {
        if let Some(uid) = b.1.register(&path).and_then(|register| register.value()) {
            edits.push(Edit { entity: a.0, path: path.clone(), value: Some(uid.to_vec()) });
            edits.push(Edit { entity: b.0, path, value: None });
        }
    }
    edits
}

/// Groups and tags, the favourite's star, UIDs of contacts merged into `b` before, and whom `b` is said not to be.
fn memberships(a: (EntityId, &Entity), b: (EntityId, &Entity)) -> Vec<Edit> {
    let mut edits = Vec::new();
    for (path, register) in b.1.registers() {
        let goes_over = path.as_in_group().is_some()
            || path.as_tagged().is_some()
            || *path == Path::favourite()
            || path.as_alias().is_some_and(|merged| merged != a.0)
            || path.as_apart().is_some_and(|other| other != a.0);
        let has = a.1.register(path).is_some_and(|register| register.value().is_some());
        if let (true, false, Some(value)) = (goes_over, has, register.value()) {
            edits.push(Edit { entity: a.0, path: path.clone(), value: Some(value.to_vec()) });
        }
    }
    edits
}

/// The properties of my layer of `a` while they take in those of `b`.
struct Union<'s> {
    contact: EntityId,
    a: &'s Side,
    b: &'s Side,
    properties: BTreeMap<PropertyId, Property>,
    /// What groups of `b` are called in `a`.
    groups: BTreeMap<String, String>,
}

impl<'s> Union<'s> {
    fn new(contact: EntityId, a: &'s Side, b: &'s Side) -> Self {
        let properties = a.said.iter().map(|said| (said.id, said.property.clone())).collect();
        Self { contact, a, b, properties, groups: BTreeMap::new() }
    }

    fn settle(&mut self, row: &Row) {
        let of_a: Vec<PropertyId> = row.a.iter().map(|&at| self.a.said[at].id).collect();
        let of_b = row.b.first().map(|&at| &self.b.said[at]);
        match (row.keep, of_b) {
            (Keep::A, _) | (Keep::Both, None) => {}
            (Keep::B, None) => of_a.iter().for_each(|id| self.remove(*id)),
            (Keep::Both, Some(said)) if row.name == "NOTE" && !of_a.is_empty() => self.join(of_a[0], &said.property),
            (Keep::Both, Some(_)) if !of_a.is_empty() => {}
            (Keep::B | Keep::Both, Some(said)) => {
                let order = of_a.first().and_then(|id| self.properties.get(id)).map(|property| property.order);
                let order = order.unwrap_or_else(|| self.next_order());
                of_a.iter().for_each(|id| self.remove(*id));
                let id = match of_a.first() {
                    Some(id) => *id,
                    None if row.single => book::single_property(self.contact, &row.name),
                    None => said.id,
                };
                let mut property = self.taken_over(&said.property, order);
                property.order = order;
                self.properties.insert(id, property);
            }
        }
    }

    /// Both notes in one, with an empty line between them.
    fn join(&mut self, id: PropertyId, other: &Property) {
        let Some(note) = self.properties.get_mut(&id) else { return };
        let text = |property: &Property| property.parts().concat().concat();
        let both = format!("{}\n\n{}", text(note).trim_end(), text(other).trim_start());
        // A note that would be too long is seen by its size in the end.
        if let Ok(joined) = note.with_parts(&[vec![both]]) {
            *note = joined;
        }
    }

    /// Removes a property, and the label that only it had.
    fn remove(&mut self, id: PropertyId) {
        let Some(removed) = self.properties.remove(&id) else { return };
        let group = group_of(&removed);
        let of_group = |property: &Property| !group.is_empty() && group_of(property) == group;
        if !self.properties.values().any(|property| of_group(property) && !is_companion(&property.name())) {
            self.properties.retain(|_, property| !of_group(property));
        }
    }

    /// Gives a property of `b` a group that means nothing else in `a`, and brings its label along.
    fn taken_over(&mut self, property: &Property, order: u32) -> Property {
        let group = group_of(property);
        if group.is_empty() {
            return property.clone();
        }
        if let Some(name) = self.groups.get(&group) {
            return regrouped(property, name);
        }
        let mut taken: BTreeSet<String> = self.properties.values().map(group_of).collect();
        taken.extend(self.groups.values().cloned());
        let numbered = (1..).map(|number| format!("item{number}"));
        let name =
            std::iter::once(group.clone()).chain(numbered).find(|name| !taken.contains(name)).unwrap_or_default();
        self.groups.insert(group.clone(), name.clone());
        let companions = self.b.said.iter().filter(|said| is_companion(&said.property.name()));
        for said in companions.filter(|said| group_of(&said.property) == group) {
            let mut companion = regrouped(&said.property, &name);
            // Right behind what it speaks of.
            companion.order = order.saturating_add(1);
            self.properties.insert(said.id, companion);
        }
        regrouped(property, &name)
    }

    fn next_order(&self) -> u32 {
        self.properties.values().map(|property| property.order.saturating_add(1)).max().unwrap_or(0)
    }

    /// The writes that make `a`'s layer what the union is.
    fn finish(self) -> Result<Vec<Edit>, MergeError> {
        let plain = self.properties.values().filter(|property| !is_photo(&property.name()));
        let bytes: usize = plain.map(|property| property.as_str().len()).sum();
        if self.properties.len() > PROPERTIES_MAX || bytes > CARD_BYTES_MAX {
            return Err(MergeError::TooLarge);
        }
        let before: BTreeMap<PropertyId, &Property> =
            self.a.said.iter().map(|said| (said.id, &said.property)).collect();
        let gone = before.keys().filter(|id| !self.properties.contains_key(id)).map(|id| (*id, None));
        // Where a property stood is not part of what makes two of them equal.
        let same = |old: &&Property, new: &Property| *old == new && old.order == new.order;
        let changed = self.properties.iter().filter(|(id, new)| !before.get(id).is_some_and(|old| same(old, new)));
        let writes = gone.chain(changed.map(|(id, property)| (*id, Some(property.encode()))));
        Ok(writes.map(|(id, value)| book::set_mine(self.contact, id, value)).collect())
    }
}

fn group_of(property: &Property) -> String {
    property.parsed().group().to_ascii_lowercase()
}

/// What a write costs beside its value, in bytes, at most.
const WRITE_BYTES: usize = 128;
