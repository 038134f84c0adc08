//! A card while it is read: its limits, and what becomes of lines that cannot be read.

use super::{
    CARD_BYTES_MAX, Item, LineError, PHOTO_BYTES_MAX, PROPERTIES_MAX, ParsedCard, Problem, Property, Version,
    encoding::{decode_base64, quoted_bytes},
    is_photo,
    line::{Encoding, Line},
    print::made_up,
    property::fold,
    value::{DERIVED, Kind, UNREADABLE, escape, parts},
};

/// A card while it is read.
pub(super) struct Draft {
    line: u32,
    version: Option<Version>,
    properties: Vec<Property>,
    problems: Vec<Problem>,
    text_bytes: usize,
    photo_bytes: usize,
    unreadable_bytes: usize,
    refused: Option<Problem>,
}

impl Draft {
    pub(super) fn new(line: u32) -> Self {
        Self {
            line,
            version: None,
            properties: Vec::new(),
            problems: Vec::new(),
            text_bytes: 0,
            photo_bytes: 0,
            unreadable_bytes: 0,
            refused: None,
        }
    }

    /// Lists something that could not be read, up to a bound.
    pub(super) fn problem(&mut self, line: u32, reason: impl ToString) {
        match self.problems.len() {
            count if count < PROBLEMS_MAX => self.problems.push(Problem { line, reason: reason.to_string() }),
            PROBLEMS_MAX => {
                let reason = "from here on, other lines of this card could not be read either".to_owned();
                self.problems.push(Problem { line, reason });
            }
            _ => {}
        }
    }

    /// Takes in a logical line, with its folds.
    pub(super) fn push(&mut self, text: &str, line: u32) {
        if self.refused.is_some() || self.is_version(text, line) {
            return;
        }
        // With CR and LF a fold takes twice the bytes that are kept of it, never more.
        if text.len() > 2 * PHOTO_BYTES_MAX {
            return self.problem(line, LineError::TooLong);
        }
        let order = u32::try_from(self.properties.len()).unwrap_or(u32::MAX);
        let mut checked = Property::checked(Version::V30, order, text.to_owned());
        if matches!(checked, Err(LineError::Nul)) {
            self.problem(line, "the line contained NUL characters, which were left out");
            checked = Property::checked(Version::V30, order, text.replace('\0', ""));
        }
        match checked {
            Ok((property, _)) => self.keep(property, line),
            Err(error) => {
                self.problem(line, error);
                self.keep_unreadable(text, line, order);
            }
        }
    }

    /// Takes in a `VERSION`. The first that anybody knows counts.
    fn is_version(&mut self, text: &str, number: u32) -> bool {
        let Some(line) = text.get(..7).filter(|start| start.eq_ignore_ascii_case("VERSION")) else { return false };
        let Some(line) = Line::of(text, Version::V30).ok().filter(|_| line.len() == 7) else { return false };
        if line.name != "VERSION" {
            return false;
        }
        match Version::from_text(line.raw) {
            Some(version) => self.version = self.version.or(Some(version)),
            None => {
                let major = line.raw.trim_ascii_start().chars().next();
                self.version = self.version.or(match major {
                    Some('2') => Some(Version::V21),
                    Some('3') => Some(Version::V30),
                    _ => Some(Version::V40),
                });
                let read = self.version.unwrap_or(Version::V40).as_str();
                self.problem(number, format!("the card names an unknown version, so it is read as {read}"));
            }
        }
        true
    }

    fn keep(&mut self, property: Property, line: u32) {
        let bytes = property.as_str().len();
        if is_photo(&property.name()) {
            self.photo_bytes += bytes;
            if self.photo_bytes > PHOTO_BYTES_MAX {
                self.photo_bytes -= bytes;
                return self.problem(line, LineError::TooLong);
            }
        } else {
            self.text_bytes += bytes;
        }
        if self.properties.len() >= PROPERTIES_MAX {
            return self.refuse(line, format!("the card has more than {PROPERTIES_MAX} properties"));
        } else if self.text_bytes > CARD_BYTES_MAX {
            let reason = format!("the card is larger than {} KiB without its picture", CARD_BYTES_MAX / 1024);
            return self.refuse(line, reason);
        }
        if let Some(reason) = spoilt(&property.parsed()) {
            self.problem(line, reason);
        }
        self.properties.push(property);
    }

    /// Keeps a line that is no property as the text of one, so that it can be read where everything else is.
    fn keep_unreadable(&mut self, text: &str, line: u32, order: u32) {
        self.unreadable_bytes += text.len();
        if self.unreadable_bytes > UNREADABLE_BYTES_MAX || self.problems.len() > PROBLEMS_MAX {
            return;
        }
        let mut kept = format!("{UNREADABLE}:");
        escape(&text.replace("\r\n", "\n"), Kind::Text, &mut kept);
        if let Ok(property) = Property::from_text(Version::V30, order, fold(kept)) {
            self.keep(property, line);
        }
    }

    fn refuse(&mut self, line: u32, reason: String) {
        self.refused = Some(Problem { line, reason });
        self.properties = Vec::new();
    }

    /// Ends the card.
    pub(super) fn finish(mut self) -> Item {
        if let Some(problem) = self.refused {
            return Item::Problem(problem);
        }
        let version = self.version.unwrap_or_else(|| {
            let old = |property: &Property| property.parsed().params().any(|param| param.is_bare());
            if self.properties.iter().any(old) { Version::V21 } else { Version::V30 }
        });
        self.properties.iter_mut().for_each(|property| property.version = version);
        take_out_made_up(&mut self.properties, version);
        let Self { line, properties, problems, .. } = self;
        Item::Card(ParsedCard { version, line, properties, problems })
    }
}

/// Takes out the `N` and `FN` that were made up when the card was printed, unless somebody changed them since.
fn take_out_made_up(properties: &mut Vec<Property>, version: Version) {
    let Some(mark) = properties.iter().find(|property| property.name() == DERIVED).map(Property::text) else { return };
    let names: Vec<&str> = mark.split(',').map(str::trim).filter(|name| ["N", "FN"].contains(name)).collect();
    let is_made_up = |property: &Property| names.iter().any(|name| property.name() == *name);
    let real: Vec<Line<'_>> = properties
        .iter()
        .filter(|property| !is_made_up(property) && property.name() != DERIVED)
        .map(Property::parsed)
        .collect();
    let again = made_up(&real, version);
    let unchanged: Vec<bool> = properties
        .iter()
        .map(|property| {
            let line = property.parsed();
            let same = |other: &String| {
                Line::of(other, Version::V30)
                    .is_ok_and(|other| other.name == line.name && parts(&other) == parts(&line))
            };
            line.name == DERIVED || (is_made_up(property) && again.iter().any(same))
        })
        .collect();
    let mut unchanged = unchanged.into_iter();
    properties.retain(|_| !unchanged.next().unwrap_or(false));
    for (order, property) in (0..).zip(properties) {
        property.order = order;
    }
}

/// Tells what is wrong with a value that can be kept but not understood.
fn spoilt(line: &Line<'_>) -> Option<&'static str> {
    match line.encoding() {
        Encoding::Plain => None,
        Encoding::QuotedPrintable(charset) => {
            let value = line.value();
            let readable = !value.contains('=') || charset.decode(quoted_bytes(&value, charset)).1;
            (!readable).then_some("some bytes of this line are not in its character set and were kept as they are")
        }
        Encoding::Base64 if line.raw.contains("://") => None,
        Encoding::Base64 | Encoding::Base64Text(_) => {
            let broken = decode_base64(line.raw).is_none();
            broken.then_some("the data of this line is broken base64 and was kept as it is")
        }
    }
}

/// Most problems that are listed of one card, and most lines of it that are kept although they cannot be read.
const PROBLEMS_MAX: usize = 100;
/// Most bytes of a card's lines that are kept although they cannot be read.
const UNREADABLE_BYTES_MAX: usize = 64 * 1024;
