//! Envelopes: sealed bytes for one device, for whatever somebody else stores (rule 4.1/9, quality B.3).
//!
//! ```text
//! version, number of the seal key, encapsulated key | HPKE( padded { signature, context, body } )
//! ```
//!
//! HPKE base mode (RFC 9180: X25519, HKDF-SHA256, ChaCha20-Poly1305) to the device's weekly key; the mailbox is bound by
//! `info`, the head by `aad`. The sender is proven inside: `Dsig` signs the whole context, which names everything that an
//! envelope could be mistaken about, and the hash of the body. Whatever does not fit is dropped and counted, and changes
//! nothing. That an envelope is old is seen by its number, where its publication is taken ([`crate::share::receive`]).
//!
//! The crate is the `hpke` that age uses too; it was never audited.

mod seal_key;
#[cfg(test)]
mod tests;

pub use seal_key::{SEAL_KEY_MS, SealKey, SealKeyError, SealSecrets};

use crate::{
    id::{DeviceId, EntityId, Hash, PersonId},
    identity::{Domain, SIGNATURE_BYTES, SigningKey, roster::Roster, sign, verify},
    msgpack,
    person::PactId,
};
use hpke::{
    Deserializable, OpModeR, OpModeS, Serializable, aead::ChaCha20Poly1305, kdf::HkdfSha256, kem::X25519HkdfSha256,
};
use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};

/// What an envelope carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub enum EnvelopeKind {
    /// A publication.
    Publication,
    /// A device of another person asks for what it could not open, or for news.
    Ask,
    /// Where devices are reached, the roster, a new L.
    Route,
    /// That something arrived.
    Ack,
}

impl From<EnvelopeKind> for u8 {
    fn from(kind: EnvelopeKind) -> Self {
        match kind {
            EnvelopeKind::Publication => 1,
            EnvelopeKind::Ask => 2,
            EnvelopeKind::Route => 3,
            EnvelopeKind::Ack => 4,
        }
    }
}

impl TryFrom<u8> for EnvelopeKind {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, &'static str> {
        [Self::Publication, Self::Ask, Self::Route, Self::Ack]
            .into_iter()
            .find(|kind| u8::from(*kind) == number)
            .ok_or("an envelope of a kind that this version does not know")
    }
}

/// Everything that an envelope could be mistaken about. All of it is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// What the body is.
    #[serde(rename = "k")]
    pub kind: EnvelopeKind,
    /// Who sends.
    #[serde(rename = "f")]
    pub from: PersonId,
    /// With which device.
    #[serde(rename = "d")]
    pub device: DeviceId,
    /// Epoch and hash of the sender's roster.
    #[serde(rename = "r")]
    pub roster: (u64, Hash),
    /// For whom.
    #[serde(rename = "t")]
    pub to: PersonId,
    /// In which mailbox: its public key.
    #[serde(rename = "m", with = "serde_bytes")]
    pub mailbox: [u8; 32],
    /// Over which link.
    #[serde(rename = "l")]
    pub pact: PactId,
    /// Of which item.
    #[serde(rename = "i")]
    pub item: EntityId,
    /// The publication's number; 0 where there is none.
    #[serde(rename = "n")]
    pub number: u64,
}

/// Why an envelope was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Dropped {
    /// Not an envelope of this version, or of a length that none has.
    #[error("the envelope is not one that this version knows")]
    Format,
    /// It is sealed to a key that this device has no more, or never had: its content can be asked for again.
    #[error("the envelope is sealed to a key that is gone")]
    Key,
    /// It was changed, or sealed for another mailbox.
    #[error("the envelope cannot be opened")]
    Sealed,
    /// What it names is not what it was delivered as.
    #[error("the envelope was not meant for this link")]
    Context,
    /// The sender's roster is not the one known here: entries are exchanged before anything else counts.
    #[error("the sender knows another list of their devices")]
    Roster,
    /// No device of the sender signed it.
    #[error("the envelope is not signed by a device of its sender")]
    Signature,
}

/// Seals a body to one device.
///
/// # Errors
///
/// `None` if the body is longer than [`BODY_BYTES_MAX`], or the key is none.
pub fn seal(
    to: &SealKey,
    context: &Context,
    body: &[u8],
    key: &SigningKey,
    rng: &mut (impl RngCore + CryptoRng),
) -> Option<Vec<u8>> {
    if body.len() > BODY_BYTES_MAX {
        return None;
    }
    let signed = msgpack::write(context);
    let signature = sign(key, Domain::Envelope, &[&[VERSION], &signed, blake3::hash(body).as_bytes()]);
    let inside = msgpack::write(&Inside { signature, context: signed, body: body.to_vec() });
    let head = head(to.number);
    let recipient = <X25519HkdfSha256 as hpke::Kem>::PublicKey::from_bytes(&to.public).ok()?;
    let (encapped, sealed) = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256, _>(
        &OpModeS::Base,
        &recipient,
        &info(&context.mailbox),
        &padded(&inside),
        &head,
        rng,
    )
    .ok()?;
    Some([head.as_slice(), encapped.to_bytes().as_slice(), &sealed].concat())
}

/// What an envelope was delivered as: the mailbox it lay in, and the link that its send token stands for.
#[derive(Clone, Copy, Debug)]
pub struct Delivered<'a> {
    /// For whom.
    pub me: PersonId,
    /// In which mailbox.
    pub mailbox: &'a [u8; 32],
    /// Over which link.
    pub pact: PactId,
    /// The roster of the person at its other end.
    pub roster: &'a Roster,
}

/// Opens an envelope.
///
/// # Errors
///
/// Anything about it that is not as it was delivered: it is to be dropped and counted.
pub fn open(bytes: &[u8], delivered: &Delivered<'_>, keys: &SealSecrets) -> Result<(Context, Vec<u8>), Dropped> {
    proven(&unsealed(bytes, delivered.mailbox, keys)?, delivered)
}

/// Takes an envelope out of its seal: what anybody may have put into it, for [`proven`].
///
/// # Errors
///
/// [`Dropped::Format`], [`Dropped::Key`] or [`Dropped::Sealed`].
pub fn unsealed(bytes: &[u8], mailbox: &[u8; 32], keys: &SealSecrets) -> Result<Vec<u8>, Dropped> {
    if bytes.len() > ENVELOPE_BYTES_MAX || !is_padded_length(bytes.len()) {
        return Err(Dropped::Format);
    }
    let (head, rest) = bytes.split_first_chunk::<HEAD_BYTES>().ok_or(Dropped::Format)?;
    let (encapped, sealed) = rest.split_first_chunk::<32>().ok_or(Dropped::Format)?;
    if head[0] != VERSION {
        return Err(Dropped::Format);
    }
    let number = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
    let secret = keys.secret(number).ok_or(Dropped::Key)?;
    let secret = <X25519HkdfSha256 as hpke::Kem>::PrivateKey::from_bytes(&secret[..]).map_err(|_| Dropped::Key)?;
    let encapped = <X25519HkdfSha256 as hpke::Kem>::EncappedKey::from_bytes(encapped).map_err(|_| Dropped::Format)?;
    hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &secret,
        &encapped,
        &info(mailbox),
        sealed,
        head,
    )
    .map_err(|_| Dropped::Sealed)
}

/// Reads what was inside the seal: who signed it, and that it was meant as it was delivered.
///
/// # Errors
///
/// Any of [`Dropped`] but [`Dropped::Key`] and [`Dropped::Sealed`].
pub fn proven(inside: &[u8], delivered: &Delivered<'_>) -> Result<(Context, Vec<u8>), Dropped> {
    let inside: Inside = unpadded(inside).and_then(|bytes| msgpack::read(bytes).ok()).ok_or(Dropped::Format)?;
    let context: Context = msgpack::read(&inside.context).map_err(|_| Dropped::Format)?;
    let Delivered { me, mailbox, pact, roster } = delivered;
    if context.to != *me || context.mailbox != **mailbox || context.pact != *pact || context.from != roster.person() {
        return Err(Dropped::Context);
    }
    let card = roster.known(context.device).ok_or(Dropped::Signature)?;
    let body = blake3::hash(&inside.body);
    let parts: [&[u8]; 3] = [&[VERSION], &inside.context, body.as_bytes()];
    if !verify(&card.sign, Domain::Envelope, &parts, &inside.signature) {
        return Err(Dropped::Signature);
    }
    if context.roster != (roster.epoch(), roster.hash()) {
        return Err(Dropped::Roster);
    }
    if roster.device(context.device).is_none_or(|device| device.sign != card.sign) {
        return Err(Dropped::Signature);
    }
    Ok((context, inside.body))
}

#[derive(Serialize, Deserialize)]
struct Inside {
    #[serde(rename = "s", with = "serde_bytes")]
    signature: [u8; SIGNATURE_BYTES],
    #[serde(rename = "c", with = "serde_bytes")]
    context: Vec<u8>,
    #[serde(rename = "b", with = "serde_bytes")]
    body: Vec<u8>,
}

fn head(number: u32) -> [u8; HEAD_BYTES] {
    let [a, b, c, d] = number.to_be_bytes();
    [VERSION, a, b, c, d]
}

fn info(mailbox: &[u8; 32]) -> Vec<u8> {
    [b"kith v1 envelope\0".as_slice(), mailbox].concat()
}

/// The length and the bytes, then zeros until the envelope is as long as many others.
fn padded(inside: &[u8]) -> Vec<u8> {
    let length = padded_length(inside.len() + LENGTH_BYTES + AROUND_BYTES) - AROUND_BYTES;
    let mut bytes = (inside.len() as u32).to_be_bytes().to_vec();
    bytes.extend_from_slice(inside);
    bytes.resize(length, 0);
    bytes
}

fn unpadded(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.split_first_chunk::<LENGTH_BYTES>()?;
    let (inside, padding) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    padding.iter().all(|byte| *byte == 0).then_some(inside)
}

/// 0.5, 2, 8, 32 and 128 KiB, and multiples of 128 KiB.
fn padded_length(bytes: usize) -> usize {
    let few = [512, 2 << 10, 8 << 10, 32 << 10].into_iter().find(|length| bytes <= *length);
    few.unwrap_or_else(|| bytes.next_multiple_of(128 << 10))
}

fn is_padded_length(bytes: usize) -> bool {
    bytes > 0 && padded_length(bytes) == bytes
}

/// Most bytes of a body: a publication fits.
pub const BODY_BYTES_MAX: usize = 768 << 10;
/// Most bytes of an envelope.
pub const ENVELOPE_BYTES_MAX: usize = 896 << 10;
const VERSION: u8 = 1;
const HEAD_BYTES: usize = 5;
const LENGTH_BYTES: usize = 4;
/// What is around the padded bytes: head, encapsulated key, tag.
const AROUND_BYTES: usize = HEAD_BYTES + 32 + 16;
