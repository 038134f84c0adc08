//! From what a person wants to which registers are written. Nothing here touches storage: it plans.

use crate::{
    api::{Code, Error, PropertyEdit},
    store::ordered_properties,
};
use kith_core::{
    book,
    entity::Entity,
    id::{EntityId, PropertyId},
    path::Path,
    replica::Edit,
    vcard::{LineError, ParsedCard, Property, is_single, parts_to_value},
};
use rand_core::OsRng;
use std::collections::BTreeMap;

/// A contact's properties while an edit of it is being planned.
pub(crate) struct Plan {
    contact: EntityId,
    trashed: bool,
    properties: Vec<(PropertyId, Property)>,
    edits: Vec<Edit>,
}

impl Plan {
    /// Begins with what the contact holds now; with nothing, for a new one.
    pub(crate) fn new(contact: EntityId, entity: Option<&Entity>) -> Self {
        Self {
            contact,
            trashed: entity.is_some_and(book::is_trashed),
            properties: entity.map(ordered_properties).unwrap_or_default(),
            edits: Vec::new(),
        }
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
            Some(at) => self.replace(at, edit)?,
            None => self.add(edit)?,
        };
        match &edit.label {
            Some(label) => self.set_label(id, label),
            None => Ok(()),
        }
    }

    /// Removes one property, and the label that only it had.
    pub(crate) fn unset(&mut self, id: &str) -> Result<(), Error> {
        let at = self.by_id(id)?;
        let (id, property) = self.properties.remove(at);
        self.edits.push(book::set_mine(self.contact, id, None));
        let Some(group) = property.line().group else { return Ok(()) };
        if !self.properties.iter().any(|(_, other)| !is_label(other) && in_group(other, &group)) {
            while let Some(at) =
                self.properties.iter().position(|(_, other)| is_label(other) && in_group(other, &group))
            {
                let (id, _) = self.properties.remove(at);
                self.edits.push(book::set_mine(self.contact, id, None));
            }
        }
        Ok(())
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

    fn by_id(&self, prefix: &str) -> Result<usize, Error> {
        let mut found = self.properties.iter().enumerate().filter(|(_, (id, _))| id.to_string().starts_with(prefix));
        match (found.next(), found.next()) {
            (Some((at, _)), None) if !prefix.is_empty() => Ok(at),
            (Some(_), Some(_)) => Err(Error::new(Code::Ambiguous, format!("Several properties begin with {prefix}."))),
            _ => Err(Error::new(Code::NotFound, format!("This contact has no property {prefix}."))),
        }
    }

    fn only_of_its_kind(&self, edit: &PropertyEdit) -> Result<Option<usize>, Error> {
        let name = edit.name.to_ascii_uppercase();
        let wanted: Vec<String> = edit.params.iter().flat_map(types).collect();
        let mut found = self.properties.iter().enumerate().filter(|(_, (_, property))| {
            let line = property.line();
            let has: Vec<String> = types(&line.params.into_iter().collect()).collect();
            line.name == name && wanted.iter().all(|kind| has.contains(kind))
        });
        match (found.next(), found.next()) {
            (first, None) => Ok(first.map(|(at, _)| at)),
            _ => {
                let ids: Vec<String> = self
                    .properties
                    .iter()
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
        let (id, mut property) = self.properties[at].clone();
        if let Some(params) = &edit.params {
            property = property.with_params(params).map_err(invalid)?;
        }
        if let Some(parts) = &edit.parts {
            property = property.with_parts(parts).map_err(invalid)?;
        } else if let Some(value) = &edit.value {
            property = property.with_value(value).map_err(invalid)?;
        }
        // Written even if it is the same: whoever sets a value that another device changed at the same time decides.
        self.put(at, property);
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
