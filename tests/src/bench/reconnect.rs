//! P2: two devices meet again and have nothing to tell each other.

use super::{
    Result,
    floor::Bare,
    hubs::{Observed, Process, What},
    proxy::Proxy,
    report::{Times, goal, grouped, load},
    world::{World, free_address},
};
use kith_core::id::PublicKey;
use kith_hub::transport::{DialRequest, Expect, TlsKey, Transport, TransportEvent, TransportOptions};
use std::{collections::BTreeSet, net::SocketAddr, time::Duration};
use tokio::sync::mpsc;

/// Measures, alternating with the floor. Both devices of the world must be equal.
pub(super) async fn measure(world: &World, devices: usize) -> Result {
    let bare = Bare::start()?;
    let (mut kith, mut floor) = (Times::default(), Times::default());
    let first = Process::run(&world.first(), world.door)?;
    for _ in 0..RUNS {
        floor.push(bare.reconnect().await?);
        let second = Observed::start(&world.second())?;
        let started = second.when(&What::Started)?;
        let caught_up = caught_up(&second)?;
        kith.push(Duration::from_nanos(caught_up - started));
        second.process.stop().await?;
    }
    first.stop().await?;
    let handshake = handshake_bytes().await?;
    let (bytes, datagrams) = bytes(world).await?;
    println!("P2  reconnect with nothing to say, {} contacts, {devices} devices", grouped(world.contacts.len()));
    println!("    dialled until caught up: {kith}");
    println!("    floor, handshake and one round trip: {floor}; load {}", load());
    println!("    {bytes} bytes in {datagrams} datagrams, of which the handshake alone is {handshake}");
    goal("kith / floor", kith.median().as_secs_f64() / floor.median().as_secs_f64(), 3.0, " x");
    goal("beside the handshake", bytes.saturating_sub(handshake) as f64, 2048.0, " bytes");
    Ok(())
}

/// A hub tells of its devices once when one is connected, and once more when all that it had to say has been applied.
fn caught_up(second: &Observed) -> Result<u64> {
    second.when(&What::Devices)?;
    second.when(&What::Devices)
}

async fn bytes(world: &World) -> Result<(u64, u64)> {
    let elsewhere = free_address()?;
    let first = Process::run(&world.first(), elsewhere)?;
    let proxy = Proxy::start(world.door, elsewhere).await?;
    let before = proxy.count();
    let second = Observed::start(&world.second())?;
    caught_up(&second)?;
    let passed = proxy.since(before).await;
    second.process.stop().await?;
    first.stop().await?;
    Ok(passed)
}

/// The same transport, with nothing to transport.
async fn handshake_bytes() -> Result<u64> {
    let (server, mut heard) = end(1)?;
    let (client, _events) = end(2)?;
    server.set_trusted(BTreeSet::from([client.public_key()]));
    client.set_trusted(BTreeSet::from([server.public_key()]));
    let name = "0123456789abcdef.kith";
    server.set_names(BTreeSet::from([name.to_owned()]));
    let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
    let proxy = Proxy::start(loopback, server.local_addr()?).await?;
    let before = proxy.count();
    let expected: BTreeSet<PublicKey> = [server.public_key()].into();
    let expect = Expect::OneOf(expected);
    client.dial(DialRequest { address: proxy.address, server_name: name.to_owned(), expect });
    match heard.recv().await {
        Some(TransportEvent::Connected { .. }) => Ok(proxy.since(before).await.0),
        other => Err(format!("no handshake but {other:?}").into()),
    }
}

fn end(seed: u8) -> Result<(Transport, mpsc::Receiver<TransportEvent>)> {
    let (sender, events) = mpsc::channel(16);
    let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
    let key = TlsKey::from_seed(&[seed; 32])?;
    Ok((Transport::start(TransportOptions::new(loopback, key), sender)?, events))
}

const RUNS: usize = 31;
