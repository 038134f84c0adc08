//! A UDP relay that counts: what passes between two devices is seen from outside.

use std::{
    net::{SocketAddr, UdpSocket},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

/// Passes datagrams between whoever sends to it and one address.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    from_target: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
}

impl Relay {
    /// A relay to `target` on this computer.
    pub fn to(target: SocketAddr) -> Self {
        let front = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        let back = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        let address = front.local_addr().expect("a bound socket has an address");
        let (from_target, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let client = Arc::new(Mutex::new(None));
        for socket in [&front, &back] {
            socket.set_read_timeout(Some(Duration::from_millis(100))).expect("a timeout can be set");
        }
        let (front_again, back_again) =
            (front.try_clone().expect("a socket can be shared"), back.try_clone().expect("a socket can be shared"));
        let (ended, seen) = (Arc::clone(&over), Arc::clone(&client));
        thread::spawn(move || {
            let mut buffer = [0; 65_536];
            while !ended.load(Ordering::Relaxed) {
                if let Ok((length, from)) = front.recv_from(&mut buffer) {
                    *seen.lock().unwrap() = Some(from);
                    let _lost = back.send_to(&buffer[..length], target);
                }
            }
        });
        let (ended, count) = (Arc::clone(&over), Arc::clone(&from_target));
        thread::spawn(move || {
            let mut buffer = [0; 65_536];
            while !ended.load(Ordering::Relaxed) {
                if let Ok((length, _)) = back_again.recv_from(&mut buffer) {
                    count.fetch_add(length as u64, Ordering::Relaxed);
                    if let Some(client) = *client.lock().unwrap() {
                        let _lost = front_again.send_to(&buffer[..length], client);
                    }
                }
            }
        });
        Self { address, from_target, over }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Bytes that came from the target so far.
    pub fn bytes_from_target(&self) -> u64 {
        self.from_target.load(Ordering::Relaxed)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}
