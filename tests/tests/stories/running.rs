//! A hub that runs: who answers, how it ends, what it prints.

use super::text;
use kith_tests::people::{Device, cards, wait_until};

#[test]
fn commands_go_to_the_running_hub_and_otherwise_to_the_folder() {
    let mut device = Device::first("Laptop", "Mara");
    assert_eq!(device.call(&["status"]).get("listen"), None, "nobody listens for one command");
    let before = text(&device.call_with(&["contacts", "add"], &cards::one(1))["id"]).to_owned();
    let address = device.start();
    assert_eq!(device.call(&["status"])["listen"], address.to_string());
    let during = text(&device.call_with(&["contacts", "add"], &cards::one(2))["id"]).to_owned();
    let file = device.write("three.vcf", cards::one(3));
    assert_eq!(device.call(&["import", &file])["added"], 1, "paths are those of whoever asks");
    device.stop();
    let mut ids = device.contact_ids();
    assert_eq!(ids.len(), 3);
    ids.retain(|id| *id != before && *id != during);
    assert_eq!(ids.len(), 1);
}

#[test]
fn two_folders_run_side_by_side() {
    let (mut mara, mut otto) = (Device::first("Laptop", "Mara"), Device::first("Computer", "Otto"));
    assert_ne!(mara.start(), otto.start());
    mara.call_with(&["contacts", "add"], &cards::one(1));
    assert_eq!(mara.call(&["status"])["book"]["contacts"], 1);
    assert_eq!(otto.call(&["status"])["book"]["contacts"], 0);
    assert_eq!(otto.call(&["status"])["person"]["name"], "Otto");
    mara.stop();
    assert!(otto.runs());
    otto.stop();
}

#[cfg(unix)]
#[test]
fn a_hub_ends_well_on_sigterm_sigint_and_stop() {
    let mut device = Device::first("Laptop", "Mara");
    for end in ["TERM", "INT", "stop", "stop", "stop"] {
        device.start();
        device.call_with(&["contacts", "add"], &cards::one(1));
        match end {
            "stop" => drop(device.call(&["stop"])),
            signal => device.hub().signal(signal),
        }
        device.ended();
        device.refused("not_running", &["stop"]);
    }
    assert_eq!(device.contact_ids().len(), 5);
}

#[test]
fn a_hub_whose_folder_was_killed_starts_again() {
    let mut device = Device::first("Laptop", "Mara");
    device.start();
    device.kill();
    // The dead hub's socket lies there and nobody answers: the command opens the folder itself.
    assert_eq!(device.call(&["status"])["book"]["contacts"], 0);
    device.start();
    device.stop();
}

#[test]
fn the_ready_line_in_words_names_the_device_and_the_address() {
    let device = Device::first("Mara's laptop", "Mara");
    let mut hub = device.begin(&["run", "--listen", "127.0.0.1:0", "--no-mdns"]);
    let line = hub.line(|_| true).expect("it is ready");
    assert!(line.starts_with("Mara's laptop is ready, listening on 127.0.0.1:"), "{line}");
    device.call(&["stop"]);
    assert_eq!(hub.end().1.len(), 1);
}

#[test]
fn many_commands_at_once_all_get_their_answers() {
    let mut device = Device::first("Laptop", "Mara");
    device.start();
    let file = |n: usize| device.write(&format!("{n}.vcf"), cards::one(n));
    let adding: Vec<_> = (0..12).map(|n| device.begin(&["--json", "contacts", "add", &file(n)])).collect();
    for process in adding {
        let (status, out, err) = process.end();
        assert_eq!((status.code(), out.len()), (Some(0), 1), "{err:?}");
    }
    wait_until("all are there", || (device.contact_ids().len() == 12).then_some(()));
    device.stop();
}
