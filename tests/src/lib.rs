//! What the scenarios share.

pub mod bench;
pub mod people;
mod raw_keys;
#[cfg(target_os = "linux")]
pub mod window;
