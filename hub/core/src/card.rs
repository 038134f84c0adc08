//! The card: the sum of a contact's layers, as shown and exported (rules section 5).
//!
//! Of a property that a card has once, the layer that comes first wins: mine, theirs, book, account. Of the others the
//! card is the union, and what says the same is shown once, with all its layers.

use crate::{entity::Entity, id::PropertyId, layer::Layer, vcard::Property};

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

/// The region whose telephone numbers are written without a country code, e.g. `DE` (ISO 3166-1 alpha-2).
pub type Region<'a> = Option<&'a str>;

/// Returns every property that any layer states, in the order of the card; those that are not part of it are marked.
pub fn fields(entity: &Entity, _region: Region<'_>) -> Vec<Field> {
    let mut fields: Vec<Field> = entity
        .registers()
        .filter_map(|(path, register)| {
            let (layer, id) = path.as_property()?;
            let property = Property::decode(register.value()?).ok()?;
            Some(Field { id, layer, property, layers: vec![layer], hidden: false, changed_since_hidden: false })
        })
        .collect();
    fields.sort_by_key(|field| (field.layer, field.property.order, field.id));
    fields
}

/// Returns the properties that make up the card, in its order.
pub fn properties(entity: &Entity, region: Region<'_>) -> Vec<(PropertyId, Property)> {
    let shown = fields(entity, region).into_iter().filter(|field| !field.hidden);
    shown.map(|field| (field.id, field.property)).collect()
}
