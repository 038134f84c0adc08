//! Tables of many programs and languages, each with what is read from it beside it, and tables that were written here.
//!
//! `KITH_WRITE_GOLDEN=1` writes the expected readings anew; read the difference before committing it.

use kith_core::{
    csv::{Layout, Sheet, Writer, decode},
    vcard::{Item, ParsedCard, Problem, Property, Version, print},
};
use std::{fmt::Write, fs, path::Path};

/// Everything that is read from a file, as text.
fn reading(bytes: &[u8]) -> String {
    let (text, charset) = decode(bytes, None).expect("text");
    let sheet = Sheet::read(&text).expect("a table");
    let mut out = format!("{} ({charset}), {} rows\n", sheet.dialect().name(), sheet.count());
    for column in sheet.columns() {
        let field = column.field.as_ref().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(out, "{} = {field}", column.name);
    }
    for item in sheet.cards() {
        out.push('\n');
        match item {
            Item::Card(card) => {
                let properties: Vec<&Property> = card.properties.iter().collect();
                let _ = writeln!(
                    out,
                    "line {}\n{}",
                    card.line,
                    print(&properties, Version::V40).replace("\r\n", "\n").trim_end()
                );
                card.problems.iter().for_each(|problem| tell(&mut out, problem));
            }
            Item::Problem(problem) => tell(&mut out, &problem),
        }
    }
    out
}

fn tell(out: &mut String, problem: &Problem) {
    let _ = writeln!(out, "! line {}: {}", problem.line, problem.reason);
}

#[test]
fn tables_of_many_programs_and_languages_are_read_as_written_beside_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/csv");
    let mut files: Vec<_> =
        fs::read_dir(&folder).expect("the folder").map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "csv"));
    files.sort();
    assert!(files.len() >= 15, "the tables are there");
    let write = std::env::var_os("KITH_WRITE_GOLDEN").is_some();
    for file in files {
        let found = reading(&fs::read(&file).expect("a table"));
        let beside = file.with_extension("txt");
        if write {
            fs::write(&beside, &found).expect("the expected reading can be written");
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        assert_eq!(found, expected, "{}", file.display());
    }
}

fn cards_of(text: &str) -> Vec<ParsedCard> {
    let sheet = Sheet::read(text).expect("a table");
    sheet
        .cards()
        .filter_map(|item| match item {
            Item::Card(card) => Some(card),
            Item::Problem(_) => None,
        })
        .collect()
}

fn written(cards: &[Vec<Property>], layout: Layout) -> (String, Vec<String>) {
    let mut writer = Writer::new(layout);
    cards.iter().for_each(|card| writer.measure(card));
    let mut text = String::new();
    writer.header(&mut text);
    cards.iter().for_each(|card| writer.row(card, &mut text));
    (text, writer.left_out())
}

#[test]
fn what_was_read_from_any_table_comes_back_from_the_tables_written_here() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/csv");
    for entry in fs::read_dir(folder).expect("the folder") {
        let file = entry.expect("an entry").path();
        if file.extension().is_none_or(|extension| extension != "csv") {
            continue;
        }
        let (text, _) = decode(&fs::read(&file).expect("a table"), None).expect("text");
        let cards: Vec<Vec<Property>> = cards_of(&text).into_iter().map(|card| card.properties).collect();
        for layout in [Layout::Google, Layout::Spreadsheet, Layout::Outlook] {
            let (first, left_out) = written(&cards, layout);
            let (decoded, _) = decode(first.as_bytes(), None).expect("text");
            let again: Vec<Vec<Property>> = cards_of(&decoded).into_iter().map(|card| card.properties).collect();
            assert_eq!(again.len(), cards.len(), "{} {layout:?}", file.display());
            let (second, _) = written(&again, layout);
            assert_eq!(second, first, "{} {layout:?}", file.display());
            if layout != Layout::Outlook {
                assert_eq!(left_out.iter().filter(|what| !what.contains("as shown")).count(), 0, "{left_out:?}");
            }
        }
    }
}

#[test]
fn the_header_tells_the_delimiter_whatever_stands_in_a_cell() {
    let semicolons = ";".repeat(200);
    for text in
        [format!("Name,Phone,Notes\nAda,1,{semicolons}\n"), format!("Name\tPhone\tNotes\nAda\t1\t{semicolons}\n")]
    {
        let cards = cards_of(&text);
        assert_eq!(cards.len(), 1);
        let note = cards[0].properties.iter().find(|property| property.name() == "NOTE").expect("a note");
        assert_eq!(note.parts().concat(), [semicolons.as_str()]);
    }
}

mod random {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    fn cell() -> impl Strategy<Value = String> {
        prop_oneof![Just(String::new()), "[a-zA-Z äöß田1-9@.+=,;'\"\n-]{0,12}", "[=+@-][a-z0-9]{0,6}", "0[0-9]{3,8}",]
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd_to_be_read(text in "[\"',;\t|\r\nA-Za-z0-9@=: -]{0,200}") {
            if let Ok(sheet) = Sheet::read(&text) {
                let items = sheet.cards().count();
                prop_assert!(items <= sheet.count() + 20);
            }
        }

        #[test]
        fn no_bytes_are_too_odd_to_be_read(bytes in vec(any::<u8>(), 0..300)) {
            if let Ok((text, _)) = decode(&bytes, None)
                && let Ok(sheet) = Sheet::read(&text)
            {
                sheet.cards().for_each(drop);
            }
        }

        #[test]
        fn every_cell_of_a_table_arrives(rows in vec(vec(cell(), 4), 1..8)) {
            let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
            let mut text = "Name,Phone,Notes,Oddity\r\n".to_owned();
            for row in &rows {
                text += &(row.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n");
            }
            let cards = cards_of(&text);
            let written: Vec<_> = rows.iter().filter(|row| row.iter().any(|cell| !cell.trim().is_empty())).collect();
            prop_assert_eq!(cards.len(), written.len());
            for (card, row) in cards.iter().zip(written) {
                let said: Vec<String> = card.properties.iter().flat_map(|property| property.parts().concat()).collect();
                for cell in row.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()) {
                    prop_assert!(said.iter().any(|text| text == cell), "{cell:?} is not in {said:?}");
                }
            }
        }

        #[test]
        fn a_spreadsheet_says_the_same_again_and_holds_no_formula(rows in vec(vec(cell(), 4), 1..8)) {
            let properties = |row: &Vec<String>| -> Vec<Property> {
                let named = ["FN", "TEL", "NOTE", "TITLE"].into_iter().zip(row);
                let said = named.filter(|(_, cell)| !cell.trim().is_empty());
                let new = |(at, (name, cell)): (usize, (&str, &String))| {
                    let value = kith_core::vcard::parts_to_value(name, &[vec![cell.trim().to_owned()]]);
                    Property::new(at as u32, name, &Default::default(), None, &value).expect("a property")
                };
                said.enumerate().map(new).collect()
            };
            let cards: Vec<Vec<Property>> = rows.iter().map(properties).filter(|card| !card.is_empty()).collect();
            let (table, left_out) = written(&cards, Layout::Spreadsheet);
            prop_assert!(left_out.is_empty());
            let (text, _) = decode(table.as_bytes(), None).expect("text");
            let again: Vec<Vec<Property>> = cards_of(&text).into_iter().map(|card| card.properties).collect();
            let said = |cards: &[Vec<Property>]| -> Vec<Vec<Vec<String>>> {
                let each = |card: &Vec<Property>| {
                    let mut said: Vec<Vec<String>> =
                        card.iter().map(|property| [vec![property.name().into_owned()], property.parts().concat()].concat()).collect();
                    said.sort();
                    said
                };
                cards.iter().map(each).collect()
            };
            prop_assert_eq!(said(&again), said(&cards));
            let mut plain = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            for record in plain.records() {
                for cell in &record.expect("a row") {
                    prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
                }
            }
        }
    }
}
