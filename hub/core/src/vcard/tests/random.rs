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
        Just("\nLABEL;TYPE=home:x\\ny"),
        Just("\nADR;LABEL=x;TYPE=home:;;a"),
        Just("\nSORT-STRING:s"),
        Just("\nN;SORT-AS=t:a;b"),
        Just("\nKIND:org"),
        Just("\nX-ANNIVERSARY:2001-02-03"),
        Just("\nX-SOCIALPROFILE;TYPE=a:b:c"),
        Just("\nX-Q:a\\;b;c"),
        Just("\nSOUND;X-IRMC-N:a;b"),
        Just("\nTEL;CHARSET=Shift_JIS;QUOTED-PRINTABLE:=83\\"),
        Just("FN:A\nN:A;B\n"),
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
                let filled = |property: &Property| property.parts().concat().into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>();
                prop_assert_eq!(filled(&again), filled(property));
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
            let all_kept = parsed.cards[0].problems.iter().all(|problem| problem.reason.ends_with("kept as it is"));
            prop_assert!(all_kept, "{}", once);
            prop_assert_eq!(crate::vcard::canonical(&parsed.cards[0].properties), crate::vcard::canonical(&card.properties));
            prop_assert_eq!(print(&parsed.cards[0], version), once);
        }
    }

    #[test]
    fn what_is_printed_says_the_same_in_either_version(text in card_text(), new in any::<bool>()) {
        let version = if new { Version::V40 } else { Version::V30 };
        for card in parse(&text).cards {
            let again = &parse(&print(&card, version)).cards[0];
            prop_assert_eq!(crate::vcard::canonical(&again.properties), crate::vcard::canonical(&card.properties));
        }
    }

    #[test]
    fn an_edit_keeps_every_other_line(text in card_text(), at in any::<prop::sample::Index>(), new in any::<bool>()) {
        let version = if new { Version::V40 } else { Version::V30 };
        for mut card in parse(&text).cards.into_iter().filter(|card| !card.properties.is_empty()) {
            let at = at.index(card.properties.len());
            if card.properties.iter().filter(|property| ["N", "FN"].contains(&&*property.name())).count() < 2 {
                continue;
            }
            let before = print(&card, version);
            card.properties[at] = card.properties[at].with_parts(&card.properties[at].parts()).expect("an edit");
            let after = parse(&print(&card, version));
            let before = parse(&before);
            let (before, after) = (&before.cards[0].properties, &after.cards[0].properties);
            let differing = before.iter().zip(after).filter(|(before, after)| before != after).count();
            prop_assert!(before.len() == after.len() && differing <= 1);
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
fn large_and_deep_input_is_told_of_and_costs_its_length() {
    let photo =
        format!("BEGIN:VCARD\nVERSION:3.0\nFN:A\nPHOTO;ENCODING=b:{}\nTEL:1\nEND:VCARD\n", "A".repeat(100 << 20));
    let parsed = parse(&photo);
    assert_eq!((parsed.cards[0].properties.len(), parsed.cards[0].problems[0].line), (2, 4));
    drop(photo);
    let numbers = parse(&format!("BEGIN:VCARD\nFN:A\n{}END:VCARD\n", "TEL:1\n".repeat(1_000_000)));
    assert_eq!((numbers.cards.len(), numbers.problems.len()), (0, 1));
    let commas = parse(&format!("BEGIN:VCARD\nFN:A\nCATEGORIES:{}\nTEL:1\nEND:VCARD\n", ",".repeat(1_000_000)));
    assert_eq!((commas.cards[0].properties.len(), commas.cards[0].problems.len()), (2, 1));
    let commas = property(Version::V30, &format!("CATEGORIES:{}", ",".repeat(500_000)));
    assert_eq!(
        commas.with_parts(&commas.parts()).expect("an edit").as_str().len(),
        commas.as_str().len() + 500_011 / 74 * 2
    );
    let begins = parse(&"BEGIN:VCARD\n".repeat(100_000));
    assert_eq!(begins.cards.len(), 100_000);
    let agents = parse(&format!("BEGIN:VCARD\nFN:A\n{}", "AGENT:BEGIN:VCARD\n".repeat(1_000_000)));
    assert_eq!(agents.cards[0].properties.len(), 1);
    let bytes = [
        b"BEGIN:VCARD\n".as_slice(),
        &b"NOTE;QUOTED-PRINTABLE:=E4=\n".repeat(300_000),
        &b"\xE4\r\n \xC3\n".repeat(300_000),
    ]
    .concat();
    assert!(decode_file(&bytes).is_ok());
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
