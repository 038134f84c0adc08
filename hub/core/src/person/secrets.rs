//! L, the secret that two linked persons share, and what is derived from it (rules 4.1/4 and 4.1/10).
//!
//! When either person removes a device, the other draws a new L, so that the removed one neither recognises nor reaches
//! anybody by the old. The greater number wins, then the greater secret, so that two that were drawn at once settle.

use crate::lan::LAN_SECRET_BYTES;
use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Length of L, in bytes.
pub const LINK_SECRET_BYTES: usize = 32;

/// L, and how often it was renewed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LinkSecret {
    /// Counts from 0, the pact's own.
    #[serde(rename = "n")]
    pub number: u32,
    #[serde(rename = "s", with = "serde_bytes")]
    secret: [u8; LINK_SECRET_BYTES],
}

impl fmt::Debug for LinkSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LinkSecret({}, …)", self.number)
    }
}

impl LinkSecret {
    pub(super) fn first(secret: [u8; LINK_SECRET_BYTES]) -> Self {
        Self { number: 0, secret }
    }

    /// A first one, for an accepter to put into the pact.
    pub fn random(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut secret = [0; LINK_SECRET_BYTES];
        rng.fill_bytes(&mut secret);
        Self::first(secret)
    }

    /// The next one.
    pub fn renewed(&self, rng: &mut (impl RngCore + CryptoRng)) -> Self {
        Self { number: self.number.saturating_add(1), ..Self::random(rng) }
    }

    pub(super) fn bytes(&self) -> [u8; LINK_SECRET_BYTES] {
        self.secret
    }

    /// By which the two tell that they know the same L, without saying it.
    pub fn check(&self) -> [u8; 8] {
        let mut check = [0; 8];
        check.copy_from_slice(&blake3::derive_key("kith v1 link check", &self.secret)[..8]);
        check
    }

    /// From which the two recognise and dial each other on the LAN, as own devices do by theirs ([`crate::lan`]).
    pub fn lan(&self) -> [u8; LAN_SECRET_BYTES] {
        blake3::derive_key("kith v1 link lan", &self.secret)
    }

    /// The pseudonym by which the other may write to a mailbox (rule 4.1/4); `mailbox` is its public key.
    pub fn send_token(&self, mailbox: &[u8; 32]) -> [u8; 32] {
        *blake3::keyed_hash(&blake3::derive_key("kith v1 link send token", &self.secret), mailbox).as_bytes()
    }

    /// The slot of a mailbox that holds this link's newest of `what`: an item's id, or a word such as `route`.
    pub fn slot(&self, mailbox: &[u8; 32], what: &[u8]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(&blake3::derive_key("kith v1 link slot", &self.secret));
        hasher.update(mailbox);
        hasher.update(what);
        *hasher.finalize().as_bytes()
    }
}
