//! Cards as programs write them, through JSContact and back: no value is lost.

use kith_core::{
    jscontact,
    vcard::{Property, Version, decode_file, parse, print},
};
use std::{collections::BTreeMap, fs, path::Path};

/// Every text of every property, by the property's name, and how often it is said.
fn values(properties: &[Property]) -> BTreeMap<(String, String), usize> {
    let mut values = BTreeMap::new();
    for property in properties {
        for text in property.parts().concat().into_iter().filter(|text| !text.is_empty()) {
            *values.entry((property.name().into_owned(), text)).or_default() += 1;
        }
    }
    values
}

/// The card as it is in 4.0: JSContact knows no older spelling.
fn in_v4(properties: &[Property]) -> Vec<Property> {
    let text = print(&properties.iter().collect::<Vec<_>>(), Version::V40);
    let mut cards = parse(&text).cards;
    assert_eq!(cards.len(), 1, "{text}");
    cards.remove(0).properties
}

#[test]
fn no_value_of_any_writer_is_lost_and_a_second_time_changes_nothing() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut cards = 0;
    for writer in fs::read_dir(folder).expect("the golden files") {
        let Ok(files) = fs::read_dir(writer.expect("an entry").path()) else { continue };
        let files = files.map(|file| file.expect("an entry").path());
        for path in files.filter(|path| path.extension().is_some_and(|extension| extension == "vcf")) {
            let bytes = fs::read(&path).expect("a file");
            for card in parse(&decode_file(&bytes).expect("a file of vCards")).cards {
                let written = jscontact::write(std::slice::from_ref(&card.properties));
                let read = jscontact::read(&written).expect("own JSContact");
                let place = format!("{}, line {}: {written}", path.display(), card.line);
                assert_eq!((&read.problems, &read.cards[0].problems), (&Vec::new(), &Vec::new()), "{place}");
                let (before, after) = (values(&in_v4(&card.properties)), values(&read.cards[0].properties));
                let made_up = !card.properties.iter().any(|property| property.name() == "FN");
                let lost: Vec<_> = before
                    .iter()
                    .filter(|((name, _), _)| !(made_up && name == "FN"))
                    .filter(|(value, times)| after.get(value).is_none_or(|found| found < times))
                    .collect();
                assert!(lost.is_empty(), "lost {lost:?} of {place}");
                // The ids that the mapping makes up may change places; what is said may not.
                let twice = jscontact::write(&[read.cards[0].properties.clone()]);
                let again = jscontact::read(&twice).expect("own JSContact");
                assert_eq!(values(&again.cards[0].properties), after, "{}", path.display());
                cards += 1;
            }
        }
    }
    assert!(cards > 30, "only {cards} cards were tried");
}
