//! The same property in another version: what 2.1, 3.0 and 4.0 spell differently.
//!
//! Whatever is not listed here is spelled alike in 3.0 and 4.0 and leaves as it came. What another version keeps under
//! another name, or in another property, is the module `translate`'s.

use super::{
    Property, Version,
    date::{APPLE_NO_YEAR, PartialDate, to_basic, to_extended},
    encoding::{decode_quoted_printable, is_base64},
    line::{Encoding, Line, print_head},
    property::fold,
    translate::Translation,
    value::{self, Kind},
};
use std::borrow::Cow;

/// Returns the text of a property as the target version (3.0 or 4.0) spells it: as it came, with its folds, if that
/// already says the same.
pub(super) fn text_for<'p>(property: &'p Property, target: Version, translation: &Translation) -> Cow<'p, str> {
    text_as(property, property.version, target, translation)
}

/// Returns the text as [`text_for`] does of a property that is taken for one of the given version.
pub(super) fn text_as<'p>(
    property: &'p Property,
    version: Version,
    target: Version,
    translation: &Translation,
) -> Cow<'p, str> {
    let mut line = property.parsed();
    line.version = version;
    let stands_alone = stands_alone(&line, property.as_str());
    let stays = translation.is_none() && stands_alone;
    if stays && (version == target && !is_habit(&line) || !may_differ(&line)) {
        return Cow::Borrowed(property.as_str());
    }
    let mut draft = Draft { name: &line.name, params: line.joined_params(), value: line.value().into_owned() };
    draft.unwrap_text(&line);
    draft.convert_binary(&line, target);
    if version != target {
        draft.convert_value(&line, target);
        draft.convert_preference(target);
    }
    if stays && draft.says_the_same(&line, target) {
        return Cow::Borrowed(property.as_str());
    }
    let name = translation.name.unwrap_or(line.written_name());
    if let Some(value) = &translation.value {
        draft.value.clone_from(value);
    }
    for (name, values) in &translation.params {
        draft.remove(name);
        if !values.is_empty() {
            draft.params.push(((*name).to_owned(), values.clone()));
        }
    }
    let head = print_head(Some(line.group()), name, &draft.params);
    Cow::Owned(fold(format!("{head}:{}", draft.value)))
}

/// Returns the date of a line, without its year if the line says that there is none.
pub(super) fn date(line: &Line<'_>) -> Option<PartialDate> {
    let mut date = PartialDate::from_text(&line.text())?;
    let omitted = line.param("X-APPLE-OMIT-YEAR").and_then(|year| year.parse().ok());
    if date.month.is_some() && date.year == omitted {
        date.year = None;
    }
    Some(date)
}

/// Returns the version in which a line is spelled, if it is not spelled alike in 3.0 and 4.0.
pub(super) fn spelling(line: &Line<'_>) -> Option<Version> {
    let value = line.value();
    let date = is_date(&line.name).then(|| PartialDate::from_text(&value)).flatten();
    if line.param("PREF").is_some() || starts_with(&value, "geo:") || starts_with(&value, "data:") {
        return Some(Version::V40);
    }
    match date {
        Some(_) if value.starts_with("--") => return Some(Version::V40),
        Some(date) if to_basic(&value).is_some_and(|basic| basic != value) && date.day.is_some() => {
            return Some(Version::V30);
        }
        _ => {}
    }
    let old_geo = line.name == "GEO" && value.contains(';');
    let old_preference = line.types().any(|value| value.eq_ignore_ascii_case("PREF"));
    (old_geo || old_preference || line.encoding() == Encoding::Base64).then_some(Version::V30)
}

/// Tells whether properties of this upper-case name hold a date or a timestamp.
pub(crate) fn is_date(name: &str) -> bool {
    matches!(name, "BDAY" | "ANNIVERSARY" | "DEATHDATE" | "REV" | "CREATED" | "X-ANNIVERSARY" | "X-ABDATE")
}

/// Tells whether properties of this upper-case name hold a date, those included whose spelling is their program's own.
pub(super) fn holds_date(name: &str) -> bool {
    is_date(name) || matches!(name, "X-EVOLUTION-ANNIVERSARY" | "X-KADDRESSBOOK-X-ANNIVERSARY" | "X-MS-ANNIVERSARY")
}

/// Tells whether the line carries its picture, sound or key in itself.
pub(super) fn is_inline(line: &Line<'_>) -> bool {
    starts_with(line.raw, "data:") || line.encoding() == Encoding::Base64
}

/// Returns the value as escaped text without encoding, with the structure it had.
pub(super) fn plain_value(line: &Line<'_>) -> String {
    match (line.kind(), line.encoding()) {
        (Kind::Unknown, Encoding::QuotedPrintable(charset)) => {
            let value = line.value();
            let decoded = decode_quoted_printable(&value, charset).replace("\r\n", "\n").replace('\r', "\n");
            decoded.replace('\n', "\\n")
        }
        (Kind::Unknown, _) => line.value().into_owned(),
        _ => value::write(&line.name, line.kind(), &value::parts(line)),
    }
}

/// Tells whether a line of 3.0 or 4.0 is written in a way of 2.1, which readers of its version do not understand.
fn is_habit(line: &Line<'_>) -> bool {
    line.is_spaced()
        || line.params().any(|param| param.is_bare())
        || matches!(line.encoding(), Encoding::QuotedPrintable(_) | Encoding::Base64Text(_))
}

/// Tells in a moment that most lines are spelled alike in 3.0 and 4.0.
fn may_differ(line: &Line<'_>) -> bool {
    line.version == Version::V21
        || is_binary(&line.name)
        || is_date(&line.name)
        || line.name == "GEO"
        || line.is_spaced()
        || line.params().any(|param| {
            param.is_bare()
                || ["PREF", "ENCODING", "CHARSET", "VALUE"].iter().any(|name| param.is(name))
                || (param.is("TYPE") && param.values().any(|value| value.eq_ignore_ascii_case("PREF")))
        })
}

/// Tells whether a text can stand in a card of 3.0 or 4.0: its line breaks are folds, and it does not end with the
/// soft line break that would draw the next line into it.
fn stands_alone(line: &Line<'_>, text: &str) -> bool {
    text.split('\n').skip(1).all(|rest| rest.starts_with([' ', '\t']))
        && (!text.ends_with('=') || !matches!(line.encoding(), Encoding::QuotedPrintable(_)))
}

fn is_binary(name: &str) -> bool {
    matches!(name, "PHOTO" | "LOGO" | "SOUND" | "KEY")
}

/// A line on its way into another version.
struct Draft<'a> {
    name: &'a str,
    params: Vec<(String, Vec<String>)>,
    value: String,
}

impl Draft<'_> {
    /// Takes off quoted-printable and the character set; a text of 2.1 gets the escapes that it did not need there.
    fn unwrap_text(&mut self, line: &Line<'_>) {
        let encoding = line.encoding();
        let nested = self.value.contains('\n');
        if encoding != Encoding::Base64 {
            self.remove("ENCODING");
            if line.version == Version::V21 || encoding != Encoding::Plain || nested {
                self.value = plain_value(line);
            }
        }
        self.remove("CHARSET");
        let meaningless =
            |value: &String| ["INLINE", "BINARY", "PHONE-NUMBER"].iter().any(|name| value.eq_ignore_ascii_case(name));
        for (name, values) in &mut self.params {
            if name == "VALUE" {
                values.retain(|value| !meaningless(value));
                values
                    .iter_mut()
                    .filter(|value| value.eq_ignore_ascii_case("URL"))
                    .for_each(|value| *value = "uri".into());
            }
        }
        self.params.retain(|(_, values)| !values.is_empty());
    }

    /// Pictures, sounds and keys: `ENCODING=b` with a `TYPE` in 3.0, a `data:` URI in 4.0.
    fn convert_binary(&mut self, line: &Line<'_>, target: Version) {
        if !is_binary(self.name) {
            return;
        }
        let uri = self.value.contains("://");
        let base64 = line.encoding() == Encoding::Base64 && !uri;
        if uri && line.encoding() == Encoding::Base64 {
            self.remove("ENCODING");
            self.set("VALUE", "uri");
        } else if line.kind() != Kind::Uri {
            // The reading of a name in the place of a sound.
        } else if base64 && target == Version::V40 {
            let kind = self.take_media_type();
            let media = media_type(self.name, kind.as_deref(), &self.value);
            self.remove("ENCODING");
            self.remove("VALUE");
            self.value = format!("data:{media};base64,{}", self.value);
        } else if base64 {
            if line.version != target || line.params().any(|param| param.is_bare()) {
                self.set("ENCODING", "b");
            }
        } else if target == Version::V30 && line.version != target {
            // What only looks like base64 stays the URI it is: as base64 its white space would be lost.
            let data = data_uri(&self.value).filter(|(_, data)| data.trim_ascii_end() == *data && is_base64(data));
            match data.map(|(media, data)| (media.to_owned(), data.to_owned())) {
                Some((media, data)) => {
                    self.remove("VALUE");
                    self.set("ENCODING", "b");
                    match media.as_str() {
                        "" | OCTETS => {}
                        "application/pgp-keys" => self.add_type("PGP"),
                        "application/pkix-cert" => self.add_type("X509"),
                        media => self.add_type(&media.rsplit('/').next().unwrap_or(media).to_ascii_uppercase()),
                    }
                    self.value = data;
                }
                None if self.value.contains(':') && line.version != target => self.set("VALUE", "uri"),
                None => {}
            }
        }
    }

    /// Dates, places and telephone numbers.
    fn convert_value(&mut self, line: &Line<'_>, target: Version) {
        let old = target == Version::V30;
        if is_date(self.name) {
            if line.param("VALUE").is_some_and(|value| value.eq_ignore_ascii_case("TEXT")) {
                return;
            }
            if let Some(date) = date(line).filter(|date| date.year.is_none()) {
                self.value = date.to_basic();
            }
            let spelled = if old { to_extended(&self.value) } else { to_basic(&self.value) };
            let Some(spelled) = spelled else { return };
            let year = APPLE_NO_YEAR.to_string();
            if old && spelled.starts_with(&year) {
                self.set("X-APPLE-OMIT-YEAR", &year);
            } else {
                self.remove("X-APPLE-OMIT-YEAR");
            }
            self.value = spelled;
        } else if self.name == "GEO" && old && starts_with(&self.value, "geo:") && !self.value.contains(';') {
            let place = self.value[4..].replace("\\,", ",");
            self.value = place.splitn(2, ',').collect::<Vec<_>>().join(";");
            self.remove("VALUE");
        } else if self.name == "GEO" && old && line.version == Version::V21 && !self.value.contains(';') {
            self.value = self.value.replacen(',', ";", 1);
        } else if self.name == "GEO" && !old && !self.value.contains(':') {
            self.value = format!("geo:{}", self.value.replace("\\;", ";").replace(';', ","));
        } else if self.name == "TEL" && old && starts_with(&self.value, "tel:") {
            self.value = self.value[4..].replace("\\;", ";").replace(';', "\\;");
            self.remove("VALUE");
        }
    }

    /// The preferred one of several: `TYPE=PREF` in 3.0, `PREF=1` in 4.0. Other grades are kept as they are.
    fn convert_preference(&mut self, target: Version) {
        if target == Version::V30 {
            if self.params.iter().any(|(name, values)| name == "PREF" && values == &["1"]) {
                self.remove("PREF");
                self.add_type("PREF");
            }
            return;
        }
        let mut preferred = false;
        for (name, values) in &mut self.params {
            if name == "TYPE" {
                let before = values.len();
                values.retain(|value| !value.eq_ignore_ascii_case("PREF"));
                preferred |= values.len() < before;
            }
        }
        self.params.retain(|(_, values)| !values.is_empty());
        if preferred && !self.params.iter().any(|(name, _)| name == "PREF") {
            self.set("PREF", "1");
        }
    }

    /// Tells whether the line as it came says the same under the target version.
    fn says_the_same(&self, line: &Line<'_>, target: Version) -> bool {
        if line.is_spaced() || line.params().any(|param| param.is_bare()) || self.params != line.joined_params() {
            return false;
        }
        let mut under_target = line.clone();
        under_target.version = target;
        self.value == line.value()
            || (line.version == Version::V21
                && !is_date(self.name)
                && value::parts(&under_target) == value::parts(line)
                && self.value == plain_value(line))
    }

    fn remove(&mut self, name: &str) {
        self.params.retain(|(known, _)| known != name);
    }

    fn set(&mut self, name: &str, value: &str) {
        match self.params.iter_mut().find(|(known, _)| known == name) {
            Some((_, values)) => *values = vec![value.to_owned()],
            None => self.params.push((name.to_owned(), vec![value.to_owned()])),
        }
    }

    fn add_type(&mut self, value: &str) {
        match self.params.iter_mut().find(|(known, _)| known == "TYPE") {
            Some((_, values)) if values.iter().any(|known| known.eq_ignore_ascii_case(value)) => {}
            Some((_, values)) => values.push(value.to_owned()),
            None => self.params.push(("TYPE".to_owned(), vec![value.to_owned()])),
        }
    }

    /// Takes out the `TYPE` that names a format rather than a place.
    fn take_media_type(&mut self) -> Option<String> {
        let places = ["HOME", "WORK", "PREF"];
        let is_format =
            |value: &String| is_media_name(value) && !places.iter().any(|place| place.eq_ignore_ascii_case(value));
        let values = self.params.iter_mut().find(|(name, _)| name == "TYPE").map(|(_, values)| values)?;
        let at = values.iter().position(is_format)?;
        let format = values.remove(at);
        self.params.retain(|(_, values)| !values.is_empty());
        Some(format)
    }
}

/// Whether a `TYPE` may stand in a media type (RFC 6838, section 4.2). A parameter may hold anything, line breaks too
/// (RFC 6868), which would end the property if they came into its value.
fn is_media_name(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+/".contains(&byte))
}

/// Returns the media type of inline data, by the 3.0 `TYPE` or else by how the data begins.
fn media_type(name: &str, kind: Option<&str>, data: &str) -> String {
    const BEGINNINGS: [(&str, &str); 4] =
        [("/9j/", "image/jpeg"), ("iVBOR", "image/png"), ("R0lG", "image/gif"), ("UklG", "image/webp")];
    let kind = kind.map(str::to_ascii_lowercase);
    match (name, kind.as_deref()) {
        (_, Some(kind)) if kind.contains('/') => kind.to_owned(),
        ("PHOTO" | "LOGO", Some("jpg")) => "image/jpeg".to_owned(),
        ("PHOTO" | "LOGO", Some(kind)) => format!("image/{kind}"),
        ("SOUND", Some(kind)) => format!("audio/{kind}"),
        ("KEY", Some("pgp")) => "application/pgp-keys".to_owned(),
        ("KEY", Some("x509")) => "application/pkix-cert".to_owned(),
        _ => BEGINNINGS
            .iter()
            .find(|(beginning, _)| data.starts_with(beginning))
            .map_or(OCTETS, |(_, media)| media)
            .to_owned(),
    }
}

/// Takes a base64 `data:` URI apart: media type and data. Some writers escape its comma (RFC 6350, erratum 3845).
fn data_uri(value: &str) -> Option<(&str, &str)> {
    let rest = starts_with(value, "data:").then(|| &value[5..])?;
    let (head, data) = rest.split_once(',')?;
    let media = head.trim_end_matches('\\').strip_suffix(";base64")?;
    Some((media.split(';').next().unwrap_or_default().trim_end_matches('\\'), data))
}

fn starts_with(value: &str, scheme: &str) -> bool {
    value.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}

/// The media type of data of which nothing is known.
const OCTETS: &str = "application/octet-stream";
