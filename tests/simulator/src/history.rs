//! The history of a run, and what it says must be there: every write with what its device showed when it was made.
//!
//! Nothing here takes the product's word for what a write had seen. A write comes after whatever its device held of the
//! register, and after all that those came after; what no other write comes after must stand in the end, and no device
//! may ever show less than it did. The checker knows no replicas, so it can be tried on a plain shared map first.

use super::oracle::{Finding, What};
use kith_core::{
    id::{DeviceId, EntityId},
    path::Path,
    vector::Vector,
};
use std::collections::{BTreeMap, BTreeSet};

/// A device and the number of one of its changes.
pub(super) type ChangeId = (DeviceId, u64);
/// One value of a contact.
pub(super) type Place = (EntityId, Path);

/// Every write ever made.
#[derive(Debug, Default)]
pub(super) struct History {
    places: BTreeMap<Place, Writes>,
    /// By reader and place: everything that what it showed last came after.
    reads: BTreeMap<(usize, Place), Bits>,
}

#[derive(Debug, Default)]
struct Writes {
    made: Vec<Made>,
    nth: BTreeMap<ChangeId, usize>,
}

/// One write.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) id: ChangeId,
    pub(super) clock: i64,
    pub(super) value: Option<Vec<u8>>,
    /// The writes that it came after.
    before: Bits,
}

/// What one device shows in the end.
pub(super) trait Shown {
    /// Every value that stands at a place, with the change that wrote it.
    fn values(&self, place: &Place) -> BTreeMap<ChangeId, Option<Vec<u8>>>;
    /// The value that is shown first; `None` if there is none.
    fn first(&self, place: &Place) -> Option<Vec<u8>>;
}

impl History {
    /// A write, made where `held` stood. Returns what it came after, as the newest number of each device.
    pub(super) fn wrote(&mut self, place: Place, made: (ChangeId, i64, Option<Vec<u8>>), held: &[ChangeId]) -> Vector {
        let writes = self.places.entry(place).or_default();
        let before = writes.closure(held);
        let came_after = before.iter().filter_map(|nth| writes.made.get(nth)).map(|write| write.id).collect();
        let (id, clock, value) = made;
        writes.nth.insert(id, writes.made.len());
        writes.made.push(Made { id, clock, value, before });
        came_after
    }

    /// Whether `one` came before `other`.
    pub(super) fn precedes(&self, place: &Place, one: ChangeId, other: ChangeId) -> bool {
        let Some(writes) = self.places.get(place) else { return false };
        match (writes.nth.get(&one), writes.nth.get(&other)) {
            (Some(&one), Some(&other)) => writes.made[other].before.holds(one),
            _ => false,
        }
    }

    /// Of these writes those after which none of them came.
    pub(super) fn newest(&self, place: &Place, among: &dyn Fn(ChangeId) -> bool) -> Vec<&Made> {
        let Some(writes) = self.places.get(place) else { return Vec::new() };
        let among: Vec<usize> = (0..writes.made.len()).filter(|&nth| among(writes.made[nth].id)).collect();
        let mut replaced = Bits::default();
        among.iter().for_each(|&nth| replaced.add_all(&writes.made[nth].before));
        among.into_iter().filter(|&nth| !replaced.holds(nth)).map(|nth| &writes.made[nth]).collect()
    }

    /// Every place ever written to.
    pub(super) fn places(&self) -> impl Iterator<Item = &Place> {
        self.places.keys()
    }

    /// A device shows this at a place: never less than before, whatever happened between.
    pub(super) fn read(&mut self, reader: usize, place: &Place, held: &[ChangeId]) -> Result<(), Finding> {
        let Some(writes) = self.places.get(place) else { return Ok(()) };
        let mut now = writes.closure(held);
        held.iter().filter_map(|id| writes.nth.get(id)).for_each(|&nth| now.add(nth));
        let last = self.reads.entry((reader, place.clone())).or_default();
        if let Some(lost) = last.iter().find(|&nth| !now.holds(nth)) {
            let detail =
                format!("device {reader} showed {:?} at {place:?}, and nothing of it now", writes.made[lost].id);
            return Err(Finding::new(What::Backwards, detail));
        }
        *last = now;
        Ok(())
    }

    /// What must stand in the end, of the writes that got to somebody who is left: exactly those that no other came after,
    /// and the first of them by clock and device, a value before a removal.
    pub(super) fn judge(&self, reached: &BTreeSet<ChangeId>, shown: &dyn Shown) -> Result<(), Finding> {
        for place in self.places() {
            let newest = self.newest(place, &|id| reached.contains(&id));
            let values = shown.values(place);
            let expected: BTreeMap<_, _> = newest.iter().map(|made| (made.id, made.value.clone())).collect();
            if values != expected {
                let (held, due): (Vec<_>, Vec<_>) = (values.keys().collect(), expected.keys().collect());
                let detail = format!("{place:?} holds {held:?}, should hold {due:?}");
                return Err(Finding::new(What::WrongSiblings, detail));
            }
            let first = newest.into_iter().max_by_key(|made| (made.value.is_some(), made.clock, made.id.0));
            if shown.first(place) != first.and_then(|made| made.value.clone()) {
                return Err(Finding::new(What::WrongShown, format!("{place:?}")));
            }
        }
        Ok(())
    }
}

impl Writes {
    /// The writes, and all that they came after.
    fn closure(&self, held: &[ChangeId]) -> Bits {
        let mut closure = Bits::default();
        for &nth in held.iter().filter_map(|id| self.nth.get(id)) {
            closure.add(nth);
            closure.add_all(&self.made[nth].before);
        }
        closure
    }
}

/// A set of small numbers.
#[derive(Clone, Debug, Default)]
struct Bits(Vec<u64>);

impl Bits {
    fn add(&mut self, nth: usize) {
        self.0.resize(self.0.len().max(nth / 64 + 1), 0);
        self.0[nth / 64] |= 1 << (nth % 64);
    }

    fn add_all(&mut self, other: &Self) {
        self.0.resize(self.0.len().max(other.0.len()), 0);
        self.0.iter_mut().zip(&other.0).for_each(|(word, more)| *word |= more);
    }

    fn holds(&self, nth: usize) -> bool {
        self.0.get(nth / 64).is_some_and(|word| word >> (nth % 64) & 1 == 1)
    }

    fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.0.len() * 64).filter(|&nth| self.holds(nth))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    /// One map that all devices write to, one after the other: nothing can be concurrent, nothing can be lost.
    #[derive(Default)]
    struct SharedMap {
        values: BTreeMap<Place, (ChangeId, Option<Vec<u8>>)>,
        /// Forgets every write to this place but the first.
        deaf: Option<Place>,
    }

    impl Shown for SharedMap {
        fn values(&self, place: &Place) -> BTreeMap<ChangeId, Option<Vec<u8>>> {
            self.values.get(place).cloned().into_iter().collect()
        }

        fn first(&self, place: &Place) -> Option<Vec<u8>> {
            self.values.get(place).and_then(|(_, value)| value.clone())
        }
    }

    fn place(nth: u64) -> Place {
        (EntityId([nth as u8; 16]), Path::state())
    }

    /// Three devices write and read at random; then the checker judges the map.
    fn play(seed: u64, mut map: SharedMap) -> Result<(), Finding> {
        let (mut dice, mut history, mut reached) = (Dice::new(seed), History::default(), BTreeSet::new());
        for seq in 1..200 {
            let writer = dice.below(3);
            let (place, id) = (place(dice.below(5)), (DeviceId([writer as u8; 16]), seq));
            let held: Vec<ChangeId> = map.values(&place).into_keys().collect();
            let value = dice.chance(80).then(|| vec![seq as u8]);
            history.wrote(place.clone(), (id, dice.below(9) as i64, value.clone()), &held);
            reached.insert(id);
            if map.deaf.as_ref() != Some(&place) || held.is_empty() {
                map.values.insert(place, (id, value));
            }
            for reader in 0..3 {
                let place = self::place(dice.below(5));
                let held: Vec<ChangeId> = map.values(&place).into_keys().collect();
                history.read(reader, &place, &held)?;
            }
        }
        history.judge(&reached, &map)
    }

    #[test]
    fn a_plain_shared_map_passes() {
        for seed in 0..50 {
            assert_eq!(play(seed, SharedMap::default()), Ok(()));
        }
    }

    #[test]
    fn a_map_that_forgets_a_write_does_not_pass() {
        for seed in 0..50 {
            let found = play(seed, SharedMap { deaf: Some(place(2)), ..SharedMap::default() });
            assert_eq!(found.map_err(|finding| finding.what), Err(What::WrongSiblings));
        }
    }

    #[test]
    fn a_map_that_goes_back_to_an_older_value_does_not_pass() {
        let (mut history, id) = (History::default(), |seq| (DeviceId([1; 16]), seq));
        history.wrote(place(0), (id(1), 0, None), &[]);
        history.wrote(place(0), (id(2), 0, None), &[id(1)]);
        assert_eq!(history.read(0, &place(0), &[id(2)]), Ok(()));
        let found = history.read(0, &place(0), &[id(1)]);
        assert_eq!(found.map_err(|finding| finding.what), Err(What::Backwards));
        assert_eq!(history.read(1, &place(0), &[id(1)]), Ok(()), "another one may not have heard of it");
    }
}
