//! From the SPAKE2 key and the transcript to the confirmations and the three words.

use super::{PAIRING_VERSION, words::WORDS};
use crate::id::PublicKey;
use std::fmt;
use zeroize::Zeroizing;

/// The connection that a pairing is bound to. Both sides fill it from their own end of the handshake, never from a
/// message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The guest's TLS key: its device key.
    pub guest_tls: PublicKey,
    /// The host's TLS key: the one-time pairing key.
    pub host_tls: PublicKey,
    /// The protocol that the handshake agreed on.
    pub alpn: Vec<u8>,
    /// The keying material exported from this connection (RFC 8446 section 7.5).
    pub exporter: [u8; 32],
}

/// Three words that both devices show, for the person to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words(pub [&'static str; 3]);

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

/// Everything both sides must agree on, hashed.
pub(super) struct Transcript<'a> {
    pub(super) binding: &'a Binding,
    pub(super) link: bool,
    pub(super) guest_spake: &'a [u8],
    pub(super) host_spake: &'a [u8],
}

/// The keys of one exchange.
pub(super) struct Keys(Zeroizing<[u8; 32]>);

impl Keys {
    pub(super) fn derive(spake: &[u8], transcript: &Transcript<'_>) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("kith v1 pairing keys from spake2 and transcript");
        let Binding { guest_tls, host_tls, alpn, exporter } = transcript.binding;
        let head = [PAIRING_VERSION.to_be_bytes().as_slice(), &[u8::from(transcript.link)]].concat();
        for part in
            [spake, &head, &guest_tls.0, &host_tls.0, alpn, exporter, transcript.guest_spake, transcript.host_spake]
        {
            hasher.update(&(part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        Self(Zeroizing::new(*hasher.finalize().as_bytes()))
    }

    /// What the guest proves the code with.
    pub(super) fn guest_mac(&self) -> blake3::Hash {
        self.mac("kith v1 pairing guest confirms", b"")
    }

    /// What the host proves the code with.
    pub(super) fn host_mac(&self) -> blake3::Hash {
        self.mac("kith v1 pairing host confirms", b"")
    }

    /// What the guest's card is proven with.
    pub(super) fn card_mac(&self, card: &[u8]) -> blake3::Hash {
        self.mac("kith v1 pairing card", card)
    }

    pub(super) fn words(&self) -> Words {
        let hash = self.mac("kith v1 pairing words", b"");
        Words([0, 1, 2].map(|at: usize| WORDS[usize::from(hash.as_bytes()[at])]))
    }

    /// Comparing [`blake3::Hash`]es takes constant time.
    fn mac(&self, role: &str, message: &[u8]) -> blake3::Hash {
        blake3::keyed_hash(&Zeroizing::new(blake3::derive_key(role, &self.0[..])), message)
    }
}

/// The SPAKE2 password: digits and link secrets never stand for each other.
pub(super) fn password(link: bool, secret: &[u8]) -> spake2::Password {
    let domain: &[u8] = if link { b"kith v1 pairing link\0" } else { b"kith v1 pairing code\0" };
    spake2::Password::new(Zeroizing::new([domain, secret].concat()).as_slice())
}

/// The identities of SPAKE2, guest and host.
pub(super) fn identities() -> (spake2::Identity, spake2::Identity) {
    (spake2::Identity::new(b"kith pairing guest"), spake2::Identity::new(b"kith pairing host"))
}
