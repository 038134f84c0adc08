//! `Dbox`: the key that envelopes to a device are sealed to, a new one each week (rules 4.1/2 and 4.1/5, quality S10).

use crate::{
    id::{DeviceId, PersonId},
    identity::{Domain, SIGNATURE_BYTES, SigningKey, roster::Roster, sign, verify},
    msgpack,
};
use hpke::{Kem, Serializable, kem::X25519HkdfSha256};
use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

/// How long a key is in use, in milliseconds: a week. A sender whose copy is older fetches the current one.
pub const SEAL_KEY_MS: i64 = 7 * 24 * 3600 * 1000;

/// A key is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealKeyError {
    /// Not the encoding of a key.
    #[error("a seal key is not encoded as seal keys are")]
    Encoding,
    /// No device of that person's roster signed it.
    #[error("a seal key is not signed by the device that it names")]
    Signature,
    /// It is older than the one that is known: nobody goes back.
    #[error("a seal key is older than the one that is known")]
    Older,
}

/// The public half, as its device signed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealKey {
    /// Whose device.
    #[serde(rename = "p")]
    pub person: PersonId,
    /// Which one.
    #[serde(rename = "d")]
    pub device: DeviceId,
    /// Counts up.
    #[serde(rename = "n")]
    pub number: u32,
    /// X25519.
    #[serde(rename = "k", with = "serde_bytes")]
    pub public: [u8; 32],
    #[serde(rename = "s", with = "serde_bytes")]
    signature: [u8; SIGNATURE_BYTES],
}

impl SealKey {
    /// Its bytes, for a mailbox and for whoever asks.
    pub fn encode(&self) -> Vec<u8> {
        msgpack::write(self)
    }

    /// Reads a key that came from elsewhere, for a device that is in this roster. `known` is the one in use.
    ///
    /// # Errors
    ///
    /// It is none, is not signed by a device of the roster, or is older than the known one.
    pub fn decode(bytes: &[u8], roster: &Roster, known: Option<&Self>) -> Result<Self, SealKeyError> {
        let key: Self = msgpack::read(bytes).map_err(|_| SealKeyError::Encoding)?;
        let card =
            roster.device(key.device).filter(|_| key.person == roster.person()).ok_or(SealKeyError::Signature)?;
        let statement = statement(key.person, key.device, key.number, &key.public);
        if !verify(&card.sign, Domain::SealKey, &[&statement], &key.signature) {
            return Err(SealKeyError::Signature);
        }
        match known {
            Some(known) if known.device == key.device && known.number > key.number => Err(SealKeyError::Older),
            _ => Ok(key),
        }
    }
}

/// The private halves that a device has: of the key in use, and of former ones until nothing can be sealed to them any
/// more.
#[derive(Clone, Serialize, Deserialize)]
pub struct SealSecrets(Vec<Secret>);

#[derive(Clone, Serialize, Deserialize)]
struct Secret {
    #[serde(rename = "n")]
    number: u32,
    #[serde(rename = "s", with = "serde_bytes")]
    secret: Zeroized,
    #[serde(rename = "k", with = "serde_bytes")]
    public: [u8; 32],
    #[serde(rename = "m")]
    made_ms: i64,
    /// When another took its place.
    #[serde(rename = "e", default)]
    superseded_ms: Option<i64>,
}

/// Bytes of a private key, wiped when dropped.
type Zeroized = serde_bytes::ByteBuf;

impl fmt::Debug for SealSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealSecrets({:?})", self.0.iter().map(|secret| secret.number).collect::<Vec<_>>())
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut **self.secret);
    }
}

impl SealSecrets {
    /// The first key of a device.
    pub fn new(now_ms: i64, rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut secrets = Self(Vec::new());
        secrets.draw(now_ms, rng);
        secrets
    }

    /// Draws a new key if the one in use is a week old, and forgets former ones: 30 days after they were superseded, if
    /// the mailbox was emptied when nobody sealed to them any more. `drained_ms` is when it last was. Returns whether anything changed.
    pub fn turn(&mut self, now_ms: i64, drained_ms: i64, rng: &mut (impl RngCore + CryptoRng)) -> bool {
        let before = self.0.len();
        self.0.retain(|secret| {
            // A week after that nobody seals to it any more: what is in the mailbox then is the last.
            let Some(superseded) = secret.superseded_ms else { return true };
            let is_drained = drained_ms >= superseded.saturating_add(SEAL_KEY_MS);
            now_ms < superseded.saturating_add(KEPT_MS) || !is_drained
        });
        let forgot = self.0.len() != before;
        let due = self.0.last().is_none_or(|secret| now_ms >= secret.made_ms.saturating_add(SEAL_KEY_MS));
        if due {
            self.draw(now_ms, rng);
        }
        due || forgot
    }

    fn draw(&mut self, now_ms: i64, rng: &mut (impl RngCore + CryptoRng)) {
        let (secret, public) = X25519HkdfSha256::gen_keypair(rng);
        let number = self.0.last().map_or(1, |secret| secret.number.saturating_add(1));
        if let Some(last) = self.0.last_mut() {
            last.superseded_ms = Some(now_ms);
        }
        let secret = serde_bytes::ByteBuf::from(secret.to_bytes().to_vec());
        self.0.push(Secret { number, secret, public: public.to_bytes().into(), made_ms: now_ms, superseded_ms: None });
    }

    /// The key in use, signed; `None` if none was drawn.
    pub fn current(&self, person: PersonId, device: DeviceId, key: &SigningKey) -> Option<SealKey> {
        let Secret { number, public, .. } = self.0.last()?;
        let signature = sign(key, Domain::SealKey, &[&statement(person, device, *number, public)]);
        Some(SealKey { person, device, number: *number, public: *public, signature })
    }

    pub(super) fn secret(&self, number: u32) -> Option<Zeroizing<Vec<u8>>> {
        let found = self.0.iter().find(|secret| secret.number == number)?;
        Some(Zeroizing::new(found.secret.to_vec()))
    }

    /// Its bytes, for this device's key store.
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(msgpack::write(self))
    }

    /// Reads what [`Self::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        msgpack::read(bytes).ok()
    }
}

fn statement(person: PersonId, device: DeviceId, number: u32, public: &[u8; 32]) -> Vec<u8> {
    [&person.0[..], &device.0, &number.to_be_bytes(), public].concat()
}

/// How long a former key is kept, in milliseconds: 30 days.
const KEPT_MS: i64 = 30 * 24 * 3600 * 1000;
