//! What every release has put on the wire is read as it was meant, for ever.
//!
//! `tests/fixtures/release-*/wire` holds the bytes. They are written once, with `KITH_WRITE_FIXTURE=release-X`, by the
//! program of that release, and never again: a file that is there is left alone.

use kith_core::{
    change::{self, Change, Write},
    id::{BookId, DeviceId, EntityId, Hash, PersonId, PropertyId, PublicKey, StoreId},
    identity::{
        SigningKey, person_id, public_key,
        roster::{DeviceCard, Roster},
    },
    path::Path as RegisterPath,
    replica::{Cursor, Head, Heads},
    vector::Vector,
    wire::{Ack, Batch, Hello, Last, Message, Push, Refuse, RosterEntries, Tables, VERSION, Want},
};
use serde_bytes::ByteBuf;
use std::{fs, path::PathBuf};

#[test]
fn every_message_of_every_release_is_read_as_it_was_meant() {
    let messages = messages();
    for (name, message) in &messages {
        keep(name, &message.encode());
    }
    for (folder, name, bytes) in kept() {
        if let Some((_, meant)) = messages.iter().find(|(known, _)| *known == name) {
            assert_eq!(Message::decode(&bytes).as_ref(), Ok(meant), "{name} of {}", folder.display());
        }
    }
}

#[test]
fn a_change_of_every_release_is_read_as_it_was_meant_and_keeps_its_hash() {
    keep("change", &change().encode());
    keep("change-hash", &change::hash(&change().encode()).0);
    for (folder, _, bytes) in kept().into_iter().filter(|(_, name, _)| name == "change") {
        assert_eq!(Change::decode(&bytes), Ok(change()), "{}", folder.display());
        let named = fs::read(folder.join("change-hash.bin")).expect("its hash was kept");
        assert_eq!(change::hash(&bytes).0.as_slice(), named, "{}", folder.display());
    }
}

#[test]
fn a_roster_of_every_release_is_verified_and_names_the_same_devices() {
    let entries = roster_entries();
    for (nth, entry) in entries.iter().enumerate() {
        keep(&format!("roster-{nth}"), entry);
    }
    let mut read = 0;
    for folder in releases() {
        let mut roster = Roster::new(person());
        for nth in 0..entries.len() {
            let bytes = fs::read(folder.join(format!("roster-{nth}.bin"))).expect("each release has a roster");
            roster.insert(&bytes).expect("a signed entry");
            read += 1;
        }
        let names: Vec<&str> = roster.devices().into_iter().map(|card| &*card.name).collect();
        assert_eq!((roster.epoch(), names), (1, vec!["Laptop", "Telefon Žofie"]), "{}", folder.display());
        assert_eq!(roster.device(DeviceId([3; 16])), None, "it was removed");
    }
    assert!(read > 0);
}

// ---- What the bytes mean -------------------------------------------------------------------------------------------

fn messages() -> Vec<(&'static str, Message)> {
    let vector: Vector = [(DeviceId([1; 16]), 7), (DeviceId([2; 16]), 1_000_000)].into_iter().collect();
    let base: Vector = [(DeviceId([1; 16]), 6)].into_iter().collect();
    let heads = Heads::from([(DeviceId([1; 16]), Head { seq: 7, hash: change::hash(&change().encode()) })]);
    let cursor = Cursor { store: StoreId([9; 16]), arrival: 70_000 };
    let changes = vec![ByteBuf::from(change().encode())];
    let last = Last { upto: vector.clone(), hash: Hash([8; 32]), name: 3, yours: Some(2) };
    let batch = Batch {
        session: 4,
        number: 0,
        changes: changes.clone(),
        stubs: Vec::new(),
        heads: heads.clone(),
        cursor,
        last: None,
    };
    vec![
        (
            "hello",
            Message::Hello(Hello {
                version: VERSION,
                epoch: 2,
                roster: Hash([3; 32]),
                tables: Hash([4; 32]),
                closed: Heads::new(),
            }),
        ),
        (
            "roster",
            Message::Roster(RosterEntries { entries: roster_entries().into_iter().map(ByteBuf::from).collect() }),
        ),
        (
            "want",
            Message::Want(Want {
                session: 4,
                tables: Some(Tables { vector: vector.clone(), heads: heads.clone(), held: Heads::new() }),
                cursor: Some(cursor),
            }),
        ),
        ("want-little", Message::Want(Want { session: 5, tables: None, cursor: None })),
        ("batch", Message::Batch(batch.clone())),
        ("batch-last", Message::Batch(Batch { number: 1, changes: Vec::new(), last: Some(last), ..batch })),
        ("ack", Message::Ack(Ack { session: Some(4), number: 1, gap: false })),
        ("ack-gap", Message::Ack(Ack { session: None, number: 2, gap: true })),
        ("push", Message::Push(Push { number: 0, base, upto: vector, changes, heads })),
        ("poke", Message::Poke),
        ("refuse", Message::Refuse(Refuse { reason: "storage".into() })),
    ]
}

fn change() -> Change {
    let write = |entity: u8, path: RegisterPath, value: Option<&str>| Write {
        entity: EntityId([entity; 16]),
        path,
        value: value.map(|value| value.as_bytes().to_vec()),
        seen: [(DeviceId([2; 16]), 3)].into_iter().collect(),
    };
    Change {
        book: BookId([5; 16]),
        device: DeviceId([1; 16]),
        seq: 7,
        prev: Hash([6; 32]),
        clock: 1_790_000_000_000,
        import: Some(EntityId([7; 16])),
        writes: vec![
            write(1, RegisterPath::mine(PropertyId([1; 16])), Some("FN:Žofie 王")),
            write(1, RegisterPath::mine(PropertyId([2; 16])), None),
            write(1, RegisterPath::state(), Some("alive")),
            write(2, RegisterPath::in_group(EntityId([3; 16])), Some("")),
        ],
    }
}

fn key(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

fn person() -> PersonId {
    person_id(&public_key(&key(200)))
}

fn card(n: u8, name: &str) -> DeviceCard {
    let (id, sign, tls) = (DeviceId([n; 16]), public_key(&key(n)), PublicKey([n; 32]));
    DeviceCard { id, sign, tls, name: name.into(), platform: "linux".into() }
}

/// An epoch with a laptop, which adds a telephone and a tablet, and removes the tablet.
fn roster_entries() -> Vec<Vec<u8>> {
    let mut roster = Roster::new(person());
    let mut entries = vec![Roster::sign_epoch(&key(200), 1, &[card(1, "Laptop")]).expect("an epoch")];
    roster.insert(&entries[0]).expect("a good entry");
    for (n, name) in [(2, "Telefon Žofie"), (3, "Tablet")] {
        entries.push(roster.sign_add(&key(1), DeviceId([1; 16]), &card(n, name)).expect("an addition"));
        roster.insert(&entries[entries.len() - 1]).expect("a good entry");
    }
    entries.push(
        roster.sign_remove(&key(1), DeviceId([1; 16]), DeviceId([3; 16]), &Default::default()).expect("a removal"),
    );
    entries
}

// ---- Where they lie ------------------------------------------------------------------------------------------------

fn fixtures() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures"))
}

/// The wire folder of every release.
fn releases() -> Vec<PathBuf> {
    let entries = fs::read_dir(fixtures()).expect("there are fixtures");
    let folders = entries.map(|entry| entry.expect("an entry").path().join("wire"));
    let found: Vec<PathBuf> = folders.filter(|folder| folder.is_dir()).collect();
    assert!(!found.is_empty(), "no release was kept");
    found
}

/// Every kept file: its folder, its name, its bytes.
fn kept() -> Vec<(PathBuf, String, Vec<u8>)> {
    let mut kept = Vec::new();
    for folder in releases() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            kept.push((folder.clone(), name, fs::read(&path).expect("a file")));
        }
    }
    kept
}

fn keep(name: &str, bytes: &[u8]) {
    let Some(release) = std::env::var_os("KITH_WRITE_FIXTURE") else { return };
    let folder = fixtures().join(release).join("wire");
    fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join(format!("{name}.bin"));
    if !file.exists() {
        fs::write(file, bytes).expect("the bytes are kept");
    }
}
