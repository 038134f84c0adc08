//! A device's roster, which is the product's, with keys that follow from the ids: a seed replays its signatures as well.

use kith_core::{
    engine::RosterView,
    id::{DeviceId, PublicKey},
    identity::{
        SigningKey, person_id, public_key,
        roster::{self, DeviceCard, RosterError},
    },
};
use std::collections::BTreeSet;

/// The roster of one device.
#[derive(Clone, Debug)]
pub(super) struct Roster(roster::Roster);

/// Something that a roster entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// A device vouches for a newcomer.
    Add(DeviceId),
    /// A device removes another one, and keeps what that one added, or not.
    Remove(DeviceId, bool),
    /// The recovery code names the devices.
    Epoch(Vec<DeviceId>),
}

impl Roster {
    /// A roster of which nothing is known but whose it is.
    pub(super) fn new(secret: &Secret) -> Self {
        Self(roster::Roster::new(person_id(&public_key(&secret.root))))
    }

    /// Makes the entry that says so, signed by device `by` or, for an epoch, by the recovery code.
    pub(super) fn sign(&self, secret: &Secret, by: DeviceId, said: &Move) -> Result<Vec<u8>, RosterError> {
        match said {
            Move::Add(device) => self.0.sign_add(&signing_key(by), by, &card(*device)),
            Move::Remove(device, keeps) => {
                self.0.sign_remove(&signing_key(by), by, *device, &self.kept(*device, *keeps))
            }
            Move::Epoch(devices) => {
                let cards: Vec<DeviceCard> = devices.iter().map(|device| card(*device)).collect();
                self.0.sign_next_epoch(&secret.root, &cards)
            }
        }
    }

    /// Which of the devices that one added a removal keeps.
    pub(super) fn kept(&self, device: DeviceId, keeps: bool) -> BTreeSet<DeviceId> {
        if keeps { self.0.added_by(device) } else { BTreeSet::new() }
    }

    /// Takes entries, all or none, as a hub does.
    pub(super) fn take(&mut self, entries: &[Vec<u8>]) -> Result<(), RosterError> {
        let mut roster = self.0.clone();
        for entry in entries {
            roster.insert(entry)?;
        }
        self.0 = roster;
        Ok(())
    }

    pub(super) fn epoch(&self) -> u64 {
        self.0.epoch()
    }

    /// The devices that this epoch has heard of and does not hold any more.
    pub(super) fn removed(&self) -> BTreeSet<DeviceId> {
        self.0.known_devices().map(|card| card.id).filter(|id| !self.holds(*id)).collect()
    }

    /// Whether this epoch has heard of the device.
    pub(super) fn knows(&self, device: DeviceId) -> bool {
        self.0.known(device).is_some()
    }

    /// Every device that was ever a member, as far as is known.
    pub(super) fn ever(&self) -> BTreeSet<DeviceId> {
        self.0.ever()
    }

    /// The devices with which sessions may be held.
    pub(super) fn devices(&self) -> BTreeSet<DeviceId> {
        self.0.devices().into_iter().map(|card| card.id).collect()
    }

    /// Whether sessions with the device may be held.
    pub(super) fn holds(&self, device: DeviceId) -> bool {
        self.0.device(device).is_some()
    }

    /// The roster as the engine needs it.
    pub(super) fn view(&self) -> RosterView {
        RosterView {
            summary: (self.0.epoch(), Some(self.0.hash())),
            entries: self.0.history(),
            devices: self.devices().into_iter().collect(),
        }
    }
}

/// What the recovery code stands for.
#[derive(Debug)]
pub(super) struct Secret {
    root: SigningKey,
}

impl Secret {
    pub(super) fn new(bytes: [u8; 32]) -> Self {
        Self { root: SigningKey::from_bytes(&bytes) }
    }
}

fn signing_key(device: DeviceId) -> SigningKey {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(&device.0);
    SigningKey::from_bytes(&bytes)
}

fn card(device: DeviceId) -> DeviceCard {
    let mut tls = [1; 32];
    tls[..16].copy_from_slice(&device.0);
    let sign = public_key(&signing_key(device));
    DeviceCard { id: device, sign, tls: PublicKey(tls), name: "a device".to_owned(), platform: String::new() }
}
