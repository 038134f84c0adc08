//! Order of names: sort keys for every script at once, and the letters they stand under.

use crate::vcard::is_han;
use icu_collator::{Collator, CollatorBorrowed, options::CollatorOptions};
use std::cmp::Ordering;
use unicode_normalization::UnicodeNormalization;

/// Sorts names by the root collation of Unicode (UTS 10 with CLDR data). Made once and kept by whoever needs it.
#[derive(Debug)]
pub struct Sorter {
    collator: CollatorBorrowed<'static>,
}

impl Default for Sorter {
    fn default() -> Self {
        Self::new()
    }
}

impl Sorter {
    /// Takes up the collation data, which is compiled in.
    pub fn new() -> Self {
        let collator = Collator::try_new(Default::default(), CollatorOptions::default());
        Self { collator: collator.expect("the root collation is compiled in") }
    }

    /// Returns bytes whose order is that of the names: by the reading if there is one, and among equals as written.
    ///
    /// The keys of different versions of the Unicode data do not mix: a store that keeps them makes them anew when
    /// the program is updated.
    pub fn sort_key(&self, name: &str, reading: &str) -> Vec<u8> {
        let mut key = Vec::with_capacity(64);
        if !reading.is_empty() {
            self.push_key(reading, &mut key);
            key.push(0);
        }
        self.push_key(name, &mut key);
        key
    }

    fn push_key(&self, text: &str, key: &mut Vec<u8>) {
        let end = text.char_indices().nth(SORT_CHARS_MAX).map_or(text.len(), |(at, _)| at);
        let Ok(()) = self.collator.write_sort_key_to(&text[..end], key);
    }

    /// Returns the letter under which a name stands: A to Z for Latin ones, without accents; the first of its row for
    /// kana, the first consonant for Hangul, the first character for other scripts; `#` for digits and signs.
    pub fn index_letter(&self, name: &str, reading: &str) -> String {
        let text = if reading.is_empty() { name } else { reading };
        let Some(first) = text.trim_start().chars().next() else { return OTHER.to_owned() };
        let base = if is_han(first) { first } else { first.nfkd().next().unwrap_or(first) };
        let letter = match base {
            'a'..='z' | 'A'..='Z' => base.to_ascii_uppercase(),
            _ if !base.is_alphabetic() => return OTHER.to_owned(),
            '\u{3041}'..='\u{3096}' => kana_row(base),
            '\u{30A1}'..='\u{30F6}' => kana_row(char::from_u32(u32::from(base) - 0x60).unwrap_or(base)),
            '\u{1100}'..='\u{1112}' => HANGUL[(u32::from(base) - 0x1100) as usize],
            '\u{00C0}'..='\u{024F}' | '\u{1E00}'..='\u{1EFF}' => self.latin_letter(base),
            _ => return base.to_uppercase().collect(),
        };
        letter.to_string()
    }

    /// The last of A to Z that does not sort after the letter: `Ø` stands under O.
    fn latin_letter(&self, letter: char) -> char {
        let lower: String = letter.to_lowercase().collect();
        let mut buffer = [0; 4];
        let not_after = |plain: &char| {
            self.collator.compare(plain.to_ascii_lowercase().encode_utf8(&mut buffer), &lower) != Ordering::Greater
        };
        ('A'..='Z').take_while(not_after).last().unwrap_or('A')
    }
}

/// The first hiragana of the row that a hiragana stands in.
fn kana_row(hiragana: char) -> char {
    KANA_ROWS.into_iter().rev().find(|row| *row <= hiragana).map_or('あ', |row| match row {
        'ぁ' => 'あ',
        'ゃ' => 'や',
        'ゎ' => 'わ',
        row => row,
    })
}

/// Where each row of the kana begins in Unicode's order.
const KANA_ROWS: [char; 10] = ['ぁ', 'か', 'さ', 'た', 'な', 'は', 'ま', 'ゃ', 'ら', 'ゎ'];
/// The consonants that Hangul syllables begin with, in Unicode's order.
const HANGUL: [char; 19] =
    ['ㄱ', 'ㄱ', 'ㄴ', 'ㄷ', 'ㄷ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅂ', 'ㅅ', 'ㅅ', 'ㅇ', 'ㅈ', 'ㅈ', 'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ'];
/// The letter of whatever does not begin with one.
const OTHER: &str = "#";
/// Characters of a name that its sort key looks at.
const SORT_CHARS_MAX: usize = 200;
