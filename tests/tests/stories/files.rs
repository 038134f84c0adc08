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

#[test]
fn groups_of_all_three_kinds_come_in_and_go_out_again() {
    let device = Device::first("Laptop", "Mara");
    let card = |uid: &str, more: &str| {
        format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nN:;{uid};;;\r\nFN:{uid}\r\n{more}END:VCARD\r\n")
    };
    let ids = ["11111111-2222-4333-8444-555555555555", "99999999-2222-4333-8444-555555555555"];
    let apple = format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:g1\r\nN:Rowing;;;;\r\nFN:Rowing\r\nX-ADDRESSBOOKSERVER-KIND:group\r\n\
         X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{}\r\nX-ADDRESSBOOKSERVER-MEMBER:urn:uuid:nobody\r\nEND:VCARD\r\n",
        ids[0].to_uppercase()
    );
    let rfc =
        format!("BEGIN:VCARD\r\nVERSION:4.0\r\nKIND:group\r\nFN:Choir\r\nMEMBER:urn:uuid:{}\r\nEND:VCARD\r\n", ids[1]);
    // The groups stand before their members.
    let [first, second] = [card(ids[0], "CATEGORIES:Family,Friends\r\n"), card(ids[1], "CATEGORIES:Family\r\n")];
    let cards = [apple.as_str(), &rfc, &first, &second].concat();
    let file = device.write("groups.vcf", cards);
    let imported = device.call(&["import", &file]);
    assert_eq!((&imported["added"], imported["failed"].as_array().unwrap().len()), (&2.into(), 0), "{imported}");
    assert!(text(&imported["notes"][0]["reason"]).contains("1 members"), "{imported}");
    device.call(&["groups", "add", "Nobody yet"]);
    let counts = |device: &Device| {
        let groups = device.call(&["groups", "list"])["groups"].clone();
        let groups = groups.as_array().unwrap().iter();
        groups.map(|group| (text(&group["name"]).to_owned(), group["count"].as_u64().unwrap())).collect::<Vec<_>>()
    };
    let expected = [("Choir", 1), ("Family", 2), ("Friends", 1), ("Nobody yet", 0), ("Rowing", 1)];
    assert_eq!(counts(&device), expected.map(|(name, count)| (name.to_owned(), count)));
    assert_eq!(device.call(&["import", &file])["unchanged"], 2, "a second time changes nothing");

    for version in ["3.0", "4.0"] {
        let path = device.file("out.vcf");
        let path = path.to_str().unwrap();
        device.call(&["export", path, "--vcard", version]);
        let fresh = Device::first("Fresh", "Nobody");
        fresh.call(&["import", path]);
        assert_eq!((counts(&fresh), fresh.call(&["status"])["book"]["contacts"].as_u64()), (counts(&device), Some(2)));
        assert_eq!(device.call(&["import", path])["unchanged"], 2, "what was exported is known");
    }
    device.call(&["groups", "take", "Friends", &device.find(ids[0])]);
    let out = device.ask(&["export", "-"], "").out;
    let named = |name: &str| out.lines().any(|line| line.starts_with("CATEGORIES") && line.contains(name));
    assert!(!named("Friends") && named("Family") && named("Rowing"), "who was taken out is out: {out}");
}

#[test]
fn a_folder_stands_for_its_cards_and_what_is_no_card_is_told_in_a_sentence() {
    let device = Device::first("Laptop", "Mara");
    let folder = device.file("phone");
    std::fs::create_dir(&folder).unwrap();
    let told = device.refused("file_unavailable", &["import", folder.to_str().unwrap()]);
    assert!(told.contains(".vcf"), "{told}");
    for n in 0..3 {
        std::fs::write(folder.join(format!("{n}.VCF")), cards::one(n)).unwrap();
    }
    std::fs::write(folder.join("notes.txt"), "Dear Mara").unwrap();
    let imported = device.call(&["import", folder.to_str().unwrap()]);
    assert_eq!((&imported["added"], imported["files"].as_array().unwrap().len()), (&3.into(), 3));
    for (name, content, word) in [
        ("empty.csv", &b""[..], "empty"),
        ("blank.vcf", b" \r\n\r\n", "empty"),
        ("book.zip", b"PK\x03\x04.....", "zip"),
        ("book.xls", b"\xD0\xCF\x11\xE0.....", "CSV"),
        ("letter.txt", b"Dear Mara,\nhow are you?\n", "neither"),
        ("program", b"\x7FELF\x02\x01\x01\0\0\0", "not a text"),
        ("photo.png", b"\x89PNG\r\n\x1a\n....", "picture"),
        ("odd.json", b"{\"hello\": 1", "JSContact"),
    ] {
        let told = device.refused("malformed_file", &["import", &device.write(name, content)]);
        assert!(told.contains(word) && told.contains(name), "{told}");
    }
    // With others, what cannot be read is told and the rest comes in.
    let (broken, good) = (device.write("broken.json", "{\"hello\": 1"), device.write("good.vcf", cards::one(7)));
    let imported = device.call(&["import", &broken, &good]);
    assert_eq!((&imported["added"], &imported["failed"][0]["file"]), (&1.into(), &"broken.json".into()), "{imported}");
}

#[test]
fn jscontact_goes_out_and_comes_back() {
    let device = Device::first("Laptop", "Mara");
    device.call(&["import", &device.write("old.vcf", cards::many(0, 5))]);
    let path = device.file("book.json");
    assert_eq!(device.call(&["export", path.to_str().unwrap(), "--jscontact"])["contacts"], 5);
    let read: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(read.as_array().unwrap().len(), 5);
    let fresh = Device::first("Fresh", "Nobody");
    let imported = fresh.call(&["import", path.to_str().unwrap()]);
    assert_eq!((&imported["added"], &imported["files"][0]["format"]), (&5.into(), &"jscontact".into()), "{imported}");
    assert_eq!(fresh.find("n00003@example.org").len(), 32);
    device.refused("bad_request", &["export", "-", "--jscontact", "--csv", "google"]);
    device.refused("bad_request", &["export", "-", "--csv", "lotus"]);
}

#[test]
fn no_name_makes_a_file_or_a_folder() {
    let device = Device::first("Laptop", "Mara");
    let rtl = "\u{202e}fdp.exe";
    let long = "x".repeat(300);
    let names =
        ["..", "../../etc/passwd", "..\\..\\win.ini", "/tmp/x", "C:\\x", "CON", "nul.vcf", "a\u{0}b", rtl, &long];
    let card = |number: usize| {
        let name = names[number % names.len()];
        format!(
            "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{name}-{number}\r\nFN:{name} {number}\r\nORG:{name}\r\n\
             CATEGORIES:{name}\r\nPHOTO;VALUE=URI:file:///{name}/{number}\r\nEND:VCARD\r\n"
        )
    };
    let file = device.write("names.vcf", (0..HOSTILE_NAMES).map(card).collect::<String>());
    assert_eq!(device.call(&["import", &file])["added"], HOSTILE_NAMES);
    let out = device.file("out");
    std::fs::create_dir(&out).unwrap();
    let path = |name: &str| out.join(name).to_str().unwrap().to_owned();
    device.call(&["export", &path("a.vcf")]);
    device.call(&["export", "--jscontact", &path("a.json")]);
    for csv in ["google", "outlook", "spreadsheet"] {
        device.call(&["export", "--csv", csv, &path(&format!("{csv}.csv"))]);
    }
    let mut written: Vec<_> = std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    written.sort();
    assert_eq!(written, ["a.json", "a.vcf", "google.csv", "outlook.csv", "spreadsheet.csv"]);
    let kept = std::fs::read_dir(device.folder()).unwrap().map(|entry| entry.unwrap().file_name());
    for name in kept.map(|name| name.into_string().unwrap()) {
        assert!(name.starts_with("book.db") || ["keys", "lock"].contains(&&*name), "{name}");
    }
}

const HOSTILE_NAMES: usize = 10_000;
