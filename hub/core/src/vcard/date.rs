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
    /// `--04-12`, `--04`, `---12`, or as people write it: `1985/4/12`, `12.4.1985`, `12. April 1985`, `12.4.`,
    /// `1985年4月12日`, `昭和60年4月12日`. A time after it is passed over. Two numbers between slashes are not read: nobody
    /// can tell which of them is the month.
    ///
    /// The year 1604 means that there is none: Apple writes it so, with a parameter that others lose on the way. So
    /// does the year 0, which some phones write.
    pub fn from_text(text: &str) -> Option<Self> {
        from_standard(split_time(text).0).or_else(|| from_separated(split_time(text).0)).or_else(|| from_words(text))
    }

    /// Writes the date as 4.0 wants it, e.g. `19850412`, `1985-04`, `--0412`.
    pub fn to_basic(self) -> String {
        match self {
            Self { year: Some(year), month: Some(month), day: Some(day) } => format!("{year:04}{month:02}{day:02}"),
            Self { year: None, month: Some(month), day: Some(day) } => format!("--{month:02}{day:02}"),
            _ => self.to_string(),
        }
    }

    /// Checks the bounds; a year that stands for none becomes none.
    fn checked(year: Option<u16>, month: Option<u16>, day: Option<u16>) -> Option<Self> {
        let within = |part: Option<u16>, max: u8| match part {
            None => Some(None),
            Some(part) => u8::try_from(part).ok().filter(|part| (1..=max).contains(part)).map(Some),
        };
        let (month, day) = (within(month, 12)?, within(day, 31)?);
        let year = year.filter(|year| !matches!(*year, 0 | APPLE_NO_YEAR) || month.is_none());
        Some(Self { year, month, day })
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
    Some(match split_time(value).1 {
        Some(time) => format!("{date}T{}", time.replace(':', "")),
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
    Some(match split_time(value).1 {
        Some(time) => format!("{date}T{}", extended_time(time)),
        None => date.to_string(),
    })
}

/// Splits a timestamp at the `T` or the space between its date and its time, which begins with a digit.
fn split_time(text: &str) -> (&str, Option<&str>) {
    let text = text.trim();
    let is_date = |date: &str| date.ends_with(|last: char| last.is_ascii_digit()) && !date.contains(' ');
    match text.split_once(['T', 't', ' ']) {
        Some((date, time)) if is_date(date) && time.contains(':') | time.get(..6).is_some_and(is_digits) => {
            (date, Some(time))
        }
        Some((date, time)) if from_standard(date).is_some() && !text.contains(' ') => (date, Some(time)),
        _ => (text, None),
    }
}

fn extended_time(time: &str) -> String {
    match time.get(..6) {
        Some(digits) if is_digits(digits) => {
            format!("{}:{}:{}{}", &digits[..2], &digits[2..4], &digits[4..], &time[6..])
        }
        _ => time.to_owned(),
    }
}

/// Reads a date as ISO 8601 and RFC 6350 spell it.
fn from_standard(date: &str) -> Option<PartialDate> {
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
    let read = |part: Option<&str>| match part {
        None => Some(None),
        Some(part) => number(part).map(Some),
    };
    PartialDate::checked(year, read(month)?, read(day)?)
}

/// Reads `1985/4/12`, `1985.4.12` and `1985-4-12`, year first, and `12.4.1985` and `12.4.`, which are German.
fn from_separated(date: &str) -> Option<PartialDate> {
    let separator = date.chars().find(|char| matches!(char, '/' | '.' | '-'))?;
    let pieces: Vec<&str> = date.splitn(5, separator).map(str::trim).collect();
    let read = |piece: &&str| number(piece).filter(|_| (1..=4).contains(&piece.len()));
    match pieces.as_slice() {
        [year, month, day] if year.len() == 4 && !day.is_empty() => {
            PartialDate::checked(Some(read(year)?), Some(read(month)?), Some(read(day)?))
        }
        [day, month, ""] if separator == '.' => PartialDate::checked(None, Some(read(month)?), Some(read(day)?)),
        [day, month, year] if separator == '.' && year.len() == 4 => {
            PartialDate::checked(Some(read(year)?), Some(read(month)?), Some(read(day)?))
        }
        _ => None,
    }
}

/// Reads a date whose parts are named: by the word for the month, or by the Japanese signs for year, month and day.
fn from_words(text: &str) -> Option<PartialDate> {
    if text.len() > WORDS_BYTES_MAX {
        return None;
    }
    let narrow = |char: char| match char {
        '０'..='９' => char::from_u32(u32::from(char) - 0xFF10 + 0x30).unwrap_or(char),
        other => other,
    };
    let text: String = text.chars().map(narrow).collect::<String>().to_lowercase();
    if text.contains('月') {
        return from_japanese(&text);
    }
    let (mut year, mut month, mut day) = (None, None, None);
    for word in text.split(|char: char| char.is_whitespace() || matches!(char, '.' | ',')).filter(|w| !w.is_empty()) {
        let slot = match word.len() {
            4 if is_digits(word) => &mut year,
            1 | 2 if is_digits(word) => &mut day,
            _ => {
                let found = MONTHS.iter().position(|names| names.contains(&word))?;
                if month.replace(u16::try_from(found + 1).ok()?).is_some() {
                    return None;
                }
                continue;
            }
        };
        if slot.replace(number(word)?).is_some() {
            return None;
        }
    }
    PartialDate::checked(year, Some(month?), day)
}

fn from_japanese(text: &str) -> Option<PartialDate> {
    let text: String = text.chars().filter(|char| !char.is_whitespace()).collect();
    let (year, rest) = match text.split_once('年') {
        Some((year, rest)) => {
            let era = ERAS.iter().find_map(|(name, before)| Some((year.strip_prefix(name)?, *before)));
            let (year, before) = era.unwrap_or((year, 0));
            let year = if year == "元" { 1 } else { number(year)? };
            (Some(year.checked_add(before)?), rest)
        }
        None => (None, text.as_str()),
    };
    let (month, rest) = rest.split_once('月')?;
    let day = match rest {
        "" => None,
        day => Some(number(day.strip_suffix('日')?)?),
    };
    PartialDate::checked(year, Some(number(month)?), day)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn number(digits: &str) -> Option<u16> {
    is_digits(digits).then(|| digits.parse().ok()).flatten()
}

/// The year that Apple writes where there is none, with the parameter `X-APPLE-OMIT-YEAR`.
pub(super) const APPLE_NO_YEAR: u16 = 1604;
/// Longest date in words, in bytes.
const WORDS_BYTES_MAX: usize = 64;
/// The months in German and English, in lower case.
const MONTHS: [&[&str]; 12] = [
    &["januar", "jänner", "january", "jan"],
    &["februar", "feber", "february", "feb"],
    &["märz", "march", "mar", "mär"],
    &["april", "apr"],
    &["mai", "may"],
    &["juni", "june", "jun"],
    &["juli", "july", "jul"],
    &["august", "aug"],
    &["september", "sept", "sep"],
    &["oktober", "october", "okt", "oct"],
    &["november", "nov"],
    &["dezember", "december", "dez", "dec"],
];
/// Japanese eras, each with the year before its first.
const ERAS: [(&str, u16); 5] = [("明治", 1867), ("大正", 1911), ("昭和", 1925), ("平成", 1988), ("令和", 2018)];
