//! Text to cards.

use super::*;
use crate::vcard::{CARD_BYTES_MAX, PHOTO_BYTES_MAX, PROPERTIES_MAX};

#[test]
fn cards_of_every_version_give_their_properties() {
    for (text, version, count) in [
        (GMAIL, Version::V30, 11),
        (IPHONE, Version::V30, 13),
        (MODERN, Version::V40, 12),
        (NOKIA, Version::V21, 9),
        (CHINESE, Version::V30, 4),
    ] {
        let card = card(text);
        assert_eq!(card.version, version);
        assert_eq!(card.properties.len(), count, "{text}");
        assert!(card.properties.iter().all(|property| property.version == version));
        assert!(card.properties.iter().enumerate().all(|(index, property)| property.order as usize == index));
    }
}

#[test]
fn quoted_printable_is_decoded_with_and_without_a_character_set() {
    let card = card(NOKIA);
    assert_eq!(named(&card, "N").parts(), parts(&["Müller", "Hans-Jürgen"]));
    assert_eq!(named(&card, "FN").text(), "Hans-Jürgen Müller");
    assert_eq!(named(&card, "ADR").parts()[2..4], parts(&["Hauptstraße 1, Hof", "Köln"]));
    assert_eq!(named(&card, "NOTE").parts(), parts(&["Erste Zeile\nzweite; Zeile, Ende"]));
    let latin = property(Version::V21, "FN;QUOTED-PRINTABLE:M=FCller");
    assert_eq!(latin.text(), "Müller");
}

#[test]
fn base64_ends_with_an_empty_line_indented_or_not() {
    let card = card(NOKIA);
    assert_eq!(named(&card, "PHOTO").line().value, "/9j/4AAQSkZJRg==");
    assert_eq!(named(&card, "LOGO").line().value, "R0lGODlhAQABAAAAACw=");
    assert_eq!(named(&card, "BDAY").text(), "1985-04-12");
}

#[test]
fn line_breaks_and_folds_of_every_kind_are_understood() {
    for (breaks, fold) in [("\r\n", " "), ("\n", "\t"), ("\r", " ")] {
        let text = format!("BEGIN:VCARD\nVERSION:3.0\nFN:Ana\nNOTE:one\n{fold}two\n{fold} three\nEND:VCARD\n");
        let card = card(&text.replace('\n', breaks));
        assert_eq!(named(&card, "NOTE").text(), "onetwo three");
        assert_eq!(named(&card, "NOTE").as_str(), format!("NOTE:one\n{fold}two\n{fold} three"));
    }
}

#[test]
fn many_cards_with_junk_between_them_come_in_and_the_junk_is_told_by_line() {
    let text = "junk\n\nBEGIN:VCARD\nFN:A\nno colon here\nVERSION:3.0\n:no name\nTEL:1\nEND:VCARD\nmore\njunk\nbegin:vcard\nFN:B\n";
    let parsed = parse(text);
    let lines = |problems: &[crate::vcard::Problem]| problems.iter().map(|problem| problem.line).collect::<Vec<_>>();
    assert_eq!(lines(&parsed.problems), [1, 10]);
    assert_eq!(parsed.cards.len(), 2);
    assert_eq!((parsed.cards[0].line, parsed.cards[0].properties.len()), (3, 4));
    assert_eq!(named(&parsed.cards[0], "X-KITH-UNREADABLE").text(), "no colon here");
    assert_eq!(lines(&parsed.cards[0].problems), [5, 7]);
    assert_eq!((parsed.cards[1].line, lines(&parsed.cards[1].problems)), (12, vec![12]));
}

#[test]
fn a_card_without_its_end_stops_where_the_next_begins() {
    let parsed = parse("BEGIN:VCARD\nVERSION:3.0\nFN:A\nBEGIN:VCARD\nVERSION:4.0\nFN:B\nEND:VCARD");
    assert_eq!(parsed.cards.len(), 2);
    assert_eq!(parsed.cards[0].problems.len(), 1);
    assert_eq!((parsed.cards[1].version, parsed.cards[1].problems.len()), (Version::V40, 0));
}

#[test]
fn a_text_without_any_card_is_one_problem() {
    for text in ["", "\n\n", "hello\nworld\n"] {
        let parsed = parse(text);
        assert!(parsed.cards.is_empty());
        assert_eq!(parsed.problems.len(), 1);
        assert!(parsed.problems[0].reason.contains("BEGIN:VCARD"));
    }
}

#[test]
fn a_missing_version_is_guessed_from_how_the_card_is_written() {
    assert_eq!(parse("BEGIN:VCARD\nTEL;HOME:1\nEND:VCARD\n").cards[0].version, Version::V21);
    assert_eq!(parse("BEGIN:VCARD\nTEL;TYPE=HOME:1\nEND:VCARD\n").cards[0].version, Version::V30);
    let unknown = parse("BEGIN:VCARD\nVERSION:5.0\nTEL:1\nEND:VCARD\n");
    assert_eq!((unknown.cards[0].version, unknown.cards[0].problems.len()), (Version::V40, 1));
}

#[test]
fn nested_agents_are_kept_as_part_of_the_property_down_to_four() {
    let nested = |depth: usize| {
        let inner = "AGENT:\nBEGIN:VCARD\nFN:Inner\n".repeat(depth) + &"END:VCARD\n".repeat(depth);
        parse(&format!("BEGIN:VCARD\nVERSION:2.1\nFN:Outer\n{inner}TEL:1\nEND:VCARD\n"))
    };
    let four = nested(4);
    assert_eq!(four.cards.len(), 1);
    assert_eq!(four.cards[0].problems, []);
    assert_eq!(four.cards[0].properties.len(), 3);
    assert!(named(&four.cards[0], "AGENT").as_str().ends_with("END:VCARD"));
    let five = nested(5);
    assert_eq!((five.cards.len(), five.cards[0].properties.len(), five.cards[0].problems.len()), (1, 3, 1));
    assert!(named(&five.cards[0], "X-KITH-UNREADABLE").text().contains("FN:Inner"));
    let printed = print(&four.cards[0], Version::V30);
    assert_eq!(printed.matches("\r\nEND:VCARD").count(), 1, "{printed}");
}

#[test]
fn a_soft_line_break_does_not_swallow_the_end_of_the_card() {
    let card = card("BEGIN:VCARD\nVERSION:2.1\nNOTE;QUOTED-PRINTABLE:hello=\nEND:VCARD\n");
    assert_eq!(named(&card, "NOTE").text(), "hello");
}

#[test]
fn a_card_may_have_2000_properties_and_not_one_more() {
    let text = |count: usize| {
        format!("BEGIN:VCARD\nVERSION:3.0\n{}END:VCARD\nBEGIN:VCARD\nFN:B\nEND:VCARD\n", "TEL:1\n".repeat(count))
    };
    assert_eq!(parse(&text(PROPERTIES_MAX)).cards[0].properties.len(), 2_000);
    let parsed = parse(&text(PROPERTIES_MAX + 1));
    assert_eq!(parsed.cards.len(), 1);
    assert_eq!(
        parsed.problems,
        [super::super::Problem { line: 2_003, reason: "the card has more than 2000 properties".into() }]
    );
}

#[test]
fn a_card_may_have_512_kib_without_its_picture_and_not_one_byte_more() {
    let text = |bytes: usize| {
        let half = "x".repeat(CARD_BYTES_MAX / 2 - 5);
        let rest = "y".repeat(bytes - CARD_BYTES_MAX / 2 - 5);
        format!("BEGIN:VCARD\nVERSION:3.0\nNOTE:{half}\nNOTE:{rest}\nPHOTO;ENCODING=b:{half}{half}{half}\nEND:VCARD\n")
    };
    assert_eq!(parse(&text(CARD_BYTES_MAX)).cards[0].properties.len(), 3);
    let parsed = parse(&text(CARD_BYTES_MAX + 1));
    assert_eq!((parsed.cards.len(), parsed.problems[0].line), (0, 4));
}

#[test]
fn a_picture_that_is_too_large_is_left_out_and_the_rest_comes_in() {
    let text = |bytes: usize| {
        let photo = "A".repeat(bytes - "PHOTO;ENCODING=b:".len());
        format!("BEGIN:VCARD\nVERSION:3.0\nFN:A\nPHOTO;ENCODING=b:{photo}\nTEL:1\nEND:VCARD\n")
    };
    assert_eq!(card(&text(PHOTO_BYTES_MAX)).properties.len(), 3);
    let parsed = parse(&text(PHOTO_BYTES_MAX + 1));
    assert_eq!(parsed.cards[0].properties.len(), 2);
    assert_eq!(parsed.cards[0].problems[0].line, 4);
}

#[test]
fn mistakes_of_one_card_are_listed_up_to_a_bound() {
    let parsed = parse(&format!("BEGIN:VCARD\n{}END:VCARD\n", "junk\n".repeat(100_000)));
    assert_eq!(parsed.cards[0].problems.len(), 101);
}

#[test]
fn a_card_without_its_begin_comes_in_and_says_so() {
    let parsed = parse("hello\nVERSION:3.0\nFN:A\nEND:VCARD\nBEGIN:VCARD\nFN:B\nEND:VCARD\nTEL:1\nEND:VCARD\n");
    let lines: Vec<_> =
        parsed.cards.iter().map(|card| (card.line, card.properties.len(), card.problems.len())).collect();
    assert_eq!(lines, [(2, 1, 1), (5, 1, 0), (8, 1, 1)]);
    assert_eq!(parsed.problems.len(), 1);
}

#[test]
fn white_space_around_names_is_taken_off_when_the_card_is_written() {
    let card = card("begin : vcard\nversion : 3.0\nfn : Ana\nitem1.tel ; type=cell : 1\nEND: VCARD\n");
    assert_eq!((named(&card, "TEL").text(), card.version), ("1".to_owned(), Version::V30));
    let printed = print(&card, Version::V30);
    assert!(printed.contains("\r\nitem1.tel;TYPE=cell: 1\r\n"), "{printed}");
}

#[test]
fn an_agent_may_begin_on_its_own_line() {
    let card = card("BEGIN:VCARD\nVERSION:2.1\nAGENT:BEGIN:VCARD\nFN:Inner\nEND:VCARD\nFN:Outer\nEND:VCARD\n");
    assert_eq!(card.properties.len(), 2);
    assert_eq!(named(&card, "FN").text(), "Outer");
}

#[test]
fn a_long_name_after_a_picture_is_not_taken_for_more_of_it() {
    let long = "A".repeat(100);
    let text =
        format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nPHOTO;ENCODING=b:AAAA\r\n{long};TYPE=home:1\r\nEND:VCARD\r\n");
    let folded = text.replace(&long, &format!("{}\r\n {}", &long[..75], &long[75..]));
    for text in [text, folded] {
        let card = card(&text);
        let names: Vec<_> = card.properties.iter().map(|property| property.name().into_owned()).collect();
        assert_eq!(names, ["FN", "PHOTO", long.as_str()]);
        assert_eq!(card.problems, []);
    }
}
