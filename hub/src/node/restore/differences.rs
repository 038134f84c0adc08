//! What a backup has that the book has not, and the other way round, contact by contact.

use crate::{
    api::{RestoredContact, RestoredField},
    node::contacts::name_of,
    store::{self, Connection, Copy, StoreError},
};
use kith_core::{
    book::{self, Kind},
    entity::Entity,
    id::{EntityId, PropertyId},
    replica::{Edit, Reach, bring_back},
    vcard::Property,
};
use std::collections::BTreeSet;

/// What is to be brought back, as a person asked for it.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// Only this contact.
    pub(super) contact: Option<EntityId>,
    /// Only this property of it, by name or by the beginning of its id.
    pub(super) property: Option<String>,
    /// What came since goes.
    pub(super) exact: bool,
}

/// What becomes of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Added,
    Changed,
    Removed,
    /// It came since, and stays.
    Newer,
}

/// An entity that differs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Difference {
    pub(super) id: EntityId,
    pub(super) what: What,
    /// Groups and tags come back too, but are not counted.
    pub(super) contact: bool,
}

impl Wanted {
    /// The edits that bring one entity back.
    pub(super) fn edits(&self, id: EntityId, then: &Entity, now: &Entity) -> Vec<Edit> {
        let Some(property) = &self.property else {
            return bring_back(id, then, now, if self.exact { Reach::Exact } else { Reach::Missing });
        };
        let meant: BTreeSet<PropertyId> =
            mine(then).filter(|(id, said)| is_meant(property, *id, said)).map(|p| p.0).collect();
        bring_back(id, then, now, Reach::Only(&|id| meant.contains(&id)))
    }

    /// What becomes of one entity; `None` if it is as it was.
    pub(super) fn difference(&self, id: EntityId, then: &Entity, now: &Entity) -> Option<Difference> {
        let contact = book::kind(if then.is_empty() { now } else { then }) == Kind::Contact;
        let there = |entity: &Entity| !entity.is_empty() && !book::is_trashed(entity);
        let edits = self.edits(id, then, now);
        let what = match (edits.is_empty(), there(then), there(now)) {
            (false, true, false) => What::Added,
            (false, true, true) => What::Changed,
            (false, false, _) => What::Removed,
            (true, false, true) if contact && self.property.is_none() => What::Newer,
            (true, ..) => return None,
        };
        Some(Difference { id, what, contact })
    }

    /// Everything that differs. Groups first, so that contacts find theirs.
    pub(super) fn all(&self, copy: &Copy, rows: &Connection) -> Result<Vec<Difference>, StoreError> {
        if let Some(id) = self.contact {
            let (then, now) = (entity(copy, id)?, entity(rows, id)?);
            return Ok(self.difference(id, &then, &now).into_iter().collect());
        }
        let (mut found, mut met) = (Vec::new(), BTreeSet::new());
        copy.each(|id, then| {
            met.insert(id);
            found.extend(self.difference(id, &then, &entity(rows, id)?));
            Ok(())
        })?;
        for id in store::all_contacts(rows)?.into_iter().filter(|id| !met.contains(id)) {
            found.extend(self.difference(id, &Entity::default(), &entity(rows, id)?));
        }
        found.sort_by_key(|difference| difference.contact);
        Ok(found)
    }
}

/// An entity's registers; none if nothing was ever written there.
pub(super) fn entity(rows: &Connection, id: EntityId) -> Result<Entity, StoreError> {
    Ok(store::entity(rows, id)?.unwrap_or_default())
}

impl Wanted {
    /// A difference as a person reads it.
    pub(super) fn describe(
        &self,
        difference: Difference,
        copy: &Copy,
        rows: &Connection,
    ) -> Result<RestoredContact, StoreError> {
        let Difference { id, what, .. } = difference;
        let (then, now) = (entity(copy, id)?, entity(rows, id)?);
        let read = |value: Option<&[u8]>| Property::decode(value?).ok();
        let mut fields = Vec::new();
        for edit in self.edits(id, &then, &now).into_iter().filter(|_| what == What::Changed) {
            let old = now.register(&edit.path).and_then(|register| read(register.value()));
            let new = read(edit.value.as_deref());
            let Some(name) = new.as_ref().or(old.as_ref()).map(|said| said.name().into_owned()) else { continue };
            let text = |said: Option<Property>| said.map(|said| said.text()).unwrap_or_default();
            fields.push(RestoredField { name, old: text(old), new: text(new) });
        }
        fields.truncate(FIELDS_MAX);
        let word = match what {
            What::Added => "added",
            What::Changed => "changed",
            What::Removed => "removed",
            What::Newer => "newer",
        };
        let name = name_of(if matches!(what, What::Added | What::Changed) { &then } else { &now });
        Ok(RestoredContact { id: id.to_string(), name, what: word.to_owned(), fields })
    }
}

/// The properties of my layer that stand.
fn mine(entity: &Entity) -> impl Iterator<Item = (PropertyId, Property)> + '_ {
    entity.registers().filter_map(|(path, register)| {
        let property = Property::decode(register.value()?).ok()?;
        Some((path.as_mine()?, property))
    })
}

fn is_meant(wanted: &str, id: PropertyId, said: &Property) -> bool {
    let wanted = wanted.trim();
    let by_id = wanted.len() >= ID_CHARS_MIN && id.to_string().starts_with(&wanted.to_ascii_lowercase());
    by_id || said.name().eq_ignore_ascii_case(wanted)
}

/// Fields of one contact that are told.
const FIELDS_MAX: usize = 50;
/// Shorter texts are names of properties.
const ID_CHARS_MIN: usize = 6;
