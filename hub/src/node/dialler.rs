//! Whom to dial, where, and when again. Decides; the loop dials.

use kith_core::id::{DeviceId, PublicKey};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

/// Why an address is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    /// The person named it.
    Given(SocketAddr),
    /// The device was reached there before.
    Remembered(DeviceId),
    /// Tried because everything else failed.
    Scanned,
    /// An mDNS instance that shows one of our tags.
    Instance(String),
}

/// One attempt to make.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) target: Target,
    pub(crate) addresses: Vec<SocketAddr>,
    /// The device that must answer, if it is known.
    pub(crate) device: Option<DeviceId>,
    /// How many attempts were made on this target before, since it was learned.
    pub(crate) number: usize,
}

#[derive(Debug)]
struct State {
    addresses: Vec<SocketAddr>,
    device: Option<DeviceId>,
    next: Instant,
    wait: Duration,
    /// Dials of the current attempt that have not ended.
    dialling: usize,
    attempts: usize,
}

/// All targets.
#[derive(Debug)]
pub(crate) struct Dialler {
    targets: BTreeMap<Target, State>,
    /// Most targets; those with the last names give way.
    room: usize,
    /// Longest time between two attempts.
    wait_max: Duration,
}

impl Default for Dialler {
    fn default() -> Self {
        Self { targets: BTreeMap::new(), room: TARGETS_MAX, wait_max: WAIT_MAX }
    }
}

impl Dialler {
    /// For the devices of many persons, most of whom are elsewhere.
    pub(crate) fn of_many() -> Self {
        Self { targets: BTreeMap::new(), room: MANY_TARGETS_MAX, wait_max: MANY_WAIT_MAX }
    }

    /// There is something for this device: it is dialled at once.
    pub(crate) fn hurry_one(&mut self, device: DeviceId, now: Instant) {
        for state in self.targets.values_mut().filter(|state| state.device == Some(device) && state.dialling == 0) {
            (state.next, state.wait) = (now, WAIT_FIRST);
        }
    }

    /// Learns where a target is; it is dialled at once, even if it had failed before.
    pub(crate) fn learn(&mut self, target: Target, addresses: Vec<SocketAddr>, now: Instant) {
        let device = match target {
            Target::Remembered(device) => Some(device),
            _ => None,
        };
        let state = self.targets.entry(target).or_insert_with(|| State {
            addresses: Vec::new(),
            device,
            next: now,
            wait: WAIT_FIRST,
            dialling: 0,
            attempts: 0,
        });
        if state.addresses.iter().any(|known| !addresses.contains(known)) {
            // It moved: dials to where it was may take long to fail, and are not waited for.
            state.dialling = 0;
        }
        state.addresses = addresses;
        state.next = now;
        state.wait = WAIT_FIRST;
        while self.targets.len() > self.room {
            self.targets.pop_last();
        }
    }

    /// The network is another one: everybody is dialled at once, whatever is still under way.
    pub(crate) fn hurry(&mut self, now: Instant) {
        for state in self.targets.values_mut() {
            (state.dialling, state.next, state.wait) = (0, now, WAIT_FIRST);
        }
    }

    /// The instances that are heard, where, and which device each turned out to be.
    pub(crate) fn instances(&self) -> impl Iterator<Item = (&str, Option<DeviceId>, &[SocketAddr])> {
        self.targets.iter().filter_map(|(target, state)| match target {
            Target::Instance(name) => Some((name.as_str(), state.device, state.addresses.as_slice())),
            _ => None,
        })
    }

    /// The device that a target turned out to be.
    pub(crate) fn device(&self, target: &Target) -> Option<DeviceId> {
        self.targets.get(target).and_then(|state| state.device)
    }

    /// Remembers where a device was reached, without dialling it now.
    pub(crate) fn remember(&mut self, device: DeviceId, addresses: Vec<SocketAddr>) {
        match self.targets.get_mut(&Target::Remembered(device)) {
            Some(state) => state.addresses = addresses,
            None => self.learn(Target::Remembered(device), addresses, Instant::now()),
        }
    }

    /// Forgets a target.
    pub(crate) fn forget(&mut self, target: &Target) {
        self.targets.remove(target);
    }

    /// The attempts that are due. `connected` says which devices need none.
    pub(crate) fn due(&mut self, now: Instant, connected: impl Fn(DeviceId) -> bool) -> Vec<Attempt> {
        let mut attempts = Vec::new();
        for (target, state) in &mut self.targets {
            if state.device.is_some_and(&connected) || state.dialling > 0 || state.next > now {
                continue;
            }
            let addresses: Vec<SocketAddr> = state.addresses.iter().take(ADDRESSES_AT_ONCE).copied().collect();
            // The next attempt begins with the others: whoever forges an announcement cannot crowd out the true ones.
            state.addresses.rotate_left(addresses.len());
            state.dialling = addresses.len();
            state.next = now + state.wait;
            state.wait = (state.wait * 2).min(self.wait_max);
            attempts.push(Attempt {
                number: state.attempts,
                target: target.clone(),
                addresses,
                device: match target {
                    Target::Remembered(device) => Some(*device),
                    _ => None,
                },
            });
            state.attempts += 1;
        }
        attempts
    }

    /// One dial of an attempt has ended, well or not.
    pub(crate) fn ended(&mut self, target: &Target, reached: Option<DeviceId>) {
        if let Some(state) = self.targets.get_mut(target) {
            state.dialling = state.dialling.saturating_sub(1);
            if let Some(device) = reached {
                state.device = Some(device);
                state.wait = WAIT_FIRST;
            }
        }
    }

    /// Nobody there answers to the name that was dialled. If there are others, the next one is tried at once.
    pub(crate) fn another_name(&mut self, target: &Target, names: usize, now: Instant) {
        if let Some(state) = self.targets.get_mut(target).filter(|state| !state.attempts.is_multiple_of(names.max(1))) {
            state.next = now;
        }
    }

    /// A device is not connected any more: its targets are dialled again soon; later, if the two do not get on.
    pub(crate) fn lost(&mut self, device: DeviceId, now: Instant, at_odds: bool) {
        let (wait, then) = if at_odds { (self.wait_max, self.wait_max) } else { (WAIT_AFTER_LOSS, WAIT_FIRST) };
        for state in self.targets.values_mut().filter(|state| state.device == Some(device)) {
            (state.next, state.wait) = (now + wait, then);
        }
    }

    /// Where a target is.
    pub(crate) fn addresses(&self, target: &Target) -> Vec<SocketAddr> {
        self.targets.get(target).map(|state| state.addresses.clone()).unwrap_or_default()
    }

    /// When something is due next.
    pub(crate) fn next(&self, connected: impl Fn(DeviceId) -> bool) -> Option<Instant> {
        let waiting = self.targets.values().filter(|s| s.dialling == 0 && !s.device.is_some_and(&connected));
        waiting.map(|state| state.next).min()
    }
}

/// The keys that may answer an attempt.
pub(crate) fn expected(attempt: &Attempt, keys: &BTreeMap<DeviceId, PublicKey>) -> Vec<PublicKey> {
    match attempt.device {
        Some(device) => keys.get(&device).copied().into_iter().collect(),
        None => keys.values().copied().collect(),
    }
}

/// Addresses dialled at once for one target.
const ADDRESSES_AT_ONCE: usize = 4;
const TARGETS_MAX: usize = 128;
const MANY_TARGETS_MAX: usize = 4096;
const WAIT_FIRST: Duration = Duration::from_secs(1);
const WAIT_AFTER_LOSS: Duration = Duration::from_millis(200);
const WAIT_MAX: Duration = Duration::from_secs(60);
const MANY_WAIT_MAX: Duration = Duration::from_secs(120);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_that_does_not_answer_is_dialled_less_and_less_until_it_is_seen_again() {
        let (mut dialler, start) = (Dialler::default(), Instant::now());
        let address: SocketAddr = "127.0.0.1:9".parse().unwrap();
        let target = Target::Given(address);
        dialler.learn(target.clone(), vec![address], start);
        let mut gaps = Vec::new();
        let mut now = start;
        for _ in 0..8 {
            assert_eq!(dialler.due(now, |_| false).len(), 1);
            assert!(dialler.due(now, |_| false).is_empty(), "one attempt at a time");
            dialler.ended(&target, None);
            let next = dialler.next(|_| false).unwrap();
            gaps.push((next - now).as_secs());
            now = next;
        }
        assert_eq!(gaps, [1, 2, 4, 8, 16, 32, 60, 60]);
        dialler.learn(target.clone(), vec![address], now);
        assert_eq!(dialler.next(|_| false), Some(now));
        dialler.due(now, |_| false);
        let device = DeviceId([1; 16]);
        dialler.ended(&target, Some(device));
        assert_eq!(dialler.next(|connected| connected == device), None, "a connected device is left alone");
    }

    #[test]
    fn more_addresses_than_are_dialled_at_once_take_turns() {
        let (mut dialler, now) = (Dialler::default(), Instant::now());
        let addresses: Vec<SocketAddr> = (1..=6).map(|n| SocketAddr::from(([10, 0, 0, n], 7))).collect();
        let target = Target::Instance("x".into());
        dialler.learn(target.clone(), addresses.clone(), now);
        assert_eq!(dialler.due(now, |_| false)[0].addresses, addresses[..4]);
        dialler.hurry(now);
        let second = dialler.due(now, |_| false).remove(0).addresses;
        assert_eq!(second[..2], addresses[4..], "those that were left out come first");
    }

    #[test]
    fn a_device_that_moved_is_dialled_at_once_though_a_dial_to_its_old_place_is_under_way() {
        let (mut dialler, now) = (Dialler::default(), Instant::now());
        let (old, new): (SocketAddr, SocketAddr) = (([10, 0, 0, 1], 7).into(), ([10, 0, 0, 2], 7).into());
        let target = Target::Instance("x".into());
        dialler.learn(target.clone(), vec![old], now);
        assert_eq!(dialler.due(now, |_| false).len(), 1);
        dialler.learn(target.clone(), vec![old], now);
        assert!(dialler.due(now, |_| false).is_empty(), "the same again is no news");
        dialler.learn(target, vec![new], now);
        assert_eq!(dialler.due(now, |_| false)[0].addresses, [new]);
    }

    #[test]
    fn a_device_that_does_not_get_on_with_this_one_is_not_dialled_all_the_time() {
        let (mut dialler, now, device) = (Dialler::default(), Instant::now(), DeviceId([1; 16]));
        dialler.remember(device, vec![([10, 0, 0, 1], 7).into()]);
        dialler.lost(device, now, false);
        assert_eq!(dialler.next(|_| false), Some(now + WAIT_AFTER_LOSS));
        dialler.lost(device, now, true);
        assert_eq!(dialler.next(|_| false), Some(now + WAIT_MAX));
    }

    #[test]
    fn forged_announcements_cannot_make_the_list_of_targets_grow_without_end() {
        let (mut dialler, now) = (Dialler::default(), Instant::now());
        let given = Target::Given(([10, 0, 0, 1], 7).into());
        dialler.learn(given.clone(), vec![([10, 0, 0, 1], 7).into()], now);
        for n in 0..1000 {
            dialler.learn(Target::Instance(format!("x{n}")), vec![([10, 0, 0, 2], 7).into()], now);
        }
        assert!(dialler.targets.len() == TARGETS_MAX && dialler.targets.contains_key(&given));
    }
}
