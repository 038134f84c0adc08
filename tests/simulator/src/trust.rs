//! What the roster rules say, by brute force from the statements alone, and whether every device lives by it (rule 4.1/3).

use super::{
    oracle::{Finding, What},
    roster::Move,
};
use kith_core::id::DeviceId;
use std::collections::{BTreeMap, BTreeSet};

/// Every roster entry ever made, and to whom it was given.
#[derive(Debug, Default)]
pub(super) struct Trust {
    made: BTreeMap<Vec<u8>, Statement>,
    /// By device: the entries that it made or was given, durably.
    given: BTreeMap<usize, BTreeSet<Vec<u8>>>,
    /// Changes that a device made which everybody else had removed.
    outlawed: BTreeSet<(DeviceId, u64)>,
}

#[derive(Clone, Debug)]
struct Statement {
    epoch: u64,
    by: DeviceId,
    said: Move,
    keeps: BTreeSet<DeviceId>,
}

impl Trust {
    /// An entry that `by` made in an epoch, or the code, which opens it.
    pub(super) fn made(&mut self, entry: &[u8], epoch: u64, by: DeviceId, said: Move, keeps: BTreeSet<DeviceId>) {
        self.made.insert(entry.to_vec(), Statement { epoch, by, said, keeps });
    }

    /// Entries that a device holds durably from now on.
    pub(super) fn given(&mut self, device: usize, entries: &[Vec<u8>]) {
        self.given.entry(device).or_default().extend(entries.iter().cloned());
    }

    /// Whether a device's roster is what its entries say, whatever the order in which they came.
    pub(super) fn check(&self, device: usize, devices: &BTreeSet<DeviceId>) -> Result<(), Finding> {
        let expected = self.devices(self.given.get(&device).into_iter().flatten());
        if *devices == expected {
            return Ok(());
        }
        Err(Finding::new(What::WrongRoster, format!("device {device} trusts {devices:?}, should trust {expected:?}")))
    }

    /// The devices by everything that any of these devices was given.
    pub(super) fn members(&self, among: &[usize]) -> BTreeSet<DeviceId> {
        self.devices(among.iter().filter_map(|device| self.given.get(device)).flatten())
    }

    /// Removal wins; what a removed device added goes with it, link by link, unless each removal keeps it.
    fn devices<'a>(&self, entries: impl Iterator<Item = &'a Vec<u8>>) -> BTreeSet<DeviceId> {
        let all: Vec<(&Vec<u8>, &Statement)> = entries.filter_map(|entry| self.made.get_key_value(entry)).collect();
        let epochs = all.iter().filter(|(_, statement)| matches!(statement.said, Move::Epoch(_)));
        let newest = epochs.max_by_key(|(entry, statement)| (statement.epoch, kith_core::change::hash(entry)));
        let Some((_, Statement { epoch, said: Move::Epoch(founders), .. })) = newest else { return BTreeSet::new() };
        let current: Vec<&Statement> = all.iter().map(|(_, s)| *s).filter(|s| s.epoch == *epoch).collect();
        let founders: BTreeSet<DeviceId> = founders.iter().copied().collect();
        let known = grown(founders.clone(), |known, grow| {
            for statement in current.iter().filter(|statement| known.contains(&statement.by)) {
                if let Move::Add(device) = statement.said {
                    grow.push(device);
                }
            }
        });
        let removals = || current.iter().filter(|statement| known.contains(&statement.by)).filter_map(removal);
        let mut vouched = grown(founders, |vouched, grow| {
            for statement in current.iter().filter(|statement| vouched.contains(&statement.by)) {
                if let Move::Add(device) = statement.said
                    && removals().all(|(gone, keeps)| gone != statement.by || keeps.contains(&device))
                {
                    grow.push(device);
                }
            }
        });
        vouched.retain(|device| removals().all(|(gone, _)| gone != *device));
        vouched
    }

    /// A change was made by a device that nobody else trusts any more: nobody may take it.
    pub(super) fn outlaw(&mut self, change: (DeviceId, u64)) {
        self.outlawed.insert(change);
    }

    /// Some devices are trusted again, and whatever they hold.
    pub(super) fn pardon(&mut self) {
        self.outlawed.clear();
    }

    /// Whether nobody may take a change.
    pub(super) fn is_outlawed(&self, change: (DeviceId, u64)) -> bool {
        self.outlawed.contains(&change)
    }
}

fn removal<'a>(statement: &&'a Statement) -> Option<(DeviceId, &'a BTreeSet<DeviceId>)> {
    match statement.said {
        Move::Remove(device, _) => Some((device, &statement.keeps)),
        Move::Add(_) | Move::Epoch(_) => None,
    }
}

/// A set with all that follows from it.
fn grown(mut set: BTreeSet<DeviceId>, step: impl Fn(&BTreeSet<DeviceId>, &mut Vec<DeviceId>)) -> BTreeSet<DeviceId> {
    loop {
        let mut grow = Vec::new();
        step(&set, &mut grow);
        let before = set.len();
        set.extend(grow);
        if set.len() == before {
            return set;
        }
    }
}
