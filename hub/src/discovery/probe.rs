//! Tries whether multicast works on this computer: asks for its own announcement and listens for the answer.

use super::{SERVICE, mdns_port};
use socket2::{Domain, Protocol, Socket, Type};
use std::{
    io::{self, ErrorKind},
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    time::Duration,
};
use tokio::time::{Instant, timeout_at};

/// What came of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Multicast {
    /// The own announcement was heard.
    Works,
    /// Nothing was heard, or nothing could be sent.
    Silent,
    /// Another program keeps the port of mDNS to itself.
    PortTaken,
    /// The system forbids this program to talk to the local network.
    Forbidden,
}

/// Asks on every interface for the instances of Kith and waits for the first answer that comes from this computer
/// itself. The hub must be announced for that, by [`super::Discovery`].
pub async fn multicast(own: &[Ipv4Addr]) -> Multicast {
    let Ok(port) = mdns_port() else { return Multicast::Silent };
    let port = port.unwrap_or(MDNS_PORT);
    let socket = match open(port, own) {
        Ok(socket) => socket,
        Err(error) if error.kind() == ErrorKind::AddrInUse => return Multicast::PortTaken,
        Err(_) => return Multicast::Silent,
    };
    match ask(socket, port, own).await {
        Ok(true) => Multicast::Works,
        Ok(false) => Multicast::Silent,
        Err(error) if forbids(&error) => Multicast::Forbidden,
        Err(_) => Multicast::Silent,
    }
}

fn open(port: u16, own: &[Ipv4Addr]) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_reuse_address(true)?;
    #[cfg(unix)]
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)).into())?;
    for ip in own {
        // Two addresses of one interface join once.
        let _joined_before = socket.join_multicast_v4(&GROUP, ip);
    }
    Ok(socket)
}

async fn ask(socket: Socket, port: u16, own: &[Ipv4Addr]) -> io::Result<bool> {
    let question = question();
    let ears = tokio::net::UdpSocket::from_std(UdpSocket::from(socket.try_clone()?))?;
    let mut packet = [0; PACKET_BYTES_MAX];
    for _ in 0..QUESTIONS {
        let mut sent = Err(ErrorKind::NetworkUnreachable.into());
        for ip in own {
            let through = socket.set_multicast_if_v4(ip);
            let one = through.and_then(|()| socket.send_to(&question, &SocketAddr::from((GROUP, port)).into()));
            sent = sent.or(one);
        }
        sent?;
        let until = Instant::now() + PATIENCE;
        while let Ok(heard) = timeout_at(until, ears.recv_from(&mut packet)).await {
            let (length, from) = heard?;
            let here = own.iter().any(|ip| from.ip() == *ip);
            if here && is_answer(&packet[..length]) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// One question for pointers to the service (RFC 6762 section 5.1).
fn question() -> Vec<u8> {
    let mut packet = vec![0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    packet.extend(name());
    packet.extend([0, POINTER, 0, INTERNET]);
    packet
}

/// The service's name as labels (RFC 1035 section 3.1).
fn name() -> Vec<u8> {
    let labels = SERVICE.trim_end_matches('.').split('.');
    let mut name: Vec<u8> = labels.flat_map(|label| std::iter::once(label.len() as u8).chain(label.bytes())).collect();
    name.push(0);
    name
}

/// Says whether a packet is a response that names the service.
fn is_answer(packet: &[u8]) -> bool {
    let name = name();
    packet.get(2).is_some_and(|flags| flags & RESPONSE != 0) && packet.windows(name.len()).any(|window| window == name)
}

/// macOS answers a program that may not use the local network with "no route to host".
#[cfg(target_os = "macos")]
fn forbids(error: &io::Error) -> bool {
    error.kind() == ErrorKind::HostUnreachable
}

#[cfg(not(target_os = "macos"))]
fn forbids(_: &io::Error) -> bool {
    false
}

/// RFC 6762 section 3.
const GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);
const MDNS_PORT: u16 = 5353;
/// How often it is asked: an answer that was given less than a second before is not repeated (RFC 6762 section 6).
const QUESTIONS: u32 = 3;
/// How long an answer to one question may take; it comes within 120 ms (RFC 6762 section 6).
const PATIENCE: Duration = Duration::from_millis(700);
/// RFC 6762 section 17.
const PACKET_BYTES_MAX: usize = 9000;
/// The QR bit of a header's third byte (RFC 1035 section 4.1.1).
const RESPONSE: u8 = 0x80;
const POINTER: u8 = 12;
const INTERNET: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_no_answer() {
        let mut packet = question();
        assert_eq!(packet.len(), 12 + "._kith._udp.local.".len() + 4);
        assert!(!is_answer(&packet));
        packet[2] = 0x84;
        assert!(is_answer(&packet));
        assert!(!is_answer(&packet[..20]) && !is_answer(&[]));
    }

    #[tokio::test]
    async fn a_port_that_a_program_keeps_to_itself_is_told() {
        let taken = UdpSocket::bind("0.0.0.0:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        assert_eq!(open(port, &[]).unwrap_err().kind(), ErrorKind::AddrInUse);
    }
}
