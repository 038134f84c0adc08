//! Notices that this computer slept, or is on another network than a moment ago.

use std::{
    collections::BTreeSet,
    net::IpAddr,
    time::{Duration, Instant},
};

/// What the last look saw.
#[derive(Debug)]
pub(crate) struct Surroundings {
    at: Instant,
    wall_ms: i64,
    addresses: BTreeSet<IpAddr>,
}

/// What is unlike the last look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unlike {
    /// Much more time went by than between two looks: the computer slept, or this program was stopped.
    pub(crate) slept: bool,
    /// An own address is gone: what went over it is dead.
    pub(crate) lost: bool,
    /// There is a new own address.
    pub(crate) gained: bool,
}

impl Surroundings {
    pub(crate) fn new(at: Instant, wall_ms: i64, addresses: BTreeSet<IpAddr>) -> Self {
        Self { at, wall_ms, addresses }
    }

    /// When to look again.
    pub(crate) fn next(&self) -> Instant {
        self.at + LOOK_EVERY
    }

    /// Looks. On most systems the monotonic clock stands still in sleep and the wall clock does not; a stopped program
    /// finds both ahead. A wall clock that somebody set forward looks like sleep, which costs a reconnection.
    pub(crate) fn look(&mut self, at: Instant, wall_ms: i64, addresses: BTreeSet<IpAddr>) -> Unlike {
        let passed = i128::from(wall_ms) - i128::from(self.wall_ms);
        let unlike = Unlike {
            slept: at.saturating_duration_since(self.at) > SLEPT || passed > SLEPT.as_millis() as i128,
            lost: !self.addresses.is_subset(&addresses),
            gained: !addresses.is_subset(&self.addresses),
        };
        *self = Self::new(at, wall_ms, addresses);
        unlike
    }
}

/// Time between two looks: what is lost, at most, of the five seconds in which a woken computer is to be in step.
const LOOK_EVERY: Duration = Duration::from_secs(3);
/// A gap between two looks that is no mere delay: about as long as it takes others to give a connection up.
const SLEPT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(list: &[&str]) -> BTreeSet<IpAddr> {
        list.iter().map(|ip| ip.parse().unwrap()).collect()
    }

    #[test]
    fn sleep_is_noticed_by_either_clock_and_a_busy_moment_is_none() {
        let (start, home) = (Instant::now(), addresses(&["192.168.1.5"]));
        for (seconds, wall_seconds, slept) in [
            (2, 2, false),
            (5, 5, false),
            (2, 600, true),
            (600, 600, true),
            (2, -3600, false),
            (2, i64::MAX / 2000, true),
        ] {
            let mut seen = Surroundings::new(start, 0, home.clone());
            let unlike = seen.look(start + Duration::from_secs(seconds), wall_seconds * 1000, home.clone());
            assert_eq!(unlike, Unlike { slept, ..Unlike::default() }, "{seconds} {wall_seconds}");
        }
    }

    #[test]
    fn another_network_is_noticed_once() {
        let (start, home) = (Instant::now(), addresses(&["192.168.1.5", "fe80::5"]));
        let mut seen = Surroundings::new(start, 0, home);
        for (now, lost, gained) in [
            (&["192.168.1.5", "fe80::5"] as &[_], false, false),
            (&["fe80::5"], true, false),
            (&["fe80::5", "10.0.0.7"], false, true),
            (&["fe80::5", "10.0.0.9"], true, true),
            (&["fe80::5", "10.0.0.9"], false, false),
        ] {
            let unlike = seen.look(seen.next(), seen.wall_ms + 2000, addresses(now));
            assert_eq!((unlike.lost, unlike.gained, unlike.slept), (lost, gained, false), "{now:?}");
        }
    }
}
