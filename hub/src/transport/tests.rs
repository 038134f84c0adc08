//! The transport with real sockets on loopback: who gets in, who is found out, what a hostile peer can do.

use super::*;
use kith_core::{id::Hash, lan::PAIRING_NAME, limits::FRAME_BYTES_MAX};
use quinn::{SendStream, VarInt, crypto::rustls::QuicClientConfig};
use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{sync::mpsc, time::timeout};

const NAME: &str = "k0123456789abcdef";
/// Far longer than anything here takes; a test that gets there hangs.
const HANGS: Duration = Duration::from_secs(60);

fn key(n: u8) -> TlsKey {
    TlsKey::from_seed(&[n; 32]).unwrap()
}

fn public(n: u8) -> PublicKey {
    key(n).public()
}

/// A device with its transport and what it heard.
struct Device {
    transport: Transport,
    events: mpsc::Receiver<TransportEvent>,
}

fn usual(options: TransportOptions) -> TransportOptions {
    options
}

fn idle_after(idle_timeout: Duration) -> impl FnOnce(TransportOptions) -> TransportOptions {
    move |options| TransportOptions { idle_timeout, ..options }
}

impl Device {
    fn start(n: u8, trusts: &[u8]) -> Self {
        Self::with(key(n), "[::]:0", usual, trusts)
    }

    fn with(
        key: TlsKey,
        listen: &str,
        options: impl FnOnce(TransportOptions) -> TransportOptions,
        trusts: &[u8],
    ) -> Self {
        let (sender, events) = mpsc::channel(4);
        let options = options(TransportOptions::new(listen.parse().unwrap(), key));
        let transport = Transport::start(options, sender).unwrap();
        transport.set_trusted(trusts.iter().map(|&n| public(n)).collect());
        transport.set_names(BTreeSet::from([NAME.to_owned()]));
        Self { transport, events }
    }

    fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.transport.local_addr().unwrap().port()))
    }

    fn dial(&self, to: &Self, expect: Expect) -> DialId {
        self.dial_name(to, NAME, expect)
    }

    fn dial_name(&self, to: &Self, name: &str, expect: Expect) -> DialId {
        self.transport.dial(DialRequest { address: to.address(), server_name: name.to_owned(), expect })
    }

    async fn next(&mut self) -> TransportEvent {
        timeout(HANGS, self.events.recv()).await.expect("an event comes").expect("the transport runs")
    }

    async fn connected(&mut self) -> (ConnId, PublicKey, bool) {
        match self.next().await {
            TransportEvent::Connected { conn, peer, entrance, .. } => (conn, peer, entrance == Entrance::Pairing),
            other => panic!("expected a connection, got {other:?}"),
        }
    }

    async fn frame(&mut self) -> Vec<u8> {
        match self.next().await {
            TransportEvent::Frame { bytes, .. } => bytes,
            other => panic!("expected a frame, got {other:?}"),
        }
    }

    async fn closed(&mut self) -> Closed {
        match self.next().await {
            TransportEvent::Closed { why, .. } => why,
            other => panic!("expected an end, got {other:?}"),
        }
    }

    async fn failed(&mut self, dial: DialId) -> DialError {
        match self.next().await {
            TransportEvent::DialFailed { dial: failed, why } if failed == dial => why,
            other => panic!("expected a failure, got {other:?}"),
        }
    }

    /// Nothing was said to the node so far.
    fn heard_nothing(&mut self) -> bool {
        self.events.try_recv().is_err()
    }
}

fn one_of(keys: &[u8]) -> Expect {
    Expect::OneOf(keys.iter().map(|&n| public(n)).collect())
}

/// Device 1 and device 2, connected.
async fn pair() -> (Device, ConnId, Device, ConnId) {
    let (mut alice, mut bob) = (Device::start(1, &[2]), Device::start(2, &[1]));
    alice.dial(&bob, one_of(&[2]));
    let (to_bob, _, _) = alice.connected().await;
    let (to_alice, _, _) = bob.connected().await;
    (alice, to_bob, bob, to_alice)
}

/// A client that follows the handshake with a trusted key, and then does as it likes.
async fn raw_client(
    n: u8,
    to: &Device,
    alpn: &[u8],
) -> Result<(quinn::Endpoint, quinn::Connection), quinn::ConnectionError> {
    let (mut config, _) = tls::client_config(&key(n), Expect::Any).unwrap();
    config.alpn_protocols = vec![alpn.to_vec()];
    let config = quinn::ClientConfig::new(Arc::new(QuicClientConfig::try_from(config).unwrap()));
    let endpoint = quinn::Endpoint::client("127.0.0.1:0".parse().unwrap()).unwrap();
    let connection = endpoint.connect_with(config, to.address(), NAME).unwrap().await?;
    Ok((endpoint, connection))
}

/// Such a client after the greeting.
async fn raw_stream(n: u8, to: &Device) -> (quinn::Endpoint, quinn::Connection, SendStream) {
    let (endpoint, connection) = raw_client(n, to, ALPN).await.unwrap();
    let (mut send, mut recv) = connection.open_bi().await.unwrap();
    let mut greeting = Vec::new();
    frame::encode(&[], &mut greeting);
    send.write_all(&greeting).await.unwrap();
    recv.read_exact(&mut [0; 6]).await.unwrap();
    (endpoint, connection, send)
}

fn told(error: &quinn::ConnectionError) -> Option<CloseCode> {
    match error {
        quinn::ConnectionError::ApplicationClosed(close) => Some(CloseCode::from_number(close.error_code.into_inner())),
        _ => None,
    }
}

#[tokio::test]
async fn two_devices_connect_prove_their_keys_and_talk() {
    let (mut alice, mut bob) = (Device::start(1, &[2, 3]), Device::start(2, &[1]));
    let dial = alice.dial(&bob, one_of(&[2, 3]));
    let TransportEvent::Connected { conn: to_bob, peer, address, dialled, entrance, rtt } = alice.next().await else {
        panic!("connected")
    };
    assert_eq!((peer, address, dialled, entrance), (public(2), bob.address(), Some(dial), Entrance::Trusted));
    assert!(rtt < HANGS);
    let TransportEvent::Connected { conn: to_alice, peer, dialled: None, entrance: Entrance::Trusted, .. } =
        bob.next().await
    else {
        panic!("connected")
    };
    assert_eq!(peer, public(1));
    assert_eq!(alice.transport.exporter(to_bob).unwrap(), bob.transport.exporter(to_alice).unwrap());
    for payload in [vec![1], vec![2; 200], vec![3; 5000], vec![4; FRAME_BYTES_MAX]] {
        alice.transport.send(to_bob, payload.clone()).unwrap();
        assert_eq!(bob.frame().await, payload);
        bob.transport.send(to_alice, payload.clone()).unwrap();
        assert_eq!(alice.frame().await, payload);
    }
    assert!(matches!(alice.transport.send(to_bob, vec![]), Err(Error::Length(0))));
    assert!(matches!(alice.transport.send(to_bob, vec![0; FRAME_BYTES_MAX + 1]), Err(Error::Length(_))));
}

#[tokio::test]
async fn each_connection_exports_other_bytes() {
    let (alice, to_bob, _bob, _) = pair().await;
    let (carol, to_dave, _dave, _) = pair().await;
    assert_ne!(alice.transport.exporter(to_bob).unwrap(), carol.transport.exporter(to_dave).unwrap());
}

#[tokio::test]
async fn one_socket_serves_both_families() {
    let (mut alice, mut bob) = (Device::start(1, &[2]), Device::start(2, &[1]));
    let port = bob.address().port();
    for address in [SocketAddr::from(([127, 0, 0, 1], port)), format!("[::1]:{port}").parse().unwrap()] {
        alice.transport.dial(DialRequest { address, server_name: NAME.to_owned(), expect: one_of(&[2]) });
        let TransportEvent::Connected { address: at, .. } = alice.next().await else { panic!("connected") };
        assert_eq!(at, address);
        let TransportEvent::Connected { address: from, .. } = bob.next().await else { panic!("connected") };
        assert_eq!(from.is_ipv4(), address.is_ipv4());
    }
}

#[tokio::test]
async fn a_server_with_another_key_than_the_expected_is_found_out() {
    let (mut alice, mut mallory) = (Device::start(1, &[2]), Device::start(9, &[1]));
    let dial = alice.dial(&mallory, one_of(&[2]));
    assert_eq!(alice.failed(dial).await, DialError::ForeignKey);
    assert!(mallory.heard_nothing());
}

#[tokio::test]
async fn a_client_whose_key_is_not_trusted_is_told_so_and_the_node_hears_nothing() {
    let (mut mallory, mut bob) = (Device::start(9, &[2]), Device::start(2, &[1]));
    let dial = mallory.dial(&bob, one_of(&[2]));
    assert_eq!(mallory.failed(dial).await, DialError::NotTrusted);
    assert!(bob.heard_nothing());
}

#[tokio::test]
async fn a_device_shows_its_key_only_to_a_name_it_expects() {
    let (mut alice, mut bob) = (Device::start(1, &[2]), Device::start(2, &[1]));
    for name in ["kffff", PAIRING_NAME, "localhost", "not a name"] {
        let dial = alice.dial_name(&bob, name, Expect::Any);
        assert_eq!(alice.failed(dial).await, DialError::UnknownName, "{name}");
    }
    bob.transport.set_names(BTreeSet::new());
    let dial = alice.dial(&bob, one_of(&[2]));
    assert_eq!(alice.failed(dial).await, DialError::UnknownName);
    assert!(bob.heard_nothing());
}

#[tokio::test]
async fn the_right_public_key_without_its_secret_half_is_worth_nothing() {
    let (mut alice, mut bob) = (Device::start(1, &[2]), Device::start(2, &[1]));
    let mut impostor = Device::with(key(1).signed_by(&key(9)), "[::]:0", usual, &[2]);
    let dial = impostor.dial(&bob, one_of(&[2]));
    assert_eq!(impostor.failed(dial).await, DialError::Incompatible);
    let mut impostor = Device::with(key(2).signed_by(&key(9)), "[::]:0", usual, &[1]);
    let dial = alice.dial(&impostor, one_of(&[2]));
    assert_eq!(alice.failed(dial).await, DialError::Incompatible);
    assert!(bob.heard_nothing() && impostor.heard_nothing());
}

#[tokio::test]
async fn another_protocol_is_refused() {
    let mut bob = Device::start(2, &[1]);
    for alpn in [b"h3".as_slice(), b"kith/2"] {
        let error = raw_client(1, &bob, alpn).await.map(|_| ()).unwrap_err();
        assert!(matches!(error, quinn::ConnectionError::ConnectionClosed(_)), "{error}");
    }
    assert!(bob.heard_nothing());
}

#[test]
fn a_hello_of_tls_1_2_is_refused() {
    let (config, _) = tls::server_config(&key(1), &tls::SharedPolicy::default()).unwrap();
    let mut server = rustls::quic::ServerConnection::new(Arc::new(config), rustls::quic::Version::V1, vec![]).unwrap();
    // Handshake type 1, version 3.3, random, no session, one cipher suite (0xc02b), no compression, no extensions.
    let hello = [&[1, 0, 0, 41, 3, 3], [7; 32].as_slice(), &[0, 0, 2, 0xc0, 0x2b, 1, 0]].concat();
    assert!(server.read_hs(&hello).is_err());
}

#[tokio::test]
async fn a_guest_pairs_with_the_one_time_key_and_the_device_key_stays_hidden() {
    let (mut guest, mut host) = (Device::start(7, &[]), Device::start(2, &[1]));
    host.transport.set_pairing(Some(key(50)));
    let hash = |n: u8| Hash(*blake3::hash(&public(n).0).as_bytes());
    for expect in [Expect::Any, Expect::Hash(hash(50))] {
        guest.dial_name(&host, PAIRING_NAME, expect);
        let (to_host, shown, pairing) = guest.connected().await;
        assert_eq!((shown, pairing), (public(50), true));
        let (to_guest, shown, pairing) = host.connected().await;
        assert_eq!((shown, pairing), (public(7), true));
        assert_eq!(guest.transport.exporter(to_host).unwrap(), host.transport.exporter(to_guest).unwrap());
        guest.transport.send(to_host, b"hello".to_vec()).unwrap();
        assert_eq!(host.frame().await, b"hello");
    }
    let dial = guest.dial_name(&host, PAIRING_NAME, Expect::Hash(hash(2)));
    assert_eq!(guest.failed(dial).await, DialError::ForeignKey);
    let dial = guest.dial(&host, Expect::Any);
    assert_eq!(guest.failed(dial).await, DialError::NotTrusted, "the guest's key opens nothing but pairing");
    host.transport.set_pairing(None);
    let dial = guest.dial_name(&host, PAIRING_NAME, Expect::Any);
    assert_eq!(guest.failed(dial).await, DialError::UnknownName);
}

#[tokio::test]
async fn strangers_who_pair_take_few_places() {
    let (mut guest, mut host) = (Device::start(7, &[]), Device::start(2, &[1]));
    host.transport.set_pairing(Some(key(50)));
    for _ in 0..PAIRING_CONNECTIONS_MAX {
        guest.dial_name(&host, PAIRING_NAME, Expect::Any);
        guest.connected().await;
        host.connected().await;
    }
    let mut other = Device::start(8, &[]);
    other.dial_name(&host, PAIRING_NAME, Expect::Any);
    let end = match other.next().await {
        TransportEvent::Connected { .. } => other.closed().await,
        TransportEvent::DialFailed { why: DialError::Busy, .. } => Closed::There(CloseCode::Busy),
        other => panic!("expected a refusal, got {other:?}"),
    };
    assert_eq!(end, Closed::There(CloseCode::Busy));
    let mut alice = Device::start(1, &[2]);
    alice.dial(&host, one_of(&[2]));
    alice.connected().await;
}

#[tokio::test]
async fn garbage_closes_its_own_connection_as_hostile_and_no_other() {
    let mut bob = Device::start(2, &[1, 3]);
    let mut alice = Device::start(1, &[2]);
    alice.dial(&bob, one_of(&[2]));
    let (to_bob, _, _) = alice.connected().await;
    bob.connected().await;
    let bomb = zstd::bulk::compress(&vec![0; 64 << 20], 1).unwrap();
    let framed = |kind: u8, body: &[u8]| [&[1, kind], (body.len() as u32).to_be_bytes().as_slice(), body].concat();
    let cases: [(&str, Vec<u8>); 7] = [
        ("another version", vec![2, 0, 0, 0, 0, 1, 7]),
        ("another kind", vec![1, 9, 0, 0, 0, 1, 7]),
        ("too long", vec![1, 0, 0xff, 0xff, 0xff, 0xff]),
        ("one byte too long", vec![1, 0, 0, 0x10, 0, 1]),
        ("not compressed", framed(1, b"no zstd")),
        ("a decompression bomb", framed(1, &bomb)),
        ("empty", framed(0, b"")),
    ];
    for (what, bytes) in cases {
        let (_endpoint, connection, mut send) = raw_stream(3, &bob).await;
        bob.connected().await;
        send.write_all(&bytes).await.unwrap();
        assert_eq!(told(&connection.closed().await), Some(CloseCode::Hostile), "{what}");
        assert_eq!(bob.closed().await, Closed::Here(CloseCode::Hostile), "{what}");
        alice.transport.send(to_bob, b"still here".to_vec()).unwrap();
        assert_eq!(bob.frame().await, b"still here", "{what}");
    }
}

#[tokio::test]
async fn a_stream_that_stops_within_a_frame_is_hostile() {
    let mut bob = Device::start(2, &[3]);
    let (_endpoint, connection, mut send) = raw_stream(3, &bob).await;
    bob.connected().await;
    send.write_all(&[1, 0, 0, 0, 0, 9, 1]).await.unwrap();
    send.finish().unwrap();
    assert_eq!(told(&connection.closed().await), Some(CloseCode::Hostile));
    assert_eq!(bob.closed().await, Closed::Here(CloseCode::Hostile));
}

#[tokio::test]
async fn a_wrong_greeting_never_becomes_a_connection() {
    let mut bob = Device::start(2, &[3]);
    let (_endpoint, connection) = raw_client(3, &bob, ALPN).await.unwrap();
    let (mut send, _recv) = connection.open_bi().await.unwrap();
    send.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    assert_eq!(told(&connection.closed().await), Some(CloseCode::Hostile));
    assert!(bob.heard_nothing());
}

#[tokio::test]
async fn no_second_stream_and_no_early_data_are_to_be_had() {
    let mut bob = Device::start(2, &[3]);
    let (endpoint, connection, _send) = raw_stream(3, &bob).await;
    bob.connected().await;
    assert!(timeout(Duration::ZERO, connection.open_bi()).await.is_err());
    assert!(timeout(Duration::ZERO, connection.open_uni()).await.is_err());
    let (mut config, _) = tls::client_config(&key(3), Expect::Any).unwrap();
    config.resumption = rustls::client::Resumption::in_memory_sessions(8);
    config.enable_early_data = true;
    let config = quinn::ClientConfig::new(Arc::new(QuicClientConfig::try_from(config).unwrap()));
    for _ in 0..2 {
        let connecting = endpoint.connect_with(config.clone(), bob.address(), NAME).unwrap();
        let connecting = connecting.into_0rtt().map(|_| ()).expect_err("there is no ticket to send early data with");
        connecting.await.unwrap().close(VarInt::from_u32(0), b"");
    }
}

#[tokio::test]
async fn whoever_never_finishes_the_handshake_takes_a_bounded_number_of_places() {
    let bob = Device::start(2, &[1, 3]);
    let mut silent = Vec::new();
    while let Ok(client) = raw_client(3, &bob, ALPN).await {
        silent.push(client);
        assert!(silent.len() <= HANDSHAKES_MAX);
    }
    assert_eq!(silent.len(), HANDSHAKES_MAX);
    let mut alice = Device::start(1, &[2]);
    let dial = alice.dial(&bob, one_of(&[2]));
    assert_eq!(alice.failed(dial).await, DialError::Busy);
    drop(silent);
    loop {
        alice.dial(&bob, one_of(&[2]));
        match alice.next().await {
            TransportEvent::Connected { .. } => break,
            TransportEvent::DialFailed { why: DialError::Busy, .. } => tokio::task::yield_now().await,
            other => panic!("expected a connection in the end, got {other:?}"),
        }
    }
}

#[tokio::test]
async fn there_are_only_so_many_connections() {
    let few = |options| TransportOptions { connections_max: 16, ..options };
    let mut bob = Device::with(key(2), "[::]:0", few, &[1, 3]);
    let (mut alice, mut carol) = (Device::start(1, &[2]), Device::start(3, &[2]));
    for n in 0..16 {
        let who = if n % 2 == 0 { &mut alice } else { &mut carol };
        who.dial(&bob, one_of(&[2]));
        who.connected().await;
        bob.connected().await;
    }
    let dial = alice.dial(&bob, one_of(&[2]));
    assert_eq!(alice.failed(dial).await, DialError::Busy);
}

#[tokio::test]
async fn a_close_delivers_all_that_was_sent_before_and_says_why() {
    let (alice, to_bob, mut bob, to_alice) = pair().await;
    for n in 0..40_u8 {
        alice.transport.send(to_bob, vec![n; 100_000 + usize::from(n)]).unwrap();
    }
    alice.transport.close(to_bob, CloseCode::Duplicate);
    assert!(matches!(alice.transport.send(to_bob, vec![1]), Err(Error::Gone)));
    for n in 0..40_u8 {
        assert_eq!(bob.frame().await, vec![n; 100_000 + usize::from(n)]);
    }
    assert_eq!(bob.closed().await, Closed::There(CloseCode::Duplicate));
    let mut alice = alice;
    assert_eq!(alice.closed().await, Closed::Here(CloseCode::Duplicate));
    assert!(matches!(bob.transport.exporter(to_alice), Err(Error::Gone)));
}

#[tokio::test]
async fn a_peer_that_takes_nothing_is_cut_off_when_its_queue_is_full() {
    let (mut alice, to_bob, bob, _) = pair().await;
    let noise: Vec<u8> =
        (0..FRAME_BYTES_MAX as u32 / 32).flat_map(|n| *blake3::hash(&n.to_be_bytes()).as_bytes()).collect();
    let mut sent = 0;
    let error = loop {
        match alice.transport.send(to_bob, noise.clone()) {
            Ok(()) => sent += noise.len(),
            Err(error) => break error,
        }
        tokio::task::yield_now().await;
    };
    assert!(matches!(error, Error::Slow), "{error}");
    assert!((QUEUE_BYTES_MAX..QUEUE_BYTES_MAX * 3).contains(&sent), "{sent} bytes were taken");
    assert_eq!(alice.closed().await, Closed::Here(CloseCode::Slow));
    drop(bob);
}

#[tokio::test]
async fn a_device_that_is_removed_is_cut_off_at_once() {
    let (mut alice, _, mut bob, _) = pair().await;
    bob.transport.set_trusted(BTreeSet::new());
    assert_eq!(bob.closed().await, Closed::Here(CloseCode::Foreign));
    assert_eq!(alice.closed().await, Closed::There(CloseCode::Foreign));
    let dial = alice.dial(&bob, one_of(&[2]));
    assert_eq!(alice.failed(dial).await, DialError::NotTrusted);
}

#[tokio::test]
async fn a_goodbye_to_all_reaches_all_even_if_the_node_takes_no_events_any_more() {
    let (alice, to_bob, mut bob, to_alice) = pair().await;
    for n in 1..20 {
        bob.transport.send(to_alice, vec![n]).unwrap();
        alice.transport.send(to_bob, vec![n]).unwrap();
    }
    let all = timeout(CLOSE_TIMEOUT + HANDSHAKE_TIMEOUT, alice.transport.close_all()).await;
    assert!(all.is_ok());
    for n in 1..20 {
        assert_eq!(bob.frame().await, [n]);
    }
    assert_eq!(bob.closed().await, Closed::There(CloseCode::Done));
}

#[tokio::test]
async fn a_peer_that_falls_silent_is_noticed() {
    let mut alice = Device::with(key(1), "[::]:0", idle_after(Duration::from_millis(1500)), &[2]);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let bob = runtime.spawn(async { Device::start(2, &[1]) }).await.unwrap();
    alice.dial(&bob, one_of(&[2]));
    alice.connected().await;
    // Bob's computer goes to sleep: nothing is sent any more, not even a goodbye.
    runtime.shutdown_background();
    assert_eq!(alice.closed().await, Closed::Lost);
    drop(bob);
}

#[tokio::test]
async fn a_silent_connection_is_kept_alive() {
    let idle = Duration::from_millis(600);
    let mut alice = Device::with(key(1), "[::]:0", idle_after(idle), &[2]);
    let mut bob = Device::with(key(2), "[::]:0", idle_after(idle), &[1]);
    alice.dial(&bob, one_of(&[2]));
    let (to_bob, _, _) = alice.connected().await;
    bob.connected().await;
    assert!(timeout(idle * 3, alice.events.recv()).await.is_err(), "nothing happens while nothing is said");
    alice.transport.send(to_bob, b"hello".to_vec()).unwrap();
    assert_eq!(bob.frame().await, b"hello");
}

#[tokio::test]
async fn a_small_frame_leaves_at_once() {
    const ROUNDS: u32 = 300;
    let (mut alice, to_bob, mut bob, to_alice) = pair().await;
    let start = Instant::now();
    for _ in 0..ROUNDS {
        alice.transport.send(to_bob, vec![1; 200]).unwrap();
        let heard = bob.frame().await;
        bob.transport.send(to_alice, heard).unwrap();
        alice.frame().await;
    }
    let each = start.elapsed() / ROUNDS;
    println!("there and back with 200 B: {each:?}");
    assert!(each < Duration::from_millis(10), "a timer holds small frames back: {each:?}");
}
