//! Registers: the values of one (entity, path), and how concurrent ones live side by side (rules 3.1/3 and 4).

use crate::{id::DeviceId, vector::Vector};
use std::collections::BTreeMap;

/// A multi-value register.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Register {
    siblings: Vec<Sibling>,
    seen: Vector,
}

/// One value that no write known here has seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Sibling {
    /// Who wrote it.
    pub device: DeviceId,
    /// In which of its changes.
    pub seq: u64,
    /// The writer's clock, in milliseconds since 1970.
    pub clock: i64,
    /// The encoded value; `None` is a tombstone.
    pub value: Option<Vec<u8>>,
}

/// What a merge did.
#[derive(Debug, PartialEq)]
pub enum Merged {
    /// The register had seen this write already.
    Known,
    /// The write lives now; these siblings, which it had seen, do not any more.
    Added(Vec<Sibling>),
}

impl Register {
    /// Puts together a register that was stored.
    pub(crate) fn from_parts(mut siblings: Vec<Sibling>, seen: Vector) -> Self {
        siblings.sort_unstable_by_key(|sibling| (sibling.device, sibling.seq));
        Self { siblings, seen }
    }

    /// Merges one write. Order, repetition and path do not matter.
    pub fn merge(&mut self, sibling: Sibling, seen: &Vector) -> Merged {
        if sibling.seq <= self.seen.at(sibling.device) && !mutant!(AppliedTwice) {
            return Merged::Known;
        }
        mutant!(OlderClockSkipped if self.siblings.iter().any(|o| o.clock > sibling.clock) => return Merged::Known);
        let goes = |old: &Sibling| old.seq <= seen.at(old.device) || mutant!(ClockWins) && old.clock < sibling.clock;
        let (dropped, mut kept): (Vec<_>, Vec<_>) = std::mem::take(&mut self.siblings).into_iter().partition(goes);
        self.seen.raise_all(seen);
        self.seen.raise(sibling.device, sibling.seq);
        let place = kept.partition_point(|old| (old.device, old.seq) < (sibling.device, sibling.seq));
        kept.insert(place, sibling);
        self.siblings = kept;
        Merged::Added(dropped)
    }

    /// Takes out what a device wrote after its change `after`, as if it had never been seen. Returns what lived of it.
    pub fn forget(&mut self, device: DeviceId, after: u64) -> Vec<Sibling> {
        let (gone, kept) = std::mem::take(&mut self.siblings)
            .into_iter()
            .partition(|sibling| sibling.device == device && sibling.seq > after);
        self.siblings = kept;
        self.seen.lower(device, after);
        gone
    }

    /// Everything this register has merged, or learned through merged writes.
    pub fn seen(&self) -> &Vector {
        &self.seen
    }

    /// The living siblings by (device, seq), tombstones included.
    pub fn siblings(&self) -> &[Sibling] {
        &self.siblings
    }

    /// The sibling to show: the greatest (clock, device), a value before a tombstone. `None` if nothing was written.
    pub fn shown(&self) -> Option<&Sibling> {
        self.siblings.iter().max_by_key(|sibling| (sibling.value.is_some(), sibling.clock, sibling.device))
    }

    /// The value to show; `None` if there is none or it was removed.
    pub fn value(&self) -> Option<&[u8]> {
        self.shown().and_then(|sibling| sibling.value.as_deref())
    }

    /// The other values, each once, until a write has seen them. A removal beside a value is one of them.
    pub fn others(&self) -> Vec<&Sibling> {
        let mut distinct: BTreeMap<Option<&[u8]>, &Sibling> = BTreeMap::new();
        for sibling in &self.siblings {
            let best = distinct.entry(sibling.value.as_deref()).or_insert(sibling);
            if (best.clock, best.device) < (sibling.clock, sibling.device) {
                *best = sibling;
            }
        }
        if let Some(shown) = self.shown() {
            distinct.remove(&shown.value.as_deref());
        }
        distinct.into_values().collect()
    }
}
