//! vCard to JSContact.

use super::{carets, carried, reading};
use crate::vcard::{Item, Property, Reader, Version, print};
use calcard::{Entry, Parser};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Makes a card. What the mapping loses is found by reading the result back, and carried apart.
pub(super) fn card(properties: &[&Property]) -> Value {
    // One spelling for everything: what 2.1 and 3.0 say in another way is converted first.
    let printed = print(properties, Version::V40);
    let Some(Item::Card(all)) = Reader::new(&printed).next() else { return bare() };
    let made_up_name = !properties.iter().any(|property| property.name() == "FN");
    let stated = all.properties.into_iter().filter(|property| !(made_up_name && property.name() == "FN"));
    let (mut carried, mut mapped): (Vec<Property>, Vec<Property>) = stated.partition(carried::is_foreign);
    let mut value = convert(&mapped);
    for _ in 0..ROUNDS_MAX {
        let back = reading::properties(value.clone()).unwrap_or_default();
        let (kept, lost) = survivors(mapped, &back);
        mapped = kept;
        if lost.is_empty() {
            drop_inventions(&mapped, &back, &mut value);
            break;
        }
        carried.extend(lost);
        value = convert(&mapped);
    }
    if let Some(object) = value.as_object_mut().filter(|_| !carried.is_empty()) {
        carried.sort_by_key(|property| property.order);
        object.insert("vCardProps".to_owned(), carried.iter().map(carried::to_jcard).collect());
    }
    value
}

fn convert(properties: &[Property]) -> Value {
    let text = text(properties);
    let Entry::VCard(card) = Parser::new(&text).entry() else { return bare() };
    let mut value = serde_json::to_value(card.into_jscontact::<String, String>()).unwrap_or_else(|_| bare());
    carried::lower_params(&mut value);
    carets::in_json(&mut value, carets::show);
    value
}

/// Prints the properties for calcard: parameters without the escapes of RFC 6868, which it does not know, and types in
/// lower case, as reading has them.
fn text(properties: &[Property]) -> String {
    let mut text = "BEGIN:VCARD\r\nVERSION:4.0\r\n".to_owned();
    for property in properties {
        let line = property.line();
        let is_odd = |name: &str, value: &str| {
            value.contains(['\n', '"', '^']) || name == "TYPE" && value.contains(|c: char| c.is_ascii_uppercase())
        };
        if line.params.iter().any(|(name, values)| values.iter().any(|value| is_odd(name, value))) {
            let plain = |name: &str, value: &str| {
                let hidden = carets::hide(value);
                if name == "TYPE" { hidden.to_ascii_lowercase() } else { hidden.into_owned() }
            };
            let params: BTreeMap<String, Vec<String>> = line
                .params
                .iter()
                .map(|(name, values)| (name.clone(), values.iter().map(|value| plain(name, value)).collect()))
                .collect();
            if let Ok(plain) = property.with_params(&params) {
                push(&plain, &mut text);
                continue;
            }
        }
        push(property, &mut text);
    }
    text.push_str("END:VCARD\r\n");
    text
}

fn push(property: &Property, text: &mut String) {
    text.push_str(&property.as_str().replace('\n', "\r\n"));
    text.push_str("\r\n");
}

/// Parts the properties into those that come back from the JSON and those that do not.
fn survivors(properties: Vec<Property>, back: &[Property]) -> (Vec<Property>, Vec<Property>) {
    let mut said: BTreeMap<String, usize> = BTreeMap::new();
    for text in back.iter().flat_map(essence) {
        *said.entry(text).or_default() += 1;
    }
    properties.into_iter().partition(|property| {
        essence(property).iter().all(|text| match said.get_mut(text) {
            Some(times) if *times > 0 => {
                *times -= 1;
                true
            }
            _ => false,
        })
    })
}

/// What must not be lost of a property: its name with its value, and of a list, which the mapping may take apart,
/// with every text of it.
fn essence(property: &Property) -> Vec<String> {
    let (name, mut parts) = (property.name(), property.parts());
    if matches!(&*name, "NICKNAME" | "CATEGORIES") {
        return parts.concat().into_iter().map(|text| format!("{name}:{text}")).collect();
    }
    for part in &mut parts {
        part.retain(|text| !text.is_empty());
    }
    while parts.last().is_some_and(Vec::is_empty) {
        parts.pop();
    }
    vec![format!("{name}:{parts:?}")]
}

/// Takes out of the JSON what the mapping added by itself and vCard has no place for, e.g. in which of several
/// organizations somebody has a role.
fn drop_inventions(stated: &[Property], back: &[Property], value: &mut Value) {
    let stated: BTreeSet<Vec<String>> = stated.iter().map(essence).collect();
    for invented in back.iter().filter(|property| property.name() == "JSPROP" && !stated.contains(&essence(property))) {
        let path = invented.line().params.into_iter().find(|(name, _)| name == "JSPTR").map(|(_, path)| path.concat());
        let path = path.unwrap_or_default();
        let (parent, key) = path.rsplit_once('/').map_or(("", path.as_str()), |(parent, key)| (parent, key));
        let parent = if parent.is_empty() { String::new() } else { format!("/{}", parent.trim_start_matches('/')) };
        if let Some(object) = value.pointer_mut(&parent).and_then(Value::as_object_mut) {
            object.remove(&key.replace("~1", "/").replace("~0", "~"));
        }
    }
}

fn bare() -> Value {
    json!({ "@type": "Card", "version": "1.0" })
}

/// How often what was lost is taken out and the rest tried again.
const ROUNDS_MAX: usize = 4;
