//! A UDP proxy on loopback that counts what passes, in bytes of UDP payload.

use super::Result;
use std::{
    collections::{BTreeMap, btree_map::Entry},
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{net::UdpSocket, task::JoinHandle};

/// What has passed in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) bytes: u64,
    pub(super) datagrams: u64,
    last: Instant,
}

/// A running proxy; it ends when it is dropped.
pub(super) struct Proxy {
    pub(super) address: SocketAddr,
    count: Arc<Mutex<Count>>,
    forwarding: JoinHandle<()>,
}

impl Proxy {
    /// Listens on `address` and passes on to `target`.
    pub(super) async fn start(address: SocketAddr, target: SocketAddr) -> Result<Self> {
        let front = Arc::new(UdpSocket::bind(address).await?);
        let address = front.local_addr()?;
        let count = Arc::new(Mutex::new(Count { bytes: 0, datagrams: 0, last: Instant::now() }));
        let forwarding = tokio::spawn(forward(front, target, count.clone()));
        Ok(Self { address, count, forwarding })
    }

    /// What has passed so far.
    pub(super) fn count(&self) -> Count {
        *self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until nothing passes any more, late acknowledgements included, and tells what has passed since `before`.
    pub(super) async fn since(&self, before: Count) -> (u64, u64) {
        loop {
            let now = self.count();
            if now.last.elapsed() >= QUIET {
                return (now.bytes - before.bytes, now.datagrams - before.datagrams);
            }
            tokio::time::sleep(QUIET / 10).await;
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.forwarding.abort();
    }
}

async fn forward(front: Arc<UdpSocket>, target: SocketAddr, count: Arc<Mutex<Count>>) {
    let mut backs: BTreeMap<SocketAddr, Arc<UdpSocket>> = BTreeMap::new();
    let mut buffer = vec![0; DATAGRAM_BYTES_MAX];
    // Those who listen for answers end with this task.
    let mut answering = tokio::task::JoinSet::new();
    while let Ok((length, from)) = front.recv_from(&mut buffer).await {
        add(&count, length);
        let back = match backs.entry(from) {
            Entry::Occupied(back) => back.into_mut(),
            Entry::Vacant(place) => {
                let Ok(back) = UdpSocket::bind("127.0.0.1:0").await else { return };
                if back.connect(target).await.is_err() {
                    return;
                }
                let back = Arc::new(back);
                answering.spawn(answer(back.clone(), front.clone(), from, count.clone()));
                place.insert(back)
            }
        };
        // A datagram that is lost is sent again by those who speak QUIC.
        let _lost = back.send(&buffer[..length]).await;
    }
}

async fn answer(back: Arc<UdpSocket>, front: Arc<UdpSocket>, to: SocketAddr, count: Arc<Mutex<Count>>) {
    let mut buffer = vec![0; DATAGRAM_BYTES_MAX];
    while let Ok(length) = back.recv(&mut buffer).await {
        add(&count, length);
        let _lost = front.send_to(&buffer[..length], to).await;
    }
}

fn add(count: &Mutex<Count>, length: usize) {
    let mut count = count.lock().unwrap_or_else(PoisonError::into_inner);
    count.bytes += length as u64;
    count.datagrams += 1;
    count.last = Instant::now();
}

/// Nothing for so long is quiet: longer than acknowledgements are delayed, shorter than connections are kept alive.
const QUIET: Duration = Duration::from_millis(400);
const DATAGRAM_BYTES_MAX: usize = 65536;
