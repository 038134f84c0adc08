//! When a backup is due. Clocks jump: none of it counts days.

use std::fmt;

/// How often a backup is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Every {
    /// In milliseconds.
    pub(crate) ms: i64,
}

impl Every {
    /// Reads `30m`, `12h`, `1d` or `2w`; from a quarter of an hour to a year.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let unit = text.chars().next_back()?;
        let number: i64 = text.strip_suffix(unit)?.parse().ok()?;
        let (_, length) = UNITS.into_iter().find(|&(name, _)| name == unit)?;
        let ms = number.checked_mul(length)?;
        (LEAST_MS..=MOST_MS).contains(&ms).then_some(Self { ms })
    }
}

impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, length) = UNITS.into_iter().find(|&(_, length)| self.ms % length == 0).unwrap_or(('m', MINUTE_MS));
        write!(f, "{}{name}", self.ms / length)
    }
}

/// Whether a backup is due at `now`, if the book changed since the one made at `last`. A last one from the future was
/// made under a clock that was wrong.
pub(crate) fn is_due(every: Every, last: Option<i64>, now: i64) -> bool {
    last.is_none_or(|last| now < last || now - last >= every.ms)
}

const MINUTE_MS: i64 = 60 * 1000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// The longest unit that fits is the one that is written.
const UNITS: [(char, i64); 4] = [('w', 7 * DAY_MS), ('d', DAY_MS), ('h', HOUR_MS), ('m', MINUTE_MS)];
const LEAST_MS: i64 = 15 * MINUTE_MS;
const MOST_MS: i64 = 366 * DAY_MS;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_read_and_written_as_people_say_them() {
        for text in ["1d", "12h", "2w", "15m", "366d"] {
            assert_eq!(Every::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Every::parse("24h").unwrap().to_string(), "1d");
        for text in ["", "d", "0d", "14m", "1y", "-1d", "367d", "9223372036854775807w", "1 d", "\u{1F600}"] {
            assert_eq!(Every::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_missed_time_is_due_and_a_clock_that_was_wrong_stops_nothing() {
        let day = Every::parse("1d").unwrap();
        assert!(is_due(day, None, 0));
        assert!(!is_due(day, Some(5), DAY_MS + 4) && is_due(day, Some(5), DAY_MS + 5));
        assert!(is_due(day, Some(0), 400 * DAY_MS), "after a year off");
        assert!(is_due(day, Some(3_650 * DAY_MS), DAY_MS), "the last one is from the future");
    }
}
