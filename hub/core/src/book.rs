//! What registers mean in a book of contacts: the typed values, and which writes an action of a person needs.
//!
//! Every change that touches a contact also writes its `state`, so that trash meets edits openly (rule 3.1/5).

use crate::{
    entity::Entity,
    id::{EntityId, PersonId, PropertyId},
    interaction,
    layer::Layer,
    path::Path,
    person,
    replica::Edit,
    share,
};

/// The value of `state` for what is not in the trash.
pub const ALIVE: &[u8] = b"\xa5alive";
/// The value of `state` for what is in the trash.
pub const TRASHED: &[u8] = b"\xa7trashed";
/// The value of a membership or a tagging.
pub const PRESENT: &[u8] = b"\xc3";

/// What an entity is, by the registers it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A contact.
    Contact,
    /// A group.
    Group,
    /// A tag.
    Tag,
    /// A connected account.
    Account,
    /// A link to another person.
    Link,
    /// A shared item other than my card.
    Item,
    /// A call, message or mail.
    Interaction,
    /// Settings, or something that a newer version put there.
    Other,
}

/// Returns what an entity is.
pub fn kind(entity: &Entity) -> Kind {
    if entity.register(&Path::group_name()).is_some() {
        Kind::Group
    } else if entity.register(&Path::tag_name()).is_some() {
        Kind::Tag
    } else if entity.register(&Path::account_kind()).is_some() {
        Kind::Account
    } else if person::is_link(entity) {
        Kind::Link
    } else if share::is_item(entity) {
        Kind::Item
    } else if interaction::is_interaction(entity) {
        Kind::Interaction
    } else if entity.register(&Path::state()).is_some() {
        Kind::Contact
    } else {
        Kind::Other
    }
}

/// Whether an entity is in the trash. Trashed here and edited there at the same time: it stays in the trash, with a
/// question.
pub fn is_trashed(entity: &Entity) -> bool {
    let Some(state) = entity.register(&Path::state()) else { return false };
    mutant!(TrashByClock => return state.value() == Some(TRASHED));
    state.siblings().iter().any(|sibling| sibling.value.as_deref() == Some(TRASHED))
}

/// Whether somebody has to say if the entity belongs into the trash.
pub fn is_trash_undecided(entity: &Entity) -> bool {
    is_trashed(entity) && entity.register(&Path::state()).is_some_and(|state| !state.others().is_empty())
}

/// Whether a contact is one of my favourites. Two devices that disagree ask nobody: it is the one or the other.
pub fn is_favourite(contact: &Entity) -> bool {
    contact.register(&Path::favourite()).is_some_and(|register| register.value().is_some())
}

/// Sets the `state` of an entity.
pub fn set_state(entity: EntityId, value: &[u8]) -> Edit {
    Edit { entity, path: Path::state(), value: Some(value.to_vec()) }
}

/// Sets a property of my layer; `None` removes it. Goes with [`set_state`].
pub fn set_mine(contact: EntityId, property: PropertyId, value: Option<Vec<u8>>) -> Edit {
    Edit { entity: contact, path: Path::mine(property), value }
}

/// Sets a property of any layer; `None` removes it. Goes with [`set_state`].
pub fn set_property(contact: EntityId, layer: Layer, property: PropertyId, value: Option<Vec<u8>>) -> Edit {
    Edit { entity: contact, path: Path::property(layer, property), value }
}

/// Text as a register's value: MessagePack.
pub fn text_value(text: &str) -> Vec<u8> {
    // Encoding a string into memory cannot fail.
    rmp_serde::to_vec(text).unwrap_or_default()
}

/// Reads a text value; `None` if it is something else.
pub fn read_text(value: &[u8]) -> Option<String> {
    rmp_serde::from_slice(value).ok()
}

/// The contact that is me: named after the person, so that every device means the same.
pub fn me(person: PersonId) -> EntityId {
    let mut id = [0; 16];
    id.copy_from_slice(&person.0[..16]);
    EntityId(id)
}

/// The entity that holds the settings which own devices share.
pub const SETTINGS: EntityId = EntityId(*b"kith settings\0\0\0");

/// Under this id the favourites are listed as the groups are; no group has it.
pub const FAVOURITES: EntityId = EntityId(*b"kith favourites\0");

/// The property that says in a vCard that a contact is one of my favourites. It stands for [`Path::favourite`], which
/// is nobody else's: it leaves only with an export, and an import takes it out of the card again.
pub const FAVOURITE: &str = "X-KITH-FAVOURITE";

/// The register of a property of which a contact has only one: two devices that both add it meet in it.
pub fn single_property(contact: EntityId, name: &str) -> PropertyId {
    let mut hasher = blake3::Hasher::new_derive_key("kith 2026 single property");
    hasher.update(&contact.0);
    hasher.update(name.as_bytes());
    let mut id = [0; 16];
    id.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    PropertyId(id)
}
