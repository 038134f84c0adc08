//! Cards to changes: one change per contact, planned inside the writer's transaction.

use super::{
    groups::{GroupNames, categories},
    reading::Incoming,
};
use crate::{
    api::{ImportFailure, ImportRow},
    node::{
        edits::{Plan, set_member},
        transfer::DRAFT_BYTES_MAX,
    },
    store::{self, StoreError, Writing},
};
use kith_core::{
    book,
    contact::display_name,
    entity::Entity,
    id::EntityId,
    path::Path,
    replica::{Draft, Rows},
    vcard::Property,
};
use rand_core::OsRng;
use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
};

/// What became of a number of cards.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) added: u32,
    pub(super) updated: u32,
    pub(super) unchanged: u32,
    pub(super) failed: Vec<ImportFailure>,
    pub(super) notes: Vec<ImportFailure>,
    /// In a dry run, what would happen to each.
    pub(super) rows: Vec<ImportRow>,
    /// Groups are concerned.
    pub(super) groups: bool,
}

/// The changes, and what they come to.
pub(super) type Planned = (Vec<Draft>, Tally);

/// What earlier cards of a dry run said, by identity: a digest of each property.
#[derive(Debug, Default)]
pub(super) struct Memory(BTreeMap<String, BTreeSet<u64>>);

impl Memory {
    /// Remembers a card; returns whether it said anything new, if there was one for the same contact before.
    fn meet(&mut self, identity: &str, properties: &[Property]) -> Option<bool> {
        let digests = properties.iter().map(|property| {
            let mut hasher = DefaultHasher::new();
            property.as_str().hash(&mut hasher);
            hasher.finish()
        });
        match self.0.get_mut(identity) {
            Some(known) => {
                let before = known.len();
                known.extend(digests);
                Some(known.len() > before)
            }
            None => {
                self.0.insert(identity.to_owned(), digests.collect());
                None
            }
        }
    }
}

/// Plans the changes for cards of which no two stand for the same contact. A card with a known UID updates that
/// contact, and so does one without a UID that is just like a contact. With `memory` it is a dry run.
pub(super) fn plan_cards(
    cards: Vec<Incoming>,
    import: EntityId,
    rows: &mut Writing<'_>,
    mut memory: Option<&mut Memory>,
) -> Result<Planned, StoreError> {
    let mut tally = Tally::default();
    let mut drafts = Vec::with_capacity(cards.len());
    let mut names = None;
    for Incoming { file, identity, mut card } in cards {
        let existing = store::contact_by_identity(rows.connection(), &identity)?;
        let before = memory.as_deref_mut().and_then(|memory| memory.meet(&identity, &card.properties));
        let id = existing.unwrap_or_else(|| EntityId::random(&mut OsRng));
        let mut joins = Vec::new();
        if card.properties.iter().any(|property| property.name() == "CATEGORIES") {
            let names = match &mut names {
                Some(names) => names,
                none => none.insert(GroupNames::load(rows)?),
            };
            let entity = existing.map(|id| rows.entity(id)).transpose()?;
            let fresh = new_categories(&mut card.properties, entity, names);
            for name in fresh {
                match names.get(&name, import) {
                    Some(group) => joins.push(group),
                    None => {
                        let reason =
                            "a group needs a name of at most 200 characters, so this card is in none".to_owned();
                        tally.notes.push(ImportFailure { file: file.to_string(), line: card.line, reason });
                    }
                }
            }
        }
        let favourite = card.properties.iter().any(|property| property.name() == book::FAVOURITE);
        card.properties.retain(|property| property.name() != book::FAVOURITE);
        let mut plan = match existing {
            Some(id) => Plan::new(id, Some(rows.entity(id)?)),
            None => Plan::new(id, None),
        };
        plan.take_in(&card);
        let mut edits = plan.finish();
        let none = Entity::default();
        for group in joins {
            let entity = if existing.is_some() { rows.entity(id)? } else { &none };
            edits.extend(set_member(id, entity, Path::in_group(group), true));
            tally.groups = true;
        }
        if favourite {
            let entity = if existing.is_some() { rows.entity(id)? } else { &none };
            edits.extend(set_member(id, entity, Path::favourite(), true));
        }
        if edits.iter().map(|edit| edit.value.as_ref().map_or(0, Vec::len) + 64).sum::<usize>() > DRAFT_BYTES_MAX {
            let reason = "the card is larger than 700 KiB, and its photo could not be made smaller".to_owned();
            tally.failed.push(ImportFailure { file: file.to_string(), line: card.line, reason });
            continue;
        }
        let (count, action) = match (existing, before) {
            (None, None) => (&mut tally.added, "added"),
            (_, Some(true)) => (&mut tally.updated, "updated"),
            (_, Some(false)) => (&mut tally.unchanged, "unchanged"),
            (Some(_), None) if edits.is_empty() => (&mut tally.unchanged, "unchanged"),
            (Some(_), None) => (&mut tally.updated, "updated"),
        };
        *count += 1;
        if memory.is_some() {
            tally.rows.push(ImportRow {
                file: file.to_string(),
                line: card.line,
                name: display_name(&card.properties),
                action: action.to_owned(),
                id: existing.map(|id| id.to_string()).unwrap_or_default(),
            });
        }
        if !edits.is_empty() {
            drafts.push(Draft { edits, import: Some(import) });
        }
    }
    if let Some(mut names) = names {
        // The groups are there before anybody is in them.
        names.drafts.append(&mut drafts);
        return Ok((names.drafts, tally));
    }
    Ok((drafts, tally))
}

/// Returns the names in `CATEGORIES` that neither the contact's own nor its groups say. If there are none, the property
/// says nothing new and is taken out, so that a card that was exported with its groups comes back unchanged.
fn new_categories(properties: &mut Vec<Property>, contact: Option<&Entity>, names: &GroupNames) -> BTreeSet<String> {
    let mut said = categories(properties.iter());
    if let Some(contact) = contact {
        let own = store::ordered_properties(contact);
        for known in categories(own.iter().map(|(_, property)| property)) {
            said.remove(&known);
        }
        for known in names.of(contact) {
            said.remove(known);
        }
        if said.is_empty() {
            properties.retain(|property| property.name() != "CATEGORIES");
        }
    }
    said
}
