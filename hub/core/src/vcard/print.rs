//! Properties to the text of a card, in 3.0 or 4.0.

use super::{
    Line, Property, Version,
    convert::text_for,
    name::formatted_name,
    property::fold,
    translate::translations,
    value::{DERIVED, Kind, escape},
};
use std::borrow::Borrow;

/// Prints a card with CRLF line breaks. See [`print_into`].
pub fn print(properties: &[&Property], version: Version) -> String {
    let mut text = String::new();
    print_into(properties, version, &mut text);
    text
}

/// Appends a card to a text, its properties in their order. 2.1 is never written: 3.0 is, in its place.
///
/// A property written under this version, or spelled alike in it, leaves byte for byte, with its folds; others are
/// converted. A missing `FN`, and in 3.0 a missing `N`, is made up from the others for this text only; the card says
/// so in `X-KITH-DERIVED`, by which [`super::Reader`] takes them out again.
pub fn print_into(properties: &[&Property], version: Version, text: &mut String) {
    let target = version.max(Version::V30);
    let ordered = ordered(properties);
    let lines: Vec<Line<'_>> = ordered.iter().map(|property| property.parsed()).collect();
    text.push_str("BEGIN:VCARD\r\nVERSION:");
    text.push_str(target.as_str());
    text.push_str("\r\n");
    for line in made_up(&lines, target) {
        push_line(&line, text);
    }
    for (property, translation) in ordered.iter().zip(translations(&lines, target)) {
        if !translation.skipped {
            push_line(&text_for(property, target, &translation), text);
        }
        if let Some(line) = &translation.followed_by {
            push_line(line, text);
        }
    }
    text.push_str("END:VCARD\r\n");
}

/// Returns the properties in the order of their card.
pub(super) fn ordered<P: Borrow<Property>>(properties: &[P]) -> Vec<&Property> {
    let mut ordered: Vec<&Property> = properties.iter().map(Borrow::borrow).collect();
    ordered.sort_by_key(|property| property.order);
    ordered
}

/// Returns the `N` and `FN` that the version demands and the card lacks, folded, and a line that says which they are.
///
/// The whole name goes into the given name: nobody can tell from outside where a family name begins.
pub(super) fn made_up(lines: &[Line<'_>], target: Version) -> Vec<String> {
    let lacks = |name: &str| !lines.iter().any(|line| line.name == name);
    let (lacks_n, lacks_fn) = (target == Version::V30 && lacks("N"), lacks("FN"));
    if !lacks_n && !lacks_fn {
        return Vec::new();
    }
    let mut name = String::new();
    escape(&formatted_name(lines), Kind::Text, &mut name);
    let says = |name: &str, value: &str| lines.iter().any(|line| line.name == name && is(&line.text(), value));
    let organisation = says("KIND", "org") || says("X-ABSHOWAS", "COMPANY");
    let mut made_up = Vec::new();
    if lacks_n {
        made_up.push(if organisation { "N:;;;;".to_owned() } else { fold(format!("N:;{name};;;")) });
    }
    if lacks_fn {
        made_up.push(fold(format!("FN:{name}")));
    }
    let names = [("N", lacks_n), ("FN", lacks_fn)];
    let names: Vec<&str> = names.into_iter().filter(|(_, lacks)| *lacks).map(|(name, _)| name).collect();
    made_up.push(format!("{DERIVED}:{}", names.join(",")));
    made_up
}

fn is(text: &str, value: &str) -> bool {
    text.trim().eq_ignore_ascii_case(value)
}

fn push_line(line: &str, text: &mut String) {
    for (index, piece) in line.split('\n').enumerate() {
        if index > 0 {
            text.push_str("\r\n");
        }
        text.push_str(piece);
    }
    text.push_str("\r\n");
}
