//! Contacts as people: favourites, households, relations, birthdays, and one edit of many.

use super::{each, text};
use kith_tests::people::{Device, in_step, pair};

const BOOK: &str = "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:dora\r\nFN:Dora Kovács\r\nN:Kovács;Dora;;;\r\nBDAY:19841214\r\n\
TEL;TYPE=home:+351 22 555 0190\r\nTEL;TYPE=cell:+351 912 555 014\r\nEMAIL:old@kovacs.example\r\n\
EMAIL;PREF=1:dora@kovacs.example\r\nADR;TYPE=home:;;Rua das Oliveiras 12;Porto;;4000-001;Portugal\r\n\
RELATED;TYPE=child;VALUE=text:Lili Kovács\r\nEND:VCARD\r\n\
BEGIN:VCARD\r\nVERSION:4.0\r\nUID:lili\r\nFN:Lili Kovács\r\nN:Kovács;Lili;;;\r\nBDAY:--0229\r\n\
TEL;TYPE=home:+351225550190\r\nEND:VCARD\r\n\
BEGIN:VCARD\r\nVERSION:4.0\r\nUID:tomas\r\nFN:Tomás Reis\r\nN:Reis;Tomás;;;\r\n\
ADR:;;rua das oliveiras, 12;PORTO;;4000-001;\r\nEND:VCARD\r\n\
BEGIN:VCARD\r\nVERSION:4.0\r\nUID:clinic\r\nKIND:org\r\nFN:Harbour Clinic\r\nORG:Harbour Clinic\r\n\
TEL:+351 22 555 0190\r\nEND:VCARD\r\n\
BEGIN:VCARD\r\nVERSION:4.0\r\nUID:bruno\r\nFN:Bruno Tavares\r\nN:Tavares;Bruno;;;\r\nORG:Old Firm\r\n\
TEL;TYPE=cell:+351 912 555 014\r\nBDAY:19790302\r\nEND:VCARD\r\n";

fn with_book() -> (Device, impl Fn(&Device, &str) -> String) {
    let device = Device::first("Laptop", "Mara");
    device.call(&["import", &device.write("book.vcf", BOOK)]);
    let id = |device: &Device, name: &str| {
        text(&device.call(&["contacts", "list", "--find", name])["contacts"][0]["id"]).to_owned()
    };
    (device, id)
}

#[test]
fn a_favourite_reaches_the_other_device_and_comes_back_from_a_file() {
    let (mut laptop, id) = with_book();
    laptop.start();
    let mut desk = Device::new("Desk");
    pair(&laptop, &mut desk);
    let dora = id(&laptop, "Dora");
    assert_eq!(laptop.call(&["contacts", "favourite", &dora])["count"], 1);
    in_step(&[&laptop, &desk]);
    let favourites = |device: &Device| device.call(&["contacts", "list", "--favourites"]);
    assert_eq!(each(&favourites(&desk)["contacts"], "name"), ["Dora Kovács"]);
    assert_eq!(desk.call(&["contacts", "show", &dora])["favourite"], true);
    assert_eq!(desk.call(&["groups", "list"])["groups"], serde_json::json!([]), "favourites are no group");

    let path = laptop.write("out.vcf", "");
    laptop.call(&["export", &path]);
    let card = std::fs::read_to_string(&path).unwrap();
    assert_eq!(card.matches("X-KITH-FAVOURITE:TRUE").count(), 1);
    let other = Device::first("Other", "Mara");
    other.call(&["import", &path]);
    assert_eq!(each(&favourites(&other)["contacts"], "name"), ["Dora Kovács"]);
    let again = other.call(&["import", &path]);
    assert_eq!((again["unchanged"].as_u64(), again["updated"].as_u64()), (Some(5), Some(0)));

    desk.call(&["contacts", "favourite", &dora, "--off"]);
    in_step(&[&laptop, &desk]);
    assert_eq!(favourites(&laptop)["total"], 0);
    desk.call(&["contacts", "undo"]);
    in_step(&[&laptop, &desk]);
    assert_eq!(favourites(&laptop)["total"], 1);
}

#[test]
fn a_household_is_who_shares_the_address_or_the_telephone_at_home() {
    let (device, id) = with_book();
    let around = device.call(&["contacts", "around", &id(&device, "Dora")]);
    assert_eq!(each(&around["household"], "name"), ["Lili Kovács", "Tomás Reis"], "{around}");
    assert_eq!(each(&around["household"], "why"), ["same telephone", "same address"]);
    assert_eq!(each(&around["related"], "name"), ["Lili Kovács"]);
    assert_eq!(each(&around["related"], "label"), ["child"]);
    let named = device.call(&["contacts", "around", &id(&device, "Lili")]);
    assert_eq!(each(&named["named_by"], "name"), ["Dora Kovács"]);
    let listed = device.call(&["contacts", "list", "--household", &id(&device, "Dora")]);
    assert_eq!(each(&listed["contacts"], "name"), ["Lili Kovács", "Tomás Reis"]);
    let alone = device.call(&["contacts", "around", &id(&device, "Bruno")]);
    assert_eq!(alone["household"], serde_json::json!([]), "a mobile is no home");
}

#[test]
fn birthdays_are_told_before_they_come() {
    let (device, id) = with_book();
    let found = device.call(&["contacts", "birthdays", "--from", "2026-11-21", "--days", "120"]);
    let told = &found["birthdays"];
    assert_eq!(each(told, "name"), ["Dora Kovács", "Lili Kovács", "Bruno Tavares"], "{told}");
    assert_eq!(each(told, "date"), ["2026-12-14", "2027-02-28", "2027-03-02"]);
    assert_eq!((&told[0]["days"], &told[0]["turns"]), (&23.into(), &42.into()));
    assert_eq!(told[1]["turns"], serde_json::Value::Null);
    let today = device.call(&["contacts", "birthdays", "--from", "2026-12-14", "--days", "0"]);
    assert_eq!(each(&today["birthdays"], "id"), [id(&device, "Dora")]);
    device.refused("bad_request", &["contacts", "birthdays", "--from", "soon"]);
}

#[test]
fn one_edit_of_many_is_one_undo_and_leaves_alone_what_would_be_a_guess() {
    let (device, id) = with_book();
    let ids: Vec<String> = ["Dora", "Lili", "Bruno"].map(|name| id(&device, name)).into();
    let call = |more: &[&str]| {
        let mut words = vec!["contacts", "edit-many"];
        words.extend(ids.iter().map(String::as_str));
        words.extend(more);
        device.call(&words)
    };
    let values = |name: &str| -> Vec<String> {
        let of = |id: &String| {
            let card = device.call(&["contacts", "show", id]);
            let named = card["properties"].as_array().unwrap().iter().filter(|one| one["name"] == name).cloned();
            named.map(|one| text(&one["text"]).to_owned()).collect::<Vec<_>>().join("|")
        };
        ids.iter().map(of).collect()
    };
    assert_eq!(call(&["--set", "ORG=Harbour Labs"])["count"], 3);
    assert_eq!(values("ORG"), ["Harbour Labs"; 3]);
    assert_eq!(call(&["--set", "ORG=Harbour Labs"])["count"], 0, "what is there is not written again");
    device.call(&["contacts", "undo"]);
    assert_eq!(values("ORG"), ["", "", "Old Firm"]);

    let mails = call(&["--set", "EMAIL=choir@kovacs.example"]);
    assert_eq!((&mails["count"], &mails["left"]), (&2.into(), &1.into()), "Dora has two already");
    assert_eq!(mails["names"], serde_json::json!(["Dora Kovács"]));
    assert_eq!(call(&["--unset", "EMAIL"])["count"], 3);
    assert_eq!(values("EMAIL"), ["", "", ""]);
    device.call(&["contacts", "undo"]);
    let found = device.call(&["contacts", "mails", &ids[0], &ids[1], &id(&device, "Harbour Clinic")]);
    assert_eq!(each(&found["mails"], "mail"), ["dora@kovacs.example", "choir@kovacs.example"]);
    assert_eq!(found["without"], 1);
    device.refused("bad_request", &["contacts", "edit-many", &ids[0], "--unset", "FN"]);
}
