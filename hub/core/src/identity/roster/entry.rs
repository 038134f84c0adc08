//! Roster entries in bytes: signature, then a MessagePack map. The bytes are kept and forwarded verbatim.

use super::{DEVICE_NAME_CHARS_MAX, DEVICES_MAX, DeviceCard, FORMER_MAX, KEEPS_MAX, PLATFORM_CHARS_MAX, RosterError};
use crate::{
    id::{DeviceId, Hash, PersonId, PublicKey},
    identity::{Domain, SIGNATURE_BYTES, SigningKey, clean_name, person_id, sign, verify},
    msgpack,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Longest encoded entry, in bytes: an epoch of [`DEVICES_MAX`] devices with the longest names fits.
pub const ENTRY_BYTES_MAX: usize = 32 << 10;

/// What an entry states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Statement {
    /// Everything before counts for nothing: these are the devices now. By the root key.
    #[serde(rename = "e")]
    Epoch {
        #[serde(rename = "n")]
        number: u64,
        #[serde(rename = "r")]
        root: PublicKey,
        #[serde(rename = "d")]
        devices: Vec<DeviceCard>,
        /// Devices of earlier epochs: what they wrote is taken, also by devices that come later (rule 3.1/11).
        #[serde(rename = "f", default, skip_serializing_if = "BTreeSet::is_empty")]
        former: BTreeSet<DeviceId>,
    },
    /// A device vouches for another.
    #[serde(rename = "a")]
    Add {
        #[serde(rename = "n")]
        number: u64,
        #[serde(rename = "b")]
        by: DeviceId,
        #[serde(rename = "d")]
        device: DeviceCard,
    },
    /// A device removes one, and with it what that one added, except what is kept.
    #[serde(rename = "r")]
    Remove {
        #[serde(rename = "n")]
        number: u64,
        #[serde(rename = "b")]
        by: DeviceId,
        #[serde(rename = "d")]
        device: DeviceId,
        #[serde(rename = "k", default)]
        keeps: BTreeSet<DeviceId>,
        /// When, by the clock of the device that signed, in milliseconds since 1970: to be shown, never to decide.
        #[serde(rename = "t", default, skip_serializing_if = "is_unsaid")]
        at_ms: i64,
    },
}

/// Whether a time is none: entries of the first release say none.
fn is_unsaid(at_ms: &i64) -> bool {
    *at_ms == 0
}

/// An entry with the bytes it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) bytes: Vec<u8>,
    pub(super) statement: Statement,
    /// Which key was found to have signed it; `None` while the signer is not known.
    pub(super) signer: Option<PublicKey>,
}

impl Statement {
    pub(super) fn number(&self) -> u64 {
        match self {
            Self::Epoch { number, .. } | Self::Add { number, .. } | Self::Remove { number, .. } => *number,
        }
    }

    /// The device that signed; `None` for the root key.
    pub(super) fn by(&self) -> Option<DeviceId> {
        match self {
            Self::Epoch { .. } => None,
            Self::Add { by, .. } | Self::Remove { by, .. } => Some(*by),
        }
    }

    /// Encodes and signs.
    pub(super) fn sign(&self, person: &PersonId, key: &SigningKey) -> Vec<u8> {
        // Encoding plain data into memory cannot fail.
        let body = rmp_serde::to_vec_named(self).unwrap_or_default();
        [sign(key, Domain::RosterEntry, &[&person.0, &body]).as_slice(), &body].concat()
    }

    fn clean(&mut self) -> Result<(), RosterError> {
        let cards = match self {
            Self::Epoch { former, .. } if former.len() > FORMER_MAX => return Err(RosterError::TooLarge),
            Self::Epoch { devices, .. } => devices.as_mut_slice(),
            Self::Add { device, .. } => std::slice::from_mut(device),
            Self::Remove { keeps, .. } if keeps.len() > KEEPS_MAX => return Err(RosterError::TooLarge),
            Self::Remove { .. } => &mut [],
        };
        if cards.len() > DEVICES_MAX {
            return Err(RosterError::TooManyDevices);
        }
        for card in cards {
            card.name = clean_name(&card.name, DEVICE_NAME_CHARS_MAX);
            card.platform = clean_name(&card.platform, PLATFORM_CHARS_MAX);
        }
        Ok(())
    }
}

impl Entry {
    /// Reads an entry. An epoch's signature is checked here, as it names its key; the others' by
    /// [`Self::is_signed_by`].
    pub(super) fn decode(person: &PersonId, bytes: &[u8]) -> Result<Self, RosterError> {
        if bytes.len() > ENTRY_BYTES_MAX {
            return Err(RosterError::TooLarge);
        }
        let body = bytes.get(SIGNATURE_BYTES..).ok_or(RosterError::Encoding)?;
        let mut statement: Statement = msgpack::read(body).map_err(|_| RosterError::Encoding)?;
        statement.clean()?;
        let mut entry = Self { bytes: bytes.to_vec(), statement, signer: None };
        if let Statement::Epoch { root, devices, .. } = &entry.statement {
            let (root, ids) = (*root, devices.iter().map(|card| card.id).collect::<BTreeSet<_>>());
            if person_id(&root) != *person || !entry.is_signed_by(person, &root) {
                return Err(RosterError::Signature);
            }
            if ids.len() != devices.len() {
                return Err(RosterError::Encoding);
            }
            entry.signer = Some(root);
        }
        Ok(entry)
    }

    pub(super) fn is_signed_by(&self, person: &PersonId, key: &PublicKey) -> bool {
        let Some((signature, body)) = self.bytes.split_first_chunk::<SIGNATURE_BYTES>() else { return false };
        verify(key, Domain::RosterEntry, &[&person.0, body], signature)
    }

    pub(super) fn hash(&self) -> Hash {
        Hash(*blake3::hash(&self.bytes).as_bytes())
    }
}
