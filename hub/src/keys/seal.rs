//! Keys sealed under a passphrase: Argon2id (RFC 9106) makes a key of it, XChaCha20-Poly1305 seals with that.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{
    Key, KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use rand_core::{OsRng, RngCore};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// A sealed text. The costs of Argon2id are not written down: who could change them could make opening it take for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sealed {
    #[serde(rename = "s", with = "serde_bytes")]
    salt: [u8; 16],
    #[serde(rename = "n", with = "serde_bytes")]
    nonce: [u8; 24],
    #[serde(rename = "c", with = "serde_bytes")]
    text: Vec<u8>,
}

impl Sealed {
    /// Seals; `None` if there is not the memory for it.
    pub(super) fn seal(passphrase: &[u8], plain: &[u8]) -> Option<Self> {
        let (mut salt, mut nonce) = ([0; 16], [0; 24]);
        OsRng.fill_bytes(&mut salt);
        OsRng.fill_bytes(&mut nonce);
        let payload = Payload { msg: plain, aad: DOMAIN };
        let text = cipher(passphrase, &salt)?.encrypt(&XNonce::from(nonce), payload).ok()?;
        Some(Self { salt, nonce, text })
    }

    /// Opens; `None` if it was sealed under another passphrase, or changed since.
    pub(super) fn open(&self, passphrase: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let payload = Payload { msg: &self.text, aad: DOMAIN };
        cipher(passphrase, &self.salt)?.decrypt(&XNonce::from(self.nonce), payload).ok().map(Zeroizing::new)
    }
}

fn cipher(passphrase: &[u8], salt: &[u8]) -> Option<XChaCha20Poly1305> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(32)).ok()?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(passphrase, salt, &mut key[..]).ok()?;
    Some(XChaCha20Poly1305::new(&Key::from(*key)))
}

/// What is sealed, so that it is never taken for anything else that may be.
const DOMAIN: &[u8] = b"kith v1 device keys";
const MEMORY_KIB: u32 = 64 << 10;
const PASSES: u32 = 3;
const LANES: u32 = 1;
