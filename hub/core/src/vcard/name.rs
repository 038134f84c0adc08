//! The name of a card as one text: `FN`, or what can stand in for it.

use super::{Line, value};

/// Returns the card's name: `FN`, else from `N`, else `NICKNAME`, `ORG`, the first mail address, the first telephone
/// number; else empty. Always one line, without control characters, at most [`NAME_CHARS_MAX`] characters.
pub(crate) fn formatted_name(lines: &[Line<'_>]) -> String {
    let named = |name: &'static str| lines.iter().filter(move |line| line.name == name);
    if let Some(name) = named("FN").map(|line| one_line(&line.text())).find(|name| !name.is_empty()) {
        return name;
    }
    if let Some(name) = named("N").map(|line| full_name(&value::parts(line))).find(|name| !name.is_empty()) {
        return name;
    }
    for name in ["NICKNAME", "ORG", "EMAIL", "TEL"] {
        let parts = named(name).flat_map(|line| value::parts(line).into_iter().flatten());
        let bare = |text: String| one_line(if name == "TEL" { without_scheme(&text) } else { &text });
        if let Some(text) = parts.map(bare).find(|text| !text.is_empty()) {
            return text;
        }
    }
    String::new()
}

/// Takes off `tel:`, however often it was put before a number: 3.0 takes off one, and the name is to stay the same.
fn without_scheme(number: &str) -> &str {
    let mut bare = number;
    while bare.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("tel:")) {
        bare = &bare[4..];
    }
    bare
}

/// Joins the components of an `N` as the name is said: prefix, given, additional, family, suffix; where the
/// characters are Chinese, Japanese or Korean: family, given.
pub(crate) fn full_name(parts: &[Vec<String>]) -> String {
    let part = |index: usize| {
        let texts = parts.get(index).map(Vec::as_slice).unwrap_or_default();
        one_line(&texts.join(" "))
    };
    let [family, given, additional, prefix, suffix] = [0, 1, 2, 3, 4].map(part);
    if !family.is_empty() && format!("{family}{given}").chars().all(is_cjk) {
        return format!("{family}{given}");
    }
    let mut name = String::new();
    for text in [prefix, given, additional, family, suffix].into_iter().filter(|text| !text.is_empty()) {
        if !name.is_empty() {
            name.push(' ');
        }
        name.push_str(&text);
    }
    name
}

/// Makes a text one line: white space of any kind becomes single spaces; control characters and those that turn the
/// direction of writing are left out; cut after [`NAME_CHARS_MAX`] characters.
pub(crate) fn one_line(text: &str) -> String {
    if text.len() <= NAME_CHARS_MAX && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
        let text = text.trim_matches(' ');
        if !text.contains("  ") {
            return text.to_owned();
        }
    }
    let hidden = |char: &char| char.is_control() || matches!(char, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let mut line = String::new();
    for (count, char) in text.chars().enumerate() {
        if count >= NAME_CHARS_MAX {
            break;
        }
        if char.is_whitespace() {
            if !line.is_empty() && !line.ends_with(' ') {
                line.push(' ');
            }
        } else if !hidden(&char) {
            line.push(char);
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// Tells whether a character is written without spaces around words: Han, kana, bopomofo, Hangul.
pub(crate) fn is_cjk(char: char) -> bool {
    is_han(char)
        || matches!(char,
            '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3029}' | '\u{3038}'..='\u{303B}' | '\u{3041}'..='\u{3096}'
            | '\u{309D}'..='\u{309F}' | '\u{30A1}'..='\u{30FA}' | '\u{30FC}'..='\u{30FF}' | '\u{3105}'..='\u{312F}'
            | '\u{31A0}'..='\u{31BF}' | '\u{31F0}'..='\u{31FF}' | '\u{AC00}'..='\u{D7A3}')
}

/// Tells whether a character is a Chinese one, wherever it is used.
pub(crate) fn is_han(char: char) -> bool {
    matches!(char,
        '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
        && char.is_alphabetic()
}

/// Most characters of a name or of another text that a list shows on one line.
pub(crate) const NAME_CHARS_MAX: usize = 500;
