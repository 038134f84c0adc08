//! `MECARD:` and `BIZCARD:`, the cards in the QR codes of Japanese telephones, as vCards.
//!
//! Both are fields with semicolons after them; a backslash takes the meaning from the character behind it.

use kith_core::vcard::{Property, Version, parts_to_value, print};
use std::collections::BTreeMap;

/// Returns the card as a vCard; `None` if the text is neither.
pub(super) fn to_vcard(text: &str) -> Option<String> {
    let text = text.trim();
    let (head, body) = text.split_once(':')?;
    let properties = match head.to_ascii_uppercase().as_str() {
        "MECARD" => mecard(body),
        "BIZCARD" => bizcard(body),
        _ => return None,
    };
    let properties: Vec<&Property> = properties.iter().collect();
    (!properties.is_empty()).then(|| print(&properties, Version::V30))
}

fn mecard(body: &str) -> Vec<Property> {
    let mut card = Draft::default();
    for (name, value) in fields(body) {
        let texts: Vec<String> = split(value, ',').iter().map(|text| unescape(text)).collect();
        match name.as_str() {
            "N" => card.name(&texts),
            // The reading, by the same parts as the name.
            "SOUND" => {
                for (name, text) in ["X-PHONETIC-LAST-NAME", "X-PHONETIC-FIRST-NAME"].iter().zip(&texts) {
                    card.push(name, None, vec![vec![text.clone()]]);
                }
            }
            // House or box, room, street, town, region, code, country: as in vCard. Some write only one text.
            "ADR" if texts.len() > 3 => card.push("ADR", None, texts.into_iter().map(|text| vec![text]).collect()),
            "ADR" => card.push("ADR", None, street(unescape(value))),
            "TEL-AV" => card.push("TEL", Some("video"), vec![vec![unescape(value)]]),
            "TEL" | "EMAIL" | "BDAY" | "URL" | "NICKNAME" | "NOTE" | "ORG" | "TITLE" => {
                card.push(&name, None, vec![vec![unescape(value)]]);
            }
            "MEMO" => card.push("NOTE", None, vec![vec![unescape(value)]]),
            _ => {}
        }
    }
    card.properties
}

fn bizcard(body: &str) -> Vec<Property> {
    let mut card = Draft::default();
    let (mut given, mut family) = (String::new(), String::new());
    for (name, value) in fields(body) {
        let text = unescape(value);
        match name.as_str() {
            "N" => given = text,
            "X" => family = text,
            "T" => card.push("TITLE", None, vec![vec![text]]),
            "C" => card.push("ORG", None, vec![vec![text]]),
            "A" => card.push("ADR", Some("work"), street(text)),
            "B" => card.push("TEL", Some("work"), vec![vec![text]]),
            "M" => card.push("TEL", Some("cell"), vec![vec![text]]),
            "F" => card.push("TEL", Some("fax"), vec![vec![text]]),
            "E" => card.push("EMAIL", None, vec![vec![text]]),
            _ => {}
        }
    }
    if !given.is_empty() || !family.is_empty() {
        card.name(&[family, given]);
    }
    card.properties
}

fn street(text: String) -> Vec<Vec<String>> {
    vec![vec![], vec![], vec![text]]
}

/// The properties of a card in the making.
#[derive(Default)]
struct Draft {
    properties: Vec<Property>,
}

impl Draft {
    fn name(&mut self, texts: &[String]) {
        self.push("N", None, texts.iter().map(|text| vec![text.clone()]).collect());
    }

    fn push(&mut self, name: &str, kind: Option<&str>, parts: Vec<Vec<String>>) {
        if parts.iter().flatten().all(|text| text.trim().is_empty()) {
            return;
        }
        let params: BTreeMap<_, _> = kind.map(|kind| ("TYPE".to_owned(), vec![kind.to_owned()])).into_iter().collect();
        let order = u32::try_from(self.properties.len()).unwrap_or(u32::MAX);
        // What is longer than a property may be is left out.
        self.properties.extend(Property::new(order, name, &params, None, &parts_to_value(name, &parts)));
    }
}

/// The fields, by their upper-case names, with their values as they stand.
fn fields(body: &str) -> Vec<(String, &str)> {
    let fields = split(body, ';').into_iter().filter_map(|field| field.split_once(':'));
    fields.map(|(name, value)| (name.trim().to_ascii_uppercase(), value)).collect()
}

/// Splits at a separator that no backslash stands before.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut pieces, mut start, mut escaped) = (Vec::new(), 0, false);
    for (at, char) in text.char_indices() {
        if char == separator && !escaped {
            pieces.push(&text[start..at]);
            start = at + char.len_utf8();
        }
        escaped = char == '\\' && !escaped;
    }
    pieces.push(&text[start..]);
    pieces
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' => plain.extend(chars.next()),
            char => plain.push(char),
        }
    }
    plain
}
