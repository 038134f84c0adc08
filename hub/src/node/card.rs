//! A contact's registers as a card, the way a person reads it.

use crate::{
    api::{Card, CardProperty, HistoryEntry, Named, OtherValue, Params},
    clock::rfc3339,
    store::{Past, ordered_properties},
};
use kith_core::{
    book,
    contact::{display_name, is_organisation, label, reading},
    entity::Entity,
    id::{DeviceId, EntityId},
    path::Path,
    register::{Register, Sibling},
    vcard::Property,
};
use std::collections::BTreeMap;

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

/// Builds the card of a contact. Groups and tags are given as far as they are not in the trash.
pub(crate) fn card(id: EntityId, entity: &Entity, me: bool, names: &Names, groups: &[Named], tags: &[Named]) -> Card {
    let ordered = ordered_properties(entity);
    let properties: Vec<&Property> = ordered.iter().map(|(_, property)| property).collect();
    let member = |path: fn(EntityId) -> Path, named: &&Named| {
        let group = named.id.parse().ok().and_then(|id| entity.register(&path(id)));
        group.is_some_and(|register| register.value().is_some())
    };
    Card {
        id: id.to_string(),
        name: display_name(&properties),
        reading: reading(&properties),
        organisation: is_organisation(&properties),
        me,
        trashed: book::is_trashed(entity),
        trash_undecided: book::is_trash_undecided(entity),
        properties: ordered
            .iter()
            .filter_map(|(id, property)| {
                let register = entity.register(&Path::mine(*id))?;
                Some(card_property(id.to_string(), property, &properties, register, names))
            })
            .collect(),
        groups: groups.iter().filter(|named| member(Path::in_group, named)).cloned().collect(),
        tags: tags.iter().filter(|named| member(Path::tagged, named)).cloned().collect(),
        history: None,
    }
}

fn card_property(
    id: String,
    property: &Property,
    siblings: &[&Property],
    register: &Register,
    names: &Names,
) -> CardProperty {
    let line = property.line();
    let shown = register.shown();
    let device = shown.map(|sibling| sibling.device);
    CardProperty {
        id,
        name: line.name.clone(),
        group: line.group.clone().unwrap_or_default(),
        label: label(property, siblings),
        params: line.params.into_iter().collect::<Params>(),
        parts: property.parts(),
        text: property.text(),
        value: line.value,
        layer: "mine".to_owned(),
        source: String::new(),
        layers: Vec::new(),
        hidden: false,
        changed_since_hidden: false,
        e164: String::new(),
        time: rfc3339(shown.map_or(0, |sibling| sibling.clock)),
        device: device.map(|device| names.device(device)).unwrap_or_default(),
        path: device.map(|device| names.path(device)).unwrap_or_default(),
        others: register.others().into_iter().map(|sibling| other_value(sibling, names)).collect(),
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

/// History as a card shows it: what stood in each property before.
pub(crate) fn history(past: &[Past], names: &Names) -> Vec<HistoryEntry> {
    past.iter()
        .filter_map(|past| {
            let property_id = past.path.as_mine()?;
            let property = past.value.as_deref().and_then(|value| Property::decode(value).ok());
            Some(HistoryEntry {
                time: rfc3339(past.clock),
                device: names.device(past.device),
                property_id: property_id.to_string(),
                name: property.as_ref().map(|property| property.name().into_owned()).unwrap_or_default(),
                text: property.as_ref().map(Property::text).unwrap_or_default(),
                value: property.map(|property| property.line().value).unwrap_or_default(),
                until: rfc3339(past.at),
                by: names.device(past.by),
            })
        })
        .collect()
}
