//! Files of cards that another program writes, as accounts.

use super::{each, text};
use kith_tests::people::{Device, cards, in_step, pair};
use serde_json::Value;

const UID: &str = "UID:urn:kith-story:";

fn add(device: &Device, path: &str) -> Value {
    device.call(&["accounts", "add", "file", path, "--name", "Phone"])
}

/// Added, updated, unchanged, removed.
fn tally(synced: &Value) -> [u64; 4] {
    ["added", "updated", "unchanged", "removed"].map(|key| synced[key].as_u64().unwrap())
}

/// Contacts, trash, deletions that wait.
fn book(device: &Device) -> [u64; 3] {
    let status = device.call(&["status"]);
    [&status["book"]["contacts"], &status["book"]["trash"], &status["held"]].map(|value| value.as_u64().unwrap())
}

fn account(device: &Device) -> Value {
    device.call(&["accounts", "list"])["accounts"][0].clone()
}

#[test]
fn a_file_is_read_again_and_again_and_only_what_changed_is_written() {
    let device = Device::first("Laptop", "Mara");
    let path = device.write("phone.vcf", cards::many(0, 30));
    let synced = add(&device, &path);
    let id = text(&synced["id"]).to_owned();
    assert_eq!((tally(&synced), book(&device)), ([30, 0, 0, 0], [30, 0, 0]));
    let shown = account(&device);
    for (key, value) in [("kind", "file"), ("name", "Phone"), ("path", &path), ("state", "ready"), ("message", "")] {
        assert_eq!(shown[key], value, "{shown}");
    }
    assert_eq!((&shown["contacts"], shown["last_sync"].is_string()), (&30.into(), true));

    let version = device.call(&["status"])["book"]["version"].clone();
    assert_eq!(tally(&device.call(&["accounts", "sync", &id[..8]])), [0, 0, 30, 0]);
    assert_eq!(device.call(&["status"])["book"]["version"], version, "nothing is written");
    device.write("phone.vcf", cards::many(1, 30).replace("n00005@example.org", "five@example.org"));
    assert_eq!(tally(&device.call(&["accounts", "sync", &id])), [1, 1, 28, 1]);
    assert_eq!(book(&device), [30, 1, 0], "who is gone from the file is in the trash");
    device.find("five@example.org");
    device.write("phone.vcf", cards::many(0, 31));
    assert_eq!(tally(&device.call(&["accounts", "sync", &id])), [1, 1, 29, 0]);
    assert_eq!(book(&device), [31, 0, 0], "and comes back with the card");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), cards::many(0, 31), "the file is never written");
    device.refused("nothing_to_undo", &["contacts", "undo"]);
}

#[test]
fn a_folder_of_cards_is_one_account_and_is_read_at_every_start() {
    let mut device = Device::first("Laptop", "Mara");
    let folder = device.file("cards");
    std::fs::create_dir(&folder).unwrap();
    for n in 0..12 {
        std::fs::write(folder.join(format!("{n}.vcf")), cards::one(n)).unwrap();
    }
    std::fs::write(folder.join("notes.txt"), "no cards").unwrap();
    let synced = device.call(&["accounts", "add", "file", folder.to_str().unwrap()]);
    assert_eq!((tally(&synced), &account(&device)["name"]), ([12, 0, 0, 0], &"cards".into()));
    std::fs::write(folder.join("12.vcf"), cards::one(12)).unwrap();
    std::fs::remove_file(folder.join("3.vcf")).unwrap();
    device.start();
    kith_tests::people::wait_until("the folder is read", || (book(&device) == [12, 1, 0]).then_some(()));
    device.stop();
    std::fs::write(folder.join("5.vcf"), [0, 1, 2]).unwrap();
    let synced = device.call(&["accounts", "sync", text(&synced["id"])]);
    assert_eq!((tally(&synced), each(&synced["failed"], "file")), ([0, 0, 11, 0], vec!["5.vcf"]));
    assert_eq!(book(&device), [12, 1, 0], "a card that cannot be read is not gone");
}

#[test]
fn a_card_that_the_book_knows_joins_its_contact() {
    let device = Device::first("Laptop", "Mara");
    device.call(&["import", &device.write("old.vcf", cards::many(0, 20).replace(&format!("{UID}000007"), "X-NO:"))]);
    let path = device.write("phone.vcf", cards::many(0, 20).replace(&format!("{UID}000007"), "X-NO:"));
    let synced = add(&device, &path);
    assert_eq!((tally(&synced), book(&device)), ([0, 20, 0, 0], [20, 0, 0]), "by UID, or by all it says");
    device.write("phone.vcf", cards::many(0, 18));
    let id = text(&synced["id"]);
    device.call(&["accounts", "sync", id]);
    assert!(book(&device)[..2] == [21, 0], "what I wrote myself stays: {:?}", book(&device));
}

#[test]
fn a_source_that_suddenly_reports_five_percent_deletes_nothing_and_asks_once() {
    let device = Device::first("Laptop", "Mara");
    let path = device.write("phone.vcf", cards::many(0, 100));
    let id = text(&add(&device, &path)["id"]).to_owned();
    device.write("phone.vcf", cards::many(95, 6));
    let synced = device.call(&["accounts", "sync", &id]);
    assert_eq!((tally(&synced), book(&device)), ([1, 0, 5, 0], [101, 0, 1]), "what is new comes in");
    let held = text(&synced["held"]).to_owned();
    assert_eq!(device.call(&["accounts", "sync", &id])["held"], held.as_str());
    let waiting = device.call(&["held", "list"])["held"].clone();
    assert_eq!(each(&waiting, "what"), ["Phone no longer has 95 of 100 contacts"]);
    assert_eq!((&waiting[0]["count"], &account(&device)["state"]), (&95.into(), &"held".into()));

    device.write("phone.vcf", cards::many(0, 101));
    device.call(&["accounts", "sync", &id]);
    assert_eq!(book(&device), [101, 0, 0], "the source is whole again, and nothing waits");
    device.write("phone.vcf", cards::many(95, 6));
    device.call(&["accounts", "sync", &id]);
    device.call(&["contacts", "set", &device.find("n00010@example.org"), "TITLE=Captain"]);
    let applied = device.call(&["held", "apply", &held]);
    assert_eq!((&applied["count"], &applied["left"], book(&device)), (&94.into(), &1.into(), [7, 94, 0]));
    device.call(&["contacts", "undo"]);
    assert_eq!(book(&device), [101, 0, 0]);
}

#[test]
fn an_emptied_or_missing_source_removes_nothing() {
    let mut device = Device::first("Laptop", "Mara");
    let path = device.write("phone.vcf", cards::many(0, 40));
    let id = text(&add(&device, &path)["id"]).to_owned();
    device.write("phone.vcf", "");
    let synced = device.call(&["accounts", "sync", &id]);
    assert_eq!((tally(&synced), book(&device)), ([0, 0, 0, 0], [40, 0, 1]));
    let held = text(&synced["held"]).to_owned();
    device.call(&["held", "discard", &held]);
    assert_eq!(device.call(&["accounts", "sync", &id]).get("held"), None, "a no is a no");
    assert_eq!(book(&device), [40, 0, 0]);

    std::fs::remove_file(&path).unwrap();
    let why = device.refused("file_unavailable", &["accounts", "sync", &id]);
    assert!(why.contains("phone.vcf") && why.contains("Nothing was changed"), "{why}");
    let shown = account(&device);
    assert_eq!((&shown["state"], &shown["message"], book(&device)), (&"failed".into(), &why.into(), [40, 0, 0]));
    device.start();
    assert_eq!(book(&device), [40, 0, 0]);
    device.stop();
    device.write("phone.vcf", [0, 159, 146, 150]);
    device.refused("file_unavailable", &["accounts", "sync", &id]);
    device.write("phone.vcf", cards::many(0, 40));
    assert_eq!(tally(&device.call(&["accounts", "sync", &id])), [0, 0, 40, 0]);
    assert_eq!(account(&device)["state"], "ready");
}

#[test]
fn a_file_that_is_still_being_written_removes_nothing() {
    let device = Device::first("Laptop", "Mara");
    let all = cards::many(0, 40);
    let path = device.write("phone.vcf", &all);
    let id = text(&add(&device, &path)["id"]).to_owned();
    let most = all[..all.find("n00037").unwrap()].len();
    device.write("phone.vcf", &all[..most]);
    let synced = device.call(&["accounts", "sync", &id]);
    assert_eq!((synced["removed"].as_u64(), book(&device)), (Some(0), [40, 0, 0]), "{synced}");
}

#[test]
fn disconnecting_takes_out_what_only_the_account_said_and_undo_brings_it_back() {
    let device = Device::first("Laptop", "Mara");
    device.call(&["import", &device.write("old.vcf", cards::many(0, 10))]);
    let path = device.write("phone.vcf", cards::many(0, 80));
    let id = text(&add(&device, &path)["id"]).to_owned();
    assert_eq!(book(&device), [80, 0, 0]);
    assert_eq!(device.call(&["accounts", "remove", &id])["count"], 80);
    assert_eq!(book(&device), [10, 70, 0], "no contact that I wrote goes with it");
    assert_eq!(device.call(&["accounts", "list"])["accounts"], Value::Array(Vec::new()));
    device.refused("not_found", &["accounts", "sync", &id]);
    let undone = device.call(&["contacts", "undo"]);
    assert!(text(&undone["what"]).contains("Phone"), "{undone}");
    assert_eq!((book(&device), &account(&device)["state"]), ([80, 0, 0], &"ready".into()));
    assert_eq!(tally(&device.call(&["accounts", "sync", &id])), [0, 0, 80, 0]);
    device.refused("bad_request", &["accounts", "add", "carddav", &path]);
    device.refused("file_unavailable", &["accounts", "add", "file", "/nowhere/phone.vcf"]);
    device.refused(
        "bad_request",
        &["accounts", "add", "file", &device.write("b.vcf", &*cards::one(1)), "--name", "Phone"],
    );
}

#[test]
fn whoever_i_put_into_the_trash_stays_there_while_the_source_still_has_them() {
    let mut device = Device::first("Laptop", "Mara");
    let path = device.write("phone.vcf", cards::many(0, 30));
    let id = text(&add(&device, &path)["id"]).to_owned();
    let contact = device.find("n00007@example.org");
    device.call(&["contacts", "trash", &contact]);
    device.write("phone.vcf", cards::many(0, 30).replace("n00007@example.org", "seven@example.org"));
    assert_eq!(tally(&device.call(&["accounts", "sync", &id])), [0, 0, 30, 0]);
    device = device.with_env("KITH_CLOCK_OFFSET", "31d");
    device.start();
    assert_eq!(tally(&device.call(&["accounts", "sync", &id])), [0, 0, 30, 0]);
    assert_eq!(book(&device), [29, 1, 0], "it does not come back after the 30 days either");
    device.call(&["contacts", "restore", &contact]);
    assert_eq!(tally(&device.call(&["accounts", "sync", &id])), [0, 1, 29, 0]);
    assert_eq!(device.find("seven@example.org"), contact);
    device.stop();
}

#[test]
fn two_devices_that_read_the_same_file_agree_and_a_reinstalled_one_doubles_nobody() {
    let mut laptop = Device::first("Laptop", "Mara");
    laptop.start();
    let mut desk = Device::new("Desk");
    pair(&laptop, &mut desk);
    in_step(&[&laptop, &desk]);
    laptop.stop();
    desk.stop();
    let all = cards::many(0, 60);
    for device in [&laptop, &desk] {
        assert_eq!(tally(&add(device, &device.write("phone.vcf", &all))), [60, 0, 0, 0]);
    }
    laptop.start();
    desk.start_near(&[&laptop]);
    let book = in_step(&[&laptop, &desk]);
    assert_eq!((&book["contacts"], &book["undecided"]), (&60.into(), &0.into()));
    assert_eq!(account(&laptop)["id"], account(&desk)["id"]);

    let mut fresh = Device::new("Reinstalled");
    pair(&laptop, &mut fresh);
    assert_eq!(in_step(&[&laptop, &fresh])["contacts"], 60);
    assert_eq!(account(&fresh)["state"], "elsewhere");
    fresh.refused("bad_request", &["accounts", "sync", text(&account(&fresh)["id"])]);
    assert_eq!(tally(&add(&fresh, &fresh.write("phone.vcf", &all))), [0, 0, 60, 0]);
    assert_eq!(in_step(&[&laptop, &fresh])["contacts"], 60);
    fresh.call(&["accounts", "remove", text(&account(&fresh)["id"])]);
    let book = in_step(&[&laptop, &desk, &fresh]);
    assert_eq!((&book["contacts"], &book["trash"]), (&0.into(), &60.into()));
    assert_eq!(desk.call(&["accounts", "list"])["accounts"], Value::Array(Vec::new()), "on every device");
}
