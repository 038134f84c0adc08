//! Tables: what Google, Outlook and spreadsheets hold comes in, is looked at first, is taken back, and goes out again.

use super::{each, text};
use kith_tests::people::Device;
use serde_json::Value;

const GOOGLE: &str = "First Name,Last Name,Birthday,Notes,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,\
                      Phone 1 - Value,Custom Field 1 - Label,Custom Field 1 - Value\r\n\
                      Anna,Lindqvist,1985-04-12,\"two\nlines\",* myContacts ::: Family ::: Choir,* Home,\
                      anna@example.org ::: a2@example.org,Mobile,+46 70 1,Shoe size,38\r\n\
                      Bo,Ek,,,Family,,,Work,+46 8 2,,\r\n\
                      =cmd|' /C calc'!A0,Plus,,-1+1,,,,Work,@SUM(1),Formula,+1\r\n";

fn total(device: &Device) -> u64 {
    device.call(&["status"])["book"]["contacts"].as_u64().unwrap()
}

fn numbers(imported: &Value) -> [u64; 3] {
    ["added", "updated", "unchanged"].map(|key| imported[key].as_u64().unwrap())
}

#[test]
fn a_google_table_comes_in_with_its_groups_and_is_taken_back_as_one() {
    let device = Device::first("Laptop", "Mara");
    let file = device.write("contacts.csv", GOOGLE);
    let dry = device.call(&["import", "--dry-run", &file]);
    assert_eq!((numbers(&dry), total(&device)), ([3, 0, 0], 0), "{dry}");
    assert_eq!(each(&dry["rows"], "action"), ["added"; 3]);
    assert_eq!(each(&dry["rows"], "name")[..2], ["Anna Lindqvist", "Bo Ek"]);
    assert_eq!(device.call(&["groups", "list"])["groups"], serde_json::json!([]));

    let imported = device.call(&["import", &file]);
    assert_eq!((numbers(&imported), total(&device)), ([3, 0, 0], 3), "{imported}");
    let read = &imported["files"][0];
    assert_eq!((text(&read["format"]), text(&read["dialect"]), text(&read["charset"])), ("csv", "Google", "UTF-8"));
    assert_eq!(imported["failed"], serde_json::json!([]));
    let anna = device.find("anna@example.org");
    assert_eq!(device.property(&anna, "BDAY")["text"], "1985-04-12");
    assert_eq!(device.property(&anna, "X-KITH-CUSTOM")["label"], "Shoe size");
    let groups = device.call(&["groups", "list"])["groups"].clone();
    assert_eq!(each(&groups, "name"), ["Choir", "Family"]);
    assert_eq!((&groups[0]["count"], &groups[1]["count"]), (&1.into(), &2.into()));

    assert_eq!(numbers(&device.call(&["import", &file])), [0, 0, 3], "a second time changes nothing");
    device.call(&["import", "undo"]);
    assert_eq!(total(&device), 0, "one step takes all of it back");
}

#[test]
fn a_dry_run_says_what_the_import_then_does() {
    let device = Device::first("Laptop", "Mara");
    let card = |uid: &str, name: &str, note: &str| {
        format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nN:;{name};;;\r\nFN:{name}\r\n{note}END:VCARD\r\n")
    };
    device.call(&["import", &device.write("old.vcf", card("a", "Anna", "") + card("b", "Bo", "").as_str())]);
    let cards = [
        card("a", "Anna", "NOTE:new\r\n"),
        card("b", "Bo", ""),
        card("c", "Cleo", ""),
        card("c", "Cleo", ""),
        card("c", "Cleo", "NOTE:again\r\n"),
        "BEGIN:VCARD\r\nVERSION:3.0\r\nno property\r\nFN:Dora\r\nEND:VCARD\r\n".to_owned(),
    ]
    .concat();
    let file = device.write("new.vcf", cards);
    let dry = device.call(&["import", "--dry-run", &file]);
    assert_eq!(each(&dry["rows"], "action"), ["updated", "unchanged", "added", "unchanged", "updated", "added"]);
    assert_eq!(text(&dry["rows"][0]["id"]), device.find("Anna"));
    let before = device.call(&["status"])["book"].clone();
    assert_eq!(before["contacts"], 2);
    let imported = device.call(&["import", &file]);
    assert_eq!(numbers(&imported), numbers(&dry));
    assert_eq!(numbers(&imported), [2, 2, 2]);
    assert_eq!((&imported["failed"], imported["failed"].as_array().unwrap().len()), (&dry["failed"], 1));
    assert_eq!(
        device.property(&device.find("Cleo"), "NOTE")["text"],
        "again",
        "cards of one contact follow each other"
    );
}

#[test]
fn what_a_column_means_is_guessed_or_said_by_number_or_name() {
    let device = Device::first("Laptop", "Mara");
    let file = device.write("list.csv", "Wer;Wo man anruft;Geheim\r\nUlla;030 12345;x1\r\n;030 99999;x2\r\n");
    let told = device.refused("malformed_file", &["import", &file]);
    assert!(told.contains("columns"), "{told}");
    let with = ["import", &file, "--column", "1=fn", "--column", "wo man ANRUFT=tel;work", "--column", "3="];
    let imported = device.call(&with);
    assert_eq!(numbers(&imported), [2, 0, 0], "{imported}");
    let ulla = device.find("Ulla");
    assert_eq!(device.property(&ulla, "TEL")["label"], "work");
    let card = device.call(&["contacts", "show", &ulla]);
    assert_eq!(card["properties"].as_array().unwrap().len(), 2, "what the mapping leaves out stays out: {card}");
    device.refused("bad_request", &["import", &file, "--column", "9=fn"]);
    device.refused("bad_request", &["import", &file, "--column", "nowhere=fn"]);
    let told = device.refused("bad_request", &["import", &file, "--column", "1=shoe"]);
    assert!(told.contains("shoe"), "{told}");
}

#[test]
fn rows_that_are_broken_are_told_by_line_and_the_rest_comes_in() {
    let device = Device::first("Laptop", "Mara");
    let table =
        "Name,Phone,Birthday\r\nAnna,1234567,1.2.1980\r\n\"Bo,2345678,\r\nCleo,3456789,3/4/1985,extra\r\nDora\r\n";
    let imported = device.call(&["import", &device.write("rows.csv", table)]);
    assert_eq!((numbers(&imported), &imported["failed"]), ([4, 0, 0], &serde_json::json!([])), "{imported}");
    let lines: Vec<u64> =
        imported["notes"].as_array().unwrap().iter().map(|note| note["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [3, 4, 4, 5], "{imported}");
    assert_eq!(device.property(&device.find("Cleo"), "BDAY")["text"], "3/4/1985");
    assert_eq!(device.property(&device.find("Bo"), "TEL")["text"], "2345678");
}

#[test]
fn old_code_pages_are_found_out_or_said() {
    let device = Device::first("Laptop", "Mara");
    let german =
        b"Vorname;Nachname;Stra\xDFe privat;Telefon privat\r\nJ\xFCrgen;M\xFC\xDFig;Gr\xF6\xDFeweg 1;0221 55555\r\n";
    let imported = device.call(&["import", &device.write("de.csv", german)]);
    assert_eq!(imported["files"][0]["charset"], "windows-1252", "{imported}");
    assert!(device.find("Müßig").len() > 10);
    let russian = b"Name,Phone\r\n\xCE\xEB\xFC\xE3\xE0,123456\r\n";
    let file = device.write("ru.csv", russian);
    device.call(&["import", &file, "--charset", "windows-1251"]);
    device.find("Ольга");
    let told = device.refused("malformed_file", &["import", &file, "--charset", "klingon"]);
    assert!(told.contains("klingon"), "{told}");
}

#[test]
fn each_table_that_is_written_is_read_back_as_it_was() {
    let device = Device::first("Laptop", "Mara");
    device.call(&["import", &device.write("contacts.csv", GOOGLE)]);
    device.call(&["groups", "put", "Choir", &device.find("Bo")]);
    for flavour in ["google", "outlook", "spreadsheet"] {
        let path = device.file(&format!("{flavour}.csv"));
        let path = path.to_str().unwrap();
        let exported = device.call(&["export", path, "--csv", flavour]);
        assert_eq!(exported["contacts"], 3);
        let table = std::fs::read_to_string(path).unwrap();
        let left_out = exported["left_out"].as_array().unwrap().len();
        assert_eq!(left_out > 0, flavour == "outlook", "{exported}: Outlook has no custom fields");
        let fresh = Device::first("Fresh", "Nobody");
        let imported = fresh.call(&["import", path]);
        assert_eq!((numbers(&imported), &imported["notes"]), ([3, 0, 0], &serde_json::json!([])), "{flavour}");
        let again = fresh.file("again.csv");
        fresh.call(&["export", again.to_str().unwrap(), "--csv", flavour]);
        assert_eq!(std::fs::read_to_string(again).unwrap(), table, "{flavour}: a fixed point");
        let groups = fresh.call(&["groups", "list"])["groups"].clone();
        assert_eq!((each(&groups, "name"), &groups[0]["count"]), (vec!["Choir", "Family"], &2.into()), "{flavour}");
        if flavour == "google" {
            assert!(table.contains("=cmd|' /C calc'!A0") && !table.contains("'=cmd"), "byte-faithful");
        }
    }
}

#[test]
fn no_cell_of_a_spreadsheet_is_a_formula_or_loses_its_zeros() {
    let device = Device::first("Laptop", "Mara");
    device.call(&["import", &device.write("contacts.csv", GOOGLE)]);
    device.call_with(
        &["contacts", "add"],
        "BEGIN:VCARD\nVERSION:3.0\nFN:'=quoted\nTEL:0049170\nNOTE:\\t=1\nNICKNAME:@x\nEND:VCARD\n",
    );
    let path = device.file("sheet.csv");
    device.call(&["export", path.to_str().unwrap(), "--csv", "spreadsheet"]);
    let table = std::fs::read_to_string(&path).unwrap();
    assert!(table.starts_with('\u{FEFF}') && table.ends_with("\r\n"));
    let cells = table.trim_start_matches('\u{FEFF}').split([',', '\n', '\r']).map(|cell| cell.trim_start_matches('"'));
    let harmful: Vec<&str> = cells.filter(|cell| cell.starts_with(['=', '+', '-', '@', '\t'])).collect();
    assert!(harmful.is_empty(), "{harmful:?}");
    assert!(table.contains("'0049170") && table.contains("''=quoted"));
    let fresh = Device::first("Fresh", "Nobody");
    fresh.call(&["import", path.to_str().unwrap()]);
    assert_eq!(fresh.property(&fresh.find("0049170"), "FN")["text"], "'=quoted");
    assert_eq!(fresh.property(&fresh.find("calc"), "TEL")["text"], "@SUM(1)");
}
