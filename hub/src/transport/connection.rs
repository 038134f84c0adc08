//! One connection: greeting, reading, writing, and a close that loses nothing.

use super::{
    CLOSE_TIMEOUT, CloseCode, Closed, ConnId, DialId, Entrance, TransportEvent,
    endpoint::Shared,
    frame::{self, HEAD_BYTES, Head},
    tls::raw_key,
};
use kith_core::id::PublicKey;
use quinn::{ConnectionError, ReadError, ReadExactError, RecvStream, SendStream, VarInt};
use rustls::pki_types::CertificateDer;
use std::{
    net::SocketAddr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{sync::mpsc, time::timeout};

/// Small frames that wait together leave together, up to this many bytes.
const WRITE_BYTES: usize = 256 << 10;

/// What the writer is given.
pub(super) enum Outgoing {
    Frame(Vec<u8>),
    Close(CloseCode),
}

/// A connection as the endpoint's list holds it.
pub(super) struct Connection {
    pub(super) quic: quinn::Connection,
    pub(super) peer: PublicKey,
    pub(super) entrance: Entrance,
    pub(super) queue: mpsc::UnboundedSender<Outgoing>,
    /// Bytes that wait in the queue.
    pub(super) queued: Arc<AtomicUsize>,
    /// Why this end closes it.
    closing: OnceLock<CloseCode>,
}

/// A connection whose two ends have proven their keys and greeted each other.
pub(super) struct Established {
    pub(super) quic: quinn::Connection,
    pub(super) peer: PublicKey,
    pub(super) entrance: Entrance,
    pub(super) dialled: Option<DialId>,
    send: SendStream,
    recv: RecvStream,
}

/// What the writer works with.
pub(super) struct OutgoingQueue {
    frames: mpsc::UnboundedReceiver<Outgoing>,
    queued: Arc<AtomicUsize>,
}

/// Greets with an empty frame and waits for the other end's. A client has finished the handshake before the server has
/// judged its key; only the answer tells it that it is welcome.
pub(super) async fn greet(
    quic: quinn::Connection,
    mut send: SendStream,
    mut recv: RecvStream,
    dialled: Option<DialId>,
    entrance: Entrance,
) -> Result<Established, ConnectionError> {
    let mut greeting = Vec::with_capacity(HEAD_BYTES);
    frame::encode(&[], &mut greeting);
    let lost = |quic: &quinn::Connection| quic.close_reason().unwrap_or(ConnectionError::LocallyClosed);
    send.write_all(&greeting).await.map_err(|_| lost(&quic))?;
    let mut heard = [0; HEAD_BYTES];
    recv.read_exact(&mut heard).await.map_err(|_| lost(&quic))?;
    let key = quic.peer_identity().and_then(|any| any.downcast::<Vec<CertificateDer<'static>>>().ok());
    let peer = key.and_then(|keys| raw_key(keys.first()?));
    match peer {
        Some(peer) if heard == *greeting => Ok(Established { quic, peer, entrance, dialled, send, recv }),
        _ => {
            quic.close(VarInt::from_u32(CloseCode::Hostile.number()), b"");
            Err(ConnectionError::LocallyClosed)
        }
    }
}

impl Connection {
    pub(super) fn new(established: &Established) -> (Self, OutgoingQueue) {
        let (queue, frames) = mpsc::unbounded_channel();
        let queued = Arc::new(AtomicUsize::new(0));
        let Established { quic, peer, entrance, .. } = established;
        let (quic, peer, entrance) = (quic.clone(), *peer, *entrance);
        let connection = Self { quic, peer, entrance, queue, queued: queued.clone(), closing: OnceLock::new() };
        (connection, OutgoingQueue { frames, queued })
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.get().is_some()
    }

    /// Closes after all that was sent has arrived.
    pub(super) fn close(&self, code: CloseCode) {
        if self.closing.set(code).is_ok() {
            let (queue, quic) = (self.queue.clone(), self.quic.clone());
            // A writer that is gone has nothing left to deliver.
            let _ = queue.send(Outgoing::Close(code));
            tokio::spawn(async move {
                let _ = timeout(CLOSE_TIMEOUT, quic.closed()).await;
                quic.close(VarInt::from_u32(code.number()), b"");
            });
        }
    }

    /// Closes at once.
    pub(super) fn abort(&self, code: CloseCode) {
        let code = *self.closing.get_or_init(|| code);
        self.quic.close(VarInt::from_u32(code.number()), b"");
    }
}

impl Established {
    /// Tells the node, then reads and writes until the connection is over, then tells it again.
    pub(super) async fn run(self, shared: Arc<Shared>, conn: ConnId, outgoing: OutgoingQueue) {
        let Self { quic, peer, entrance, dialled, send, recv } = self;
        let (address, rtt) = (canonical(quic.remote_address()), quic.rtt());
        let writer = tokio::spawn(write_all(quic.clone(), send, outgoing));
        let connected = TransportEvent::Connected { conn, peer, address, dialled, entrance, rtt };
        let why = match shared.events.send(connected).await {
            Ok(()) => read_all(&shared, conn, &quic, recv).await,
            Err(_) => Err(CloseCode::Done),
        };
        if let Err(code) = why {
            quic.close(VarInt::from_u32(code.number()), b"");
        }
        writer.abort();
        let closed_here = shared.forget(conn).and_then(|connection| connection.closing.get().copied());
        let why = match (why, closed_here) {
            (Err(code), _) | (Ok(Closed::Lost), Some(code)) => Closed::Here(code),
            (Ok(why), _) => why,
        };
        // The node may have ended meanwhile.
        let _ = shared.events.send(TransportEvent::Closed { conn, why }).await;
    }
}

/// Hands over frames until the connection ends by itself (`Ok`) or must be closed (`Err`).
async fn read_all(
    shared: &Shared,
    conn: ConnId,
    quic: &quinn::Connection,
    mut recv: RecvStream,
) -> Result<Closed, CloseCode> {
    loop {
        let mut head = [0; HEAD_BYTES];
        match recv.read_exact(&mut head).await {
            Ok(()) => {}
            // The other end has said all and closes as soon as it knows that all arrived.
            Err(ReadExactError::FinishedEarly(0)) => {
                return match timeout(CLOSE_TIMEOUT, quic.closed()).await {
                    Ok(error) => ended(&error),
                    Err(_) => Err(CloseCode::Done),
                };
            }
            Err(error) => return broken(error),
        }
        let head = Head::decode(head).map_err(|_| CloseCode::Hostile)?;
        let mut body = vec![0; head.len];
        if let Err(error) = recv.read_exact(&mut body).await {
            return broken(error);
        }
        let bytes = head.open(body).ok().filter(|bytes| !bytes.is_empty()).ok_or(CloseCode::Hostile)?;
        if shared.events.send(TransportEvent::Frame { conn, bytes }).await.is_err() {
            return Err(CloseCode::Done);
        }
    }
}

fn broken(error: ReadExactError) -> Result<Closed, CloseCode> {
    match error {
        ReadExactError::ReadError(ReadError::ConnectionLost(error)) => ended(&error),
        // A stream that stops within a frame, or is reset, is none that a healthy hub writes.
        _ => Err(CloseCode::Hostile),
    }
}

/// Why the connection ended, as QUIC sees it. What this end did itself is known elsewhere.
fn ended(error: &ConnectionError) -> Result<Closed, CloseCode> {
    match error {
        ConnectionError::ApplicationClosed(close) => {
            Ok(Closed::There(CloseCode::from_number(close.error_code.into_inner())))
        }
        ConnectionError::TransportError(_) => Err(CloseCode::Hostile),
        _ => Ok(Closed::Lost),
    }
}

/// Writes what is queued. When told to close, it waits until the other end has everything.
async fn write_all(quic: quinn::Connection, mut send: SendStream, mut outgoing: OutgoingQueue) {
    let (mut waiting, mut buffer) = (Vec::new(), Vec::new());
    while outgoing.frames.recv_many(&mut waiting, 64).await > 0 {
        let mut close = None;
        for item in waiting.drain(..) {
            match item {
                Outgoing::Frame(bytes) => {
                    frame::encode(&bytes, &mut buffer);
                    if buffer.len() >= WRITE_BYTES && send.write_all(&buffer).await.is_err() {
                        return;
                    }
                    if buffer.len() >= WRITE_BYTES {
                        buffer.clear();
                    }
                    outgoing.queued.fetch_sub(bytes.len(), Ordering::AcqRel);
                }
                Outgoing::Close(code) => close = Some(code),
            }
        }
        if send.write_all(&buffer).await.is_err() {
            return;
        }
        buffer.clear();
        if let Some(code) = close {
            if send.finish().is_ok() && send.stopped().await.is_ok() {
                quic.close(VarInt::from_u32(code.number()), b"");
            }
            return;
        }
    }
}

/// An IPv4 address as such where a socket for both families says `::ffff:a.b.c.d`.
fn canonical(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V6(v6) => match v6.ip().to_ipv4_mapped() {
            Some(v4) => SocketAddr::from((v4, v6.port())),
            None => address,
        },
        SocketAddr::V4(_) => address,
    }
}
