//! What the old device shows and the new one reads: eight digits, or a link.

use super::message::bounded_addresses;
use crate::id::{Hash, decode_hex};
use core::net::SocketAddr;
use rand_core::{CryptoRng, RngCore};
use std::{fmt, str::FromStr};
use zeroize::Zeroizing;

/// Most addresses in a link.
pub const LINK_ADDRESSES_MAX: usize = 16;
const DIGITS: usize = 8;
const SCHEME: &str = "kith://pair";
/// Longest text that is looked at, in bytes.
const TEXT_BYTES_MAX: usize = 2048;

/// The text is neither a pairing code nor a pairing link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPairingCode {
    /// Not eight digits.
    #[error("a pairing code has {DIGITS} digits")]
    Digits,
    /// Not a link that a device shows.
    #[error("this is not a pairing link, or a part of it is missing")]
    Link,
}

/// Eight digits, for people to type. Forgotten when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct PairingCode(Zeroizing<String>);

impl PairingCode {
    /// Makes a new code; each is as likely as any other.
    pub fn generate(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        const CODES: u32 = 100_000_000;
        const FAIR: u32 = u32::MAX / CODES * CODES;
        loop {
            let number = rng.next_u32();
            if number < FAIR {
                return Self(Zeroizing::new(format!("{:08}", number % CODES)));
            }
        }
    }

    /// Reads a code as people type it, with spaces and dashes anywhere.
    pub fn parse(text: &str) -> Result<Self, InvalidPairingCode> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(InvalidPairingCode::Digits);
        }
        let separates = |c: char| c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}');
        let digits = Zeroizing::new(text.chars().filter(|&c| !separates(c)).collect::<String>());
        let valid = digits.len() == DIGITS && digits.bytes().all(|c| c.is_ascii_digit());
        valid.then_some(Self(digits)).ok_or(InvalidPairingCode::Digits)
    }

    /// The eight digits without a gap.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PairingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (left, right) = self.0.split_at(DIGITS / 2);
        write!(f, "{left} {right}")
    }
}

impl fmt::Debug for PairingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PairingCode(…)")
    }
}

/// What a QR code or a link carries: `kith://pair?k=KEY&e=EXPIRY&a=ADDRESS...#SECRET`.
#[derive(Clone, PartialEq, Eq)]
pub struct PairingLink {
    /// BLAKE3 of the host's one-time TLS key, so that nobody else is dialled.
    pub key: Hash,
    /// When the code dies, in seconds since 1970.
    pub expires_s: i64,
    /// Where the host listens. Link-local IPv6 is left out: its scope means nothing on another device.
    pub addresses: Vec<SocketAddr>,
    /// The one-time secret. It stands after the `#`.
    pub secret: Zeroizing<[u8; 32]>,
}

impl FromStr for PairingLink {
    type Err = InvalidPairingCode;

    fn from_str(text: &str) -> Result<Self, InvalidPairingCode> {
        Self::read(text.trim()).ok_or(InvalidPairingCode::Link)
    }
}

impl PairingLink {
    fn read(text: &str) -> Option<Self> {
        if text.len() > TEXT_BYTES_MAX {
            return None;
        }
        let (query, secret) = text.strip_prefix(SCHEME)?.strip_prefix('?')?.split_once('#')?;
        let secret = Zeroizing::new(decode_hex(secret)?);
        let (mut key, mut expires_s, mut addresses) = (None, None, Vec::new());
        for part in query.split('&') {
            match part.split_once('=')? {
                ("k", value) => key = Some(value.parse().ok()?),
                ("e", value) => expires_s = Some(value.parse().ok()?),
                ("a", value) => addresses.push(value.parse().ok()?),
                _ => {}
            }
        }
        let secret = Zeroizing::new(secret.as_slice().try_into().ok()?);
        Some(Self {
            key: key?,
            expires_s: expires_s?,
            addresses: bounded_addresses(addresses, LINK_ADDRESSES_MAX),
            secret,
        })
    }
}

impl fmt::Display for PairingLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}?k={}&e={}", self.key, self.expires_s)?;
        for address in bounded_addresses(self.addresses.clone(), LINK_ADDRESSES_MAX) {
            write!(f, "&a={address}")?;
        }
        f.write_str("#")?;
        self.secret.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PairingLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PairingLink").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}

/// What the person gave to the new device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PairingSecret {
    /// Typed digits: the host must be found.
    Code(PairingCode),
    /// A link: it names the host.
    Link(PairingLink),
}

impl FromStr for PairingSecret {
    type Err = InvalidPairingCode;

    fn from_str(text: &str) -> Result<Self, InvalidPairingCode> {
        if text.trim_start().starts_with("kith:") {
            return text.parse().map(Self::Link);
        }
        PairingCode::parse(text).map(Self::Code)
    }
}
