//! The Kith node as a library: the command list, the event loop behind it, and what the loop drives.
//!
//! [`node`] uses `store`, `transport` and `discovery`; those know only the core, never each other and never the node.

pub mod api;
pub mod control;
pub mod node;

mod clock;
pub mod discovery;
mod folder;
pub mod picture;
mod screen;
mod store;
pub mod transport;

pub use folder::default_folder;
pub use node::{Hub, HubOptions};
