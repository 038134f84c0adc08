//! From what a person wants to which registers are written. Nothing here touches storage: it plans.

#[cfg(test)]
mod tests;

use crate::api::{Code, Error, PropertyEdit};
use kith_core::{
    book,
    card::{self, Field, Region, Statement},
    contact::order::renamed,
    entity::Entity,
    id::{EntityId, PropertyId},
    layer::Layer,
    path::Path,
    replica::Edit,
    vcard::{LineError, ParsedCard, Property, canonical, is_single, parts_to_value, says_the_same},
};
use rand_core::OsRng;
use std::collections::BTreeMap;

/// A contact's properties while an edit of it is being planned.
///
/// An edit writes my layer. What another layer says is edited by saying it myself, and by hiding what that layer says
/// where both would stand on the card.
pub(crate) struct Plan {
    contact: EntityId,
    trashed: bool,
    /// My layer.
    properties: Vec<(PropertyId, Property)>,
    others: Others,
    edits: Vec<Edit>,
}

/// What layers other than mine say, as far as a plan looks at them.
#[derive(Default)]
struct Others {
    region: Option<String>,
    said: Vec<Statement>,
    /// What of it is on the card, under the id it has there.
    shown: Vec<PropertyId>,
}

/// The name of a contact as an edit found it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct NameBefore {
    parts: Vec<Vec<String>>,
    shown: String,
}

impl Plan {
    /// Begins with what the contact holds now; with nothing, for a new one.
    pub(crate) fn new(contact: EntityId, entity: Option<&Entity>) -> Self {
        Self {
            contact,
            trashed: entity.is_some_and(book::is_trashed),
            properties: entity.map(own_properties).unwrap_or_default(),
            others: Others::default(),
            edits: Vec::new(),
        }
    }

    /// Looks at the other layers as well: what they say can be set and unset like my own.
    pub(crate) fn with_layers(mut self, entity: &Entity, region: Region<'_>) -> Self {
        let theirs = |field: &Field| !field.hidden && field.layer != Layer::Mine;
        self.others = Others {
            region: region.map(str::to_owned),
            said: card::statements(entity).into_iter().filter(|said| said.layer != Layer::Mine).collect(),
            shown: card::fields(entity, region).iter().filter(|field| theirs(field)).map(|field| field.id).collect(),
        };
        self
    }

    /// The edits, with the `state` that goes with every change of a contact; none if nothing changes.
    pub(crate) fn finish(mut self) -> Vec<Edit> {
        if !self.edits.is_empty() {
            let state = if self.trashed { book::TRASHED } else { book::ALIVE };
            self.edits.push(book::set_state(self.contact, state));
        }
        self.edits
    }

    /// Whether anything changes.
    pub(crate) fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// Sets one property.
    pub(crate) fn set(&mut self, edit: &PropertyEdit) -> Result<(), Error> {
        let found = match &edit.property_id {
            Some(id) => Some(self.by_id(id)?),
            None if edit.add => None,
            None => self.only_of_its_kind(edit)?,
        };
        let id = match found {
            Some(Found::Mine(at)) => self.replace(at, edit)?,
            Some(Found::Other(at)) => return self.say_myself(at, edit),
            None => self.add(edit)?,
        };
        match &edit.label {
            Some(label) => self.set_label(id, label),
            None => Ok(()),
        }
    }

    /// Removes one property, and the label that only it had. What other layers say alike is hidden.
    pub(crate) fn unset(&mut self, id: &str) -> Result<(), Error> {
        let property = match self.by_id(id)? {
            Found::Mine(at) => self.remove(at),
            Found::Other(at) => self.others.said[at].property.clone(),
        };
        self.hide_alike(&property);
        Ok(())
    }

    /// Puts properties of mine into the order given, those of each name in the places that they have together. What
    /// another layer says stands after mine wherever it is put, and stays.
    pub(crate) fn arrange(&mut self, ids: &[String]) -> Result<(), Error> {
        let mut wanted: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for id in ids {
            if let Found::Mine(at) = self.by_id(id)? {
                let named = wanted.entry(self.properties[at].1.name().into_owned()).or_default();
                if !named.contains(&at) {
                    named.push(at);
                }
            }
        }
        wanted.into_values().for_each(|wanted| self.arrange_alike(&wanted));
        Ok(())
    }

    fn arrange_alike(&mut self, wanted: &[usize]) {
        let place = |&at: &usize| (self.properties[at].1.order, at);
        let mut places: Vec<usize> = wanted.to_vec();
        places.sort_by_key(place);
        // Two devices may have given one place to two properties: these move on until every one has its own.
        let mut least = 0;
        let orders: Vec<u32> = places
            .iter()
            .map(|&at| {
                let order = self.properties[at].1.order.max(least);
                least = order.saturating_add(1);
                order
            })
            .collect();
        for (&at, order) in wanted.iter().zip(orders) {
            if self.properties[at].1.order != order {
                let mut property = self.properties[at].1.clone();
                property.order = order;
                self.put(at, property);
            }
        }
    }

    /// Sets properties, and removes those of some names, as one edit of many contacts does: what is there already is
    /// not written again.
    pub(crate) fn set_and_unset_by_name(&mut self, set: &[PropertyEdit], unset: &[String]) -> Result<(), Error> {
        for name in unset {
            let name = name.to_ascii_uppercase();
            let mine = self.properties.iter().map(|(id, property)| (id, property));
            let others = self.others.said.iter().filter(|said| self.others.shown.contains(&said.id));
            let named = mine.chain(others.map(|said| (&said.id, &said.property)));
            let named: Vec<String> =
                named.filter(|(_, property)| property.name() == name.as_str()).map(|(id, _)| id.to_string()).collect();
            for id in named {
                // Removing one may have hidden another that said the same.
                if self.by_id(&id).is_ok() {
                    self.unset(&id)?;
                }
            }
        }
        for edit in set {
            if !self.says(edit) {
                self.set(edit)?;
            }
        }
        Ok(())
    }

    /// Whether the contact says this already.
    fn says(&self, edit: &PropertyEdit) -> bool {
        let name = edit.name.to_ascii_uppercase();
        let value = match (&edit.parts, &edit.value) {
            (Some(parts), _) => parts_to_value(&name, parts),
            (None, value) => value.clone().unwrap_or_default(),
        };
        self.properties.iter().any(|(_, property)| {
            let line = property.line();
            line.name == name && line.value == value
        })
    }

    /// The name as it stands.
    pub(crate) fn name(&self) -> NameBefore {
        let of = |name: &str| {
            let mine = self.properties.iter().map(|(_, property)| property);
            let others = self.others.said.iter().filter(|said| self.others.shown.contains(&said.id));
            mine.chain(others.map(|said| &said.property)).find(|property| property.name() == name)
        };
        NameBefore {
            parts: of("N").map(Property::parts).unwrap_or_default(),
            shown: of("FN").map(|property| property.parts().concat().concat()).unwrap_or_default(),
        }
    }

    /// Lets what the contact is called follow a change of its name's parts, in the order it was put together in. What
    /// was not made from the parts, or was set along with them, is left alone.
    pub(crate) fn follow_name(&mut self, before: &NameBefore) -> Result<(), Error> {
        let now = self.name();
        if now.parts == before.parts || now.shown != before.shown {
            return Ok(());
        }
        let Some(shown) = renamed(&before.parts, &before.shown, &now.parts).filter(|shown| *shown != now.shown) else {
            return Ok(());
        };
        self.set(&PropertyEdit { name: "FN".to_owned(), parts: Some(vec![vec![shown]]), ..PropertyEdit::default() })
    }

    /// Says myself what another layer says, with the edit made to it.
    fn say_myself(&mut self, at: usize, edit: &PropertyEdit) -> Result<(), Error> {
        let said = self.others.said[at].clone();
        let name = said.property.name().into_owned();
        let mut property = edited(card::regrouped(&said.property, ""), edit)?;
        let label = edit.label.clone().or_else(|| self.label_of(&said));
        let region = self.others.region.as_deref();
        let differs = card::likeness(&said.property, region) != card::likeness(&property, region);
        let own = self.properties.iter().position(|(_, own)| is_single(&name) && own.name() == name);
        property.order = own.map_or_else(|| self.next_order(), |own| self.properties[own].1.order);
        let id = match own {
            Some(own) => {
                self.put(own, property);
                self.properties[own].0
            }
            None => self.insert(property),
        };
        if !is_single(&name) && differs {
            self.hide_alike(&said.property);
        }
        label.map_or(Ok(()), |label| self.set_label(id, &label))
    }

    /// The label that another layer gives to what it says.
    fn label_of(&self, said: &Statement) -> Option<String> {
        let group = said.property.line().group?;
        let mates = self.others.said.iter().filter(|other| other.layer == said.layer).map(|other| &other.property);
        let label = mates.into_iter().find(|other| is_label(other) && in_group(other, &group))?;
        Some(label.parts().concat().concat())
    }

    /// Hides what other layers say just like this.
    fn hide_alike(&mut self, property: &Property) {
        let region = self.others.region.as_deref();
        let likeness = card::likeness(property, region);
        let alike = self.others.said.iter().filter(|said| card::likeness(&said.property, region) == likeness);
        self.edits.extend(alike.map(|said| card::hide(self.contact, said)));
    }

    fn remove(&mut self, at: usize) -> Property {
        let (id, property) = self.properties.remove(at);
        self.edits.push(book::set_mine(self.contact, id, None));
        let Some(group) = property.line().group else { return property };
        if !self.properties.iter().any(|(_, other)| !is_label(other) && in_group(other, &group)) {
            while let Some(at) =
                self.properties.iter().position(|(_, other)| is_label(other) && in_group(other, &group))
            {
                let (id, _) = self.properties.remove(at);
                self.edits.push(book::set_mine(self.contact, id, None));
            }
        }
        property
    }

    /// Takes in a card: for a new contact all of it; for a known one what is new or different. Nothing is removed.
    pub(crate) fn take_in(&mut self, card: &ParsedCard) {
        let mut held: Vec<usize> = (0..self.properties.len()).collect();
        let mut fresh = Vec::new();
        for property in &card.properties {
            match held.iter().position(|&at| self.properties[at].1.as_str() == property.as_str()) {
                Some(same) => drop(held.remove(same)),
                None => fresh.push(property),
            }
        }
        // Another spelling says nothing new: a card that Kith wrote in another version comes back unchanged.
        let held_texts: Vec<&Property> = held.iter().map(|&at| &self.properties[at].1).collect();
        if fresh.is_empty() || (!held.is_empty() && says_the_same(&held_texts, &fresh)) {
            return;
        }
        let spelled = |property: &Property| canonical(&[property]);
        let known: Vec<(usize, Vec<String>)> = held.iter().map(|&at| (at, spelled(&self.properties[at].1))).collect();
        fresh.retain(|property| {
            let text = spelled(property);
            let same = known.iter().find(|(at, known)| *known == text && held.contains(at));
            same.is_none_or(|(same, _)| {
                held.retain(|at| at != same);
                false
            })
        });
        for property in fresh {
            let kind = kind_of(property);
            match held.iter().position(|&at| kind_of(&self.properties[at].1) == kind) {
                Some(other) => {
                    let at = held.remove(other);
                    let mut property = property.clone();
                    property.order = self.properties[at].1.order;
                    self.put(at, property);
                }
                None => {
                    self.insert(property.clone());
                }
            }
        }
    }

    fn by_id(&self, prefix: &str) -> Result<Found, Error> {
        let fits = |id: PropertyId| !prefix.is_empty() && id.to_string().starts_with(prefix);
        let mine = self.properties.iter().enumerate().filter(|(_, (id, _))| fits(*id)).map(|(at, _)| Found::Mine(at));
        let others = self.others.said.iter().enumerate().filter(|(_, said)| fits(said.id));
        let mut found = mine.chain(others.map(|(at, _)| Found::Other(at)));
        match (found.next(), found.next()) {
            (Some(found), None) => Ok(found),
            (Some(_), Some(_)) => Err(Error::new(Code::Ambiguous, format!("Several properties begin with {prefix}."))),
            _ => Err(Error::new(Code::NotFound, format!("This contact has no property {prefix}."))),
        }
    }

    fn only_of_its_kind(&self, edit: &PropertyEdit) -> Result<Option<Found>, Error> {
        let name = edit.name.to_ascii_uppercase();
        let wanted: Vec<String> = edit.params.iter().flat_map(types).collect();
        let fits = |property: &Property| {
            let line = property.line();
            let has: Vec<String> = types(&line.params.into_iter().collect()).collect();
            line.name == name && wanted.iter().all(|kind| has.contains(kind))
        };
        let mine = self.properties.iter().enumerate().filter(|(_, (_, property))| fits(property));
        let others = self.others.said.iter().enumerate();
        let others = others.filter(|(_, said)| self.others.shown.contains(&said.id) && fits(&said.property));
        let mut found = mine.map(|(at, _)| Found::Mine(at)).chain(others.map(|(at, _)| Found::Other(at)));
        match (found.next(), found.next()) {
            (first, None) => Ok(first),
            _ => {
                let mine = self.properties.iter().map(|(id, property)| (id, property));
                let others = self.others.said.iter().filter(|said| self.others.shown.contains(&said.id));
                let ids: Vec<String> = mine
                    .chain(others.map(|said| (&said.id, &said.property)))
                    .filter(|(_, property)| property.name() == name)
                    .map(|(id, property)| format!("{} ({})", &id.to_string()[..8], property.text()))
                    .collect();
                let ids = ids.join(", ");
                Err(Error::new(
                    Code::Ambiguous,
                    format!("There are several {name}. Name the one to set by its id: {ids}."),
                ))
            }
        }
    }

    fn replace(&mut self, at: usize, edit: &PropertyEdit) -> Result<PropertyId, Error> {
        let (id, property) = self.properties[at].clone();
        // Written even if it is the same: whoever sets a value that another device changed at the same time decides.
        self.put(at, edited(property, edit)?);
        Ok(id)
    }

    fn add(&mut self, edit: &PropertyEdit) -> Result<PropertyId, Error> {
        let name = edit.name.to_ascii_uppercase();
        let value = match (&edit.parts, &edit.value) {
            (Some(parts), _) => parts_to_value(&name, parts),
            (None, Some(value)) => value.clone(),
            (None, None) => return Err(Error::new(Code::BadRequest, format!("{name} needs a value."))),
        };
        let params = edit.params.clone().unwrap_or_default();
        let property = Property::new(self.next_order(), &name, &params, None, &value).map_err(invalid)?;
        Ok(self.insert(property))
    }

    /// Gives a property a label of the person's own, by way of a group that it shares with the label.
    fn set_label(&mut self, id: PropertyId, label: &str) -> Result<(), Error> {
        let Some(at) = self.properties.iter().position(|(known, _)| *known == id) else { return Ok(()) };
        let property = self.properties[at].1.clone();
        let group = property.line().group;
        let old = group
            .as_ref()
            .and_then(|group| self.properties.iter().position(|(_, other)| is_label(other) && in_group(other, group)));
        match (old, label.trim()) {
            (None, "") => {}
            (Some(old), "") => {
                let (id, _) = self.properties.remove(old);
                self.edits.push(book::set_mine(self.contact, id, None));
            }
            (Some(old), label) => {
                let fresh = self.properties[old].1.with_parts(&[vec![label.to_owned()]]).map_err(invalid)?;
                self.put(old, fresh);
            }
            (None, label) => {
                let group = group.unwrap_or_else(|| self.free_group());
                let line = property.line();
                let params = line.params.into_iter().collect();
                let value = parts_to_value(&line.name, &property.parts());
                let grouped =
                    Property::new(property.order, &line.name, &params, Some(&group), &value).map_err(invalid)?;
                self.put(at, grouped);
                let value = parts_to_value(LABEL, &[vec![label.to_owned()]]);
                let label = Property::new(self.next_order(), LABEL, &BTreeMap::new(), Some(&group), &value);
                self.insert(label.map_err(invalid)?);
            }
        }
        Ok(())
    }

    fn free_group(&self) -> String {
        let taken = |name: &String| self.properties.iter().any(|(_, property)| in_group(property, name));
        (1..).map(|number| format!("item{number}")).find(|name| !taken(name)).unwrap_or_default()
    }

    fn next_order(&self) -> u32 {
        self.properties.iter().map(|(_, property)| property.order.saturating_add(1)).max().unwrap_or(0)
    }

    fn put(&mut self, at: usize, property: Property) {
        let id = self.properties[at].0;
        self.edits.push(book::set_mine(self.contact, id, Some(property.encode())));
        self.properties[at].1 = property;
    }

    fn insert(&mut self, property: Property) -> PropertyId {
        let name = property.name().into_owned();
        let lone = is_single(&name) && !self.properties.iter().any(|(_, other)| other.name() == name.as_str());
        let id = if lone { book::single_property(self.contact, &name) } else { PropertyId::random(&mut OsRng) };
        self.edits.push(book::set_mine(self.contact, id, Some(property.encode())));
        self.properties.push((id, property));
        id
    }
}

/// The properties of my layer, in their order.
fn own_properties(entity: &Entity) -> Vec<(PropertyId, Property)> {
    let mine = card::statements(entity).into_iter().filter(|said| said.layer == Layer::Mine);
    mine.map(|said| (said.id, said.property)).collect()
}

/// The edits that set the `state` of many contacts at once.
pub(crate) fn set_states(ids: &[EntityId], value: &[u8]) -> Vec<Edit> {
    ids.iter().map(|&id| book::set_state(id, value)).collect()
}

/// The edits that put a contact into a group, or take it out.
pub(crate) fn set_member(contact: EntityId, entity: &Entity, path: Path, member: bool) -> Vec<Edit> {
    if entity.register(&path).is_some_and(|register| register.value().is_some()) == member {
        return Vec::new();
    }
    let state = if book::is_trashed(entity) { book::TRASHED } else { book::ALIVE };
    let value = member.then(|| book::PRESENT.to_vec());
    vec![Edit { entity: contact, path, value }, book::set_state(contact, state)]
}

/// Where a property of a contact was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// In my layer.
    Mine(usize),
    /// In another one.
    Other(usize),
}

/// A property with what an edit says of parameters and value.
fn edited(mut property: Property, edit: &PropertyEdit) -> Result<Property, Error> {
    if let Some(params) = &edit.params {
        property = property.with_params(params).map_err(invalid)?;
    }
    if let Some(parts) = &edit.parts {
        property = property.with_parts(parts).map_err(invalid)?;
    } else if let Some(value) = &edit.value {
        property = property.with_value(value).map_err(invalid)?;
    }
    Ok(property)
}

fn invalid(error: LineError) -> Error {
    Error::new(Code::BadRequest, format!("That cannot be kept: {error}."))
}

/// Name and types: what makes two properties of a card stand for the same thing.
fn kind_of(property: &Property) -> (String, Vec<String>) {
    let line = property.line();
    let mut kinds: Vec<String> =
        if is_single(&line.name) { Vec::new() } else { types(&line.params.into_iter().collect()).collect() };
    kinds.sort_unstable();
    (line.name, kinds)
}

fn types(params: &BTreeMap<String, Vec<String>>) -> impl Iterator<Item = String> {
    params.get("TYPE").into_iter().flatten().map(|kind| kind.to_ascii_lowercase())
}

fn is_label(property: &Property) -> bool {
    property.name() == "X-ABLABEL"
}

fn in_group(property: &Property, group: &str) -> bool {
    property.line().group.is_some_and(|own| own.eq_ignore_ascii_case(group))
}

/// As Apple spells it.
const LABEL: &str = "X-ABLabel";
