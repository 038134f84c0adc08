//! Devices that do not find each other: each cause is made, and the doctor names it with a remedy.

use super::{each, text};
use kith_core::wire::Message;
use kith_tests::people::{
    Device,
    crook::Crook,
    in_step,
    lan::{Lan, Switch},
    pair_by, section, wait_at_most,
};
use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

/// How long a cause may take to be named.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks until the findings are these.
fn finds(device: &Device, expected: &[&str]) -> Vec<String> {
    let start = Instant::now();
    let mut last = serde_json::Value::Null;
    let found = wait_at_most(PATIENCE, || {
        last = device.call(&["doctor"])["findings"].clone();
        (each(&last, "code") == expected).then_some(())
    });
    assert!(found.is_some(), "expected {expected:?}, found {last:#}\n{}", device.told());
    let sentences: Vec<String> =
        each(&last, "message").iter().zip(each(&last, "remedy")).map(|(what, do_)| format!("{what} {do_}")).collect();
    println!("{expected:?} after {:.1} s: {sentences:?}", start.elapsed().as_secs_f32());
    sentences
}

fn pair_by_digits(old: &Device, new: &mut Device, run: &[&str]) {
    let code = text(&old.call(&["pair", "show"])["code"]).to_owned();
    pair_by(old, new, &code, None);
    new.start_with(run);
}

const DESK_PORT: u16 = 7118;
const ON_DESK_PORT: [&str; 2] = ["--listen", "0.0.0.0:7118"];

#[test]
fn each_cause_on_the_way_to_another_device_is_named() {
    let Some(mut lan) = Lan::new("the doctor on the network") else { return };
    let (mut home, away) = (lan.host(), lan.host());
    let mut laptop = Device::first("Laptop", "Mara").on(&home);
    let mut desk = Device::new("Desk").on(&away);
    laptop.start_with(&[]);
    pair_by_digits(&laptop, &mut desk, &ON_DESK_PORT);
    in_step(&[&laptop, &desk]);

    section("All is well");
    finds(&laptop, &[]);
    finds(&desk, &[]);
    let told = laptop.ask(&["doctor"], "");
    assert!(told.out.contains("Nothing is in the way"), "{told:?}");

    section("A firewall on the desk");
    desk.stop();
    away.block_udp(DESK_PORT, true);
    desk.start_with(&ON_DESK_PORT);
    let told = finds(&laptop, &["firewall"]);
    assert!(told[0].contains("Desk") && told[0].contains(&away.address().to_string()), "{told:?}");
    away.block_udp(DESK_PORT, false);
    finds(&laptop, &[]);

    section("An access point that keeps devices apart");
    desk.stop();
    lan.isolate(true);
    desk.start_with(&ON_DESK_PORT);
    finds(&laptop, &["isolated"]);
    lan.isolate(false);
    finds(&laptop, &[]);

    section("A VPN that takes what is for the local network");
    desk.stop();
    home.vpn_for(away.address());
    desk.start_with(&ON_DESK_PORT);
    let told = finds(&laptop, &["vpn"]);
    assert!(told[0].contains("wg0"), "{told:?}");
    home.vpn_off();
    finds(&laptop, &[]);

    section("The desk's clock is forty days ahead");
    desk.stop();
    desk.set_env("KITH_CLOCK_OFFSET", "40d");
    desk.start_with(&ON_DESK_PORT);
    let told = finds(&laptop, &["clock_off"]);
    assert!(told[0].contains("40 days ahead"), "{told:?}");
    desk.stop();

    section("The desk is on, but Kith is not running there");
    finds(&laptop, &["not_answering"]);

    section("Somebody else's Kith has the desk's address now");
    let mut otto = Device::first("Computer", "Otto").on(&away);
    otto.start_with(&["--no-mdns", "--listen", "0.0.0.0:7118"]);
    finds(&laptop, &["not_known_there"]);
    otto.stop();

    section("The desk is off");
    away.cut();
    finds(&laptop, &["away"]);

    section("The laptop is on another network");
    home.move_to(Switch::B, Ipv4Addr::new(10, 72, 0, 1));
    finds(&laptop, &["other_network"]);

    section("The laptop is on no network");
    home.cut();
    finds(&laptop, &["no_network"]);

    section("Kith does not run on the laptop");
    laptop.stop();
    let found = laptop.call(&["doctor"]);
    assert_eq!(each(&found["findings"], "code")[0], "not_running", "{found}");
}

#[test]
fn a_network_that_swallows_multicast_is_told_by_a_device_that_answers_and_is_not_heard() {
    let Some(mut lan) = Lan::new("the doctor without multicast") else { return };
    let hosts = [lan.host(), lan.host(), lan.host()];
    let mut laptop = Device::first("Laptop", "Mara").on(&hosts[0]);
    let mut desk = Device::new("Desk").on(&hosts[1]);
    let mut tablet = Device::new("Tablet").on(&hosts[2]);
    laptop.start_with(&[]);
    pair_by_digits(&laptop, &mut desk, &ON_DESK_PORT);
    pair_by_digits(&laptop, &mut tablet, &[]);
    in_step(&[&laptop, &desk, &tablet]);
    for device in [&mut laptop, &mut desk, &mut tablet] {
        device.stop();
    }
    lan.pass_multicast(false);
    laptop.start_with(&[]);
    desk.start_with(&ON_DESK_PORT);
    in_step(&[&laptop, &desk]);
    let told = finds(&laptop, &["multicast_filtered"]);
    assert!(told[0].contains("Tablet"), "{told:?}");
}

#[test]
fn what_is_wrong_with_this_computer_is_named() {
    let Some(mut lan) = Lan::new("the doctor at home") else { return };
    section("Another program keeps the port of mDNS");
    let host = lan.host();
    let mut other = Device::first("Computer", "Otto").on(&host);
    other.start_with(&["--no-mdns", "--listen", "0.0.0.0:5353"]);
    let mut laptop = Device::first("Laptop", "Mara").on(&host);
    laptop.start_with(&[]);
    finds(&laptop, &["mdns_port_taken"]);
    other.stop();
    laptop.stop();
    laptop.start_with(&[]);
    finds(&laptop, &[]);

    section("Multicast is shut off on this computer");
    laptop.stop();
    host.refuse_multicast();
    laptop.start_with(&[]);
    finds(&laptop, &["multicast_blocked"]);
    laptop.stop();
}

#[test]
fn a_device_that_speaks_another_version_is_named() {
    let mut laptop = Device::first("Laptop", "Mara");
    laptop.start();
    let mut phone = Crook::let_in("Old phone", &laptop);
    phone.connect(laptop.address());
    let mut hello = phone.hello();
    hello.version = 0;
    phone.say(&Message::Hello(hello));
    phone.hung_up_on();
    let told = finds(&laptop, &["mdns_off", "version_unlike"]);
    assert!(told[1].contains("Old phone") && told[1].contains("Update"), "{told:?}");

    section("The phone removes the laptop from Mara's devices");
    let id = text(&laptop.call(&["status"])["device"]["id"]).parse().unwrap();
    phone.greet(laptop.address());
    phone.remove(id);
    finds(&laptop, &["removed_here"]);
    laptop.stop();
}
