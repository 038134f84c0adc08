//! Cards as programs write them: read, written in both versions, read again, edited.
//!
//! Each `golden/<writer>/<name>.vcf` has the bytes that the writer would write (all people are made up), and beside it
//! a `.expected` in plain words. `KITH_WRITE_GOLDEN=1` writes those anew: read the difference before it is kept.

use kith_core::vcard::{
    DecodedFile, Item, ParsedCard, Problem, Property, Reader, Version, canonical, print_into, says_the_same,
};
use std::{
    collections::BTreeSet,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

/// A file of a writer, read.
struct Golden {
    path: PathBuf,
    cards: Vec<ParsedCard>,
    /// Of the file, and of lines outside of any card.
    problems: Vec<Problem>,
}

#[test]
fn every_file_reads_as_its_expected_text_says() {
    for golden in all() {
        let expected = golden.path.with_extension("expected");
        let found = describe(&golden);
        if std::env::var_os("KITH_WRITE_GOLDEN").is_some() {
            fs::write(&expected, &found).expect("the expected text can be written");
        }
        let wanted = fs::read_to_string(&expected).expect("each file has an expected text");
        assert_eq!(found, wanted, "{}", golden.path.display());
    }
}

#[test]
fn no_value_is_lost_in_either_version() {
    for_each_card(|path, card| {
        for version in [Version::V30, Version::V40] {
            let again = read_again(&print(&card.properties, version));
            assert_eq!(canonical(&again.properties), canonical(&card.properties), "{path} in {version:?}");
            let (before, after) = (values(&card.properties), values(&again.properties));
            let lost: Vec<_> = before.difference(&after).collect();
            assert!(lost.is_empty(), "{path} in {version:?} lost {lost:?}");
        }
    });
}

#[test]
fn what_is_printed_reads_and_prints_as_itself() {
    for_each_card(|path, card| {
        for version in [Version::V30, Version::V40] {
            let once = print(&card.properties, version);
            assert_eq!(print(&read_again(&once).properties, version), once, "{path} in {version:?}");
        }
    });
}

#[test]
fn untouched_properties_leave_byte_for_byte_in_their_own_version() {
    for_each_card(|path, card| {
        if card.version == Version::V21 {
            return;
        }
        let printed = print(&card.properties, card.version);
        for property in card.properties.iter().filter(|property| !has_habit_of_2_1(property)) {
            let text = format!("\r\n{}\r\n", property.as_str().replace('\n', "\r\n"));
            assert!(printed.contains(&text), "{path}: {text:?} in {printed}");
        }
    });
}

#[test]
fn a_property_set_to_its_own_parts_changes_no_line_but_its_own() {
    for_each_card(|path, card| {
        for at in 0..card.properties.len() {
            let property = &card.properties[at];
            let again = property.with_parts(&property.parts()).expect("its own parts fit");
            assert_eq!(filled(again.parts()), filled(property.parts()), "{path}: {}", property.as_str());
            only_one_line_differs(path, card, at, again);
        }
    });
}

#[test]
fn an_edit_of_one_property_leaves_the_bytes_of_all_others() {
    for_each_card(|path, card| {
        for name in ["TEL", "EMAIL", "NOTE"] {
            if let Some(at) = card.properties.iter().position(|property| property.name() == name) {
                let edited = card.properties[at].with_parts(&[vec!["another, value".to_owned()]]).expect("an edit");
                only_one_line_differs(path, card, at, edited);
            }
        }
    });
}

#[test]
fn a_card_that_kith_wrote_says_the_same_as_the_one_it_has() {
    for_each_card(|path, card| {
        let nameless: Vec<Property> =
            card.properties.iter().filter(|property| !["N", "FN"].contains(&&*property.name())).cloned().collect();
        for properties in [&card.properties, &nameless] {
            for version in [Version::V30, Version::V40] {
                let again = read_again(&print(properties, version));
                assert!(says_the_same(&again.properties, properties), "{path} in {version:?}");
                assert_eq!(again.properties.len(), read_again(&print(&again.properties, version)).properties.len());
            }
        }
    });
}

#[test]
fn every_writer_is_told_of_in_the_readme() {
    let readme = fs::read_to_string(folder().join("README.md")).expect("there is a README");
    for golden in all() {
        let name = golden.path.strip_prefix(folder()).expect("inside").to_string_lossy().into_owned();
        assert!(readme.contains(&format!("`{name}`")), "{name} is missing in golden/README.md");
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn all() -> Vec<Golden> {
    let mut paths = Vec::new();
    for writer in fs::read_dir(folder()).expect("the golden files") {
        let writer = writer.expect("an entry").path();
        if writer.is_dir() {
            paths.extend(fs::read_dir(writer).expect("a folder").map(|file| file.expect("an entry").path()));
        }
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "vcf"));
    paths.sort();
    assert!(paths.len() >= 20, "the golden files are missing");
    paths.into_iter().map(read).collect()
}

fn read(path: PathBuf) -> Golden {
    let bytes = fs::read(&path).expect("a file");
    let file = DecodedFile::of(&bytes).expect("a file with cards");
    let mut golden = Golden { path, cards: Vec::new(), problems: file.problems.clone() };
    for item in Reader::new(&file.text) {
        match item {
            Item::Card(card) => golden.cards.push(card),
            Item::Problem(problem) => golden.problems.push(problem),
        }
    }
    golden
}

fn for_each_card(check: impl Fn(&str, &ParsedCard)) {
    for golden in all() {
        for (number, card) in golden.cards.iter().enumerate() {
            let name = golden.path.strip_prefix(folder()).expect("inside").display().to_string();
            check(&format!("{name}, card {}", number + 1), card);
        }
    }
}

fn print(properties: &[Property], version: Version) -> String {
    let mut text = String::new();
    print_into(&properties.iter().collect::<Vec<_>>(), version, &mut text);
    text
}

fn read_again(text: &str) -> ParsedCard {
    let mut items: Vec<Item> = Reader::new(text).collect();
    match (items.len(), items.pop()) {
        (1, Some(Item::Card(card))) => card,
        (count, last) => unreachable!("{count} cards or problems in {text}, the last one {last:?}"),
    }
}

/// The file in plain words.
fn describe(golden: &Golden) -> String {
    let mut text = String::new();
    for problem in &golden.problems {
        writeln!(text, "line {}: {}", problem.line, problem.reason).expect("text");
    }
    for card in &golden.cards {
        let name = kith_core::contact::display_name(&card.properties);
        writeln!(text, "card at line {}, {}, \"{name}\"", card.line, card.version.as_str()).expect("text");
        for property in &card.properties {
            let line = property.line();
            let group = line.group.map(|group| format!("{group}.")).unwrap_or_default();
            let params: String =
                line.params.iter().map(|(name, values)| format!(" [{name}: {}]", values.join(", "))).collect();
            let parts: Vec<String> = property.parts().iter().map(|texts| texts.join(" & ")).collect();
            let date = property.date().map(|date| format!(" = {date}")).unwrap_or_default();
            let value = shorten(&parts.join(" | ").replace('\n', "⏎"));
            let params = params.replace('\n', "⏎");
            writeln!(text, "  {group}{}{params}: {value}{date}", line.name).expect("text");
        }
        for problem in &card.problems {
            writeln!(text, "  line {}: {}", problem.line, problem.reason).expect("text");
        }
    }
    text
}

fn shorten(value: &str) -> String {
    match value.char_indices().nth(160) {
        Some((cut, _)) => format!("{}... ({} characters)", &value[..cut], value.chars().count()),
        None => value.to_owned(),
    }
}

/// Everything that a card says, apart from how its version spells it: dates as dates, data without its wrapping, the
/// preferred one of several as `pref`, and what one version keeps in a parameter and the other in a value as one text.
fn values(properties: &[Property]) -> BTreeSet<String> {
    let mut values = BTreeSet::new();
    for property in properties {
        let line = property.line();
        for (name, texts) in &line.params {
            match name.as_str() {
                "ENCODING" | "CHARSET" | "VALUE" | "X-APPLE-OMIT-YEAR" | "MEDIATYPE" => {}
                "PREF" => values.extend(texts.iter().map(|text| text.replace('1', "pref"))),
                "TYPE" if matches!(&*line.name, "PHOTO" | "LOGO" | "SOUND" | "KEY") => {}
                "SORT-AS" => drop(values.insert(texts.join(",").to_lowercase())),
                _ => values.extend(texts.iter().map(|text| text.to_lowercase())),
            }
        }
        if line.name == "AGENT" {
            values.insert("agent".to_owned());
        }
        if let Some(date) = property.date() {
            values.insert(date.to_string());
            continue;
        }
        values.extend(property.parts().into_iter().flatten().map(|text| match &*line.name {
            "PHOTO" | "LOGO" | "SOUND" | "KEY" => text.rsplit("base64,").next().unwrap_or_default().to_owned(),
            "GEO" => text.trim_start_matches("geo:").replace(';', ","),
            "X-ABSHOWAS" if text == "COMPANY" => "org".to_owned(),
            _ => text.to_lowercase(),
        }));
    }
    values
}

/// Replaces a property and checks that no line of the printed card changes but those that it is printed as.
fn only_one_line_differs(path: &str, card: &ParsedCard, at: usize, edited: Property) {
    for version in [Version::V30, Version::V40] {
        let mut properties = card.properties.clone();
        let before = logical_lines(&print(&properties, version));
        properties[at] = edited.clone();
        let after = logical_lines(&print(&properties, version));
        let differing: Vec<_> = before.iter().zip(&after).filter(|(before, after)| before != after).collect();
        let derived = |line: &String| line.starts_with("FN:") || line.starts_with("N:");
        let differing = differing.iter().filter(|(before, _)| !derived(before) || is_named(card)).count();
        assert!(before.len() == after.len() && differing <= 1, "{path}: {before:#?} {after:#?}");
    }
}

/// Components up to the last that says anything: an edit fills up `N` and `ADR`.
fn filled(mut parts: Vec<Vec<String>>) -> Vec<Vec<String>> {
    while parts.last().is_some_and(|texts| texts.concat().is_empty()) {
        parts.pop();
    }
    parts
}

/// Whether the card has the names that an export would else make up from what is edited.
fn is_named(card: &ParsedCard) -> bool {
    ["N", "FN"].iter().all(|name| card.properties.iter().any(|property| property.name() == *name))
}

fn logical_lines(text: &str) -> Vec<String> {
    text.replace("\r\n ", "\r\n\t").replace("\r\n\t", "\u{0}").split("\r\n").map(str::to_owned).collect()
}

/// Bare parameters, quoted-printable and white space around the name: readers of 3.0 and 4.0 do not understand them.
fn has_habit_of_2_1(property: &Property) -> bool {
    let head = property.as_str().split(':').next().unwrap_or_default();
    head.contains(' ')
        || head
            .split(';')
            .skip(1)
            .any(|param| !param.contains('=') || param.to_uppercase().contains("=QUOTED-PRINTABLE"))
}
