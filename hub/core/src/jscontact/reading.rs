//! JSContact to vCard.

use super::{TOO_LARGE, carets, carried};
use crate::vcard::{
    CARD_BYTES_MAX, Item, LineError, PHOTO_BYTES_MAX, PROPERTIES_MAX, ParsedCard, Problem, Property, Reader, Version,
    parts_to_value,
};
use calcard::jscontact::JSContact;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Reads one card; the error is a sentence without its full stop.
pub(super) fn card(json: &str, line: u32) -> Result<ParsedCard, String> {
    if json.len() > PHOTO_BYTES_MAX + CARD_BYTES_MAX {
        return Err(TOO_LARGE.to_owned());
    }
    let value: Value = serde_json::from_str(json).map_err(|_| "this is nested too deep for a card".to_owned())?;
    if text_bytes(&value) > CARD_BYTES_MAX {
        return Err(TOO_LARGE.to_owned());
    }
    let value = modern(value).ok_or("this is not a JSContact card")?;
    let (properties, problems) = taken(value, line)?;
    Ok(ParsedCard { version: Version::V40, line, properties, problems })
}

/// Returns the properties of a card that this module made.
pub(super) fn properties(value: Value) -> Option<Vec<Property>> {
    taken(value, 1).ok().map(|(properties, _)| properties)
}

fn taken(mut value: Value, line: u32) -> Result<(Vec<Property>, Vec<Problem>), String> {
    let carried = value.as_object_mut().and_then(|card| card.remove("vCardProps"));
    let zones = take_zones(&mut value);
    carried::lift_params(&mut value);
    carets::in_json(&mut value, carets::hide);
    let text = JSContact::<String, String>::parse(&value.to_string())
        .ok()
        .and_then(JSContact::into_vcard)
        .map(|card| card.to_string())
        .ok_or("this is not a JSContact card")?;
    let Some(Item::Card(mapped)) = Reader::new(&text).next() else {
        return Err("this is not a JSContact card".to_owned());
    };
    let mut problems = mapped.problems;
    let mut keyed: Vec<(Key, Property)> = Vec::with_capacity(mapped.properties.len());
    for property in mapped.properties {
        match restored(&property, &zones) {
            Ok(Some(found)) => keyed.push(found),
            Ok(None) => {}
            Err(error) => problems.push(Problem { line, reason: error.to_string() }),
        }
    }
    for (id, zone) in zones.into_iter().filter(|(_, zone)| !zone.of_address) {
        if let Ok(property) = Property::new(0, "TZ", &BTreeMap::new(), None, &parts_to_value("TZ", &[vec![zone.name]]))
        {
            keyed.push(((PLACES.len(), "TZ".to_owned(), made_up(&id), id), property));
        }
    }
    keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut properties: Vec<Property> = Vec::with_capacity(keyed.len());
    for (_, property) in keyed {
        match properties.last_mut() {
            Some(last) if let Some(both) = joined_nicknames(last, &property) => *last = both,
            _ => properties.push(property),
        }
    }
    for element in carried.iter().filter_map(Value::as_array).flatten() {
        match carried::from_jcard(element, 0) {
            Some(Ok(property)) => properties.push(property),
            Some(Err(error)) => problems.push(Problem { line, reason: error.to_string() }),
            None => problems.push(Problem { line, reason: "an element of vCardProps is not a property".to_owned() }),
        }
    }
    if properties.len() > PROPERTIES_MAX {
        return Err(TOO_LARGE.to_owned());
    }
    for (order, property) in (0..).zip(&mut properties) {
        property.order = order;
    }
    problems.iter_mut().for_each(|problem| problem.line = line);
    Ok((properties, problems))
}

/// Where a property stands among the others: names first, then as the keys of the JSON object count.
type Key = (usize, String, Option<u64>, String);

/// Mends what calcard writes: case, escapes, ids and orders that it makes up. `None` if all of it is made up.
fn restored(property: &Property, zones: &BTreeMap<String, Zone>) -> Result<Option<(Key, Property)>, LineError> {
    let line = property.line();
    let mut params: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, values) in line.params {
        let values = values.iter().map(|value| carets::show(value).into_owned());
        let lower = matches!(name.as_str(), "TYPE" | "VALUE");
        params.insert(name, values.map(|value| if lower { value.to_ascii_lowercase() } else { value }).collect());
    }
    let texts = |show: fn(&str) -> String| {
        let parts = property.parts().into_iter();
        parts.map(|texts| texts.iter().map(|text| show(text)).collect()).collect::<Vec<Vec<String>>>()
    };
    let mut parts = match line.name.as_str() {
        "FN" if params.remove("DERIVED").is_some() => return Ok(None),
        "JSPROP" => texts(shown_in_json),
        "KIND" | "GRAMGENDER" => texts(str::to_ascii_lowercase),
        _ => texts(|text| carets::show(text).into_owned()),
    };
    let is_usual = params.get("JSCOMPS").is_some_and(|order| is_usual_order(&order.concat()));
    if is_usual {
        params.remove("JSCOMPS");
    }
    match line.name.as_str() {
        "N" if parts.iter().skip(5).flatten().all(String::is_empty) => parts.truncate(5),
        "ADR" if is_usual && repeats(&parts) => parts.truncate(7),
        _ => {}
    }
    let id = params.get("PROP-ID").map(|id| id.concat()).unwrap_or_default();
    if made_up(&id).is_some() {
        params.remove("PROP-ID");
    }
    if let Some(zone) = zones.get(&id).filter(|_| line.name == "ADR") {
        params.insert("TZ".to_owned(), vec![zone.name.clone()]);
    }
    let value = match line.value.get(..4) {
        Some(scheme) if line.name == "TEL" && scheme.eq_ignore_ascii_case("tel:") => {
            format!("tel:{}", parts.concat().concat())
        }
        _ => parts_to_value(&line.name, &parts),
    };
    let name = if line.name == "X-ABLABEL" { "X-ABLabel" } else { &line.name };
    let property = Property::new(0, name, &params, line.group.as_deref(), &value)?;
    let place = PLACES.iter().position(|first| *first == line.name).unwrap_or(PLACES.len());
    Ok(Some(((place, line.name, made_up(&id), id), property)))
}

/// Puts nicknames of which nothing more is said into one list, as vCard has them; JSContact parts them.
fn joined_nicknames(one: &Property, other: &Property) -> Option<Property> {
    let bare = |property: &Property| property.as_str().starts_with("NICKNAME:");
    let both = || one.with_parts(&[[one.parts().concat(), other.parts().concat()].concat()]).ok();
    (bare(one) && bare(other)).then(both).flatten()
}

/// Tells whether the order of components (RFC 9555, 3.3.1) is the one in which vCard writes them anyway.
fn is_usual_order(order: &str) -> bool {
    let place = |component: &str| match component.split(',').next()?.parse::<u32>().ok()? {
        // The finer components of RFC 9554 that stand in for those of RFC 6350.
        8 => Some(1),
        11 => Some(2),
        place => Some(place),
    };
    let Some(components) = order.strip_prefix(';') else { return false };
    let places: Option<Vec<u32>> = components.split(';').map(place).collect();
    places.is_some_and(|places| places.is_sorted())
}

/// Tells whether the components that RFC 9554 added to an address only repeat the older ones.
fn repeats(parts: &[Vec<String>]) -> bool {
    let is_empty = |index: usize| parts.get(index).is_none_or(|texts| texts.iter().all(String::is_empty));
    (7..parts.len()).all(|index| match index {
        8 => is_empty(8) || parts[8] == parts[1],
        11 => is_empty(11) || parts[11] == parts[2],
        index => is_empty(index),
    })
}

/// A time zone, which calcard does not write by name.
struct Zone {
    name: String,
    /// Whether it is one of a place, rather than all that is known.
    of_address: bool,
}

/// Takes the time zones out of the addresses, by the addresses' ids.
fn take_zones(card: &mut Value) -> BTreeMap<String, Zone> {
    let mut zones = BTreeMap::new();
    let Some(addresses) = card.get_mut("addresses").and_then(Value::as_object_mut) else { return zones };
    for (id, address) in addresses.iter_mut() {
        let Some(address) = address.as_object_mut() else { continue };
        if let Some(Value::String(name)) = address.remove("timeZone") {
            let of_address = ["components", "full"].iter().any(|key| address.contains_key(*key));
            zones.insert(id.clone(), Zone { name, of_address });
        }
    }
    addresses.retain(|id, address| {
        let says_more = address.as_object().is_none_or(|address| address.keys().any(|key| key != "@type"));
        says_more || !zones.contains_key(id)
    });
    zones
}

/// The number in an id that the mapping made up: `k1`, `k2` and so on.
fn made_up(id: &str) -> Option<u64> {
    id.strip_prefix('k')?.parse().ok()
}

/// Shows what was hidden in a text that is itself JSON.
fn shown_in_json(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut shown, char| {
        match carets::show(char.encode_utf8(&mut [0; 4])).as_ref() {
            "\n" if char != '\n' => shown.push_str("\\n"),
            "\"" if char != '"' => shown.push_str("\\\""),
            other => shown.push_str(other),
        }
        shown
    })
}

/// Returns the card, if the value is one: by its type, or by what it has. The groups of an earlier draft become cards.
fn modern(value: Value) -> Option<Value> {
    let Value::Object(mut object) = value else { return None };
    match object.get("@type").map(Value::as_str) {
        Some(Some("Card")) => Some(object.into()),
        Some(Some("CardGroup")) => Some(group(object).into()),
        Some(_) => None,
        None => {
            let is_card = ["name", "emails", "phones", "organizations"]
                .iter()
                .any(|key| object.get(*key).is_some_and(Value::is_object));
            object.insert("@type".to_owned(), "Card".into());
            is_card.then(|| object.into())
        }
    }
}

fn group(mut object: Map<String, Value>) -> Map<String, Value> {
    let mut card = match object.remove("card") {
        Some(Value::Object(card)) => card,
        _ => Map::new(),
    };
    if let Some(Value::String(name)) = object.get("name") {
        let name = json!({ "full": name });
        object.insert("name".to_owned(), name);
    }
    card.append(&mut object);
    card.insert("@type".to_owned(), "Card".into());
    card.insert("kind".to_owned(), "group".into());
    card
}

/// The bytes of all texts but those of pictures.
fn text_bytes(value: &Value) -> usize {
    match value {
        Value::String(text) if text.starts_with("data:") => 0,
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(|value| text_bytes(value) + 1).sum(),
        Value::Object(object) => object.iter().map(|(key, value)| key.len() + text_bytes(value) + 1).sum(),
        _ => 1,
    }
}

/// The properties that come first, in this order.
const PLACES: [&str; 4] = ["FN", "N", "KIND", "UID"];
