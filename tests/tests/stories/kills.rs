//! `kill -9` at any moment: what was acknowledged is there, and the file is whole.

use super::{integrity, text};
use kith_tests::people::{Device, cards, in_step, is_long, pair};
use std::{
    collections::BTreeSet,
    hash::{BuildHasher, RandomState},
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

const RESTART_MAX: Duration = Duration::from_secs(3);
/// Contacts that are there before the first kill.
const OLD: usize = 10_000;
/// Cards of one import.
const IMPORTED: usize = 100;

/// One device is killed while it starts, takes single contacts, or imports.
#[test]
fn no_acknowledged_edit_is_lost_by_a_kill() {
    let kills = if is_long() { 700 } else { 35 };
    let mut device = Device::first("Laptop", "Mara");
    device.call(&["import", &device.write("old.vcf", cards::many(0, OLD))]);
    let mut acknowledged: BTreeSet<String> = device.contact_ids().into_iter().collect();
    let mut imported = BTreeSet::new();
    let mut dice = Dice::default();
    let (mut slowest, mut next) = (Duration::ZERO, OLD);
    let mut counts = [0; 3];
    for kill in 0..kills {
        let kind = dice.below(3);
        counts[kind as usize] += 1;
        if kind == 0 {
            let mut hub = device.begin(&["--json", "run", "--listen", "127.0.0.1:0", "--no-mdns"]);
            thread::sleep(Duration::from_millis(dice.below(400)));
            hub.kill();
        } else {
            let ready = device.restart();
            slowest = slowest.max(ready);
            assert!(ready < RESTART_MAX, "restart {kill} took {ready:?}");
            if kind == 1 {
                acknowledged.extend(add_until_killed(&mut device, Duration::from_millis(dice.below(300))));
            } else {
                imported.extend(import_until_killed(&mut device, Duration::from_millis(dice.below(700)), next));
                next += IMPORTED;
            }
        }
        assert_eq!(integrity(&device.folder(), &device.file("copy")), "ok", "after kill {kill}");
    }
    slowest = slowest.max(device.restart());
    println!("{counts:?} kills while starting, adding, importing; the slowest restart took {slowest:?}");
    println!("{} contacts and {} cards of imports were acknowledged", acknowledged.len(), imported.len());
    let there: BTreeSet<String> = device.contact_ids().into_iter().collect();
    let lost: Vec<_> = acknowledged.difference(&there).collect();
    assert!(lost.is_empty(), "acknowledged and gone: {lost:?}");
    let cards = device.file("all.vcf");
    device.call(&["export", cards.to_str().unwrap()]);
    let cards = std::fs::read_to_string(cards).unwrap();
    for n in &imported {
        assert!(cards.contains(&format!("n{n:05}@example.org")), "card {n} was imported and is gone");
    }
    assert!(acknowledged.len() > OLD + kills as usize / 6, "the story says something only if edits got through");
    device.stop();
}

/// Two devices edit and talk to each other; now one is killed, now the other.
#[test]
fn no_edit_that_either_of_two_devices_acknowledged_is_lost_by_kills() {
    let kills = if is_long() { 300 } else { 15 };
    let mut devices = [Device::first("Laptop", "Mara"), Device::new("Desk")];
    devices[0].call(&["import", &devices[0].write("old.vcf", cards::many(0, 500))]);
    devices[0].start();
    let [laptop, desk] = &mut devices;
    pair(laptop, desk);
    in_step(&[laptop, desk]);
    let mut dice = Dice::default();
    let mut acknowledged = BTreeSet::new();
    for _ in 0..kills {
        let victim = dice.below(2) as usize;
        let (moment, other) = (Duration::from_millis(dice.below(400)), 1 - victim);
        // While one of them is off, the other has something new, so that they sync when it is back.
        let file = devices[other].write("fresh.vcf", fresh_card());
        acknowledged.insert(text(&devices[other].call(&["contacts", "add", &file])["id"]).to_owned());
        acknowledged.extend(add_until_killed(&mut devices[victim], moment));
        assert_eq!(integrity(&devices[victim].folder(), &devices[victim].file("copy")), "ok");
        let at = devices[other].address().to_string();
        devices[victim].start_with(&["--listen", "127.0.0.1:0", "--no-mdns", "--peer", &at]);
    }
    let [laptop, desk] = &mut devices;
    in_step(&[laptop, desk]);
    for device in [laptop, desk] {
        let there: BTreeSet<String> = device.contact_ids().into_iter().collect();
        let lost: Vec<_> = acknowledged.difference(&there).collect();
        assert!(lost.is_empty(), "acknowledged and gone from {}: {lost:?}", device.name);
        device.stop();
    }
    println!("{} contacts were acknowledged", acknowledged.len());
}

/// Runs a script that adds contacts one by one until the hub is killed; returns the ids that it printed.
fn add_until_killed(device: &mut Device, moment: Duration) -> Vec<String> {
    let file = device.write("fresh.vcf", fresh_card());
    let mut printed = Vec::new();
    until_killed(device, moment, |device| {
        let outcome = device.ask(&["--json", "contacts", "add", &file], "");
        if outcome.code == Some(0) {
            printed.push(text(&outcome.json()["id"]).to_owned());
        }
    });
    printed
}

/// Imports files until the hub is killed; returns the numbers of the cards that it said were imported.
fn import_until_killed(device: &mut Device, moment: Duration, first: usize) -> Vec<usize> {
    let file = device.write("import.vcf", cards::many(first, IMPORTED));
    let mut imported = Vec::new();
    until_killed(device, moment, |device| {
        let outcome = device.ask(&["--json", "import", &file], "");
        if outcome.code == Some(0) {
            assert_eq!(outcome.json()["failed"].as_array().map(Vec::len), Some(0));
            imported = (first..first + IMPORTED).collect();
        }
    });
    imported
}

/// Does something again and again until the hub is killed.
fn until_killed(device: &mut Device, moment: Duration, mut act: impl FnMut(&Device)) {
    let hub = device.hub().id().to_string();
    let killed = AtomicBool::new(false);
    let start = Instant::now();
    thread::scope(|scope| {
        let killed = &killed;
        scope.spawn(move || {
            thread::sleep(moment);
            let status = Command::new("kill").args(["-9", &hub]).status();
            assert!(status.expect("`kill` is there").success());
            killed.store(true, Ordering::SeqCst);
        });
        // The commands are those of a person at another terminal.
        while !killed.load(Ordering::SeqCst) {
            assert!(start.elapsed() < Duration::from_secs(60));
            act(device);
        }
    });
    device.kill();
}

/// A card without a UID: each time it is added it is somebody else.
fn fresh_card() -> String {
    cards::one(9999).replace("UID", "X-NOT-UID")
}

/// Other numbers on every run.
#[derive(Default)]
struct Dice {
    state: RandomState,
    rolled: u64,
}

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.rolled += 1;
        self.state.hash_one(self.rolled) % bound
    }
}
