//! Devices that are not in the roster any more: who removed them and when, and what they are told of it.
//!
//! Their keys are remembered beyond the epoch, so that a device which was off when it was removed hears why nobody talks
//! to it. What it is told names who removed it, and no device that it need not know of.

use super::{DeviceCard, Entry, Roster, Statement};
use crate::id::{DeviceId, PublicKey};
use std::collections::{BTreeMap, BTreeSet};

/// How a device left the roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The device that signed it.
    pub by: DeviceId,
    /// What that one is called.
    pub by_name: String,
    /// When, by its clock, in milliseconds since 1970; 0 if it did not say.
    pub at_ms: i64,
}

/// What is remembered of earlier epochs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Past {
    devices: BTreeMap<DeviceId, (DeviceCard, Option<Removal>)>,
    /// What their removed devices are told.
    told: Vec<Vec<u8>>,
}

impl Roster {
    /// Who removed a device that is not in the roster any more. `None` if it is, if it never was, or if the recovery
    /// code opened an epoch without it.
    pub fn removal_of(&self, device: DeviceId) -> Option<Removal> {
        if self.device(device).is_some() {
            return None;
        }
        let (mut asked, mut at) = (vec![device], 0);
        // Whoever went because of somebody else's removal: that one's.
        while let Some(&id) = asked.get(at) {
            at += 1;
            let mut removals = self.entries.values().filter_map(|entry| removal(entry, id));
            if let Some((by, at_ms)) = removals.next() {
                let by_name = self.known(by).map(|card| card.name.clone()).unwrap_or_default();
                return Some(Removal { by, by_name, at_ms });
            }
            let adders = self.additions().filter(|(_, _, card)| card.id == id).map(|(by, _, _)| by);
            let adders: Vec<_> = adders.filter(|by| !asked.contains(by)).collect();
            asked.extend(adders);
        }
        self.past.devices.get(&device).and_then(|(_, removal)| removal.clone())
    }

    /// The devices that were in the roster, in this epoch or an earlier one, and are not now.
    pub fn removed_devices(&self) -> Vec<&DeviceCard> {
        let here: BTreeSet<DeviceId> = self.devices().into_iter().map(|card| card.id).collect();
        let mut removed = BTreeMap::new();
        for card in self.cards().chain(self.past.devices.values().map(|(card, _)| card)) {
            if !here.contains(&card.id) {
                removed.entry(card.id).or_insert(card);
            }
        }
        removed.into_values().collect()
    }

    /// The removed device that proves itself by this key. A key that a device in the roster has is no removed one's.
    pub fn removed_by_tls(&self, tls: &PublicKey) -> Option<&DeviceCard> {
        if self.device_by_tls(tls).is_some() {
            return None;
        }
        self.removed_devices().into_iter().find(|card| card.tls == *tls)
    }

    /// Every device that was ever in the roster, as far as is known: their changes are taken (rule 3.1/11).
    pub fn ever(&self) -> BTreeSet<DeviceId> {
        let former = match self.epoch.as_ref().map(|entry| &entry.statement) {
            Some(Statement::Epoch { former, .. }) => former.clone(),
            _ => BTreeSet::new(),
        };
        let known = self.cards().map(|card| card.id).chain(self.past.devices.keys().copied());
        former.into_iter().chain(known).collect()
    }

    /// Whether a removal stands in this epoch: the recovery code should open the next one (rule 4.1/3).
    pub fn is_epoch_due(&self) -> bool {
        self.removals().next().is_some()
    }

    /// All that another device of this person should take, in this order: the removals of earlier epochs, so that it
    /// can tell those removed devices, and the entries that count.
    pub fn history(&self) -> Vec<Vec<u8>> {
        self.past.told.iter().cloned().chain(self.entries().map(<[u8]>::to_vec)).collect()
    }

    /// What a removed device is told: the removals of this epoch and earlier ones, and of the additions only those by
    /// which it gets to know who signed them.
    pub fn told_to_removed(&self) -> Vec<Vec<u8>> {
        let mut told = self.past.told.clone();
        told.extend(self.told());
        told
    }

    fn told(&self) -> Vec<Vec<u8>> {
        let removals = self.entries.values().filter(|entry| matches!(entry.statement, Statement::Remove { .. }));
        let mut needed: Vec<DeviceId> = removals.clone().filter_map(|entry| entry.statement.by()).collect();
        let mut told: Vec<Vec<u8>> = removals.map(|entry| entry.bytes.clone()).collect();
        let mut at = 0;
        while let Some(&id) = needed.get(at) {
            at += 1;
            for entry in self.entries.values() {
                let Statement::Add { by, device, .. } = &entry.statement else { continue };
                if device.id == id && !told.contains(&entry.bytes) {
                    told.push(entry.bytes.clone());
                    if !needed.contains(by) {
                        needed.push(*by);
                    }
                }
            }
        }
        told
    }

    /// Remembers what this epoch knew; the next one is about to begin.
    pub(super) fn remember_epoch(&mut self) {
        let removed: Vec<_> = self.cards().map(|card| (card.clone(), self.removal_of(card.id))).collect();
        let told = self.told();
        for (card, removal) in removed {
            if self.past.devices.len() < PAST_DEVICES_MAX || self.past.devices.contains_key(&card.id) {
                self.past.devices.insert(card.id, (card, removal));
            }
        }
        self.past.told.extend(told);
        let surplus = self.past.told.len().saturating_sub(PAST_TOLD_MAX);
        self.past.told.drain(..surplus);
    }
}

/// Who removed `device` by this entry, and when.
fn removal(entry: &Entry, device: DeviceId) -> Option<(DeviceId, i64)> {
    match &entry.statement {
        Statement::Remove { by, device: removed, at_ms, .. } if *removed == device => Some((*by, *at_ms)),
        _ => None,
    }
}

/// Most devices of earlier epochs that are remembered.
const PAST_DEVICES_MAX: usize = 256;
/// Most entries of earlier epochs that are remembered, the newest.
const PAST_TOLD_MAX: usize = 256;
