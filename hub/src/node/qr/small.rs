//! A card cut to what a QR code holds that a telephone can still read off a screen.

use kith_core::vcard::{Property, Version, parts_to_value, print};
use std::collections::BTreeMap;

/// A card that fits.
pub(super) struct Small {
    /// The vCard 3.0, with unfolded lines: not every scanner puts folds together.
    pub(super) text: String,
    /// What did not fit or has no place in a code, by name, each once.
    pub(super) left_out: Vec<String>,
}

/// Takes the most useful properties first, and of those as many as fit. Pictures, sounds, keys, what only programs
/// read, and notes and nicknames, which are nobody else's business, are not even tried.
pub(super) fn card(properties: &[Property]) -> Small {
    let mut wanted: Vec<(usize, bool, &Property)> = Vec::new();
    let mut left_out = Vec::new();
    let mut leave_out = |name: &str| {
        if !left_out.iter().any(|known| known == name) {
            left_out.push(name.to_owned());
        }
    };
    for property in properties {
        let name = property.name();
        match USEFUL.iter().position(|useful| *useful == name) {
            Some(rank) => wanted.push((rank, !is_preferred(property), property)),
            None if NOT_MISSED.contains(&&*name) || PRIVATE.contains(&&*name) || name.starts_with("X-") => {}
            None => leave_out(&name),
        }
    }
    wanted.sort_by_key(|(rank, other, property)| (*rank, *other, property.order));
    let mut taken: Vec<Property> = Vec::new();
    let mut text = printed(&taken);
    for (_, _, property) in wanted {
        let fits = bare(property).is_some_and(|property| {
            taken.push(property);
            let longer = printed(&taken);
            let fits = longer.len() <= TEXT_BYTES_MAX;
            if fits {
                text = longer;
            } else {
                taken.pop();
            }
            fits
        });
        if !fits {
            leave_out(&property.name());
        }
    }
    Small { text, left_out }
}

fn printed(properties: &[Property]) -> String {
    print(&properties.iter().collect::<Vec<_>>(), Version::V30).replace("\r\n ", "")
}

/// The property with nothing but its value and its types. `None` if there is nothing left of it.
fn bare(property: &Property) -> Option<Property> {
    let line = property.line();
    let types = line.params.into_iter().filter(|(name, values)| name == "TYPE" && !values.is_empty());
    let parts = property.parts();
    if parts.iter().flatten().all(|text| text.trim().is_empty()) {
        return None;
    }
    let value = parts_to_value(&line.name, &parts);
    Property::new(property.order, &line.name, &types.collect::<BTreeMap<_, _>>(), None, &value).ok()
}

fn is_preferred(property: &Property) -> bool {
    property.line().params.iter().any(|(name, values)| match name.as_str() {
        "PREF" => values.iter().any(|value| value == "1"),
        "TYPE" => values.iter().any(|value| value.eq_ignore_ascii_case("PREF")),
        _ => false,
    })
}

/// Most bytes of a code: version 25 at level M in bytes (ISO/IEC 18004, table 7), 117 modules a side.
pub(super) const TEXT_BYTES_MAX: usize = 997;
/// What somebody who scans a code wants, the most wanted first.
const USEFUL: [&str; 9] = ["N", "FN", "TEL", "EMAIL", "ORG", "TITLE", "ADR", "URL", "BDAY"];
/// What I wrote for my own eyes: a code is held out to others.
const PRIVATE: [&str; 2] = ["NOTE", "NICKNAME"];
/// What nobody misses in a code.
const NOT_MISSED: [&str; 11] =
    ["PHOTO", "LOGO", "SOUND", "KEY", "UID", "REV", "PRODID", "CREATED", "CLIENTPIDMAP", "LANGUAGE", "KIND"];
