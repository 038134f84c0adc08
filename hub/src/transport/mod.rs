//! Frames between devices that know each other, over QUIC. Only this module knows quinn.
//!
//! One socket dials and listens. A connection carries one stream of frames in each direction; who is at its other end
//! was proven in the handshake by an Ed25519 key ([`tls`]), and nothing is said about a connection before that. What
//! arrives goes to the node as [`TransportEvent`]s over a bounded channel: while the node does not take them, QUIC
//! holds the sender back. This module knows nothing of what the frames mean, and never trusts a key on its own.

mod connection;
mod endpoint;
mod frame;
#[cfg(test)]
mod tests;
mod tls;

pub use endpoint::Transport;
#[cfg(feature = "fuzz")]
pub use frame::fuzz_frame;
pub use tls::{Expect, TlsKey};

use kith_core::{id::PublicKey, lan::PAIRING_NAME};
use std::{net::SocketAddr, time::Duration};

/// The protocol and its version, agreed on in the handshake.
pub const ALPN: &[u8] = b"kith/1";
/// Most connections at once: own devices, and those of many persons. One at rest takes some tens of KB.
pub const CONNECTIONS_MAX: usize = 1088;
/// Most connections at once whose other end only wants to pair.
pub const PAIRING_CONNECTIONS_MAX: usize = 4;
/// Most connections at once whose other end accepts an invitation.
pub const INVITED_CONNECTIONS_MAX: usize = 8;
/// Most handshakes at once that others began.
pub const HANDSHAKES_MAX: usize = 8;
/// How long a handshake may take.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// A connection from which nothing was heard for so long is gone.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(15);
/// How often whoever dialled keeps a silent connection alive.
pub const KEEP_ALIVE: Duration = Duration::from_secs(7);
/// Most bytes that wait to be sent on one connection; beyond, the connection is closed.
pub const QUEUE_BYTES_MAX: usize = 32 << 20;
/// How much may be on the way in each direction of a connection, in bytes: a fast sender is not held up by the round
/// trip.
pub const WINDOW_BYTES: u32 = 8 << 20;
/// How long a closing connection may take to deliver what it was given before.
pub const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// A connection, for the life of its [`Transport`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId(pub u64);

/// An attempt to connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DialId(pub u64);

/// How to start.
#[derive(Clone, Debug)]
pub struct TransportOptions {
    /// Where to listen. `[::]` serves IPv4 too, and falls back to `0.0.0.0` where there is no IPv6; port 0 lets the
    /// system choose.
    pub listen: SocketAddr,
    /// The key that this device proves itself with.
    pub key: TlsKey,
    /// When a silent connection is gone; [`IDLE_TIMEOUT`] unless a test is in a hurry.
    pub idle_timeout: Duration,
    /// Most connections at once; [`CONNECTIONS_MAX`] unless a test wants to see what is beyond.
    pub connections_max: usize,
}

impl TransportOptions {
    /// The usual options.
    pub fn new(listen: SocketAddr, key: TlsKey) -> Self {
        Self { listen, key, idle_timeout: IDLE_TIMEOUT, connections_max: CONNECTIONS_MAX }
    }
}

/// By which name somebody was dialled, which says what the other end's key means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Entrance {
    /// A name that only those know whose keys are trusted.
    #[default]
    Trusted,
    /// The pairing name: the other end's key means nothing yet.
    Pairing,
    /// An invitation's name: the dialled key is the one that the invitation names; the dialling one means nothing yet.
    Invited,
}

impl Entrance {
    /// Of a dial: a key that is known by its hash alone is one that an invitation names.
    fn of(request: &DialRequest) -> Self {
        match request.expect {
            _ if request.server_name == PAIRING_NAME => Self::Pairing,
            Expect::Hash(_) => Self::Invited,
            Expect::OneOf(_) | Expect::Any => Self::Trusted,
        }
    }
}

/// Whom to dial.
#[derive(Clone, Debug)]
pub struct DialRequest {
    /// Where. The scope of a link-local IPv6 address is honoured.
    pub address: SocketAddr,
    /// The name by which the other side decides which key to show, if any.
    pub server_name: String,
    /// Which key it must show.
    pub expect: Expect,
}

/// What the node hears.
#[derive(Debug)]
pub enum TransportEvent {
    /// Both ends have proven their keys and agreed to talk.
    Connected {
        /// Which connection.
        conn: ConnId,
        /// The key that the other end proved.
        peer: PublicKey,
        /// Where the other end is.
        address: SocketAddr,
        /// The attempt that led here; `None` if the other end dialled.
        dialled: Option<DialId>,
        /// By which kind of name the one end dialled the other.
        entrance: Entrance,
        /// The round trip time.
        rtt: Duration,
    },
    /// A frame's payload.
    Frame {
        /// From where.
        conn: ConnId,
        /// At most [`kith_core::limits::FRAME_BYTES_MAX`] bytes, never empty.
        bytes: Vec<u8>,
    },
    /// A connection is over. It comes once for each [`Self::Connected`], after the last frame.
    Closed {
        /// Which connection.
        conn: ConnId,
        /// Why.
        why: Closed,
    },
    /// An attempt came to nothing.
    DialFailed {
        /// Which attempt.
        dial: DialId,
        /// Why.
        why: DialError,
    },
}

/// Why one end closed a connection; travels as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CloseCode {
    /// Nothing is wrong: it stops, or has said all.
    #[error("done")]
    Done,
    /// The other end sent what no healthy hub sends.
    #[error("it sent what no healthy hub sends")]
    Hostile,
    /// There is another connection to the same device.
    #[error("there is another connection to the same device")]
    Duplicate,
    /// The other end does not take what it is sent.
    #[error("it does not take what it is sent")]
    Slow,
    /// The other end is not, or no longer, one of ours.
    #[error("it is not one of our devices")]
    Foreign,
    /// More connections than may be.
    #[error("too many connections")]
    Busy,
}

impl CloseCode {
    fn number(self) -> u32 {
        match self {
            Self::Done => 0,
            Self::Hostile => 1,
            Self::Duplicate => 2,
            Self::Slow => 3,
            Self::Foreign => 4,
            Self::Busy => 5,
        }
    }

    /// A number of a later version counts as "done".
    fn from_number(number: u64) -> Self {
        match number {
            1 => Self::Hostile,
            2 => Self::Duplicate,
            3 => Self::Slow,
            4 => Self::Foreign,
            5 => Self::Busy,
            _ => Self::Done,
        }
    }
}

/// Why a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Closed {
    /// This end closed it.
    #[error("closed here: {0}")]
    Here(CloseCode),
    /// The other end closed it.
    #[error("closed by the other device: {0}")]
    There(CloseCode),
    /// Nothing was heard any more, or the other end restarted.
    #[error("the connection was lost")]
    Lost,
}

/// Why an attempt to connect failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DialError {
    /// Nobody answers there.
    #[error("nobody answers there")]
    Unreachable,
    /// Who answers there proved another key than the expected.
    #[error("another device answers there")]
    ForeignKey,
    /// Who answers there does not trust this device's key.
    #[error("the device there does not know this one")]
    NotTrusted,
    /// Who answers there does not know the name, so it does not show its key.
    #[error("the device there does not answer to that name")]
    UnknownName,
    /// Who answers there speaks another version, or no Kith at all.
    #[error("what answers there speaks another protocol or version")]
    Incompatible,
    /// There, or here, are too many connections already.
    #[error("too many connections")]
    Busy,
    /// Closed while the connection was being made.
    #[error("the connection was closed at once")]
    Closed,
}

/// What the transport refuses.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// The bytes are not an Ed25519 seed.
    #[error("the device's key cannot be used")]
    Key,
    /// No such connection, or it is closing.
    #[error("the connection is gone")]
    Gone,
    /// An empty payload, or one longer than a frame may be.
    #[error("a frame of {0} bytes cannot be sent")]
    Length(usize),
    /// More than [`QUEUE_BYTES_MAX`] bytes wait: the connection was closed.
    #[error("the other device does not take what it is sent")]
    Slow,
}
