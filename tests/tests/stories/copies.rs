//! Data folders that were copied, or brought back from an earlier day, and go on being used (rule 3.1/9, quality R5).

use super::{each, text};
use kith_tests::people::{Device, cards, in_step, pair, section, wait_until};
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::Path};

/// A laptop and a desk that share fifty contacts, both running.
fn laptop_and_desk() -> (Device, Device) {
    let (laptop, desk, _) = laptop_desk_and_code();
    (laptop, desk)
}

/// The same, and the recovery code.
fn laptop_desk_and_code() -> (Device, Device, String) {
    let mut laptop = Device::new("Laptop");
    let made = laptop.call(&["init", "--name", "Laptop", "--person", "Mara"]);
    laptop.call(&["import", &laptop.write("old.vcf", cards::many(0, 50))]);
    laptop.start();
    let mut desk = Device::new("Desk");
    pair(&laptop, &mut desk);
    in_step(&[&laptop, &desk]);
    (laptop, desk, text(&made["recovery_code"]).to_owned())
}

/// Copies a data folder as people do, file by file.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

pub(super) fn id_of(device: &Device) -> String {
    text(&device.call(&["status"])["device"]["id"]).to_owned()
}

/// Waits until a device says that it must be let in.
pub(super) fn waits(device: &Device) -> String {
    wait_until(format!("{} goes on as a new device", device.name), || {
        device.call(&["status"])["trouble"].as_str().map(str::to_owned)
    })
}

/// Lets a running device that waits in by a code of another one.
pub(super) fn let_in_again(by: &Device, device: &Device) {
    let code = text(&by.call(&["pair", "show"])["code"]).to_owned();
    let guest = device.enter(&code, Some(&by.address().to_string()));
    let asks = by.asked_by(&device.name);
    by.call(&["pair", "approve", text(&asks["id"])]);
    assert_eq!(guest.let_in()["device_id"], asks["id"]);
    assert_eq!(device.call(&["status"])["trouble"], Value::Null);
}

/// Every value of a property, the shown one and the others.
fn values(device: &Device, contact: &str, name: &str) -> BTreeSet<String> {
    let property = device.property(contact, name);
    let others = each(&property["others"], "value").into_iter().map(str::to_owned);
    others.chain([text(&property["value"]).to_owned()]).collect()
}

fn set_of<const N: usize>(values: [&str; N]) -> BTreeSet<String> {
    values.map(str::to_owned).into()
}

#[test]
fn a_copied_folder_goes_on_as_a_new_device_and_nothing_of_either_is_lost() {
    let (mut laptop, mut desk) = laptop_and_desk();
    let mut twin = Device::new("Laptop");
    copy(&laptop.folder(), &twin.folder());
    let both = laptop.find("n00004@example.org");
    let (one, other) = (laptop.find("n00005@example.org"), laptop.find("n00006@example.org"));
    let laptop_id = id_of(&laptop);
    assert_eq!(id_of(&twin), laptop_id);

    section("Both edit as one device, and the desk hears of the first");
    laptop.call(&["contacts", "set", &both, "NOTE=from the laptop"]);
    laptop.call(&["contacts", "set", &one, "ROLE=laptop"]);
    twin.call(&["contacts", "set", &both, "NOTE=from the copy"]);
    twin.call(&["contacts", "set", &other, "ROLE=copy"]);
    in_step(&[&laptop, &desk]);
    twin.start_near(&[&desk]);
    let told = waits(&twin);
    assert!(told.contains("copied, rolled back"), "{told}");
    assert_ne!(id_of(&twin), laptop_id, "it took a new id");
    twin.refused("copied", &["pair", "show"]);
    // What was done under the old id is not this device's to take back by its numbers.
    twin.refused("nothing_to_undo", &["contacts", "undo"]);
    assert!(
        fs::read_dir(twin.folder())
            .unwrap()
            .any(|entry| { entry.unwrap().file_name().to_string_lossy().starts_with("before-copy-") })
    );

    section("It goes on, and says nothing until it is let in");
    twin.call(&["contacts", "set", &other, "NICKNAME=later"]);
    assert_eq!(desk.call(&["status"])["book"]["version"], laptop.call(&["status"])["book"]["version"]);
    twin.stop();
    twin.start_near(&[&desk]);
    waits(&twin);
    let_in_again(&desk, &twin);
    in_step(&[&laptop, &desk, &twin]);
    for device in [&laptop, &desk, &twin] {
        assert_eq!(values(device, &both, "NOTE"), set_of(["from the laptop", "from the copy"]));
        assert_eq!(device.property(&one, "ROLE")["value"], "laptop");
        assert_eq!(device.property(&other, "ROLE")["value"], "copy");
        assert_eq!(device.property(&other, "NICKNAME")["value"], "later");
    }
    assert_eq!(id_of(&laptop), laptop_id, "the laptop is the laptop still");
    let copies = twin.call(&["devices", "copies"])["copies"].clone();
    let written_again = each(&copies[0]["contacts"], "id").into_iter().collect::<BTreeSet<_>>();
    assert_eq!(written_again, [both.as_str(), other.as_str()].into());
    assert_eq!((&copies[0]["this"], &copies[0]["device"]["id"]), (&true.into(), &laptop_id.as_str().into()));

    section("All three go on");
    for device in [&laptop, &desk, &twin] {
        device.call(&["contacts", "set", &one, &format!("X-{}=on", &id_of(device)[..6])]);
    }
    in_step(&[&laptop, &desk, &twin]);
    twin.call(&["contacts", "undo"]);
    in_step(&[&laptop, &desk, &twin]);
    for device in [&mut twin, &mut laptop, &mut desk] {
        device.stop();
    }
}

#[test]
fn a_folder_from_yesterday_takes_what_it_forgot_and_keeps_what_was_added_to_it() {
    let (mut laptop, mut desk, code) = laptop_desk_and_code();
    laptop.stop();
    let yesterday = laptop.file("yesterday");
    copy(&laptop.folder(), &yesterday);
    laptop.start_near(&[&desk]);
    let (both, one) = (laptop.find("n00004@example.org"), laptop.find("n00005@example.org"));
    laptop.call(&["contacts", "set", &both, "NOTE=today"]);
    laptop.call(&["contacts", "set", &one, "ROLE=today"]);
    laptop.call(&["contacts", "trash", &laptop.find("n00007@example.org")]);
    in_step(&[&laptop, &desk]);
    laptop.stop();

    section("The folder of yesterday is put in place and edited");
    let before = id_of(&laptop);
    for entry in fs::read_dir(laptop.folder()).unwrap().map(Result::unwrap) {
        let _kept_if_it_is_no_file = fs::remove_file(entry.path());
    }
    copy(&yesterday, &laptop.folder());
    laptop.call(&["contacts", "set", &both, "NOTE=after yesterday"]);
    laptop.call_with(&["contacts", "add"], &cards::one(77));
    laptop.start_near(&[&desk]);
    waits(&laptop);
    assert_ne!(id_of(&laptop), before);

    section("The recovery code lets it in; the desk hears of that from the laptop itself");
    laptop.call_with(&["recovery", "open"], &code);
    assert_eq!(laptop.call(&["status"])["trouble"], Value::Null);
    desk.stop();
    desk.start_near(&[&laptop]);
    let book = in_step(&[&laptop, &desk]);
    assert_eq!((&book["contacts"], &book["trash"]), (&50.into(), &1.into()), "{book}");
    for device in [&laptop, &desk] {
        assert_eq!(values(device, &both, "NOTE"), set_of(["today", "after yesterday"]));
        assert_eq!(device.property(&one, "ROLE")["value"], "today");
        device.find("n00077@example.org");
    }
    laptop.stop();
    desk.stop();
}

#[test]
fn what_spread_from_both_copies_is_settled_by_those_who_hold_it() {
    let (mut laptop, mut desk) = laptop_and_desk();
    let mut tablet = Device::new("Tablet");
    pair(&desk, &mut tablet);
    in_step(&[&laptop, &desk, &tablet]);
    wait_until("the laptop knows of the tablet", || {
        (laptop.call(&["devices", "list"])["devices"].as_array()?.len() == 3).then_some(())
    });
    tablet.stop();
    let mut twin = Device::new("Laptop");
    copy(&laptop.folder(), &twin.folder());
    let both = laptop.find("n00004@example.org");
    laptop.call(&["contacts", "set", &both, "NOTE=from the laptop", "ROLE=laptop"]);
    in_step(&[&laptop, &desk]);
    laptop.stop();
    desk.stop();

    section("The copy meets only the tablet, where somebody writes over what came");
    twin.call(&["contacts", "set", &both, "NOTE=from the copy"]);
    twin.start();
    tablet.start_near(&[&twin]);
    in_step(&[&twin, &tablet]);
    tablet.call(&["contacts", "set", &both, "NOTE=on the tablet"]);
    in_step(&[&twin, &tablet]);
    twin.stop();
    tablet.stop();

    section("The desk and the tablet find out, without either laptop");
    desk.start();
    tablet.start_near(&[&desk]);
    in_step(&[&desk, &tablet]);
    for device in [&desk, &tablet] {
        assert_eq!(values(device, &both, "NOTE"), set_of(["from the laptop", "on the tablet"]));
        assert_eq!(device.property(&both, "ROLE")["value"], "laptop");
    }

    section("Both laptops learn that their numbers have come to an end");
    for device in [&mut laptop, &mut twin] {
        device.start_near(&[&desk]);
        waits(device);
        let_in_again(&desk, device);
    }
    assert_ne!(id_of(&laptop), id_of(&twin));
    let book = in_step(&[&laptop, &desk, &tablet, &twin]);
    assert_eq!(book["contacts"], 50);
    for device in [&laptop, &desk, &tablet, &twin] {
        let titles = values(device, &both, "NOTE");
        assert!(titles.is_superset(&set_of(["from the laptop", "on the tablet"])), "{titles:?}");
        assert_eq!(device.property(&both, "ROLE")["value"], "laptop");
    }
    for device in [&mut twin, &mut laptop, &mut tablet, &mut desk] {
        device.stop();
    }
}
