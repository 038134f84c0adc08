//! [`Rows`] in memory, for simulation and tests. A transaction is a clone that is kept or dropped.

use super::{BookState, Replaced, Rows, StoredChange};
use crate::{
    entity::Entity,
    id::{DeviceId, EntityId},
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
            if let Some((_, count)) = self.changes.get_mut(arrival) {
                *count += living;
            }
            return Ok(());
        }
        let arrival = self.next_arrival;
        self.next_arrival += 1;
        self.arrivals.insert((device, seq), arrival);
        self.changes.insert(arrival, (StoredChange { arrival, device, seq, bytes: bytes.to_vec() }, living));
        Ok(())
    }

    fn release_change(&mut self, device: DeviceId, seq: u64) -> Result<(), Infallible> {
        let Some(&arrival) = self.arrivals.get(&(device, seq)) else { return Ok(()) };
        let Some((_, living)) = self.changes.get_mut(&arrival) else { return Ok(()) };
        *living -= 1;
        if *living == 0 {
            self.changes.remove(&arrival);
            self.arrivals.remove(&(device, seq));
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
}
