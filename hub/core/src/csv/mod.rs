//! Tables of contacts: CSV as Google, Outlook, Thunderbird and others write it, and as a spreadsheet may hold it.
//!
//! Reading goes bytes -> [`decode`] -> text -> [`Sheet`] (delimiter, header, what each column means) -> cards. A row
//! becomes a [`crate::vcard::ParsedCard`], so that everything behind an import is shared with vCards. Every cell that
//! is not empty arrives in its card: what has no field of its own becomes a custom field that bears the column's name.
//!
//! Writing goes cards -> [`Writer`] -> rows in the layout of Google, of Outlook, or for spreadsheets.

mod charset;
mod date;
mod dialect;
mod field;
mod flat;
mod header;
mod parts;
mod record;
mod row;
mod sheet;
mod words;
mod write;

pub use charset::{CharsetError, decode};
pub use dialect::Dialect;
pub use field::Field;
pub use sheet::{Column, Sheet, SheetError};
pub use write::{Layout, Writer};

/// The property of a custom field; its label stands beside it in an `X-ABLabel` of the same group.
pub const CUSTOM: &str = "X-KITH-CUSTOM";
/// Most columns of a table.
pub const COLUMNS_MAX: usize = 2_000;
/// Most bytes of one row, with all its quotes.
pub const ROW_BYTES_MAX: usize = 4 << 20;
