//! vCard 2.1, 3.0 and 4.0 (RFC 2426, 6350, 6868, 9554): reading, keeping, changing and writing cards.
//!
//! A [`Property`] is its content line as text, exactly as it came, with its folds; everything else (group, name,
//! parameters, value) is read from that text when asked for. So a property that nobody touches leaves byte for byte
//! as it came, whether this code understands it or not. Only what is edited, or what the target version spells in
//! another way, is written anew.
//!
//! Where the code for something is:
//!
//! - [`decode_file`]: bytes of a file to text, whatever its character set.
//! - [`parse`] and [`Reader`]: text to cards, with the mistakes listed by line.
//! - [`Property`]: one property, its parts, edits, and its bytes in a book.
//! - [`print`]: properties to the text of a card in 3.0 or 4.0.
//! - [`canonical`]: whether two cards say the same, however they are spelled.
//!
//! Absent on purpose: typed values beyond dates, and writing 2.1, which only ever comes in.

mod convert;
mod date;
mod draft;
mod encoding;
mod file;
mod line;
mod name;
mod parse;
mod print;
mod property;
mod same;
#[cfg(test)]
mod tests;
mod translate;
mod value;

pub(crate) use convert::is_date;
pub use date::PartialDate;
pub use file::{DecodedFile, FILE_BYTES_MAX, FileError, UNREADABLE_LINES_MAX, decode_file};
pub(crate) use line::Line;
pub use line::{ContentLine, LineError};
pub(crate) use name::{formatted_name, full_name, is_cjk, is_han, one_line};
pub use parse::{Item, Parsed, ParsedCard, Problem, Reader, parse};
pub use print::{print, print_into};
pub use property::{DecodeError, Property};
pub use same::{canonical, says_the_same};
pub(crate) use value::parts;
pub use value::parts_to_value;

use std::borrow::Borrow;

/// The vCard version under which a property was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// vCard 2.1: bare parameters, quoted-printable. Only read.
    V21,
    /// vCard 3.0 (RFC 2426).
    V30,
    /// vCard 4.0 (RFC 6350).
    V40,
}

impl Version {
    /// Returns the text of the `VERSION` property.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V21 => "2.1",
            Self::V30 => "3.0",
            Self::V40 => "4.0",
        }
    }

    /// Reads the text of a `VERSION` property; `None` for a version that nobody has defined.
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::V21, Self::V30, Self::V40].into_iter().find(|version| version.as_str() == text.trim())
    }
}

/// Returns the card's UID as cards are compared by: without `urn:uuid:`, in lower case if it is a UUID.
///
/// `None` if there is no UID or it is empty.
pub fn uid<P: Borrow<Property>>(properties: &[P]) -> Option<String> {
    properties.iter().map(|property| property.borrow().parsed()).find(|line| line.name == "UID").and_then(normal_uid)
}

pub(crate) fn normal_uid(line: Line<'_>) -> Option<String> {
    let value = line.text();
    let value = value.trim();
    let bare = match value.get(..9) {
        Some(scheme) if scheme.eq_ignore_ascii_case("urn:uuid:") => &value[9..],
        _ => value,
    };
    let uuid = bare.len() == 36 && bare.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    match bare {
        "" => None,
        _ if uuid => Some(bare.to_ascii_lowercase()),
        _ => Some(bare.to_owned()),
    }
}

/// Tells whether a card has at most one property of this (upper-case) name. FN is taken as one.
pub fn is_single(name: &str) -> bool {
    name.starts_with("X-PHONETIC-")
        || matches!(
            name,
            "FN" | "N"
                | "BDAY"
                | "ANNIVERSARY"
                | "DEATHDATE"
                | "BIRTHPLACE"
                | "DEATHPLACE"
                | "GENDER"
                | "KIND"
                | "UID"
                | "REV"
                | "CREATED"
                | "LANGUAGE"
                | "PRODID"
                | "MAILER"
                | "CLASS"
                | "SORT-STRING"
                | "X-ABSHOWAS"
                | "X-ABUID"
                | "X-ADDRESSBOOKSERVER-KIND"
                | "X-MAIDENNAME"
        )
}

/// Most bytes of a property other than a picture, and of all such properties of a card together.
pub const CARD_BYTES_MAX: usize = 512 * 1024;
/// Most bytes of a picture (`PHOTO`, `LOGO`) as base64 text, and of all pictures of a card together: 8 MiB of data.
pub const PHOTO_BYTES_MAX: usize = 11 * 1024 * 1024;
/// Most bytes of a property before its value: group, name and parameters.
pub const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Most properties of a card.
pub const PROPERTIES_MAX: usize = 2_000;
/// Most cards that may be nested in an `AGENT` property.
pub const NESTED_MAX: usize = 4;
/// Most octets of a printed line without its line break (RFC 6350, 3.2).
pub const LINE_BYTES_MAX: usize = 75;

/// Tells whether a property of this (upper-case) name is a picture, which has a limit of its own.
pub(crate) fn is_photo(name: &str) -> bool {
    matches!(name, "PHOTO" | "LOGO")
}
