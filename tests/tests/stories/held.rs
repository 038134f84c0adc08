//! Mass deletions wait for a person.

use super::{each, text};
use kith_tests::people::{Device, cards, wait_until};
use serde_json::Value;

fn with_contacts(count: usize) -> Device {
    let device = Device::first("Laptop", "Mara");
    device.call(&["import", &device.write("old.vcf", cards::many(0, count))]);
    device
}

fn trash(device: &Device, ids: &[String]) -> Value {
    let words: Vec<&str> = ["contacts", "trash"].into_iter().chain(ids.iter().map(String::as_str)).collect();
    device.call(&words)
}

fn book(device: &Device) -> (u64, u64, u64) {
    let status = device.call(&["status"]);
    let book = &status["book"];
    let number = |value: &Value| value.as_u64().unwrap();
    (number(&book["contacts"]), number(&book["trash"]), number(&status["held"]))
}

#[test]
fn many_contacts_go_into_the_trash_only_after_a_second_yes() {
    let mut device = with_contacts(300);
    let ids = device.contact_ids();
    let asked = trash(&device, &ids[..51]);
    let id = text(&asked["held"]).to_owned();
    assert_eq!((&asked["count"], book(&device)), (&0.into(), (300, 0, 1)));
    assert_eq!(trash(&device, &ids[..51])["held"], id.as_str(), "the same asked twice waits once");
    let held = device.call(&["held", "list"])["held"].clone();
    assert_eq!(
        (held.as_array().unwrap().len(), &held[0]["id"], &held[0]["count"]),
        (1, &id.as_str().into(), &51.into())
    );
    assert!(text(&held[0]["what"]).contains("51 contacts"), "{held}");
    let names = held[0]["names"].as_array().unwrap();
    assert!(names.len() == 5 && names.iter().all(|name| !text(name).is_empty()), "{held}");

    device.start();
    device.kill();
    device.start();
    assert_eq!(book(&device), (300, 0, 1), "it survives a kill");
    device.call(&["contacts", "set", &ids[7], "TITLE=Captain"]);
    let applied = device.call(&["held", "apply", &id[..8]]);
    assert_eq!((&applied["count"], &applied["left"]), (&50.into(), &1.into()), "what was edited since is left alone");
    assert_eq!(applied["names"].as_array().unwrap().len(), 1, "and told: {applied}");
    assert_eq!(book(&device), (250, 50, 0));
    device.call(&["contacts", "undo"]);
    assert_eq!(book(&device), (300, 0, 0), "one undo for all of it");
    device.refused("not_found", &["held", "apply", &id]);
    device.stop();
}

#[test]
fn a_fifth_of_a_small_book_waits_as_well_and_a_no_forgets_it() {
    let device = with_contacts(40);
    let ids = device.contact_ids();
    assert_eq!(trash(&device, &ids[..9])["count"], 9, "a few are a few in any book");
    let asked = trash(&device, &ids[9..19]);
    assert_eq!((&asked["count"], book(&device)), (&0.into(), (31, 9, 1)));
    let id = text(&asked["held"]);
    assert_eq!(device.call(&["held", "discard", id])["count"], 10);
    assert_eq!(book(&device), (31, 9, 0));
    device.refused("not_found", &["held", "discard", id]);
    assert!(trash(&device, &ids[9..19])["held"].is_string(), "asked again, it waits again");
    let large = with_contacts(200);
    assert_eq!(trash(&large, &large.contact_ids()[..20])["count"], 20, "a tenth goes at once");
}

#[test]
fn many_contacts_are_deleted_for_good_only_after_a_yes() {
    let mut device = with_contacts(100);
    let ids = device.contact_ids();
    for few in ids[..27].chunks(9) {
        trash(&device, few);
    }
    device = device.with_env("KITH_CLOCK_OFFSET", "31d");
    device.start();
    wait_until("the purge waits", || (book(&device) == (73, 27, 1)).then_some(()));
    let held = device.call(&["held", "list"])["held"].clone();
    assert_eq!((each(&held, "what").len(), &held[0]["count"]), (1, &27.into()), "{held}");
    device.call(&["held", "discard", text(&held[0]["id"])]);
    device.stop();
    for (days, waiting) in [("40d", 0), ("63d", 1)] {
        device = device.with_env("KITH_CLOCK_OFFSET", days);
        let looked = |device: &Device| device.log().matches("without a yes").count();
        let before = looked(&device);
        device.start();
        wait_until("the trash is looked through", || (looked(&device) > before).then_some(()));
        assert_eq!(book(&device), (73, 27, waiting), "a no holds for 30 days: {days}");
        device.stop();
    }
    let held = device.call(&["held", "list"])["held"].clone();
    assert_eq!(device.call(&["held", "apply", text(&held[0]["id"])])["count"], 27);
    assert_eq!(book(&device), (73, 0, 0));
    device.call(&["contacts", "undo"]);
    assert_eq!(book(&device), (73, 27, 0), "the history still holds them");
}
