//! Bytes of a file to text: the character sets that address books are written in.

use super::{
    Problem,
    encoding::{charset_of_label, decode_windows_1252, hex_pair, is_plausible},
    line::is_begin,
};
use chardetng::EncodingDetector;
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, WINDOWS_1252};
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

/// A file as text, and what of it could not be read as such.
#[derive(Clone, Debug)]
pub struct DecodedFile<'a> {
    /// The text, with the lines of the file.
    pub text: Cow<'a, str>,
    /// Lines with bytes that have no meaning in their character set. They are kept, each such byte as a character.
    /// At most [`UNREADABLE_LINES_MAX`] are listed.
    pub problems: Vec<Problem>,
}

/// Decodes a file as [`DecodedFile::of`] does, without its problems.
///
/// # Errors
///
/// As [`DecodedFile::of`].
pub fn decode_file(bytes: &[u8]) -> Result<Cow<'_, str>, FileError> {
    DecodedFile::of(bytes).map(|file| file.text)
}

impl<'a> DecodedFile<'a> {
    /// Decodes a file: UTF-16 with or without its byte order mark, else UTF-8 with or without one, else line by line.
    ///
    /// Line by line, so that one old card spoils no other: what a line's `CHARSET` says; UTF-8 if it is valid; else
    /// the one set that fits all such lines of the file best, which is Windows-1252 unless another is plainly more
    /// likely. Quoted-printable lines of 2.1 without a `CHARSET` that are not UTF-8 get the one that was guessed.
    /// Where an old writer folded a line in the middle of a character, the fold is moved behind it.
    ///
    /// # Errors
    ///
    /// The file is not text, contains no card, or is larger than [`FILE_BYTES_MAX`].
    pub fn of(bytes: &'a [u8]) -> Result<Self, FileError> {
        if bytes.len() > FILE_BYTES_MAX {
            return Err(FileError::TooLarge);
        }
        let mut problems = Vec::new();
        let text = match utf16_unit(bytes) {
            Some((unit, mark)) => Cow::Owned(decode_utf16(&bytes[mark..], unit, &mut problems)),
            None => decode_bytes(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes), &mut problems),
        };
        if !text.split(['\n', '\r']).any(|line| is_begin(line.trim_start_matches('\u{FEFF}'))) {
            return Err(if text.contains('\0') { FileError::Binary } else { FileError::NoCard });
        }
        Ok(Self { text, problems })
    }
}

type Unit = fn([u8; 2]) -> u16;

/// Recognises UTF-16: by its mark, or by the NULs beside the letters of the first `BEGIN`. Returns the mark's length.
fn utf16_unit(bytes: &[u8]) -> Option<(Unit, usize)> {
    let zero_at = |parity: usize| {
        let start = &bytes[..bytes.len().min(10) & !1];
        !start.is_empty() && start.iter().enumerate().all(|(at, byte)| (*byte == 0) == (at % 2 == parity))
    };
    match bytes {
        [0xFF, 0xFE, ..] => Some((u16::from_le_bytes, 2)),
        [0xFE, 0xFF, ..] => Some((u16::from_be_bytes, 2)),
        _ if zero_at(1) => Some((u16::from_le_bytes, 0)),
        _ if zero_at(0) => Some((u16::from_be_bytes, 0)),
        _ => None,
    }
}

fn decode_utf16(bytes: &[u8], unit: Unit, problems: &mut Vec<Problem>) -> String {
    let units = bytes.chunks(2).map(|pair| unit([pair[0], pair.get(1).copied().unwrap_or_default()]));
    let mut number = 1;
    let mut text = String::with_capacity(bytes.len() / 2);
    for char in char::decode_utf16(units) {
        let char = char.unwrap_or(char::REPLACEMENT_CHARACTER);
        number += u32::from(char == '\n');
        if char == char::REPLACEMENT_CHARACTER {
            report(problems, number, UTF_8);
        }
        text.push(char);
    }
    text.truncate(text.trim_end_matches('\0').len());
    text
}

/// Decodes what is not UTF-16.
fn decode_bytes<'a>(bytes: &'a [u8], problems: &mut Vec<Problem>) -> Cow<'a, str> {
    let whole = std::str::from_utf8(bytes).ok();
    let guess = guess(bytes, whole.is_some());
    if let Some(text) = whole
        && guess.is_none_or(|set| set == WINDOWS_1252)
        && !bytes.windows(2).any(|pair| pair == JIS_ESCAPE)
    {
        return Cow::Borrowed(text);
    }
    let guess = guess.unwrap_or(WINDOWS_1252);
    let joined = move_folds(bytes);
    let mut text = String::with_capacity(joined.len());
    for line in (Lines { rest: &joined, number: 1 }) {
        line.decode(guess, whole.is_some(), &mut text, problems);
    }
    Cow::Owned(text)
}

/// Guesses the one set of all bytes whose set is neither declared nor UTF-8; `None` if there are none.
fn guess(bytes: &[u8], is_utf8: bool) -> Option<&'static Encoding> {
    if is_utf8 && !bytes.contains(&b'=') {
        return None;
    }
    let mut detector = EncodingDetector::new();
    let mut high = 0;
    for line in (Lines { rest: bytes, number: 1 }).filter(|line| line.charset().is_none()) {
        let quoted = line.is_quoted().then(|| unquote(line.value()));
        let undeclared: &[u8] = quoted.as_deref().unwrap_or(line.bytes);
        if (quoted.is_some() || !is_utf8) && std::str::from_utf8(undeclared).is_err() {
            high += undeclared.iter().filter(|byte| **byte >= 0x80).count();
            detector.feed(undeclared, false);
            detector.feed(b"\n", false);
        }
    }
    if high == 0 {
        return None;
    }
    detector.feed(b"\n", true);
    let (guess, sure) = detector.guess_assess(None, false);
    Some(if sure && high >= GUESS_BYTES_MIN { guess } else { WINDOWS_1252 })
}

/// A logical line: its physical lines, with their line breaks.
#[derive(Clone, Copy)]
struct Line<'b> {
    bytes: &'b [u8],
    /// The first physical line, counted from 1.
    number: u32,
}

/// Walks the logical lines of a file: folds and quoted-printable's soft line breaks belong to the line before.
struct Lines<'b> {
    rest: &'b [u8],
    number: u32,
}

impl<'b> Iterator for Lines<'b> {
    type Item = Line<'b>;

    fn next(&mut self) -> Option<Line<'b>> {
        if self.rest.is_empty() {
            return None;
        }
        let number = self.number;
        let mut end = 0;
        let quoted = is_quoted(head(self.rest));
        loop {
            let from = end;
            end = match self.rest[from..].iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
                Some(at) if self.rest[from + at..].starts_with(b"\r\n") => from + at + 2,
                Some(at) => from + at + 1,
                None => self.rest.len(),
            };
            self.number = self.number.saturating_add(1);
            let soft = quoted
                && self.rest[from..end].trim_ascii_end().ends_with(b"=")
                && !self.rest[end..].get(..4).is_some_and(|next| next.eq_ignore_ascii_case(b"END:"));
            if end == self.rest.len() || !(soft || matches!(self.rest[end], b' ' | b'\t')) {
                break;
            }
        }
        let (bytes, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(Line { bytes, number })
    }
}

impl<'b> Line<'b> {
    fn value(self) -> &'b [u8] {
        self.bytes.get(head(self.bytes).len() + 1..).unwrap_or_default()
    }

    fn is_quoted(self) -> bool {
        is_quoted(head(self.bytes))
    }

    /// The character set that the line declares; `None` too if nobody knows it.
    fn charset(self) -> Option<&'static Encoding> {
        let head = head(self.bytes);
        let at = find(head, b"CHARSET=")? + b"CHARSET=".len();
        let label = head[at..].split(|byte| *byte == b';').next()?;
        charset_of_label(label)
    }

    /// Appends the line's text. `file_is_utf8`: only what is written in seven bits can be of another set.
    fn decode(self, guess: &'static Encoding, file_is_utf8: bool, text: &mut String, problems: &mut Vec<Problem>) {
        let declared = self.charset();
        if let Ok(plain) = std::str::from_utf8(self.bytes) {
            let seven_bits = self.bytes.is_ascii();
            if seven_bits && self.bytes.windows(2).any(|pair| pair == JIS_ESCAPE) {
                return text.push_str(&ISO_2022_JP.decode_without_bom_handling(self.bytes).0);
            }
            let other = declared.is_some_and(|set| set != UTF_8);
            if seven_bits || file_is_utf8 || !other {
                let head = head(self.bytes).len();
                text.push_str(&plain[..head]);
                let undeclared = declared.is_none() && guess != WINDOWS_1252 && self.is_quoted();
                if undeclared && std::str::from_utf8(&unquote(self.value())).is_err() {
                    text.push_str(";CHARSET=");
                    text.push_str(guess.name());
                }
                return text.push_str(&plain[head..]);
            }
        }
        let set = declared.filter(|set| *set != UTF_8).unwrap_or(guess);
        if let Some(decoded) = set.decode_without_bom_handling_and_without_replacement(self.bytes) {
            if !is_plausible(&decoded) {
                report(problems, self.number, set);
            }
            return text.push_str(&decoded);
        }
        if let Some(decoded) = unfolded(self.bytes, set) {
            return text.push_str(&decoded);
        }
        match std::str::from_utf8(self.bytes) {
            Ok(plain) => text.push_str(plain),
            Err(_) => {
                report(problems, self.number, set);
                text.push_str(&decode_windows_1252(self.bytes));
            }
        }
    }
}

/// Decodes a line whose folds may part the bytes of a character: without them. Empty folds at its end keep the number
/// of its physical lines.
fn unfolded(bytes: &[u8], set: &'static Encoding) -> Option<String> {
    let mut joined = Vec::with_capacity(bytes.len());
    let mut folds = 0;
    for (index, line) in bytes.trim_ascii_end().split(|byte| *byte == b'\n').enumerate() {
        joined.extend_from_slice(if index == 0 { line } else { line.get(1..).unwrap_or_default() });
        if joined.last() == Some(&b'\r') {
            joined.pop();
        }
        folds += usize::from(index > 0);
    }
    let mut text = set.decode_without_bom_handling_and_without_replacement(&joined)?.into_owned();
    text.push_str(&"\n ".repeat(folds));
    text.push('\n');
    (folds > 0).then_some(text)
}

fn head(line: &[u8]) -> &[u8] {
    &line[..line.iter().position(|byte| matches!(byte, b':' | b'\n' | b'\r')).unwrap_or(line.len())]
}

fn is_quoted(head: &[u8]) -> bool {
    find(head, b"QUOTED-PRINTABLE").is_some()
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window.eq_ignore_ascii_case(wanted))
}

/// Returns the bytes that a quoted-printable value of a file stands for, soft line breaks taken out.
fn unquote(value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.trim_ascii_end();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, hex_pair(after)) {
            (b'=', Some(byte)) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            (b'=', None) => rest = after.trim_ascii_start(),
            (b'\r' | b'\n', _) => {}
            (byte, _) => bytes.push(byte),
        }
    }
    bytes
}

/// Moves folds that part the bytes of one UTF-8 character behind it.
fn move_folds(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut moved = Vec::new();
    let mut copied = 0;
    for at in bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at) {
        let start = if at > 0 && bytes[at - 1] == b'\r' { at - 1 } else { at };
        let folded = matches!(bytes.get(at + 1), Some(b' ' | b'\t'));
        let missing = missing_bytes(&bytes[..start]);
        let rest = bytes.get(at + 2..).unwrap_or_default();
        if folded && missing > 0 && rest.len() >= missing && rest[..missing].iter().all(|byte| is_tail(*byte)) {
            moved.extend_from_slice(&bytes[copied..start]);
            moved.extend_from_slice(&rest[..missing]);
            moved.extend_from_slice(&bytes[start..at + 2]);
            copied = at + 2 + missing;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(bytes);
    }
    moved.extend_from_slice(&bytes[copied..]);
    Cow::Owned(moved)
}

/// How many bytes are missing of the UTF-8 character that bytes end in; 0 if they end between characters.
fn missing_bytes(bytes: &[u8]) -> usize {
    let tail = &bytes[bytes.len().saturating_sub(3)..];
    let Some(lead) = tail.iter().rposition(|byte| *byte >= 0xC0) else { return 0 };
    let present = tail.len() - lead;
    let wanted = match tail[lead] {
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        _ => 4,
    };
    if tail[lead + 1..].iter().all(|byte| is_tail(*byte)) { wanted.max(present) - present } else { 0 }
}

fn is_tail(byte: u8) -> bool {
    (0x80..=0xBF).contains(&byte)
}

fn report(problems: &mut Vec<Problem>, line: u32, set: &'static Encoding) {
    if problems.len() < UNREADABLE_LINES_MAX && problems.last().is_none_or(|last| last.line != line) {
        let reason = format!("some bytes of this line are not {} and were kept as they are", set.name());
        problems.push(Problem { line, reason });
    }
}

/// Most bytes of a file.
pub const FILE_BYTES_MAX: usize = 1024 * 1024 * 1024;
/// Most lines with meaningless bytes that are listed of a file.
pub const UNREADABLE_LINES_MAX: usize = 1_000;
/// Fewest bytes above ASCII on which another set than Windows-1252 is guessed.
const GUESS_BYTES_MIN: usize = 6;
/// What begins Japanese in ISO-2022-JP, a set of seven bits.
const JIS_ESCAPE: &[u8] = b"\x1B$";
