//! The Kith node as a library.

pub mod api;
pub mod node;

pub use node::{Hub, HubOptions};
