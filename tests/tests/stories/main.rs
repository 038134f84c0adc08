//! Stories about Mara, who has several devices and one address book. Real processes, real sockets, nothing pretended but
//! the network cables.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a story that cannot go on says so and fails")]

mod accounts;
mod apart;
mod attacks;
mod backups;
mod book;
mod consent;
mod copies;
mod csv;
mod disks;
mod doctor;
mod duplicates;
mod erasing;
mod files;
mod groups;
mod held;
mod hostile;
mod keys;
mod kills;
mod layers;
mod linking;
mod network;
mod newer;
mod pairing;
mod people;
mod persons;
mod qr;
mod refusals;
mod running;
mod secrets;
mod settings;
#[cfg(unix)]
mod several;
mod sharing;
mod taking_back;
mod upgrades;
mod way_through;

use serde_json::Value;
use std::path::Path;

/// A JSON string as text.
fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// A JSON list of objects, by one of their keys.
fn each<'a>(list: &'a Value, key: &str) -> Vec<&'a str> {
    list.as_array().expect("a list").iter().map(|item| text(&item[key])).collect()
}

/// What SQLite says of a folder's file as it lies there, of a copy so that the hub meets it untouched.
fn integrity(folder: &Path, copy: &Path) -> String {
    std::fs::create_dir_all(copy).unwrap();
    for name in ["book.db", "book.db-wal"] {
        let _absent = std::fs::remove_file(copy.join(name));
        if folder.join(name).exists() {
            std::fs::copy(folder.join(name), copy.join(name)).unwrap();
        }
    }
    let book = rusqlite::Connection::open(copy.join("book.db")).unwrap();
    book.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap()
}
