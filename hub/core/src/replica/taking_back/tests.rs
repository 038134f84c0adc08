//! Mara takes back what she did, and Otto's tablet writes in between.

use super::*;
use crate::{
    id::{BookId, PropertyId, StoreId},
    replica::{BookState, Delivery, Draft, Manner, MemoryRows, apply, commit, read_batch},
    vector::Vector,
};

const ANNA: EntityId = EntityId([1; 16]);
const NAME: PropertyId = PropertyId([2; 16]);
const PHONE: PropertyId = PropertyId([3; 16]);

/// A device with the change numbers of its undos.
struct Device {
    id: DeviceId,
    rows: MemoryRows,
    undos: BTreeSet<u64>,
    now: i64,
}

impl Device {
    fn new(nth: u8) -> Self {
        let rows = MemoryRows::new(BookState::new(BookId([9; 16]), StoreId([nth; 16])));
        Self { id: DeviceId([nth; 16]), rows, undos: BTreeSet::new(), now: 0 }
    }

    /// Commits edits; returns their change.
    fn write(&mut self, edits: Vec<Edit>) -> (u64, Writes) {
        self.now += 10;
        let writes = edits.iter().map(|edit| ((edit.entity, edit.path.clone()), edit.value.clone())).collect();
        let Ok(result) = commit(&mut self.rows, self.id, self.now, vec![Draft { edits, import: None }]);
        (result.unwrap().seqs.unwrap().1, writes)
    }

    fn set(&mut self, property: PropertyId, value: &str) -> (u64, Writes) {
        let value = (!value.is_empty()).then(|| value.as_bytes().to_vec());
        self.write(vec![book::set_mine(ANNA, property, value), book::set_state(ANNA, book::ALIVE)])
    }

    fn add(&mut self) -> (u64, Writes) {
        let edits = [(NAME, "Anna"), (PHONE, "1")];
        let mut edits: Vec<Edit> =
            edits.iter().map(|(id, value)| book::set_mine(ANNA, *id, Some(value.as_bytes().to_vec()))).collect();
        edits.push(book::set_state(ANNA, book::ALIVE));
        self.write(edits)
    }

    /// Takes a change back, unless nothing of it stands; returns the change that did.
    fn undo(&mut self, (seq, writes): &(u64, Writes)) -> Option<(u64, Writes)> {
        let undos = self.undos.clone();
        let Ok(edits) = inverse(&mut self.rows, self.id, *seq, writes, &|seq| undos.contains(&seq));
        if edits.is_empty() {
            return None;
        }
        assert!(edits.iter().any(|edit| edit.path == Path::state()), "every change writes the state: {edits:?}");
        let change = self.write(edits);
        self.undos.insert(change.0);
        Some(change)
    }

    fn take_from(&mut self, other: &mut Self) {
        let want = self.rows.state().vector();
        let Ok(read) = read_batch(&mut other.rows, &want, 0);
        let manner = Manner::Push { base: Vector::default(), upto: read.state.vector() };
        let delivery =
            Delivery { from: other.id, changes: read.changes, stubs: read.stubs, heads: read.state.heads(), manner };
        let Ok(result) = apply(&mut self.rows, self.id, 0, delivery, &|_| true);
        assert!(result.is_ok(), "{result:?}");
    }

    fn says(&self, property: PropertyId) -> &str {
        let register = self.rows.entities()[&ANNA].register(&Path::mine(property));
        std::str::from_utf8(register.and_then(Register::value).unwrap_or_default()).unwrap()
    }

    fn is_trashed(&self) -> bool {
        book::is_trashed(&self.rows.entities()[&ANNA])
    }
}

#[test]
fn actions_are_taken_back_one_after_the_other_down_to_the_contact_itself() {
    let mut laptop = Device::new(1);
    let added = laptop.add();
    let first = laptop.set(PHONE, "2");
    let second = laptop.set(PHONE, "3");
    assert!(laptop.undo(&second).is_some());
    assert_eq!(laptop.says(PHONE), "2");
    assert!(laptop.undo(&first).is_some(), "what an undo brought back can be taken back in turn");
    assert_eq!(laptop.says(PHONE), "1");
    assert!(laptop.undo(&added).is_some());
    assert!(laptop.is_trashed() && laptop.says(NAME) == "Anna", "with everything it says");
    assert!(laptop.undo(&added).is_none(), "nothing is left to take back");
}

#[test]
fn what_was_taken_back_is_done_again_and_taken_back_again() {
    let mut laptop = Device::new(1);
    let added = laptop.add();
    let edited = laptop.set(PHONE, "2");
    let mut back = Vec::new();
    for action in [&edited, &added] {
        back.push(laptop.undo(action).unwrap());
    }
    assert!(laptop.is_trashed());
    let mut again = Vec::new();
    for undone in back.iter().rev() {
        again.push(laptop.undo(undone).unwrap());
    }
    assert!(!laptop.is_trashed() && laptop.says(PHONE) == "2");
    for redone in again.iter().rev() {
        assert!(laptop.undo(redone).is_some());
    }
    assert!(laptop.is_trashed() && laptop.says(PHONE) == "1", "with what it said at first");
}

#[test]
fn what_another_device_wrote_after_the_taking_back_stays_when_it_is_done_again() {
    let (mut laptop, mut tablet) = (Device::new(1), Device::new(2));
    laptop.add();
    let edited = laptop.set(PHONE, "2");
    let back = laptop.undo(&edited).unwrap();
    tablet.take_from(&mut laptop);
    tablet.now = 100;
    tablet.set(PHONE, "tablet");
    laptop.take_from(&mut tablet);
    assert!(laptop.undo(&back).is_none());
    assert_eq!(laptop.says(PHONE), "tablet");
}

#[test]
fn a_removal_and_the_trash_are_taken_back() {
    let mut laptop = Device::new(1);
    laptop.add();
    let removed = laptop.set(PHONE, "");
    let trashed = laptop.write(vec![book::set_state(ANNA, book::TRASHED)]);
    assert!(laptop.undo(&trashed).is_some() && !laptop.is_trashed());
    assert!(laptop.undo(&removed).is_some());
    assert_eq!(laptop.says(PHONE), "1");
}

#[test]
fn what_another_device_wrote_since_stays() {
    let (mut laptop, mut tablet) = (Device::new(1), Device::new(2));
    let added = laptop.add();
    let edited = laptop.set(PHONE, "2");
    tablet.take_from(&mut laptop);
    tablet.now = 100;
    tablet.set(PHONE, "tablet");
    laptop.take_from(&mut tablet);
    assert!(laptop.undo(&edited).is_none());
    assert!(laptop.undo(&added).is_none(), "a contact that somebody touched since stays as it is");
    assert!(laptop.says(PHONE) == "tablet" && !laptop.is_trashed());
}

#[test]
fn what_another_device_wrote_at_the_same_time_stays_alone() {
    let (mut laptop, mut tablet) = (Device::new(1), Device::new(2));
    laptop.add();
    tablet.take_from(&mut laptop);
    tablet.set(PHONE, "tablet");
    let edited = laptop.set(PHONE, "laptop");
    laptop.take_from(&mut tablet);
    assert!(laptop.undo(&edited).is_some());
    assert_eq!(laptop.says(PHONE), "tablet");
}

#[test]
fn a_choice_taken_back_shows_what_was_shown_and_keeps_the_other_in_history() {
    let (mut laptop, mut tablet) = (Device::new(1), Device::new(2));
    laptop.add();
    tablet.take_from(&mut laptop);
    tablet.now = 100;
    tablet.set(PHONE, "tablet");
    laptop.set(PHONE, "laptop");
    laptop.take_from(&mut tablet);
    assert_eq!(laptop.says(PHONE), "tablet", "its clock is ahead");
    let chosen = laptop.set(PHONE, "laptop");
    assert!(laptop.undo(&chosen).is_some());
    assert_eq!(laptop.says(PHONE), "tablet");
    let Ok(history) = laptop.rows.history(ANNA, &Path::mine(PHONE));
    let past: BTreeSet<_> = history.iter().filter_map(|replaced| replaced.sibling.value.as_deref()).collect();
    assert!(past.contains(&b"laptop"[..]) && past.contains(&b"tablet"[..]));
}

#[test]
fn a_register_is_read_at_any_time() {
    let mut laptop = Device::new(1);
    laptop.add();
    laptop.set(PHONE, "2");
    laptop.set(PHONE, "");
    laptop.set(PHONE, "4");
    let path = Path::mine(PHONE);
    let Ok(history) = laptop.rows.history(ANNA, &path);
    let register = laptop.rows.entities()[&ANNA].register(&path);
    let at = |time| said_at(&history, register, time).map(|value| String::from_utf8(value).unwrap());
    assert_eq!(at(9), None, "it did not exist yet");
    assert_eq!((at(10).as_deref(), at(19).as_deref()), (Some("1"), Some("1")));
    assert_eq!((at(20).as_deref(), at(30), at(39)), (Some("2"), None, None));
    assert_eq!((at(40).as_deref(), at(i64::MAX).as_deref()), (Some("4"), Some("4")));
}
