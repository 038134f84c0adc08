//! Search: what the index gets for a contact, and what is asked of it for the words that somebody types.
//!
//! The index is an FTS5 table with the tokenizer `unicode61 remove_diacritics 2` and `prefix='1 2 3'`. What it gets is
//! one text of words with spaces between them, compatibility characters folded (NFKC) and in lower case:
//!
//! - each word of each textual field; a character of Chinese, Japanese or Korean is a word of its own, so that any
//!   run of them is found as a phrase; a word with a hyphen or an apostrophe in a name also as one (`jeanluc`);
//! - mail addresses and links in their words, without `http` and `www`;
//! - a telephone number as its digits: as written, without a leading `00` or `0`, without the country code, from each
//!   group of digits on, and backwards after the letter `r` (`r410...`): the last digits are thus the first of a word;
//! - for Chinese in names: the syllables in pinyin, the initials, and the syllables joined, from each character on;
//! - the reading of the name, if it has one.
//!
//! Fields with Chinese, Japanese or Korean end with the private character U+E000, which no query contains: a phrase
//! does not run from one field into the next.
//!
//! A query is a list of [`QueryToken`]s, all of which must be met, each by any of its [`Phrase`]s. Their words consist
//! of alphanumeric characters only, so they can stand between double quotes in an FTS5 expression without escapes.

use super::pinyin::{is_chinese, surname_syllable, syllable};
use crate::vcard::{Line, is_cjk, is_han};
use std::borrow::Cow;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// One thing that a contact must have: any of the phrases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryToken {
    /// The ways to have it; never empty.
    pub alternatives: Vec<Phrase>,
}

/// Words that stand one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// The words; never empty, and of alphanumeric characters only.
    pub words: Vec<String>,
    /// The last word may be the beginning of a longer one.
    pub prefix: bool,
}

/// Returns what must be found for the words that somebody typed; empty if there is nothing to look for.
///
/// Words are beginnings of words. A run of two or more digits, with spaces and signs between them, is also a number:
/// its first or its last digits. Only the first [`QUERY_CHARS_MAX`] characters and [`QUERY_TOKENS_MAX`] words count.
pub fn query_tokens(find: &str) -> Vec<QueryToken> {
    let end = find.char_indices().nth(QUERY_CHARS_MAX).map_or(find.len(), |(at, _)| at);
    let folded = fold(&find[..end]);
    let mut tokens = Vec::new();
    let mut number: Vec<String> = Vec::new();
    for chunk in folded.split_whitespace() {
        let numeric = |char: char| char.is_ascii_digit() || NUMBER_SIGNS.contains(char);
        if chunk.chars().all(numeric) {
            number
                .extend(chunk.split(|char: char| !char.is_ascii_digit()).filter(|d| !d.is_empty()).map(str::to_owned));
            continue;
        }
        push_number(&mut number, &mut tokens);
        push_words(chunk, &mut tokens);
    }
    push_number(&mut number, &mut tokens);
    tokens.truncate(QUERY_TOKENS_MAX);
    tokens
}

/// Writes query tokens as an FTS5 expression, e.g. `("anna"*) AND ("912"* OR "r219"*)`; `None` if there are none.
pub fn match_expression(tokens: &[QueryToken]) -> Option<String> {
    let phrase = |phrase: &Phrase| {
        let star = if phrase.prefix { "*" } else { "" };
        format!("\"{}\"{star}", phrase.words.join(" "))
    };
    let token = |token: &QueryToken| {
        let any: Vec<_> = token.alternatives.iter().map(phrase).collect();
        format!("({})", any.join(" OR "))
    };
    let all: Vec<_> = tokens.iter().map(token).collect();
    (!all.is_empty()).then(|| all.join(" AND "))
}

/// The words of one chunk without spaces: a phrase of what stands between signs, each character of Chinese, Japanese
/// or Korean alone.
fn push_words(chunk: &str, tokens: &mut Vec<QueryToken>) {
    let mut words: Vec<String> = Vec::new();
    let mut prefix = true;
    let mut open = false;
    for char in chunk.chars() {
        if is_cjk(char) {
            words.push(char.to_string());
            (open, prefix) = (false, false);
        } else if char.is_alphanumeric() {
            match words.last_mut() {
                Some(word) if open => word.push(char),
                _ => words.push(char.to_string()),
            }
            (open, prefix) = (true, true);
        } else {
            open = false;
        }
    }
    if !words.is_empty() {
        tokens.push(QueryToken { alternatives: vec![Phrase { words, prefix }] });
    }
}

/// The groups of digits of one number: as they stand, joined, without the leading zeros that a country code replaces,
/// and backwards.
fn push_number(groups: &mut Vec<String>, tokens: &mut Vec<QueryToken>) {
    let digits = groups.concat();
    if digits.is_empty() {
        return;
    }
    let one = |word: String| Phrase { words: vec![word], prefix: true };
    let mut alternatives = vec![one(digits.clone())];
    if groups.len() > 1 {
        alternatives.push(Phrase { words: groups.clone(), prefix: true });
    }
    if digits.len() > 1 {
        let bare = without_zeros(&digits);
        alternatives.push(one(backwards(&digits)));
        if bare != digits && bare.len() >= BARE_DIGITS_MIN {
            alternatives.push(one(bare.to_owned()));
        }
    }
    groups.clear();
    tokens.push(QueryToken { alternatives });
}

/// Returns what the index gets for the lines of a contact, at most [`TOKENS_BYTES_MAX`] bytes and a little.
pub(super) fn index_tokens(lines: &[Line<'_>], reading: &str) -> String {
    let mut index = Index { text: String::with_capacity(512), joined: String::new() };
    let name = lines.iter().find(|line| line.name == "FN").map(Line::text).unwrap_or_default();
    for line in lines {
        if index.text.len() >= TOKENS_BYTES_MAX {
            break;
        }
        let field = Field::of(&line.name);
        if field == Field::Hidden || (line.name == "X-ABLABEL" && line.raw.starts_with("_$!<")) {
            continue;
        }
        let whole = line.text();
        let text = cut(&whole, FIELD_BYTES_MAX);
        match field {
            Field::Number => index.push_number(text),
            Field::Name if line.name == "N" && repeats(text, &name) => {}
            Field::Name => index.push_name(text),
            Field::Link => index.push_text(without_scheme(text), false),
            Field::Text | Field::Hidden => index.push_text(text, false),
        }
    }
    if !reading.is_empty() {
        index.push_name(reading);
    }
    index.finish()
}

/// What a field is to the search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Name,
    Number,
    Link,
    Text,
    Hidden,
}

impl Field {
    fn of(name: &str) -> Self {
        match name {
            "FN" | "N" | "NICKNAME" | "ORG" | "TITLE" | "ROLE" | "X-MAIDENNAME" => Self::Name,
            "TEL" => Self::Number,
            "URL" | "IMPP" | "X-SOCIALPROFILE" | "SOCIALPROFILE" => Self::Link,
            "PHOTO"
            | "LOGO"
            | "SOUND"
            | "KEY"
            | "UID"
            | "REV"
            | "CREATED"
            | "PRODID"
            | "KIND"
            | "GENDER"
            | "GEO"
            | "TZ"
            | "LANG"
            | "LANGUAGE"
            | "GRAMGENDER"
            | "CLIENTPIDMAP"
            | "MEMBER"
            | "XML"
            | "SORT-STRING"
            | "X-ABUID"
            | "X-ABADR"
            | "X-ABSHOWAS"
            | "X-ADDRESSBOOKSERVER-KIND"
            | "X-ADDRESSBOOKSERVER-MEMBER" => Self::Hidden,
            name if name.starts_with("X-IMAGE") || name.starts_with("X-MS-OL-DESIGN") => Self::Hidden,
            _ => Self::Text,
        }
    }
}

/// The text for the index while it grows.
struct Index {
    text: String,
    /// Words to add behind: they would part the words of a field from each other.
    joined: String,
}

impl Index {
    fn finish(mut self) -> String {
        self.text.push_str(&self.joined);
        self.text.truncate(self.text.trim_end().len());
        self.text
    }

    fn push_name(&mut self, text: &str) {
        self.push_text(text, true);
        self.push_hyphenated(text);
    }

    /// Adds the words of a text; of Chinese in a name also the pinyin.
    fn push_text(&mut self, text: &str, name: bool) {
        if text.is_ascii() {
            self.push_ascii(text);
            return;
        }
        let mut word_bytes = 0;
        let mut cjk = false;
        for char in fold(text).chars() {
            let alone = is_cjk(char);
            if alone || !char.is_alphanumeric() || word_bytes >= WORD_BYTES_MAX {
                self.space();
                word_bytes = 0;
            }
            if alone {
                self.text.extend([char, ' ']);
                cjk = true;
            } else if char.is_alphanumeric() {
                self.text.push(char);
                word_bytes += char.len_utf8();
            }
        }
        self.space();
        if cjk {
            self.text.extend([FIELD_END, ' ']);
            if name && is_chinese(text) {
                text.split(|char| !is_han(char)).filter(|run| !run.is_empty()).for_each(|run| self.push_pinyin(run));
            }
        }
    }

    fn push_ascii(&mut self, text: &str) {
        let start = self.text.len();
        for word in text.split(|char: char| !char.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
            let (mut piece, mut rest) = word.split_at(word.len().min(WORD_BYTES_MAX));
            while !piece.is_empty() {
                self.push_word(piece);
                (piece, rest) = rest.split_at(rest.len().min(WORD_BYTES_MAX));
            }
        }
        self.text[start..].make_ascii_lowercase();
    }

    /// Adds a run of Chinese characters in pinyin: syllables, initials, and joined from each character on.
    fn push_pinyin(&mut self, run: &str) {
        let chars: Vec<char> = run.chars().take(PINYIN_CHARS_MAX).collect();
        let mut readings = vec![chars.iter().filter_map(|char| syllable(*char)).collect::<Vec<_>>()];
        let surname = chars.first().and_then(|first| surname_syllable(*first));
        if let (Some(surname), Some(usual)) = (surname, readings[0].first().copied())
            && surname != usual
        {
            let mut other = readings[0].clone();
            other[0] = surname;
            readings.push(other);
        }
        for syllables in readings {
            let starts = if syllables.len() <= NAME_SYLLABLES_MAX { syllables.len() } else { 1 };
            let initials: String = syllables.iter().filter_map(|syllable| syllable.chars().next()).collect();
            let joined = (0..starts).map(|start| syllables[start..].concat());
            for word in syllables.iter().map(|word| (*word).to_owned()).chain([initials]).chain(joined) {
                self.push_word(&word);
                if word.contains('ü') {
                    self.push_word(&word.replace('ü', "v"));
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
                self.joined.push_str(cut(&fold(&word), WORD_BYTES_MAX));
                self.joined.push(' ');
            }
        }
    }

    /// Adds a telephone number as all the words it is found by, and what stands behind it.
    fn push_number(&mut self, text: &str) {
        let text = match text.get(..4) {
            Some(scheme) if scheme.eq_ignore_ascii_case("tel:") => &text[4..],
            _ => text,
        };
        let end = text.find(char::is_alphabetic).unwrap_or(text.len());
        let (number, rest) = text.split_at(end);
        let digits: String = number.chars().filter(char::is_ascii_digit).take(WORD_BYTES_MAX).collect();
        if !digits.is_empty() {
            let international = number.trim_start().starts_with('+') || digits.starts_with("00");
            let bare = without_zeros(&digits);
            let mut starts = vec![0, digits.len() - bare.len()];
            if international {
                starts.push(digits.len() - bare.len() + country_code_len(bare));
            }
            let groups = number.split(|char: char| !char.is_ascii_digit()).map(str::len).filter(|len| *len > 0);
            starts.extend(groups.take(NUMBER_GROUPS_MAX).scan(0, |start, len| {
                *start += len;
                Some(*start)
            }));
            starts.sort_unstable();
            starts.dedup();
            for start in starts.into_iter().filter(|start| *start < digits.len()) {
                self.push_word(&digits[start..]);
            }
            self.push_word(&backwards(&digits));
        }
        self.push_text(rest, false);
    }

    fn push_word(&mut self, word: &str) {
        self.text.push_str(word);
        self.text.push(' ');
    }

    fn space(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with(' ') {
            self.text.push(' ');
        }
    }
}

/// Folds compatibility characters and case: what is found alike becomes alike.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return match text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            true => Cow::Owned(text.to_ascii_lowercase()),
            false => Cow::Borrowed(text),
        };
    }
    let mut folded = String::with_capacity(text.len());
    let mut push = |char: char| match char {
        'ß' | 'ẞ' => folded.push_str("ss"),
        'ς' => folded.push('σ'),
        // The index folds the accents of Latin letters itself, those of Greek ones it does not.
        '\u{0370}'..='\u{03FF}' | '\u{1F00}'..='\u{1FFF}' => {
            folded.extend(char.nfd().filter(|char| char.is_alphabetic()).flat_map(char::to_lowercase));
        }
        char => folded.extend(char.to_lowercase()),
    };
    match is_nfkc_quick(text.chars()) {
        IsNormalized::Yes => text.chars().for_each(&mut push),
        _ => text.nfkc().for_each(&mut push),
    }
    Cow::Owned(folded)
}

/// Tells whether every component of an `N` stands in the name already.
fn repeats(components: &str, name: &str) -> bool {
    !name.is_empty() && components.split([';', ',']).map(str::trim).all(|component| name.contains(component))
}

fn without_scheme(link: &str) -> &str {
    let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
    rest.strip_prefix("www.").unwrap_or(rest)
}

fn without_zeros(digits: &str) -> &str {
    digits.strip_prefix("00").or_else(|| digits.strip_prefix('0')).unwrap_or(digits)
}

/// How many digits of an international number are the code of its country (ITU-T E.164): no code begins another.
fn country_code_len(digits: &str) -> usize {
    let two = digits.get(..2).unwrap_or(digits);
    match two.as_bytes().first() {
        Some(b'1' | b'7') => 1,
        _ if COUNTRY_CODES_OF_TWO.contains(&two) => 2,
        _ => 3,
    }
}

/// The digits from the last to the first, after the letter that tells such words from numbers.
fn backwards(digits: &str) -> String {
    std::iter::once('r').chain(digits.chars().rev()).collect()
}

fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

/// Signs that people write between the digits of a number.
const NUMBER_SIGNS: &str = "+-.()/\u{2010}\u{2011}\u{2013}";
/// Signs that part a name but not the person who types it.
const HYPHENS: [char; 5] = ['-', '\'', '’', '\u{2010}', '\u{2011}'];
/// Stands between fields where phrases are looked for.
const FIELD_END: char = '\u{E000}';
/// Most characters of a query that are looked at.
pub const QUERY_CHARS_MAX: usize = 256;
/// Most tokens of a query.
pub const QUERY_TOKENS_MAX: usize = 16;
/// Bytes after which the rest of a contact is not indexed.
const TOKENS_BYTES_MAX: usize = 32 * 1024;
/// Bytes of one field that are indexed.
const FIELD_BYTES_MAX: usize = 8 * 1024;
/// Fewest digits that are looked for without the zeros before them; fewer are the last digits of a number.
const BARE_DIGITS_MIN: usize = 3;
/// Groups of digits in a number from which on it is found.
const NUMBER_GROUPS_MAX: usize = 6;
/// Country codes of two digits; those that begin with 1 or 7 have one, all others three.
const COUNTRY_CODES_OF_TWO: [&str; 44] = [
    "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49", "51",
    "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84", "86", "90",
    "91", "92", "93", "94", "95", "98",
];
/// Longest word; longer ones are cut into pieces of this many bytes.
const WORD_BYTES_MAX: usize = 64;
/// Chinese characters in a run that are read.
const PINYIN_CHARS_MAX: usize = 16;
/// Runs of at most this many syllables are found from each of them on.
const NAME_SYLLABLES_MAX: usize = 5;
