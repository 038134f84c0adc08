//! What devices of two linked persons say to each other inside the pinned channel.
//!
//! As between own devices ([`crate::wire`]): one byte for the kind and a MessagePack map with short keys; kinds and keys
//! that this version does not know are skipped.

use crate::{
    id::{EntityId, Hash, PersonId},
    identity::roster::ROSTER_ENTRIES_MAX,
    limits::FRAME_BYTES_MAX,
    msgpack,
    pairing::{LINK_ADDRESSES_MAX, bounded_addresses},
    person::{LinkSecret, PactId},
    share::Order,
};
use core::net::SocketAddr;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

/// The version of this protocol.
pub const VERSION: u32 = 1;
/// Most items that are shared over one link.
pub const ITEMS_MAX: usize = 256;
/// Most pacts of one link that are spoken of.
pub const PACTS_MAX: usize = 64;

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// First, and again whenever what it says has changed.
    Hello(Hello),
    /// Entries of either person's roster, where the two sides know different ones.
    Roster(Roster),
    /// What the sender holds of the receiver's items.
    Have(Have),
    /// A publication, encoded.
    Publication(ByteBuf),
    /// A publication is durable.
    Ack(Ack),
    /// All that there is to say to an [`Have::ask`] was said.
    Told,
    /// A newer L.
    Secret(Secret),
    /// What became of publications of the receiver's, if the sender lets them know.
    Judged(Judged),
    /// Something a newer version says.
    Unknown(u8),
}

/// Who speaks is proven by the channel; this says what they know.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    /// Protocol version.
    #[serde(rename = "v")]
    pub version: u32,
    /// The pacts that count for the sender.
    #[serde(rename = "l")]
    pub live: Vec<Live>,
    /// Those that were ended, by either side.
    #[serde(rename = "x", default)]
    pub ended: Vec<PactId>,
    /// Epoch and hash of the sender's own roster.
    #[serde(rename = "m")]
    pub mine: (u64, Option<Hash>),
    /// Epoch and hash of the receiver's, as the sender knows it.
    #[serde(rename = "y")]
    pub yours: (u64, Option<Hash>),
    /// Where the sender listens.
    #[serde(rename = "a", default)]
    pub addresses: Vec<SocketAddr>,
}

/// A pact that counts, and which L the sender knows for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// Which.
    #[serde(rename = "p")]
    pub pact: PactId,
    /// How often L was renewed.
    #[serde(rename = "n")]
    pub number: u32,
    /// Unlike for two that were drawn at once ([`LinkSecret::check`]).
    #[serde(rename = "c", with = "serde_bytes")]
    pub check: [u8; 8],
}

/// Roster entries as they were signed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Roster {
    /// Whose.
    #[serde(rename = "p")]
    pub person: PersonId,
    /// Encoded entries.
    #[serde(rename = "e")]
    pub entries: Vec<ByteBuf>,
}

/// What the sender holds of the receiver's items.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Have {
    /// By item, the newest publication.
    #[serde(rename = "i")]
    pub items: Vec<(EntityId, Order)>,
    /// The sender wants to hear when there is nothing more.
    #[serde(rename = "q", default)]
    pub ask: bool,
}

/// A publication is durable.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ack {
    /// Of which item.
    #[serde(rename = "i")]
    pub item: EntityId,
    /// Which one.
    #[serde(rename = "o")]
    pub order: Order,
}

/// A newer L.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Secret {
    /// Of which pact.
    #[serde(rename = "p")]
    pub pact: PactId,
    /// L.
    #[serde(rename = "s")]
    pub secret: LinkSecret,
}

/// What became of publications of the receiver's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// By item: which publication, and whether all of it was accepted.
    #[serde(rename = "i")]
    pub items: Vec<(EntityId, Order, bool)>,
}

/// The bytes are no message, or one beyond the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a message is not encoded as messages are")]
pub struct InvalidMessage;

impl Hello {
    /// What the sender says of a pact, if it counts for them.
    pub fn live(&self, pact: PactId) -> Option<Live> {
        self.live.iter().copied().find(|live| live.pact == pact)
    }
}

impl Message {
    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        let (kind, body) = match self {
            Self::Hello(hello) => (HELLO, msgpack::write(hello)),
            Self::Roster(roster) => (ROSTER, msgpack::write(roster)),
            Self::Have(have) => (HAVE, msgpack::write(have)),
            Self::Publication(bytes) => (PUBLICATION, bytes.to_vec()),
            Self::Ack(ack) => (ACK, msgpack::write(ack)),
            Self::Told => (TOLD, Vec::new()),
            Self::Secret(secret) => (SECRET, msgpack::write(secret)),
            Self::Judged(judged) => (JUDGED, msgpack::write(judged)),
            Self::Unknown(kind) => (*kind, Vec::new()),
        };
        [&[kind], body.as_slice()].concat()
    }

    /// Reads a message.
    ///
    /// # Errors
    ///
    /// The bytes are none, or one beyond the limits.
    pub fn decode(bytes: &[u8]) -> Result<Self, InvalidMessage> {
        fn read<T: for<'a> Deserialize<'a>>(body: &[u8]) -> Result<T, InvalidMessage> {
            msgpack::read(body).map_err(|_| InvalidMessage)
        }
        if bytes.len() > FRAME_BYTES_MAX {
            return Err(InvalidMessage);
        }
        let (&kind, body) = bytes.split_first().ok_or(InvalidMessage)?;
        let message = match kind {
            HELLO => {
                let mut hello: Hello = read(body)?;
                hello.addresses = bounded_addresses(hello.addresses, LINK_ADDRESSES_MAX);
                Self::Hello(hello)
            }
            ROSTER => Self::Roster(read(body)?),
            HAVE => Self::Have(read(body)?),
            PUBLICATION => Self::Publication(ByteBuf::from(body.to_vec())),
            ACK => Self::Ack(read(body)?),
            TOLD => Self::Told,
            SECRET => Self::Secret(read(body)?),
            JUDGED => Self::Judged(read(body)?),
            kind => Self::Unknown(kind),
        };
        let fits = match &message {
            Self::Hello(hello) => hello.live.len() <= PACTS_MAX && hello.ended.len() <= PACTS_MAX,
            Self::Roster(roster) => roster.entries.len() <= ROSTER_ENTRIES_MAX,
            Self::Have(have) => have.items.len() <= ITEMS_MAX,
            Self::Judged(judged) => judged.items.len() <= ITEMS_MAX,
            _ => true,
        };
        if fits { Ok(message) } else { Err(InvalidMessage) }
    }
}

const HELLO: u8 = 1;
const ROSTER: u8 = 2;
const HAVE: u8 = 3;
const PUBLICATION: u8 = 4;
const ACK: u8 = 5;
const TOLD: u8 = 6;
const SECRET: u8 = 7;
const JUDGED: u8 = 8;
