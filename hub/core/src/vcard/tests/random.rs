//! Arbitrary input: nothing panics, nothing takes longer than its length, what is written can be read.

use super::*;
use crate::vcard::{decode_file, parts_to_value};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Text in which what matters to the parser is frequent.
fn card_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("BEGIN:VCARD\n"),
        Just("END:VCARD\r\n"),
        Just("VERSION:2.1\n"),
        Just("VERSION:4.0\n"),
        Just("AGENT:\n"),
        Just("NOTE;ENCODING=QUOTED-PRINTABLE:a=C3=\n"),
        Just("PHOTO;ENCODING=BASE64:\n"),
        Just("PHOTO;VALUE=uri:data:image/png;base64,"),
        Just("TEL;HOME;PREF:"),
        Just("N:;"),
        Just("item1.X-ABLabel"),
        Just("BDAY:1604-01-02"),
        Just("AAAA\n"),
        Just("\n "),
        Just("\r"),
        Just("="),
        Just("\""),
        Just(":"),
        Just(";"),
        Just("\\"),
        Just("é"),
    ];
    let mixed = prop_oneof![4 => piece.prop_map(str::to_owned), 1 => any::<String>()];
    prop::collection::vec(mixed, 0..40).prop_map(|pieces| format!("BEGIN:VCARD\n{}", pieces.concat()))
}

proptest! {
    #[test]
    fn parsing_never_panics_and_every_property_can_be_used(text in card_text()) {
        let _ = decode_file(text.as_bytes());
        for card in parse(&text).cards {
            for property in &card.properties {
                property.text();
                property.line();
                prop_assert_eq!(&Property::decode(&property.encode()).expect("own bytes"), property);
                let again = property.with_parts(&property.parts()).expect("an edit");
                prop_assert_eq!(again.text().replace(' ', ""), property.text().replace(' ', ""));
            }
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let text = [b"BEGIN:VCARD\n".as_slice(), &bytes].concat();
        if let Ok(text) = decode_file(&text) {
            parse(&text);
        }
        let _ = Property::decode(&bytes);
    }

    #[test]
    fn what_is_printed_is_a_fixed_point(text in card_text(), new in any::<bool>()) {
        let version = if new { Version::V40 } else { Version::V30 };
        for card in parse(&text).cards {
            let once = print(&card, version);
            let parsed = parse(&once);
            prop_assert_eq!(&parsed.problems, &[]);
            prop_assert_eq!(parsed.cards.len(), 1, "{}", once);
            prop_assert_eq!(&parsed.cards[0].problems, &[], "{}", once);
            prop_assert_eq!(print(&parsed.cards[0], version), once);
        }
    }

    #[test]
    fn texts_survive_escaping_and_folding(
        text in "[^\r\0]{0,200}",
        name in prop::sample::select(vec!["NOTE", "N", "ADR", "ORG", "NICKNAME", "URL", "X-OTHER"]),
    ) {
        let written = vec![vec![text]];
        let property = Property::new(3, name, &BTreeMap::new(), None, &parts_to_value(name, &written)).expect("a property");
        prop_assert_eq!(&property.parts()[0], &written[0]);
        let again = Property::from_text(property.version, 3, property.as_str()).expect("its own text");
        prop_assert_eq!(again, property);
    }

    #[test]
    fn parameters_survive_quoting(values in prop::collection::vec("[^\\p{Cc},]{1,20}", 1..4)) {
        let values: Vec<String> = values.iter().map(|value| value.trim().to_owned()).collect();
        let params = BTreeMap::from([("X-P".to_owned(), values.clone())]);
        let property = Property::new(0, "TEL", &params, None, "1").expect("a property");
        prop_assert_eq!(&property.line().params, &[("X-P".to_owned(), values)]);
    }
}

#[test]
fn a_card_of_a_million_lines_takes_time_linear_in_its_length() {
    for line in
        ["TEL:1\n", "junk\n", "NOTE;QUOTED-PRINTABLE:a=\n", "AGENT:\nBEGIN:VCARD\n", "BEGIN:VCARD\n", " \n", "\r", "\""]
    {
        let text = format!("BEGIN:VCARD\nFN:A\nPHOTO;ENCODING=BASE64:AAAA\n{}", line.repeat(1_000_000));
        let parsed = parse(&text);
        assert!(parsed.cards.len() + parsed.problems.len() > 0);
    }
}
