//! What a contact's properties come to: its name, how that is read and sorted, its line in the list, what finds it.
//!
//! [`Summary::of`] computes all of it from one reading of the properties; the functions beside it are for whoever
//! needs one thing only. Properties are taken in the order given: of several telephone numbers the preferred one
//! counts, else the first.

pub mod duplicates;
mod fold;
pub mod household;
mod index;
mod label;
pub mod matching;
pub mod merge;
mod name;
mod number;
pub mod order;
pub mod phone;
mod pinyin;
mod search;
mod sort;
#[cfg(test)]
mod tests;

pub use fold::fold;
pub use label::{label, labels};
pub use search::{
    Phrase, QUERY_CHARS_MAX, QUERY_TOKENS_MAX, QueryToken, Wanted, match_expression, month_word, query_tokens,
    start_key,
};
pub use sort::{SortBy, Sorter};

use crate::vcard::{Line, Property, formatted_name, normal_uid};
use std::borrow::Borrow;

/// Everything that lists, searches and imports need to know of a contact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// See [`display_name`].
    pub name: String,
    /// See [`reading`].
    pub reading: String,
    /// The index letter, see [`Sorter::index_letter`].
    pub letter: String,
    /// See [`detail`].
    pub detail: String,
    /// See [`is_organisation`].
    pub organisation: bool,
    /// Sorts contacts by comparing bytes, see [`Sorter::sort_key`].
    pub sort_key: Vec<u8>,
    /// What the search index gets, see [`index_tokens`].
    pub tokens: String,
    /// What the name begins with, and its reading or other spelling, see [`start_key`]; zero for none.
    pub starts: [u64; 2],
    /// See [`crate::vcard::uid`].
    pub uid: Option<String>,
}

impl Summary {
    /// Reads the properties once and computes all of it.
    pub fn of<P: Borrow<Property>>(properties: &[P], sorter: &Sorter) -> Self {
        let lines = read(properties);
        let name = formatted_name(&lines);
        let reading = name::reading(&lines, &name, sorter.reads_pinyin());
        let family_first = match sorter.by() {
            SortBy::Family if reading.is_empty() => name::family_first(&lines),
            _ => None,
        };
        let sorted = family_first.as_deref().unwrap_or(&name);
        Self {
            letter: sorter.index_letter(sorted, &reading),
            detail: name::detail(&lines, &name),
            organisation: name::is_organisation(&lines),
            sort_key: sorter.sort_key(sorted, &reading),
            tokens: index::index_tokens(&lines, &name, &reading),
            starts: [start_key(&name), search::other_start_key(&name, &reading)],
            uid: lines.iter().find(|line| line.name == "UID").and_then(|line| normal_uid(line.clone())),
            name,
            reading,
        }
    }
}

/// Returns the name a contact goes by: `FN`, else from `N`, else `NICKNAME`, `ORG`, the first mail address, the first
/// telephone number; else empty. Always one line of at most 500 characters.
pub fn display_name<P: Borrow<Property>>(properties: &[P]) -> String {
    formatted_name(&read(properties))
}

/// Returns how the name is read, if that is not how it is written; else empty.
///
/// Taken from `X-PHONETIC-LAST-NAME` and its kin, `SORT-AS` or `SORT-STRING`; a Chinese name without any of them is
/// read in pinyin: "Bai Xiaowen".
pub fn reading<P: Borrow<Property>>(properties: &[P]) -> String {
    let lines = read(properties);
    name::reading(&lines, &formatted_name(&lines), true)
}

/// Tells whether the contact is an organisation: `KIND:org`, or Apple's `X-ABSHOWAS:COMPANY`.
pub fn is_organisation<P: Borrow<Property>>(properties: &[P]) -> bool {
    name::is_organisation(&read(properties))
}

/// Returns the one thing worth knowing beside the name: title and employer, else a telephone number, a mail address,
/// or a town; never what is the name already.
pub fn detail<P: Borrow<Property>>(properties: &[P]) -> String {
    let lines = read(properties);
    name::detail(&lines, &formatted_name(&lines))
}

/// Returns what the search index gets for a contact: its words in order, each once. See the `index` module.
pub fn index_tokens<P: Borrow<Property>>(properties: &[P]) -> String {
    let lines = read(properties);
    let name = formatted_name(&lines);
    index::index_tokens(&lines, &name, &name::reading(&lines, &name, true))
}

fn read<P: Borrow<Property>>(properties: &[P]) -> Vec<Line<'_>> {
    properties.iter().map(|property| property.borrow().parsed()).collect()
}
