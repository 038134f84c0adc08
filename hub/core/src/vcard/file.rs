//! Bytes of a file to text: the character sets that address books are written in.

use super::encoding::decode_windows_1252;
use std::borrow::Cow;

/// A file is not one of vCards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The file contains NULs, as pictures and programs do.
    #[error("this is not a text file, so it cannot be a vCard")]
    Binary,
    /// Nothing in the file begins a card.
    #[error("there is no vCard in this file: nothing in it says BEGIN:VCARD")]
    NoCard,
    /// The file is larger than [`FILE_BYTES_MAX`].
    #[error("the file is larger than 1 GiB; please split it")]
    TooLarge,
}

/// Decodes a file: UTF-16 if it begins with its byte order mark, else UTF-8 with or without one.
///
/// A line that is not UTF-8 is read as Windows-1252, line by line, so that one old card spoils no other; where an old
/// writer folded a line in the middle of a character, the fold is taken out.
///
/// # Errors
///
/// The file is not text, contains no card, or is larger than [`FILE_BYTES_MAX`].
pub fn decode_file(bytes: &[u8]) -> Result<Cow<'_, str>, FileError> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(FileError::TooLarge);
    }
    let text = match bytes {
        [0xFF, 0xFE, rest @ ..] => Cow::Owned(decode_utf16(rest, u16::from_le_bytes)),
        [0xFE, 0xFF, rest @ ..] => Cow::Owned(decode_utf16(rest, u16::from_be_bytes)),
        _ => {
            let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
            match std::str::from_utf8(bytes) {
                Ok(text) => Cow::Borrowed(text),
                Err(_) => Cow::Owned(decode_lines(&join_split_characters(bytes))),
            }
        }
    };
    if text.contains('\0') {
        return Err(FileError::Binary);
    }
    let begins = |line: &str| line.get(..11).is_some_and(|start| start.eq_ignore_ascii_case("BEGIN:VCARD"));
    if !text.split(['\n', '\r']).any(|line| begins(line.trim_start_matches('\u{FEFF}'))) {
        return Err(FileError::NoCard);
    }
    Ok(text)
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn decode_lines(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match std::str::from_utf8(line) {
            Ok(line) => text.push_str(line),
            Err(_) => text.push_str(&decode_windows_1252(line)),
        }
    }
    text
}

/// Takes out folds that part the bytes of one UTF-8 character.
fn join_split_characters(bytes: &[u8]) -> Vec<u8> {
    let mut joined = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        let fold = match rest {
            [b'\r', b'\n', b' ' | b'\t', ..] => 3,
            [b'\n', b' ' | b'\t', ..] => 2,
            _ => 0,
        };
        if fold > 0 && ends_inside_character(&joined) && matches!(rest.get(fold), Some(0x80..=0xBF)) {
            rest = &rest[fold..];
        } else {
            joined.push(byte);
            rest = after;
        }
    }
    joined
}

/// Tells whether bytes end with the beginning of a UTF-8 character whose rest is missing.
fn ends_inside_character(bytes: &[u8]) -> bool {
    let tail = &bytes[bytes.len().saturating_sub(3)..];
    let Some(lead) = tail.iter().rposition(|byte| *byte >= 0xC0) else { return false };
    let present = tail.len() - lead;
    let wanted = match tail[lead] {
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        _ => 4,
    };
    present < wanted && tail[lead + 1..].iter().all(|byte| (0x80..=0xBF).contains(byte))
}

/// Most bytes of a file.
pub const FILE_BYTES_MAX: usize = 1024 * 1024 * 1024;
