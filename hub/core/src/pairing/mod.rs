//! Own-device pairing (quality B.3): a new device joins an old one by eight digits or a link.
//!
//! Pure state machines over one ordered stream of messages. The guest is the new device, the host the old one:
//!
//! ```text
//! guest                        host
//! Hello   (SPAKE2) ->                     from here on a guess is spent
//!                  <- Reply   (SPAKE2)
//! Confirm (MAC)    ->                     the code is used up
//!                  <- Confirm (MAC)
//! Card    (MAC)    ->                     both show the same three words
//!                  <- Welcome or Refused  a person at the host said yes or no
//! ```
//!
//! The MACs cover both TLS keys, the ALPN, the exporter of the connection, both SPAKE2 messages and the roles: whoever
//! sits between the two fails, and a transcript is of no use later. Before the yes nothing of the book, not even its
//! id, leaves the host. The `spake2` crate was never audited and is probably not constant-time; three guesses in ten
//! minutes bound what that is worth.

mod code;
mod guest;
mod host;
mod keys;
mod message;
#[cfg(test)]
mod tests;
pub(crate) mod words;

pub use code::{InvalidPairingCode, LINK_ADDRESSES_MAX, PairingCode, PairingLink, PairingSecret};
pub use guest::{Guest, GuestStep};
pub use host::{Host, HostExchange, HostStep};
pub use keys::{Binding, Words};
pub(crate) use message::bounded_addresses;
pub use message::{Refusal, WELCOME_ADDRESSES_MAX, Welcome};

/// How long a code lives, in milliseconds.
pub const PAIRING_MS: i64 = 10 * 60 * 1000;
/// How long a guest that proved the code waits for a yes, in milliseconds.
pub const APPROVAL_MS: i64 = 10 * 60 * 1000;
/// How many guesses a code stands.
pub const PAIRING_TRIES: u8 = 3;
/// The version of these messages.
pub const PAIRING_VERSION: u32 = 1;

/// Why a pairing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PairingError {
    /// One of the closed list of reasons, found here or told by the other side.
    #[error("{0}")]
    Refused(Refusal),
    /// The other side sent what no healthy hub sends: nothing further is read from it.
    #[error("the other device sent something that does not belong to pairing")]
    Hostile,
}

impl From<Refusal> for PairingError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
