//! The name's reading, the detail beside it, and whether it is a person's.

use crate::vcard::{Line, is_cjk, one_line, parts};

/// See [`super::is_organisation`].
pub(super) fn is_organisation(lines: &[Line<'_>]) -> bool {
    let says = |name: &str, wanted: &str| {
        lines.iter().any(|line| line.name == name && line.text().trim().eq_ignore_ascii_case(wanted))
    };
    says("KIND", "org") || says("X-ABSHOWAS", "COMPANY")
}

/// See [`super::reading`]. Without `pinyin` only what the card states.
pub(super) fn reading(lines: &[Line<'_>], name: &str, pinyin: bool) -> String {
    let written = stated_reading(lines, name.chars().any(is_cjk));
    if !written.is_empty() {
        return if written == name { String::new() } else { written };
    }
    if !pinyin {
        return String::new();
    }
    let foreign = |line: &Line<'_>| {
        matches!(&*line.name, "FN" | "N")
            && line.param("LANGUAGE").is_some_and(|language| !language.to_ascii_lowercase().starts_with("zh"))
    };
    if name.is_ascii() || !super::pinyin::is_chinese(name) || lines.iter().any(foreign) {
        return String::new();
    }
    let family = lines.iter().find(|line| line.name == "N").and_then(|line| parts(line).into_iter().next());
    let family = family.and_then(|values| values.into_iter().next()).unwrap_or_default();
    super::pinyin::reading(name, family.trim(), is_organisation(lines))
}

/// The name with the family's first, as the card has it in parts; `None` if it has no family name.
pub(super) fn family_first(lines: &[Line<'_>]) -> Option<String> {
    let parts = parts(lines.iter().find(|line| line.name == "N")?);
    let family = parts.first()?.join(" ");
    if family.trim().is_empty() {
        return None;
    }
    let names = parts.iter().take(3).flatten().map(|part| one_line(part)).filter(|part| !part.is_empty());
    Some(names.collect::<Vec<_>>().join(" "))
}

/// The reading that the card itself states.
fn stated_reading(lines: &[Line<'_>], family_first: bool) -> String {
    let text = |name: &str| match lines.iter().find(|line| line.name == name) {
        Some(line) => one_line(&line.text()),
        None => String::new(),
    };
    let [first, middle, last] = ["X-PHONETIC-FIRST-NAME", "X-PHONETIC-MIDDLE-NAME", "X-PHONETIC-LAST-NAME"].map(text);
    let phonetic = if family_first { [last, first, middle] } else { [first, middle, last] };
    let phonetic = phonetic.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
    if !phonetic.is_empty() {
        return phonetic;
    }
    let sort_as = lines.iter().filter(|line| matches!(&*line.name, "N" | "FN") && line.has_params()).find_map(|line| {
        let values = line.params().filter(|param| param.is("SORT-AS")).flat_map(|param| param.values());
        let words = values.map(|value| one_line(&value.replace(',', " "))).filter(|value| !value.is_empty());
        Some(words.collect::<Vec<_>>().join(" ")).filter(|words| !words.is_empty())
    });
    sort_as.unwrap_or_else(|| text("SORT-STRING"))
}

/// See [`super::detail`].
pub(super) fn detail(lines: &[Line<'_>], name: &str) -> String {
    let first = |wanted: &'static str| move || best(lines, wanted).map(|line| one_line(&line.text()));
    let new = |text: &String| !text.is_empty() && text != name;
    let organisation = best(lines, "ORG").and_then(|line| parts(line).into_iter().flatten().next());
    let organisation = organisation.map(|text| one_line(&text)).filter(new);
    match (first("TITLE")().filter(new), organisation) {
        (Some(title), Some(organisation)) => return format!("{title}, {organisation}"),
        (Some(text), None) | (None, Some(text)) => return text,
        (None, None) => {}
    }
    let number = || first("TEL")().map(|text| text.strip_prefix("tel:").unwrap_or(&text).to_owned());
    let town = || {
        let parts = best(lines, "ADR").map(parts)?;
        let texts = [3, 4, 6].iter().filter_map(|index| parts.get(*index)).flatten();
        texts.map(|text| one_line(text)).find(|text| !text.is_empty())
    };
    let found = number().filter(new).or_else(|| first("EMAIL")().filter(new)).or_else(|| town().filter(new));
    found.unwrap_or_default()
}

/// Returns the preferred line of a name, else its first, passing over empty ones.
fn best<'l, 'a>(lines: &'l [Line<'a>], name: &str) -> Option<&'l Line<'a>> {
    let mut filled = lines.iter().filter(|line| line.name == name && !line.raw.trim_matches(EMPTY).is_empty());
    let first = filled.next()?;
    if first.is_preferred() {
        return Some(first);
    }
    Some(filled.find(|line| line.is_preferred()).unwrap_or(first))
}

/// What a value consists of that says nothing.
const EMPTY: [char; 4] = [' ', ';', ',', '\n'];
