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
}

#[derive(Debug)]
struct State {
    addresses: Vec<SocketAddr>,
    device: Option<DeviceId>,
    next: Instant,
    wait: Duration,
    /// Dials of the current attempt that have not ended.
    dialling: usize,
}

/// All targets.
#[derive(Debug, Default)]
pub(crate) struct Dialler {
    targets: BTreeMap<Target, State>,
}

impl Dialler {
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
        });
        state.addresses = addresses;
        state.addresses.truncate(ADDRESSES_MAX);
        state.next = now;
        state.wait = WAIT_FIRST;
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
            state.dialling = state.addresses.len();
            state.next = now + state.wait;
            state.wait = (state.wait * 2).min(WAIT_MAX);
            attempts.push(Attempt {
                target: target.clone(),
                addresses: state.addresses.clone(),
                device: match target {
                    Target::Remembered(device) => Some(*device),
                    _ => None,
                },
            });
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

    /// A device is not connected any more: its targets are dialled again soon.
    pub(crate) fn lost(&mut self, device: DeviceId, now: Instant) {
        for state in self.targets.values_mut().filter(|state| state.device == Some(device)) {
            state.next = now + WAIT_AFTER_LOSS;
            state.wait = WAIT_FIRST;
        }
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
const ADDRESSES_MAX: usize = 4;
const WAIT_FIRST: Duration = Duration::from_secs(1);
const WAIT_AFTER_LOSS: Duration = Duration::from_millis(200);
const WAIT_MAX: Duration = Duration::from_secs(60);

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
}
