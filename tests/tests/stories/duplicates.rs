//! Contacts that are one, contacts that are two, and making one of two without losing anything.

use super::{each, text};
use kith_tests::people::{Device, in_step, pair};
use serde_json::Value;

/// Adds a contact, given by its lines, and returns its id.
fn add(device: &Device, lines: &str) -> String {
    let card = format!("BEGIN:VCARD\nVERSION:3.0\n{}\nEND:VCARD\n", lines.replace(" | ", "\n"));
    text(&device.call_with(&["contacts", "add"], &card)["id"]).to_owned()
}

fn pairs(device: &Device) -> Vec<Value> {
    device.call(&["contacts", "duplicates"])["pairs"].as_array().unwrap().clone()
}

/// Everything that a contact says, without when it was said.
fn said(device: &Device, id: &str) -> Vec<(String, String)> {
    let card = device.call(&["contacts", "show", id]);
    let said = card["properties"].as_array().unwrap().iter();
    said.map(|property| (text(&property["id"]).to_owned(), text(&property["value"]).to_owned())).collect()
}

#[test]
fn one_person_is_found_and_two_who_share_a_landline_are_not() {
    let device = Device::first("Laptop", "Mara");
    device.call(&["settings", "region=DE"]);
    let a = add(&device, "FN:Anna Müller | TEL:0171 1234567 | EMAIL:anna@example.org");
    let b = add(&device, "FN:Anna Muller | TEL:+49 171 1234567 | EMAIL:Anna@example.org");
    add(&device, "FN:Otto Müller | TEL:030 901820");
    add(&device, "FN:Ida Müller | TEL:+4930901820");
    let found = device.call(&["contacts", "duplicates"]);
    assert_eq!(found["households"], 1, "{found}");
    let pair = &found["pairs"][0];
    let mut ids = [text(&pair["a"]), text(&pair["b"])];
    ids.sort_unstable();
    let mut expected = [a.as_str(), b.as_str()];
    expected.sort_unstable();
    assert_eq!((found["pairs"].as_array().unwrap().len(), ids), (1, expected));
    assert_eq!(pair["why"], "same name, mail address and telephone number");
    device.call(&["contacts", "trash", &b]);
    assert!(pairs(&device).is_empty(), "what is in the trash is not asked about");
    device.call(&["contacts", "restore", &b]);
    device.call(&["contacts", "apart", &b, &a]);
    assert!(pairs(&device).is_empty());
    device.call(&["contacts", "undo"]);
    assert_eq!(pairs(&device).len(), 1);
    device.refused("bad_request", &["contacts", "apart", &a, &a]);
}

#[test]
fn two_that_were_said_to_be_two_are_so_on_every_device() {
    let mut laptop = Device::first("Laptop", "Mara");
    let a = add(&laptop, "FN:John Miller | EMAIL:miller@example.org");
    let b = add(&laptop, "FN:John Miller | EMAIL:miller@example.org");
    laptop.start();
    let mut desk = Device::new("Desk");
    pair(&laptop, &mut desk);
    in_step(&[&laptop, &desk]);
    assert_eq!(pairs(&desk).len(), 1);
    laptop.call(&["contacts", "apart", &a, &b]);
    in_step(&[&laptop, &desk]);
    assert!(pairs(&desk).is_empty());
}

#[test]
fn a_merge_is_shown_first_and_taken_back_exactly() {
    let device = Device::first("Laptop", "Mara");
    device.call(&["settings", "region=DE"]);
    let a = add(&device, "UID:a-1 | FN:Anna Müller | TEL:0171 1234567 | BDAY:1981-02-03 | NOTE:Tea");
    let card_of_b =
        "UID:b-1 | FN:Anna Muller | TEL:+49 171 1234567 | item1.TEL:+49 30 901820 | item1.X-ABLabel:Boat | NOTE:Rome";
    let b = add(&device, card_of_b);
    device.call(&["groups", "add", "Family"]);
    device.call(&["groups", "put", "Family", &b]);
    let (before_a, before_b) = (said(&device, &a), said(&device, &b));
    let export = device.ask(&["export", "-"], "").out;

    let shown = device.call(&["contacts", "merge", &a, &b, "--dry-run"]);
    assert_eq!(each(&shown["fields"], "field"), ["FN", "TEL:+491711234567", "BDAY", "NOTE", "TEL:+4930901820"]);
    assert_eq!(each(&shown["fields"], "keep"), ["a", "a", "a", "a", "b"]);
    assert_eq!(shown["fields"][0]["differs"], true);
    assert_eq!(device.ask(&["export", "-"], "").out, export, "a dry run changes nothing");

    let merged = device.call(&["contacts", "merge", &a, &b, "--keep", "NOTE=both", "--keep", "FN=b"]);
    assert_eq!(merged["id"], a.as_str());
    let card = device.call(&["contacts", "show", &a]);
    assert_eq!((&card["name"], each(&card["groups"], "name")), (&"Anna Muller".into(), vec!["Family"]));
    let tel = card["properties"].as_array().unwrap().iter().filter(|property| property["name"] == "TEL");
    let tel: Vec<_> = tel.map(|property| (text(&property["value"]), text(&property["label"]))).collect();
    assert_eq!(tel, [("0171 1234567", ""), ("+49 30 901820", "Boat")]);
    assert_eq!(device.property(&a, "NOTE")["value"], "Tea\\n\\nRome");
    assert_eq!(device.call(&["contacts", "list"])["total"], 1);
    assert_eq!(device.call(&["contacts", "show", &b])["trashed"], true);
    assert_eq!(said(&device, &b), before_b, "b keeps its values in the trash");
    assert_eq!(device.call(&["groups", "list"])["groups"][0]["count"], 1);

    device.call(&["contacts", "undo"]);
    assert_eq!((said(&device, &a), said(&device, &b)), (before_a, before_b));
    assert_eq!(device.ask(&["export", "-"], "").out, export);
    assert_eq!(device.call(&["contacts", "show", &b])["trashed"], false);
    assert_eq!(each(&device.call(&["contacts", "show", &b])["groups"], "name"), ["Family"]);
}

#[test]
fn what_cannot_be_merged_is_refused_with_a_sentence() {
    let device = Device::first("Laptop", "Mara");
    let (a, b) = (add(&device, "FN:Anna | BDAY:1981-02-03"), add(&device, "FN:Anna | BDAY:1982-03-04"));
    let me = text(&device.call(&["status"])["person"]["id"])[..32].to_owned();
    device.refused("bad_request", &["contacts", "merge", &a, &a]);
    device.refused("bad_request", &["contacts", "merge", &a, &me]);
    device.refused("bad_request", &["contacts", "merge", &me, &a]);
    device.refused("bad_request", &["contacts", "merge", &a, &b, "--keep", "BDAY=both"]);
    device.refused("bad_request", &["contacts", "merge", &a, &b, "--keep", "BDAY=c"]);
    device.refused("not_found", &["contacts", "merge", &a, &b, "--keep", "TITLE=b"]);
    device.refused("not_found", &["contacts", "merge", &a, "ffffffff"]);
    device.call(&["contacts", "trash", &b]);
    device.refused("bad_request", &["contacts", "merge", &a, &b]);
    assert_eq!(device.property(&a, "BDAY")["value"], "1981-02-03");
}
