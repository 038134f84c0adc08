//! The roster: which devices are this person's (rule 4.1/3).
//!
//! A set of signed entries, so the order in which they arrive does not matter. The root key opens an epoch and names
//! its devices; a device adds or removes others; removal wins; whatever a removed device added goes with it unless the
//! removal keeps it. A thief can at worst empty the roster until the recovery code opens the next epoch.
//!
//! One thing is stricter than "the device that added it is not removed or each of its removals keeps it", which looks
//! back one step only: here the whole chain back to the epoch must hold. Otherwise a thief's device adds a second one,
//! that one adds a third, and the third would outlive the removal of the first.

mod entry;
mod removed;
#[cfg(test)]
mod tests;

use super::{SigningKey, public_key};
use crate::id::{DeviceId, Hash, PersonId, PublicKey};
use entry::{Entry, Statement};
use removed::Past;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

pub use entry::ENTRY_BYTES_MAX;
pub use removed::Removal;

/// Most entries of one epoch, the epoch's own among them.
pub const ROSTER_ENTRIES_MAX: usize = 256;
/// Most entries that are kept while their signer is not known.
pub const ROSTER_WAITING_MAX: usize = 256;
/// Most devices of one person.
pub const DEVICES_MAX: usize = 32;
/// Most devices that one removal may keep.
pub const KEEPS_MAX: usize = 64;
/// Most devices of earlier epochs that an epoch names.
pub const FORMER_MAX: usize = 256;
/// Longest name of a device, in characters.
pub const DEVICE_NAME_CHARS_MAX: usize = 64;
/// Longest name of a platform, in characters.
pub const PLATFORM_CHARS_MAX: usize = 32;

/// A device as the roster holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceCard {
    /// The installation.
    #[serde(rename = "i")]
    pub id: DeviceId,
    /// `Dsig`: signs roster entries.
    #[serde(rename = "s")]
    pub sign: PublicKey,
    /// `Dtls`: proves the device in the QUIC handshake.
    #[serde(rename = "t")]
    pub tls: PublicKey,
    /// What the person calls it; fit to be shown once it was read by this module.
    #[serde(rename = "n")]
    pub name: String,
    /// What it runs on, e.g. `linux`.
    #[serde(rename = "p", default)]
    pub platform: String,
}

/// An entry is not taken, or cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RosterError {
    /// Not the encoding of an entry.
    #[error("a roster entry is not encoded as roster entries are")]
    Encoding,
    /// Longer than an entry may be.
    #[error("a roster entry is larger than a roster entry may be")]
    TooLarge,
    /// The signature is not that of the device or root key that the entry names.
    #[error("a roster entry is not signed by the device that it names")]
    Signature,
    /// The epoch holds all the entries that an epoch may.
    #[error("the list of devices was changed too often: open a new epoch with the recovery code")]
    Full,
    /// More than [`DEVICES_MAX`] devices.
    #[error("a person has at most {DEVICES_MAX} devices: remove one first")]
    TooManyDevices,
    /// The device that signs is not in the roster.
    #[error("this device is not on the list of devices")]
    NotMember,
}

/// The devices of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    person: PersonId,
    /// The newest epoch's entry; `None` before the first.
    epoch: Option<Entry>,
    /// Additions and removals of this epoch by known devices.
    entries: BTreeMap<Hash, Entry>,
    /// Those whose signer is not known yet, of this or a later epoch.
    waiting: BTreeMap<Hash, Entry>,
    /// What removed devices of earlier epochs are known by, and told.
    past: Past,
}

impl Roster {
    /// A roster of which nothing is known but whose it is.
    pub fn new(person: PersonId) -> Self {
        Self { person, epoch: None, entries: BTreeMap::new(), waiting: BTreeMap::new(), past: Past::default() }
    }

    /// Makes the entry that opens an epoch with exactly these devices. Its number must be greater than any before.
    pub fn sign_epoch(root: &SigningKey, number: u64, devices: &[DeviceCard]) -> Result<Vec<u8>, RosterError> {
        if devices.len() > DEVICES_MAX {
            return Err(RosterError::TooManyDevices);
        }
        let public = public_key(root);
        let statement = Statement::Epoch { number, root: public, devices: devices.to_vec(), former: BTreeSet::new() };
        Ok(statement.sign(&super::person_id(&public), root))
    }

    /// Makes the entry that opens the next epoch with exactly these devices; it names those of before, as authors.
    pub fn sign_next_epoch(&self, root: &SigningKey, devices: &[DeviceCard]) -> Result<Vec<u8>, RosterError> {
        if devices.len() > DEVICES_MAX {
            return Err(RosterError::TooManyDevices);
        }
        let (public, number) = (public_key(root), self.epoch().saturating_add(1));
        let former = self.ever().into_iter().filter(|id| devices.iter().all(|card| card.id != *id));
        let former = former.take(FORMER_MAX).collect();
        let statement = Statement::Epoch { number, root: public, devices: devices.to_vec(), former };
        Ok(statement.sign(&super::person_id(&public), root))
    }

    /// Makes the entry by which device `by` adds another. It counts once it is inserted.
    pub fn sign_add(&self, key: &SigningKey, by: DeviceId, device: &DeviceCard) -> Result<Vec<u8>, RosterError> {
        let devices = self.devices();
        if devices.len() >= DEVICES_MAX && !devices.iter().any(|card| card.id == device.id) {
            return Err(RosterError::TooManyDevices);
        }
        self.sign(key, by, Statement::Add { number: self.epoch(), by, device: device.clone() })
    }

    /// Makes the entry by which device `by` removes one, and with it all that it added ([`Self::added_by`]) except
    /// `keeps`. It counts once it is inserted; then the person is asked for the code, to open the next epoch.
    pub fn sign_remove(
        &self,
        key: &SigningKey,
        by: DeviceId,
        device: DeviceId,
        keeps: &BTreeSet<DeviceId>,
    ) -> Result<Vec<u8>, RosterError> {
        self.sign_remove_at(key, by, device, keeps, 0)
    }

    /// The same, saying when it was, for people to read.
    pub fn sign_remove_at(
        &self,
        key: &SigningKey,
        by: DeviceId,
        device: DeviceId,
        keeps: &BTreeSet<DeviceId>,
        at_ms: i64,
    ) -> Result<Vec<u8>, RosterError> {
        if keeps.len() > KEEPS_MAX {
            return Err(RosterError::TooLarge);
        }
        self.sign(key, by, Statement::Remove { number: self.epoch(), by, device, keeps: keeps.clone(), at_ms })
    }

    fn sign(&self, key: &SigningKey, by: DeviceId, statement: Statement) -> Result<Vec<u8>, RosterError> {
        if !self.devices().iter().any(|card| card.id == by && card.sign == public_key(key)) {
            return Err(RosterError::NotMember);
        }
        if self.is_full() {
            return Err(RosterError::Full);
        }
        Ok(statement.sign(&self.person, key))
    }

    /// Takes an entry in its encoded bytes. `true`: it is new and was kept, so it is worth storing and forwarding;
    /// `false`: it is held already, or belongs to an earlier epoch and does not tell who was a member then.
    pub fn insert(&mut self, bytes: &[u8]) -> Result<bool, RosterError> {
        let taken = self.take(bytes)?;
        if taken {
            self.settle_past();
        }
        Ok(taken)
    }

    fn take(&mut self, bytes: &[u8]) -> Result<bool, RosterError> {
        let mut entry = Entry::decode(&self.person, bytes)?;
        let hash = entry.hash();
        if entry.statement.number() < self.epoch() {
            return Ok(self.take_past(entry));
        }
        if self.entries.contains_key(&hash) || self.waiting.contains_key(&hash) {
            return Ok(false);
        }
        let Some(by) = entry.statement.by() else { return Ok(self.open_epoch(entry)) };
        let known = self.is_current(&entry) && self.known(by).is_some();
        if !known {
            mutant!(EntryOrderMatters => return Ok(false));
            if self.waiting.len() >= ROSTER_WAITING_MAX {
                return Err(RosterError::Full);
            }
            self.waiting.insert(hash, entry);
            return Ok(true);
        }
        entry.signer = Some(self.signer(&entry).ok_or(RosterError::Signature)?);
        if self.is_full() {
            return Err(RosterError::Full);
        }
        self.entries.insert(hash, entry);
        self.settle();
        Ok(true)
    }

    /// The devices now, by id.
    pub fn devices(&self) -> Vec<&DeviceCard> {
        let removed: BTreeSet<DeviceId> = self.removals().map(|(device, _)| device).collect();
        let mut devices = BTreeMap::new();
        for card in self.vouched() {
            if !removed.contains(&card.id) || mutant!(RemovalIgnored) {
                devices.entry(card.id).or_insert(card);
            }
        }
        devices.into_values().collect()
    }

    /// The device now in the roster that has this id.
    pub fn device(&self, id: DeviceId) -> Option<&DeviceCard> {
        self.devices().into_iter().find(|card| card.id == id)
    }

    /// The device now in the roster that proves itself by this key.
    pub fn device_by_tls(&self, tls: &PublicKey) -> Option<&DeviceCard> {
        self.devices().into_iter().find(|card| card.tls == *tls)
    }

    /// A device that this epoch has heard of, removed ones among them.
    pub fn known(&self, device: DeviceId) -> Option<&DeviceCard> {
        self.cards().find(|card| card.id == device)
    }

    /// All devices that this epoch has heard of, removed ones among them.
    pub fn known_devices(&self) -> impl Iterator<Item = &DeviceCard> {
        self.cards()
    }

    /// The devices that this one added: those that vanish with it unless its removal keeps them.
    pub fn added_by(&self, device: DeviceId) -> BTreeSet<DeviceId> {
        self.additions().filter(|(by, _, _)| *by == device).map(|(_, _, card)| card.id).collect()
    }

    /// The devices by which this one came in, itself among them: adders and their adders, back to the epoch.
    pub fn vouched_by(&self, device: DeviceId) -> BTreeSet<DeviceId> {
        let (mut chain, mut asked) = (BTreeSet::from([device]), vec![device]);
        while let Some(id) = asked.pop() {
            for (by, _, _) in self.additions().filter(|(_, _, card)| card.id == id) {
                if chain.insert(by) {
                    asked.push(by);
                }
            }
        }
        chain
    }

    /// The number of the epoch; 0 before the first.
    pub fn epoch(&self) -> u64 {
        self.epoch.as_ref().map_or(0, |entry| entry.statement.number())
    }

    /// Whose roster it is.
    pub fn person(&self) -> PersonId {
        self.person
    }

    /// Hash of the sorted entries, those among them that tell who was a member in earlier epochs: two devices with the
    /// same (epoch, hash) hold the same roster, and take the changes of the same devices.
    pub fn hash(&self) -> Hash {
        let mut hasher = blake3::Hasher::new();
        let epochs = self.epoch.iter().chain(self.past.entries()).map(Entry::hash);
        for hash in epochs.chain(self.entries.keys().copied()).collect::<BTreeSet<_>>() {
            hasher.update(&hash.0);
        }
        Hash(*hasher.finalize().as_bytes())
    }

    /// All entries that count, in their encoded bytes, the epoch first.
    pub fn entries(&self) -> impl Iterator<Item = &[u8]> {
        self.epoch.iter().chain(self.entries.values()).map(|entry| entry.bytes.as_slice())
    }

    fn is_full(&self) -> bool {
        self.entries.len() + 1 >= ROSTER_ENTRIES_MAX
    }

    fn is_current(&self, entry: &Entry) -> bool {
        self.epoch.is_some() && entry.statement.number() == self.epoch()
    }

    /// Moves on to an epoch unless it is older, or of the same number and not greater by hash.
    fn open_epoch(&mut self, entry: Entry) -> bool {
        if self.epoch.as_ref().is_some_and(|old| self.is_current(&entry) && entry.hash() <= old.hash()) {
            return self.take_past(entry);
        }
        self.remember_epoch();
        self.epoch = Some(entry);
        for (hash, mut entry) in std::mem::take(&mut self.entries) {
            entry.signer = None;
            self.waiting.insert(hash, entry);
        }
        let number = self.epoch();
        let (waiting, late): (_, BTreeMap<Hash, Entry>) =
            std::mem::take(&mut self.waiting).into_iter().partition(|(_, entry)| entry.statement.number() >= number);
        self.waiting = waiting;
        for entry in late.into_values() {
            self.take_past(entry);
        }
        self.settle();
        true
    }

    /// Takes in the waiting entries whose signers have become known, until there is none. Forged ones are dropped.
    fn settle(&mut self) {
        loop {
            let ready = self.waiting.iter().filter(|(_, entry)| self.is_current(entry));
            let ready = ready.filter(|(_, entry)| entry.statement.by().is_some_and(|by| self.known(by).is_some()));
            let ready: Vec<Hash> = ready.map(|(hash, _)| *hash).collect();
            if ready.is_empty() {
                return;
            }
            for hash in ready {
                let Some(mut entry) = self.waiting.remove(&hash) else { continue };
                entry.signer = self.signer(&entry);
                if entry.signer.is_some() && !self.is_full() {
                    self.entries.insert(hash, entry);
                }
            }
        }
    }

    /// The known key that signed the entry. An id may come with two keys if somebody cheats, so a device is both
    /// together.
    fn signer(&self, entry: &Entry) -> Option<PublicKey> {
        let by = entry.statement.by()?;
        let mut keys = self.cards().filter(|card| card.id == by).map(|card| card.sign);
        keys.find(|key| entry.is_signed_by(&self.person, key))
    }

    fn epoch_cards(&self) -> &[DeviceCard] {
        match self.epoch.as_ref().map(|entry| &entry.statement) {
            Some(Statement::Epoch { devices, .. }) => devices,
            _ => &[],
        }
    }

    fn additions(&self) -> impl Iterator<Item = (DeviceId, PublicKey, &DeviceCard)> {
        self.entries.values().filter_map(|entry| match (&entry.statement, entry.signer) {
            (Statement::Add { by, device, .. }, Some(signer)) => Some((*by, signer, device)),
            _ => None,
        })
    }

    fn removals(&self) -> impl Iterator<Item = (DeviceId, &BTreeSet<DeviceId>)> {
        self.entries.values().filter_map(|entry| match &entry.statement {
            Statement::Remove { device, keeps, .. } => Some((*device, keeps)),
            _ => None,
        })
    }

    /// All that are known: in the epoch, or added by a known device.
    fn cards(&self) -> impl Iterator<Item = &DeviceCard> {
        self.epoch_cards().iter().chain(self.additions().map(|(_, _, card)| card))
    }

    /// Those with an unbroken chain to the epoch: each added by a vouched device of which every removal keeps it.
    fn vouched(&self) -> Vec<&DeviceCard> {
        let removals: Vec<_> = self.removals().collect();
        let mut vouched: Vec<&DeviceCard> = self.epoch_cards().iter().collect();
        let mut seen: BTreeSet<_> = vouched.iter().map(|card| (card.id, card.sign)).collect();
        let mut at = 0;
        while let Some(adder) = vouched.get(at).copied() {
            at += 1;
            for (_, _, card) in self.additions().filter(|&(by, key, _)| (by, key) == (adder.id, adder.sign)) {
                let kept = removals.iter().all(|(device, keeps)| *device != adder.id || keeps.contains(&card.id));
                if (kept || mutant!(ChainIgnored)) && seen.insert((card.id, card.sign)) {
                    vouched.push(card);
                }
            }
        }
        vouched
    }
}
