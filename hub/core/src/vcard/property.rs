//! One property: its text, its parts, its edits and its bytes.

use super::{
    CARD_BYTES_MAX, ContentLine, HEAD_BYTES_MAX, LINE_BYTES_MAX, LineError, PHOTO_BYTES_MAX, PartialDate, Version,
    convert, full_name, is_photo,
    line::{Encoding, Line, is_param_name, is_readable, print_head},
    value::{self, Kind},
};
use crate::msgpack;
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, collections::BTreeMap};

/// One vCard property, kept as the exact text it came as. Two are equal if their texts are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// The version the text was written under.
    pub version: Version,
    /// Where it stood in its card, counted from 0; several may have the same.
    pub order: u32,
    /// The content line with its folds, without the last line break; line breaks are `\n`.
    text: String,
}

/// The bytes are not a property.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The bytes are not MessagePack of the right shape.
    #[error("the bytes of a property cannot be read")]
    Bytes(#[from] rmp_serde::decode::Error),
    /// The version is none of 21, 30 and 40.
    #[error("a property names the unknown vCard version {0}")]
    Version(u8),
    /// The text is not a property.
    #[error("the text of a property is not one")]
    Line(#[from] LineError),
}

impl Property {
    /// Keeps a content line as it came, with its folds; line breaks are made `\n` and the last one is dropped.
    ///
    /// # Errors
    ///
    /// The text is not one property, is `BEGIN`, `END` or `VERSION`, contains a NUL, or is longer than
    /// [`CARD_BYTES_MAX`] (pictures: [`PHOTO_BYTES_MAX`]), or its parameters than [`HEAD_BYTES_MAX`].
    pub fn from_text(version: Version, order: u32, text: impl Into<String>) -> Result<Self, LineError> {
        Self::checked(version, order, text.into()).map(|(property, _)| property)
    }

    /// Keeps a line as [`Property::from_text`] does; also tells whether it is a picture.
    pub(super) fn checked(version: Version, order: u32, mut text: String) -> Result<(Self, bool), LineError> {
        if text.contains('\r') {
            text = text.replace("\r\n", "\n").replace('\r', "\n");
        }
        text.truncate(text.trim_end_matches('\n').len());
        if text.contains('\0') {
            return Err(LineError::Nul);
        }
        let line = Line::of(&text, version)?;
        if matches!(&*line.name, "BEGIN" | "END" | "VERSION") {
            return Err(LineError::Reserved);
        }
        let photo = is_photo(&line.name);
        let bytes_max = if photo { PHOTO_BYTES_MAX } else { CARD_BYTES_MAX };
        if text.len() > bytes_max || line.head().len() > HEAD_BYTES_MAX {
            return Err(LineError::TooLong);
        }
        line.check_breaks()?;
        Ok((Self { version, order, text }, photo))
    }

    /// Writes a new property; `value` is escaped as vCard wants it (see [`super::parts_to_value`]). Long lines are folded.
    ///
    /// The text is 4.0, and 3.0 as well where the two agree; a value in the spelling of 3.0 is kept as 3.0.
    ///
    /// # Errors
    ///
    /// As [`Property::from_text`]; a line break in the value must be written `\n`.
    pub fn new(
        order: u32,
        name: &str,
        params: &BTreeMap<String, Vec<String>>,
        group: Option<&str>,
        value: &str,
    ) -> Result<Self, LineError> {
        let params: Vec<_> = params.iter().map(|(name, values)| (name.clone(), values.clone())).collect();
        Self::written(Version::V40, order, &print_checked_head(group, name, &params)?, value)
    }

    /// Returns the text, exactly as it came.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the line taken apart.
    pub fn line(&self) -> ContentLine {
        self.parsed().to_content_line()
    }

    /// Returns the name in upper case.
    pub fn name(&self) -> Cow<'_, str> {
        self.parsed().name
    }

    /// Returns the line taken apart, borrowing from this property.
    pub(crate) fn parsed(&self) -> Line<'_> {
        Line::of(&self.text, self.version).expect("a property is only made from text that is a content line")
    }

    /// Returns the value decoded: its components, each a list of texts, by what the name is known to hold. A plain
    /// text is one component of one text. The `tel:` of a telephone number written as a URI is left out.
    pub fn parts(&self) -> Vec<Vec<String>> {
        let line = self.parsed();
        let mut parts = value::parts(&line);
        if line.name == "TEL"
            && let Some(number) = parts.first_mut().and_then(|values| values.first_mut())
        {
            without_scheme(number);
        }
        parts
    }

    /// Returns the date that the property holds: a birthday, an anniversary, a date of Apple's. `None` if it holds no
    /// date, or one that cannot be read.
    pub fn date(&self) -> Option<PartialDate> {
        let line = self.parsed();
        convert::holds_date(&line.name).then(|| convert::date(&line)).flatten()
    }

    /// Returns the value on one line, to read.
    pub fn text(&self) -> String {
        let line = self.parsed();
        if matches!(&*line.name, "PHOTO" | "LOGO" | "SOUND" | "KEY") && convert::is_inline(&line) {
            let characters = line.raw.bytes().filter(|byte| !byte.is_ascii_whitespace()).count();
            return format!("{} KiB", (characters / 4 * 3).div_ceil(1024));
        }
        if convert::holds_date(&line.name)
            && let Some(date) = convert::date(&line)
        {
            return date.to_string();
        }
        if line.name == "N" {
            return full_name(&self.parts());
        }
        if line.kind() == Kind::Unknown {
            return line.text().split_whitespace().collect::<Vec<_>>().join(" ");
        }
        let texts: Vec<_> = self.parts().into_iter().flatten().filter(|text| !text.trim().is_empty()).collect();
        texts.join(", ").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Returns the property with another value, in components. Group and parameters stay, but for those that only
    /// told how the old value was wrapped.
    ///
    /// # Errors
    ///
    /// The property would be too long.
    pub fn with_parts(&self, parts: &[Vec<String>]) -> Result<Self, LineError> {
        let line = self.parsed();
        self.with_value(&value::write(&line.name, line.kind(), parts))
    }

    /// Returns the property with another value, escaped as vCard wants it. Group and parameters stay, but for those
    /// that only told how the old value was wrapped.
    ///
    /// # Errors
    ///
    /// As [`Property::new`].
    pub fn with_value(&self, value: &str) -> Result<Self, LineError> {
        let line = self.parsed();
        let stale = |name: &str, values: &[String]| match name {
            "CHARSET" => true,
            "ENCODING" => line.encoding() != Encoding::Base64 || has_scheme(value),
            "VALUE" => !has_scheme(value) && values.iter().any(|value| is_any(value, &["URI", "URL"])),
            "X-APPLE-OMIT-YEAR" => !values.iter().any(|year| value.starts_with(year.as_str())),
            _ => false,
        };
        let params = line.joined_params();
        let keeps_all = !params.iter().any(|(name, values)| stale(name, values));
        let head = if self.version != Version::V21 && keeps_all {
            line.head().to_owned()
        } else {
            let kept: Vec<_> = params.into_iter().filter(|(name, values)| !stale(name, values)).collect();
            print_head(Some(line.group()), line.written_name(), &kept)
        };
        Self::written(self.version.max(Version::V30), self.order, &head, value)
    }

    /// Returns the property with other parameters; group and value stay.
    ///
    /// # Errors
    ///
    /// A parameter's name is not one, or the property would be too long.
    pub fn with_params(&self, params: &BTreeMap<String, Vec<String>>) -> Result<Self, LineError> {
        let line = self.parsed();
        let mut params: Vec<_> = params.iter().map(|(name, values)| (name.clone(), values.clone())).collect();
        let wrapped = matches!(line.encoding(), Encoding::QuotedPrintable(_) | Encoding::Base64Text(_));
        let value = if wrapped || self.version == Version::V21 && line.encoding() != Encoding::Base64 {
            params.retain(|(name, _)| !is_any(name, &["ENCODING", "CHARSET"]));
            Cow::Owned(convert::plain_value(&line))
        } else {
            line.value()
        };
        let head = print_checked_head(Some(line.group()), line.written_name(), &params)?;
        Self::written(self.version.max(Version::V30), self.order, &head, &value)
    }

    /// Returns the bytes that a book keeps: MessagePack `{v: 21, 30 or 40, o: order, t: text}`.
    pub fn encode(&self) -> Vec<u8> {
        let v = match self.version {
            Version::V21 => 21,
            Version::V30 => 30,
            Version::V40 => 40,
        };
        let mut bytes = Vec::with_capacity(self.text.len() + 20);
        rmp_serde::encode::write_named(&mut bytes, &Wire { v, o: self.order, t: Cow::Borrowed(&self.text) })
            .expect("writing a map of two numbers and a text into memory cannot fail");
        bytes
    }

    /// Reads the bytes that [`Property::encode`] made. Unknown keys are passed over.
    ///
    /// # Errors
    ///
    /// The bytes are no such map, or the text in them is not a property.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let wire: Wire<'_> = msgpack::read(bytes)?;
        let version = match wire.v {
            21 => Version::V21,
            30 => Version::V30,
            40 => Version::V40,
            other => return Err(DecodeError::Version(other)),
        };
        Ok(Self::from_text(version, wire.o, wire.t)?)
    }

    /// Folds and keeps a line made of a head and an escaped value.
    fn written(version: Version, order: u32, head: &str, value: &str) -> Result<Self, LineError> {
        if value.contains(['\n', '\r']) {
            return Err(LineError::Break);
        }
        let text = format!("{head}:{value}");
        let spelling = convert::spelling(&Line::of(&text, version)?);
        Self::from_text(spelling.unwrap_or(version), order, fold(text))
    }
}

/// Folds a line after at most [`LINE_BYTES_MAX`] octets, between characters (RFC 6350, 3.2). Line breaks are `\n`.
pub(super) fn fold(line: String) -> String {
    if line.len() <= LINE_BYTES_MAX {
        return line;
    }
    let mut folded = String::with_capacity(line.len() + line.len() / 36);
    let mut rest = line.as_str();
    let mut room = LINE_BYTES_MAX;
    while rest.len() > room {
        let at = rest.floor_char_boundary(room);
        folded.push_str(&rest[..at]);
        folded.push_str("\n ");
        rest = &rest[at..];
        room = LINE_BYTES_MAX - 1;
    }
    folded.push_str(rest);
    folded
}

#[derive(Serialize, Deserialize)]
struct Wire<'a> {
    v: u8,
    #[serde(default)]
    o: u32,
    #[serde(borrow)]
    t: Cow<'a, str>,
}

/// Writes a head whose group, name and parameter names come from outside.
fn print_checked_head(group: Option<&str>, name: &str, params: &[(String, Vec<String>)]) -> Result<String, LineError> {
    let group = group.filter(|group| !group.is_empty());
    if !is_readable(group, name) || params.iter().any(|(name, _)| !is_param_name(name)) {
        return Err(LineError::Name);
    }
    Ok(print_head(group, name, params))
}

/// Takes the `tel:` off a telephone number that is written as a URI.
pub(super) fn without_scheme(number: &mut String) {
    if number.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("tel:")) {
        number.drain(..4);
    }
}

/// Tells whether a value starts like a URI.
pub(super) fn has_scheme(value: &str) -> bool {
    value.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
    })
}

fn is_any(text: &str, names: &[&str]) -> bool {
    names.iter().any(|name| name.eq_ignore_ascii_case(text))
}
