//! Where a device's keys are, devices that are removed or lost, and what the recovery code does.

use super::{each, text};
use kith_tests::people::{Device, KeyStore, Relay, cards, in_step, pair, wait_until};
use serde_json::Value;
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

#[test]
fn a_copied_folder_alone_cannot_connect_when_the_keys_are_in_the_key_store() {
    let Some(store) = KeyStore::start("a copied folder alone cannot connect") else { return };
    let mut laptop = store.of(Device::new("Laptop"));
    let made = laptop.call(&["init", "--name", "Laptop", "--person", "Mara"]);
    assert_eq!((&made["keys"], &made["keys_sealed"]), (&"os".into(), &false.into()));
    laptop.call_with(&["contacts", "add"], &cards::one(1));
    assert_eq!(laptop.call(&["status"])["keys"], "os");
    let size = fs::metadata(laptop.folder().join("keys")).unwrap().len();
    assert!(size < 64, "{size} bytes hold a name and no key");

    let elsewhere = Device::new("Laptop").without_key_store();
    copy(&laptop.folder(), &elsewhere.folder());
    for words in [&["status"][..], &["contacts", "list"], &["run", "--listen", "127.0.0.1:0", "--no-mdns"]] {
        let told = elsewhere.refused_once("keys_unavailable", words, "");
        assert!(told.contains("copied folder") && told.contains("pair this device anew"), "{told}");
    }
    elsewhere.refused("keys_unavailable", &["status"]);
    let other_user = KeyStore::start("a copied folder in another key store").unwrap();
    let there = other_user.of(Device::new("Laptop"));
    copy(&laptop.folder(), &there.folder());
    assert!(there.refused("keys_unavailable", &["status"]).contains("does not hold them"));

    // Where it belongs it goes on working, and its keys move when they are asked to.
    laptop.start();
    laptop.stop();
    laptop = laptop.with_keys(Some("file"));
    assert_eq!(laptop.call(&["status"])["keys"], "file");
    laptop = laptop.without_key_store();
    assert_eq!(laptop.call(&["status"])["book"]["contacts"], 1);
    laptop = store.of(laptop).with_keys(Some("os"));
    assert_eq!(laptop.call(&["status"])["keys"], "os");
}

#[test]
fn without_a_key_store_the_keys_are_in_a_file_and_init_says_so() {
    for wish in [None, Some("os")] {
        let laptop = Device::new("Laptop").without_key_store().with_keys(wish);
        let told = laptop.ask(&["init", "--name", "Laptop"], "");
        assert!(told.out.contains("in a file") && told.out.contains("disk encryption"), "{told:?}");
        assert_eq!(laptop.call(&["status"])["keys"], "file");
        assert!(laptop.ask(&["status"], "").out.contains("in a file"));
    }
}

#[cfg(unix)]
#[test]
fn a_key_store_that_never_answers_holds_nobody_up() {
    let laptop = Device::new("Laptop");
    let socket = laptop.file("bus");
    let _silent = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let laptop =
        laptop.with_keys(None).with_env("DBUS_SESSION_BUS_ADDRESS", &format!("unix:path={}", socket.display()));
    let start = Instant::now();
    assert_eq!(laptop.call(&["init", "--name", "Laptop"])["keys"], "file");
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn sealed_keys_want_their_passphrase() {
    let mut laptop = Device::new("Laptop").without_key_store();
    let (right, wrong) = (laptop.write("right", "three blind mice\n"), laptop.write("wrong", "three kind mice\n"));
    let right = ["--passphrase-file", &right];
    let made = laptop.call(&[&right[..], &["init", "--name", "Laptop"]].concat());
    assert_eq!((&made["keys"], &made["keys_sealed"]), (&"file".into(), &true.into()));
    assert!(laptop.refused("keys_unavailable", &["status"]).contains("--passphrase-file"));
    let told = laptop.refused("keys_unavailable", &["--passphrase-file", &wrong, "status"]);
    assert!(told.contains("does not open"), "{told}");
    assert_eq!(laptop.call(&[&right[..], &["status"]].concat())["keys_sealed"], true);

    // As a service, by what systemd hands over.
    laptop.write("kith-passphrase", "three blind mice");
    let credentials = laptop.file("");
    laptop = laptop.with_env("CREDENTIALS_DIRECTORY", credentials.to_str().unwrap());
    laptop.start();
    laptop.stop();
    let missing = laptop.refused("keys_unavailable", &["--passphrase-file", "/nowhere/at/all", "status"]);
    assert!(missing.contains("/nowhere/at/all"), "{missing}");
}

#[test]
fn the_recovery_code_is_checked_as_it_was_typed() {
    let laptop = Device::new("Laptop");
    let code = init(&laptop, "Mara");
    let typed = format!("  {}\n", code.to_lowercase().replace('-', " "));
    assert_eq!(laptop.call_with(&["recovery", "check"], &typed)["person"]["name"], "Mara");
    let slipped = if code.starts_with('A') { code.replacen('A', "B", 1) } else { format!("A{}", &code[1..]) };
    assert!(laptop.refused_with("wrong_code", &["recovery", "check"], &slipped).contains("typing mistake"));
    assert!(laptop.refused_with("wrong_code", &["recovery", "check"], &code[..20]).contains("28 characters"));
    let other = init(&Device::new("Desk"), "Otto");
    assert!(laptop.refused_with("wrong_code", &["recovery", "check"], &other).contains("not this person's"));
    laptop.refused_with("wrong_code", &["recovery", "open"], &other);
}

#[test]
fn a_device_that_is_revoked_while_it_is_off_gets_nothing_more_and_is_told_by_whom() {
    let (mut laptop, code) = laptop();
    let (mut desk, mut tablet) = (Device::new("Desk"), Device::new("Tablet"));
    pair(&laptop, &mut desk);
    pair(&laptop, &mut tablet);
    in_step(&[&laptop, &desk, &tablet]);
    tablet.call(&["contacts", "set", &tablet.find("n00002@example.org"), "NOTE=written while it was in"]);
    in_step(&[&laptop, &desk, &tablet]);
    tablet.stop();
    tablet.call(&["contacts", "set", &tablet.find("n00001@example.org"), "NOTE=written on the way"]);

    let tablet_id = id_of(&tablet);
    let revoked = laptop.call(&["devices", "revoke", &tablet_id[..8]]);
    assert_eq!((&revoked["name"], &revoked["recovery_due"]), (&"Tablet".into(), &true.into()));
    assert_eq!(laptop.call(&["status"])["recovery_due"], true);
    laptop.refused("not_found", &["devices", "revoke", &tablet_id]);
    let me = id_of(&laptop);
    assert!(laptop.refused("bad_request", &["devices", "revoke", &me]).contains("another one"));
    laptop.refused_with("wrong_code", &["recovery", "open"], "0000");
    let opened = laptop.call_with(&["recovery", "open"], &code);
    assert_eq!((&opened["epoch"], each(&opened["devices"], "name").len()), (&2.into(), 2));
    wait_until("the desk has heard", || (!names(&desk).contains(&"Tablet".into())).then_some(()));
    assert_eq!(laptop.call(&["status"])["recovery_due"], false);
    let id = text(&laptop.call_with(&["contacts", "add"], &cards::one(7))["id"]).to_owned();
    in_step(&[&laptop, &desk]);

    let before = tablet.call(&["status"])["book"]["version"].clone();
    tablet.start_near(&[&laptop, &desk]);
    let removed = is_removed(&tablet);
    assert_eq!(removed["by"], "Laptop", "{removed}");
    let told = text(&removed["message"]);
    assert!(told.starts_with("This device was removed by Laptop on 20"), "{told}");
    assert_eq!(tablet.call(&["status"])["book"]["version"], before, "nothing came");
    tablet.refused("not_found", &["contacts", "show", &id]);
    tablet.refused("removed", &["pair", "show"]);
    tablet.refused("removed", &["devices", "revoke", &me]);
    for device in [&laptop, &desk] {
        let card = device.find("n00001@example.org");
        let card = device.call(&["contacts", "show", &card]);
        assert!(!card.to_string().contains("written on the way"), "what it wrote is not taken: {card}");
    }
    // It remembers, and so does whoever it meets after a restart.
    tablet.stop();
    laptop.stop();
    laptop.start();
    tablet.start_near(&[&laptop]);
    assert_eq!(is_removed(&tablet)["by"], "Laptop");
    laptop.call(&["contacts", "set", &id, "NOTE=still in step"]);
    desk.stop();
    desk.start_near(&[&laptop]);
    in_step(&[&laptop, &desk]);
    // What it wrote before stays, for devices that come later as well.
    let mut nas = Device::new("NAS");
    pair(&desk, &mut nas);
    in_step(&[&laptop, &desk, &nas]);
    assert_eq!(nas.property(&nas.find("n00002@example.org"), "NOTE")["value"], "written while it was in");
}

#[test]
fn whoever_has_the_old_folder_of_a_revoked_device_reads_no_new_byte() {
    let (mut laptop, code) = laptop();
    let mut tablet = Device::new("Tablet");
    pair(&laptop, &mut tablet);
    in_step(&[&laptop, &tablet]);
    tablet.stop();
    // The whole folder, keys and all, and a card of the thief's own.
    let mut thief = Device::new("Tablet");
    copy(&tablet.folder(), &thief.folder());
    thief.call_with(&["contacts", "add"], "BEGIN:VCARD\nVERSION:3.0\nFN:Trojan\nEND:VCARD\n");
    tablet.start_near(&[&laptop]);
    wait_until("the tablet is near", || (laptop.call(&["status"])["peers"][0]["path"] == "lan").then_some(()));

    let lost = laptop.call_with(&["devices", "lost", &id_of(&tablet), "--recovery-code"], &code);
    assert_eq!(lost["recovery_due"], false);
    assert_eq!(each(&lost["renewed"], "what"), ["lan", "epoch"]);
    assert!(lost["renewed"].as_array().unwrap().iter().all(|renewed| renewed["done"] == true), "{lost}");
    let finder = &lost["finder"];
    assert_eq!((&finder["contacts"], &finder["behind"]), (&3.into(), &0.into()), "{finder}");
    assert!(text(&finder["as_of"]).starts_with("20") && text(&finder["message"]).contains("3 contacts"), "{finder}");
    // Connected as it was, it is told at once.
    assert_eq!(is_removed(&tablet)["by"], "Laptop");

    laptop.call(&["import", &laptop.write("new.vcf", cards::many(100, 500))]);
    // Where it knows the laptop to be nobody is any more; all it hears comes through the relay.
    laptop.stop();
    laptop.start();
    let relay = Relay::to(laptop.address());
    let at = relay.address().to_string();
    thief.start_with(&["--listen", "127.0.0.1:0", "--no-mdns", "--peer", &at]);
    assert_eq!(is_removed(&thief)["by"], "Laptop");
    let heard = relay.bytes_from_target();
    println!("{heard} bytes came to the thief");
    assert!(heard < 20_000, "{heard} bytes");
    assert_eq!(thief.call(&["status"])["book"]["contacts"], 4);
    assert_eq!(laptop.call(&["contacts", "list", "--find", "Trojan"])["total"], 0, "what it pushed is not taken");
    assert_eq!(laptop.call(&["status"])["peers"], Value::Array(Vec::new()));
}

#[test]
fn two_devices_that_remove_each_other_are_told_apart_by_the_recovery_code() {
    let (mut laptop, code) = laptop();
    let (mut desk, mut tablet) = (Device::new("Desk"), Device::new("Tablet"));
    pair(&laptop, &mut desk);
    pair(&laptop, &mut tablet);
    in_step(&[&laptop, &desk, &tablet]);
    laptop.stop();
    desk.stop();
    let (laptop_id, desk_id) = (id_of(&laptop), id_of(&desk));
    laptop.call(&["devices", "revoke", &desk_id]);
    desk.call(&["devices", "revoke", &laptop_id]);
    desk.start_near(&[&tablet]);
    laptop.start_near(&[&tablet]);
    wait_until("only the tablet is left", || (names(&tablet) == ["Tablet"]).then_some(()));
    is_removed(&laptop);
    is_removed(&desk);

    let opened = laptop.call_with(&["recovery", "open"], &code);
    assert_eq!(each(&opened["devices"], "name").len(), 2, "{opened}");
    wait_until("the tablet has heard", || (names(&tablet) == ["Tablet", "Laptop"]).then_some(()));
    assert!(laptop.call(&["status"])["removed"].is_null());
    laptop.call_with(&["contacts", "add"], &cards::one(8));
    in_step(&[&laptop, &tablet]);
    assert_eq!(is_removed(&desk)["by"], "Laptop");

    // It was a mistake: the code brings the desk back as well.
    laptop.call_with(&["recovery", "open", "--with", &desk_id], &code);
    desk.stop();
    desk.start_near(&[&laptop]);
    in_step(&[&laptop, &tablet, &desk]);
    assert!(desk.call(&["status"])["removed"].is_null());
}

#[test]
fn what_a_revoked_device_let_in_stays_unless_it_is_to_go_too() {
    let mut laptop = Device::first("Laptop", "Mara");
    laptop.start();
    let (mut desk, mut tablet) = (Device::new("Desk"), Device::new("Tablet"));
    pair(&laptop, &mut desk);
    pair(&desk, &mut tablet);
    in_step(&[&laptop, &desk, &tablet]);
    let desk_id = id_of(&desk);
    let revoked = laptop.call(&["devices", "revoke", &desk_id]);
    assert_eq!((each(&revoked["kept"], "name"), each(&revoked["removed"], "name")), (vec!["Tablet"], vec![]));
    assert_eq!(names(&laptop), ["Laptop", "Tablet"]);
    tablet.stop();
    tablet.start_near(&[&laptop]);
    laptop.call_with(&["contacts", "add"], &cards::one(1));
    in_step(&[&laptop, &tablet]);

    let (mut nas, mut phone) = (Device::new("NAS"), Device::new("Phone"));
    pair(&laptop, &mut nas);
    pair(&nas, &mut phone);
    in_step(&[&laptop, &nas, &phone]);
    let lost = laptop.call(&["devices", "lost", &id_of(&nas), "--with-added"]);
    assert_eq!((each(&lost["kept"], "name"), each(&lost["removed"], "name")), (vec![], vec!["Phone"]));
    assert_eq!(lost["renewed"][1]["done"], false, "the code is still to come: {lost}");
    assert_eq!(is_removed(&phone)["by"], "Laptop");
    assert_eq!(names(&laptop), ["Laptop", "Tablet"]);
}

/// A running first device with three contacts, and the recovery code.
fn laptop() -> (Device, String) {
    let mut laptop = Device::new("Laptop");
    let code = init(&laptop, "Mara");
    laptop.call(&["import", &laptop.write("old.vcf", cards::many(0, 3))]);
    laptop.start();
    (laptop, code)
}

fn init(device: &Device, person: &str) -> String {
    text(&device.call(&["init", "--name", &device.name, "--person", person])["recovery_code"]).to_owned()
}

fn id_of(device: &Device) -> String {
    text(&device.call(&["status"])["device"]["id"]).to_owned()
}

/// The names of the devices as one of them lists them.
fn names(device: &Device) -> Vec<String> {
    each(&device.call(&["devices", "list"])["devices"], "name").into_iter().map(str::to_owned).collect()
}

/// Waits until a device knows that it was removed, and returns how.
fn is_removed(device: &Device) -> Value {
    wait_until(format!("{} knows that it was removed", device.name), || {
        Some(device.call(&["status"])["removed"].clone()).filter(|removed| !removed.is_null())
    })
}

/// Copies a folder, as a thief or a restore does; sockets stay behind.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}
