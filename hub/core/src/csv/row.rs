//! One row as a card: each cell finds its place.

mod print;

pub(crate) use print::scheme;

use super::{
    date::{self, Order},
    dialect::Dialect,
    field::{Field, What},
    record::Record,
    sheet::Column,
    write::unguarded,
};
use crate::vcard::{Item, Problem, parts_to_value};
use print::Card;
use std::{borrow::Cow, collections::BTreeMap};

/// What a row is read by.
pub(crate) struct Reading<'s> {
    pub(crate) columns: &'s [Column],
    pub(crate) orders: &'s [Order],
    pub(crate) dialect: Dialect,
}

/// Reads a row.
pub(crate) fn card(record: &Record<'_>, reading: &Reading<'_>) -> Item {
    let mut draft =
        Draft { reading, line: record.line, names: BTreeMap::new(), entries: Vec::new(), card: Card::default() };
    if record.broken {
        draft.problem("a quotation mark in this row is not closed, so it was read as a plain character");
    }
    let (has, wants) = (record.cells.len(), reading.columns.len());
    if has < wants {
        draft.problem(format!("this row has {has} of {wants} cells"));
    } else if record.cells[wants..].iter().any(|cell| !cell.trim().is_empty()) {
        draft.problem(format!("this row has {has} cells where there are {wants} columns"));
    }
    for (index, cell) in record.cells.iter().enumerate() {
        let cell = match reading.dialect {
            Dialect::Kith => unguarded(cell),
            _ => Cow::Borrowed(&**cell),
        };
        let cell = cell.trim();
        if cell.is_empty() {
            continue;
        }
        match reading.columns.get(index) {
            Some(column) => draft.take(index, column, cell),
            None => draft.custom(&format!("Column {}", index + 1), cell),
        }
    }
    draft.finish()
}

/// Where a value goes that may have a label of its own: its kind, the number of its columns, the label of its column,
/// which of several in one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    kind: Kind,
    number: u16,
    /// 0 for columns that belong together by number, else the column.
    column: usize,
    label: String,
    nth: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Tel,
    Email,
    Address,
    Url,
    Im,
    Event,
    Relation,
    Custom,
}

#[derive(Debug)]
struct Entry {
    place: Place,
    /// The label that a column of its own gave.
    label: String,
    service: String,
    value: String,
    shown: String,
    address: [String; 7],
    order: Order,
}

struct Draft<'s> {
    reading: &'s Reading<'s>,
    line: u32,
    names: BTreeMap<What, String>,
    entries: Vec<Entry>,
    card: Card,
}

impl Draft<'_> {
    fn problem(&mut self, reason: impl Into<String>) {
        self.card.problems.push(Problem { line: self.line, reason: reason.into() });
    }

    fn take(&mut self, index: usize, column: &Column, cell: &str) {
        use What::{
            AddressLabel, Categories, Custom, CustomLabel, Email, EmailLabel, EmailName, Event, EventLabel, Formatted,
            Im, ImLabel, ImService, Relation, RelationLabel, Tel, TelLabel, Url, UrlLabel,
        };
        let Some(field) = &column.field else { return };
        let (number, label) = (field.number, field.label.as_str());
        let order = self.reading.orders.get(index).copied().unwrap_or(Order::Unknown);
        match field.what {
            Custom if number == 0 && label.is_empty() => {
                if !self.reading.dialect.is_silent(cell) {
                    self.custom(&column.name, cell);
                }
            }
            TelLabel => self.label(Kind::Tel, number.max(1), cell),
            EmailLabel => self.label(Kind::Email, number.max(1), cell),
            AddressLabel => self.label(Kind::Address, number, cell),
            UrlLabel => self.label(Kind::Url, number.max(1), cell),
            ImLabel => self.label(Kind::Im, number.max(1), cell),
            EventLabel => self.label(Kind::Event, number.max(1), cell),
            RelationLabel => self.label(Kind::Relation, number.max(1), cell),
            CustomLabel => self.label(Kind::Custom, number.max(1), cell),
            ImService => self.each(Kind::Im, number.max(1), "", cell, |entry, text| entry.service = text),
            EmailName => self.each(Kind::Email, number.max(1), "", cell, |entry, text| entry.shown = text),
            Tel => self.value(Kind::Tel, index, field, order, cell),
            Email => self.value(Kind::Email, index, field, order, cell),
            Url => self.value(Kind::Url, index, field, order, cell),
            Im => self.value(Kind::Im, index, field, order, cell),
            Relation => self.value(Kind::Relation, index, field, order, cell),
            Custom => self.value(Kind::Custom, index, field, order, cell),
            Event => self.value(Kind::Event, index, field, order, cell),
            Formatted => self.each(Kind::Address, number, label, cell, |entry, text| entry.shown = text),
            Categories => self.categories(cell),
            what => match what.address_part() {
                Some(part) => {
                    // `Business Street 2` is the second line of one street; `Address 2 - Street` of another address.
                    let number = if self.reading.dialect.joins() { number } else { 0 };
                    let newline = if part == 2 { "\n" } else { " " };
                    self.each(Kind::Address, number, label, cell, |entry, text| {
                        let place = &mut entry.address[part];
                        if !place.is_empty() {
                            place.push_str(newline);
                        }
                        place.push_str(&text);
                    });
                }
                None => self.single(what, order, &column.name, cell),
            },
        }
    }

    /// Puts a value beside the label that bears its number; where that place is taken, beside nothing.
    fn value(&mut self, kind: Kind, index: usize, field: &Field, order: Order, cell: &str) {
        let (column, number) = match self.is_paired(field.what) {
            true => (0, field.number.max(1)),
            false => (index + 1, 0),
        };
        for (nth, piece) in self.pieces(cell).into_iter().enumerate().filter(|(_, piece)| !piece.is_empty()) {
            let mut place = Place { kind, number, column, label: field.label.clone(), nth };
            if !self.entry(place.clone()).value.is_empty() {
                place.column = index + 1;
            }
            let entry = self.entry(place);
            (entry.value, entry.order) = (piece, order);
        }
    }

    /// Whether columns of this kind belong together by their number.
    fn is_paired(&self, what: What) -> bool {
        let mates: &[What] = match what {
            What::Tel => &[What::TelLabel],
            What::Email => &[What::EmailLabel, What::EmailName],
            What::Url => &[What::UrlLabel],
            What::Im => &[What::ImLabel, What::ImService],
            What::Event => &[What::EventLabel],
            What::Relation => &[What::RelationLabel],
            What::Custom => &[What::CustomLabel],
            _ => &[],
        };
        let columns = self.reading.columns.iter().filter_map(|column| column.field.as_ref());
        columns.into_iter().any(|field| mates.contains(&field.what))
    }

    fn single(&mut self, what: What, order: Order, header: &str, cell: &str) {
        match what {
            What::Birthday | What::Anniversary => {
                let name = if what == What::Birthday { "BDAY" } else { "ANNIVERSARY" };
                self.date(name, order, cell);
            }
            What::Gender if self.reading.dialect.is_silent(cell) => {}
            _ => {
                if self.names.contains_key(&what) {
                    return self.custom(header, cell);
                }
                self.names.insert(what, cell.to_owned());
            }
        }
    }

    fn date(&mut self, name: &str, order: Order, cell: &str) {
        let none = BTreeMap::new();
        let unread = match date::read(cell, order) {
            date::Reading::Date(date) => return self.card.add(self.line, name, &none, None, &date.to_basic()),
            date::Reading::Nothing => return,
            date::Reading::Ambiguous => "of this date, nobody can tell the day from the month, so it is kept as it is",
            date::Reading::Unread => "this is not a date that can be read, so it is kept as it is",
        };
        self.problem(format!("{cell}: {unread}"));
        let text = BTreeMap::from([("VALUE".to_owned(), vec!["text".to_owned()])]);
        self.card.add(self.line, name, &text, None, &parts_to_value(name, &[vec![cell.to_owned()]]));
    }

    fn custom(&mut self, label: &str, value: &str) {
        let place =
            Place { kind: Kind::Custom, number: 0, column: 0, label: label.to_owned(), nth: self.entries.len() };
        let mut entry = Entry::new(place);
        (entry.label, entry.value) = (label.to_owned(), value.to_owned());
        self.entries.push(entry);
    }

    fn label(&mut self, kind: Kind, number: u16, cell: &str) {
        // One label stands for all values of its cell.
        let pieces = self.pieces(cell);
        let same = Place { kind, number, column: 0, label: String::new(), nth: 0 };
        if pieces.len() == 1 {
            self.entry(same).label = cell.to_owned();
        } else {
            for (nth, piece) in pieces.into_iter().enumerate() {
                self.entry(Place { nth, ..same.clone() }).label = piece;
            }
        }
    }

    fn each(&mut self, kind: Kind, number: u16, label: &str, cell: &str, set: impl Fn(&mut Entry, String)) {
        for (nth, piece) in self.pieces(cell).into_iter().enumerate().filter(|(_, piece)| !piece.is_empty()) {
            set(self.entry(Place { kind, number, column: 0, label: label.to_owned(), nth }), piece);
        }
    }

    fn pieces(&self, cell: &str) -> Vec<String> {
        match self.reading.dialect.joins() && cell.contains(JOINT.trim()) {
            true => cell.split(JOINT.trim()).map(|piece| piece.trim().to_owned()).collect(),
            false => vec![cell.to_owned()],
        }
    }

    fn entry(&mut self, place: Place) -> &mut Entry {
        let found = self.entries.iter().position(|entry| entry.place == place);
        let at = found.unwrap_or_else(|| {
            self.entries.push(Entry::new(place));
            self.entries.len() - 1
        });
        &mut self.entries[at]
    }

    fn categories(&mut self, cell: &str) {
        let mut names: Vec<String> = match self.reading.dialect {
            Dialect::Kith | Dialect::Google | Dialect::GoogleOld => self.pieces(cell),
            _ if cell.contains(';') => cell.split(';').map(str::to_owned).collect(),
            _ => cell.split(',').map(str::to_owned).collect(),
        };
        names.iter_mut().for_each(|name| *name = name.trim().to_owned());
        // Google puts everybody into this one.
        names.retain(|name| !name.is_empty() && name != "* myContacts");
        names.iter_mut().for_each(|name| *name = name.trim_start_matches("* ").to_owned());
        if !names.is_empty() {
            self.card.add(self.line, "CATEGORIES", &BTreeMap::new(), None, &parts_to_value("CATEGORIES", &[names]));
        }
    }
}

impl Entry {
    fn new(place: Place) -> Self {
        Self {
            place,
            label: String::new(),
            service: String::new(),
            value: String::new(),
            shown: String::new(),
            address: Default::default(),
            order: Order::Unknown,
        }
    }
}

/// Between several values of one cell.
pub(crate) const JOINT: &str = " ::: ";
