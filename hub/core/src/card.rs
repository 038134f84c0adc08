//! The card: the sum of a contact's layers, as shown and exported (rules section 5).
//!
//! Of a property that a card has once, the layer that comes first wins: mine, theirs, book, account; of several accounts
//! the one with the least id, which is the same one on every device. What it overrides is there to look at. Of the other
//! properties the card is the union; what two layers say alike is shown once, with both. A value that I hid is left out
//! until its layer says something else. My own layer alone is the card as it is: nothing of it is left out or changed.

#[cfg(test)]
mod tests;

use crate::{
    contact::{fold, phone},
    entity::Entity,
    id::{EntityId, PropertyId},
    layer::Layer,
    path::Path,
    register::{Register, Sibling},
    replica::Edit,
    vcard::{PartialDate, Property, is_single},
};
use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

/// One property of a card.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its id; no two of a contact have the same, whatever the layer.
    pub id: PropertyId,
    /// The layer whose text is shown.
    pub layer: Layer,
    /// The property as shown.
    pub property: Property,
    /// Every layer that says the same, in the order of precedence; the shown one first.
    pub layers: Vec<Layer>,
    /// Not part of the card: overridden by another layer, or hidden by me.
    pub hidden: bool,
    /// I hid another value of it before this one came.
    pub changed_since_hidden: bool,
}

/// What one layer says, in its own words.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Who says it.
    pub layer: Layer,
    /// Under which id.
    pub id: PropertyId,
    /// What.
    pub property: Property,
}

/// The region whose telephone numbers are written without a country code, e.g. `DE` (ISO 3166-1 alpha-2).
pub type Region<'a> = Option<&'a str>;

/// Returns every property that any layer states, in the order of the card; those that are not part of it are marked.
///
/// Layers group and label their properties without knowing of each other: where two use the same group name, the later
/// layer's is another one here, so that labels do not mix.
pub fn fields(entity: &Entity, region: Region<'_>) -> Vec<Field> {
    let statements = statements(entity);
    if statements.iter().all(|statement| statement.layer == Layer::Mine) {
        return statements.into_iter().map(Field::of).collect();
    }
    let several = statements.first().map(|first| first.layer) != statements.last().map(|last| last.layer);
    let mut fields: Vec<Field> = statements.into_iter().map(|statement| Field::judged(statement, entity)).collect();
    if several {
        fields = unite(fields, region);
        override_singles(&mut fields);
        tell_groups_apart(&mut fields);
    }
    leave_out_companions(&mut fields);
    fields
}

/// Returns the properties that make up the card, in its order.
pub fn properties(entity: &Entity, region: Region<'_>) -> Vec<(PropertyId, Property)> {
    let shown = fields(entity, region).into_iter().filter(|field| !field.hidden);
    shown.map(|field| (field.id, field.property)).collect()
}

/// Returns what each layer says, mine first, each in its order.
pub fn statements(entity: &Entity) -> Vec<Statement> {
    let mut statements: Vec<Statement> = entity
        .registers()
        .filter_map(|(path, register)| {
            let (layer, id) = path.as_property()?;
            Some(Statement { layer, id, property: Property::decode(register.value()?).ok()? })
        })
        .collect();
    statements.sort_by_key(|statement| (statement.layer, statement.property.order, statement.id));
    statements
}

/// Returns what two spellings of one value have in common: telephone numbers in their international form, mail addresses
/// in lower case, dates as dates, everything else without the space around it. Values of different names are not alike.
pub fn likeness(property: &Property, region: Region<'_>) -> (String, String) {
    let line = property.parsed();
    let name = line.name.clone().into_owned();
    let text = || line.text().trim().to_owned();
    let key = match &*name {
        "TEL" => phone::key(&line.text(), region),
        "EMAIL" => {
            let text = text();
            fold(text.strip_prefix("mailto:").unwrap_or(&text)).into_owned()
        }
        "BDAY" | "ANNIVERSARY" | "DEATHDATE" | "X-ABDATE" | "X-ANNIVERSARY" => {
            let text = text();
            let date = PartialDate::from_text(&text).filter(|_| !text.contains(['T', 't']));
            date.map_or(text, PartialDate::to_basic)
        }
        "PHOTO" | "LOGO" | "SOUND" | "KEY" => line.value().chars().filter(|char| !char.is_whitespace()).collect(),
        _ => {
            let parts = crate::vcard::parts(&line);
            let parts: Vec<String> = parts.iter().map(|texts| trimmed(texts).join(",")).collect();
            parts.join(";").trim_end_matches(';').to_owned()
        }
    };
    let key = if key.is_empty() { text() } else { key };
    (name, key)
}

fn trimmed(texts: &[String]) -> Vec<&str> {
    texts.iter().map(|text| text.trim()).collect()
}

/// The values of a property beside the shown one, each once, until somebody chooses. Where devices only put it in another
/// place at the same time, there is nothing to choose.
pub fn others(register: &Register) -> Vec<&Sibling> {
    let said = |value: Option<&[u8]>| {
        let property = value.and_then(|value| Property::decode(value).ok());
        let anywhere = property.map(|mut property| {
            property.order = 0;
            property.encode()
        });
        anywhere.or_else(|| value.map(<[u8]>::to_vec))
    };
    let mut known = BTreeSet::from([said(register.value())]);
    register.others().into_iter().filter(|other| known.insert(said(other.value.as_deref()))).collect()
}

/// The edit by which I hide what a layer says now. Goes with [`crate::book::set_state`].
pub fn hide(contact: EntityId, statement: &Statement) -> Edit {
    let value = Some(hidden_mark(&statement.property));
    Edit { entity: contact, path: Path::hidden(statement.layer, statement.id), value }
}

/// The edit that shows again what a layer says. Goes with [`crate::book::set_state`].
pub fn show(contact: EntityId, statement: &Statement) -> Edit {
    Edit { entity: contact, path: Path::hidden(statement.layer, statement.id), value: None }
}

/// Whether I hid just this value.
pub fn is_hidden(entity: &Entity, statement: &Statement) -> bool {
    let mark = entity.register(&Path::hidden(statement.layer, statement.id)).and_then(|register| register.value());
    mark.is_some_and(|mark| mark == hidden_mark(&statement.property))
}

/// What is kept of a hidden value: MessagePack of a digest of name and value. Parameters may change without notice.
fn hidden_mark(property: &Property) -> Vec<u8> {
    let line = property.parsed();
    let mut hasher = blake3::Hasher::new_derive_key("kith 2026 hidden value");
    hasher.update(line.name.as_bytes());
    hasher.update(b":");
    hasher.update(line.value().as_bytes());
    let mut mark = vec![BIN_8, MARK_BYTES as u8];
    mark.extend_from_slice(&hasher.finalize().as_bytes()[..MARK_BYTES]);
    mark
}

/// Tells whether a property only says something about the others of its group: a label, the format of an address.
pub fn is_companion(name: &str) -> bool {
    matches!(name, "X-ABLABEL" | "X-ABADR")
}

impl Field {
    fn of(Statement { layer, id, property }: Statement) -> Self {
        Self { id, layer, property, layers: vec![layer], hidden: false, changed_since_hidden: false }
    }

    fn judged(statement: Statement, entity: &Entity) -> Self {
        let mark = entity.register(&Path::hidden(statement.layer, statement.id)).and_then(|register| register.value());
        let hidden = mark.is_some() && is_hidden(entity, &statement);
        let changed_since_hidden = mark.is_some() && !hidden;
        Self { hidden, changed_since_hidden, ..Self::of(statement) }
    }

    fn group(&self) -> String {
        self.property.parsed().group().to_ascii_lowercase()
    }
}

/// Marks what another layer overrides.
fn override_singles(fields: &mut [Field]) {
    let mut winners: BTreeMap<String, Layer> = BTreeMap::new();
    for field in fields {
        let name = field.property.name();
        if field.hidden || !is_single(&name) {
            continue;
        }
        let winner = *winners.entry(name.into_owned()).or_insert(field.layer);
        field.hidden = field.layer != winner;
    }
}

/// Makes one of what layers say alike. What one layer says twice it meant twice.
fn unite(fields: Vec<Field>, region: Region<'_>) -> Vec<Field> {
    let mut united: Vec<Field> = Vec::with_capacity(fields.len());
    let mut known: BTreeMap<(String, String), usize> = BTreeMap::new();
    for field in fields {
        if field.hidden || is_companion(&field.property.name()) {
            united.push(field);
            continue;
        }
        match known.entry(likeness(&field.property, region)) {
            Entry::Occupied(first) if united[*first.get()].layer != field.layer => {
                let shown = &mut united[*first.get()];
                shown.changed_since_hidden |= field.changed_since_hidden;
                if !shown.layers.contains(&field.layer) {
                    shown.layers.push(field.layer);
                }
            }
            place => {
                place.or_insert(united.len());
                united.push(field);
            }
        }
    }
    united
}

/// Gives a layer's group another name where a layer before it has one of that name.
fn tell_groups_apart(fields: &mut [Field]) {
    let mut taken: BTreeSet<String> = fields.iter().map(Field::group).collect();
    let mut owners: BTreeMap<String, Layer> = BTreeMap::new();
    let mut renamed: BTreeMap<(Layer, String), String> = BTreeMap::new();
    let mut next = 1;
    for field in fields {
        let group = field.group();
        if group.is_empty() || *owners.entry(group.clone()).or_insert(field.layer) == field.layer {
            continue;
        }
        let fresh = renamed.entry((field.layer, group)).or_insert_with(|| {
            loop {
                let name = format!("item{next}");
                next += 1;
                if taken.insert(name.clone()) {
                    return name;
                }
            }
        });
        field.property = regrouped(&field.property, fresh);
    }
}

/// Returns a property with another group, or without one if it is empty; its text else as it came.
pub fn regrouped(property: &Property, group: &str) -> Property {
    let old = property.parsed().group().to_owned();
    let text = property.as_str();
    let rest = match text.get(..old.len()) {
        Some(start) if !old.is_empty() && start == old => &text[old.len() + 1..],
        _ if old.is_empty() => text,
        // A fold runs through the name of the group: too strange to be worth more.
        _ => return property.clone(),
    };
    let text = if group.is_empty() { rest.to_owned() } else { format!("{group}.{rest}") };
    Property::from_text(property.version, property.order, text).unwrap_or_else(|_| property.clone())
}

/// Leaves out labels of which nothing that they speak of is shown.
fn leave_out_companions(fields: &mut [Field]) {
    let mut shown: BTreeSet<(Layer, String)> = BTreeSet::new();
    for field in fields.iter().filter(|field| !field.hidden && !is_companion(&field.property.name())) {
        shown.insert((field.layer, field.group()));
    }
    for field in fields.iter_mut().filter(|field| field.layer != Layer::Mine) {
        if is_companion(&field.property.name()) {
            field.hidden = field.hidden || !shown.contains(&(field.layer, field.group()));
        }
    }
}

/// Bytes of the digest of a hidden value.
const MARK_BYTES: usize = 16;
/// MessagePack: bytes with a length of one byte.
const BIN_8: u8 = 0xc4;
