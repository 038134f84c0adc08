//! The messages of pairing on the wire, and what the host hands over at the end.

use super::{PAIRING_VERSION, PairingError};
use crate::{
    id::{BookId, PersonId},
    identity::{
        clean_name,
        roster::{DEVICE_NAME_CHARS_MAX, DeviceCard, PLATFORM_CHARS_MAX, ROSTER_ENTRIES_MAX},
    },
    lan::LAN_SECRET_BYTES,
    limits::{FRAME_BYTES_MAX, NAME_CHARS_MAX},
    msgpack,
};
use core::net::{IpAddr, SocketAddr};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

/// Most addresses that a welcome carries.
pub const WELCOME_ADDRESSES_MAX: usize = 16;
/// Longest message other than a welcome, in bytes.
pub(super) const MESSAGE_BYTES_MAX: usize = 4096;

/// Why a host or guest said no. A closed list, sent as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(into = "u8", from = "u8")]
pub enum Refusal {
    /// The digits or the link are not the host's, or somebody sits between the two devices.
    #[error("the pairing code is wrong")]
    WrongCode,
    /// The code is older than ten minutes, used, or tried too often.
    #[error("the pairing code is used up or too old: show a new one on the other device")]
    Expired,
    /// The person at the host said no.
    #[error("the other device refused")]
    Refused,
    /// The other side speaks another version.
    #[error("the two devices run versions of Kith that cannot pair: update both")]
    Version,
}

impl From<Refusal> for u8 {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::WrongCode => 1,
            Refusal::Expired => 2,
            Refusal::Refused => 3,
            Refusal::Version => 4,
        }
    }
}

impl From<u8> for Refusal {
    /// A reason of a later version counts as "refused".
    fn from(number: u8) -> Self {
        match number {
            1 => Self::WrongCode,
            2 => Self::Expired,
            4 => Self::Version,
            _ => Self::Refused,
        }
    }
}

impl Refusal {
    /// The message that tells the other side.
    pub fn encode(self) -> Vec<u8> {
        Message::Refused { reason: self }.encode()
    }
}

/// What the host hands over once a person said yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// Whose device the guest becomes.
    #[serde(rename = "p")]
    pub person: PersonId,
    /// What the person is called; empty if they would rather not say.
    #[serde(rename = "n")]
    pub person_name: String,
    /// The personal book.
    #[serde(rename = "b")]
    pub book: BookId,
    /// The roster's entries in their bytes, the one that adds the guest among them.
    #[serde(rename = "r")]
    pub roster: Vec<ByteBuf>,
    /// The secret from which own devices recognise each other on the LAN.
    #[serde(rename = "l", with = "serde_bytes")]
    pub lan_secret: [u8; LAN_SECRET_BYTES],
    /// Where the host listens, so that the guest finds it without multicast.
    #[serde(rename = "a")]
    pub addresses: Vec<SocketAddr>,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Message {
    #[serde(rename = "h")]
    Hello {
        #[serde(rename = "v")]
        version: u32,
        /// `true`: the secret of a link; `false`: digits.
        #[serde(rename = "l", default)]
        link: bool,
        #[serde(rename = "s", with = "serde_bytes")]
        spake: Vec<u8>,
    },
    #[serde(rename = "y")]
    Reply {
        #[serde(rename = "s", with = "serde_bytes")]
        spake: Vec<u8>,
    },
    #[serde(rename = "c")]
    Confirm {
        #[serde(rename = "m", with = "serde_bytes")]
        mac: [u8; 32],
    },
    #[serde(rename = "d")]
    Card {
        /// The card in the bytes that the MAC covers.
        #[serde(rename = "d", with = "serde_bytes")]
        card: Vec<u8>,
        #[serde(rename = "m", with = "serde_bytes")]
        mac: [u8; 32],
    },
    #[serde(rename = "w")]
    Welcome(Box<Welcome>),
    #[serde(rename = "x")]
    Refused {
        #[serde(rename = "r")]
        reason: Refusal,
    },
}

/// The one thing of a hello that every version can read.
#[derive(Deserialize)]
struct AnyHello {
    #[serde(rename = "h")]
    hello: AnyVersion,
}

#[derive(Deserialize)]
struct AnyVersion {
    #[serde(rename = "v")]
    version: u32,
}

impl Message {
    pub(super) fn encode(&self) -> Vec<u8> {
        // Encoding plain data into memory cannot fail.
        rmp_serde::to_vec_named(self).unwrap_or_default()
    }

    /// Reads a message; a refusal by the other side becomes the error that it is.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, PairingError> {
        if bytes.len() > FRAME_BYTES_MAX {
            return Err(PairingError::Hostile);
        }
        match msgpack::read(bytes).map_err(|_| PairingError::Hostile)? {
            Self::Refused { reason } => Err(reason.into()),
            Self::Welcome(mut welcome) => {
                if welcome.roster.len() > ROSTER_ENTRIES_MAX {
                    return Err(PairingError::Hostile);
                }
                welcome.person_name = clean_name(&welcome.person_name, NAME_CHARS_MAX);
                welcome.addresses = bounded_addresses(welcome.addresses, WELCOME_ADDRESSES_MAX);
                Ok(Self::Welcome(welcome))
            }
            _ if bytes.len() > MESSAGE_BYTES_MAX => Err(PairingError::Hostile),
            message => Ok(message),
        }
    }
}

/// Says whether the bytes are a hello of another version than ours, whatever else is in it.
pub(super) fn is_other_version(bytes: &[u8]) -> bool {
    bytes.len() <= MESSAGE_BYTES_MAX
        && msgpack::read::<AnyHello>(bytes).is_ok_and(|any| any.hello.version != PAIRING_VERSION)
}

pub(super) fn encode_card(card: &DeviceCard) -> Vec<u8> {
    // Encoding plain data into memory cannot fail.
    rmp_serde::to_vec_named(card).unwrap_or_default()
}

pub(super) fn decode_card(bytes: &[u8]) -> Result<DeviceCard, PairingError> {
    let mut card: DeviceCard = msgpack::read(bytes).map_err(|_| PairingError::Hostile)?;
    card.name = clean_name(&card.name, DEVICE_NAME_CHARS_MAX);
    card.platform = clean_name(&card.platform, PLATFORM_CHARS_MAX);
    Ok(card)
}

/// Keeps the addresses that can be dialled from another device, each once, at most `max`. Link-local IPv6 is left out:
/// its scope means nothing elsewhere.
pub(crate) fn bounded_addresses(addresses: Vec<SocketAddr>, max: usize) -> Vec<SocketAddr> {
    let mut kept: Vec<SocketAddr> = Vec::new();
    for address in addresses {
        let link_local = matches!(address.ip(), IpAddr::V6(ip) if ip.is_unicast_link_local());
        let usable =
            address.port() != 0 && !address.ip().is_unspecified() && !address.ip().is_multicast() && !link_local;
        if usable && kept.len() < max && !kept.contains(&address) {
            kept.push(address);
        }
    }
    kept
}
