//! A roster without signatures: a set of entries that only grows, merged by whoever meets.

use kith_core::{change, engine::RosterView, id::DeviceId};
use std::collections::BTreeSet;

/// The entries that one device knows.
#[derive(Clone, Debug, Default)]
pub(super) struct Roster(BTreeSet<Vec<u8>>);

impl Roster {
    pub(super) fn add(&mut self, device: DeviceId) {
        self.0.insert(entry(ADD, device));
    }

    pub(super) fn remove(&mut self, device: DeviceId) {
        self.0.insert(entry(REMOVE, device));
    }

    pub(super) fn absorb(&mut self, other: &Self) {
        self.0.extend(other.0.iter().cloned());
    }

    pub(super) fn take(&mut self, entries: Vec<Vec<u8>>) {
        self.0.extend(entries);
    }

    /// Whether the device was ever a member: then its changes are taken.
    pub(super) fn knows(&self, device: DeviceId) -> bool {
        self.0.contains(&entry(ADD, device))
    }

    /// Whether sessions with the device may be held.
    pub(super) fn holds(&self, device: DeviceId) -> bool {
        self.knows(device) && !self.0.contains(&entry(REMOVE, device))
    }

    pub(super) fn covers(&self, other: &Self) -> bool {
        self.0.is_superset(&other.0)
    }

    pub(super) fn view(&self) -> RosterView {
        let entries: Vec<Vec<u8>> = self.0.iter().cloned().collect();
        let hash = change::hash(&entries.concat());
        let known = entries.iter().filter(|entry| entry.first() == Some(&ADD));
        let devices =
            known.filter_map(|entry| DeviceId::from_slice(&entry[1..])).filter(|id| self.holds(*id)).collect();
        RosterView { summary: (1, Some(hash)), entries, devices }
    }
}

fn entry(kind: u8, device: DeviceId) -> Vec<u8> {
    let mut entry = vec![kind];
    entry.extend_from_slice(&device.0);
    entry
}

const ADD: u8 = 1;
const REMOVE: u8 = 2;
