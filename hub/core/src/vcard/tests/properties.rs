//! One property: read, edited, encoded.

use super::*;
use crate::vcard::{
    CARD_BYTES_MAX, HEAD_BYTES_MAX, LINE_BYTES_MAX, LineError, PartialDate, is_single, parts_to_value, uid,
};
use std::collections::BTreeMap;

#[test]
fn groups_names_and_parameters_are_taken_apart() {
    let line = property(Version::V30, "item1.tel;type=CELL;TYPE=\"work,home\";X-A=\"a;b:c\";x-b=^^^'^n:+1").line();
    assert_eq!((line.group.as_deref(), line.name.as_str(), line.value.as_str()), (Some("item1"), "TEL", "+1"));
    let values = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let expected = [
        ("TYPE".to_owned(), values(&["CELL", "work", "home"])),
        ("X-A".to_owned(), values(&["a;b:c"])),
        ("X-B".to_owned(), values(&["^\"\n"])),
    ];
    assert_eq!(line.params, expected);
}

#[test]
fn bare_parameters_of_2_1_are_types_and_encodings() {
    let line = property(Version::V21, "TEL;HOME;VOICE;QUOTED-PRINTABLE:=31").line();
    let expected = [("TYPE", vec!["HOME", "VOICE"]), ("ENCODING", vec!["QUOTED-PRINTABLE"])];
    let params: Vec<_> =
        line.params.iter().map(|(name, values)| (name.as_str(), values.iter().map(String::as_str).collect())).collect();
    assert_eq!(params, expected);
    assert_eq!(line.value, "=31");
}

#[test]
fn what_is_not_a_property_is_refused_by_name() {
    let refused = |text: &str| Property::from_text(Version::V40, 0, text).expect_err("refused");
    assert_eq!(refused("no colon"), LineError::NoColon);
    assert_eq!(refused(":value"), LineError::Name);
    assert_eq!(refused(".TEL:1"), LineError::Name);
    assert_eq!(refused("a b:1"), LineError::Name);
    assert_eq!(refused("end:VCARD"), LineError::Reserved);
    assert_eq!(refused("VERSION:4.0"), LineError::Reserved);
    assert_eq!(refused("NOTE:a\nEND:VCARD"), LineError::Break);
    assert_eq!(refused("NOTE;QUOTED-PRINTABLE:a=\nEND:VCARD"), LineError::Break);
    assert_eq!(refused("AGENT:\nBEGIN:VCARD\nEND:VCARD\nEND:VCARD"), LineError::Nested);
    assert_eq!(refused("NOTE:a\0b"), LineError::Nul);
    let longest = format!("NOTE:{}", "x".repeat(CARD_BYTES_MAX - 5));
    assert!(Property::from_text(Version::V40, 0, longest.as_str()).is_ok());
    assert_eq!(refused(&(longest + "x")), LineError::TooLong);
    let longest = format!("NOTE;X={}", "x".repeat(HEAD_BYTES_MAX - 7));
    assert!(Property::from_text(Version::V40, 0, format!("{longest}:")).is_ok());
    assert_eq!(refused(&format!("{longest}x:")), LineError::TooLong);
}

#[test]
fn parts_follow_what_the_name_is_known_to_hold() {
    let read = |version, text: &str| property(version, text).parts();
    let gmail = card(GMAIL);
    assert_eq!(
        named(&gmail, "ADR").parts(),
        parts(&["", "", "Rua das Oliveiras 12, 3.º", "Porto", "", "4000-001", "Portugal"])
    );
    assert_eq!(named(&gmail, "CATEGORIES").parts(), [["myContacts", "climbing"]]);
    assert_eq!(named(&gmail, "URL").parts(), parts(&["https://dora.example"]));
    assert_eq!(read(Version::V40, "N:A,B;C\\,D\\;E;;;").len(), 5);
    assert_eq!(read(Version::V40, "N:A,B;C\\,D\\;E")[0], ["A", "B"]);
    assert_eq!(read(Version::V21, "N:A,B;C"), parts(&["A,B", "C"]));
    assert_eq!(read(Version::V30, "ORG:Smith, Jones;Law"), parts(&["Smith, Jones", "Law"]));
    assert_eq!(read(Version::V40, "GENDER:O;it's complicated"), parts(&["O", "it's complicated"]));
    assert_eq!(read(Version::V40, "TEL;VALUE=uri:tel:+1-555"), parts(&["+1-555"]));
    assert_eq!(read(Version::V40, "X-ODD:v;w,x"), parts(&["v;w,x"]));
}

#[test]
fn the_readable_text_is_one_line() {
    assert_eq!(named(&card(IPHONE), "N").text(), "Dr. Ifeoma Okafor");
    assert_eq!(named(&card(CHINESE), "N").text(), "白晓雯");
    assert_eq!(named(&card(IPHONE), "BDAY").text(), "--12-14");
    assert_eq!(named(&card(IPHONE), "PHOTO").text(), "1 KiB");
    assert_eq!(named(&card(MODERN), "PHOTO").text(), "1 KiB");
    assert_eq!(named(&card(GMAIL), "ADR").text(), "Rua das Oliveiras 12, 3.º, Porto, 4000-001, Portugal");
    assert!(named(&card(GMAIL), "NOTE").text().starts_with("Met on the night ferry. Texts, never calls; before ten."));
}

#[test]
fn an_edit_keeps_group_and_parameters_as_they_were_written() {
    let email = named(&card(IPHONE), "EMAIL").with_value("new@example.org").expect("an edit");
    assert_eq!(email.as_str(), "item1.EMAIL;type=INTERNET;type=pref:new@example.org");
    let tel = named(&card(MODERN), "TEL").with_parts(&parts(&["+49 30 1"])).expect("an edit");
    assert_eq!(tel.as_str(), "TEL;PREF=1;TYPE=voice,home:+49 30 1");
    let org = property(Version::V40, "ORG;SORT-AS=\"x\":A").with_parts(&parts(&["B, C", "D;E"])).expect("an edit");
    assert_eq!(org.as_str(), "ORG;SORT-AS=\"x\":B\\, C;D\\;E");
}

#[test]
fn an_edit_takes_off_what_only_told_how_the_old_value_was_wrapped() {
    let name = named(&card(NOKIA), "N").with_parts(&parts(&["Möller", "Jo"])).expect("an edit");
    assert_eq!((name.version, name.as_str()), (Version::V30, "N:Möller;Jo;;;"));
    let home = named(&card(NOKIA), "TEL").with_value("030 1").expect("an edit");
    assert_eq!(home.as_str(), "TEL;TYPE=HOME,VOICE,PREF:030 1");
    let birthday = named(&card(IPHONE), "BDAY").with_value("1980-12-14").expect("an edit");
    assert_eq!((birthday.version, birthday.as_str()), (Version::V30, "BDAY:1980-12-14"));
    let birthday = birthday.with_value("--1214").expect("an edit");
    assert_eq!((birthday.version, birthday.as_str()), (Version::V40, "BDAY:--1214"));
    let photo = named(&card(IPHONE), "PHOTO").with_value("https://example.org/a.jpg").expect("an edit");
    assert!(!photo.as_str().contains("ENCODING"), "{}", photo.as_str());
}

#[test]
fn other_parameters_leave_the_value_alone() {
    let params = BTreeMap::from([("TYPE".to_owned(), vec!["work".to_owned(), "a:b".to_owned()])]);
    let tel = property(Version::V30, "g.TEL;TYPE=HOME:1\\,2").with_params(&params).expect("an edit");
    assert_eq!(tel.as_str(), "g.TEL;TYPE=work,\"a:b\":1\\,2");
    let old = named(&card(NOKIA), "FN").with_params(&BTreeMap::new()).expect("an edit");
    assert_eq!((old.version, old.as_str()), (Version::V30, "FN:Hans-Jürgen Müller"));
    let bad = BTreeMap::from([("TYPE:\nX".to_owned(), vec![])]);
    assert_eq!(tel.with_params(&bad), Err(LineError::Name));
}

#[test]
fn new_properties_are_folded_between_characters_and_cannot_break_out() {
    let none = BTreeMap::new();
    let note = Property::new(7, "NOTE", &none, Some("item3"), &"ü".repeat(100)).expect("a note");
    assert!(note.as_str().split('\n').all(|line| line.len() <= LINE_BYTES_MAX));
    assert_eq!(note.parts(), parts(&[&"ü".repeat(100)]));
    assert_eq!((note.order, note.version, note.line().group.as_deref()), (7, Version::V40, Some("item3")));
    assert_eq!(Property::new(0, "NOTE", &none, None, "a\nEND:VCARD"), Err(LineError::Break));
    assert_eq!(Property::new(0, "NO TE", &none, None, "a"), Err(LineError::Name));
    assert_eq!(Property::new(0, "NOTE", &none, Some("a;b"), "a"), Err(LineError::Name));
    let params = BTreeMap::from([("X-A".to_owned(), vec!["a\"b\r\nc".to_owned()])]);
    let odd = Property::new(0, "NOTE", &params, None, "a").expect("a note");
    assert_eq!(odd.as_str(), "NOTE;X-A=a^'b^nc:a");
    let birthday = Property::new(0, "BDAY", &none, None, "1985-04-12").expect("a birthday");
    assert_eq!(birthday.version, Version::V30);
}

#[test]
fn the_bytes_of_a_book_skip_keys_that_later_versions_add() {
    let property = property(Version::V30, "TEL;TYPE=home:1");
    // The same map with `z: [1, {a: nil}]` in it.
    let mut bytes = property.encode();
    assert_eq!(bytes[0], 0x83);
    bytes[0] = 0x84;
    bytes.extend([0xA1, b'z', 0x92, 0x01, 0x81, 0xA1, b'a', 0xC0]);
    assert_eq!(Property::decode(&bytes).expect("bytes"), property);
    assert!(Property::decode(&[0x80]).is_err());
    let unknown = [0x83, 0xA1, b'v', 50, 0xA1, b'o', 0, 0xA1, b't', 0xA3, b'A', b':', b'b'];
    assert_eq!(
        Property::decode(&unknown).expect_err("refused").to_string(),
        "a property names the unknown vCard version 50"
    );
}

#[test]
fn values_are_filled_up_and_escaped() {
    assert_eq!(parts_to_value("N", &parts(&["A", "B"])), "A;B;;;");
    assert_eq!(parts_to_value("ADR", &[]), ";;;;;;");
    assert_eq!(parts_to_value("NOTE", &parts(&["a,b;c\\d\r\ne\rf"])), "a\\,b\\;c\\\\d\\ne\\nf");
    assert_eq!(parts_to_value("URL", &parts(&["https://a.example/?b;c,d"])), "https://a.example/?b;c,d");
    assert_eq!(parts_to_value("CATEGORIES", &[vec!["a,b".into(), "c".into()]]), "a\\,b,c");
}

#[test]
fn a_uid_is_compared_without_its_scheme_and_case() {
    assert_eq!(uid(&card(MODERN).properties).as_deref(), Some("4fbe8971-0bc3-424c-9c26-36c3e1eff6b1"));
    assert_eq!(uid(&card(IPHONE).properties).as_deref(), Some("0a1b2c3d-0000-4000-8000-00000000abcd"));
    assert_eq!(uid(&[property(Version::V30, "UID:Gmail-42")]).as_deref(), Some("Gmail-42"));
    assert_eq!(uid(&[property(Version::V30, "UID: ")]), None);
    assert!(is_single("FN") && is_single("BDAY") && is_single("X-PHONETIC-FIRST-NAME") && !is_single("TEL"));
}

#[test]
fn dates_of_which_a_part_is_missing_are_read_in_every_spelling() {
    let date = |text: &str| PartialDate::from_text(text).map(|date| date.to_string());
    for (text, expected) in [
        ("1985-04-12", "1985-04-12"),
        ("19850412T231000Z", "1985-04-12"),
        ("1985-04", "1985-04"),
        ("1985", "1985"),
        ("--0412", "--04-12"),
        ("--04-12", "--04-12"),
        ("--04", "--04"),
        ("---12", "---12"),
        ("1604-12-14", "--12-14"),
        ("1604", "1604"),
    ] {
        assert_eq!(date(text).as_deref(), Some(expected), "{text}");
    }
    for text in ["", "-", "--", "circa 1800", "1985-13-01", "1985-00-01", "19850432", "198504", "--é1", "ééé"] {
        assert_eq!(date(text), None, "{text}");
    }
}

#[test]
fn dates_are_read_as_people_write_them() {
    let date = |text: &str| PartialDate::from_text(text).map(|date| date.to_string());
    for (text, expected) in [
        ("1985/4/12", "1985-04-12"),
        ("1985-4-2", "1985-04-02"),
        ("12.04.1985", "1985-04-12"),
        ("12.4.", "--04-12"),
        ("12. April 1985", "1985-04-12"),
        ("1. März", "--03-01"),
        ("April 12, 1985", "1985-04-12"),
        ("Mai 1985", "1985-05"),
        ("1985年4月12日", "1985-04-12"),
        ("４月１２日", "--04-12"),
        ("昭和60年4月12日", "1985-04-12"),
        ("令和元年5月1日", "2019-05-01"),
        ("1985-04-12 00:00:00", "1985-04-12"),
        ("0000-04-12", "--04-12"),
    ] {
        assert_eq!(date(text).as_deref(), Some(expected), "{text}");
    }
    for text in
        ["4/12/1985", "12.13.1985", "32. Mai", "Mai", "May May 1985", "12 13 May", "4月32日", "年月日", "12.4.85"]
    {
        assert!(date(text).is_none_or(|date| text == "Mai" && date == "--05"), "{text}: {:?}", date(text));
    }
}

#[test]
fn a_year_that_the_line_says_is_none_is_none() {
    let birthday = property(Version::V30, "BDAY;X-APPLE-OMIT-YEAR=1900:1900-12-14");
    assert_eq!(birthday.date().map(|date| date.to_string()).as_deref(), Some("--12-14"));
    assert_eq!(birthday.text(), "--12-14");
    assert_eq!(property(Version::V30, "NOTE:1985-04-12").date(), None);
}

#[test]
fn the_structure_of_unknown_properties_survives_an_edit() {
    for text in ["X-A:a\\;b;c\\,d", "X-A:a\\\\;b", "X-A:\\\\\\n,", "X-A:a\\\\,", "X-A:\\"] {
        let property = property(Version::V30, text);
        let again = property.with_parts(&property.parts()).expect("an edit");
        assert_eq!(again.parts(), property.parts(), "{text}");
    }
    let known = property(Version::V30, "X-A:a\\;b;c\\,d\\ne");
    assert_eq!(known.with_parts(&known.parts()).expect("an edit").as_str(), known.as_str());
}

#[test]
fn backslashes_of_quoted_printable_are_what_they_look_like() {
    let note = property(Version::V21, "NOTE;ENCODING=QUOTED-PRINTABLE:C:\\new\\\\a\\;b=0D=0Ac");
    assert_eq!(note.parts(), parts(&["C:\\new\\\\a;b\nc"]));
    let habit = property(Version::V30, "NOTE;ENCODING=QUOTED-PRINTABLE:a\\nb");
    assert_eq!(habit.parts(), parts(&["a\nb"]));
}

#[test]
fn text_in_base64_is_text() {
    let note = property(Version::V21, "NOTE;ENCODING=BASE64;CHARSET=windows-1251:wO3t4A==");
    assert_eq!(note.parts(), parts(&["Анна"]));
    let name = property(Version::V30, "N;ENCODING=b:QWRsZXI7R3Jl\n dGU=");
    assert_eq!(name.parts(), parts(&["Adler", "Grete"]));
    assert_eq!(name.with_parts(&name.parts()).expect("an edit").as_str(), "N:Adler;Grete;;;");
}

#[test]
fn a_nul_that_was_wrapped_is_left_out() {
    for (version, text) in [(Version::V21, "NOTE;ENCODING=BASE64:QQBC"), (Version::V21, "NOTE;QUOTED-PRINTABLE:A=00B")]
    {
        let note = property(version, text);
        assert_eq!(note.parts(), parts(&["AB"]), "{text}");
        assert_eq!(note.with_parts(&note.parts()).expect("an edit").parts(), parts(&["AB"]), "{text}");
    }
}

#[test]
fn what_is_no_name_of_a_parameter_is_a_value_and_is_written_as_one() {
    let text = "BEGIN:VCARD\nVERSION:4.0\nFN:A\nTEL;Ge\"OgE:=o40.4,-3.7\";TYPE=home:1\nEND:VCARD\n";
    let card = card(text);
    assert_eq!(
        card.properties[1].line().params,
        [("TYPE".to_owned(), vec!["Ge\"OgE:=o40.4,-3.7\"".into(), "home".into()])]
    );
    for version in [Version::V30, Version::V40] {
        let once = print(&card, version);
        let read = parse(&once);
        assert_eq!(read.cards[0].properties[1].line().value, "1", "{once}");
        assert_eq!(print(&read.cards[0], version), once);
    }
}

#[test]
fn a_name_that_is_read_can_be_written() {
    for name in ["X-messaging/xmpp-All", "X-LOTUS-CHILD_UID", "item1.X-A"] {
        let text = format!("BEGIN:VCARD\nVERSION:3.0\nFN:A\n{name};TYPE=home:1\nEND:VCARD\n");
        let property = &card(&text).properties[1];
        let line = property.line();
        let again =
            Property::new(0, &line.name, &line.params.into_iter().collect(), line.group.as_deref(), &line.value);
        assert_eq!(again.map(|property| property.line()).ok(), Some(property.line()), "{name}");
    }
    for name in ["", "A/B", "A B", "A.", "Ä", "A:B", "A;B"] {
        assert!(Property::new(0, name, &BTreeMap::new(), None, "1").is_err(), "{name}");
    }
}
