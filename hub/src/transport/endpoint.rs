//! The one socket: who may come in, whom we dial, and the list of connections.

use super::{
    CLOSE_TIMEOUT, CloseCode, ConnId, DialError, DialId, DialRequest, Entrance, Error, HANDSHAKE_TIMEOUT,
    HANDSHAKES_MAX, INVITED_CONNECTIONS_MAX, KEEP_ALIVE, PAIRING_CONNECTIONS_MAX, QUEUE_BYTES_MAX, TlsKey,
    TransportEvent, TransportOptions, WINDOW_BYTES,
    connection::{Connection, Established, Outgoing, greet},
    tls::{self, CameIn, Policy, SharedPolicy},
};
use kith_core::{id::PublicKey, limits::FRAME_BYTES_MAX};
use quinn::{
    ConnectionError, Endpoint, Incoming, TransportConfig, VarInt,
    crypto::rustls::{QuicClientConfig, QuicServerConfig},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Semaphore, mpsc},
    time::timeout,
};

/// The exporter's label (RFC 8446 section 7.5).
const EXPORTER: &[u8] = b"EXPORTER-kith-channel";
/// From this many handshakes on, whoever comes in must first show that it can receive at its address.
const RETRY_FROM: usize = HANDSHAKES_MAX / 2;
/// What may be buffered of a connection that is not yet accepted, in bytes.
const INCOMING_BYTES_MAX: u64 = 16 << 10;
/// Most connections that others have begun and nobody has looked at yet.
const INCOMING_MAX: usize = 64;

/// The node's way to other devices. Dropping it ends everything at once; [`Self::close_all`] says goodbye first.
pub struct Transport {
    shared: Arc<Shared>,
}

/// What the endpoint and its connections share.
pub(super) struct Shared {
    endpoint: Endpoint,
    key: TlsKey,
    policy: SharedPolicy,
    server: quinn::ServerConfig,
    dialling: Arc<TransportConfig>,
    pub(super) events: mpsc::Sender<TransportEvent>,
    connections: Mutex<BTreeMap<ConnId, Connection>>,
    connections_max: usize,
    handshakes: Arc<Semaphore>,
    next_id: AtomicU64,
}

impl Transport {
    /// Starts to listen. Nobody is let in before [`Self::set_trusted`] and [`Self::set_names`]. Must be called within a
    /// tokio runtime; events go to `events`.
    pub fn start(options: TransportOptions, events: mpsc::Sender<TransportEvent>) -> Result<Self, Error> {
        let endpoint = bind(options.listen).map_err(|error| Error::Listen(options.listen, error))?;
        let policy = SharedPolicy::default();
        // Whoever dialled keeps the connection alive for both: the answer tells each that the other is there (RFC 9000,
        // 10.1.2), and at rest either end is woken half as often.
        let dialling = transport_config(options.idle_timeout, Some(KEEP_ALIVE.min(options.idle_timeout / 3)));
        let mut server = quinn::ServerConfig::with_crypto(quic_server(&options.key, &policy)?.0);
        server.transport_config(Arc::new(transport_config(options.idle_timeout, None)));
        server.max_incoming(INCOMING_MAX);
        server.incoming_buffer_size(INCOMING_BYTES_MAX);
        server.incoming_buffer_size_total(INCOMING_BYTES_MAX * INCOMING_MAX as u64);
        endpoint.set_server_config(Some(server.clone()));
        let shared = Arc::new(Shared {
            endpoint,
            key: options.key,
            policy,
            server,
            dialling: Arc::new(dialling),
            events,
            connections: Mutex::default(),
            connections_max: options.connections_max,
            handshakes: Arc::new(Semaphore::new(HANDSHAKES_MAX)),
            next_id: AtomicU64::new(1),
        });
        tokio::spawn(accept_all(shared.clone()));
        Ok(Self { shared })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> Result<SocketAddr, Error> {
        let unspecified = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        self.shared.endpoint.local_addr().map_err(|error| Error::Listen(unspecified, error))
    }

    /// The key that this device proves itself with.
    pub fn public_key(&self) -> PublicKey {
        self.shared.key.public()
    }

    /// Says whose connections are accepted. Those of devices that are not among them are closed, unless they pair or
    /// accept an invitation.
    pub fn set_trusted(&self, trusted: BTreeSet<PublicKey>) {
        self.write_policy(|policy| policy.trusted = trusted.clone());
        for connection in self.shared.connections().values() {
            if connection.entrance == Entrance::Trusted && !trusted.contains(&connection.peer) {
                connection.abort(CloseCode::Foreign);
            }
        }
    }

    /// Says to which server names this device shows its key.
    pub fn set_names(&self, names: BTreeSet<String>) {
        self.write_policy(|policy| policy.names = names);
    }

    /// Opens or closes pairing: with a key, whoever dials the pairing name is shown that key and let in. Pairing
    /// connections that exist stay.
    pub fn set_pairing(&self, key: Option<TlsKey>) {
        self.write_policy(|policy| policy.pairing = key);
    }

    /// Says by which names invitations are answered: this device shows its key there, and lets anybody in.
    pub fn set_invitations(&self, names: BTreeSet<String>) {
        self.write_policy(|policy| policy.invitations = names);
    }

    /// Dials. Whatever is expected, a device that is not trusted is only talked to by the
    /// pairing name, or by an invitation's. The outcome
    /// comes as [`TransportEvent::Connected`] or [`TransportEvent::DialFailed`].
    pub fn dial(&self, request: DialRequest) -> DialId {
        self.dial_within(HANDSHAKE_TIMEOUT, request)
    }

    /// The same, but gives up sooner.
    pub fn dial_within(&self, patience: Duration, request: DialRequest) -> DialId {
        let dial = DialId(self.shared.next_id.fetch_add(1, Ordering::Relaxed));
        tokio::spawn(dial_one(self.shared.clone(), dial, request, patience));
        dial
    }

    /// Gives up every connection at once: the network that they went over is gone. The other ends are told, if they can
    /// be. [`TransportEvent::Closed`] follows for each.
    pub fn abandon_all(&self) {
        for connection in self.shared.connections().values() {
            connection.abort(CloseCode::Done);
        }
    }

    /// Sends a frame, without waiting.
    pub fn send(&self, conn: ConnId, bytes: Vec<u8>) -> Result<(), Error> {
        if bytes.is_empty() || bytes.len() > FRAME_BYTES_MAX {
            return Err(Error::Length(bytes.len()));
        }
        let connections = self.shared.connections();
        let connection = connections.get(&conn).filter(|connection| !connection.is_closing()).ok_or(Error::Gone)?;
        if connection.queued.fetch_add(bytes.len(), Ordering::AcqRel) + bytes.len() > QUEUE_BYTES_MAX {
            connection.abort(CloseCode::Slow);
            return Err(Error::Slow);
        }
        connection.queue.send(Outgoing::Frame(bytes)).map_err(|_| Error::Gone)
    }

    /// How many bytes wait to be sent; 0 for a connection that is gone.
    pub fn queued(&self, conn: ConnId) -> usize {
        self.shared.connections().get(&conn).map_or(0, |connection| connection.queued.load(Ordering::Acquire))
    }

    /// Closes a connection once what was sent on it has arrived, or [`CLOSE_TIMEOUT`] is over; at once if its other end
    /// is hostile. [`TransportEvent::Closed`] follows.
    pub fn close(&self, conn: ConnId, code: CloseCode) {
        if let Some(connection) = self.shared.connections().get(&conn) {
            match code {
                CloseCode::Hostile => connection.abort(code),
                _ => connection.close(code),
            }
        }
    }

    /// 32 bytes that only the two ends of this connection know (RFC 8446 section 7.5).
    pub fn exporter(&self, conn: ConnId) -> Result<[u8; 32], Error> {
        let connections = self.shared.connections();
        let mut output = [0; 32];
        let quic = &connections.get(&conn).ok_or(Error::Gone)?.quic;
        quic.export_keying_material(&mut output, EXPORTER, b"").map_err(|_| Error::Gone)?;
        Ok(output)
    }

    /// Closes all connections, each after what was sent on it has arrived, and stops to listen. Takes little more than
    /// [`CLOSE_TIMEOUT`] at most, even if nobody takes the events any more.
    pub async fn close_all(&self) {
        self.shared.endpoint.set_server_config(None);
        let open: Vec<_> = self
            .shared
            .connections()
            .values()
            .map(|connection| {
                connection.close(CloseCode::Done);
                connection.quic.clone()
            })
            .collect();
        for quic in open {
            quic.closed().await;
        }
        self.shared.endpoint.close(VarInt::from_u32(CloseCode::Done.number()), b"");
        let _ = timeout(CLOSE_TIMEOUT, self.shared.endpoint.wait_idle()).await;
    }

    fn write_policy(&self, change: impl FnOnce(&mut Policy)) {
        change(&mut self.shared.policy.write().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Drop for Transport {
    fn drop(&mut self) {
        self.shared.endpoint.close(VarInt::from_u32(CloseCode::Done.number()), b"");
    }
}

impl Shared {
    /// The connections. Nothing panics while they are held, so a poisoned lock holds good data.
    fn connections(&self) -> MutexGuard<'_, BTreeMap<ConnId, Connection>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a connection in the list, if there is room and its key is (still) trusted.
    fn register(&self, established: &Established, connection: Connection) -> Result<ConnId, CloseCode> {
        let mut connections = self.connections();
        let alike = connections.values().filter(|connection| connection.entrance == established.entrance).count();
        let most = match established.entrance {
            Entrance::Trusted => self.connections_max,
            Entrance::Pairing => PAIRING_CONNECTIONS_MAX,
            Entrance::Invited => INVITED_CONNECTIONS_MAX,
        };
        if connections.len() >= self.connections_max || alike >= most {
            return Err(CloseCode::Busy);
        }
        let known = || tls::read(&self.policy).trusted.contains(&established.peer);
        if established.entrance == Entrance::Trusted && !known() {
            return Err(CloseCode::Foreign);
        }
        let conn = ConnId(self.next_id.fetch_add(1, Ordering::Relaxed));
        connections.insert(conn, connection);
        Ok(conn)
    }

    pub(super) fn forget(&self, conn: ConnId) -> Option<Connection> {
        self.connections().remove(&conn)
    }

    /// Runs a connection whose two ends know each other, until it is over.
    async fn run(self: Arc<Self>, established: Established) -> Result<(), CloseCode> {
        let (connection, outgoing) = Connection::new(&established);
        let conn = match self.register(&established, connection) {
            Ok(conn) => conn,
            Err(code) => {
                established.quic.close(VarInt::from_u32(code.number()), b"");
                return Err(code);
            }
        };
        established.run(self, conn, outgoing).await;
        Ok(())
    }
}

/// Binds `[::]` for both families, or `0.0.0.0` where there is no IPv6; any other address as it is.
fn bind(listen: SocketAddr) -> std::io::Result<Endpoint> {
    // `Endpoint::client` is the one constructor that switches IPV6_V6ONLY off; the server side is added afterwards.
    Endpoint::client(listen).or_else(|error| {
        if listen.is_ipv6() && listen.ip().is_unspecified() {
            return Endpoint::client(SocketAddr::from((Ipv4Addr::UNSPECIFIED, listen.port())));
        }
        Err(error)
    })
}

fn transport_config(idle_timeout: Duration, keep_alive: Option<Duration>) -> TransportConfig {
    let mut config = TransportConfig::default();
    config
        .max_concurrent_bidi_streams(VarInt::from_u32(1))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .datagram_receive_buffer_size(None)
        .stream_receive_window(VarInt::from_u32(WINDOW_BYTES))
        .receive_window(VarInt::from_u32(WINDOW_BYTES))
        .send_window(u64::from(WINDOW_BYTES))
        .keep_alive_interval(keep_alive)
        .max_idle_timeout(idle_timeout.try_into().ok());
    config
}

fn quic_server(key: &TlsKey, policy: &SharedPolicy) -> Result<(Arc<QuicServerConfig>, CameIn), Error> {
    let (config, came_in) = tls::server_config(key, policy)?;
    Ok((Arc::new(QuicServerConfig::try_from(config).map_err(|_| Error::Key)?), came_in))
}

/// Takes in whoever comes, a bounded number at a time.
async fn accept_all(shared: Arc<Shared>) {
    while let Some(incoming) = shared.endpoint.accept().await {
        let permit = shared.handshakes.clone().try_acquire_owned();
        let (Ok(permit), true) = (permit, shared.connections().len() < shared.connections_max) else {
            incoming.refuse();
            continue;
        };
        let busy = HANDSHAKES_MAX - shared.handshakes.available_permits() > RETRY_FROM;
        if busy && !incoming.remote_address_validated() && incoming.may_retry() {
            // It comes back with a token; an address that was made up does not.
            let _ = incoming.retry();
            continue;
        }
        let shared = shared.clone();
        tokio::spawn(async move {
            let from = incoming.remote_address();
            let established = timeout(HANDSHAKE_TIMEOUT, accept_one(&shared, incoming)).await;
            drop(permit);
            match established {
                Ok(Ok(established)) => {
                    if let Err(code) = shared.run(established).await {
                        tracing::debug!(%from, %code, "turned away");
                    }
                }
                Ok(Err(error)) => tracing::debug!(%from, %error, "handshake refused"),
                Err(_) => tracing::debug!(%from, "handshake took too long"),
            }
        });
    }
}

async fn accept_one(shared: &Shared, incoming: Incoming) -> Result<Established, ConnectionError> {
    let (crypto, came_in) = quic_server(&shared.key, &shared.policy).map_err(|_| ConnectionError::LocallyClosed)?;
    let mut config = shared.server.clone();
    config.crypto = crypto;
    let quic = incoming.accept_with(Arc::new(config))?.await?;
    let (send, recv) = quic.accept_bi().await?;
    greet(quic, send, recv, None, came_in.entrance()).await
}

async fn dial_one(shared: Arc<Shared>, dial: DialId, request: DialRequest, patience: Duration) {
    let outcome = timeout(patience, connect(&shared, dial, request)).await;
    let why = match outcome.unwrap_or(Err(DialError::Unreachable)) {
        Ok(established) => match shared.clone().run(established).await {
            Ok(()) => return,
            Err(CloseCode::Busy) => DialError::Busy,
            Err(CloseCode::Foreign) => DialError::ForeignKey,
            Err(_) => DialError::Closed,
        },
        Err(why) => why,
    };
    // The node may have ended meanwhile.
    let _ = shared.events.send(TransportEvent::DialFailed { dial, why }).await;
}

async fn connect(shared: &Shared, dial: DialId, request: DialRequest) -> Result<Established, DialError> {
    let entrance = Entrance::of(&request);
    let (crypto, foreign) = tls::client_config(&shared.key, request.expect).map_err(|_| DialError::Incompatible)?;
    let crypto = QuicClientConfig::try_from(crypto).map_err(|_| DialError::Incompatible)?;
    let mut config = quinn::ClientConfig::new(Arc::new(crypto));
    config.transport_config(shared.dialling.clone());
    let connecting = shared.endpoint.connect_with(config, request.address, &request.server_name);
    let connecting = connecting.map_err(|error| match error {
        quinn::ConnectError::InvalidServerName(_) => DialError::UnknownName,
        quinn::ConnectError::EndpointStopping => DialError::Closed,
        _ => DialError::Unreachable,
    })?;
    let attempt = async {
        let quic = connecting.await?;
        let (send, recv) = quic.open_bi().await?;
        greet(quic, send, recv, Some(dial), entrance).await
    };
    attempt.await.map_err(|error| match foreign.load(Ordering::Acquire) {
        true => DialError::ForeignKey,
        false => dial_error(&error),
    })
}

/// What the end of an unfinished connection says about the other side.
fn dial_error(error: &ConnectionError) -> DialError {
    /// TLS alerts (RFC 8446 section 6) as QUIC carries them (RFC 9001 section 4.8).
    const UNKNOWN_CA: u64 = 0x100 + 48;
    const ACCESS_DENIED: u64 = 0x100 + 49;
    /// RFC 9000 section 20.1.
    const CONNECTION_REFUSED: u64 = 2;
    match error {
        ConnectionError::ConnectionClosed(close) => match u64::from(close.error_code) {
            UNKNOWN_CA => DialError::NotTrusted,
            ACCESS_DENIED => DialError::UnknownName,
            CONNECTION_REFUSED => DialError::Busy,
            _ => DialError::Incompatible,
        },
        ConnectionError::ApplicationClosed(close) => match CloseCode::from_number(close.error_code.into_inner()) {
            CloseCode::Foreign => DialError::NotTrusted,
            CloseCode::Busy => DialError::Busy,
            _ => DialError::Closed,
        },
        ConnectionError::LocallyClosed => DialError::Closed,
        ConnectionError::TimedOut | ConnectionError::Reset => DialError::Unreachable,
        _ => DialError::Incompatible,
    }
}
