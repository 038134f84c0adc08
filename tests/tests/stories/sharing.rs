//! What Ann shares beside her number: a picture, a status line, a second card; when it leaves, and how it finds home.

use super::{
    persons::{has, link, state, value},
    text,
};
use kith_tests::people::{Device, section, wait_at_most, wait_until};
use serde_json::{Value, json};
use std::{net::UdpSocket, time::Duration};

/// The smallest picture that is one: a white pixel.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAG7buVgAAAABJRU5ErkJggg==";

fn received(device: &Device) -> Vec<Value> {
    device.call(&["items", "list"])["received"].as_array().unwrap().clone()
}

#[test]
fn a_picture_a_status_line_a_second_card_and_a_picture_of_its_own_reach_bob_and_a_mute_hides_them() {
    let (mut ann, mut bob) = (Device::first("Ann's laptop", "Ann Aalto"), Device::first("Bob's laptop", "Bob Berg"));
    ann.start();
    bob.start();
    let (bobs_ann, anns_bob) = link(&ann, &bob, None);
    section("My card with a picture and a status line");
    ann.call(&["me", "set", &format!("PHOTO=data:image/png;base64,{PIXEL}"), "X-STATUS=in the mountains"]);
    ann.call(&["update", "send", "--everyone"]);
    has(&bob, &bobs_ann, "X-STATUS", "in the mountains");
    assert!(value(&bob, &bobs_ann, "PHOTO").is_some_and(|photo| photo.contains(PIXEL)));

    section("A second card and a picture are items of their own");
    let work = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ann Aalto\r\nORG:Tidewater Maps\r\nEND:VCARD\r\n";
    ann.call(&["items", "add", "Work", &ann.write("work.vcf", work)]);
    // A picture is known by how it begins; nobody opens it here.
    std::fs::write(ann.file("view.png"), b"\x89PNG\r\n\x1a\n").unwrap();
    ann.call(&["items", "add", "View", ann.file("view.png").to_str().unwrap()]);
    for item in ["Work", "View"] {
        ann.call(&["update", "send", "--contact", &anns_bob, "--item", item]);
    }
    let mut kinds: Vec<Value> = wait_until("Bob has both", || Some(received(&bob)).filter(|all| all.len() == 2));
    kinds.sort_by_key(|item| text(&item["kind"]).to_owned());
    assert_eq!((&kinds[0]["kind"], &kinds[1]["kind"]), (&json!("card"), &json!("picture")), "{kinds:#?}");

    section("Muted, what she does is not shown, and it is there all the same");
    let entries = |device: &Device| device.call(&["activity"])["entries"].as_array().unwrap().len();
    assert!(entries(&bob) > 0);
    bob.call(&["policy", "set", "ask"]);
    bob.call(&["link", "mute", &bobs_ann]);
    ann.call(&["me", "set", "X-STATUS=home again"]);
    ann.call(&["update", "send", "--everyone"]);
    wait_until("it waits", || (bob.call(&["status"])["inbox"] == 1).then_some(()));
    assert_eq!(entries(&bob), 0);
    assert!(bob.call(&["notify", "due"])["notice"].is_null());
    bob.call(&["link", "unmute", &bobs_ann]);
    assert!(entries(&bob) > 0 && bob.call(&["notify", "due"])["notice"].is_object());
}

#[test]
fn updates_leave_after_some_changes_or_some_minutes_and_a_watched_folder_is_read_again() {
    let (mut ann, mut bob) = (Device::first("Ann's laptop", "Ann Aalto"), Device::first("Bob's laptop", "Bob Berg"));
    let listen = ann.start().to_string();
    bob.start();
    let (bobs_ann, anns_bob) = link(&ann, &bob, None);
    ann.call(&["update", "keep", "--everyone"]);
    let set = |device: &Device, tel: &str| device.call(&["me", "set", &format!("TEL;TYPE=cell=+49 170 {tel}")]);
    set(&ann, "1");
    has(&bob, &bobs_ann, "TEL", "+49 170 1");

    section("After three changes: not before the third");
    ann.refused("bad_request", &["update", "when", "sometimes"]);
    assert_eq!(ann.call(&["update", "when", "changes:3"])["when"], "changes:3");
    set(&ann, "2");
    set(&ann, "3");
    let early = || (value(&bob, &bobs_ann, "TEL").as_deref() != Some("+49 170 1")).then_some(());
    assert_eq!(wait_at_most(Duration::from_millis(300), early), None);
    set(&ann, "4");
    has(&bob, &bobs_ann, "TEL", "+49 170 4");

    section("After five minutes: a hub that was off meanwhile sends when it starts");
    ann.call(&["update", "when", "minutes:5"]);
    ann.call(&["me", "set", "EMAIL=ann@example.org"]);
    set(&ann, "5");
    let early = || (value(&bob, &bobs_ann, "TEL").as_deref() != Some("+49 170 4")).then_some(());
    assert_eq!(wait_at_most(Duration::from_millis(300), early), None);
    let logs = ann.file("logs");
    std::fs::create_dir_all(&logs).unwrap();
    ann.call(&["interactions", "watch", logs.to_str().unwrap()]);
    ann.stop();
    let date = jiff::Zoned::now().strftime("%a, %d %b %Y %H:%M:%S %z").to_string();
    let mail = format!("From x\nFrom: ann@example.org\nTo: bob@example.org\nDate: {date}\n\nsecret\n");
    std::fs::write(logs.join("sent.mbox"), mail).unwrap();
    let mut ann = ann.with_env("KITH_CLOCK_OFFSET", "6m");
    ann.start_with(&["--listen", &listen, "--no-mdns"]);
    has(&bob, &bobs_ann, "TEL", "+49 170 5");

    section("What came into a watched folder meanwhile is counted");
    ann.call(&["contacts", "set", &anns_bob, "EMAIL=bob@example.org"]);
    wait_until("the mail is counted", || {
        let top = ann.call(&["interactions", "top", "--window", "700"]);
        (top["contacts"].get(0)?["mails"] == 1).then_some(())
    });
}

#[test]
fn who_shares_a_home_is_found_again_on_its_network_and_nobody_else_is() {
    let free = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port().to_string();
    drop(free);
    let person = |name: &str| Device::first(&format!("{name}'s laptop"), name).with_env("KITH_MDNS_PORT", &port);
    let (mut ann, mut bob, mut cem) = (person("Ann"), person("Bob"), person("Cem"));
    for device in [&mut ann, &mut bob, &mut cem] {
        device.start();
    }
    let (bobs_ann, anns_bob) = link(&ann, &bob, None);
    let (_, anns_cem) = link(&ann, &cem, None);
    ann.call(&["link", "household", &anns_bob, "on"]);
    bob.call(&["link", "household", &bobs_ann, "on"]);

    section("All begin anew, and none is where it was");
    let before = [&ann, &bob, &cem].map(|device| device.address().port());
    for device in [&mut ann, &mut bob, &mut cem] {
        device.stop();
    }
    for (device, before) in [&mut ann, &mut bob, &mut cem].into_iter().zip(before) {
        device.start_with(&[]);
        assert_ne!(device.address().port(), before);
    }
    ann.call(&["me", "set", "TEL;TYPE=cell=+49 170 1"]);
    let update = text(&ann.call(&["update", "send", "--everyone"])["update_id"]).to_owned();
    has(&bob, &bobs_ann, "TEL", "+49 170 1");
    wait_until("Ann hears that Bob has it", || (state(&ann, &update, &anns_bob)? == "delivered").then_some(()));
    assert_eq!(state(&ann, &update, &anns_cem).as_deref(), Some("waiting"), "he lives elsewhere");
}
