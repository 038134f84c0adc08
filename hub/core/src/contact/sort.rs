//! Order of names: sort keys by the rules of a language for every script at once, and the letters they stand under.

use crate::vcard::is_han;
use icu_collator::{Collator, CollatorBorrowed, options::CollatorOptions};
use icu_locale_core::Locale;
use std::cmp::Ordering;
use unicode_normalization::UnicodeNormalization;

/// Sorts names as people of one language do (UTS 10 with CLDR data). Made once and kept by whoever needs it.
#[derive(Debug)]
pub struct Sorter {
    collator: CollatorBorrowed<'static>,
    by: SortBy,
    pinyin: bool,
    /// The letters of the index in Latin, in order.
    latin: Vec<char>,
    /// Chinese characters without a reading stand together under one of them.
    han_together: bool,
}

/// By which part of a name to sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    /// By the name as it is shown.
    #[default]
    Given,
    /// By the family name, where the card tells it (`N`).
    Family,
}

impl SortBy {
    /// Returns the word by which settings know it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Family => "family",
        }
    }

    /// Reads that word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Given, Self::Family].into_iter().find(|by| by.word() == word)
    }
}

impl Default for Sorter {
    fn default() -> Self {
        Self::new("", SortBy::default())
    }
}

impl Sorter {
    /// Takes up the order of a language, e.g. `sv`, `de-u-co-phonebk`, `zh-u-co-stroke` (BCP 47); that of no language
    /// in particular if it is empty or unknown.
    pub fn new(locale: &str, by: SortBy) -> Self {
        let locale: Locale = locale.trim().parse().unwrap_or(Locale::UNKNOWN);
        let language = locale.id.language.as_str().to_owned();
        let stroke = locale.extensions.unicode.keywords.iter().any(|(_, value)| value.to_string() == "stroke");
        let collator = Collator::try_new((&locale).into(), CollatorOptions::default())
            .or_else(|_| Collator::try_new(Default::default(), CollatorOptions::default()))
            .expect("the root collation is compiled in");
        let own = OWN_LETTERS.iter().find(|(languages, _)| languages.split(' ').any(|word| word == language));
        let mut latin: Vec<char> =
            ('A'..='Z').chain(own.into_iter().flat_map(|(_, letters)| letters.chars())).collect();
        latin.sort_by(|a, b| compare(&collator, *a, *b));
        let japanese_or_korean = matches!(language.as_str(), "ja" | "ko");
        Self { collator, by, pinyin: !stroke && !japanese_or_korean, latin, han_together: japanese_or_korean }
    }

    /// By which part of a name it sorts.
    pub fn by(&self) -> SortBy {
        self.by
    }

    /// Whether Chinese names that do not state a reading are sorted in pinyin.
    pub(super) fn reads_pinyin(&self) -> bool {
        self.pinyin
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

    /// Returns the letter under which a name stands: A to Z and the language's own letters for Latin ones, other
    /// accents taken away; the first of its row for kana, the first consonant for Hangul, the first character for other
    /// scripts; `#` for digits and signs.
    pub fn index_letter(&self, name: &str, reading: &str) -> String {
        let text = if reading.is_empty() { name } else { reading };
        let Some(first) = text.trim_start().chars().next() else { return OTHER.to_owned() };
        if first.is_ascii_alphabetic() && self.latin.len() == PLAIN_LETTERS {
            return first.to_ascii_uppercase().to_string();
        }
        let base = if is_han(first) { first } else { first.nfkd().next().unwrap_or(first) };
        let letter = match base {
            'a'..='z' | 'A'..='Z' | '\u{00C0}'..='\u{024F}' | '\u{1E00}'..='\u{1EFF}' => {
                self.latin_letter(text.trim_start().nfc().next().unwrap_or(first))
            }
            _ if !base.is_alphabetic() => return OTHER.to_owned(),
            '\u{3041}'..='\u{3096}' => kana_row(base),
            '\u{30A1}'..='\u{30F6}' => kana_row(char::from_u32(u32::from(base) - 0x60).unwrap_or(base)),
            '\u{1100}'..='\u{1112}' => HANGUL[(u32::from(base) - 0x1100) as usize],
            _ if self.han_together && is_han(base) => HAN,
            _ => return base.to_uppercase().collect(),
        };
        letter.to_string()
    }

    /// The last of the letters that does not sort after this one: in no language in particular `Ø` stands under O.
    fn latin_letter(&self, letter: char) -> char {
        let letter = letter.nfkc().next().unwrap_or(letter);
        let not_after = |plain: &&char| compare(&self.collator, **plain, letter) != Ordering::Greater;
        self.latin.iter().take_while(not_after).last().copied().unwrap_or('A')
    }
}

/// Compares letters, whatever their case.
fn compare(collator: &CollatorBorrowed<'static>, one: char, other: char) -> Ordering {
    let lower = |char: char| char.to_lowercase().collect::<String>();
    collator.compare(&lower(one), &lower(other))
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

/// Letters beyond A to Z that dictionaries of these languages give a place of their own.
const OWN_LETTERS: [(&str, &str); 14] = [
    ("sv fi", "ÅÄÖ"),
    ("da nb no nn", "ÆØÅ"),
    ("is", "ÁÐÉÍÓÚÝÞÆÖ"),
    ("fo", "ÁÐÍÓÚÝÆØ"),
    ("es gl eu", "Ñ"),
    ("et", "ŠŽÕÄÖÜ"),
    ("pl", "ĄĆĘŁŃÓŚŹŻ"),
    ("cs", "ČŘŠŽ"),
    ("sk", "ÄČÔŠŽ"),
    ("hr sl bs", "ČĆĐŠŽ"),
    ("hu", "ÖÜ"),
    ("tr az", "ÇĞİÖŞÜ"),
    ("ro", "ĂÂÎȘȚ"),
    ("lt lv", "ČŠŽ"),
];
/// How many letters the index has where a language adds none.
const PLAIN_LETTERS: usize = 26;
/// Where each row of the kana begins in Unicode's order.
const KANA_ROWS: [char; 10] = ['ぁ', 'か', 'さ', 'た', 'な', 'は', 'ま', 'ゃ', 'ら', 'ゎ'];
/// The consonants that Hangul syllables begin with, in Unicode's order.
const HANGUL: [char; 19] =
    ['ㄱ', 'ㄱ', 'ㄴ', 'ㄷ', 'ㄷ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅂ', 'ㅅ', 'ㅅ', 'ㅇ', 'ㅈ', 'ㅈ', 'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ'];
/// Where Chinese characters without a reading stand in Japanese and Korean.
const HAN: char = '漢';
/// The letter of whatever does not begin with one.
const OTHER: &str = "#";
/// Characters of a name that its sort key looks at.
const SORT_CHARS_MAX: usize = 200;
