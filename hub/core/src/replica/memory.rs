//! [`Rows`] in memory, for simulation and tests. A transaction is a clone that is kept or dropped.

use super::{BookState, Replaced, Rows, StoredChange};
use crate::{
    entity::Entity,
    id::{DeviceId, EntityId, Hash},
    path::Path,
};
use std::{collections::BTreeMap, convert::Infallible};

/// A whole replica in ordered maps.
#[derive(Clone, Debug)]
pub struct MemoryRows {
    state: BookState,
    entities: BTreeMap<EntityId, Entity>,
    changes: BTreeMap<u64, (StoredChange, u32)>,
    arrivals: BTreeMap<(DeviceId, u64), u64>,
    history: BTreeMap<(EntityId, Path), Vec<Replaced>>,
    next_arrival: u64,
}

impl MemoryRows {
    /// An empty replica.
    pub fn new(state: BookState) -> Self {
        Self {
            state,
            entities: BTreeMap::new(),
            changes: BTreeMap::new(),
            arrivals: BTreeMap::new(),
            history: BTreeMap::new(),
            next_arrival: 1,
        }
    }

    fn arrive(&mut self, device: DeviceId, seq: u64, living: u32, bytes: Vec<u8>) {
        let arrival = self.next_arrival;
        self.next_arrival += 1;
        self.arrivals.insert((device, seq), arrival);
        self.changes.insert(arrival, (StoredChange { arrival, device, seq, bytes, whole: living > 0 }, living));
    }

    /// Every entity ever written to.
    pub fn entities(&self) -> &BTreeMap<EntityId, Entity> {
        &self.entities
    }
}

impl Rows for MemoryRows {
    type Error = Infallible;

    fn state(&self) -> &BookState {
        &self.state
    }

    fn state_mut(&mut self) -> &mut BookState {
        &mut self.state
    }

    fn entity(&mut self, id: EntityId) -> Result<&Entity, Infallible> {
        Ok(self.entities.entry(id).or_default())
    }

    fn entity_mut(&mut self, id: EntityId) -> Result<&mut Entity, Infallible> {
        Ok(self.entities.entry(id).or_default())
    }

    fn insert_change(&mut self, device: DeviceId, seq: u64, living: u32, bytes: &[u8]) -> Result<(), Infallible> {
        if let Some(arrival) = self.arrivals.get(&(device, seq)) {
            if let Some((_, count)) = self.changes.get_mut(arrival).filter(|(_, count)| *count > 0) {
                *count += living;
                return Ok(());
            }
            self.changes.remove(arrival);
        }
        self.arrive(device, seq, living, bytes.to_vec());
        Ok(())
    }

    fn insert_stub(&mut self, device: DeviceId, seq: u64, hash: Hash) -> Result<(), Infallible> {
        if !self.arrivals.contains_key(&(device, seq)) {
            self.arrive(device, seq, 0, hash.0.to_vec());
        }
        Ok(())
    }

    fn release_change(&mut self, device: DeviceId, seq: u64) -> Result<(), Infallible> {
        let Some(&arrival) = self.arrivals.get(&(device, seq)) else { return Ok(()) };
        let Some((stored, living)) = self.changes.get_mut(&arrival) else { return Ok(()) };
        *living -= 1;
        if *living == 0 {
            stored.bytes = stored.hash().0.to_vec();
            stored.whole = false;
        }
        Ok(())
    }

    fn record(&mut self, entity: EntityId, path: &Path, replaced: Replaced) -> Result<(), Infallible> {
        self.history.entry((entity, path.clone())).or_default().push(replaced);
        Ok(())
    }

    fn history(&mut self, entity: EntityId, path: &Path) -> Result<Vec<Replaced>, Infallible> {
        Ok(self.history.get(&(entity, path.clone())).cloned().unwrap_or_default())
    }

    fn changes_after(&mut self, after: u64, max: usize) -> Result<Vec<StoredChange>, Infallible> {
        Ok(self.changes.range(after + 1..).take(max).map(|(_, (stored, _))| stored.clone()).collect())
    }

    fn newest_arrival(&mut self) -> Result<u64, Infallible> {
        Ok(self.changes.keys().next_back().copied().unwrap_or(0))
    }

    fn hash_of(&mut self, device: DeviceId, seq: u64) -> Result<Option<Hash>, Infallible> {
        let arrival = self.arrivals.get(&(device, seq));
        Ok(arrival.and_then(|arrival| self.changes.get(arrival)).map(|(stored, _)| stored.hash()))
    }

    fn take_changes(&mut self, device: DeviceId, after: u64) -> Result<Vec<StoredChange>, Infallible> {
        let gone: Vec<_> = self.arrivals.range((device, after + 1)..=(device, u64::MAX)).map(|(id, _)| *id).collect();
        let arrivals = gone.iter().filter_map(|id| self.arrivals.remove(id)).collect::<Vec<_>>();
        let taken = arrivals.iter().filter_map(|arrival| self.changes.remove(arrival));
        Ok(taken.map(|(stored, _)| stored).filter(|stored| stored.whole).collect())
    }

    fn entities_naming(&mut self, device: DeviceId, after: u64) -> Result<Vec<EntityId>, Infallible> {
        let naming = self.entities.iter().filter(|(_, entity)| entity.has_seen(device, after));
        Ok(naming.map(|(id, _)| *id).collect())
    }

    fn rename_change(&mut self, old: (DeviceId, u64), new: (DeviceId, u64)) -> Result<(), Infallible> {
        for replaced in self.history.values_mut().flatten() {
            let Replaced { sibling, by } = replaced;
            if *by == old {
                *by = new;
            }
            if (sibling.device, sibling.seq) == old {
                (sibling.device, sibling.seq) = new;
            }
        }
        Ok(())
    }
}
