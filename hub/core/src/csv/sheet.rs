//! A table of contacts: its header, what its columns mean, and its rows as cards.

use super::{
    COLUMNS_MAX,
    date::{self, Order},
    dialect::Dialect,
    field::{Field, What},
    header::{Columns, Header},
    record::Records,
    row::{self, Reading},
};
use crate::vcard::{Item, Problem};
use std::borrow::Cow;

/// A text is not a table of contacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    /// Nothing stands in it.
    #[error("the file is empty")]
    Empty,
    /// Its rows have one cell, and no word heads it that means anything.
    #[error("this is neither a vCard nor a table of contacts")]
    NoTable,
    /// A row has more columns than [`COLUMNS_MAX`].
    #[error("this table has too many columns to be one of contacts")]
    TooWide,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its header, or `Column 3` where there is none.
    pub name: String,
    /// What it means; `None` leaves it out.
    pub field: Option<Field>,
}

/// A table of contacts. Its rows are read when they are asked for.
#[derive(Clone, Debug)]
pub struct Sheet<'a> {
    text: &'a str,
    delimiter: u8,
    dialect: Dialect,
    columns: Vec<Column>,
    orders: Vec<Order>,
    /// The first row of data, counted from 0, and what stood above the header.
    first: usize,
    above: Vec<Problem>,
}

impl<'a> Sheet<'a> {
    /// Finds the delimiter, the header and what each column means.
    ///
    /// # Errors
    ///
    /// The text is empty, or not a table of contacts.
    pub fn read(text: &'a str) -> Result<Self, SheetError> {
        if text.trim().is_empty() {
            return Err(SheetError::Empty);
        }
        // Excel reads the delimiter from such a first line.
        let told =
            text.get(..5).filter(|start| start.to_ascii_lowercase().starts_with("sep=")).map(|told| told.as_bytes()[4]);
        let Header { delimiter, columns, rows: first } = Header::find(text, told);
        let above = Records::new(text, delimiter).take(first.saturating_sub(1)).skip(usize::from(told.is_some()));
        let above = above
            .filter(|row| !row.is_blank() && columns.is_some())
            .map(|row| Problem { line: row.line, reason: "this stands above the table".to_owned() });
        let above = above.collect();
        let mut sheet =
            Self { text, delimiter, dialect: Dialect::Other, columns: Vec::new(), orders: Vec::new(), first, above };
        sheet.set_columns(columns)?;
        Ok(sheet)
    }

    fn set_columns(&mut self, header: Option<Columns>) -> Result<(), SheetError> {
        let headless = header.is_none();
        let width = self.records().take(ROWS_MEASURED).map(|row| row.cells.len()).max().unwrap_or(0);
        if header.as_ref().map_or(0, |header| header.names.len()).max(width) > COLUMNS_MAX {
            return Err(SheetError::TooWide);
        }
        let Columns { dialect, mut names } = header.unwrap_or_else(|| Columns::nameless(width));
        while names.len() > width.max(1) && names.last().is_some_and(|(name, _)| name.is_empty()) {
            names.pop();
        }
        self.dialect = dialect;
        let mut columns: Vec<Column> = Vec::with_capacity(names.len());
        for (index, (name, field)) in names.into_iter().enumerate() {
            let name = if name.is_empty() { format!("Column {}", index + 1) } else { name };
            columns.push(Column { name, field: Some(field.unwrap_or_else(|| Field::of(What::Custom))) });
        }
        let knows = columns.iter().any(|column| column.field.as_ref().is_some_and(|field| field.what != What::Custom));
        if !knows && columns.len() < 2 {
            return Err(SheetError::NoTable);
        }
        if headless {
            self.guess_by_content(&mut columns);
        }
        // Thunderbird in German calls the day "Geburtstag", which elsewhere is the whole date.
        if columns.iter().any(|column| column.field.as_ref().is_some_and(|field| field.what == What::BirthMonth)) {
            let day = columns.iter_mut().filter_map(|column| column.field.as_mut());
            day.filter(|field| field.what == What::Birthday).for_each(|field| field.what = What::BirthDay);
        }
        self.columns = columns;
        self.decide_orders();
        Ok(())
    }

    /// Which program wrote the table.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Its columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Whether any column means something of its own.
    pub fn is_known(&self) -> bool {
        let known = |column: &Column| column.field.as_ref().is_some_and(|field| field.what != What::Custom);
        self.columns.iter().any(known)
    }

    /// Says what a column means, counted from 0; `None` leaves it out. Returns whether there is such a column.
    pub fn set_field(&mut self, column: usize, field: Option<Field>) -> bool {
        let Some(place) = self.columns.get_mut(column) else { return false };
        place.field = field;
        self.decide_orders();
        true
    }

    /// The position of the column with this header, in whatever case.
    pub fn column(&self, name: &str) -> Option<usize> {
        let name = name.trim().to_lowercase();
        self.columns.iter().position(|column| column.name.to_lowercase() == name)
    }

    /// The first few values of each column that are not empty, in the order of the columns.
    pub fn samples(&self, most: usize) -> Vec<Vec<String>> {
        let mut samples = self.first_values(self.columns.len(), most);
        samples.iter_mut().flatten().for_each(|cell| *cell = cell.chars().take(SAMPLE_CHARS_MAX).collect());
        samples
    }

    /// Reads the measured rows once, for all columns together: there may be many of both.
    fn first_values(&self, columns: usize, most: usize) -> Vec<Vec<String>> {
        let mut values = vec![Vec::new(); columns];
        for row in self.records().take(ROWS_MEASURED) {
            for (column, cell) in values.iter_mut().zip(&row.cells).filter(|(column, _)| column.len() < most) {
                let cell = cell.trim();
                if !cell.is_empty() {
                    column.push(cell.to_owned());
                }
            }
        }
        values
    }

    /// How many rows of contacts there are.
    pub fn count(&self) -> usize {
        self.records().filter(|row| !row.is_blank()).count()
    }

    /// Reads row by row. What could not be read of a row is among its problems; the rest is in the card.
    pub fn cards(&self) -> Cards<'_, 'a> {
        Cards { sheet: self, above: self.above.iter(), records: self.records() }
    }

    fn records(&self) -> std::iter::Skip<Records<'a>> {
        Records::new(self.text, self.delimiter).skip(self.first)
    }

    /// Without a header, addresses and numbers can still be told, and what stands before them is most likely the name.
    fn guess_by_content(&self, columns: &mut [Column]) {
        let values = self.first_values(columns.len(), ROWS_MEASURED);
        for (index, (column, samples)) in columns.iter_mut().zip(values).enumerate() {
            let digits = |cell: &str| cell.chars().filter(char::is_ascii_digit).count();
            let number = |cell: &String| {
                digits(cell) >= 5 && cell.chars().all(|char| char.is_ascii_digit() || " +-()/.".contains(char))
            };
            let what = if samples.is_empty() {
                continue;
            } else if samples.iter().all(|cell| cell.contains('@')) {
                What::Email
            } else if samples.iter().all(number) {
                What::Tel
            } else if index == 0 && samples.iter().all(|cell| digits(cell) == 0) {
                What::FullName
            } else {
                continue;
            };
            column.field = Some(Field::of(what));
        }
    }

    fn decide_orders(&mut self) {
        let is_date = |column: &Column| {
            column
                .field
                .as_ref()
                .is_some_and(|field| matches!(field.what, What::Birthday | What::Anniversary | What::Event))
        };
        let dates: Vec<usize> = (0..self.columns.len()).filter(|&index| is_date(&self.columns[index])).collect();
        let mut cells: Vec<Vec<Cow<'a, str>>> = vec![Vec::new(); dates.len()];
        if !dates.is_empty() {
            for mut row in self.records() {
                for (place, &index) in dates.iter().enumerate() {
                    if let Some(cell) = row.cells.get_mut(index).filter(|cell| !cell.is_empty()) {
                        cells[place].push(std::mem::take(cell));
                    }
                }
            }
        }
        // A column that does not tell follows the others: one program wrote them all.
        let all = date::order(cells.iter().flatten().map(|cell| &**cell));
        self.orders = vec![Order::Unknown; self.columns.len()];
        for (place, &index) in dates.iter().enumerate() {
            let order = date::order(cells[place].iter().map(|cell| &**cell));
            self.orders[index] = match order {
                Order::Unknown if all != Order::Unknown => all,
                Order::Unknown if self.dialect.day_first() => Order::DayFirst,
                order => order,
            };
        }
    }
}

/// Reads the rows of a table as cards.
#[derive(Debug)]
pub struct Cards<'s, 'a> {
    sheet: &'s Sheet<'a>,
    above: std::slice::Iter<'s, Problem>,
    records: std::iter::Skip<Records<'a>>,
}

impl Iterator for Cards<'_, '_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        if let Some(problem) = self.above.next() {
            return Some(Item::Problem(problem.clone()));
        }
        let record = self.records.by_ref().find(|record| !record.is_blank())?;
        Some(row::card(
            &record,
            &Reading { columns: &self.sheet.columns, orders: &self.sheet.orders, dialect: self.sheet.dialect },
        ))
    }
}

/// Rows that are looked at for samples and for the width of a table without a header.
const ROWS_MEASURED: usize = 1_000;
/// Most characters of a sample.
const SAMPLE_CHARS_MAX: usize = 200;
