//! What two devices do to the same thing while apart stands side by side until somebody decides.

use super::{each, text};
use kith_tests::people::{Device, cards, in_step, pair};
use serde_json::Value;

/// Two devices that share ten contacts, both off.
fn apart() -> (Device, Device) {
    let mut laptop = Device::first("Laptop", "Mara");
    laptop.call(&["import", &laptop.write("old.vcf", cards::many(0, 10))]);
    laptop.start();
    let mut desk = Device::new("Desk");
    pair(&laptop, &mut desk);
    in_step(&[&laptop, &desk]);
    laptop.stop();
    desk.stop();
    (laptop, desk)
}

fn meet(laptop: &mut Device, desk: &mut Device) -> Value {
    laptop.start();
    desk.start_near(&[laptop]);
    in_step(&[laptop, desk])
}

#[test]
fn a_contact_trashed_here_and_edited_there_waits_in_the_trash_with_a_question() {
    let (mut laptop, mut desk) = apart();
    let id = laptop.find("n00004@example.org");
    laptop.call(&["contacts", "trash", &id]);
    desk.call(&["contacts", "set", &id, "TITLE=Captain"]);
    let book = meet(&mut laptop, &mut desk);
    assert_eq!((&book["contacts"], &book["trash"]), (&9.into(), &1.into()), "{book}");
    for device in [&laptop, &desk] {
        let card = device.call(&["contacts", "show", &id]);
        assert_eq!((&card["trashed"], &card["trash_undecided"]), (&true.into(), &true.into()));
        assert_eq!(device.property(&id, "TITLE")["value"], "Captain", "nothing of it is lost");
    }
    desk.call(&["contacts", "restore", &id]);
    assert_eq!(in_step(&[&laptop, &desk])["contacts"], 10);
    assert_eq!(laptop.call(&["contacts", "show", &id])["trash_undecided"], false);
}

#[test]
fn a_property_removed_here_and_changed_there_shows_the_change_and_says_so() {
    let (mut laptop, mut desk) = apart();
    let id = laptop.find("n00004@example.org");
    let note = laptop.property(&id, "NOTE");
    laptop.call(&["contacts", "unset", &id, text(&note["id"])]);
    desk.call(&["contacts", "set", &id, "NOTE=still wanted"]);
    assert_eq!(meet(&mut laptop, &mut desk)["undecided"], 1);
    for device in [&laptop, &desk] {
        let note = device.property(&id, "NOTE");
        assert_eq!((&note["value"], each(&note["others"], "device")), (&"still wanted".into(), vec!["Laptop"]));
        assert_eq!(note["others"][0]["removed"], true);
    }
    laptop.call(&["contacts", "choose", &id, text(&note["id"]), ""]);
    assert_eq!(in_step(&[&laptop, &desk])["undecided"], 0);
    let card = desk.call(&["contacts", "show", &id]);
    assert!(!each(&card["properties"], "name").contains(&"NOTE"), "{card}");
}

#[test]
fn the_same_edit_on_both_sides_is_no_question() {
    let (mut laptop, mut desk) = apart();
    let id = laptop.find("n00004@example.org");
    for device in [&laptop, &desk] {
        device.call(&["contacts", "set", &id, "NICKNAME=Nia"]);
    }
    laptop.call(&["contacts", "set", &id, "TITLE=Captain"]);
    desk.call(&["contacts", "set", &id, "ROLE=Cook"]);
    assert_eq!(meet(&mut laptop, &mut desk)["undecided"], 0);
    for (name, value) in [("NICKNAME", "Nia"), ("TITLE", "Captain"), ("ROLE", "Cook")] {
        assert_eq!(desk.property(&id, name)["value"], value);
    }
}

#[test]
fn undo_takes_back_only_what_nobody_wrote_over() {
    let (mut laptop, mut desk) = apart();
    let id = laptop.find("n00004@example.org");
    laptop.call(&["contacts", "set", &id, "TITLE=Captain", "ROLE=Cook"]);
    meet(&mut laptop, &mut desk);
    desk.call(&["contacts", "set", &id, "TITLE=Admiral"]);
    in_step(&[&laptop, &desk]);
    laptop.call(&["contacts", "undo"]);
    in_step(&[&laptop, &desk]);
    assert_eq!(desk.property(&id, "TITLE")["value"], "Admiral");
    let card = desk.call(&["contacts", "show", &id]);
    assert!(!each(&card["properties"], "name").contains(&"ROLE"), "{card}");
}
