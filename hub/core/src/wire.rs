//! The messages that two devices of one person exchange inside the pinned channel.
//!
//! A message is one byte for its kind and a MessagePack map with short keys. A kind that this version does not know is
//! skipped, and so is a key: a device one release behind still syncs, and passes on changes that it cannot read, because
//! those travel as the bytes they were made in.
//!
//! Tables are sent as differences: a receiver merges heads and raises vectors, so an entry that it is known to have
//! already says nothing and is left out.

use crate::{
    id::{DeviceId, Hash, StoreId},
    msgpack,
    replica::{BookState, Branch, Cursor, Head, Heads},
    vector::Vector,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_bytes::ByteBuf;

/// The version of this protocol; it is negotiated by ALPN and repeated in [`Hello`].
pub const VERSION: u32 = 1;

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// First on every connection, both ways.
    Hello(Hello),
    /// The signed entries of the sender's roster, when the two rosters differ.
    Roster(RosterEntries),
    /// Asks for a session: what the receiver has.
    Want(Want),
    /// Part of a session.
    Batch(Batch),
    /// The batch or push is durable.
    Ack(Ack),
    /// Changes made or taken in just now.
    Push(Push),
    /// There is news that does not fit a push: ask for a session.
    Poke,
    /// The sender refuses to go on and closes.
    Refuse(Refuse),
    /// Two chains of one device have met: asks for what the receiver holds of it.
    AskBranch(AskBranch),
    /// What the sender holds of a device's chain.
    Branch(Branch),
    /// Something a newer version says.
    Unknown(u8),
}

/// Who speaks is proven by the channel; this says what they know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    /// Protocol version.
    #[serde(rename = "v")]
    pub version: u32,
    /// Epoch of the sender's roster.
    #[serde(rename = "e")]
    pub epoch: u64,
    /// Hash of the roster's sorted entries.
    #[serde(rename = "r")]
    pub roster: Hash,
    /// Hash of V and heads: if it equals the receiver's, the tables need not be sent.
    #[serde(rename = "t")]
    pub tables: Hash,
    /// The devices that were copied, and where their changes end: unlike, they are taken in before anything else counts.
    #[serde(rename = "x", default, skip_serializing_if = "Heads::is_empty")]
    pub closed: Heads,
}

/// Roster entries as they were signed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RosterEntries {
    /// Encoded entries.
    #[serde(rename = "e")]
    pub entries: Vec<ByteBuf>,
}

/// What the receiver of a session has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Want {
    /// Names the session; greater than the receiver's earlier ones on this connection.
    #[serde(rename = "n")]
    pub session: u32,
    /// V and heads; absent if they are those whose hash both sides said in [`Hello`].
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub tables: Option<Tables>,
    /// How far the receiver has read the sender's changes.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
}

/// V and heads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tables {
    /// V.
    #[serde(rename = "v")]
    pub vector: Vector,
    /// The newest change of each device that the sender heard of.
    #[serde(rename = "h")]
    pub heads: Heads,
    /// The newest change of each device that the sender holds, where that is another one.
    #[serde(rename = "d", default, skip_serializing_if = "Heads::is_empty")]
    pub held: Heads,
}

impl Tables {
    /// The tables of a book.
    pub fn of(state: &BookState) -> Self {
        Self { vector: state.vector(), heads: state.heads(), held: state.held() }
    }

    /// The hash by which two sides find out that their tables are alike.
    pub fn hash(&self) -> Hash {
        let mut hasher = blake3::Hasher::new_derive_key("kith 2026 tables");
        for (device, seq) in self.vector.iter() {
            hasher.update(&device.0);
            hasher.update(&seq.to_le_bytes());
        }
        for heads in [&self.heads, &self.held].into_iter().filter(|heads| !heads.is_empty()) {
            hasher.update(&[0]);
            for (device, Head { seq, hash }) in heads {
                hasher.update(&device.0);
                hasher.update(&seq.to_le_bytes());
                hasher.update(&hash.0);
            }
        }
        Hash(*hasher.finalize().as_bytes())
    }
}

/// Part of a session: whole changes in the order of their arrival at the sender.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// The session, as the receiver named it.
    #[serde(rename = "n")]
    pub session: u32,
    /// Counts from 0 within the session; a gap ends it.
    #[serde(rename = "i")]
    pub number: u32,
    /// Encoded changes.
    #[serde(rename = "c", default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ByteBuf>,
    /// Changes of which nothing lives at the sender, by their hashes.
    #[serde(rename = "s", default, skip_serializing_if = "Vec::is_empty")]
    pub stubs: Vec<(DeviceId, Head)>,
    /// Heads that the receiver has not been told.
    #[serde(rename = "h", default, skip_serializing_if = "Heads::is_empty")]
    pub heads: Heads,
    /// The sender's store, and the arrival number read through.
    #[serde(rename = "a")]
    pub cursor: Cursor,
    /// Only in the last batch.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Last>,
}

/// What only the last batch of a session carries; all of it read in the transaction that read the batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Last {
    /// The sender's V, where it is above what the receiver wanted from.
    #[serde(rename = "u")]
    pub upto: Vector,
    /// The hash of the sender's book.
    #[serde(rename = "h")]
    pub hash: Hash,
    /// Names this last batch among the sender's on this connection.
    #[serde(rename = "n")]
    pub name: u32,
    /// The newest last batch of the receiver's that the sender had committed.
    #[serde(rename = "y", default, skip_serializing_if = "Option::is_none")]
    pub yours: Option<u32>,
}

/// The batch or push is durable at the receiver.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ack {
    /// The session; absent for a push.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub session: Option<u32>,
    /// The number of the batch or push.
    #[serde(rename = "i")]
    pub number: u32,
    /// The push was applied, but the receiver lacks something before it and will ask for a session.
    #[serde(rename = "g", default, skip_serializing_if = "std::ops::Not::not")]
    pub gap: bool,
}

/// Changes as they happen (rule 3.1/8).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Push {
    /// Counts from 0 on this connection.
    #[serde(rename = "i")]
    pub number: u32,
    /// The sender's V before, where it is above what the receiver is known to have.
    #[serde(rename = "b", default, skip_serializing_if = "Vector::is_empty")]
    pub base: Vector,
    /// The sender's V after, where it is above `base`.
    #[serde(rename = "u", default, skip_serializing_if = "Vector::is_empty")]
    pub upto: Vector,
    /// Encoded changes.
    #[serde(rename = "c")]
    pub changes: Vec<ByteBuf>,
    /// Heads that the receiver has not been told.
    #[serde(rename = "h", default, skip_serializing_if = "Heads::is_empty")]
    pub heads: Heads,
}

/// Asks what the receiver holds of a device's chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AskBranch {
    /// Which device.
    #[serde(rename = "d")]
    pub device: DeviceId,
    /// Up to which number the sender can compare.
    #[serde(rename = "n")]
    pub upto: u64,
}

/// Why the sender closes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refuse {
    /// One of [`crate::engine::CloseReason`]'s codes.
    #[serde(rename = "r")]
    pub reason: String,
}

/// The bytes are not a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a message is not encoded as messages are")]
pub struct InvalidMessage;

impl Message {
    /// Encodes the message.
    pub fn encode(&self) -> Vec<u8> {
        let (kind, body) = match self {
            Self::Hello(body) => (HELLO, rmp_serde::to_vec_named(body)),
            Self::Roster(body) => (ROSTER, rmp_serde::to_vec_named(body)),
            Self::Want(body) => (WANT, rmp_serde::to_vec_named(body)),
            Self::Batch(body) => (BATCH, rmp_serde::to_vec_named(body)),
            Self::Ack(body) => (ACK, rmp_serde::to_vec_named(body)),
            Self::Push(body) => (PUSH, rmp_serde::to_vec_named(body)),
            Self::Poke => (POKE, Ok(Vec::new())),
            Self::Refuse(body) => (REFUSE, rmp_serde::to_vec_named(body)),
            Self::AskBranch(body) => (ASK_BRANCH, rmp_serde::to_vec_named(body)),
            Self::Branch(body) => (BRANCH, rmp_serde::to_vec_named(body)),
            Self::Unknown(kind) => (*kind, Ok(Vec::new())),
        };
        // Encoding plain data into memory cannot fail.
        let body = body.unwrap_or_default();
        let mut bytes = Vec::with_capacity(body.len() + 1);
        bytes.push(kind);
        bytes.extend_from_slice(&body);
        bytes
    }

    /// Reads a message of this or a newer version.
    pub fn decode(bytes: &[u8]) -> Result<Self, InvalidMessage> {
        fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, InvalidMessage> {
            msgpack::read(body).map_err(|_| InvalidMessage)
        }
        let (&kind, body) = bytes.split_first().ok_or(InvalidMessage)?;
        Ok(match kind {
            HELLO => Self::Hello(read(body)?),
            ROSTER => Self::Roster(read(body)?),
            WANT => Self::Want(read(body)?),
            BATCH => Self::Batch(read(body)?),
            ACK => Self::Ack(read(body)?),
            PUSH => Self::Push(read(body)?),
            POKE => Self::Poke,
            REFUSE => Self::Refuse(read(body)?),
            ASK_BRANCH => Self::AskBranch(read(body)?),
            BRANCH => Self::Branch(read(body)?),
            unknown => Self::Unknown(unknown),
        })
    }
}

/// Entries of `heads` that differ from what the receiver has been told; they count as told from now on.
pub(crate) fn untold(heads: &Heads, told: &mut Heads) -> Heads {
    let news: Heads = heads.iter().filter(|(d, head)| told.get(d) != Some(head)).map(|(&d, &h)| (d, h)).collect();
    told.extend(news.iter().map(|(&device, &head): (&DeviceId, &Head)| (device, head)));
    news
}

/// A cursor counts only for the store it was made for.
pub(crate) fn resume(cursor: Option<Cursor>, store: StoreId) -> u64 {
    cursor.filter(|cursor| cursor.store == store).map_or(0, |cursor| cursor.arrival)
}

const HELLO: u8 = 1;
const ROSTER: u8 = 2;
const WANT: u8 = 3;
const BATCH: u8 = 4;
const ACK: u8 = 5;
const PUSH: u8 = 6;
const POKE: u8 = 7;
const REFUSE: u8 = 8;
const ASK_BRANCH: u8 = 9;
const BRANCH: u8 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_kind_and_a_newer_key_are_skipped() {
        assert_eq!(Message::decode(&[200, 1, 2, 3]), Ok(Message::Unknown(200)));
        #[derive(Serialize)]
        struct NewerAck {
            n: u32,
            i: u32,
            later: Vec<u8>,
        }
        let mut bytes = vec![ACK];
        bytes.extend(rmp_serde::to_vec_named(&NewerAck { n: 3, i: 4, later: vec![1] }).unwrap());
        assert_eq!(Message::decode(&bytes), Ok(Message::Ack(Ack { session: Some(3), number: 4, gap: false })));
    }

    #[test]
    fn garbage_is_refused() {
        assert_eq!(Message::decode(&[]), Err(InvalidMessage));
        for kind in [HELLO, ROSTER, WANT, BATCH, ACK, PUSH, REFUSE, ASK_BRANCH, BRANCH] {
            assert_eq!(Message::decode(&[kind]), Err(InvalidMessage));
            assert_eq!(Message::decode(&[kind, 0xdf, 0xff, 0xff, 0xff, 0xff]), Err(InvalidMessage));
        }
    }
}
