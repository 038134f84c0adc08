//! The wall clock, in one place. The core never reads it.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970. A clock before 1970 counts as 1970.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX).saturating_add(offset_ms())
}

/// Days since 1970, in UTC: what LAN tags turn with.
pub(crate) fn utc_day() -> i64 {
    now_ms().div_euclid(24 * 3600 * 1000)
}

/// When a file was last written, in milliseconds since 1970; `None` if the file system does not say.
pub(crate) fn modified_ms(about: &std::fs::Metadata) -> Option<i64> {
    let since = about.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}

/// The minute of the day at a time in milliseconds since 1970, where this computer is.
pub(crate) fn local_minute(ms: i64) -> u16 {
    let zoned = jiff::Timestamp::from_millisecond(ms).unwrap_or_default().to_zoned(jiff::tz::TimeZone::system());
    u16::try_from(i32::from(zoned.hour()) * 60 + i32::from(zoned.minute())).unwrap_or(0)
}

/// Milliseconds since 1970 as RFC 3339 in UTC.
pub(crate) fn rfc3339(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).unwrap_or_default().to_string()
}

/// Reads RFC 3339 of any offset, as milliseconds since 1970.
pub(crate) fn parse_rfc3339(text: &str) -> Option<i64> {
    text.trim().parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

/// How far `KITH_CLOCK_OFFSET` (e.g. `30d`, `-2h`, `90s`) shifts the clock, in builds with the feature `test-clock`.
#[cfg(feature = "test-clock")]
fn offset_ms() -> i64 {
    static OFFSET: std::sync::LazyLock<i64> = std::sync::LazyLock::new(|| {
        let text = std::env::var("KITH_CLOCK_OFFSET").unwrap_or_default();
        let (number, unit) = text.split_at(text.len().saturating_sub(1));
        let seconds = match unit {
            "d" => 24 * 3600,
            "h" => 3600,
            "m" => 60,
            _ => 1,
        };
        number.parse::<i64>().unwrap_or(0).saturating_mul(seconds * 1000)
    });
    *OFFSET
}

#[cfg(not(feature = "test-clock"))]
fn offset_ms() -> i64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_back_from_their_text_to_the_millisecond_whatever_the_offset() {
        for ms in [0, 1, 1_760_000_000_000, 1_760_000_000_123, 1_760_000_000_120] {
            assert_eq!(parse_rfc3339(&rfc3339(ms)), Some(ms));
        }
        let [utc, east] = ["2026-11-21T15:00:00.5Z", "2026-11-21T18:30:00.5+03:30"].map(parse_rfc3339);
        assert!(utc.is_some() && utc == east);
        assert_eq!(["yesterday", "", "2026-11-21"].map(parse_rfc3339), [None; 3]);
    }
}
