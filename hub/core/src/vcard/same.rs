//! Whether two cards say the same, however they are spelled: what an import asks of a card that it knows.

use super::{
    Property, Version, convert::text_as, line::Line, print::ordered, property::without_scheme, translate::translations,
    value,
};
use std::{borrow::Borrow, fmt::Write};

/// Returns the lines of a card in a spelling of which there is only one: as 4.0, values decoded, parameters sorted, in
/// the order of their texts. Two cards of which this is the same say the same.
///
/// A card that Kith writes, in any version, reads back with the same lines.
pub fn canonical<P: Borrow<Property>>(properties: &[P]) -> Vec<String> {
    let ordered = ordered(properties);
    // Whatever was written as 4.0 in the manner of 3.0 comes out of a file of 3.0 as such: all is taken for 3.0.
    let version = |property: &Property| property.version.min(Version::V30);
    let mut lines: Vec<Line<'_>> = ordered.iter().map(|property| property.parsed()).collect();
    lines.iter_mut().for_each(|line| line.version = line.version.min(Version::V30));
    let mut texts: Vec<String> = Vec::with_capacity(lines.len());
    for (property, translation) in ordered.iter().zip(translations(&lines, Version::V40)) {
        if !translation.skipped {
            texts.extend(canonical_line(&text_as(property, version(property), Version::V40, &translation)));
        }
    }
    texts.sort_unstable();
    texts
}

/// Tells whether two cards say the same, in whatever versions they are written. See [`canonical`].
pub fn says_the_same<P: Borrow<Property>, Q: Borrow<Property>>(one: &[P], other: &[Q]) -> bool {
    canonical(one) == canonical(other)
}

fn canonical_line(text: &str) -> Option<String> {
    let line = Line::of(text, Version::V40).ok()?;
    let mut params = line.joined_params();
    let mut preferred = false;
    for (name, values) in &mut params {
        if name == "TYPE" {
            values.iter_mut().for_each(|value| value.make_ascii_lowercase());
            preferred |= values.iter().any(|value| value == "pref");
            values.retain(|value| value != "pref");
        }
        if name == "SORT-AS" {
            *values = vec![values.join(",")];
        }
        values.sort_unstable();
        values.dedup();
    }
    // VALUE tells what the value is seen to be.
    params.retain(|(name, values)| name != "VALUE" && (name != "TYPE" || !values.is_empty()));
    if preferred && !params.iter().any(|(name, _)| name == "PREF") {
        params.push(("PREF".to_owned(), vec!["1".to_owned()]));
    }
    params.sort_unstable();
    let group = line.group().to_ascii_lowercase();
    let mut canonical = String::with_capacity(text.len());
    let written = write!(canonical, "{group}.{};{params:?}:", line.name);
    written.ok()?;
    let mut parts = value::parts(&line);
    if line.name == "TEL"
        && let Some(number) = parts.first_mut().and_then(|texts| texts.first_mut())
    {
        without_scheme(number);
    }
    canonical.push_str(&value::write(&line.name, line.kind(), &parts));
    Some(canonical)
}
