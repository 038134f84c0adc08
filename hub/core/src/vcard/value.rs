//! Values: how they are built from components, and how text in them is escaped (RFC 6350, 3.4 and 4).

use super::{
    Version,
    encoding::{decode_base64, decode_quoted_printable, protect_halves},
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
            "URL"
            | "IMPP"
            | "PHOTO"
            | "LOGO"
            | "SOUND"
            | "KEY"
            | "MEMBER"
            | "UID"
            | "SOURCE"
            | "FBURL"
            | "CALURI"
            | "CALADRURI"
            | "GEO"
            | "SOCIALPROFILE"
            | "X-SOCIALPROFILE"
            | "CONTACT-URI"
            | "ORG-DIRECTORY"
            | "RELATED"
            | "X-ADDRESSBOOKSERVER-MEMBER" => Self::Uri,
            "X-ABLABEL" | "X-ABRELATEDNAMES" | "X-MAIDENNAME" | "X-ABDATE" | "X-ANNIVERSARY" | "X-SPOUSE"
            | "X-ASSISTANT" | "X-MANAGER" | "X-GENDER" | "X-FILE-AS" | UNREADABLE => Self::Text,
            name if TEXTS.iter().any(|start| name.starts_with(start)) => Self::Text,
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
    let kind = line.kind();
    let (value, encoding) = match (line.value(), line.encoding()) {
        (value, encoding @ Encoding::Base64Text(_)) => {
            (decode_wrapping(&value, encoding).into_owned().into(), Encoding::Plain)
        }
        (value, Encoding::QuotedPrintable(charset)) => {
            (protect_halves(&value, charset).into_owned().into(), Encoding::QuotedPrintable(charset))
        }
        other => other,
    };
    if kind == Kind::Unknown {
        return vec![vec![read_unknown(&decode_wrapping(&value, encoding))]];
    }
    let texts = |component: &str| -> Vec<String> {
        let decoded = |text: &str| decode(text, encoding, line.version).into_owned();
        if kind.has_lists() { split(component, b',').map(decoded).collect() } else { vec![decoded(component)] }
    };
    if kind.has_components() { split(&value, b';').map(texts).collect() } else { vec![texts(&value)] }
}

/// Writes components as the value of a property of this upper-case name, escaped as 4.0 and 3.0 want it.
///
/// `N` and `ADR` are filled up to their five and seven components.
pub fn parts_to_value(name: &str, parts: &[Vec<String>]) -> String {
    write(name, Kind::of(name), parts)
}

/// Writes components as [`parts_to_value`] does, of a property whose value is built otherwise than its name tells.
pub(crate) fn write(name: &str, kind: Kind, parts: &[Vec<String>]) -> String {
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
///
/// Quoted-printable of 2.1 has its own line breaks: there `\n` and `\\` are what they look like.
pub(crate) fn decode(text: &str, encoding: Encoding, version: Version) -> Cow<'_, str> {
    let separators_only = version == Version::V21 && matches!(encoding, Encoding::QuotedPrintable(_));
    match decode_wrapping(text, encoding) {
        Cow::Borrowed(text) => unescape(text, separators_only),
        Cow::Owned(text) => Cow::Owned(unescape(&text, separators_only).into_owned()),
    }
}

/// Takes off quoted-printable, or base64 that is text; line breaks become `\n`, and NULs, which no text of a vCard may
/// hold, are left out.
fn decode_wrapping(text: &str, encoding: Encoding) -> Cow<'_, str> {
    let decoded = match encoding {
        Encoding::QuotedPrintable(charset) => decode_quoted_printable(text, charset),
        Encoding::Base64Text(charset) => {
            decode_base64(text).map_or(Cow::Borrowed(text), |bytes| Cow::Owned(charset.decode(bytes).0))
        }
        Encoding::Plain | Encoding::Base64 => return Cow::Borrowed(text),
    };
    if !decoded.contains(['\r', '\0']) {
        return decoded;
    }
    Cow::Owned(decoded.replace("\r\n", "\n").replace('\r', "\n").replace('\0', ""))
}

/// Takes off backslash escapes: `\n`, `\,`, `\;`, `\:` and `\\`, or of the separators only. Other backslashes stay.
fn unescape(text: &str, separators_only: bool) -> Cow<'_, str> {
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
            Some(escaped @ (',' | ';' | ':')) => plain.push(escaped),
            Some('n' | 'N') if !separators_only => plain.push('\n'),
            Some('\\') if !separators_only => plain.push('\\'),
            Some(other) => plain.extend(['\\', other]),
            None => plain.push('\\'),
        }
    }
    Cow::Owned(plain)
}

/// Reads a value of which nobody knows how it is built: its escaped separators stay escaped, so that [`escape`] can
/// write it back as it was.
fn read_unknown(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let run = rest[at..].bytes().take_while(|byte| *byte == b'\\').count();
        let after = &rest[at + run..];
        if after.starts_with([',', ';']) {
            text.push_str(&rest[at..at + run]);
            rest = after;
            continue;
        }
        text.push_str(&rest[at..at + run / 2]);
        rest = after;
        if run % 2 == 1 {
            match after.starts_with(['n', 'N']) {
                true => {
                    text.push('\n');
                    rest = &after[1..];
                }
                false => text.push('\\'),
            }
        }
    }
    text.push_str(rest);
    text
}

/// Writes a text with the escapes that a value of this kind needs.
pub(crate) fn escape(text: &str, kind: Kind, value: &mut String) {
    let separators = !matches!(kind, Kind::Uri | Kind::Unknown);
    let mut chars = text.chars().peekable();
    // How many backslashes are left of a run of them, and whether it leads to a separator, which it may escape.
    let (mut run, mut kept) = (0, false);
    let mut at = 0;
    while let Some(char) = chars.next() {
        if kind == Kind::Unknown && char == '\\' && run == 0 {
            run = text[at..].bytes().take_while(|byte| *byte == b'\\').count();
            kept = text[at + run..].starts_with([',', ';']);
        }
        at += char.len_utf8();
        match char {
            '\r' => {
                at += chars.next_if_eq(&'\n').map_or(0, char::len_utf8);
                value.push_str("\\n");
            }
            '\n' => value.push_str("\\n"),
            '\\' => {
                run = run.saturating_sub(1);
                value.push_str(if kept { "\\" } else { "\\\\" });
            }
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

/// The property that keeps a line of a card which could not be read: its value is that line.
pub(crate) const UNREADABLE: &str = "X-KITH-UNREADABLE";
/// How names of one text begin that programs have made for themselves.
const TEXTS: [&str; 6] = ["X-PHONETIC-", "X-EVOLUTION-", "X-KADDRESSBOOK-", "X-MOZILLA-", "X-MS-", "X-GOOGLE-"];
/// The line by which a printed card tells which of `N` and `FN` were made up for it.
pub(crate) const DERIVED: &str = "X-KITH-DERIVED";
