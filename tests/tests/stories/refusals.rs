//! Every no: status 1, one line that says why and what to do, a code for programs. Wrong usage: status 2.

use super::{each, text};
use kith_tests::people::{Device, cards, is_untouched};

#[test]
fn a_folder_without_a_person_says_how_to_begin() {
    let device = Device::new("Laptop");
    let commands: [&[&str]; 17] = [
        &["status"],
        &["run", "--listen", "127.0.0.1:0", "--no-mdns"],
        &["export", "-"],
        &["contacts", "list"],
        &["contacts", "show", "ab"],
        &["contacts", "set", "ab", "NOTE=x"],
        &["contacts", "unset", "ab", "cd"],
        &["contacts", "choose", "ab", "cd", "x"],
        &["contacts", "trash", "ab"],
        &["contacts", "restore", "ab"],
        &["contacts", "undo"],
        &["groups", "list"],
        &["groups", "add", "Family"],
        &["groups", "rename", "Family", "Kin"],
        &["groups", "put", "Family", "ab"],
        &["tags", "list"],
        &["devices", "list"],
    ];
    for words in commands {
        let told = device.refused("not_set_up", words);
        assert!(told.contains("`init`") && told.contains("`pair enter`"), "{told}");
    }
    device.refused_with("not_set_up", &["contacts", "add"], &cards::one(1));
    device.refused("not_set_up", &["import", &device.write("one.vcf", cards::one(1))]);
    assert!(is_untouched(&device.folder()));
}

#[test]
fn what_needs_a_running_hub_says_so() {
    let device = Device::first("Laptop", "Mara");
    let commands: [&[&str]; 5] =
        [&["stop"], &["pair", "show"], &["pair", "pending"], &["pair", "approve", "ab"], &["pair", "refuse", "ab"]];
    for words in commands {
        let told = device.refused("not_running", words);
        assert!(told.contains("No hub runs on this folder"), "{told}");
    }
}

#[test]
fn a_second_hub_on_one_folder_is_refused() {
    let mut device = Device::first("Laptop", "Mara");
    device.start();
    let told = device.refused("in_use", &["run", "--listen", "127.0.0.1:0", "--no-mdns"]);
    assert!(told.contains(device.folder().to_str().unwrap()), "{told}");
    assert!(device.runs());
    device.stop();
}

#[test]
fn an_address_that_is_taken_is_named() {
    let device = Device::first("Laptop", "Mara");
    let taken = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let told = device.refused("unreachable", &["run", "--listen", &address, "--no-mdns"]);
    assert!(told.contains(&address) && told.contains("--listen"), "{told}");
}

#[test]
fn an_id_that_is_none_and_one_that_is_several_are_told_apart() {
    let device = Device::first("Laptop", "Mara");
    device.call(&["import", &device.write("some.vcf", cards::many(0, 17))]);
    let ids = device.contact_ids();
    // Seventeen ids and sixteen digits: two begin alike.
    let twice = ids.iter().find(|id| ids.iter().filter(|other| other[..1] == id[..1]).count() > 1).unwrap();
    let property = text(&device.property(twice, "UID")["id"]).to_owned();
    for id in [&twice[..1], "zz", "", &format!("{twice}00"), &"0".repeat(32), "me"] {
        let code = if id.len() == 1 { "ambiguous" } else { "not_found" };
        for words in [
            &["contacts", "show", id][..],
            &["contacts", "set", id, "NOTE=x"],
            &["contacts", "unset", id, &property],
            &["contacts", "choose", id, &property, "x"],
            &["contacts", "trash", id],
            &["contacts", "restore", id],
            &["export", "-", "--contact", id],
        ] {
            device.refused(code, words);
        }
    }
    assert_eq!(device.call(&["contacts", "show", &twice[..20]])["id"], *twice, "a unique beginning will do");
    device.refused("not_found", &["contacts", "unset", twice, "ffffffffffff"]);
    device.refused("not_found", &["contacts", "set", twice, "ffffffffffff=x"]);
    device.refused("not_found", &["contacts", "choose", twice, "ffffffffffff", "x"]);
    device.refused("bad_request", &["contacts", "choose", twice, &property, "no value of it"]);
    device.refused("not_found", &["groups", "put", "Nobody", twice]);
    device.refused("not_found", &["contacts", "list", "--tag", "Nothing"]);
}

#[test]
fn a_file_that_is_no_address_book_is_named() {
    let device = Device::first("Laptop", "Mara");
    let binary = device.write("photo.vcf", b"\x89PNG\r\n\0\0\0\x01BEGIN:VCARD");
    let letter = device.write("letter.txt", "Dear Mara,\nhow are you?\n");
    let empty = device.write("empty.vcf", "");
    for file in [&binary, &letter, &empty] {
        let told = device.refused("malformed_file", &["import", file]);
        assert!(told.contains(file.as_str()) || told.contains(file.rsplit('/').next().unwrap()), "{told}");
    }
    let missing = device.file("missing.vcf").to_str().unwrap().to_owned();
    let folder = device.folder().to_str().unwrap().to_owned();
    for file in [&missing, &folder] {
        let told = device.refused("file_unavailable", &["import", file]);
        assert!(told.contains(file.as_str()), "{told}");
        device.refused("file_unavailable", &["contacts", "add", file]);
    }
    device.refused("file_unavailable", &["export", &format!("{missing}/book.vcf")]);
    device.refused_with("malformed_file", &["contacts", "add"], "Dear Mara");
    device.refused_with("bad_request", &["contacts", "add"], &cards::many(0, 2));
    device.refused("bad_request", &["export", "-", "--vcard", "2.1"]);
    assert_eq!(device.call(&["status"])["book"]["contacts"], 0);
}

#[test]
fn broken_cards_are_told_by_card_and_line_and_the_rest_comes_in() {
    let device = Device::first("Laptop", "Mara");
    let good = cards::one(1).replace("\r\n", "\n");
    let lines = good.lines().count() as u64;
    let broken = "BEGIN:VCARD\nVERSION:3.0\nFN:Bea Broken\nthis is no property\nTEL:1\nEND:VCARD\n";
    let open = "BEGIN:VCARD\nVERSION:3.0\nFN:Olga Open\n";
    let file = device.write("mixed.vcf", format!("{good}{broken}{}{open}", cards::one(2).replace("\r\n", "\n")));
    let imported = device.call(&["import", &file]);
    println!("{imported:#}");
    assert_eq!((&imported["added"], &imported["updated"]), (&4.into(), &0.into()), "{imported}");
    let failed = imported["failed"].as_array().unwrap();
    let second = cards::one(2).lines().count() as u64;
    let told: Vec<_> = failed.iter().map(|failure| failure["line"].as_u64().unwrap()).collect();
    assert_eq!(told, [lines + 4, lines + 6 + second + 1], "{imported}");
    assert_eq!(each(&imported["failed"], "file"), ["mixed.vcf"; 2]);
    assert!(each(&imported["failed"], "reason").iter().all(|reason| !reason.is_empty()));
    assert_eq!(device.property(&device.find("Broken"), "TEL")["value"], "1", "the rest of the card comes in");
    let told = device.ask(&["import", &device.write("again.vcf", broken)], "");
    assert_eq!(told.code, Some(0));
    assert!(told.err.starts_with("again.vcf:4: "), "{told:?}");
}

#[test]
fn setting_one_of_several_needs_its_id() {
    let device = Device::first("Laptop", "Mara");
    let card = "BEGIN:VCARD\nVERSION:3.0\nFN:Ann\nTEL;TYPE=WORK:1\nTEL;TYPE=WORK:2\nTEL;TYPE=HOME:3\nEND:VCARD\n";
    let id = text(&device.call_with(&["contacts", "add"], card)["id"]).to_owned();
    let told = device.refused("ambiguous", &["contacts", "set", &id, "TEL;TYPE=WORK=4"]);
    assert!(told.contains("several TEL"), "{told}");
    device.refused("ambiguous", &["contacts", "set", &id, "TEL=4"]);
    device.call(&["contacts", "set", &id, "TEL;TYPE=HOME=33"]);
    let first = text(&device.property(&id, "TEL")["id"]).to_owned();
    assert!(told.contains(&first[..8]), "the ids are there to choose from: {told}");
    device.call(&["contacts", "set", &id, &format!("{first}=11")]);
    device.call(&["contacts", "set", &id, "TEL;TYPE=FAX=5"]);
    let card = device.call(&["contacts", "show", &id]);
    let numbers = card["properties"].as_array().unwrap().iter().filter(|property| property["name"] == "TEL");
    let numbers: Vec<_> = numbers.map(|property| text(&property["value"])).collect();
    assert_eq!(numbers, ["11", "2", "33", "5"]);
    device.refused("bad_request", &["contacts", "set", &id, "TEL"]);
}

#[test]
fn there_is_an_end_to_undo() {
    let device = Device::first("Laptop", "Mara");
    let told = device.refused("nothing_to_undo", &["contacts", "undo"]);
    assert!(told.contains("nothing to take back"), "{told}");
    device.call_with(&["contacts", "add"], &cards::one(1));
    device.call(&["contacts", "undo"]);
    device.refused("nothing_to_undo", &["contacts", "undo"]);
}

#[test]
fn what_is_too_large_is_refused_whole_and_said() {
    let device = Device::first("Laptop", "Mara");
    let photo = "QUJD".repeat(300_000);
    let large =
        format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Large\r\nPHOTO;ENCODING=b;TYPE=JPEG:{photo}\r\nEND:VCARD\r\n");
    let told = device.refused_with("too_large", &["contacts", "add"], &large);
    println!("{told}");
    let file = device.write("two.vcf", format!("{large}{}", cards::one(1)));
    let imported = device.call(&["import", &file]);
    assert_eq!((&imported["added"], each(&imported["failed"], "file").len()), (&1.into(), 1), "{imported}");
    assert!(text(&imported["failed"][0]["reason"]).contains("larger"), "{imported}");
    let id = device.find("n00001@example.org");
    // A command line argument has at most 128 KiB on Linux; several may be given.
    let note = format!("X-NOTE=\"{}\"", "a".repeat(100_000));
    let many: Vec<String> = (0..8).map(|n| note.replace("X-NOTE", &format!("X-NOTE{n}"))).collect();
    let words: Vec<&str> = ["contacts", "set", &id].into_iter().chain(many.iter().map(String::as_str)).collect();
    device.refused("too_large", &words);
    assert_eq!(device.call(&["status"])["book"]["contacts"], 1);
}

#[test]
fn wrong_usage_ends_with_status_two() {
    let device = Device::new("Laptop");
    let commands: [&[&str]; 14] = [
        &[],
        &["dance"],
        &["init"],
        &["import"],
        &["export"],
        &["contacts"],
        &["contacts", "list", "--limit", "many"],
        &["contacts", "show"],
        &["contacts", "set", "ab"],
        &["groups", "rename", "one"],
        &["pair", "approve"],
        &["run", "--listen", "here"],
        &["run", "--peer", "nobody"],
        &["status", "--loud"],
    ];
    for words in commands {
        for json in [&[][..], &["--json"]] {
            let told = device.ask(&[json, words].concat(), "");
            assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{words:?}: {told:?}");
            assert!(!told.err.is_empty());
        }
    }
    assert!(!device.folder().exists());
}
