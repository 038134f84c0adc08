//! The commands about contacts, as scripts use them.

use super::{each, text};
use kith_tests::people::{Device, cards};
use serde_json::Value;

#[test]
fn a_new_person_has_everything_that_scripts_read() {
    let device = Device::new("Laptop");
    let made = device.call(&["init", "--name", "Laptop", "--person", "Mara"]);
    for (key, length) in [("device_id", 32), ("person_id", 64)] {
        let id = text(&made[key]);
        assert!(id.len() == length && id.chars().all(|c| c.is_ascii_hexdigit()), "{made}");
    }
    assert!(text(&made["recovery_code"]).len() >= 26 && made["keys"] == "file", "{made}");
    let status = device.call(&["status"]);
    assert_eq!(status["device"], serde_json::json!({ "id": made["device_id"], "name": "Laptop" }));
    assert_eq!(status["person"], serde_json::json!({ "id": made["person_id"], "name": "Mara" }));
    assert_eq!((&status["keys"], &status["peers"]), (&"file".into(), &Value::Array(Vec::new())));
    for key in ["outbox", "inbox", "held"] {
        assert_eq!(status[key], 0, "{status}");
    }
    assert_eq!(status["book"]["contacts"], 0);
    assert_eq!(text(&status["book"]["hash"]).len(), 64);
    assert!(text(&status["book"]["version"]).contains('-'), "{status}");
    assert!(status["backup"].get("last").is_some() && status["backup"]["changed"].is_boolean(), "{status}");
    let devices = device.call(&["devices", "list"]);
    assert_eq!(each(&devices["devices"], "id"), [text(&made["device_id"])]);
    assert!(devices["devices"][0].get("last_seen").is_some() && devices["devices"][0]["version"].is_string());
    let folder = std::fs::metadata(device.folder()).unwrap();
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::MetadataExt::mode(&folder) & 0o077, 0, "nobody else looks into the folder");
    let said = std::fs::read_dir(device.folder()).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    let code = text(&made["recovery_code"]).replace(['-', ' '], "");
    let clear = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).replace(['-', ' '], "").contains(&code);
    assert!(!said.into_iter().any(clear), "the recovery code is kept nowhere");
}

#[test]
fn contacts_are_listed_found_and_paged() {
    let device = Device::first("Laptop", "Mara");
    device.call(&["import", &device.write("old.vcf", cards::many(0, 120))]);
    let found = |find: &str| device.call(&["contacts", "list", "--find", find])["total"].as_u64().unwrap();
    assert_eq!((found("zofie muller"), found("Žofie Müller")), (2, 2), "accents do not matter");
    assert_eq!((found("王"), found("小明 田中"), found("田中")), (12, 1, 12));
    assert_eq!(found("1000077"), 1, "the last digits of a number");
    assert_eq!((found("0170 1000077"), found("+49 170 1000077")), (1, 1), "a number as it is dialled at home");
    assert_eq!((found("n00077@exam"), found("nobody at all"), found("!?")), (1, 0, 0));
    assert_eq!(found("N00012 Hinterhaus"), 1, "in any field");

    let page = |limit: &str, offset: &str| device.call(&["contacts", "list", "--limit", limit, "--offset", offset]);
    let (first, second) = (page("50", "0"), page("100", "50"));
    assert_eq!((&first["total"], &second["total"]), (&120.into(), &120.into()));
    let mut ids = [each(&first["contacts"], "id"), each(&second["contacts"], "id")].concat();
    assert_eq!(ids.len(), 120);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 120, "pages neither overlap nor leave out");
    assert_eq!(page("10", "120")["contacts"], Value::Array(Vec::new()));
    assert!(each(&first["contacts"], "name").iter().all(|name| !name.is_empty()));
    let words = device.ask(&["contacts", "list", "--limit", "3"], "").out;
    assert!(words.lines().count() == 4 && words.ends_with("3 of 120\n"), "{words}");
}

#[test]
fn a_card_remembers_what_was_there_before() {
    let device = Device::first("Laptop", "Mara");
    let id = text(&device.call_with(&["contacts", "add"], &cards::one(7))["id"]).to_owned();
    device.call(&["contacts", "set", &id, "TITLE=Captain", "X-MY;X-P=\"a;b\"=1=2"]);
    assert_eq!(device.property(&id, "X-MY")["value"], "1=2");
    assert_eq!(device.property(&id, "X-MY")["params"]["X-P"], serde_json::json!(["a;b"]));
    device.call(&["contacts", "set", &id, "TITLE=Major"]);
    let title = device.property(&id, "TITLE");
    assert_eq!(
        (&title["value"], &title["layer"], &title["others"]),
        (&"Major".into(), &"mine".into(), &Value::Array(Vec::new()))
    );
    device.call(&["contacts", "unset", &id, text(&title["id"])]);
    let card = device.call(&["contacts", "show", &id, "--history"]);
    assert!(!each(&card["properties"], "name").contains(&"TITLE"), "{card}");
    let history = card["history"].as_array().unwrap();
    let mut before: Vec<_> = history.iter().filter(|past| past["property_id"] == title["id"]).collect();
    before.sort_unstable_by_key(|past| text(&past["time"]));
    assert_eq!(before.len(), 2, "{history:#?}");
    let mut values: Vec<_> = before.iter().map(|past| text(&past["value"])).collect();
    values.sort_unstable();
    assert_eq!(values, ["Captain", "Major"]);
    assert!(before.iter().all(|past| past["device"] == "Laptop" && past["name"] == "TITLE"));
    assert_eq!(device.call(&["contacts", "show", &id]).get("history"), None);
    let file = device.write("one.vcf", cards::one(8));
    assert_ne!(text(&device.call(&["contacts", "add", &file])["id"]), id);
}

#[test]
fn the_trash_gives_back_what_was_put_in() {
    let device = Device::first("Laptop", "Mara");
    device.call(&["import", &device.write("old.vcf", cards::many(0, 5))]);
    let ids = device.contact_ids();
    let before = device.ask(&["export", "-"], "").out;
    assert_eq!(device.call(&["contacts", "trash", &ids[0], &ids[1], &ids[0]])["count"], 2);
    let book = device.call(&["status"])["book"].clone();
    assert_eq!((&book["contacts"], &book["trash"]), (&3.into(), &2.into()));
    let trash = device.call(&["contacts", "list", "--trash"]);
    let mut there = each(&trash["contacts"], "id");
    there.sort_unstable();
    let mut put = [ids[0].as_str(), ids[1].as_str()];
    put.sort_unstable();
    assert_eq!((there, &trash["total"]), (put.to_vec(), &2.into()));
    assert_eq!(device.contact_ids().len(), 3);
    assert_eq!(device.call(&["contacts", "restore", &ids[0], &ids[1]])["count"], 2);
    assert_eq!(device.ask(&["export", "-"], "").out, before);
}

#[test]
fn undo_goes_back_step_by_step_and_an_import_is_one_step() {
    let device = Device::first("Laptop", "Mara");
    let hash = |device: &Device| device.ask(&["export", "-"], "").out;
    let id = text(&device.call_with(&["contacts", "add"], &cards::one(1))["id"]).to_owned();
    let first = hash(&device);
    device.call(&["contacts", "set", &id, "TITLE=Captain"]);
    let second = hash(&device);
    device.call(&["contacts", "trash", &id]);
    let imported = device.call(&["import", &device.write("old.vcf", cards::many(100, 700))]);
    assert_eq!(imported["added"], 700);
    device.call(&["groups", "add", "Family"]);
    device.call(&["groups", "put", "Family", &device.find("n00100@example.org")]);

    let undone = |device: &Device| device.call(&["contacts", "undo"]);
    println!("{} {}", undone(&device), undone(&device));
    assert_eq!(device.call(&["groups", "list"])["groups"], Value::Array(Vec::new()));
    assert_eq!(device.call(&["status"])["book"]["contacts"], 700);
    println!("{}", undone(&device)["what"]);
    assert_eq!(device.call(&["status"])["book"]["contacts"], 0, "all of the import at once");
    undone(&device);
    assert_eq!(hash(&device), second);
    undone(&device);
    assert_eq!(hash(&device), first);
    undone(&device);
    assert_eq!(device.call(&["status"])["book"]["contacts"], 0);
    device.refused("nothing_to_undo", &["contacts", "undo"]);
}
