//! A device of a later release: it is understood as far as this one goes, and carried on whole.

use super::text;
use kith_core::{
    change::{self, Change},
    id::{EntityId, Hash},
    path::Path,
    replica::{Head, Heads},
    vcard::Property,
    wire::{Message, Push},
};
use kith_tests::people::{
    Device, cards,
    crook::{Crook, Heard, with_unknown_key},
    in_step, pair,
};
use serde_bytes::ByteBuf;
use std::collections::BTreeMap;

#[test]
fn what_a_newer_device_writes_is_carried_on_byte_for_byte() {
    let mut laptop = Device::first("Laptop", "Mara");
    laptop.call_with(&["contacts", "add"], &cards::one(1));
    laptop.start();
    let mut desk = Device::new("Desk");
    pair(&laptop, &mut desk);
    let mut newer = Crook::let_in("Mara's glasses", &laptop);
    in_step(&[&laptop, &desk]);

    let contact = EntityId([0x5a; 16]);
    let name = Property::new(0, "FN", &BTreeMap::new(), None, "From Tomorrow").unwrap().encode();
    let changes = later_changes(&newer, contact, &name);
    newer.greet(laptop.address());
    newer.say_bytes(vec![200, 1, 2, 3]);
    push_as_later(&mut newer, &changes);

    let book = in_step(&[&laptop, &desk]);
    assert_eq!(book["contacts"], 2);
    for device in [&laptop, &desk] {
        let card = device.call(&["contacts", "show", &contact.to_string()]);
        assert_eq!((text(&card["name"]), card["properties"].as_array().unwrap().len()), ("From Tomorrow", 1));
    }

    // Another device of the later release, that only ever meets the desk, gets every byte.
    let mut other = Crook::let_in("Mara's watch", &desk);
    other.greet(desk.address());
    other.say_bytes(vec![201]);
    let there = other.fetch();
    for bytes in &changes {
        assert!(there.contains(bytes), "a change did not arrive as it was made");
    }

    // This release edits beside what it does not know, and both survive.
    desk.call(&["contacts", "set", &contact.to_string(), "NOTE=seen today"]);
    in_step(&[&laptop, &desk]);
    let there = other.fetch();
    assert!(there.contains(&changes[1]), "an edit beside it takes nothing away");
    let known = there.iter().map(|bytes| Change::decode(bytes).unwrap()).filter(|change| change.device == newer.id());
    assert_eq!(known.count(), 2);
}

/// A contact with a register that nobody knows yet, and something that is neither contact nor group; both with keys of a
/// later release.
fn later_changes(newer: &Crook, contact: EntityId, name: &[u8]) -> Vec<Vec<u8>> {
    let path = |bytes: &[u8]| Path::from_bytes(bytes).expect("a path");
    let mood = path(b"\x04mood\x80\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10");
    let single = kith_core::book::single_property(contact, "FN");
    let first = newer.change(
        1,
        Hash([0; 32]),
        &[
            (contact, Path::mine(single), name),
            (contact, mood, b"\x93\x01\x02\x03"),
            (contact, Path::state(), kith_core::book::ALIVE),
        ],
    );
    let first = with_unknown_key(first.encode(), 0);
    let second =
        newer.change(2, change::hash(&first), &[(EntityId([0x77; 16]), path(b"\x06hobby-\x05since"), b"\xa3now")]);
    let second = with_unknown_key(second.encode(), 0);
    vec![first, second]
}

/// Pushes as a later release would: with keys of its own in the message, and after a hello of a later version.
fn push_as_later(newer: &mut Crook, changes: &[Vec<u8>]) {
    let last = changes.last().unwrap();
    let heads = Heads::from([(newer.id(), Head { seq: 2, hash: change::hash(last) })]);
    let push = Push {
        number: 0,
        base: Default::default(),
        upto: [(newer.id(), 2)].into_iter().collect(),
        changes: changes.iter().cloned().map(ByteBuf::from).collect(),
        heads,
    };
    newer.say_bytes(with_unknown_key(Message::Push(push).encode(), 1));
    loop {
        match newer.hear() {
            Heard::Message(Message::Ack(ack)) => return assert_eq!((ack.session, ack.gap), (None, false)),
            Heard::Message(_) => {}
            Heard::HungUp(why) => panic!("a newer device is turned away: {why}"),
        }
    }
}

#[test]
fn a_device_with_a_later_protocol_version_is_welcome() {
    let mut laptop = Device::first("Laptop", "Mara");
    laptop.call_with(&["contacts", "add"], &cards::one(1));
    laptop.start();
    let mut newer = Crook::let_in("Mara's glasses", &laptop);
    newer.connect(laptop.address());
    let mut hello = newer.hello();
    hello.version += 7;
    newer.say_bytes(with_unknown_key(Message::Hello(hello).encode(), 1));
    let changes: Vec<_> = newer.fetch().iter().map(|bytes| Change::decode(bytes).unwrap()).collect();
    assert!(!changes.is_empty() && changes.iter().all(|change| change.book == newer.book()));
}
