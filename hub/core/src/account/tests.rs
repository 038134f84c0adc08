//! A phone's export is read by Mara's devices, again and again.

use super::*;
use crate::{register::Sibling, vcard::Version, vector::Vector};

const ME: crate::id::DeviceId = crate::id::DeviceId([1; 16]);
const PHONE: EntityId = EntityId([7; 16]);
const MAIL: EntityId = EntityId([8; 16]);
const ANNA: EntityId = EntityId([3; 16]);

fn card(lines: &[&str]) -> Vec<Property> {
    let numbered = lines.iter().enumerate();
    numbered.map(|(nth, line)| Property::from_text(Version::V30, nth as u32, *line).unwrap()).collect()
}

/// Carries edits out as one device does.
fn write(contact: &mut Entity, seq: u64, plan: impl FnOnce(&Entity) -> Vec<Edit>) {
    for edit in plan(contact) {
        let register = contact.register_mut(&edit.path);
        let seen = register.seen().clone();
        register.merge(Sibling { device: ME, seq, clock: seq as i64, value: edit.value }, &seen);
    }
}

fn paths(edits: &[Edit]) -> Vec<&Path> {
    edits.iter().map(|edit| &edit.path).collect()
}

#[test]
fn ids_follow_from_the_source_alone_and_keep_their_parts_apart() {
    assert_eq!(contact(PHONE, "a"), contact(PHONE, "a"));
    assert_ne!(contact(PHONE, "a"), contact(MAIL, "a"));
    assert_ne!(property(PHONE, "a", "TEL", 0), property(PHONE, "a", "TEL", 1));
    assert_ne!(property(PHONE, "aT", "EL", 0), property(PHONE, "a", "TEL", 0));
    assert_ne!(id(BookId([1; 16]), "file", "Phone"), id(BookId([2; 16]), "file", "Phone"));
}

#[test]
fn reading_a_source_again_writes_only_what_it_changed() {
    let mut anna = Entity::default();
    let first = card(&["FN:Anna", "TEL:1", "TEL:2"]);
    let edits = take_in(ANNA, &anna, PHONE, "a", &first, book::ALIVE);
    assert_eq!(edits.len(), 5, "three properties, its name there, and the state: {edits:?}");
    write(&mut anna, 1, |_| edits);
    assert_eq!(take_in(ANNA, &anna, PHONE, "a", &first, book::ALIVE), []);

    let second = card(&["FN:Anna", "TEL:3"]);
    let edits = take_in(ANNA, &anna, PHONE, "a", &second, book::ALIVE);
    let tel = |nth| Path::property(Layer::Account(PHONE), property(PHONE, "a", "TEL", nth));
    let mut expected = vec![tel(0), tel(1), Path::state()];
    let mut written: Vec<Path> = paths(&edits).into_iter().cloned().collect();
    expected.sort();
    written.sort();
    assert_eq!(written, expected);
    write(&mut anna, 2, |_| edits);
    assert_eq!(anna.register(&tel(1)).unwrap().value(), None, "the second number is gone");
}

#[test]
fn what_two_devices_read_differently_is_settled_by_the_next_reading() {
    let mut anna = Entity::default();
    write(&mut anna, 1, |anna| take_in(ANNA, anna, PHONE, "a", &card(&["FN:Anna"]), book::ALIVE));
    let path = Path::property(Layer::Account(PHONE), property(PHONE, "a", "FN", 0));
    let other = Sibling { device: crate::id::DeviceId([2; 16]), seq: 1, clock: 0, value: Some(b"older".to_vec()) };
    anna.register_mut(&path).merge(other, &Vector::default());
    let edits = take_in(ANNA, &anna, PHONE, "a", &card(&["FN:Anna"]), book::ALIVE);
    assert_eq!(paths(&edits), [&path, &Path::state()]);
}

#[test]
fn a_contact_that_only_the_account_spoke_of_goes_into_the_trash_with_all_it_said() {
    let mut anna = Entity::default();
    write(&mut anna, 1, |anna| take_in(ANNA, anna, PHONE, "a", &card(&["FN:Anna", "TEL:1"]), book::ALIVE));
    let edits = take_out(ANNA, &anna, PHONE);
    assert_eq!(paths(&edits), [&Path::remote(PHONE), &Path::state()]);
    write(&mut anna, 2, |_| edits);
    assert!(book::is_trashed(&anna) && !is_known(&anna));
    assert_eq!(take_out(ANNA, &anna, PHONE), [], "once is enough");

    let back = take_in(ANNA, &anna, PHONE, "a", &card(&["FN:Anna", "TEL:1"]), book::ALIVE);
    assert_eq!(paths(&back), [&Path::remote(PHONE), &Path::state()], "it comes back by as little");
    write(&mut anna, 3, |_| back);
    assert!(!book::is_trashed(&anna) && knows(&anna, PHONE));
}

#[test]
fn a_contact_that_somebody_else_speaks_of_stays_and_loses_only_this_layer() {
    let mut anna = Entity::default();
    write(&mut anna, 1, |anna| take_in(ANNA, anna, PHONE, "a", &card(&["FN:Anna", "TEL:1"]), book::ALIVE));
    write(&mut anna, 2, |anna| take_in(ANNA, anna, MAIL, "a", &card(&["EMAIL:a@example.org"]), book::ALIVE));
    write(&mut anna, 3, |anna| take_out(ANNA, anna, PHONE));
    assert!(!book::is_trashed(&anna) && knows(&anna, MAIL) && !knows(&anna, PHONE));
    assert_eq!(layer_of(&anna, PHONE).count(), 0);
    assert_eq!(layer_of(&anna, MAIL).count(), 1);
}

#[test]
fn an_account_is_connected_once_and_keeps_its_name_when_it_goes() {
    let mut account = Entity::default();
    write(&mut account, 1, |account| connect(PHONE, account, "file", "Phone"));
    assert!(is_connected(&account) && book::kind(&account) == book::Kind::Account);
    assert_eq!(connect(PHONE, &account, "file", "Phone"), []);
    write(&mut account, 2, |_| disconnect(PHONE));
    assert!(!is_connected(&account));
    let name = account.register(&Path::account_name()).and_then(|register| register.value());
    assert_eq!(name.and_then(book::read_text).as_deref(), Some("Phone"));
    assert_eq!(connect(PHONE, &account, "file", "Phone").len(), 1);
}
