//! Somebody on the network who forges announcements: as many a second as a story wants, none of them true.

use super::crook::noise;
use std::{
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// Sends forged announcements on this computer until it is dropped.
#[derive(Debug)]
pub struct Forger {
    sent: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Forger {
    /// Forges for whoever listens for mDNS on this port of this computer. Every record names another instance with
    /// random tags; every tenth says that it pairs, every seventh is a goodbye.
    pub fn on(port: u16, per_second: u64) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let to = SocketAddr::from((GROUP, port));
        let (sent, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (count, ended) = (Arc::clone(&sent), Arc::clone(&over));
        let thread = thread::spawn(move || {
            let (start, mut random) = (Instant::now(), noise());
            while !ended.load(Ordering::Relaxed) {
                let due = start.elapsed().as_micros() as u64 * per_second / 1_000_000;
                for number in count.load(Ordering::Relaxed)..due {
                    // The receiver's buffer may be full; so it is when somebody floods it.
                    let _dropped = socket.send_to(&announcement(number, &random(16)), to);
                    count.fetch_add(1, Ordering::Relaxed);
                }
                thread::sleep(Duration::from_millis(2));
            }
        });
        Self { sent, over, thread: Some(thread) }
    }

    /// Announcements so far.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}

impl Drop for Forger {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the forger ends");
        }
    }
}

/// A response with everything that an instance announces (RFC 6763 section 12).
fn announcement(number: u64, random: &[u8]) -> Vec<u8> {
    let hex: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let (instance, tag) = hex.split_at(16);
    let ttl = if number % 7 == 3 { 0 } else { 120 };
    let service = name(&["_kith", "_udp", "local"]);
    let full = name(&[instance, "_kith", "_udp", "local"]);
    let host = name(&[instance, "local"]);
    let mut text = vec![b"v=1".to_vec(), format!("t={tag}").into_bytes()];
    if number.is_multiple_of(10) {
        text.push(b"p=1".to_vec());
    }
    let txt: Vec<u8> = text.iter().flat_map(|text| [&[text.len() as u8], text.as_slice()].concat()).collect();
    let srv = [&[0, 0, 0, 0], PORT.to_be_bytes().as_slice(), &host].concat();
    let mut packet = vec![0, 0, 0x84, 0, 0, 0, 0, 4, 0, 0, 0, 0];
    let address = [10, 66, random[1], random[2]];
    for (name, kind, class, data) in [
        (&service, 12, 1, full.as_slice()),
        (&full, 33, FLUSH, &srv),
        (&full, 16, FLUSH, &txt),
        (&host, 1, FLUSH, &address),
    ] {
        packet.extend_from_slice(name);
        packet.extend(u16::to_be_bytes(kind));
        packet.extend(u16::to_be_bytes(class));
        packet.extend(u32::to_be_bytes(ttl));
        packet.extend((data.len() as u16).to_be_bytes());
        packet.extend_from_slice(data);
    }
    packet
}

fn name(labels: &[&str]) -> Vec<u8> {
    let mut name: Vec<u8> = labels.iter().flat_map(|label| [&[label.len() as u8], label.as_bytes()].concat()).collect();
    name.push(0);
    name
}

/// RFC 6762 section 3.
const GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);
/// The class with the cache-flush bit (RFC 6762 section 10.2).
const FLUSH: u16 = 0x8001;
/// Where the instances that are not there are said to listen.
const PORT: u16 = 7119;
