//! Invitations: good for one person, once (rule 4.1/4, quality B.3).
//!
//! As text, for a link, a QR code or a file: `kith://link?p=PERSON&k=KEY&e=EXPIRY&r=EPOCH&m=shown&a=ADDRESS...#SECRET`
//! and, after another `#`, the inviter's name in percent-encoding. What stands after the first `#` never reaches a web
//! server. An invitation lives on the device that made it, which alone accepts it.

use crate::{
    id::{EntityId, Hash, PersonId, decode_hex},
    identity::clean_name,
    lan,
    limits::NAME_CHARS_MAX,
    pairing::{LINK_ADDRESSES_MAX, bounded_addresses},
};
use core::net::SocketAddr;
use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use zeroize::Zeroizing;

use super::PactId;

/// How long an invitation lives that was sent, in milliseconds: seven days.
pub const INVITATION_MS: i64 = 7 * 24 * 3600 * 1000;
/// How long one lives that is shown on the screen, in milliseconds.
pub const SHOWN_MS: i64 = 10 * 60 * 1000;

/// The text is no invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not an invitation, or a part of it is missing")]
pub struct InvalidInvitation;

/// How an invitation reaches the other person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Manner {
    /// As a link or file: the link is not verified.
    #[serde(rename = "s")]
    Sent,
    /// Off the screen, face to face: the link is verified in person.
    #[serde(rename = "f")]
    Shown,
}

/// What the other person gets.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Who invites.
    pub person: PersonId,
    /// BLAKE3 of the TLS key of the device that made it, so that nobody else is dialled.
    pub key: Hash,
    /// When it dies, in seconds since 1970.
    pub expires_s: i64,
    /// The inviter's roster is of this epoch or a later one.
    pub epoch: u64,
    /// How it travels.
    pub manner: Manner,
    /// Where the device listens.
    pub addresses: Vec<SocketAddr>,
    /// What the inviter is called, as they say; fit to be shown.
    pub name: String,
    /// 128 bits.
    pub secret: Zeroizing<[u8; SECRET_BYTES]>,
}

impl Invitation {
    /// Names the invitation without giving it away.
    pub fn hash(&self) -> Hash {
        hash(&self.secret)
    }

    /// The server name by which its device is dialled. Whoever listens cannot tell it from any other.
    pub fn server_name(&self) -> String {
        server_name(&self.secret)
    }

    pub(super) fn prove(&self, statement: &[u8]) -> [u8; 32] {
        prove(&self.secret, statement)
    }

    fn read(text: &str) -> Option<Self> {
        if text.len() > TEXT_BYTES_MAX {
            return None;
        }
        let (query, rest) = text.strip_prefix(SCHEME)?.strip_prefix('?')?.split_once('#')?;
        let (secret, name) = rest.split_once('#').unwrap_or((rest, ""));
        let secret = Zeroizing::new(decode_hex(secret)?);
        let (mut person, mut key, mut expires_s, mut epoch) = (None, None, None, None);
        let (mut manner, mut addresses) = (Manner::Sent, Vec::new());
        for part in query.split('&') {
            match part.split_once('=')? {
                ("p", value) => person = Some(value.parse().ok()?),
                ("k", value) => key = Some(value.parse().ok()?),
                ("e", value) => expires_s = Some(value.parse().ok()?),
                ("r", value) => epoch = Some(value.parse().ok()?),
                ("m", "shown") => manner = Manner::Shown,
                ("a", value) => addresses.push(value.parse().ok()?),
                _ => {}
            }
        }
        Some(Self {
            person: person?,
            key: key?,
            expires_s: expires_s?,
            epoch: epoch?,
            manner,
            addresses: bounded_addresses(addresses, LINK_ADDRESSES_MAX),
            name: clean_name(&decode_percent(name)?, NAME_CHARS_MAX),
            secret: Zeroizing::new(secret.as_slice().try_into().ok()?),
        })
    }
}

impl FromStr for Invitation {
    type Err = InvalidInvitation;

    fn from_str(text: &str) -> Result<Self, InvalidInvitation> {
        Self::read(text.trim()).ok_or(InvalidInvitation)
    }
}

impl fmt::Display for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}?p={}&k={}&e={}&r={}", self.person, self.key, self.expires_s, self.epoch)?;
        if self.manner == Manner::Shown {
            f.write_str("&m=shown")?;
        }
        for address in bounded_addresses(self.addresses.clone(), LINK_ADDRESSES_MAX) {
            write!(f, "&a={address}")?;
        }
        f.write_str("#")?;
        self.secret.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        if !self.name.is_empty() {
            f.write_str("#")?;
        }
        self.name.bytes().try_for_each(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => write!(f, "{}", char::from(byte)),
            _ => write!(f, "%{byte:02X}"),
        })
    }
}

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invitation").field("person", &self.person).field("name", &self.name).finish_non_exhaustive()
    }
}

/// What the device that made an invitation keeps of it, durably, until it has expired.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedInvitation {
    #[serde(rename = "s", with = "serde_bytes")]
    pub(super) secret: [u8; SECRET_BYTES],
    /// When it dies, in milliseconds since 1970.
    #[serde(rename = "e")]
    pub expires_ms: i64,
    /// How it travels.
    #[serde(rename = "m")]
    pub manner: Manner,
    /// By which pact it was used up, and by whom.
    #[serde(rename = "u", default)]
    pub used: Option<(PersonId, PactId)>,
    /// The contact that it is for.
    #[serde(rename = "c", default)]
    pub contact: Option<EntityId>,
}

impl fmt::Debug for IssuedInvitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedInvitation").field("used", &self.used).finish_non_exhaustive()
    }
}

impl IssuedInvitation {
    /// Makes a new one.
    pub fn new(manner: Manner, now_ms: i64, rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut secret = [0; SECRET_BYTES];
        rng.fill_bytes(&mut secret);
        let lives_ms = if manner == Manner::Shown { SHOWN_MS } else { INVITATION_MS };
        Self { secret, expires_ms: now_ms.saturating_add(lives_ms), manner, used: None, contact: None }
    }

    /// What the other person gets. `key` is BLAKE3 of this device's TLS key.
    pub fn text(&self, person: PersonId, key: Hash, epoch: u64, addresses: Vec<SocketAddr>, name: &str) -> Invitation {
        Invitation {
            person,
            key,
            expires_s: self.expires_ms.div_euclid(1000),
            epoch,
            manner: self.manner,
            addresses,
            name: clean_name(name, NAME_CHARS_MAX),
            secret: Zeroizing::new(self.secret),
        }
    }

    /// Names the invitation.
    pub fn hash(&self) -> Hash {
        hash(&self.secret)
    }

    /// The server name that this device answers to as long as the invitation lives.
    pub fn server_name(&self) -> String {
        server_name(&self.secret)
    }

    /// Whether it may be forgotten: dead, and long enough for an accepter that lost the answer to ask again.
    pub fn is_over(&self, now_ms: i64) -> bool {
        now_ms > self.expires_ms.saturating_add(INVITATION_MS)
    }

    pub(super) fn prove(&self, statement: &[u8]) -> [u8; 32] {
        prove(&self.secret, statement)
    }

    /// Its bytes, for this device's own storage.
    pub fn encode(&self) -> Vec<u8> {
        crate::msgpack::write(self)
    }

    /// Reads what [`Self::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        crate::msgpack::read(bytes).ok()
    }
}

fn hash(secret: &[u8; SECRET_BYTES]) -> Hash {
    Hash(blake3::derive_key("kith v1 invitation hash", secret))
}

fn server_name(secret: &[u8; SECRET_BYTES]) -> String {
    lan::server_name(&blake3::derive_key("kith v1 invitation dial", secret), 0, "")
}

fn prove(secret: &[u8; SECRET_BYTES], statement: &[u8]) -> [u8; 32] {
    *blake3::keyed_hash(&blake3::derive_key("kith v1 invitation proof", secret), statement).as_bytes()
}

/// Undoes percent-encoding (RFC 3986 section 2.1); `None` if what comes out is not UTF-8.
fn decode_percent(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let (pair, tail) = rest.split_at_checked(2)?;
        bytes.extend(decode_hex(std::str::from_utf8(pair).ok()?)?);
        rest = tail;
    }
    String::from_utf8(bytes).ok()
}

const SCHEME: &str = "kith://link";
const SECRET_BYTES: usize = 16;
/// Longest text that is looked at, in bytes.
const TEXT_BYTES_MAX: usize = 4096;
