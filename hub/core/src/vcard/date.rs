//! Dates of which a part may be missing (RFC 6350, 4.3): a birthday without a year, an anniversary of a month.

use std::fmt;

/// A date of which any part may be unknown. One that exists has at least one part, each within its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartialDate {
    /// The year, 0 to 9999.
    pub year: Option<u16>,
    /// The month, 1 to 12.
    pub month: Option<u8>,
    /// The day of the month, 1 to 31.
    pub day: Option<u8>,
}

impl PartialDate {
    /// Reads a date in the spelling of 3.0 or 4.0, e.g. `1985-04-12`, `19850412`, `1985-04`, `1985`, `--0412`,
    /// `--04-12`, `--04`, `---12`. A time after it is passed over.
    ///
    /// The year 1604 means that there is none: Apple writes it so, with a parameter that others lose on the way.
    pub fn from_text(text: &str) -> Option<Self> {
        let date = text.trim().split(['T', 't']).next()?;
        let (year, rest) = match date.strip_prefix("--") {
            Some(rest) => (None, rest),
            None => (Some(number(date.get(..4)?)?), &date[4..]),
        };
        let (month, day) = match rest.as_bytes() {
            [] if year.is_some() => (None, None),
            [b'-', _, _] if year.is_some() => (Some(&rest[1..]), None),
            [b'-', _, _] => (None, Some(&rest[1..])),
            [_, _] if year.is_none() => (Some(rest), None),
            [_, _, _, _] if rest.is_ascii() => (Some(&rest[..2]), Some(&rest[2..])),
            [_, _, b'-', _, _] if year.is_none() && rest.is_ascii() => (Some(&rest[..2]), Some(&rest[3..])),
            [b'-', _, _, b'-', _, _] if year.is_some() && rest.is_ascii() => (Some(&rest[1..3]), Some(&rest[4..])),
            _ => return None,
        };
        let within = |part: Option<&str>, max: u8| match part {
            None => Some(None),
            Some(part) => number(part).and_then(|n| u8::try_from(n).ok()).filter(|n| (1..=max).contains(n)).map(Some),
        };
        let (month, day) = (within(month, 12)?, within(day, 31)?);
        let year = year.filter(|year| *year != APPLE_NO_YEAR || month.is_none());
        Some(Self { year, month, day })
    }

    /// Writes the date as 4.0 wants it, e.g. `19850412`, `1985-04`, `--0412`.
    pub fn to_basic(self) -> String {
        match self {
            Self { year: Some(year), month: Some(month), day: Some(day) } => format!("{year:04}{month:02}{day:02}"),
            Self { year: None, month: Some(month), day: Some(day) } => format!("--{month:02}{day:02}"),
            _ => self.to_string(),
        }
    }
}

/// Writes the date to read, e.g. `1985-04-12`, `1985-04`, `--04-12`.
impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.year {
            Some(year) => write!(f, "{year:04}")?,
            None => f.write_str("-")?,
        }
        match (self.month, self.day) {
            (Some(month), Some(day)) => write!(f, "-{month:02}-{day:02}"),
            (Some(month), None) => write!(f, "-{month:02}"),
            (None, Some(day)) => write!(f, "--{day:02}"),
            (None, None) => Ok(()),
        }
    }
}

/// Writes a date or timestamp as 4.0 wants it (`19850412`, `19531015T231000Z`); `None` if it is not one.
pub(super) fn to_basic(value: &str) -> Option<String> {
    let date = PartialDate::from_text(value)?.to_basic();
    Some(match value.trim().split_once('T') {
        Some((_, time)) => format!("{date}T{}", time.replace(':', "")),
        None => date,
    })
}

/// Writes a date or timestamp as 3.0 writers do (`1985-04-12`, `1953-10-15T23:10:00Z`, 1604 for no year).
pub(super) fn to_extended(value: &str) -> Option<String> {
    let date = match PartialDate::from_text(value)? {
        PartialDate { year: None, month: Some(month), day: Some(day) } => {
            PartialDate { year: Some(APPLE_NO_YEAR), month: Some(month), day: Some(day) }
        }
        date => date,
    };
    Some(match value.trim().split_once('T') {
        Some((_, time)) => format!("{date}T{}", extended_time(time)),
        None => date.to_string(),
    })
}

fn extended_time(time: &str) -> String {
    match time.get(..6) {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{}:{}:{}{}", &digits[..2], &digits[2..4], &digits[4..], &time[6..])
        }
        _ => time.to_owned(),
    }
}

fn number(digits: &str) -> Option<u16> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

/// The year that Apple writes where there is none, with the parameter `X-APPLE-OMIT-YEAR`.
pub(super) const APPLE_NO_YEAR: u16 = 1604;
