//! `kill -9` at any moment: what was acknowledged is there, and the file is whole.

use super::text;
use kith_tests::people::{Device, cards};
use std::{
    collections::BTreeSet,
    hash::{BuildHasher, RandomState},
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

const KILLS: u32 = 20;
const RESTART_MAX: Duration = Duration::from_secs(3);

#[test]
fn no_acknowledged_edit_is_lost_by_a_kill() {
    let mut device = Device::first("Laptop", "Mara");
    device.call(&["import", &device.write("old.vcf", cards::many(0, 10_000))]);
    let mut acknowledged: BTreeSet<String> = device.contact_ids().into_iter().collect();
    let chance = RandomState::new();
    let mut slowest = Duration::ZERO;
    for kill in 0..KILLS {
        let ready = device.restart();
        slowest = slowest.max(ready);
        assert!(ready < RESTART_MAX, "restart {kill} took {ready:?}");
        let moment = Duration::from_millis(chance.hash_one(kill) % 300);
        let fresh = add_until_killed(&mut device, moment);
        println!("kill {kill} after {moment:?}: {} additions were acknowledged", fresh.len());
        acknowledged.extend(fresh);
        assert_eq!(integrity(&device.folder(), &device.file("copy")), "ok", "after kill {kill}");
    }
    slowest = slowest.max(device.restart());
    println!("{} contacts acknowledged, the slowest restart took {slowest:?}", acknowledged.len());
    let there: BTreeSet<String> = device.contact_ids().into_iter().collect();
    let lost: Vec<_> = acknowledged.difference(&there).collect();
    assert!(lost.is_empty(), "acknowledged and gone: {lost:?}");
    assert!(acknowledged.len() > 10_000 + KILLS as usize / 2, "the story says something only if edits got through");
    device.stop();
}

/// Runs a script that adds contacts one by one until the hub is killed; returns the ids that it printed.
fn add_until_killed(device: &mut Device, moment: Duration) -> Vec<String> {
    let file = device.write("fresh.vcf", cards::one(9999).replace("UID", "X-NOT-UID"));
    let killed = AtomicBool::new(false);
    let start = Instant::now();
    let mut printed = Vec::new();
    // The script's commands are those of a person at another terminal.
    let hub = device.hub().id().to_string();
    thread::scope(|scope| {
        let killed = &killed;
        scope.spawn(move || {
            thread::sleep(moment);
            let status = std::process::Command::new("kill").args(["-9", &hub]).status();
            assert!(status.expect("`kill` is there").success());
            killed.store(true, Ordering::SeqCst);
        });
        while !killed.load(Ordering::SeqCst) {
            assert!(start.elapsed() < Duration::from_secs(60));
            let outcome = device.ask(&["--json", "contacts", "add", &file], "");
            if outcome.code == Some(0) {
                printed.push(text(&outcome.json()["id"]).to_owned());
            }
        }
    });
    device.kill();
    printed
}

/// What SQLite says of the file as the kill left it, of a copy so that the hub meets it untouched.
fn integrity(folder: &Path, copy: &Path) -> String {
    std::fs::create_dir_all(copy).unwrap();
    for name in ["book.db", "book.db-wal"] {
        let _absent = std::fs::remove_file(copy.join(name));
        if folder.join(name).exists() {
            std::fs::copy(folder.join(name), copy.join(name)).unwrap();
        }
    }
    let book = rusqlite::Connection::open(copy.join("book.db")).unwrap();
    book.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap()
}
