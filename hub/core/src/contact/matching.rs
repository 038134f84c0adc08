//! Where a card says what somebody looked for, so that a list can show it.
//!
//! The index knows that a contact has a word, not where. This reads the few cards in view again: what was typed is
//! looked for in the name first, then field by field. What is found otherwise (a month, an abbreviation in pinyin) has
//! no place to show.

use super::fold::{fold, spelled_out};
use crate::vcard::is_cjk;
use std::ops::Range;

/// What somebody typed, ready to be looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needles(Vec<Needle>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Needle {
    /// Folded letters and digits: the beginning of a word.
    Word(String),
    /// Digits of a number, wherever it is parted.
    Digits(String),
}

impl Needles {
    /// Reads what was typed; at most [`super::QUERY_CHARS_MAX`] characters and [`super::QUERY_TOKENS_MAX`] words.
    pub fn of(find: &str) -> Self {
        let end = find.char_indices().nth(super::QUERY_CHARS_MAX).map_or(find.len(), |(at, _)| at);
        let (mut needles, mut digits) = (Vec::new(), String::new());
        for chunk in find[..end].split_whitespace() {
            let folded = fold(chunk);
            if folded.chars().all(|char| !char.is_alphabetic()) {
                digits.extend(folded.chars().filter(char::is_ascii_digit));
                continue;
            }
            let words = folded.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty());
            needles.extend(words.map(|word| Needle::Word(word.to_owned())));
        }
        if !digits.is_empty() {
            needles.push(Needle::Digits(digits));
        }
        needles.truncate(super::QUERY_TOKENS_MAX);
        Self(needles)
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where a text has what was typed, in order and without overlaps; and whether it has all of it.
    pub fn within(&self, text: &str) -> (Vec<Range<usize>>, bool) {
        let text = &text[..text.floor_char_boundary(TEXT_BYTES_MAX)];
        let places: Vec<Option<Range<usize>>> = self.0.iter().map(|needle| needle.within(text)).collect();
        let all = places.iter().all(Option::is_some);
        let mut places: Vec<Range<usize>> = places.into_iter().flatten().collect();
        places.sort_by_key(|place| (place.start, place.end));
        let mut apart: Vec<Range<usize>> = Vec::with_capacity(places.len());
        for place in places {
            match apart.last_mut() {
                Some(last) if place.start < last.end => last.end = last.end.max(place.end),
                _ => apart.push(place),
            }
        }
        (apart, all)
    }

    /// What of it a text does not have.
    pub fn missing_in(&self, text: &str) -> Self {
        Self(self.0.iter().filter(|needle| needle.within(text).is_none()).cloned().collect())
    }
}

impl Needle {
    fn within(&self, text: &str) -> Option<Range<usize>> {
        match self {
            Self::Word(word) => word_within(word, text),
            Self::Digits(digits) => digits_within(digits, text),
        }
    }
}

/// The first place at which a word of the text begins with this one.
fn word_within(word: &str, text: &str) -> Option<Range<usize>> {
    let mut before: Option<char> = None;
    for (start, char) in text.char_indices() {
        let begins = before.is_none_or(|before| !before.is_alphanumeric()) || is_cjk(char);
        before = Some(char);
        if !begins || !char.is_alphanumeric() {
            continue;
        }
        let rest = &text[start..];
        for spelling in [|text: &str| Some(fold(text).into_owned()), spelled_out as fn(&str) -> Option<String>] {
            if let Some(length) = length_of(word, rest, spelling) {
                return Some(start..start + length);
            }
        }
    }
    None
}

/// How many bytes of a text spell a folded word.
fn length_of(word: &str, text: &str, spelling: impl Fn(&str) -> Option<String>) -> Option<usize> {
    for (at, char) in text.char_indices() {
        let end = at + char.len_utf8();
        // A spelling that changes nothing is none; the letters before it may still be the same.
        let folded = spelling(&text[..end]).unwrap_or_else(|| fold(&text[..end]).into_owned());
        if folded.starts_with(word) {
            return Some(end);
        }
        if !word.starts_with(&folded) {
            return None;
        }
    }
    None
}

/// The digits, with whatever signs stand between them; or what of them stands behind leading zeros.
fn digits_within(digits: &str, text: &str) -> Option<Range<usize>> {
    let places: Vec<(usize, char)> = text
        .char_indices()
        .filter_map(|(at, char)| fold(char.encode_utf8(&mut [0; 4])).chars().next().map(|folded| (at, folded)))
        .filter(|(_, char)| char.is_ascii_digit())
        .collect();
    let all: String = places.iter().map(|(_, digit)| digit).collect();
    let bare = digits.trim_start_matches('0');
    let (found, length) = [digits, bare]
        .into_iter()
        .filter(|digits| !digits.is_empty())
        .find_map(|digits| all.find(digits).map(|at| (at, digits.len())))?;
    let (start, (last, _)) = (places[found].0, places[found + length - 1]);
    let width = text[last..].chars().next().map_or(1, char::len_utf8);
    Some(start..last + width)
}

/// Bytes of a text that are looked through.
const TEXT_BYTES_MAX: usize = 4 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(find: &str, text: &str) -> String {
        let (places, _) = Needles::of(find).within(text);
        let mut marked = text.to_owned();
        for place in places.into_iter().rev() {
            marked.insert(place.end, ']');
            marked.insert(place.start, '[');
        }
        marked
    }

    #[test]
    fn what_was_typed_is_shown_where_it_stands_however_it_is_spelled() {
        assert_eq!(marked("mull", "Anna Müller"), "Anna [Müll]er");
        assert_eq!(marked("muell", "Anna Müller"), "Anna [Müll]er");
        assert_eq!(marked("strass", "Lange Straße 4"), "Lange [Straß]e 4");
        assert_eq!(marked("晓", "白晓雯"), "白[晓]雯");
        assert_eq!(marked("dora ko", "Dora Kovács"), "[Dora] [Ko]vács");
        assert_eq!(marked("ova", "Dora Kovács"), "Dora Kovács", "only beginnings of words");
    }

    #[test]
    fn digits_are_shown_across_the_signs_between_them() {
        assert_eq!(marked("0148", "+351 22 555 0148"), "+351 22 555 [0148]");
        assert_eq!(marked("022 555", "+351 22 555 0148"), "+351 [22 555] 0148");
        assert_eq!(marked("99", "+351 22 555 0148"), "+351 22 555 0148");
    }

    #[test]
    fn what_the_name_lacks_is_left_for_the_fields() {
        let needles = Needles::of("dora ferry");
        assert!(!needles.within("Dora Kovács").1);
        assert_eq!(needles.missing_in("Dora Kovács"), Needles::of("ferry"));
        assert!(Needles::of("  +- ").is_empty());
    }

    #[test]
    fn no_text_makes_it_cut_within_a_character() {
        let text = "İßŁ\u{202E}ﬀ 漢字 e\u{301}\u{301} ＋１２３ ".repeat(9);
        for find in ["i", "ss", "ff", "字", "e", "123", "l", "\u{301}"] {
            let (places, _) = Needles::of(find).within(&text);
            places.into_iter().for_each(|place| assert!(text.get(place).is_some()));
        }
    }
}
