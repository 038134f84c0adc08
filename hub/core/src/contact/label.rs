//! What a property is called: the person's own label, or its type.

use crate::vcard::{Line, Property};
use std::{borrow::Borrow, collections::BTreeMap};

/// Returns what to call each property of a contact: the label that the person gave it (`itemN.X-ABLabel`), else its
/// types in lower case without those that say nothing; empty if there is neither.
///
/// Apple's built-in labels, `_$!<Home>!$_`, become `home`.
pub fn labels<P: Borrow<Property>>(properties: &[P]) -> Vec<String> {
    let lines: Vec<Line<'_>> = properties.iter().map(|property| property.borrow().parsed()).collect();
    let mut own: BTreeMap<String, String> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.name == "X-ABLABEL" && !line.group().is_empty()) {
        let label = own_label(line.text().trim());
        if !label.is_empty() {
            own.entry(line.group().to_ascii_lowercase()).or_insert(label);
        }
    }
    let label = |line: &Line<'_>| match own.get(&line.group().to_ascii_lowercase()) {
        Some(own) if line.name != "X-ABLABEL" => own.clone(),
        _ => type_label(line),
    };
    lines.iter().map(label).collect()
}

/// Returns what to call one property among its siblings, as [`labels`] does for all of them at once.
pub fn label(property: &Property, siblings: &[&Property]) -> String {
    let group = property.parsed().group().to_owned();
    let is_mate = |other: &&&Property| other.parsed().group().eq_ignore_ascii_case(&group);
    let mates = siblings.iter().filter(is_mate).copied();
    labels(&std::iter::once(property).chain(mates).collect::<Vec<_>>()).swap_remove(0)
}

fn own_label(text: &str) -> String {
    match text.strip_prefix("_$!<").and_then(|text| text.strip_suffix(">!$_")) {
        Some(built_in) => built_in.to_lowercase(),
        None => text.to_owned(),
    }
}

fn type_label(line: &Line<'_>) -> String {
    let mut types: Vec<String> = Vec::new();
    for value in line.types() {
        let lower = value.trim().to_lowercase();
        let word = lower.strip_prefix("x-").unwrap_or(&lower);
        if !word.is_empty() && !SILENT.contains(&word) && !types.iter().any(|known| known == word) {
            types.push(word.to_owned());
        }
    }
    // Where before what: "home fax", whichever came first.
    types.sort_by_key(|word| !matches!(word.as_str(), "home" | "work"));
    if types.is_empty()
        && let Some(service) = line.param("SERVICE-TYPE").or_else(|| line.param("X-SERVICE-TYPE"))
    {
        return service.into_owned();
    }
    types.join(" ")
}

/// Types that say nothing to a person. The last ones tell formats of pictures and keys.
const SILENT: [&str; 14] =
    ["internet", "pref", "voice", "text", "msg", "x400", "jpeg", "jpg", "png", "gif", "webp", "pgp", "x509", "basic"];
