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

fn in_set(label: &str, head: &str, text: &str) -> Vec<u8> {
    let set = encoding_rs::Encoding::for_label(label.as_bytes()).expect("a set");
    let card = format!("BEGIN:VCARD\r\nVERSION:2.1\r\nFN{head}:{text}\r\nEND:VCARD\r\n");
    set.encode(&card).0.into_owned()
}

#[test]
fn a_declared_character_set_is_believed() {
    for (label, text) in [
        ("Shift_JIS", "表計算ソフト"),
        ("gb2312", "欧阳静"),
        ("big5", "許功蓋"),
        ("euc-kr", "김서연"),
        ("euc-jp", "山本"),
        ("koi8-r", "Пётр"),
        ("windows-1250", "Łukasz"),
        ("windows-1251", "Пётр"),
        ("windows-1253", "Ελένη"),
        ("windows-1255", "שרה"),
        ("windows-1256", "نادية"),
        ("windows-874", "สมชาย"),
        ("iso-8859-2", "Šárka"),
        ("iso-8859-15", "Zoë €"),
        ("gb18030", "㐂"),
        ("iso-2022-jp", "山本"),
    ] {
        assert_eq!(name_in(&in_set(label, &format!(";CHARSET={label}"), text)), text, "{label}");
        let quoted: String = encoding_rs::Encoding::for_label(label.as_bytes())
            .expect("a set")
            .encode(text)
            .0
            .iter()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() || *byte == b'\\' {
                    char::from(*byte).into()
                } else {
                    format!("={byte:02X}")
                }
            })
            .collect();
        let head = format!(";CHARSET={label};ENCODING=QUOTED-PRINTABLE");
        assert_eq!(name_in(in_set("utf-8", &head, &quoted).as_slice()), text, "{label} quoted");
    }
}

#[test]
fn a_few_bytes_of_no_declared_set_are_western_and_many_are_what_fits_best() {
    for text in ["Müller", "Zoë", "Søren", "Peña €", "Çağ".replace('ğ', "g").as_str()] {
        assert_eq!(name_in(&in_set("windows-1252", "", text)), text);
    }
    for (label, text) in [
        ("Shift_JIS", "渡辺直美さんの隣の家"),
        ("windows-1251", "Соколов Пётр Иванович"),
        ("gbk", "上海博物馆修复部的欧阳静"),
    ] {
        assert_eq!(name_in(&in_set(label, "", text)), text, "{label}");
    }
}

#[test]
fn quoted_printable_of_no_declared_set_is_read_as_the_rest_of_the_file() {
    let quote = |text: &str| -> String {
        encoding_rs::WINDOWS_1251.encode(text).0.iter().map(|byte| format!("={byte:02X}")).collect()
    };
    let card = |text: &str| {
        format!("BEGIN:VCARD\r\nVERSION:2.1\r\nFN;ENCODING=QUOTED-PRINTABLE:{}\r\nEND:VCARD\r\n", quote(text))
    };
    let file = ["Соколов Пётр Иванович", "Иванова Ольга Сергеевна", "Оля"].map(card).concat();
    let text = decode_file(file.as_bytes()).expect("a file");
    let names: Vec<String> = parse(&text).cards.iter().map(|card| named(card, "FN").text()).collect();
    assert_eq!(names, ["Соколов Пётр Иванович", "Иванова Ольга Сергеевна", "Оля"]);
}

#[test]
fn bytes_without_a_meaning_are_told_by_line_and_kept() {
    let file = crate::vcard::DecodedFile::of(b"BEGIN:VCARD\nFN:A\nNOTE;CHARSET=Shift_JIS:a\xFF\xFDb\nEND:VCARD\n")
        .expect("a file");
    assert_eq!(file.problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [3]);
    assert_eq!(named(&parse(&file.text).cards[0], "NOTE").text(), "aÿýb");
}

#[test]
fn utf_16_is_recognised_without_its_mark() {
    let units = |bytes: fn(u16) -> [u8; 2]| TEXT.encode_utf16().flat_map(bytes).collect::<Vec<_>>();
    assert_eq!(name_in(&units(u16::to_le_bytes)), "Zoë €");
    assert_eq!(name_in(&units(u16::to_be_bytes)), "Zoë €");
}

#[test]
fn one_nul_does_not_spoil_a_file() {
    let text = decode_file(b"BEGIN:VCARD\nVERSION:3.0\nFN:A\0na\nTEL:1\nEND:VCARD\n").expect("a file");
    let cards = parse(&text).cards;
    assert_eq!((named(&cards[0], "FN").text(), cards[0].problems[0].line), ("Ana".to_owned(), 3));
}

#[test]
fn a_moved_fold_does_not_shift_the_numbers_of_lines() {
    let bytes = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Zo\xC3\r\n \xAB\r\nNOTE;CHARSET=Shift_JIS:\x83\r\n \x5C\r\nno colon\r\nEND:VCARD\r\n";
    let text = decode_file(bytes).expect("a file");
    let cards = parse(&text).cards;
    assert_eq!(cards[0].problems[0].line, 7);
    assert_eq!((named(&cards[0], "FN").text(), named(&cards[0], "NOTE").text()), ("Zoë".into(), "ソ".into()));
}
