//! Devices of people as stories see them: real `kith-hub` processes on real folders and sockets.
//!
//! A [`Device`] owns a data folder; everything said to it goes through one place ([`Device::call`]). Stories wait for
//! conditions with [`wait_until`], never for time. What goes wrong panics with what was said and what the hub logged.
//! Beside honest devices there is the [`crook`]: a device with a valid key that says what a story wants it to say.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a story that cannot go on says so and fails")]

pub mod cards;
pub mod crook;
mod device;
mod disk;
mod disk_waits;
pub mod forger;
pub mod friend;
pub mod guesser;
mod key_store;
pub mod lan;
#[cfg(target_os = "linux")]
pub mod network_manager;
mod pairing;
mod process;
pub mod raw;
mod relay;
pub mod stranger;

pub use device::{Device, Outcome, is_untouched};
pub use disk::SmallDisk;
pub use disk_waits::DiskWaits;
pub use key_store::KeyStore;
pub use pairing::{Guest, pair, pair_by};
pub use process::{Process, hub_program};
pub use relay::Relay;

use serde_json::Value;
use std::{
    fmt::Display,
    io::Write,
    thread,
    time::{Duration, Instant},
};

/// How long a condition may take to come true on a busy machine. A story that is well never waits so long.
pub const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(25);

/// Waits until `look` finds something. Fails with what was waited for.
pub fn wait_until<T>(what: impl Display, look: impl FnMut() -> Option<T>) -> T {
    wait_at_most(PATIENCE, look).unwrap_or_else(|| panic!("{what}: not within {} s", PATIENCE.as_secs()))
}

/// Waits until `look` finds something, but not for ever.
pub fn wait_at_most<T>(patience: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        if start.elapsed() > patience {
            return None;
        }
        thread::sleep(POLL);
    }
}

/// Waits until all devices show one version and one hash, and returns that `book` of `status`. They must be running.
pub fn in_step(devices: &[&Device]) -> Value {
    let mut last = Vec::new();
    let books = wait_at_most(PATIENCE, || {
        last = devices.iter().map(|device| device.call(&["status"])["book"].clone()).collect();
        let alike = last.iter().all(|book: &Value| book["version"] == last[0]["version"]);
        alike.then(|| last.clone())
    });
    let Some(books) = books else {
        let logs: String = devices.iter().map(|device| device.told()).collect();
        panic!("the devices never came to one version: {last:#?}\n{logs}")
    };
    for (device, book) in devices.iter().zip(&books) {
        assert_eq!(book["hash"], books[0]["hash"], "equal versions, unlike hashes on {}", device.name);
        assert_eq!(book["contacts"], books[0]["contacts"], "on {}", device.name);
    }
    books[0].clone()
}

/// Says that a story cannot be played here: on standard output, and in the file that `KITH_SKIPS` names.
pub fn skip(reason: &str) {
    let line = format!("SKIPPED: {reason}");
    println!("{line}");
    if let Some(file) = std::env::var_os("KITH_SKIPS") {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(file);
        file.and_then(|mut file| writeln!(file, "{line}")).expect("the list of skipped tests can be written");
    }
}

/// Whether the stories are to be told at length: more kills, more bytes turned, the same code.
pub fn is_long() -> bool {
    std::env::var_os("KITH_LONG").is_some_and(|long| !long.is_empty())
}

/// A headline of a story in its output.
pub fn section(text: &str) {
    println!("== {text}");
}
