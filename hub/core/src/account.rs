//! Accounts: which ids a source's cards get, and what its layer of a contact becomes when it speaks or falls silent
//! (rules section 5).
//!
//! Every id is derived from what the source says, so that two own devices which read the same source write the same
//! registers and no contact comes twice.

use crate::{
    book,
    entity::Entity,
    id::{BookId, EntityId, PropertyId, derived},
    layer::Layer,
    path::Path,
    replica::Edit,
    vcard::Property,
};
use std::collections::BTreeMap;

/// The account of this kind and name in a book.
pub fn id(book: BookId, kind: &str, name: &str) -> EntityId {
    EntityId(derived("kith 2026 account", &[&book.0, kind.as_bytes(), name.as_bytes()]))
}

/// The contact that is made for a card which no contact is known for.
pub fn contact(account: EntityId, uid: &str) -> EntityId {
    EntityId(derived("kith 2026 account contact", &[&account.0, uid.as_bytes()]))
}

/// The register of a card's property: the `ordinal`th of that name in the card, counted from 0.
pub fn property(account: EntityId, uid: &str, name: &str, ordinal: u32) -> PropertyId {
    let parts: [&[u8]; 4] = [&account.0, uid.as_bytes(), name.as_bytes(), &ordinal.to_le_bytes()];
    PropertyId(derived("kith 2026 account property", &parts))
}

/// Whether an account is connected on any device. Disconnecting keeps its name, for what lies in the trash.
pub fn is_connected(account: &Entity) -> bool {
    account.register(&Path::account_kind()).is_some_and(|register| register.value().is_some())
}

/// The edits that connect an account; none if it is connected under that name.
pub fn connect(id: EntityId, account: &Entity, kind: &str, name: &str) -> Vec<Edit> {
    let wanted = [(Path::account_kind(), kind), (Path::account_name(), name)];
    let wanted = wanted.map(|(path, text)| (path, Some(book::text_value(text))));
    wanted
        .into_iter()
        .filter(|(path, value)| !says(account, path, value.as_deref()))
        .map(|(path, value)| Edit { entity: id, path, value })
        .collect()
}

/// The edits that disconnect an account.
pub fn disconnect(id: EntityId) -> Vec<Edit> {
    vec![Edit { entity: id, path: Path::account_kind(), value: None }]
}

/// Whether this account speaks of the contact.
pub fn knows(contact: &Entity, account: EntityId) -> bool {
    contact.register(&Path::remote(account)).is_some_and(|register| register.value().is_some())
}

/// Whether any account speaks of the contact. While one does, it is not purged: the next reading would bring it back.
pub fn is_known(contact: &Entity) -> bool {
    contact.registers().any(|(path, register)| path.as_remote().is_some() && register.value().is_some())
}

/// The edits after which the account's layer of a contact says what the card says, and nothing else; none if it does.
///
/// `state` is what becomes of the contact: alive, or as it was.
pub fn take_in(
    id: EntityId,
    contact: &Entity,
    account: EntityId,
    uid: &str,
    card: &[Property],
    state: &[u8],
) -> Vec<Edit> {
    let mut ordinals: BTreeMap<String, u32> = BTreeMap::new();
    let mut wanted: BTreeMap<Path, Option<Vec<u8>>> = layer_of(contact, account).map(|path| (path, None)).collect();
    for said in card {
        let name = said.name().into_owned();
        let ordinal = ordinals.entry(name.clone()).or_default();
        let path = Path::property(Layer::Account(account), property(account, uid, &name, *ordinal));
        *ordinal += 1;
        wanted.insert(path, Some(said.encode()));
    }
    wanted.insert(Path::remote(account), Some(book::text_value(uid)));
    let changed = wanted.into_iter().filter(|(path, value)| !says(contact, path, value.as_deref()));
    let mut edits: Vec<Edit> = changed.map(|(path, value)| Edit { entity: id, path, value }).collect();
    let known = contact.register(&Path::state()).is_some();
    if !edits.is_empty() || !known || (state == book::ALIVE && book::is_trashed(contact)) {
        edits.push(book::set_state(id, state));
    }
    edits
}

/// The edits when the account speaks of a contact no more. What it said goes; a contact of which nothing else speaks goes
/// into the trash as it is, so that it can be had again.
pub fn take_out(id: EntityId, contact: &Entity, account: EntityId) -> Vec<Edit> {
    let trashed = book::is_trashed(contact);
    let alone = !contact.registers().any(|(path, register)| {
        let layer = path.as_property().map(|(layer, _)| layer);
        layer.is_some_and(|layer| layer != Layer::Account(account)) && register.value().is_some()
    });
    let mut edits = Vec::new();
    if !alone {
        edits.extend(layer_of(contact, account).map(|path| Edit { entity: id, path, value: None }));
    }
    if knows(contact, account) {
        edits.push(Edit { entity: id, path: Path::remote(account), value: None });
    }
    if !edits.is_empty() {
        let state = if alone || trashed { book::TRASHED } else { book::ALIVE };
        edits.push(book::set_state(id, state));
    }
    edits
}

/// The registers in which the account's layer says something.
fn layer_of(contact: &Entity, account: EntityId) -> impl Iterator<Item = Path> + '_ {
    let own = move |path: &Path| path.as_property().is_some_and(|(layer, _)| layer == Layer::Account(account));
    let living = contact.registers().filter(|(_, register)| register.siblings().iter().any(|s| s.value.is_some()));
    living.filter(move |(path, _)| own(path)).map(|(path, _)| path.clone())
}

/// Whether a register says this and nothing beside it.
fn says(entity: &Entity, path: &Path, value: Option<&[u8]>) -> bool {
    match entity.register(path) {
        Some(register) => register.value() == value && register.others().is_empty(),
        None => value.is_none(),
    }
}

#[cfg(test)]
mod tests;
