//! How figures are put together and shown.

use std::{fmt, time::Duration};

/// Times of the same work.
#[derive(Clone, Debug, Default)]
pub(super) struct Times(Vec<Duration>);

impl Times {
    pub(super) fn push(&mut self, time: Duration) {
        let at = self.0.partition_point(|known| *known <= time);
        self.0.insert(at, time);
    }

    /// The time that this share of them does not exceed.
    pub(super) fn quantile(&self, share: f64) -> Duration {
        let last = self.0.len().saturating_sub(1);
        self.0.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
    }

    pub(super) fn median(&self) -> Duration {
        self.quantile(0.5)
    }
}

/// The median, and how far it scatters.
impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (least, median, most) = (self.quantile(0.0), self.median(), self.quantile(1.0));
        write!(f, "{} ({} to {}, {} runs)", ms(median), ms(least), ms(most), self.0.len())
    }
}

/// Milliseconds, with as many digits as mean something.
pub(super) fn ms(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    if ms < 20.0 { format!("{ms:.2} ms") } else { format!("{ms:.0} ms") }
}

/// One figure against its goal.
pub(super) fn goal(what: &str, value: f64, at_most: f64, unit: &str) {
    let verdict = if value <= at_most { "met" } else { "MISSED" };
    let digits = if at_most < 100.0 { 2 } else { 0 };
    println!("    goal: {what} at most {at_most}{unit}; {value:.digits$}{unit}: {verdict}");
}

/// What else the computer is doing, e.g. `0.42 0.31 0.20`.
pub(super) fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let averages: Vec<&str> = text.split(' ').take(3).collect();
    if averages.is_empty() { "unknown".to_owned() } else { averages.join(" ") }
}

/// A number with its thousands apart.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_sorted_times_and_numbers_can_be_read() {
        let mut times = Times::default();
        (1..=101).rev().for_each(|time| times.push(Duration::from_millis(time)));
        assert_eq!(times.median(), Duration::from_millis(51));
        assert_eq!(times.quantile(0.99), Duration::from_millis(100));
        assert_eq!(Times::default().median(), Duration::ZERO);
        assert_eq!(
            (grouped(999), grouped(10_000), grouped(1_234_567)),
            ("999".into(), "10,000".into(), "1,234,567".into())
        );
    }
}
