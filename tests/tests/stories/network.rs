//! Hubs that find each other: on this computer, and on pretended networks with real cables to cut.

use super::text;
use kith_tests::people::{Device, cards, in_step, lan::Lan, pair_by, section, wait_until};
use std::time::{Duration, Instant};

/// Longest time from a mended cable to equal books.
const MEND_MAX: Duration = Duration::from_secs(45);

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
