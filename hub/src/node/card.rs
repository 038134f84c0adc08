//! A contact's registers as a card, the way a person reads it.

use crate::{
    api::{Card, CardProperty, HistoryEntry, Named, OtherValue, Params},
    clock::rfc3339,
    store::Past,
};
use kith_core::{
    book,
    card::{self, Field, Region},
    contact::{display_name, is_organisation, labels, phone, reading},
    entity::Entity,
    id::{DeviceId, EntityId},
    layer::Layer,
    path::Path,
    register::{Register, Sibling},
    vcard::Property,
};
use std::collections::{BTreeMap, BTreeSet};

/// The names of devices, groups and tags that a card mentions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// This device.
    pub(crate) me: Option<DeviceId>,
    /// Devices of the roster, past ones too.
    pub(crate) devices: BTreeMap<DeviceId, String>,
}

impl Names {
    /// What a device is called; devices that are not known any more have no name.
    pub(crate) fn device(&self, id: DeviceId) -> String {
        self.devices.get(&id).cloned().unwrap_or_default()
    }

    fn path(&self, id: DeviceId) -> String {
        if self.me == Some(id) { "here" } else { "lan" }.to_owned()
    }
}

/// What the card of a contact mentions beside the contact.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mentioned {
    /// Groups as far as they are not in the trash.
    pub(crate) groups: Vec<Named>,
    /// Tags as far as they are not in the trash.
    pub(crate) tags: Vec<Named>,
    /// What the accounts that speak of it are called.
    pub(crate) accounts: BTreeMap<EntityId, String>,
}

/// The accounts that say something about a contact.
pub(crate) fn accounts(entity: &Entity) -> BTreeSet<EntityId> {
    let layers = entity.registers().filter_map(|(path, _)| path.as_property());
    let account = |(layer, _)| if let Layer::Account(account) = layer { Some(account) } else { None };
    layers.filter_map(account).collect()
}

/// Builds the card of a contact.
pub(crate) fn card(
    id: EntityId,
    entity: &Entity,
    me: bool,
    names: &Names,
    mentioned: &Mentioned,
    region: Region<'_>,
) -> Card {
    let fields = card::fields(entity, region);
    let shown: Vec<&Property> = fields.iter().filter(|field| !field.hidden).map(|field| &field.property).collect();
    let all: Vec<&Property> = fields.iter().map(|field| &field.property).collect();
    let member = |path: fn(EntityId) -> Path, named: &&Named| {
        let group = named.id.parse().ok().and_then(|id| entity.register(&path(id)));
        group.is_some_and(|register| register.value().is_some())
    };
    let properties = fields.iter().zip(labels(&all)).filter_map(|(field, label)| {
        let register = entity.register(&Path::property(field.layer, field.id))?;
        Some(card_property(field, label, register, names, mentioned, region))
    });
    Card {
        id: id.to_string(),
        name: display_name(&shown),
        reading: reading(&shown),
        organisation: is_organisation(&shown),
        me,
        favourite: book::is_favourite(entity),
        trashed: book::is_trashed(entity),
        trash_undecided: book::is_trash_undecided(entity),
        properties: properties.collect(),
        groups: mentioned.groups.iter().filter(|named| member(Path::in_group, named)).cloned().collect(),
        tags: mentioned.tags.iter().filter(|named| member(Path::tagged, named)).cloned().collect(),
        history: None,
    }
}

fn card_property(
    field: &Field,
    label: String,
    register: &Register,
    names: &Names,
    mentioned: &Mentioned,
    region: Region<'_>,
) -> CardProperty {
    let line = field.property.line();
    let shown = register.shown();
    let device = shown.map(|sibling| sibling.device);
    let number = || phone::e164(&field.property.parts().concat().concat(), region).unwrap_or_default();
    CardProperty {
        id: field.id.to_string(),
        e164: if line.name == "TEL" { number() } else { String::new() },
        name: line.name,
        group: line.group.unwrap_or_default(),
        label,
        params: line.params.into_iter().collect::<Params>(),
        parts: field.property.parts(),
        text: field.property.text(),
        value: line.value,
        layer: field.layer.word().to_owned(),
        source: mentioned.source(field.layer),
        layers: field.layers.iter().map(|layer| mentioned.layer(*layer)).collect(),
        hidden: field.hidden,
        changed_since_hidden: field.changed_since_hidden,
        time: rfc3339(shown.map_or(0, |sibling| sibling.clock)),
        device: device.map(|device| names.device(device)).unwrap_or_default(),
        path: device.map(|device| names.path(device)).unwrap_or_default(),
        others: card::others(register).into_iter().map(|sibling| other_value(sibling, names)).collect(),
    }
}

impl Mentioned {
    /// What the source of a layer is called; empty if it has no name.
    fn source(&self, layer: Layer) -> String {
        match layer {
            Layer::Account(account) => self.accounts.get(&account).cloned().unwrap_or_default(),
            Layer::Mine | Layer::Theirs(_) | Layer::Book(_) => String::new(),
        }
    }

    /// A layer by its source's id and what that is called, else by its word.
    fn layer(&self, layer: Layer) -> Named {
        let id = layer.source().map(|source| EntityId(source).to_string()).unwrap_or_default();
        let source = self.source(layer);
        Named { id, name: if source.is_empty() { layer.word().to_owned() } else { source } }
    }
}

fn other_value(sibling: &Sibling, names: &Names) -> OtherValue {
    let property = sibling.value.as_deref().and_then(|value| Property::decode(value).ok());
    OtherValue {
        value: property.as_ref().map(|property| property.line().value).unwrap_or_default(),
        text: property.as_ref().map(Property::text).unwrap_or_default(),
        removed: sibling.value.is_none(),
        device: names.device(sibling.device),
        time: rfc3339(sibling.clock),
    }
}

/// History as a card shows it: what stood in each property before. A time at which it did not stand bears its name, too.
pub(crate) fn history(past: &[Past], names: &Names) -> Vec<HistoryEntry> {
    let read = |past: &Past| past.value.as_deref().and_then(|value| Property::decode(value).ok());
    let named = past.iter().filter_map(|past| Some((past.path.clone(), read(past)?.name().into_owned())));
    let called: BTreeMap<Path, String> = named.collect();
    past.iter()
        .filter_map(|past| {
            let (_, property_id) = past.path.as_property()?;
            let property = read(past);
            Some(HistoryEntry {
                time: rfc3339(past.clock),
                device: names.device(past.device),
                property_id: property_id.to_string(),
                name: called.get(&past.path).cloned().unwrap_or_default(),
                text: property.as_ref().map(Property::text).unwrap_or_default(),
                value: property.map(|property| property.line().value).unwrap_or_default(),
                until: rfc3339(past.at),
                by: names.device(past.by),
            })
        })
        .collect()
}
