//! Where a table's header stands, and which character divides its cells.

use super::{
    COLUMNS_MAX,
    dialect::Dialect,
    field::Field,
    record::{Record, Records},
};
use std::{borrow::Cow, cmp::Reverse};

/// What a table begins with.
pub(crate) struct Header {
    pub(crate) delimiter: u8,
    /// Its columns, if it says what they are.
    pub(crate) columns: Option<Columns>,
    /// How many rows come before the data.
    pub(crate) rows: usize,
}

/// The columns of a header, each with what it means, and whose header that is.
pub(crate) struct Columns {
    pub(crate) dialect: Dialect,
    pub(crate) names: Vec<(String, Option<Field>)>,
}

impl Header {
    /// Finds the header. `told` is the delimiter, if the first row says nothing else.
    ///
    /// Else it is the one under which a header comes first and says most. What people write into cells may look like a
    /// table, too, if only of delimiters; so it counts where no header is known, and the most even table is taken.
    pub(crate) fn find(text: &str, told: Option<u8>) -> Self {
        let skip = usize::from(told.is_some());
        let candidate = |delimiter: u8| {
            let mut rows = Records::new(text, delimiter).take(HEADER_WITHIN).enumerate().skip(skip);
            let (index, columns) = rows.find_map(|(index, row)| Some((index, Columns::known(&row)?)))?;
            Some(((index, Reverse(columns.known_count())), Self { delimiter, columns: Some(columns), rows: index + 1 }))
        };
        let delimiters: Vec<u8> = told.map_or_else(|| DELIMITERS.to_vec(), |told| vec![told]);
        let best = delimiters.into_iter().filter_map(candidate).min_by_key(|(rank, _)| *rank);
        if let Some((_, header)) = best {
            return header;
        }
        let delimiter = told.unwrap_or_else(|| most_even(text));
        // One known word, or none at all: the first row that is not blank, unless it is data already.
        let mut rows = Records::new(text, delimiter).take(HEADER_WITHIN).enumerate().skip(skip);
        let Some((index, row)) = rows.find(|(_, row)| !row.is_blank()) else {
            return Self { delimiter, columns: None, rows: skip };
        };
        let data = |cell: &Cow<'_, str>| cell.contains('@') || cell.chars().filter(char::is_ascii_digit).count() >= 5;
        match row.cells.iter().any(data) {
            true => Self { delimiter, columns: None, rows: index },
            false => Self { delimiter, columns: Some(Columns::of(&row)), rows: index + 1 },
        }
    }
}

impl Columns {
    fn of(row: &Record<'_>) -> Self {
        let names: Vec<String> = row.cells.iter().map(|cell| cell.trim().to_owned()).collect();
        // What is too wide is refused, so nothing of it is looked up.
        let dialect = if names.len() > COLUMNS_MAX { Dialect::Other } else { Dialect::of(&names) };
        let wanted = |name: &str| names.len() <= COLUMNS_MAX && !name.is_empty();
        let fields: Vec<_> = names.iter().map(|name| wanted(name).then(|| dialect.field(name)).flatten()).collect();
        Self { dialect, names: names.into_iter().zip(fields).collect() }
    }

    /// The columns of a row that is a header beyond doubt.
    fn known(row: &Record<'_>) -> Option<Self> {
        // Most rows end here, before anything is looked up.
        let may_be = (HEADERS_KNOWN_MIN..=COLUMNS_MAX).contains(&row.cells.len());
        may_be.then(|| Self::of(row)).filter(|columns| columns.known_count() >= HEADERS_KNOWN_MIN)
    }

    fn known_count(&self) -> usize {
        self.names.iter().filter(|(_, field)| field.is_some()).count()
    }

    /// Columns that nothing is known of.
    pub(crate) fn nameless(width: usize) -> Self {
        Self { dialect: Dialect::Other, names: vec![(String::new(), None); width] }
    }
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
