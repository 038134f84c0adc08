//! Properties to the text of a card, in 3.0 or 4.0.

use super::{
    Property, Version,
    convert::text_for,
    name::formatted_name,
    property::fold,
    value::{Kind, escape},
};

/// Prints a card with CRLF line breaks. See [`print_into`].
pub fn print(properties: &[&Property], version: Version) -> String {
    let mut text = String::new();
    print_into(properties, version, &mut text);
    text
}

/// Appends a card to a text, its properties in their order. 2.1 is never written: 3.0 is, in its place.
///
/// A property written under this version, or spelled alike in it, leaves byte for byte, with its folds; others are
/// converted. A missing `FN`, and in 3.0 a missing `N`, is made up from the others for this text only.
pub fn print_into(properties: &[&Property], version: Version, text: &mut String) {
    let target = version.max(Version::V30);
    let mut ordered: Vec<&Property> = properties.to_vec();
    ordered.sort_by_key(|property| property.order);
    text.push_str("BEGIN:VCARD\r\nVERSION:");
    text.push_str(target.as_str());
    text.push_str("\r\n");
    print_names(&ordered, target, text);
    for property in ordered {
        push_line(&text_for(property, target), text);
    }
    text.push_str("END:VCARD\r\n");
}

/// Prints the `N` and `FN` that the version demands and the card lacks. The whole name goes into the given name:
/// nobody can tell from outside where a family name begins.
fn print_names(properties: &[&Property], target: Version, text: &mut String) {
    let lacks = |name: &str| !properties.iter().any(|property| property.parsed().name == name);
    let (lacks_n, lacks_fn) = (target == Version::V30 && lacks("N"), lacks("FN"));
    if !lacks_n && !lacks_fn {
        return;
    }
    let lines: Vec<_> = properties.iter().map(|property| property.parsed()).collect();
    let mut name = String::new();
    escape(&formatted_name(&lines), Kind::Text, &mut name);
    let says = |name: &str, value: &str| lines.iter().any(|line| line.name == name && is(&line.text(), value));
    let organisation = says("KIND", "org") || says("X-ABSHOWAS", "COMPANY");
    if lacks_n {
        let line = if organisation { "N:;;;;".to_owned() } else { format!("N:;{name};;;") };
        push_line(&fold(line), text);
    }
    if lacks_fn {
        push_line(&fold(format!("FN:{name}")), text);
    }
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
