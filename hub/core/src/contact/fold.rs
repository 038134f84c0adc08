//! Folding: what is found alike becomes alike.

use std::borrow::Cow;
use unicode_normalization::{IsNormalized, UnicodeNormalization, char::decompose_canonical, is_nfkc_quick};

/// Folds case, compatibility characters (NFKC), accents of Latin, Greek and Cyrillic letters, vowel points, and
/// katakana to hiragana, and drops signs that cannot be seen: `Müller` becomes `muller`, `Łódź` `lodz`, `Straße` `strasse`.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return match text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            true => Cow::Owned(text.to_ascii_lowercase()),
            false => Cow::Borrowed(text),
        };
    }
    Cow::Owned(folded(text, false))
}

/// Folds like [`fold`], but writes umlauts and their kin with the letters that stand for them where they cannot be
/// typed: `Müller` becomes `mueller`, `Sørensen` `soerensen`. `None` if that is the same.
pub(super) fn spelled_out(text: &str) -> Option<String> {
    text.contains(has_spelling).then(|| folded(text, true))
}

fn has_spelling(char: char) -> bool {
    matches!(char, 'ä' | 'ö' | 'ü' | 'ø' | 'å' | 'Ä' | 'Ö' | 'Ü' | 'Ø' | 'Å' | '\u{308}' | '\u{30A}')
}

fn folded(text: &str, spell_out: bool) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut push = |char: char| {
        if char.is_ascii() {
            folded.push(char.to_ascii_lowercase());
        } else {
            char.to_lowercase().for_each(|char| push_plain(char, spell_out, &mut folded));
        }
    };
    match is_nfkc_quick(text.chars()) {
        IsNormalized::Yes => text.chars().for_each(&mut push),
        _ => text.nfkc().for_each(&mut push),
    }
    folded
}

/// Adds one lower-case character without what folding takes away.
fn push_plain(char: char, spell_out: bool, folded: &mut String) {
    match char {
        'ä' if spell_out => folded.push_str("ae"),
        'ö' | 'ø' if spell_out => folded.push_str("oe"),
        'ü' if spell_out => folded.push_str("ue"),
        'å' if spell_out => folded.push_str("aa"),
        'ß' => folded.push_str("ss"),
        'æ' | 'ǽ' | 'ǣ' => folded.push_str("ae"),
        'œ' => folded.push_str("oe"),
        'þ' => folded.push_str("th"),
        'ø' | 'ǿ' => folded.push('o'),
        'ð' | 'đ' => folded.push('d'),
        'ł' => folded.push('l'),
        'ħ' => folded.push('h'),
        'ı' => folded.push('i'),
        'ŧ' => folded.push('t'),
        'ς' => folded.push('σ'),
        '\u{0300}'..='\u{036F}' | '\u{0591}'..='\u{05C7}' | '\u{064B}'..='\u{0652}' => {}
        // Copied numbers and names bring along signs of direction and of no width.
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' => {}
        '\u{30A1}'..='\u{30F6}' => folded.extend(char::from_u32(u32::from(char) - KATAKANA_AFTER_HIRAGANA)),
        '\u{00C0}'..='\u{024F}' | '\u{0370}'..='\u{052F}' | '\u{1E00}'..='\u{1FFF}' => {
            decompose_canonical(char, |part| {
                if !matches!(part, '\u{0300}'..='\u{036F}') {
                    folded.push(part);
                }
            });
        }
        char => folded.push(char),
    }
}

/// How far each katakana stands behind its hiragana.
const KATAKANA_AFTER_HIRAGANA: u32 = 0x60;
