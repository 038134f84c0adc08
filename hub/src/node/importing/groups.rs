//! Groups in files: cards that are groups (`KIND:group` with `MEMBER`, RFC 6350; Apple's `X-ADDRESSBOOKSERVER-KIND`),
//! and the names in `CATEGORIES`. Both become groups of the book; nobody is taken out of one.

use super::plan::{Planned, Tally};
use crate::{
    api::ImportFailure,
    node::edits::set_member,
    store::{self, StoreError, Writing},
};
use kith_core::{
    book,
    entity::Entity,
    id::EntityId,
    limits::{CHANGE_WRITES_MAX, NAME_CHARS_MAX},
    path::Path,
    replica::{Draft, Edit, Rows},
    vcard::{ParsedCard, Property},
};
use rand_core::OsRng;
use std::collections::{BTreeMap, BTreeSet};

/// A card that is a group.
#[derive(Clone, Debug)]
pub(super) struct GroupCard {
    file: String,
    line: u32,
    name: String,
    /// The UIDs of its members.
    members: Vec<String>,
    /// It says more than a group can keep, by property names.
    beyond: Vec<String>,
}

impl GroupCard {
    /// Reads a card as a group; `None` if it is not one.
    pub(super) fn of(card: &ParsedCard, file: &str) -> Option<Self> {
        let text = |property: &Property| property.text().trim().to_owned();
        let is_group = |property: &Property| {
            matches!(&*property.name(), "KIND" | "X-ADDRESSBOOKSERVER-KIND")
                && property.text().trim().eq_ignore_ascii_case("group")
        };
        if !card.properties.iter().any(is_group) {
            return None;
        }
        let mut group = Self {
            file: file.to_owned(),
            line: card.line,
            name: String::new(),
            members: Vec::new(),
            beyond: Vec::new(),
        };
        for property in &card.properties {
            match &*property.name() {
                "FN" => group.name = text(property),
                "N" if group.name.is_empty() => group.name = text(property),
                "MEMBER" | "X-ADDRESSBOOKSERVER-MEMBER" => group.members.push(member_uid(&text(property))),
                "N" | "UID" | "REV" | "PRODID" | "KIND" | "X-ADDRESSBOOKSERVER-KIND" => {}
                other => group.beyond.push(other.to_owned()),
            }
        }
        Some(group)
    }

    fn note(&self, reason: String) -> ImportFailure {
        ImportFailure { file: self.file.clone(), line: self.line, reason }
    }
}

/// A member's UID as contacts are known by.
fn member_uid(text: &str) -> String {
    let bare = match text.get(..9) {
        Some(scheme) if scheme.eq_ignore_ascii_case("urn:uuid:") => &text[9..],
        _ => text,
    };
    let uuid = bare.len() == 36 && bare.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if uuid { bare.to_ascii_lowercase() } else { bare.to_owned() }
}

/// The groups of the book by name, with those that an import makes.
#[derive(Debug, Default)]
pub(super) struct GroupNames {
    by_name: BTreeMap<String, EntityId>,
    /// Groups made on the way.
    pub(super) drafts: Vec<Draft>,
}

impl GroupNames {
    pub(super) fn load(rows: &Writing<'_>) -> Result<Self, StoreError> {
        let names = store::group_names(rows.connection())?.into_iter().filter(|(_, _, gone)| !gone);
        let by_name = names.map(|(id, name, _)| (name, id)).collect();
        Ok(Self { by_name, drafts: Vec::new() })
    }

    /// The names of the groups that a contact is in.
    pub(super) fn of<'a>(&'a self, contact: &'a Entity) -> impl Iterator<Item = &'a str> {
        let is_in = |id: EntityId| contact.register(&Path::in_group(id)).is_some_and(|member| member.value().is_some());
        self.by_name.iter().filter(move |(_, id)| is_in(**id)).map(|(name, _)| name.as_str())
    }

    /// The group of this name, made if there is none; `None` if no group can be called so.
    pub(super) fn get(&mut self, name: &str, import: EntityId) -> Option<EntityId> {
        if let Some(id) = self.by_name.get(name) {
            return Some(*id);
        }
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
            return None;
        }
        let id = EntityId::random(&mut OsRng);
        let named = Edit { entity: id, path: Path::group_name(), value: Some(book::text_value(name)) };
        self.drafts.push(Draft { edits: vec![book::set_state(id, book::ALIVE), named], import: Some(import) });
        self.by_name.insert(name.to_owned(), id);
        Some(id)
    }
}

/// The names in a card's `CATEGORIES`.
pub(super) fn categories<'a>(properties: impl Iterator<Item = &'a Property>) -> BTreeSet<String> {
    let named = properties.filter(|property| property.name() == "CATEGORIES");
    let names = named.flat_map(|property| property.parts().into_iter().flatten());
    names.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

/// Plans the groups that cards of files are, after their members are in the book.
pub(super) fn plan_groups(
    cards: &[GroupCard],
    import: EntityId,
    rows: &mut Writing<'_>,
) -> Result<Planned, StoreError> {
    let mut tally = Tally { groups: true, ..Tally::default() };
    let mut names = GroupNames::load(rows)?;
    let mut drafts = Vec::new();
    for card in cards {
        let Some(group) = names.get(&card.name, import) else {
            tally
                .notes
                .push(card.note("a group needs a name of at most 200 characters, so this one is left out".to_owned()));
            continue;
        };
        if !card.beyond.is_empty() {
            let beyond = card.beyond.join(", ");
            tally
                .notes
                .push(card.note(format!("a group keeps its name and its members, so this was left out: {beyond}")));
        }
        let (mut edits, mut unknown) = (Vec::new(), 0);
        for uid in &card.members {
            match store::contact_by_identity(rows.connection(), uid)? {
                Some(contact) => edits.extend(set_member(contact, rows.entity(contact)?, Path::in_group(group), true)),
                None => unknown += 1,
            }
        }
        if unknown > 0 {
            tally.notes.push(card.note(format!("{unknown} members of {} are not in the book", card.name)));
        }
        // Two writes a contact, which must stay in one change.
        drafts
            .extend(edits.chunks(CHANGE_WRITES_MAX).map(|edits| Draft { edits: edits.to_vec(), import: Some(import) }));
    }
    names.drafts.append(&mut drafts);
    Ok((names.drafts, tally))
}
