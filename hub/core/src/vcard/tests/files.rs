//! Bytes to text.

use super::*;
use crate::vcard::{FILE_BYTES_MAX, FileError, decode_file};

fn name_in(bytes: &[u8]) -> String {
    let text = decode_file(bytes).expect("a file with a card");
    named(&parse(&text).cards[0], "FN").text()
}

const TEXT: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Zoë €\r\nEND:VCARD\r\n";

#[test]
fn every_character_set_that_books_come_in_is_read() {
    let with_mark = format!("\u{FEFF}{TEXT}");
    let utf16 = |bytes: fn(u16) -> [u8; 2]| with_mark.encode_utf16().flat_map(bytes).collect::<Vec<_>>();
    let windows: Vec<u8> = TEXT
        .chars()
        .map(|char| if char == '€' { 0x80 } else { u8::try_from(u32::from(char)).expect("latin") })
        .collect();
    assert_eq!(name_in(TEXT.as_bytes()), "Zoë €");
    assert_eq!(name_in(with_mark.as_bytes()), "Zoë €");
    assert_eq!(name_in(&utf16(u16::to_le_bytes)), "Zoë €");
    assert_eq!(name_in(&utf16(u16::to_be_bytes)), "Zoë €");
    assert_eq!(name_in(&windows), "Zoë €");
}

#[test]
fn one_old_line_does_not_spoil_the_others() {
    let bytes = [b"BEGIN:VCARD\nFN:Zo\xC3\xAB\nNOTE:Caf\xE9\nEND:VCARD\n".as_slice(), TEXT.as_bytes()].concat();
    let text = decode_file(&bytes).expect("a file with cards");
    let cards = parse(&text).cards;
    assert_eq!((named(&cards[0], "FN").text(), named(&cards[0], "NOTE").text()), ("Zoë".into(), "Café".into()));
    assert_eq!(named(&cards[1], "FN").text(), "Zoë €");
}

#[test]
fn a_fold_in_the_middle_of_a_character_is_taken_out() {
    assert_eq!(
        name_in(b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Zo\xC3\r\n \xAB Gro\xC3\r\n \x9Fe\r\nEND:VCARD\r\n"),
        "Zoë Große"
    );
}

#[test]
fn what_is_no_text_or_has_no_card_is_refused_with_a_sentence() {
    assert_eq!(decode_file(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Err(FileError::Binary));
    assert_eq!(decode_file(b"Name,Phone\nAna,1\n"), Err(FileError::NoCard));
    assert_eq!(decode_file(b""), Err(FileError::NoCard));
    assert_eq!(decode_file(&vec![0; FILE_BYTES_MAX + 1]), Err(FileError::TooLarge));
    assert!(FileError::NoCard.to_string().contains("BEGIN:VCARD"));
}
