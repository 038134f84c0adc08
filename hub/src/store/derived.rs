//! What the tables say of an entity, computed from its registers alone.
//!
//! It takes about as long as writing it, and needs no connection: for many entities at once, a second thread computes
//! while the writer writes.

use super::{StoreError, persons::DerivedPerson};
use kith_core::{
    book::{self, Kind},
    card,
    contact::{Sorter, Summary},
    entity::Entity,
    id::EntityId,
    interaction::Interaction,
    path::Path,
    vcard::{Property, canonical},
};
use rusqlite::types::ToSqlOutput;
use std::{collections::BTreeSet, sync::mpsc, thread};

/// An entity as the tables hold it.
pub(super) struct Derived {
    pub(super) id: EntityId,
    /// Its row, if it has one already.
    pub(super) row: Option<i64>,
    /// The registers, packed.
    pub(super) registers: Vec<u8>,
    pub(super) trashed: bool,
    /// The accounts that know it, and by what UID.
    pub(super) remotes: Vec<(EntityId, String)>,
    pub(super) kind: DerivedKind,
}

/// What else is derived, by what it is.
pub(super) enum DerivedKind {
    /// `None` if nothing is left to show of the contact.
    Contact(Option<Box<Contact>>),
    /// A group (kind 1) or tag (kind 2).
    Group {
        kind: i64,
        name: String,
    },
    /// An account: its kind and name, while it is connected.
    Account(Option<(String, String)>),
    /// Something that concerns other persons.
    Person(DerivedPerson),
    Other,
}

/// A contact as lists and searches need it.
pub(super) struct Contact {
    pub(super) summary: Summary,
    /// Its UID, or a digest of what it says.
    pub(super) uid: String,
    pub(super) undecided: i64,
    /// The newest clock of its values, in milliseconds since 1970.
    pub(super) changed: i64,
    /// The groups and tags it is in, and the favourites if it is one.
    pub(super) groups: Vec<EntityId>,
    /// The UIDs of contacts that were merged into it.
    pub(super) aliases: Vec<String>,
}

impl Derived {
    pub(super) fn of(id: EntityId, row: Option<i64>, entity: &Entity, sorter: &Sorter) -> Self {
        let group = |kind, path: &Path| {
            let name = entity.register(path).and_then(|register| register.value()).and_then(book::read_text);
            DerivedKind::Group { kind, name: name.unwrap_or_default() }
        };
        let kind = match book::kind(entity) {
            Kind::Contact => DerivedKind::Contact(Contact::of(entity, sorter).map(Box::new)),
            Kind::Group => group(1, &Path::group_name()),
            Kind::Tag => group(2, &Path::tag_name()),
            Kind::Account => DerivedKind::Account(account(entity)),
            Kind::Link => DerivedKind::Person(DerivedPerson::link(entity)),
            Kind::Item => DerivedKind::Person(DerivedPerson::Item),
            Kind::Interaction => DerivedKind::Person(DerivedPerson::Interaction(Interaction::of(entity))),
            Kind::Other => DerivedKind::Other,
        };
        let remotes = entity
            .registers()
            .filter_map(|(path, register)| Some((path.as_remote()?, register.value().and_then(book::read_text)?)));
        let remotes = remotes.collect();
        Self { id, row, registers: entity.encode(), trashed: book::is_trashed(entity), remotes, kind }
    }
}

impl Derived {
    /// The words by which it is found, each once.
    pub(super) fn words(&self) -> impl Iterator<Item = &[u8]> {
        let tokens = match &self.kind {
            DerivedKind::Contact(Some(contact)) => contact.summary.tokens.as_str(),
            _ => "",
        };
        tokens.split_ascii_whitespace().map(str::as_bytes).collect::<BTreeSet<_>>().into_iter()
    }
}

impl Contact {
    /// What `contacts` says of it, from `undecided` to `other_start` in the order of the schema, but for its shelf and for
    /// since when it is in the trash.
    pub(super) fn columns(&self) -> [ToSqlOutput<'_>; 11] {
        let Summary { name, reading, letter, detail, sort_key, starts, .. } = &self.summary;
        [
            self.undecided.into(),
            self.summary.organisation.into(),
            self.changed.into(),
            name.as_str().into(),
            reading.as_str().into(),
            letter.as_str().into(),
            detail.as_str().into(),
            self.uid.as_str().into(),
            sort_key.as_slice().into(),
            starts[0].cast_signed().into(),
            starts[1].cast_signed().into(),
        ]
    }

    fn of(entity: &Entity, sorter: &Sorter) -> Option<Self> {
        let properties: Vec<Property> =
            card::properties(entity, None).into_iter().map(|(_, property)| property).collect();
        if properties.is_empty() {
            return None;
        }
        let mut summary = Summary::of(&properties, sorter);
        // Most registers have one sibling, and then no others.
        let open = entity.registers().filter(|(path, register)| {
            register.siblings().len() > 1 && path.as_property().is_some() && !card::others(register).is_empty()
        });
        let undecided = open.count() + usize::from(book::is_trash_undecided(entity));
        let newest =
            entity.registers().flat_map(|(_, register)| register.siblings()).map(|sibling| sibling.clock).max();
        let groups = entity.registers().filter(|(_, register)| register.value().is_some());
        let favourites = book::is_favourite(entity).then_some(book::FAVOURITES);
        let aliases = entity
            .registers()
            .filter_map(|(path, register)| path.as_alias().and_then(|_| register.value()).and_then(book::read_text));
        Some(Self {
            uid: summary.uid.take().unwrap_or_else(|| digest(&properties)),
            summary,
            undecided: undecided as i64,
            changed: newest.unwrap_or(0),
            groups: groups.filter_map(|(path, _)| path.as_in_group().or(path.as_tagged())).chain(favourites).collect(),
            aliases: aliases.collect(),
        })
    }
}

fn account(entity: &Entity) -> Option<(String, String)> {
    let text = |path: &Path| entity.register(path).and_then(|register| register.value()).and_then(book::read_text);
    Some((text(&Path::account_kind())?, text(&Path::account_name()).unwrap_or_default()))
}

/// Derives each entity and hands it to `save`, in order.
pub(super) fn derive_each(
    entities: Vec<(EntityId, Option<i64>, Entity)>,
    sorter: &Sorter,
    mut save: impl FnMut(Derived) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut derived = entities.into_iter().map(|(id, row, entity)| Derived::of(id, row, &entity, sorter));
    if derived.len() < ALONE_BELOW {
        return derived.try_for_each(save);
    }
    thread::scope(|scope| {
        let (sender, ready) = mpsc::sync_channel(AHEAD);
        let deriving = move || {
            // If saving failed, nobody takes the rest.
            let _refused = derived.all(|derived| sender.send(derived).is_ok());
        };
        let started = thread::Builder::new().name("kith-derive".into()).spawn_scoped(scope, deriving);
        started.map_err(|_| StoreError::Closed)?;
        ready.into_iter().try_for_each(&mut save)
    })
}

/// By what an import recognises a contact without a UID: everything it says, however it is spelled.
pub(super) fn digest(properties: &[Property]) -> String {
    let mut hasher = blake3::Hasher::new();
    for text in canonical(properties) {
        hasher.update(text.as_bytes());
        hasher.update(b"\n");
    }
    format!("={}", hasher.finalize().to_hex())
}

/// Fewer entities than this are not worth a thread.
const ALONE_BELOW: usize = 32;
/// Entities derived before they can be written, at most.
const AHEAD: usize = 64;
