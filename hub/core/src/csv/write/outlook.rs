//! The columns of Outlook in English.

use crate::csv::flat::{Flat, Labelled};
use std::collections::BTreeMap;

pub(super) fn row(flat: Flat, leave_out: &mut impl FnMut(&'static str)) -> Vec<String> {
    let mut row = Row { cells: BTreeMap::new() };
    if flat.is_shown_otherwise() {
        leave_out("names as shown");
    }
    let unnamed = flat.name.iter().all(String::is_empty);
    let [family, given, additional, prefix, suffix] = flat.name;
    row.put(&["First Name"], if unnamed { flat.full } else { given });
    row.put(&["Middle Name"], additional);
    row.put(&["Last Name"], family);
    row.put(&["Title"], prefix);
    row.put(&["Suffix"], suffix);
    let [phonetic_given, phonetic_additional, phonetic_family] = flat.phonetic;
    row.put(&["Given Yomi"], phonetic_given);
    row.put(&["Surname Yomi"], phonetic_family);
    if !phonetic_additional.is_empty() {
        leave_out("readings of middle names");
    }
    row.put(&["Nickname"], flat.nickname);
    row.put(&["Company"], flat.organisation);
    row.put(&["Department"], flat.unit);
    row.put(&["Job Title"], flat.title);
    row.put(&["Birthday"], flat.birthday);
    row.put(&["Notes"], flat.note);
    row.put(&["Categories"], flat.categories.join(";"));
    if !flat.photo.is_empty() {
        leave_out("photos");
    }
    let mut emails = flat.emails;
    emails.sort_by_key(|email| !email.preferred);
    for email in emails {
        if !row.put(&["E-mail Address", "E-mail 2 Address", "E-mail 3 Address"], email.value) {
            leave_out("email addresses");
        }
    }
    for phone in flat.phones {
        if !row.put(phone_columns(&phone.label), phone.value.clone()) && !row.put(&["Other Phone"], phone.value) {
            leave_out("phone numbers");
        }
    }
    for (labelled, parts) in flat.addresses {
        if !row.put_address(&labelled, parts) {
            leave_out("postal addresses");
        }
    }
    for relation in flat.relations {
        let column: &[&str] = match relation.label.as_str() {
            "spouse" => &["Spouse"],
            "child" => &["Children"],
            "manager" => &["Manager's Name"],
            "assistant" => &["Assistant's Name"],
            _ => &[],
        };
        if !row.put(column, relation.value) {
            leave_out("related persons");
        }
    }
    for website in flat.websites {
        if !row.put(&["Web Page"], website.value) {
            leave_out("websites");
        }
    }
    for event in flat.events {
        if event.label != "anniversary" || !row.put(&["Anniversary"], event.value) {
            leave_out("dates");
        }
    }
    flat.messengers.iter().for_each(|_| leave_out("messengers"));
    for custom in flat.customs {
        let column: &[&str] = match custom.label.as_str() {
            "Role" => &["Profession"],
            "Gender" => &["Gender"],
            "Language" => &["Language"],
            "Company Yomi" => &["Company Yomi"],
            _ => &[],
        };
        if !row.put(column, custom.value) {
            leave_out("other properties");
        }
    }
    row.finish()
}

struct Row {
    cells: BTreeMap<&'static str, String>,
}

impl Row {
    /// Puts a value into the first of these columns that is free.
    fn put(&mut self, columns: &[&'static str], value: String) -> bool {
        if value.is_empty() {
            return true;
        }
        match columns.iter().find(|column| !self.cells.contains_key(*column)) {
            Some(column) => self.cells.insert(column, value).is_none(),
            None => false,
        }
    }

    fn put_address(&mut self, labelled: &Labelled, parts: [String; 7]) -> bool {
        let wanted = match labelled.label.as_str() {
            "work" => WORK,
            "home" => HOME,
            _ => OTHER,
        };
        let is_free = |columns: &[&str; 8]| !columns.iter().any(|column| self.cells.contains_key(column));
        let Some(columns) = [wanted, OTHER].into_iter().find(is_free) else { return false };
        let [po_box, extended, street, city, region, code, country] = parts;
        let street = [extended, street].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n");
        let mut lines = street.splitn(3, '\n').map(str::to_owned);
        let mut line = || lines.next().unwrap_or_default();
        let values = [line(), line(), line(), po_box, city, region, code, country];
        for (column, value) in columns.into_iter().zip(values) {
            self.put(&[column], value);
        }
        true
    }

    fn finish(mut self) -> Vec<String> {
        COLUMNS.iter().map(|column| self.cells.remove(column).unwrap_or_default()).collect()
    }
}

fn phone_columns(label: &str) -> &'static [&'static str] {
    match label {
        "work" => &["Business Phone", "Business Phone 2"],
        "home" => &["Home Phone", "Home Phone 2"],
        "cell" | "home cell" | "work cell" => &["Mobile Phone"],
        "work fax" => &["Business Fax"],
        "home fax" => &["Home Fax"],
        "fax" | "other fax" => &["Other Fax"],
        "pager" => &["Pager"],
        "main" => &["Primary Phone"],
        "work main" => &["Company Main Phone"],
        "car" => &["Car Phone"],
        "isdn" => &["ISDN"],
        "textphone" => &["TTY/TDD Phone"],
        "assistant" => &["Assistant's Phone"],
        "callback" => &["Callback"],
        "radio" => &["Radio Phone"],
        "telex" => &["Telex"],
        _ => &[],
    }
}

const WORK: [&str; 8] = [
    "Business Street",
    "Business Street 2",
    "Business Street 3",
    "Business Address PO Box",
    "Business City",
    "Business State",
    "Business Postal Code",
    "Business Country/Region",
];
const HOME: [&str; 8] = [
    "Home Street",
    "Home Street 2",
    "Home Street 3",
    "Home Address PO Box",
    "Home City",
    "Home State",
    "Home Postal Code",
    "Home Country/Region",
];
const OTHER: [&str; 8] = [
    "Other Street",
    "Other Street 2",
    "Other Street 3",
    "Other Address PO Box",
    "Other City",
    "Other State",
    "Other Postal Code",
    "Other Country/Region",
];
/// The header.
pub(super) const COLUMNS: &[&str] = &[
    "Title",
    "First Name",
    "Middle Name",
    "Last Name",
    "Suffix",
    "Nickname",
    "Given Yomi",
    "Surname Yomi",
    "Company",
    "Company Yomi",
    "Department",
    "Job Title",
    "Business Street",
    "Business Street 2",
    "Business Street 3",
    "Business City",
    "Business State",
    "Business Postal Code",
    "Business Country/Region",
    "Home Street",
    "Home Street 2",
    "Home Street 3",
    "Home City",
    "Home State",
    "Home Postal Code",
    "Home Country/Region",
    "Other Street",
    "Other Street 2",
    "Other Street 3",
    "Other City",
    "Other State",
    "Other Postal Code",
    "Other Country/Region",
    "Assistant's Phone",
    "Business Fax",
    "Business Phone",
    "Business Phone 2",
    "Callback",
    "Car Phone",
    "Company Main Phone",
    "Home Fax",
    "Home Phone",
    "Home Phone 2",
    "ISDN",
    "Mobile Phone",
    "Other Fax",
    "Other Phone",
    "Pager",
    "Primary Phone",
    "Radio Phone",
    "TTY/TDD Phone",
    "Telex",
    "Anniversary",
    "Assistant's Name",
    "Birthday",
    "Business Address PO Box",
    "Categories",
    "Children",
    "E-mail Address",
    "E-mail 2 Address",
    "E-mail 3 Address",
    "Gender",
    "Home Address PO Box",
    "Language",
    "Manager's Name",
    "Notes",
    "Other Address PO Box",
    "Profession",
    "Spouse",
    "Web Page",
];
