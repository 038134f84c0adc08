//! Folders that were copied or rolled back, met by whoever is left.

use super::*;
use crate::{
    book,
    id::{BookId, PropertyId, StoreId},
    path::Path,
    replica::{Delivery, Draft, Manner, MemoryRows, Refusal, apply, commit, read_batch},
};
use std::sync::atomic::{AtomicU64, Ordering};

const CONTACT: EntityId = EntityId([1; 16]);
const PHONE: PropertyId = PropertyId([2; 16]);
const MAIL: PropertyId = PropertyId([3; 16]);

#[derive(Clone)]
struct Device {
    id: DeviceId,
    rows: MemoryRows,
}

impl Device {
    fn new(nth: u8) -> Self {
        let rows = MemoryRows::new(BookState::new(BookId([9; 16]), StoreId([nth; 16])));
        Self { id: DeviceId([nth; 16]), rows }
    }

    fn set(&mut self, property: PropertyId, value: &str) {
        let edits = vec![
            book::set_mine(CONTACT, property, Some(value.as_bytes().to_vec())),
            book::set_state(CONTACT, book::ALIVE),
        ];
        let Ok(result) = commit(&mut self.rows, self.id, 0, vec![Draft { edits, import: None }]);
        assert!(result.is_ok());
    }

    fn forks(&mut self, other: &Self) -> Vec<DeviceId> {
        let state = other.rows.state();
        let Ok(forks) = forks(&mut self.rows, self.id, &state.heads(), &state.held());
        forks
    }

    fn part(&mut self, apart: &Apart) -> Parted {
        let fresh = fresh();
        let Ok(parted) = part(&mut self.rows, self.id, fresh, apart);
        self.id = if parted.left { fresh } else { self.id };
        parted
    }

    fn try_take_from(&mut self, other: &mut Self) -> Result<(), Refusal> {
        let want = self.rows.state().vector();
        let Ok(read) = read_batch(&mut other.rows, &want, 0);
        let manner = Manner::Push { base: Vector::default(), upto: read.state.vector() };
        let (changes, stubs, heads) = (read.changes, read.stubs, read.state.heads());
        let delivery = Delivery { from: other.id, changes, stubs, heads, manner };
        let mut rows = self.rows.clone();
        let Ok(result) = apply(&mut rows, self.id, 0, delivery, &|_| true);
        result.map(|_| self.rows = rows)
    }

    fn take_from(&mut self, other: &mut Self) {
        assert_eq!(self.try_take_from(other), Ok(()));
    }

    /// Every value of a property that stands, in order.
    fn values(&self, property: PropertyId) -> Vec<String> {
        let register = self.rows.entities()[&CONTACT].register(&Path::mine(property)).unwrap();
        let mut values: Vec<String> = register
            .siblings()
            .iter()
            .map(|sibling| String::from_utf8(sibling.value.clone().unwrap()).unwrap())
            .collect();
        values.sort();
        values.dedup();
        values
    }
}

/// An id that nobody bears.
fn fresh() -> DeviceId {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut id = [0xff; 16];
    id[8..].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    DeviceId(id)
}

/// What two engines do when they meet: closed devices, then chains that part, then changes both ways.
fn meet(one: &mut Device, other: &mut Device) {
    for _ in 0..4 {
        let (mine, theirs) = (one.rows.state().closed(), other.rows.state().closed());
        one.part(&Apart::Closed(theirs));
        other.part(&Apart::Closed(mine));
        let apart: BTreeSet<DeviceId> = one.forks(other).into_iter().chain(other.forks(one)).collect();
        if apart.is_empty() && one.rows.state().closed() == other.rows.state().closed() {
            one.take_from(other);
            other.take_from(one);
            assert_eq!(one.rows.state().hash, other.rows.state().hash);
            return;
        }
        let (one_is, other_is) = (one.id, other.id);
        for device in apart {
            let Ok(ours) = branch(&mut one.rows, device, u64::MAX);
            let Ok(theirs) = branch(&mut other.rows, device, u64::MAX);
            // Of its own chain everybody finds out alone.
            if device != other_is {
                one.part(&Apart::Branch(theirs));
            }
            if device != one_is {
                other.part(&Apart::Branch(ours));
            }
        }
    }
    panic!("they do not come to an end");
}

/// A laptop and a desk that share a phone number.
fn laptop_and_desk() -> (Device, Device) {
    let (mut laptop, mut desk) = (Device::new(1), Device::new(2));
    laptop.set(PHONE, "old");
    desk.take_from(&mut laptop);
    (laptop, desk)
}

#[test]
fn a_copy_that_edited_goes_on_under_a_new_id_and_both_values_stand() {
    let (mut laptop, mut desk) = laptop_and_desk();
    let mut copy = laptop.clone();
    laptop.set(PHONE, "laptop");
    copy.set(PHONE, "copy");
    copy.set(MAIL, "copy only");
    desk.take_from(&mut laptop);
    assert_eq!(desk.try_take_from(&mut copy), Err(Refusal::Forked(laptop.id)));

    assert_eq!(copy.forks(&desk), [laptop.id]);
    meet(&mut copy, &mut desk);
    assert_ne!(copy.id, laptop.id);
    assert!(desk.rows.state().closed().is_empty(), "the copy's numbers have not spread");
    assert_eq!(desk.values(PHONE), ["copy", "laptop"]);
    assert_eq!(desk.values(MAIL), ["copy only"]);
    // The laptop is the laptop still.
    laptop.set(MAIL, "laptop too");
    meet(&mut laptop, &mut desk);
    meet(&mut laptop, &mut copy);
    assert_eq!(laptop.id, DeviceId([1; 16]));
    assert_eq!(laptop.values(PHONE), ["copy", "laptop"]);
}

#[test]
fn a_folder_from_yesterday_takes_what_it_had_forgotten() {
    let (mut laptop, mut desk) = laptop_and_desk();
    let yesterday = laptop.clone();
    laptop.set(PHONE, "today");
    laptop.set(MAIL, "today");
    desk.take_from(&mut laptop);
    let mut restored = yesterday;
    let parted_from = restored.id;
    meet(&mut restored, &mut desk);
    assert_ne!(restored.id, parted_from);
    assert_eq!(restored.values(PHONE), ["today"]);
    assert_eq!(desk.values(PHONE), ["today"]);
    restored.set(PHONE, "tomorrow");
    desk.take_from(&mut restored);
    assert_eq!(desk.values(PHONE), ["tomorrow"]);
}

#[test]
fn the_same_value_on_both_sides_counts_once() {
    let (mut laptop, mut desk) = laptop_and_desk();
    let mut copy = laptop.clone();
    laptop.set(PHONE, "new");
    copy.set(PHONE, "new");
    copy.set(MAIL, "x");
    desk.take_from(&mut laptop);
    meet(&mut copy, &mut desk);
    assert_eq!(desk.values(PHONE), ["new"]);
    assert!(desk.rows.entities()[&CONTACT].register(&Path::mine(PHONE)).unwrap().others().is_empty());
}

#[test]
fn third_parties_that_took_different_copies_close_the_device_and_lose_nothing() {
    let (mut laptop, mut desk) = laptop_and_desk();
    let mut tablet = Device::new(3);
    tablet.take_from(&mut desk);
    let mut copy = laptop.clone();
    laptop.set(PHONE, "laptop");
    laptop.set(MAIL, "laptop");
    copy.set(PHONE, "copy");
    desk.take_from(&mut laptop);
    tablet.take_from(&mut copy);
    // Somebody saw the copy's number, under a number that the laptop gave to something else.
    tablet.set(PHONE, "tablet, over the copy");
    desk.set(MAIL, "desk, over the laptop");

    meet(&mut desk, &mut tablet);
    let end = desk.rows.state().closed()[&laptop.id];
    assert_eq!(end.seq, 1);
    assert_eq!(tablet.values(PHONE), ["laptop", "tablet, over the copy"]);
    assert_eq!(tablet.values(MAIL), ["desk, over the laptop"]);
    // Both of them learn that their numbers have come to an end.
    meet(&mut laptop, &mut desk);
    meet(&mut copy, &mut tablet);
    meet(&mut tablet, &mut desk);
    meet(&mut laptop, &mut desk);
    meet(&mut copy, &mut desk);
    assert!(laptop.id != DeviceId([1; 16]) && copy.id != DeviceId([1; 16]));
    for device in [&laptop, &copy, &desk] {
        assert!(device.rows.state().is_settled());
        assert!(device.values(PHONE).contains(&"laptop".to_owned()));
        assert!(device.values(PHONE).contains(&"tablet, over the copy".to_owned()));
    }
}

#[test]
fn what_a_peer_only_heard_of_does_not_hide_where_the_chains_part() {
    let (mut laptop, mut desk) = laptop_and_desk();
    let mut tablet = Device::new(3);
    tablet.take_from(&mut desk);
    let mut copy = laptop.clone();
    copy.set(PHONE, "copy");
    laptop.set(PHONE, "laptop");
    laptop.set(MAIL, "laptop");
    desk.take_from(&mut copy);
    tablet.take_from(&mut laptop);
    // The desk holds the copy's change, and hears of the laptop's newest one.
    let manner = Manner::Push { base: Vector::default(), upto: Vector::default() };
    let heads = tablet.rows.state().heads();
    let heard = Delivery { from: tablet.id, changes: Vec::new(), stubs: Vec::new(), heads, manner };
    assert!(matches!(apply(&mut desk.rows, desk.id, 0, heard, &|_| true), Ok(Ok(_))));

    let Ok(both) = branch(&mut desk.rows, laptop.id, u64::MAX);
    assert_eq!(both.points.iter().map(|point| point.seq).collect::<Vec<_>>(), [3, 2, 1]);
    let parted = tablet.part(&Apart::Branch(both));
    assert_eq!(parted.lowered[&laptop.id].seq, 1);
    meet(&mut tablet, &mut desk);
    assert_eq!(desk.values(PHONE), ["copy", "laptop"]);
    assert_eq!(desk.values(MAIL), ["laptop"]);
}

#[test]
fn a_replica_that_lags_behind_is_no_fork() {
    let (mut laptop, mut desk) = laptop_and_desk();
    for nth in 0..20 {
        laptop.set(PHONE, &format!("{nth}"));
    }
    assert!(desk.forks(&laptop).is_empty() && laptop.forks(&desk).is_empty());
    desk.take_from(&mut laptop);
    assert!(desk.forks(&laptop).is_empty());
    // What is superseded is known by its hash: a third device can tell as well.
    let mut tablet = Device::new(3);
    tablet.take_from(&mut desk);
    let Ok(known) = tablet.rows.hash_of(laptop.id, 7);
    assert_eq!(known, laptop.rows.hash_of(laptop.id, 7).unwrap());
    assert!(known.is_some());
}

#[test]
fn the_points_of_a_long_branch_are_bounded_and_dense_at_the_end() {
    let mut laptop = Device::new(1);
    for nth in 0..3000 {
        laptop.set(PHONE, &format!("{nth}"));
    }
    let Ok(branch) = branch(&mut laptop.rows, laptop.id, u64::MAX);
    assert!(branch.points.len() < 1200, "{}", branch.points.len());
    assert!(branch.points.windows(2).take(200).all(|pair| pair[0].seq == pair[1].seq + 1));
    let widest = branch.points.windows(2).map(|pair| pair[0].seq - pair[1].seq).max();
    assert!(widest <= Some(13));
}
