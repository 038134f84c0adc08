//! The Kith node as a library: the command list, the event loop behind it, and what the loop drives.
//!
//! [`node`] uses `store`, `transport` and `discovery`; those know only the core, never each other and never the node.

pub mod api;
mod backup;
pub mod control;
pub mod node;

mod clock;
pub mod discovery;
mod folder;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod keys;
mod metered;
pub mod picture;
mod runtime;
mod screen;
mod store;
pub mod transport;

pub use backup::age_identity;
pub use folder::default_folder;
pub use keys::{KeyOptions, KeyPlace};
pub use node::{Hub, HubOptions};
pub use runtime::runtime;
#[cfg(feature = "store-door")]
pub use store::{Broken, Door};
