//! A purge that meets somebody who kept the contact.

use super::*;
use crate::{
    id::{BookId, PropertyId, StoreId},
    replica::{BookState, Delivery, Manner, MemoryRows, apply, read_batch},
    vector::Vector,
};

const CONTACT: EntityId = EntityId([1; 16]);
const PHONE: PropertyId = PropertyId([2; 16]);

struct Device {
    id: DeviceId,
    rows: MemoryRows,
}

impl Device {
    fn new(nth: u8) -> Self {
        let rows = MemoryRows::new(BookState::new(BookId([9; 16]), StoreId([nth; 16])));
        Self { id: DeviceId([nth; 16]), rows }
    }

    fn write(&mut self, edits: Vec<Edit>) {
        let Ok(result) = commit(&mut self.rows, self.id, 0, vec![Draft { edits, import: None }]);
        assert!(result.is_ok());
    }

    fn set_state(&mut self, value: &[u8]) {
        self.write(vec![book::set_state(CONTACT, value)]);
    }

    fn purge(&mut self) {
        let edits = purge(CONTACT, &self.rows.entities()[&CONTACT]);
        assert!(!edits.is_empty());
        self.write(edits);
    }

    /// Takes everything from another device, in one batch.
    fn take_from(&mut self, other: &mut Self) {
        let want = self.rows.state().vector();
        let Ok(read) = read_batch(&mut other.rows, &want, 0);
        let manner = Manner::Push { base: Vector::default(), upto: read.state.vector() };
        let delivery =
            Delivery { from: other.id, changes: read.changes, stubs: read.stubs, heads: read.state.heads(), manner };
        let Ok(result) = apply(&mut self.rows, self.id, 0, delivery, &|_| true);
        assert!(result.is_ok(), "{result:?}");
    }

    fn phone(&self) -> Option<&[u8]> {
        self.rows.entities()[&CONTACT].register(&Path::mine(PHONE))?.value()
    }

    fn is_trashed(&self) -> bool {
        book::is_trashed(&self.rows.entities()[&CONTACT])
    }
}

/// Two devices that hold a contact which is in the trash.
fn two_with_a_trashed_contact() -> (Device, Device) {
    let (mut one, mut other) = (Device::new(1), Device::new(2));
    one.write(vec![book::set_state(CONTACT, book::ALIVE), book::set_mine(CONTACT, PHONE, Some(b"+49 30 1".to_vec()))]);
    one.set_state(book::TRASHED);
    other.take_from(&mut one);
    (one, other)
}

#[test]
fn a_purge_that_meets_a_restore_gives_the_values_back_on_both_sides() {
    let (mut one, mut other) = two_with_a_trashed_contact();
    one.purge();
    other.set_state(book::ALIVE);
    other.take_from(&mut one);
    assert_eq!(other.phone(), Some(&b"+49 30 1"[..]));
    assert!(!other.is_trashed());
    one.take_from(&mut other);
    assert_eq!(one.phone(), other.phone());
    assert!(!one.is_trashed());
}

#[test]
fn a_purge_that_comes_together_with_a_later_state_gives_the_values_back() {
    let (mut one, mut other) = two_with_a_trashed_contact();
    one.purge();
    // A third device knows the contact only as purged, and restores what it can: nothing.
    let mut third = Device::new(3);
    third.take_from(&mut one);
    third.set_state(book::ALIVE);
    assert_eq!(third.phone(), None);

    other.set_state(book::ALIVE);
    other.take_from(&mut third);
    assert_eq!(other.phone(), Some(&b"+49 30 1"[..]));
    assert!(!other.is_trashed());
}

#[test]
fn a_property_that_a_person_removed_does_not_come_back() {
    let (mut one, mut other) = two_with_a_trashed_contact();
    one.purge();
    other.write(vec![book::set_state(CONTACT, book::ALIVE), book::set_mine(CONTACT, PHONE, None)]);
    other.take_from(&mut one);
    one.take_from(&mut other);
    assert_eq!((one.phone(), other.phone()), (None, None));
}

#[test]
fn a_contact_that_somebody_else_trashed_meanwhile_waits_for_a_person() {
    let (mut one, mut other) = two_with_a_trashed_contact();
    let mut third = Device::new(3);
    third.take_from(&mut one);
    third.set_state(book::TRASHED);
    one.purge();
    other.set_state(book::ALIVE);
    other.take_from(&mut third);
    other.take_from(&mut one);
    assert!(book::is_trash_undecided(&other.rows.entities()[&CONTACT]));
    assert!(purge(CONTACT, &other.rows.entities()[&CONTACT]).is_empty());
}
