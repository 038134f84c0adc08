//! Cards as rows of a table.

use super::{
    flat::{Flat, Labelled},
    record::write_row,
    row::JOINT,
};
use crate::vcard::Property;
use std::{borrow::Cow, collections::BTreeMap};

mod google;
mod outlook;

/// Whose columns a table has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Google Contacts, as of 2024.
    Google,
    /// Outlook in English.
    Outlook,
    /// The columns of Google, the name as shown, and the identifier, for any spreadsheet: with a byte order mark, and
    /// what a spreadsheet would take for a formula or a number made harmless by an apostrophe.
    Spreadsheet,
}

impl Layout {
    /// Reads the word by which people choose it.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "google" => Some(Self::Google),
            "outlook" => Some(Self::Outlook),
            "spreadsheet" => Some(Self::Spreadsheet),
            _ => None,
        }
    }
}

/// Writes cards as rows: first all are shown to [`Writer::measure`], then [`Writer::header`] and each [`Writer::row`]
/// are written, so that no more than one card is held at a time.
#[derive(Debug)]
pub struct Writer {
    layout: Layout,
    widths: google::Widths,
    left_out: BTreeMap<&'static str, u32>,
}

impl Writer {
    /// Begins a table.
    pub fn new(layout: Layout) -> Self {
        Self { layout, widths: google::Widths::default(), left_out: BTreeMap::new() }
    }

    /// Makes room for a card's values.
    pub fn measure(&mut self, properties: &[Property]) {
        if self.layout != Layout::Outlook {
            self.widths.make_room(&Flat::of(properties));
        }
    }

    /// Appends the header.
    pub fn header(&self, text: &mut String) {
        let header = match self.layout {
            Layout::Google => google::header(self.widths, false),
            Layout::Spreadsheet => {
                text.push('\u{FEFF}');
                google::header(self.widths, true)
            }
            Layout::Outlook => outlook::COLUMNS.iter().map(|column| (*column).to_owned()).collect(),
        };
        write_row(header.iter().map(String::as_str), text);
    }

    /// Appends a card's row.
    pub fn row(&mut self, properties: &[Property], text: &mut String) {
        let mut flat = Flat::of(properties);
        for what in std::mem::take(&mut flat.left_out) {
            self.leave_out(what, 1);
        }
        let mut leave_out = |what: &'static str| *self.left_out.entry(what).or_default() += 1;
        let cells = match self.layout {
            Layout::Google => google::row(&flat, self.widths, false, &mut leave_out),
            Layout::Spreadsheet => google::row(&flat, self.widths, true, &mut leave_out),
            Layout::Outlook => outlook::row(flat, &mut leave_out),
        };
        match self.layout {
            Layout::Spreadsheet => {
                let guarded: Vec<String> = cells.into_iter().map(guarded).collect();
                write_row(guarded.iter().map(String::as_str), text);
            }
            _ => write_row(cells.iter().map(String::as_str), text),
        }
    }

    fn leave_out(&mut self, what: &'static str, count: u32) {
        *self.left_out.entry(what).or_default() += count;
    }

    /// What the rows written so far had no column for, e.g. `12 photos`.
    pub fn left_out(&self) -> Vec<String> {
        let counted = |(what, count): (&&str, &u32)| match count {
            1 => format!(
                "1 {}",
                what.strip_suffix("es").filter(|one| one.ends_with("ss")).or(what.strip_suffix('s')).unwrap_or(what)
            ),
            count => format!("{count} {what}"),
        };
        self.left_out.iter().map(counted).collect()
    }
}

/// Makes a cell harmless for spreadsheets, by an apostrophe: they would take it for a formula, or for a number and drop
/// its leading zeros. One that parts cells at semicolons, tabs or line ends finds a beginning after each of these.
fn guarded(cell: String) -> String {
    let number = cell.starts_with(|first: char| first.is_ascii_digit())
        && cell.chars().all(|char| char.is_ascii_digit() || matches!(char, '.' | ',' | 'e' | 'E' | '+' | ' '));
    if number {
        return format!("'{cell}");
    }
    let mut safe = String::with_capacity(cell.len() + 1);
    let mut begins = true;
    for char in cell.chars() {
        if begins && FORMULA_STARTS.contains(&char) {
            safe.push('\'');
        }
        begins = still_begins(begins, char);
        safe.push(char);
    }
    safe
}

/// Takes off what [`guarded`] put on.
pub(crate) fn unguarded(cell: &str) -> Cow<'_, str> {
    if !cell.contains('\'') {
        return Cow::Borrowed(cell);
    }
    let mut whole = String::with_capacity(cell.len());
    let mut begins = true;
    let mut chars = cell.chars().peekable();
    while let Some(mut char) = chars.next() {
        let guards = |next: &char| FORMULA_STARTS.contains(next) || (whole.is_empty() && next.is_ascii_digit());
        if begins && char == '\'' {
            char = chars.next_if(guards).unwrap_or(char);
        }
        begins = still_begins(begins, char);
        whole.push(char);
    }
    Cow::Owned(whole)
}

/// Whether what follows a character may be the beginning of a cell.
fn still_begins(begins: bool, char: char) -> bool {
    matches!(char, ';' | '\t' | '\r' | '\n') || (begins && matches!(char, ' ' | '"'))
}

/// Joins the groups of a contact into one cell.
fn categories(flat: &Flat) -> String {
    flat.categories.join(JOINT)
}

/// A label as tables write it: `Work Fax`, `* Home`, or the person's own words.
fn label(labelled: &Labelled) -> String {
    let words = labelled.label.split(' ').map(|word| match word {
        "cell" => "Mobile".to_owned(),
        word if TYPE_WORDS.contains(&word) => word[..1].to_uppercase() + &word[1..],
        word => word.to_owned(),
    });
    let words: Vec<String> = words.collect();
    let known = labelled.label.split(' ').all(|word| word == "cell" || TYPE_WORDS.contains(&word));
    let text = if known { words.join(" ") } else { labelled.label.clone() };
    match (labelled.preferred, text.is_empty()) {
        (true, true) => "*".to_owned(),
        (true, false) => format!("* {text}"),
        (false, _) => text,
    }
}

/// An apostrophe that begins a cell is itself guarded, so that taking it off again is exact.
const FORMULA_STARTS: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\''];
/// Words of types that a label is made of.
const TYPE_WORDS: [&str; 17] = [
    "home",
    "work",
    "other",
    "fax",
    "pager",
    "main",
    "car",
    "isdn",
    "video",
    "textphone",
    "spouse",
    "child",
    "parent",
    "friend",
    "anniversary",
    "sibling",
    "assistant",
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_spreadsheet_takes_a_cell_for_a_formula_wherever_it_parts_cells() {
        for (cell, safe) in [
            ("=1+1", "'=1+1"),
            ("0176", "'0176"),
            ("'=1", "''=1"),
            ("a=b", "a=b"),
            ("a;=1;\"=2", "a;'=1;\"'=2"),
            ("milk\n- eggs", "milk\n'- eggs"),
            ("it's - so", "it's - so"),
        ] {
            assert_eq!(guarded(cell.to_owned()), safe);
            assert_eq!(unguarded(safe), cell);
        }
    }

    proptest! {
        #[test]
        fn what_was_made_harmless_is_made_whole_again(cell in "[='+@;\t\n\" 0a-]{0,12}") {
            let safe = guarded(cell.clone());
            prop_assert_eq!(unguarded(&safe), cell.as_str());
            for part in safe.split([';', '\t', '\n']).map(|part| part.trim_start_matches([' ', '"'])) {
                prop_assert!(!part.starts_with(['=', '+', '-', '@']), "{}", safe);
            }
        }
    }
}
