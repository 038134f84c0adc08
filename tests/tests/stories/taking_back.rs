//! Everything that a person did can be taken back: a field to any moment, an action, an import, what lies in the trash.

use super::{each, text};
use kith_tests::people::{Device, cards, in_step, pair, wait_until};
use serde_json::Value;

/// A contact on a device, for short.
fn added(device: &Device, n: usize) -> String {
    text(&device.call_with(&["contacts", "add"], &cards::one(n))["id"]).to_owned()
}

fn title(device: &Device, id: &str) -> Option<String> {
    let card = device.call(&["contacts", "show", id]);
    let found = card["properties"].as_array().unwrap().iter().find(|property| property["name"] == "TITLE").cloned();
    found.map(|property| text(&property["value"]).to_owned())
}

/// The entry of a contact's history with this value.
fn past(device: &Device, id: &str, value: &str) -> Value {
    let card = device.call(&["contacts", "show", id, "--history"]);
    let history = card["history"].as_array().unwrap().clone();
    let found = history.iter().find(|entry| entry["value"] == value).cloned();
    found.unwrap_or_else(|| panic!("no {value} in {history:#?}"))
}

fn book(device: &Device) -> (u64, u64) {
    let book = device.call(&["status"])["book"].clone();
    (book["contacts"].as_u64().unwrap(), book["trash"].as_u64().unwrap())
}

#[test]
fn a_field_goes_back_to_any_moment_and_on_the_other_device_too() {
    let mut laptop = Device::first("Laptop", "Mara");
    let id = added(&laptop, 1);
    laptop.start();
    let mut desk = Device::new("Desk");
    pair(&laptop, &mut desk);
    in_step(&[&laptop, &desk]);
    for value in ["Captain", "Major"] {
        laptop.call(&["contacts", "set", &id, &format!("TITLE={value}")]);
        in_step(&[&laptop, &desk]);
    }
    let property = text(&laptop.property(&id, "TITLE")["id"]).to_owned();
    laptop.call(&["contacts", "unset", &id, &property]);
    in_step(&[&laptop, &desk]);
    assert_eq!(title(&desk, &id), None);

    let (captain, major) = (past(&laptop, &id, "Captain"), past(&laptop, &id, "Major"));
    for entry in [&captain, &major] {
        assert_eq!(
            (&entry["device"], &entry["by"], &entry["name"]),
            (&"Laptop".into(), &"Laptop".into(), &"TITLE".into())
        );
        assert!(text(&entry["time"]) < text(&entry["until"]), "{entry}");
    }
    let back = |device: &Device, to: &str| device.call(&["contacts", "revert", &id, &property[..8], "--to", to]);
    back(&laptop, text(&captain["time"]));
    assert_eq!(in_step(&[&laptop, &desk])["contacts"], 1);
    assert_eq!((title(&laptop, &id), title(&desk, &id)), (Some("Captain".into()), Some("Captain".into())));

    let time: jiff::Timestamp = text(&major["time"]).parse().unwrap();
    let east = time.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(2)));
    back(&desk, &east.strftime("%Y-%m-%dT%H:%M:%S%.f%:z").to_string());
    in_step(&[&laptop, &desk]);
    assert_eq!(title(&laptop, &id).as_deref(), Some("Major"), "what stood at that very moment, in any zone");
    back(&desk, "2001-01-01T00:00:00Z");
    in_step(&[&laptop, &desk]);
    assert_eq!(title(&laptop, &id), None, "it did not exist then");
    desk.call(&["contacts", "undo"]);
    in_step(&[&laptop, &desk]);
    assert_eq!(title(&laptop, &id).as_deref(), Some("Major"));
}

#[test]
fn what_cannot_be_taken_back_is_refused_in_words() {
    let device = Device::first("Laptop", "Mara");
    let id = added(&device, 1);
    let property = text(&device.property(&id, "FN")["id"]).to_owned();
    device.refused("bad_request", &["contacts", "revert", &id, &property, "--to", "yesterday"]);
    device.refused("not_found", &["contacts", "revert", &id, "0123456789", "--to", "2026-01-01T00:00:00Z"]);
    device.refused("not_found", &["contacts", "revert", "00", &property, "--to", "2026-01-01T00:00:00Z"]);
    device.refused("nothing_to_undo", &["import", "undo"]);
    device.call(&["contacts", "undo"]);
    device.refused("nothing_to_undo", &["contacts", "undo"]);
}

#[test]
fn edits_of_one_field_are_taken_back_one_after_the_other() {
    let device = Device::first("Laptop", "Mara");
    let id = added(&device, 1);
    for value in ["1", "2", "3"] {
        device.call(&["contacts", "set", &id, &format!("TITLE={value}")]);
    }
    for expected in [Some("2"), Some("1"), None] {
        device.call(&["contacts", "undo"]);
        assert_eq!(title(&device, &id).as_deref(), expected);
    }
    device.call(&["contacts", "undo"]);
    assert_eq!(book(&device), (0, 1), "the contact itself is in the trash");
    let card = device.call(&["contacts", "show", &id]);
    assert!(each(&card["properties"], "name").contains(&"TEL"), "with everything it said: {card}");
    device.refused("nothing_to_undo", &["contacts", "undo"]);
}

#[test]
fn what_was_taken_back_is_done_again_until_something_else_is_done() {
    let device = Device::first("Laptop", "Mara");
    device.refused("nothing_to_undo", &["contacts", "redo"]);
    let id = added(&device, 1);
    for value in ["1", "2"] {
        device.call(&["contacts", "set", &id, &format!("TITLE={value}")]);
    }
    (0..3).for_each(|_| drop(device.call(&["contacts", "undo"])));
    assert_eq!(book(&device), (0, 1));
    let redone = device.call(&["contacts", "redo"]);
    assert_eq!((text(&redone["what"]), &redone["ids"][0]), ("added a contact", &Value::from(id.clone())));
    for expected in ["1", "2"] {
        device.call(&["contacts", "redo"]);
        assert_eq!(title(&device, &id).as_deref(), Some(expected));
    }
    device.refused("nothing_to_undo", &["contacts", "redo"]);

    device.call(&["contacts", "undo"]);
    assert_eq!(title(&device, &id).as_deref(), Some("1"), "what was done again is taken back like anything else");
    device.call(&["contacts", "set", &id, "NOTE=Plays the harp."]);
    device.refused("nothing_to_undo", &["contacts", "redo"]);
    (0..3).for_each(|_| drop(device.call(&["contacts", "undo"])));
    assert_eq!(book(&device), (0, 1), "down to the contact itself");

    let file = device.write("more.vcf", cards::many(2, 30));
    device.call(&["import", &file]);
    device.call(&["import", "undo"]);
    device.call(&["contacts", "redo"]);
    assert_eq!(book(&device).0, 30, "an import, too");
    device.call(&["import", "undo"]);
    assert_eq!(book(&device).0, 0, "which is an import still");
}

#[test]
fn numbers_stand_in_the_order_that_a_person_gave_them_on_every_device() {
    let mut laptop = Device::first("Laptop", "Mara");
    let id = added(&laptop, 1);
    laptop.call(&["contacts", "set", &id, "TEL;TYPE=work=+49 30 5550100"]);
    let numbers = |device: &Device| -> Vec<(String, String)> {
        let card = device.call(&["contacts", "show", &id]);
        let all = card["properties"].as_array().unwrap().iter().filter(|property| property["name"] == "TEL");
        all.map(|property| (text(&property["id"]).to_owned(), text(&property["value"]).to_owned())).collect()
    };
    let before = numbers(&laptop);
    assert_eq!(before.len(), 2);
    laptop.start();
    let mut desk = Device::new("Desk");
    pair(&laptop, &mut desk);
    laptop.call(&["contacts", "order", &id, &before[1].0[..8], &before[0].0[..8]]);
    in_step(&[&laptop, &desk]);
    let turned: Vec<_> = before.iter().rev().cloned().collect();
    assert_eq!((numbers(&laptop), numbers(&desk)), (turned.clone(), turned));
    laptop.call(&["contacts", "undo"]);
    in_step(&[&laptop, &desk]);
    assert_eq!(numbers(&desk), before);
    laptop.refused("not_found", &["contacts", "order", &id, "0123456789", &before[0].0]);
}

#[test]
fn trash_restore_and_memberships_are_taken_back() {
    let device = Device::first("Laptop", "Mara");
    let id = added(&device, 1);
    device.call(&["groups", "add", "Family"]);
    device.call(&["groups", "put", "Family", &id]);
    device.call(&["contacts", "trash", &id]);
    device.call(&["contacts", "restore", &id]);
    device.call(&["contacts", "undo"]);
    assert_eq!(book(&device), (0, 1), "it was restored");
    device.call(&["contacts", "undo"]);
    assert_eq!(book(&device), (1, 0), "it was put into the trash");
    assert_eq!(device.call(&["contacts", "list", "--group", "Family"])["total"], 1);
    device.call(&["contacts", "undo"]);
    assert_eq!(device.call(&["contacts", "list", "--group", "Family"])["total"], 0);
    device.call(&["contacts", "undo"]);
    assert_eq!(device.call(&["groups", "list"])["groups"], Value::Array(Vec::new()));
}

#[test]
fn a_choice_taken_back_shows_what_was_shown_and_the_other_value_is_in_the_history() {
    let mut laptop = Device::first("Laptop", "Mara");
    let id = added(&laptop, 1);
    laptop.call(&["contacts", "set", &id, "TITLE=Ensign"]);
    laptop.start();
    let mut desk = Device::new("Desk");
    pair(&laptop, &mut desk);
    in_step(&[&laptop, &desk]);
    laptop.stop();
    desk.stop();
    laptop.call(&["contacts", "set", &id, "TITLE=Captain"]);
    desk.call(&["contacts", "set", &id, "TITLE=Major"]);
    laptop.start();
    desk.start_near(&[&laptop]);
    assert_eq!(in_step(&[&laptop, &desk])["undecided"], 1);
    let asked = laptop.property(&id, "TITLE");
    assert_eq!((text(&asked["value"]), each(&asked["others"], "value")), ("Major", vec!["Captain"]));
    let property = text(&asked["id"]).to_owned();
    laptop.call(&["contacts", "choose", &id, &property, "Captain"]);
    laptop.call(&["contacts", "undo"]);
    assert_eq!(title(&laptop, &id).as_deref(), Some("Major"));
    let captain = past(&laptop, &id, "Captain");
    laptop.call(&["contacts", "revert", &id, &property, "--to", text(&captain["time"])]);
    in_step(&[&laptop, &desk]);
    assert_eq!(title(&desk, &id).as_deref(), Some("Captain"));
}

#[test]
fn an_import_of_two_thousand_is_taken_back_but_for_what_was_edited_since() {
    let mut device = Device::first("Laptop", "Mara");
    device.call(&["import", &device.write("few.vcf", cards::many(5000, 10))]);
    let imported = device.call(&["import", &device.write("many.vcf", cards::many(0, 2000))]);
    assert_eq!(imported["added"], 2000);
    let edited = device.find("n01234@example.org");
    device.call(&["contacts", "set", &edited, "TITLE=Captain"]);
    device.call(&["groups", "add", "Family"]);
    device.start();
    device.kill();
    device.start();
    let undone = device.call(&["import", "undo"]);
    assert_eq!(undone["what"], "imported many.vcf");
    assert_eq!(book(&device), (11, 1999));
    assert_eq!(title(&device, &edited).as_deref(), Some("Captain"));
    assert_eq!(device.property(&edited, "EMAIL")["value"], "n01234@example.org", "all of it stays");
    assert_eq!(each(&device.call(&["groups", "list"])["groups"], "name"), ["Family"], "nothing else is touched");
    device.call(&["import", "undo"]);
    assert_eq!(book(&device), (1, 2009), "again takes back the import before");
    device.refused("nothing_to_undo", &["import", "undo"]);
    device.call(&["contacts", "undo"]);
    assert_eq!(device.call(&["groups", "list"])["groups"], Value::Array(Vec::new()));
    device.call(&["contacts", "undo"]);
    assert_eq!(title(&device, &edited), None);
    device.refused("nothing_to_undo", &["contacts", "undo"]);
    device.stop();
}

#[test]
fn an_import_that_updated_a_contact_gives_back_what_it_said_before() {
    let device = Device::first("Laptop", "Mara");
    let id = added(&device, 3);
    let before = device.ask(&["export", "-"], "").out;
    let card = cards::one(3).replace("+49 170", "+1 555").replace("END:VCARD", "TITLE:Captain\r\nEND:VCARD");
    assert_eq!(device.call(&["import", &device.write("new.vcf", card)])["updated"], 1);
    assert_eq!(title(&device, &id).as_deref(), Some("Captain"));
    device.call(&["import", "undo"]);
    assert_eq!(device.ask(&["export", "-"], "").out, before);
    assert_eq!(book(&device), (1, 0), "it was there before");
}

#[test]
fn the_trash_is_emptied_after_thirty_days_and_history_still_gives_a_field_back() {
    let mut device = Device::first("Laptop", "Mara");
    let (kept, gone) = (added(&device, 1), added(&device, 2));
    device.call(&["contacts", "trash", &gone]);
    let name = device.property(&gone, "FN");
    device = device.with_env("KITH_CLOCK_OFFSET", "31d");
    device.start();
    wait_until("the trash is emptied", || (book(&device) == (1, 0)).then_some(()));
    assert_eq!(device.contact_ids(), [kept]);
    device.stop();

    let entry = past(&device, &gone, text(&name["value"]));
    assert_eq!(entry["property_id"], name["id"]);
    device.call(&["contacts", "revert", &gone[..12], text(&name["id"]), "--to", text(&entry["time"])]);
    assert_eq!(book(&device), (1, 1), "it comes back where it was");
    device.call(&["contacts", "restore", &gone]);
    assert_eq!(device.property(&gone, "FN")["value"], name["value"]);
}
