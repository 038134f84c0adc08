//! Hubs that find each other: on this computer, and on pretended networks with real cables to cut.

use super::text;
use kith_tests::people::{
    Device, cards,
    forger::Forger,
    in_step, is_long,
    lan::{Lan, Switch},
    pair, pair_by, section, wait_until,
};
use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

/// Longest time from a mended cable to equal books.
const MEND_MAX: Duration = Duration::from_secs(45);

/// Longest time from waking, or from a new address, to equal books.
const SOON: Duration = Duration::from_secs(5);
/// The same where the neighbourhood must be searched.
const SEARCH_MAX: Duration = Duration::from_secs(25);

fn in_step_within(limit: Duration, what: &str, start: Instant, devices: &[&Device]) {
    in_step(devices);
    let took = start.elapsed();
    println!("in step {:.1} s after {what}", took.as_secs_f32());
    assert!(took < limit, "{took:?}");
}

fn with_book(name: &str) -> Device {
    let device = Device::first(name, "Mara");
    device.call(&["import", &device.write("old.vcf", cards::many(0, 50))]);
    device
}

/// Lets a new device in that has nothing but the digits, and runs it.
fn pair_by_digits(old: &Device, new: &mut Device, run: &[&str]) {
    let code = text(&old.call(&["pair", "show"])["code"]).to_owned();
    pair_by(old, new, &code, None);
    new.start_with(run);
}

fn edit(device: &Device, note: &str) -> String {
    let id = device.find("n00007@example.org");
    device.call(&["contacts", "set", &id, &format!("{}={note}", device.name.to_uppercase())]);
    id
}

#[test]
fn two_hubs_on_one_computer_find_each_other() {
    let free = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port().to_string();
    drop(free);
    let mut laptop = with_book("X-Laptop").with_env("KITH_MDNS_PORT", &port);
    let mut desk = Device::new("X-Desk").with_env("KITH_MDNS_PORT", &port);
    laptop.start_with(&[]);
    pair_by_digits(&laptop, &mut desk, &[]);
    assert_eq!(in_step(&[&laptop, &desk])["contacts"], 50);

    section("Both move to other ports and find each other again");
    laptop.stop();
    desk.stop();
    edit(&laptop, "while apart");
    let start = Instant::now();
    desk.start_with(&[]);
    laptop.start_with(&[]);
    in_step(&[&laptop, &desk]);
    println!("in step again after {:.1} s", start.elapsed().as_secs_f32());
}

#[test]
fn three_hosts_without_a_route_find_each_other_and_heal_after_a_cut_cable() {
    let Some(mut lan) = Lan::new("three hosts on a cut network") else { return };
    let hosts = [lan.host(), lan.host(), lan.host()];
    let mut laptop = with_book("X-Laptop").on(&hosts[0]);
    let mut desk = Device::new("X-Desk").on(&hosts[1]);
    let mut tablet = Device::new("X-Tablet").on(&hosts[2]);
    laptop.start_with(&[]);
    pair_by_digits(&laptop, &mut desk, &[]);
    pair_by_digits(&laptop, &mut tablet, &[]);
    assert_eq!(in_step(&[&laptop, &desk, &tablet])["contacts"], 50);
    wait_until("the tablet and the desk, who never paired, are connected", || {
        let status = desk.call(&["status"]);
        let peers = status["peers"].as_array()?;
        (peers.len() == 2 && peers.iter().all(|peer| peer["path"] == "lan")).then_some(())
    });

    section("The desk's cable is cut while Mara edits on all three");
    hosts[1].cut();
    let id = edit(&laptop, "at home");
    edit(&desk, "in the cellar");
    edit(&tablet, "on the sofa");
    in_step(&[&laptop, &tablet]);
    assert_ne!(desk.call(&["status"])["book"]["version"], laptop.call(&["status"])["book"]["version"]);
    hosts[1].mend();
    let start = Instant::now();
    in_step(&[&laptop, &desk, &tablet]);
    let healed = start.elapsed();
    println!("in step {:.1} s after the cable was mended", healed.as_secs_f32());
    assert!(healed < MEND_MAX);
    for device in [&laptop, &desk, &tablet] {
        for name in ["X-LAPTOP", "X-DESK", "X-TABLET"] {
            device.property(&id, name);
        }
    }
    for device in [&mut laptop, &mut desk, &mut tablet] {
        device.stop();
    }
}

#[test]
fn a_cut_that_outlasts_the_connection_heals_too() {
    let Some(mut lan) = Lan::new("a long cut") else { return };
    let hosts = [lan.host(), lan.host()];
    let mut laptop = with_book("X-Laptop").on(&hosts[0]);
    let mut desk = Device::new("X-Desk").on(&hosts[1]);
    laptop.start_with(&[]);
    pair_by_digits(&laptop, &mut desk, &[]);
    in_step(&[&laptop, &desk]);
    hosts[0].cut();
    edit(&laptop, "a long way off");
    edit(&desk, "at home");
    let start = Instant::now();
    for device in [&laptop, &desk] {
        wait_until("the other is known to be away", || {
            (device.call(&["status"])["peers"][0]["path"] == "none").then_some(())
        });
    }
    println!("the loss was known after {:.1} s", start.elapsed().as_secs_f32());
    hosts[0].mend();
    let start = Instant::now();
    in_step(&[&laptop, &desk]);
    println!("in step {:.1} s after the cable was mended", start.elapsed().as_secs_f32());
    assert!(start.elapsed() < MEND_MAX);
}

#[test]
fn a_bare_cable_between_two_hosts_without_addresses_is_enough() {
    let Some(mut lan) = Lan::new("a cable with link-local addresses only") else { return };
    let hosts = [lan.host_without_addresses(), lan.host_without_addresses()];
    let mut laptop = with_book("X-Laptop").on(&hosts[0]);
    let mut desk = Device::new("X-Desk").on(&hosts[1]);
    let start = Instant::now();
    laptop.start_with(&[]);
    pair_by_digits(&laptop, &mut desk, &[]);
    assert_eq!(in_step(&[&laptop, &desk])["contacts"], 50);
    println!("paired and in step {:.1} s after the start", start.elapsed().as_secs_f32());
    hosts[1].cut();
    edit(&laptop, "alone");
    edit(&desk, "alone");
    hosts[1].mend();
    let start = Instant::now();
    in_step(&[&laptop, &desk]);
    println!("in step {:.1} s after the cable was mended", start.elapsed().as_secs_f32());
    assert!(start.elapsed() < MEND_MAX);
}

#[test]
fn a_given_address_is_enough_where_mdns_is_left_alone() {
    let Some(mut lan) = Lan::new("a given address") else { return };
    let hosts = [lan.host(), lan.host()];
    let mut laptop = with_book("X-Laptop").on(&hosts[0]);
    let mut desk = Device::new("X-Desk").on(&hosts[1]);
    let at = format!("{}:7117", hosts[0].address());
    laptop.start_with(&["--no-mdns", "--listen", &at]);
    let code = text(&laptop.call(&["pair", "show"])["code"]).to_owned();
    pair_by(&laptop, &desk, &code, Some(&at));
    laptop.stop();
    let at = format!("{}:7118", hosts[0].address());
    laptop.start_with(&["--no-mdns", "--listen", &at]);
    desk.start_with(&["--no-mdns", "--peer", &at]);
    assert_eq!(in_step(&[&laptop, &desk])["contacts"], 50);
}

#[test]
fn a_laptop_carries_its_edits_from_one_network_to_another_and_joins_two() {
    let Some(mut lan) = Lan::new("two networks") else { return };
    let (mut lap, office, mut home) = (lan.host(), lan.host(), lan.host());
    let mut laptop = with_book("X-Laptop").on(&lap);
    let mut desk = Device::new("X-Desk").on(&office);
    let mut tablet = Device::new("X-Tablet").on(&home);
    laptop.start_with(&[]);
    pair_by_digits(&laptop, &mut desk, &[]);
    pair_by_digits(&laptop, &mut tablet, &[]);
    in_step(&[&laptop, &desk, &tablet]);

    section("The tablet goes home, into another network");
    home.move_to(Switch::B, Ipv4Addr::new(10, 72, 0, 3));
    edit(&desk, "at the office");
    in_step(&[&laptop, &desk]);

    section("The laptop follows");
    lap.move_to(Switch::B, Ipv4Addr::new(10, 72, 0, 1));
    in_step_within(SOON * 2, "the laptop came home", Instant::now(), &[&laptop, &tablet]);

    section("A cable to the office as well: the laptop stands in both networks");
    let id = edit(&tablet, "at home");
    lap.second_cable(Switch::A, Ipv4Addr::new(10, 71, 0, 101));
    in_step_within(SOON * 2, "the second cable was plugged in", Instant::now(), &[&laptop, &desk, &tablet]);
    desk.property(&id, "X-TABLET");
}

#[test]
fn without_multicast_remembered_addresses_and_then_a_search_of_the_neighbourhood_find_the_others() {
    let Some(mut lan) = Lan::new("no multicast") else { return };
    let (mut lap, mut away) = (lan.host(), lan.host());
    // The addresses that IPv6 makes of the hardware's would stay.
    lap.ipv4_only();
    away.ipv4_only();
    let mut laptop = with_book("X-Laptop").on(&lap);
    let mut desk = Device::new("X-Desk").on(&away);
    laptop.start_with(&[]);
    pair_by_digits(&laptop, &mut desk, &[]);
    in_step(&[&laptop, &desk]);
    lan.pass_multicast(false);

    section("The desk gets a new address, and remembers the laptop's");
    away.lease(Ipv4Addr::new(10, 71, 0, 77));
    edit(&laptop, "while the lease ran out");
    in_step_within(SOON, "the new lease", Instant::now(), &[&laptop, &desk]);

    section("Both get new addresses: nobody knows where the other is");
    away.lease(Ipv4Addr::new(10, 71, 0, 178));
    lap.lease(Ipv4Addr::new(10, 71, 0, 201));
    edit(&desk, "lost and found");
    in_step_within(SEARCH_MAX, "both got new addresses", Instant::now(), &[&laptop, &desk]);
    let log = laptop.log() + desk.log().as_str();
    assert!(log.contains("the addresses nearby are tried"), "{log}");
}

#[test]
#[cfg(unix)]
fn a_device_that_slept_is_in_step_within_five_seconds_of_waking() {
    let mut laptop = with_book("X-Laptop");
    laptop.start();
    let mut desk = Device::new("X-Desk");
    pair(&laptop, &mut desk);
    in_step(&[&laptop, &desk]);
    desk.hub().signal("STOP");
    laptop.until_path("none");
    edit(&laptop, "while the desk slept");
    desk.hub().signal("CONT");
    in_step_within(SOON, "waking", Instant::now(), &[&laptop, &desk]);
    edit(&desk, "awake again");
    in_step(&[&laptop, &desk]);
}

#[test]
#[cfg(target_os = "linux")]
fn forged_announcements_change_nothing_and_keep_nobody_from_being_found() {
    let free = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let at = port.to_string();
    let mut laptop = with_book("X-Laptop").with_env("KITH_MDNS_PORT", &at);
    let mut desk = Device::new("X-Desk").with_env("KITH_MDNS_PORT", &at);
    laptop.start_with(&[]);
    pair_by_digits(&laptop, &mut desk, &[]);
    in_step(&[&laptop, &desk]);
    desk.stop();
    let people = |device: &Device| {
        let mut devices = device.call(&["devices", "list"])["devices"].clone();
        // When and how far is not what trust and names are.
        for device in devices.as_array_mut().unwrap() {
            for key in ["last_seen", "path", "behind", "version"] {
                device.as_object_mut().unwrap().remove(key);
            }
        }
        devices
    };
    let before = (people(&laptop), laptop.call(&["status"])["book"].clone());

    let seconds = if is_long() { 60 } else { 10 };
    let (start, (cpu_before, _)) = (Instant::now(), laptop.hub().usage());
    let forger = Forger::on(port, 1_000);
    wait_until("the flood has begun", || (forger.sent() > 2_000).then_some(()));
    section("The desk comes back in the middle of it, on another port");
    desk.start_with(&[]);
    in_step_within(SOON * 2, "the desk started in the flood", Instant::now(), &[&laptop, &desk]);
    desk.stop();
    wait_until("the flood goes on", || (start.elapsed() > Duration::from_secs(seconds)).then_some(()));
    let (cpu, mib) = laptop.hub().usage();
    let share = (cpu - cpu_before) / start.elapsed().as_secs_f64() * 100.0;
    println!("{} forged announcements: {share:.1} % of a core, {mib:.0} MiB resident", forger.sent());
    assert!(forger.sent() > seconds * 900);
    assert_eq!((people(&laptop), laptop.call(&["status"])["book"].clone()), before);
    assert_eq!(laptop.call(&["pair", "pending"])["pending"].as_array().map(Vec::len), Some(0));
    drop(forger);
    desk.start_with(&[]);
    in_step(&[&laptop, &desk]);
}
