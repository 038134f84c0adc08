//! What JSContact has no place for: whole properties in `vCardProps`, written as jCard (RFC 7095) does, and parameters
//! in the `vCardParams` of the object that the rest of the property became.
//!
//! calcard keeps both in an object `vCard` of its own; here its parameters move to where RFC 9555 wants them, and back.

use crate::vcard::{ContentLine, LineError, Property, Version, is_date, parts_to_value};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Writes a property as an element of `vCardProps`. The type `unknown` keeps a value as it is written (RFC 7095, 5).
pub(super) fn to_jcard(property: &Property) -> Value {
    let ContentLine { group, name, params, value } = property.line();
    let (mut kind, mut text) = ("unknown".to_owned(), value);
    let mut written = Map::new();
    for (name, values) in params {
        if name == "VALUE"
            && let [value] = values.as_slice()
        {
            kind = value.to_ascii_lowercase();
            continue;
        }
        let value = match <[String; 1]>::try_from(values) {
            Ok([value]) => Value::String(value),
            Err(values) => values.into(),
        };
        written.insert(name.to_ascii_lowercase(), value);
    }
    if let Some(group) = group {
        written.insert("group".to_owned(), group.into());
    }
    if kind == "text" {
        text = property.parts().concat().concat();
    }
    json!([name.to_ascii_lowercase(), written, kind, text])
}

/// Reads an element of `vCardProps`; `None` if it is not one.
pub(super) fn from_jcard(element: &Value, order: u32) -> Option<Result<Property, LineError>> {
    let [name, params, kind, values @ ..] = element.as_array()?.as_slice() else { return None };
    let (name, kind) = (name.as_str()?.to_ascii_uppercase(), kind.as_str()?.to_ascii_lowercase());
    let mut group = None;
    let mut written = BTreeMap::new();
    for (name, value) in params.as_object()? {
        let values: Vec<String> = match value {
            Value::Array(values) => values.iter().filter_map(plain).collect(),
            value => plain(value).into_iter().collect(),
        };
        match name.as_str() {
            "group" => group = values.into_iter().next(),
            name => drop(written.insert(name.to_ascii_uppercase(), values)),
        }
    }
    let raw = kind != "text" && !values.iter().any(Value::is_array);
    let value = if raw {
        values.iter().filter_map(plain).collect::<Vec<_>>().join(",")
    } else {
        parts_to_value(&name, &components(values))
    };
    let is_default = kind == "unknown" || (kind == "text" && !is_date(&name));
    if !is_default {
        written.insert("VALUE".to_owned(), vec![kind]);
    }
    let name = if name == "X-ABLABEL" { "X-ABLabel" } else { &name };
    Some(Property::new(order, name, &written, group.as_deref(), &value))
}

/// The components of a value of jCard: an array is a structured value, several values are a list.
fn components(values: &[Value]) -> Vec<Vec<String>> {
    match values {
        [Value::Array(components)] => components.iter().map(texts).collect(),
        values => vec![values.iter().flat_map(texts).collect()],
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().filter_map(plain).collect(),
        value => plain(value).into_iter().collect(),
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(is) => Some(if *is { "TRUE" } else { "FALSE" }.to_owned()),
        _ => None,
    }
}

/// Moves the parameters that calcard kept in `vCard` into the objects they belong to; those of a plain value stay.
pub(super) fn lower_params(card: &mut Value) {
    let Some(Value::Object(mut kept)) = card.as_object_mut().and_then(|card| card.remove("vCard")) else { return };
    // Whole properties are carried by this module.
    kept.remove("properties");
    if let Some(Value::Object(converted)) = kept.remove("convertedProperties") {
        let mut stay = Map::new();
        for (path, entry) in converted {
            let target = card.pointer_mut(&format!("/{path}")).and_then(Value::as_object_mut);
            let Some((target, entry)) = target.zip(entry.as_object()) else {
                stay.insert(path, entry);
                continue;
            };
            for (from, to) in [("parameters", "vCardParams"), ("name", "vCardName")] {
                if let Some(value) = entry.get(from) {
                    target.insert(to.to_owned(), value.clone());
                }
            }
        }
        if !stay.is_empty() {
            kept.insert("convertedProperties".to_owned(), stay.into());
        }
    }
    if let Some(card) = card.as_object_mut().filter(|_| !kept.is_empty()) {
        card.insert("vCard".to_owned(), kept.into());
    }
}

/// Moves the parameters from their objects to where calcard looks for them.
pub(super) fn lift_params(card: &mut Value) {
    let mut found = Map::new();
    collect(card, "", &mut found);
    if found.is_empty() {
        return;
    }
    let Some(card) = card.as_object_mut() else { return };
    let kept = card.entry("vCard").or_insert_with(|| json!({}));
    let Some(kept) = kept.as_object_mut() else { return };
    let converted = kept.entry("convertedProperties").or_insert_with(|| json!({}));
    if let Some(converted) = converted.as_object_mut() {
        for (path, entry) in found {
            converted.entry(path).or_insert(entry);
        }
    }
}

fn collect(value: &mut Value, path: &str, found: &mut Map<String, Value>) {
    let Some(object) = value.as_object_mut() else { return };
    let mut entry = Map::new();
    for (from, to) in [("vCardParams", "parameters"), ("vCardName", "name")] {
        if let Some(value) = object.remove(from) {
            entry.insert(to.to_owned(), value);
        }
    }
    if !entry.is_empty() {
        // calcard names the value that a property became where the object around it holds several.
        let value = VALUES.iter().find(|value| object.get(**value).is_some_and(Value::is_string));
        let path = value.map_or_else(|| path.to_owned(), |value| format!("{path}/{value}"));
        found.insert(path.trim_start_matches('/').to_owned(), entry.into());
    }
    for (key, value) in object.iter_mut().filter(|(key, _)| !matches!(key.as_str(), "vCard" | "localizations")) {
        let key = key.replace('~', "~0").replace('/', "~1");
        let path = if path.is_empty() { key } else { format!("{path}/{key}") };
        collect(value, &path, found);
    }
}

/// Tells whether JSContact surely has no place for a property, so that the mapping need not be tried.
pub(super) fn is_foreign(property: &Property) -> bool {
    let name = property.name();
    property.version != Version::V40
        || matches!(&*name, "AGENT" | "XML" | "GENDER" | "CLIENTPIDMAP")
        || (name.starts_with("X-") && name != "X-ABLABEL")
}

/// Under which keys the objects of a card hold their value, the more telling first.
const VALUES: [&str; 9] = ["number", "address", "note", "uri", "user", "value", "name", "pronouns", "language"];
