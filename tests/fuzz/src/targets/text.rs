//! Files that people import: vCards, JSContact, pictures; and edits of a property.

use kith_core::{
    contact::phone,
    csv::{self, Layout, Sheet, Writer},
    jscontact,
    vcard::{Item, ParsedCard, Property, Reader, Version, decode_file, parse, print},
};
use std::collections::BTreeMap;

/// A file is read and every property of it is shown and edited; what is printed reads as it was printed.
pub(crate) fn vcard(bytes: &[u8]) {
    let Ok(text) = decode_file(bytes) else { return };
    for item in Reader::new(&text) {
        let Item::Card(card) = item else { continue };
        for property in &card.properties {
            use_property(property);
        }
        for version in [Version::V30, Version::V40] {
            printed_reads_as_printed(&card, version);
        }
    }
}

fn use_property(property: &Property) {
    property.line();
    property.text();
    assert_eq!(&Property::decode(&property.encode()).expect("own bytes"), property);
    if let Ok(edited) = property.with_parts(&property.parts()) {
        assert_eq!(edited.name(), property.name());
    }
}

fn printed_reads_as_printed(card: &ParsedCard, version: Version) {
    let print = |card: &ParsedCard| print(&card.properties.iter().collect::<Vec<_>>(), version);
    let once = print(card);
    let again = parse(&once);
    assert_eq!(again.problems, [], "{once}");
    assert_eq!(again.cards.len(), 1, "{once}");
    let card = &again.cards[0];
    // A card at the limit of its size may pass it when it is converted.
    if card.problems.is_empty() {
        assert_eq!(print(card), once);
    }
}

/// A table is read; every row of it is a card, which can be written in every layout and is then a table again.
pub(crate) fn csv(bytes: &[u8]) {
    let Ok((text, _)) = csv::decode(bytes, None) else { return };
    let Ok(sheet) = Sheet::read(&text) else { return };
    assert_eq!(sheet.samples(3).len(), sheet.columns().len());
    let card = |item| match item {
        Item::Card(card) => Some(card),
        Item::Problem(_) => None,
    };
    let cards: Vec<ParsedCard> = sheet.cards().filter_map(card).collect();
    for layout in ["google", "outlook", "spreadsheet"].into_iter().filter_map(Layout::from_word) {
        let mut writer = Writer::new(layout);
        cards.iter().for_each(|card| writer.measure(&card.properties));
        let mut table = String::new();
        writer.header(&mut table);
        cards.iter().for_each(|card| writer.row(&card.properties, &mut table));
        let again = Sheet::read(&table).expect("an own table");
        assert!(again.count() <= cards.len(), "{table}");
    }
}

/// Telephone numbers are looked for in a text; a number is always the same as itself.
pub(crate) fn phone(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    phone::known_region(text);
    for region in [None, Some("DE"), Some("US"), Some("??")] {
        phone::numbers(text, region);
        phone::key(text, region);
        if phone::e164(text, region).is_some() {
            assert!(phone::same_number(text, text, region));
        }
    }
}

/// A property is read from the bytes of a book and edited with a text and a parameter; what comes out is one property
/// that reads back.
pub(crate) fn property(bytes: &[u8]) {
    if let Ok(property) = Property::decode(bytes) {
        use_property(&property);
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some((line, edit)) = text.split_once('\0') else { return };
    for version in [Version::V21, Version::V30, Version::V40] {
        let Ok(property) = Property::from_text(version, 0, line) else { continue };
        use_property(&property);
        let (name, value) = edit.split_once('=').unwrap_or(("X-EDIT", edit));
        let parts = vec![vec![value.to_owned()]];
        let params = BTreeMap::from([(name.to_owned(), vec![value.to_owned()])]);
        for edited in [property.with_parts(&parts), property.with_value(edit), property.with_params(&params)] {
            let Ok(edited) = edited else { continue };
            let again = Property::from_text(edited.version, edited.order, edited.as_str()).expect("its own text");
            assert_eq!(again, edited);
            assert_eq!(edited.name(), property.name());
        }
    }
}

/// A file of JSContact is read; every card of it is a card, which can be written again and then says as much.
pub(crate) fn jscontact(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(parsed) = jscontact::read(text) else { return };
    for card in parsed.cards {
        card.properties.iter().for_each(use_property);
        let written = jscontact::write(std::slice::from_ref(&card.properties));
        let again = jscontact::read(&written).expect("own JSContact");
        assert_eq!(again.problems, [], "{written}");
        assert_eq!(again.cards.len(), 1, "{written}");
    }
}

/// A picture is searched for codes.
pub(crate) fn picture(bytes: &[u8]) {
    // Whatever it is, it is an answer.
    let _ = kith_hub::picture::codes(bytes);
}
