//! Import and export: what comes in goes out as it came.

use super::text;
use kith_tests::people::{Device, cards};

/// The cards of a text, in an order of their own.
fn sorted_cards(text: &str) -> Vec<String> {
    let mut cards: Vec<String> = text.split_inclusive("END:VCARD\r\n").map(str::to_owned).collect();
    cards.sort_unstable();
    cards
}

#[test]
fn untouched_cards_leave_byte_for_byte() {
    let device = Device::first("Laptop", "Mara");
    let cards = cards::many(0, 60);
    let dry = device.call(&["import", "--dry-run", &device.write("old.vcf", &cards)]);
    assert_eq!((&dry["added"], &device.call(&["status"])["book"]["contacts"]), (&60.into(), &0.into()));
    let imported = device.call(&["import", &device.write("old.vcf", &cards)]);
    assert_eq!(imported["added"], 60);
    let exported = device.ask(&["export", "-"], "");
    assert_eq!(exported.code, Some(0));
    let out = exported.out.replace("\r\n", "\n").replace('\n', "\r\n");
    assert_eq!(sorted_cards(&out), sorted_cards(&cards));

    let path = device.file("new.vcf");
    let answer = device.call(&["export", path.to_str().unwrap()]);
    assert_eq!((&answer["contacts"], answer.get("text")), (&60.into(), None));
    assert_eq!(sorted_cards(&std::fs::read_to_string(path).unwrap()), sorted_cards(&cards));
}

#[test]
fn one_edit_changes_one_line_of_the_export() {
    let device = Device::first("Laptop", "Mara");
    device.call_with(&["contacts", "add"], &cards::one(60));
    let id = device.find("n00060@example.org");
    device.call(&["contacts", "set", &id, "TEL;TYPE=CELL=+1 555 1"]);
    let exported = device.ask(&["export", "-"], "").out;
    let expected = cards::one(60).replace("TEL;TYPE=CELL:+49 170 1000060", "TEL;TYPE=CELL:+1 555 1");
    assert_eq!(exported.replace("\r\n", "\n"), expected.replace("\r\n", "\n"));
}

#[test]
fn importing_twice_changes_nothing() {
    let device = Device::first("Laptop", "Mara");
    let file = device.write("old.vcf", cards::many(0, 50));
    device.call(&["import", &file]);
    let before = device.call(&["status"])["book"].clone();
    let again = device.call(&["import", &file, &file]);
    assert_eq!((&again["added"], &again["updated"], &again["unchanged"]), (&0.into(), &0.into(), &100.into()));
    assert_eq!(device.call(&["status"])["book"], before);
    let unix = device.write("unix.vcf", cards::many(0, 50).replace("\r\n", "\n"));
    assert_eq!(device.call(&["import", &unix])["unchanged"], 50, "line ends make no difference");
}

#[test]
fn an_export_imported_elsewhere_is_the_same_book() {
    let (laptop, other) = (Device::first("Laptop", "Mara"), Device::first("Computer", "Otto"));
    laptop.call(&["import", &laptop.write("old.vcf", cards::many(0, 80))]);
    for version in ["3.0", "4.0"] {
        let path = laptop.file("book.vcf");
        let path = path.to_str().unwrap();
        laptop.call(&["export", path, "--vcard", version]);
        let file = std::fs::read_to_string(path).unwrap();
        assert_eq!(file.matches(&format!("VERSION:{version}\r\n")).count(), 80);
        let fresh = Device::first("Fresh", "Nobody");
        assert_eq!(fresh.call(&["import", path])["added"], 80);
        let again = fresh.file("again.vcf");
        fresh.call(&["export", again.to_str().unwrap(), "--vcard", version]);
        assert_eq!(sorted_cards(&std::fs::read_to_string(again).unwrap()), sorted_cards(&file), "{version}");
    }
    assert_eq!(other.call(&["status"])["book"]["contacts"], 0, "two folders side by side know nothing of each other");
}

#[test]
fn an_export_names_contacts_and_my_card_only_when_asked() {
    let device = Device::first("Laptop", "Mara Mustermann");
    device.call(&["import", &device.write("old.vcf", cards::many(0, 10))]);
    let [four, seven] = ["n00004", "n00007"].map(|mail| device.find(&format!("{mail}@example.org")));
    let out = device.ask(&["export", "-", "--contact", &four[..12], "--contact", &seven], "").out;
    assert_eq!(out.matches("BEGIN:VCARD").count(), 2);
    assert!(out.contains("n00004") && out.contains("n00007"));
    let all = device.ask(&["export", "-"], "").out;
    assert!(!all.contains("Mustermann") && all.matches("BEGIN:VCARD").count() == 10);
    let with_me = device.call(&["export", device.file("me.vcf").to_str().unwrap(), "--me"]);
    assert_eq!(with_me["contacts"], 11);
    assert!(std::fs::read_to_string(device.file("me.vcf")).unwrap().contains("Mustermann"));
    let status = device.call(&["status"]);
    assert_eq!((&status["book"]["contacts"], text(&status["person"]["name"])), (&10.into(), "Mara Mustermann"));
}
