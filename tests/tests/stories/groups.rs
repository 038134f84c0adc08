//! Groups and tags: the same words for both, by name and by id.

use super::{each, text};
use kith_tests::people::{Device, cards, in_step, pair};

fn all_verbs(kind: &str, filter: &str) {
    let device = Device::first("Laptop", "Mara");
    device.call(&["import", &device.write("old.vcf", cards::many(0, 6))]);
    let ids = device.contact_ids();
    let list = || device.call(&[kind, "list"])[kind].clone();
    let family = text(&device.call(&[kind, "add", "Family & Friends"])["id"]).to_owned();
    device.call(&[kind, "add", "Zunft"]);
    assert_eq!(each(&list(), "name"), ["Family & Friends", "Zunft"]);
    device.refused("bad_request", &[kind, "add", "Zunft"]);
    device.refused("bad_request", &[kind, "add", "  "]);

    assert_eq!(device.call(&[kind, "put", "Family & Friends", &ids[0], &ids[1], &ids[2]])["count"], 3);
    device.call(&[kind, "put", &family[..10], &ids[3][..12]]);
    device.call(&[kind, "take", &family, &ids[0]]);
    assert_eq!((list()[0]["count"].as_u64(), list()[1]["count"].as_u64()), (Some(3), Some(0)));
    let page = device.call(&["contacts", "list", filter, "Family & Friends"]);
    let mut inside = each(&page["contacts"], "id");
    inside.sort_unstable();
    let mut expected: Vec<&str> = ids[1..4].iter().map(String::as_str).collect();
    expected.sort_unstable();
    assert_eq!(inside, expected);
    assert_eq!(each(&device.call(&["contacts", "show", &ids[1]])[kind], "name"), ["Family & Friends"]);
    assert_eq!(device.call(&["contacts", "show", &ids[0]])[kind], serde_json::json!([]));

    device.call(&["contacts", "trash", &ids[1]]);
    assert_eq!(list()[0]["count"], 2, "the trash does not count");
    device.call(&[kind, "rename", "Family & Friends", "Kin"]);
    device.refused("not_found", &[kind, "put", "Family & Friends", &ids[0]]);
    assert_eq!(device.call(&["contacts", "list", filter, "Kin"])["total"], 2);
    assert_eq!(text(&device.call(&[kind, "remove", "Kin"])["id"]), family);
    assert_eq!(each(&list(), "name"), ["Zunft"]);
    assert_eq!(device.call(&["status"])["book"]["contacts"], 5, "its contacts stay");
    device.refused("not_found", &[kind, "rename", &family, "Again"]);
}

#[test]
fn groups_have_all_their_verbs() {
    all_verbs("groups", "--group");
}

#[test]
fn tags_have_all_their_verbs() {
    all_verbs("tags", "--tag");
}

#[test]
fn groups_and_tags_reach_the_other_device() {
    let mut laptop = Device::first("Laptop", "Mara");
    laptop.call(&["import", &laptop.write("old.vcf", cards::many(0, 6))]);
    laptop.start();
    let mut desk = Device::new("Desk");
    pair(&laptop, &mut desk);
    let ids = laptop.contact_ids();
    laptop.call(&["groups", "add", "Family"]);
    laptop.call(&["groups", "put", "Family", &ids[0], &ids[1]]);
    in_step(&[&laptop, &desk]);
    desk.call(&["tags", "add", "birthday"]);
    desk.call(&["tags", "put", "birthday", &ids[0]]);
    desk.call(&["groups", "take", "Family", &ids[1]]);
    in_step(&[&laptop, &desk]);
    for device in [&laptop, &desk] {
        let card = device.call(&["contacts", "show", &ids[0]]);
        assert_eq!((each(&card["groups"], "name"), each(&card["tags"], "name")), (vec!["Family"], vec!["birthday"]));
        assert_eq!(device.call(&["groups", "list"])["groups"][0]["count"], 1);
    }
}
