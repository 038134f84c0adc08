//! Devices that are not in the roster any more: who removed them and when, and what they are told of it.
//!
//! Their keys are remembered beyond the epoch, so that a device which was off when it was removed hears why nobody talks
//! to it. What it is told names who removed it, and no device that it need not know of.

use super::{DeviceCard, Entry, Roster, Statement};
use crate::id::{DeviceId, Hash, PublicKey};
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
    /// Who was a member: epochs and additions, each after those by which its signer is known.
    entries: Vec<Entry>,
    /// Additions whose signer is not known.
    waiting: BTreeMap<Hash, Entry>,
}

impl Past {
    /// The entries that tell who was a member.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }
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

    /// All that another device of this person should take, in this order: epoch by epoch who was a member and who was
    /// removed, so that it takes the former's changes and can tell the latter, then the entries that count.
    pub fn history(&self) -> Vec<Vec<u8>> {
        let members = self.past.entries.iter().map(|entry| (entry.statement.number(), &entry.bytes));
        let mut past: Vec<(u64, u8, &Vec<u8>)> = members.map(|(number, bytes)| (number, 0, bytes)).collect();
        let is_known = |bytes: &Vec<u8>| self.past.entries.iter().any(|entry| entry.bytes == *bytes);
        for bytes in self.past.told.iter().filter(|bytes| !is_known(bytes)) {
            let number = Entry::decode(&self.person, bytes).map_or(0, |entry| entry.statement.number());
            past.push((number, 1, bytes));
        }
        past.sort_by_key(|(number, kind, _)| (*number, *kind));
        past.into_iter().map(|(_, _, bytes)| bytes.clone()).chain(self.entries().map(<[u8]>::to_vec)).collect()
    }

    /// Whether these bytes are an entry of an earlier epoch.
    pub fn is_past(&self, bytes: &[u8]) -> bool {
        Entry::decode(&self.person, bytes).is_ok_and(|entry| entry.statement.number() < self.epoch())
    }

    /// Keeps an entry of an earlier epoch if it tells of a member. Returns whether it is news.
    pub(super) fn take_past(&mut self, entry: Entry) -> bool {
        match entry.statement {
            Statement::Epoch { .. } => self.remember(entry),
            Statement::Add { .. } => {
                let known = self.past.entries.iter().any(|known| known.bytes == entry.bytes);
                let kept = !known && self.past.waiting.len() < PAST_WAITING_MAX;
                kept && self.past.waiting.insert(entry.hash(), entry).is_none()
            }
            Statement::Remove { .. } => false,
        }
    }

    /// Remembers the additions whose signers are known by now: of earlier epochs, and of this one by those whom only an
    /// epoch of the same number knows that does not count.
    pub(super) fn settle_past(&mut self) {
        loop {
            let here = self.waiting.values().filter(|entry| self.is_current(entry));
            let waiting = self.past.waiting.values().chain(here);
            let ready: Vec<Entry> = waiting.filter(|entry| self.is_by_member(entry)).cloned().collect();
            let taken = ready.into_iter().filter(|entry| self.remember(entry.clone())).count();
            if taken == 0 {
                return;
            }
        }
    }

    /// Whether a device signed an addition that is, or was, a member.
    fn is_by_member(&self, entry: &Entry) -> bool {
        let Statement::Add { by, .. } = entry.statement else { return false };
        let past = self.past.devices.values().map(|(card, _)| card);
        let mut signers = self.cards().chain(past).filter(|card| card.id == by);
        signers.any(|card| entry.is_signed_by(&self.person, &card.sign))
    }

    fn remember(&mut self, entry: Entry) -> bool {
        self.past.waiting.remove(&entry.hash());
        let is_full = self.past.entries.len() >= PAST_ENTRIES_MAX;
        if is_full || self.past.entries.iter().any(|known| known.bytes == entry.bytes) {
            return false;
        }
        let cards = match &entry.statement {
            Statement::Epoch { devices, .. } => devices.clone(),
            Statement::Add { device, .. } => vec![device.clone()],
            Statement::Remove { .. } => return false,
        };
        self.past.entries.push(entry);
        for card in cards {
            if self.past.devices.len() < PAST_DEVICES_MAX {
                self.past.devices.entry(card.id).or_insert((card, None));
            }
        }
        true
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
        let ended: Vec<Entry> = self.epoch.iter().chain(self.entries.values()).cloned().collect();
        for (card, removal) in removed {
            if self.past.devices.len() < PAST_DEVICES_MAX || self.past.devices.contains_key(&card.id) {
                self.past.devices.insert(card.id, (card, removal));
            }
        }
        for entry in ended {
            self.take_past(entry);
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

/// Most entries that are remembered to tell who was a member.
const PAST_ENTRIES_MAX: usize = 1024;
/// Most of which the signer is not known.
const PAST_WAITING_MAX: usize = 512;
/// Most devices of earlier epochs that are remembered.
const PAST_DEVICES_MAX: usize = 256;
/// Most entries of earlier epochs that are remembered, the newest.
const PAST_TOLD_MAX: usize = 256;
