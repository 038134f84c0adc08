//! Quiet hours: from a minute of the day to another one, by the clock on the wall of whoever asks.

use std::{fmt, str::FromStr};

/// Hours in which nothing new is shown. They may go over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    /// The first quiet minute of the day.
    from: u16,
    /// The first minute after them.
    until: u16,
}

/// The text says no hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("quiet hours are given as 22:00-07:00")]
pub struct InvalidQuietHours;

impl QuietHours {
    /// After how many minutes they are over; `None` if it is not quiet at this minute of the day.
    pub fn left(self, minute: u16) -> Option<u16> {
        let since = (minute + DAY_MINUTES - self.from) % DAY_MINUTES;
        let length = (self.until + DAY_MINUTES - self.from) % DAY_MINUTES;
        (since < length).then(|| length - since)
    }
}

impl FromStr for QuietHours {
    type Err = InvalidQuietHours;

    fn from_str(text: &str) -> Result<Self, InvalidQuietHours> {
        let (from, until) = text.split_once('-').ok_or(InvalidQuietHours)?;
        let (from, until) = (minute(from).ok_or(InvalidQuietHours)?, minute(until).ok_or(InvalidQuietHours)?);
        // The whole day would be switched off, not quiet.
        if from == until { Err(InvalidQuietHours) } else { Ok(Self { from, until }) }
    }
}

impl fmt::Display for QuietHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [from, until] = [self.from, self.until].map(|minute| (minute / 60, minute % 60));
        write!(f, "{:02}:{:02}-{:02}:{:02}", from.0, from.1, until.0, until.1)
    }
}

fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let number = |text: &str, below: u16| -> Option<u16> {
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|number| digits && *number < below)
    };
    Some(number(hour, 24)? * 60 + number(minute, 60)?)
}

const DAY_MINUTES: u16 = 24 * 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_is_quiet_over_midnight_and_its_end_is_known() {
        let night: QuietHours = "22:00-7:00".parse().unwrap();
        assert_eq!(night.to_string(), "22:00-07:00");
        for (hour, minute, left) in [
            (21, 59, None),
            (22, 0, Some(540)),
            (23, 59, Some(421)),
            (0, 0, Some(420)),
            (6, 59, Some(1)),
            (7, 0, None),
            (12, 0, None),
        ] {
            assert_eq!(night.left(hour * 60 + minute), left, "{hour}:{minute}");
        }
        let noon: QuietHours = "12:30-13:15".parse().unwrap();
        assert_eq!([749, 750, 794, 795].map(|minute| noon.left(minute)), [None, Some(45), Some(1), None]);
    }

    #[test]
    fn what_says_no_hours_is_refused() {
        for text in
            ["", "22:00", "22-7", "24:00-07:00", "22:60-07:00", "07:00-07:00", "a:b-c:d", "+1:00-2:00", "1:000-2:00"]
        {
            assert_eq!(text.parse::<QuietHours>(), Err(InvalidQuietHours), "{text}");
        }
    }
}
