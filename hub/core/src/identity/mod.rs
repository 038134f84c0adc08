//! Who is who: the root secret, the person made from it, and the roster of the person's devices (rules 4.1/1-3).
//!
//! Every signature and every derived key names its domain here, so that nothing signed for one purpose is ever taken
//! for another.

pub mod recovery;
pub mod roster;

pub use ed25519_dalek::SigningKey;

use crate::id::{PersonId, PublicKey};
use ed25519_dalek::{Signature, Signer, VerifyingKey};

/// Length of an Ed25519 signature, in bytes.
pub const SIGNATURE_BYTES: usize = 64;

/// What a signature is for. The text is part of what is signed and never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// An entry of a roster (rule 4.1/3).
    RosterEntry,
    /// The word of one of two devices that their persons are linked (rule 4.1/4).
    Link,
    /// A key that envelopes are sealed to (rule 4.1/2).
    SealKey,
    /// What is in an envelope (rule 4.1/9).
    Envelope,
    /// What a backup says of itself, by the device that made it.
    Backup,
}

impl Domain {
    fn text(self) -> &'static [u8] {
        match self {
            Self::RosterEntry => b"kith v1 roster entry\0",
            Self::Link => b"kith v1 link\0",
            Self::SealKey => b"kith v1 seal key\0",
            Self::Envelope => b"kith v1 envelope\0",
            Self::Backup => b"kith v1 backup manifest\0",
        }
    }

    fn message(self, parts: &[&[u8]]) -> Vec<u8> {
        let mut message = self.text().to_vec();
        for part in parts {
            message.extend_from_slice(&(part.len() as u64).to_be_bytes());
            message.extend_from_slice(part);
        }
        message
    }
}

/// The public half of a signing key.
pub fn public_key(key: &SigningKey) -> PublicKey {
    PublicKey(key.verifying_key().to_bytes())
}

/// The identity that a root key stands for: BLAKE3 of its public half (rule 4.1/1).
pub fn person_id(root: &PublicKey) -> PersonId {
    PersonId(*blake3::hash(&root.0).as_bytes())
}

/// Signs the parts, each with its length before it, under a domain.
pub fn sign(key: &SigningKey, domain: Domain, parts: &[&[u8]]) -> [u8; SIGNATURE_BYTES] {
    key.sign(&domain.message(parts)).to_bytes()
}

/// Says whether the signature over the parts is `key`'s, by the strict rules (no small-order keys, no second encoding).
pub fn verify(key: &PublicKey, domain: Domain, parts: &[&[u8]], signature: &[u8; SIGNATURE_BYTES]) -> bool {
    VerifyingKey::from_bytes(&key.0)
        .is_ok_and(|key| key.verify_strict(&domain.message(parts), &Signature::from_bytes(signature)).is_ok())
}

/// Makes a name that came from outside fit to be shown: no control, line or direction characters, at most `chars_max`
/// characters, no space at the ends.
pub fn clean_name(name: &str, chars_max: usize) -> String {
    let directs = |c| matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}');
    let hidden = |c: char| c.is_control() || directs(c) || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}');
    let shown: String = name.chars().filter(|&c| !hidden(c)).collect();
    shown.trim().chars().take(chars_max).collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_own_domain_parts_and_key_only() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let signature = sign(&key, Domain::RosterEntry, &[b"ab", b"c"]);
        assert!(verify(&public_key(&key), Domain::RosterEntry, &[b"ab", b"c"], &signature));
        assert!(!verify(&public_key(&key), Domain::RosterEntry, &[b"a", b"bc"], &signature));
        assert!(!verify(
            &public_key(&SigningKey::from_bytes(&[8; 32])),
            Domain::RosterEntry,
            &[b"ab", b"c"],
            &signature
        ));
    }

    #[test]
    fn a_name_keeps_its_letters_and_loses_what_cannot_be_seen() {
        assert_eq!(clean_name(" Mara's\u{202e} lap\ntop\u{0} ", 64), "Mara's laptop");
        assert_eq!(clean_name("母のパソコン", 3), "母のパ");
        assert_eq!(clean_name("\u{feff}\r\n", 64), "");
    }
}
