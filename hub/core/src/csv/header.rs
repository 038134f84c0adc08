//! Where a table's header stands, and which character divides its cells.

use super::{
    COLUMNS_MAX,
    dialect::Dialect,
    record::{Record, Records},
};
use std::{borrow::Cow, cmp::Reverse};

/// What a table begins with.
pub(crate) struct Header {
    pub(crate) delimiter: u8,
    /// What its columns are called, if it says so.
    pub(crate) names: Option<Vec<String>>,
    /// How many rows come before the data.
    pub(crate) rows: usize,
}

impl Header {
    /// Finds the header. `told` is the delimiter, if the first row says nothing else.
    ///
    /// Else it is the one under which a header comes first and says most. What people write into cells may look like a
    /// table, too, if only of delimiters; so it counts where no header is known, and the most even table is taken.
    pub(crate) fn find(text: &str, told: Option<u8>) -> Self {
        let skip = usize::from(told.is_some());
        let known = |delimiter: u8| {
            let mut rows = Records::new(text, delimiter).take(HEADER_WITHIN).enumerate().skip(skip);
            let (index, (known, names)) = rows.find_map(|(index, row)| Some(index).zip(known(&row)))?;
            Some(((index, Reverse(known), delimiter), names))
        };
        let candidates: Vec<u8> = told.map_or_else(|| DELIMITERS.to_vec(), |told| vec![told]);
        let best = candidates.into_iter().filter_map(known).min();
        if let Some(((index, _, delimiter), names)) = best {
            return Self { delimiter, names: Some(names), rows: index + 1 };
        }
        let delimiter = told.unwrap_or_else(|| most_even(text));
        // One known word, or none at all: the first row that is not blank, unless it is data already.
        let mut rows = Records::new(text, delimiter).take(HEADER_WITHIN).enumerate().skip(skip);
        let Some((index, row)) = rows.find(|(_, row)| !row.is_blank()) else {
            return Self { delimiter, names: None, rows: skip };
        };
        let data = |cell: &Cow<'_, str>| cell.contains('@') || cell.chars().filter(char::is_ascii_digit).count() >= 5;
        match row.cells.iter().any(data) {
            true => Self { delimiter, names: None, rows: index },
            false => Self { delimiter, names: Some(names(&row)), rows: index + 1 },
        }
    }
}

/// Returns how many names of a row mean something, and the names, if it is a header.
fn known(row: &Record<'_>) -> Option<(usize, Vec<String>)> {
    // Most rows end here, before anything is looked up.
    if !(HEADERS_KNOWN_MIN..=COLUMNS_MAX).contains(&row.cells.len()) {
        return None;
    }
    let names = names(row);
    let dialect = Dialect::of(&names);
    let known = names.iter().filter(|name| !name.is_empty() && dialect.field(name).is_some()).count();
    (known >= HEADERS_KNOWN_MIN).then_some((known, names))
}

fn names(row: &Record<'_>) -> Vec<String> {
    row.cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

/// Returns the delimiter that makes the most even table of the first rows.
fn most_even(text: &str) -> u8 {
    let width = |delimiter: u8| -> (usize, usize) {
        let rows: Vec<usize> = Records::new(text, delimiter)
            .take(ROWS_LOOKED_AT)
            .filter(|row| !row.is_blank())
            .map(|row| row.cells.len())
            .collect();
        let widest = rows.iter().copied().max().unwrap_or(0);
        let even = rows.iter().filter(|width| **width == widest && widest > 1).count();
        (even, widest)
    };
    let mut best = (DELIMITERS[0], width(DELIMITERS[0]));
    for delimiter in DELIMITERS.into_iter().skip(1) {
        let found = width(delimiter);
        // A wide table counts for more than a few rows that happen to be alike.
        if found.0 * found.1 > best.1.0 * best.1.1 {
            best = (delimiter, found);
        }
    }
    best.0
}

/// What cells are divided by, the likeliest first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Names that make a row a header.
const HEADERS_KNOWN_MIN: usize = 2;
/// Rows within which the header must stand.
const HEADER_WITHIN: usize = 20;
/// Rows that decide on the delimiter.
const ROWS_LOOKED_AT: usize = 50;
