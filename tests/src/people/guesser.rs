//! Somebody who was shown no code and guesses.

use kith_core::{
    id::DeviceId,
    identity::{SigningKey, public_key, roster::DeviceCard},
    lan::PAIRING_NAME,
    pairing::{Binding, Guest, GuestStep, PairingError, PairingSecret, Refusal},
};
use kith_hub::transport::{ALPN, DialRequest, Expect, TlsKey, Transport, TransportEvent, TransportOptions};
use rand_core::OsRng;
use std::net::SocketAddr;
use tokio::{runtime::Runtime, sync::mpsc};

/// Connects to pair and guesses a code that is not this one. Says whether the guess was processed: whether an answer
/// came that tells a right guess from a wrong one.
pub fn guesses(address: SocketAddr, guess: u32, not: &str) -> bool {
    static RUNTIME: std::sync::LazyLock<Runtime> = std::sync::LazyLock::new(|| {
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("threads are there")
    });
    let digits = |guess: u32| format!("{:04} {:04}", guess / 10_000, guess % 10_000);
    let right = not.chars().filter(char::is_ascii_digit).eq(digits(guess).chars().filter(char::is_ascii_digit));
    let code: PairingSecret = digits(if right { guess + 10_000 } else { guess }).parse().expect("eight digits");
    let _within = RUNTIME.enter();
    let (sender, mut events) = mpsc::channel(8);
    let key = TlsKey::from_seed(&[8; 32]).expect("a seed is a key");
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let transport = Transport::start(TransportOptions::new(listen, key), sender).expect("a free port");
    RUNTIME.block_on(async {
        transport.dial(DialRequest { address, server_name: PAIRING_NAME.to_owned(), expect: Expect::Any });
        let Some(TransportEvent::Connected { conn, peer, .. }) = events.recv().await else { return false };
        let exporter = transport.exporter(conn).expect("the connection stands");
        let binding = Binding { guest_tls: transport.public_key(), host_tls: peer, alpn: ALPN.to_vec(), exporter };
        let card = DeviceCard {
            id: DeviceId([8; 16]),
            sign: public_key(&SigningKey::from_bytes(&[7; 32])),
            tls: transport.public_key(),
            name: "Guesser".to_owned(),
            platform: "linux".to_owned(),
        };
        let (mut guest, hello) = Guest::start(&code, binding, card, &mut OsRng);
        let _gone = transport.send(conn, hello);
        loop {
            match events.recv().await {
                Some(TransportEvent::Frame { bytes, .. }) => match guest.handle(&bytes) {
                    Ok(GuestStep::Send(bytes)) => drop(transport.send(conn, bytes)),
                    Ok(_) => panic!("a wrong code was taken for right"),
                    Err(PairingError::Refused(Refusal::WrongCode)) => return true,
                    Err(_) => return false,
                },
                Some(TransportEvent::Closed { .. }) | None => return false,
                Some(_) => {}
            }
        }
    })
}
