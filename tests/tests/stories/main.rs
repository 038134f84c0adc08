//! Stories about Mara, who has several devices and one address book. Real processes, real sockets, nothing pretended but
//! the network cables.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a story that cannot go on says so and fails")]

mod accounts;
mod apart;
mod book;
mod copies;
mod csv;
mod duplicates;
mod files;
mod groups;
mod held;
mod hostile;
mod kills;
mod layers;
mod network;
mod newer;
mod pairing;
mod qr;
mod refusals;
mod running;
mod secrets;
mod settings;
mod taking_back;
mod way_through;

use serde_json::Value;

/// A JSON string as text.
fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// A JSON list of objects, by one of their keys.
fn each<'a>(list: &'a Value, key: &str) -> Vec<&'a str> {
    list.as_array().expect("a list").iter().map(|item| text(&item[key])).collect()
}
