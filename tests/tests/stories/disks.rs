//! A disk that is full, and a disk that turns bits: nothing is lost, everything is said, and it goes on.

use super::{
    copies::{id_of, let_in_again, waits},
    integrity, text,
};
use kith_tests::people::{Device, DiskWaits, SmallDisk, cards, in_step, is_long, pair, section, skip, wait_until};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    thread,
};

const DISK_BYTES: u64 = 8 << 20;

#[test]
fn a_full_disk_refuses_and_says_so_and_there_is_nothing_to_repair_when_it_has_room() {
    let mut device = Device::new("Laptop");
    let Some(disk) = SmallDisk::under(&device, DISK_BYTES, "a full disk") else { return };
    device.call(&["init", "--name", "Laptop", "--person", "Mara"]);
    device.call(&["import", &device.write("old.vcf", cards::many(0, 40))]);
    device.start();
    let fresh = device.write("fresh.vcf", cards::one(9999).replace("UID", "X-NOT-UID"));
    let many = device.write("many.vcf", cards::many(1000, 60));
    let mut acknowledged: BTreeSet<String> = device.contact_ids().into_iter().collect();
    let first = acknowledged.first().unwrap().clone();
    // Writes that must fail before the story goes on.
    let refusals = if is_long() { 500 } else { 200 };
    let (mut refused, mut sets) = (0, 0);
    disk.fill();
    for attempt in 0.. {
        let note = format!("NOTE={attempt} {}", "long ".repeat(attempt % 300));
        let group = format!("Group {attempt}");
        let words: [&[&str]; 4] = [
            &["contacts", "add", &fresh],
            &["contacts", "set", &first, &note],
            &["import", &many],
            &["groups", "add", &group],
        ];
        // What little room there is ends at another place each time.
        if attempt % 7 == 0 {
            disk.make_room((attempt as u64 * 4096) % 40_000);
        }
        let words = words[attempt % 4];
        let outcome = device.ask(&[&["--json"], words].concat(), "");
        let answer = outcome.json();
        match outcome.code {
            Some(0) if attempt % 4 == 0 => drop(acknowledged.insert(text(&answer["id"]).to_owned())),
            Some(0) => sets += 1,
            _ => {
                assert_eq!(answer["error"]["code"], "storage_failed", "{words:?}: {answer}\n{}", device.told());
                assert!(text(&answer["error"]["message"]).contains("disk is full"), "{answer}");
                refused += 1;
            }
        }
        assert!(device.runs(), "{}", device.told());
        if refused == refusals {
            break;
        }
        assert!(attempt < 20 * refusals, "the disk is never full: {refused} of {attempt} were refused");
        disk.fill();
    }
    println!("{refused} writes were refused, {} contacts and {sets} others were acknowledged", acknowledged.len());
    device.call(&["contacts", "show", &first]);

    section("There is room again");
    disk.empty();
    acknowledged.insert(text(&device.call(&["contacts", "add", &fresh])["id"]).to_owned());
    let there: BTreeSet<String> = device.contact_ids().into_iter().collect();
    assert_eq!(acknowledged.difference(&there).collect::<Vec<_>>(), Vec::<&String>::new(), "acknowledged and gone");
    assert_eq!(integrity(&device.folder(), &device.file("copy")), "ok");
    device.kill();
    device.start();
    assert!(there.is_subset(&device.contact_ids().into_iter().collect()));
    device.stop();
}

#[test]
fn what_is_acknowledged_was_waited_for_on_the_disk() {
    const EDITS: usize = 40;
    let mut device = Device::first("Laptop", "Mara");
    device.start();
    let fresh = device.write("fresh.vcf", cards::one(1).replace("UID", "X-NOT-UID"));
    device.call(&["contacts", "add", &fresh]);
    let hub = device.hub().id();
    let Some(waits) = DiskWaits::of(hub) else {
        return skip("waits for the disk: it needs Linux, strace, and leave to trace");
    };
    (0..EDITS).for_each(|_| drop(device.call(&["contacts", "add", &fresh])));
    let one_by_one = waits.count();
    let waits = DiskWaits::of(hub).expect("it could be traced a moment ago");
    let (device, fresh) = (&device, fresh.as_str());
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(move || (0..EDITS / 8).for_each(|_| drop(device.call(&["contacts", "add", fresh]))));
        }
    });
    let at_once = waits.count();
    println!("{EDITS} edits: {one_by_one} waits one after the other, {at_once} from 8 at once");
    assert!(one_by_one >= EDITS, "an edit was acknowledged that had not reached the disk");
    assert!(at_once > 0 && at_once <= one_by_one + EDITS / 4, "edits at once cost no more than one by one");
    assert_eq!(device.call(&["status"])["book"]["contacts"], 1 + 2 * EDITS);
}

#[test]
fn what_a_full_disk_could_not_take_stays_with_the_sender_until_it_can() {
    let mut laptop = Device::first("Laptop", "Mara");
    let mut desk = Device::new("Desk");
    let Some(disk) = SmallDisk::under(&desk, DISK_BYTES, "a receiver whose disk is full") else { return };
    laptop.call(&["import", &laptop.write("old.vcf", cards::many(0, 40))]);
    laptop.start();
    pair(&laptop, &mut desk);
    in_step(&[&laptop, &desk]);
    let before = desk.call(&["status"])["book"].clone();
    disk.fill();
    laptop.call(&["import", &laptop.write("new.vcf", cards::many(100, 800))]);
    wait_until("the desk meets the end of its disk", || desk.log().contains("disk is full").then_some(()));
    let behind = laptop.call(&["status"])["peers"][0]["behind"].as_u64().unwrap();
    let held = desk.call(&["status"])["book"].clone();
    let taken = held["contacts"].as_u64().unwrap() - before["contacts"].as_u64().unwrap();
    println!("the desk took {taken} of 800; the laptop counts {behind} as not taken");
    assert!(behind > 0 && behind + taken >= 800, "nothing counts as taken that is not on the disk");
    assert!(desk.runs() && laptop.runs());

    section("There is room again");
    disk.empty();
    assert_eq!(in_step(&[&laptop, &desk])["contacts"], 840);
    assert_eq!(integrity(&desk.folder(), &desk.file("copy")), "ok");
    laptop.stop();
    desk.stop();
}

#[test]
fn a_damaged_file_is_built_anew_and_other_devices_never_see_the_damage() {
    // For this device every snapshot is older than a day.
    let mut laptop = Device::new("Laptop").with_env("KITH_CLOCK_OFFSET", "2d");
    laptop.call(&["init", "--name", "Laptop", "--person", "Mara"]);
    laptop.call(&["import", &laptop.write("old.vcf", cards::many(0, 300))]);
    laptop.start();
    let mut desk = Device::new("Desk");
    pair(&laptop, &mut desk);
    let book = in_step(&[&laptop, &desk]);
    laptop.stop();
    desk.stop();

    section("A bit turns in what a contact says");
    turn_a_bit(&laptop, "n00007@example.org");
    laptop.call(&["contacts", "set", &laptop.find("n00100@example.org"), "TITLE=Captain"]);
    laptop.start();
    desk.start_near(&[&laptop]);
    wait_until("the damage is noticed and mended", || damaged(&laptop).pop());
    let again = in_step(&[&laptop, &desk]);
    assert_eq!(again["contacts"], book["contacts"]);
    for device in [&laptop, &desk] {
        assert_eq!(device.property(&device.find("n00007@example.org"), "EMAIL")["value"], "n00007@example.org");
        assert_eq!(device.property(&device.find("n00100@example.org"), "TITLE")["value"], "Captain");
    }
    assert!(laptop.log().contains("was built anew"), "{}", laptop.told());
    assert_eq!(integrity(&laptop.folder(), &laptop.file("copy")), "ok");

    section("The file is gone, cut short, or something else altogether");
    let snapshot = laptop.folder().join("book.snapshot.db");
    wait_until("the snapshot is of the mended book", || (hash_in(&snapshot) == text(&again["hash"])).then_some(()));
    for replace in [None, Some(Vec::new()), Some(b"not a book at all".repeat(1000))] {
        let before = id_of(&laptop);
        laptop.stop();
        let _no_log = fs::remove_file(laptop.folder().join("book.db-wal"));
        match replace {
            None => fs::remove_file(laptop.folder().join("book.db")).unwrap(),
            Some(bytes) => fs::write(laptop.folder().join("book.db"), bytes).unwrap(),
        }
        laptop.start();
        // What the snapshot does not know this device may have written: its numbers are not given again.
        waits(&laptop);
        assert_ne!(id_of(&laptop), before, "it goes on as another device");
        let_in_again(&desk, &laptop);
        let now = in_step(&[&laptop, &desk]);
        assert_eq!((&now["contacts"], &now["trash"]), (&300.into(), &0.into()), "nothing is deleted by damage");
        assert_eq!(now["hash"], again["hash"]);
    }
    laptop.stop();
    desk.stop();
}

/// The book's hash as a snapshot names it.
fn hash_in(snapshot: &Path) -> String {
    let Ok(db) = rusqlite::Connection::open(snapshot) else { return String::new() };
    db.query_row("SELECT lower(hex(hash)) FROM books", [], |row| row.get(0)).unwrap_or_default()
}

/// Files that were kept aside.
fn damaged(device: &Device) -> Vec<PathBuf> {
    let entries = fs::read_dir(device.folder()).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("book.damaged-")).collect()
}

/// Turns one bit of every place in the file where this is written.
fn turn_a_bit(device: &Device, text: &str) {
    let file = device.folder().join("book.db");
    let mut bytes = fs::read(&file).unwrap();
    let places: Vec<usize> =
        bytes.windows(text.len()).enumerate().filter(|(_, w)| *w == text.as_bytes()).map(|(at, _)| at).collect();
    assert!(!places.is_empty());
    places.into_iter().for_each(|at| bytes[at + 3] ^= 1);
    fs::write(&file, bytes).unwrap();
}
