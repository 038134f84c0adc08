//! Values: how they are built from components, and how text in them is escaped (RFC 6350, 3.4 and 4).

use super::{
    Version,
    encoding::decode_quoted_printable,
    line::{Encoding, Line},
};
use std::borrow::Cow;

/// How the value of a property is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One text.
    Text,
    /// Texts with commas between them.
    List,
    /// Components with semicolons between them, each one text.
    Components,
    /// Components with semicolons between them, each a list of texts with commas between them.
    Lists,
    /// A URI, in which commas and semicolons stand for themselves.
    Uri,
    /// Nothing is known about this name: its commas and semicolons are left as they are.
    Unknown,
}

impl Kind {
    /// Returns how properties of this upper-case name are built.
    pub(crate) fn of(name: &str) -> Self {
        match name {
            "N" | "ADR" => Self::Lists,
            "ORG" | "GENDER" | "CLIENTPIDMAP" | "X-ANDROID-CUSTOM" => Self::Components,
            "NICKNAME" | "CATEGORIES" => Self::List,
            "URL" | "IMPP" | "PHOTO" | "LOGO" | "SOUND" | "KEY" | "MEMBER" | "UID" | "SOURCE" | "FBURL" | "CALURI"
            | "CALADRURI" | "GEO" | "SOCIALPROFILE" | "X-SOCIALPROFILE" | "CONTACT-URI" | "ORG-DIRECTORY" => Self::Uri,
            "X-ABLABEL" | "X-ABRELATEDNAMES" | "X-MAIDENNAME" | "X-ABDATE" | "X-ANNIVERSARY" | "X-SPOUSE"
            | "X-ASSISTANT" | "X-MANAGER" => Self::Text,
            name if name.starts_with("X-PHONETIC-") => Self::Text,
            name if name.starts_with("X-") => Self::Unknown,
            _ => Self::Text,
        }
    }

    /// Returns how a value written under that version is built: a comma means nothing in the names of 2.1.
    pub(crate) fn under(self, version: Version) -> Self {
        match (self, version) {
            (Self::Lists, Version::V21) => Self::Components,
            (kind, _) => kind,
        }
    }

    fn has_components(self) -> bool {
        matches!(self, Self::Components | Self::Lists)
    }

    fn has_lists(self) -> bool {
        matches!(self, Self::List | Self::Lists)
    }
}

/// Returns the components of a line's value, each a list of decoded texts.
pub(crate) fn parts(line: &Line<'_>) -> Vec<Vec<String>> {
    let kind = Kind::of(&line.name).under(line.version);
    let value = line.value();
    let encoding = line.encoding();
    let texts = |component: &str| -> Vec<String> {
        let decoded = |text: &str| decode(text, encoding).into_owned();
        if kind.has_lists() { split(component, b',').map(decoded).collect() } else { vec![decoded(component)] }
    };
    if kind.has_components() { split(&value, b';').map(texts).collect() } else { vec![texts(&value)] }
}

/// Writes components as the value of a property of this upper-case name, escaped as 4.0 and 3.0 want it.
///
/// `N` and `ADR` are filled up to their five and seven components.
pub fn parts_to_value(name: &str, parts: &[Vec<String>]) -> String {
    let kind = Kind::of(name);
    let fixed = match name {
        "N" => 5,
        "ADR" => 7,
        _ => 0,
    };
    let mut value = String::new();
    for index in 0..parts.len().max(fixed) {
        if index > 0 {
            value.push(';');
        }
        for (index, text) in parts.get(index).into_iter().flatten().enumerate() {
            if index > 0 {
                value.push(',');
            }
            escape(text, kind, &mut value);
        }
    }
    value
}

/// Decodes one text of a value: takes off the encoding, then the escapes.
pub(crate) fn decode(text: &str, encoding: Encoding) -> Cow<'_, str> {
    match encoding {
        Encoding::QuotedPrintable(charset) => match decode_quoted_printable(text, charset) {
            Cow::Borrowed(text) => unescape(text),
            Cow::Owned(text) => Cow::Owned(unescape(&text).replace("\r\n", "\n").replace('\r', "\n")),
        },
        Encoding::Plain | Encoding::Base64 => unescape(text),
    }
}

/// Takes off backslash escapes: `\n`, `\,`, `\;`, `\:` and `\\`. Other backslashes stay.
pub(crate) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        if char != '\\' {
            plain.push(char);
            continue;
        }
        match chars.next() {
            Some('n' | 'N') => plain.push('\n'),
            Some(escaped @ (',' | ';' | ':' | '\\')) => plain.push(escaped),
            Some(other) => plain.extend(['\\', other]),
            None => plain.push('\\'),
        }
    }
    Cow::Owned(plain)
}

/// Writes a text with the escapes that a value of this kind needs.
pub(crate) fn escape(text: &str, kind: Kind, value: &mut String) {
    let separators = !matches!(kind, Kind::Uri | Kind::Unknown);
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\r' => {
                chars.next_if_eq(&'\n');
                value.push_str("\\n");
            }
            '\n' => value.push_str("\\n"),
            '\\' => value.push_str("\\\\"),
            '\0' => {}
            ',' | ';' if separators => value.extend(['\\', char]),
            char => value.push(char),
        }
    }
}

/// Splits a raw value at a separator that no backslash escapes.
pub(crate) fn split(value: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(value);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut escaped = false;
        let end = text.bytes().position(|byte| {
            let found = byte == separator && !escaped;
            escaped = byte == b'\\' && !escaped;
            found
        });
        let (piece, more) = match end {
            Some(end) => (&text[..end], Some(&text[end + 1..])),
            None => (text, None),
        };
        rest = more;
        Some(piece)
    })
}
