//! What the search index gets for a contact: its words, each once, in order, with spaces between them.
//!
//! All folding is done here, so that the index compares bytes (FTS5, tokenizer `ascii`, which takes every character
//! beyond ASCII as part of a word). It keeps no positions: what is to be found as a run is a word. The words are:
//!
//! - each word of each textual field, see [`fold`]; one with an umlaut also as it is spelled without (`mueller`);
//!   words that hyphens or apostrophes part in a name also as one (`jeanluc`);
//! - of Chinese, Japanese and Korean each character and each pair of neighbours; of Hangul in names also the initial
//!   consonants, from each syllable on;
//! - a telephone number as its digits: as written, without leading zeros, without the country code, from each group of
//!   digits on, and backwards after the letter `r` (`r410...`): the last digits are thus the first of a word;
//! - a date as its digits, its year, month and day, with and without zeros, and the month after [`MONTH_MARK`];
//! - for Chinese in names: the syllables in pinyin, the initials, and the syllables joined, from each character on;
//! - the words of the name and its reading once more after [`NAME_MARK`], by which they are found first.
//!
//! Marks are private characters, which no query contains.

use super::{
    fold::{fold, spelled_out},
    number::{backwards, national, without_scheme, without_zeros},
    pinyin::{is_chinese, syllables_of},
};
use crate::vcard::{Line, PartialDate, is_cjk, is_han};
use std::ops::Range;

/// Returns the words of a contact, at most [`WORDS_BYTES_MAX`] bytes and a little.
pub(super) fn index_tokens(lines: &[Line<'_>], name: &str, reading: &str) -> String {
    let mut index = Index { text: String::with_capacity(768), words: Vec::with_capacity(64) };
    index.push_name(name);
    for shown in [name, reading] {
        index.push_text(shown, Some(NAME_MARK));
    }
    if !reading.is_empty() {
        index.push_name(reading);
    }
    for line in lines {
        if index.text.len() >= WORDS_BYTES_MAX {
            break;
        }
        let field = Field::of(line);
        if field == Field::Hidden {
            continue;
        }
        let whole = line.text();
        let text = &whole[..whole.floor_char_boundary(FIELD_BYTES_MAX)];
        match field {
            Field::Name if matches!(&*line.name, "FN" | "N") && repeats(text, name) => {}
            Field::Name => index.push_name(text),
            Field::Number => index.push_number(text),
            Field::Date => index.push_date(text),
            Field::Link => index.push_text(without_protocol(text), None),
            Field::Text if is_data(text) => {}
            Field::Text | Field::Hidden => index.push_text(text, None),
        }
    }
    index.finish()
}

/// Returns a word in pieces of at most [`WORD_BYTES_MAX`] bytes.
pub(super) fn pieces(word: &str) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        let piece;
        (piece, rest) = rest.split_at(rest.floor_char_boundary(WORD_BYTES_MAX));
        (!piece.is_empty()).then_some(piece)
    })
}

/// What a field is to the search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Name,
    Number,
    Date,
    Link,
    Text,
    Hidden,
}

impl Field {
    fn of(line: &Line<'_>) -> Self {
        match &*line.name {
            "FN" | "N" | "NICKNAME" | "ORG" | "TITLE" | "ROLE" | "X-MAIDENNAME" => Self::Name,
            "TEL" => Self::Number,
            "BDAY" | "ANNIVERSARY" | "DEATHDATE" | "X-ANNIVERSARY" | "X-ABDATE" => Self::Date,
            "URL" | "IMPP" | "X-SOCIALPROFILE" | "SOCIALPROFILE" => Self::Link,
            "X-ABLABEL" if line.raw.starts_with("_$!<") => Self::Hidden,
            name if HIDDEN.contains(&name) => Self::Hidden,
            name if name.starts_with("X-IMAGE") || name.starts_with("X-MS-OL-DESIGN") => Self::Hidden,
            _ if is_encoded(line) => Self::Hidden,
            _ => Self::Text,
        }
    }
}

/// The words while they are gathered.
struct Index {
    text: String,
    words: Vec<Range<usize>>,
}

impl Index {
    /// Puts the words in order, each once.
    fn finish(self) -> String {
        let Self { text, words } = self;
        let mut words: Vec<&str> = words.into_iter().map(|word| &text[word]).collect();
        words.sort_unstable();
        words.dedup();
        words.join(" ")
    }

    /// Adds a word, in pieces if it is too long.
    fn push_word(&mut self, word: &str, mark: Option<char>) {
        for piece in pieces(word) {
            let start = self.text.len();
            self.text.extend(mark);
            self.text.push_str(piece);
            self.words.push(start..self.text.len());
        }
    }

    /// Adds the words of a text that names somebody: also those that signs part, and how other scripts are typed.
    fn push_name(&mut self, text: &str) {
        self.push_text(text, None);
        self.push_hyphenated(text);
        if text.is_ascii() {
            return;
        }
        for run in text.split(|char| !is_hangul(char)).filter(|run| !run.is_empty()) {
            self.push_initials(run);
        }
        if is_chinese(text) {
            text.split(|char| !is_han(char)).filter(|run| !run.is_empty()).for_each(|run| self.push_pinyin(run));
        }
    }

    /// Adds the words of a text, after a mark if there is one.
    fn push_text(&mut self, text: &str, mark: Option<char>) {
        self.push_folded(&fold(text), mark);
        if let Some(spelled) = spelled_out(text) {
            self.push_folded(&spelled, mark);
        }
    }

    fn push_folded(&mut self, text: &str, mark: Option<char>) {
        for chunk in text.split(|char: char| !char.is_alphanumeric()).filter(|chunk| !chunk.is_empty()) {
            if chunk.is_ascii() || !chunk.contains(is_cjk) {
                self.push_word(chunk, mark);
                continue;
            }
            let runs = chunk.split(is_cjk).filter(|run| !run.is_empty());
            runs.for_each(|run| self.push_word(run, mark));
            let mut before: Option<usize> = None;
            for (at, char) in chunk.char_indices() {
                let end = at + char.len_utf8();
                if !is_cjk(char) {
                    before = None;
                    continue;
                }
                self.push_word(&chunk[at..end], mark);
                if let Some(before) = before {
                    self.push_word(&chunk[before..end], mark);
                }
                before = Some(at);
            }
        }
    }

    /// Adds a run of Hangul by the consonants that its syllables begin with, from each syllable on.
    fn push_initials(&mut self, run: &str) {
        let initials: String = run.chars().take(RUN_CHARS_MAX).filter_map(initial).collect();
        for (start, _) in initials.char_indices() {
            self.push_word(&initials[start..], None);
        }
    }

    /// Adds a run of Chinese characters in pinyin: syllables, initials, and joined from each character on.
    fn push_pinyin(&mut self, run: &str) {
        let chars: Vec<char> = run.chars().take(RUN_CHARS_MAX).collect();
        for syllables in syllables_of(&chars, READINGS_MAX) {
            let starts = if syllables.len() <= NAME_SYLLABLES_MAX { syllables.len() } else { 1 };
            let initials: String = syllables.iter().filter_map(|syllable| syllable.chars().next()).collect();
            let joined = (0..starts).map(|start| syllables[start..].concat());
            for word in syllables.iter().map(|word| (*word).to_owned()).chain([initials]).chain(joined) {
                // Where `ü` cannot be typed, `v` is.
                self.push_word(&word.replace('ü', "u"), None);
                if word.contains('ü') {
                    self.push_word(&word.replace('ü', "v"), None);
                }
            }
        }
    }

    /// Adds words that hyphens or apostrophes part as one word each.
    fn push_hyphenated(&mut self, text: &str) {
        let may_be_hyphen = |byte: u8| byte == b'-' || byte == b'\'' || !byte.is_ascii();
        if !text.bytes().any(may_be_hyphen) || !text.contains(HYPHENS) {
            return;
        }
        for chunk in text.split(|char: char| !char.is_alphanumeric() && !HYPHENS.contains(&char)) {
            if chunk.trim_matches(HYPHENS).contains(HYPHENS) {
                let word: String = chunk.chars().filter(|char| !HYPHENS.contains(char)).collect();
                self.push_text(&word, None);
            }
        }
    }

    /// Adds a telephone number as all the words it is found by, and what stands behind it.
    fn push_number(&mut self, text: &str) {
        let text = without_scheme(text);
        let end = text.find(char::is_alphabetic).unwrap_or(text.len());
        let (number, rest) = text.split_at(end);
        let folded = fold(number);
        let digits: String = folded.chars().filter(char::is_ascii_digit).take(WORD_BYTES_MAX).collect();
        if !digits.is_empty() {
            let mut starts = vec![0, digits.len() - without_zeros(&digits).len()];
            starts.extend(national(number, &digits).map(|national| digits.len() - national.len()));
            let groups = folded.split(|char: char| !char.is_ascii_digit()).map(str::len).filter(|len| *len > 0);
            starts.extend(groups.take(NUMBER_GROUPS_MAX).scan(0, |start, len| {
                *start += len;
                Some(*start)
            }));
            for start in starts.into_iter().filter(|start| *start < digits.len()) {
                self.push_word(&digits[start..], None);
            }
            self.push_word(&backwards(&digits), None);
        }
        self.push_text(rest, None);
    }

    /// Adds a date as people type its parts.
    fn push_date(&mut self, text: &str) {
        self.push_text(text, None);
        let Some(date) = PartialDate::from_text(text) else { return };
        let digits: String = date.to_basic().chars().filter(char::is_ascii_digit).collect();
        self.push_word(&digits, None);
        if let Some(year) = date.year {
            self.push_word(&format!("{year:04}"), None);
        }
        for part in [date.month, date.day].into_iter().flatten() {
            self.push_word(&part.to_string(), None);
            self.push_word(&format!("{part:02}"), None);
        }
        if let Some(month) = date.month {
            self.push_word(&format!("{month:02}"), Some(MONTH_MARK));
        }
    }
}

/// Tells whether every component of a name stands in the shown one already.
fn repeats(components: &str, name: &str) -> bool {
    !name.is_empty() && components.split([';', ',']).map(str::trim).all(|component| name.contains(component))
}

fn is_encoded(line: &Line<'_>) -> bool {
    let encoded = |value: &str| value.eq_ignore_ascii_case("B") || value.eq_ignore_ascii_case("BASE64");
    line.has_params() && line.param("ENCODING").is_some_and(|value| encoded(&value))
}

/// Whether a value is something that only programs read.
fn is_data(text: &str) -> bool {
    let scheme = text.split(':').next().unwrap_or_default();
    let opaque =
        scheme.len() < text.len() && ["data", "urn", "cid"].iter().any(|word| scheme.eq_ignore_ascii_case(word));
    opaque || (text.len() > DATA_BYTES_MIN && text.is_ascii() && !text.contains(char::is_whitespace))
}

fn without_protocol(link: &str) -> &str {
    let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
    rest.strip_prefix("www.").unwrap_or(rest)
}

fn is_hangul(char: char) -> bool {
    matches!(char, '\u{AC00}'..='\u{D7A3}')
}

/// The consonant that a syllable of Hangul begins with (Unicode, 3.12).
fn initial(syllable: char) -> Option<char> {
    let index = u32::from(syllable).checked_sub(HANGUL_FIRST)?;
    char::from_u32(INITIAL_FIRST + index / HANGUL_PER_INITIAL)
}

/// Stands before a word of the name: not of another field.
pub(super) const NAME_MARK: char = '\u{E001}';
/// Stands before the number of a month.
pub(super) const MONTH_MARK: char = '\u{E002}';
/// Signs that part a name but not the person who types it.
const HYPHENS: [char; 5] = ['-', '\'', '’', '\u{2010}', '\u{2011}'];
/// Fields that nobody looks for by what they say.
const HIDDEN: [&str; 24] = [
    "PHOTO",
    "LOGO",
    "SOUND",
    "KEY",
    "UID",
    "REV",
    "CREATED",
    "PRODID",
    "KIND",
    "GENDER",
    "GEO",
    "TZ",
    "LANG",
    "LANGUAGE",
    "GRAMGENDER",
    "CLIENTPIDMAP",
    "MEMBER",
    "XML",
    "SORT-STRING",
    "X-ABUID",
    "X-ABADR",
    "X-ABSHOWAS",
    "X-ADDRESSBOOKSERVER-KIND",
    "X-ADDRESSBOOKSERVER-MEMBER",
];
/// Bytes after which the rest of a contact is not indexed.
const WORDS_BYTES_MAX: usize = 32 * 1024;
/// Bytes of one field that are indexed.
const FIELD_BYTES_MAX: usize = 8 * 1024;
/// Longest word; longer ones are cut into pieces of this many bytes.
const WORD_BYTES_MAX: usize = 64;
/// A text longer than this without a space is no text.
const DATA_BYTES_MIN: usize = 200;
/// Groups of digits in a number from which on it is found.
const NUMBER_GROUPS_MAX: usize = 6;
/// Characters of Chinese or Hangul in a run that are read.
const RUN_CHARS_MAX: usize = 16;
/// Runs of at most this many syllables are found from each of them on.
const NAME_SYLLABLES_MAX: usize = 5;
/// Ways to read a run of Chinese characters that are indexed.
const READINGS_MAX: usize = 8;
/// The first syllable of Hangul.
const HANGUL_FIRST: u32 = 0xAC00;
/// The first of the consonants that syllables begin with.
const INITIAL_FIRST: u32 = 0x1100;
/// How many syllables begin with each of them.
const HANGUL_PER_INITIAL: u32 = 588;
