//! The columns of Google Contacts; with `whole`, those of a spreadsheet of Kith.

use super::{categories, label};
use crate::csv::flat::{Flat, Labelled};

/// How many columns of each numbered kind a table has.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Widths([usize; 8]);

impl Widths {
    /// Makes room for a card.
    pub(super) fn make_room(&mut self, flat: &Flat) {
        let counts = [
            flat.emails.len(),
            flat.phones.len(),
            flat.addresses.len(),
            flat.relations.len(),
            flat.websites.len(),
            flat.events.len(),
            flat.messengers.len(),
            flat.customs.len(),
        ];
        for (width, count) in self.0.iter_mut().zip(counts) {
            *width = (*width).max(count.min(NUMBERED_MAX));
        }
    }
}

pub(super) fn header(widths: Widths, whole: bool) -> Vec<String> {
    let mut header: Vec<String> = whole.then(|| "Name".to_owned()).into_iter().collect();
    header.extend(FIXED.iter().map(|name| (*name).to_owned()));
    for ((kind, parts), width) in NUMBERED.iter().zip(widths.0) {
        for number in 1..=width {
            header.extend(parts.iter().map(|part| format!("{kind} {number} - {part}")));
        }
    }
    header.extend(whole.then(|| "Kith UID".to_owned()));
    header
}

pub(super) fn row(flat: &Flat, widths: Widths, whole: bool, leave_out: &mut impl FnMut(&'static str)) -> Vec<String> {
    let mut cells: Vec<String> = whole.then(|| flat.full.clone()).into_iter().collect();
    let [family, given, additional, prefix, suffix] = flat.name.clone();
    let unnamed = flat.name.iter().all(String::is_empty);
    if !whole && flat.is_shown_otherwise() {
        leave_out("names as shown");
    }
    // Without parts, the whole name is the first: nobody can tell where a family name begins.
    let given = if unnamed && !whole { flat.full.clone() } else { given };
    let [phonetic_given, phonetic_additional, phonetic_family] = flat.phonetic.clone();
    let fixed = [
        given,
        additional,
        family,
        phonetic_given,
        phonetic_additional,
        phonetic_family,
        prefix,
        suffix,
        flat.nickname.clone(),
        String::new(),
        flat.organisation.clone(),
        flat.title.clone(),
        flat.unit.clone(),
        flat.birthday.clone(),
        flat.note.clone(),
        flat.photo.clone(),
        categories(flat),
    ];
    cells.extend(fixed);
    let [emails, phones, addresses, relations, websites, events, messengers, customs] = widths.0;
    let pair = |labelled: &Labelled| vec![label(labelled), labelled.value.clone()];
    numbered(&flat.emails, emails, 2, pair, &mut cells, || leave_out("email addresses"));
    numbered(&flat.phones, phones, 2, pair, &mut cells, || leave_out("phone numbers"));
    numbered(&flat.addresses, addresses, 9, address, &mut cells, || leave_out("postal addresses"));
    numbered(&flat.relations, relations, 2, pair, &mut cells, || leave_out("related persons"));
    numbered(&flat.websites, websites, 2, pair, &mut cells, || leave_out("websites"));
    numbered(&flat.events, events, 2, pair, &mut cells, || leave_out("dates"));
    let messenger =
        |(labelled, service): &(Labelled, String)| vec![label(labelled), service.clone(), labelled.value.clone()];
    numbered(&flat.messengers, messengers, 3, messenger, &mut cells, || leave_out("messengers"));
    numbered(&flat.customs, customs, 2, pair, &mut cells, || leave_out("other properties"));
    cells.extend(whole.then(|| flat.uid.clone()));
    cells
}

fn numbered<T>(
    values: &[T],
    width: usize,
    parts: usize,
    cells_of: impl Fn(&T) -> Vec<String>,
    cells: &mut Vec<String>,
    mut leave_out: impl FnMut(),
) {
    for index in 0..width {
        match values.get(index) {
            Some(value) => cells.extend(cells_of(value)),
            None => cells.extend(std::iter::repeat_n(String::new(), parts)),
        }
    }
    values.iter().skip(width).for_each(|_| leave_out());
}

fn address((labelled, parts): &(Labelled, [String; 7])) -> Vec<String> {
    let [po_box, extended, street, city, region, code, country] = parts.clone();
    let town = [city.as_str(), region.as_str(), code.as_str()].into_iter().filter(|part| !part.is_empty());
    let town = town.collect::<Vec<_>>().join(", ");
    let lines = [street.as_str(), extended.as_str(), po_box.as_str(), town.as_str(), country.as_str()];
    let formatted = lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    vec![label(labelled), formatted, street, city, po_box, region, code, country, extended]
}

const FIXED: [&str; 17] = [
    "First Name",
    "Middle Name",
    "Last Name",
    "Phonetic First Name",
    "Phonetic Middle Name",
    "Phonetic Last Name",
    "Name Prefix",
    "Name Suffix",
    "Nickname",
    "File As",
    "Organization Name",
    "Organization Title",
    "Organization Department",
    "Birthday",
    "Notes",
    "Photo",
    "Labels",
];
const NUMBERED: [(&str, &[&str]); 8] = [
    ("E-mail", &["Label", "Value"]),
    ("Phone", &["Label", "Value"]),
    (
        "Address",
        &["Label", "Formatted", "Street", "City", "PO Box", "Region", "Postal Code", "Country", "Extended Address"],
    ),
    ("Relation", &["Label", "Value"]),
    ("Website", &["Label", "Value"]),
    ("Event", &["Label", "Value"]),
    ("IM", &["Label", "Service", "Value"]),
    ("Custom Field", &["Label", "Value"]),
];
/// Most columns of one numbered kind; what a card has beyond is left out and told.
const NUMBERED_MAX: usize = 100;
