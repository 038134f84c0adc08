//! What the scenarios share.

pub mod bench;
pub mod people;
pub mod sim;
#[cfg(target_os = "linux")]
pub mod window;
