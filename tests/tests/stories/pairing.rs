//! How a device is let in, and all the ways in which it is not.

use super::{each, text};
use kith_hub::{api, control};
use kith_tests::people::{Device, Relay, cards, in_step, is_untouched, pair, pair_by, wait_until};

fn laptop() -> Device {
    let mut laptop = Device::first("Laptop", "Mara");
    laptop.start();
    laptop
}

fn code_of(device: &Device) -> String {
    text(&device.call(&["pair", "show"])["code"]).to_owned()
}

/// A code that is surely wrong.
fn wrong(code: &str) -> String {
    let last = if code.ends_with('0') { '1' } else { '0' };
    format!("{}{last}", &code[..code.len() - 1])
}

#[test]
fn a_link_carries_the_address_and_lets_a_device_in() {
    let laptop = laptop();
    laptop.call_with(&["contacts", "add"], &cards::one(1));
    let shown = laptop.call(&["pair", "show"]);
    assert!(text(&shown["link"]).starts_with("kith://pair?"), "{shown}");
    assert_eq!(laptop.call(&["pair", "show"])["link"], shown["link"], "the code stays until it is used or dies");
    let mut tablet = Device::new("Tablet");
    pair_by(&laptop, &tablet, text(&shown["link"]), None);
    tablet.start();
    assert_eq!(in_step(&[&laptop, &tablet])["contacts"], 1);
    assert_eq!(each(&tablet.call(&["devices", "list"])["devices"], "name"), ["Tablet", "Laptop"]);
    assert_ne!(laptop.call(&["pair", "show"])["code"], shown["code"], "a code serves once");
}

#[test]
fn three_wrong_guesses_kill_the_code() {
    let laptop = laptop();
    let at = laptop.address().to_string();
    let code = code_of(&laptop);
    let tablet = Device::new("Tablet");
    for guess in 1..=3 {
        let told = tablet.enter(&wrong(&code), Some(&at)).turned_away("wrong_code");
        println!("guess {guess}: {told}");
        assert!(told.contains("code is wrong"), "{told}");
        assert!(is_untouched(&tablet.folder()));
    }
    // The code is dead, so the device does not answer to strangers any more.
    let told = tablet.enter(&code, Some(&at)).turned_away("unreachable");
    assert!(told.contains("No device that shows a code answers"), "{told}");
    assert_ne!(code_of(&laptop), code, "a new code");
    assert_eq!(each(&laptop.call(&["devices", "list"])["devices"], "name"), ["Laptop"]);
    pair_by(&laptop, &tablet, &code_of(&laptop), Some(&at));
}

#[test]
fn a_closed_code_lets_nobody_in() {
    let laptop = laptop();
    let (at, code) = (laptop.address().to_string(), code_of(&laptop));
    let close = async { control::call(&laptop.folder(), &api::PairClose {}.into()).await };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(close).expect("the hub runs").expect("pairing is closed");
    let told = Device::new("Tablet").enter(&code, Some(&at)).turned_away("unreachable");
    assert!(told.contains("still shown"), "{told}");
}

#[test]
fn a_no_on_the_old_device_is_a_no_and_a_second_try_is_free() {
    let laptop = laptop();
    let (at, tablet) = (laptop.address().to_string(), Device::new("Tablet"));
    let guest = tablet.enter(&code_of(&laptop), Some(&at));
    let asks = laptop.asked_by("Tablet");
    laptop.call(&["pair", "refuse", text(&asks["id"])]);
    let told = guest.turned_away("refused");
    assert!(told.contains("answered no"), "{told}");
    assert!(is_untouched(&tablet.folder()));
    tablet.refused("not_set_up", &["status"]);
    laptop.refused("not_found", &["pair", "approve", text(&asks["id"])]);
    pair_by(&laptop, &tablet, &code_of(&laptop), Some(&at));
}

#[test]
fn a_device_that_goes_away_while_it_waits_leaves_nothing_behind() {
    let laptop = laptop();
    let (at, tablet) = (laptop.address().to_string(), Device::new("Tablet"));
    let mut guest = tablet.enter(&code_of(&laptop), Some(&at));
    let asks = laptop.asked_by("Tablet");
    assert_eq!(asks["words"], guest.words());
    guest.kill();
    wait_until("nobody waits any more", || {
        laptop.call(&["pair", "pending"])["pending"].as_array()?.is_empty().then_some(())
    });
    laptop.refused("not_found", &["pair", "approve", text(&asks["id"])]);
    assert!(is_untouched(&tablet.folder()), "a guest keeps nothing before the yes");
    tablet.refused("not_set_up", &["status"]);
    assert_eq!(each(&laptop.call(&["devices", "list"])["devices"], "name"), ["Laptop"]);
}

#[test]
fn a_device_whose_yes_is_cut_off_is_either_in_or_can_try_again() {
    let laptop = laptop();
    let at = laptop.address().to_string();
    // Twice only: a connection that was cut off counts for some seconds, and there may be four.
    for _ in 0..2 {
        let tablet = Device::new("Tablet");
        let guest = tablet.enter(&code_of(&laptop), Some(&at));
        laptop.call(&["pair", "approve", text(&laptop.asked_by("Tablet")["id"])]);
        guest.kill();
        let outcome = tablet.ask(&["--json", "status"], "");
        if outcome.code != Some(0) {
            assert_eq!(outcome.json()["error"]["code"], "not_set_up", "{outcome:?}");
            pair_by(&laptop, &tablet, &code_of(&laptop), Some(&at));
        }
    }
}

#[test]
fn an_old_device_that_stops_tells_who_waits() {
    let mut laptop = laptop();
    let (at, tablet) = (laptop.address().to_string(), Device::new("Tablet"));
    let guest = tablet.enter(&code_of(&laptop), Some(&at));
    laptop.asked_by("Tablet");
    laptop.stop();
    let told = guest.turned_away("unreachable");
    assert!(told.contains("lost") && is_untouched(&tablet.folder()), "{told}");
}

#[test]
fn nothing_of_the_book_leaves_before_the_yes() {
    let mut laptop = Device::first("Laptop", "Mara");
    laptop.call(&["import", &laptop.write("old.vcf", cards::many(0, 1000))]);
    laptop.start();
    let (relay, tablet) = (Relay::to(laptop.address()), Device::new("Tablet"));
    let mut guest = tablet.enter(&code_of(&laptop), Some(&relay.address().to_string()));
    let asks = laptop.asked_by("Tablet");
    assert_eq!((&asks["words"], &asks["platform"]), (&guest.words().into(), &std::env::consts::OS.into()));
    let (bytes, book) = (relay.bytes_from_target(), std::fs::metadata(laptop.folder().join("book.db")).unwrap().len());
    println!("{bytes} bytes came from the laptop before the yes; its book has {book}");
    assert!((1_000..20_000).contains(&bytes) && book > 200_000);
    assert!(is_untouched(&tablet.folder()));
    laptop.call(&["pair", "refuse", text(&asks["id"])]);
    guest.turned_away("refused");
}

#[test]
fn a_folder_that_is_set_up_enters_no_code() {
    let (laptop, desk) = (laptop(), Device::first("Desk", "Otto"));
    let code = code_of(&laptop);
    let told = desk.refused("already_set_up", &["pair", "enter", &code, "--at", &laptop.address().to_string()]);
    assert!(told.contains("another folder"), "{told}");
    assert_eq!(desk.call(&["status"])["person"]["name"], "Otto");
    desk.refused("already_set_up", &["init", "--name", "Desk"]);
}

#[test]
fn a_code_that_is_none_and_an_address_where_nobody_is_are_told_apart() {
    let tablet = Device::new("Tablet");
    for code in ["1234", "1234567a", "123 456 789", "", "kith://pair?k=1", "https://example.org"] {
        let told = tablet.refused("bad_request", &["pair", "enter", code, "--name", "Tablet", "--at", "127.0.0.1:9"]);
        println!("{code:?}: {told}");
    }
    tablet.refused("bad_request", &["pair", "enter", "12345678", "--name", "Tablet", "--at", "nowhere"]);
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let at = silent.local_addr().unwrap().to_string();
    let told = tablet.enter("1234 5678", Some(&at)).turned_away("unreachable");
    assert!(told.contains(&at), "{told}");
    assert!(is_untouched(&tablet.folder()));
}

#[test]
fn a_third_device_that_only_ever_meets_the_second_shares_the_book_of_the_first() {
    let mut laptop = Device::first("Laptop", "Mara");
    laptop.call(&["import", &laptop.write("old.vcf", cards::many(0, 100))]);
    laptop.start();
    let (mut desk, mut tablet) = (Device::new("Desk"), Device::new("Tablet"));
    pair(&laptop, &mut desk);
    pair(&desk, &mut tablet);
    assert_eq!(in_step(&[&laptop, &desk, &tablet])["contacts"], 100);
    // The roster travels too: the laptop knows a device that it never met.
    assert_eq!(each(&laptop.call(&["devices", "list"])["devices"], "name"), ["Laptop", "Desk", "Tablet"]);

    let id = laptop.find("n00003@example.org");
    laptop.call(&["contacts", "set", &id, "ROLE=from the laptop"]);
    in_step(&[&laptop, &desk, &tablet]);
    assert_eq!(tablet.property(&id, "ROLE")["value"], "from the laptop");
    tablet.call(&["contacts", "set", &id, "NOTE=from the tablet"]);
    in_step(&[&laptop, &desk, &tablet]);
    let note = laptop.property(&id, "NOTE");
    assert_eq!((text(&note["value"]), text(&note["device"])), ("from the tablet", "Tablet"));
    for (device, other) in [(&laptop, "Tablet"), (&tablet, "Laptop")] {
        let status = device.call(&["status"]);
        let peer = status["peers"].as_array().unwrap().iter().find(|peer| peer["name"] == other).unwrap();
        assert_eq!(peer["path"], "none", "they never met: {status}");
    }
}
