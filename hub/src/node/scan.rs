//! Looking for a lost device door by door: where nothing else finds it, the addresses beside this computer's own are
//! tried on the ports where it was last. Slowly, and seldom.

use crate::discovery::Interface;
use std::{
    collections::{BTreeSet, VecDeque},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

/// What is left to try, and when to look again.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    queue: VecDeque<SocketAddr>,
    under_way: usize,
    /// When to begin, unless the device turns up before.
    begin: Option<Instant>,
    /// No earlier than this, whatever happens.
    not_before: Option<Instant>,
    wait: Duration,
}

impl Scan {
    /// Says whether a device is missing.
    pub(crate) fn missing(&mut self, missing: bool, now: Instant) {
        if !missing {
            self.queue.clear();
            self.begin = None;
            self.wait = Duration::ZERO;
        } else if self.begin.is_none() {
            let patience = now + BEGIN_AFTER;
            self.begin = Some(self.not_before.map_or(patience, |not_before| not_before.max(patience)));
        }
    }

    /// This computer is on another network: what is left of the old one is not tried, and waiting begins anew.
    pub(crate) fn moved(&mut self) {
        self.queue.clear();
        self.begin = None;
        self.wait = Duration::ZERO;
    }

    /// Whether there is anything to try now.
    pub(crate) fn is_due(&self, now: Instant) -> bool {
        self.begin.is_some_and(|begin| begin <= now) || !self.queue.is_empty() && self.under_way < AT_ONCE
    }

    /// The addresses to try now. `places` lists all of them, and is only asked when a scan begins.
    pub(crate) fn due(&mut self, now: Instant, places: impl FnOnce() -> Vec<SocketAddr>) -> Vec<SocketAddr> {
        if self.begin.is_some_and(|begin| begin <= now) {
            self.wait = (self.wait * 2).clamp(AGAIN_AFTER, AGAIN_AFTER_MAX);
            self.not_before = Some(now + AGAIN_AFTER);
            self.begin = Some(now + self.wait);
            self.queue = places().into();
        }
        let room = AT_ONCE.saturating_sub(self.under_way).min(self.queue.len());
        self.under_way += room;
        self.queue.drain(..room).collect()
    }

    /// One attempt has ended.
    pub(crate) fn ended(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    /// When the next scan begins.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.begin
    }
}

/// The places to try: every neighbour in the /24 around each own private IPv4 address, on each port; those next to the
/// own address first, as leases are given out side by side.
pub(crate) fn places(own: &[Interface], ports: &BTreeSet<u16>) -> Vec<SocketAddr> {
    let mut tried = BTreeSet::new();
    let mut places = Vec::new();
    for interface in own.iter().filter(|interface| !interface.tunnel) {
        let IpAddr::V4(ip) = interface.ip else { continue };
        if !ip.is_private() || interface.prefix > PREFIX_MAX {
            continue;
        }
        let prefix = u32::from(interface.prefix.max(PREFIX_MIN));
        let base = ip.to_bits() & (u32::MAX << (32 - prefix));
        let last = base | (u32::MAX >> prefix);
        let own = ip.to_bits();
        tried.extend((base + 1..last).filter(|there| *there != own).map(|there| (there.abs_diff(own), there)));
    }
    for (_, there) in tried.into_iter().take(ADDRESSES_MAX) {
        let port = |port: &u16| SocketAddr::from((Ipv4Addr::from_bits(there), *port));
        places.extend(ports.iter().take(PORTS_MAX).map(port));
    }
    places
}

/// How long one place may take to answer.
pub(crate) const PATIENCE: Duration = Duration::from_millis(1500);
/// How long a device is looked for by other means first.
const BEGIN_AFTER: Duration = Duration::from_secs(8);
/// Time from one scan to the next; each that finds nothing doubles it, up to the maximum.
const AGAIN_AFTER: Duration = Duration::from_secs(600);
const AGAIN_AFTER_MAX: Duration = Duration::from_secs(6 * 3600);
/// Attempts at once. What is sent to nobody stays in the socket's buffer for three seconds, until the system has asked in
/// vain who has the address: with 64 it filled up, and nothing else left this computer.
const AT_ONCE: usize = 16;
/// Addresses in one scan.
const ADDRESSES_MAX: usize = 256;
/// Ports that are tried at each address.
const PORTS_MAX: usize = 4;
/// A network larger than this is only searched around the own address.
const PREFIX_MIN: u8 = 24;
/// A network smaller than this has no neighbours to search.
const PREFIX_MAX: u8 = 30;

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(ip: &str, prefix: u8, tunnel: bool) -> Interface {
        Interface { name: "eth0".into(), ip: ip.parse().unwrap(), prefix, tunnel }
    }

    #[test]
    fn only_neighbours_in_private_networks_are_tried_and_never_many() {
        let ports = BTreeSet::from([7117]);
        let home = places(&[wire("192.168.1.5", 24, false)], &ports);
        assert_eq!((home.len(), home[0]), (253, "192.168.1.4:7117".parse().unwrap()));
        assert!(!home.contains(&"192.168.1.5:7117".parse().unwrap()));
        let large = places(&[wire("10.20.30.40", 8, false)], &ports);
        assert!(large.len() == 253 && large.iter().all(|place| place.to_string().starts_with("10.20.30.")));
        assert_eq!(places(&[wire("172.16.0.9", 29, false)], &ports).len(), 5);
        for none in [
            wire("203.0.113.9", 24, false),
            wire("169.254.7.7", 16, false),
            wire("10.8.0.2", 24, true),
            wire("10.0.0.1", 31, false),
            wire("10.0.0.1", 32, false),
            wire("fe80::1", 64, false),
        ] {
            assert_eq!(places(std::slice::from_ref(&none), &ports), [], "{none:?}");
        }
        let many: Vec<_> = (0..20).map(|n| wire(&format!("10.0.{n}.5"), 24, false)).collect();
        assert_eq!(places(&many, &(1..=99).collect()).len(), 256 * 4);
        assert_eq!(places(&many, &BTreeSet::new()), []);
    }

    #[test]
    fn a_scan_waits_for_other_means_goes_slowly_and_comes_again_ever_more_seldom() {
        let (mut scan, start) = (Scan::default(), Instant::now());
        let all = || places(&[wire("192.168.1.5", 24, false)], &BTreeSet::from([7117]));
        assert!(scan.due(start, all).is_empty(), "nobody is missing");
        scan.missing(true, start);
        assert!(scan.due(start, all).is_empty(), "other means come first");
        let begin = scan.next().unwrap();
        assert_eq!(begin, start + BEGIN_AFTER);
        let mut tried = 0;
        for _ in 0..253 {
            let some = scan.due(begin, all);
            assert!(some.len() <= if tried == 0 { AT_ONCE } else { 1 });
            tried += some.len();
            scan.ended();
        }
        assert_eq!(tried, 253);
        let mut gaps = Vec::new();
        let mut now = begin;
        for _ in 0..7 {
            let next = scan.next().unwrap();
            gaps.push((next - now).as_secs() / 60);
            now = next;
            while !scan.due(now, all).is_empty() {
                scan.under_way = 0;
            }
        }
        assert_eq!(gaps, [10, 20, 40, 80, 160, 320, 360]);
    }

    #[test]
    fn a_device_that_comes_and_goes_is_not_scanned_for_more_often() {
        let (mut scan, start) = (Scan::default(), Instant::now());
        scan.missing(true, start);
        let begin = scan.next().unwrap();
        assert_eq!(scan.due(begin, || vec!["10.0.0.9:7117".parse().unwrap()]).len(), 1);
        scan.missing(false, begin);
        scan.missing(true, begin);
        assert_eq!(scan.next(), Some(begin + AGAIN_AFTER));
        scan.moved();
        scan.missing(true, begin);
        assert_eq!(scan.next(), Some(begin + AGAIN_AFTER), "nor after a move");
    }
}
