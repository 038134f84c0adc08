//! Version vectors: which changes of which device a replica vouches for.

use crate::id::DeviceId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Device to a sequence number; an absent device counts as 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Vector(BTreeMap<DeviceId, u64>);

impl Vector {
    /// Returns the number of `device`, 0 if it is unknown.
    pub fn at(&self, device: DeviceId) -> u64 {
        self.0.get(&device).copied().unwrap_or(0)
    }

    /// Raises the number of `device` to at least `seq`.
    pub fn raise(&mut self, device: DeviceId, seq: u64) {
        if seq > 0 {
            let at = self.0.entry(device).or_default();
            *at = (*at).max(seq);
        }
    }

    /// Lowers the number of `device` to at most `seq`: what came after does not count any more.
    pub fn lower(&mut self, device: DeviceId, seq: u64) {
        match self.0.get_mut(&device) {
            Some(_) if seq == 0 => drop(self.0.remove(&device)),
            Some(at) => *at = (*at).min(seq),
            None => {}
        }
    }

    /// Raises every number to at least `other`'s.
    pub fn raise_all(&mut self, other: &Self) {
        other.iter().for_each(|(device, seq)| self.raise(device, seq));
    }

    /// Whether every number is at least `other`'s.
    pub fn covers(&self, other: &Self) -> bool {
        other.iter().all(|(device, seq)| self.at(device) >= seq)
    }

    /// How many changes `other` vouches for and this does not.
    pub fn lacks(&self, other: &Self) -> u64 {
        other.iter().map(|(device, seq)| seq.saturating_sub(self.at(device))).sum()
    }

    /// The entries that are greater than `base`'s.
    pub fn above(&self, base: &Self) -> Self {
        Self(self.0.iter().filter(|&(&device, &seq)| seq > base.at(device)).map(|(&d, &s)| (d, s)).collect())
    }

    /// Devices and their numbers, in order of device.
    pub fn iter(&self) -> impl Iterator<Item = (DeviceId, u64)> + '_ {
        self.0.iter().map(|(&device, &seq)| (device, seq))
    }

    /// How many devices are named.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no device is named.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(DeviceId, u64)> for Vector {
    fn from_iter<I: IntoIterator<Item = (DeviceId, u64)>>(entries: I) -> Self {
        let mut vector = Self::default();
        entries.into_iter().for_each(|(device, seq)| vector.raise(device, seq));
        vector
    }
}
