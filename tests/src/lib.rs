//! What the scenarios share.

pub mod bench;
pub mod people;
pub mod sim;
