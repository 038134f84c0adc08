//! What the scenarios share.

pub mod sim;
