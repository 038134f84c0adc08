//! The contacts that benchmarks work with: as many as asked for, about 370 bytes each, the same on every run.

use std::fmt::Write;

const FIRST: [&str; 24] = [
    "Aaron", "Bruna", "Chloé", "Dilek", "Emil", "Farah", "Gunnar", "Hana", "Ingrid", "Jürgen", "Kofi", "Lena", "Marek",
    "Noor", "Oskar", "Paula", "Rafael", "Sanne", "Tomás", "Ulla", "Vera", "Wim", "Yara", "Zofia",
];
const LAST: [&str; 24] = [
    "Andersen",
    "Baker",
    "Conti",
    "Demir",
    "Eklund",
    "Ferrari",
    "Gruber",
    "Hansen",
    "Ito",
    "Jovanović",
    "Keller",
    "Lindqvist",
    "Moreau",
    "Nowak",
    "Oliveira",
    "Petrov",
    "Rasmussen",
    "Sánchez",
    "Tran",
    "Urban",
    "Vogel",
    "Wagner",
    "Yamada",
    "Zimmermann",
];
const TOWN: [&str; 12] = [
    "Aarhus",
    "Bergen",
    "Coimbra",
    "Dresden",
    "Espoo",
    "Freiburg",
    "Gdynia",
    "Haarlem",
    "Innsbruck",
    "Kraków",
    "Lille",
    "Malmö",
];
const STREET: [&str; 8] = ["Birch", "Canal", "Market", "Meadow", "Orchard", "Quarry", "Tower", "Willow"];
const COMPANY: [&str; 8] = ["Alder", "Beacon", "Cobalt", "Driftwood", "Ember", "Fathom", "Granite", "Heron"];
const FORM: [&str; 4] = ["AB", "GmbH", "Ltd", "SpA"];

/// One contact.
#[derive(Clone, Debug)]
pub(super) struct Contact {
    pub(super) name: String,
    pub(super) vcard: String,
}

/// Makes `count` contacts.
pub(super) fn contacts(count: usize) -> Vec<Contact> {
    let mut dice = Dice::new(0x6b69_7468);
    (0..count).map(|serial| contact(&mut dice, serial)).collect()
}

/// Writes contacts one after the other, as a file holds them.
pub(super) fn file(contacts: &[Contact]) -> String {
    contacts.iter().map(|contact| contact.vcard.as_str()).collect()
}

fn contact(dice: &mut Dice, serial: usize) -> Contact {
    let (first, last, company) = (dice.one_of(&FIRST), dice.one_of(&LAST), dice.one_of(&COMPANY));
    let uid = format!(
        "{}-{}-4{}-9{}-{}",
        dice.text(8, HEX),
        dice.text(4, HEX),
        dice.text(3, HEX),
        dice.text(3, HEX),
        dice.text(12, HEX)
    );
    let name = format!("{first} {serial:06} {last}");
    let mut vcard = String::with_capacity(512);
    let mut line = |text: String| vcard.extend([text.as_str(), "\r\n"]);
    line("BEGIN:VCARD\r\nVERSION:3.0".to_owned());
    line(format!("UID:{uid}"));
    line(format!("N:{last};{first};{serial:06};;"));
    line(format!("FN:{name}"));
    line(format!("ORG:{company} {}", dice.one_of(&FORM)));
    line(format!("EMAIL;TYPE=WORK:{}{serial:06}@{}.example", last.to_lowercase(), company.to_lowercase()));
    line(format!("TEL;TYPE=CELL:+{} {} {}", dice.within(30, 99), dice.text(3, DIGITS), dice.text(7, DIGITS)));
    line(format!("TEL;TYPE=WORK:+{} {} {}", dice.within(30, 99), dice.text(3, DIGITS), dice.text(6, DIGITS)));
    let (house, street, town) = (dice.within(1, 199), dice.one_of(&STREET), dice.one_of(&TOWN));
    line(format!("ADR;TYPE=HOME:;;{house} {street} Street;{town};;{};", dice.text(5, DIGITS)));
    line(format!("BDAY:{}-{:02}-{:02}", dice.within(1940, 2010), dice.within(1, 12), dice.within(1, 28)));
    line(format!("NOTE:Met at the {} fair", dice.one_of(&TOWN)));
    line(format!("REV:2026{:02}{:02}T{:02}0000Z", dice.within(1, 12), dice.within(1, 28), dice.within(0, 23)));
    line("END:VCARD".to_owned());
    Contact { name, vcard }
}

/// A small generator (SplitMix64): benchmarks measure the same data on every run.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn within(&mut self, least: u64, most: u64) -> u64 {
        least + self.roll() % (most - least + 1)
    }

    pub(super) fn one_of(&mut self, words: &[&'static str]) -> &'static str {
        words[self.roll() as usize % words.len()]
    }

    pub(super) fn text(&mut self, length: usize, alphabet: &[u8]) -> String {
        let mut text = String::with_capacity(length);
        for _ in 0..length {
            // Writing into a string cannot fail.
            let _ = text.write_char(char::from(alphabet[self.roll() as usize % alphabet.len()]));
        }
        text
    }
}

const HEX: &[u8] = b"0123456789abcdef";
const DIGITS: &[u8] = b"0123456789";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_are_the_same_on_every_run_and_each_is_another() {
        let some = contacts(500);
        assert_eq!(file(&some), file(&contacts(500)));
        let names: std::collections::BTreeSet<_> = some.iter().map(|contact| &contact.name).collect();
        assert_eq!(names.len(), some.len());
        let mean = file(&some).len() / some.len();
        assert!((350..400).contains(&mean), "{mean} bytes");
    }
}
